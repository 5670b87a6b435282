import Foundation
import Testing

/// How `jobdeck run` ends where somebody does not do his part: a reader who does not read, a server that does not
/// answer, a job that nobody lets go on.
@Suite(.ownThread, .timeLimit(.minutes(10))) struct RunEndingTests {
  /// Runs jobdeck with a reader who stalls, and returns its exit status, what it said, and how long it took.
  private func stalled(
    _ arguments: String, marker: String, whileRunning: (TemporaryFolder) async throws -> Void = { _ in }
  ) async throws -> (status: String, errors: String, took: Duration) {
    let folder = try TemporaryFolder()
    let start = ContinuousClock.now
    let script = """
      { '\(Program.path)' run \(arguments) 2>'\(folder.path)/err' & echo $! >'\(folder.path)/pid'
      wait $!; echo $? >'\(folder.path)/status'; } | sleep \(marker)
      """
    let shell = try spawn(["/bin/sh", "-c", script])
    defer { for id in processes(containing: marker) { kill(id, SIGKILL) } }
    func read(_ name: String) -> String {
      String(decoding: FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data(), as: UTF8.self)
    }
    try await eventually("its beginning") { read("pid").hasSuffix("\n") }
    try await whileRunning(folder)
    try await eventually("its end", limit: 120) { read("status").hasSuffix("\n") }
    let took = ContinuousClock.now - start
    for id in processes(containing: marker) { kill(id, SIGKILL) }
    _ = await end(of: shell)
    return (read("status").trimmingCharacters(in: .whitespacesAndNewlines), read("err"), took)
  }

  @Test(arguments: ["", "-o json "]) func aReaderWhoStallsDoesNotHoldUpTheTimeout(_ format: String) async throws {
    let marker = "3700.0\(Int.random(in: 100_000...999_999))"
    let result = try await stalled(
      "\(format)--timeout 2s --completions 200 --parallelism 4 -- /bin/sh -c 'echo \(marker) >/dev/null; seq 5000'",
      marker: marker)
    #expect(result.status == "124", "\(result.errors)")
    #expect(result.errors.hasPrefix("jobdeck: time is up"))
    #expect(result.took < .seconds(60))
  }

  @Test func aReaderWhoStallsDoesNotHoldUpASignalNorFillTheMemory() async throws {
    let marker = "3710.0\(Int.random(in: 100_000...999_999))"
    let result = try await stalled("-- /bin/sh -c ': \(marker); yes'", marker: marker) { folder in
      let text = try String(contentsOfFile: folder.path + "/pid", encoding: .utf8)
      let id = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
      // The pipe is full long before.
      try await Task.sleep(for: .seconds(3))
      let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
      let resident = try #require(status.firstMatch(of: #/VmRSS:\s+([0-9]+) kB/#).flatMap { Int($0.output.1) })
      #expect(resident < 200_000)
      kill(id, SIGTERM)
    }
    #expect(result.status == "143", "\(result.errors)")
    #expect(result.errors == "jobdeck: stopping; press Ctrl-C again to kill at once\n")
    #expect(processes(containing: marker).isEmpty)
  }

  @Test func nothingIsLostOrMovedForASlowReader() async throws {
    let folder = try TemporaryFolder()
    let script = "'\(Program.path)' run -- seq 60000 | { sleep 2; cat; } >'\(folder.path)/out'"
    _ = await end(of: try spawn(["/bin/sh", "-c", script]))
    let lines = try String(contentsOfFile: folder.path + "/out", encoding: .utf8).split(separator: "\n")
    let numbers = lines.compactMap { $0.split(separator: " | ").dropFirst().first.flatMap { Int($0) } }
    // Not as one value, which would be printed.
    #expect(numbers.count == 60000)
    #expect(zip(numbers, 1...60000).allSatisfy { $0 == $1 })
    #expect(lines.contains { $0.contains(" complete: 1/1 succeeded") })
  }

  @Test func twoSignalsLeaveAServerThatDoesNotAnswer() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    try await Program.serve(state) { server in
      var asked = ContinuousClock.now
      let guest = try await Program.run(
        ["run", "--state-dir", state, "--name", "held", "--", "/bin/sh", "-c", "echo ready; sleep 3600"], limit: 120
      ) {
        try await $0.waitForOutput("| ready")
        server.send(SIGSTOP)
        $0.send(SIGINT)
        let started = $0
        try await eventually("its message") { started.errors.contains("press Ctrl-C again to leave") }
        asked = .now
        $0.send(SIGINT)
      }
      #expect(guest.status == 130)
      #expect(guest.endedAt - asked < .seconds(8))
      #expect(guest.errors.contains("job.batch/held may still run"), "\(guest.errors)")
    }
  }

  @Test func aSignalEndsTheWaitForAServerThatDoesNotAnswer() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    try await Program.serve(state) { server in
      server.send(SIGSTOP)
      var asked = ContinuousClock.now
      let guest = try await Program.run(["run", "--state-dir", state, "--", "true"], limit: 120) {
        try await Task.sleep(for: .seconds(1))
        asked = .now
        $0.send(SIGINT)
      }
      #expect(guest.status == 130)
      #expect(guest.endedAt - asked < .seconds(8))
    }
  }

  @Test func aDiskThatTakesNothingIsToldOf() async throws {
    let folder = try TemporaryFolder()
    // A file of the database cannot grow beyond a limit that the state directory's own files are below at first.
    let script = """
      ulimit -f 400; exec '\(Program.path)' run --state-dir '\(folder.path)/s' --timeout 8s --completions 500 \
      --parallelism 4 -- true
      """
    let id = try spawn(["/bin/sh", "-c", script], errors: folder.path + "/err")
    let status = await end(of: id)
    let errors = try String(contentsOfFile: folder.path + "/err", encoding: .utf8)
    #expect(status == 124, "\(errors)")
    #expect(errors.contains(#/^jobdeck: .*\/s cannot be written: .*; nothing goes on until it can\n/#), "\(errors)")
  }

  /// What is printed does not get into files that are opened in its place.
  @Test func closedStreamsAreNoFiles() async throws {
    let folder = try TemporaryFolder()
    let script = """
      '\(Program.path)' run --state-dir '\(folder.path)/s' --name closed -- true <&- >&- 2>'\(folder.path)/err'
      """
    #expect(await end(of: try spawn(["/bin/sh", "-c", script])) == 1)
    let errors = try String(contentsOfFile: folder.path + "/err", encoding: .utf8)
    #expect(errors == "jobdeck: standard output: Bad file descriptor\n")
    let later = try await Program.run(["run", "--state-dir", folder.path + "/s", "--name", "next", "--", "true"])
    #expect(later.status == 0, "\(later.errors)")
  }

  /// What a server that was killed leaves behind is no server.
  @Test func noKubeconfigOfAServerThatIsGone() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    _ = try await Program.run(["serve", "--state-dir", state, "--listen", "127.0.0.1:0"]) { server in
      defer { server.send(SIGKILL) }
      try await eventually("the server listens") {
        server.errors.contains("https://") && server.errors.contains("api.sock")
      }
      #expect(try await Program.run(["kubeconfig", "--state-dir", state]).status == 0)
    }
    let late = try await Program.run(["kubeconfig", "--state-dir", state])
    #expect(late.status == 1 && late.output.isEmpty)
    #expect(
      late.errors
        == "jobdeck: nothing serves \(state) on TCP: start 'jobdeck serve --listen 127.0.0.1:0 --state-dir \(state)' first\n"
    )
  }

  private static let suspended = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: parked}
    spec:
      suspend: true
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: local, command: [echo, went on]}]
    """

  @Test(arguments: [[], ["--simulate"]]) func aSuspendedJobThatNobodyCanResumeEndsTheRun(
    _ options: [String]
  ) async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("parked.yaml", Self.suspended)
    let result = try await Program.run(["run", "-f", file] + options, limit: 120)
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("jobdeck: job.batch/parked is suspended"), "\(result.errors)")
    #expect(result.errors.filter { $0 == "\n" }.count == 1)
    #expect(result.output.contains(#/parked +Suspended +0\/1/#))
  }

  @Test(arguments: [
    ("managedBy: example.com/other", "is managed by example.com/other, which is not here"),
    ("parallelism: 0", "has a parallelism of 0"),
  ]) func otherJobsThatStandStillDoToo(_ field: String, _ expected: String) async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("parked.yaml", Self.suspended.replacing("suspend: true", with: field))
    let result = try await Program.run(["run", "-f", file], limit: 120)
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("jobdeck: job.batch/parked \(expected), and nobody"), "\(result.errors)")
  }

  @Test func asAGuestASuspendedJobIsWaitedFor() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    try await Program.serve(state) { _ in
      let file = try folder.file("parked.yaml", Self.suspended)
      let guest = try await Program.run(["run", "--state-dir", state, "-f", file], limit: 300) {
        let started = $0
        try await eventually("what it waits for") {
          started.errors
            == "job.batch/parked is suspended: waiting until 'jobdeck resume job.batch/parked' lets it go on\n"
        }
        #expect(try await Program.run(["resume", "job.batch/parked", "--state-dir", state]).status == 0)
      }
      #expect(guest.status == 0, "\(guest.errors)")
      #expect(guest.output.contains("| went on"))
    }
  }

  @Test func aRetryIsAnnounced() async throws {
    let result = try await Program.run([
      "run", "--name", "again", "--retries", "1", "--timeout", "5s", "--", "/bin/sh", "-c", "exit 3",
    ])
    #expect(result.status == 124)
    let lines = result.lines
    let failure = try #require(lines.firstIndex { $0.hasSuffix(": exit code 3") })
    #expect(lines[failure + 1] == "job.batch/again retries in 10s (retry 1 of 1)")
  }

  @Test func theNextRetriesAreAnnouncedAsTheirBackoffGrows() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "again.yaml",
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: again}
      spec:
        backoffLimit: 3
        template:
          metadata: {annotations: {jobdeck.dev/fail-attempts: "9"}}
          spec:
            restartPolicy: Never
            runtimeClassName: simulated
            containers: [{name: main, image: local}]
      ---
      apiVersion: batch/v1
      kind: Job
      metadata: {name: indexes}
      spec:
        completions: 2
        parallelism: 2
        completionMode: Indexed
        backoffLimitPerIndex: 1
        template:
          metadata: {annotations: {jobdeck.dev/fail-attempts: "1"}}
          spec:
            restartPolicy: Never
            runtimeClassName: simulated
            containers: [{name: main, image: local}]
      """)
    let result = try await Program.run(["run", "--simulate", "-f", file])
    let told = result.lines.filter { $0.contains(" retries in ") }
    #expect(
      told.filter { $0.hasPrefix("job.batch/again ") } == [
        "job.batch/again retries in 10s (retry 1 of 3)", "job.batch/again retries in 20s (retry 2 of 3)",
        "job.batch/again retries in 40s (retry 3 of 3)",
      ], "\(result.output)\(result.errors)")
    #expect(
      told.filter { $0.hasPrefix("job.batch/indexes ") }.sorted() == [
        "job.batch/indexes index 0 retries in 10s (retry 1 of 1)",
        "job.batch/indexes index 1 retries in 10s (retry 1 of 1)",
      ], "\(result.output)")
  }
}
