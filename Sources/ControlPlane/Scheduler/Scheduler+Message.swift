import KubeModel

/// Nodes by what is wrong with them.
struct ReasonCounts: Hashable, Sendable {
  /// Nodes by the filter that rejects them.
  var rejected = [Int](repeating: 0, count: NodeRejection.allCases.count)
  /// Nodes that lack a resource, by its number; one node can lack several.
  var lacking: [Int] = []

  mutating func lack(_ resource: Int, on count: Int) {
    while lacking.count <= resource { lacking.append(0) }
    lacking[resource] += count
  }

  mutating func add(_ verdict: NodeVerdict) {
    if let rejection = verdict.rejection { rejected[rejection.rawValue] += 1 }
    for resource in verdict.lacking { lack(resource, on: 1) }
  }

  func items(resources: [String]) -> [String] {
    var items: [String] = []
    for reason in NodeRejection.allCases where rejected[reason.rawValue] > 0 {
      items.append("\(rejected[reason.rawValue]) \(reason.text)")
    }
    for (resource, count) in lacking.enumerated() where count > 0 {
      items.append("\(count) \(resource == NodeTable.pods ? "Too many pods" : "Insufficient \(resources[resource])")")
    }
    return items
  }
}

/// Why preemption found no node, of those where it might have helped.
struct DryRun: Hashable, Sendable {
  /// Nodes without a pod of lower priority.
  var withoutVictims = 0
  /// What would still be wrong with the others.
  var reasons = ReasonCounts()
}

/// Why pods of a group found no room, counted over all nodes.
struct Shortage: Hashable, Sendable {
  var nodes = 0
  var reasons = ReasonCounts()
  /// Nodes that would not do even without the pods on them.
  var hopeless = 0
  var dryRun: DryRun?

  /// What the scheduler did about it.
  enum Remedy {
    case preempted, foundNone, notAllowed
  }

  /// The text of Kubernetes' FailedScheduling event and of the condition PodScheduled.
  func message(resources: [String], _ remedy: Remedy) -> String {
    guard nodes > 0 else { return "no nodes available to schedule pods" }
    let filters = available(reasons.items(resources: resources))
    switch remedy {
    case .preempted: return filters
    case .notAllowed:
      return "\(filters) no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    case .foundNone:
      var outlook: [String] = []
      let withoutVictims = dryRun?.withoutVictims ?? nodes - hopeless
      if hopeless > 0 { outlook.append("\(hopeless) Preemption is not helpful for scheduling") }
      if withoutVictims > 0 { outlook.append("\(withoutVictims) No preemption victims found for incoming pod") }
      outlook += dryRun?.reasons.items(resources: resources) ?? []
      return "\(filters) no new claims to deallocate, preemption: \(available(outlook))"
    }
  }

  private func available(_ items: [String]) -> String {
    "0/\(nodes) nodes are available: \(items.sorted().joined(separator: ", "))."
  }
}

extension Scheduler {
  /// Brings a group's message up to date. O(classes of nodes) where the group isn't bound to names, plus O(log n) per
  /// resource while few nodes have room in one resource but not in another.
  mutating func explainFailure(of group: Int) {
    // Nodes tell all that there is to say, unless other pods matter too.
    guard groups.all[group].looksAtEachNode || groups.all[group].explainedVersion != nodes.version else { return }
    groups.all[group].explainedVersion = nodes.version
    var shortage = currentShortage(of: group)
    if mayPreempt(group) { shortage.dryRun = tryEvictions(for: group).inVain }
    // The text stays the same most of the time, and pods then share one copy of it.
    guard groups.all[group].shortage != shortage else { return }
    groups.all[group].shortage = shortage
    groups.all[group].message = shortage.message(
      resources: nodes.resources, groups.all[group].requirements.mayPreempt ? .foundNone : .notAllowed)
  }

  mutating func currentShortage(of group: Int) -> Shortage {
    groups.compile(group, nodes)
    let needsEachNode = groups.all[group].requirements.dependsOnName || groups.all[group].looksAtEachNode
    return needsEachNode ? shortageByNode(group) : shortage(group)
  }

  private func shortage(_ group: Int) -> Shortage {
    var shortage = Shortage()
    shortage.nodes = nodes.count
    for rejection in groups.all[group].rejections {
      let count = nodes.classes[rejection.nodeClass].tree.count
      shortage.reasons.rejected[rejection.reason.rawValue] += count
      shortage.hopeless += count
    }
    for use in groups.all[group].uses {
      let nodeClass = nodes.classes[use.nodeClass]
      for (offset, resource) in nodeClass.resources.enumerated() where use.demand[offset] > .min {
        shortage.reasons.lack(resource, on: nodeClass.tree.count(lacking: use.demand[offset], of: offset))
      }
      for resource in use.missing { shortage.reasons.lack(resource, on: nodeClass.tree.count) }
      if isHopeless(use, nodeClass) { shortage.hopeless += nodeClass.tree.count }
    }
    return shortage
  }

  /// Whether even an empty node of a class would not do. The number of pods doesn't count: upstream takes it for
  /// something that preemption could change, whatever the limit.
  func isHopeless(_ use: GroupTable.ClassUse, _ nodeClass: NodeTable.Class) -> Bool {
    guard use.missing.isEmpty else { return true }
    return use.demand.indices.contains {
      $0 != NodeTable.pods && use.demand[$0] > nodeClass.key.allocatable[$0].amount
    }
  }

  private mutating func shortageByNode(_ group: Int) -> Shortage {
    var shortage = Shortage()
    shortage.nodes = nodes.count
    let look = topologyLook(group)
    for number in nodes.nodes.indices where nodes.nodes[number].home != nil {
      let verdict = verdict(number, for: group, look)
      shortage.reasons.add(verdict)
      if verdict.isHopeless { shortage.hopeless += 1 }
    }
    return shortage
  }
}
