extension PodFailurePolicy {
  /// The first rule that matches a failed pod, by its index, and what of the pod matches in the words of the job's
  /// condition (Kubernetes: matchPodFailurePolicy).
  public func firstMatch(_ pod: Pod) -> (rule: Int, what: String)? {
    for (index, rule) in rules.enumerated() {
      if let what = rule.match(pod) { return (index, what) }
    }
    return nil
  }
}

extension PodFailurePolicyRule {
  /// What of the pod matches; `nil` where nothing does.
  fileprivate func match(_ pod: Pod) -> String? {
    let place = "\(pod.metadata.namespace)/\(pod.metadata.name)"
    if let onExitCodes {
      for status in pod.status.containerStatuses + pod.status.initContainerStatuses {
        guard let exit = status.state.terminated, onExitCodes.matches(status.name, exitCode: exit.exitCode) else {
          continue
        }
        return "Container \(status.name) for pod \(place) failed with exit code \(exit.exitCode)"
      }
      return nil
    }
    let condition = pod.status.conditions.first { condition in
      onPodConditions.contains { $0.type == condition.type && $0.status ?? "True" == condition.status }
    }
    return condition.map { "Pod \(place) has condition \($0.type)" }
  }
}

extension PodFailurePolicyRule.OnExitCodes {
  /// Success never matches.
  fileprivate func matches(_ container: String, exitCode: Int) -> Bool {
    guard exitCode != 0, containerName == nil || containerName == container else { return false }
    return values.contains(exitCode) == (`operator` == "In")
  }
}
