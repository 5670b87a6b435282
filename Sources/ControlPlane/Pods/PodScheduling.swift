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
    scheduler.enqueue(podID: slot, requirements(of: slot))
  }

  private mutating func requirements(of slot: Int) -> PodRequirements {
    guard let job = pods.entries[slot].job,
      jobs.entries[job].record.prototype?.spec.common.isIdentical(to: pods.entries[slot].pod.spec.common) == true
    else { return PodRequirements(spec: pods.entries[slot].pod.spec) }
    if let known = jobs.entries[job].record.requirements { return known }
    let requirements = PodRequirements(spec: pods.entries[slot].pod.spec)
    jobs.entries[job].record.requirements = requirements
    return requirements
  }

  mutating func schedulePods() {
    for decision in scheduler.schedule(at: now, using: &random) {
      switch decision {
      case .bound(let slot, let node):
        pods.entries[slot].scheduling = .assigned
        assignedPods[node, default: []].insert(slot)
        bind(slot, to: node)
      case .unschedulable(let slot, let message):
        let now = now
        let known = pods.entries[slot].pod.status.conditions["PodScheduled"]
        if known?.message != message || known?.reason != "Unschedulable" {
          changePod(slot) { pod in
            pod.status.set("PodScheduled", false, reason: "Unschedulable", message: message, at: now)
          }
        }
        emitForPod(slot, .scheduler, "FailedScheduling", message, isWarning: true)
      }
    }
  }

  /// A finished pod's place on its node is free again.
  mutating func releaseIfTerminal(_ slot: Int) {
    if pods.entries[slot].pod.status.phase.isTerminal { leaveScheduler(slot) }
  }

  /// Takes a pod that is being deleted out of the queue of those that wait for a node.
  mutating func leaveQueue(_ slot: Int) {
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
