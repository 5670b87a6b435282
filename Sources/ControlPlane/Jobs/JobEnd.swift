import KubeModel

/// How and why a job ends: first an interim condition while its pods end, then the final one.
struct JobEnd {
  var isFailure: Bool
  var interim: Condition
  var interimType: String { isFailure ? "FailureTarget" : "SuccessCriteriaMet" }

  /// The end that an interim condition announced earlier.
  init(_ condition: Condition, isFailure: Bool) {
    interim = condition
    self.isFailure = isFailure
  }

  private init(isFailure: Bool, _ reason: String, _ message: String, at now: Instant) {
    self.isFailure = isFailure
    interim = Condition(
      isFailure ? "FailureTarget" : "SuccessCriteriaMet", true, reason: reason, message: message, at: now)
    interim.lastProbeTime = now
  }

  var final: Condition {
    var condition = interim
    condition.type = isFailure ? "Failed" : "Complete"
    return condition
  }

  static func completionsReached(at now: Instant) -> JobEnd {
    JobEnd(isFailure: false, "CompletionsReached", "Reached expected number of succeeded pods", at: now)
  }

  static func backoffLimitExceeded(at now: Instant) -> JobEnd {
    JobEnd(isFailure: true, "BackoffLimitExceeded", "Job has reached the specified backoff limit", at: now)
  }

  static func successPolicy(rule: Int, at now: Instant) -> JobEnd {
    JobEnd(isFailure: false, "SuccessPolicy", "Matched rules at index \(rule)", at: now)
  }

  static func podFailurePolicy(_ message: String, at now: Instant) -> JobEnd {
    JobEnd(isFailure: true, "PodFailurePolicy", message, at: now)
  }

  static func maxFailedIndexesExceeded(at now: Instant) -> JobEnd {
    JobEnd(
      isFailure: true, "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes",
      at: now)
  }

  static func failedIndexes(at now: Instant) -> JobEnd {
    JobEnd(isFailure: true, "FailedIndexes", "Job has failed indexes", at: now)
  }

  static func deadlineExceeded(at now: Instant) -> JobEnd {
    JobEnd(isFailure: true, "DeadlineExceeded", "Job was active longer than specified deadline", at: now)
  }
}

extension JobStatus {
  /// Puts the condition in the place of the one of its type, or at the end.
  mutating func set(_ condition: Condition) {
    var condition = condition
    condition.lastProbeTime = condition.lastProbeTime ?? condition.lastTransitionTime
    if let index = conditions.firstIndex(where: { $0.type == condition.type }) {
      conditions[index] = condition
    } else {
      conditions.append(condition)
    }
  }
}
