import Foundation
import Testing

/// The real kubectl against `jobdeck serve`. Skipped where there is no kubectl.
@Suite(
  .ownThread, .enabled(if: Kubectl.path != nil, "there is no kubectl on the PATH: Debian has it in kubernetes-client"))
struct KubectlTests {
  private static let manifest = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: hello}
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: [sh, -c, "for i in 1 2 3; do echo line $i; done"]}
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

  private static let long = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: long}
    spec:
      parallelism: 2
      completions: 2
      template:
        metadata: {labels: {app: long}}
        spec:
          terminationGracePeriodSeconds: 1
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: [sleep, "600"]}
    """

  @Test func aJobFromTheFileToItsLog() async throws {
    try await Kubectl.serve { kubectl in
      let file = try kubectl.folder.file("job.yaml", Self.manifest)
      #expect(try await kubectl.apply(file) == "job.batch/hello created\ncronjob.batch/nightly created\n")
      #expect(try await kubectl.apply(file) == "job.batch/hello unchanged\ncronjob.batch/nightly unchanged\n")
      #expect(
        try await kubectl.run("wait", "--for=condition=complete", "job/hello", "--timeout=60s")
          == "job.batch/hello condition met\n")
      #expect(try await kubectl.run("logs", "-f", "job/hello") == "line 1\nline 2\nline 3\n")
      #expect(try await kubectl.run("logs", "--tail=1", "job/hello") == "line 3\n")
      let table = try await kubectl.run("get", "jobs", "-o", "wide").split(separator: "\n")
      #expect(
        table[0].split(separator: " ") == [
          "NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE", "CONTAINERS", "IMAGES", "SELECTOR",
        ])
      #expect(table[1].hasPrefix("hello   Complete   1/1 "))
      #expect(try await kubectl.run("create", "job", "now", "--from=cronjob/nightly") == "job.batch/now created\n")
      #expect(
        try await kubectl.run("create", "job", "made", "--image=local", "--", "true") == "job.batch/made created\n")
      let described = try await kubectl.run("describe", "job", "now")
      #expect(described.contains("Controlled By:    CronJob/nightly"))
      // What leaves the file leaves the object.
      let changed = Self.manifest.replacing("{name: A, value: \"1\"}, ", with: "")
      _ = try await kubectl.apply(try kubectl.folder.file("job.yaml", changed))
      let names = try await kubectl.run(
        "get", "cronjob", "nightly", "-o", "jsonpath={..env[*].name}")
      #expect(names == "B")
    }
  }

  @Test func patchesDrainsAndCascades() async throws {
    try await Kubectl.serve { kubectl in
      let file = try kubectl.folder.file("long.yaml", Self.long)
      _ = try await kubectl.apply(file)
      #expect(
        try await kubectl.run("patch", "job", "long", "-p", #"{"spec":{"suspend":true}}"#) == "job.batch/long patched\n"
      )
      #expect(try await kubectl.run("get", "job", "long").contains("Suspended"))
      _ = try await kubectl.run("patch", "job", "long", "--type=merge", "-p", #"{"spec":{"suspend":false}}"#)
      _ = try await kubectl.run("label", "job", "long", "a=b")
      #expect(try await kubectl.run("get", "jobs", "-l", "a=b", "-o", "name") == "job.batch/long\n")
      try await eventually("two pods run") {
        try await kubectl.run(
          "get", "pods", "-l", "app=long", "--field-selector=status.phase=Running", "-o", "name"
        ).split(separator: "\n").count == 2
      }
      let node = try await kubectl.run(
        "get", "pods", "-l", "app=long", "-o", "jsonpath={.items[0].spec.nodeName}")
      #expect(try await kubectl.run("drain", node, "--timeout=60s").contains("node/\(node) drained"))
      #expect(try await kubectl.run("get", "node", node).contains("Ready,SchedulingDisabled"))
      _ = try await kubectl.run("uncordon", node)
      #expect(
        try await kubectl.run("delete", "job", "long", "--cascade=orphan").hasPrefix("job.batch \"long\" deleted"))
      #expect(try await kubectl.run("get", "pods", "-l", "app=long", "-o", "name").contains("pod/"))
      _ = try await kubectl.run("delete", "pods", "-l", "app=long")
      for cascade in ["foreground", "background"] {
        _ = try await kubectl.apply(file)
        _ = try await kubectl.run("delete", "job", "long", "--cascade=\(cascade)")
        try await eventually("no pods after \(cascade)") {
          try await kubectl.run("get", "pods", "-l", "app=long", "-o", "name").isEmpty
        }
      }
    }
  }

  @Test func whatIsAskedOfTheServerItself() async throws {
    try await Kubectl.serve { kubectl in
      let resources = try await kubectl.run("api-resources")
      for name in ["jobs", "cronjobs", "pods", "nodes", "events", "configmaps", "priorityclasses"] {
        #expect(resources.contains(name))
      }
      #expect(try await kubectl.run("auth", "can-i", "delete", "jobs") == "yes\n")
      #expect(try await kubectl.fail("top", "pods").contains("Metrics API not available"))
      #expect(
        try await kubectl.fail("get", "job", "none") == "Error from server (NotFound): jobs.batch \"none\" not found\n")
      #expect(try await kubectl.fail("delete", "ns", "default").contains("this namespace may not be deleted"))
      if Kubectl.minor >= 27 {
        #expect(try await kubectl.run("explain", "job.spec.parallelism").contains("FIELD: parallelism <integer>"))
        let file = try kubectl.folder.file(
          "bad.yaml", Self.long.replacing("  template:", with: "  bogus: 1\n  template:"))
        #expect(try await kubectl.fail("apply", "-f", file).contains("unknown field \"spec.bogus\""))
      }
    }
  }

  @Test func fieldsHaveOwners() async throws {
    guard Kubectl.minor >= 27 else { return }
    try await Kubectl.serve { kubectl in
      let file = try kubectl.folder.file("long.yaml", Self.long)
      #expect(try await kubectl.run("apply", "--server-side", "-f", file) == "job.batch/long serverside-applied\n")
      #expect(try await kubectl.run("apply", "--server-side", "-f", file) == "job.batch/long serverside-applied\n")
      _ = try await kubectl.run("patch", "job", "long", "-p", #"{"spec":{"parallelism":1}}"#)
      #expect(
        try await kubectl.fail("apply", "--server-side", "-f", file).contains(
          "conflict with \"kubectl-patch\" using batch/v1: .spec.parallelism"))
      _ = try await kubectl.run("apply", "--server-side", "--force-conflicts", "-f", file)
      #expect(try await kubectl.run("get", "job", "long", "-o", "jsonpath={.spec.parallelism}") == "2")
      // From one way of applying to the other.
      let other = try kubectl.folder.file("job.yaml", Self.manifest)
      _ = try await kubectl.apply(other)
      _ = try await kubectl.run("apply", "--server-side", "--force-conflicts", "-f", other)
    }
  }

  @Test func aWatchShowsWhatHappens() async throws {
    try await Kubectl.serve { kubectl in
      let watched = kubectl.folder.path + "/watched"
      let watcher = try kubectl.start(["get", "jobs", "-w"], output: watched)
      _ = try await kubectl.apply(try kubectl.folder.file("job.yaml", Self.manifest))
      try await eventually("the watch shows the end") {
        String(decoding: FileManager.default.contents(atPath: watched) ?? Data(), as: UTF8.self).contains("Complete")
      }
      kill(watcher, SIGTERM)
      waitForEnd(of: watcher)
    }
  }
}

/// The real kubectl, with a server of its own.
struct Kubectl {
  /// Where it is on the PATH.
  static let path: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/kubectl" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// The minor version, 32 of 1.32.
  static let minor: Int = {
    guard let folder = try? TemporaryFolder(), let path,
      let id = try? spawn([path, "version", "--client", "-o", "json"], output: folder.path + "/out")
    else { return 0 }
    waitForEnd(of: id)
    let text = String(decoding: FileManager.default.contents(atPath: folder.path + "/out") ?? Data(), as: UTF8.self)
    return text.firstMatch(of: #/"minor": "([0-9]+)/#).flatMap { Int($0.output.1) } ?? 0
  }()

  let folder: TemporaryFolder

  /// Runs `body` with a server, and ends it.
  static func serve(_ body: @escaping (Kubectl) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let kubectl = Kubectl(folder: folder)
    let state = folder.path + "/s"
    let result = try await Program.run(["serve", "--state-dir", state, "--listen", "127.0.0.1:0"]) { server in
      defer { server.send(SIGTERM) }
      try await eventually("the server listens") { server.errors.contains("https://") }
      let config = try await Program.run(["kubeconfig", "--state-dir", state])
      #expect(config.status == 0)
      _ = try folder.file("config", config.output)
      try await body(kubectl)
    }
    #expect(result.status == 0)
    #expect(!FileManager.default.fileExists(atPath: state + "/api.sock"))
  }

  func start(_ arguments: [String], output: String, errors: String = "/dev/null") throws -> Int32 {
    try spawn(
      [Self.path ?? "kubectl", "--kubeconfig", folder.path + "/config", "--cache-dir", folder.path + "/cache"]
        + arguments,
      environment: ["HOME": folder.path], output: output, errors: errors)
  }

  func finish(_ arguments: [String]) async throws -> (status: Int32, output: String, errors: String) {
    let name = folder.path + "/" + UUID().uuidString
    let id = try start(arguments, output: name + ".out", errors: name + ".err")
    let status = await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: waitForEnd(of: id)) }
    }
    func read(_ end: String) -> String {
      String(decoding: FileManager.default.contents(atPath: name + end) ?? Data(), as: UTF8.self)
    }
    return (status, read(".out"), read(".err"))
  }

  /// What it prints; it must succeed.
  func run(_ arguments: String...) async throws -> String {
    let result = try await finish(arguments)
    #expect(result.status == 0, "kubectl \(arguments.joined(separator: " ")): \(result.errors)")
    return result.output
  }

  /// What it complains of; it must fail.
  func fail(_ arguments: String...) async throws -> String {
    let result = try await finish(arguments)
    #expect(result.status != 0, "kubectl \(arguments.joined(separator: " ")): \(result.output)")
    return result.errors
  }

  /// Older ones check against a document that this server does not have.
  func apply(_ file: String) async throws -> String {
    Self.minor >= 27 ? try await run("apply", "-f", file) : try await run("apply", "--validate=false", "-f", file)
  }
}
