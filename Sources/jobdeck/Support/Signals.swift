import CLinux
import Glibc
import Threading

/// The signals that ask the program to end, one after the other.
final class Signals: Sendable {
  private struct State {
    var arrived: [Int32] = []
    var waiter: CheckedContinuation<Int32?, Never>?
  }

  private let state = Locked(State())

  /// Hears signals from now on. Make one in a program.
  init() {
    let descriptor = jobdeck_signals_open()
    guard descriptor >= 0 else { return }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Listener(signals: self, descriptor: descriptor)).toOpaque()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Listener>.fromOpaque(context).takeRetainedValue().listen()
        return nil
      }, context)
    pthread_detach(thread)
  }

  /// What the thread that waits for signals knows. It lives as long as the process does.
  private final class Listener: Sendable {
    let signals: Signals
    let descriptor: Int32

    init(signals: Signals, descriptor: Int32) {
      self.signals = signals
      self.descriptor = descriptor
    }

    func listen() {
      var number: UInt8 = 0
      while true {
        let count = read(descriptor, &number, 1)
        if count == 1 {
          signals.deliver(Int32(number))
        } else if count == 0 || errno != EINTR {
          return
        }
      }
    }
  }

  /// Leaves signals to the system again: the next one ends the program at once.
  func leaveToSystem() { jobdeck_signals_close() }

  private func deliver(_ number: Int32) {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      if state.waiter == nil { state.arrived.append(number) }
      return state.waiter
    }
    waiter?.resume(returning: number)
  }

  enum Race<Value: Sendable>: Sendable {
    case value(Value), signal(Int32)
  }

  /// Does what may take long, unless a signal comes before it is done; then it is cancelled.
  func race<Value: Sendable>(
    _ body: @escaping @MainActor @Sendable () async throws -> Value
  ) async throws -> Race<Value> {
    try await withThrowingTaskGroup(of: Race<Value>?.self) { group in
      group.addTask { .value(try await body()) }
      group.addTask { await self.next().map { .signal($0) } }
      defer { group.cancelAll() }
      while let first = try await group.next() {
        if let first { return first }
      }
      throw CancellationError()
    }
  }

  /// The next signal; `nil` when the task is cancelled. For one task at a time.
  func next() async -> Int32? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Int32?? = state.withLock { state in
          if !state.arrived.isEmpty { return .some(state.arrived.removeFirst()) }
          if Task.isCancelled { return .some(nil) }
          state.waiter = continuation
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume(returning: nil)
    }
  }
}
