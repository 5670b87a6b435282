internal import KubeModel

/// What kube-state-metrics tells of pods and nodes, by its names, labels and types.
enum PodMetrics {
  static func labels(_ pod: Pod) -> [UInt8] {
    Exposition.labels(["namespace": pod.metadata.namespace, "pod": pod.metadata.name, "uid": pod.metadata.uid])
  }

  static let families: [MetricFamily<Pod>] =
    [
      MetricFamily("kube_pod_info", "Where the pod is, and what made it.") { pod, out in
        let owner = pod.metadata.controller
        out.add(
          1,
          [
            "host_ip": pod.status.hostIP, "pod_ip": pod.status.podIP, "node": pod.spec.nodeName,
            "created_by_kind": owner?.kind ?? "", "created_by_name": owner?.name ?? "",
            "priority_class": pod.spec.common.value.priorityClassName,
            "host_network": pod.spec.common.value.hostNetwork ? "true" : "false",
          ])
      },
      MetricFamily("kube_pod_created", "When the pod was created, in Unix seconds.") { pod, out in
        out.add(pod.metadata.creationTimestamp)
      },
      MetricFamily("kube_pod_start_time", "When the pod's node took it, in Unix seconds.") { pod, out in
        out.add(pod.status.startTime)
      },
      MetricFamily("kube_pod_completion_time", "When the pod's last container ended, in Unix seconds.") { pod, out in
        guard pod.status.phase.isTerminal else { return }
        out.add(pod.status.containerStatuses.compactMap { $0.state.terminated?.finishedAt }.max())
      },
      MetricFamily("kube_pod_owner", "What owns the pod.") { pod, out in
        out.addOwners(pod.metadata.ownerReferences)
      },
      MetricFamily("kube_pod_status_phase", "The pod's phase.") { pod, out in
        guard !pod.status.phase.rawValue.isEmpty else { return }
        for phase in [PodPhase.pending, .succeeded, .failed, .unknown, .running] {
          out.add(pod.status.phase == phase ? 1 : 0, ["phase": phase.rawValue])
        }
      },
      MetricFamily("kube_pod_status_ready", "Whether the pod is ready.") { pod, out in
        if let condition = pod.status.conditions.first(where: { $0.type == "Ready" }) {
          out.addCondition(condition.status, "condition")
        }
      },
      MetricFamily("kube_pod_status_scheduled", "Whether the pod has a node.") { pod, out in
        if let condition = pod.status.conditions.first(where: { $0.type == "PodScheduled" }) {
          out.addCondition(condition.status, "condition")
        }
      },
      MetricFamily("kube_pod_status_unschedulable", "That no node takes the pod.") { pod, out in
        let isRefused = pod.status.conditions.contains {
          $0.type == "PodScheduled" && $0.status == "False" && $0.reason == "Unschedulable"
        }
        if isRefused { out.add(1) }
      },
    ] + states("container") { $0.status.containerStatuses } + resources("container") { $0.spec.containers }

  static func labels(_ node: Node) -> [UInt8] { Exposition.labels(["node": node.metadata.name]) }

  static let nodeFamilies: [MetricFamily<Node>] = [
    MetricFamily("kube_node_info", "What the node is.") { node, out in
      let info = node.status.nodeInfo ?? NodeSystemInfo()
      out.add(
        1,
        [
          "kernel_version": info.kernelVersion, "os_image": info.osImage,
          "container_runtime_version": info.containerRuntimeVersion, "kubelet_version": info.kubeletVersion,
          "kubeproxy_version": info.kubeProxyVersion, "provider_id": node.spec.providerID,
          "pod_cidr": node.spec.podCIDR, "system_uuid": info.systemUUID,
          "internal_ip": node.status.addresses.first { $0.type == "InternalIP" }?.address ?? "",
        ])
    },
    MetricFamily("kube_node_created", "When the node was created, in Unix seconds.") { node, out in
      out.add(node.metadata.creationTimestamp)
    },
    MetricFamily("kube_node_spec_unschedulable", "Whether the node takes no new pods.") { node, out in
      out.add(node.spec.unschedulable ? 1 : 0)
    },
    MetricFamily("kube_node_spec_taint", "A taint of the node.") { node, out in
      for taint in node.spec.taints {
        out.add(1, ["key": taint.key, "value": taint.value, "effect": taint.effect])
      }
    },
    MetricFamily("kube_node_status_condition", "The node's conditions.") { node, out in
      for condition in node.status.conditions {
        for word in ["true", "false", "unknown"] {
          out.add(
            condition.status.lowercased() == word ? 1 : 0, ["condition": condition.type, "status": word])
        }
      }
    },
    MetricFamily("kube_node_status_capacity", "What the node has.") { node, out in
      for entry in node.status.capacity.entries {
        let (resource, unit) = Exposition.resource(entry.name)
        out.add(Double(entry.quantity.milli) / 1000, ["resource": resource, "unit": unit])
      }
    },
    MetricFamily("kube_node_status_allocatable", "What of the node pods can have.") { node, out in
      for entry in node.status.allocatable.entries {
        let (resource, unit) = Exposition.resource(entry.name)
        out.add(Double(entry.quantity.milli) / 1000, ["resource": resource, "unit": unit])
      }
    },
  ]
}

extension Exposition {
  /// A resource's name as a label has it, and its unit.
  static func resource(_ name: String) -> (name: String, unit: String) {
    let word = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    switch name {
    case "cpu": return (word, "core")
    case "memory", "ephemeral-storage", "storage": return (word, "byte")
    default: return (word, name.hasPrefix("hugepages-") ? "byte" : "integer")
    }
  }

  mutating func add(_ resources: ResourceList?, of container: String, _ pod: Pod) {
    for entry in resources?.entries ?? [] {
      let (resource, unit) = Exposition.resource(entry.name)
      add(
        Double(entry.quantity.milli) / 1000,
        ["container": container, "node": pod.spec.nodeName, "resource": resource, "unit": unit])
    }
  }
}
