import KubeModel

extension Scheduler {
  /// What contradicts itself in here; empty while all is well. For tests: O(everything).
  func checkInvariants() -> [String] {
    var problems = nodes.checkInvariants()
    var used: [Int: NodeTable.Entry] = [:]
    var members = [Int](repeating: 0, count: groups.all.count)
    var waitingPods = 0
    for entry in pods where entry.group >= 0 {
      members[Int(entry.group)] += 1
      guard entry.node >= 0 else {
        waitingPods += 1
        continue
      }
      let load = groups.all[Int(entry.group)].load
      var sum = used[Int(entry.node)] ?? NodeTable.Entry(name: "")
      sum.used[NodeTable.cpu] += load.milliCPU
      sum.used[NodeTable.memory] += load.memory
      sum.used[NodeTable.pods] += 1
      sum.scoredMilliCPU += load.scoredMilliCPU
      sum.scoredMemory += load.scoredMemory
      for other in load.others {
        while sum.used.count <= other.resource { sum.used.append(0) }
        sum.used[other.resource] += other.amount
      }
      used[Int(entry.node)] = sum
    }
    for (number, node) in nodes.nodes.enumerated() {
      let sum = used[number] ?? NodeTable.Entry(name: "")
      for resource in nodes.resources.indices where sum.used(resource) != node.used(resource) {
        problems.append(
          "node \(node.name): \(node.used(resource)) of \(nodes.resources[resource]) on the books, "
            + "\(sum.used(resource)) by its pods")
      }
      if sum.scoredMilliCPU != node.scoredMilliCPU || sum.scoredMemory != node.scoredMemory {
        problems.append("node \(node.name): its score counts other pods than it has")
      }
    }
    problems += checkQueues(members: members, waitingPods: waitingPods)
    return problems
  }

  private func checkQueues(members: [Int], waitingPods: Int) -> [String] {
    var problems: [String] = []
    var queued = 0
    var new = 0
    for (number, group) in groups.all.enumerated() {
      if group.pods != members[number] {
        problems.append("group \(number): \(group.pods) pods, not \(members[number])")
      }
      var podID = group.first
      var previous = -1
      var isNew = false
      while podID >= 0 {
        queued += 1
        isNew = isNew || podID == group.firstUntried
        if isNew { new += 1 }
        let entry = pods[podID]
        if entry.previous != previous || entry.group != number || entry.node >= 0 {
          problems.append("group \(number): pod \(podID) does not belong where it is in the queue")
        }
        if previous >= 0, entry.arrival <= pods[previous].arrival {
          problems.append("group \(number): pod \(podID) is before one that came earlier")
        }
        previous = podID
        podID = Int(entry.next)
        if queued > pods.count { return problems + ["group \(number): its queue is a circle"] }
      }
      if group.last != previous { problems.append("group \(number): its queue ends elsewhere") }
      if group.firstUntried >= 0, !isNew { problems.append("group \(number): its new pods are not in its queue") }
      if group.isBlocked != (waiting.indices.contains(group.waitingIndex) && waiting[group.waitingIndex] == number) {
        problems.append("group \(number): it is not where it should be among those that wait")
      }
      if group.first >= 0, !group.isBlocked, group.firstUntried < 0 { problems.append("group \(number) is forgotten") }
      if group.first < 0, group.isBlocked { problems.append("group \(number) waits without pods") }
    }
    if queued != waitingPods { problems.append("\(queued) pods in queues, \(waitingPods) without a node") }
    if new != untried { problems.append("\(new) new pods, \(untried) on the books") }
    if !needsSchedule { problems += checkNoneFits() }
    return problems
  }

  /// With nothing left to do, no waiting pod may fit anywhere.
  private func checkNoneFits() -> [String] {
    var problems: [String] = []
    for group in waiting {
      let (requirements, load) = (groups.all[group].requirements, groups.all[group].load)
      for entry in nodes.nodes {
        guard let home = entry.home else { continue }
        guard requirements.rejection(by: nodes.traits(of: entry, home), name: entry.name) == nil else { continue }
        let nodeClass = nodes.classes[home.nodeClass]
        let use = GroupTable.ClassUse(load, nodeClass, home.nodeClass)
        let fits = use.demand.indices.allSatisfy {
          use.demand[$0] == .min
            || use.demand[$0] <= nodeClass.key.allocatable[$0].amount - entry.used(nodeClass.resources[$0])
        }
        if use.missing.isEmpty, fits { problems.append("group \(group) waits though node \(entry.name) has room") }
      }
    }
    return problems
  }
}

extension NodeTable {
  func checkInvariants() -> [String] {
    var problems: [String] = []
    var members = [Int](repeating: 0, count: classes.count)
    for (number, node) in nodes.enumerated() {
      guard let home = node.home else { continue }
      members[home.nodeClass] += 1
      let nodeClass = classes[home.nodeClass]
      if nodeClass.node(at: home.position) != number { problems.append("node \(node.name): its place is another's") }
      if nodeClass.tree.load(at: home.position)
        != nodeClass.load(milliCPU: node.scoredMilliCPU, memory: node.scoredMemory)
      {
        problems.append("node \(node.name): its class knows another load")
      }
      for (offset, resource) in nodeClass.resources.enumerated() {
        let free = nodeClass.key.allocatable[offset].amount - node.used(resource)
        if nodeClass.tree.free(at: home.position, offset) != free {
          problems.append("node \(node.name): its class believes in other free \(resources[resource])")
        }
        if free < 0, !node.mayBeOverfull {
          problems.append("node \(node.name) is over its capacity of \(resources[resource])")
        }
      }
    }
    for (number, nodeClass) in classes.enumerated() {
      problems += nodeClass.tree.checkInvariants().map { "class \(number): \($0)" }
      if nodeClass.tree.count != members[number] { problems.append("class \(number) counts other nodes than it has") }
    }
    if count != members.reduce(0, +) { problems.append("\(count) nodes, not \(members.reduce(0, +))") }
    return problems
  }
}
