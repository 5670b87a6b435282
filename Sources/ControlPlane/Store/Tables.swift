import KubeModel

/// A pod's place in the pod table, and which of the pods that lived there is meant.
struct PodRef: Hashable, Sendable {
  var slot: Int
  var sequence: UInt64
}

/// A job's place in the job table, and which of the jobs that lived there is meant.
struct JobRef: Hashable, Sendable {
  var slot: Int
  var sequence: UInt64
}

struct NamespacedName: Hashable, Sendable {
  var namespace: String
  var name: String
}

/// A pod and what the control plane notes about it.
struct PodEntry: Sendable {
  var pod = Pod()
  /// Grows with every pod; 0 marks a free slot.
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
  /// Whether the table knows its node, PodGC its end, and whether PodGC has told it to go.
  var isOnNode = false
  var isTerminated = false
  var isCondemned = false
}

/// Where a pod stands with the scheduler.
enum SchedulingState: Sendable {
  case none, waiting, assigned
}

/// All pods, by slot, name, UID and node.
struct PodTable: Sendable {
  /// By slot. Reached directly: a coroutine that yields an entry is miscompiled for structs of this size (Swift 6.3).
  var entries: [PodEntry] = []
  private var free: [Int] = []
  private var byName: [NamespacedName: Int] = [:]
  private var byUID: [String: Int] = [:]
  private var byNode: [String: Set<Int>] = [:]
  private var nextSequence: UInt64 = 1

  var count: Int { byUID.count }

  func slot(namespace: String, name: String) -> Int? { byName[NamespacedName(namespace: namespace, name: name)] }
  func slot(uid: String) -> Int? { byUID[uid] }
  /// The pods whose spec names the node, finished ones too, oldest first.
  func onNode(_ name: String) -> [Int] {
    (byNode[name] ?? []).sorted { entries[$0].sequence < entries[$1].sequence }
  }
  func ref(_ slot: Int) -> PodRef { PodRef(slot: slot, sequence: entries[slot].sequence) }
  /// The slot, if the pod that is meant still lives there.
  func slot(_ ref: PodRef) -> Int? { entries[ref.slot].sequence == ref.sequence ? ref.slot : nil }
  /// All slots in use, oldest pod first. O(n log n).
  var slotsByAge: [Int] {
    entries.indices.filter { entries[$0].sequence != 0 }.sorted { entries[$0].sequence < entries[$1].sequence }
  }

  mutating func insert(_ pod: Pod) -> Int {
    var entry = PodEntry()
    entry.pod = pod
    entry.sequence = nextSequence
    nextSequence += 1
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      entries[slot] = entry
    } else {
      slot = entries.count
      entries.append(entry)
    }
    byName[NamespacedName(namespace: pod.metadata.namespace, name: pod.metadata.name)] = slot
    byUID[pod.metadata.uid] = slot
    return slot
  }

  /// Notes that the pod's spec names a node.
  mutating func reachNode(_ slot: Int) {
    entries[slot].isOnNode = true
    byNode[entries[slot].pod.spec.nodeName, default: []].insert(slot)
  }

  mutating func remove(_ slot: Int) {
    let metadata = entries[slot].pod.metadata
    byName[NamespacedName(namespace: metadata.namespace, name: metadata.name)] = nil
    byUID[metadata.uid] = nil
    if entries[slot].isOnNode {
      let node = entries[slot].pod.spec.nodeName
      byNode[node]?.remove(slot)
      if byNode[node]?.isEmpty == true { byNode[node] = nil }
    }
    entries[slot] = PodEntry()
    free.append(slot)
  }
}

/// A job and what its controller notes about it.
struct JobEntry: Sendable {
  var job = Job()
  /// Grows with every job; 0 marks a free slot.
  var sequence: UInt64 = 0
  var record = JobRecord()
}

/// All jobs, by slot, name and UID.
struct JobTable: Sendable {
  /// By slot; see `PodTable.entries`.
  var entries: [JobEntry] = []
  private var free: [Int] = []
  private var byName: [NamespacedName: Int] = [:]
  private var byUID: [String: Int] = [:]
  private var nextSequence: UInt64 = 1

  var count: Int { byUID.count }

  func slot(namespace: String, name: String) -> Int? { byName[NamespacedName(namespace: namespace, name: name)] }
  func slot(uid: String) -> Int? { byUID[uid] }
  func ref(_ slot: Int) -> JobRef { JobRef(slot: slot, sequence: entries[slot].sequence) }
  func slot(_ ref: JobRef) -> Int? { entries[ref.slot].sequence == ref.sequence ? ref.slot : nil }
  var slotsByAge: [Int] {
    entries.indices.filter { entries[$0].sequence != 0 }.sorted { entries[$0].sequence < entries[$1].sequence }
  }

  mutating func insert(_ job: Job) -> Int {
    let entry = JobEntry(job: job, sequence: nextSequence)
    nextSequence += 1
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      entries[slot] = entry
    } else {
      slot = entries.count
      entries.append(entry)
    }
    byName[NamespacedName(namespace: job.metadata.namespace, name: job.metadata.name)] = slot
    byUID[job.metadata.uid] = slot
    return slot
  }

  mutating func remove(_ slot: Int) {
    let metadata = entries[slot].job.metadata
    byName[NamespacedName(namespace: metadata.namespace, name: metadata.name)] = nil
    byUID[metadata.uid] = nil
    entries[slot] = JobEntry()
    free.append(slot)
  }
}
