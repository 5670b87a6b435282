import KubeModel

/// Everything about other pods' places that one attempt to place a pod asks for (Kubernetes: the state that the
/// plug-ins InterPodAffinity and PodTopologySpread compute before they look at nodes).
struct TopologyLook {
  /// Pods by domain.
  struct Tally {
    let domains: TopologyTable.Domains
    private(set) var counts: [Int]
    /// The sum of `counts`.
    private(set) var total = 0

    init(_ domains: TopologyTable.Domains) {
      self.domains = domains
      counts = [Int](repeating: 0, count: domains.count)
    }

    mutating func add(_ amount: Int, on node: Int) {
      let domain = domains.number(of: node)
      guard domain >= 0 else { return }
      counts[domain] += amount
      total += amount
    }

    /// `nil` for a node without the label.
    func count(at node: Int) -> Int? {
      let domain = domains.number(of: node)
      return domain >= 0 ? counts[domain] : nil
    }
  }

  struct Spread {
    let constraint: SpreadConstraint
    /// Whether the pod is one of those that it wants to spread.
    let countsItself: Bool
    var tally: Tally
    /// Nodes that count, by number.
    let isEligible: [Bool]
    /// Domains with such a node.
    let hasEligible: [Bool]

    /// The fewest pods in any domain; `nil` where there is no domain.
    var minimum: Int? {
      var domains = 0
      var least: Int?
      for (domain, count) in tally.counts.enumerated() where hasEligible[domain] {
        domains += 1
        least = min(least ?? count, count)
      }
      return domains < constraint.minDomains && domains > 0 ? 0 : least
    }
  }

  /// What one more pod of a kind changes in the tallies.
  private struct Effect {
    var affinity = false
    var antiAffinity: [Int] = []
    var guards: [Int] = []
    var spread: [Int] = []
    var scores: [(tally: Int, weight: Int)] = []

    var isEmpty: Bool { !affinity && antiAffinity.isEmpty && guards.isEmpty && spread.isEmpty && scores.isEmpty }
  }

  private let terms: PodTerms
  private let identity: PodIdentity
  private let matchesItself: Bool
  /// Pods that match all required affinity terms, a tally a term.
  private var affinity: [Tally] = []
  private var antiAffinity: [Tally] = []
  /// Pods whose anti-affinity is against this one, a tally a topology.
  private var guards: [Tally] = []
  private(set) var spread: [Spread] = []
  private var minima: [Int?] = []
  /// Weights for and against, a tally a topology.
  private(set) var scores: [Tally] = []
  private var effects: [Int: Effect] = [:]

  init(_ requirements: PodRequirements, _ identity: PodIdentity, _ topology: inout TopologyTable, _ nodes: NodeTable) {
    terms = requirements.terms
    self.identity = identity
    let namespaces = topology.namespaces
    matchesItself = terms.affinity.allSatisfy { $0.matches(identity, namespaces) }
    affinity = terms.affinity.map { Tally(topology.domains($0.topologyKey, nodes)) }
    antiAffinity = terms.antiAffinity.map { Tally(topology.domains($0.topologyKey, nodes)) }
    spread = TopologyLook.spread(requirements, identity, &topology, nodes)

    var guardNumbers: [String: Int] = [:]
    var scoreNumbers: [String: Int] = [:]
    for number in topology.kinds.indices where !topology.kinds[number].counts.isEmpty {
      let effect = effect(of: topology.kinds[number].key, &topology, nodes, &guardNumbers, &scoreNumbers)
      guard !effect.isEmpty else { continue }
      effects[number] = effect
      // In no particular order: these are sums.
      for (node, count) in topology.kinds[number].counts { apply(effect, node, count) }
    }
    minima = spread.map(\.minimum)
  }

  private static func spread(
    _ requirements: PodRequirements, _ identity: PodIdentity, _ topology: inout TopologyTable, _ nodes: NodeTable
  ) -> [Spread] {
    let constraints = requirements.terms.spread
    let domains = constraints.map { topology.domains($0.topologyKey, nodes) }
    return constraints.indices.map { index in
      let constraint = constraints[index]
      // A node counts only where it has the labels of all constraints of the same sort.
      let others = constraints.indices.filter { constraints[$0].isRequired == constraint.isRequired }
      var hasEligible = [Bool](repeating: false, count: domains[index].count)
      let isEligible = nodes.nodes.indices.map { number in
        let node = nodes.nodes[number]
        guard node.home != nil, others.allSatisfy({ domains[$0].number(of: number) >= 0 }),
          !constraint.honorsAffinity || requirements.isSelected(node.traits, name: node.name),
          !constraint.honorsTaints || requirements.toleratesTaints(of: node.traits)
        else { return false }
        hasEligible[domains[index].number(of: number)] = true
        return true
      }
      return Spread(
        constraint: constraint, countsItself: constraint.selector?.matches(identity.labels) ?? false,
        tally: Tally(domains[index]), isEligible: isEligible, hasEligible: hasEligible)
    }
  }

  private mutating func effect(
    of kind: TopologyTable.KindKey, _ topology: inout TopologyTable, _ nodes: NodeTable,
    _ guardNumbers: inout [String: Int], _ scoreNumbers: inout [String: Int]
  ) -> Effect {
    func number(_ key: String, _ numbers: inout [String: Int], _ tallies: inout [Tally]) -> Int {
      if let known = numbers[key] { return known }
      numbers[key] = tallies.count
      tallies.append(Tally(topology.domains(key, nodes)))
      return tallies.count - 1
    }
    let namespaces = topology.namespaces
    var effect = Effect()
    // What this pod says of the other …
    effect.affinity =
      !terms.affinity.isEmpty && terms.affinity.allSatisfy { $0.matches(kind.identity, namespaces) }
    effect.antiAffinity = terms.antiAffinity.indices.filter {
      terms.antiAffinity[$0].matches(kind.identity, namespaces)
    }
    if kind.identity.namespace == identity.namespace, !kind.isTerminating {
      effect.spread = terms.spread.indices.filter {
        terms.spread[$0].selector?.matches(kind.identity.labels) ?? false
      }
    }
    for preference in terms.preferred where preference.term.matches(kind.identity, namespaces) {
      effect.scores.append((number(preference.term.topologyKey, &scoreNumbers, &scores), preference.weight))
    }
    // … and what the other says of this one. Its required affinity counts as a preference of weight 1.
    guard let other = kind.requirements?.terms else { return effect }
    for term in other.antiAffinity where term.matches(identity, namespaces) {
      effect.guards.append(number(term.topologyKey, &guardNumbers, &guards))
    }
    for term in other.affinity where term.matches(identity, namespaces) {
      effect.scores.append((number(term.topologyKey, &scoreNumbers, &scores), 1))
    }
    for preference in other.preferred where preference.term.matches(identity, namespaces) {
      effect.scores.append((number(preference.term.topologyKey, &scoreNumbers, &scores), preference.weight))
    }
    return effect
  }

  private mutating func apply(_ effect: Effect, _ node: Int, _ count: Int) {
    if effect.affinity {
      for index in affinity.indices { affinity[index].add(count, on: node) }
    }
    for index in effect.antiAffinity { antiAffinity[index].add(count, on: node) }
    for index in effect.guards { guards[index].add(count, on: node) }
    for index in effect.spread where node < spread[index].isEligible.count && spread[index].isEligible[node] {
      spread[index].tally.add(count, on: node)
    }
    for score in effect.scores { scores[score.tally].add(count * score.weight, on: node) }
  }

  /// Looks at things as if there were `count` more pods of a kind on a node.
  mutating func add(_ count: Int, ofKind kind: Int, on node: Int) {
    guard let effect = effects[kind] else { return }
    apply(effect, node, count)
    for index in effect.spread { minima[index] = spread[index].minimum }
  }

  // MARK: Filtering

  /// The first of the filters that a node fails.
  func rejection(of node: Int) -> NodeRejection? {
    for (index, spread) in spread.enumerated() where spread.constraint.isRequired {
      guard let count = spread.tally.count(at: node) else { return .spreadLabel }
      guard let minimum = minima[index] else { continue }
      if count + (spread.countsItself ? 1 : 0) - minimum > spread.constraint.maxSkew { return .spread }
    }
    if !satisfiesAffinity(node) { return .affinity }
    if antiAffinity.contains(where: { ($0.count(at: node) ?? 0) > 0 }) { return .antiAffinity }
    if guards.contains(where: { ($0.count(at: node) ?? 0) > 0 }) { return .existingAntiAffinity }
    return nil
  }

  private func satisfiesAffinity(_ node: Int) -> Bool {
    var hasCompany = true
    for tally in affinity {
      guard let count = tally.count(at: node) else { return false }
      if count == 0 { hasCompany = false }
    }
    // The first of a group of pods that want to be together finds nobody anywhere, and may go where it likes.
    return hasCompany || (matchesItself && affinity.allSatisfy { $0.total == 0 })
  }

  // MARK: Scoring

  /// InterPodAffinity's score for each of the nodes that passed the filters, 0…100.
  func affinityScores(_ nodes: [Int]) -> [Int] {
    let sums = nodes.map { node in scores.reduce(0) { $0 + ($1.count(at: node) ?? 0) } }
    guard let least = sums.min(), let most = sums.max(), most > least else { return nodes.map { _ in 0 } }
    return sums.map { Int(100 * Double($0 - least) / Double(most - least)) }
  }

  /// PodTopologySpread's score for each of the nodes that passed the filters, 0…100.
  func spreadScores(_ nodes: [Int]) -> [Int] {
    let soft = spread.filter { !$0.constraint.isRequired }
    guard !soft.isEmpty else { return nodes.map { _ in 0 } }
    let counted = nodes.filter { node in soft.allSatisfy { $0.tally.count(at: node) != nil } }
    let weights = soft.map { spread in
      naturalLogarithm(Set(counted.map { spread.tally.domains.number(of: $0) }).count + 2)
    }
    let sums = nodes.map { node -> Int? in
      var sum = 0.0
      for (spread, weight) in zip(soft, weights) {
        guard let count = spread.tally.count(at: node) else { return nil }
        sum += Double(count) * weight + Double(spread.constraint.maxSkew - 1)
      }
      return Int(sum.rounded())
    }
    let known = sums.compactMap { $0 }
    guard let least = known.min(), let most = known.max() else { return nodes.map { _ in 0 } }
    return sums.map { sum in
      guard let sum else { return 0 }
      return most == 0 ? 100 : 100 * (most + least - sum) / most
    }
  }
}

/// The natural logarithm of a whole number above zero: this module has no library of functions at hand.
func naturalLogarithm(_ number: Int) -> Double {
  let value = Double(number)
  // value = significand · 2^exponent, and ln(significand) by the series of the area tangent: 1 ≤ significand < 2.
  let ratio = (value.significand - 1) / (value.significand + 1)
  let square = ratio * ratio
  var term = ratio
  var sum = 0.0
  for step in 0..<20 {
    sum += term / Double(2 * step + 1)
    term *= square
  }
  return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
}
