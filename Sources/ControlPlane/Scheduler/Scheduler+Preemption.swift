import KubeModel

/// Making room for a pod at the cost of others of lower priority (Kubernetes: DefaultPreemption).
extension Scheduler {
  /// A node that would have room without some of its pods.
  struct Eviction {
    var node: Int
    /// The most important first. Some may only be nominated for the node: they do not run there yet.
    var victims: [Int]

    fileprivate var highestPriority = Int.min
    fileprivate var sum = 0
    /// When the first of the most important victims started.
    fileprivate var start = Instant(microseconds: .max)
  }

  /// Whether there are pods that a group's pods may push aside at all.
  func mayPreempt(_ group: Int) -> Bool {
    guard groups.all[group].requirements.mayPreempt, let lowest = placedPriorities.first else { return false }
    return lowest.priority < groups.all[group].priority
  }

  /// The node where least is lost by making room for a pod of a group, and among equals one by lot; `nil` where none
  /// would do. O(nodes and the pods on them).
  mutating func findEviction(for group: Int, using generator: inout some RandomNumberGenerator) -> Eviction? {
    let candidates = tryEvictions(for: group).candidates
    guard var best = candidates.first else { return nil }
    for candidate in candidates.dropFirst() where isBetter(candidate, than: best) { best = candidate }
    let equals = candidates.filter { !isBetter(best, than: $0) }
    return equals[equals.count > 1 ? generator.draw(below: equals.count) : 0]
  }

  /// Tries every node without its pods of lower priority.
  mutating func tryEvictions(for group: Int) -> (candidates: [Eviction], inVain: DryRun) {
    var look = topologyLook(group)
    var candidates: [Eviction] = []
    var inVain = DryRun()
    let version = nodes.version
    for number in nodes.nodes.indices where nodes.nodes[number].home != nil {
      if verdict(number, for: group, look).isHopeless { continue }
      let lower = lowerPods(on: number, than: groups.all[group].priority)
      if lower.isEmpty {
        inVain.withoutVictims += 1
        continue
      }
      let mayBeOverfull = nodes.nodes[number].mayBeOverfull
      for podID in lower { lift(podID, &look) }
      let empty = verdict(number, for: group, look)
      var victims: [Int] = []
      if empty.fits {
        // The most important come back first, as long as there is room.
        for podID in lower {
          restore(podID, &look)
          if !verdict(number, for: group, look).fits {
            lift(podID, &look)
            victims.append(podID)
          }
        }
        candidates.append(eviction(on: number, victims))
      } else {
        inVain.reasons.add(empty)
        victims = lower
      }
      for podID in victims { restore(podID, &look) }
      if mayBeOverfull { nodes.overfill(number) }
    }
    // Everything is again as it was.
    nodes.version = version
    return (candidates, inVain)
  }

  /// Pods of lower priority on a node, the most important first: by priority, then those that started first.
  private func lowerPods(on node: Int, than priority: Int) -> [Int] {
    var result: [Int] = []
    var podID = Int(nodes.nodes[node].firstPod)
    while podID >= 0 {
      if self.priority(podID) < priority { result.append(podID) }
      podID = Int(pods[podID].next)
    }
    return result.sorted { left, right in
      if self.priority(left) != self.priority(right) { return self.priority(left) > self.priority(right) }
      if pods[left].started != pods[right].started { return pods[left].started < pods[right].started }
      return pods[left].arrival < pods[right].arrival
    }
  }

  func priority(_ podID: Int) -> Int { groups.all[Int(pods[podID].group)].priority }

  /// Tries things without a pod; `restore` must follow.
  private mutating func lift(_ podID: Int, _ look: inout TopologyLook?) {
    let entry = pods[podID]
    nodes.subtract(groups.all[Int(entry.group)].load, from: Int(entry.node), keeping: true)
    if entry.kind >= 0 { look?.add(-1, ofKind: Int(entry.kind), on: Int(entry.node)) }
  }

  private mutating func restore(_ podID: Int, _ look: inout TopologyLook?) {
    let entry = pods[podID]
    nodes.add(groups.all[Int(entry.group)].load, to: Int(entry.node))
    if entry.kind >= 0 { look?.add(1, ofKind: Int(entry.kind), on: Int(entry.node)) }
  }

  private func eviction(on node: Int, _ victims: [Int]) -> Eviction {
    var result = Eviction(node: node, victims: victims)
    for podID in victims {
      let priority = priority(podID)
      // As upstream: shifted, so that more pods weigh more even where priorities are negative.
      result.sum += priority + Int(Int32.max) + 1
      if priority > result.highestPriority {
        result.highestPriority = priority
        result.start = pods[podID].started
      } else if priority == result.highestPriority {
        result.start = min(result.start, pods[podID].started)
      }
    }
    return result
  }

  /// The lowest of the highest priorities, then the smallest sum of priorities, then the fewest victims, then the
  /// latest start.
  private func isBetter(_ left: Eviction, than right: Eviction) -> Bool {
    if left.highestPriority != right.highestPriority { return left.highestPriority < right.highestPriority }
    if left.sum != right.sum { return left.sum < right.sum }
    if left.victims.count != right.victims.count { return left.victims.count < right.victims.count }
    return left.start > right.start
  }

  // MARK: Nominated pods

  /// Takes a pod out of its group's queue and keeps a node's room for it. Pods that were nominated for the same room
  /// go back into their queues. Returns those that must go for it, if any.
  mutating func carryOut(_ eviction: Eviction, for podID: Int, _ decisions: inout [Decision]) -> [Int] {
    for victim in eviction.victims where pods[victim].isNominated { withdraw(victim, &decisions) }
    let victims = eviction.victims.filter { pods[$0].node >= 0 }
    unlink(podID)
    keepRoom(for: podID, on: eviction.node)
    guard !victims.isEmpty else { return [] }
    pods[podID].isNominated = true
    for victim in victims { markTerminating(podID: victim) }
    let index = nominated.firstIndex { priority($0) < priority(podID) } ?? nominated.count
    nominated.insert(podID, at: index)
    return victims
  }

  /// Places the nominated pods that find room by now, on their node or, where others have it, elsewhere; one whose
  /// victims are all gone and that still has no room queues again. Room that is kept for a pod of lower priority is
  /// free to one of higher.
  mutating func placeNominated(_ decisions: inout [Decision], using generator: inout some RandomNumberGenerator) {
    var rest = nominated.map { (podID: $0, node: Int(pods[$0].node), priority: priority($0)) }[...]
    for (podID, _, _) in rest { unplace(podID, keeping: true) }
    while let highest = rest.first?.priority {
      let equals = rest.prefix { $0.priority == highest }
      rest = rest.dropFirst(equals.count)
      for (podID, node, _) in equals { keepRoom(for: podID, on: node) }
      for (podID, node, _) in equals { tryAgain(podID, on: node, &decisions, using: &generator) }
    }
  }

  private mutating func keepRoom(for podID: Int, on node: Int) {
    nodes.overfill(node)
    place(podID, on: node)
  }

  private mutating func tryAgain(
    _ podID: Int, on node: Int, _ decisions: inout [Decision], using generator: inout some RandomNumberGenerator
  ) {
    let group = Int(pods[podID].group)
    unplace(podID, keeping: true)
    var chosen = verdict(node, for: group, topologyLook(group)).fits ? node : nil
    if chosen == nil {
      groups.all[group].needsFreedNode = false
      chosen = choose(for: group, using: &generator)
    }
    guard let chosen else {
      keepRoom(for: podID, on: node)
      let waits = nodes.nodes[node].home != nil && hasTerminating(on: node, below: priority(podID))
      return waits ? () : withdraw(podID, &decisions)
    }
    place(podID, on: chosen)
    if chosen != node {
      nodes.forgetIfEmpty(node)
      noteFreed(node)
    }
    pods[podID].isNominated = false
    nominated.removeAll { $0 == podID }
    decisions.append(.bound(podID: podID, node: nodes.nodes[chosen].name))
  }

  private func hasTerminating(on node: Int, below priority: Int) -> Bool {
    var podID = Int(nodes.nodes[node].firstPod)
    while podID >= 0 {
      if pods[podID].isTerminating, self.priority(podID) < priority { return true }
      podID = Int(pods[podID].next)
    }
    return false
  }

  /// A nominated pod goes back into its group's queue, where its arrival puts it.
  private mutating func withdraw(_ podID: Int, _ decisions: inout [Decision]) {
    decisions.append(.withdrawn(podID: podID))
    noteFreed(Int(pods[podID].node))
    nominated.removeAll { $0 == podID }
    unplace(podID)
    pods[podID].isNominated = false
    link(podID)
  }
}
