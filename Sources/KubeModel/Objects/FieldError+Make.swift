// Kubernetes' grammar of field errors (apimachinery, validation/field).
extension FieldError {
  /// `Required value` or `Required value: detail`.
  public static func required(_ field: String, _ detail: String = "") -> FieldError {
    FieldError(
      type: "FieldValueRequired", field: field,
      body: detail.isEmpty ? "Required value" : "Required value: \(detail)")
  }

  /// `Invalid value: VALUE: detail`; without a value `Invalid value: detail`.
  ///
  /// Strings are quoted, numbers are bare, objects are JSON. Kubernetes shows an absent pointer as the string "null".
  public static func invalid(_ field: String, _ value: JSONValue?, _ detail: String) -> FieldError {
    let shown = value.map { "\(text(of: $0)): " } ?? ""
    return FieldError(type: "FieldValueInvalid", field: field, body: "Invalid value: \(shown)\(detail)")
  }

  /// `Unsupported value: "X": supported values: "A", "B"`.
  public static func notSupported(_ field: String, _ value: String, _ supported: [String]) -> FieldError {
    notSupported(field, .string(value), supported)
  }

  /// The same for a value that may be no string, and is not quoted then.
  public static func notSupported(_ field: String, _ value: JSONValue, _ supported: [String]) -> FieldError {
    let list = supported.map(goQuoted).joined(separator: ", ")
    return FieldError(
      type: "FieldValueNotSupported", field: field,
      body: "Unsupported value: \(text(of: value)): supported values: \(list)")
  }

  /// `Duplicate value: X`.
  public static func duplicate(_ field: String, _ value: JSONValue) -> FieldError {
    FieldError(type: "FieldValueDuplicate", field: field, body: "Duplicate value: \(text(of: value))")
  }

  /// `Not found: "X"`.
  static func notFound(_ field: String, _ value: String) -> FieldError {
    FieldError(type: "FieldValueNotFound", field: field, body: "Not found: \(goQuoted(value))")
  }

  /// `Forbidden: detail`.
  public static func forbidden(_ field: String, _ detail: String) -> FieldError {
    FieldError(type: "FieldValueForbidden", field: field, body: "Forbidden: \(detail)")
  }

  /// `Too long: may not be more than N bytes`.
  public static func tooLong(_ field: String, maximum: Int) -> FieldError {
    FieldError(type: "FieldValueTooLong", field: field, body: "Too long: may not be more than \(maximum) bytes")
  }

  /// `Too many: N: must have at most M items`.
  public static func tooMany(_ field: String, _ count: Int, maximum: Int) -> FieldError {
    FieldError(
      type: "FieldValueTooMany", field: field, body: "Too many: \(count): must have at most \(maximum) items")
  }

  /// `Invalid value: N: must be greater than or equal to 0` for a negative number, else nothing.
  static func nonnegative(_ field: String, _ value: Int?) -> [FieldError] {
    guard let value, value < 0 else { return [] }
    return [.invalid(field, .int(Int64(value)), "must be greater than or equal to 0")]
  }

  private static func text(of value: JSONValue) -> String {
    switch value {
    case .string(let text): return goQuoted(text)
    default:
      var writer = JSONWriter()
      value.encode(to: &writer)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
  }
}

extension JSONValue {
  /// What Kubernetes shows in an error where a pointer is nil.
  static let absent: JSONValue = .string("null")
  static func int(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? absent }
  static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? absent }

  /// An object's members in the order in which Go declares the fields, which is how it writes a value in an error.
  func ordered(_ names: [String]) -> JSONValue {
    guard let object else { return self }
    return .object(
      JSONObject(names.compactMap { name in object[name].map { JSONObject.Member(name: name, value: $0) } }))
  }

  /// Any part of an object as a JSON value.
  public init(_ model: some Model) {
    var writer = JSONWriter(keepsMicroseconds: true)
    model.encode(to: &writer)
    self = (try? JSONParser.parse(writer.bytes)) ?? .null
  }
}

extension OwnerReference {
  var inGoOrder: JSONValue {
    JSONValue(self).ordered(["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"])
  }
}

extension LabelSelector {
  var inGoOrder: JSONValue {
    var selector = JSONValue(self).ordered(["matchLabels", "matchExpressions"]).object ?? JSONObject()
    if let expressions = selector["matchExpressions"]?.array {
      selector["matchExpressions"] = .array(expressions.map { $0.ordered(["key", "operator", "values"]) })
    }
    return .object(selector)
  }
}
