internal import KubeModel

/// Which metadata a table's rows carry.
enum IncludeObject: String {
  case none = "None"
  case metadata = "Metadata"
  case object = "Object"

  init(_ request: APIRequest) throws(StatusError) {
    guard let text = request.query["includeObject"], !text.isEmpty else {
      self = .metadata
      return
    }
    guard let value = IncludeObject(rawValue: text) else {
      throw .badRequest("unrecognized includeObject value: \"\(text)\"")
    }
    self = value
  }
}

/// Turns objects into what a client asked for.
struct Rendering: Sendable {
  var resource: Resource
  var negotiation: Negotiation
  var includes: IncludeObject
  /// `nil` for what is not stored as it is shown: a dry run has the version of something else.
  var encoded: EncodedObjects?
  var now: Instant

  /// What a list says of itself.
  struct ListFacts {
    var version: String
    var next: String?
    var remaining: Int?

    var json: JSONValue {
      var object = JSONObject([.init(name: "resourceVersion", value: .string(version))])
      if let next { object["continue"] = .string(next) }
      if let remaining { object["remainingItemCount"] = .int(Int64(remaining)) }
      return .object(object)
    }
  }

  /// One object, alone.
  func bytes(_ object: KubeObject) -> [UInt8] {
    switch negotiation.shape {
    case .table:
      table([object], ListFacts(version: object.metadata.resourceVersion), withHead: true)
    case .partial: partial(object)
    case .object, .discovery: plain(object)
    }
  }

  /// One object of a watch. A table's head stands in the first event alone.
  func watched(_ object: KubeObject, isFirst: Bool) -> [UInt8] {
    guard case .table = negotiation.shape else { return bytes(object) }
    return table([object], ListFacts(version: object.metadata.resourceVersion), withHead: isFirst)
  }

  /// Objects of a list that are rendered before others have a turn: those who ask for little do not wait for those who
  /// ask for much.
  private static let turn = 50

  func list(_ objects: [KubeObject], _ facts: ListFacts) async -> [UInt8] {
    switch negotiation.shape {
    case .table:
      var bytes = tableStart(facts, withHead: true)
      await inTurns(objects) { append($0, to: &bytes) }
      bytes += "]}".utf8
      return bytes
    case .partial:
      var items: [[UInt8]] = []
      await inTurns(objects) { items.append(partial($0)) }
      return list(items, "meta.k8s.io/v1", "PartialObjectMetadataList", facts)
    case .object, .discovery:
      var items: [[UInt8]] = []
      await inTurns(objects) { items.append(plain($0)) }
      return list(items, resource.groupVersion, resource.kind.rawValue + "List", facts)
    }
  }

  private func inTurns(_ objects: [KubeObject], _ body: (KubeObject) -> Void) async {
    for (number, object) in objects.enumerated() {
      if number % Rendering.turn == Rendering.turn - 1 { await Task.yield() }
      body(object)
    }
  }

  func response(_ bytes: [UInt8], code: Int = 200, warnings: [String] = []) -> APIResponse {
    guard negotiation.isYAML, let value = try? JSONParser.parse(bytes) else {
      return APIResponse(code, warnings: warnings, body: .bytes(bytes))
    }
    return APIResponse(
      code, contentType: "application/yaml", warnings: warnings, body: .bytes(Array(value.yaml().utf8)))
  }

  private func plain(_ object: KubeObject) -> [UInt8] {
    if resource.conversion == nil { return encoded?.json(object) ?? object.json() }
    return Rendering.bytes(resource.outward(object))
  }

  private func partial(_ object: KubeObject) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("kind")
    writer.string("PartialObjectMetadata")
    writer.name("apiVersion")
    writer.string("meta.k8s.io/v1")
    writer.name("metadata")
    object.metadata.encode(to: &writer)
    writer.endObject()
    return writer.bytes
  }

  private func list(
    _ items: [[UInt8]], _ apiVersion: String, _ kind: String, _ facts: ListFacts
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(items.reduce(200) { $0 + $1.count + 1 })
    bytes += "{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":".utf8
    bytes += Rendering.bytes(facts.json)
    bytes += ",\"items\":[".utf8
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += item
    }
    bytes += "]}".utf8
    return bytes
  }

  private func table(_ objects: [KubeObject], _ facts: ListFacts, withHead: Bool) -> [UInt8] {
    var bytes = tableStart(facts, withHead: withHead)
    for object in objects { append(object, to: &bytes) }
    bytes += "]}".utf8
    return bytes
  }

  private func tableStart(_ facts: ListFacts, withHead: Bool) -> [UInt8] {
    var bytes = Array("{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":".utf8)
    bytes += Rendering.bytes(facts.json)
    bytes += ",\"columnDefinitions\":".utf8
    bytes += Rendering.bytes(.array(withHead ? resource.columns.map(\.definition) : []))
    bytes += ",\"rows\":[".utf8
    return bytes
  }

  /// A row of a table, and what stands between it and the one before.
  private func append(_ object: KubeObject, to bytes: inout [UInt8]) {
    if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
    bytes += "{\"cells\":".utf8
    bytes += Rendering.bytes(.array(resource.columns.map { $0.cell(object, now) }))
    if case .pod(let pod) = object, pod.status.phase.isTerminal {
      let conditions: JSONValue = [
        ["type": "Completed", "status": "True", "reason": .string(pod.status.phase.rawValue)]
      ]
      bytes += ",\"conditions\":".utf8
      bytes += Rendering.bytes(conditions)
    }
    switch includes {
    case .none: bytes += ",\"object\":null".utf8
    case .metadata: bytes += ",\"object\":".utf8 + partial(object)
    case .object: bytes += ",\"object\":".utf8 + plain(object)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  static func bytes(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    value.encode(to: &writer)
    return writer.bytes
  }
}

extension APIHandler {
  func rendering(
    _ target: Target, _ request: APIRequest, isDryRun: Bool = false
  ) throws(StatusError) -> Rendering {
    Rendering(
      resource: target.resource, negotiation: try Negotiation(accept: request.accept),
      includes: try IncludeObject(request), encoded: isDryRun ? nil : encoded, now: now())
  }
}
