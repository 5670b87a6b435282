import Glibc
import KubeModel
import RemoteCluster

/// Clients of a served cluster, in a process of their own: this program, started once more.
final class LoadClients {
  enum Role: String {
    /// Watchers: they tell what they have seen when their input ends.
    case watch = "--api-watch"
    /// Those who send requests: they tell how long each took.
    case ask = "--api-ask"
  }

  static let watchers = 200
  static let requestsASecond = 2_000
  /// Tasks that send the requests.
  private static let senders = 50

  private let process: pid_t
  private let input: Int32
  private let folder: String
  private var hasEnded = false

  init(_ role: Role, _ arguments: [String], _ socket: String) throws {
    folder = try Files.temporaryFolder()
    var pipes: [Int32] = [0, 0]
    guard pipe(&pipes) == 0 else { throw Failure("no pipe") }
    // Clients that are started later must not keep this end open.
    _ = fcntl(pipes[1], F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let command = ["/proc/self/exe", role.rawValue, socket] + arguments
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for pointer in words { free(pointer) } }
    var id = pid_t()
    let error = posix_spawn(&id, command[0], &actions, nil, &words, environ)
    close(pipes[0])
    input = pipes[1]
    process = id
    guard error == 0 else { throw Failure("the clients cannot be started: \(String(cString: strerror(error)))") }
  }

  deinit {
    kill()
    Files.remove(folder)
  }

  private var lines: [String] { Files.text(folder + "/out").split(separator: "\n").map(String.init) }

  func waitForLine(_ line: String) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !lines.contains(line) {
      guard ContinuousClock.now < end else { throw Failure("the clients are not \(line)") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Ends its input, waits for its end, and returns what it has told.
  func end() async throws -> [String] {
    close(input)
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(50)) }
    hasEnded = true
    guard status == 0 else { throw Failure("the clients failed: \(lines.last ?? "no word of them")") }
    return lines
  }

  func kill() {
    guard !hasEnded else { return }
    hasEnded = true
    Glibc.kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  // MARK: In the other process

  /// What this process is to be, where it was started as one of these.
  static func run(_ arguments: [String]) async -> Int32? {
    guard arguments.count > 2, let role = Role(rawValue: arguments[1]) else { return nil }
    let client = APIClient(socket: arguments[2])
    do {
      switch role {
      case .watch: try await watch(client, from: UInt64(arguments[3]) ?? 0)
      case .ask: try await ask(client, seconds: Int(arguments[3]) ?? 0, paths: Array(arguments[4...]))
      }
      fflush(nil)
      return 0
    } catch {
      print("\(error)")
      fflush(nil)
      return 1
    }
  }

  private static func watch(_ client: APIClient, from version: UInt64) async throws {
    let tallies = (0..<watchers).map { _ in WatchTally() }
    let (begun, hasBegun) = AsyncStream<Void>.makeStream()
    let (ended, hasEnded) = AsyncStream<Void>.makeStream()
    // Blocks until the input ends, on a thread of its own.
    var thread = pthread_t()
    let context = Unmanaged.passRetained(InputEnd(continuation: hasEnded))
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let end = Unmanaged<InputEnd>.fromOpaque(context).takeRetainedValue()
        while getchar() != EOF {}
        end.continuation.finish()
        return nil
      }, context.toOpaque())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, tally) in tallies.enumerated() {
        group.addTask {
          try await WatchReader(number, from: version).read(client, into: tally) { hasBegun.yield() }
          throw Failure("the server has ended a watch")
        }
      }
      var count = 0
      for await _ in begun {
        count += 1
        if count == watchers { break }
      }
      print("ready")
      fflush(nil)
      group.addTask { for await _ in ended {} }
      try await group.next()
      for tally in tallies { print(await tally.facts) }
      fflush(nil)
      group.cancelAll()
      // The watches end by the end of this process.
      exit(0)
    }
  }

  private final class InputEnd: Sendable {
    let continuation: AsyncStream<Void>.Continuation
    init(continuation: AsyncStream<Void>.Continuation) { self.continuation = continuation }
  }

  private static func ask(_ client: APIClient, seconds: Int, paths: [String]) async throws {
    let clock = ContinuousClock()
    let calls = paths.map { APICall("GET", $0.split(separator: "/").map(String.init)) }
    let start = clock.now
    let end = start + .seconds(seconds)
    let pause = Duration.seconds(1) / requestsASecond * senders
    let times = try await withThrowingTaskGroup(of: [Double].self) { group in
      for sender in 0..<senders {
        group.addTask {
          var times: [Double] = []
          var due = start + pause / senders * sender
          // A server that is too slow is asked less often.
          while due < end, clock.now < end {
            try await clock.sleep(until: due)
            let sent = clock.now
            _ = try await client.send(calls[(times.count + sender) % calls.count])
            times.append((clock.now - sent) / .milliseconds(1))
            due += pause
          }
          return times
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    for time in times { print(time) }
  }
}
