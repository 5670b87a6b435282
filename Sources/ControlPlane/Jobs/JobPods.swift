import KubeModel

// How many pods a job should have now, and the making and removing of them (Kubernetes: manageJob).
extension ControlPlane {
  /// How often the index of a pod has failed before it, where backoffLimitPerIndex counts that.
  static let failureCount = "batch.kubernetes.io/job-index-failure-count"
  static let ignoredFailureCount = "batch.kubernetes.io/job-index-ignored-failure-count"

  /// Creates or deletes pods until as many run as should.
  mutating func managePods(_ slot: Int, succeeded: Int, suspended: Bool) {
    if suspended { return deleteActivePods(slot, keepingFinalizers: false) }
    let job = jobs.entries[slot].job
    let active = jobs.entries[slot].record.active.count
    let wanted = wantedPods(job, active: active, succeeded: succeeded)
    let useless = uselessPods(slot)
    if active > wanted || !useless.isEmpty {
      return deleteSurplus(slot, max(active - wanted, useless.count), first: useless)
    }

    var missing = wanted - active
    if job.spec.podReplacementPolicy == .failed { missing -= jobs.entries[slot].record.terminating }
    guard missing > 0 else { return }
    // With backoffLimitPerIndex every index waits for itself.
    if job.spec.backoffLimitPerIndex == nil, let due = jobs.entries[slot].record.backoff.due, due > now {
      if jobs.entries[slot].record.backoffTimer != due {
        jobs.entries[slot].record.backoffTimer = due
        timers.set(.syncJob(jobs.ref(slot)), at: due)
      }
      return
    }
    let isTooMany = missing > ControlPlane.podsPerSync
    let made = createPods(slot, min(missing, ControlPlane.podsPerSync))
    if isTooMany, made == ControlPlane.podsPerSync { queueSync(slot) }
  }

  /// Active pods of an Indexed job that are of no use to it: their index is beyond its completions, which may have
  /// been lowered, or, with pods that were adopted, done or run by an older pod.
  private func uselessPods(_ slot: Int) -> Set<Int> {
    let completions = jobs.entries[slot].job.spec.completions ?? 0
    guard jobs.entries[slot].job.spec.completionMode == .indexed,
      jobs.entries[slot].record.hasAdopted || jobs.entries[slot].record.indexes.hasTaken(from: completions)
    else { return [] }
    var useless: Set<Int> = []
    var seen: Set<Int> = []
    for pod in jobs.entries[slot].record.active.sorted(by: { pods.entries[$0].sequence < pods.entries[$1].sequence }) {
      if let index = pods.entries[pod].index, index < completions,
        !jobs.entries[slot].record.indexes.succeeded.contains(index), seen.insert(index).inserted
      {
        continue
      }
      useless.insert(pod)
    }
    return useless
  }

  private func wantedPods(_ job: Job, active: Int, succeeded: Int) -> Int {
    let parallelism = job.spec.parallelism ?? 1
    // A work queue: its pods agree among themselves; after the first success no new ones are made.
    guard let completions = job.spec.completions else { return succeeded > 0 ? active : parallelism }
    return max(0, min(parallelism, completions - succeeded))
  }

  // MARK: Creating

  /// Creates up to `number` pods and returns how many.
  private mutating func createPods(_ slot: Int, _ number: Int) -> Int {
    do throws(StatusError) {
      let prototype = try podPrototype(slot)
      var count = 0
      for _ in 0..<number {
        guard let pod = makePod(slot, prototype) else { break }
        let name = pods.entries[pod].pod.metadata.name
        emitForJob(slot, "SuccessfulCreate", "Created pod: \(name)")
        enqueuePod(pod)
        count += 1
      }
      jobs.entries[slot].record.createFailures = 0
      return count
    } catch {
      emitForJob(slot, "FailedCreate", "Error creating: \(error.message)", isWarning: true)
      let failures = jobs.entries[slot].record.createFailures
      jobs.entries[slot].record.createFailures = failures + 1
      let delay: Duration = failures > 5 ? .seconds(60) : .seconds(1 << failures)
      timers.set(.syncJob(jobs.ref(slot)), at: now + delay)
      return 0
    }
  }

  private mutating func makePod(_ slot: Int, _ prototype: Pod) -> Int? {
    var pod = prototype
    var index: Int?
    if jobs.entries[slot].job.spec.completionMode == .indexed {
      guard
        let free = jobs.entries[slot].record.indexes.lowestFree(
          below: jobs.entries[slot].job.spec.completions ?? 0, at: now)
      else {
        return nil
      }
      index = free
      let text = String(free)
      let name = jobs.entries[slot].job.metadata.name
      if jobs.entries[slot].job.spec.backoffLimitPerIndex != nil {
        let history = jobs.entries[slot].record.failuresByIndex[free] ?? IndexFailures()
        pod.metadata.annotations[ControlPlane.failureCount] = String(history.counted)
        if history.ignored > 0 { pod.metadata.annotations[ControlPlane.ignoredFailureCount] = String(history.ignored) }
      }
      pod.metadata.labels[JobLabel.completionIndex] = text
      pod.metadata.annotations[JobLabel.completionIndex] = text
      pod.spec.hostname = "\(name)-\(text)"
      // The job's part is cut so that the whole base stays within 58 characters.
      pod.metadata.generateName = "\(name.prefix(58 - text.utf8.count - 2))-\(text)-"
    }
    repeat {
      pod.metadata.name = random.name(pod.metadata.generateName)
    } while pods.slot(namespace: pod.metadata.namespace, name: pod.metadata.name) != nil
    pod.metadata.uid = random.uid()
    pod.metadata.creationTimestamp = now.truncatedToSeconds
    let made = addPod(pod, job: slot, index: index)
    jobs.entries[slot].record.pods.insert(made)
    return made
  }

  /// The pod that all of the job's pods are copies of, but for name, UID, time and index; they share its spec.
  private mutating func podPrototype(_ slot: Int) throws(StatusError) -> Pod {
    if let prototype = jobs.entries[slot].record.prototype { return prototype }
    let job = jobs.entries[slot].job
    var pod = Pod()
    pod.metadata.namespace = job.metadata.namespace
    pod.metadata.labels = job.spec.template.metadata.labels
    pod.metadata.annotations = job.spec.template.metadata.annotations
    pod.metadata.finalizers = [ControlPlane.trackingFinalizer] + job.spec.template.metadata.finalizers
    let separator = "\(job.metadata.name)-".isDNSLabelPrefix ? "-" : ""
    pod.metadata.generateName = job.metadata.name + separator
    pod.metadata.generation = 1
    pod.metadata.ownerReferences = [OwnerReference(controller: job)]
    pod.spec = job.spec.template.spec
    if job.spec.completionMode == .indexed { pod.spec.addCompletionIndex() }
    pod.applyDefaults()
    try admit(&pod)
    jobs.entries[slot].record.prototype = pod
    return pod
  }

  // MARK: Deleting

  /// Deletes every active pod: oldest first.
  mutating func deleteActivePods(_ slot: Int, keepingFinalizers: Bool) {
    let active = jobs.entries[slot].record.active.sorted { pods.entries[$0].sequence < pods.entries[$1].sequence }
    for pod in active { deletePodOfJob(slot, pod, keepingFinalizer: keepingFinalizers) }
  }

  private mutating func deletePodOfJob(_ slot: Int, _ pod: Int, keepingFinalizer: Bool) {
    let name = pods.entries[pod].pod.metadata.name
    // Without its finalizer the pod will not be counted as failed.
    if !keepingFinalizer { removeFinalizer(pod) }
    deletePod(pod, gracePeriodSeconds: nil)
    emitForJob(slot, "SuccessfulDelete", "Deleted pod: \(name)")
  }

  /// Deletes the pods that matter least: Kubernetes' order is first those of no use to an Indexed job, then
  /// unassigned before assigned, pending before running, not ready before ready, most recently ready, more restarts,
  /// newest.
  private mutating func deleteSurplus(_ slot: Int, _ surplus: Int, first useless: Set<Int>) {
    // Finding them looks at every active pod of the job; that happens once for a change of parallelism.
    let ranked = jobs.entries[slot].record.active.map { ($0, deletionRank($0)) }.sorted { left, right in
      if useless.contains(left.0) != useless.contains(right.0) { return useless.contains(left.0) }
      return left.1 < right.1
    }
    for (pod, _) in ranked.prefix(min(surplus, ControlPlane.podsPerSync)) {
      deletePodOfJob(slot, pod, keepingFinalizer: false)
    }
    if surplus > ControlPlane.podsPerSync { queueSync(slot) }
  }

  private func deletionRank(_ slot: Int) -> DeletionRank {
    let pod = pods.entries[slot].pod
    let ready = pod.status.conditions["Ready"]
    return DeletionRank(
      isAssigned: pod.spec.nodeName.isEmpty ? 0 : 1, phase: pod.status.phase == .running ? 1 : 0,
      isReady: ready?.isTrue == true ? 1 : 0,
      readySince: ready?.isTrue == true ? -(ready?.lastTransitionTime?.microseconds ?? 0) : 0,
      restarts: -pods.entries[slot].standing.restarts, age: -Int64(bitPattern: pods.entries[slot].sequence))
  }
}

/// Smaller is deleted first.
private struct DeletionRank: Comparable {
  var isAssigned: Int
  var phase: Int
  var isReady: Int
  var readySince: Int64
  var restarts: Int
  var age: Int64

  static func < (left: DeletionRank, right: DeletionRank) -> Bool {
    (left.isAssigned, left.phase, left.isReady, left.readySince, left.restarts, left.age)
      < (right.isAssigned, right.phase, right.isReady, right.readySince, right.restarts, right.age)
  }
}

extension OwnerReference {
  /// The reference that pods of a job carry.
  init(controller job: Job) {
    self.init()
    apiVersion = Kind.job.apiVersion
    kind = Kind.job.rawValue
    name = job.metadata.name
    uid = job.metadata.uid
    controller = true
    blockOwnerDeletion = true
  }
}

extension PodSpec {
  /// Gives every container its index, unless the manifest sets the variable itself.
  mutating func addCompletionIndex() {
    var source = EnvVarSource()
    source.fieldRef = FieldSelector()
    source.fieldRef?.apiVersion = "v1"
    source.fieldRef?.fieldPath = "metadata.labels['batch.kubernetes.io/job-completion-index']"
    var variable = EnvVar()
    variable.name = "JOB_COMPLETION_INDEX"
    variable.valueFrom = source
    func add(_ container: inout Container) {
      if !container.env.contains(where: { $0.name == variable.name }) { container.env.append(variable) }
    }
    for index in self.containers.indices { add(&self.containers[index]) }
    for index in self.initContainers.indices { add(&self.initContainers[index]) }
  }
}

extension String {
  /// Whether a name that starts with this text can be a DNS subdomain.
  fileprivate var isDNSLabelPrefix: Bool {
    utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 46 }
  }
}
