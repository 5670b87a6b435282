import CLinux
import Glibc

/// Wakes the thread that waits in ``Screen/nextEvents(timeout:)``, from any thread and at any time.
///
/// It stays valid when the screen is gone; waking does nothing then.
public struct Waker: Sendable {
  private let descriptor: EventDescriptor

  /// - Throws: ``ScreenError/system(action:code:)`` when the process is out of descriptors.
  init() throws(ScreenError) {
    descriptor = try EventDescriptor()
  }

  /// Makes the waiting thread return ``TerminalEvent/wake``. Several calls before it looks are one event. Never blocks.
  public func wake() {
    var one: UInt64 = 1
    // It fails only when the counter is full, and then the thread is about to wake.
    _ = write(descriptor.value, &one, MemoryLayout<UInt64>.size)
  }

  /// The descriptor to poll.
  var pollable: Int32 { descriptor.value }

  /// Forgets the calls so far.
  func reset() {
    var count: UInt64 = 0
    _ = read(descriptor.value, &count, MemoryLayout<UInt64>.size)
  }

  /// Closed with the last waker, so that a late call can't hit another file with the same number.
  private final class EventDescriptor: Sendable {
    let value: Int32

    init() throws(ScreenError) {
      value = csystem_event_open()
      guard value >= 0 else { throw ScreenError.system(action: "cannot open an event descriptor", code: -value) }
    }

    deinit {
      if value >= 0 { close(value) }
    }
  }
}
