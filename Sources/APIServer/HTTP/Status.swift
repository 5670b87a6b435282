internal import KubeModel

extension StatusError {
  /// meta/v1 Status, as the API answers with it.
  var status: JSONValue {
    var object = JSONObject([
      .init(name: "kind", value: "Status"), .init(name: "apiVersion", value: "v1"),
      .init(name: "metadata", value: .object(JSONObject())), .init(name: "status", value: "Failure"),
      .init(name: "message", value: .string(message)),
    ])
    if !reason.isEmpty { object["reason"] = .string(reason) }
    if let details { object["details"] = details }
    object["code"] = .int(Int64(code))
    return .object(object)
  }

  private var details: JSONValue? {
    if kind == nil, causes.isEmpty {
      // kubectl reads the details of these without looking whether there are any.
      guard ["Invalid", "MethodNotAllowed", "NotFound"].contains(reason) else { return nil }
      return .object(JSONObject(name.isEmpty ? [] : [.init(name: "name", value: .string(name))]))
    }
    var details = JSONObject()
    if kind == nil, let options = message.split(separator: " ").first?.split(separator: ".", maxSplits: 1),
      options.count == 2, options[0].hasSuffix("Options")
    {
      // A request's parameters are an object of their own.
      details["group"] = .string(String(options[1]))
      details["kind"] = .string(String(options[0]))
    }
    if !name.isEmpty { details["name"] = .string(name) }
    if let kind {
      if !kind.group.isEmpty { details["group"] = .string(kind.group) }
      // A field's error is about the kind, all else about the resource.
      let namesKind = reason == "Invalid" || message.contains(" on \(kind.qualifiedName) \"")
      details["kind"] = .string(namesKind ? kind.rawValue : kind.plural)
    }
    if !causes.isEmpty {
      details["causes"] = .array(
        causes.map {
          var cause = JSONObject([
            .init(name: "reason", value: .string($0.type)), .init(name: "message", value: .string($0.body)),
          ])
          if !$0.field.isEmpty { cause["field"] = .string($0.field) }
          return .object(cause)
        })
    }
    if reason == "Timeout" { details["retryAfterSeconds"] = 1 }
    return .object(details)
  }

  /// 404 for a path that leads nowhere.
  static let noSuchResource = StatusError(
    code: 404, reason: "NotFound", message: "the server could not find the requested resource")
  /// 405.
  static let methodNotAllowed = StatusError(
    code: 405, reason: "MethodNotAllowed",
    message: "the server does not allow this method on the requested resource")

  /// 504: a client asks for a version that is still to come.
  static func tooLarge(version: UInt64, current: UInt64) -> StatusError {
    StatusError(
      code: 504, reason: "Timeout",
      message: "Timeout: Too large resource version: \(version), current: \(current)",
      causes: [FieldError(type: "ResourceVersionTooLarge", field: "", body: "Too large resource version")])
  }

  /// 415, with what would be understood.
  static func unsupportedMediaType(accepted: [String]) -> StatusError {
    StatusError(
      code: 415, reason: "UnsupportedMediaType",
      message: "the body of the request was in an unknown format - accepted media types include: "
        + accepted.joined(separator: ", "))
  }

  /// 406, with what could be answered.
  static let notAcceptable = StatusError(
    code: 406, reason: "NotAcceptable",
    message: "only the following media types are accepted: application/json, application/yaml")

  /// 501: something that Kubernetes has and this server has not.
  static func notOffered(_ message: String) -> StatusError {
    StatusError(code: 501, reason: "NotImplemented", message: message)
  }
}
