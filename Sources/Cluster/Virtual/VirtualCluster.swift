public import ControlPlane
internal import Executor
public import KubeModel

/// A cluster in virtual time: nothing runs, nothing sleeps, and an hour passes as fast as the control plane goes.
///
/// The same seed, the same start and the same requests give the same objects.
public struct VirtualCluster: Sendable {
  /// How a run ended.
  public enum Outcome: Hashable, Sendable {
    /// Every job that was waited for has finished.
    case finished
    /// The virtual time limit came first.
    case deadline
    /// Some job will never finish, and why, in one line.
    case stuck(String)
  }

  /// Virtual time after which jobs that neither change nor run anything are given up, where something else (a cron
  /// job, a container that is tried again and again) keeps the cluster going for ever.
  static let patience = Duration.seconds(86_400)
  /// Steps between two looks at whether the task was cancelled.
  private static let chunk = 1000

  private var core: ControlPlane
  private var simulated: SimulatedRuntime
  private var published: UInt64 = 0
  /// The virtual time.
  public private(set) var now: Instant

  /// A cluster with the given nodes and nothing else.
  ///
  /// - Parameters:
  ///   - seed: What names, UIDs, ties and durations that are ranges are drawn from.
  ///   - start: When virtual time begins; `nil` for now.
  /// - Throws: The refusal of a node.
  public init(nodes: ClusterNodes = .stored, seed: UInt64 = 0, startingAt start: Instant? = nil) throws(StatusError) {
    now = start ?? .wallClock
    let configuration = ControlPlane.Configuration(
      seed: seed, defaultRuntimeClass: Runtimes.simulatedClass, timeZone: .local())
    core = ControlPlane(configuration, at: now)
    simulated = SimulatedRuntime(seed: seed)
    try NodePool(nodes, machine: .current()).apply(to: &core, at: now)
  }

  /// Answers a request as Kubernetes' API server would.
  @discardableResult
  public mutating func submit(_ request: Request) throws(StatusError) -> KubeObject {
    try core.submit(request, at: now)
  }

  /// One object; `nil` where there is none.
  public func object(_ key: ObjectKey) -> KubeObject? { core.object(key) }

  /// The objects of one kind, sorted by namespace and name.
  public func list(_ kind: Kind, namespace: String? = nil) -> [KubeObject] { core.list(kind, namespace: namespace) }

  /// Lets virtual time pass until all of `jobs` (or pods without one) have finished or are gone, until `deadline`, or
  /// until nothing more can happen to them.
  ///
  /// Gives way to other tasks between chunks of work.
  ///
  /// - Parameters:
  ///   - onChanges: Shown every change as it happens; costs time.
  ///   - onPause: Called between chunks of work, which go on when it returns: for who cannot keep up with the changes.
  /// - Throws: `CancellationError` when the task is cancelled; the cluster can be read then, or run on.
  public mutating func run(
    untilFinished jobs: [ObjectKey], deadline: Instant? = nil, onChanges: (([Change]) -> Void)? = nil,
    onPause: (() async -> Void)? = nil
  ) async throws(CancellationError) -> Outcome {
    core.keepsChanges = onChanges != nil
    // All have finished when the last of the list has, whatever the order: one look a step is enough.
    var waiting = jobs
    var progress = (version: "", since: now)
    while true {
      for _ in 0..<VirtualCluster.chunk {
        publish(onChanges)
        while let job = waiting.last.map({ core.object($0) }) {
          guard let job, !VirtualCluster.isOver(job) else {
            waiting.removeLast()
            continue
          }
          if job.metadata.resourceVersion != progress.version { progress = (job.metadata.resourceVersion, now) }
          break
        }
        guard let job = waiting.last else { return .finished }
        carryOutEffects()
        guard let next = nextEvent else { return .stuck(reasonForWaiting(job)) }
        if next - progress.since > VirtualCluster.patience {
          guard waiting.contains(where: isRunning) else { return .stuck(reasonForWaiting(job)) }
          progress.since = next
        }
        if let deadline, next > deadline {
          now = max(now, deadline)
          core.advance(to: now)
          publish(onChanges)
          return .deadline
        }
        step(to: next)
      }
      await Task.yield()
      await onPause?()
      if Task.isCancelled { throw CancellationError() }
    }
  }

  /// Lets virtual time pass until `deadline`, whatever happens.
  ///
  /// - Parameters:
  ///   - onChanges: Shown every change as it happens; costs time.
  ///   - onPause: Called between chunks of work, which go on when it returns: for who cannot keep up with the changes.
  /// - Throws: `CancellationError` when the task is cancelled; the cluster can be read then, or run on.
  public mutating func run(
    until deadline: Instant, onChanges: (([Change]) -> Void)? = nil, onPause: (() async -> Void)? = nil
  ) async throws(CancellationError) {
    core.keepsChanges = onChanges != nil
    while true {
      for _ in 0..<VirtualCluster.chunk {
        publish(onChanges)
        carryOutEffects()
        guard let next = nextEvent, next <= deadline else {
          now = max(now, deadline)
          core.advance(to: now)
          publish(onChanges)
          return
        }
        step(to: next)
      }
      await Task.yield()
      await onPause?()
      if Task.isCancelled { throw CancellationError() }
    }
  }

  /// Whether nothing more is to be waited for: a job that has finished, a pod that has ended.
  private static func isOver(_ object: KubeObject) -> Bool {
    switch object {
    case .job(let job): job.status.isFinished
    case .pod(let pod): pod.status.phase.isTerminal
    default: true
    }
  }

  private var nextEvent: Instant? {
    guard let timer = core.nextTimer else { return simulated.nextReport }
    guard let report = simulated.nextReport else { return timer }
    return min(timer, report)
  }

  private mutating func step(to instant: Instant) {
    now = max(now, instant)
    core.advance(to: now)
    core.observe(simulated.takeReports(upTo: now), at: now)
  }

  private mutating func carryOutEffects() {
    for effect in core.takeEffects() {
      if case .start(let start) = effect, let name = start.runtimeClass,
        name != Runtimes.simulatedClass, name != Runtimes.processClass
      {
        core.observe(Runtimes.refusal(of: start, at: now), at: now)
      } else {
        simulated.carryOut(effect, at: now)
      }
    }
  }

  private mutating func publish(_ onChanges: (([Change]) -> Void)?) {
    guard core.version > published else { return }
    if let onChanges, let changes = core.changes(since: published), !changes.isEmpty { onChanges(changes) }
    published = core.version
    core.discardChanges(through: published)
  }

  // MARK: Why a job does not finish

  private func isRunning(_ key: ObjectKey) -> Bool {
    guard case .job(let job)? = core.object(key), !job.status.isFinished else { return false }
    return (job.status.ready ?? 0) > 0
  }

  private func reasonForWaiting(_ key: ObjectKey) -> String {
    guard case .job(let job)? = core.object(key) else { return "\(key) waits for something that will not happen" }
    if job.spec.suspend == true { return "\(key) is suspended" }
    if let manager = job.spec.managedBy, manager != "kubernetes.io/job-controller" {
      return "\(key) is managed by \(manager), which is not here"
    }
    for case .pod(let pod) in core.list(.pod, namespace: key.namespace)
    where pod.metadata.controller?.uid == job.metadata.uid && !pod.status.phase.isTerminal {
      if let condition = pod.status.conditions["PodScheduled"], !condition.isTrue {
        return "\(key) waits for pod \(pod.metadata.name), which cannot be scheduled: \(condition.message)"
      }
      for status in pod.status.initContainerStatuses + pod.status.containerStatuses {
        if let waiting = status.state.waiting, !waiting.reason.isEmpty {
          let text = waiting.message.isEmpty ? waiting.reason : "\(waiting.reason): \(waiting.message)"
          return "\(key) waits for pod \(pod.metadata.name), whose container \(status.name) does not start: \(text)"
        }
      }
    }
    return "\(key) waits for something that will not happen"
  }
}
