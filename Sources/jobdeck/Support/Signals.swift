import Glibc
import Synchronization

/// The signals that ask the program to end, one after the other.
///
/// They are blocked in every thread and received by a thread of its own, so that nothing is interrupted in the middle
/// of its work. Make it before any other thread exists: threads inherit what is blocked.
final class Signals: Sendable {
  private struct State {
    var arrived: [Int32] = []
    var waiter: CheckedContinuation<Int32?, Never>?
  }

  private let state = Mutex(State())

  init() {
    var set = Self.handled
    pthread_sigmask(SIG_BLOCK, &set, nil)
    var thread = pthread_t()
    // The thread lives as long as the process does, and so does this reference.
    let context = Unmanaged.passRetained(self).toOpaque()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let signals = Unmanaged<Signals>.fromOpaque(context).takeUnretainedValue()
        var set = Signals.handled
        while true {
          var number: Int32 = 0
          if sigwait(&set, &number) == 0 { signals.deliver(number) }
        }
      }, context)
    pthread_detach(thread)
  }

  private static var handled: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
    return set
  }

  private func deliver(_ number: Int32) {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      if state.waiter == nil { state.arrived.append(number) }
      return state.waiter
    }
    waiter?.resume(returning: number)
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
