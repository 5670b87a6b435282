/// Turns one document of a manifest, already JSON, into objects.
struct ManifestReader {
  let file: String
  /// Where in the file a path of the document stands.
  let place: ([ModelDecoder.PathElement]) -> (line: Int, column: Int)?

  typealias Reading = Result<ManifestObject, ManifestError>

  /// The object of a document, or those of a list.
  func objects(in json: JSONValue, line: Int, duplicates: [String]) -> [Reading] {
    objects(in: json, at: [], line: line, duplicates: duplicates)
  }

  private func objects(
    in json: JSONValue, at path: [ModelDecoder.PathElement], line: Int, duplicates: [String]
  ) -> [Reading] {
    let line = place(path)?.line ?? line
    if case .object(let object) = json, case .string(let kind)? = object["kind"], kind.hasSuffix("List"),
      case .string? = object["apiVersion"], case .array(let items)? = object["items"]
    {
      return items.enumerated().flatMap { index, item in
        objects(in: item, at: path + [.field("items"), .index(index)], line: line, duplicates: duplicates)
      }
    }
    return [
      Reading { () throws(ManifestError) in
        try self.object(json, at: path, line: line, duplicates: duplicates)
      }
    ]
  }

  private func object(
    _ json: JSONValue, at path: [ModelDecoder.PathElement], line: Int, duplicates: [String]
  ) throws(ManifestError) -> ManifestObject {
    guard case .object(let object) = json else {
      throw error(line, "a manifest must be an object with apiVersion and kind, not \(json.goKind.withArticle)")
    }
    let kindName = try word("kind", object, line)
    let apiVersion = try word("apiVersion", object, line)
    guard let kind = Kind(rawValue: kindName) else { throw error(line, unknown(kindName)) }
    guard kind.apiVersion == apiVersion else {
      throw error(
        line,
        "no kind \(goQuoted(kindName)) is registered for version \(goQuoted(apiVersion)); use apiVersion: "
          + kind.apiVersion)
    }
    if let duplicate = duplicates.first {
      throw error(line, "strict decoding error: duplicate field \(goQuoted(duplicate))")
    }
    let refusal = "\(kindName) in version \(goQuoted(kind.version)) cannot be handled as a \(kindName): "
    var decoder = ModelDecoder()
    let decoded = KubeObject.decode(json, kind: kind, &decoder)
    if let failure = decoder.failures.first {
      let found = failure.path.isEmpty ? nil : place(path + failure.path)
      // The trap of YAML 1.1 that most people fall into once.
      let isBareWord =
        found != nil && failure.message.contains("unmarshal bool") && failure.message.hasSuffix("type string")
      let hint = isBareWord ? " (bare y, n, yes, no, on, off, true and false are booleans in YAML: quote the text)" : ""
      throw ManifestError(
        file: file, line: found?.line ?? line, column: found?.column,
        message: refusal + failure.message + hint)
    }
    if !decoder.unknownFields.isEmpty {
      // As they stand in the file, so that the place is that of the first one named.
      let unknown = decoder.unknownPaths.enumerated().map { offset, field in
        (field: field, place: place(path + field), offset: offset)
      }.sorted {
        ($0.place?.line ?? 0, $0.place?.column ?? 0, $0.offset) < (
          $1.place?.line ?? 0, $1.place?.column ?? 0, $1.offset
        )
      }
      let list = unknown.map { "unknown field \(goQuoted(ModelDecoder.text(of: $0.field)))" }.joined(separator: ", ")
      let found = unknown.first?.place
      throw ManifestError(
        file: file, line: found?.line ?? line, column: found?.column,
        message: refusal + "strict decoding error: \(list)")
    }
    guard let decoded else { throw error(line, "unreadable \(kindName)") }
    return ManifestObject(object: decoded, warnings: decoded.warnings(), line: line)
  }

  private func error(_ line: Int, _ message: String) -> ManifestError {
    ManifestError(file: file, line: line, message: message)
  }

  private func word(_ name: String, _ object: JSONObject, _ line: Int) throws(ManifestError) -> String {
    switch object[name] {
    case .string(let text)? where !text.isEmpty: return text
    case nil, .null?, .string?:
      throw error(line, "Object '\(name.prefix(1).uppercased() + name.dropFirst())' is missing")
    case let other?: throw error(line, "\(name) must be a string, not \(other.goKind.withArticle)")
    }
  }

  private func unknown(_ kind: String) -> String {
    switch kind {
    case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController":
      "jobdeck runs work that ends, not services: a \(kind) never completes; describe its container in a Job instead"
    case "Service", "Ingress", "NetworkPolicy", "Endpoints", "EndpointSlice", "Gateway", "HTTPRoute":
      "jobdeck has no cluster network: leave out the \(kind); jobs on this machine reach each other through localhost"
    case "PersistentVolumeClaim", "PersistentVolume", "StorageClass":
      "jobdeck has no \(kind): use a hostPath or emptyDir volume in the Job instead"
    case "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding":
      "jobdeck has no access control: leave out the \(kind)"
    case "HorizontalPodAutoscaler", "PodDisruptionBudget":
      "jobdeck has no \(kind): set a Job's parallelism instead"
    case "CustomResourceDefinition":
      "jobdeck has no custom resources: leave out the CustomResourceDefinition"
    default:
      "no kind \(goQuoted(kind)) here: jobdeck knows \(Kind.allCases.map(\.rawValue).joined(separator: ", "))"
    }
  }
}

extension String {
  var withArticle: String {
    switch self {
    case "null": "null"
    case "array", "object": "an \(self)"
    default: "a \(self)"
    }
  }
}
