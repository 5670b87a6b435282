import KubeModel

// What a node's conditions and its cordon mean for its taints (Kubernetes: node_lifecycle_controller.go). Pure.

extension Node {
  /// What of `Ready` is known: `True`, `False` or `Unknown`.
  var readiness: String { status.conditions["Ready"]?.status ?? "Unknown" }

  /// A taint that the node controller sets and takes back, as a client cannot.
  struct ConditionTaint: Hashable, Sendable {
    var key: String
    var effect: String
  }

  /// The taints that the conditions and the cordon ask for.
  var conditionTaints: [ConditionTaint] {
    var taints: [ConditionTaint] = []
    func add(_ name: String, _ effects: String...) {
      for effect in effects { taints.append(ConditionTaint(key: "node.kubernetes.io/\(name)", effect: effect)) }
    }
    for condition in status.conditions {
      switch (condition.type, condition.status) {
      case ("Ready", "False"): add("not-ready", "NoSchedule", "NoExecute")
      case ("Ready", "Unknown"): add("unreachable", "NoSchedule", "NoExecute")
      case ("MemoryPressure", "True"): add("memory-pressure", "NoSchedule")
      case ("DiskPressure", "True"): add("disk-pressure", "NoSchedule")
      case ("PIDPressure", "True"): add("pid-pressure", "NoSchedule")
      case ("NetworkUnavailable", "True"): add("network-unavailable", "NoSchedule")
      default: break
      }
    }
    if spec.unschedulable { add("unschedulable", "NoSchedule") }
    return taints
  }

  /// Whether a taint is there only as long as a condition asks for it.
  static func isConditionTaint(_ taint: Taint) -> Bool {
    let prefix = "node.kubernetes.io/"
    guard taint.key.hasPrefix(prefix) else { return false }
    let name = String(taint.key.dropFirst(prefix.count))
    switch taint.effect {
    case "NoExecute": return ["not-ready", "unreachable"].contains(name)
    case "NoSchedule":
      return [
        "not-ready", "unreachable", "memory-pressure", "disk-pressure", "pid-pressure", "network-unavailable",
        "unschedulable",
      ].contains(name)
    default: return false
    }
  }

  /// Sets the taints that the conditions ask for and takes off those that they no longer ask for.
  mutating func applyConditionTaints(at now: Instant) {
    let wanted = conditionTaints
    spec.taints.removeAll { taint in
      Node.isConditionTaint(taint) && !wanted.contains { $0.key == taint.key && $0.effect == taint.effect }
    }
    for taint in wanted where !spec.taints.contains(where: { $0.key == taint.key && $0.effect == taint.effect }) {
      spec.taints.append(Taint(key: taint.key, effect: taint.effect, timeAdded: now))
    }
  }

  /// What a kubelet that is well says of its node.
  mutating func setKubeletConditions(at now: Instant) {
    for condition in [
      Condition(
        "MemoryPressure", false, reason: "KubeletHasSufficientMemory",
        message: "kubelet has sufficient memory available", at: now),
      Condition(
        "DiskPressure", false, reason: "KubeletHasNoDiskPressure", message: "kubelet has no disk pressure", at: now),
      Condition(
        "PIDPressure", false, reason: "KubeletHasSufficientPID", message: "kubelet has sufficient PID available",
        at: now),
      Condition("Ready", true, reason: "KubeletReady", message: "kubelet is posting ready status", at: now),
    ] {
      var condition = condition
      condition.lastHeartbeatTime = now
      status.conditions.replace(condition)
    }
  }

  /// What is known of a node whose kubelet is silent: nothing.
  mutating func setConditionsUnknown(at now: Instant) {
    for type in ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"] {
      var condition = Condition(
        type, false, reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status.", at: now)
      condition.status = "Unknown"
      condition.lastHeartbeatTime = status.conditions[type]?.lastHeartbeatTime
      status.conditions.replace(condition)
    }
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
