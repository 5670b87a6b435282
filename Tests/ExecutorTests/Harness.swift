import Executor
import Glibc
import KubeModel
import Threading
import Testing

/// A runtime over a directory of its own, and what it reported.
final class Harness: Sendable {
  let runtime: ProcessRuntime
  let directory: String
  private let inbox: Inbox

  init(_ configure: (inout ProcessRuntime.Options) -> Void = { _ in }) throws {
    var template = Array("/tmp/executor-test-XXXXXX".utf8CString)
    directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    var options = ProcessRuntime.Options(logDirectory: directory + "/logs")
    configure(&options)
    let inbox = Inbox()
    self.inbox = inbox
    runtime = try ProcessRuntime(options) { inbox.add($0) }
  }

  deinit {
    // Directories of the test's own making, three levels deep at most.
    system("rm -rf '\(directory)'")
  }

  /// Runs a test over a harness and ends it, whatever the test finds.
  static func with(
    _ configure: (inout ProcessRuntime.Options) -> Void = { _ in }, _ body: (Harness) async throws -> Void
  ) async throws {
    let harness = try Harness(configure)
    do { try await body(harness) } catch {
      await harness.runtime.shutDown(grace: .zero)
      throw error
    }
    await harness.runtime.shutDown(grace: .zero)
  }

  func start(
    _ command: [String], pod: String = "pod", container: String = "main", attempt: Int = 0,
    environment: [EnvVar] = [], workingDirectory: String = "", image: String = "debian:12"
  ) -> ContainerID {
    let id = ContainerID(podUID: "uid-" + pod, container: container, attempt: attempt)
    runtime.carryOut([
      .start(
        ContainerStart(
          id: id, namespace: "default", podName: pod, nodeName: "node-1", image: image, command: command,
          environment: environment, workingDirectory: workingDirectory))
    ])
    return id
  }

  func sh(_ script: String, pod: String = "pod", container: String = "main", attempt: Int = 0) -> ContainerID {
    start(["sh", "-c", script], pod: pod, container: container, attempt: attempt)
  }

  /// Waits until the container ended or could not be started.
  func end(of id: ContainerID) async -> Ending { await inbox.end(of: id) }

  /// Runs a script to its end.
  func run(_ script: String, pod: String = "pod", attempt: Int = 0) async -> Ending {
    await end(of: sh(script, pod: pod, attempt: attempt))
  }

  func stop(_ pod: String, grace: Duration) {
    runtime.carryOut([.stop(podUID: "uid-" + pod, gracePeriod: grace)])
  }

  /// The next end of this name is another one's.
  func forget(_ id: ContainerID) { inbox.forget(id) }

  var reports: [PodReport] { inbox.all }

  func log(
    _ id: ContainerID, _ options: LogReadOptions = LogReadOptions()
  ) -> AsyncThrowingStream<[LogLine], any Error> {
    runtime.logs.read(id, namespace: "default", podName: String(id.podUID.dropFirst(4)), options)
  }

  func lines(_ id: ContainerID, _ options: LogReadOptions = LogReadOptions()) async throws -> [LogLine] {
    var lines: [LogLine] = []
    for try await batch in log(id, options) { lines += batch }
    return lines
  }

  func text(_ id: ContainerID, _ options: LogReadOptions = LogReadOptions()) async throws -> [String] {
    try await lines(id, options).map(\.text)
  }

  /// Follows the log until a line says what is expected; the way tests wait for a process.
  func waitForLine(_ text: String, in id: ContainerID) async throws {
    for try await batch in log(id, LogReadOptions(follow: true)) where batch.contains(where: { $0.text == text }) {
      return
    }
    Issue.record("the log ended without \(text)")
  }
}

enum Ending: Equatable {
  case exited(ContainerExit)
  case failed(reason: String, message: String, exitCode: Int)

  static let waitedTooLong = Ending.failed(reason: "", message: "the test's time is over", exitCode: -1)

  var exit: ContainerExit? { if case .exited(let exit) = self { exit } else { nil } }
  var code: Int {
    switch self {
    case .exited(let exit): exit.exitCode
    case .failed(_, _, let code): code
    }
  }
  var message: String {
    switch self {
    case .exited(let exit): exit.message
    case .failed(_, let message, _): message
    }
  }
}

/// Collects reports and wakes who waits for one.
private final class Inbox: Sendable {
  private struct State {
    var all: [PodReport] = []
    var endings: [ContainerID: Ending] = [:]
    var waiting: [ContainerID: CheckedContinuation<Ending, Never>] = [:]
  }

  private let state = Locked(State())

  var all: [PodReport] { state.withLock { $0.all } }

  func add(_ reports: [PodReport]) {
    for report in reports {
      let (id, ending): (ContainerID, Ending?) =
        switch report {
        case .started(let id, _): (id, nil)
        case .failedToStart(let id, let reason, let message, let exitCode, _):
          (id, .failed(reason: reason, message: message, exitCode: exitCode))
        case .exited(let id, let exit): (id, .exited(exit))
        case .probed(let id, _, _): (id, nil)
        }
      let continuation = state.withLock { state in
        state.all.append(report)
        guard let ending else { return nil as CheckedContinuation<Ending, Never>? }
        state.endings[id] = ending
        return state.waiting.removeValue(forKey: id)
      }
      if let ending { continuation?.resume(returning: ending) }
    }
  }

  func forget(_ id: ContainerID) { state.withLock { $0.endings[id] = nil } }

  /// A test whose time is over gets an end, so that it fails by its name.
  func end(of id: ContainerID) async -> Ending {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ending = state.withLock { state in
          let ending = state.endings[id] ?? (Task.isCancelled ? .waitedTooLong : nil)
          if ending == nil { state.waiting[id] = continuation }
          return ending
        }
        if let ending { continuation.resume(returning: ending) }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: .waitedTooLong)
    }
  }
}

/// Whether a process with this number exists (a zombie does).
func exists(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }
