internal import KubeModel

/// The nodes that a pod has to be on: its required node affinity.
struct NodeWish: Hashable, Sendable {
  /// Alternatives; in each of them every expression must hold.
  private let terms: [[Expression]]
  /// Alternatives and expressions that are told of.
  private static let told = 3

  private struct Expression: Hashable, Sendable {
    let key: String
    let comparison: String
    let values: [String]
    /// Whether it is about the node itself and not about a label.
    let isField: Bool

    init(_ json: JSONValue, isField: Bool) {
      key = json["key"]?.string ?? ""
      comparison = json["operator"]?.string ?? ""
      values = (json["values"]?.array ?? []).compactMap(\.string)
      self.isField = isField
    }

    func value(_ node: NodeItem) -> String? {
      guard isField else { return node.labels[key] }
      return key == "metadata.name" ? node.name : nil
    }

    func holds(_ node: NodeItem) -> Bool {
      let value = value(node)
      switch comparison {
      case "In": return value.map(values.contains) ?? false
      case "NotIn": return value.map { !values.contains($0) } ?? true
      case "Exists": return value != nil
      case "DoesNotExist": return value == nil
      case "Gt", "Lt":
        guard values.count == 1, let limit = Int64(values[0]), let number = value.flatMap({ Int64($0) }) else {
          return false
        }
        return comparison == "Gt" ? number > limit : number < limit
      default: return false
      }
    }

    /// `zone In (a, b)`
    var text: String {
      let shown = values.prefix(6).joined(separator: ", ") + (values.count > 6 ? ", …" : "")
      return "\(key) \(comparison)" + (values.isEmpty ? "" : " (\(shown))")
    }

    /// `zone=c`, `no label zone`
    func found(on node: NodeItem) -> String { value(node).map { "\(key)=\($0)" } ?? "no label \(key)" }
  }

  /// `nil` where an affinity requires nothing of nodes.
  init?(_ affinity: JSONValue) {
    guard let required = affinity["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"],
      let alternatives = required["nodeSelectorTerms"]?.array
    else { return nil }
    terms = alternatives.map { term in
      (term["matchExpressions"]?.array ?? []).map { Expression($0, isField: false) }
        + (term["matchFields"]?.array ?? []).map { Expression($0, isField: true) }
    }
  }

  /// What a node has and what was wished for, after its name; `nil` where it is one of those wished for.
  func objection(of node: NodeItem) -> String? {
    // A term without expressions matches no node.
    if terms.contains(where: { term in !term.isEmpty && term.allSatisfy { $0.holds(node) } }) { return nil }
    let failing = terms.map { term in term.filter { !$0.holds(node) } }.filter { !$0.isEmpty }
    guard !failing.isEmpty else { return "is not wanted: the pod's node affinity names no node" }
    var found: [String] = []
    for text in failing.prefix(NodeWish.told).flatMap({ $0.prefix(NodeWish.told) }).map({ $0.found(on: node) })
    where !found.contains(text) { found.append(text) }
    let wishes = failing.prefix(NodeWish.told).map { $0.prefix(NodeWish.told).map(\.text).joined(separator: " and ") }
    let more = failing.count > NodeWish.told ? " or …" : ""
    return "has \(found.joined(separator: " and ")), the pod wants \(wishes.joined(separator: " or "))\(more)"
  }
}
