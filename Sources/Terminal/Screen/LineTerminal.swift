import CLinux
import Glibc

/// The standard streams, read and written line by line: for terminals that cannot address their cursor, for screen
/// readers, and for pipes. The terminal's own line editing stays.
///
/// As of ``Screen``, there is at most one at a time; use it from one thread, except for its ``waker``.
public struct LineTerminal: ~Copyable {
  /// Something that the user, the system or another thread has to tell.
  public enum Event: Hashable, Sendable {
    /// A line that was typed, without its end and without control characters.
    case line(String)
    /// Nothing more will be typed.
    case end
    /// The ``waker`` was used.
    case wake
    /// The program was stopped and runs again.
    case resumed
    /// The system asks the program to end; a second such signal ends it at once.
    case terminate(signal: Int32)
  }

  /// Wakes ``nextEvents(timeout:)`` from other threads.
  public let waker: Waker
  private var rest: [UInt8] = []
  private var isAtEnd = false
  /// A longer line is cut here.
  private static let lineLimit = 1 << 16

  /// Takes over the signals; changes no mode of the terminal.
  ///
  /// - Throws: ``ScreenError``.
  public init() throws(ScreenError) {
    waker = try Self.open()
  }

  private static func open() throws(ScreenError) -> Waker {
    let waker = try Waker()
    let status = csystem_terminal_open(STDIN_FILENO, STDOUT_FILENO, "", 0, 0)
    guard status == 0 else {
      throw status == -EBUSY ? .alreadyOpen : .system(action: "cannot read the terminal", code: -status)
    }
    return waker
  }

  deinit { csystem_terminal_close() }

  /// What has happened, waiting for it if nothing has; empty when the time is over.
  ///
  /// - Parameter reads: whether lines are taken; if not, they wait.
  public mutating func nextEvents(timeout: Duration?, reads: Bool = true) -> [Event] {
    var descriptors = [
      pollfd(fd: isAtEnd || !reads ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: waker.pollable, events: Int16(POLLIN), revents: 0),
      pollfd(fd: csystem_terminal_signal_descriptor(), events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&descriptors, nfds_t(descriptors.count), Screen.milliseconds(timeout)) > 0 else { return [] }
    var events: [Event] = []
    if descriptors[1].revents != 0 {
      waker.reset()
      events.append(.wake)
    }
    if descriptors[2].revents != 0 { takeSignals(into: &events) }
    if descriptors[0].revents != 0 { readLines(into: &events) }
    return events
  }

  private mutating func readLines(into events: inout [Event]) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(STDIN_FILENO, &bytes, bytes.count)
    if count > 0 {
      rest += bytes[..<count]
      while let end = rest.firstIndex(of: 0x0A) {
        events.append(.line(Self.text(rest[..<end])))
        rest.removeFirst(end + 1)
      }
      if rest.count > Self.lineLimit { rest.removeLast(rest.count - Self.lineLimit) }
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      isAtEnd = true
      if !rest.isEmpty { events.append(.line(Self.text(rest[...]))) }
      rest = []
      events.append(.end)
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    var scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    scalars.removeAll { $0.properties.generalCategory == .control }
    return String(scalars)
  }

  private func takeSignals(into events: inout [Event]) {
    let signals = csystem_terminal_take_signals()
    for number in [SIGTERM, SIGINT, SIGQUIT, SIGHUP] where signals & 1 << UInt64(number) != 0 {
      events.append(.terminate(signal: number))
    }
    guard signals & 1 << UInt64(SIGTSTP) != 0 else { return }
    csystem_terminal_release(0)
    csystem_terminal_stop()
    csystem_terminal_retake()
    events.append(.resumed)
  }

  /// Writes text as it is, which must hold no control characters but line ends.
  public func write(_ text: String) {
    let bytes = Array(text.utf8)
    var position = 0
    while position < bytes.count {
      let count = bytes[position...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      // Whoever reads nothing more gets nothing more.
      if count <= 0 { return }
      position += count
    }
  }

  /// Gives the terminal to another program, an editor for instance, while `body` runs.
  public mutating func suspendForChild<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    csystem_terminal_release(1)
    defer { csystem_terminal_retake() }
    return try body()
  }
}
