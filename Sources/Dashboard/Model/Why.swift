internal import KubeModel
internal import Terminal

/// Why an object is as it is: a chain of steps from what is seen to what caused it, as far as the cluster tells.
struct Why {
  let context: RowContext
  /// The last lines of the log of the pod that tells most.
  let tail: LogTail?
  private(set) var steps: [WhyStep] = []

  static func steps(of item: Item, tail: LogTail?, _ context: RowContext) -> [WhyStep] {
    var why = Why(context: context, tail: tail)
    why.tell(item)
    return why.steps
  }

  var store: Store { context.store }

  mutating func tell(_ item: Item) {
    switch item {
    case let job as JobItem: tell(job)
    case let pod as PodItem: tell(pod)
    case let row as ContainerItem: tell(row)
    case let cronJob as CronJobItem: tell(cronJob)
    case let node as NodeItem: tell(node)
    case let event as EventItem: tell(event)
    case let namespace as NamespaceItem: tell(namespace)
    default: step(.muted, "·", "Nothing is known")
    }
  }

  mutating func step(
    _ role: Role, _ sign: String, _ title: String, _ evidence: [String] = [], about object: Item? = nil,
    way: WhyStep.Way? = nil, isSub: Bool = false
  ) {
    steps.append(
      WhyStep(
        role: role, sign: sign, title: title, evidence: evidence.flatMap(Why.lines),
        object: object.map(ItemRef.init), way: way, isSub: isSub))
  }

  mutating func step(
    _ standing: Standing, _ title: String, _ evidence: [String] = [], about object: Item? = nil,
    way: WhyStep.Way? = nil, isSub: Bool = false
  ) {
    step(standing.role, standing.sign, title, evidence, about: object, way: way, isSub: isSub)
  }

  /// The first lines of a message: a container may leave a whole page.
  private static func lines(_ text: String) -> [StyledText] {
    text.split(whereSeparator: \.isNewline).prefix(12).map { StyledText(String($0)) }
  }

  /// The last step tells of the last lines of a log.
  mutating func markTail() {
    if !steps.isEmpty { steps[steps.count - 1].isOfTail = true }
  }

  /// A line of evidence for the last step in another style.
  mutating func addEvidence(_ text: StyledText) {
    guard !steps.isEmpty else { return }
    steps[steps.count - 1].evidence.append(text)
  }

  // MARK: Times

  func ago(_ instant: Instant?) -> String { instant.map { time(since: $0) + " ago" } ?? "" }

  /// So many seconds later; what is further away than anyone's life is as good as never.
  func later(_ instant: Instant, _ seconds: Int) -> Instant { instant + .seconds(min(seconds, 1 << 33)) }

  func time(since instant: Instant) -> String { humanDuration(max(.zero, context.now - instant)) }

  /// What is left until then; a second that has begun counts whole, so that a countdown ends at 1s.
  func until(_ instant: Instant) -> String {
    humanDuration(max(.zero, instant - context.now) + (instant > context.now ? .milliseconds(999) : .zero))
  }

  func clock(_ instant: Instant) -> String { context.clock(instant) }

  // MARK: Who tells most

  /// The pod that tells most about an item: of a job one of those in trouble that rank first, or else the newest
  /// that runs, or the newest.
  static func witness(of item: Item, in store: Store) -> PodItem? {
    switch item {
    case let pod as PodItem: return pod
    case let row as ContainerItem: return row.pod
    case let event as EventItem: return store.object(of: event).flatMap { witness(of: $0, in: store) }
    case let cronJob as CronJobItem: return lastFailure(of: cronJob, store).flatMap { witness(of: $0, in: store) }
    case let job as JobItem:
      guard let worst = rankedTroubles(of: job, store).first else {
        return latestRunning(of: job, store) ?? store.latestPod(ofJob: job.uid)
      }
      return store.latestPod(ofJob: job.uid, worst.trouble)
    default: return nil
    }
  }

  /// The pod that came last of those that run: how those that have completed went is no news of a job that goes on.
  private static func latestRunning(of job: JobItem, _ store: Store) -> PodItem? {
    guard store.pods(ofJob: job.uid).running > 0 else { return nil }
    return store.podItems(ofJob: job.uid).filter(\.isRunning).max { ($0.lastTime, $0.name) < ($1.lastTime, $1.name) }
  }

  /// What is wrong with a job's pods, what tells most first: of the failed ones that which made the whole job fail,
  /// then what more of them have in common.
  static func rankedTroubles(of job: JobItem, _ store: Store) -> [(trouble: Trouble, count: Int)] {
    let decisive = decisiveTrouble(of: job, store)
    func order(_ entry: (key: Trouble, value: PodSample)) -> (Int, Int, Int, String) {
      (entry.key.rank, entry.key == decisive ? 0 : 1, -entry.value.count, entry.key.text(1))
    }
    return store.pods(ofJob: job.uid).troubles.sorted { order($0) < order($1) }.map { ($0.key, $0.value.count) }
  }

  /// The trouble that a rule of its podFailurePolicy ended the job for.
  private static func decisiveTrouble(of job: JobItem, _ store: Store) -> Trouble? {
    guard job.verdict?.reason == "PodFailurePolicy", let policy = job.job.spec.podFailurePolicy else { return nil }
    return store.pods(ofJob: job.uid).troubles.keys.first { trouble in
      guard let pod = store.latestPod(ofJob: job.uid, trouble), let match = policy.firstMatch(pod.pod) else {
        return false
      }
      return policy.rules[match.rule].action == "FailJob"
    }
  }

  /// The job that failed last of those that a cron job made; `nil` when a later one was completed.
  static func lastFailure(of cronJob: CronJobItem, _ store: Store) -> JobItem? {
    let ended = store.jobItems(ofOwner: cronJob.uid).filter(\.isFinished).max {
      ($0.created ?? Instant(seconds: 0), $0.name) < ($1.created ?? Instant(seconds: 0), $1.name)
    }
    return ended.flatMap { $0.hasFailed ? $0 : nil }
  }

  // MARK: Events

  /// The latest warnings about an object.
  mutating func tellEvents(of uid: String, reasons: Set<String>? = nil, except told: String? = nil) {
    let events = store.eventItems(of: uid).filter { item in
      item.event.type == "Warning" && reasons.map { $0.contains(item.event.reason) } ?? true
        && item.event.reason != told
    }
    for item in events.suffix(3).reversed() {
      let count = item.event.occurrences > 1 ? ", \(Format.count(item.event.occurrences)) times" : ""
      step(
        .pending, "!", "\(item.event.reason) \(ago(item.event.lastSeen))\(count)", [item.event.message],
        about: item, way: .row(ItemRef(item)))
    }
  }
}
