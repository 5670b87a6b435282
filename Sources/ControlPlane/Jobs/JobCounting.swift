package import KubeModel

// Brings pods that have ended into a job's counters, each of them once (Kubernetes:
// trackJobStatusAndRemoveFinalizers). A pod goes from `record.ended`, when a sync looks at it, to `record.uncounted`,
// with backoffLimitPerIndex by way of `record.lastFailed`, and from there into the status.
extension ControlPlane {
  // MARK: Looking

  /// Looks at the pods that have ended since the last sync: what they mean for the job's indexes and its backoff.
  ///
  /// - Returns: the message with which podFailurePolicy fails the whole job, if it does.
  mutating func lookAtEndedPods(_ slot: Int, _ spec: JobSpec) -> String? {
    jobs.entries[slot].record.enqueueReplaced()
    let refs = jobs.entries[slot].record.ended
    guard !refs.isEmpty else { return nil }
    jobs.entries[slot].record.ended.removeAll()
    var finishes: [Backoff.Finish] = []
    var failJobMessage: String?
    for ref in refs {
      guard let pod = pods.slot(ref), isTracked(pod, by: slot) else { continue }
      let isValid = spec.completionMode != .indexed || spec.hasIndex(pods.entries[pod].index)
      let succeeded = pods.entries[pod].pod.status.phase == .succeeded
      if isValid { finishes.append(.init(time: pods.entries[pod].pod.finishTime ?? now, succeeded: succeeded)) }
      if succeeded {
        noteSuccess(ref, of: slot, spec, isValid: isValid)
      } else {
        let verdict = spec.podFailurePolicy?.verdict(on: pods.entries[pod].pod) ?? .count
        if case .failJob(let message) = verdict { failJobMessage = failJobMessage ?? message }
        noteFailure(ref, of: slot, spec, verdict, isValid: isValid)
      }
    }
    jobs.entries[slot].record.backoff.note(finishes)
    return failJobMessage
  }

  private func isTracked(_ pod: Int, by job: Int) -> Bool {
    pods.entries[pod].job == job && pods.entries[pod].pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer)
  }

  private mutating func noteSuccess(_ ref: PodRef, of slot: Int, _ spec: JobSpec, isValid: Bool) {
    guard spec.completionMode == .indexed else {
      return jobs.entries[slot].record.enqueue(UncountedPod(ref: ref, outcome: .succeeded))
    }
    if isValid, let index = pods.entries[ref.slot].index, jobs.entries[slot].record.indexes.succeed(index) {
      jobs.entries[slot].record.releaseLastFailed(index: index)
    }
    jobs.entries[slot].record.enqueue(UncountedPod(ref: ref, outcome: .neither))
  }

  private mutating func noteFailure(
    _ ref: PodRef, of slot: Int, _ spec: JobSpec, _ verdict: FailureVerdict, isValid: Bool
  ) {
    let counts = isValid && verdict != .ignore
    let pod = UncountedPod(ref: ref, outcome: counts ? .failed : .neither)
    guard isValid, spec.completionMode == .indexed, let index = pods.entries[ref.slot].index else {
      if verdict == .ignore { jobs.entries[slot].record.ignoredFailures += 1 }
      return jobs.entries[slot].record.enqueue(pod)
    }
    jobs.entries[slot].record.failuresByIndex[index, default: 0] += 1
    guard let limit = spec.backoffLimitPerIndex else { return jobs.entries[slot].record.enqueue(pod) }

    let earlier = IndexFailures(of: pods.entries[ref.slot].pod)
    if verdict == .failIndex || (counts && earlier.counted >= limit) {
      jobs.entries[slot].record.indexes.fail(index)
      jobs.entries[slot].record.releaseLastFailed(index: index)
      return jobs.entries[slot].record.enqueue(pod)
    }
    guard jobs.entries[slot].record.indexes.isPending(index) else { return jobs.entries[slot].record.enqueue(pod) }
    // Of several, the one that has seen most failures tells the next pod about them.
    if let known = jobs.entries[slot].record.lastFailed[index], let other = pods.slot(known.ref),
      IndexFailures(of: pods.entries[other].pod).total > earlier.total
    {
      return jobs.entries[slot].record.enqueue(pod)
    }
    jobs.entries[slot].record.releaseLastFailed(index: index)
    jobs.entries[slot].record.hold(pod, index: index)
    let due = (pods.entries[ref.slot].pod.finishTime ?? now) + Backoff.delay(failures: earlier.total + 1)
    guard due > now else { return }
    jobs.entries[slot].record.indexes.hold(index, until: due)
    guard jobs.entries[slot].record.indexTimer != due else { return }
    jobs.entries[slot].record.indexTimer = due
    timers.set(.syncJob(jobs.ref(slot)), at: due)
  }

  /// At the end of a job, no pod keeps its finalizer: what was killed counts as failed if the job failed, else not at
  /// all. Looks at all pods of the job, once.
  mutating func sweep(_ slot: Int, _ spec: JobSpec, countsAsFailed: Bool) {
    var refs = jobs.entries[slot].record.ended
    jobs.entries[slot].record.ended.removeAll()
    if !jobs.entries[slot].record.isSwept {
      jobs.entries[slot].record.isSwept = true
      for index in jobs.entries[slot].record.lastFailed.keys.sorted() {
        jobs.entries[slot].record.releaseLastFailed(index: index)
      }
      for pod in podsNotInLine(slot) {
        pods.entries[pod].awaitsCounting = true
        refs.append(pods.ref(pod))
      }
    }
    for ref in refs {
      guard let pod = pods.slot(ref), isTracked(pod, by: slot) else { continue }
      let isValid = spec.completionMode != .indexed || spec.hasIndex(pods.entries[pod].index)
      let counts = countsAsFailed && isValid && spec.podFailurePolicy?.verdict(on: pods.entries[pod].pod) != .ignore
      jobs.entries[slot].record.enqueue(UncountedPod(ref: ref, outcome: counts ? .failed : .neither))
    }
  }

  /// Pods with a finalizer that have not ended as far as the job is concerned, oldest first.
  private func podsNotInLine(_ slot: Int) -> [Int] {
    // Most jobs have none, and many pods.
    guard !jobs.entries[slot].record.active.isEmpty || jobs.entries[slot].record.terminating > 0 else { return [] }
    return jobs.entries[slot].record.pods.filter { !pods.entries[$0].awaitsCounting && isTracked($0, by: slot) }
      .sorted { pods.entries[$0].sequence < pods.entries[$1].sequence }
  }

  // MARK: Counting

  /// Takes the next pods in line into the counters, and brings the job to its end, without ever counting a pod twice:
  /// first their UIDs are written down, then their finalizers go, then the counters take them in.
  mutating func count(_ slot: Int, into status: inout JobStatus, end: JobEnd?) {
    var leaving: [Int] = []
    var uncounted = UncountedTerminatedPods()
    while leaving.count < ControlPlane.podsPerSync, let next = jobs.entries[slot].record.dequeue() {
      guard let pod = pods.slot(next.ref), isTracked(pod, by: slot) else { continue }
      leaving.append(pod)
      switch next.outcome {
      case .succeeded: uncounted.succeeded.append(pods.entries[pod].pod.metadata.uid)
      case .failed: uncounted.failed.append(pods.entries[pod].pod.metadata.uid)
      case .neither: break
      }
    }
    noteIndexes(slot, in: &status)
    status.uncountedTerminatedPods = uncounted
    if let end, status.conditions[end.interimType] == nil { status.set(end.interim) }
    writeStatus(slot, status)

    let ref = jobs.ref(slot)
    for pod in leaving { removeFinalizer(pod) }
    // A job whose deletion waited for these pods is gone by now.
    guard jobs.slot(ref) != nil else { return }

    status.failed += uncounted.failed.count
    status.succeeded += uncounted.succeeded.count
    status.uncountedTerminatedPods = UncountedTerminatedPods()
    // Where pods that were terminating a moment ago are gone now, another sync follows. A job that is suspended has no
    // start time, and upstream's API refuses the end of such a job: that comes once it is resumed.
    let isLast =
      status.startTime != nil && status.terminating == 0 && jobs.entries[slot].record.terminating == 0
      && jobs.entries[slot].record.ended.isEmpty && jobs.entries[slot].record.uncounted.isEmpty
    if let end, isLast {
      var final = end.final
      final.lastTransitionTime = now
      final.lastProbeTime = now
      status.set(final)
      if !end.isFailure { status.completionTime = now }
    }
    writeStatus(slot, status)
    if let end, isLast { finishJob(slot, end) }
    if !jobs.entries[slot].record.uncounted.isEmpty { queueSync(slot) }
  }

  /// Writes down which indexes are done and which have failed.
  private mutating func noteIndexes(_ slot: Int, in status: inout JobStatus) {
    guard jobs.entries[slot].record.indexes.hasNews, jobs.entries[slot].job.spec.completionMode == .indexed else {
      return
    }
    jobs.entries[slot].record.indexes.hasNews = false
    let indexes = jobs.entries[slot].record.indexes
    status.succeeded = indexes.succeeded.count
    status.completedIndexes = indexes.succeeded.description
    if jobs.entries[slot].job.spec.backoffLimitPerIndex != nil { status.failedIndexes = indexes.failed.description }
  }

  private mutating func writeStatus(_ slot: Int, _ status: JobStatus) {
    guard status != jobs.entries[slot].job.status else { return }
    changeJob(slot) { $0.status = status }
  }

  private mutating func finishJob(_ slot: Int, _ end: JobEnd) {
    if end.isFailure {
      emitForJob(slot, end.final.reason, end.final.message, isWarning: true, isFinal: true)
    } else {
      let job = jobs.entries[slot].job
      if let completions = job.spec.completions, job.status.succeeded > completions {
        emitForJob(
          slot, "TooManySucceededPods", "Too many succeeded pods running after completion count reached",
          isWarning: true)
      }
      emitForJob(slot, "Completed", "Job completed", isFinal: true)
    }
    jobs.entries[slot].record.backoff = Backoff()
    setExpiryTimer(slot)
  }

  // MARK: Finalizers

  /// Lets go of pods whose job will not look at them again.
  mutating func releaseFinalizers(_ slot: Int) {
    let refs = jobs.entries[slot].record.ended
    jobs.entries[slot].record.ended.removeAll()
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

extension JobSpec {
  /// Whether it is one of an Indexed job's completion indexes.
  func hasIndex(_ index: Int?) -> Bool { index.map { $0 >= 0 && $0 < completions ?? 0 } ?? false }
}

/// How often an index had failed before a pod was made for it, as the pod's annotations tell.
package struct IndexFailures: Hashable, Sendable {
  package var counted = 0
  /// Those that podFailurePolicy ignored.
  var ignored = 0
  /// All that its next backoff is for.
  package var total: Int { counted + ignored }

  init(counted: Int = 0, ignored: Int = 0) {
    self.counted = counted
    self.ignored = ignored
  }

  /// As the pod's annotations tell.
  package init(of pod: Pod) {
    // Whoever may change a pod can write there what he likes.
    func number(_ key: String) -> Int {
      min(max(0, pod.metadata.annotations[key].flatMap { Int($0) } ?? 0), Int(Int32.max))
    }
    self.init(counted: number(JobAnnotation.indexFailureCount), ignored: number(JobAnnotation.indexIgnoredFailureCount))
  }
}
