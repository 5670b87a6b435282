extension Describe {
  /// A pod with its events.
  public static func pod(_ pod: Pod, events: [Event], now: Instant, details: Bool = false) -> String {
    var out = Describer(now: now)
    let spec = pod.spec
    let status = pod.status
    out.head(pod.metadata)
    if let priority = spec.priority { out.field("Priority", "\(priority)") }
    if !spec.priorityClassName.isEmpty { out.field("Priority Class Name", spec.priorityClassName) }
    if let name = spec.runtimeClassName, !name.isEmpty { out.field("Runtime Class Name", name) }
    if !spec.serviceAccountName.isEmpty { out.field("Service Account", spec.serviceAccountName) }
    out.field("Node", spec.nodeName.isEmpty ? "<none>" : "\(spec.nodeName)/\(status.hostIP)")
    if let time = status.startTime { out.field("Start Time", time.rfc1123) }
    out.labels("Labels", pod.metadata.labels)
    out.annotations("Annotations", pod.metadata.annotations)
    if let deletion = pod.metadata.deletionTimestamp, !status.phase.isTerminal {
      out.field("Status", "Terminating (lasts \(humanAge(of: deletion, now: now)))")
      out.field("Termination Grace Period", "\(pod.metadata.deletionGracePeriodSeconds ?? 0)s")
    } else {
      out.field("Status", status.phase.rawValue)
    }
    if !status.reason.isEmpty { out.field("Reason", status.reason) }
    if !status.message.isEmpty { out.field("Message", status.message) }
    out.field("IP", status.podIP)
    let addresses = (status.podIPs?.array ?? []).compactMap { $0["ip"]?.string }
    if addresses.isEmpty {
      out.field("IPs", "<none>")
    } else {
      out.line(0, "IPs:")
      for address in addresses { out.field("IP", address, level: 1) }
    }
    out.controller(pod.metadata)
    if !status.nominatedNodeName.isEmpty { out.field("NominatedNodeName", status.nominatedNodeName) }
    if let resources = spec.resources {
      out.line(0, "Resources:")
      out.resources(resources.limits, "Limits", level: 1)
      out.resources(resources.requests, "Requests", level: 1)
    }
    if !spec.initContainers.isEmpty {
      out.containers(
        "Init Containers", spec.initContainers, statuses: status.initContainerStatuses, pod: pod, space: "")
    }
    out.containers("Containers", spec.containers, statuses: status.containerStatuses, pod: pod, space: "")
    if details {
      out.conditions(status.conditions)
    } else if !status.conditions.isEmpty {
      out.line(0, "Conditions:\n  Type\tStatus")
      for condition in status.conditions { out.line(1, "\(clean(condition.type)) \t\(clean(condition.status)) ") }
    }
    out.volumes(spec.volumes, space: "")
    out.field("QoS Class", status.qosClass.isEmpty ? qosClass(of: spec) : status.qosClass)
    out.labels("Node-Selectors", spec.nodeSelector)
    out.tolerations("Tolerations", spec.tolerations)
    out.events(events)
    return out.text
  }

  /// A node with the pods on it and its events.
  public static func node(_ node: Node, pods: [Pod], events: [Event], now: Instant) -> String {
    var out = Describer(now: now)
    out.field("Name", node.metadata.name)
    out.field("Roles", NodeDisplay(node).roles)
    out.labels("Labels", node.metadata.labels)
    out.annotations("Annotations", node.metadata.annotations)
    if let time = node.metadata.creationTimestamp { out.field("CreationTimestamp", time.rfc1123) }
    let taints = node.spec.taints.map { taint in
      "\(clean(taint.key))\(taint.value.isEmpty ? "" : "=\(clean(taint.value))"):\(clean(taint.effect))"
    }
    out.write("Taints:\t" + (taints.isEmpty ? "<none>" : taints.joined(separator: "\n\t")) + "\n")
    out.field("Unschedulable", "\(node.spec.unschedulable)")
    if !node.status.conditions.isEmpty {
      out.line(0, "Conditions:")
      out.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage")
      out.line(1, "----\t------\t-----------------\t------------------\t------\t-------")
      for condition in node.status.conditions {
        out.line(
          1,
          "\(clean(condition.type)) \t\(clean(condition.status)) \t"
            + "\(condition.lastHeartbeatTime?.rfc1123 ?? "<unknown>") \t"
            + "\(condition.lastTransitionTime?.rfc1123 ?? "<unknown>") \t\(clean(condition.reason)) \t"
            + "\(clean(condition.message)) ")
      }
    }
    out.line(0, "Addresses:")
    for address in node.status.addresses { out.field(clean(address.type), address.address, level: 1) }
    for (title, list) in [("Capacity", node.status.capacity), ("Allocatable", node.status.allocatable)] {
      out.line(0, "\(title):")
      for entry in list.entries { out.field(clean(entry.name), entry.quantity.text, level: 1) }
    }
    if let info = node.status.nodeInfo { out.systemInfo(info) }
    if !node.spec.podCIDR.isEmpty { out.field("PodCIDR", node.spec.podCIDR) }
    out.workload(on: node, pods.filter { !$0.status.phase.isTerminal })
    out.events(events)
    return out.text
  }
}

extension Describer {
  fileprivate mutating func systemInfo(_ info: NodeSystemInfo) {
    line(0, "System Info:")
    for (name, value) in [
      ("Machine ID", info.machineID), ("System UUID", info.systemUUID), ("Boot ID", info.bootID),
      ("Kernel Version", info.kernelVersion), ("OS Image", info.osImage), ("Operating System", info.operatingSystem),
      ("Architecture", info.architecture), ("Container Runtime Version", info.containerRuntimeVersion),
      ("Kubelet Version", info.kubeletVersion), ("Kube-Proxy Version", info.kubeProxyVersion),
    ] { field(name, value, level: 1) }
  }

  fileprivate mutating func workload(on node: Node, _ pods: [Pod]) {
    let allocatable = node.status.allocatable.isEmpty ? node.status.capacity : node.status.allocatable
    let cpu = allocatable["cpu"]?.milli ?? 0
    let memory = allocatable["memory"]?.value ?? 0
    func share(_ value: Int64, of whole: Int64) -> String {
      whole == 0 ? "0%" : "\(Int64(Double(value) / Double(whole) * 100))%"
    }
    line(0, "Non-terminated Pods:\t(\(pods.count) in total)")
    line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge")
    line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---")
    var requested = ResourceRequests()
    var limited = ResourceRequests()
    for pod in pods {
      let requests = pod.spec.effectiveRequests()
      let limits = pod.spec.effectiveLimits()
      requested = requested + requests
      limited = limited + limits
      line(
        1,
        "\(clean(pod.metadata.namespace))\t\(clean(pod.metadata.name))\t\t"
          + "\(Quantity(milli: requests.milliCPU).text) (\(share(requests.milliCPU, of: cpu)))\t"
          + "\(Quantity(milli: limits.milliCPU).text) (\(share(limits.milliCPU, of: cpu)))\t"
          + "\(Quantity(bytes: requests.memory).text) (\(share(requests.memory, of: memory)))\t"
          + "\(Quantity(bytes: limits.memory).text) (\(share(limits.memory, of: memory)))\t"
          + humanAge(of: pod.metadata.creationTimestamp, now: now))
    }
    line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)")
    line(1, "Resource\tRequests\tLimits")
    line(1, "--------\t--------\t------")
    line(
      1,
      "cpu\t\(Quantity(milli: requested.milliCPU).text) (\(share(requested.milliCPU, of: cpu)))\t"
        + "\(Quantity(milli: limited.milliCPU).text) (\(share(limited.milliCPU, of: cpu)))")
    line(
      1,
      "memory\t\(Quantity(bytes: requested.memory).text) (\(share(requested.memory, of: memory)))\t"
        + "\(Quantity(bytes: limited.memory).text) (\(share(limited.memory, of: memory)))")
  }
}

extension PodSpec {
  /// The limits of a pod, by the rule of `effectiveRequests`.
  public func effectiveLimits() -> ResourceRequests {
    var copy = self
    for index in copy.containers.indices {
      copy.containers[index].resources.requests = copy.containers[index].resources.limits
    }
    for index in copy.initContainers.indices {
      copy.initContainers[index].resources.requests = copy.initContainers[index].resources.limits
    }
    return copy.effectiveRequests()
  }
}
