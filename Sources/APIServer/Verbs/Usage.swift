internal import Cluster
internal import KubeModel

extension APIHandler {
  /// What pods or nodes use (metrics.k8s.io), as it was sampled last; those of which nothing is known are not there.
  func usage(of resource: FixedResource) async throws(StatusError) -> [JSONValue] {
    let usage = await cluster.usage()
    let time = now().rfc3339(fraction: false)
    let objects = try await cluster.list(resource.isNamespaced ? .pod : .node, namespace: nil).items
    return objects.compactMap { object in
      switch object {
      case .pod(let pod):
        // Samples are of pods: one container stands for all of them.
        guard let reading = usage.pods[pod.metadata.uid], let container = pod.spec.containers.first else { return nil }
        return [
          "metadata": APIHandler.metadata(of: pod.metadata, time), "timestamp": .string(time),
          "window": .string(APIHandler.window),
          "containers": [["name": .string(container.name), "usage": APIHandler.quantities(reading)]],
        ]
      case .node(let node):
        let reading = usage.nodes[node.metadata.name] ?? .init(milliCPU: 0, memory: 0)
        return [
          "metadata": APIHandler.metadata(of: node.metadata, time), "timestamp": .string(time),
          "window": .string(APIHandler.window), "usage": APIHandler.quantities(reading),
        ]
      default: return nil
      }
    }
  }

  /// What a dashboard's sampler takes as the time between two samples, unless they would cost too much.
  private static let window = "2s"

  private static func quantities(_ reading: ClusterUsage.Usage) -> JSONValue {
    ["cpu": .string("\(reading.milliCPU)m"), "memory": .string("\(reading.memory >> 10)Ki")]
  }

  private static func metadata(of object: ObjectMeta, _ time: String) -> JSONValue {
    var metadata = JSONObject([.init(name: "name", value: .string(object.name))])
    if !object.namespace.isEmpty { metadata["namespace"] = .string(object.namespace) }
    metadata["creationTimestamp"] = .string(time)
    if !object.labels.isEmpty {
      metadata["labels"] = .object(
        JSONObject(object.labels.entries.map { .init(name: $0.key, value: .string($0.value)) }))
    }
    return .object(metadata)
  }
}
