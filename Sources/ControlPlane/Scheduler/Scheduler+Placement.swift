import KubeModel

/// Choosing the node for a pod.
extension Scheduler {
  /// A node that is the best of its kind.
  private struct Candidate {
    var node: NodeTable.Entry.Home
    /// LeastAllocated, how much is left of CPU and memory with the pod there, and BalancedAllocation, what it does for
    /// the balance of both, less its neutral 75.
    var score: Double
    var avoidance: Int
    var preference: Int
    /// How many nodes of the kind are as good.
    var ties: Int
  }

  /// Number of the best node that has room for a pod of a group; `nil` where none has.
  mutating func choose(for group: Int, using generator: inout some RandomNumberGenerator) -> Int? {
    if groups.all[group].needsFreedNode, let freedNodes,
      !freedNodes.contains(where: { nodes.hasRoom($0, for: groups.all[group].load) })
    {
      return nil
    }
    groups.compile(group, nodes)
    if groups.all[group].looksAtEachNode { return chooseAmongAll(for: group, using: &generator) }
    if groups.all[group].requirements.dependsOnName { return chooseByName(for: group, using: &generator) }
    let hasPreferences = groups.all[group].hasPreferences
    if !hasPreferences, !groups.all[group].hasTilt, let node = chooseLeastLoaded(for: group, using: &generator) {
      return node
    }
    var candidates: [Candidate] = []
    var best = -Double.infinity
    for index in groups.all[group].uses.indices where groups.all[group].uses[index].fitsEmpty {
      let nodeClass = groups.all[group].uses[index].nodeClass
      let load = groups.all[group].uses[index].load
      let tilt = groups.all[group].uses[index].tilt
      // Without preferences the score decides alone, and a class whose best is worse needn't be searched.
      if !hasPreferences, score(nodes.classes[nodeClass].tree.lowestCost(tilt: tilt) + load) < best { continue }
      let choice = nodes.classes[nodeClass].tree.cheapest(
        demand: groups.all[group].uses[index].demand, tilt: tilt, using: &generator)
      guard let choice else { continue }
      best = max(best, score(choice.cost + load))
      candidates.append(
        Candidate(
          node: .init(nodeClass: nodeClass, position: choice.position), score: score(choice.cost + load),
          avoidance: groups.all[group].uses[index].avoidance, preference: groups.all[group].uses[index].preference,
          ties: choice.ties))
    }
    return pick(candidates, using: &generator)
  }

  /// The least loaded node of all, where load alone decides; `nil` where that one has no room, though others may.
  private func chooseLeastLoaded(for group: Int, using generator: inout some RandomNumberGenerator) -> Int? {
    var lowest = Double.infinity
    var ties = 0
    for index in groups.all[group].uses.indices where groups.all[group].uses[index].fitsEmpty {
      let tree = nodes.classes[groups.all[group].uses[index].nodeClass].tree
      let load = tree.lowestLoad + groups.all[group].uses[index].load
      guard load <= lowest, tree.mayFit(groups.all[group].uses[index].demand) else { continue }
      ties = load < lowest ? tree.ties : ties + tree.ties
      lowest = load
    }
    guard ties > 0 else { return nil }
    var rank = ties > 1 ? generator.draw(below: ties) : 0
    for index in groups.all[group].uses.indices where groups.all[group].uses[index].fitsEmpty {
      let nodeClass = groups.all[group].uses[index].nodeClass
      let tree = nodes.classes[nodeClass].tree
      guard tree.lowestLoad + groups.all[group].uses[index].load == lowest,
        tree.mayFit(groups.all[group].uses[index].demand)
      else { continue }
      if rank < tree.ties {
        let position = tree.leastLoaded(rank: rank)
        let fits = tree.fits(groups.all[group].uses[index].demand, at: position)
        return fits ? nodes.classes[nodeClass].node(at: position) : nil
      }
      rank -= tree.ties
    }
    return nil
  }

  func score(_ cost: Double) -> Double { 50 * (2 - cost) }

  /// The best of the candidates, and among equals one by lot. O(number of candidates).
  private func pick(_ candidates: [Candidate], using generator: inout some RandomNumberGenerator) -> Int? {
    guard var chosen = candidates.first else { return nil }
    if candidates.count > 1 {
      let mostAvoided = candidates.reduce(0) { max($0, $1.avoidance) }
      let mostPreferred = candidates.reduce(0) { max($0, $1.preference) }
      func total(_ candidate: Candidate) -> Double {
        let taints = mostAvoided > 0 ? 100 - 100 * candidate.avoidance / mostAvoided : 100
        let affinity = mostPreferred > 0 ? 100 * candidate.preference / mostPreferred : 0
        return candidate.score + Double(3 * taints + 2 * affinity)
      }
      var best = total(chosen)
      var ties = chosen.ties
      for candidate in candidates.dropFirst() {
        let score = total(candidate)
        if score > best {
          chosen = candidate
          best = score
          ties = candidate.ties
        } else if score == best {
          ties += candidate.ties
          if generator.draw(below: ties) < candidate.ties { chosen = candidate }
        }
      }
    }
    return nodes.classes[chosen.node.nodeClass].node(at: chosen.node.position)
  }

  // MARK: By name

  /// Choosing among nodes that are told apart by name: each of them is asked. O(number of nodes named).
  private func chooseByName(for group: Int, using generator: inout some RandomNumberGenerator) -> Int? {
    let load = groups.all[group].load
    let requirements = groups.all[group].requirements
    var candidates: [Candidate] = []
    for number in namedNodes(requirements) {
      let entry = nodes.nodes[number]
      guard let home = entry.home else { continue }
      let traits = entry.traits
      guard requirements.rejection(by: traits, name: entry.name) == nil else { continue }
      let nodeClass = nodes.classes[home.nodeClass]
      let use = GroupTable.ClassUse(load, nodeClass, home.nodeClass)
      guard use.fitsEmpty,
        use.demand.indices.allSatisfy({ use.demand[$0] <= nodeClass.tree.free(at: home.position, $0) })
      else { continue }
      candidates.append(
        Candidate(
          node: home, score: score(nodeClass.tree.cost(at: home.position, tilt: use.tilt) + use.load),
          avoidance: requirements.avoidance(of: traits),
          preference: requirements.preference(for: traits, name: entry.name), ties: 1))
    }
    return pick(candidates, using: &generator)
  }

  /// The nodes that requirements may mean by name; all of them where they don't narrow them down.
  private func namedNodes(_ requirements: PodRequirements) -> [Int] {
    func named(_ name: String) -> [Int] { nodes.number(of: name).map { [$0] } ?? [] }
    if !requirements.nodeName.isEmpty { return named(requirements.nodeName) }
    if let hostname = requirements.nodeSelector[hostnameLabel] { return nodes.numbers(withHostname: hostname) }
    var result: [Int] = []
    for term in requirements.nodeAffinity ?? [] {
      if let field = term.fields.first(where: { $0.key == "metadata.name" && $0.comparison == .in }) {
        result += field.values.flatMap(named)
      } else if let label = term.labels.first(where: { $0.key == hostnameLabel && $0.comparison == .in }) {
        result += label.values.flatMap(nodes.numbers(withHostname:))
      } else {
        return Array(nodes.nodes.indices)
      }
    }
    guard requirements.nodeAffinity != nil else { return Array(nodes.nodes.indices) }
    result.sort()
    var unique: [Int] = []
    for number in result where number != unique.last { unique.append(number) }
    return unique
  }

  /// Whether a node that changed might now take pods of a group.
  func isPlausible(node number: Int, for group: Int) -> Bool {
    let entry = nodes.nodes[number]
    guard let home = entry.home else { return false }
    if groups.all[group].requirements.dependsOnName || groups.all[group].looksAtEachNode {
      guard groups.all[group].requirements.rejection(by: entry.traits, name: entry.name) == nil else { return false }
      return GroupTable.ClassUse(groups.all[group].load, nodes.classes[home.nodeClass], home.nodeClass).fitsEmpty
    }
    return groups.all[group].uses.contains { $0.nodeClass == home.nodeClass && $0.fitsEmpty }
  }
}
