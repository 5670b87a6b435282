internal import KubeModel

/// Reads Kubernetes' binary form of objects into JSON: kubectl sends what it makes itself in no other.
struct ProtobufReader {
  private var bytes: ArraySlice<UInt8>
  /// Messages within messages at most.
  private static let maximumDepth = 64

  private struct Malformed: Error {}

  /// The object in a request's body. Fields that this server does not know are left out.
  static func object(_ body: [UInt8]) throws(StatusError) -> JSONValue {
    do {
      guard body.starts(with: Array("k8s\0".utf8)) else { throw Malformed() }
      var reader = ProtobufReader(bytes: body.dropFirst(4))
      var apiVersion = ""
      var kind = ""
      var raw: ArraySlice<UInt8> = []
      while let (number, content) = try reader.next() {
        guard case .bytes(let bytes) = content else { continue }
        switch number {
        case 1:
          var type = ProtobufReader(bytes: bytes)
          while let (number, content) = try type.next() {
            guard case .bytes(let bytes) = content else { continue }
            if number == 1 { apiVersion = String(decoding: bytes, as: UTF8.self) }
            if number == 2 { kind = String(decoding: bytes, as: UTF8.self) }
          }
        case 2: raw = bytes
        default: break
        }
      }
      // One kind stands in two groups, with other numbers in each.
      let name = apiVersion == "events.k8s.io/v1" && kind == "Event" ? "EventOfItsOwnGroup" : kind
      guard ProtobufSchema.kubernetes.messages[name] != nil else {
        throw StatusError.badRequest("no kind \(goQuoted(kind)) is registered for version \(goQuoted(apiVersion))")
      }
      var object = try message(name, raw, depth: 0)
      object["apiVersion"] = .string(apiVersion)
      object["kind"] = .string(kind)
      return .object(object)
    } catch let error as StatusError {
      throw error
    } catch {
      throw .badRequest("the body is not an object in Kubernetes' protobuf form")
    }
  }

  private static func message(_ name: String, _ bytes: ArraySlice<UInt8>, depth: Int) throws -> JSONObject {
    guard depth < maximumDepth, let fields = ProtobufSchema.kubernetes.messages[name] else { throw Malformed() }
    var reader = ProtobufReader(bytes: bytes)
    var object = JSONObject()
    // What comes piece by piece is put together apart: an object of many pieces must not cost their square.
    var lists: [String: [JSONValue]] = [:]
    var maps: [String: MapPieces] = [:]
    while let (number, content) = try reader.next() {
      guard let field = fields[number] else { continue }
      if case .inlined(let inner) = field.value {
        guard case .bytes(let bytes) = content else { throw Malformed() }
        for member in try message(inner, bytes, depth: depth + 1).members { object[member.name] = member.value }
      } else if field.isMap {
        let (key, value) = try entry(field, content, depth: depth)
        if maps[field.name] == nil { object[field.name] = .null }
        maps[field.name, default: MapPieces()].set(key, value)
      } else if field.isList {
        if lists[field.name] == nil { object[field.name] = .null }
        lists[field.name, default: []] += try elements(field, content, depth: depth)
      } else if let value = try value(field.value, content, depth: depth), value != .string("") {
        // Text that JSON would leave out is always there in this form.
        object[field.name] = value
      }
    }
    for (name, list) in lists { object[name] = .array(list) }
    for (name, map) in maps { object[name] = .object(JSONObject(map.members)) }
    return object
  }

  /// A map whose entries come one by one; of those with the same key the last one counts.
  private struct MapPieces {
    private(set) var members: [JSONObject.Member] = []
    private var places: [String: Int] = [:]

    mutating func set(_ key: String, _ value: JSONValue) {
      if let place = places[key] {
        members[place].value = value
      } else {
        places[key] = members.count
        members.append(.init(name: key, value: value))
      }
    }
  }

  private static func entry(_ field: ProtobufSchema.Field, _ content: Content, depth: Int) throws -> (String, JSONValue)
  {
    guard case .bytes(let bytes) = content else { throw Malformed() }
    var reader = ProtobufReader(bytes: bytes)
    var key = ""
    var result: JSONValue = ""
    while let (number, content) = try reader.next() {
      if number == 1, case .bytes(let bytes) = content { key = String(decoding: bytes, as: UTF8.self) }
      if number == 2 { result = try value(field.value, content, depth: depth) ?? .null }
    }
    return (key, result)
  }

  private static func elements(_ field: ProtobufSchema.Field, _ content: Content, depth: Int) throws -> [JSONValue] {
    // Numbers may come packed into one piece.
    if field.value == .integer, case .bytes(let bytes) = content {
      var reader = ProtobufReader(bytes: bytes)
      var list: [JSONValue] = []
      while !reader.bytes.isEmpty { list.append(.int(Int64(bitPattern: try reader.varint()))) }
      return list
    }
    return [try value(field.value, content, depth: depth) ?? .null]
  }

  /// `nil` where the field is as good as absent: a time or a quantity of nothing.
  private static func value(_ type: ProtobufSchema.Value, _ content: Content, depth: Int) throws -> JSONValue? {
    switch (type, content) {
    case (.text, .bytes(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
    case (.bytes, .bytes(let bytes)): return .string(base64Encoded(Array(bytes)))
    case (.integer, .number(let number)): return .int(Int64(bitPattern: number))
    case (.boolean, .number(let number)): return .bool(number != 0)
    case (.message(let name), .bytes(let bytes)):
      switch name {
      case "Time": return try time(bytes)
      case "MicroTime": return try time(bytes, isMicro: true)
      case "Quantity": return try text(bytes, number: 1)
      case "IntOrString": return try intOrString(bytes)
      default: return .object(try message(name, bytes, depth: depth + 1))
      }
    default: throw Malformed()
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>, number wanted: UInt64) throws -> JSONValue? {
    var reader = ProtobufReader(bytes: bytes)
    while let (number, content) = try reader.next() {
      if number == wanted, case .bytes(let bytes) = content { return .string(String(decoding: bytes, as: UTF8.self)) }
    }
    return nil
  }

  private static func time(_ bytes: ArraySlice<UInt8>, isMicro: Bool = false) throws -> JSONValue? {
    var reader = ProtobufReader(bytes: bytes)
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
    while let (number, content) = try reader.next() {
      if number == 1, case .number(let value) = content { seconds = Int64(bitPattern: value) }
      if number == 2, case .number(let value) = content { nanoseconds = Int64(bitPattern: value) }
    }
    // Go's zero time, and what no calendar here reaches.
    guard seconds != 0, (-62_135_596_800 + 1...253_402_300_799).contains(seconds) else { return nil }
    guard isMicro, (0..<1_000_000_000).contains(nanoseconds) else {
      return .string(Instant(seconds: seconds).rfc3339(fraction: false))
    }
    return .string((Instant(seconds: seconds) + .microseconds(nanoseconds / 1000)).rfc3339(fraction: true))
  }

  private static func intOrString(_ bytes: ArraySlice<UInt8>) throws -> JSONValue? {
    var reader = ProtobufReader(bytes: bytes)
    var isText = false
    var integer: Int64 = 0
    var text = ""
    while let (number, content) = try reader.next() {
      switch (number, content) {
      case (1, .number(let type)): isText = type == 1
      case (2, .number(let value)): integer = Int64(bitPattern: value)
      case (3, .bytes(let bytes)): text = String(decoding: bytes, as: UTF8.self)
      default: break
      }
    }
    return isText ? .string(text) : .int(integer)
  }

  // MARK: The wire

  private enum Content {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Of a size that no field here has.
    case other
  }

  private mutating func next() throws -> (UInt64, Content)? {
    guard !bytes.isEmpty else { return nil }
    let tag = try varint()
    switch tag & 7 {
    case 0: return (tag >> 3, .number(try varint()))
    case 1:
      _ = try take(8)
      return (tag >> 3, .other)
    case 2: return (tag >> 3, .bytes(try take(try varint())))
    case 5:
      _ = try take(4)
      return (tag >> 3, .other)
    default: throw Malformed()
    }
  }

  private mutating func take(_ count: UInt64) throws -> ArraySlice<UInt8> {
    guard count <= UInt64(bytes.count) else { throw Malformed() }
    defer { bytes = bytes.dropFirst(Int(count)) }
    return bytes.prefix(Int(count))
  }

  private mutating func varint() throws -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { throw Malformed() }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    throw Malformed()
  }
}
