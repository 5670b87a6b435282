import Foundation
import Testing

/// `jobdeck run` with real processes.
@Suite(.ownThread) struct RunTests {
  @Test func aCommandRunsToItsEnd() async throws {
    let result = try await Program.run(["run", "--name", "hello", "--", "/bin/sh", "-c", "echo one; echo two >&2"])
    #expect(result.status == 0)
    #expect(result.errors == "")
    let lines = result.lines
    #expect(lines.first == "job.batch/hello created")
    #expect(lines.contains { $0.wholeMatch(of: #/pod\/hello-[a-z0-9]{5} started on node-[123]/#) != nil })
    #expect(lines.contains { $0.wholeMatch(of: #/hello-[a-z0-9]{5} \| one/#) != nil })
    #expect(lines.contains { $0.wholeMatch(of: #/hello-[a-z0-9]{5} \| two/#) != nil })
    #expect(lines.contains { $0.hasPrefix("job.batch/hello complete: 1/1 succeeded in ") })
    // The log comes before the pod's end, the pod's end before the job's, and the table last.
    let log = try #require(lines.firstIndex { $0.hasSuffix("| one") })
    let pod = try #require(lines.firstIndex { $0.contains(" succeeded after ") })
    let job = try #require(lines.firstIndex { $0.contains(" complete: ") })
    #expect(log < pod && pod < job)
    #expect(lines[job + 1] == "")
    #expect(lines[job + 2].split(separator: " ") == ["NAME", "STATUS", "COMPLETIONS", "FAILED", "DURATION", "REASON"])
    #expect(lines[job + 3].hasPrefix("hello   Complete   1/1 "))
  }

  @Test func aFailureIsToldAndRaisesTheExitCode() async throws {
    let result = try await Program.run(["run", "--name", "bad", "--", "/bin/sh", "-c", "echo why >&2; exit 7"])
    #expect(result.status == 1)
    #expect(result.output.contains(" | why\n"))
    #expect(result.output.contains(": exit code 7\n"))
    #expect(
      result.output.contains(
        "job.batch/bad failed: BackoffLimitExceeded: Job has reached the specified backoff limit\n"))
    #expect(result.output.contains(#/bad +Failed +0\/1 +1 .*BackoffLimitExceeded\n/#))
  }

  @Test func aNameIsNotHiddenByACarriageReturn() async throws {
    let result = try await Program.run([
      "run", "--name", "bar", "--", "/bin/sh", "-c", #"printf '\rone\rtwo\r\n\033[31mred\033[0m\n'"#,
    ])
    let lines = result.output.utf8.split(separator: 10).map { String(Substring($0)) }.filter { $0.contains(" | ") }.map
    { $0.dropFirst(9) }
    // On a pipe the rest is as it was written.
    #expect(lines == [" | one", " | two\r", " | \u{1B}[31mred\u{1B}[0m"])
  }

  @Test func aProgramThatDoesNotExistIsToldSo() async throws {
    let result = try await Program.run(["run", "--", "/no/such/program"])
    #expect(result.status == 1)
    #expect(result.output.contains("StartError"))
    #expect(result.output.contains("exit code 128"))
  }

  @Test func aContainerThatNeverRanSaysWhatKeptIt() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "job.yaml",
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: waiting}
      spec:
        activeDeadlineSeconds: 1
        template:
          spec:
            restartPolicy: Never
            containers:
            - name: main
              image: local
      """)
    let result = try await Program.run(["run", "-f", file])
    #expect(result.status == 1)
    #expect(
      result.errors == """
        \(file):1: warning: container main of job.batch/waiting has no command, so it will wait for ever: jobdeck runs \
        programs of this machine, not those of an image

        """)
    #expect(result.output.contains(#/pod\/waiting-[a-z0-9]{5} failed: .*no command specified\n/#))
  }

  @Test func aCommandRunsInTheCallersDirectory() async throws {
    let folder = try TemporaryFolder()
    let result = try await Program.run(["run", "--", "pwd"], directory: folder.path)
    #expect(result.status == 0)
    #expect(result.output.contains(" | \(folder.path)\n"))
  }

  @Test func indexesAreHandedOut() async throws {
    let result = try await Program.run([
      "run", "--indexed", "--completions", "3", "--parallelism", "3", "--", "/bin/sh", "-c",
      "echo index $JOB_COMPLETION_INDEX",
    ])
    #expect(result.status == 0)
    for index in 0..<3 { #expect(result.output.contains(" | index \(index)\n")) }
  }

  @Test func jsonIsOneList() async throws {
    let result = try await Program.run(["run", "-o", "json", "--name", "listed", "--", "true"])
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {\n"))
    let list = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(list["kind"] as? String == "List")
    let items = try #require(list["items"] as? [[String: Any]])
    let kinds = items.compactMap { $0["kind"] as? String }
    #expect(kinds.filter { $0 == "Job" }.count == 1)
    #expect(kinds.filter { $0 == "Pod" }.count == 1)
    #expect(kinds.filter { $0 == "Event" }.count >= 3)
    let job = try #require(items.first { $0["kind"] as? String == "Job" })
    let status = try #require(job["status"] as? [String: Any])
    #expect(status["succeeded"] as? Int == 1)
    let conditions = try #require(status["conditions"] as? [[String: Any]])
    #expect(conditions.map { $0["type"] as? String } == ["SuccessCriteriaMet", "Complete"])
  }

  @Test func yamlIsTheSameList() async throws {
    let result = try await Program.run(["run", "-o", "yaml", "--name", "listed", "--", "true"])
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("apiVersion: v1\nitems:\n- apiVersion: batch/v1\n  kind: Job\n"))
    #expect(result.output.hasSuffix("kind: List\nmetadata:\n  resourceVersion: \"\"\n"))
  }

  @Test func standardErrorStaysEmptyOfResults() async throws {
    let result = try await Program.run(["run", "-o", "json", "--", "/bin/sh", "-c", "echo noise >&2; exit 1"])
    #expect(result.status == 1)
    #expect(result.errors == "")
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(result.output.utf8)) }
  }

  @Test func aTimeoutStopsWhatRuns() async throws {
    let marker = "3600.0\(Int.random(in: 100_000...999_999))"
    let result = try await Program.run(["run", "--timeout", "500ms", "--", "sleep", marker])
    #expect(result.status == 124)
    #expect(result.errors == "jobdeck: time is up; 1 job has not finished\n")
    #expect(processes(containing: marker).isEmpty)
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func aSignalStopsWhatRuns(_ signal: Int32, _ status: Int32) async throws {
    let marker = "3610.0\(Int.random(in: 100_000...999_999))"
    let result = try await Program.run(["run", "--", "/bin/sh", "-c", "sleep \(marker) & echo ready; wait"]) {
      try await $0.waitForOutput("| ready")
      $0.send(signal)
    }
    #expect(result.status == status)
    #expect(processes(containing: marker).isEmpty)
  }

  @Test func aSecondSignalKills() async throws {
    let marker = "3620.0\(Int.random(in: 100_000...999_999))"
    let script = "trap 'echo no thanks' TERM; echo ready; while true; do sleep \(marker); done"
    var asked = ContinuousClock.now
    let result = try await Program.run(["run", "--", "/bin/sh", "-c", script]) {
      try await $0.waitForOutput("| ready")
      $0.send(SIGINT)
      let started = $0
      try await eventually("its message") { started.errors.contains("press Ctrl-C again") }
      asked = .now
      $0.send(SIGINT)
    }
    #expect(result.status == 130)
    // The first signal alone would give it ten seconds.
    #expect(result.endedAt - asked < .seconds(8))
    #expect(processes(containing: marker).isEmpty)
  }

  @Test func aReaderThatGoesAwayEndsTheRunQuietly() async throws {
    let marker = "3630.0\(Int.random(in: 100_000...999_999))"
    let folder = try TemporaryFolder()
    let script =
      "'\(Program.path)' run -- /bin/sh -c 'yes | head -n 100000; sleep \(marker)' 2>'\(folder.path)/err' | head -n 1"
    let shell = try spawn(["/bin/sh", "-c", script])
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        waitForEnd(of: shell)
        continuation.resume()
      }
    }
    try await eventually("the jobs' end") { processes(containing: marker).isEmpty }
    #expect(try String(contentsOfFile: folder.path + "/err", encoding: .utf8) == "")
  }

  @Test func namespacesOfTheFilesAreCreated() async throws {
    let manifest = ValidateTests.good.replacing("name: good", with: "name: good\n  namespace: elsewhere")
    let result = try await Program.run(["run", "-f", "-"], input: manifest + "\n---\n" + ValidateTests.good)
    #expect(result.status == 0)
    #expect(result.output.contains("namespace/elsewhere created\n"))
    #expect(result.output.contains(#/elsewhere +good +Complete/#))
  }

  @Test func invalidFilesRunNothing() async throws {
    let bad = ValidateTests.good.replacing("Never", with: "Always").replacing("good", with: "bad")
    let result = try await Program.run(["run", "-f", "-"], input: ValidateTests.good + "\n---\n" + bad)
    #expect(result.status == 1)
    #expect(result.output == "")
    #expect(result.errors.hasPrefix("-:"))
  }

  @Test func cronJobsAloneNeedATimeout() async throws {
    let result = try await Program.run(["run", "-f", Program.root + "/Assets/cron-nightly.yaml"])
    #expect(result.status == 2)
    #expect(result.errors.contains("--timeout"))
  }

  @Test func stateIsKeptWhereAsked() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("good.yaml", ValidateTests.good)
    let first = try await Program.run(["run", "--state-dir", folder.path + "/state", "-f", file])
    #expect(first.status == 0)
    #expect(first.output.contains("job.batch/good created\n"))
    let second = try await Program.run(["run", "--state-dir", folder.path + "/state", "-f", file])
    #expect(second.status == 0)
    #expect(second.output.contains("job.batch/good unchanged\n"))
  }

  @Test func aDirectoryHasOneOwner() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/state"
    _ = try await Program.run(["run", "--state-dir", state, "--", "/bin/sh", "-c", "echo ready; sleep 3600"]) {
      try await $0.waitForOutput("| ready")
      let second = try await Program.run(["run", "--state-dir", state, "--", "true"])
      #expect(second.status == 1)
      #expect(second.errors.contains("\($0.id)"), "\(second.errors)")
      #expect(second.errors.filter { $0 == "\n" }.count == 1)
      $0.send(SIGTERM)
    }
  }

  @Test(arguments: ["backup", "cleanup-parallel", "sweep-indexed", "work-queue"])
  func examplesComplete(_ name: String) async throws {
    let result = try await Program.run(["run", "-f", "\(Program.root)/Assets/\(name).yaml"])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test func failuresSayWhy() async throws {
    let result = try await Program.run(["run", "-f", Program.root + "/Assets/fails-and-why.yaml"])
    #expect(result.status == 1)
    let expected = [
      ("exits-with-3", "BackoffLimitExceeded"), ("no-such-program", "BackoffLimitExceeded"),
      ("too-slow", "DeadlineExceeded"), ("bad-input", "PodFailurePolicy"), ("one-bad-shard", "FailedIndexes"),
      ("asks-too-much", "DeadlineExceeded"),
    ]
    for (job, reason) in expected {
      #expect(result.output.contains("job.batch/\(job) failed: \(reason): "), "\(job)")
    }
    #expect(result.output.contains("FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu."))
  }

  /// Nothing is lost on the way, and nothing left behind.
  @Test func fiveHundredPods() async throws {
    let result = try await Program.run(
      [
        "run", "-o", "json", "--completions", "500", "--parallelism", "8", "--nodes", "2", "--node-cpu", "64", "--",
        "/bin/true",
      ], limit: 120)
    #expect(result.status == 0)
    let list = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let items = try #require(list["items"] as? [[String: Any]])
    let phases = items.filter { $0["kind"] as? String == "Pod" }.map { pod in
      (pod["status"] as? [String: Any])?["phase"] as? String
    }
    #expect(phases.count == 500)
    #expect(phases.allSatisfy { $0 == "Succeeded" })
  }
}
