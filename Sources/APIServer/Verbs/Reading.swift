internal import Cluster
internal import KubeModel

extension APIHandler {
  func show(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    if let wanted = try ResourceVersion.parse(request.query["resourceVersion"]) {
      // Of all kinds there are fewest namespaces.
      let current = try await cluster.list(.namespace, namespace: nil).version
      if wanted > current { throw .tooLarge(version: wanted, current: current) }
    }
    let object = try await cluster.get(key)
    return rendering.response(rendering.bytes(object))
  }

  func list(_ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    try ListOptions.check(request.query, watches: false)
    let selection = try Selection(target, request.query)
    let page = try Page(request.query)
    let list = try await cluster.list(selection.kind, namespace: selection.namespace)
    if let wanted = page.version, page.start == nil, wanted > list.version {
      throw .tooLarge(version: wanted, current: list.version)
    }
    if page.isExact, let wanted = page.version, wanted < list.version {
      throw StatusError(
        code: 410, reason: "Expired", message: "The resourceVersion for the provided list is too old.")
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
    return rendering.response(await rendering.list(objects, facts))
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
  /// Whether it must be that very version; only the present one is kept.
  var isExact = false

  init(_ query: APIRequest.Query) throws(StatusError) {
    limit = try query.integer("limit").flatMap { $0 > 0 ? $0 : nil }
    version = try ResourceVersion.parse(query["resourceVersion"])
    isExact = query["resourceVersionMatch"] == "Exact"
    guard let token = query["continue"], !token.isEmpty else { return }
    // Who goes on says no version of its own.
    if let version, version > 0 {
      throw .badRequest("specifying resource version is not allowed when using continue")
    }
    (version, start) = try Page.read(token)
  }

  /// A token is Kubernetes' (storage.EncodeContinue): where to go on, and at which version.
  static func token(version: UInt64, after key: ObjectKey) -> String {
    let place = key.namespace.isEmpty ? key.name : "\(key.namespace)/\(key.name)"
    let value: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": .int(Int64(clamping: version)), "start": .string("\(place)\u{0}"),
    ]
    var text = base64Encoded(Rendering.bytes(value)).replacing("+", with: "-").replacing("/", with: "_")
    while text.last == "=" { text.removeLast() }
    return text
  }

  private static func read(_ token: String) throws(StatusError) -> (UInt64?, Start) {
    func invalid(_ why: String) -> StatusError {
      .badRequest("invalid continue token: continue key is not valid\(why)")
    }
    var alphabet = token.utf8.enumerated().lazy.filter { _, byte in
      !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        && !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) && byte != UInt8(ascii: "-")
        && byte != UInt8(ascii: "_")
    }.makeIterator()
    if let stray = alphabet.next() { throw invalid(": illegal base64 data at input byte \(stray.offset)") }
    let padding = String(repeating: "=", count: (4 - token.utf8.count % 4) % 4)
    guard
      let bytes = base64Decoded(token.replacing("-", with: "+").replacing("_", with: "/") + padding)
    else { throw invalid(": illegal base64 data at input byte \(token.utf8.count / 4 * 4)") }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes)
    } catch {
      throw invalid(": \(error.message)")
    }
    guard value["v"]?.string == "meta.k8s.io/v1" else {
      throw invalid(": server does not recognize this encoded version")
    }
    guard let version = value["rv"]?.int, version > 0 else {
      throw invalid(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    }
    guard let place = value["start"]?.string, !place.isEmpty else {
      throw invalid(": encoded start key empty (version meta.k8s.io/v1)")
    }
    let parts = place.prefix { $0 != "\u{0}" }.split(separator: "/", maxSplits: 1)
    return (
      UInt64(exactly: version),
      Start(namespace: parts.count > 1 ? String(parts[0]) : "", name: parts.last.map(String.init) ?? "")
    )
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
