/// An API server's refusal: the `Status` object that Kubernetes answers with (meta/v1 Status, `status: Failure`).
public struct StatusError: Error, Hashable, Sendable, CustomStringConvertible {
  /// HTTP status code.
  public var code: Int
  /// `Invalid`, `NotFound`, `AlreadyExists`, `Conflict`, `BadRequest`, `Forbidden`, …
  public var reason: String
  /// What went wrong, in one line for people; Kubernetes' words.
  public var message: String
  /// The object that the refusal is about.
  public var kind: Kind?
  /// The name of that object; empty where the refusal is about none.
  public var name: String
  /// What is wrong with which field, for `Invalid`.
  public var causes: [FieldError]

  /// Creates a refusal; the functions below make those that Kubernetes has.
  public init(
    code: Int, reason: String, message: String, kind: Kind? = nil, name: String = "", causes: [FieldError] = []
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.kind = kind
    self.name = name
    self.causes = causes
  }

  public var description: String { message }

  /// 404: `jobs.batch "x" not found`.
  public static func notFound(_ key: ObjectKey) -> StatusError {
    StatusError(
      code: 404, reason: "NotFound", message: "\(key.kind.qualifiedPlural) \"\(key.name)\" not found",
      kind: key.kind, name: key.name)
  }

  /// 409: `jobs.batch "x" already exists`.
  public static func alreadyExists(_ key: ObjectKey) -> StatusError {
    StatusError(
      code: 409, reason: "AlreadyExists", message: "\(key.kind.qualifiedPlural) \"\(key.name)\" already exists",
      kind: key.kind, name: key.name)
  }

  /// 409: the object was changed since the caller read it.
  public static func conflict(_ key: ObjectKey) -> StatusError {
    conflict(
      key, "the object has been modified; please apply your changes to the latest version and try again")
  }

  /// 409: why the object is not the one that the caller means.
  public static func conflict(_ key: ObjectKey, _ why: String) -> StatusError {
    StatusError(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on \(key.kind.qualifiedPlural) \"\(key.name)\": \(why)",
      kind: key.kind, name: key.name)
  }

  /// 409: a deletion was for another UID or version. It names the kind where other conflicts name the resource.
  public static func failedPrecondition(_ key: ObjectKey, _ why: String) -> StatusError {
    StatusError(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on \(key.kind.qualifiedName) \"\(key.name)\": \(why)",
      kind: key.kind, name: key.name)
  }

  /// 400.
  public static func badRequest(_ message: String) -> StatusError {
    StatusError(code: 400, reason: "BadRequest", message: message)
  }

  /// 403.
  public static func forbidden(_ key: ObjectKey, _ message: String) -> StatusError {
    StatusError(
      code: 403, reason: "Forbidden",
      message: "\(key.kind.qualifiedPlural) \"\(key.name)\" is forbidden: \(message)", kind: key.kind, name: key.name)
  }

  /// 422 with every field error: `Job.batch "x" is invalid: …`.
  public static func invalid(_ kind: Kind, name: String, _ errors: [FieldError]) -> StatusError {
    // Said once each, though `causes` keeps them all.
    var texts: [String] = []
    for text in errors.map(\.description) where !texts.contains(text) { texts.append(text) }
    let body = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    return StatusError(
      code: 422, reason: "Invalid", message: "\(kind.qualifiedName) \"\(name)\" is invalid: \(body)",
      kind: kind, name: name, causes: errors)
  }
}

/// What is wrong with one field, in the words of Kubernetes' field errors.
public struct FieldError: Hashable, Sendable, CustomStringConvertible {
  /// `FieldValueRequired`, `FieldValueInvalid`, `FieldValueNotSupported`, `FieldValueForbidden`, …
  public var type: String
  /// `spec.template.spec.containers[0].image`
  public var field: String
  /// The text behind the path: `Invalid value: -1: must be greater than or equal to 0`.
  public var body: String

  /// Creates an error about one field; the functions of `FieldError` make those that Kubernetes has.
  public init(type: String, field: String, body: String) {
    self.type = type
    self.field = field
    self.body = body
  }

  public var description: String { "\(field): \(body)" }
}
