import KubeModel

// Taints with the effect NoExecute drive pods off that do not tolerate them (Kubernetes: taint_eviction.go).
extension ControlPlane {
  /// Takes in the taints of a node: new, changed or as they were.
  mutating func reviewTaints(of node: Node) {
    reviewService(of: node)
    let name = node.metadata.name
    let taints = node.spec.taints.filter { $0.effect == "NoExecute" }
    guard taints != noExecuteTaints[name] ?? [] else { return }
    noExecuteTaints[name] = taints.isEmpty ? nil : taints
    for slot in podsOnNode(name) { reviewTaints(ofPod: slot, since: now) }
  }

  /// Decides when a pod has to leave its node.
  ///
  /// - Parameter start: when its tolerations began to run.
  mutating func reviewTaints(ofPod slot: Int, since start: Instant) {
    let taints = noExecuteTaints[pods.entries[slot].pod.spec.nodeName] ?? []
    guard !pods.entries[slot].pod.status.phase.isTerminal, pods.entries[slot].pod.metadata.deletionTimestamp == nil,
      !taints.isEmpty || pods.entries[slot].taintEviction != nil
    else { return }
    let tolerations = pods.entries[slot].pod.spec.tolerations
    guard let seconds = tolerations.stay(with: taints)?.seconds else { return cancelTaintEviction(slot) }
    if pods.entries[slot].taintEviction != nil {
      // As upstream: an eviction that waits is not put forward or off, but for one that is due at once.
      guard seconds == 0 else { return }
      cancelTaintEviction(slot)
    }
    let due = max(now, start + .seconds(seconds))
    pods.entries[slot].taintEviction = due
    timers.set(.evictByTaint(pods.ref(slot)), at: due)
  }

  mutating func cancelTaintEviction(_ slot: Int) {
    guard pods.entries[slot].taintEviction != nil else { return }
    pods.entries[slot].taintEviction = nil
    let metadata = pods.entries[slot].pod.metadata
    emitForPod(
      slot, .taintManager, "TaintManagerEviction", "Cancelling deletion of Pod \(metadata.namespace)/\(metadata.name)")
  }

  mutating func evictByTaint(_ slot: Int) {
    guard let due = pods.entries[slot].taintEviction, due <= now else { return }
    pods.entries[slot].taintEviction = nil
    let pod = pods.entries[slot].pod
    guard !pod.status.phase.isTerminal, pod.metadata.deletionTimestamp == nil else { return }
    emitForPod(
      slot, .taintManager, "TaintManagerEviction",
      "Marking for deletion Pod \(pod.metadata.namespace)/\(pod.metadata.name)")
    evict(
      slot, gracePeriodSeconds: nil, reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint")
  }

  /// After a restart evictions that waited go on, from when the taint was added or the pod came.
  mutating func restoreTaintEviction(_ slot: Int) {
    let pod = pods.entries[slot].pod
    guard let taints = noExecuteTaints[pod.spec.nodeName] else { return }
    let added = taints.compactMap(\.timeAdded).min() ?? now
    let came = pod.status.conditions["PodScheduled"]?.lastTransitionTime ?? now
    reviewTaints(ofPod: slot, since: max(added, came))
  }
}
