/// Makes what a program wrote fit to be shown.
enum LogText {
  /// The bytes as text, without the sequences that steer a terminal (colours, cursor moves, titles) and without the
  /// carriage return of a CR LF. What is not UTF-8 becomes U+FFFD; other controls stay and are drawn as `·`.
  static func clean(_ bytes: some Collection<UInt8>) -> String {
    if !bytes.contains(where: { $0 == 0x1B || $0 == 0x0D || $0 == 0xC2 }) {
      return String(decoding: bytes, as: UTF8.self)
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var scanner = Scanner()
    for byte in bytes { scanner.feed(byte, into: &result) }
    if result.last == 0x0D { result.removeLast() }
    return String(decoding: result, as: UTF8.self)
  }

  /// ECMA-48 control sequences, one byte at a time.
  private struct Scanner {
    private enum State {
      case text, escape, sequence, string, stringEscape, intermediate
    }

    private var state = State.text

    mutating func feed(_ byte: UInt8, into result: inout [UInt8]) {
      switch state {
      case .text:
        if byte == 0x1B { state = .escape } else { result.append(byte) }
      case .escape:
        switch byte {
        case UInt8(ascii: "["): state = .sequence
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
          state = .string
        case 0x20...0x2F: state = .intermediate
        case 0x1B: state = .escape
        default:
          state = .text
          // A lone escape in front of text that isn't ASCII takes nothing of it along.
          if byte >= 0x80 || byte < 0x20 { result.append(byte) }
        }
      case .intermediate:
        if byte >= 0x30 { state = .text }
      case .sequence:
        if byte == 0x1B {
          state = .escape
        } else if byte >= 0x40 || byte < 0x20 {
          state = .text
        }
      case .string:
        if byte == 0x07 { state = .text } else if byte == 0x1B { state = .stringEscape }
      case .stringEscape:
        state = .text
        if byte != UInt8(ascii: "\\") { feed(byte, into: &result) }
      }
    }
  }
}
