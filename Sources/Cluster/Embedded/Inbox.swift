internal import Glibc

/// Messages on their way to one thread, which sleeps here until there is something to do.
///
/// Any thread may post and none ever waits to do so; only the owner takes. The owner takes everything that is there
/// at once: that is what makes one storage transaction serve many callers.
///
/// Safe to send although the compiler cannot see it: every access to `messages`, `isClosed` and `isSleeping` happens
/// between `lock()` and `unlock()`, and the two pointers never change.
final class Inbox<Message: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var messages: [Message] = []
  private var isClosed = false
  private var isSleeping = false

  init() {
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // The wall clock may be set while the thread sleeps; this one only ever goes on.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  private func lock() { pthread_mutex_lock(mutex) }
  private func unlock() { pthread_mutex_unlock(mutex) }

  /// Hands over a message; false where nobody takes messages any more.
  @discardableResult
  func post(_ message: Message) -> Bool {
    lock()
    let accepted = !isClosed
    if accepted { messages.append(message) }
    let wake = accepted && isSleeping
    isSleeping = isSleeping && !wake
    unlock()
    if wake { pthread_cond_signal(condition) }
    return accepted
  }

  /// Everything that waits, in order; sleeps until `deadline` (`nil`: for as long as it takes) while there is nothing.
  func take(until deadline: MonotonicTime?) -> [Message] {
    lock()
    defer { unlock() }
    while messages.isEmpty, !isClosed {
      isSleeping = true
      if let deadline {
        var time = timespec(
          tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
    isSleeping = false
    let taken = messages
    messages = []
    return taken
  }

  /// Refuses messages from now on; returns those that nobody has taken.
  func close() -> [Message] {
    lock()
    defer { unlock() }
    isClosed = true
    let left = messages
    messages = []
    return left
  }
}
