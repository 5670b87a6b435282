internal import KubeModel

/// Reads objects as storage holds them, and gives the pods of one job one template again.
struct StoredObjectReader {
  /// By the UID of the owner: the template of the last pod read.
  private var templates: [String: Shared<PodSpecCommon>] = [:]

  /// What a row of the table `objects` says.
  struct Row {
    var kind: String
    var namespace: String
    var name: String
    var json: [UInt8]

    /// For messages.
    var title: String { "\(kind) \(namespace.isEmpty ? "" : namespace + "/")\(name)" }
  }

  mutating func read(_ row: Row) throws(StoreError) -> KubeObject {
    guard let kind = Kind(rawValue: row.kind) else {
      throw StoreError("is damaged: the \(row.title) is of an unknown kind")
    }
    let value: JSONValue
    do {
      value = try JSONParser.parse(row.json)
    } catch {
      throw StoreError("is damaged: the \(row.title) is not JSON: \(error)")
    }
    var decoder = ModelDecoder()
    guard var object = KubeObject.decode(value, kind: kind, &decoder), decoder.failures.isEmpty else {
      throw StoreError("is damaged: the \(row.title) cannot be read: \(decoder.failures.first?.message ?? "")")
    }
    if case .pod(var pod) = object, let owner = pod.metadata.controller?.uid {
      if let template = templates[owner], template == pod.spec.common {
        pod.spec.common = template
        object = .pod(pod)
      } else {
        templates[owner] = pod.spec.common
      }
    }
    return object
  }
}
