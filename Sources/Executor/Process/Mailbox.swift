import CLinux
import Glibc
import KubeModel
import Threading

/// Carries messages from any thread to the runtime's own, and wakes it.
final class Mailbox: Sendable {
  enum Message: Sendable {
    case effects([Effect])
    /// Ends the runtime; the continuation is resumed when nothing is left.
    case shutDown(grace: Duration, CheckedContinuation<Void, Never>?)
    /// Bubblewrap was looked at.
    case sandbox(Bubblewrap)
    /// A container uses more memory than it may.
    case outOfMemory(ContainerID)
    /// A probe by network has had its answer.
    case probed(ProbeOrder, ProbeOutcome)
  }

  private struct State {
    var messages: [Message] = []
    var isReaderAsleep = false
    var isClosed = false
  }

  private let state = Locked(State())
  /// The eventfd that becomes readable when a message comes while the reader sleeps.
  let event: Int32

  init() throws(RuntimeError) {
    event = jobdeck_event_create()
    guard event >= 0 else { throw RuntimeError("cannot create an eventfd", errno: -event) }
  }

  deinit { close(event) }

  /// Hands a message over; false when the reader is gone for good.
  @discardableResult
  func post(_ message: Message) -> Bool {
    let (accepted, mustWake) = state.withLock { state in
      guard !state.isClosed else { return (false, false) }
      state.messages.append(message)
      defer { state.isReaderAsleep = false }
      return (true, state.isReaderAsleep)
    }
    // A reader that is awake looks here before it sleeps: no system call for it.
    if mustWake { jobdeck_event_signal(event) }
    return accepted
  }

  /// Moves all messages into `messages`, which must be empty.
  func take(into messages: inout [Message]) {
    state.withLock { swap(&$0.messages, &messages) }
  }

  /// Says that the reader is about to wait for the eventfd; false when there are messages already.
  func prepareToSleep() -> Bool {
    state.withLock { state in
      guard state.messages.isEmpty else { return false }
      state.isReaderAsleep = true
      return true
    }
  }

  func wokeUp() {
    state.withLock { $0.isReaderAsleep = false }
  }

  /// Refuses messages from now on and returns those that were not taken.
  func shut() -> [Message] {
    state.withLock { state in
      state.isClosed = true
      defer { state.messages = [] }
      return state.messages
    }
  }
}
