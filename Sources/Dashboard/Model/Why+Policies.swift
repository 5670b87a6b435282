internal import KubeModel

extension Why {
  /// The rule of a job's policy that its condition names, as it stands in the spec.
  func rule(namedBy verdict: Condition, of spec: JobSpec) -> [String] {
    // `… matching FailJob rule at index 1`, `Matched rules at index 0`
    guard let number = verdict.message.split(separator: " ").last.flatMap({ Int($0) }) else { return [] }
    if verdict.reason == "SuccessPolicy" {
      guard let rules = spec.successPolicy?.rules, rules.indices.contains(number) else { return [] }
      return ["successPolicy rule \(number): \(Why.text(rules[number]))"]
    }
    guard let rules = spec.podFailurePolicy?.rules, rules.indices.contains(number) else { return [] }
    return ["podFailurePolicy rule \(number): \(Why.text(rules[number]))"]
  }

  /// What a failed pod means for its job: the rule that matches it, and what follows.
  func rule(for pod: PodItem) -> [String] {
    guard pod.pod.status.phase == .failed, let job = pod.owner.flatMap(store.job),
      let policy = job.job.spec.podFailurePolicy
    else { return [] }
    guard let match = policy.firstMatch(pod.pod) else {
      return ["No rule of the job's podFailurePolicy matches it: it counts as a failure."]
    }
    let effect =
      switch policy.rules[match.rule].action {
      case "FailJob": "the whole job fails"
      case "FailIndex": "its index fails for good"
      case "Ignore": "it does not count, and is replaced"
      default: "it counts as a failure"
      }
    return ["podFailurePolicy rule \(match.rule) matches it, so \(effect):", "  \(Why.text(policy.rules[match.rule]))"]
  }

  private static func text(_ rule: PodFailurePolicyRule) -> String {
    var text = "action \(rule.action)"
    if let codes = rule.onExitCodes {
      text += ", onExitCodes: " + (codes.containerName.map { "containerName \($0), " } ?? "")
      text += "operator \(codes.operator), values \(codes.values.map(String.init).joined(separator: ", "))"
    }
    if !rule.onPodConditions.isEmpty {
      let patterns = rule.onPodConditions.map { "type \($0.type), status \($0.status ?? "True")" }
      text += ", onPodConditions: " + patterns.joined(separator: "; ")
    }
    return text
  }

  private static func text(_ rule: SuccessPolicyRule) -> String {
    [
      rule.succeededIndexes.map { "succeededIndexes \($0)" }, rule.succeededCount.map { "succeededCount \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
