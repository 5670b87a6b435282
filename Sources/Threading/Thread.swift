internal import CLinux
internal import Glibc

/// The system gave no thread: it has too many, or no memory for another one.
public struct ThreadError: Error, CustomStringConvertible {
  /// The error number, as `pthread_create` returned it.
  public var code: Int32

  /// One line for the user.
  public var description: String { "cannot start a thread: \(String(cString: strerror(code)))" }
}

/// Runs `body` on a new thread of its own, outside Swift's cooperative pool, so that it may block.
///
/// All signals are blocked there: they are for the threads that expect them.
///
/// - Parameter name: Shown by `ps -L` and debuggers; its first 15 bytes count.
public func startThread(name: String, _ body: sending @escaping () -> Void) throws(ThreadError) {
  let thread = Unmanaged.passRetained(ThreadBody(name: name, body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var identifier = pthread_t()
  let code = pthread_create(
    &identifier, &attributes,
    { argument in
      guard let argument else { return nil }
      let thread = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
      jobdeck_thread_prepare(thread.name)
      thread.body()
      return nil
    }, thread.toOpaque())
  guard code == 0 else {
    thread.release()
    throw ThreadError(code: code)
  }
}

private final class ThreadBody {
  let name: String
  let body: () -> Void
  init(name: String, _ body: @escaping () -> Void) {
    self.name = name
    self.body = body
  }
}
