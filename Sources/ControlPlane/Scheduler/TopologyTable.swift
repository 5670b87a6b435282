import KubeModel

/// Which pods are where, as far as terms of pods (affinity, anti-affinity, spreading) look at that.
///
/// Pods that no term tells apart are one kind, and counted by node. As long as no pod has any terms nothing is
/// counted, so that the usual job's pods cost nothing here.
struct TopologyTable: Sendable {
  /// Whether any pod has had terms.
  private(set) var isActive = false
  /// The label keys that selectors have asked for; all other labels make no difference.
  private(set) var keys: Set<String> = []
  private(set) var kinds: ContiguousArray<Kind> = []
  private var numbers: [KindKey: Int] = [:]
  private var unused: [Int] = []
  /// Labels of the namespaces.
  private(set) var namespaces: [String: StringMap] = [:]
  /// Changes with every count, and with the labels of a namespace.
  private(set) var version: UInt64 = 0
  private var domains: [String: Domains] = [:]

  struct KindKey: Hashable, Sendable {
    /// Its labels are those with `keys` only.
    var identity: PodIdentity
    /// Set where the pods' own terms bear on others.
    var requirements: PodRequirements?
    /// Pods that are being deleted do not count for spreading.
    var isTerminating: Bool
  }

  struct Kind: Sendable {
    var key: KindKey
    /// Pods by node.
    var counts: [Int: Int] = [:]
  }

  /// The domains of a topology, numbered.
  struct Domains: Sendable {
    var version: UInt64
    /// By node number; -1 where a node lacks the label.
    var numbers: ContiguousArray<Int> = []
    var count = 0
  }

  /// Learns which labels terms ask for. Returns whether pods must be counted anew.
  mutating func learn(_ terms: PodTerms) -> Bool {
    let new = terms.labelKeys.filter { !keys.contains($0) }
    guard !isActive || !new.isEmpty else { return false }
    isActive = true
    keys.formUnion(new)
    kinds = []
    numbers = [:]
    unused = []
    version += 1
    return true
  }

  func identity(_ pod: PodIdentity) -> PodIdentity {
    var result = PodIdentity(namespace: pod.namespace, labels: StringMap())
    for entry in pod.labels where keys.contains(entry.key) { result.labels[entry.key] = entry.value }
    return result
  }

  /// Counts a pod on a node. Returns the number of its kind.
  mutating func add(_ key: KindKey, on node: Int) -> Int {
    let number: Int
    if let known = numbers[key] {
      number = known
    } else {
      number = unused.popLast() ?? kinds.count
      if number == kinds.count { kinds.append(Kind(key: key)) } else { kinds[number] = Kind(key: key) }
      numbers[key] = number
    }
    kinds[number].counts[node, default: 0] += 1
    version += 1
    return number
  }

  mutating func subtract(_ number: Int, from node: Int) {
    version += 1
    let left = (kinds[number].counts[node] ?? 1) - 1
    kinds[number].counts[node] = left == 0 ? nil : left
    guard kinds[number].counts.isEmpty else { return }
    numbers[kinds[number].key] = nil
    unused.append(number)
  }

  /// Something changed that no count tells, such as a node.
  mutating func touch() {
    if isActive { version += 1 }
  }

  /// Takes in a namespace's labels; `nil` where it is gone.
  mutating func setNamespace(_ name: String, _ labels: StringMap?) {
    guard namespaces[name] != labels else { return }
    namespaces[name] = labels
    version += 1
  }

  /// Whether the terms of any pod on a node are about this one. O(kinds of pods that have terms).
  func concerns(_ pod: PodIdentity) -> Bool {
    kinds.contains { kind in
      guard !kind.counts.isEmpty, let terms = kind.key.requirements?.terms else { return false }
      return (terms.affinity + terms.antiAffinity + terms.preferred.map(\.term)).contains {
        $0.matches(pod, namespaces)
      }
    }
  }

  mutating func domains(_ key: String, _ nodes: NodeTable) -> Domains {
    if let known = domains[key], known.version == nodes.nodeVersion { return known }
    var result = Domains(version: nodes.nodeVersion)
    var values: [String: Int] = [:]
    for node in nodes.nodes {
      guard node.home != nil, let value = node.traits.labels[key] else {
        result.numbers.append(-1)
        continue
      }
      let number = values[value] ?? values.count
      values[value] = number
      result.numbers.append(number)
    }
    result.count = values.count
    domains[key] = result
    return result
  }
}

extension TopologyTable.Domains {
  /// The domain of a node, also of one that came after the domains were numbered and is nothing but a name.
  func number(of node: Int) -> Int { node < numbers.count ? numbers[node] : -1 }
}
