/// Any JSON document, with the order of its members kept.
public indirect enum JSONValue: Hashable, Sendable {
  /// The value null, which is not the same as an absent member.
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits into 64 bits.
  case int(Int64)
  /// Any other number, as precise as a `Double` is.
  case double(Double)
  /// Text, escapes undone.
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// A JSON object whose members keep their order.
public struct JSONObject: Hashable, Sendable {
  /// A name with its value.
  public struct Member: Hashable, Sendable {
    /// Escapes undone; may be empty.
    public var name: String
    /// Any JSON value, null too.
    public var value: JSONValue

    /// Creates a member; any name will do, the writer escapes it.
    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// In the order in which they stood; names should be unique, which nothing checks.
  public var members: [Member]

  /// Creates an object with the given members, in their order.
  public init(_ members: [Member] = []) {
    self.members = members
  }

  /// The value of member `name`; `nil` where there is none. Setting `nil` removes it. O(number of members).
  public subscript(name: String) -> JSONValue? {
    get { members.first { $0.name == name }?.value }
    set {
      if let index = members.firstIndex(where: { $0.name == name }) {
        if let newValue { members[index].value = newValue } else { members.remove(at: index) }
      } else if let newValue {
        members.append(Member(name: name, value: newValue))
      }
    }
  }
}

extension JSONValue {
  /// The members of an object, or `nil` for another kind of value.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// The elements of an array, or `nil` for another kind of value.
  public var array: [JSONValue]? {
    if case .array(let array) = self { array } else { nil }
  }

  /// The text of a string, or `nil` for another kind of value.
  public var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  /// The value of an integer, or `nil` for another kind of value.
  public var int: Int64? {
    if case .int(let int) = self { int } else { nil }
  }

  /// Member `name` of an object; `nil` for a missing member or another kind of value.
  public subscript(name: String) -> JSONValue? { object?[name] }

  /// What Go's encoding/json calls this kind of value in an error.
  public var goKind: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONObject.Member(name: $0.0, value: $0.1) }))
  }
}
