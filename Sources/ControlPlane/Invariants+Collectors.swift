import KubeModel

// What must hold of the books of the garbage collector, of PodGC and of the taint manager. For tests.
extension ControlPlane {
  func checkCollectors() -> [String] {
    checkOwnership() + checkPodGC() + checkTaints()
  }

  private var allKeys: [ObjectKey] {
    let pods = self.pods.slotsByAge.map { self.pods.entries[$0].pod.metadata.key(.pod) }
    let jobs = self.jobs.slotsByAge.map { self.jobs.entries[$0].job.metadata.key(.job) }
    return pods + jobs + others.keys.sorted()
  }

  private func checkOwnership() -> [String] {
    var problems: [String] = []
    if !collectible.isEmpty { problems.append("objects are left for the collector") }
    var index = OwnershipIndex()
    for key in allKeys {
      guard let metadata = metadata(of: key) else { continue }
      index.add(key, owners: metadata.ownerReferences.indexed(for: key.kind))
      let states = metadata.ownerReferences.map { state(of: $0, for: key) }
      if metadata.deletionTimestamp == nil, !states.isEmpty, !states.contains(.unknown), !states.contains(.solid) {
        problems.append("\(key) has lost all of its owners and is still there")
      }
      guard metadata.deletionTimestamp != nil else { continue }
      if metadata.finalizers.isEmpty, key.kind != .pod, key.kind != .namespace {
        problems.append("\(key) is being deleted and nothing holds it")
      }
      let isForeground = metadata.finalizers.contains(ControlPlane.foregroundFinalizer)
      let hasPods = jobs.slot(uid: metadata.uid).map { !jobs.entries[$0].record.pods.isEmpty } ?? false
      if isForeground, !isBlocked(metadata.uid), !hasPods {
        problems.append("\(key) waits for dependents that it does not have")
      }
    }
    if index.all != ownership.all { problems.append("dependents \(ownership.all), by recount \(index.all)") }
    return problems
  }

  private func checkPodGC() -> [String] {
    var problems: [String] = []
    var terminated = 0
    var condemned = 0
    var byNode: [String: Int] = [:]
    for slot in pods.slotsByAge {
      let pod = pods.entries[slot].pod
      if pod.status.phase.isTerminal { terminated += 1 }
      if pods.entries[slot].isCondemned { condemned += 1 }
      if !pod.spec.nodeName.isEmpty { byNode[pod.spec.nodeName, default: 0] += 1 }
      let waits = pod.metadata.deletionTimestamp != nil && pod.spec.nodeName.isEmpty && !pod.status.phase.isTerminal
      if waits, !podGC.unscheduled.contains(pods.ref(slot)) {
        problems.append("pod \(pod.metadata.name) is being deleted and nobody will end it")
      }
    }
    if terminated != podGC.terminated || condemned != podGC.condemned {
      problems.append(
        "PodGC counts \(podGC.terminated)/\(podGC.condemned) pods, by recount \(terminated)/\(condemned)")
    }
    for (node, count) in byNode where self.pods(on: node).count != count {
      problems.append("\(self.pods(on: node).count) pods on node \(node), by recount \(count)")
    }
    if podGC.hasWork, podGC.timer == nil { problems.append("PodGC has work and no timer") }
    return problems
  }

  private func checkTaints() -> [String] {
    var problems: [String] = []
    var taints: [String: [Taint]] = [:]
    for case .node(let node) in others.values {
      let driving = node.spec.taints.filter { $0.effect == "NoExecute" }
      if !driving.isEmpty { taints[node.metadata.name] = driving }
      if (node.readiness == "Unknown") != (failedNodes[node.metadata.name] != nil) {
        problems.append("node \(node.metadata.name) is \(node.readiness) and its kubelet is not")
      }
      var tidy = node
      tidy.applyConditionTaints(at: now)
      if tidy.spec.taints != node.spec.taints { problems.append("node \(node.metadata.name) has the wrong taints") }
    }
    if taints != noExecuteTaints { problems.append("taints \(noExecuteTaints), by recount \(taints)") }
    for (node, slots) in assignedPods {
      for slot in slots where pods.entries[slot].pod.metadata.deletionTimestamp == nil {
        let tolerations = pods.entries[slot].pod.spec.tolerations
        let leaves = taints[node].map { tolerations.stay(with: $0) != nil } ?? false
        guard self.node(node) != nil, leaves != (pods.entries[slot].taintEviction != nil) else { continue }
        problems.append("pod \(pods.entries[slot].pod.metadata.name) has the wrong idea of when to leave \(node)")
      }
    }
    return problems
  }
}
