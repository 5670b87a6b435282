internal import KubeModel

/// What came in a request's body.
struct RequestDocument: Sendable {
  var value: JSONValue
  /// The paths of members that stood twice.
  var duplicates: [String] = []

  static let mediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]

  /// Reads a body by its type; `nil` for none.
  ///
  /// - Parameter expecting: the kind that the request's path is about, for the words of a refusal.
  static func read(_ request: APIRequest, expecting: String) throws(StatusError) -> RequestDocument {
    switch MediaType(request.contentType).name {
    case "", "application/json":
      var parser = JSONParser(request.body)
      do throws(JSONError) {
        let value = try parser.parseDocument()
        return RequestDocument(value: value, duplicates: parser.duplicates)
      } catch {
        throw .badRequest(
          "the object provided is unrecognized (must be of type \(expecting)): couldn't get version/kind; json parse "
            + "error: \(error.message)")
      }
    case "application/yaml", "application/x-yaml", "text/yaml": return RequestDocument(value: try yaml(request.body))
    case "application/vnd.kubernetes.protobuf":
      return RequestDocument(value: try ProtobufReader.object(request.body))
    default: throw .unsupportedMediaType(accepted: mediaTypes)
    }
  }

  static func yaml(_ bytes: [UInt8]) throws(StatusError) -> JSONValue {
    do throws(ManifestError) {
      return try YAMLDocument(bytes, file: "body").value
    } catch {
      throw .badRequest("error converting YAML to JSON: \(error.message)")
    }
  }
}

extension APIHandler {
  func fieldValidation(_ query: APIRequest.Query) throws(StatusError) -> FieldValidation {
    guard let text = query["fieldValidation"], !text.isEmpty else { return .warn }
    guard let value = FieldValidation(rawValue: text) else {
      throw APIHandler.options(
        "fieldValidation",
        "Unsupported value: \(goQuoted(text)): supported values: \"Ignore\", \"Strict\", \"Warn\"",
        type: "FieldValueNotSupported")
    }
    return value
  }

  func isDryRun(_ values: [String]) throws(StatusError) -> Bool {
    let values = values.filter { !$0.isEmpty }
    for value in values where value != "All" {
      throw APIHandler.options(
        "dryRun", "Unsupported value: \(goQuoted(value)): supported values: \"All\"", type: "FieldValueNotSupported")
    }
    return !values.isEmpty
  }

  static func options(_ field: String, _ body: String, type: String, kind: String = "CreateOptions") -> StatusError {
    StatusError(
      code: 422, reason: "Invalid", message: "\(kind).meta.k8s.io \"\" is invalid: \(field): \(body)",
      causes: [FieldError(type: type, field: field, body: body)])
  }

  /// The object in a request's body, which must be the one that the path is about.
  func object(_ target: Target, _ request: APIRequest) throws(StatusError) -> DecodedObject {
    let validation = try fieldValidation(request.query)
    let kind = target.resource.kind
    var decoded: DecodedObject
    if ["", "application/json"].contains(MediaType(request.contentType).name) {
      decoded = try KubeObject.read(request.body, expecting: kind, fieldValidation: validation)
    } else {
      let document = try RequestDocument.read(request, expecting: kind.rawValue)
      decoded = try KubeObject.read(
        document.value, expecting: kind, fieldValidation: validation, duplicates: document.duplicates)
    }
    if let namespace = target.namespace {
      if decoded.object.metadata.namespace.isEmpty { decoded.object.metadata.namespace = namespace }
      guard decoded.object.metadata.namespace == namespace else {
        throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
      }
    }
    if let name = target.name {
      let found = decoded.object.metadata.name
      guard found == name else {
        throw .badRequest(
          found.isEmpty
            ? "name must be provided"
            : "the name of the object (\(found)) does not match the name on the URL (\(name))")
      }
    }
    return decoded
  }
}
