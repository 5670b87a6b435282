import KubeModel

/// The pods of equal requirements: what they ask for, which nodes that leaves, and which of them wait.
struct GroupTable: Sendable {
  var all: ContiguousArray<Group> = []
  private var numbers: [Key: Int] = [:]
  private var unused: [Int] = []
  /// Groups without a pod. They are kept for a while: the next pod of the same job is like the last.
  private var idle = 0

  struct Key: Hashable, Sendable {
    var requirements: PodRequirements
    /// Set for pods whose place depends on where other pods are: then their labels make a difference.
    var identity: PodIdentity?
  }

  struct Group: Sendable {
    var requirements: PodRequirements
    let identity: PodIdentity?
    var priority: Int
    var load: NodeTable.Load
    /// Pods of this group, on nodes or waiting.
    var pods = 0

    // The queue, linked through the pods' entries; -1 where there is none. The new pods, which nobody tried yet, are
    // its end.
    var first = -1
    var last = -1
    var firstUntried = -1

    /// Whether a try could succeed: no attempt failed since something changed.
    var mayTry = true
    /// Whether only nodes that pods left since the last try can have room.
    var needsFreedNode = false
    /// Whether it is one of the waiting groups.
    var isBlocked = false
    var waitingIndex = -1
    var isActive = false
    var hasRetry = false

    // Failed attempts of its first pod.
    var retryAt = Instant(microseconds: .max)
    var attempts = 0
    var reportedAt = Instant(microseconds: .min)
    var backoffUntil = Instant(microseconds: .min)

    // What the requirements mean for the nodes as they are.
    var compiledVersion: UInt64 = .max
    var uses: [ClassUse] = []
    var rejections: [ClassRejection] = []
    var hasPreferences = false
    var hasTilt = false
    /// As it was at the latest attempt in vain: other pods' places, where they matter.
    var seenTopology: UInt64 = .max

    // The latest explanation.
    var message = ""
    var shortage: Shortage?
    var explainedVersion: UInt64 = .max

    init(_ key: Key, _ load: NodeTable.Load) {
      requirements = key.requirements
      identity = key.identity
      self.load = load
      priority = requirements.priority
    }

    /// Whether any node's resources, rather than its traits, stand in the way.
    var mayFitSomewhere: Bool { looksAtEachNode || requirements.dependsOnName || !uses.isEmpty }

    /// Whether nodes of one class differ for its pods by more than what is free on them: ports in use, or other pods'
    /// places. Each node is then looked at for every attempt: O(nodes). All other pods take the fast path.
    var looksAtEachNode: Bool { identity != nil || !requirements.hostPorts.isEmpty }

    /// Starts counting failed attempts.
    mutating func beginBackoff(at now: Instant) {
      attempts = 0
      _ = countFailure(at: now, early: true)
    }

    /// Counts one more failed attempt; `false` where Kubernetes would not have made it yet.
    mutating func countFailure(at now: Instant, early: Bool) -> Bool {
      let isDue = attempts == 0 || now >= backoffUntil
      guard isDue || (early && now >= reportedAt + Scheduler.shortestReportInterval) else { return false }
      attempts += 1
      reportedAt = now
      backoffUntil = now + Scheduler.shortestBackoff.doubled(attempts - 1, upTo: Scheduler.longestBackoff)
      return true
    }
  }

  /// A class of nodes that pods of a group may run on.
  struct ClassUse: Sendable {
    var nodeClass: Int
    /// What must be free of each of the class's resources; `Int64.min` for what isn't asked for.
    var demand: [Int64]
    /// Resources that are asked for and that these nodes don't have.
    var missing: [Int]
    /// Whether an empty node of the class would do.
    var fitsEmpty: Bool
    /// What one pod adds to a node's load.
    var load: Double
    /// By how much the share of the CPU that one pod takes exceeds that of the memory.
    var tilt: Double
    /// Intolerable `PreferNoSchedule` taints.
    var avoidance: Int
    /// Weights of the preferred node affinity that these nodes fulfil.
    var preference: Int
  }

  /// A class of nodes that pods of a group must not run on.
  struct ClassRejection: Sendable {
    var nodeClass: Int
    var reason: NodeRejection
  }

  mutating func number(adding key: Key, _ nodes: inout NodeTable) -> Int {
    if let number = numbers[key] {
      if all[number].pods == 0 { idle -= 1 }
      return number
    }
    if idle > 1_000, idle > numbers.count / 2 { dropIdle() }
    let requirements = key.requirements
    let others = requirements.others.map {
      NodeTable.Load.Amount(resource: nodes.resourceNumber(adding: $0.name), amount: $0.amount)
    }
    let load = NodeTable.Load(
      milliCPU: requirements.milliCPU, memory: requirements.memory, scoredMilliCPU: requirements.scoredMilliCPU,
      scoredMemory: requirements.scoredMemory, others: others, ports: requirements.hostPorts)
    let number = unused.popLast() ?? all.count
    if number == all.count {
      all.append(Group(key, load))
    } else {
      all[number] = Group(key, load)
    }
    numbers[key] = number
    return number
  }

  mutating func dropPod(of group: Int) {
    all[group].pods -= 1
    if all[group].pods == 0 { idle += 1 }
  }

  private mutating func dropIdle() {
    for number in all.indices where all[number].pods == 0 && numbers[key(number)] == number {
      // Those that a heap still mentions stay until it has let go of them.
      guard !all[number].isActive, !all[number].hasRetry else { continue }
      numbers[key(number)] = nil
      unused.append(number)
      idle -= 1
    }
  }

  private func key(_ number: Int) -> Key {
    Key(requirements: all[number].requirements, identity: all[number].identity)
  }

  /// Works out which classes of nodes a group may use, unless that is known.
  mutating func compile(_ group: Int, _ nodes: NodeTable) {
    guard all[group].compiledVersion != nodes.classVersion else { return }
    all[group].compiledVersion = nodes.classVersion
    all[group].uses.removeAll(keepingCapacity: true)
    all[group].rejections.removeAll(keepingCapacity: true)
    guard !all[group].requirements.dependsOnName, !all[group].looksAtEachNode else { return }
    let requirements = all[group].requirements
    let load = all[group].load
    for (number, nodeClass) in nodes.classes.enumerated() where nodeClass.tree.count > 0 {
      let traits = nodeClass.key.traits
      if let reason = requirements.rejection(by: traits, name: nil) {
        all[group].rejections.append(ClassRejection(nodeClass: number, reason: reason))
        continue
      }
      var use = ClassUse(load, nodeClass, number)
      use.avoidance = requirements.avoidance(of: traits)
      use.preference = requirements.preference(for: traits, name: nil)
      all[group].uses.append(use)
    }
    all[group].hasPreferences = all[group].uses.contains { $0.avoidance > 0 || $0.preference > 0 }
    all[group].hasTilt = all[group].uses.contains { $0.tilt != 0 }
  }
}

extension GroupTable.ClassUse {
  init(_ load: NodeTable.Load, _ nodeClass: NodeTable.Class, _ number: Int) {
    self.nodeClass = number
    demand = nodeClass.resources.map { resource in
      let amount =
        switch resource {
        case NodeTable.cpu: load.milliCPU
        case NodeTable.memory: load.memory
        case NodeTable.pods: Int64(1)
        default: load.others.first { $0.resource == resource }?.amount ?? 0
        }
      return amount > 0 ? amount : .min
    }
    missing = load.others.map(\.resource).filter { !nodeClass.resources.contains($0) }
    fitsEmpty = missing.isEmpty && zip(demand, nodeClass.key.allocatable).allSatisfy { $0 <= $1.amount }
    self.load = nodeClass.load(milliCPU: load.scoredMilliCPU, memory: load.scoredMemory)
    tilt = nodeClass.skew(milliCPU: load.milliCPU, memory: load.memory)
    avoidance = 0
    preference = 0
  }
}
