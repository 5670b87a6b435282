/// A field selector as users write it: `status.phase=Running,spec.nodeName!=node-1`.
public struct FieldSelectorList: Hashable, Sendable {
  /// One condition on a field.
  public struct Requirement: Hashable, Sendable {
    /// The field's path, `spec.nodeName`.
    public var field: String
    /// Whether the value must be equal; else it must differ.
    public var isEqual: Bool
    /// What the field is compared with, escapes undone; may be empty.
    public var value: String
  }

  /// All of them must hold; in the order in which they were written.
  public var requirements: [Requirement] = []

  /// Selects everything.
  public init() {}

  /// Reads kubectl's `--field-selector` grammar for objects of `kind`; a field that Kubernetes does not select by
  /// is refused (400).
  public init(_ text: String, kind: Kind) throws(SelectorError) {
    for part in FieldSelectorList.split(text) where !part.isEmpty {
      guard let operation = part.firstIndex(where: { $0 == "=" || $0 == "!" }) else {
        throw SelectorError(message: "invalid selector: '\(text)'; can't understand '\(part)'")
      }
      let field = String(part[..<operation])
      var rest = part[operation...]
      var isEqual = true
      if rest.hasPrefix("!=") {
        isEqual = false
        rest = rest.dropFirst(2)
      } else if rest.hasPrefix("==") {
        rest = rest.dropFirst(2)
      } else if rest.hasPrefix("=") {
        rest = rest.dropFirst(1)
      } else {
        throw SelectorError(message: "invalid selector: '\(text)'; can't understand '\(part)'")
      }
      guard FieldSelectorList.isSupported(field, kind: kind) else {
        throw SelectorError(
          message: kind.group == "batch" || kind == .configMap || kind == .secret || kind == .namespace
            ? "field label \(goQuoted(field)) not supported for \(kind.rawValue)"
            : "field label not supported: \(field)")
      }
      requirements.append(
        Requirement(
          field: field == "spec.host" ? "spec.nodeName" : field, isEqual: isEqual,
          value: FieldSelectorList.unescaped(rest)))
    }
  }

  private static func split(_ text: String) -> [String] {
    var parts: [String] = []
    var current = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        current.append("\\")
        current.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "," {
        parts.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    if isEscaped { current.append("\\") }
    return parts + [current]
  }

  private static func unescaped(_ text: Substring) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
      if !isEscaped, character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
        isEscaped = false
      }
    }
    return result
  }

  private static func isSupported(_ field: String, kind: Kind) -> Bool {
    if field == "metadata.name" || (field == "metadata.namespace" && kind.isNamespaced) { return true }
    let others: [String] =
      switch kind {
      case .job: ["status.successful"]
      case .pod:
        [
          "spec.nodeName", "spec.host", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
          "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ]
      case .event:
        [
          "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
          "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
          "reportingComponent", "source", "type",
        ]
      case .node: ["spec.unschedulable"]
      case .namespace: ["status.phase"]
      case .secret: ["type"]
      case .configMap, .cronJob, .lease, .priorityClass, .serviceAccount: []
      }
    return others.contains(field)
  }

  /// Whether `object` fulfils every requirement.
  public func matches(_ object: KubeObject) -> Bool {
    requirements.allSatisfy { (object.selectableField($0.field) == $0.value) == $0.isEqual }
  }
}

extension KubeObject {
  /// The text that a field selector compares.
  func selectableField(_ field: String) -> String {
    switch field {
    case "metadata.name": return metadata.name
    case "metadata.namespace": return metadata.namespace
    default: break
    }
    switch self {
    case .job(let job): return field == "status.successful" ? String(job.status.succeeded) : ""
    case .pod(let pod): return pod.selectableField(field)
    case .event(let event): return event.selectableField(field)
    case .node(let node): return String(node.spec.unschedulable)
    case .namespace(let namespace): return namespace.status.phase
    case .secret(let secret): return secret.type
    case .configMap, .cronJob, .lease, .priorityClass, .serviceAccount: return ""
    }
  }
}

extension Pod {
  fileprivate func selectableField(_ field: String) -> String {
    switch field {
    case "spec.nodeName": spec.nodeName
    case "spec.restartPolicy": spec.restartPolicy.rawValue
    case "spec.schedulerName": spec.schedulerName
    case "spec.serviceAccountName": spec.serviceAccountName
    case "spec.hostNetwork": String(spec.hostNetwork)
    case "status.phase": status.phase.rawValue
    case "status.podIP", "status.podIPs": status.podIP
    case "status.nominatedNodeName": status.nominatedNodeName
    default: ""
    }
  }
}

extension Event {
  fileprivate func selectableField(_ field: String) -> String {
    switch field {
    case "involvedObject.kind": involvedObject.kind
    case "involvedObject.namespace": involvedObject.namespace
    case "involvedObject.name": involvedObject.name
    case "involvedObject.uid": involvedObject.uid
    case "involvedObject.apiVersion": involvedObject.apiVersion
    case "involvedObject.resourceVersion": involvedObject.resourceVersion
    case "involvedObject.fieldPath": involvedObject.fieldPath
    case "reason": reason
    case "reportingComponent": reportingComponent
    case "source": reporter
    case "type": type
    default: ""
    }
  }
}
