import KubeModel

// What happens to jobs around their syncs: creation, edits, expiry, deletion, adoption.
extension ControlPlane {
  /// Takes in a job that has just been created or changed by a client.
  mutating func jobCreated(_ slot: Int) {
    if jobs.entries[slot].job.spec.manualSelector == true {
      manualSelectorJobs.insert(slot)
      adoptOrphans(slot)
    }
    if jobs.entries[slot].job.status.isFinished { setExpiryTimer(slot) }
    queueSync(slot)
  }

  mutating func jobChanged(_ slot: Int) {
    jobs.entries[slot].record.prototype = nil
    jobs.entries[slot].record.requirements = nil
    // The replacement policy decides how terminating pods count, and completions which indexes do.
    let terminating = dependents(of: slot).filter { pods.entries[$0].standing.state == .terminating }
    if jobs.entries[slot].job.spec.podReplacementPolicy == .failed { takeBack(terminating, slot) }
    for pod in terminating { restand(pod) }
    if let completions = jobs.entries[slot].job.spec.completions, !jobs.entries[slot].job.status.isFinished {
      jobs.entries[slot].record.indexes.forget(from: completions)
      for index in jobs.entries[slot].record.lastFailed.keys.sorted() where index >= completions {
        jobs.entries[slot].record.releaseLastFailed(index: index, counts: false)
      }
    }
    setExpiryTimer(slot)
    queueSync(slot)
  }

  /// Terminating pods that counted as failed do not any more: they count once they have ended.
  private mutating func takeBack(_ terminating: [Int], _ slot: Int) {
    guard !jobs.entries[slot].record.isSwept else { return }
    let back = terminating.filter { pods.entries[$0].awaitsCounting }
    guard !back.isEmpty else { return }
    for pod in back { pods.entries[pod].awaitsCounting = false }
    jobs.entries[slot].record.takeBack(Set(back.map { pods.ref($0) }))
  }

  // MARK: ttlSecondsAfterFinished

  /// When the job is to be deleted; `nil` while it runs or where it is kept for ever.
  private func expiry(_ slot: Int) -> Instant? {
    let job = jobs.entries[slot].job
    guard let ttl = job.spec.ttlSecondsAfterFinished, job.metadata.deletionTimestamp == nil,
      let end = job.status.conditions.first(where: { ($0.type == "Complete" || $0.type == "Failed") && $0.isTrue }),
      let finished = end.lastTransitionTime
    else { return nil }
    return finished + .seconds(ttl)
  }

  mutating func setExpiryTimer(_ slot: Int) {
    if let due = expiry(slot) { timers.set(.expireJob(jobs.ref(slot)), at: max(due, now)) }
  }

  mutating func expireJob(_ slot: Int) {
    // The period may have been changed since the timer was set.
    guard let due = expiry(slot), due <= now else { return }
    deleteJob(slot, .foreground)
  }

  // MARK: Deletion

  mutating func deleteJob(_ slot: Int, _ policy: PropagationPolicy) {
    switch policy {
    case .background:
      // It also ends a deletion that waits for the pods.
      dropCollectorFinalizers(slot)
      if jobs.entries[slot].job.metadata.finalizers.isEmpty {
        let uid = jobs.entries[slot].job.metadata.uid
        let dependents = dependents(of: slot).map { pods.ref($0) }
        disown(dependents.map(\.slot))
        removeJob(slot)
        for ref in dependents {
          if pods.slot(ref) != nil { removeFinalizer(ref.slot) }
          if pods.slot(ref) != nil { collectPod(ref.slot, of: uid) }
        }
      } else {
        markForDeletion(slot, finalizer: nil)
        queueSync(slot)
      }
    case .orphan:
      markForDeletion(slot, finalizer: ControlPlane.orphanFinalizer)
      let uid = jobs.entries[slot].job.metadata.uid
      let dependents = dependents(of: slot)
      disown(dependents)
      for pod in dependents {
        changePod(pod) { $0.metadata.ownerReferences.removeAll { $0.uid == uid } }
        orphanPods.insert(pod)
        removeFinalizer(pod)
        if pods.entries[pod].sequence != 0 { offerForAdoption(pod) }
      }
      orphanDependents(of: uid)
      dropFinalizer(slot, ControlPlane.orphanFinalizer)
    case .foreground:
      markForDeletion(slot, finalizer: ControlPlane.foregroundFinalizer)
      // The tracking finalizers stay until the job's syncs have counted the pods.
      let uid = jobs.entries[slot].job.metadata.uid
      for ref in dependents(of: slot).map({ pods.ref($0) }) where pods.slot(ref) != nil {
        collectPod(ref.slot, of: uid)
      }
      guard jobs.slot(uid: uid) == slot else { return }
      collectible.append(contentsOf: ownership.dependents(of: uid))
      queueSync(slot)
      finishForegroundDeletion(slot)
    }
  }

  /// The job's pods, oldest first. O(n log n).
  func dependents(of slot: Int) -> [Int] {
    let all = jobs.entries[slot].record.pods
    // Most jobs have one.
    return all.count < 2 ? Array(all) : all.sorted { pods.entries[$0].sequence < pods.entries[$1].sequence }
  }

  /// Takes pods out of their job's books before the job goes.
  private mutating func disown(_ dependents: [Int]) {
    for pod in dependents { leaveJob(pod) }
  }

  private mutating func dropCollectorFinalizers(_ slot: Int) {
    let collectors = [ControlPlane.foregroundFinalizer, ControlPlane.orphanFinalizer]
    guard jobs.entries[slot].job.metadata.finalizers.contains(where: collectors.contains) else { return }
    changeJob(slot) { $0.metadata.finalizers.removeAll(where: collectors.contains) }
  }

  private mutating func markForDeletion(_ slot: Int, finalizer: String?) {
    let known = jobs.entries[slot].job.metadata
    if known.deletionTimestamp != nil, finalizer.map({ known.finalizers.contains($0) }) ?? true { return }
    let now = now.truncatedToSeconds
    changeJob(slot) { job in
      job.metadata.markDeleted(at: now)
      if let finalizer, !job.metadata.finalizers.contains(finalizer) { job.metadata.finalizers.append(finalizer) }
    }
  }

  private mutating func dropFinalizer(_ slot: Int, _ finalizer: String) {
    if jobs.entries[slot].job.metadata.finalizers == [finalizer] {
      removeJob(slot)
    } else {
      changeJob(slot) { $0.metadata.finalizers.removeAll { $0 == finalizer } }
    }
  }

  /// Goes on with a deletion that a crash interrupted.
  mutating func resumeDeletion(_ slot: Int) {
    guard jobs.entries[slot].job.metadata.deletionTimestamp != nil else { return }
    let metadata = jobs.entries[slot].job.metadata
    if let policy = metadata.policyOfFinalizers {
      deleteJob(slot, policy)
    } else if metadata.finalizers.isEmpty {
      deleteJob(slot, .background)
    }
  }

  /// Removes a job that waited for its last pod.
  mutating func finishForegroundDeletion(_ slot: Int) {
    guard jobs.entries[slot].sequence != 0, jobs.entries[slot].record.pods.isEmpty,
      jobs.entries[slot].job.metadata.deletionTimestamp != nil,
      jobs.entries[slot].job.metadata.finalizers.contains(ControlPlane.foregroundFinalizer),
      !isBlocked(jobs.entries[slot].job.metadata.uid)
    else { return }
    dropFinalizer(slot, ControlPlane.foregroundFinalizer)
  }

  /// Goes on with a deletion whose last other finalizer a client has removed.
  mutating func jobFinalizersChanged(_ slot: Int) {
    guard jobs.entries[slot].job.metadata.deletionTimestamp != nil, jobs.entries[slot].job.metadata.finalizers.isEmpty
    else { return }
    deleteJob(slot, .background)
  }

  // MARK: Adoption

  /// A job with a selector of its own takes pods without a controller that match it.
  mutating func adoptOrphans(_ slot: Int) {
    for pod in orphanPods.sorted(by: { pods.entries[$0].sequence < pods.entries[$1].sequence }) {
      adoptIfMatching(pod, job: slot)
    }
  }

  /// Offers a pod without a controller to the job whose UID its labels tell, and to those that chose their selector.
  mutating func offerForAdoption(_ pod: Int) {
    if let uid = pods.entries[pod].pod.metadata.labels["batch.kubernetes.io/controller-uid"],
      let job = jobs.slot(uid: uid)
    {
      adoptIfMatching(pod, job: job)
    }
    for job in manualSelectorJobs.sorted(by: { jobs.entries[$0].sequence < jobs.entries[$1].sequence })
    where pods.entries[pod].job == nil {
      adoptIfMatching(pod, job: job)
    }
  }

  private mutating func adoptIfMatching(_ pod: Int, job slot: Int) {
    let job = jobs.entries[slot].job
    guard job.metadata.deletionTimestamp == nil, !job.status.isFinished, job.spec.isManagedHere,
      let selector = job.spec.selector, pods.entries[pod].pod.metadata.namespace == job.metadata.namespace,
      pods.entries[pod].pod.metadata.deletionTimestamp == nil, pods.entries[pod].pod.metadata.controller == nil,
      selector.matches(pods.entries[pod].pod.metadata.labels)
    else { return }
    orphanPods.remove(pod)
    pods.entries[pod].job = slot
    pods.entries[pod].index = job.spec.completionMode == .indexed ? pods.entries[pod].pod.completionIndex : nil
    jobs.entries[slot].record.pods.insert(pod)
    jobs.entries[slot].record.hasAdopted = true
    jobs.entries[slot].record.isSwept = false
    if let index = pods.entries[pod].index { jobs.entries[slot].record.noteSuccessor(index: index) }
    changePod(pod) { object in
      object.metadata.ownerReferences.append(OwnerReference(controller: job))
      if !object.metadata.finalizers.contains(ControlPlane.trackingFinalizer) {
        object.metadata.finalizers.append(ControlPlane.trackingFinalizer)
      }
    }
  }

  /// A pod whose labels no longer match its job's selector is let go.
  mutating func releaseIfNotMatching(_ pod: Int) {
    guard let slot = pods.entries[pod].job, let selector = jobs.entries[slot].job.spec.selector,
      !selector.matches(pods.entries[pod].pod.metadata.labels),
      jobs.entries[slot].job.metadata.deletionTimestamp == nil,
      !jobs.entries[slot].job.status.isFinished, jobs.entries[slot].job.spec.isManagedHere
    else { return }
    let uid = jobs.entries[slot].job.metadata.uid
    leaveJob(pod)
    orphanPods.insert(pod)
    // Two revisions, where Kubernetes makes one: taking off the last finalizer may end the pod.
    changePod(pod) { $0.metadata.ownerReferences.removeAll { $0.uid == uid } }
    removeFinalizer(pod)
  }
}
