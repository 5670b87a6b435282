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

  /// kubectl looks through all the kinds that it knows for what is to go, and gives up where there is one of them not.
  @Test func whatLeftTheFileIsPruned() async throws {
    try await Kubectl.serve { kubectl in
      let maps = ["a", "b"].map { "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \($0), labels: {set: one}}\n" }
      let both = try kubectl.folder.file("both.yaml", maps.joined(separator: "---\n"))
      let one = try kubectl.folder.file("one.yaml", maps[0])
      _ = try await kubectl.run("apply", "-f", both, "--prune", "-l", "set=one")
      let pruned = try await kubectl.run("apply", "-f", one, "--prune", "-l", "set=one")
      #expect(pruned.contains("configmap/b pruned"))
      #expect(try await kubectl.run("get", "cm", "-l", "set=one", "-o", "name") == "configmap/a\n")
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
        let explained = try await kubectl.run("explain", "job.spec.parallelism")
        #expect(explained.contains("FIELD: parallelism <integer>"))
        #expect(explained.contains("How many pods may run at a time."))
        for (path, text) in [
          ("job.spec.backoffLimit", "How many failed pods are made up for"),
          ("job.spec.podFailurePolicy.rules", "The first rule that matches counts."),
          ("cronjob.spec.concurrencyPolicy", "Allow another, Forbid it, or Replace"),
          ("cronjob.spec.jobTemplate.spec.template.spec.containers.command", "The program with its arguments."),
          ("jobs.status.conditions", "Why, in one word."),
        ] {
          // It breaks lines where the terminal would end.
          let words = try await kubectl.run("explain", path).split(whereSeparator: \.isWhitespace)
          #expect(words.joined(separator: " ").contains(text), "\(path)")
        }
        #expect(!(try await kubectl.run("explain", "job")).contains("<empty>"))
        #expect(try await kubectl.run("explain", "job", "--recursive").contains("ttlSecondsAfterFinished"))
        #expect(
          try await kubectl.fail("explain", "job.spec.nonsense").contains("field \"nonsense\" does not exist"))
        let file = try kubectl.folder.file(
          "bad.yaml", Self.long.replacing("  template:", with: "  bogus: 1\n  template:"))
        #expect(try await kubectl.fail("apply", "-f", file).contains("unknown field \"spec.bogus\""))
      }
    }
  }

  /// Says a line at once, and another when it may.
  private static let slow = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: slow}
    spec:
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 1
          containers:
          - {name: main, image: local, command: [sh, -c, "echo begun; while ! test -e GO; do sleep 0.1; done; echo done"]}
    """

  @Test func aLogIsFollowedToItsEnd() async throws {
    try await Kubectl.serve { kubectl in
      let go = kubectl.folder.path + "/go"
      let file = try kubectl.folder.file("slow.yaml", Self.slow.replacing("GO", with: go))
      _ = try await kubectl.apply(file)
      try await eventually("the pod runs") {
        try await kubectl.run("get", "pods", "--field-selector=status.phase=Running", "-o", "name").hasPrefix("pod/")
      }
      let log = kubectl.folder.path + "/log"
      let follower = try kubectl.start(["logs", "-f", "job/slow"], output: log)
      func text() -> String {
        String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
      }
      try await eventually("its first line") { text() == "begun\n" }
      _ = try kubectl.folder.file("go", "")
      // The pod's end is the log's.
      #expect(await end(of: follower) == 0)
      #expect(text() == "begun\ndone\n")
      let pod = try await kubectl.run("get", "pods", "-o", "name").trimmingCharacters(in: .whitespacesAndNewlines)
      let described = try await kubectl.run("describe", pod)
      for text in ["Controlled By:  Job/slow", "Exit Code:    0", "Successfully assigned default/slow-", "Completed"] {
        #expect(described.contains(text), "\(text)\n\(described)")
      }
    }
  }

  @Test func scalesAndCordons() async throws {
    try await Kubectl.serve(["--nodes", "2"]) { kubectl in
      _ = try await kubectl.run("cordon", "node-1")
      #expect(try await kubectl.run("get", "node", "node-1").contains("Ready,SchedulingDisabled"))
      _ = try await kubectl.apply(
        try kubectl.folder.file("long.yaml", Self.long.replacing("completions: 2", with: "completions: 9")))
      func running(_ count: Int) async throws {
        try await eventually("\(count) pods run") {
          try await kubectl.run(
            "get", "pods", "-l", "app=long", "--field-selector=status.phase=Running", "-o", "name"
          ).split(separator: "\n").count == count
        }
      }
      try await running(2)
      #expect(
        try await kubectl.run("patch", "job", "long", "--type=merge", "-p", #"{"spec":{"parallelism":4}}"#)
          == "job.batch/long patched\n")
      try await running(4)
      _ = try await kubectl.run(
        "patch", "job", "long", "--type=json", "-p", #"[{"op":"replace","path":"/spec/parallelism","value":1}]"#)
      try await running(1)
      let nodes = try await kubectl.run(
        "get", "pods", "-l", "app=long", "-o", "jsonpath={range .items[*]}{.spec.nodeName}{\"\\n\"}{end}")
      #expect(Set(nodes.split(separator: "\n")) == ["node-2"])
      let described = try await kubectl.run("describe", "node", "node-1")
      #expect(described.contains("Unschedulable:      true"), "\(described)")
      _ = try await kubectl.run("uncordon", "node-1")
      #expect(!(try await kubectl.run("get", "node", "node-1")).contains("SchedulingDisabled"))
      // A job has no scale of its own, and that is told.
      #expect(try await kubectl.fail("scale", "job", "long", "--replicas=3").contains("the server could not find"))
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
