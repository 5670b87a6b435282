import Glibc

/// Standard output, written in large pieces. Belongs to the main thread, which may wait for a slow reader.
@MainActor
final class Output {
  private var bytes: [UInt8] = []
  /// Whether the reader is gone; what is written then is dropped.
  private(set) var isClosed = false { didSet { if isClosed { closing.finish() } } }
  /// Ends when the reader is gone. For one task.
  let closed: AsyncStream<Never>
  private let closing: AsyncStream<Never>.Continuation
  /// How the program ends once ``isClosed``: quietly where the reader left, as a failure where writing failed.
  private(set) var closedStatus = ExitStatus.outputClosed
  /// Whether a person reads along: then text from jobs must not steer the terminal.
  let isTerminal = isatty(STDOUT_FILENO) == 1

  /// Whether that person wants colours: `NO_COLOR` with anything in it says no.
  let showsColors = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true

  init() { (closed, closing) = AsyncStream.makeStream() }

  func line(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: "\n"))
    if bytes.count > 1 << 16 { flush() }
  }

  func write(_ text: some Sequence<UInt8>) {
    bytes.append(contentsOf: text)
    if bytes.count > 1 << 16 { flush() }
  }

  /// Hands over what was written. False when the reader is gone, or there is no room on the disk.
  @discardableResult
  func flush() -> Bool {
    defer { bytes.removeAll(keepingCapacity: true) }
    guard !isClosed else { return false }
    bytes.withUnsafeBytes { buffer in
      var start = 0
      while start < buffer.count {
        let written = Glibc.write(STDOUT_FILENO, buffer.baseAddress?.advanced(by: start), buffer.count - start)
        if written >= 0 {
          start += written
        } else if errno == EAGAIN {
          var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
          poll(&descriptor, 1, -1)
        } else if errno != EINTR {
          if errno != EPIPE {
            Diagnostics.error("standard output: \(String(cString: strerror(errno)))")
            closedStatus = .failure
          }
          isClosed = true
          return
        }
      }
    }
    return !isClosed
  }
}

/// Standard error, one line a message.
enum Diagnostics {
  static func error(_ message: String) { line("jobdeck: \(message)") }

  /// - Parameter unfinished: how many jobs have not come to their end.
  static func timeIsUp(unfinished: Int) {
    switch unfinished {
    case 0: error("time is up")
    case 1: error("time is up; 1 job has not finished")
    default: error("time is up; \(unfinished) jobs have not finished")
    }
  }

  static func line(_ text: String) {
    var bytes = Array(Printable.line(text).utf8)
    bytes.append(UInt8(ascii: "\n"))
    bytes.withUnsafeBytes { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
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
