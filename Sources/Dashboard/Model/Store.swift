internal import KubeModel

/// The objects that the dashboard shows, by UID, with the indexes that its views read. A change costs O(1).
struct Store: Sendable {
  private(set) var items: [Kind: [String: Item]] = [:]
  private(set) var jobPods: [String: JobPods] = [:]
  private(set) var nodePods: [String: NodePods] = [:]
  private(set) var nodeUIDs: [String: String] = [:]
  private(set) var events: [String: Set<String>] = [:]
  /// By the UID of the job: the latest event about a pod that was made for it, or could not be.
  private(set) var creations: [String: EventItem] = [:]
  /// By the UID of the pod: the latest event that tells why it cannot be started.
  private var startFailures: [String: EventItem] = [:]
  /// Nodes that are not ready, and of each job how many of its pods are on them.
  private var failedNodes: Set<String> = []
  private(set) var lostPods: [String: Int] = [:]
  /// `namespace/name` of every job.
  private(set) var jobNames: Set<String> = []
  private(set) var jobsByOwner: [String: Set<String>] = [:]
  private(set) var histories = RunHistories()
  /// How cron jobs' last runs ended.
  private(set) var pastRuns = PastRuns()

  /// Grows as runs become known.
  var runsRevision: Int { histories.revision + pastRuns.revision }
  /// Names in order, of kinds that were asked for so.
  private var nameIndexes: [Kind: NameIndex] = [:]
  private(set) var namespaceCounts: [String: NamespaceCount] = [:]
  private(set) var totals = Totals()
  private(set) var standings = StandingCounts()
  /// As which each job is counted.
  private var jobStandings: [String: Standing] = [:]
  private(set) var capacity = Capacity()
  private(set) var attention = Attention()
  /// UIDs of pods without an owner.
  private(set) var ownerless: Set<String> = []
  /// Owners of pods that are no jobs, or none that are here.
  private(set) var otherOwners: Set<String> = []
  /// Pods that were seen to end.
  private(set) var podsEnded = 0
  /// The time, where it is told.
  var now: Instant?
  /// Whether the first snapshot has come.
  private(set) var isLoaded = false

  struct NamespaceCount: Hashable, Sendable {
    var jobs = 0
    var cronJobs = 0
    var pods = 0
    var standings = StandingCounts()
    /// Pods that were seen to end.
    var podsEnded = 0
  }

  /// What there is in all namespaces.
  struct Totals: Hashable, Sendable {
    var jobs = 0
    /// Pods in the phase Running, whether or not all is well with their containers.
    var podsRunning = 0
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
    /// A pod as it is, or as it was when it went.
    var pod: PodItem?
    /// The pod that an event tells something of that its row shows.
    var toldPod: String?
    /// Whether it is about a node that has failed or came back.
    var changesReadiness = false
  }

  /// Empties the store, before a new snapshot; what was learned from what has happened stays.
  mutating func reset() {
    let (ended, known, past, now) = (podsEnded, histories, pastRuns, now)
    let endedByNamespace = namespaceCounts.mapValues { NamespaceCount(podsEnded: $0.podsEnded) }
    self = Store()
    (podsEnded, histories, pastRuns, self.now) = (ended, known, past, now)
    namespaceCounts = endedByNamespace.filter { $0.value.podsEnded > 0 }
  }

  /// Takes up what earlier sessions knew of runs; `scope` tells apart clusters that run the same work in different ways.
  mutating func recall(_ runs: RunMemory, scope: String) {
    histories.scope = scope
    histories.recall(runs.works)
    pastRuns = PastRuns(runs.cronJobs)
  }

  /// What is known of runs, for another session.
  var runMemory: RunMemory {
    RunMemory(works: histories.latest(RunMemory.limit), cronJobs: pastRuns.latest(RunMemory.limit))
  }

  /// The names of a kind's objects that begin so, in order. The first time they are sorted, O(n log n).
  mutating func names(of kind: Kind, withPrefix prefix: String) -> some Sequence<NameIndex.Entry> {
    let index = nameIndexes[kind] ?? NameIndex(all(kind))
    nameIndexes[kind] = index
    return index.entries(withPrefix: prefix)
  }

  /// A snapshot or changes have been read.
  mutating func markLoaded() { isLoaded = true }

  /// Takes in one change; says whose rows differ now.
  mutating func apply(_ change: Change) -> Touched? {
    guard var new = Item.make(change.object) else { return nil }
    if let pod = new as? PodItem, let failure = startFailure(of: pod.uid) { new = pod.failing(failure) }
    let old = items[new.kind]?[new.id]
    if let job = new as? JobItem { new = job.following(old as? JobItem) }
    if let cronJob = new as? CronJobItem { new = cronJob.following(old as? CronJobItem, now: now) }
    let present = change.verb == .deleted ? nil : new
    // Deleting what isn't there, as after a reset, changes nothing.
    guard old != nil || present != nil else { return nil }
    items[new.kind, default: [:]][new.id] = present
    if let old, present == nil { nameIndexes[new.kind]?.remove(old) }
    if let present, old == nil { nameIndexes[new.kind]?.insert(present) }
    var touched = Touched(kind: new.kind, id: new.id, namespace: new.namespace)
    switch new.kind {
    case .job: index(old as? JobItem, present as? JobItem)
    case .cronJob:
      count(new.namespace, \.cronJobs, old, present)
      attention.note(old as? CronJobItem, present as? CronJobItem)
      if present == nil { pastRuns.forget(new.id) }
    case .pod:
      var before = old as? PodItem
      let after = present as? PodItem
      // How a pod ended may be told only as it goes.
      if after == nil, let last = new as? PodItem, before?.isActive == true, !last.isActive {
        index(before, last)
        before = last
      }
      index(before, after)
      touched.pod = after ?? before
      touched.job = after?.owner ?? before?.owner
      let node = after?.pod.spec.nodeName ?? before?.pod.spec.nodeName ?? ""
      touched.node = nodeUIDs[node]
    case .node:
      let (before, after) = (old as? NodeItem, present as? NodeItem)
      index(before, after)
      touched.changesReadiness = (before?.isReady ?? true) != (after?.isReady ?? true)
    case .event:
      if let object = (new as? EventItem)?.event.involvedObject.uid {
        if present == nil { events[object]?.remove(new.id) } else { events[object, default: []].insert(new.id) }
        if events[object]?.isEmpty == true { events[object] = nil }
        if noteCreation(old as? EventItem, present as? EventItem, of: object) { touched.job = object }
        if let pod = noteStart(old as? EventItem, present as? EventItem, of: object) {
          (touched.toldPod, touched.job) = (pod.id, pod.owner)
        }
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

  /// Keeps the latest event about the making of a job's pods; says whether it is another one now.
  private mutating func noteCreation(_ old: EventItem?, _ new: EventItem?, of uid: String) -> Bool {
    let before = creations[uid]
    if let new, new.isOfCreation {
      // Of the same second what is heard of later counts.
      guard before.map({ $0.isNoLater(than: new) }) ?? true else { return false }
      creations[uid] = new
    } else if new == nil, let old, old.id == before?.id {
      creations[uid] = eventItems(of: uid).last(where: \.isOfCreation)
    } else {
      return false
    }
    if let job = job(uid) { notePods(of: job) }
    return true
  }

  private func startFailure(of uid: String) -> StartFailure? { startFailures[uid].flatMap { StartFailure($0.event) } }

  /// Keeps the latest event that tells why a pod cannot be started; returns the pod where that changes it.
  private mutating func noteStart(_ old: EventItem?, _ new: EventItem?, of uid: String) -> PodItem? {
    if let new {
      guard StartFailure(new.event) != nil, startFailures[uid].map({ $0.isNoLater(than: new) }) ?? true else {
        return nil
      }
      startFailures[uid] = new
    } else {
      guard let old, startFailures[uid]?.id == old.id else { return nil }
      startFailures[uid] = eventItems(of: uid).last { StartFailure($0.event) != nil }
    }
    guard let before = pod(uid) else { return nil }
    let after = before.failing(startFailure(of: uid))
    guard after.startFailure != before.startFailure else { return nil }
    items[.pod]?[uid] = after
    index(before, after)
    return after
  }

  private mutating func index(_ old: JobItem?, _ new: JobItem?) {
    totals.jobs += (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
    guard let either = new ?? old else { return }
    count(either.namespace, \.jobs, old, new)
    let name = "\(either.namespace)/\(either.name)"
    if new == nil { jobNames.remove(name) } else if old == nil { jobNames.insert(name) }
    if let new, old?.isFinished != true {
      histories.note(new)
      pastRuns.note(new)
    }
    if let owner = either.job.metadata.controller?.uid {
      if new == nil { jobsByOwner[owner]?.remove(either.id) } else { jobsByOwner[owner, default: []].insert(either.id) }
      if jobsByOwner[owner]?.isEmpty == true { jobsByOwner[owner] = nil }
    }
    if new == nil, jobPods[either.id]?.isEmpty == true { jobPods[either.id] = nil }
    noteOwner(either.id)
    attention.note(old, new, pods(ofJob: either.id), new.flatMap(failedCreation), histories)
    countStanding(of: either, isThere: new != nil)
  }

  /// What is known of a job's pods has changed.
  private mutating func notePods(of job: JobItem) {
    attention.note(podsOf: job, pods(ofJob: job.uid), failedCreation(for: job))
    countStanding(of: job, isThere: true)
  }

  /// Counts a job as its row shows it.
  private mutating func countStanding(of job: JobItem, isThere: Bool) {
    let (before, after) = (jobStandings[job.id], isThere ? status(of: job).standing : nil)
    guard before != after else { return }
    jobStandings[job.id] = after
    for (standing, step) in [(before, -1), (after, 1)] {
      guard let standing else { continue }
      standings.count(job: standing, step)
      namespaceCounts[job.namespace, default: NamespaceCount()].standings.count(job: standing, step)
    }
  }

  private mutating func index(_ old: PodItem?, _ new: PodItem?) {
    for (pod, step) in [(old, -1), (new, 1)] {
      guard let pod else { continue }
      if pod.isRunning { totals.podsRunning += step }
      standings.count(pod, step)
      namespaceCounts[pod.namespace, default: NamespaceCount()].standings.count(pod, step)
    }
    if old?.isActive == true, let new, !new.isActive {
      podsEnded += 1
      namespaceCounts[new.namespace, default: NamespaceCount()].podsEnded += 1
    }
    if let either = new ?? old { count(either.namespace, \.pods, old, new) }
    replace(old, new, by: \.owner) { $0.podsToChange(ofJob: $1).replace($2, with: $3) }
    countLost(old, -1)
    countLost(new, 1)
    for owner in Set([old?.owner, new?.owner].compactMap { $0 }) {
      // Its pods are the last to know of a job that was deleted.
      if jobPods[owner]?.isEmpty == true, items[.job]?[owner] == nil { jobPods[owner] = nil }
      noteOwner(owner)
      if let job = job(owner) { notePods(of: job) }
    }
    if let new, new.owner == nil { ownerless.insert(new.id) } else if let old { ownerless.remove(old.id) }
    attention.note(old, new)
    capacity.replace(old, with: new)
    let node = { (pod: PodItem) in pod.pod.spec.nodeName.isEmpty ? nil : pod.pod.spec.nodeName }
    replace(old, new, by: node) { $0.nodePods[$1, default: NodePods()].replace($2, with: $3) }
    for name in Set([old, new].compactMap { $0?.pod.spec.nodeName }) where nodePods[name]?.uids.isEmpty == true {
      nodePods[name] = nil
    }
  }

  private mutating func noteOwner(_ uid: String) {
    if jobPods[uid] != nil, items[.job]?[uid] == nil { otherOwners.insert(uid) } else { otherOwners.remove(uid) }
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
    attention.note(old, new)
    if let old { nodeUIDs[old.name] = nil }
    if let new { nodeUIDs[new.name] = new.id }
    for name in Set([old, new].compactMap { $0?.name }) {
      let hasFailed = new?.name == name && new?.isReady == false
      guard hasFailed != failedNodes.contains(name) else { continue }
      if hasFailed { failedNodes.insert(name) }
      for pod in podItems(onNode: name) { countLost(pod, hasFailed ? 1 : -1) }
      if !hasFailed { failedNodes.remove(name) }
    }
  }

  private mutating func countLost(_ pod: PodItem?, _ step: Int) {
    guard let pod, pod.isActive, let owner = pod.owner, failedNodes.contains(pod.pod.spec.nodeName) else { return }
    let count = lostPods[owner, default: 0] + step
    lostPods[owner] = count == 0 ? nil : count
    if count == 0 || count == step, let job = job(owner) { countStanding(of: job, isThere: true) }
  }
}

extension EventItem {
  /// What the job controller reports where it cannot make a pod.
  static let failedCreate = "FailedCreate"

  fileprivate var isOfCreation: Bool {
    event.involvedObject.kind == Kind.job.rawValue
      && (event.reason == EventItem.failedCreate || event.reason == "SuccessfulCreate")
  }

  fileprivate func isNoLater(than other: EventItem) -> Bool {
    (event.lastSeen ?? Instant(seconds: 0)) <= (other.event.lastSeen ?? Instant(seconds: 0))
  }

  /// Its message without what its reason says already.
  var creationError: String {
    let prefix = "Error creating: "
    return event.message.hasPrefix(prefix) ? String(event.message.dropFirst(prefix.count)) : event.message
  }
}
