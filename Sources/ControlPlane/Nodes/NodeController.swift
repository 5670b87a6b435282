import KubeModel

// Nodes: registration, cordon, failure and return (Kubernetes: node lifecycle controller).
extension ControlPlane {
  func node(_ name: String) -> Node? {
    guard case .node(let node)? = others[ObjectKey(.node, name: name)] else { return nil }
    return node
  }

  /// Takes in a new node as its kubelet would register it: whatever conditions its manifest does not give are well.
  mutating func register(_ node: Node) {
    var node = node
    let known = node.status.conditions
    node.setKubeletConditions(at: now)
    for condition in known { node.status.conditions.replace(condition) }
    node.applyConditionTaints(at: now)
    addOther(.node(node))
    let name = node.metadata.name
    podGC.missingNodes[name] = nil
    if node.readiness == "Unknown" {
      failedNodes[name] = failedNodes[name] ?? FailedNode(since: now)
    } else {
      // A node of that name may have failed and been deleted; its pods are still there.
      endOutage(name)
    }
    scheduler.setNode(node)
    emitForNode(
      node, .nodeController, "RegisteredNode", "Node \(name) event: Registered Node \(name) in Controller")
    reviewTaints(of: node)
  }

  /// Takes in a node whose metadata or spec a client has changed.
  mutating func nodeChanged(_ node: Node, from old: Node) {
    var node = node
    node.applyConditionTaints(at: now)
    changeOther(.node(node))
    scheduler.setNode(node)
    if node.spec.unschedulable != old.spec.unschedulable {
      let state = node.spec.unschedulable ? "NodeNotSchedulable" : "NodeSchedulable"
      emitForNode(node, .kubelet, state, "Node \(node.metadata.name) status is now: \(state)")
    }
    reviewTaints(of: node)
  }

  /// Takes in what became of a node: whether it is ready, what it has.
  mutating func nodeStatusChanged(_ node: Node, from old: Node) {
    var node = node
    let name = node.metadata.name
    node.applyConditionTaints(at: now)
    changeOther(.node(node))
    scheduler.setNode(node)
    let wasReady = old.readiness == "True"
    let isReady = node.readiness == "True"
    if wasReady, !isReady {
      emitForNode(node, .nodeController, "NodeNotReady", "Node \(name) status is now: NodeNotReady")
    } else if !wasReady, isReady {
      emitForNode(node, .kubelet, "NodeReady", "Node \(name) status is now: NodeReady")
    }
    if node.readiness == "Unknown" { beginOutage(name) }
    if wasReady, !isReady { markPodsNotReady(on: name) }
    reviewTaints(of: node)
    if node.readiness != "Unknown" { endOutage(name) }
    if !wasReady, isReady { markPodsReady(on: name) }
  }

  private mutating func emitForNode(_ node: Node, _ source: EventSource, _ reason: String, _ message: String) {
    emit(
      EventRecord(
        kind: .node, metadata: node.metadata, reason: reason, message: message, isWarning: false, source: source,
        host: source == .kubelet ? node.metadata.name : "", at: now))
  }

  // MARK: Readiness of its pods

  /// Nobody should count on pods of a node that is not ready.
  private mutating func markPodsNotReady(on name: String) {
    let now = now
    for slot in podsOnNode(name) where pods.entries[slot].pod.status.conditions.isTrue("Ready") {
      changePod(slot) { $0.status.set("Ready", false, at: now) }
      emitForPod(slot, .nodeController, "NodeNotReady", "Node is not ready", isWarning: true)
    }
  }

  /// The kubelet says again what it sees.
  private mutating func markPodsReady(on name: String) {
    let now = now
    for slot in podsOnNode(name) where pods.entries[slot].pod.hasRunningContainer {
      guard !pods.entries[slot].pod.status.conditions.isTrue("Ready") else { continue }
      let isLaunching = pods.entries[slot].kubelet.isLaunching
      changePod(slot) { $0.refreshStatus(at: now, isLaunching: isLaunching) }
    }
  }

  // MARK: Failure

  /// The node goes down: what runs there is killed, and nobody hears of it until the node is back. Its taints drive
  /// its pods off when their tolerations run out, after 5 minutes unless the manifest says otherwise.
  mutating func failNode(_ name: String) throws(StatusError) {
    guard let old = node(name) else { throw .notFound(ObjectKey(.node, name: name)) }
    guard failedNodes[name] == nil else { return }
    var node = old
    node.setConditionsUnknown(at: now)
    nodeStatusChanged(node, from: old)
  }

  /// The node comes back: what happened on it becomes known.
  mutating func recoverNode(_ name: String) throws(StatusError) {
    guard let old = node(name) else { throw .notFound(ObjectKey(.node, name: name)) }
    guard failedNodes[name] != nil else { return }
    var node = old
    node.setKubeletConditions(at: now)
    nodeStatusChanged(node, from: old)
  }

  private mutating func beginOutage(_ name: String) {
    guard failedNodes[name] == nil else { return }
    failedNodes[name] = FailedNode(since: now)
    for slot in podsOnNode(name) {
      let pod = pods.entries[slot].pod
      if pod.hasRunningContainer || pods.entries[slot].kubelet.isLaunching {
        effects.append(.stop(podUID: pod.metadata.uid, gracePeriod: .zero))
      }
    }
  }

  private mutating func endOutage(_ name: String) {
    guard let failed = failedNodes.removeValue(forKey: name) else { return }
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

  // MARK: The end of a node

  /// Empties a node as `kubectl drain --force` does: a cordon, and an eviction of every pod that is on it.
  mutating func drainNode(_ name: String, gracePeriodSeconds: Int?) throws(StatusError) {
    guard let old = node(name) else { throw .notFound(ObjectKey(.node, name: name)) }
    if !old.spec.unschedulable {
      var node = old
      node.spec.unschedulable = true
      nodeChanged(node, from: old)
    }
    for slot in pods(on: name) where pods.entries[slot].pod.metadata.deletionTimestamp == nil {
      evict(
        slot, gracePeriodSeconds: gracePeriodSeconds, reason: "EvictionByEvictionAPI",
        message: "Eviction API: evicting")
    }
  }

  /// The node's object is gone: its pods go on until PodGC finds that the node does not come back.
  mutating func nodeRemoved(_ node: Node) {
    let name = node.metadata.name
    scheduler.removeNode(name)
    noExecuteTaints[name] = nil
    podGC.nodesOutOfService.remove(name)
    emitForNode(node, .nodeController, "RemovingNode", "Node \(name) event: Removing Node \(name) from Controller")
    if pods(on: name).isEmpty {
      failedNodes[name] = nil
    } else {
      quarantine(name)
    }
  }

  /// Pods on the node that have not finished, oldest first.
  func podsOnNode(_ name: String) -> [Int] {
    (assignedPods[name] ?? []).sorted { pods.entries[$0].sequence < pods.entries[$1].sequence }
  }
}
