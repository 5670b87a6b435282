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
  /// The object in a request's body, which must be the one that the path is about.
  func object(
    _ target: Target, _ request: APIRequest, _ validation: FieldValidation
  ) throws(StatusError) -> DecodedObject {
    let kind = target.resource.kind
    var decoded: DecodedObject
    if target.resource.conversion != nil {
      decoded = try converted(target.resource, request, validation)
    } else if ["", "application/json"].contains(MediaType(request.contentType).name) {
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
  /// An object that comes in another form than the model's.
  private func converted(
    _ resource: Resource, _ request: APIRequest, _ validation: FieldValidation
  ) throws(StatusError) -> DecodedObject {
    let kind = resource.kind
    let document = try RequestDocument.read(request, expecting: kind.rawValue)
    let name = document.value["kind"]?.string ?? kind.rawValue
    let version = document.value["apiVersion"]?.string ?? resource.groupVersion
    if name == kind.rawValue, version != resource.groupVersion, version == kind.apiVersion {
      throw .badRequest(
        "the API version in the data (\(version)) does not match the expected API version (\(resource.groupVersion))")
    }
    // Of another kind, it is refused as any other is.
    let isOther = name != kind.rawValue || version != resource.groupVersion
    return try KubeObject.read(
      isOther ? document.value : resource.inward(document.value), expecting: kind, fieldValidation: validation,
      duplicates: document.duplicates)
  }
}
