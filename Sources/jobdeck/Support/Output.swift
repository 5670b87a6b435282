import Glibc

/// Standard output, written in large pieces by a thread of its own: nothing here waits for a slow reader but who asks
/// for it.
@MainActor
final class Output {
  private var bytes: [UInt8] = []
  private let writer: StreamWriter
  /// Ends when the reader is gone. For one task.
  let closed: AsyncStream<Never>
  /// Whether a person reads along: then text from jobs must not steer the terminal.
  let isTerminal = isatty(STDOUT_FILENO) == 1

  /// Whether that person wants colours: `NO_COLOR` with anything in it says no, and so does a terminal without any.
  let showsColors = (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true) && terminalName != "dumb"

  /// Whether the terminal has the 256 colours of xterm.
  let hasManyColors =
    terminalName.contains("256color") || getenv("COLORTERM").map { $0.pointee != 0 } ?? false

  private static nonisolated var terminalName: String { getenv("TERM").map { String(cString: $0) } ?? "dumb" }

  /// What may be unwritten while more is made.
  private static let backlog: UInt64 = 256 << 10

  init() {
    let (closed, closing) = AsyncStream<Never>.makeStream()
    self.closed = closed
    writer = StreamWriter(STDOUT_FILENO) { code in
      if code != EPIPE { Diagnostics.error("standard output: \(String(cString: strerror(code)))") }
      closing.finish()
    }
  }

  /// Whether the reader is gone; what is written then is dropped.
  var isClosed: Bool { writer.failure != nil }

  /// How the program ends once ``isClosed``: quietly where the reader left, as a failure where writing failed.
  var closedStatus: ExitStatus { writer.failure.map { $0 == EPIPE } ?? true ? .outputClosed : .failure }

  /// Whether something waits for a reader who has no room for it.
  var isHeldUp: Bool { writer.backlog > 0 }

  func line(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: "\n"))
    if bytes.count > 1 << 16 { handOver() }
  }

  func write(_ text: some Sequence<UInt8>) {
    bytes.append(contentsOf: text)
    if bytes.count > 1 << 16 { handOver() }
  }

  /// Lets what was written out as soon as the reader takes it.
  func handOver() {
    writer.hand(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Lets out what was written, and waits while the reader is far behind: whoever makes output without end calls it now
  /// and then. False when the reader is gone, there is no room on the disk, or the task is cancelled.
  @discardableResult
  func keepUp() async -> Bool {
    handOver()
    return await writer.wait(backlog: Self.backlog)
  }

  /// Waits until all is written. False when the reader is gone, there is no room on the disk, or the task is cancelled.
  ///
  /// - Parameter patience: give up after so long in which nothing was read; `nil` for never.
  @discardableResult
  func flush(patience: Duration? = nil) async -> Bool {
    handOver()
    return await writer.wait(patience: patience)
  }
}

/// Standard error, one line a message.
enum Diagnostics {
  private static let writer = StreamWriter(STDERR_FILENO)

  static func error(_ message: String) { line("jobdeck: \(message)") }

  /// - Parameters:
  ///   - unfinished: how many jobs have not come to their end.
  ///   - isHeldUp: whether that is not known, because the reader of the output has not read on.
  static func timeIsUp(unfinished: Int, isHeldUp: Bool = false) {
    switch unfinished {
    case _ where isHeldUp: error("time is up, and the output was not read to its end")
    case 0: error("time is up")
    case 1: error("time is up; 1 job has not finished")
    default: error("time is up; \(unfinished) jobs have not finished")
    }
  }

  /// Never waits for a reader.
  static func line(_ text: String) {
    var bytes = Array(Printable.line(text).utf8)
    bytes.append(UInt8(ascii: "\n"))
    writer.writeOrHand(bytes)
  }

  /// Waits until all is written.
  ///
  /// - Parameter patience: give up after so long in which nothing was read; `nil` for never.
  static func flush(patience: Duration? = nil) async { await writer.wait(patience: patience) }
}

/// Text from elsewhere, made safe for a terminal.
enum Printable {
  /// The text in one line without anything that a terminal obeys: controls become `^X`, as `cat -v` shows them.
  static func line(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      guard isControl(scalar) else {
        result.unicodeScalars.append(scalar)
        continue
      }
      switch scalar.value {
      case 0..<32: result += "^" + String(UnicodeScalar(UInt8(scalar.value + 64)))
      case 127: result += "^?"
      default: result.unicodeScalars.append("\u{FFFD}")
      }
    }
    return result
  }

  /// C0 (a tab is harmless), C1, and the characters that turn the direction of text.
  private static func isControl(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.value {
    case 9: false
    case 0..<32, 127..<160, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: true
    default: false
    }
  }
}
