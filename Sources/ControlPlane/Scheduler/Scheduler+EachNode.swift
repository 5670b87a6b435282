import KubeModel

/// What the filters say of one node for one pod.
struct NodeVerdict {
  var rejection: NodeRejection?
  /// Numbers of the resources that it lacks.
  var lacking: [Int] = []
  /// Whether it would do no better without the pods that are on it.
  var isHopeless = false

  var fits: Bool { rejection == nil && lacking.isEmpty }
}

// The slow path: every node is looked at, as Kubernetes does. For pods whose place depends on where other pods are,
// for host ports, and for preemption.
extension Scheduler {
  /// Other pods' places as a group's pods see them; `nil` where they make no difference.
  mutating func topologyLook(_ group: Int) -> TopologyLook? {
    guard let identity = groups.all[group].identity else { return nil }
    return TopologyLook(groups.all[group].requirements, identity, &topology, nodes)
  }

  /// What the filters say, in Kubernetes' order: the first that fails a node decides.
  func verdict(_ number: Int, for group: Int, _ look: TopologyLook?) -> NodeVerdict {
    let requirements = groups.all[group].requirements
    let entry = nodes.nodes[number]
    guard let home = entry.home else { return NodeVerdict(rejection: .otherName, isHopeless: true) }
    if let rejection = requirements.rejection(by: entry.traits, name: entry.name) {
      return NodeVerdict(rejection: rejection, isHopeless: rejection.isHopeless)
    }
    if requirements.hostPorts.contains(where: { port in entry.ports.contains { $0.conflicts(with: port) } }) {
      return NodeVerdict(rejection: .ports)
    }
    var verdict = NodeVerdict()
    let nodeClass = nodes.classes[home.nodeClass]
    let use = GroupTable.ClassUse(groups.all[group].load, nodeClass, home.nodeClass)
    for (offset, resource) in nodeClass.resources.enumerated()
    where use.demand[offset] > nodeClass.tree.free(at: home.position, offset) {
      verdict.lacking.append(resource)
    }
    verdict.lacking += use.missing
    if !verdict.lacking.isEmpty {
      verdict.isHopeless = isHopeless(use, nodeClass)
      return verdict
    }
    guard let rejection = look?.rejection(of: number) else { return verdict }
    return NodeVerdict(rejection: rejection, isHopeless: rejection.isHopeless)
  }

  /// The best node of all for a pod of a group, and among equals one by lot; `nil` where none fits. O(nodes).
  mutating func chooseAmongAll(for group: Int, using generator: inout some RandomNumberGenerator) -> Int? {
    let look = topologyLook(group)
    let fitting = nodes.nodes.indices.filter { nodes.nodes[$0].home != nil && verdict($0, for: group, look).fits }
    guard fitting.count > 1 else { return fitting.first }
    let totals = scores(fitting, for: group, look)
    let top = totals.reduce(-Double.infinity, max)
    // Sums of the same parts may differ by their rounding.
    let best = fitting.indices.filter { totals[$0] > top - 1e-9 }
    return fitting[best[best.count > 1 ? generator.draw(below: best.count) : 0]]
  }

  /// The scores of nodes that passed the filters, by Kubernetes' plug-ins and weights.
  private func scores(_ numbers: [Int], for group: Int, _ look: TopologyLook?) -> [Double] {
    let requirements = groups.all[group].requirements
    let avoidances = numbers.map { requirements.avoidance(of: nodes.nodes[$0].traits) }
    let preferences = numbers.map { requirements.preference(for: nodes.nodes[$0].traits, name: nodes.nodes[$0].name) }
    let mostAvoided = avoidances.max() ?? 0
    let mostPreferred = preferences.max() ?? 0
    let spread = look?.spreadScores(numbers)
    let affinity = look?.affinityScores(numbers)
    return numbers.indices.map { index in
      var total = resourceScore(numbers[index], for: group)
      let taints = mostAvoided > 0 ? 100 - 100 * avoidances[index] / mostAvoided : 100
      let nodeAffinity = mostPreferred > 0 ? 100 * preferences[index] / mostPreferred : 0
      total += Double(3 * taints + 2 * nodeAffinity)
      if let spread, let affinity { total += Double(2 * spread[index] + 2 * affinity[index]) }
      return total
    }
  }

  /// LeastAllocated and BalancedAllocation, less the neutral 75 of the latter.
  private func resourceScore(_ number: Int, for group: Int) -> Double {
    guard let home = nodes.nodes[number].home else { return 0 }
    let nodeClass = nodes.classes[home.nodeClass]
    let use = GroupTable.ClassUse(groups.all[group].load, nodeClass, home.nodeClass)
    return score(nodeClass.tree.cost(at: home.position, tilt: use.tilt) + use.load)
  }
}
