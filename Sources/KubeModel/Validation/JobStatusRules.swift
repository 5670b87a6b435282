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
    errors += validateEnd()
    errors += validateIndexes()
    if status.isFinished, let terminating = status.terminating, terminating > 0 {
      errors.append(.invalid("status.terminating", .int(terminating), "terminating>0 is invalid for finished job"))
    }
    if let ready = status.ready, ready > status.active {
      errors.append(.invalid("status.ready", .int(ready), "cannot set more ready pods than active"))
    }
    let conditions = status.conditions
    for type in ["Failed", "FailureTarget"] where conditions.isTrue("SuccessCriteriaMet") && conditions.isTrue(type) {
      errors.append(condition("cannot set SuccessCriteriaMet=True and \(type)=true conditions"))
    }
    if spec.successPolicy != nil, conditions.isTrue("Complete"), !conditions.isTrue("SuccessCriteriaMet") {
      errors.append(condition("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"))
    }
    return errors
  }

  private func condition(_ complaint: String) -> FieldError { .invalid("status.conditions", nil, complaint) }

  private func validateEnd() -> [FieldError] {
    var errors: [FieldError] = []
    let conditions = status.conditions
    let isComplete = conditions.isTrue("Complete")
    for type in ["Failed", "FailureTarget"] where isComplete && conditions.isTrue(type) {
      errors.append(condition("cannot set Complete=True and \(type)=true conditions"))
    }
    let time = status.completionTime.map { JSONValue.string($0.description) }
    if let time, !isComplete {
      errors.append(
        .invalid(
          "status.completionTime", time, "cannot set completionTime when there is no Complete=True condition"))
    }
    if time == nil, isComplete {
      errors.append(.required("status.completionTime", "completionTime is required for Complete jobs"))
    }
    if let start = status.startTime, let completion = status.completionTime, completion < start {
      errors.append(.invalid("status.completionTime", time, "must be equal to or after `startTime`"))
    }
    if conditions.isTrue("Failed"), !conditions.isTrue("FailureTarget") {
      errors.append(condition("cannot set Failed=True condition without the FailureTarget=true condition"))
    }
    if isComplete, !conditions.isTrue("SuccessCriteriaMet") {
      errors.append(condition("cannot set Complete=True condition without the SuccessCriteriaMet=true condition"))
    }
    guard status.isFinished else { return errors }
    if status.active > 0 {
      errors.append(.invalid("status.active", .int(status.active), "active>0 is invalid for finished job"))
    }
    if status.startTime == nil {
      errors.append(.required("status.startTime", "startTime is required for finished job"))
    }
    if let uncounted = status.uncountedTerminatedPods, !uncounted.succeeded.isEmpty || !uncounted.failed.isEmpty {
      errors.append(
        .invalid("status.uncountedTerminatedPods", uncounted.goJSON, "must be empty for finished job"))
    }
    return errors
  }

  private func validateIndexes() -> [FieldError] {
    var errors: [FieldError] = []
    var completed: IndexRanges?
    var failed: IndexRanges?
    if let completions = spec.completions {
      do throws(IndexRanges.ParseError) {
        completed = try IndexRanges(parsing: status.completedIndexes, completions: completions)
      } catch {
        errors.append(
          .invalid(
            "status.completedIndexes", .string(status.completedIndexes), "error parsing completedIndexes: \(error)"))
      }
      do throws(IndexRanges.ParseError) {
        failed = try status.failedIndexes.map { text throws(IndexRanges.ParseError) in
          try IndexRanges(parsing: text, completions: completions)
        }
      } catch {
        if spec.backoffLimitPerIndex != nil {
          errors.append(
            .invalid("status.failedIndexes", .text(status.failedIndexes), "error parsing failedIndexes: \(error)"))
        }
      }
    }
    if !status.completedIndexes.isEmpty, spec.completionMode != .indexed {
      errors.append(
        .invalid(
          "status.completedIndexes", .string(status.completedIndexes),
          "cannot set non-empty completedIndexes when non-indexed completion mode"))
    }
    if spec.backoffLimitPerIndex == nil, let text = status.failedIndexes {
      errors.append(
        .invalid(
          "status.failedIndexes", .string(text),
          "cannot set non-null failedIndexes when backoffLimitPerIndex is null"))
    }
    if let completed, let failed, let index = failed.first(where: completed.contains) {
      errors.append(
        .invalid(
          "status.failedIndexes", .text(status.failedIndexes),
          "failedIndexes and completedIndexes overlap at index: \(index)"))
    }
    return errors
  }

  private func validateStatusTransition(from old: Job) -> [FieldError] {
    var errors: [FieldError] = []
    for type in ["Failed", "Complete", "FailureTarget"]
    where old.status.conditions.isTrue(type) && !status.conditions.isTrue(type) {
      errors.append(condition("cannot disable the terminal \(type)=True condition"))
    }
    if status.failed < old.status.failed {
      errors.append(.invalid("status.failed", .int(status.failed), "cannot decrease the failed counter"))
    }
    // Scaling an elastic Indexed job down takes succeeded indexes away.
    let isElastic = spec.completionMode == .indexed && spec.completions == spec.parallelism
    if status.succeeded < old.status.succeeded, !isElastic {
      errors.append(
        .invalid("status.succeeded", .int(status.succeeded), "cannot decrease the succeeded counter"))
    }
    if let completionTime = status.completionTime, let known = old.status.completionTime, completionTime != known {
      errors.append(.invalid("status.completionTime", .string(completionTime.description), "field is immutable"))
    }
    if old.status.startTime != nil, old.status.startTime != status.startTime, spec.suspend != true {
      errors.append(
        .invalid(
          "status.startTime", .text(status.startTime?.description),
          "field is immutable for unsuspended job once set"))
    }
    if old.status.conditions.isTrue("SuccessCriteriaMet"), !status.conditions.isTrue("SuccessCriteriaMet") {
      errors.append(condition("cannot disable the SuccessCriteriaMet=True condition"))
    }
    return errors
  }
}

extension UncountedTerminatedPods {
  /// Errors show it as Go's internal type, whose JSON has capitals and nulls.
  fileprivate var goJSON: JSONValue {
    func list(_ uids: [String]) -> JSONValue { uids.isEmpty ? .null : .array(uids.map { .string($0) }) }
    return ["Succeeded": list(succeeded), "Failed": list(failed)]
  }
}
