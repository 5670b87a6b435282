import KubeModel

// Keeps every job's counters equal to a recount of its pods, one change at a time.
extension ControlPlane {
  static let trackingFinalizer = "batch.kubernetes.io/job-tracking"

  /// Brings the counters of the pod's job up to date with the pod.
  mutating func restand(_ slot: Int) {
    guard let job = pods.entries[slot].job else { return }
    let before = pods.entries[slot].standing
    let after = standing(of: slot)
    let mustCount = !pods.entries[slot].awaitsCounting && endsForItsJob(slot)
    guard before != after || mustCount else { return }
    pods.entries[slot].standing = after

    var record = JobRecord()
    swap(&record, &jobs.entries[job].record)
    if before.state != after.state {
      if before.state == .active { record.active.remove(slot) }
      if after.state == .active { record.active.insert(slot) }
      record.terminating += (after.state == .terminating ? 1 : 0) - (before.state == .terminating ? 1 : 0)
    }
    if before.holdsIndex != after.holdsIndex, let index = pods.entries[slot].index {
      if after.holdsIndex { record.indexes.take(index) } else { record.indexes.giveBack(index) }
    }
    record.ready += (after.isReady ? 1 : 0) - (before.isReady ? 1 : 0)
    record.restarts += after.restarts - before.restarts
    if mustCount {
      pods.entries[slot].awaitsCounting = true
      record.ended.append(pods.ref(slot))
    }
    swap(&record, &jobs.entries[job].record)
    queueSyncAfterPodEvent(job)
  }

  /// Takes the pod out of its job's counters: it is gone, or no longer the job's.
  mutating func leaveJob(_ slot: Int) {
    guard let job = pods.entries[slot].job else { return }
    let standing = pods.entries[slot].standing
    if let index = pods.entries[slot].index, standing.holdsIndex {
      jobs.entries[job].record.indexes.giveBack(index)
    }
    jobs.entries[job].record.pods.remove(slot)
    jobs.entries[job].record.active.remove(slot)
    if standing.isReady { jobs.entries[job].record.ready -= 1 }
    if standing.state == .terminating { jobs.entries[job].record.terminating -= 1 }
    jobs.entries[job].record.restarts -= standing.restarts
    pods.entries[slot].standing = PodStanding()
    pods.entries[slot].job = nil
    pods.entries[slot].awaitsCounting = false
    queueSyncAfterPodEvent(job)
    finishForegroundDeletion(job)
  }

  /// How the pod's job has to count it now.
  func standing(of slot: Int) -> PodStanding {
    // Field by field: a copy of the whole pod costs more than all of this.
    var standing = PodStanding()
    guard !pods.entries[slot].pod.status.phase.isTerminal else { return standing }
    standing.state = pods.entries[slot].pod.metadata.deletionTimestamp == nil ? .active : .terminating
    standing.isReady = standing.state == .active && pods.entries[slot].pod.status.conditions.isTrue("Ready")
    // Where only failed pods are replaced, a pod that is on its way out still has its index.
    standing.holdsIndex =
      standing.state == .active
      || pods.entries[slot].job.map { jobs.entries[$0].job.spec.podReplacementPolicy == .failed } ?? false
    for status in pods.entries[slot].pod.status.initContainerStatuses { standing.restarts += status.restartCount }
    for status in pods.entries[slot].pod.status.containerStatuses { standing.restarts += status.restartCount }
    return standing
  }

  /// Whether the pod has ended as far as its job is concerned: finished, or on its way out where the policy says that
  /// a terminating pod counts as failed.
  func endsForItsJob(_ slot: Int) -> Bool {
    guard pods.entries[slot].pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer) else { return false }
    if pods.entries[slot].pod.status.phase.isTerminal { return true }
    guard pods.entries[slot].pod.metadata.deletionTimestamp != nil, let job = pods.entries[slot].job else {
      return false
    }
    return jobs.entries[job].job.spec.podReplacementPolicy != .failed
  }

  // MARK: Queue

  /// Syncs the job before this input ends.
  mutating func queueSync(_ slot: Int) {
    guard !jobs.entries[slot].record.isQueued else { return }
    jobs.entries[slot].record.isQueued = true
    dirtyJobs.append(slot)
  }

  /// Syncs the job once its pods have been quiet for the configured delay.
  mutating func queueSyncAfterPodEvent(_ slot: Int) {
    guard jobs.entries[slot].sequence != 0 else { return }
    guard configuration.podEventDelay > .zero else { return queueSync(slot) }
    if let due = jobs.entries[slot].record.batchedSync, due > now { return }
    let due = now + configuration.podEventDelay
    jobs.entries[slot].record.batchedSync = due
    timers.set(.syncJob(jobs.ref(slot)), at: due)
  }
}
