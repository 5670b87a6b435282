internal import KubeModel
internal import Terminal

extension Why {
  /// What speaks against a pod on a node.
  struct Objection: Hashable, Sendable {
    enum Lack: Hashable, Sendable {
      case cpu, memory, pods
    }

    let text: String
    /// What it is short of, when it is something that other pods hold.
    var lack: Lack?
  }

  /// Why a node does not take a pod that waits, as far as the objects tell; empty where nothing speaks against it.
  ///
  /// In the order of the scheduler's own filters: readiness and taints, selectors, then what it has free.
  static func objections(of node: NodeItem, to pod: PodItem, _ store: Store) -> [Objection] {
    var objections: [Objection] = []
    if !node.isReady { objections.append(Objection(text: "is not ready")) }
    if node.node.spec.unschedulable { objections.append(Objection(text: "is cordoned")) }
    // The control plane's own taints say again what was said already.
    let taints = node.node.spec.taints.filter {
      $0.effect != "PreferNoSchedule" && !$0.key.hasPrefix("node.kubernetes.io/") && !tolerates(pod, $0)
    }
    objections += taints.map {
      Objection(text: "has the taint \($0.key)\($0.value.isEmpty ? "" : "=\($0.value)") (\($0.effect))")
    }
    for label in pod.pod.spec.common.read({ $0.nodeSelector }) where node.labels[label.key] != label.value {
      objections.append(Objection(text: "lacks the label \(label.key)=\(label.value)"))
    }
    let held = store.pods(ofNode: node.name)
    let (cpu, memory) = (node.cpu - held.cpu, node.memory - held.memory)
    if pod.cpuRequest > cpu {
      objections.append(
        Objection(text: "has \(Format.cores(max(0, cpu))) cpu free of \(Format.cores(node.cpu))", lack: .cpu))
    }
    if pod.memoryRequest > memory {
      objections.append(
        Objection(
          text: "has \(Format.bytes(max(0, memory))) memory free of \(Format.bytes(node.memory))", lack: .memory))
    }
    if held.active >= node.pods {
      objections.append(Objection(text: "is full: \(held.active) of \(node.pods) pods", lack: .pods))
    }
    return objections
  }

  private static func tolerates(_ pod: PodItem, _ taint: Taint) -> Bool {
    pod.pod.spec.common.read { $0.tolerations }.contains { toleration in
      (toleration.effect.isEmpty || toleration.effect == taint.effect)
        && (toleration.key.isEmpty || toleration.key == taint.key)
        && (toleration.operator == "Exists" || toleration.value == taint.value)
    }
  }

  /// Nodes that are told of one by one.
  static let toldNodes = 6
  /// Jobs that hold most of what is short.
  private static let toldHolders = 3

  /// Node by node why none takes a pod, those that are nearest to it first; then who holds what it needs.
  mutating func tellNodes(for pod: PodItem) {
    let nodes = store.all(.node).compactMap { $0 as? NodeItem }
    let needs = Why.amount(pod.cpuRequest, pod.memoryRequest)
    guard !nodes.isEmpty else { return step(.failed, "✗", "There are no nodes", way: .nodes) }
    // What other pods hold becomes free by itself; all else speaks more against a node.
    func nearness(_ judged: (node: NodeItem, objections: [Objection])) -> (Int, Int, String) {
      (judged.objections.count { $0.lack == nil }, judged.objections.count, judged.node.name)
    }
    let judged = nodes.map { (node: $0, objections: Why.objections(of: $0, to: pod, store)) }
      .sorted { nearness($0) < nearness($1) }
    // Nodes that have nothing against it but that they are full.
    let full = judged.filter { !$0.objections.isEmpty && $0.objections.allSatisfy { $0.lack != nil } }
    let neverFits = !nodes.contains { pod.cpuRequest <= $0.cpu && pod.memoryRequest <= $0.memory }
    var evidence: [String] = []
    if neverFits {
      evidence.append("Not even an empty node has as much: it can never run here.")
    } else if !full.isEmpty, !judged.contains(where: \.objections.isEmpty) {
      evidence.append("It runs once enough other pods have ended.")
    }
    step(
      neverFits ? .failed : .pending, neverFits ? "✗" : "○",
      "Node by node: it needs \(needs.isEmpty ? "a place" : needs)", evidence, about: pod, way: .nodes)
    for (node, objections) in judged.prefix(Why.toldNodes) {
      let text = objections.map(\.text).joined(separator: ", ")
      let isOpen = objections.isEmpty
      step(
        isOpen ? .text : .muted, isOpen ? "·" : "✗", "\(node.name) \(isOpen ? Why.openText(pod) : text)", about: node,
        way: .row(ItemRef(node)), isSub: true)
    }
    if judged.count > Why.toldNodes {
      step(.muted, "·", "and \(Format.plural(judged.count - Why.toldNodes, "more node"))", way: .nodes, isSub: true)
    }
    if !full.isEmpty, !neverFits {
      tellQueue(of: pod, full.map(\.node), Set(full.flatMap { $0.objections.compactMap(\.lack) }))
    }
  }

  /// A node that nothing seen here speaks against.
  private static func openText(_ pod: PodItem) -> String {
    let isPicky = pod.pod.spec.common.read { $0.affinity != nil || $0.topologySpreadConstraints != nil }
    return isPicky
      ? "has room; the pod's affinity or topology spread may speak against it" : "has room: it may be tried next"
  }

  /// Who waits before it for nodes, and who holds what those are short of that it could go to.
  private mutating func tellQueue(of pod: PodItem, _ full: [NodeItem], _ lacks: Set<Objection.Lack>) {
    let capacity = store.capacity
    let ahead = capacity.ahead(of: pod)
    let others = max(0, capacity.waitingCount - 1 - ahead)
    let queue =
      ahead == 0 && others == 0
      ? "It is the only pod that waits for a node."
      : "\(ahead == 0 ? "No pod" : Format.plural(ahead, "pod")) wait\(ahead <= 1 ? "s" : "") before it by priority and "
        + "age, \(Format.count(others)) beside or behind it."
    let held = full.map { store.pods(ofNode: $0.name) }
    func sum<Value>(_ values: [Value], _ path: KeyPath<Value, Int>) -> Int {
      values.reduce(0) { $0.saturatingAdd($1[keyPath: path]) }
    }
    let parts = [
      "\(Format.cores(sum(held, \.cpu))) of \(Format.cores(sum(full, \.cpu))) cpu",
      "\(Format.bytes(sum(held, \.memory))) of \(Format.bytes(sum(full, \.memory))) memory",
      "\(Format.count(sum(held, \.active))) of \(Format.plural(sum(full, \.pods), "pod"))",
    ]
    step(
      .pending, "○", "Other pods hold what it needs, on \(Format.plural(full.count, "node")) that it could go to",
      [
        "Asked for there: \(parts.joined(separator: ", "))", queue,
        pod.priority == 0 ? "" : "Its priority is \(pod.priority).",
      ],
      about: pod, way: .row(ItemRef(pod)))
    let size: (Capacity.Holding) -> Int = lacks.contains(.cpu) ? \.cpu : lacks.contains(.memory) ? \.memory : \.pods
    for (uid, holding) in capacity.largest(Why.toldHolders, by: size) {
      let job = store.job(uid)
      let name = job.map { $0.namespace == pod.namespace ? $0.name : "\($0.namespace)/\($0.name)" }
      let amount = Why.amount(holding.cpu, holding.memory)
      step(
        .running, "●",
        "\(name ?? "Pods of no job here") \(name == nil ? "hold" : "holds") \(amount.isEmpty ? "" : amount + " in ")"
          + Format.plural(holding.pods, "pod"), about: job, way: job.map { .row(ItemRef($0)) }, isSub: true)
    }
  }

  /// `1.5 cpu, 64Mi memory`; what is nothing is left out.
  private static func amount(_ cpu: Int, _ memory: Int) -> String {
    [cpu > 0 ? "\(Format.cores(cpu)) cpu" : nil, memory > 0 ? "\(Format.bytes(memory)) memory" : nil]
      .compactMap { $0 }.joined(separator: ", ")
  }
}
