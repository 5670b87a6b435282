extension String: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> String? {
    // Go leaves a null at the type's zero value; here and below that is so for elements of lists and maps.
    if case .null = json { return "" }
    guard case .string(let text) = json else {
      decoder.mismatch(json, goType: "string")
      return nil
    }
    return text
  }
  public static var goTypeName: String { "string" }
  public func encode(to writer: inout JSONWriter) { writer.string(self) }
  public var isOmitted: Bool { isEmpty }
}

extension Bool: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Bool? {
    guard case .bool(let value) = json else {
      decoder.mismatch(json, goType: "bool")
      return nil
    }
    return value
  }
  public static var goTypeName: String { "bool" }
  public func encode(to writer: inout JSONWriter) { writer.bool(self) }
  public var isOmitted: Bool { !self }
}

extension Int: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Int? {
    if case .null = json { return 0 }
    guard case .int(let value) = json else {
      decoder.mismatch(json, goType: "int64")
      return nil
    }
    return Int(value)
  }
  public static var goTypeName: String { "int64" }
  public func encode(to writer: inout JSONWriter) { writer.int(Int64(self)) }
  public var isOmitted: Bool { self == 0 }
}

extension Instant: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Instant? {
    guard case .string(let text) = json else {
      decoder.mismatch(json, goType: "Time")
      return nil
    }
    guard let instant = Instant(rfc3339: text) else {
      decoder.fail(
        "parsing time \"\(text)\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\(text)\" as \"2006\"")
      return nil
    }
    return instant
  }
  public func encode(to writer: inout JSONWriter) { writer.string(rfc3339(fraction: writer.keepsMicroseconds)) }
}

extension Array: Model where Element: Model {
  public static var goTypeName: String { "[]\(Element.goTypeName)" }

  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> [Element]? {
    guard case .array(let values) = json else {
      decoder.mismatch(json, goType: goTypeName)
      return nil
    }
    var result: [Element] = []
    result.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let element = decoder.at(.index(index), { Element.decode(value, &$0) }) else { return nil }
      result.append(element)
    }
    return result
  }
  public func encode(to writer: inout JSONWriter) {
    writer.beginArray()
    for element in self { element.encode(to: &writer) }
    writer.endArray()
  }
  public var isOmitted: Bool { isEmpty }
}

extension StringMap: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> StringMap? {
    guard case .object(let object) = json else {
      decoder.mismatch(json, goType: "map[string]string")
      return nil
    }
    var result = StringMap()
    for member in object.members {
      guard let value = decoder.at(.key(member.name), { String.decode(member.value, &$0) }) else { return nil }
      result[member.name] = value
    }
    return result
  }
  public func encode(to writer: inout JSONWriter) {
    writer.beginObject()
    for entry in entries {
      writer.name(entry.key)
      writer.string(entry.value)
    }
    writer.endObject()
  }
  public var isOmitted: Bool { isEmpty }
}

extension JSONValue: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> JSONValue? { json }

  public func encode(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .int(let value): writer.int(value)
    case .double(let value): writer.double(value)
    case .string(let value): writer.string(value)
    case .array(let values):
      writer.beginArray()
      for value in values { value.encode(to: &writer) }
      writer.endArray()
    case .object(let object):
      writer.beginObject()
      for member in object.members {
        writer.name(member.name)
        member.value.encode(to: &writer)
      }
      writer.endObject()
    }
  }
}

extension Shared: Model where Value: Model {
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Shared? {
    Value.decode(json, &decoder).map(Shared.init)
  }
  public func encode(to writer: inout JSONWriter) { value.encode(to: &writer) }
  public var isOmitted: Bool { value.isOmitted }
}

/// A Kubernetes field of fixed words: `restartPolicy`, `phase`, …
///
/// A struct around text rather than an enum, because an object may hold a word that is not known here; validation
/// says what is wrong with it.
public protocol Word: Model, RawRepresentable, ExpressibleByStringLiteral, CustomStringConvertible
where RawValue == String {
  /// Takes any text; words that are not known are left to validation.
  init(rawValue: String)
}

extension Word {
  public init(stringLiteral value: String) { self.init(rawValue: value) }
  public var description: String { rawValue }
  public static func decode(_ json: JSONValue, _ decoder: inout ModelDecoder) -> Self? {
    if case .null = json { return Self(rawValue: "") }
    guard case .string(let text) = json else {
      decoder.mismatch(json, goType: goTypeName, isText: true)
      return nil
    }
    return Self(rawValue: text)
  }
  public func encode(to writer: inout JSONWriter) { writer.string(rawValue) }
  public var isOmitted: Bool { rawValue.isEmpty }
}
