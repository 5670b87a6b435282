internal import KubeModel

/// A media type with its parameters: `application/json;as=Table;v=v1;g=meta.k8s.io`.
struct MediaType: Hashable, Sendable {
  var name: String
  var parameters: [String: String] = [:]

  init(_ text: some StringProtocol) {
    let parts = text.split(separator: ";").map { MediaType.trimmed($0) }
    name = (parts.first ?? "").lowercased()
    for part in parts.dropFirst() {
      let sides = part.split(separator: "=", maxSplits: 1)
      if sides.count == 2 { parameters[MediaType.trimmed(sides[0]).lowercased()] = MediaType.trimmed(sides[1]) }
    }
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var rest = Substring(text)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

/// In which form a client wants its answer.
struct Negotiation: Hashable, Sendable {
  enum Shape: Hashable, Sendable {
    case object
    case table
    /// Metadata alone.
    case partial
    /// Aggregated discovery, in version v2 or v2beta1.
    case discovery(version: String)
  }

  var shape = Shape.object
  var isYAML = false

  /// The first thing in `accept` that this server can do.
  init(accept: String) throws(StatusError) {
    let wanted = accept.split(separator: ",").map { MediaType($0) }
    if wanted.isEmpty { return }
    for type in wanted {
      switch type.name {
      case "*/*", "application/*", "application/json", "application/yaml":
        guard let shape = Negotiation.shape(type) else { continue }
        self.shape = shape
        isYAML = type.name == "application/yaml"
        return
      default: continue
      }
    }
    throw .notAcceptable
  }

  private static func shape(_ type: MediaType) -> Shape? {
    switch type.parameters["as"] {
    case nil: .object
    case "Table"?: .table
    case "PartialObjectMetadata"?, "PartialObjectMetadataList"?: .partial
    case "APIGroupDiscoveryList"?: .discovery(version: type.parameters["v"] ?? "v2")
    default: nil
    }
  }
}
