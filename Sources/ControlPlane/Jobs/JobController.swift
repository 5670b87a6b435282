import KubeModel

// The job controller: one sync of one job, in the order of Kubernetes' own (job_controller.go, syncJob).
extension ControlPlane {
  /// Most pods that one sync creates, deletes or counts; the rest follows at once in the next.
  static let podsPerSync = 500

  mutating func syncJob(_ slot: Int) {
    guard jobs.entries[slot].sequence != 0 else { return }
    jobs.entries[slot].record.isQueued = false
    let job = jobs.entries[slot].job
    if let manager = job.spec.managedBy, manager != "kubernetes.io/job-controller" { return }
    if job.isFinished {
      jobs.entries[slot].record.backoff = Backoff()
      return releaseFinalizers(slot)
    }
    let suspended = job.spec.suspend == true

    // What is new since the last sync.
    var status = job.status
    if status.startTime == nil, !suspended { status.startTime = now }
    setDeadlineTimer(slot, status, suspended: suspended)
    var tally = takeFinishedPods(slot, job)
    jobs.entries[slot].record.backoff.note(tally.finishes)

    // Has it come to an end?
    var end = decideEnd(slot, status, tally, suspended: suspended)
    var resumed: Bool?
    if let end {
      deleteActivePods(slot, keepingFinalizers: true)
      tally.add(takeFinishedPods(slot, job, all: end.isFailure))
      // A job that succeeded by its policy does not mind how the rest of its pods ended.
      if !end.isFailure { tally.failed = [] }
    } else if job.metadata.deletionTimestamp == nil {
      let succeeded =
        job.spec.completionMode == .indexed
        ? jobs.entries[slot].record.indexes.succeeded.count : status.succeeded + tally.succeeded.count
      managePods(slot, succeeded: succeeded, suspended: suspended)
      if isComplete(slot, succeeded: succeeded) {
        end = .completionsReached(at: now)
      } else {
        resumed = updateSuspension(&status, suspended: suspended)
      }
    }

    status.active = jobs.entries[slot].record.active.count
    status.ready = jobs.entries[slot].record.ready
    status.terminating = jobs.entries[slot].record.terminating
    count(slot, tally, into: &status, end: end)
    if let resumed {
      emitForJob(slot, resumed ? "Resumed" : "Suspended", resumed ? "Job resumed" : "Job suspended")
    }
  }

  // MARK: The end

  /// Why the job must end now, if it must; the first reason that holds wins.
  private func decideEnd(_ slot: Int, _ status: JobStatus, _ tally: JobTally, suspended: Bool) -> JobEnd? {
    let job = jobs.entries[slot].job
    if let met = status.conditions["SuccessCriteriaMet"], met.isTrue { return JobEnd(met, isFailure: false) }
    if let target = status.conditions["FailureTarget"], target.isTrue { return JobEnd(target, isFailure: true) }
    if let message = tally.failJobMessage { return .podFailurePolicy(message, at: now) }
    if exceedsBackoffLimit(slot, failed: status.failed + tally.failed.count) { return .backoffLimitExceeded(at: now) }
    if !suspended, let deadline = job.spec.activeDeadlineSeconds, let start = status.startTime,
      now - start >= .seconds(deadline)
    {
      return .deadlineExceeded(at: now)
    }
    return decideEndByIndexes(slot)
  }

  /// What the indexes of an Indexed job say: too many failed, none left, or enough succeeded for its successPolicy.
  private func decideEndByIndexes(_ slot: Int) -> JobEnd? {
    let spec = jobs.entries[slot].job.spec
    guard spec.completionMode == .indexed, let completions = spec.completions else { return nil }
    let indexes = jobs.entries[slot].record.indexes
    if spec.backoffLimitPerIndex != nil, !indexes.failed.isEmpty {
      if let limit = spec.maxFailedIndexes, indexes.failed.count > limit { return .maxFailedIndexesExceeded(at: now) }
      if indexes.failed.count + indexes.succeeded.count >= completions { return .failedIndexes(at: now) }
    }
    if let rule = spec.successPolicy?.firstMatch(indexes.succeeded, completions: completions) {
      return .successPolicy(rule: rule, at: now)
    }
    return nil
  }

  /// backoffLimit: failed pods, and under OnFailure the restarts of pods that run.
  private func exceedsBackoffLimit(_ slot: Int, failed: Int) -> Bool {
    let spec = jobs.entries[slot].job.spec
    let limit = spec.backoffLimit ?? 6
    if failed > limit { return true }
    guard spec.template.spec.restartPolicy == .onFailure else { return false }
    let restarts = jobs.entries[slot].record.restarts
    return limit == 0 ? restarts > 0 : restarts >= limit
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
    status.startTime = now
    return true
  }

  // MARK: Counting

  /// Takes the pods that have ended since they were last counted; `all`: every pod that is not counted yet, because
  /// a job that fails counts what is left as failed.
  private mutating func takeFinishedPods(_ slot: Int, _ job: Job, all: Bool = false) -> JobTally {
    var refs = jobs.entries[slot].record.toCount
    jobs.entries[slot].record.toCount.removeAll()
    if all {
      for pod in jobs.entries[slot].record.pods.sorted(by: { pods.entries[$0].sequence < pods.entries[$1].sequence })
      where !pods.entries[pod].awaitsCounting
        && pods.entries[pod].pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer)
      {
        pods.entries[pod].awaitsCounting = true
        refs.append(pods.ref(pod))
      }
    }
    var tally = JobTally()
    for ref in refs {
      guard let pod = pods.slot(ref), pods.entries[pod].job == slot,
        pods.entries[pod].pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer)
      else { continue }
      tally.pods.append(pod)
      let succeeded = pods.entries[pod].pod.status.phase == .succeeded
      tally.finishes.append((pods.entries[pod].pod.finishTime ?? now, succeeded))
      if succeeded { noteSuccess(pod, of: slot, in: &tally) } else { noteFailure(pod, of: slot, in: &tally) }
    }
    tally.finishes.sort { $0.time < $1.time }
    return tally
  }

  private mutating func noteSuccess(_ pod: Int, of slot: Int, in tally: inout JobTally) {
    let job = jobs.entries[slot].job
    if job.spec.completionMode == .indexed {
      guard let index = pods.entries[pod].index, index < job.spec.completions ?? 0,
        jobs.entries[slot].record.indexes.succeed(index)
      else { return }
    }
    tally.succeeded.append(pods.entries[pod].pod.metadata.uid)
  }

  private mutating func noteFailure(_ pod: Int, of slot: Int, in tally: inout JobTally) {
    let job = jobs.entries[slot].job
    let object = pods.entries[pod].pod
    // A policy judges pods that have ended, not those on their way out.
    let verdict = object.status.phase == .failed ? job.spec.podFailurePolicy?.verdict(on: object) ?? .count : .count
    if case .failJob(let message) = verdict, tally.failJobMessage == nil { tally.failJobMessage = message }
    if job.spec.completionMode == .indexed {
      guard let index = pods.entries[pod].index, index < job.spec.completions ?? 0 else { return }
      noteFailure(ofIndex: index, of: slot, verdict, finished: object.finishTime ?? now)
    }
    if verdict != .ignore { tally.failed.append(object.metadata.uid) }
  }

  /// Counts against the index, which fails at its limit, else waits out its backoff.
  private mutating func noteFailure(ofIndex index: Int, of slot: Int, _ verdict: FailureVerdict, finished: Instant) {
    var history = jobs.entries[slot].record.failuresByIndex[index] ?? IndexFailures()
    let hasReachedLimit = jobs.entries[slot].job.spec.backoffLimitPerIndex.map { history.counted >= $0 } ?? false
    if verdict == .ignore { history.ignored += 1 } else { history.counted += 1 }
    jobs.entries[slot].record.failuresByIndex[index] = history
    guard jobs.entries[slot].job.spec.backoffLimitPerIndex != nil else { return }
    if verdict == .failIndex || (verdict != .ignore && hasReachedLimit) {
      jobs.entries[slot].record.indexes.fail(index)
    } else {
      let due = finished + Backoff.delay(failures: history.counted + history.ignored)
      guard due > now else { return }
      jobs.entries[slot].record.indexes.hold(index, until: due)
      timers.set(.syncJob(jobs.ref(slot)), at: due)
    }
  }

  /// Brings the pods that ended into the counters, and the job to its end, without ever counting a pod twice: first
  /// their UIDs are written down, then their finalizers go, then the counters take them in.
  private mutating func count(_ slot: Int, _ tally: JobTally, into status: inout JobStatus, end: JobEnd?) {
    let isIndexed = jobs.entries[slot].job.spec.completionMode == .indexed
    var uncounted = UncountedTerminatedPods()
    uncounted.failed = tally.failed
    if isIndexed {
      // Not a sum: completions may have been lowered, and with them what counts.
      let indexes = jobs.entries[slot].record.indexes.succeeded
      if indexes.count != status.succeeded || !tally.succeeded.isEmpty {
        status.succeeded = indexes.count
        status.completedIndexes = indexes.description
      }
    } else {
      uncounted.succeeded = tally.succeeded
    }
    if jobs.entries[slot].job.spec.backoffLimitPerIndex != nil {
      status.failedIndexes = jobs.entries[slot].record.indexes.failed.description
    }
    status.uncountedTerminatedPods = uncounted
    if let end, status.conditions[end.interimType] == nil { status.set(end.interim) }
    writeStatus(slot, status)

    let ref = jobs.ref(slot)
    for pod in tally.pods { removeFinalizer(pod) }
    // A job whose deletion waited for these pods is gone by now.
    guard jobs.slot(ref) != nil else { return }

    status.failed += uncounted.failed.count
    status.succeeded += uncounted.succeeded.count
    status.uncountedTerminatedPods = UncountedTerminatedPods()
    var finished = false
    // Where pods that were terminating a moment ago are gone now, another sync follows.
    if let end, status.terminating == 0, jobs.entries[slot].record.terminating == 0,
      jobs.entries[slot].record.toCount.isEmpty
    {
      var final = end.final
      final.lastTransitionTime = now
      final.lastProbeTime = now
      status.set(final)
      if !end.isFailure { status.completionTime = now }
      finished = true
    }
    writeStatus(slot, status)
    if finished, let end { finishJob(slot, end) }
  }

  private mutating func writeStatus(_ slot: Int, _ status: JobStatus) {
    guard status != jobs.entries[slot].job.status else { return }
    changeJob(slot) { $0.status = status }
  }

  private mutating func finishJob(_ slot: Int, _ end: JobEnd) {
    if end.isFailure {
      emitForJob(slot, end.final.reason, end.final.message, isWarning: true, isFinal: true)
    } else {
      emitForJob(slot, "Completed", "Job completed", isFinal: true)
    }
    jobs.entries[slot].record.backoff = Backoff()
    setExpiryTimer(slot)
  }

  /// Lets go of pods whose job will not look at them again.
  mutating func releaseFinalizers(_ slot: Int) {
    let refs = jobs.entries[slot].record.toCount
    jobs.entries[slot].record.toCount.removeAll()
    for ref in refs {
      if let pod = pods.slot(ref) { removeFinalizer(pod) }
    }
  }

  /// Takes the tracking finalizer off; a pod that waited only for that goes.
  mutating func removeFinalizer(_ slot: Int) {
    guard pods.entries[slot].pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer) else { return }
    if pods.entries[slot].pod.metadata.finalizers.count == 1, isReadyToGo(slot) {
      // Kubernetes deletes it in the same step, so that its last state still shows the finalizer.
      removePod(slot)
    } else {
      changePod(slot) { $0.metadata.finalizers.removeAll { $0 == ControlPlane.trackingFinalizer } }
    }
  }
}

/// The pods that a sync brings into the counters.
struct JobTally {
  /// All of them, by slot.
  var pods: [Int] = []
  /// UIDs of those that count as succeeded and as failed.
  var succeeded: [String] = []
  var failed: [String] = []
  var finishes: [(time: Instant, succeeded: Bool)] = []
  /// Set where podFailurePolicy says that the job must fail.
  var failJobMessage: String?

  mutating func add(_ other: JobTally) {
    pods += other.pods
    succeeded += other.succeeded
    failed += other.failed
    finishes += other.finishes
    failJobMessage = failJobMessage ?? other.failJobMessage
  }
}

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

extension Job {
  /// Whether the job is over, one way or the other.
  var isFinished: Bool { status.conditions.isTrue("Complete") || status.conditions.isTrue("Failed") }
}

extension Pod {
  /// When the pod ended: the end of its last container, else when it stopped being ready, else when it was to be
  /// gone less its grace period, else its creation (Kubernetes: getFinishedTime).
  var finishTime: Instant? {
    var latest: Instant?
    for status in status.initContainerStatuses + status.containerStatuses {
      guard let finished = status.state.terminated?.finishedAt else {
        latest = nil
        break
      }
      latest = max(latest ?? finished, finished)
    }
    if let latest { return latest }
    if let ready = status.conditions["Ready"], !ready.isTrue, let time = ready.lastTransitionTime { return time }
    if let deletion = metadata.deletionTimestamp {
      return deletion - .seconds(metadata.deletionGracePeriodSeconds ?? 0)
    }
    return metadata.creationTimestamp
  }
}
