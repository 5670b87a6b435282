import KubeModel

/// Why pods of a group found no room, counted over all nodes.
struct Shortage: Hashable, Sendable {
  var nodes = 0
  /// Nodes by the filter that rejects them.
  var rejected = [Int](repeating: 0, count: NodeRejection.allCases.count)
  /// Nodes that lack a resource, by its number; one node can lack several.
  var lacking: [Int] = []
  /// Nodes that would not do even without the pods on them.
  var hopeless = 0

  mutating func lack(_ resource: Int, on count: Int) {
    while lacking.count <= resource { lacking.append(0) }
    lacking[resource] += count
  }

  /// The text of Kubernetes' FailedScheduling event and of the condition PodScheduled.
  func message(resources: [String], mayPreempt: Bool) -> String {
    guard nodes > 0 else { return "no nodes available to schedule pods" }
    var items: [String] = []
    for reason in NodeRejection.allCases where rejected[reason.rawValue] > 0 {
      items.append("\(rejected[reason.rawValue]) \(reason.text)")
    }
    for (resource, count) in lacking.enumerated() where count > 0 {
      items.append("\(count) \(resource == NodeTable.pods ? "Too many pods" : "Insufficient \(resources[resource])")")
    }
    let preemption: String
    if mayPreempt {
      var outlook: [String] = []
      if hopeless > 0 { outlook.append("\(hopeless) Preemption is not helpful for scheduling") }
      if nodes > hopeless { outlook.append("\(nodes - hopeless) No preemption victims found for incoming pod") }
      preemption = available(outlook)
    } else {
      preemption = "not eligible due to preemptionPolicy=Never."
    }
    return "\(available(items)) no new claims to deallocate, preemption: \(preemption)"
  }

  private func available(_ items: [String]) -> String {
    "0/\(nodes) nodes are available: \(items.sorted().joined(separator: ", "))."
  }
}

extension Scheduler {
  /// Brings a group's message up to date. O(classes of nodes) where the group isn't bound to names, plus O(log n) per
  /// resource while few nodes have room in one resource but not in another.
  mutating func explainFailure(of group: Int) {
    guard groups.all[group].explainedVersion != nodes.version else { return }
    groups.compile(group, nodes)
    groups.all[group].explainedVersion = nodes.version
    let shortage = groups.all[group].requirements.dependsOnName ? shortageByName(group) : shortage(group)
    // The text stays the same most of the time, and pods then share one copy of it.
    guard groups.all[group].shortage != shortage else { return }
    groups.all[group].shortage = shortage
    groups.all[group].message = shortage.message(
      resources: nodes.resources, mayPreempt: groups.all[group].requirements.mayPreempt)
  }

  private func shortage(_ group: Int) -> Shortage {
    var shortage = Shortage()
    shortage.nodes = nodes.count
    for rejection in groups.all[group].rejections {
      let count = nodes.classes[rejection.nodeClass].tree.count
      shortage.rejected[rejection.reason.rawValue] += count
      shortage.hopeless += count
    }
    for use in groups.all[group].uses {
      let nodeClass = nodes.classes[use.nodeClass]
      for (offset, resource) in nodeClass.resources.enumerated() where use.demand[offset] > .min {
        shortage.lack(resource, on: nodeClass.tree.count(lacking: use.demand[offset], of: offset))
      }
      for resource in use.missing { shortage.lack(resource, on: nodeClass.tree.count) }
      if isHopeless(use, nodeClass) { shortage.hopeless += nodeClass.tree.count }
    }
    return shortage
  }

  /// Whether even an empty node of a class would not do. The number of pods doesn't count: upstream takes it for
  /// something that preemption could change, whatever the limit.
  private func isHopeless(_ use: GroupTable.ClassUse, _ nodeClass: NodeTable.Class) -> Bool {
    guard use.missing.isEmpty else { return true }
    return use.demand.indices.contains {
      $0 != NodeTable.pods && use.demand[$0] > nodeClass.key.allocatable[$0].amount
    }
  }

  private func shortageByName(_ group: Int) -> Shortage {
    var shortage = Shortage()
    shortage.nodes = nodes.count
    let load = groups.all[group].load
    for entry in nodes.nodes {
      guard let home = entry.home else { continue }
      let traits = nodes.traits(of: entry, home)
      if let reason = groups.all[group].requirements.rejection(by: traits, name: entry.name) {
        shortage.rejected[reason.rawValue] += 1
        shortage.hopeless += 1
        continue
      }
      let nodeClass = nodes.classes[home.nodeClass]
      let use = GroupTable.ClassUse(load, nodeClass, home.nodeClass)
      for (offset, resource) in nodeClass.resources.enumerated()
      where use.demand[offset] > nodeClass.tree.free(at: home.position, offset) {
        shortage.lack(resource, on: 1)
      }
      for resource in use.missing { shortage.lack(resource, on: 1) }
      if isHopeless(use, nodeClass) { shortage.hopeless += 1 }
    }
    return shortage
  }
}
