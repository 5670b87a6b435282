import KubeModel

/// One alternative of a node selector: every expression in it must hold. Without any it matches no node.
struct NodeSelectorTerm: Hashable, Sendable {
  var labels: [Expression] = []
  /// Expressions on the node's own fields; Kubernetes knows `metadata.name` only.
  var fields: [Expression] = []

  struct Expression: Hashable, Sendable {
    var key: String
    var comparison: Comparison
    var values: [String]

    func matches(_ value: String?) -> Bool {
      switch comparison {
      case .in: value.map(values.contains) ?? false
      case .notIn: value.map { !values.contains($0) } ?? true
      case .exists: value != nil
      case .doesNotExist: value == nil
      case .greater: compare(value, >)
      case .less: compare(value, <)
      }
    }

    private func compare(_ value: String?, _ holds: (Int64, Int64) -> Bool) -> Bool {
      guard values.count == 1, let limit = Int64(values[0]), let value, let number = Int64(value) else { return false }
      return holds(number, limit)
    }
  }

  enum Comparison: String, Hashable, Sendable {
    case `in` = "In"
    case notIn = "NotIn"
    case exists = "Exists"
    case doesNotExist = "DoesNotExist"
    case greater = "Gt"
    case less = "Lt"
  }

  func matches(labels nodeLabels: StringMap, name: String?) -> Bool {
    guard !(labels.isEmpty && fields.isEmpty) else { return false }
    return labels.allSatisfy { $0.matches(nodeLabels[$0.key]) }
      && fields.allSatisfy { $0.matches($0.key == "metadata.name" ? name : nil) }
  }

  /// The nodes that alternatives leave over where each of them names some (upstream: PreFilter of NodeAffinity).
  static func names(_ terms: [NodeSelectorTerm]?) -> Set<String>? {
    var all = Set<String>()
    for term in terms ?? [] {
      let named = term.fields.filter { $0.key == "metadata.name" && $0.comparison == .in }.map { Set($0.values) }
      guard let first = named.first else { return nil }
      all.formUnion(named.dropFirst().reduce(first) { $0.intersection($1) })
    }
    return all.isEmpty ? nil : all
  }

  /// Whether nodes that are alike but for their names may answer differently.
  var dependsOnName: Bool { !fields.isEmpty || labels.contains { $0.key == hostnameLabel } }
}

/// A node selector term that nodes should match, and how much that is worth: 1…100.
struct PreferredNodes: Hashable, Sendable {
  var weight: Int
  var term: NodeSelectorTerm
}

let hostnameLabel = "kubernetes.io/hostname"

extension NodeSelectorTerm {
  /// Reads `{matchExpressions, matchFields}`. An operator that nobody knows makes a term that matches nothing.
  init(_ json: JSONValue) {
    guard let labels = Self.expressions(json["matchExpressions"]), let fields = Self.expressions(json["matchFields"])
    else { return }
    self.labels = labels
    self.fields = fields
  }

  private static func expressions(_ json: JSONValue?) -> [Expression]? {
    var result: [Expression] = []
    for item in json?.array ?? [] {
      guard let comparison = item["operator"]?.string.flatMap(Comparison.init) else { return nil }
      let values = (item["values"]?.array ?? []).compactMap(\.string)
      result.append(Expression(key: item["key"]?.string ?? "", comparison: comparison, values: values))
    }
    return result
  }
}
