import KubeModel

// How many pods a job should have now, and the making and removing of them (Kubernetes: manageJob).
extension ControlPlane {
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

  /// Active pods of an Indexed job that are of no use to it, and go first: they have no index or one that the job does
  /// not have (any more), or share it with a pod that has come further.
  private func uselessPods(_ slot: Int) -> Set<Int> {
    let spec = jobs.entries[slot].job.spec
    guard spec.completionMode == .indexed,
      jobs.entries[slot].record.hasAdopted || jobs.entries[slot].record.indexes.hasTaken(from: spec.completions ?? 0)
    else { return [] }
    var useless: Set<Int> = []
    var best: [Int: Int] = [:]
    for pod in jobs.entries[slot].record.active {
      guard let index = pods.entries[pod].index, spec.hasIndex(index) else {
        useless.insert(pod)
        continue
      }
      guard let other = best[index] else {
        best[index] = pod
        continue
      }
      let isBetter = removalRank(other) < removalRank(pod)
      best[index] = isBetter ? pod : other
      useless.insert(isBetter ? other : pod)
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

  /// Creates up to `number` pods and returns how many. Kubernetes starts with one and doubles while all goes well, so
  /// that a pod that is refused is refused once a sync; pods of a job are alike, so the first attempt tells.
  private mutating func createPods(_ slot: Int, _ number: Int) -> Int {
    do throws(StatusError) {
      let prototype = try podPrototype(slot)
      var count = 0
      for _ in 0..<number {
        guard let pod = makePod(slot, prototype, room: number - count) else { break }
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
      timers.set(.syncJob(jobs.ref(slot)), at: now + Duration.seconds(1).doubled(failures, upTo: .seconds(60)))
      return 0
    }
  }

  private mutating func makePod(_ slot: Int, _ prototype: Pod, room: Int) -> Int? {
    var pod = prototype
    var index: Int?
    if jobs.entries[slot].job.spec.completionMode == .indexed {
      guard
        let free = jobs.entries[slot].record.indexes.nextToRun(
          below: jobs.entries[slot].job.spec.completions ?? 0, at: now, room: room)
      else {
        return nil
      }
      index = free
      let text = String(free)
      let name = jobs.entries[slot].job.metadata.name
      if jobs.entries[slot].job.spec.backoffLimitPerIndex != nil {
        let history = failures(of: free, slot)
        pod.metadata.annotations[JobAnnotation.indexFailureCount] = String(history.counted)
        if history.ignored > 0 {
          pod.metadata.annotations[JobAnnotation.indexIgnoredFailureCount] = String(history.ignored)
        }
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
    if let index { jobs.entries[slot].record.noteSuccessor(index: index) }
    return made
  }

  /// How often the index has failed: its last failed pod tells, and counts itself.
  private func failures(of index: Int, _ slot: Int) -> IndexFailures {
    guard let last = jobs.entries[slot].record.lastFailed[index], let pod = pods.slot(last.ref) else {
      return IndexFailures()
    }
    var failures = IndexFailures(of: pods.entries[pod].pod)
    if last.outcome == .failed { failures.counted += 1 } else { failures.ignored += 1 }
    return failures
  }

  /// The pod that all of the job's pods are copies of, but for name, UID, time and index; they share its spec.
  private mutating func podPrototype(_ slot: Int) throws(StatusError) -> Pod {
    if let prototype = jobs.entries[slot].record.prototype,
      jobs.entries[slot].record.prototypeVersion == priorityClassVersion
    {
      return prototype
    }
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
    let known = podTemplate(ofCronJobOf: slot)
    if let known {
      pod.spec = known.admitted
      pod.status = known.status
    } else {
      if job.spec.completionMode == .indexed { pod.spec.addCompletionIndex() }
      pod.applyDefaults()
      try admit(&pod)
      if let owner = job.metadata.controller {
        cronTemplates[owner.uid]?.pod = PodTemplate(
          original: job.spec.template.spec, priorityClassVersion: priorityClassVersion, admitted: pod.spec,
          status: pod.status)
      }
    }
    jobs.entries[slot].record.prototype = pod
    jobs.entries[slot].record.prototypeVersion = priorityClassVersion
    jobs.entries[slot].record.requirements = known?.requirements
    return pod
  }

  /// What became of the same template when the last job of the same cron job had it.
  private func podTemplate(ofCronJobOf slot: Int) -> PodTemplate? {
    guard let owner = jobs.entries[slot].job.metadata.controller, let known = cronTemplates[owner.uid]?.pod,
      known.priorityClassVersion == priorityClassVersion
    else { return nil }
    let spec = jobs.entries[slot].job.spec.template.spec
    let isSame = spec.common.isIdentical(to: known.original.common) && spec.hostname == known.original.hostname
    return isSame && spec.nodeName == known.original.nodeName ? known : nil
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

  /// Deletes the pods that matter least.
  private mutating func deleteSurplus(_ slot: Int, _ surplus: Int, first useless: Set<Int>) {
    // Finding them looks at every active pod of the job; that happens once for a change of parallelism.
    let ranked = jobs.entries[slot].record.active.map { ($0, removalRank($0)) }.sorted { left, right in
      if useless.contains(left.0) != useless.contains(right.0) { return useless.contains(left.0) }
      return left.1 < right.1
    }
    for (pod, _) in ranked.prefix(min(surplus, ControlPlane.podsPerSync)) {
      deletePodOfJob(slot, pod, keepingFinalizer: false)
    }
    if surplus > ControlPlane.podsPerSync { queueSync(slot) }
  }

  private func removalRank(_ slot: Int) -> RemovalRank {
    RemovalRank(pods.entries[slot].pod, sequence: pods.entries[slot].sequence)
  }
}

/// The pods of a job before they have names: its template as it came, and with all that pods get at their creation.
struct PodTemplate: Sendable {
  var original: PodSpec
  var priorityClassVersion: Int
  var admitted: PodSpec
  var status: PodStatus
  /// What the scheduler made of it, if that is the same for all pods.
  var requirements: PodRequirements?
}

/// Which pod a job can best do without: the smaller rank goes first (Kubernetes: controller.ActivePods).
struct RemovalRank: Comparable {
  /// Unassigned before assigned.
  private var isAssigned: Int
  /// Pending before Unknown before Running.
  private var phase: Int
  /// Not ready before ready.
  private var isReady: Int
  /// Ready for a short time before ready for long.
  private var readySince: Int64
  /// Many restarts before few: of the container that restarted most, then of the sidecar that did.
  private var restarts: Int
  private var sidecarRestarts: Int
  /// Newer before older.
  private var age: Int64

  init(_ pod: Pod, sequence: UInt64) {
    isAssigned = pod.spec.nodeName.isEmpty ? 0 : 1
    phase = pod.status.phase == .pending ? 0 : pod.status.phase == .running ? 2 : 1
    let ready = pod.status.conditions["Ready"].flatMap { $0.isTrue ? $0 : nil }
    isReady = ready == nil ? 0 : 1
    readySince = -(ready?.lastTransitionTime?.microseconds ?? 0)
    restarts = -(pod.status.containerStatuses.map(\.restartCount).max() ?? 0)
    let sidecars = zip(pod.spec.initContainers, pod.status.initContainerStatuses).filter { $0.0.isSidecar }
    sidecarRestarts = -(sidecars.map(\.1.restartCount).max() ?? 0)
    age = -Int64(bitPattern: sequence)
  }

  private var order: [Int64] {
    [Int64(isAssigned), Int64(phase), Int64(isReady), readySince, Int64(restarts), Int64(sidecarRestarts), age]
  }

  static func < (left: RemovalRank, right: RemovalRank) -> Bool { left.order.lexicographicallyPrecedes(right.order) }
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
