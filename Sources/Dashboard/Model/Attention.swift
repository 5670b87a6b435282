internal import KubeModel

/// What needs attention, kept up to date object by object: a change costs O(log n), and nothing is looked through.
///
/// There is one entry a job, however many of its pods are in trouble; a pod without a job has one of its own.
struct Attention: Sendable {
  /// What is wrong; the first needs it most.
  enum Concern: Int, CaseIterable, Hashable, Sendable {
    case nodeDown, failed, stuck, unstarted, uncreated, unschedulable, gated, pressure, missed, neverRuns, late,
      retrying
    case failing, suspended, failedEarlier

    /// What has just happened comes first; what lasts, by how long it has lasted.
    fileprivate var isNewestFirst: Bool { self == .failed || self == .retrying || self == .failing }
    fileprivate var isOfNodes: Bool { self == .nodeDown || self == .pressure }
    /// It becomes one as time passes.
    fileprivate var comesWithTime: Bool { self == .missed || patience > .zero }

    /// For how long it may be so before it needs attention.
    var patience: Duration {
      switch self {
      case .suspended: Attention.longSuspended
      case .unstarted, .gated: Attention.shortWait
      default: .zero
      }
    }
  }

  struct Entry: Hashable, Comparable, Sendable {
    var concern: Concern
    /// Since when, or from when on it is one.
    var from: Instant
    let object: ItemRef
    let namespace: String

    /// Among those of one concern.
    static func < (left: Entry, right: Entry) -> Bool {
      if left.from != right.from { return (left.from < right.from) != left.concern.isNewestFirst }
      return left.object.id < right.object.id
    }
  }

  private struct Place: Hashable, Sendable {
    let concern: Concern
    /// `nil` for all of them.
    let namespace: String?
  }

  private var entries: [String: Entry] = [:]
  private var places: [Place: OrderedPieces<Entry>] = [:]
  private var runs = LateRuns()

  /// Failures from before that are behind everything else.
  static let recent = Duration.seconds(3600)
  /// A job that is suspended for as long was perhaps forgotten.
  static let longSuspended = Duration.seconds(3600)
  /// A volume that is not there may come, a gate be taken away.
  static let shortWait = Duration.seconds(10)

  // MARK: What changed

  /// A job has changed. `failure` tells that no pods can be made for it.
  mutating func note(
    _ old: JobItem?, _ new: JobItem?, _ pods: JobPods, _ failure: EventItem?, _ histories: RunHistories
  ) {
    runs.replace(old, new, histories)
    if let either = new ?? old { set(either, new.flatMap { Attention.concern(of: $0, pods, failure) }) }
  }

  /// A job's pods have changed, or whether any can be made.
  mutating func note(podsOf job: JobItem, _ pods: JobPods, _ failure: EventItem?) {
    set(job, Attention.concern(of: job, pods, failure))
  }

  /// A pod that no job answers for.
  mutating func note(_ old: PodItem?, _ new: PodItem?) {
    guard let either = new ?? old, !either.isOfJob else { return }
    set(either, new.flatMap(Attention.concern))
  }

  mutating func note(_ old: NodeItem?, _ new: NodeItem?) {
    if let either = new ?? old { set(either, new.flatMap(Attention.concern)) }
  }

  mutating func note(_ old: CronJobItem?, _ new: CronJobItem?) {
    if let either = new ?? old { set(either, new.flatMap(Attention.concern)) }
  }

  private mutating func set(_ item: Item, _ concern: (Concern, Instant)?) {
    let entry = concern.map { Entry(concern: $0, from: $1, object: ItemRef(item), namespace: item.namespace) }
    let before = entries[item.id]
    guard before != entry else { return }
    entries[item.id] = entry
    for namespace in [nil, item.namespace] {
      if let before { change(Place(concern: before.concern, namespace: namespace)) { $0.remove(before) } }
      if let entry { change(Place(concern: entry.concern, namespace: namespace)) { $0.insert(entry) } }
    }
  }

  private mutating func change(_ place: Place, _ body: (inout OrderedPieces<Entry>) -> Void) {
    body(&places[place, default: OrderedPieces()])
    if places[place]?.isEmpty == true { places[place] = nil }
  }

  // MARK: What it comes to

  /// What needs attention first, at most `limit` of it. O(limit)
  func first(_ limit: Int, in shown: Shown, now: Instant) -> [Entry] {
    var found: [Entry] = []
    for concern in Concern.allCases where found.count < limit {
      found += self.entries(of: concern, in: shown, now: now, limit: limit - found.count)
    }
    return found
  }

  private func entries(of concern: Concern, in shown: Shown, now: Instant, limit: Int) -> [Entry] {
    if concern == .late {
      return runs.late(at: now, in: shown, limit: limit).filter { entries[$0.object.id].map { $0.from > now } ?? true }
    }
    let isWhole = shown.isAllNamespaces || concern.isOfNodes
    let names: [String?] = isWhole ? [nil] : shown.namespaces
    let kept = concern == .failedEarlier ? .failed : concern
    let before = now - Attention.recent
    let found = names.flatMap { name -> [Entry] in
      guard let all = places[Place(concern: kept, namespace: name)] else { return [] }
      switch concern {
      case .failed: return Array(all.elements().prefix { $0.from > before }.prefix(limit))
      case .failedEarlier: return Array(all.elements { $0.from <= before }.prefix(limit))
      case _ where concern.comesWithTime: return Array(all.elements().prefix { $0.from <= now }.prefix(limit))
      default: return Array(all.elements().prefix(limit))
      }
    }
    let sorted = names.count > 1 ? Array(found.sorted().prefix(limit)) : found
    guard concern == .failedEarlier else { return sorted }
    return sorted.map { Entry(concern: concern, from: $0.from, object: $0.object, namespace: $0.namespace) }
  }
}

extension Attention {
  fileprivate static func concern(
    of job: JobItem, _ pods: JobPods, _ failure: EventItem?
  ) -> (Concern, Instant)? {
    let start = job.job.status.startTime ?? job.created ?? Instant(seconds: 0)
    if job.hasFailed { return (.failed, job.finished ?? job.verdict?.lastTransitionTime ?? start) }
    guard !job.isFinished, !job.hasSucceeded, job.job.metadata.deletionTimestamp == nil else { return nil }
    if job.isSuspended {
      return (.suspended, (job.job.status.conditions["Suspended"]?.lastTransitionTime ?? start) + longSuspended)
    }
    if pods.troubles.keys.contains(where: \.isWaiting) { return (.stuck, start) }
    if let unstarted = pods.troubles.first(where: \.key.isUnstarted) {
      return (.unstarted, unstarted.value.at + shortWait)
    }
    if let failure { return (.uncreated, failure.event.firstSeen ?? start) }
    if pods.troubles[.unschedulable] != nil { return (.unschedulable, start) }
    if let gated = pods.troubles[.gated] { return (.gated, gated.at + shortWait) }
    let since = pods.lastFailure?.at ?? start
    if pods.isRetrying(job, failure) { return (.retrying, since) }
    return job.job.status.failed > 0 || pods.troubles[.crashLoop] != nil ? (.failing, since) : nil
  }

  fileprivate static func concern(of pod: PodItem) -> (Concern, Instant)? {
    switch pod.trouble {
    case .exit, .failed: (.failed, pod.lastTime)
    case .crashLoop: (.retrying, pod.lastTime)
    case .waiting: (.stuck, pod.lastTime)
    case .unstarted: (.unstarted, pod.lastTime + shortWait)
    case .unschedulable: (.unschedulable, pod.lastTime)
    case .gated: (.gated, pod.lastTime + shortWait)
    // One that was deleted while it ran was no trouble to anyone.
    case .stopped, .restarting, nil: nil
    }
  }

  fileprivate static func concern(of cronJob: CronJobItem) -> (Concern, Instant)? {
    if let from = cronJob.overdueFrom { return (.missed, from) }
    return cronJob.isSuspended ? nil : (.neverRuns, cronJob.created ?? Instant(seconds: 0))
  }

  fileprivate static func concern(of node: NodeItem) -> (Concern, Instant)? {
    func since(_ condition: Condition?) -> Instant {
      condition?.lastTransitionTime ?? node.created ?? Instant(seconds: 0)
    }
    if !node.isReady { return (.nodeDown, since(node.node.status.conditions["Ready"])) }
    return node.pressures.first.map { (.pressure, since($0)) }
  }
}

extension Trouble {
  /// Whether a container cannot be started; what crashed is another thing.
  var isWaiting: Bool { if case .waiting = self, self != .crashLoop { true } else { false } }
  static let crashLoop = Trouble.waiting(reason: ContainerItem.crashLoop)
  var isUnstarted: Bool { if case .unstarted = self { true } else { false } }
}

extension PodItem {
  /// Whether a job answers for it.
  var isOfJob: Bool { pod.metadata.controller?.kind == Kind.job.rawValue }
}

extension NodeItem {
  /// What it is short of.
  var pressures: [Condition] { node.status.conditions.filter { $0.type.hasSuffix("Pressure") && $0.isTrue } }
}
