import KubeModel

/// What a pod asks of a node, and what else its placement depends on.
///
/// Immutable and shared: pods of one job hold one and the same storage, and comparing them then costs nothing.
/// Making one reads the whole spec, so keep it with the job rather than make it for every pod.
struct PodRequirements: Hashable, Sendable {
  private let storage: Storage

  /// Thousandths of a CPU.
  var milliCPU: Int64 { storage.content.milliCPU }
  /// Bytes.
  var memory: Int64 { storage.content.memory }
  /// Every other resource that is asked for, sorted by name; amounts above zero only.
  var others: [NamedAmount] { storage.content.others }
  /// What the pod counts for in scores: containers that ask for nothing count as 100m and 200 MiB.
  var scoredMilliCPU: Int64 { storage.content.scoredMilliCPU }
  var scoredMemory: Int64 { storage.content.scoredMemory }
  var nodeSelector: StringMap { storage.content.nodeSelector }
  /// Alternatives of the required node affinity; `nil` where there is none.
  var nodeAffinity: [NodeSelectorTerm]? { storage.content.nodeAffinity }
  /// The only nodes that the required node affinity may mean, by name; `nil` where a term names none.
  var namedByAffinity: Set<String>? { storage.namedByAffinity }
  var preferredNodes: [PreferredNodes] { storage.content.preferredNodes }
  /// The one node that the pod may run on, or empty.
  var nodeName: String { storage.content.nodeName }
  var tolerations: [Toleration] { storage.content.tolerations }
  var priority: Int { storage.content.priority }
  var mayPreempt: Bool { storage.content.mayPreempt }
  /// Ports of the node that the pod wants for itself.
  var hostPorts: [HostPort] { storage.content.hostPorts }
  /// What makes the pod's place depend on where other pods are.
  var terms: PodTerms { storage.content.terms }
  var hasTerms: Bool { storage.hasTerms }
  /// Whether nodes that are alike but for their names may answer differently.
  var dependsOnName: Bool { storage.dependsOnName }

  struct NamedAmount: Hashable, Sendable {
    var name: String
    var amount: Int64
  }

  static func == (left: PodRequirements, right: PodRequirements) -> Bool {
    left.storage === right.storage
      || (left.storage.hash == right.storage.hash && left.storage.content == right.storage.content)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(storage.hash) }

  private final class Storage: Sendable {
    let content: Content
    let hash: Int
    let dependsOnName: Bool
    let hasTerms: Bool
    let namedByAffinity: Set<String>?

    init(_ content: Content) {
      self.content = content
      hash = content.hashValue
      hasTerms = !content.terms.isEmpty
      namedByAffinity = NodeSelectorTerm.names(content.nodeAffinity)
      dependsOnName =
        !content.nodeName.isEmpty || content.nodeSelector[hostnameLabel] != nil
        || (content.nodeAffinity ?? []).contains(where: \.dependsOnName)
        || content.preferredNodes.contains(where: \.term.dependsOnName)
    }
  }

  private struct Content: Hashable {
    var milliCPU: Int64 = 0
    var memory: Int64 = 0
    var others: [NamedAmount] = []
    var scoredMilliCPU: Int64 = 0
    var scoredMemory: Int64 = 0
    var nodeSelector = StringMap()
    var nodeAffinity: [NodeSelectorTerm]?
    var preferredNodes: [PreferredNodes] = []
    var nodeName = ""
    var tolerations: [Toleration] = []
    var priority = 0
    var mayPreempt = true
    var hostPorts: [HostPort] = []
    var terms = PodTerms()
  }

  /// - Parameter pod: decides what the terms mean that leave the namespace out or look at the pod's own labels.
  init(spec: PodSpec, of pod: PodIdentity = PodIdentity(namespace: "default", labels: StringMap())) {
    var content = Content()
    let requests = Amounts.requests(of: spec.common.value, missing: Amounts())
    content.milliCPU = requests["cpu"]
    content.memory = requests["memory"]
    content.others = requests.entries.filter { $0.name != "cpu" && $0.name != "memory" && $0.amount > 0 }
    var defaults = Amounts()
    defaults["cpu"] = 100
    defaults["memory"] = 200 << 20
    let scored = Amounts.requests(of: spec.common.value, missing: defaults)
    content.scoredMilliCPU = scored["cpu"]
    content.scoredMemory = scored["memory"]

    content.nodeSelector = spec.nodeSelector
    content.nodeName = spec.nodeName
    content.tolerations = spec.tolerations
    content.priority = spec.priority ?? 0
    content.mayPreempt = spec.preemptionPolicy != "Never"
    content.hostPorts = HostPort.all(of: spec.common.value)
    content.terms = PodTerms(spec.common.value, of: pod)
    let affinity = spec.affinity?["nodeAffinity"]
    if let required = affinity?["requiredDuringSchedulingIgnoredDuringExecution"], required != .null {
      content.nodeAffinity = (required["nodeSelectorTerms"]?.array ?? []).map(NodeSelectorTerm.init)
    }
    for item in affinity?["preferredDuringSchedulingIgnoredDuringExecution"]?.array ?? [] {
      let weight = min(max(item["weight"]?.int ?? 0, 0), 100)
      guard weight > 0, let term = item["preference"] else { continue }
      content.preferredNodes.append(PreferredNodes(weight: Int(weight), term: NodeSelectorTerm(term)))
    }
    storage = Storage(content)
  }
}

/// Amounts by resource name, sorted: thousandths for `cpu`, whole units for everything else.
struct Amounts: Sendable {
  var entries: [PodRequirements.NamedAmount] = []

  /// The largest amount that is told apart: sums over a node's pods stay far from overflowing.
  static let limit: Int64 = 1 << 53

  init() {}

  init(_ list: ResourceList?) {
    for entry in list?.entries ?? [] {
      self[entry.name] = entry.name == "cpu" ? entry.quantity.milli : entry.quantity.value
    }
  }

  subscript(name: String) -> Int64 {
    get { entries.first { $0.name == name }?.amount ?? 0 }
    set {
      let amount = min(max(newValue, 0), Amounts.limit)
      if let index = entries.firstIndex(where: { $0.name >= name }) {
        if entries[index].name == name {
          entries[index].amount = amount
        } else {
          entries.insert(.init(name: name, amount: amount), at: index)
        }
      } else {
        entries.append(.init(name: name, amount: amount))
      }
    }
  }

  func has(_ name: String) -> Bool { entries.contains { $0.name == name } }

  mutating func add(_ other: Amounts) {
    for entry in other.entries { self[entry.name] += entry.amount }
  }

  mutating func raise(to other: Amounts) {
    for entry in other.entries { self[entry.name] = max(self[entry.name], entry.amount) }
  }

  /// A pod's effective request: the larger of what its containers ask for together with its sidecars, and of what
  /// any init container asks for together with the sidecars started before it; then the overhead on top.
  ///
  /// `missing` stands in for what a container does not mention.
  static func requests(of spec: PodSpecCommon, missing: Amounts) -> Amounts {
    var running = Amounts()
    for container in spec.containers { running.add(requests(of: container.resources, missing: missing)) }
    var sidecars = Amounts()
    var initial = Amounts()
    for container in spec.initContainers {
      let own = requests(of: container.resources, missing: missing)
      if container.restartPolicy == "Always" {
        sidecars.add(own)
        running.add(own)
        initial.raise(to: sidecars)
      } else {
        var together = own
        together.add(sidecars)
        initial.raise(to: together)
      }
    }
    running.raise(to: initial)
    if let resources = spec.resources {
      // What is asked for the pod as a whole counts instead of its containers' sum.
      for entry in requests(of: resources, missing: Amounts()).entries { running[entry.name] = entry.amount }
    }
    running.add(Amounts(spec.overhead))
    return running
  }

  private static func requests(of resources: ResourceRequirements, missing: Amounts) -> Amounts {
    var result = Amounts(resources.requests)
    for entry in Amounts(resources.limits).entries where !result.has(entry.name) { result[entry.name] = entry.amount }
    for entry in missing.entries where !result.has(entry.name) { result[entry.name] = entry.amount }
    return result
  }
}
