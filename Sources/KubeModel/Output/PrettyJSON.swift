extension JSONValue {
  /// This value over many lines, four spaces a level, as `kubectl -o json` prints it; no newline at the end.
  public func prettyJSON() -> String {
    var text = ""
    writePretty(to: &text, indent: 0)
    return text
  }

  private func writePretty(to text: inout String, indent: Int) {
    switch self {
    case .array(let values) where !values.isEmpty:
      text += "["
      for (index, value) in values.enumerated() {
        text += (index == 0 ? "\n" : ",\n") + String(repeating: " ", count: indent + 4)
        value.writePretty(to: &text, indent: indent + 4)
      }
      text += "\n" + String(repeating: " ", count: indent) + "]"
    case .object(let object) where !object.members.isEmpty:
      text += "{"
      for (index, member) in object.members.enumerated() {
        text += (index == 0 ? "\n" : ",\n") + String(repeating: " ", count: indent + 4)
        text += JSONValue.string(member.name).compactJSON + ": "
        member.value.writePretty(to: &text, indent: indent + 4)
      }
      text += "\n" + String(repeating: " ", count: indent) + "}"
    default: text += compactJSON
    }
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
