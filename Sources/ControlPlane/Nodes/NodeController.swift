import KubeModel

// Nodes: registration, cordon, failure and return (Kubernetes: node lifecycle controller, taint eviction).
extension ControlPlane {
  static let unreachable = "node.kubernetes.io/unreachable"
  static let unschedulable = "node.kubernetes.io/unschedulable"

  func node(_ name: String) -> Node? {
    guard case .node(let node)? = others[ObjectKey(.node, name: name)] else { return nil }
    return node
  }

  /// Takes in a new node as its kubelet would register it.
  mutating func register(_ node: Node) {
    var node = node
    for (type, reason, message) in [
      ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ] where node.status.conditions[type] == nil {
      node.status.conditions.append(Condition(type, false, reason: reason, message: message, at: now))
    }
    if node.status.conditions["Ready"] == nil { node.status.conditions.append(.kubeletReady(at: now)) }
    node.applySchedulability(at: now)
    addOther(.node(node))
    scheduler.setNode(node)
    emitForNode(
      node, .nodeController, "RegisteredNode",
      "Node \(node.metadata.name) event: Registered Node "
        + "\(node.metadata.name) in Controller")
  }

  /// Takes in a node that a client has changed.
  mutating func nodeChanged(_ node: Node, from old: Node) {
    var node = node
    node.applySchedulability(at: now)
    changeOther(.node(node))
    scheduler.setNode(node)
    if node.spec.unschedulable != old.spec.unschedulable {
      let state = node.spec.unschedulable ? "NodeNotSchedulable" : "NodeSchedulable"
      emitForNode(node, .kubelet, state, "Node \(node.metadata.name) status is now: \(state)")
    }
  }

  private mutating func emitForNode(_ node: Node, _ source: EventSource, _ reason: String, _ message: String) {
    emit(
      EventRecord(
        kind: .node, metadata: node.metadata, reason: reason, message: message, isWarning: false, source: source,
        host: source == .kubelet ? node.metadata.name : "", at: now))
  }

  // MARK: Failure

  /// The node goes down: what runs there is killed, and nobody hears of it until the node is back. Its pods are
  /// deleted when their tolerations of it run out, after 5 minutes unless the manifest says otherwise.
  mutating func failNode(_ name: String) throws(StatusError) {
    guard var node = node(name) else { throw .notFound(ObjectKey(.node, name: name)) }
    guard failedNodes[name] == nil else { return }
    failedNodes[name] = FailedNode(since: now)
    node.status.conditions.replace(
      Condition("Ready", false, reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status.", at: now)
        .unknown)
    node.spec.taints.append(Taint(key: ControlPlane.unreachable, effect: "NoSchedule", timeAdded: now))
    node.spec.taints.append(Taint(key: ControlPlane.unreachable, effect: "NoExecute", timeAdded: now))
    changeOther(.node(node))
    scheduler.setNode(node)
    emitForNode(node, .nodeController, "NodeNotReady", "Node \(name) status is now: NodeNotReady")
    for slot in podsOnNode(name) {
      let pod = pods.entries[slot].pod
      if pod.hasRunningContainer || !pods.entries[slot].kubelet.launching.isEmpty {
        effects.append(.stop(podUID: pod.metadata.uid, gracePeriod: .zero))
      }
      if pod.status.conditions.isTrue("Ready") {
        let now = now
        changePod(slot) { $0.status.set("Ready", false, reason: "NodeNotReady", at: now) }
        emitForPod(slot, .nodeController, "NodeNotReady", "Node is not ready", isWarning: true)
      }
      if let seconds = pod.spec.common.value.toleratedSeconds(of: ControlPlane.unreachable) {
        timers.set(.evictFromFailedNode(pods.ref(slot)), at: now + .seconds(seconds))
      }
    }
  }

  /// The node comes back: what happened on it becomes known.
  mutating func recoverNode(_ name: String) throws(StatusError) {
    guard var node = node(name) else { throw .notFound(ObjectKey(.node, name: name)) }
    guard let failed = failedNodes.removeValue(forKey: name) else { return }
    node.status.conditions.replace(.kubeletReady(at: now))
    node.spec.taints.removeAll { $0.key == ControlPlane.unreachable }
    changeOther(.node(node))
    scheduler.setNode(node)
    emitForNode(node, .kubelet, "NodeReady", "Node \(name) status is now: NodeReady")
    for report in failed.reports { receive(report) }
    for slot in podsOnNode(name) { resumeAfterOutage(slot) }
  }

  /// Goes on with what the kubelet left undone while its node was down.
  private mutating func resumeAfterOutage(_ slot: Int) {
    let count = pods.entries[slot].pod.spec.initContainers.count + pods.entries[slot].pod.spec.containers.count
    for number in 0..<count {
      let status = pods.entries[slot].pod.status.container(number)
      if status.state.waiting != nil, !status.isFresh { restartAfterBackoff(slot, container: number) }
    }
    checkPodDeadline(slot)
    launchContainers(slot)
    finishStop(slot)
  }

  mutating func evictFromFailedNode(_ slot: Int) {
    let pod = pods.entries[slot].pod
    guard let failed = failedNodes[pod.spec.nodeName], pod.metadata.deletionTimestamp == nil,
      let seconds = pod.spec.common.value.toleratedSeconds(of: ControlPlane.unreachable),
      now - failed.since >= .seconds(seconds)
    else { return }
    emitForPod(
      slot, .taintManager, "TaintManagerEviction",
      "Marking for deletion Pod \(pod.metadata.namespace)/\(pod.metadata.name)")
    evict(
      slot, gracePeriodSeconds: nil, reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint")
  }

  /// The node is deleted: PodGC fails and removes its pods.
  mutating func removeNode(_ name: String) {
    failedNodes[name] = nil
    let orphans = podsOnNode(name)
    removeOther(ObjectKey(.node, name: name))
    scheduler.removeNode(name)
    for slot in orphans {
      let pod = pods.entries[slot].pod
      effects.append(.stop(podUID: pod.metadata.uid, gracePeriod: .zero))
      pods.entries[slot].kubelet.launching = []
      let now = now
      changePod(slot) { pod in
        pod.status.set(
          "DisruptionTarget", true, reason: "DeletionByPodGC", message: "PodGC: node no longer exists", at: now)
        pod.loseContainers(at: now)
        pod.status.phase = .failed
      }
      deletePod(slot, gracePeriodSeconds: 0)
    }
  }

  /// Pods on the node that have not finished, oldest first.
  func podsOnNode(_ name: String) -> [Int] {
    (assignedPods[name] ?? []).sorted { pods.entries[$0].sequence < pods.entries[$1].sequence }
  }
}

extension Condition {
  static func kubeletReady(at time: Instant) -> Condition {
    Condition("Ready", true, reason: "KubeletReady", message: "kubelet is posting ready status", at: time)
  }

  var unknown: Condition {
    var condition = self
    condition.status = "Unknown"
    return condition
  }
}

extension [Condition] {
  mutating func replace(_ condition: Condition) {
    if let index = firstIndex(where: { $0.type == condition.type }) {
      self[index] = condition
    } else {
      append(condition)
    }
  }
}

extension Node {
  /// A cordoned node carries the taint that says so.
  mutating func applySchedulability(at now: Instant) {
    let isTainted = spec.taints.contains { $0.key == ControlPlane.unschedulable }
    if spec.unschedulable, !isTainted {
      spec.taints.append(Taint(key: ControlPlane.unschedulable, effect: "NoSchedule", timeAdded: now))
    } else if !spec.unschedulable, isTainted {
      spec.taints.removeAll { $0.key == ControlPlane.unschedulable }
    }
  }
}

extension PodSpecCommon {
  /// How long the pod stays on a node with the NoExecute taint `key`, in seconds; `nil` for ever.
  func toleratedSeconds(of key: String) -> Int? {
    for toleration in tolerations
    where (toleration.key.isEmpty || toleration.key == key)
      && (toleration.effect.isEmpty || toleration.effect == "NoExecute")
    {
      return toleration.tolerationSeconds
    }
    return 0
  }
}

extension Pod {
  /// Marks what ran as lost: nobody saw how it ended (kubelet: ContainerStatusUnknown, exit code 137).
  mutating func loseContainers(at time: Instant) {
    func lose(_ status: inout ContainerStatus) {
      guard let running = status.state.running else { return }
      var terminated = ContainerState.Terminated()
      terminated.containerID = status.containerID
      terminated.exitCode = 137
      terminated.reason = "ContainerStatusUnknown"
      terminated.message = "The container could not be located when the pod was terminated"
      terminated.startedAt = running.startedAt
      terminated.finishedAt = time
      status.state = ContainerState()
      status.state.terminated = terminated
      status.ready = false
      status.started = false
    }
    for index in status.initContainerStatuses.indices { lose(&status.initContainerStatuses[index]) }
    for index in status.containerStatuses.indices { lose(&status.containerStatuses[index]) }
  }
}
