import Glibc

/// A value behind a POSIX mutex.
///
/// Not `Synchronization.Mutex`: the thread sanitizer knows pthread's locks and takes accesses behind the other for
/// races when threads have no other order.
///
/// Safe to send: `value` is reached only in `withLock`, between locking and unlocking.
final class Locked<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var value: Value

  init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while no one else has the value. Blocks until then, so what is done in there must be short.
  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
