import KubeModel

/// Why a node cannot take a pod, but for resources. In the order in which Kubernetes' filters look; resources come
/// after the ports.
enum NodeRejection: Int, CaseIterable, Sendable {
  /// Not among the nodes that every term of the node affinity names: upstream's filters never see such a node.
  case unnamed
  case unschedulable
  case otherName
  case taint
  case selector
  case ports
  case spreadLabel
  case spread
  case affinity
  case antiAffinity
  case existingAntiAffinity

  /// Whether the node would do no better without the pods that are on it (UnschedulableAndUnresolvable).
  var isHopeless: Bool {
    switch self {
    case .unnamed, .unschedulable, .otherName, .taint, .selector, .spreadLabel, .affinity: true
    case .ports, .spread, .antiAffinity, .existingAntiAffinity: false
    }
  }

  /// What a FailedScheduling message says.
  var text: String {
    switch self {
    case .unnamed: "node(s) didn't satisfy plugin(s) [NodeAffinity]"
    case .unschedulable: "node(s) were unschedulable"
    case .otherName: "node(s) didn't match the requested node name"
    case .taint: "node(s) had untolerated taint(s)"
    case .selector: "node(s) didn't match Pod's node affinity/selector"
    case .ports: "node(s) didn't have free ports for the requested pod ports"
    case .spreadLabel: "node(s) didn't match pod topology spread constraints (missing required label)"
    case .spread: "node(s) didn't match pod topology spread constraints"
    case .affinity: "node(s) didn't match pod affinity rules"
    case .antiAffinity: "node(s) didn't match pod anti-affinity rules"
    case .existingAntiAffinity: "node(s) didn't satisfy existing pods anti-affinity rules"
    }
  }
}

/// What of a node decides which pods it may take at all.
struct NodeTraits: Hashable, Sendable {
  var labels: StringMap
  var taints: [Trait]
  var unschedulable: Bool

  /// A taint without the time it was added, which decides nothing here.
  struct Trait: Hashable, Sendable {
    var key: String
    var value: String
    var effect: String
  }

  init(_ node: Node) {
    labels = node.metadata.labels
    taints = node.spec.taints.map { Trait(key: $0.key, value: $0.value, effect: $0.effect) }
    unschedulable = node.spec.unschedulable
  }
}

extension PodRequirements {
  /// The first filter that a node with these traits fails; `name` is `nil` where no filter asks for it.
  func rejection(by traits: NodeTraits, name: String?) -> NodeRejection? {
    if let named = namedByAffinity, let name, !named.contains(name) { return .unnamed }
    if traits.unschedulable, !tolerates("node.kubernetes.io/unschedulable", "", "NoSchedule") { return .unschedulable }
    if !nodeName.isEmpty, nodeName != name { return .otherName }
    if !toleratesTaints(of: traits) { return .taint }
    return isSelected(traits, name: name) ? nil : .selector
  }

  func toleratesTaints(of traits: NodeTraits) -> Bool {
    traits.taints.allSatisfy { taint in
      (taint.effect != "NoSchedule" && taint.effect != "NoExecute") || tolerates(taint.key, taint.value, taint.effect)
    }
  }

  /// Whether the node selector and the required node affinity allow a node with these traits.
  func isSelected(_ traits: NodeTraits, name: String?) -> Bool {
    for entry in nodeSelector where traits.labels[entry.key] != entry.value { return false }
    guard let nodeAffinity else { return true }
    return nodeAffinity.contains { $0.matches(labels: traits.labels, name: name) }
  }

  /// How many `PreferNoSchedule` taints speak against a node.
  func avoidance(of traits: NodeTraits) -> Int {
    traits.taints.count { $0.effect == "PreferNoSchedule" && !tolerates($0.key, $0.value, $0.effect) }
  }

  /// The summed weights of the preferred node affinity that a node fulfils.
  func preference(for traits: NodeTraits, name: String?) -> Int {
    preferredNodes.reduce(0) { $0 + ($1.term.matches(labels: traits.labels, name: name) ? $1.weight : 0) }
  }

  private func tolerates(_ key: String, _ value: String, _ effect: String) -> Bool {
    tolerations.contains { $0.tolerates(key, value, effect) }
  }
}
