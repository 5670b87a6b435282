import KubeModel

typealias PodTable = SlotTable<PodEntry>
typealias PodRef = SlotRef<PodEntry>
typealias JobTable = SlotTable<JobEntry>
typealias JobRef = SlotRef<JobEntry>

/// A pod and what the control plane notes about it.
struct PodEntry: SlotEntry {
  var pod = Pod()
  var sequence: UInt64 = 0
  /// The slot of the job that controls the pod.
  var job: Int?
  /// The completion index of an Indexed job's pod.
  var index: Int?
  /// How its job counts it at present.
  var standing = PodStanding()
  /// Whether it waits to be counted by its job.
  var awaitsCounting = false
  var kubelet = KubeletRecord()
  var scheduling = SchedulingState.none
  /// When the pod has to leave its node, because of a taint.
  var taintEviction: Instant?
  /// Whether ``NodePods`` knows its node, PodGC its end, and whether PodGC has told it to go.
  var isOnNode = false
  var isTerminated = false
  var isCondemned = false

  var name: NamespacedName { NamespacedName(namespace: pod.metadata.namespace, name: pod.metadata.name) }
  var uid: String { pod.metadata.uid }
}

/// Where a pod stands with the scheduler.
enum SchedulingState: Sendable {
  case none, waiting, assigned
}

/// A job and what its controller notes about it.
struct JobEntry: SlotEntry {
  var job = Job()
  var sequence: UInt64 = 0
  var record = JobRecord()

  var name: NamespacedName { NamespacedName(namespace: job.metadata.namespace, name: job.metadata.name) }
  var uid: String { job.metadata.uid }
}

/// The pods whose spec names a node, finished ones too, by slot.
struct NodePods: Sendable {
  private var slots: [String: Set<Int>] = [:]

  /// In no order.
  subscript(node: String) -> Set<Int> { slots[node] ?? [] }

  mutating func insert(_ slot: Int, on node: String) { slots[node, default: []].insert(slot) }

  mutating func remove(_ slot: Int, from node: String) {
    slots[node]?.remove(slot)
    if slots[node]?.isEmpty == true { slots[node] = nil }
  }
}

extension ControlPlane {
  /// The pods whose spec names the node, finished ones too, oldest first.
  func pods(on node: String) -> [Int] {
    nodePods[node].sorted { pods.entries[$0].sequence < pods.entries[$1].sequence }
  }

  /// Notes that the pod's spec names a node.
  mutating func reachNode(_ slot: Int) {
    pods.entries[slot].isOnNode = true
    nodePods.insert(slot, on: pods.entries[slot].pod.spec.nodeName)
  }
}
