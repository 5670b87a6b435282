import Foundation
import Testing

/// jobdeck's own verbs, on the socket of a jobdeck that runs.
@Suite(.ownThread) struct VerbTests {
  private static let manifest = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: hello, labels: {app: a}}
    spec:
      completions: 2
      template:
        spec:
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: [sh, -c, "for i in 1 2 3; do echo line $i '<b>'; done"]}
          - {name: second, image: local, command: [echo, second]}
    ---
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly}
    spec:
      schedule: "0 0 1 1 *"
      jobTemplate:
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
              - {name: main, image: local, command: [echo, night], env: [{name: A, value: "1"}, {name: B, value: "2"}]}
    """

  private static let bad = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: bad}
    spec:
      parallelism: -1
      backoffLimit: -1
      template:
        spec:
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: ["true"]}
    """

  private static let long = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: long}
    spec:
      template:
        spec:
          terminationGracePeriodSeconds: 1
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: [sh, -c, "echo begun; sleep 600"]}
    """

  /// What is to be the same, byte for byte, from kubectl and from us; `~` stands for a blank within an argument.
  private static let lines = [
    "get jobs", "get jobs -A", "get all", "get jobs,pods,nodes -o wide", "get job hello -o json",
    "get job hello -o yaml", "get jobs -o yaml", "get jobs,cronjobs -o name", "get pods --show-labels",
    "get pods -L job-name --no-headers", "get job none", "get job none hello", "get foo", "get jobs -l a=b",
    "get jobs -A -l a=b", "get job/hello cronjob/nightly", "get job hello nightly --ignore-not-found",
    "get job/hello job", "get pods hello -l a=b", "get job hello -A", "get jobs -l a=,,",
    "get pods -o custom-columns=N:.metadata.name,X:.spec.containers[*].name,L:.metadata.labels,Q:.foo",
    "get pods -o jsonpath={.items[*].metadata.name}", "get jobs --show-kind",
    "get nodes -o jsonpath={range~.items[*]}{.metadata.name}{'\\n'}{end}", "get pods --sort-by=.metadata.name",
    "get pods --field-selector=status.phase=Running", "get ns", "get cj", "get po --no-headers=true",
    "get priorityclasses",
    "describe job hello", "describe cronjob", "describe pods", "describe job none", "describe jo hel",
    "events --for=job/hello", "events -n nowhere", "events --for=job/hello --no-headers",
    "logs job/hello", "logs job/hello -c second", "logs job/hello -c none", "logs job/hello --all-containers --prefix",
    "logs job/none", "logs none", "logs -l app=x", "logs job/hello --tail=1",
    "logs job/hello --since=1h --limit-bytes=9",
    "wait --for=condition=complete job/hello", "wait --for=condition=failed job/hello --timeout=200ms",
    "wait --for=condition=Failed=false job/hello --timeout=0", "wait --for=jsonpath={.status.succeeded}=2 job/hello",
    "wait --for=delete job/none", "wait --for=condition=complete job/none", "wait --for=nonsense job/hello",
    "wait --for=condition=complete job -l app=a", "wait --for=condition=complete job -l app=none",
    "delete job none", "delete job none --ignore-not-found", "delete job hello --dry-run=client",
    "delete job hello --dry-run=server -o name", "delete jobs -l app=none", "delete jobs",
    "apply -f FILE", "apply -f BAD", "apply -f BAD --dry-run=server", "apply -f FILE -o name",
    "apply -f FILE --dry-run=client", "apply -f NONE", "create -f FILE", "create -f FILE --dry-run=client",
    "create job hello --image=a", "create job q --image=a --dry-run=client -o yaml -- sh -c x~y",
    "create job q --image=a --dry-run=client -o name", "create job q --image=a --dry-run=server",
    "create cronjob q --image=a --schedule=1~*~*~*~* --dry-run=client -o yaml -- true",
    "create cronjob q --image=a --schedule=nonsense", "create job q --from=cronjob/none",
    "create job q --from=cronjob/nightly --dry-run=server",
  ]

  @Test(
    .enabled(
      if: Kubectl.minor == 32, "what is compared is what kubectl 1.32 prints; others have other words for some of it"))
  func kubectlPrintsTheSame() async throws {
    try await Kubectl.serve { kubectl in
      let state = kubectl.folder.path + "/s"
      let names = [
        "FILE": try kubectl.folder.file("job.yaml", Self.manifest),
        "BAD": try kubectl.folder.file("bad.yaml", Self.bad), "NONE": kubectl.folder.path + "/none.yaml",
      ]
      _ = try await kubectl.run("apply", "-f", names["FILE"] ?? "")
      _ = try await kubectl.run("wait", "--for=condition=complete", "job/hello", "--timeout=120s")
      for line in Self.lines {
        let arguments = line.split(separator: " ").map { word in
          names[String(word)] ?? String(word).replacing("~", with: " ")
        }
        // Ages change while they are compared.
        var theirs = try await kubectl.finish(arguments)
        var ours = try await Self.ours(arguments, state)
        for _ in 0..<20 where (theirs.output, theirs.errors) != (ours.output, ours.errors) {
          theirs = try await kubectl.finish(arguments)
          ours = try await Self.ours(arguments, state)
        }
        #expect(ours.output == theirs.output, "jobdeck \(line)")
        #expect(ours.errors == theirs.errors, "jobdeck \(line)")
        #expect((ours.status == 0) == (theirs.status == 0), "jobdeck \(line): \(ours.status), \(theirs.status)")
      }
    }
  }

  /// Before `--`, which begins a command.
  private static func ours(_ arguments: [String], _ state: String) async throws -> Program.Result {
    var arguments = arguments
    arguments.insert(
      contentsOf: ["--state-dir", state], at: arguments.firstIndex(of: "--") ?? arguments.endIndex)
    return try await Program.run(arguments)
  }

  /// Runs `body` with a served cluster; `run` gives what a verb printed, and its exit code must be 0.
  private func served(
    _ body: @escaping (_ run: @escaping ([String]) async throws -> Program.Result, TemporaryFolder) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    let result = try await Program.serve(state) { _ in
      try await body({ try await Self.ours($0, state) }, folder)
    }
    #expect(result.status == 0)
  }

  @Test func whatAJobLivesThrough() async throws {
    try await served { run, folder in
      func says(_ line: String, _ expected: String) async throws {
        let result = try await run(line.split(separator: " ").map(String.init))
        #expect(result.output == expected, "jobdeck \(line): \(result.errors)")
        #expect(result.status == 0, "jobdeck \(line): \(result.errors)")
      }
      let file = try folder.file("job.yaml", Self.manifest)
      let long = try folder.file("long.yaml", Self.long)
      try await says("apply -f \(file)", "job.batch/hello created\ncronjob.batch/nightly created\n")
      try await says("wait --for=condition=complete job/hello --timeout=120s", "job.batch/hello condition met\n")
      try await says("rerun job/hello", "job.batch/hello-r2 created\n")
      try await says("rerun job/hello", "job.batch/hello-r3 created\n")
      try await says("rerun job hello-r2 --name again", "job.batch/again created\n")
      try await says("trigger cronjob/nightly", "job.batch/nightly-manual-1 created\n")
      try await says("trigger cj nightly -o name", "job.batch/nightly-manual-2\n")
      try await says("suspend cronjob/nightly", "cronjob.batch/nightly suspended\n")
      try await says("suspend cronjob/nightly", "cronjob.batch/nightly already suspended\n")
      try await says("get cj nightly -o jsonpath={.spec.suspend}", "true")
      try await says("resume cronjob --all", "cronjob.batch/nightly resumed\n")
      try await says("logs cronjob/nightly --pod-running-timeout=60s -f", "night\n")
      // What leaves the file leaves the object.
      let changed = Self.manifest.replacing("{name: A, value: \"1\"}, ", with: "")
      let other = try folder.file("changed.yaml", changed)
      try await says("apply -f \(other)", "job.batch/hello unchanged\ncronjob.batch/nightly configured\n")
      try await says("get cronjob nightly -o jsonpath={..env[*].name}", "B")
      try await says(
        "apply --server-side --force-conflicts -f \(other)",
        "job.batch/hello serverside-applied\ncronjob.batch/nightly serverside-applied\n")
      try await says("apply -f \(long)", "job.batch/long created\n")
      try await eventually("long runs") {
        try await run(["logs", "job/long"]).output == "begun\n"
      }
      // What pods use is sampled every now and then.
      try await eventually("a sample") { try await run(["top", "pods"]).output.contains("long-") }
      #expect(try await run(["top", "nodes"]).output.contains("node-1"))
      try await says("delete -f \(long) --timeout=60s", "job.batch \"long\" deleted\n")
      #expect(try await run(["get", "job", "long"]).status == 1)
      #expect(
        try await run(["get", "pods", "-l", "job-name=long"]).errors == "No resources found in default namespace.\n")
    }
  }

  /// What cannot be done is one line on standard error and exit code 1, and done to none.
  @Test func whatCannotBeDone() async throws {
    try await served { run, folder in
      func refuses(_ line: String, _ expected: String) async throws {
        let result = try await run(line.split(separator: " ").map(String.init))
        #expect(result.errors == expected + "\n", "jobdeck \(line)")
        #expect(result.status == 1 && result.output.isEmpty, "jobdeck \(line): \(result.output)")
      }
      for (name, command) in [("good", "true"), ("bad", "false")] {
        _ = try await run(["create", "job", name, "--image=local", "--", command])
      }
      _ = try await run(["create", "job", "long", "--image=local", "--", "sleep", "600"])
      _ = try await run(["wait", "--for=condition=complete", "job/good", "--timeout=60s"])
      for verb in ["suspend", "resume"] {
        try await refuses("\(verb) job/good", "error: job.batch/good is complete: there is nothing to \(verb)")
        try await refuses("\(verb) job/none", "Error from server (NotFound): jobs.batch \"none\" not found")
        try await refuses("\(verb) pod/x", "error: pods: this is possible only with a cronjob or job")
        try await refuses(verb, "error: give cronjob/NAME or job/NAME")
      }
      try await refuses("rerun", "error: give job/NAME")
      try await refuses("trigger", "error: give cronjob/NAME")
      try await refuses("trigger job/long", "error: jobs: this is possible only with a cronjob")
      let mixed = try await run(["suspend", "job", "good", "long"])
      #expect(mixed.status == 1 && mixed.output == "job.batch/long suspended\n", "\(mixed.errors)")
      // Where all are meant, those that can be.
      let all = try await run(["resume", "jobs", "--all"])
      #expect(all.status == 0 && all.errors.isEmpty, "\(all.errors)")
      #expect(try await run(["resume", "job/long"]).output == "job.batch/long is not suspended\n")
      let again = try await run(["rerun", "job/long"])
      #expect(again.output == "job.batch/long-r2 created\n")
      #expect(again.errors == "Warning: job.batch/long has not ended: there will be two of it\n")
      _ = try await run(["suspend", "job/long", "job/long-r2"])
      try await eventually("its pods are gone") {
        try await run(["get", "pods", "-l", "job-name=long"]).output.isEmpty
      }
      try await refuses(
        "logs job/long",
        "error: job/long is suspended and has no pod: 'jobdeck resume job/long' lets it go on")
      try await refuses("logs good", "error: there is no pod \"good\", but a job: 'jobdeck logs job/good'")
      try await refuses(
        "get jobs -o custom-columns=", "error: custom-columns format specified but no custom columns given")
      #expect(
        try await run(["suspend", "jobs", "-l", "a=none"]).errors == "No resources found in default namespace.\n")
      let file = try folder.file("x.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}}")
      let refused = try await run(["apply", "-f", file])
      #expect(refused.status == 1)
      #expect(
        refused.errors.contains("a Deployment cannot be made: jobdeck has ConfigMap, CronJob, Event, Job, "),
        "\(refused.errors)")
      _ = try await run(["delete", "pods", "-l", "job-name=good"])
      try await refuses("logs job/good", "error: job/good has ended, and its pods are gone with their logs")
    }
  }

  @Test func whatIsWatched() async throws {
    try await served { run, folder in
      let state = folder.path + "/s"
      _ = try await run(["create", "job", "earlier", "--image=local", "--", "true"])
      let watched = try await Program.run(["get", "jobs", "-w", "--state-dir", state]) { watcher in
        let file = try folder.file("job.yaml", Self.manifest)
        // What was listed tells from where on it is watched.
        try await watcher.waitForOutput("earlier")
        _ = try await run(["apply", "-f", file])
        try await eventually("the job's end") {
          watcher.output.split(separator: "\n").contains { $0.hasPrefix("hello") && $0.contains("Complete") }
        }
        watcher.send(SIGTERM)
      }
      #expect(watched.output.hasPrefix("NAME "))
      #expect(watched.lines.contains { $0.hasPrefix("hello") && $0.contains("0/2") })
    }
  }

  /// As after an hour, or more than 4,096 changes, when the server ends a watch that nothing was told to.
  @Test(
    .timeLimit(.minutes(5)), arguments: [["wait", "--for=condition=complete", "job/hello"], ["get", "jobs", "-w"]])
  func whatAServerHasForgottenIsReadAnew(_ verb: [String]) async throws {
    try await served { run, folder in
      let between = folder.path + "/between"
      try FileManager.default.createDirectory(atPath: between, withIntermediateDirectories: true)
      let script = Program.root + "/Tests/EndToEnd/Support/forgetful.py"
      let proxy = try spawn(
        ["python3", script, between + "/api.sock", folder.path + "/s/api.sock"], errors: folder.path + "/errors")
      defer {
        kill(proxy, SIGKILL)
        _ = waitForEnd(of: proxy)
      }
      try await eventually("the server that forgets") {
        FileManager.default.fileExists(atPath: between + "/api.sock")
      }
      let file = try folder.file("job.yaml", Self.manifest.replacing("echo line", with: "sleep 0.3; echo line"))
      _ = try await run(["apply", "-f", file])
      let result = try await Program.run(verb + ["--state-dir", between]) { verb in
        try await eventually("the job's end") { verb.output.contains("condition met") || verb.output.contains("2/2") }
        verb.send(SIGTERM)
      }
      #expect(result.errors.isEmpty)
    }
  }

  @Test func withoutAJobdeckOneLineSaysHowToStartOne() async throws {
    let folder = try TemporaryFolder()
    for arguments in [["get", "jobs"], ["apply", "-f", "-"], ["logs", "x"], ["top", "pods"]] {
      let result = try await Program.run(arguments + ["--state-dir", folder.path + "/s"])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(result.errors.contains("start 'jobdeck --state-dir \(folder.path)/s' or 'jobdeck serve --state-dir"))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/s"))
  }
}
