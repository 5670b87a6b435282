import KubeModel

// podFailurePolicy and successPolicy as pure functions of what they look at.

/// What a failed pod means for its job.
enum FailureVerdict: Hashable, Sendable {
  /// One failure more.
  case count
  /// As if it had not been: the pod is replaced.
  case ignore
  /// Its completion index has failed for good.
  case failIndex
  /// The whole job fails, with this message.
  case failJob(String)
}

extension PodFailurePolicy {
  /// What the first rule that matches the pod says; without one, it counts (Kubernetes: matchPodFailurePolicy).
  func verdict(on pod: Pod) -> FailureVerdict {
    for (index, rule) in rules.enumerated() {
      guard let what = rule.match(pod) else { continue }
      switch rule.action {
      case "Ignore": return .ignore
      case "FailIndex": return .failIndex
      case "FailJob": return .failJob("\(what) matching FailJob rule at index \(index)")
      default: return .count
      }
    }
    return .count
  }
}

extension PodFailurePolicyRule {
  /// What of the pod matches, in the words of the condition's message; `nil` where nothing does.
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

extension SuccessPolicy {
  /// The first rule that the succeeded indexes satisfy (Kubernetes: matchSuccessPolicy).
  func firstMatch(_ succeeded: IndexRanges, completions: Int) -> Int? {
    // Not even a rule that asks for none is met before the first success.
    guard !succeeded.isEmpty else { return nil }
    return rules.firstIndex { rule in
      guard let text = rule.succeededIndexes else {
        return rule.succeededCount.map { succeeded.count >= $0 } ?? false
      }
      guard let wanted = try? IndexRanges(parsing: text, completions: completions) else { return false }
      return wanted.countInCommon(with: succeeded) >= rule.succeededCount ?? wanted.count
    }
  }
}
