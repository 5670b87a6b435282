import HeapModule
import KubeModel

/// What PodGC has to look at when it looks next (Kubernetes: podgc/gc_controller.go): upstream lists all pods every
/// 20 seconds, this keeps note of those that it would find.
struct PodGarbageCollector: Sendable {
  static let period = Duration.seconds(20)
  /// How long a node is waited for that no longer exists, from when it was found missing.
  static let quarantine = Duration.seconds(40)
  /// More finished pods than this are too many.
  static let mostTerminated = 12_500

  /// Finished pods that exist.
  var terminated = 0
  /// Those of them that have been told to go and are held back.
  var condemned = 0
  private var candidates = Heap<Candidate>()
  /// Nodes that pods name and that do not exist: the end of their quarantine.
  var missingNodes: [String: Instant] = [:]
  /// Nodes that are not ready and of which somebody said, by a taint, that they are out of service.
  var nodesOutOfService: Set<String> = []
  /// Pods that are being deleted and have no kubelet that could end them.
  var unscheduled: [PodRef] = []
  /// When it looks next, where it has to.
  var timer: Instant?

  var hasWork: Bool {
    terminated - condemned > PodGarbageCollector.mostTerminated || !missingNodes.isEmpty || !unscheduled.isEmpty
      || !nodesOutOfService.isEmpty
  }

  /// Evicted pods go first, then the oldest.
  private struct Candidate: Comparable, Sendable {
    var isEvicted: Bool
    var created: Instant
    var name: String
    var ref: PodRef

    static func < (left: Candidate, right: Candidate) -> Bool {
      if left.isEvicted != right.isEvicted { return left.isEvicted }
      return (left.created, left.name, left.ref.sequence) < (right.created, right.name, right.ref.sequence)
    }
    static func == (left: Candidate, right: Candidate) -> Bool { left.ref == right.ref }
  }

  /// Notes that a pod has finished.
  mutating func note(_ pod: Pod, _ ref: PodRef) {
    terminated += 1
    candidates.insert(
      Candidate(
        isEvicted: pod.status.phase == .failed && pod.status.reason == "Evicted",
        created: pod.metadata.creationTimestamp ?? Instant(seconds: 0), name: pod.metadata.name, ref: ref))
  }

  /// The finished pods that go first, as many as are too many; each is given once. O(log n) for each.
  mutating func takeSurplus(isThere: (PodRef) -> Bool) -> [PodRef] {
    var surplus: [PodRef] = []
    while terminated - condemned - surplus.count > PodGarbageCollector.mostTerminated, let next = candidates.popMin() {
      if isThere(next.ref) { surplus.append(next.ref) }
    }
    return surplus
  }

  /// Whether most of those that are noted are gone.
  var shouldForget: Bool { candidates.count > 2 * terminated + 1024 }

  /// Forgets those that are gone: O(1) for each pod that finishes.
  mutating func forgetGone(isThere: (PodRef) -> Bool) {
    candidates = Heap(candidates.unordered.filter { isThere($0.ref) })
  }

  /// The next time that it looks after `now`.
  static func nextLook(after now: Instant) -> Instant {
    let period = period.inMicroseconds
    return Instant(microseconds: (now.microseconds / period + 1) * period)
  }
}

extension ControlPlane {
  /// Sees to it that PodGC looks where there is something to see.
  mutating func setPodGCTimer() {
    guard podGC.timer == nil, podGC.hasWork else { return }
    let due = PodGarbageCollector.nextLook(after: now)
    podGC.timer = due
    timers.set(.collectPods, at: due)
  }

  /// A node that pods are on does not exist.
  mutating func quarantine(_ node: String) {
    guard podGC.missingNodes[node] == nil else { return }
    podGC.missingNodes[node] = PodGarbageCollector.nextLook(after: now) + PodGarbageCollector.quarantine
  }

  /// Takes in whether the node is out of service: nobody is there to end its pods.
  mutating func reviewService(of node: Node) {
    let isOut = node.spec.taints.contains { $0.key == "node.kubernetes.io/out-of-service" }
    if isOut, node.readiness != "True" {
      podGC.nodesOutOfService.insert(node.metadata.name)
    } else {
      podGC.nodesOutOfService.remove(node.metadata.name)
    }
  }

  /// One look of PodGC, in upstream's order: too many finished pods, deleted pods of nodes out of service, pods of lost
  /// nodes, deleted pods without a node.
  mutating func collectPods() {
    podGC.timer = nil
    var collector = PodGarbageCollector()
    swap(&collector, &podGC)
    let surplus = collector.takeSurplus { pods.slot($0) != nil }
    swap(&collector, &podGC)
    for ref in surplus {
      guard let slot = pods.slot(ref) else { continue }
      pods.entries[slot].isCondemned = true
      podGC.condemned += 1
      deletePod(slot, gracePeriodSeconds: 0)
    }
    for name in podGC.nodesOutOfService.sorted() {
      for slot in pods(on: name) where pods.entries[slot].pod.metadata.deletionTimestamp != nil {
        failWithoutNode(slot, isLost: false)
      }
    }
    for name in podGC.missingNodes.keys.sorted() {
      guard let end = podGC.missingNodes[name], end <= now else { continue }
      podGC.missingNodes[name] = nil
      guard node(name) == nil else { continue }
      for slot in pods(on: name) { failWithoutNode(slot) }
      failedNodes[name] = nil
    }
    let unscheduled = podGC.unscheduled
    podGC.unscheduled = []
    for ref in unscheduled {
      guard let slot = pods.slot(ref), pods.entries[slot].pod.spec.nodeName.isEmpty else { continue }
      if !pods.entries[slot].pod.status.phase.isTerminal { changePod(slot) { $0.status.phase = .failed } }
      if pods.slot(ref) != nil { deletePod(slot, gracePeriodSeconds: 0) }
    }
  }

  /// Fails and deletes a pod whose node is gone, or out of service.
  mutating func failWithoutNode(_ slot: Int, isLost: Bool = true) {
    let ref = pods.ref(slot)
    if !pods.entries[slot].pod.status.phase.isTerminal {
      effects.append(.stop(podUID: pods.entries[slot].pod.metadata.uid, gracePeriod: .zero))
      pods.entries[slot].kubelet.launching = []
      let now = now
      changePod(slot) { pod in
        if isLost {
          pod.status.set(
            "DisruptionTarget", true, reason: "DeletionByPodGC", message: "PodGC: node no longer exists", at: now)
        }
        pod.status.phase = .failed
      }
    }
    if pods.slot(ref) != nil { deletePod(slot, gracePeriodSeconds: 0) }
  }

  /// Keeps what is noted about a pod's node and its end up to date with the pod.
  mutating func noteWhereabouts(_ slot: Int) {
    if !pods.entries[slot].isOnNode, !pods.entries[slot].pod.spec.nodeName.isEmpty {
      reachNode(slot)
      let name = pods.entries[slot].pod.spec.nodeName
      if noExecuteTaints[name] != nil { reviewTaints(ofPod: slot, since: now) }
    }
    if !pods.entries[slot].isTerminated, pods.entries[slot].pod.status.phase.isTerminal {
      pods.entries[slot].isTerminated = true
      pods.entries[slot].taintEviction = nil
      podGC.note(pods.entries[slot].pod, pods.ref(slot))
      if podGC.shouldForget {
        var collector = PodGarbageCollector()
        swap(&collector, &podGC)
        collector.forgetGone { pods.slot($0) != nil }
        swap(&collector, &podGC)
      }
    }
  }

  /// Forgets a pod that is gone.
  mutating func forgetWhereabouts(_ slot: Int) {
    cancelTaintEviction(slot)
    if pods.entries[slot].isOnNode { nodePods.remove(slot, from: pods.entries[slot].pod.spec.nodeName) }
    if pods.entries[slot].isCondemned { podGC.condemned -= 1 }
    if pods.entries[slot].isTerminated { podGC.terminated -= 1 }
  }
}
