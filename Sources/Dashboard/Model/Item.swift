internal import KubeModel

/// A row's object with what its cells need, worked out once when the object changed.
///
/// Items never change: a new version of an object is a new item. That makes them cheap to hold in many places.
class Item: @unchecked Sendable {
  // Safe to send: this class and its subclasses have only `let` properties of Sendable types.
  let kind: Kind
  /// What the row is known by: the object's UID, for a container followed by its name.
  let id: String
  /// The same, to be looked up by.
  let rowID: RowID
  let uid: String
  let namespace: String
  let name: String
  let created: Instant?
  /// The name's first bytes as numbers: they settle most comparisons of names.
  let nameStart: (UInt64, UInt64)

  init(kind: Kind, id: String, metadata: ObjectMeta) {
    self.kind = kind
    self.id = id
    rowID = RowID(id)
    uid = metadata.uid
    namespace = metadata.namespace
    name = metadata.name
    created = metadata.creationTimestamp
    nameStart = (SortKey.packed(name.utf8.prefix(8), 8), SortKey.packed(name.utf8.dropFirst(8).prefix(8), 8))
  }

  /// The order of rows that are otherwise equal: by name, namespace and ID, byte by byte.
  final func precedesByName(_ other: Item) -> Bool {
    if nameStart != other.nameStart { return nameStart < other.nameStart }
    if name != other.name { return name.utf8.lexicographicallyPrecedes(other.name.utf8) }
    if namespace != other.namespace { return namespace < other.namespace }
    return id < other.id
  }

  final var key: ObjectKey { ObjectKey(kind, namespace: namespace, name: name) }

  /// The object in its present version.
  var object: KubeObject? { nil }
  var labels: StringMap { object?.metadata.labels ?? [:] }
  /// Further text that a filter looks at.
  var searchable: [String] { [] }

  static func make(_ object: KubeObject) -> Item? {
    switch object {
    case .job(let job): JobItem(job)
    case .cronJob(let cronJob): CronJobItem(cronJob)
    case .pod(let pod): PodItem(pod)
    case .node(let node): NodeItem(node)
    case .event(let event): EventItem(event)
    case .namespace(let namespace): NamespaceItem(namespace)
    case .configMap, .lease, .priorityClass, .secret, .serviceAccount: nil
    }
  }
}

/// What a row is known by, hashed once: tables of many rows are looked up and made anew often.
struct RowID: Hashable, Sendable {
  private let id: String
  private let hash: Int

  init(_ id: String) {
    self.id = id
    hash = id.hashValue
  }

  static func == (left: RowID, right: RowID) -> Bool { left.hash == right.hash && left.id == right.id }
  func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

final class JobItem: Item, @unchecked Sendable {
  let job: Job
  let isFinished: Bool
  /// Completions, or for a work queue 1.
  let wanted: Int
  /// The condition that says how it ended or is about to.
  let verdict: Condition?
  /// Its status as far as it doesn't depend on its pods.
  let settled: StatusText?
  /// What earlier runs of the same work have in common with it.
  let work: WorkID
  /// Failures after which it was tried again, as far as its status tells and as were seen before it ended: those that
  /// its end brought about are counted with the others in the status.
  let failuresRetried: Int

  init(_ job: Job, after earlier: JobItem? = nil) {
    self.job = job
    let conditions = job.status.conditions
    isFinished = job.status.isFinished
    wanted = job.spec.completions ?? 1
    verdict = ["Failed", "Complete", "FailureTarget", "SuccessCriteriaMet"].lazy
      .compactMap { conditions[$0] }.first { $0.isTrue }
    settled = JobItem.settled(job, verdict)
    work = WorkID(job)
    failuresRetried = max(
      JobItem.failuresRetried(job, hasFailed: verdict.map { $0.type.hasPrefix("Fail") } ?? false),
      earlier?.failuresRetried ?? 0)
    super.init(kind: .job, id: job.metadata.uid, metadata: job.metadata)
  }

  /// The same job, which knows what was seen of it before.
  func following(_ earlier: JobItem?) -> JobItem {
    guard let earlier, earlier.failuresRetried > failuresRetried else { return self }
    return JobItem(job, after: earlier)
  }

  /// Of an index that is lost the last failure is not tried again, and neither is what ended with a job that failed: at
  /// most as many pods as ran at a time.
  private static func failuresRetried(_ job: Job, hasFailed: Bool) -> Int {
    let (spec, status) = (job.spec, job.status)
    let lost = status.failedIndexes.flatMap { try? IndexRanges(parsing: $0, completions: spec.completions ?? 1) }?.count
    let failures = status.failed - (lost ?? 0)
    guard hasFailed else { return max(0, failures) }
    let parallelism = spec.parallelism ?? 1
    let open = spec.completions.map { max(0, $0 - status.succeeded - (lost ?? 0)) } ?? parallelism
    return max(0, failures - min(parallelism, open))
  }

  override var object: KubeObject { .job(job) }
  override var labels: StringMap { job.metadata.labels }
  override var searchable: [String] { [verdict?.type ?? "Running", verdict?.reason ?? ""] }

  var hasFailed: Bool { verdict?.type == "Failed" || verdict?.type == "FailureTarget" }
  var hasSucceeded: Bool { verdict?.type == "Complete" || verdict?.type == "SuccessCriteriaMet" }
  var isSuspended: Bool { job.spec.suspend == true }

  /// Whether a cron job's schedule did not make it, but someone did from the cron job.
  var isTriggeredByHand: Bool {
    job.metadata.annotations["cronjob.kubernetes.io/instantiate"] == "manual"
  }

  /// What its pods' first container runs, as one would type it.
  var commandLine: String {
    guard let container = job.spec.template.spec.containers.first else { return "" }
    var words = container.command + container.args
    // What a shell is given to do says all.
    if words.count == 3, words[1] == "-c" { words = [words[2]] }
    return words.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// kubectl's word with the reason.
  private static func settled(_ job: Job, _ verdict: Condition?) -> StatusText? {
    let reason = verdict?.reason ?? ""
    let conditions = job.status.conditions
    if conditions.isTrue("Complete") {
      return StatusText(standing: .succeeded, word: "Complete", reason: reason == "CompletionsReached" ? "" : reason)
    }
    if conditions.isTrue("Failed") { return StatusText(standing: .failed, word: "Failed", reason: reason) }
    if job.metadata.deletionTimestamp != nil { return StatusText(standing: .ending, word: "Terminating") }
    if conditions.isTrue("Suspended") || (job.spec.suspend == true && job.status.active == 0) {
      return StatusText(standing: .suspended, word: "Suspended")
    }
    if conditions.isTrue("FailureTarget") {
      return StatusText(standing: .failed, word: "FailureTarget", reason: reason)
    }
    if conditions.isTrue("SuccessCriteriaMet") {
      return StatusText(standing: .succeeded, word: "SuccessCriteriaMet", reason: reason)
    }
    return nil
  }

  /// When it fails if it is not done by then; `nil` where there is no limit, and while it does not run.
  var deadline: Instant? {
    guard settled == nil, let start = job.status.startTime, let seconds = job.spec.activeDeadlineSeconds else {
      return nil
    }
    return start + .seconds(min(seconds, 1 << 33))
  }

  /// When it ended; `nil` while it has not.
  var finished: Instant? {
    isFinished ? job.status.completionTime ?? verdict?.lastTransitionTime : nil
  }

  /// From its start to its end, or to `now`.
  func elapsed(_ now: Instant) -> Duration? {
    job.status.startTime.map { max(.zero, (finished ?? now) - $0) }
  }
}

final class NamespaceItem: Item, @unchecked Sendable {
  let namespaceObject: Namespace

  init(_ namespace: Namespace) {
    namespaceObject = namespace
    super.init(kind: .namespace, id: namespace.metadata.uid, metadata: namespace.metadata)
  }

  override var object: KubeObject { .namespace(namespaceObject) }
  override var labels: StringMap { namespaceObject.metadata.labels }
}

final class EventItem: Item, @unchecked Sendable {
  let event: Event
  /// `pod/backup-x7k2p`, as kubectl writes it.
  let objectText: String

  init(_ event: Event) {
    self.event = event
    objectText = "\(event.involvedObject.kind.lowercased())/\(event.involvedObject.name)"
    super.init(kind: .event, id: event.metadata.uid, metadata: event.metadata)
  }

  override var object: KubeObject { .event(event) }
  override var labels: StringMap { event.metadata.labels }
  override var searchable: [String] { [event.type, event.reason, objectText, event.message] }
}
