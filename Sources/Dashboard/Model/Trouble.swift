internal import KubeModel

/// What is wrong with a pod, as far as the pods of one job can have it in common.
enum Trouble: Hashable, Sendable {
  /// It failed, and a container's exit code is what there is to say about it.
  case exit(Int, reason: String)
  /// It failed for what was done to it: `Evicted`, `PreemptionByScheduler`, `DeadlineExceeded`.
  case failed(reason: String)
  /// It was deleted while it ran, as by its job when that had failed, and ended by the signal that it got then.
  case stopped(Int)
  /// A container of it was restarted.
  case restarting
  /// A container of it cannot be started.
  case waiting(reason: String)
  /// Its node cannot start it, for now: a volume is not there.
  case unstarted(reason: String)
  case gated
  case unschedulable

  /// What tells more about a job comes first.
  var rank: Int {
    switch self {
    case .exit, .failed: 0
    case .waiting: 1
    case .unstarted: 2
    case .restarting: 3
    case .gated: 4
    case .unschedulable: 5
    case .stopped: 6
    }
  }

  /// Whether those pods have failed.
  var isFailure: Bool {
    switch self {
    case .exit, .failed, .stopped: true
    default: false
    }
  }

  /// What is said of so many pods, after `3 pods`.
  func text(_ count: Int) -> String {
    func verb(_ one: String, _ many: String) -> String { count == 1 ? one : many }
    switch self {
    case .exit(let code, let reason): return "failed with exit code \(code)" + (reason.isEmpty ? "" : " (\(reason))")
    case .failed(let reason): return "failed" + (reason.isEmpty ? "" : ": \(reason)")
    case .stopped(let code): return "\(verb("was", "were")) deleted while running (exit code \(code))"
    case .restarting: return "had containers restarted"
    case .waiting(let reason), .unstarted(let reason): return "\(verb("waits", "wait")): \(reason)"
    case .gated: return "\(verb("is", "are")) held back by scheduling gates"
    case .unschedulable: return "\(verb("waits", "wait")) for a node"
    }
  }
}

extension PodItem {
  /// `nil` for one that runs, that succeeded, or that starts as it should.
  var trouble: Trouble? {
    if pod.status.phase == .failed {
      if !pod.status.reason.isEmpty { return .failed(reason: pod.status.reason) }
      if let disruption { return .failed(reason: disruption.reason) }
      guard let exit else { return .failed(reason: "") }
      if isStopped { return .stopped(exit.exitCode) }
      return .exit(exit.exitCode, reason: exit.specificReason)
    }
    guard isActive else { return nil }
    if let waiting = waitingTrouble { return .waiting(reason: waiting.reason) }
    if let startFailure { return .unstarted(reason: startFailure.reason) }
    if restarts > 0 { return .restarting }
    if isGated { return .gated }
    return unschedulable == nil ? nil : .unschedulable
  }

  /// Why something other than itself ends it: preemption, an eviction, a taint, a node that is gone.
  var disruption: Condition? {
    pod.status.conditions["DisruptionTarget"].flatMap { $0.isTrue ? $0 : nil }
  }

  /// Whether it ended only because it was deleted: by SIGTERM or SIGKILL, and for no reason of its own.
  var isStopped: Bool {
    guard pod.metadata.deletionTimestamp != nil, disruption == nil, let exit else { return false }
    return ["", "Error"].contains(exit.reason) && [9, 15].contains(ExitCode.signal(exit))
  }

  /// When others began to end it: for its job it has failed from then on, however it ends. `nil` once it has ended.
  var takenAt: Instant? {
    guard isActive, disruption != nil, let deletion = pod.metadata.deletionTimestamp else { return nil }
    return deletion - .seconds(pod.metadata.deletionGracePeriodSeconds ?? 0)
  }

  /// Whether something else has to let it go before a node is looked for.
  var isGated: Bool { pod.spec.nodeName.isEmpty && !pod.spec.schedulingGates.isEmpty }
}

extension ContainerState.Terminated {
  /// Whether nobody saw its end: its node, or jobdeck, was down then, and the end that is told is when it was back.
  var isLost: Bool { reason == "ContainerStatusUnknown" }

  /// Its reason where that says more than that it ended.
  var specificReason: String { ["Error", "Completed"].contains(reason) ? "" : reason }
}

/// Pods that have something in common: how many there are, and the one of them that came last.
struct PodSample: Hashable, Sendable {
  private(set) var count = 0
  /// `nil` when it is gone and others are still there.
  private(set) var latest: String?
  /// When that one ended, or else came to be.
  private(set) var at = Instant(seconds: 0)

  mutating func add(_ pod: PodItem) {
    count += 1
    let time = pod.lastTime
    guard time >= at else { return }
    (latest, at) = (pod.uid, time)
  }

  mutating func remove(_ pod: PodItem) {
    count -= 1
    if latest == pod.uid { latest = nil }
  }
}

extension PodItem {
  /// When it ended, or else came to be.
  var lastTime: Instant { finished ?? created ?? Instant(seconds: 0) }
}
