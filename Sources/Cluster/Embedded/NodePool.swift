internal import ControlPlane
internal import KubeModel

/// The nodes that a cluster's options ask for, and how they get into the control plane.
struct NodePool {
  /// Marks nodes that come from the options and may be changed or removed by other ones.
  static let annotation = "jobdeck.dev/node-pool"
  static let defaultCount = 3
  /// Kubernetes' default of pods on a node.
  static let podsPerNode = 110

  private let wanted: [Node]
  /// Whether nodes that exist may be changed.
  private let adjusts: Bool

  init(_ nodes: ClusterNodes, machine: Machine) {
    switch nodes {
    case .stored:
      adjusts = false
      wanted = NodePool.uniform(count: NodePool.defaultCount, cpu: nil, memory: nil, machine)
    case .uniform(let count, let cpu, let memory):
      adjusts = true
      wanted = NodePool.uniform(count: max(0, count), cpu: cpu, memory: memory, machine)
    case .manifests(let manifests):
      adjusts = true
      let shares = NodePool.uniform(count: manifests.count, cpu: nil, memory: nil, machine)
      wanted = zip(manifests, shares).map { NodePool.complete($0, from: $1) }
    }
  }

  /// Creates, changes and removes nodes until they are as wanted.
  func apply(to core: inout ControlPlane, at now: Instant) throws(StatusError) {
    let existing = core.list(.node, namespace: nil)
    if !adjusts, !existing.isEmpty { return }
    for node in wanted {
      if case .node(var known) = core.object(ObjectKey(.node, name: node.metadata.name)) {
        guard known.status.capacity != node.status.capacity || known.status.allocatable != node.status.allocatable
        else { continue }
        known.status.capacity = node.status.capacity
        known.status.allocatable = node.status.allocatable
        try core.submit(.updateStatus(.node(known)), at: now)
      } else {
        try core.submit(.create(.node(node)), at: now)
      }
    }
    try removeSurplus(existing, from: &core, at: now)
  }

  private func removeSurplus(
    _ existing: [KubeObject], from core: inout ControlPlane, at now: Instant
  ) throws(StatusError) {
    let names = Set(wanted.map(\.metadata.name))
    let surplus = existing.filter {
      !names.contains($0.metadata.name) && $0.metadata.annotations[NodePool.annotation] != nil
    }
    guard !surplus.isEmpty else { return }
    var busy = Set<String>()
    for case .pod(let pod) in core.list(.pod, namespace: nil) where !pod.status.phase.isTerminal {
      busy.insert(pod.spec.nodeName)
    }
    for node in surplus where !busy.contains(node.metadata.name) {
      try core.submit(.delete(node.key), at: now)
    }
  }

  /// `count` nodes with the given capacity each, or with the machine's capacity divided so that the sum is the whole.
  static func uniform(count: Int, cpu: Quantity?, memory: Quantity?, _ machine: Machine) -> [Node] {
    guard count > 0 else { return [] }
    return (1...count).map { number in
      // Rounding: what cannot be divided goes to the first node.
      let milliCPU = machine.cores * 1000
      let kibibytes = machine.memory / 1024
      let isFirst = number == 1
      let share = milliCPU / count + (isFirst ? milliCPU % count : 0)
      let memoryShare = kibibytes / count + (isFirst ? kibibytes % count : 0)
      return node(
        named: "node-\(number)",
        cpu: cpu ?? Quantity(milli: Int64(share), text: share % 1000 == 0 ? "\(share / 1000)" : "\(share)m"),
        memory: memory ?? Quantity(milli: Int64(memoryShare) * 1024 * 1000, text: "\(memoryShare)Ki"), machine)
    }
  }

  private static func node(named name: String, cpu: Quantity, memory: Quantity, _ machine: Machine) -> Node {
    var node = Node()
    node.metadata.name = name
    node.metadata.annotations = [annotation: "options"]
    node.metadata.labels = [
      "kubernetes.io/arch": machine.architecture,
      "kubernetes.io/hostname": name,
      "kubernetes.io/os": "linux",
    ]
    node.status.capacity["cpu"] = cpu
    node.status.capacity["memory"] = memory
    node.status.capacity["pods"] = Quantity(milli: Int64(podsPerNode) * 1000, text: "\(podsPerNode)")
    node.status.allocatable = node.status.capacity
    node.status.addresses = [address("InternalIP", "127.0.0.1"), address("Hostname", name)]
    var info = NodeSystemInfo()
    info.architecture = machine.architecture
    info.kernelVersion = machine.kernel
    info.osImage = machine.osName
    info.operatingSystem = "linux"
    info.containerRuntimeVersion = "jobdeck://process"
    info.kubeletVersion = "v1.36.2"
    node.status.nodeInfo = info
    return node
  }

  private static func address(_ type: String, _ text: String) -> NodeAddress {
    var address = NodeAddress()
    address.type = type
    address.address = text
    return address
  }

  /// A manifest's node with what every node has.
  private static func complete(_ manifest: Node, from share: Node) -> Node {
    var node = manifest
    node.metadata.annotations[annotation] = "manifest"
    for entry in share.metadata.labels where node.metadata.labels[entry.key] == nil {
      node.metadata.labels[entry.key] = entry.key == "kubernetes.io/hostname" ? node.metadata.name : entry.value
    }
    for entry in share.status.capacity.entries where node.status.capacity[entry.name] == nil {
      node.status.capacity[entry.name] = manifest.status.allocatable[entry.name] ?? entry.quantity
    }
    for entry in node.status.capacity.entries where node.status.allocatable[entry.name] == nil {
      node.status.allocatable[entry.name] = entry.quantity
    }
    if node.status.addresses.isEmpty {
      node.status.addresses = [address("InternalIP", "127.0.0.1"), address("Hostname", node.metadata.name)]
    }
    if node.status.nodeInfo == nil { node.status.nodeInfo = share.status.nodeInfo }
    return node
  }
}
