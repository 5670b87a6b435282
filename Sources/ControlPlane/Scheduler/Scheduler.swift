import HeapModule
import KubeModel

/// Decides which pod runs where: kube-scheduler as a value.
///
/// Pods are known by their slot in the pod table: small numbers, used again after `release` or `dequeue`.
/// Waiting pods of equal requirements form a group, in the order in which they came. Where a pod finds no room, none
/// of its group would: the first one is tried on behalf of all of them when capacity comes free or a node changes.
/// So a completion costs one attempt a group, however many pods wait.
///
/// There are two ways to a node. The fast one, for pods that only ask for resources, labels and taints, finds it in
/// O(log n). Pods with affinity to other pods, topology spread constraints or host ports, and pods that the affinity
/// of placed pods is about, take the slow one, which looks at every node; so does preemption. Such a pod is moved into
/// a group of its own kind when its turn comes.
///
/// What differs from Kubernetes: all nodes are compared however many there are, instead of a sample of a large
/// cluster; the scores of LeastAllocated and BalancedAllocation are not rounded to whole numbers; there are no images
/// to score by (ImageLocality). Preemption looks at all nodes, too, and knows no disruption budgets.
struct Scheduler: Sendable {
  enum Decision: Hashable, Sendable {
    /// The pod's place; its share of the node is taken.
    case bound(podID: Int, node: String)
    /// The pod was tried in vain: once when it is new, and again for every retry as far as Kubernetes would say so.
    case unschedulable(podID: Int, message: String)
    /// The pod found no room, but will on this node as soon as the victims have left it: they must be deleted. Its
    /// share of the node is kept for it meanwhile.
    case preempting(podID: Int, message: String, node: String, victims: [Int])
    /// A pod that waited for its victims to leave waits like any other again: one of higher priority has the room.
    case withdrawn(podID: Int)
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
  var topology = TopologyTable()
  var pods: ContiguousArray<PodEntry> = []
  /// Pods that wait for their victims to leave, the highest priority first.
  var nominated: [Int] = []
  /// Pods on nodes by priority, the lowest first: there are few different ones.
  var placedPriorities: [(priority: Int, pods: Int)] = []

  /// New pods that no attempt was made for.
  var untried = 0
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
  /// The version of `topology` that waiting pods have been woken for.
  private var wokenTopology: UInt64 = 0
  private(set) var now = Instant(microseconds: .min)

  struct PodEntry: Sendable {
    var group: Int32 = -1
    /// Number of the node that it is on, or nominated for; -1 while it waits.
    var node: Int32 = -1
    /// Neighbours in the group's queue, or among the pods of the node; -1 at the ends.
    var previous: Int32 = -1
    var next: Int32 = -1
    /// What other pods' terms count it as, while it is on a node and anybody counts; else -1.
    var kind: Int32 = -1
    /// It does not run on its node yet: its victims have not left.
    var isNominated = false
    var isTerminating = false
    var arrival: UInt64 = 0
    var started = Instant(microseconds: .max)
    var identity = PodIdentity(namespace: "", labels: StringMap())
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
    guard let number = nodes.set(node) else { return }
    changedNodes.append(number)
    topology.touch()
  }

  /// Forgets a node; its pods stay on the books until they are released.
  mutating func removeNode(_ name: String) {
    nodes.remove(name)
    topology.touch()
    // Those that are nominated for it want to go elsewhere.
    if !nominated.isEmpty { noteFreed(nil) }
  }

  /// Takes in a namespace's labels, which terms may ask for; `nil` where it is gone.
  mutating func setNamespace(_ name: String, labels: StringMap?) { topology.setNamespace(name, labels) }

  // MARK: Pods

  /// What the tests' pods are, for want of anything else.
  private static let anyPod = PodIdentity(namespace: "default", labels: StringMap())

  /// Records that a pod is on a node: restored from storage, or bound by someone else. O(log n); may overfill it.
  mutating func assign(
    podID: Int, _ requirements: PodRequirements, _ identity: PodIdentity = anyPod, to node: String,
    started: Instant = Instant(microseconds: .min)
  ) {
    forget(podID)
    arrivals += 1
    pods[podID] = PodEntry(arrival: arrivals, started: started, identity: identity)
    join(podID, requirements)
    place(podID, on: nodes.numberForPod(on: node))
  }

  /// The pod has ended or is gone: what it took of its node is free again. O(log n).
  ///
  /// Returns whether waiting pods should get another try.
  @discardableResult
  mutating func release(podID: Int) -> Bool {
    guard pods.indices.contains(podID), pods[podID].node >= 0, !pods[podID].isNominated else { return false }
    forget(podID)
    return wasFreed && !waiting.isEmpty
  }

  /// A new pod without a node, behind all others of its priority. O(1).
  mutating func enqueue(podID: Int, _ requirements: PodRequirements, _ identity: PodIdentity = anyPod) {
    forget(podID)
    arrivals += 1
    pods[podID] = PodEntry(arrival: arrivals, identity: identity)
    join(podID, requirements)
    link(podID)
  }

  /// A waiting pod was deleted, or its place was decided elsewhere. O(1).
  mutating func dequeue(podID: Int) {
    guard pods.indices.contains(podID), pods[podID].group >= 0, pods[podID].node < 0 || pods[podID].isNominated
    else { return }
    forget(podID)
  }

  /// The labels of a pod have changed.
  mutating func setIdentity(podID: Int, _ identity: PodIdentity) {
    guard pods.indices.contains(podID), pods[podID].group >= 0, pods[podID].identity != identity else { return }
    pods[podID].identity = identity
    if pods[podID].node >= 0 {
      uncount(podID)
      count(podID)
    } else if let group = betterGroup(podID) {
      move(podID, to: group)
    }
  }

  /// A pod on a node is being deleted: it no longer counts where pods are spread.
  mutating func markTerminating(podID: Int) {
    guard pods.indices.contains(podID), pods[podID].node >= 0, !pods[podID].isTerminating else { return }
    uncount(podID)
    pods[podID].isTerminating = true
    count(podID)
  }

  /// The node that a pod is on; `nil` while it waits, and for a pod that nobody announced.
  func node(of podID: Int) -> String? {
    guard pods.indices.contains(podID), pods[podID].node >= 0, !pods[podID].isNominated else { return nil }
    return nodes.nodes[Int(pods[podID].node)].name
  }

  /// Whether `schedule` has anything to do now.
  var needsSchedule: Bool {
    if untried > 0 { return true }
    if wasFreed || !changedNodes.isEmpty { return !waiting.isEmpty || !nominated.isEmpty }
    return hasMoved && waiting.contains { groups.all[$0].identity != nil }
  }

  /// Whether pods came, went or changed that others may look at, since waiting pods were woken last.
  private var hasMoved: Bool { topology.isActive && topology.version != wokenTopology }

  /// When `schedule` wants to be called though nothing happened; at the latest then it has something to do or a
  /// later time to tell.
  var nextTimer: Instant? { waiting.isEmpty ? nil : retries.min?.at }

  private mutating func forget(_ podID: Int) {
    while pods.count <= podID { pods.append(PodEntry()) }
    let entry = pods[podID]
    guard entry.group >= 0 else { return }
    if entry.node >= 0 {
      if entry.isNominated { nominated.removeAll { $0 == podID } }
      unplace(podID)
      noteFreed(Int(entry.node))
    } else {
      unlink(podID)
    }
    pods[podID] = PodEntry()
    groups.dropPod(of: Int(entry.group))
  }

  /// A pod has left a node; `nil` where that may have been any.
  mutating func noteFreed(_ node: Int?) {
    wasFreed = true
    guard let node else { return freedNodes = nil }
    guard let freed = freedNodes, freed.last != node else { return }
    if freed.count < Scheduler.mostNodesAsked { freedNodes?.append(node) } else { freedNodes = nil }
  }

  // MARK: Attempts

  /// Gives every pod that may find room now its attempt; the decisions in the order in which they were made.
  ///
  /// O(log n) for a pod that is placed, in a cluster whose nodes are of few kinds; O(1) for one that is not after
  /// another of its group was tried in vain.
  mutating func schedule(at now: Instant, using generator: inout some RandomNumberGenerator) -> [Decision] {
    self.now = now
    var decisions: [Decision] = []
    // Pods that are placed may be what others waited for.
    repeat { attempt(&decisions, using: &generator) } while needsSchedule
    return decisions
  }

  private mutating func attempt(_ decisions: inout [Decision], using generator: inout some RandomNumberGenerator) {
    if !nominated.isEmpty, wasFreed || !changedNodes.isEmpty { placeNominated(&decisions, using: &generator) }
    wake()
    defer { freedNodes = [] }
    // Only with nothing new to place does Kubernetes retry pods whose backoff is not over.
    let isIdle = untried == 0
    var placedAny = false
    while let turn = active.popMin() {
      let group = turn.group
      groups.all[group].isActive = false
      // Pods that were placed since the group was tried may be the company that it waits for.
      if groups.all[group].identity != nil, groups.all[group].seenTopology != topology.version {
        groups.all[group].mayTry = true
      }
      guard turn == self.turn(of: group) else {
        // Its first pod was deleted, or it woke: another time, if at all.
        activate(group)
        continue
      }
      while let turn = self.turn(of: group) {
        if let next = active.min, next < turn {
          activate(group)
          break
        }
        let podID = groups.all[group].first
        if groups.all[group].mayTry {
          if let better = betterGroup(podID) {
            move(podID, to: better)
            continue
          }
          if let node = choose(for: group, using: &generator) {
            unlink(podID)
            place(podID, on: node)
            placedAny = true
            decisions.append(.bound(podID: podID, node: nodes.nodes[node].name))
            continue
          }
          if mayPreempt(group), let eviction = findEviction(for: group, using: &generator) {
            preempt(eviction, group, podID, &decisions)
            if wasFreed { wake() }
            continue
          }
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
  }

  private mutating func preempt(
    _ eviction: Eviction, _ group: Int, _ podID: Int, _ decisions: inout [Decision]
  ) {
    let message = currentShortage(of: group).message(resources: nodes.resources, .preempted)
    let node = nodes.nodes[eviction.node].name
    let victims = carryOut(eviction, for: podID, &decisions)
    // Pods of lower priority may have kept the room without being there yet.
    decisions.append(
      victims.isEmpty
        ? .bound(podID: podID, node: node)
        : .preempting(podID: podID, message: message, node: node, victims: victims))
  }

  /// Marks the groups for which what happened since the last time may have made room.
  private mutating func wake() {
    var due = false
    while let retry = retries.min, retry.at <= now {
      retries.removeMin()
      groups.all[retry.group].hasRetry = false
      due = true
    }
    if due || wasFreed || !changedNodes.isEmpty || hasMoved {
      let ask = changedNodes.count <= Scheduler.mostNodesAsked
      for group in waiting where !groups.all[group].mayTry {
        groups.compile(group, nodes)
        let isChanged = ask ? changedNodes.contains { isPlausible(node: $0, for: group) } : !changedNodes.isEmpty
        let hasMoved = groups.all[group].identity != nil && groups.all[group].seenTopology != topology.version
        if isChanged || hasMoved || (wasFreed && groups.all[group].mayFitSomewhere)
          || groups.all[group].retryAt <= now
        {
          groups.all[group].mayTry = true
          // No node had room when the group was tried last: only those that were freed since can have any.
          groups.all[group].needsFreedNode = !isChanged && !groups.all[group].looksAtEachNode
          activate(group)
        } else if due {
          scheduleRetry(group, at: groups.all[group].retryAt)
        }
      }
    }
    wasFreed = false
    wokenTopology = topology.version
    changedNodes.removeAll(keepingCapacity: true)
  }

  /// When it is a group's turn; `nil` where it has nothing to do.
  private func turn(of group: Int) -> Turn? {
    let podID = groups.all[group].mayTry ? groups.all[group].first : groups.all[group].firstUntried
    guard podID >= 0 else { return nil }
    return Turn(priority: groups.all[group].priority, arrival: pods[podID].arrival, group: group)
  }

  mutating func activate(_ group: Int) {
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
    groups.all[group].seenTopology = topology.version
    guard !groups.all[group].isBlocked else { return }
    groups.all[group].isBlocked = true
    groups.all[group].waitingIndex = waiting.count
    waiting.append(group)
  }

  mutating func unblock(_ group: Int) {
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
