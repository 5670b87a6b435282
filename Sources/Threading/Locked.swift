internal import Glibc

/// A value behind a POSIX mutex.
///
/// Not `Synchronization.Mutex`: the thread sanitizer knows pthread's locks, but not that one, and would take every
/// value that is guarded by nothing else for a race.
// Safe to send: `value` is reached only in `withLock`, between locking and unlocking.
public final class Locked<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var value: Value

  public init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while no one else has the value, and returns what it returns.
  ///
  /// Blocks until then, so what is done in there must be short; it must not lock the same value again.
  public func withLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
