internal import KubeModel

/// A patch as it came.
struct PatchDocument: Sendable {
  enum Form: Hashable, Sendable {
    case json, merge, strategic
  }

  static let mediaTypes = [
    "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
    APIHandler.applyType,
  ]

  var form: Form
  var value: JSONValue

  init(_ request: APIRequest) throws(StatusError) {
    switch MediaType(request.contentType).name {
    case "application/json-patch+json": form = .json
    case "application/merge-patch+json": form = .merge
    case "application/strategic-merge-patch+json": form = .strategic
    default: throw .unsupportedMediaType(accepted: PatchDocument.mediaTypes)
    }
    do throws(JSONError) {
      value = try JSONParser.parse(request.body)
    } catch {
      throw .badRequest("error decoding patch: \(error.message)")
    }
  }

  /// How the cluster itself can apply it, all at once.
  var atomicType: PatchType? {
    switch form {
    case .json: .json
    case .merge: .merge
    case .strategic: nil
    }
  }

  /// Whether it insists on a version, so that it must not be tried again on another.
  var setsVersion: Bool {
    if value["metadata"]?["resourceVersion"] != nil { return true }
    return value.array?.contains { $0["path"]?.string == "/metadata/resourceVersion" } ?? false
  }

  func apply(
    to object: KubeObject, _ target: Target, _ validation: FieldValidation
  ) throws(StatusError) -> DecodedObject {
    let before = target.resource.outward(object)
    let after: JSONValue
    do throws(PatchError) {
      switch form {
      case .json: after = try before.applying(value, type: .json)
      case .merge: after = try before.applying(value, type: .merge)
      case .strategic: after = try StrategicMerge.apply(value, to: before)
      }
    } catch {
      throw error.statusError
    }
    let decoded: DecodedObject
    do throws(UnreadableObject) {
      decoded = try KubeObject.read(target.resource.inward(after), as: object.kind, fieldValidation: validation)
    } catch {
      throw refusal(of: after, error)
    }
    let key = decoded.object.key
    guard key.name == object.metadata.name else {
      throw .badRequest(
        "the name of the object (\(key.name)) does not match the name on the URL (\(object.metadata.name))")
    }
    guard key == object.key else {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
    return decoded
  }

  /// What is no object after the patch. Of a strategic merge patch Kubernetes shows the patch, as Go prints a map, and
  /// of the others what they made.
  private func refusal(of result: JSONValue, _ error: UnreadableObject) -> StatusError {
    let problem: FieldError =
      form == .strategic
      ? .invalid("patch", .string(value.goText), error.conversion)
      : .invalid("patch", .string(result.compactJSON), error.message)
    return StatusError(code: 422, reason: "Invalid", message: " \"\" is invalid: \(problem)", causes: [problem])
  }
}

extension JSONValue {
  /// The value as Go's `%v` prints it: `map[spec:map[parallelism:2]]`.
  var goText: String {
    switch self {
    case .null: "<nil>"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): JSONValue.goText(value)
    case .string(let text): text
    case .array(let elements): "[\(elements.map(\.goText).joined(separator: " "))]"
    case .object(let object):
      "map["
        + object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        .map { "\($0.name):\($0.value.goText)" }.joined(separator: " ") + "]"
    }
  }

  /// As few digits as tell the number from others; an exponent of at least two digits beyond 10^21.
  private static func goText(_ value: Double) -> String {
    let text = "\(value)"
    let parts = text.split(separator: "e", maxSplits: 1)
    if parts.count == 2, let exponent = Int(parts[1]) {
      let mantissa = parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0]
      return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(abs(exponent) < 10 ? "0" : "")\(abs(exponent))"
    }
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
