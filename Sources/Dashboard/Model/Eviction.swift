internal import KubeModel

/// What comes of a job when pods of it are evicted, as far as its spec and its counters tell.
enum EvictionEffect: Hashable, Sendable {
  /// Its retries suffice, or its podFailurePolicy ignores what others do to its pods.
  case goesOn
  /// More of its pods count as failed than its backoffLimit allows.
  case exceedsLimit(evicted: Int, failed: Int, limit: Int)
  /// A rule of its podFailurePolicy ends it for one such pod.
  case rule(Int)
  /// So many of its indexes fail for good.
  case losesIndexes(Int)
  /// The same, and it allows fewer.
  case losesTooManyIndexes(Int, limit: Int)
}

extension JobItem {
  /// What the job controller makes of a pod of it that others ended: the rule of the podFailurePolicy that matches, and
  /// its action; `nil` for an ordinary failure.
  ///
  /// An evicted pod has the condition DisruptionTarget, and containers that SIGTERM ended unless they end otherwise.
  func ruleOnEviction(of pod: Pod? = nil) -> (number: Int, action: String)? {
    guard let policy = job.spec.podFailurePolicy else { return nil }
    var pod = pod ?? Pod()
    var names = pod.status.containerStatuses.map(\.name)
    if names.isEmpty { names = job.spec.template.spec.containers.map(\.name) }
    pod.status.containerStatuses = names.map { name in
      var ended = ContainerState.Terminated()
      ended.exitCode = 143
      var status = ContainerStatus()
      status.name = name
      status.state.terminated = ended
      return status
    }
    pod.status.conditions = [Condition("DisruptionTarget", true, at: Instant(seconds: 0))]
    return policy.firstMatch(pod).map { ($0.rule, policy.rules[$0.rule].action) }
  }

  /// What comes of it when these of its pods are evicted.
  func effect(ofEvicting pods: [PodItem]) -> EvictionEffect {
    guard !isFinished, verdict == nil else { return .goesOn }
    var counting: [PodItem] = []
    var lost: Set<Int> = []
    for pod in pods {
      let rule = ruleOnEviction(of: pod.pod)
      switch rule?.action {
      case "Ignore": continue
      case "FailJob": return .rule(rule?.number ?? 0)
      case "FailIndex": if let index = pod.completionIndex { lost.insert(index) }
      default: counting.append(pod)
      }
    }
    let failed = job.status.failed
    if let limit = job.spec.backoffLimitPerIndex {
      for pod in counting {
        let before =
          pod.pod.metadata.annotations[JobAnnotation.indexFailureCount].flatMap { Int($0) } ?? 0
        if before >= limit, let index = pod.completionIndex { lost.insert(index) }
      }
    } else if let limit = job.spec.backoffLimit, failed.saturatingAdd(counting.count) > limit, !counting.isEmpty {
      return .exceedsLimit(evicted: counting.count, failed: failed, limit: limit)
    }
    guard !lost.isEmpty else { return .goesOn }
    if let limit = job.spec.maxFailedIndexes {
      let before = job.status.failedIndexes.flatMap { try? IndexRanges(parsing: $0, completions: wanted) }
      let all = lost.filter { before?.contains($0) != true }.count + (before?.count ?? 0)
      if all > limit { return .losesTooManyIndexes(lost.count, limit: limit) }
    }
    return .losesIndexes(lost.count)
  }
}

extension Pod {
  /// When a pod is evicted from a node that takes no pods like it any more: `nil` where no taint of the node ends it.
  ///
  /// As in Kubernetes' taint eviction, counted from when the taint was added or the pod came.
  func evictionDue(from node: Node) -> (at: Instant, taint: Taint, seconds: Int)? {
    let taints = node.spec.taints.filter { $0.effect == "NoExecute" }
    guard let stay = spec.common.read({ $0.tolerations.stay(with: taints) }) else { return nil }
    let added = taints.compactMap(\.timeAdded).min() ?? node.metadata.creationTimestamp
    let came = status.conditions["PodScheduled"]?.lastTransitionTime
    let start = max(added ?? Instant(seconds: 0), came ?? Instant(seconds: 0))
    return (start + .seconds(min(stay.seconds, 1 << 33)), stay.taint, stay.seconds)
  }
}
