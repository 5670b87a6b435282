import KubeModel

/// Prints objects as one `v1 List`, as `kubectl get -o json` and `-o yaml` do.
enum ResultList {
  static func json(_ objects: [KubeObject]) -> [UInt8] {
    var indenter = JSONIndenter()
    indenter.append(#"{"apiVersion":"v1","items":["#.utf8)
    for (index, object) in objects.enumerated() {
      if index > 0 { indenter.append(",".utf8) }
      var writer = JSONWriter()
      object.encode(to: &writer)
      indenter.append(writer.bytes)
    }
    indenter.append(#"],"kind":"List","metadata":{"resourceVersion":""}}"#.utf8)
    return indenter.bytes + [UInt8(ascii: "\n")]
  }

  static func yaml(_ objects: [KubeObject]) -> [UInt8] { Array(KubeObject.list(objects).yaml().utf8) }
}
