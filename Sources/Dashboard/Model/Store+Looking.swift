internal import KubeModel

/// What views and reasons ask of the store.
extension Store {
  subscript(kind: Kind, id: String) -> Item? { items[kind]?[id] }

  /// All objects of a kind, in no order.
  func all(_ kind: Kind) -> [Item] { (items[kind]?.values).map(Array.init) ?? [] }

  func job(_ uid: String) -> JobItem? { items[.job]?[uid] as? JobItem }
  func pod(_ uid: String) -> PodItem? { items[.pod]?[uid] as? PodItem }
  func cronJob(_ uid: String) -> CronJobItem? { items[.cronJob]?[uid] as? CronJobItem }
  func node(named name: String) -> NodeItem? { nodeUIDs[name].flatMap { items[.node]?[$0] as? NodeItem } }

  func pods(ofJob uid: String) -> JobPods { jobPods[uid] ?? Store.noPods }
  private static let noPods = JobPods()
  func pods(ofNode name: String) -> NodePods { nodePods[name] ?? NodePods() }

  /// Pods of a job on nodes that are not ready: whether they still run is not known.
  func lostPods(ofJob uid: String) -> Int { lostPods.isEmpty ? 0 : lostPods[uid] ?? 0 }

  /// The pods of a job, in no order.
  func podItems(ofJob uid: String) -> [PodItem] { (jobPods[uid]?.uids ?? []).compactMap(pod) }

  /// The pod of a job that came last, of all or of those with a trouble; when that one was deleted, one of the others.
  func latestPod(ofJob uid: String, _ trouble: Trouble? = nil) -> PodItem? {
    let pods = pods(ofJob: uid)
    let sample = trouble.map { pods.troubles[$0] } ?? pods.all
    guard let sample, sample.count > 0 else { return nil }
    if let found = sample.latest.flatMap(pod) { return found }
    // A handful is looked at: there may be very many.
    let others = pods.uids.lazy.compactMap(pod).filter { trouble == nil || $0.trouble == trouble }.prefix(100)
    return others.max { ($0.lastTime, $0.name) < ($1.lastTime, $1.name) }
  }

  /// The pods that stand under no job, in no order.
  var podItemsWithoutJob: [PodItem] { ownerless.compactMap(pod) + otherOwners.flatMap { podItems(ofJob: $0) } }

  /// The pods on a node, in no order.
  func podItems(onNode name: String) -> [PodItem] { (nodePods[name]?.uids ?? []).compactMap(pod) }

  /// How long runs of the same work took.
  func history(of job: JobItem) -> RunHistory { histories[job.work] }

  /// The jobs that a cron job made, in no order.
  func jobItems(ofOwner uid: String) -> [JobItem] { (jobsByOwner[uid] ?? []).compactMap(job) }

  /// The events of an object, the oldest first.
  func eventItems(of uid: String) -> [EventItem] {
    (events[uid] ?? []).compactMap { items[.event]?[$0] as? EventItem }.sorted {
      ($0.event.lastSeen ?? Instant(seconds: 0), $0.name) < ($1.event.lastSeen ?? Instant(seconds: 0), $1.name)
    }
  }

  /// Why a job has no pods: the event that tells that none can be made for it. `nil` where it has some, needs none, or
  /// waits by itself before it makes the next.
  func failedCreation(for job: JobItem) -> EventItem? {
    guard job.settled == nil, job.job.status.active == 0, job.job.spec.parallelism != 0,
      let creation = creations[job.uid],
      creation.event.reason == EventItem.failedCreate
    else { return nil }
    let pods = pods(ofJob: job.uid)
    guard pods.active == 0 else { return nil }
    // A wait that was over before is not what it waits for.
    if let next = pods.nextRetry(of: job), creation.event.lastSeen.map({ $0 < next }) ?? true { return nil }
    return creation
  }

  /// What an event is about, if it is still there.
  func object(of event: EventItem) -> Item? {
    let object = event.event.involvedObject
    guard let kind = Kind(rawValue: object.kind) else { return nil }
    // Those who report about nodes know them by name.
    return kind == .node ? node(named: object.name) : self[kind, object.uid]
  }

  func counts(in namespace: String) -> NamespaceCount { namespaceCounts[namespace] ?? NamespaceCount() }

  /// Every namespace that has an object or is one, sorted.
  var namespaces: [String] {
    var names = Set(namespaceCounts.lazy.filter { $0.value.isInUse }.map(\.key))
    for item in (items[.namespace] ?? [:]).values { names.insert(item.name) }
    return names.sorted()
  }

  /// Every cluster has these, and nobody looks for them before something is in them.
  func isIdleSystemNamespace(_ name: String) -> Bool {
    ["kube-node-lease", "kube-public", "kube-system"].contains(name) && !counts(in: name).isInUse
  }

  /// Whether there are several namespaces to tell apart.
  var hasSeveralNamespaces: Bool { namespaces.lazy.filter { !isIdleSystemNamespace($0) }.count > 1 }

  func hasJob(named name: String, in namespace: String) -> Bool { jobNames.contains("\(namespace)/\(name)") }
}
