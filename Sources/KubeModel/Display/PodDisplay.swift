/// What kubectl's table says of a pod (kubernetes, pkg/printers/internalversion).
public struct PodDisplay: Hashable, Sendable {
  /// `Running`, `Completed`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`, …
  public var status: String
  /// Containers that are ready, started sidecars among them.
  public var readyContainers: Int
  /// All containers, sidecars among them, other init containers not.
  public var totalContainers: Int
  /// Restarts of its containers together; those of init containers only until the pod is initialised, sidecars' always.
  public var restarts: Int
  /// When a container last ended before its present run.
  public var lastRestart: Instant?

  /// What there is to show of `pod`, without what depends on the time.
  public init(_ pod: Pod) {
    let inits = pod.spec.initContainers
    status = PodDisplay.status(pod)
    totalContainers = pod.spec.containers.count + inits.count { $0.restartPolicy == "Always" }
    readyContainers = 0
    restarts = 0
    for container in pod.status.containerStatuses {
      restarts += container.restartCount
      note(container.lastState.terminated?.finishedAt)
      if container.ready, container.state.running != nil { readyContainers += 1 }
    }
    for container in pod.status.initContainerStatuses {
      let isSidecar = inits.contains { $0.name == container.name && $0.restartPolicy == "Always" }
      if isSidecar, container.started == true, container.ready { readyContainers += 1 }
      // Once the pod is initialised, only sidecars' restarts count.
      if isSidecar || PodDisplay.isInitializing(pod) {
        restarts += container.restartCount
        note(container.lastState.terminated?.finishedAt)
      }
    }
  }

  private mutating func note(_ time: Instant?) {
    if let time { lastRestart = max(lastRestart ?? time, time) }
  }

  /// `1/2`
  public var ready: String { "\(readyContainers)/\(totalContainers)" }

  /// `3 (5m ago)`
  public func restartsText(now: Instant) -> String {
    guard restarts > 0, let lastRestart else { return String(restarts) }
    return "\(restarts) (\(humanDuration(now - lastRestart)) ago)"
  }

  /// The STATUS column.
  public static func status(_ pod: Pod) -> String {
    var reason = pod.status.reason.isEmpty ? pod.status.phase.rawValue : pod.status.reason
    if pod.status.conditions.contains(where: { $0.type == "PodScheduled" && $0.reason == "SchedulingGated" }) {
      reason = "SchedulingGated"
    }
    if let initial = initReason(pod) {
      reason = initial
    } else {
      var hasRunning = false
      var failed: String?
      for container in pod.status.containerStatuses.reversed() {
        if let waiting = container.state.waiting, !waiting.reason.isEmpty {
          reason = waiting.reason
        } else if let ended = container.state.terminated {
          reason = ended.reason.isEmpty ? exitText(ended) : ended.reason
          if ended.exitCode != 0 { failed = reason }
        } else if container.ready, container.state.running != nil {
          hasRunning = true
        }
      }
      if reason == "Completed" {
        if hasRunning {
          reason = pod.status.conditions.isTrue("Ready") ? "Running" : "NotReady"
        } else if let failed {
          reason = failed
        }
      }
    }
    guard pod.metadata.deletionTimestamp != nil else { return reason }
    if pod.status.reason == "NodeLost" { return "Unknown" }
    return pod.status.phase.isTerminal ? reason : "Terminating"
  }

  private static func exitText(_ ended: ContainerState.Terminated) -> String {
    ended.signal != 0 ? "Signal:\(ended.signal)" : "ExitCode:\(ended.exitCode)"
  }

  private static func isInitializing(_ pod: Pod) -> Bool {
    initReason(pod) != nil
  }

  /// What the first init container that is not done is about; `nil` once all are.
  private static func initReason(_ pod: Pod) -> String? {
    let inits = pod.spec.initContainers
    if pod.status.conditions.isTrue("Initialized") { return nil }
    for (index, container) in pod.status.initContainerStatuses.enumerated() {
      if let ended = container.state.terminated {
        if ended.exitCode == 0 { continue }
        return "Init:" + (ended.reason.isEmpty ? exitText(ended) : ended.reason)
      }
      let isSidecar = inits.contains { $0.name == container.name && $0.restartPolicy == "Always" }
      if isSidecar, container.started == true { continue }
      if let waiting = container.state.waiting, !waiting.reason.isEmpty, waiting.reason != "PodInitializing" {
        return "Init:" + waiting.reason
      }
      return "Init:\(index)/\(inits.count)"
    }
    return nil
  }
}
