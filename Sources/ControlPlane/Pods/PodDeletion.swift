import KubeModel

// The end of a pod: graceful deletion, deadlines, and letting the object go.
extension ControlPlane {
  /// Deletes a pod as the API server does: with its grace period where it may run somewhere, else at once.
  ///
  /// - Parameter gracePeriodSeconds: `nil` for the pod's own; 0 removes the object without waiting for its end.
  mutating func deletePod(_ slot: Int, gracePeriodSeconds: Int?) {
    guard pods.entries[slot].sequence != 0 else { return }
    let pod = pods.entries[slot].pod
    var grace = gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
    if grace < 0 { grace = 1 }
    if pod.spec.nodeName.isEmpty || pod.status.phase.isTerminal { grace = 0 }
    if let deletion = pod.metadata.deletionTimestamp {
      return shortenGrace(slot, to: grace, until: min(deletion, (now + .seconds(grace)).truncatedToSeconds))
    }
    if grace == 0 { stopProcesses(slot, .zero) }
    let deletion = (now + .seconds(grace)).truncatedToSeconds
    changePod(slot) { pod in
      pod.metadata.deletionTimestamp = deletion
      pod.metadata.deletionGracePeriodSeconds = grace
      if pod.metadata.generation > 0 { pod.metadata.generation += 1 }
    }
    leaveQueue(slot)
    if pod.spec.nodeName.isEmpty, !pod.metadata.finalizers.isEmpty {
      // No kubelet will end it: PodGC does.
      podGC.unscheduled.append(pods.ref(slot))
    }
    guard grace > 0 else {
      // Even then Kubernetes marks the object first and removes it second.
      return pod.metadata.finalizers.isEmpty ? removePod(slot) : finishStop(slot)
    }
    stopProcesses(slot, .seconds(grace))
    emitKilling(slot)
    finishStop(slot)
  }

  private mutating func shortenGrace(_ slot: Int, to grace: Int, until deletion: Instant) {
    guard grace < pods.entries[slot].pod.metadata.deletionGracePeriodSeconds ?? 0 else { return }
    stopProcesses(slot, .seconds(grace))
    if grace == 0, pods.entries[slot].pod.metadata.finalizers.isEmpty { return removePod(slot) }
    changePod(slot) { pod in
      pod.metadata.deletionTimestamp = deletion
      pod.metadata.deletionGracePeriodSeconds = grace
    }
    finishStop(slot)
  }

  private mutating func stopProcesses(_ slot: Int, _ grace: Duration) {
    let pod = pods.entries[slot].pod
    guard pod.hasRunningContainer || pods.entries[slot].kubelet.isLaunching else { return }
    effects.append(.stop(podUID: pod.metadata.uid, gracePeriod: grace))
  }

  /// Once nothing of a pod that is being deleted runs any more, the kubelet lets its object go.
  mutating func finishStop(_ slot: Int) {
    guard pods.entries[slot].pod.metadata.deletionTimestamp != nil else { return }
    let pod = pods.entries[slot].pod
    guard pod.metadata.deletionTimestamp != nil, !pod.hasRunningContainer, !pods.entries[slot].kubelet.isLaunching,
      failedNodes[pod.spec.nodeName] == nil, !pod.spec.nodeName.isEmpty
    else { return }
    if !pod.status.phase.isTerminal {
      let now = now
      changePod(slot) { $0.finish(at: now) }
    }
    if pods.entries[slot].pod.metadata.deletionGracePeriodSeconds != 0 {
      let now = now.truncatedToSeconds
      changePod(slot) { pod in
        pod.metadata.deletionTimestamp = now
        pod.metadata.deletionGracePeriodSeconds = 0
      }
    }
    if pods.entries[slot].pod.metadata.finalizers.isEmpty { removePod(slot) }
  }

  /// Whether only finalizers keep the object.
  func isReadyToGo(_ slot: Int) -> Bool {
    let metadata = pods.entries[slot].pod.metadata
    return metadata.deletionTimestamp != nil && metadata.deletionGracePeriodSeconds == 0
  }

  /// A pod that ran too long by its own activeDeadlineSeconds fails (kubelet: active_deadline.go).
  mutating func checkPodDeadline(_ slot: Int) {
    let pod = pods.entries[slot].pod
    guard !pod.status.phase.isTerminal, pod.metadata.deletionTimestamp == nil,
      failedNodes[pod.spec.nodeName] == nil, let seconds = pod.spec.activeDeadlineSeconds,
      let start = pod.status.startTime
    else { return }
    guard now - start >= .seconds(seconds) else {
      return timers.set(.podDeadline(pods.ref(slot)), at: start + .seconds(seconds))
    }
    guard !pods.entries[slot].kubelet.isPastDeadline else { return }
    pods.entries[slot].kubelet.isPastDeadline = true
    emitForPod(slot, .kubelet, "DeadlineExceeded", ControlPlane.deadlineMessage)
    emitKilling(slot)
    stopProcesses(slot, .seconds(pod.spec.terminationGracePeriodSeconds ?? 30))
    finishAfterDeadline(slot)
  }

  static let deadlineMessage = "Pod was active on the node longer than the specified deadline"

  /// A pod that ran too long has failed as soon as nothing of it runs any more, not before (kubelet: mergePodStatus).
  mutating func finishAfterDeadline(_ slot: Int) {
    let pod = pods.entries[slot].pod
    if !pod.status.phase.isTerminal, !pod.hasRunningContainer, !pods.entries[slot].kubelet.isLaunching {
      let now = now
      changePod(slot) { pod in
        pod.finish(at: now, hasFailed: true)
        pod.status.reason = "DeadlineExceeded"
        pod.status.message = ControlPlane.deadlineMessage
      }
    }
    finishStop(slot)
  }

  /// Evicts a pod: a deletion that marks it first (policy/v1 Eviction).
  mutating func evict(_ slot: Int, gracePeriodSeconds: Int?, reason: String, message: String) {
    let now = now
    if !pods.entries[slot].pod.status.phase.isTerminal {
      changePod(slot) { $0.status.set("DisruptionTarget", true, reason: reason, message: message, at: now) }
    }
    deletePod(slot, gracePeriodSeconds: gracePeriodSeconds)
  }
}
