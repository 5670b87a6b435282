internal import KubeModel

// Families of pods' states in time, of init containers, and of what a pod asks for.
extension PodMetrics {
  /// What may stand in a pod's `status.reason`, or in that of a container's end or a condition, with a sample each.
  private static let reasons = [
    "Evicted", "NodeAffinity", "NodeLost", "PreemptionByScheduler", "SchedulingGated", "Shutdown",
    "TerminationByKubelet", "UnexpectedAdmissionError",
  ]

  static let stateFamilies: [MetricFamily<Pod>] = [
    MetricFamily("kube_pod_deletion_timestamp", "When the pod is to be gone, in Unix seconds.") { pod, out in
      out.add(pod.metadata.deletionTimestamp)
    },
    MetricFamily("kube_pod_status_qos_class", "The pod's quality of service.") { pod, out in
      guard !pod.status.qosClass.isEmpty else { return }
      for name in ["BestEffort", "Burstable", "Guaranteed"] {
        out.add(pod.status.qosClass == name ? 1 : 0, ["qos_class": name])
      }
    },
    MetricFamily("kube_pod_status_reason", "Why the pod is in its phase.") { pod, out in
      let ends = pod.status.containerStatuses.compactMap { $0.state.terminated?.reason }
      let known = [pod.status.reason] + pod.status.conditions.map(\.reason) + ends
      for reason in reasons { out.add(known.contains(reason) ? 1 : 0, ["reason": reason]) }
    },
    condition("kube_pod_status_initialized_time", "When the pod's init containers were done", "Initialized"),
    condition("kube_pod_status_ready_time", "When the pod became ready", "Ready"),
    condition("kube_pod_status_container_ready_time", "When the pod's containers became ready", "ContainersReady"),
    condition("kube_pod_status_scheduled_time", "When the pod got its node", "PodScheduled"),
    condition("kube_pod_status_unscheduled_time", "Since when no node takes the pod", "PodScheduled", is: "False"),
    MetricFamily("kube_pod_ips", "The pod's addresses.") { pod, out in
      let all = pod.status.podIPs?.array?.compactMap { $0["ip"]?.string } ?? []
      for address in all { out.add(1, ["ip": address, "ip_family": address.contains(":") ? "6" : "4"]) }
    },
    MetricFamily("kube_pod_restart_policy", "Which ends of its containers the pod starts again after.") { pod, out in
      out.add(1, ["type": pod.spec.restartPolicy.rawValue])
    },
    MetricFamily("kube_pod_service_account", "The pod's service account.") { pod, out in
      out.add(1, ["service_account": pod.spec.common.value.serviceAccountName])
    },
    MetricFamily("kube_pod_scheduler", "The pod's scheduler.") { pod, out in
      out.add(1, ["name": pod.spec.schedulerName])
    },
    MetricFamily("kube_pod_runtimeclass_name_info", "The pod's runtime class.") { pod, out in
      if let name = pod.spec.runtimeClassName { out.add(1, ["runtimeclass_name": name]) }
    },
    MetricFamily("kube_pod_tolerations", "The taints that the pod tolerates.") { pod, out in
      var seen: Set<Toleration> = []
      for toleration in pod.spec.common.value.tolerations where seen.insert(toleration).inserted {
        out.add(
          1,
          [
            "key": toleration.key, "operator": toleration.operator, "value": toleration.value,
            "effect": toleration.effect,
            "toleration_seconds": toleration.tolerationSeconds.map { String($0) } ?? "",
          ])
      }
    },
    MetricFamily("kube_pod_overhead_cpu_cores", "What the pod takes of a core beyond its containers.") { pod, out in
      out.add(pod.spec.common.value.overhead, only: "cpu")
    },
    MetricFamily("kube_pod_overhead_memory_bytes", "What the pod takes of memory beyond its containers.") { pod, out in
      out.add(pod.spec.common.value.overhead, only: "memory")
    },
  ]

  static let containerFamilies: [MetricFamily<Pod>] =
    [
      MetricFamily("kube_pod_container_info", "What the container is.") { pod, out in
        for status in pod.status.containerStatuses {
          let image = pod.spec.containers.first { $0.name == status.name }?.image ?? ""
          out.add(
            1,
            [
              "container": status.name, "image_spec": image, "image": status.image, "image_id": status.imageID,
              "container_id": status.containerID,
            ])
        }
      },
      MetricFamily("kube_pod_container_state_started", "When the container was started, in Unix seconds.") { pod, out in
        for status in pod.status.containerStatuses {
          guard let start = status.state.running?.startedAt ?? status.state.terminated?.startedAt else { continue }
          out.add(Double(start.seconds), ["container": status.name])
        }
      },
      MetricFamily("kube_pod_container_status_last_terminated_reason", "Why the container's last run ended.") {
        pod, out in out.addLastReasons(pod.status.containerStatuses)
      },
      MetricFamily("kube_pod_container_status_last_terminated_exitcode", "The exit code of the container's last run.") {
        pod, out in
        for status in pod.status.containerStatuses {
          if let last = status.lastState.terminated { out.add(Double(last.exitCode), ["container": status.name]) }
        }
      },
      MetricFamily(
        "kube_pod_container_status_last_terminated_timestamp", "When the container's last run ended, in Unix seconds."
      ) { pod, out in
        for status in pod.status.containerStatuses {
          guard let end = status.lastState.terminated?.finishedAt else { continue }
          out.add(Double(end.seconds), ["container": status.name])
        }
      },
      MetricFamily("kube_pod_init_container_info", "What the init container is.") { pod, out in
        for status in pod.status.initContainerStatuses {
          let container = pod.spec.initContainers.first { $0.name == status.name }
          out.add(
            1,
            [
              "container": status.name, "image_spec": container?.image ?? "", "image": status.image,
              "image_id": status.imageID, "container_id": status.containerID,
              "restart_policy": container?.restartPolicy ?? "",
            ])
        }
      },
    ] + states("init_container") { $0.status.initContainerStatuses } + [
      MetricFamily("kube_pod_init_container_status_last_terminated_reason", "Why the init container's last run ended.")
      {
        pod, out in out.addLastReasons(pod.status.initContainerStatuses)
      }
    ] + resources("init_container") { $0.spec.initContainers }

  /// When a condition came to be what it is.
  private static func condition(
    _ name: String, _ help: String, _ type: String, is status: String = "True"
  ) -> MetricFamily<Pod> {
    MetricFamily(name, help + ", in Unix seconds.") { pod, out in
      guard let condition = pod.status.conditions.first(where: { $0.type == type }), condition.status == status
      else { return }
      out.add(condition.lastTransitionTime)
    }
  }

  static let moreNodeFamilies: [MetricFamily<Node>] = [
    MetricFamily("kube_node_role", "A role of the node.") { node, out in
      let mark = "node-role.kubernetes.io/"
      for label in node.metadata.labels.entries where label.key.hasPrefix(mark) {
        out.add(1, ["role": String(label.key.dropFirst(mark.count))])
      }
    },
    MetricFamily("kube_node_status_addresses", "The node's addresses.") { node, out in
      for address in node.status.addresses { out.add(1, ["type": address.type, "address": address.address]) }
    },
    MetricFamily("kube_node_deletion_timestamp", "When the node is to be gone, in Unix seconds.") { node, out in
      out.add(node.metadata.deletionTimestamp)
    },
  ]
}

extension Exposition {
  fileprivate mutating func addLastReasons(_ statuses: [ContainerStatus]) {
    for status in statuses {
      if let last = status.lastState.terminated { add(1, ["container": status.name, "reason": last.reason]) }
    }
  }

  fileprivate mutating func add(_ resources: ResourceList?, only name: String) {
    for entry in resources?.entries ?? [] where entry.name == name { add(Double(entry.quantity.milli) / 1000) }
  }
}
