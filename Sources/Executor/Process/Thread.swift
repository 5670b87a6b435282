import CSystem
import Glibc

/// Runs `body` on a new thread of its own that blocks no one else. Returns 0, or the error number when the system
/// gives no thread.
///
/// - Parameter name: Shown by `ps -L` and debuggers; its first 15 bytes count.
func startThread(name: String, _ body: sending @escaping () -> Void) -> Int32 {
  let box = Unmanaged.passRetained(ThreadBody(name: name, body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var thread = pthread_t()
  let error = pthread_create(
    &thread, &attributes,
    { argument in
      guard let argument else { return nil }
      // Signals are for the threads that expect them: not for this one.
      let box = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
      jobdeck_thread_prepare(box.name)
      box.body()
      return nil
    }, box.toOpaque())
  if error != 0 { box.release() }
  return error
}

private final class ThreadBody {
  let name: String
  let body: () -> Void
  init(name: String, _ body: @escaping () -> Void) {
    self.name = name
    self.body = body
  }
}
