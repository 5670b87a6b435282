internal import KubeModel

/// The parameters of a request that changes an object, checked as Kubernetes checks them (apimachinery, meta/v1
/// validation).
struct WriteOptions: Sendable {
  enum Verb: Sendable {
    case create, update, patch
    /// Server-side apply.
    case apply

    /// What the parameters are called.
    var options: String {
      switch self {
      case .create: "CreateOptions"
      case .update: "UpdateOptions"
      case .patch, .apply: "PatchOptions"
      }
    }
  }

  var isDryRun: Bool
  /// Who changes the object: what the client calls itself.
  var manager: String
  var validation: FieldValidation
  /// Whether fields are taken from their owners.
  var forces: Bool

  init(_ request: APIRequest, _ verb: Verb) throws(StatusError) {
    let query = request.query
    let manager = query["fieldManager"] ?? ""
    let dryRun = query.values("dryRun")
    let validation = query["fieldValidation"] ?? ""
    var errors: [FieldError] = []
    if verb == .apply {
      if manager.isEmpty { errors.append(.required("fieldManager", "is required for apply patch")) }
    } else if verb == .patch, query["force"] != nil {
      errors.append(.forbidden("force", "may not be specified for non-apply patch"))
    }
    errors += WriteOptions.check(manager: manager)
    errors += WriteOptions.check(dryRun: dryRun)
    if !validation.isEmpty, FieldValidation(rawValue: validation) == nil {
      errors.append(.notSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]))
    }
    try StatusError.refuse(options: verb.options, errors)
    isDryRun = !dryRun.isEmpty
    self.manager = manager.isEmpty ? WriteOptions.manager(userAgent: request.userAgent) : manager
    self.validation = FieldValidation(rawValue: validation) ?? .warn
    forces = query.flag("force")
  }

  /// Longest name of a manager, in bytes.
  private static let longestManager = 128

  private static func check(manager: String) -> [FieldError] {
    var errors: [FieldError] = []
    if manager.utf8.count > longestManager { errors.append(.tooLong("fieldManager", maximum: longestManager)) }
    var position = 0
    for scalar in manager.unicodeScalars {
      if !isGoPrintable(scalar) {
        errors.append(
          .invalid(
            "fieldManager", .string(manager),
            "invalid character \(goCodePoint(scalar)) (at position \(position))"))
      }
      position += UTF8.width(scalar)
    }
    return errors
  }

  static func check(dryRun: [String]) -> [FieldError] {
    if dryRun.allSatisfy({ $0 == "All" }) { return [] }
    return [.notSupported("dryRun", .array(dryRun.map { .string($0) }), ["All"])]
  }

  /// The name of a client's program: what stands in front of the first slash.
  private static func manager(userAgent: String) -> String {
    var name = ""
    for scalar in userAgent.prefix(while: { $0 != "/" }).unicodeScalars where isGoPrintable(scalar) {
      guard name.utf8.count + UTF8.width(scalar) <= longestManager else { break }
      name.unicodeScalars.append(scalar)
    }
    return name.isEmpty ? "unknown" : name
  }
}

/// Which part of a list is asked for, checked as Kubernetes checks it.
enum ListOptions {
  static func check(_ query: APIRequest.Query, watches: Bool) throws(StatusError) {
    // What cannot be read is refused even where it means nothing.
    for name in ["limit", "timeoutSeconds"] { _ = try query.integer(name) }
    let match = query["resourceVersionMatch"] ?? ""
    let continues = !(query["continue"] ?? "").isEmpty
    let initial = query["sendInitialEvents"]
    var errors: [FieldError] = []
    if watches {
      if initial != nil, match != "NotOlderThan" {
        errors.append(
          .forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
      }
      if !match.isEmpty {
        if initial == nil {
          errors.append(
            .forbidden(
              "resourceVersionMatch",
              "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
        }
        if match != "NotOlderThan" { errors.append(.notSupported("resourceVersionMatch", match, ["NotOlderThan"])) }
        if continues {
          errors.append(
            .forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"))
        }
      }
    } else {
      if !match.isEmpty { errors += check(match: match, query["resourceVersion"] ?? "", continues: continues) }
      if initial != nil { errors.append(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")) }
    }
    try StatusError.refuse(options: "ListOptions", errors)
  }

  private static func check(match: String, _ version: String, continues: Bool) -> [FieldError] {
    var errors: [FieldError] = []
    if version.isEmpty {
      errors.append(
        .forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"))
    }
    if continues {
      errors.append(.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"))
    }
    if match != "Exact", match != "NotOlderThan" {
      errors.append(.notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]))
    }
    if match == "Exact", version == "0" {
      errors.append(
        .forbidden("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
    }
    return errors
  }
}

extension StatusError {
  /// 422 where something is wrong with a request's parameters: `PatchOptions.meta.k8s.io "" is invalid: …`.
  static func refuse(options: String, _ errors: [FieldError]) throws(StatusError) {
    if errors.isEmpty { return }
    let texts = errors.map(\.description)
    throw StatusError(
      code: 422, reason: "Invalid",
      message: "\(options).meta.k8s.io \"\" is invalid: "
        + (texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"),
      causes: errors)
  }
}
