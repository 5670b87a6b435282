internal import KubeModel
internal import Terminal

extension Why {
  /// What speaks against a pod on a node.
  struct Objection: Sendable {
    enum Lack: Hashable, Sendable {
      case cpu, memory, pods, port
      case other(String)
    }

    let text: String
    /// What the scheduler's message says where it rejects a node for that.
    let words: String
    /// What it is short of, when it is something that other pods hold.
    var lack: Lack?
    /// The pod in its way.
    var pod: PodItem?
  }

  /// Why a node does not take a pod that waits, as far as the objects tell; empty where nothing speaks against it.
  ///
  /// Taints first, then selectors, other pods, ports, and what it has free.
  static func objections(
    of node: NodeItem, to pod: PodItem, _ store: Store, _ neighbours: Neighbours? = nil
  ) -> [Objection] {
    taintObjections(of: node, to: pod) + labelObjections(of: node, to: pod)
      + (neighbours?.objections(to: node) ?? []) + roomObjections(of: node, to: pod, store)
  }

  private static func taintObjections(of node: NodeItem, to pod: PodItem) -> [Objection] {
    let words = "untolerated taint"
    let prefix = "node.kubernetes.io/"
    let tolerations = pod.pod.spec.common.read { $0.tolerations }
    func isTolerated(_ taint: Taint) -> Bool { tolerations.contains { $0.tolerates(taint) } }
    var said: Set<String> = []
    var objections: [Objection] = []
    let taints = node.node.spec.taints.filter {
      ["NoSchedule", "NoExecute"].contains($0.effect) && !isTolerated($0)
    }
    let lost = [prefix + "not-ready", prefix + "unreachable"]
    if !node.isReady {
      // A node that has failed just now has no taint yet: what counts is whether the pod will put up with it.
      let isMarked = node.node.spec.taints.contains { lost.contains($0.key) }
      let isUnknown = node.node.status.conditions["Ready"]?.status == "Unknown"
      let isRefused =
        isMarked
        ? taints.contains { lost.contains($0.key) }
        : !isTolerated(Taint(key: lost[isUnknown ? 1 : 0], effect: "NoSchedule"))
      if isRefused {
        objections.append(Objection(text: "is not ready", words: words))
        said.formUnion(lost)
      }
    }
    let cordon = Taint(key: prefix + "unschedulable", effect: "NoSchedule")
    if node.node.spec.unschedulable, !isTolerated(cordon) {
      objections.append(Objection(text: "is cordoned", words: "were unschedulable"))
      said.insert(cordon.key)
    }
    return objections
      + taints.filter { !said.contains($0.key) }.map {
        Objection(
          text: "has the taint \($0.key)\($0.value.isEmpty ? "" : "=\($0.value)") (\($0.effect))", words: words)
      }
  }

  private static func labelObjections(of node: NodeItem, to pod: PodItem) -> [Objection] {
    let words = "node affinity/selector"
    let (selector, affinity) = pod.pod.spec.common.read { ($0.nodeSelector, $0.affinity) }
    let objections = selector.filter { node.labels[$0.key] != $0.value }.map {
      Objection(text: "lacks the label \($0.key)=\($0.value)", words: words)
    }
    guard let affinity, let text = NodeWish(affinity)?.objection(of: node) else { return objections }
    return objections + [Objection(text: text, words: words)]
  }

  private static func roomObjections(of node: NodeItem, to pod: PodItem, _ store: Store) -> [Objection] {
    var objections: [Objection] = []
    let (ports, others) = pod.pod.spec.common.read { ($0.hostPorts, $0.otherRequests) }
    // Few pods ask for anything of that kind: only then are the node's pods looked through.
    let holders = ports.isEmpty && others.isEmpty ? [] : store.podItems(onNode: node.name).filter(\.isActive)
    for port in ports {
      let takers = holders.filter { $0.pod.spec.common.read { $0.hostPorts }.contains { $0.conflicts(with: port) } }
      guard let taker = takers.min(by: { $0.name < $1.name }) else { continue }
      objections.append(
        Objection(text: "has given host port \(port.text) to \(taker.name)", words: "free ports", lack: .port))
    }
    let held = store.pods(ofNode: node.name)
    func compare(_ resource: String, _ request: Int, _ held: Int, _ lack: Objection.Lack) {
      let whole = node.allocatable(resource)
      let free = max(0, whole.saturatingAdd(-held))
      guard request > 0, request > free else { return }
      let words = "Insufficient \(resource)"
      objections.append(
        whole == 0
          ? Objection(text: "has no \(resource)", words: words)
          : Objection(
            text: "has \(amountText(free, resource)) free of \(amountText(whole, resource, isNamed: false))",
            words: words, lack: lack))
    }
    compare("cpu", pod.cpuRequest, held.cpu, .cpu)
    compare("memory", pod.memoryRequest, held.memory, .memory)
    for name in others {
      let sum = holders.reduce(0) { $0.saturatingAdd($1.request(name)) }
      compare(name, pod.request(name), sum, .other(name))
    }
    if held.active >= node.pods {
      objections.append(
        Objection(text: "is full: \(held.active) of \(node.pods) pods", words: "Too many pods", lack: .pods))
    }
    return objections
  }

  /// `1.5 cpu`, `64Mi memory`, `2 nvidia.com/gpu`
  private static func amountText(_ amount: Int, _ resource: String, isNamed: Bool = true) -> String {
    let text =
      switch resource {
      case "cpu": Format.cores(amount)
      case "memory", "ephemeral-storage": Format.bytes(amount)
      case _ where resource.hasPrefix("hugepages-"): Format.bytes(amount)
      default: Format.count(amount)
      }
    return isNamed ? "\(text) \(resource)" : text
  }

  /// Nodes that are told of one by one.
  static let toldNodes = 6
  /// Jobs that hold most of what is short.
  private static let toldHolders = 3

  /// Node by node why none takes a pod, those that are nearest to it first; then who holds what it needs.
  mutating func tellNodes(for pod: PodItem) {
    let nodes = store.all(.node).compactMap { $0 as? NodeItem }
    let needs = Why.needs(of: pod)
    guard !nodes.isEmpty else { return step(.failed, "✗", "There are no nodes", way: .nodes) }
    // What other pods hold becomes free by itself; all else speaks more against a node.
    func nearness(_ judged: (node: NodeItem, objections: [Objection])) -> (Int, Int, String) {
      (judged.objections.count { $0.lack == nil }, judged.objections.count, judged.node.name)
    }
    let neighbours = Neighbours(of: pod, nodes, store)
    let judged = nodes.map { (node: $0, objections: Why.objections(of: $0, to: pod, store, neighbours)) }
      .sorted { nearness($0) < nearness($1) }
    // Nodes that have nothing against it but that they are full.
    let full = judged.filter { !$0.objections.isEmpty && $0.objections.allSatisfy { $0.lack != nil } }
    let names = ["cpu", "memory"] + pod.pod.spec.common.read { $0.otherRequests }
    let requests = names.map { ($0, pod.request($0)) }
    let neverFits = !nodes.contains { node in requests.allSatisfy { $0.1 <= node.allocatable($0.0) } }
    var evidence: [String] = []
    if neverFits {
      evidence.append("Not even an empty node has as much: it can never run here.")
    } else if !full.isEmpty, !judged.contains(where: \.objections.isEmpty) {
      evidence.append("It runs once enough other pods have ended.")
    }
    step(
      neverFits ? .failed : .pending, neverFits ? "✗" : "○",
      "Node by node: it needs \(needs.isEmpty ? "a place" : needs)", evidence, about: pod, way: .nodes)
    let open = Why.openText(pod, told: Set(judged.flatMap { $0.objections.map(\.words) }))
    for (node, objections) in judged.prefix(Why.toldNodes) {
      let text = objections.map(\.text).joined(separator: ", ")
      let isOpen = objections.isEmpty
      step(
        isOpen ? .text : .muted, isOpen ? "·" : "✗", "\(node.name) \(isOpen ? open : text)", about: node,
        way: .row(ItemRef(objections.lazy.compactMap(\.pod).first ?? node)), isSub: true)
    }
    if judged.count > Why.toldNodes {
      step(.muted, "·", "and \(Format.plural(judged.count - Why.toldNodes, "more node"))", way: .nodes, isSub: true)
    }
    if !full.isEmpty, !neverFits {
      tellQueue(of: pod, full.map(\.node), Set(full.flatMap { $0.objections.compactMap(\.lack) }))
    }
  }

  /// A node that nothing seen here speaks against. `told` is what the scheduler says of others and is explained there.
  private static func openText(_ pod: PodItem, told: Set<String>) -> String {
    guard let condition = pod.pod.status.conditions["PodScheduled"], condition.status == "False",
      condition.reason == "Unschedulable"
    else {
      let isPicky = pod.pod.spec.common.read {
        $0.affinity?["podAffinity"] != nil || $0.affinity?["podAntiAffinity"] != nil
          || $0.topologySpreadConstraints != nil
      }
      return isPicky
        ? "has room; the pod's affinity or topology spread may speak against it" : "has room: it may be tried next"
    }
    // `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: …`
    let message = condition.message
    let list = message.firstRange(of: "nodes are available: ").map { message[$0.upperBound...] } ?? message[...]
    let end =
      list.firstRange(of: ". ")?.lowerBound ?? (list.hasSuffix(".") ? list.index(before: list.endIndex) : list.endIndex)
    let reasons = list[..<end].split(separator: ",").map { $0.drop { $0 == " " } }
    let unexplained = reasons.filter { reason in !told.contains { reason.contains($0) } }
    let words = (unexplained.isEmpty ? reasons : unexplained).joined(separator: ", ")
    return "has room, but the scheduler does not take it there" + (words.isEmpty ? "" : ": “\(words)”")
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
    if !lacks.isDisjoint(with: [.cpu, .memory, .pods]) {
      let size: (Capacity.Holding) -> Int = lacks.contains(.cpu) ? \.cpu : lacks.contains(.memory) ? \.memory : \.pods
      for (uid, holding) in capacity.largest(Why.toldHolders, by: size) {
        tellHolder(uid, Why.amount(holding.cpu, holding.memory), holding.pods, beside: pod)
      }
    }
    for case .other(let resource) in lacks.sorted(by: { "\($0)" < "\($1)" }) {
      var holders: [String: (amount: Int, pods: Int)] = [:]
      for holder in full.flatMap({ store.podItems(onNode: $0.name) }) where holder.isActive {
        let amount = holder.request(resource)
        guard amount > 0 else { continue }
        let before = holders[holder.owner ?? ""] ?? (0, 0)
        holders[holder.owner ?? ""] = (before.amount.saturatingAdd(amount), before.pods + 1)
      }
      let largest = holders.sorted { ($1.value.amount, $0.key) < ($0.value.amount, $1.key) }
      for (uid, holding) in largest.prefix(Why.toldHolders) {
        tellHolder(uid, Why.amountText(holding.amount, resource), holding.pods, beside: pod)
      }
    }
  }

  private mutating func tellHolder(_ uid: String, _ amount: String, _ pods: Int, beside pod: PodItem) {
    let job = store.job(uid)
    let name = job.map { $0.namespace == pod.namespace ? $0.name : "\($0.namespace)/\($0.name)" }
    step(
      .running, "●",
      "\(name ?? "Pods of no job here") \(name == nil ? "hold" : "holds") \(amount.isEmpty ? "" : amount + " in ")"
        + Format.plural(pods, "pod"), about: job, way: job.map { .row(ItemRef($0)) }, isSub: true)
  }

  /// All that a pod asks for.
  private static func needs(of pod: PodItem) -> String {
    let (ports, others) = pod.pod.spec.common.read { ($0.hostPorts, $0.otherRequests) }
    let amounts = others.map { ($0, pod.request($0)) }.filter { $0.1 > 0 }.map { amountText($0.1, $0.0) }
    let parts = [amount(pod.cpuRequest, pod.memoryRequest)] + amounts + ports.map { "host port \($0.text)" }
    return parts.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// `1.5 cpu, 64Mi memory`; what is nothing is left out.
  private static func amount(_ cpu: Int, _ memory: Int) -> String {
    [cpu > 0 ? "\(Format.cores(cpu)) cpu" : nil, memory > 0 ? "\(Format.bytes(memory)) memory" : nil]
      .compactMap { $0 }.joined(separator: ", ")
  }
}

extension PodItem {
  /// What it asks for, in the unit of `PodSpecCommon.request`.
  func request(_ resource: String) -> Int {
    switch resource {
    case "cpu": cpuRequest
    case "memory": memoryRequest
    default: pod.spec.common.read { $0.request(resource) }
    }
  }
}
