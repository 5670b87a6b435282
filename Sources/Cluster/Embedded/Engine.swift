internal import ControlPlane
internal import Executor
internal import KubeModel

/// The embedded cluster itself: control plane, runtimes, storage and watchers, on one thread of their own.
///
/// Everything goes round one loop: take all that waits, apply it to the control plane, write what changed to disk in
/// one transaction, and only then carry out the effects, answer the callers and tell the watchers. The more is
/// waiting, the more shares one transaction, so that throughput grows with load and a lone request waits for nobody.
///
/// Not `Sendable`: it is made, used and dropped within the body of its thread.
final class Engine {
  enum Message: Sendable {
    case submit(Request, @Sendable (Result<KubeObject, StatusError>) -> Void)
    /// Asked when everything before it is on disk; with `nil` where the cluster has stopped.
    case ask(@Sendable (Engine?) -> Void)
    case reports([PodReport])
    case stop
  }

  /// Revisions that are kept for watches that go on from an older version.
  static let history: UInt64 = 4096
  /// How long changes may wait for others to share a transaction with, where nobody waits for them and nothing follows
  /// from them: most of all the start of a container that ends at once.
  static let gatheringTime = Duration.milliseconds(3)
  /// How long to wait before what could not be written is tried again.
  static let retryDelay = Duration.seconds(1)
  /// A sleeping machine stops the monotonic clock, so that while a timer is set the wall clock is looked at this often.
  private static let longestSleep = Duration.seconds(1)

  private(set) var core: ControlPlane
  private(set) var runtimes: Runtimes
  private var store: (any ObjectStore)?
  private let inbox: Inbox<Message>
  private let status: ClusterStatus
  private var clock: ClusterClock
  private var now: Instant
  private var watchers = WatchHub()

  /// The version up to which everything is on disk and was published.
  private(set) var storedVersion: UInt64
  /// Effects that wait for the disk.
  private var heldEffects: [Effect] = []
  private var problem: StoreError?
  private var retryTime: MonotonicTime?
  /// When changes that wait for others are written at the latest.
  private var gatheredBy: MonotonicTime?
  private var isClosing = false
  private var isStopped = false

  init(
    core: ControlPlane, runtimes: Runtimes, store: (any ObjectStore)?, inbox: Inbox<Message>, status: ClusterStatus,
    clock: ClusterClock, storedVersion: UInt64
  ) {
    self.core = core
    self.runtimes = runtimes
    self.store = store
    self.inbox = inbox
    self.status = status
    self.clock = clock
    now = core.currentTime
    self.storedVersion = storedVersion
  }

  // MARK: The loop

  /// Stores what came about before anyone could ask for anything.
  func start() throws {
    guard commit(mayWait: false) else {
      store?.close()
      throw StateDirectoryError.unusable(path: status.location, problem: problem?.description ?? "")
    }
  }

  /// Works until it is told to stop.
  func run() {
    while !isStopped { step(inbox.take(until: wakeTime())) }
    for message in inbox.close() { refuse(message) }
    watchers.finish()
    store?.close()
  }

  private func wakeTime() -> MonotonicTime? {
    var wake = retryTime ?? gatheredBy
    let timers = [core.nextTimer, runtimes.nextReport].compactMap { $0 }
    if let due = timers.min() {
      let timer = MonotonicTime.now + min(max(due - now, .zero), Engine.longestSleep)
      wake = wake.map { min($0, timer) } ?? timer
    }
    return wake
  }

  private func step(_ messages: [Message]) {
    now = max(clock.now(), core.currentTime)
    core.advance(to: now)
    if problem != nil { retry(isUrgent: messages.contains { if case .submit = $0 { true } else { false } }) }

    var answers: [(@Sendable (Result<KubeObject, StatusError>) -> Void, Result<KubeObject, StatusError>)] = []
    var questions: [@Sendable (Engine?) -> Void] = []
    for message in messages {
      switch message {
      case .submit(let request, let answer): answers.append((answer, apply(request)))
      case .reports(let reports): observe(reports)
      case .ask(let question): questions.append(question)
      case .stop: isStopped = true
      }
    }
    observe(runtimes.takeReports(upTo: now))

    let isStored = commit(mayWait: answers.isEmpty && questions.isEmpty && !isStopped)
    for (answer, result) in answers {
      answer(!isStored && (try? result.get()) != nil ? .failure(storageError(isApplied: true)) : result)
    }
    for question in questions { question(self) }
  }

  private func apply(_ request: Request) -> Result<KubeObject, StatusError> {
    if isClosing { return .failure(.unavailable) }
    if problem != nil { return .failure(storageError(isApplied: false)) }
    do throws(StatusError) {
      return .success(try core.submit(request, at: now))
    } catch {
      return .failure(error)
    }
  }

  private func observe(_ reports: [PodReport]) {
    let ours = isClosing && store != nil ? reports.filter { !isOurDoing($0) } : reports
    if !ours.isEmpty { core.observe(ours, at: now) }
  }

  /// Whether a container ended because the cluster is closing. A stored cluster does not hold that against its job
  /// here: it finds the pod running when it is opened again, and treats it as one whose node went down.
  private func isOurDoing(_ report: PodReport) -> Bool {
    switch report {
    case .started, .probed: false
    case .failedToStart: true
    case .exited(let id, let exit): exit.exitCode != 0 && !runtimes.wasStopped(id.podUID)
    }
  }

  private func refuse(_ message: Message) {
    switch message {
    case .submit(_, let answer): answer(.failure(.unavailable))
    case .ask(let question): question(nil)
    case .reports, .stop: break
    }
  }

  // MARK: Storage

  /// Writes what changed, then carries out what follows from it and publishes it; false where it cannot be written.
  ///
  /// - Parameter mayWait: whether nobody waits for this, so that it may wait a moment for what comes next.
  private func commit(mayWait: Bool) -> Bool {
    heldEffects.append(contentsOf: core.takeEffects())
    guard problem == nil else { return false }
    if mayWait, heldEffects.isEmpty, core.version != storedVersion, store != nil {
      let time = gatheredBy ?? .now + Engine.gatheringTime
      gatheredBy = time
      if time > .now { return true }
    }
    gatheredBy = nil
    return write()
  }

  private func retry(isUrgent: Bool) {
    guard isUrgent || retryTime.map({ $0 <= .now }) ?? true else { return }
    heldEffects.append(contentsOf: core.takeEffects())
    _ = write()
  }

  private func write() -> Bool {
    // The feed goes back to `storedVersion` at least: only what is stored is ever let go of.
    let changes = core.version == storedVersion ? [] : core.changes(since: storedVersion) ?? []
    if !changes.isEmpty {
      do {
        try store?.commit(changes[...])
        setProblem(nil)
      } catch {
        setProblem(error)
        return false
      }
      storedVersion = core.version
      if storedVersion > Engine.history { core.discardChanges(through: storedVersion - Engine.history) }
    } else {
      setProblem(nil)
    }
    carryOutEffects()
    watchers.publish(changes)
    return true
  }

  private func carryOutEffects() {
    guard !heldEffects.isEmpty else { return }
    let effects = heldEffects
    heldEffects.removeAll(keepingCapacity: true)
    let refusals = runtimes.carryOut(effects, at: now, startsNothing: isClosing)
    // They come back as what any runtime reports, in the next round.
    if !refusals.isEmpty { inbox.post(.reports(refusals)) }
  }

  private func setProblem(_ new: StoreError?) {
    retryTime = new == nil ? nil : .now + Engine.retryDelay
    guard problem?.description != new?.description else { return }
    problem = new
    status.setStorageProblem(new?.description)
  }

  /// 507 where there is no space, else 500.
  private func storageError(isApplied: Bool) -> StatusError {
    let text = problem?.description ?? ""
    let rest = isApplied ? "; the change is kept, and written when that is possible again" : "; nothing was changed"
    return StatusError(
      code: problem?.cause == .full ? 507 : 500,
      reason: problem?.cause == .full ? "InsufficientStorage" : "InternalError",
      message: "\(status.location) cannot be written: \(text)\(rest)")
  }

  // MARK: Questions

  /// From now on nothing new is accepted or started.
  func beginClosing() { isClosing = true }

  func stop() { isStopped = true }

  /// A watcher of `kinds` that has missed nothing since `version`.
  func watch(_ kinds: Set<Kind>, from version: UInt64?) -> Watcher {
    guard let version else {
      let objects = kinds.sorted().flatMap { core.list($0, namespace: nil) }
      let snapshot = objects.map {
        Change(verb: .added, object: $0, version: UInt64($0.metadata.resourceVersion) ?? storedVersion)
      }
      return register(Watcher(kinds: kinds, snapshot: snapshot))
    }
    let watcher: Watcher
    if version > core.version {
      watcher = Watcher(kinds: kinds)
      watcher.finish(
        StatusError(
          code: 504, reason: "Timeout", message: "Too large resource version: \(version), current: \(core.version)"))
    } else if let missed = core.changes(since: version) {
      let stored = missed.filter { $0.version <= storedVersion && kinds.contains($0.object.kind) }
      watcher = Watcher(kinds: kinds, snapshot: stored)
    } else {
      watcher = Watcher(kinds: kinds)
      watcher.finish(.tooOld(version: version, oldest: storedVersion &- min(storedVersion, Engine.history)))
    }
    return register(watcher)
  }

  private func register(_ watcher: Watcher) -> Watcher {
    if isClosing { watcher.finish() }
    if watcher.isOpen { watchers.add(watcher) }
    return watcher
  }
}

extension StatusError {
  /// 503: the cluster is closing, or closed.
  static let unavailable = StatusError(
    code: 503, reason: "ServiceUnavailable", message: "the cluster is shutting down")
}
