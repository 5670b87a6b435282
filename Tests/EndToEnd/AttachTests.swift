import Foundation
import Testing

/// Two jobdecks on one state directory: the second works with the cluster that the first runs.
@Suite(.serialized, .ownThread, .enabled(if: Tmux.isInstalled, "tmux is not installed; script/test installs it"))
struct AttachTests {
  private static let talker = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: talker}
    spec:
      template:
        spec:
          terminationGracePeriodSeconds: 1
          restartPolicy: Never
          containers:
          - {name: main, image: local, command: [sh, -c, "i=0; while :; do i=$((i+1)); echo word $i; sleep 0.3; done"]}
    """

  @Test func aDashboardWorksWithAServedCluster() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    let served = try await Program.serve(state) { _ in
      let tmux = try await Tmux(["--state-dir", state], folder: folder)
      try await tmux.wait(for: "embedded", state, "attached", "n new job")
      try await tmux.press("n")
      try await tmux.wait(for: "New job", "Command")
      try await tmux.type("sh -c 'for i in 1 2 3; do echo said $i; sleep 1; done; exit 3'")
      try await tmux.press("C-s")
      try await tmux.waitUntilGone("New job")
      try await tmux.wait(for: "Running")
      try await tmux.press("l")
      try await tmux.wait(for: "said 1", "following")
      try await tmux.wait(for: "said 3")
      try await tmux.press("Escape")
      try await tmux.wait(for: "Retrying")
      try await tmux.press("w")
      try await tmux.wait(for: "Exit code 3", "The last lines it wrote")
      try await tmux.press("Escape")
      try await tmux.waitUntilGone("The last lines it wrote")
      try await tmux.press("C-d")
      try await tmux.wait(for: "Delete")
      try await tmux.press("y")
      try await tmux.wait(for: "No jobs yet")
      // Leaving stops nothing, and so there is nothing to be asked.
      try await tmux.press("q")
      try await tmux.wait(for: "ended with 0")
      #expect(try await Program.run(["get", "nodes", "--state-dir", state]).lines.count == 5)
    }
    #expect(served.status == 0)
  }

  @Test func aShellWorksWithTheClusterOfADashboard() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    let tmux = try await Tmux(["--state-dir", state], folder: folder)
    try await tmux.wait(for: "embedded", "No jobs yet")
    let file = try folder.file("talker.yaml", Self.talker)
    #expect(try await Program.run(["apply", "-f", file, "--state-dir", state]).output == "job.batch/talker created\n")
    try await tmux.wait(for: "talker", "Running")
    #expect(try await Program.run(["get", "jobs", "--state-dir", state]).output.contains("talker   Running"))
    let log = try await Program.run(["logs", "-f", "job/talker", "--state-dir", state]) { reader in
      try await reader.waitForOutput("word 3")
      // The end of the cluster ends those who read along.
      try await tmux.press("q")
      try await tmux.wait(for: "Quit?")
      try await tmux.press("y")
    }
    #expect(log.output.hasPrefix("word 1\nword 2\n"))
    try await tmux.wait(for: "ended with 0")
    #expect(!FileManager.default.fileExists(atPath: state + "/api.sock"))
  }

  @Test func aHolderThatIsKilledIsFoundAgain() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    let file = try folder.file("talker.yaml", Self.talker)
    let tmux = try await withoutWaiting(["serve", "--state-dir", state]) { server in
      let tmux = try await Tmux(["--state-dir", state, "-f", file], folder: folder)
      try await tmux.wait(for: "attached", "talker", "Running")
      server.send(SIGKILL)
      return tmux
    }
    let lost = try await tmux.wait(for: "Not up to date", "api.sock")
    // What was known stays.
    #expect(lost.contains("talker"))
    // What is tried meanwhile is refused, with the reason.
    try await tmux.press("C-d")
    try await tmux.wait(for: "Delete", "talker")
    try await tmux.press("y")
    try await tmux.wait(for: "✗", "nothing answers on")
    // The socket of the one that was killed is there still, and is replaced.
    #expect(FileManager.default.fileExists(atPath: state + "/api.sock"))
    try await Program.serve(state) { _ in
      try await tmux.waitUntilGone("Not up to date")
      // Its pod went with the one that was killed, and is made anew.
      try await tmux.wait(for: "attached", "talker", "Running", "1/6")
      try await tmux.press("q")
      try await tmux.wait(for: "ended with 0")
    }
  }

  /// Starts a program, runs `body` once it serves, and expects that `body` has ended it.
  private func withoutWaiting<Result>(
    _ arguments: [String], _ body: (Started) async throws -> Result
  ) async throws -> Result {
    let started = try Started(arguments, input: "", environment: [:], directory: nil)
    do {
      try await eventually("the server listens") { started.errors.contains("api.sock") }
      let result = try await body(started)
      _ = await started.end()
      return result
    } catch {
      started.send(SIGKILL)
      throw error
    }
  }

  @Test func aHolderThatDoesNotAnswerIsTold() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    let lock = try folder.file("s/lock", "\(getpid())\n")
    let descriptor = open(lock, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let plain = try await Program.run(["--plain", "--state-dir", state])
    #expect(plain.status == 1)
    #expect(
      plain.errors == """
        jobdeck: \(state) is in use by another jobdeck (process \(getpid())), which cannot be worked with: nothing answers \
        on \(state)/api.sock: there is no such socket

        """)
    let nodes = try await Program.run(["--plain", "--state-dir", state, "--nodes", "5"])
    #expect(nodes.status == 1)
    #expect(nodes.errors.hasSuffix("--nodes is decided where the cluster is started\n"))
  }

  @Test func linesWorkWithAServedClusterToo() async throws {
    let folder = try TemporaryFolder()
    let state = folder.path + "/s"
    try await Program.serve(state) { _ in
      let file = try folder.file("talker.yaml", Self.talker)
      let plain = try await Program.run(["--plain", "--state-dir", state, "-f", file], input: ":nodes\nquit\n")
      #expect(plain.status == 0)
      #expect(plain.output.contains("node-1"))
      #expect(try await Program.run(["get", "jobs", "--state-dir", state]).output.contains("talker"))
    }
  }
}
