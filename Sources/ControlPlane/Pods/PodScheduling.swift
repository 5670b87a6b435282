import KubeModel

// Between the pod table and the scheduler.
extension ControlPlane {
  /// Hands a new pod to the scheduler, or to its node where the manifest names one.
  mutating func enqueuePod(_ slot: Int) {
    guard pods.entries[slot].pod.metadata.deletionTimestamp == nil else { return }
    if !pods.entries[slot].pod.spec.schedulingGates.isEmpty {
      let now = now
      return changePod(slot) { pod in
        pod.status.set(
          "PodScheduled", false, reason: "SchedulingGated",
          message: "Scheduling is blocked due to non-empty scheduling gates", at: now)
      }
    }
    // Another scheduler's business.
    let name = pods.entries[slot].pod.spec.schedulerName
    guard name.isEmpty || name == "default-scheduler" else { return }
    pods.entries[slot].scheduling = .waiting
    scheduler.enqueue(podID: slot, requirements(of: slot), identity(of: slot))
  }

  /// Tells the scheduler of a pod that is on a node already.
  mutating func assignPod(_ slot: Int) {
    let pod = pods.entries[slot].pod
    pods.entries[slot].scheduling = .assigned
    assignedPods[pod.spec.nodeName, default: []].insert(slot)
    scheduler.assign(
      podID: slot, requirements(of: slot), identity(of: slot), to: pod.spec.nodeName,
      started: pod.status.startTime ?? now)
    if pod.metadata.deletionTimestamp != nil { scheduler.markTerminating(podID: slot) }
  }

  /// What other pods' affinity may ask for.
  private func identity(of slot: Int) -> PodIdentity {
    PodIdentity(
      namespace: pods.entries[slot].pod.metadata.namespace, labels: pods.entries[slot].pod.metadata.labels)
  }

  /// Pods of one job share their requirements, unless these depend on labels in which the pods differ.
  private mutating func requirements(of slot: Int) -> PodRequirements {
    guard let job = pods.entries[slot].job,
      jobs.entries[job].record.prototype?.spec.common.isIdentical(to: pods.entries[slot].pod.spec.common) == true
    else { return PodRequirements(spec: pods.entries[slot].pod.spec, of: identity(of: slot)) }
    if let known = jobs.entries[job].record.requirements { return known }
    let requirements = PodRequirements(spec: pods.entries[slot].pod.spec, of: identity(of: slot))
    if !PodTerms.dependOnOwnLabels(pods.entries[slot].pod.spec.common.value) {
      jobs.entries[job].record.requirements = requirements
      // The next job of the same cron job asks for the same.
      if let owner = jobs.entries[job].job.metadata.controller?.uid,
        cronTemplates[owner]?.pod?.admitted.common.isIdentical(to: pods.entries[slot].pod.spec.common) == true
      {
        cronTemplates[owner]?.pod?.requirements = requirements
      }
    }
    return requirements
  }

  /// A namespace's labels decide whether other pods' affinity looks into it.
  mutating func tellScheduler(of object: KubeObject, exists: Bool) {
    guard object.kind == .namespace else { return }
    scheduler.setNamespace(object.metadata.name, labels: exists ? object.metadata.labels : nil)
  }

  /// A client has changed a pod: its labels may matter to others, its tolerations to itself.
  mutating func podChanged(_ slot: Int, from old: Pod) {
    let pod = pods.entries[slot].pod
    if pod.metadata.labels != old.metadata.labels { scheduler.setIdentity(podID: slot, identity(of: slot)) }
    guard pod.spec != old.spec else { return }
    if !old.spec.schedulingGates.isEmpty {
      if pod.spec.schedulingGates.isEmpty { enqueuePod(slot) }
    } else if pods.entries[slot].scheduling == .waiting {
      scheduler.enqueue(podID: slot, requirements(of: slot), identity(of: slot))
    }
  }

  mutating func schedulePods() {
    for decision in scheduler.schedule(at: now, using: &random) {
      switch decision {
      case .bound(let slot, let node):
        pods.entries[slot].scheduling = .assigned
        assignedPods[node, default: []].insert(slot)
        bind(slot, to: node)
      case .unschedulable(let slot, let message):
        reportFailure(slot, message, nominatedNode: "")
      case .preempting(let slot, let message, let node, let victims):
        reportFailure(slot, message, nominatedNode: node)
        for victim in victims { preempt(victim, for: slot, on: node) }
      case .withdrawn(let slot):
        changePod(slot) { $0.status.nominatedNodeName = "" }
      }
    }
  }

  private mutating func reportFailure(_ slot: Int, _ message: String, nominatedNode: String) {
    // Told of the pod as the scheduler knew it.
    emitForPod(slot, .scheduler, "FailedScheduling", message, isWarning: true)
    let now = now
    let known = pods.entries[slot].pod.status.conditions["PodScheduled"]
    if known?.message != message || known?.reason != "Unschedulable"
      || pods.entries[slot].pod.status.nominatedNodeName != nominatedNode
    {
      changePod(slot) { pod in
        pod.status.set("PodScheduled", false, reason: "Unschedulable", message: message, at: now)
        pod.status.nominatedNodeName = nominatedNode
      }
    }
  }

  /// Deletes a pod to make room for one of higher priority; nothing more is needed where it is going anyway.
  private mutating func preempt(_ victim: Int, for preemptor: Int, on node: String) {
    guard pods.entries[victim].sequence != 0, pods.entries[victim].pod.metadata.deletionTimestamp == nil else { return }
    let scheduler = pods.entries[preemptor].pod.spec.schedulerName
    let metadata = pods.entries[victim].pod.metadata
    let now = now
    changePod(victim) { pod in
      pod.status.set(
        "DisruptionTarget", true, reason: "PreemptionByScheduler",
        message: "\(scheduler): preempting to accommodate a higher priority pod", at: now)
    }
    deletePod(victim, gracePeriodSeconds: nil)
    emit(
      EventRecord(
        kind: .pod, metadata: metadata, reason: "Preempted",
        message: "Preempted by pod \(pods.entries[preemptor].pod.metadata.uid) on node \(node)", isWarning: false,
        source: .scheduler, related: ObjectReference(to: .pod, pods.entries[preemptor].pod.metadata), at: now))
  }

  /// A finished pod's place on its node is free again.
  mutating func releaseIfTerminal(_ slot: Int) {
    if pods.entries[slot].pod.status.phase.isTerminal { leaveScheduler(slot) }
  }

  /// Takes a pod that is being deleted out of the queue of those that wait for a node.
  mutating func leaveQueue(_ slot: Int) {
    if pods.entries[slot].scheduling == .assigned { scheduler.markTerminating(podID: slot) }
    guard pods.entries[slot].scheduling == .waiting else { return }
    pods.entries[slot].scheduling = .none
    scheduler.dequeue(podID: slot)
  }

  mutating func leaveScheduler(_ slot: Int) {
    leaveQueue(slot)
    guard pods.entries[slot].scheduling == .assigned else { return }
    pods.entries[slot].scheduling = .none
    scheduler.release(podID: slot)
    let node = pods.entries[slot].pod.spec.nodeName
    assignedPods[node]?.remove(slot)
    if assignedPods[node]?.isEmpty == true { assignedPods[node] = nil }
  }
}
