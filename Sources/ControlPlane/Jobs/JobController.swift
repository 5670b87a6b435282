import KubeModel

// The job controller: one sync of one job, in the order of Kubernetes' own (job_controller.go, syncJob).
extension ControlPlane {
  /// Most pods that one sync creates, deletes or counts; the rest follows at once in the next.
  static let podsPerSync = 500

  mutating func syncJob(_ slot: Int) {
    guard jobs.entries[slot].sequence != 0 else { return }
    jobs.entries[slot].record.isQueued = false
    let job = jobs.entries[slot].job
    guard job.spec.isManagedHere else { return }
    if job.status.isFinished {
      jobs.entries[slot].record.backoff = Backoff()
      return releaseFinalizers(slot)
    }
    guard job.spec.hasKnownCompletionMode else {
      return emitForJob(
        slot, "UnknownCompletionMode", "Skipped Job sync because completion mode is unknown", isWarning: true)
    }
    let suspended = job.spec.suspend == true
    let isBeingDeleted = job.metadata.deletionTimestamp != nil

    // What is new since the last sync.
    var status = job.status
    if status.startTime == nil, !suspended { status.startTime = now }
    setDeadlineTimer(slot, status, suspended: suspended)
    let failJobMessage = lookAtEndedPods(slot, job.spec)

    // Has it come to an end? Else it gets the pods that it should have, which may be none any more.
    var end = decideEnd(slot, job.spec, status, failJobMessage, suspended: suspended)
    var resumed: Bool?
    if end != nil {
      deleteActivePods(slot, keepingFinalizers: true)
    } else {
      if !isBeingDeleted { managePods(slot, succeeded: succeeded(slot, status), suspended: suspended) }
      if isComplete(slot, succeeded: succeeded(slot, status)) {
        end = .completionsReached(at: now)
      } else if !isBeingDeleted {
        resumed = updateSuspension(&status, suspended: suspended)
      }
    }

    // What is left of its pods then needs no finalizer any more. Only a job that fails counts them, as failed.
    if end != nil || isBeingDeleted { sweep(slot, job.spec, countsAsFailed: end?.isFailure == true) }

    status.active = jobs.entries[slot].record.active.count
    status.ready = jobs.entries[slot].record.ready
    status.terminating = jobs.entries[slot].record.terminating
    count(slot, into: &status, end: end)
    if let resumed {
      emitForJob(slot, resumed ? "Resumed" : "Suspended", resumed ? "Job resumed" : "Job suspended")
    }
  }

  // MARK: The end

  /// Why the job must end now, if it must; the first reason that holds wins.
  private func decideEnd(
    _ slot: Int, _ spec: JobSpec, _ status: JobStatus, _ failJobMessage: String?, suspended: Bool
  ) -> JobEnd? {
    // What an earlier sync decided stays.
    if let met = status.conditions["SuccessCriteriaMet"], met.isTrue { return JobEnd(met, isFailure: false) }
    if let target = status.conditions["FailureTarget"], target.isTrue { return JobEnd(target, isFailure: true) }
    // Failures, and then success.
    if let failJobMessage { return .podFailurePolicy(failJobMessage, at: now) }
    let failed = status.failed + jobs.entries[slot].record.newFailed
    if spec.exceedsBackoffLimit(failed: failed, restarts: jobs.entries[slot].record.restarts) {
      return .backoffLimitExceeded(at: now)
    }
    if !suspended, let deadline = spec.activeDeadlineSeconds, let start = status.startTime,
      now - start >= .seconds(deadline)
    {
      return .deadlineExceeded(at: now)
    }
    guard spec.completionMode == .indexed, let completions = spec.completions else { return nil }
    let succeeded = jobs.entries[slot].record.indexes.succeeded
    if spec.backoffLimitPerIndex != nil {
      let failed = jobs.entries[slot].record.indexes.failed
      if let limit = spec.maxFailedIndexes, failed.count > limit { return .maxFailedIndexesExceeded(at: now) }
      if !failed.isEmpty, failed.count + succeeded.count >= completions { return .failedIndexes(at: now) }
    }
    if let rule = spec.successPolicy?.firstMatch(succeeded, completions: completions) {
      return .successPolicy(rule: rule, at: now)
    }
    return nil
  }

  /// How many have succeeded: pods, or indexes of an Indexed job.
  private func succeeded(_ slot: Int, _ status: JobStatus) -> Int {
    jobs.entries[slot].job.spec.completionMode == .indexed
      ? jobs.entries[slot].record.indexes.succeeded.count
      : status.succeeded + jobs.entries[slot].record.newSucceeded
  }

  private func isComplete(_ slot: Int, succeeded: Int) -> Bool {
    guard jobs.entries[slot].record.active.isEmpty else { return false }
    guard let completions = jobs.entries[slot].job.spec.completions else { return succeeded > 0 }
    return succeeded >= completions
  }

  private mutating func setDeadlineTimer(_ slot: Int, _ status: JobStatus, suspended: Bool) {
    guard !suspended, let deadline = jobs.entries[slot].job.spec.activeDeadlineSeconds, let start = status.startTime
    else {
      return
    }
    let due = start + .seconds(deadline)
    guard due > now, jobs.entries[slot].record.deadlineTimer != due else { return }
    jobs.entries[slot].record.deadlineTimer = due
    timers.set(.syncJob(jobs.ref(slot)), at: due)
  }

  // MARK: Suspension

  /// Writes the condition; `true` for resumed, `false` for suspended, `nil` for no change.
  private func updateSuspension(_ status: inout JobStatus, suspended: Bool) -> Bool? {
    let known = status.conditions["Suspended"]
    if suspended {
      guard known?.isTrue != true else { return nil }
      status.set(Condition("Suspended", true, reason: "JobSuspended", message: "Job suspended", at: now))
      status.startTime = nil
      return false
    }
    guard known?.isTrue == true else { return nil }
    status.set(Condition("Suspended", false, reason: "JobResumed", message: "Job resumed", at: now))
    // The deadline counts from here.
    status.startTime = now
    return true
  }
}

extension JobSpec {
  /// Whether the built-in controller looks after the job; all others leave it alone.
  var isManagedHere: Bool { managedBy == nil || managedBy == "kubernetes.io/job-controller" }

  /// A later version of the API may know more.
  var hasKnownCompletionMode: Bool {
    completionMode == nil || completionMode == .nonIndexed || completionMode == .indexed
  }

  /// backoffLimit: failed pods, and under OnFailure the restarts of pods that have not ended.
  func exceedsBackoffLimit(failed: Int, restarts: Int) -> Bool {
    let limit = backoffLimit ?? 6
    if failed > limit { return true }
    guard template.spec.restartPolicy == .onFailure else { return false }
    return limit == 0 ? restarts > 0 : restarts >= limit
  }
}
