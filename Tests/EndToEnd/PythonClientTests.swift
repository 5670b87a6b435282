import Foundation
import Testing

/// The client library of Python's package index against `jobdeck serve`, over TLS and with the token.
@Suite(
  .ownThread,
  .enabled(
    if: PythonClient.canMakeEnvironments,
    "python3 cannot make virtual environments: Debian has what is missing in python3-venv"))
struct PythonClientTests {
  @Test(.timeLimit(.minutes(10))) func doesWhatProgramsDo() async throws {
    let folder = try TemporaryFolder()
    let python = try await PythonClient.install(in: folder)
    let state = folder.path + "/s"
    // Real processes: their logs are read.
    let result = try await Program.run(["serve", "--state-dir", state, "--listen", "127.0.0.1:0"]) { server in
      defer { server.send(SIGTERM) }
      try await eventually("the server listens") { server.errors.contains("https://") }
      let config = try await Program.run(["kubeconfig", "--state-dir", state])
      #expect(config.status == 0)
      let file = try folder.file("config", config.output)
      let script = Program.root + "/Tests/EndToEnd/Support/client.py"
      let run = try await PythonClient.run([python, "-W", "error::UserWarning", script, file], in: folder)
      #expect(run.status == 0, "\(run.output)")
      #expect(run.output.contains("delete_collections ok"), "\(run.output)")
    }
    #expect(result.status == 0)
  }
}

enum PythonClient {
  static let version = "37.0.2"

  static let canMakeEnvironments: Bool = {
    guard let id = try? spawn(["python3", "-c", "import venv, ensurepip"]) else { return false }
    return waitForEnd(of: id) == 0
  }()

  /// Makes an environment with the client in it, and returns its Python. Without a network, the test is skipped.
  static func install(in folder: TemporaryFolder) async throws -> String {
    let environment = folder.path + "/venv"
    let made = try await run(["python3", "-m", "venv", environment], in: folder)
    try #require(made.status == 0, "\(made.output)")
    let installed = try await run(
      [
        environment + "/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
        "--timeout", "20", "kubernetes==\(version)",
      ], in: folder)
    let isOffline = ["Failed to establish a new connection", "NameResolutionError", "Network is unreachable"]
      .contains { installed.output.contains($0) }
    if installed.status != 0, isOffline {
      try Test.cancel("the package index cannot be reached: \(installed.output.suffix(300))")
    }
    try #require(installed.status == 0, "\(installed.output)")
    return environment + "/bin/python"
  }

  /// What a command prints, complaints included.
  static func run(_ words: [String], in folder: TemporaryFolder) async throws -> (status: Int32, output: String) {
    let name = folder.path + "/" + UUID().uuidString
    // One file for both: a complaint stands where it was made.
    let id = try spawn(
      ["sh", "-c", "exec \"$@\" 2>&1", "sh"] + words, environment: ["PYTHONUNBUFFERED": "1"], output: name)
    let status = await end(of: id)
    return (status, String(decoding: FileManager.default.contents(atPath: name) ?? Data(), as: UTF8.self))
  }
}
