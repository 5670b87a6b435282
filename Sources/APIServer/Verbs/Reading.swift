internal import Cluster
internal import KubeModel

extension APIHandler {
  func show(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    let object = try await cluster.get(key)
    return rendering.response(rendering.bytes(object))
  }

  func list(_ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    let selection = try Selection(target, request.query)
    let page = try Page(request.query)
    let list = try await cluster.list(selection.kind, namespace: selection.namespace)
    if let wanted = page.version, page.start == nil, wanted > list.version {
      throw StatusError(
        code: 504, reason: "Timeout", message: "Too large resource version: \(wanted), current: \(list.version)")
    }
    // Later pages keep the version of the first, so that a watch from it misses nothing of what they do not show.
    let version = page.start == nil ? list.version : page.version ?? list.version
    var objects =
      selection.canChange || selection.name != nil || !selection.fields.requirements.isEmpty
      ? list.items.filter(selection.matches) : list.items
    if let start = page.start { objects.removeAll { $0.key <= start.key(selection.kind) } }
    var facts = Rendering.ListFacts(version: String(version))
    if let limit = page.limit, objects.count > limit {
      // As in Kubernetes, what is left is only counted where no selector hides it.
      if selection.labels.isEmpty, selection.fields.requirements.isEmpty { facts.remaining = objects.count - limit }
      objects.removeLast(objects.count - limit)
      facts.next = objects.last.map { Page.token(version: version, after: $0.key) }
    }
    return rendering.response(rendering.list(objects, facts))
  }
}

/// Which part of a list is asked for.
struct Page: Sendable {
  /// The object that a page begins behind.
  struct Start: Hashable, Sendable {
    var namespace: String
    var name: String

    func key(_ kind: Kind) -> ObjectKey { ObjectKey(kind, namespace: namespace, name: name) }
  }

  var limit: Int?
  var start: Start?
  var version: UInt64?

  init(_ query: APIRequest.Query) throws(StatusError) {
    if let text = query["limit"], !text.isEmpty {
      guard let value = Int(text), value >= 0 else {
        throw .badRequest("strconv.ParseInt: parsing \(goQuoted(text)): invalid syntax")
      }
      limit = value == 0 ? nil : value
    }
    version = try ResourceVersion.parse(query["resourceVersion"])
    guard let token = query["continue"], !token.isEmpty else { return }
    guard let bytes = base64Decoded(token), let value = try? JSONParser.parse(bytes),
      let text = value["rv"]?.int, let namespace = value["ns"]?.string, let name = value["after"]?.string
    else { throw .badRequest("continue key is not valid: it must be one that this server gave") }
    version = UInt64(exactly: text)
    start = Start(namespace: namespace, name: name)
  }

  static func token(version: UInt64, after key: ObjectKey) -> String {
    let value: JSONValue = [
      "rv": .int(Int64(clamping: version)), "ns": .string(key.namespace), "after": .string(key.name),
    ]
    return base64Encoded(Rendering.bytes(value))
  }
}

/// Versions as clients send them.
enum ResourceVersion {
  /// `nil` for none and for 0, which ask for whatever there is.
  static func parse(_ text: String?) throws(StatusError) -> UInt64? {
    guard let text, !text.isEmpty else { return nil }
    guard let value = UInt64(text) else {
      throw StatusError(
        code: 500, reason: "",
        message: "resourceVersion: Invalid value: \(goQuoted(text)): strconv.ParseUint: parsing \(goQuoted(text)): "
          + "invalid syntax")
    }
    return value == 0 ? nil : value
  }
}
