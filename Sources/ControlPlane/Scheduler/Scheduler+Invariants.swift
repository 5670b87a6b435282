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
      sum.ports += load.ports
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
      if Set(sum.ports) != Set(node.ports) || sum.ports.count != node.ports.count {
        problems.append("node \(node.name): its ports are other than its pods' ports")
      }
    }
    problems += checkQueues(members: members, waitingPods: waitingPods)
    problems += checkPlaces()
    return problems
  }

  /// The lists of nodes' pods, and what is counted of pods on nodes.
  private func checkPlaces() -> [String] {
    var problems: [String] = []
    var listed = 0
    for (number, node) in nodes.nodes.enumerated() {
      var podID = Int(node.firstPod)
      var previous = -1
      while podID >= 0, listed <= pods.count {
        listed += 1
        if pods[podID].node != number || pods[podID].previous != previous {
          problems.append("node \(node.name): pod \(podID) does not belong where it is in its list")
        }
        previous = podID
        podID = Int(pods[podID].next)
      }
    }
    let placed = pods.indices.filter { pods[$0].node >= 0 }
    if listed != placed.count { problems.append("\(listed) pods in lists of nodes, \(placed.count) on nodes") }
    var priorities: [Int: Int] = [:]
    var kinds: [TopologyTable.KindKey: [Int: Int]] = [:]
    for podID in placed {
      priorities[priority(podID), default: 0] += 1
      kinds[kind(of: pods[podID]), default: [:]][Int(pods[podID].node), default: 0] += 1
      if topology.isActive, topology.kinds[Int(pods[podID].kind)].key != kind(of: pods[podID]) {
        problems.append("pod \(podID) is counted as another kind than it is")
      }
    }
    if placedPriorities.map(\.priority) != priorities.keys.sorted()
      || placedPriorities.contains(where: { priorities[$0.priority] != $0.pods })
    {
      problems.append("priorities \(placedPriorities), by recount \(priorities)")
    }
    for kind in topology.kinds where !kind.counts.isEmpty && kinds[kind.key] != kind.counts {
      problems.append("pods of a kind by node: \(kind.counts), by recount \(kinds[kind.key] ?? [:])")
    }
    if topology.isActive, topology.kinds.count(where: { !$0.counts.isEmpty }) != kinds.count {
      problems.append("there are other kinds of pods than are counted")
    }
    if nominated != nominated.sorted(by: { priority($0) > priority($1) })
      || Set(nominated) != Set(pods.indices.filter { pods[$0].isNominated })
      || nominated.contains(where: { pods[$0].node < 0 })
    {
      problems.append("nominated pods \(nominated) are not those that are marked, in order of priority")
    }
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
    var copy = self
    for group in waiting {
      let look = copy.topologyLook(group)
      for number in nodes.nodes.indices where nodes.nodes[number].home != nil {
        guard verdict(number, for: group, look).fits else { continue }
        problems.append("group \(group) waits though node \(nodes.nodes[number].name) has room")
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
      if nodeClass.tree.skew(at: home.position)
        != nodeClass.skew(milliCPU: node.used[NodeTable.cpu], memory: node.used[NodeTable.memory])
      {
        problems.append("node \(node.name): its class knows another skew")
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
