extension JSONValue {
  /// This value over many lines, four spaces a level, as `kubectl -o json` prints it; no newline at the end.
  public func prettyJSON() -> String {
    var indenter = JSONIndenter()
    var writer = JSONWriter()
    encode(to: &writer)
    indenter.append(writer.bytes)
    return String(decoding: indenter.bytes, as: UTF8.self)
  }

  /// This value on one line.
  public var compactJSON: String {
    var writer = JSONWriter()
    encode(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension KubeObject {
  /// As `kubectl get -o json` prints it; no newline at the end.
  public func prettyJSON() -> String { jsonValue.prettyJSON() }

  /// A `List` of objects, as kubectl prints several.
  public static func list(_ objects: some Sequence<KubeObject>) -> JSONValue {
    [
      "apiVersion": "v1", "items": .array(objects.map(\.jsonValue)), "kind": "List",
      "metadata": ["resourceVersion": ""],
    ]
  }
}
