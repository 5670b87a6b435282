import Foundation
import Testing

/// The built program, run as a user would run it.
enum Program {
  /// Next to the test bundle: both are products of the same build.
  static let path: String = {
    let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return executable.deletingLastPathComponent().appendingPathComponent("jobdeck").path
  }()

  /// The folder with the package's manifest.
  static let root: String = {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
  }()

  struct Result {
    var status: Int32
    var output: String
    var errors: String
    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - limit: seconds after which it is killed, which no test that passes ever sees.
  ///   - whileRunning: called once it has been started, with its process id.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], directory: String? = nil,
    limit: Double = 60, whileRunning: ((Started) async throws -> Void)? = nil
  ) async throws -> Result {
    let started = try Started(arguments, input: input, environment: environment, directory: directory)
    let guardian = Task {
      try await Task.sleep(for: .seconds(limit))
      started.send(SIGKILL)
      Issue.record("jobdeck \(arguments.joined(separator: " ")) did not end within \(limit) s")
    }
    defer { guardian.cancel() }
    try await whileRunning?(started)
    return await started.end()
  }
}

/// A program that runs.
final class Started: Sendable {
  private let folder: TemporaryFolder
  private let process: Process
  private let ended: Task<Int32, Never>

  init(_ arguments: [String], input: String, environment: [String: String], directory: String?) throws {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    variables["XDG_STATE_HOME"] = folder.path + "/state"
    variables["LC_ALL"] = "C.UTF-8"
    variables.merge(environment) { $1 }
    process.environment = variables
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    try input.write(toFile: folder.path + "/in", atomically: false, encoding: .utf8)
    _ = FileManager.default.createFile(atPath: folder.path + "/out", contents: nil)
    _ = FileManager.default.createFile(atPath: folder.path + "/err", contents: nil)
    process.standardInput = FileHandle(forReadingAtPath: folder.path + "/in")
    process.standardOutput = FileHandle(forWritingAtPath: folder.path + "/out")
    process.standardError = FileHandle(forWritingAtPath: folder.path + "/err")
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = { process in
      // As a shell counts: 128 and the signal.
      let died = process.terminationReason == .uncaughtSignal
      continuation.yield(process.terminationStatus + (died ? 128 : 0))
      continuation.finish()
    }
    try process.run()
    self.folder = folder
    self.process = process
    ended = Task {
      for await status in stream { return status }
      return -1
    }
  }

  var id: Int32 { process.processIdentifier }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// What it has written to standard output so far.
  var output: String { read("out") }
  var errors: String { read("err") }

  private func read(_ name: String) -> String {
    let data = FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  /// Waits until its standard output holds `text`.
  func waitForOutput(_ text: String, limit: Double = 30) async throws {
    try await eventually("output '\(text)'", limit: limit) { self.output.contains(text) }
  }

  func end() async -> Program.Result {
    let status = await ended.value
    return Program.Result(status: status, output: output, errors: errors)
  }
}

/// A folder that goes away with its last user.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("jobdeck-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    return file
  }
}

struct TimeIsUp: Error, CustomStringConvertible {
  var description: String
}

/// Asks again and again until the condition holds.
func eventually(
  _ what: String, limit: Double = 30, detail: () -> String = { "" }, _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(limit)
  while true {
    if try await condition() { return }
    guard ContinuousClock.now < end else { throw TimeIsUp(description: "not within \(limit) s: \(what)\n\(detail())") }
    try await Task.sleep(for: .milliseconds(20))
  }
}

/// The processes whose command line contains `text`.
func processes(containing text: String) -> [Int32] {
  let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return entries.compactMap(Int32.init).filter { id in
    guard let data = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else { return false }
    let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return words.contains { $0 == text }
  }
}
