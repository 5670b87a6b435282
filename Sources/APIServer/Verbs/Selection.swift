internal import KubeModel

/// Which objects a list, a watch or a deletion is about.
struct Selection: Sendable {
  var kind: Kind
  var namespace: String?
  var name: String?
  var labels = Selector()
  var fields = FieldSelectorList()

  init(_ target: Target, only name: String? = nil, _ query: APIRequest.Query) throws(StatusError) {
    kind = target.resource.kind
    namespace = target.namespace
    self.name = name
    do throws(SelectorError) {
      labels = try Selector(query["labelSelector"] ?? "")
      fields = try FieldSelectorList(Selection.fieldText(query, target), kind: kind)
    } catch {
      throw .badRequest(error.message)
    }
  }

  /// The newer form of events has another name for the object that they are about.
  private static func fieldText(_ query: APIRequest.Query, _ target: Target) -> String {
    let text = query["fieldSelector"] ?? ""
    guard target.resource.group == "events.k8s.io" else { return text }
    return text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      part.hasPrefix("regarding.") ? "involvedObject." + part.dropFirst("regarding.".count) : String(part)
    }.joined(separator: ",")
  }

  /// Whether it is about objects by what can change in their lives.
  var canChange: Bool {
    !labels.isEmpty || fields.requirements.contains { !$0.field.hasPrefix("metadata.") }
  }

  /// What never changes of an object: its place and its name.
  func isAbout(_ object: KubeObject) -> Bool {
    guard object.kind == kind else { return false }
    let metadata = object.metadata
    if let namespace, metadata.namespace != namespace { return false }
    if let name, metadata.name != name { return false }
    return fields.requirements.allSatisfy { requirement in
      switch requirement.field {
      case "metadata.name": (metadata.name == requirement.value) == requirement.isEqual
      case "metadata.namespace": (metadata.namespace == requirement.value) == requirement.isEqual
      default: true
      }
    }
  }

  func matches(_ object: KubeObject) -> Bool {
    isAbout(object) && labels.matches(object.metadata.labels) && fields.matches(object)
  }
}
