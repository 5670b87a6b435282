import DequeModule
public import KubeModel

/// A Kubernetes control plane as a value: objects, the job controller, the scheduler, the kubelets' decisions.
///
/// It does no I/O and reads no clock. Time comes in with every input, randomness from its seed: the same seed and the
/// same inputs make the same objects, byte for byte. A copy of it can be asked what would happen.
///
/// Inputs are `submit`, `observe` and `advance`; each costs O(log n) in the size of the cluster for every object that
/// it changes. What is to be carried out is taken with `takeEffects`, what changed is read with `changes(since:)`.
public struct ControlPlane: Sendable {
  /// What a control plane is made with.
  public struct Configuration: Hashable, Sendable {
    /// Where names, UIDs and ties come from.
    public var seed: UInt64
    /// How long the job controller waits after a change of a pod before it looks at the job. Kubernetes waits one
    /// second, to save requests; there are none to save here, so that the default is zero.
    public var podEventDelay: Duration
    /// The zone of cron jobs that name none: the controller's own.
    public var timeZone: TimeZoneRules
    /// The runtime of pods that name no `runtimeClassName`.
    public var defaultRuntimeClass: String

    /// Creates a configuration for the embedded cluster's needs, unless told otherwise.
    public init(
      seed: UInt64 = 0, podEventDelay: Duration = .zero, defaultRuntimeClass: String = "process",
      timeZone: TimeZoneRules = .utc
    ) {
      self.seed = seed
      self.podEventDelay = podEventDelay
      self.defaultRuntimeClass = defaultRuntimeClass
      self.timeZone = timeZone
    }
  }

  /// What it was made with; never changes.
  public let configuration: Configuration
  var now: Instant
  var random: SeededGenerator
  var feed: ChangeFeed
  var effects: [Effect] = []
  var timers = TimerQueue()
  var pods = PodTable()
  var nodePods = NodePods()
  var jobs = JobTable()
  /// Kinds of which there are few: nodes, namespaces, config maps, secrets, priority classes, cron jobs.
  var others: [ObjectKey: KubeObject] = [:]
  var events = EventStore()
  var scheduler = Scheduler()
  var dirtyJobs = Deque<Int>()
  var dirtyCronJobs = Deque<ObjectKey>()
  /// Grows with every change of a priority class: pods made from a template are admitted anew then.
  var priorityClassVersion = 0
  /// By UID.
  var cronRecords: [String: CronJobRecord] = [:]
  var cronTemplates: [String: CronTemplates] = [:]
  /// Pods without a controller: jobs with a selector of their own may adopt them.
  var orphanPods: Set<Int> = []
  /// Jobs whose selector the user chose.
  var manualSelectorJobs: Set<Int> = []
  /// Objects in each namespace; what a terminating namespace waits for.
  var namespacePopulation: [String: Int] = [:]
  /// Pods that have a node and have not finished, by node.
  var assignedPods: [String: Set<Int>] = [:]
  var failedNodes: [String: FailedNode] = [:]
  /// Taints that drive pods off, of nodes that have any.
  var noExecuteTaints: [String: [Taint]] = [:]
  var podGC = PodGarbageCollector()
  /// Who owns what, and what the garbage collector has to look at.
  var ownership = OwnershipIndex()
  var collectible = Deque<ObjectKey>()
  /// The priority classes that are the default of pods that name none: one, unless storage knew more.
  var defaultPriorityClasses: Set<String> = []
  /// In PEM: by which clients in the cluster know its API server. Empty where it serves without one.
  var rootCertificate = ""
  /// When events that clients made are to be forgotten.
  var clientEvents: [ObjectKey: Instant] = [:]
  /// When the wake-up that the scheduler or the events asked for last is due, so that it is asked for once.
  var schedulerTimer: Instant?
  var eventTimer: Instant?

  /// An empty cluster with the namespace `default`.
  public init(_ configuration: Configuration = Configuration(), at now: Instant) {
    self.configuration = configuration
    self.now = now
    random = SeededGenerator(seed: configuration.seed)
    feed = ChangeFeed(version: 0)
    createDefaultNamespace()
    addSystemObjects()
  }

  /// The latest input's time; time never goes back.
  public var currentTime: Instant { now }

  /// Answers a request as Kubernetes' API server would.
  ///
  /// - Returns: the object as it stands after the request; for a deletion, as it stood last.
  /// - Throws: the API server's refusal.
  @discardableResult
  public mutating func submit(_ request: Request, at instant: Instant) throws(StatusError) -> KubeObject {
    advanceClock(to: instant)
    let result = try handle(request)
    settle()
    return result
  }

  /// Takes in what a runtime saw.
  public mutating func observe(_ report: PodReport, at instant: Instant) {
    advanceClock(to: instant)
    receive(report)
    settle()
  }

  /// Takes in what a runtime saw, several reports at once: the controllers look at the outcome, not at every step to
  /// it, which is a lot cheaper.
  public mutating func observe(_ reports: [PodReport], at instant: Instant) {
    advanceClock(to: instant)
    for report in reports { receive(report) }
    settle()
  }

  /// Lets time pass and does what has become due.
  public mutating func advance(to instant: Instant) {
    advanceClock(to: instant)
    settle()
  }

  /// What is to be carried out since the last call, in order.
  public mutating func takeEffects() -> [Effect] {
    defer { effects.removeAll(keepingCapacity: true) }
    return effects
  }

  /// When `advance` will next find something to do.
  public var nextTimer: Instant? { timers.nextDue }

  /// The version of the latest change.
  public var version: UInt64 { feed.version }

  /// Every revision after version `since`, in order; `nil` where some of them have been discarded: list again.
  public func changes(since: UInt64) -> [Change]? { feed.changes(since: since) }

  /// Lets changes up to `version` go. The feed grows until its reader does this.
  public mutating func discardChanges(through version: UInt64) { feed.discard(through: version) }

  /// Whether changes are kept for `changes(since:)`, as they are at first. Where nobody reads them, keeping a copy of
  /// every revision is work for nothing.
  public var keepsChanges: Bool {
    get { feed.isKept }
    set { feed.isKept = newValue }
  }

  private mutating func advanceClock(to instant: Instant) {
    now = max(now, instant)
    while let action = timers.takeDue(at: now) { fire(action) }
  }

  private mutating func fire(_ action: TimerAction) {
    switch action {
    case .syncJob(let ref):
      if let slot = jobs.slot(ref) { queueSync(slot) }
    case .expireJob(let ref):
      if let slot = jobs.slot(ref) { expireJob(slot) }
    case .syncCronJob(let namespace, let name): queueCronSync(ObjectKey(.cronJob, namespace: namespace, name: name))
    case .restartContainer(let ref, let container):
      if let slot = pods.slot(ref) { restartAfterBackoff(slot, container: container) }
    case .mountVolumes(let ref):
      if let slot = pods.slot(ref) { mountAgain(slot) }
    case .probe(let ref, let container, let kind):
      if let slot = pods.slot(ref) { probe(slot, container, kind) }
    case .podDeadline(let ref):
      if let slot = pods.slot(ref) { checkPodDeadline(slot) }
    case .evictByTaint(let ref):
      if let slot = pods.slot(ref) { evictByTaint(slot) }
    case .collectPods: collectPods()
    case .expireClientEvent(let key): expireClientEvent(key)
    case .schedule:
      schedulerTimer = nil
    case .expireEvents:
      eventTimer = nil
      expireEvents()
    }
    settle()
  }

  /// Runs the controllers and the scheduler until none of them has anything left to do at this instant.
  private mutating func settle() {
    while true {
      while let key = collectible.popFirst() { collect(key) }
      while let slot = dirtyJobs.popFirst() { syncJob(slot) }
      while let key = dirtyCronJobs.popFirst() { syncCronJob(key) }
      if !dirtyJobs.isEmpty || !collectible.isEmpty { continue }
      schedulePods()
      if dirtyJobs.isEmpty, dirtyCronJobs.isEmpty, collectible.isEmpty { break }
    }
    setPodGCTimer()
    if let due = scheduler.nextTimer, schedulerTimer.map({ due < $0 }) ?? true {
      schedulerTimer = due
      timers.set(.schedule, at: due)
    }
    if let due = events.nextExpiry, eventTimer == nil {
      eventTimer = due
      timers.set(.expireEvents, at: due)
    }
  }
}
