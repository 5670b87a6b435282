// What a write of a Job's status must fulfil (pkg/apis/batch/validation, ValidateJobUpdateStatus).

extension Job {
  /// What is wrong with this job's status as the successor of `old`'s.
  public func validateStatusUpdate(from old: Job) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    errors += validateStatus()
    errors += validateStatusTransition(from: old)
    return errors
  }

  private func validateStatus() -> [FieldError] {
    var errors = FieldError.nonnegative("status.active", status.active)
    errors += FieldError.nonnegative("status.succeeded", status.succeeded)
    errors += FieldError.nonnegative("status.failed", status.failed)
    errors += FieldError.nonnegative("status.ready", status.ready)
    errors += FieldError.nonnegative("status.terminating", status.terminating)
    if let uncounted = status.uncountedTerminatedPods {
      var seen = Set<String>()
      for (name, uids) in [("succeeded", uncounted.succeeded), ("failed", uncounted.failed)] {
        for (index, uid) in uids.enumerated() {
          let field = "status.uncountedTerminatedPods.\(name)[\(index)]"
          if uid.isEmpty {
            errors.append(.invalid(field, .string(uid), "must not be empty"))
          } else if !seen.insert(uid).inserted {
            errors.append(.duplicate(field, .string(uid)))
          }
        }
      }
    }
    errors += validateConditions()
    let isComplete = status.conditions.isTrue("Complete")
    let isFinished = isComplete || status.conditions.isTrue("Failed")
    if let completionTime = status.completionTime {
      let shown = JSONValue.string(completionTime.description)
      if !isComplete {
        errors.append(
          .invalid(
            "status.completionTime", shown, "cannot set completionTime when there is no Complete=True condition"))
      }
      if let startTime = status.startTime, completionTime < startTime {
        errors.append(
          .invalid("status.completionTime", shown, "completionTime must be equal to or after `startTime`"))
      }
    } else if isComplete {
      errors.append(.required("status.completionTime", "completionTime is required for Complete jobs"))
    }
    if isFinished { errors += validateFinished() }
    if let ready = status.ready, ready > status.active {
      errors.append(.invalid("status.ready", .int(ready), "cannot set more ready pods than active"))
    }
    return errors
  }

  private func validateFinished() -> [FieldError] {
    var errors: [FieldError] = []
    if status.active > 0 {
      errors.append(.invalid("status.active", .int(status.active), "active>0 is invalid for finished job"))
    }
    if let terminating = status.terminating, terminating > 0 {
      errors.append(
        .invalid("status.terminating", .int(terminating), "terminating>0 is invalid for finished job"))
    }
    if status.startTime == nil {
      errors.append(.required("status.startTime", "startTime is required for finished job"))
    }
    if let uncounted = status.uncountedTerminatedPods, !uncounted.succeeded.isEmpty || !uncounted.failed.isEmpty {
      errors.append(
        .invalid("status.uncountedTerminatedPods", JSONValue(uncounted), "must be empty for finished job"))
    }
    return errors
  }

  private func validateConditions() -> [FieldError] {
    let conditions = status.conditions
    var complaints: [String] = []
    if conditions.isTrue("Complete"), conditions.isTrue("Failed") {
      complaints.append("cannot set Complete=True and Failed=true conditions")
    }
    if conditions.isTrue("Complete"), conditions.isTrue("FailureTarget") {
      complaints.append("cannot set Complete=True and FailureTarget=true conditions")
    }
    if conditions.isTrue("Failed"), conditions.isTrue("SuccessCriteriaMet") {
      complaints.append("cannot set Failed=True and SuccessCriteriaMet=true conditions")
    }
    if conditions.isTrue("FailureTarget"), conditions.isTrue("SuccessCriteriaMet") {
      complaints.append("cannot set FailureTarget=True and SuccessCriteriaMet=true conditions")
    }
    if conditions.isTrue("Failed"), !conditions.isTrue("FailureTarget") {
      complaints.append("cannot set Failed=True condition without the FailureTarget=true condition")
    }
    if conditions.isTrue("Complete"), !conditions.isTrue("SuccessCriteriaMet") {
      complaints.append("cannot set Complete=True condition without the SuccessCriteriaMet=true condition")
    }
    return complaints.map { .invalid("status.conditions", nil, $0) }
  }

  private func validateStatusTransition(from old: Job) -> [FieldError] {
    var errors: [FieldError] = []
    if status.failed < old.status.failed {
      errors.append(.invalid("status.failed", .int(status.failed), "cannot decrease the failed counter"))
    }
    // Scaling an elastic Indexed job down takes succeeded indexes away.
    let isElastic = spec.completionMode == .indexed && spec.completions == spec.parallelism
    if status.succeeded < old.status.succeeded, !isElastic {
      errors.append(
        .invalid("status.succeeded", .int(status.succeeded), "cannot decrease the succeeded counter"))
    }
    for type in ["Failed", "Complete", "FailureTarget", "SuccessCriteriaMet"]
    where old.status.conditions.isTrue(type) && !status.conditions.isTrue(type) {
      errors.append(.invalid("status.conditions", nil, "cannot disable the terminal \(type)=True condition"))
    }
    if old.status.completionTime != nil, old.status.completionTime != status.completionTime {
      errors.append(
        .invalid(
          "status.completionTime", .text(status.completionTime?.description), "field is immutable"))
    }
    if old.status.startTime != nil, old.status.startTime != status.startTime, spec.suspend != true,
      !old.status.conditions.isTrue("Suspended")
    {
      errors.append(
        .invalid(
          "status.startTime", .text(status.startTime?.description),
          "field is immutable for unsuspended job once set"))
    }
    return errors
  }
}
