import KubeModel

/// Which pod is where: on a node, in a group's queue, counted for other pods' terms.
extension Scheduler {
  // MARK: Nodes' pods

  mutating func place(_ podID: Int, on node: Int) {
    let group = Int(pods[podID].group)
    nodes.add(groups.all[group].load, to: node)
    pods[podID].node = Int32(node)
    if !(pods[podID].started < Instant(microseconds: .max)) { pods[podID].started = now }
    let first = nodes.nodes[node].firstPod
    pods[podID].previous = -1
    pods[podID].next = first
    if first >= 0 { pods[Int(first)].previous = Int32(podID) }
    nodes.setFirstPod(Int32(podID), of: node)
    let priority = groups.all[group].priority
    if let index = placedPriorities.firstIndex(where: { $0.priority >= priority }) {
      if placedPriorities[index].priority == priority {
        placedPriorities[index].pods += 1
      } else {
        placedPriorities.insert((priority, 1), at: index)
      }
    } else {
      placedPriorities.append((priority, 1))
    }
    count(podID)
  }

  mutating func unplace(_ podID: Int, keeping: Bool = false) {
    uncount(podID)
    let entry = pods[podID]
    let group = Int(entry.group)
    if entry.previous >= 0 {
      pods[Int(entry.previous)].next = entry.next
    } else {
      nodes.setFirstPod(entry.next, of: Int(entry.node))
    }
    if entry.next >= 0 { pods[Int(entry.next)].previous = entry.previous }
    pods[podID].previous = -1
    pods[podID].next = -1
    pods[podID].node = -1
    pods[podID].started = Instant(microseconds: .max)
    if let index = placedPriorities.firstIndex(where: { $0.priority == groups.all[group].priority }) {
      placedPriorities[index].pods -= 1
      if placedPriorities[index].pods == 0 { placedPriorities.remove(at: index) }
    }
    nodes.subtract(groups.all[group].load, from: Int(entry.node), keeping: keeping)
  }

  mutating func count(_ podID: Int) {
    guard topology.isActive else { return }
    let entry = pods[podID]
    pods[podID].kind = Int32(topology.add(kind(of: entry), on: Int(entry.node)))
  }

  mutating func uncount(_ podID: Int) {
    guard pods[podID].kind >= 0 else { return }
    topology.subtract(Int(pods[podID].kind), from: Int(pods[podID].node))
    pods[podID].kind = -1
  }

  func kind(of entry: PodEntry) -> TopologyTable.KindKey {
    let requirements = groups.all[Int(entry.group)].requirements
    return TopologyTable.KindKey(
      identity: topology.identity(entry.identity),
      requirements: requirements.hasTerms && requirements.terms.concernsOthers ? requirements : nil,
      isTerminating: entry.isTerminating)
  }

  // MARK: Groups' pods

  /// Makes a pod one of the group that its requirements put it in, but not part of a queue yet.
  mutating func join(_ podID: Int, _ requirements: PodRequirements) {
    var key = GroupTable.Key(requirements: requirements)
    if requirements.hasTerms {
      // New terms may look at labels that nobody looked at before: then all pods on nodes are counted anew.
      if topology.learn(requirements.terms) {
        for other in pods.indices where pods[other].node >= 0 { count(other) }
      }
      key.identity = topology.identity(pods[podID].identity)
    }
    let group = groups.number(adding: key, &nodes)
    pods[podID].group = Int32(group)
    groups.all[group].pods += 1
  }

  /// The group that a waiting pod should be in by what is known now of other pods' terms; `nil` where it is there.
  mutating func betterGroup(_ podID: Int) -> Int? {
    guard topology.isActive else { return nil }
    let group = Int(pods[podID].group)
    guard groups.all[group].identity != nil || topology.concerns(pods[podID].identity) else { return nil }
    let identity = topology.identity(pods[podID].identity)
    guard identity != groups.all[group].identity else { return nil }
    return groups.number(
      adding: GroupTable.Key(requirements: groups.all[group].requirements, identity: identity), &nodes)
  }

  mutating func move(_ podID: Int, to group: Int) {
    unlink(podID)
    groups.dropPod(of: Int(pods[podID].group))
    pods[podID].group = Int32(group)
    groups.all[group].pods += 1
    link(podID)
  }

  /// Puts a pod into its group's queue as an untried one, by its arrival: O(1) for the newest. Those that came later
  /// count as untried, too.
  mutating func link(_ podID: Int) {
    let group = Int(pods[podID].group)
    let arrival = pods[podID].arrival
    var before = groups.all[group].last
    while before >= 0, pods[before].arrival > arrival { before = Int(pods[before].previous) }
    let after = before >= 0 ? Int(pods[before].next) : groups.all[group].first
    pods[podID].previous = Int32(before)
    pods[podID].next = Int32(after)
    if before >= 0 { pods[before].next = Int32(podID) } else { groups.all[group].first = podID }
    if after >= 0 { pods[after].previous = Int32(podID) } else { groups.all[group].last = podID }
    let firstUntried = groups.all[group].firstUntried
    if firstUntried >= 0, arrival > pods[firstUntried].arrival {
      untried += 1
      return
    }
    var next = podID
    while next >= 0, next != firstUntried {
      untried += 1
      next = Int(pods[next].next)
    }
    groups.all[group].firstUntried = podID
    activate(group)
  }

  /// Takes a pod out of its group's queue.
  mutating func unlink(_ podID: Int) {
    let entry = pods[podID]
    let group = Int(entry.group)
    // New pods are the end of the queue: this is one of them where it came no earlier than the first of them.
    let firstUntried = groups.all[group].firstUntried
    if firstUntried >= 0, entry.arrival >= pods[firstUntried].arrival {
      untried -= 1
      if firstUntried == podID { groups.all[group].firstUntried = Int(entry.next) }
    }
    if entry.previous >= 0 {
      pods[Int(entry.previous)].next = entry.next
    } else {
      groups.all[group].first = Int(entry.next)
    }
    if entry.next >= 0 {
      pods[Int(entry.next)].previous = entry.previous
    } else {
      groups.all[group].last = Int(entry.previous)
    }
    pods[podID].next = -1
    pods[podID].previous = -1
    if groups.all[group].first < 0 { unblock(group) }
  }
}
