import HeapModule
import KubeModel

/// Decides which pod runs where: kube-scheduler as a value.
///
/// Pods are known by their slot in the pod table: small numbers, used again after `release` or `dequeue`.
/// Waiting pods of equal requirements form a group, in the order in which they came. Where a pod finds no room, none
/// of its group would: the first one is tried on behalf of all of them when capacity comes free or a node changes.
/// So a completion costs one attempt a group, however many pods wait.
///
/// What differs from Kubernetes: nodes are scored by LeastAllocated, `PreferNoSchedule` taints and preferred node
/// affinity (weights 1, 3, 2) without BalancedAllocation, whole or sampled clusters alike, and scores are not rounded
/// to whole numbers. Pods do not preempt others. Topology spread, pod affinity and host ports place no limits.
struct Scheduler: Sendable {
  enum Decision: Hashable, Sendable {
    /// The pod's place; its share of the node is taken.
    case bound(podID: Int, node: String)
    /// The pod was tried in vain: once when it is new, and again for every retry as far as Kubernetes would say so.
    case unschedulable(podID: Int, message: String)
  }

  /// After a failed attempt: 1 s, doubling with every further one …
  static let shortestBackoff: Duration = .seconds(1)
  /// … up to this.
  static let longestBackoff: Duration = .seconds(10)
  /// A pod is tried again after this time even where nothing seems to have changed for it.
  static let longestWait: Duration = .seconds(300)
  /// With nothing else to do, Kubernetes retries before the backoff is over; how often, its own speed limits.
  static let shortestReportInterval: Duration = .milliseconds(500)
  /// With more nodes changed or freed at once, asking each of them for each group would cost more than trying.
  static let mostNodesAsked = 32

  var nodes = NodeTable()
  var groups = GroupTable()
  var pods: ContiguousArray<PodEntry> = []

  /// New pods that no attempt was made for.
  private(set) var untried = 0
  /// Groups with pods that found no room, in no particular order.
  var waiting: [Int] = []
  private var active = Heap<Turn>()
  private var retries = Heap<Retry>()
  private var arrivals: UInt64 = 0
  /// Since the last `schedule`: a pod left its node.
  private(set) var wasFreed = false
  /// The nodes that pods left, while they are few; `nil` where there were too many to ask each of them.
  private(set) var freedNodes: [Int]? = []
  /// Since the last `schedule`: nodes that came or changed.
  private(set) var changedNodes: [Int] = []

  struct PodEntry: Sendable {
    var group: Int32 = -1
    /// Number of the node that it is on; -1 while it waits.
    var node: Int32 = -1
    /// Neighbours in the group's queue; -1 at its ends.
    var previous: Int32 = -1
    var next: Int32 = -1
    var arrival: UInt64 = 0
  }

  /// A group's turn in the order of attempts: the highest priority first, then whose pod came first.
  private struct Turn: Comparable {
    var priority: Int
    var arrival: UInt64
    var group: Int

    static func < (left: Turn, right: Turn) -> Bool {
      left.priority != right.priority ? left.priority > right.priority : left.arrival < right.arrival
    }
  }

  private struct Retry: Comparable {
    var at: Instant
    var group: Int

    static func < (left: Retry, right: Retry) -> Bool { (left.at, left.group) < (right.at, right.group) }
  }

  init() {}

  // MARK: Nodes

  /// Adds a node, or takes over what changed of it: capacity, labels, taints, whether it is cordoned.
  ///
  /// A node that is not ready is passed over only for its taint `node.kubernetes.io/not-ready`, as upstream.
  mutating func setNode(_ node: Node) {
    if let number = nodes.set(node) { changedNodes.append(number) }
  }

  /// Forgets a node; its pods stay on the books until they are released.
  mutating func removeNode(_ name: String) { nodes.remove(name) }

  // MARK: Pods

  /// Records that a pod is on a node: restored from storage, or bound by someone else. O(log n); may overfill it.
  mutating func assign(podID: Int, _ requirements: PodRequirements, to node: String) {
    forget(podID)
    let group = groups.number(adding: requirements, &nodes)
    pods[podID].group = Int32(group)
    groups.all[group].pods += 1
    place(podID, on: nodes.numberForPod(on: node))
  }

  /// The pod has ended or is gone: what it took of its node is free again. O(log n).
  ///
  /// Returns whether waiting pods should get another try.
  @discardableResult
  mutating func release(podID: Int) -> Bool {
    guard pods.indices.contains(podID), pods[podID].node >= 0 else { return false }
    forget(podID)
    return wasFreed && !waiting.isEmpty
  }

  /// A new pod without a node, behind all others of its priority. O(1).
  mutating func enqueue(podID: Int, _ requirements: PodRequirements) {
    forget(podID)
    let group = groups.number(adding: requirements, &nodes)
    arrivals += 1
    let last = groups.all[group].last
    pods[podID] = PodEntry(group: Int32(group), previous: Int32(last), arrival: arrivals)
    if last >= 0 { pods[last].next = Int32(podID) } else { groups.all[group].first = podID }
    groups.all[group].last = podID
    groups.all[group].pods += 1
    untried += 1
    if groups.all[group].firstUntried < 0 {
      groups.all[group].firstUntried = podID
      activate(group)
    }
  }

  /// A waiting pod was deleted, or its place was decided elsewhere. O(1).
  mutating func dequeue(podID: Int) {
    guard pods.indices.contains(podID), pods[podID].group >= 0, pods[podID].node < 0 else { return }
    forget(podID)
  }

  /// The node that a pod is on; `nil` while it waits, and for a pod that nobody announced.
  func node(of podID: Int) -> String? {
    guard pods.indices.contains(podID), pods[podID].node >= 0 else { return nil }
    return nodes.nodes[Int(pods[podID].node)].name
  }

  /// Whether `schedule` has anything to do now.
  var needsSchedule: Bool { untried > 0 || (!waiting.isEmpty && (wasFreed || !changedNodes.isEmpty)) }

  /// When `schedule` wants to be called though nothing happened; at the latest then it has something to do or a
  /// later time to tell.
  var nextTimer: Instant? { waiting.isEmpty ? nil : retries.min?.at }

  private mutating func forget(_ podID: Int) {
    while pods.count <= podID { pods.append(PodEntry()) }
    let entry = pods[podID]
    guard entry.group >= 0 else { return }
    let group = Int(entry.group)
    if entry.node >= 0 {
      nodes.subtract(groups.all[group].load, from: Int(entry.node))
      wasFreed = true
      if let freed = freedNodes, freed.last != Int(entry.node) {
        if freed.count < Scheduler.mostNodesAsked { freedNodes?.append(Int(entry.node)) } else { freedNodes = nil }
      }
    } else {
      unlink(podID)
    }
    pods[podID] = PodEntry()
    groups.dropPod(of: group)
  }

  /// Takes a pod out of its group's queue.
  private mutating func unlink(_ podID: Int) {
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

  private mutating func place(_ podID: Int, on node: Int) {
    nodes.add(groups.all[Int(pods[podID].group)].load, to: node)
    pods[podID].node = Int32(node)
  }

  // MARK: Attempts

  /// Gives every pod that may find room now its attempt; the decisions in the order in which they were made.
  ///
  /// O(log n) for a pod that is placed, in a cluster whose nodes are of few kinds; O(1) for one that is not after
  /// another of its group was tried in vain.
  mutating func schedule(at now: Instant, using generator: inout some RandomNumberGenerator) -> [Decision] {
    var decisions: [Decision] = []
    wake(at: now)
    defer { freedNodes = [] }
    // Only with nothing new to place does Kubernetes retry pods whose backoff is not over.
    let isIdle = untried == 0
    var placedAny = false
    while let turn = active.popMin() {
      let group = turn.group
      groups.all[group].isActive = false
      guard turn == self.turn(of: group) else {
        // Its first pod was deleted, or it woke: another time, if at all.
        activate(group)
        continue
      }
      let limit = active.min
      while let turn = self.turn(of: group) {
        if let limit, limit < turn {
          activate(group)
          break
        }
        let podID = groups.all[group].first
        if groups.all[group].mayTry, let node = choose(for: group, using: &generator) {
          unlink(podID)
          place(podID, on: node)
          placedAny = true
          decisions.append(.bound(podID: podID, node: nodes.nodes[node].name))
          continue
        }
        if groups.all[group].mayTry {
          let wasBlocked = groups.all[group].isBlocked
          let isNew = groups.all[group].firstUntried == podID
          block(group)
          let isReported = isNew || groups.all[group].countFailure(at: now, early: isIdle && !placedAny)
          if isNew, !wasBlocked { groups.all[group].beginBackoff(at: now) }
          scheduleRetry(group, at: now + Scheduler.longestWait)
          if isReported, !isNew {
            explainFailure(of: group)
            decisions.append(.unschedulable(podID: podID, message: groups.all[group].message))
          }
        }
        reportUntried(group, &decisions)
      }
    }
    return decisions
  }

  /// Marks the groups for which what happened since the last time may have made room.
  private mutating func wake(at now: Instant) {
    var due = false
    while let retry = retries.min, retry.at <= now {
      retries.removeMin()
      groups.all[retry.group].hasRetry = false
      due = true
    }
    if due || wasFreed || !changedNodes.isEmpty {
      let ask = changedNodes.count <= Scheduler.mostNodesAsked
      for group in waiting where !groups.all[group].mayTry {
        groups.compile(group, nodes)
        let isChanged = ask ? changedNodes.contains { isPlausible(node: $0, for: group) } : !changedNodes.isEmpty
        if isChanged || (wasFreed && groups.all[group].mayFitSomewhere) || groups.all[group].retryAt <= now {
          groups.all[group].mayTry = true
          // No node had room when the group was tried last: only those that were freed since can have any.
          groups.all[group].needsFreedNode = !isChanged
          activate(group)
        } else if due {
          scheduleRetry(group, at: groups.all[group].retryAt)
        }
      }
    }
    wasFreed = false
    changedNodes.removeAll(keepingCapacity: true)
  }

  /// When it is a group's turn; `nil` where it has nothing to do.
  private func turn(of group: Int) -> Turn? {
    let podID = groups.all[group].mayTry ? groups.all[group].first : groups.all[group].firstUntried
    guard podID >= 0 else { return nil }
    return Turn(priority: groups.all[group].priority, arrival: pods[podID].arrival, group: group)
  }

  private mutating func activate(_ group: Int) {
    guard !groups.all[group].isActive, let turn = turn(of: group) else { return }
    groups.all[group].isActive = true
    active.insert(turn)
  }

  /// Tells all new pods of a group that they share its failure.
  private mutating func reportUntried(_ group: Int, _ decisions: inout [Decision]) {
    guard groups.all[group].firstUntried >= 0 else { return }
    explainFailure(of: group)
    var podID = groups.all[group].firstUntried
    while podID >= 0 {
      decisions.append(.unschedulable(podID: podID, message: groups.all[group].message))
      untried -= 1
      podID = Int(pods[podID].next)
    }
    groups.all[group].firstUntried = -1
  }

  private mutating func block(_ group: Int) {
    groups.all[group].mayTry = false
    groups.all[group].needsFreedNode = false
    guard !groups.all[group].isBlocked else { return }
    groups.all[group].isBlocked = true
    groups.all[group].waitingIndex = waiting.count
    waiting.append(group)
  }

  private mutating func unblock(_ group: Int) {
    groups.all[group].mayTry = true
    groups.all[group].needsFreedNode = false
    guard groups.all[group].isBlocked else { return }
    groups.all[group].isBlocked = false
    let index = groups.all[group].waitingIndex
    let last = waiting.removeLast()
    if last != group {
      waiting[index] = last
      groups.all[last].waitingIndex = index
    }
  }

  private mutating func scheduleRetry(_ group: Int, at time: Instant) {
    groups.all[group].retryAt = time
    // One entry a group: it is pushed on when its time comes, if the group was tried meanwhile.
    guard !groups.all[group].hasRetry else { return }
    groups.all[group].hasRetry = true
    retries.insert(Retry(at: time, group: group))
  }
}
