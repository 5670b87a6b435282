import Foundation
import Testing

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

  /// Runs `body` with a server that has these options too, and ends it.
  static func serve(
    _ options: [String] = [], _ body: @escaping (Kubectl) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    let kubectl = Kubectl(folder: folder)
    let state = folder.path + "/s"
    let result = try await Program.run(
      ["serve", "--state-dir", state, "--listen", "127.0.0.1:0"] + options
    ) { server in
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

  func start(
    _ arguments: [String], input: String = "/dev/null", output: String, errors: String = "/dev/null"
  ) throws -> Int32 {
    try spawn(
      [Self.path ?? "kubectl", "--kubeconfig", folder.path + "/config", "--cache-dir", folder.path + "/cache"]
        + arguments,
      environment: ["HOME": folder.path], input: input, output: output, errors: errors)
  }

  /// Runs it to its end.
  func finish(
    _ arguments: [String], input: String = ""
  ) async throws -> (status: Int32, output: String, errors: String) {
    let name = folder.path + "/" + UUID().uuidString
    if !input.isEmpty { try input.write(toFile: name + ".in", atomically: false, encoding: .utf8) }
    let id = try start(
      arguments, input: input.isEmpty ? "/dev/null" : name + ".in", output: name + ".out", errors: name + ".err")
    let status = await end(of: id)
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
