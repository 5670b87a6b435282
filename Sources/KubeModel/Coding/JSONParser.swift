/// Why bytes are not JSON, in the words of Go's encoding/json, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `invalid character 'n' looking for beginning of object key string`
  public var message: String
  /// Bytes before the offending one.
  public var offset: Int
  /// From 1.
  public var line: Int
  /// From 1, in bytes.
  public var column: Int

  public var description: String { "line \(line), column \(column): \(message)" }
}

/// Reads JSON (RFC 8259) into `JSONValue`.
///
/// Of two members with the same name the later wins, as in Go, and `duplicates` says so. Numbers without fraction
/// and exponent that fit are `int`, all others `double`. What is not UTF-8 becomes U+FFFD.
public struct JSONParser: Sendable {
  /// Paths of members that stood twice in one object: `spec.template`.
  ///
  /// The first 100 of them, as many as Kubernetes tells of.
  public private(set) var duplicates: [String] = []
  private static let mostDuplicates = 100
  /// Bytes read so far: where the next document of a stream begins.
  public private(set) var position: Int
  private let bytes: [UInt8]
  private let maximumDepth: Int
  private var path: [ModelDecoder.PathElement] = []

  /// A parser of `bytes`, which refuses values nested deeper than `maximumDepth`.
  public init(_ bytes: [UInt8], from position: Int = 0, maximumDepth: Int = 512) {
    self.bytes = bytes
    self.position = position
    self.maximumDepth = maximumDepth
  }

  /// The one document that `bytes` hold.
  public static func parse(_ bytes: [UInt8], maximumDepth: Int = 512) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes, maximumDepth: maximumDepth)
    return try parser.parseDocument()
  }

  /// Reads one document, after which nothing but white space may stand.
  public mutating func parseDocument() throws(JSONError) -> JSONValue {
    let value = try parseNext()
    skipSpace()
    if position < bytes.count { throw unexpected("after top-level value") }
    return value
  }

  /// Reads the next of several documents that follow one another.
  public mutating func parseNext() throws(JSONError) -> JSONValue {
    try value(depth: 0)
  }

  /// Whether only white space is left.
  public mutating func isAtEnd() -> Bool {
    skipSpace()
    return position >= bytes.count
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipSpace()
    guard position < bytes.count else { throw endOfInput() }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      if depth >= maximumDepth { throw error("exceeded max depth") }
      return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["):
      if depth >= maximumDepth { throw error("exceeded max depth") }
      return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), 0x30...0x39: return try number()
    default: throw unexpected("looking for beginning of value")
    }
  }

  private mutating func literal(_ text: StaticString) throws(JSONError) {
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    for byte in expected {
      guard position < bytes.count else { throw endOfInput() }
      guard bytes[position] == byte else {
        throw unexpected("in literal \(text) (expecting '\(Character(Unicode.Scalar(byte)))')")
      }
      position += 1
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    position += 1
    var members: [JSONObject.Member] = []
    var indexes: [String: Int] = [:]
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
      position += 1
      return JSONObject()
    }
    while true {
      skipSpace()
      guard position < bytes.count else { throw endOfInput() }
      guard bytes[position] == UInt8(ascii: "\"") else {
        throw unexpected("looking for beginning of object key string")
      }
      let name = try string()
      skipSpace()
      guard position < bytes.count else { throw endOfInput() }
      guard bytes[position] == UInt8(ascii: ":") else { throw unexpected("after object key") }
      position += 1
      path.append(.field(name))
      let value = try value(depth: depth)
      // A few members are searched one by one; a hostile object of many must not cost their square.
      let earlier: Int?
      if members.count < 16 {
        earlier = members.firstIndex { $0.name == name }
      } else {
        if indexes.isEmpty { for (index, member) in members.enumerated() { indexes[member.name] = index } }
        earlier = indexes[name]
      }
      if let earlier {
        members[earlier].value = value
        // Each is told with its whole path: of very many they would take more memory than there is.
        if duplicates.count < JSONParser.mostDuplicates { duplicates.append(ModelDecoder.text(of: path)) }
      } else {
        if !indexes.isEmpty { indexes[name] = members.count }
        members.append(.init(name: name, value: value))
      }
      path.removeLast()
      skipSpace()
      guard position < bytes.count else { throw endOfInput() }
      if bytes[position] == UInt8(ascii: ",") {
        position += 1
      } else if bytes[position] == UInt8(ascii: "}") {
        position += 1
        return JSONObject(members)
      } else {
        throw unexpected("after object key:value pair")
      }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return elements
    }
    while true {
      path.append(.index(elements.count))
      elements.append(try value(depth: depth))
      path.removeLast()
      skipSpace()
      guard position < bytes.count else { throw endOfInput() }
      if bytes[position] == UInt8(ascii: ",") {
        position += 1
      } else if bytes[position] == UInt8(ascii: "]") {
        position += 1
        return elements
      } else {
        throw unexpected("after array element")
      }
    }
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      if byte < 0x20 { throw unexpected("in string literal") }
      position += 1
    }
    throw endOfInput()
  }

  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var text = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return String(decoding: text, as: UTF8.self)
      }
      if byte < 0x20 { throw unexpected("in string literal") }
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard position < bytes.count else { throw endOfInput() }
      switch bytes[position] {
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[position])
      case UInt8(ascii: "u"):
        position += 1
        text.append(contentsOf: Character(try unicodeEscape()).utf8)
        continue
      default: throw unexpected("in string escape code")
      }
      position += 1
    }
    throw endOfInput()
  }

  /// The scalar of `\uXXXX`, whose four digits are next; a surrogate without its other half is U+FFFD.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try fourHexDigits()
    guard (0xD800..<0xE000).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { return "\u{FFFD}" }
    let resume = position
    position += 2
    let second = try fourHexDigits()
    guard (0xDC00..<0xE000).contains(second) else {
      position = resume
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw endOfInput() }
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw unexpected("in \\u hexadecimal character escape")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isWhole = true
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    guard position < bytes.count else { throw endOfInput() }
    if bytes[position] == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits("in numeric literal")
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      try digits("after decimal point in numeric literal")
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      try digits("in exponent of numeric literal")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw error("number \(text.prefix(40)) is out of range")
    }
    return .double(value)
  }

  private mutating func digits(_ context: String) throws(JSONError) {
    guard position < bytes.count else { throw endOfInput() }
    guard (0x30...0x39).contains(bytes[position]) else { throw unexpected(context) }
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
  }

  private func endOfInput() -> JSONError { error("unexpected end of JSON input") }

  private func unexpected(_ context: String) -> JSONError {
    let end = min(bytes.count, position + 4)
    let character = String(decoding: bytes[position..<end], as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
    return error("invalid character \(goQuotedCharacter(character)) \(context)")
  }

  private func error(_ message: String) -> JSONError {
    var line = 1
    var column = 1
    for byte in bytes[..<min(position, bytes.count)] {
      if byte == 0x0A {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return JSONError(message: message, offset: position, line: line, column: column)
  }
}
