internal import KubeModel

// Families that containers and init containers have alike.
extension PodMetrics {
  /// What containers of one sort do.
  ///
  /// - Parameter sort: `container` or `init_container`, as the families' names have it.
  static func states(
    _ sort: String, of statuses: @escaping @Sendable (Pod) -> [ContainerStatus]
  ) -> [MetricFamily<Pod>] {
    let noun = noun(sort)
    func family(
      _ name: String, _ help: String, _ kind: MetricFamily<Pod>.Kind = .gauge,
      _ value: @escaping @Sendable (ContainerStatus) -> Double
    ) -> MetricFamily<Pod> {
      MetricFamily("kube_pod_\(sort)_status_\(name)", help, kind) { pod, out in
        for status in statuses(pod) { out.add(value(status), ["container": status.name]) }
      }
    }
    func reasons(
      _ name: String, _ help: String, _ reason: @escaping @Sendable (ContainerState) -> String?
    ) -> MetricFamily<Pod> {
      MetricFamily("kube_pod_\(sort)_status_\(name)", help) { pod, out in
        for status in statuses(pod) {
          if let reason = reason(status.state) { out.add(1, ["container": status.name, "reason": reason]) }
        }
      }
    }
    return [
      family("waiting", "Whether the \(noun) waits.") { $0.state.waiting == nil ? 0 : 1 },
      family("running", "Whether the \(noun) runs.") { $0.state.running == nil ? 0 : 1 },
      family("terminated", "Whether the \(noun) has ended.") { $0.state.terminated == nil ? 0 : 1 },
      family("ready", "Whether the \(noun) is ready.") { $0.ready ? 1 : 0 },
      family("restarts_total", "How often the \(noun) was started again.", .counter) { Double($0.restartCount) },
      reasons("waiting_reason", "Why the \(noun) waits.") { $0.waiting?.reason },
      reasons("terminated_reason", "Why the \(noun) ended.") { $0.terminated?.reason },
    ]
  }

  /// What containers of one sort ask for.
  static func resources(
    _ sort: String, of containers: @escaping @Sendable (Pod) -> [Container]
  ) -> [MetricFamily<Pod>] {
    let noun = noun(sort)
    return [
      MetricFamily("kube_pod_\(sort)_resource_requests", "What is set aside for the \(noun).") { pod, out in
        for container in containers(pod) { out.add(container.resources.requests, of: container.name, pod) }
      },
      MetricFamily("kube_pod_\(sort)_resource_limits", "The most that the \(noun) may use.") { pod, out in
        for container in containers(pod) { out.add(container.resources.limits, of: container.name, pod) }
      },
    ]
  }

  private static func noun(_ sort: String) -> String { sort.replacing("_", with: " ") }
}
