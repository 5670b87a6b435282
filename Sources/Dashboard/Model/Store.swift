internal import KubeModel

/// The objects that the dashboard shows, by UID, with the indexes that its views read. A change costs O(1).
struct Store: Sendable {
  private(set) var items: [Kind: [String: Item]] = [:]
  private var jobPods: [String: JobPods] = [:]
  private var nodePods: [String: NodePods] = [:]
  private var nodeUIDs: [String: String] = [:]
  private var events: [String: Set<String>] = [:]
  private var jobsByOwner: [String: Set<String>] = [:]
  private var namespaceCounts: [String: NamespaceCount] = [:]
  private(set) var totals = Totals()
  /// Whether the first snapshot has come.
  private(set) var isLoaded = false

  struct NamespaceCount: Hashable, Sendable {
    var jobs = 0
    var cronJobs = 0
    var pods = 0
  }

  /// What the header counts.
  struct Totals: Hashable, Sendable {
    var jobs = 0
    var jobsRunning = 0
    var jobsFailed = 0
    var jobsDone = 0
    var jobsSuspended = 0
    var podsRunning = 0
    var podsPending = 0
    var nodes = 0
    var nodesReady = 0
    /// Thousandths of a core that the nodes have.
    var cpu = 0
    /// Bytes that the nodes have.
    var memory = 0
  }

  /// The rows that a change touches: those of its own object, and of the objects that show something of it.
  struct Touched: Sendable {
    var kind: Kind
    var id: String
    var job: String?
    var node: String?
    var namespace: String
  }

  /// Empties the store, before a new snapshot.
  mutating func reset() { self = Store() }

  /// A snapshot or changes have been read.
  mutating func markLoaded() { isLoaded = true }

  /// Takes in one change; says whose rows differ now.
  mutating func apply(_ change: Change) -> Touched? {
    guard let new = Item.make(change.object) else { return nil }
    let old = items[new.kind]?[new.id]
    let present = change.verb == .deleted ? nil : new
    // Deleting what isn't there, as after a reset, changes nothing.
    guard old != nil || present != nil else { return nil }
    items[new.kind, default: [:]][new.id] = present
    var touched = Touched(kind: new.kind, id: new.id, namespace: new.namespace)
    switch new.kind {
    case .job: index(old as? JobItem, present as? JobItem)
    case .cronJob: count(new.namespace, \.cronJobs, old, present)
    case .pod:
      let (before, after) = (old as? PodItem, present as? PodItem)
      index(before, after)
      touched.job = after?.owner ?? before?.owner
      let node = after?.pod.spec.nodeName ?? before?.pod.spec.nodeName ?? ""
      touched.node = nodeUIDs[node]
    case .node: index(old as? NodeItem, present as? NodeItem)
    case .event:
      if let object = (new as? EventItem)?.event.involvedObject.uid {
        if present == nil { events[object]?.remove(new.id) } else { events[object, default: []].insert(new.id) }
        if events[object]?.isEmpty == true { events[object] = nil }
      }
    default: break
    }
    return touched
  }

  /// What is known of a job's pods, as the store alone holds it.
  private mutating func podsToChange(ofJob uid: String) -> JobPods {
    guard jobPods[uid] != nil, !isKnownUniquelyReferenced(&jobPods[uid]) else {
      let pods = jobPods[uid] ?? JobPods()
      jobPods[uid] = pods
      return pods
    }
    let copy = JobPods(copying: pods(ofJob: uid))
    jobPods[uid] = copy
    return copy
  }

  private mutating func count(
    _ namespace: String, _ path: WritableKeyPath<NamespaceCount, Int>, _ old: Item?, _ new: Item?
  ) {
    let step = (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
    if step != 0 { namespaceCounts[namespace, default: NamespaceCount()][keyPath: path] += step }
  }

  private mutating func index(_ old: JobItem?, _ new: JobItem?) {
    if let old { count(old, -1) }
    if let new { count(new, 1) }
    guard let either = new ?? old else { return }
    count(either.namespace, \.jobs, old, new)
    if let owner = either.job.metadata.controller?.uid {
      if new == nil { jobsByOwner[owner]?.remove(either.id) } else { jobsByOwner[owner, default: []].insert(either.id) }
      if jobsByOwner[owner]?.isEmpty == true { jobsByOwner[owner] = nil }
    }
    if new == nil, jobPods[either.id]?.isEmpty == true { jobPods[either.id] = nil }
  }

  private mutating func count(_ job: JobItem, _ step: Int) {
    totals.jobs += step
    if job.hasFailed {
      totals.jobsFailed += step
    } else if job.isFinished {
      totals.jobsDone += step
    } else if job.isSuspended {
      totals.jobsSuspended += step
    } else {
      totals.jobsRunning += step
    }
  }

  private mutating func index(_ old: PodItem?, _ new: PodItem?) {
    for (pod, step) in [(old, -1), (new, 1)] {
      guard let pod else { continue }
      if pod.isRunning {
        totals.podsRunning += step
      } else if pod.isActive {
        totals.podsPending += step
      }
    }
    if let either = new ?? old { count(either.namespace, \.pods, old, new) }
    replace(old, new, by: \.owner) { $0.podsToChange(ofJob: $1).replace($2, with: $3) }
    for owner in Set([old?.owner, new?.owner].compactMap { $0 }) {
      // Its pods are the last to know of a job that was deleted.
      if jobPods[owner]?.isEmpty == true, items[.job]?[owner] == nil { jobPods[owner] = nil }
    }
    let node = { (pod: PodItem) in pod.pod.spec.nodeName.isEmpty ? nil : pod.pod.spec.nodeName }
    replace(old, new, by: node) { $0.nodePods[$1, default: NodePods()].replace($2, with: $3) }
    for name in Set([old, new].compactMap { $0?.pod.spec.nodeName }) where nodePods[name]?.uids.isEmpty == true {
      nodePods[name] = nil
    }
  }

  /// Moves a pod from where `group` put it before to where it puts it now.
  private mutating func replace(
    _ old: PodItem?, _ new: PodItem?, by group: (PodItem) -> String?,
    _ body: (inout Store, String, PodItem?, PodItem?) -> Void
  ) {
    let (before, after) = (old.flatMap(group), new.flatMap(group))
    if let before, before == after { return body(&self, before, old, new) }
    if let before { body(&self, before, old, nil) }
    if let after { body(&self, after, nil, new) }
  }

  private mutating func index(_ old: NodeItem?, _ new: NodeItem?) {
    for (node, step) in [(old, -1), (new, 1)] {
      guard let node else { continue }
      totals.nodes += step
      if node.isReady { totals.nodesReady += step }
      totals.cpu = totals.cpu.saturatingAdd(step * node.cpu)
      totals.memory = totals.memory.saturatingAdd(step * node.memory)
    }
    if let old { nodeUIDs[old.name] = nil }
    if let new { nodeUIDs[new.name] = new.id }
  }
}

extension Store {
  subscript(kind: Kind, id: String) -> Item? { items[kind]?[id] }

  func job(_ uid: String) -> JobItem? { items[.job]?[uid] as? JobItem }
  func pod(_ uid: String) -> PodItem? { items[.pod]?[uid] as? PodItem }
  func cronJob(_ uid: String) -> CronJobItem? { items[.cronJob]?[uid] as? CronJobItem }
  func node(named name: String) -> NodeItem? { nodeUIDs[name].flatMap { items[.node]?[$0] as? NodeItem } }

  func pods(ofJob uid: String) -> JobPods { jobPods[uid] ?? Store.noPods }
  private static let noPods = JobPods()
  func pods(ofNode name: String) -> NodePods { nodePods[name] ?? NodePods() }

  /// The pods of a job, in no order.
  func podItems(ofJob uid: String) -> [PodItem] { (jobPods[uid]?.uids ?? []).compactMap(pod) }

  /// The pods on a node, in no order.
  func podItems(onNode name: String) -> [PodItem] { (nodePods[name]?.uids ?? []).compactMap(pod) }

  /// The jobs that a cron job made, in no order.
  func jobItems(ofOwner uid: String) -> [JobItem] { (jobsByOwner[uid] ?? []).compactMap(job) }

  /// The events of an object, the oldest first.
  func eventItems(of uid: String) -> [EventItem] {
    (events[uid] ?? []).compactMap { items[.event]?[$0] as? EventItem }.sorted {
      ($0.event.lastSeen ?? Instant(seconds: 0), $0.name) < ($1.event.lastSeen ?? Instant(seconds: 0), $1.name)
    }
  }

  func counts(in namespace: String) -> NamespaceCount { namespaceCounts[namespace] ?? NamespaceCount() }

  /// Every namespace that has an object or is one, sorted.
  var namespaces: [String] {
    var names = Set(namespaceCounts.keys)
    for item in (items[.namespace] ?? [:]).values { names.insert(item.name) }
    return names.sorted()
  }

  /// O(number of jobs)
  func hasJob(named name: String, in namespace: String) -> Bool {
    (items[.job] ?? [:]).values.contains { $0.name == name && $0.namespace == namespace }
  }
}
