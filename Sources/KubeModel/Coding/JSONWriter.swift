/// Writes compact JSON, byte by byte.
public struct JSONWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8]
  /// Whether instants keep their microseconds, as storage wants, or lose them, as Kubernetes' `Time` does.
  public let keepsMicroseconds: Bool
  private var needsComma = false

  /// Creates a writer that has written nothing yet, with room for `capacity` bytes to begin with.
  public init(keepsMicroseconds: Bool = false, capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
    self.keepsMicroseconds = keepsMicroseconds
  }

  static let placeholder = JSONWriter()

  /// Opens an object, whose members follow as `name` and value in turn; ended by `endObject`.
  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  /// Ends the innermost object; nothing checks that one is open.
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  /// Opens an array, whose elements follow; ended by `endArray`.
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  /// Ends the innermost array; nothing checks that one is open.
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  private mutating func open(_ byte: UInt8) {
    separate()
    bytes.append(byte)
    needsComma = false
  }

  private mutating func close(_ byte: UInt8) {
    bytes.append(byte)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  /// A member's name that needs no escaping.
  public mutating func name(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// A member's name of any text.
  public mutating func name(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// The value null.
  public mutating func null() { literal("null") }
  /// The value true or false.
  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

  private mutating func literal(_ text: StaticString) {
    separate()
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// An integer, in decimal digits.
  public mutating func int(_ value: Int64) {
    separate()
    if value >= 0, value < 10 {
      bytes.append(UInt8(48 + value))
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  /// A number; what JSON cannot say (infinities, not a number) becomes null.
  public mutating func double(_ value: Double) {
    guard value.isFinite else { return null() }
    separate()
    bytes.append(contentsOf: (value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)").utf8)
  }

  /// Text in quotes; quotes, backslashes and what is below U+0020 are escaped, all else stays UTF-8.
  public mutating func string(_ value: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var value = value
    value.withUTF8 { utf8 in
      var start = 0
      for index in 0..<utf8.count {
        let byte = utf8[index]
        guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
        start = index + 1
        escape(byte)
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    default:
      let hex: [UInt8] = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: [UInt8(ascii: "u"), 48, 48, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
    }
  }
}

/// Writes the fields of one object.
struct EncodingVisitor: FieldVisitor {
  var writer: JSONWriter

  mutating func field<T: Model>(_ name: StaticString, _ value: inout T?) {
    guard let value else { return }
    writer.name(name)
    value.encode(to: &writer)
  }

  mutating func field<T: Model>(_ name: StaticString, _ value: inout T) {
    guard !value.isOmitted else { return }
    writer.name(name)
    value.encode(to: &writer)
  }

  mutating func required<T: Model>(_ name: StaticString, _ value: inout T) {
    writer.name(name)
    value.encode(to: &writer)
  }

  mutating func int32(_ name: StaticString, _ value: inout Int?) { field(name, &value) }
  mutating func int32(_ name: StaticString, _ value: inout Int) { field(name, &value) }
}
