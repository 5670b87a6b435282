/// A line that a container wrote, or a piece of one that is too long.
public struct LogLine: Hashable, Sendable {
  /// Where a line was written.
  public enum Stream: String, Hashable, Sendable {
    case stdout, stderr
    /// Not from the container: jobdeck says what was cut or cannot be read.
    case note
  }

  /// When its end was read.
  public var time: Instant
  /// Where the container wrote it.
  public var stream: Stream
  /// As written, without the newline; any bytes.
  public var bytes: [UInt8]
  /// Whether the line goes on in the next piece.
  public var isPartial: Bool
  /// Where in its log it is. It grows from line to line; what it counts is the log's own business.
  public var position: UInt64

  /// Creates a line, whole unless told otherwise.
  public init(time: Instant, stream: Stream, bytes: [UInt8], isPartial: Bool = false, position: UInt64 = 0) {
    self.time = time
    self.stream = stream
    self.bytes = bytes
    self.isPartial = isPartial
    self.position = position
  }

  /// The bytes as text; what is not UTF-8 becomes U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
