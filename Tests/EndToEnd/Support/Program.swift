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
    /// When it ended, whatever kept the test from noticing.
    var endedAt: ContinuousClock.Instant
    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - limit: seconds after which it is killed, which no test that passes ever sees.
  ///   - whileRunning: called once it has been started, with its process id.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], directory: String? = nil,
    limit: Double = 900, whileRunning: ((Started) async throws -> Void)? = nil
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

  /// Runs `jobdeck serve` on a state directory from when it listens until `body` has ended.
  @discardableResult
  static func serve(_ state: String, _ body: @escaping (_ server: Started) async throws -> Void) async throws -> Result
  {
    try await run(["serve", "--state-dir", state]) { server in
      defer {
        // Where the test has stopped it.
        server.send(SIGCONT)
        server.send(SIGTERM)
      }
      try await eventually("the server listens") { server.errors.contains("api.sock") }
      try await body(server)
    }
  }
}

/// A program that runs.
final class Started: Sendable {
  private let folder: TemporaryFolder
  let id: Int32
  private let ended: AsyncStream<(status: Int32, at: ContinuousClock.Instant)>

  init(_ arguments: [String], input: String, environment: [String: String], directory: String?) throws {
    folder = try TemporaryFolder()
    try input.write(toFile: folder.path + "/in", atomically: false, encoding: .utf8)
    let variables = ["XDG_STATE_HOME": folder.path + "/state", "XDG_CONFIG_HOME": folder.path + "/config"]
      .merging(environment) { $1 }
    let id = try spawn(
      [Program.path] + arguments, environment: variables, input: folder.path + "/in", output: folder.path + "/out",
      errors: folder.path + "/err", directory: directory)
    self.id = id
    let (stream, continuation) = AsyncStream<(status: Int32, at: ContinuousClock.Instant)>.makeStream()
    ended = stream
    Thread.detachNewThread {
      let status = waitForEnd(of: id)
      continuation.yield((status, .now))
      continuation.finish()
    }
  }

  func send(_ signal: Int32) { kill(id, signal) }

  /// What it has written to standard output so far.
  var output: String { read("out") }
  var errors: String { read("err") }

  private func read(_ name: String) -> String {
    let data = FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  /// Waits until its standard output holds `text`.
  func waitForOutput(_ text: String, limit: Double = 240) async throws {
    try await eventually("output '\(text)'", limit: limit) { self.output.contains(text) }
  }

  /// For one caller.
  func end() async -> Program.Result {
    var end = (status: Int32(-1), at: ContinuousClock.now)
    for await value in ended { end = value }
    return Program.Result(status: end.status, output: output, errors: errors, endedAt: end.at)
  }
}

/// Starts a program with its streams in files. Foundation's `Process` would not do: it notices an end by a descriptor
/// that other programs which are started at the same time, such as tmux's server, inherit and keep open.
func spawn(
  _ command: [String], environment: [String: String] = [:], input: String = "/dev/null", output: String = "/dev/null",
  errors: String = "/dev/null", directory: String? = nil
) throws -> Int32 {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  var variables = ProcessInfo.processInfo.environment
  // What the one who runs the tests likes, or the service that does, is not what they are about.
  for name in ["NO_COLOR", "COLORTERM", "COLORFGBG", "TMUX", "STY", "XDG_CONFIG_HOME", "KUBECONFIG"] {
    variables[name] = nil
  }
  variables["LC_ALL"] = "C.UTF-8"
  variables.merge(environment) { $1 }
  let command = (directory.map { ["env", "-C", $0] } ?? []) + command
  let words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
  let settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for pointer in words + settings { free(pointer) } }
  // Other tests' threads block signals, and this one may have got its mask from them: the child must not.
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
  var id = pid_t()
  let error = posix_spawnp(&id, command[0], &actions, &attributes, words, settings)
  guard error == 0 else { throw TimeIsUp(description: "\(command[0]): \(String(cString: strerror(error)))") }
  return id
}

/// Waits, and returns the exit status as a shell counts it: 128 and the signal for a death by signal.
@discardableResult
func waitForEnd(of id: Int32) -> Int32 {
  var status: Int32 = 0
  while waitpid(id, &status, 0) < 0, errno == EINTR {}
  return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
}

/// Waits without keeping other tasks from running, and returns the exit status.
func end(of id: Int32) async -> Int32 {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: waitForEnd(of: id)) }
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
  _ what: String, limit: Double = 240, detail: () -> String = { "" }, _ condition: () async throws -> Bool
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
