/// Lays JSON without blanks out over many lines: one member a line, and nothing within what is empty.
public struct JSONIndenter: Sendable {
  /// What was laid out so far; no newline at the end.
  public private(set) var bytes: [UInt8] = []
  private let width: Int
  private var depth = 0
  private var inString = false
  private var isEscaped = false
  /// An opening bracket whose line is broken only if something stands before the closing one.
  private var justOpened = false

  /// - Parameter width: blanks a level: kubectl prints four, the API server two.
  public init(width: Int = 4) { self.width = width }

  /// Goes on with what follows in the same text; it may end anywhere.
  public mutating func append(_ compact: some Sequence<UInt8>) {
    for byte in compact { append(byte) }
  }

  private mutating func append(_ byte: UInt8) {
    if inString {
      bytes.append(byte)
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        inString = false
      }
      return
    }
    switch byte {
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      if !justOpened { breakLine() }
      justOpened = false
      bytes.append(byte)
    case UInt8(ascii: ","):
      bytes.append(byte)
      breakLine()
    case UInt8(ascii: ":"):
      bytes.append(byte)
      bytes.append(UInt8(ascii: " "))
    default:
      if justOpened { breakLine() }
      justOpened = false
      bytes.append(byte)
      if byte == UInt8(ascii: "\"") { inString = true }
      if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        depth += 1
        justOpened = true
      }
    }
  }

  private mutating func breakLine() {
    bytes.append(UInt8(ascii: "\n"))
    for _ in 0..<depth * width { bytes.append(UInt8(ascii: " ")) }
  }
}
