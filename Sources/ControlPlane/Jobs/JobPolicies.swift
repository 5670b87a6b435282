package import KubeModel

// podFailurePolicy and successPolicy as pure functions of what they look at.

/// What a failed pod means for its job.
package enum FailureVerdict: Hashable, Sendable {
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
  /// What the first rule that matches the pod says; without one, it counts.
  package func verdict(on pod: Pod) -> FailureVerdict {
    guard let match = firstMatch(pod) else { return .count }
    switch rules[match.rule].action {
    case "Ignore": return .ignore
    case "FailIndex": return .failIndex
    case "FailJob": return .failJob("\(match.what) matching FailJob rule at index \(match.rule)")
    default: return .count
    }
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
