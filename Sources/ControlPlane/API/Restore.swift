public import KubeModel

extension ControlPlane {
  /// Comes back from storage with objects as they were last stored.
  ///
  /// What ran when they were stored runs no more: its containers are reported as lost (`ContainerStatusUnknown`,
  /// exit code 137), as a kubelet does after a crash of its node, and restart or fail as their pod's policy says.
  /// Failed nodes are still down. Backoffs start anew, as they do when Kubernetes' controller restarts.
  ///
  /// - Parameter version: the version of the latest change that was stored.
  public init(
    restoring objects: [KubeObject], version: UInt64, _ configuration: Configuration = Configuration(),
    at now: Instant
  ) {
    self.configuration = configuration
    self.now = now
    // Not the seed alone: what it gave before the restart is taken. The version is scrambled first, because seeds
    // that differ by the generator's own step give the same sequence, only shifted.
    var scrambled = SeededGenerator(seed: ~version)
    random = SeededGenerator(seed: configuration.seed ^ scrambled.next())
    feed = ChangeFeed(version: version)
    restore(objects)
    if others[ObjectKey(.namespace, name: "default")] == nil { createDefaultNamespace() }
    restoreRootCertificate()
    // A cluster that was stored before there were accounts and certificates has none.
    for key in others.keys.sorted() where key.kind == .namespace {
      keepServiceAccount(in: key.name)
      keepRootCertificate(in: key.name)
    }
    addSystemObjects()
    resume()
  }

  private mutating func restore(_ objects: [KubeObject]) {
    let byAge = objects.sorted {
      (UInt64($0.metadata.resourceVersion) ?? 0, $0.key) < (UInt64($1.metadata.resourceVersion) ?? 0, $1.key)
    }
    for object in byAge {
      switch object {
      case .job(let job):
        let slot = jobs.insert(JobEntry(job: job))
        namespacePopulation[job.metadata.namespace, default: 0] += 1
        jobs.entries[slot].record.indexes.restore(
          succeeded: IndexRanges(stored: job.status.completedIndexes),
          failed: IndexRanges(stored: job.status.failedIndexes ?? ""))
        if job.spec.manualSelector == true { manualSelectorJobs.insert(slot) }
        ownership.add(object.key, owners: job.metadata.ownerReferences)
      case .node(let node):
        others[object.key] = object
        scheduler.setNode(node)
        if node.readiness == "Unknown" {
          failedNodes[node.metadata.name] = FailedNode(
            since: node.status.conditions["Ready"]?.lastTransitionTime ?? now)
        }
        let taints = node.spec.taints.filter { $0.effect == "NoExecute" }
        if !taints.isEmpty { noExecuteTaints[node.metadata.name] = taints }
        reviewService(of: node)
        ownership.add(object.key, owners: node.metadata.ownerReferences)
      case .event(let event):
        if let record = EventRecord(event), record.event(version: 0).metadata.uid == event.metadata.uid {
          events.restore(record)
        } else {
          others[object.key] = object
          namespacePopulation[object.metadata.namespace, default: 0] += 1
          let due = max(now, (event.lastSeen ?? now) + EventStore.timeToLive)
          clientEvents[object.key] = due
          timers.set(.expireClientEvent(object.key), at: due)
        }
      case .pod: break
      case .cronJob(let cronJob):
        others[object.key] = object
        namespacePopulation[cronJob.metadata.namespace, default: 0] += 1
        cronRecords[cronJob.metadata.uid] = CronJobRecord()
        ownership.add(object.key, owners: cronJob.metadata.ownerReferences)
      default:
        others[object.key] = object
        tellScheduler(of: object, exists: true)
        if object.kind.isNamespaced { namespacePopulation[object.metadata.namespace, default: 0] += 1 }
        noteDefaultClass(object)
        ownership.add(object.key, owners: object.metadata.ownerReferences)
      }
    }
    for object in byAge {
      if case .pod(let pod) = object { restore(pod) }
    }
    for slot in jobs.slotsByAge {
      if let owner = jobs.entries[slot].job.metadata.controller { cronRecords[owner.uid]?.jobs.append(slot) }
    }
  }

  private mutating func restore(_ pod: Pod) {
    let slot = pods.insert(PodEntry(pod: pod))
    namespacePopulation[pod.metadata.namespace, default: 0] += 1
    let owners = pod.metadata.ownerReferences
    if !owners.isEmpty { ownership.add(pod.metadata.key(.pod), owners: owners.indexed(for: .pod)) }
    if !pod.spec.nodeName.isEmpty { reachNode(slot) }
    if pod.status.phase.isTerminal {
      pods.entries[slot].isTerminated = true
      podGC.note(pod, pods.ref(slot))
    }
    if let owner = pod.metadata.controller, let job = jobs.slot(uid: owner.uid) {
      pods.entries[slot].job = job
      pods.entries[slot].index = pod.completionIndex
      jobs.entries[job].record.pods.insert(slot)
      if !pod.status.phase.isTerminal, let index = pod.completionIndex,
        jobs.entries[job].record.indexes.isGiven(index)
      {
        jobs.entries[job].record.hasAdopted = true
      }
      restoreFailures(slot, of: job)
      restand(slot)
    } else if pod.metadata.controller == nil {
      orphanPods.insert(slot)
    }
    if !pod.spec.nodeName.isEmpty, !pod.status.phase.isTerminal { assignPod(slot) }
  }

  /// What the pod and its annotations tell about failures of its index; those that were not counted are added later.
  private mutating func restoreFailures(_ slot: Int, of job: Int) {
    let pod = pods.entries[slot].pod
    guard let index = pods.entries[slot].index else { return }
    let wasCounted =
      pod.status.phase == .failed && !pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer)
    let known = jobs.entries[job].record.failuresByIndex[index] ?? 0
    jobs.entries[job].record.failuresByIndex[index] =
      pod.metadata.annotations[JobAnnotation.indexFailureCount] == nil
      ? known + (wasCounted ? 1 : 0) : max(known, IndexFailures(of: pod).total + (wasCounted ? 1 : 0))
  }

  /// Sets everything going again.
  private mutating func resume() {
    for slot in pods.slotsByAge {
      finishInterruptedDeletion(slot)
      let pod = pods.entries[slot].pod
      if pods.entries[slot].sequence == 0 { continue }
      if pod.status.phase.isTerminal {
        // The crash may have come after the end of a pod that is being deleted, before that let it go.
        finishStop(slot)
        continue
      }
      if pod.spec.nodeName.isEmpty {
        enqueuePod(slot)
      } else if node(pod.spec.nodeName) == nil {
        failWithoutNode(slot)
        continue
      } else {
        resumeAfterCrash(slot)
      }
      if pods.slot(uid: pod.metadata.uid) == slot { restoreTaintEviction(slot) }
    }
    resumeCollections()
    for slot in jobs.slotsByAge {
      countLeftovers(slot)
      setExpiryTimer(slot)
      resumeDeletion(slot)
      if jobs.entries[slot].sequence != 0 { queueSync(slot) }
    }
    for key in others.keys.sorted() where key.kind == .namespace {
      if case .namespace(let namespace)? = others[key], namespace.status.phase == "Terminating" {
        emptyNamespace(key.name)
      }
    }
    for key in others.keys.sorted() where key.kind == .cronJob { queueCronSync(key) }
    advance(to: now)
  }

  /// What the collectors had to do goes on.
  private mutating func resumeCollections() {
    for slot in pods.slotsByAge {
      let metadata = pods.entries[slot].pod.metadata
      let node = pods.entries[slot].pod.spec.nodeName
      if !node.isEmpty, self.node(node) == nil { quarantine(node) }
      if metadata.deletionTimestamp != nil, node.isEmpty { podGC.unscheduled.append(pods.ref(slot)) }
      let isJobsOwn = pods.entries[slot].job != nil && metadata.ownerReferences.count == 1
      if !metadata.ownerReferences.isEmpty && !isJobsOwn
        || metadata.finalizers.contains(ControlPlane.foregroundFinalizer)
      {
        collectible.append(metadata.key(.pod))
      }
    }
    for slot in jobs.slotsByAge where !jobs.entries[slot].job.metadata.ownerReferences.isEmpty {
      let metadata = jobs.entries[slot].job.metadata
      collectible.append(metadata.key(.job))
    }
    for key in others.keys.sorted() {
      guard let metadata = others[key]?.metadata else { continue }
      if metadata.deletionTimestamp != nil {
        delete(key, others[key]?.defaultPropagationPolicy ?? .background)
      } else if !metadata.ownerReferences.isEmpty {
        collectible.append(key)
      }
    }
  }

  /// The crash may have come between the steps of a pod's deletion, or of its job's.
  private mutating func finishInterruptedDeletion(_ slot: Int) {
    if pods.entries[slot].job == nil { removeFinalizer(slot) }
    if pods.entries[slot].sequence != 0, pods.entries[slot].pod.metadata.deletionTimestamp != nil,
      pods.entries[slot].pod.status.phase.isTerminal, !isReadyToGo(slot)
    {
      let now = now.truncatedToSeconds
      changePod(slot) { pod in
        pod.metadata.deletionTimestamp = now
        pod.metadata.deletionGracePeriodSeconds = 0
      }
    }
    guard pods.entries[slot].sequence != 0 else { return }
    if isReadyToGo(slot) {
      if pods.entries[slot].pod.metadata.finalizers.isEmpty { removePod(slot) }
    } else if pods.entries[slot].pod.status.phase.isTerminal {
      // Its containers had ended, and nobody else will say so again.
      finishStop(slot)
    }
  }

  /// Pods that were written down as uncounted and whose finalizer is gone had been counted, but for the writing.
  private mutating func countLeftovers(_ slot: Int) {
    var status = jobs.entries[slot].job.status
    guard let uncounted = status.uncountedTerminatedPods, uncounted != UncountedTerminatedPods() else { return }
    func isCounted(_ uid: String) -> Bool {
      guard let pod = pods.slot(uid: uid) else { return true }
      return !pods.entries[pod].pod.metadata.finalizers.contains(ControlPlane.trackingFinalizer)
    }
    status.succeeded += uncounted.succeeded.count(where: isCounted)
    status.failed += uncounted.failed.count(where: isCounted)
    status.uncountedTerminatedPods = UncountedTerminatedPods()
    changeJob(slot) { $0.status = status }
  }

  private mutating func resumeAfterCrash(_ slot: Int) {
    let pod = pods.entries[slot].pod
    if pod.metadata.deletionTimestamp != nil {
      let now = now
      if pod.hasRunningContainer { changePod(slot) { $0.loseContainers(at: now) } }
      return finishStop(slot)
    }
    if let seconds = pod.spec.activeDeadlineSeconds, let start = pod.status.startTime {
      timers.set(.podDeadline(pods.ref(slot)), at: max(now, start + .seconds(seconds)))
    }
    let numbers = 0..<(pod.spec.initContainers.count + pod.spec.containers.count)
    for number in numbers {
      let status = pod.status.container(number)
      guard let running = status.state.running else { continue }
      let id = ContainerID(podUID: pod.metadata.uid, container: status.name, attempt: status.restartCount)
      receive(
        .exited(
          id,
          ContainerExit(
            exitCode: 137, reason: "ContainerStatusUnknown",
            message: "The container could not be located when the pod was terminated",
            startedAt: running.startedAt ?? now, finishedAt: now)))
    }
    // Those that waited for their restart before the crash do not wait again, unless the pod has failed by now.
    for number in numbers where pod.status.container(number).state.waiting != nil {
      if !pod.status.container(number).isFresh { restartAfterBackoff(slot, container: number) }
    }
    if pods.slot(uid: pod.metadata.uid) == slot { launchContainers(slot) }
  }
}

extension Pod {
  /// The completion index that the pod's annotation tells.
  var completionIndex: Int? {
    metadata.annotations[JobLabel.completionIndex].flatMap { Int($0) }
  }
}

extension IndexRanges {
  /// The indexes that the controller itself wrote down.
  fileprivate init(stored text: String) {
    self = (try? IndexRanges(parsing: text, completions: Int.max)) ?? IndexRanges()
  }
}
