import Foundation
import KubeModel

@testable import ControlPlane

struct NaivePod {
  var requirements: PodRequirements
  var identity: PodIdentity
  /// Where it is, or is nominated to be.
  var node: String?
  var isNominated = false
  var isTerminating = false
}

/// Places pods by asking every node about every pod: Kubernetes' rules, as directly as they can be written down.
struct NaiveCluster {
  var nodes: [String: Node] = [:]
  var pods: [Int: NaivePod] = [:]
  var namespaces: [String: StringMap] = [:]

  struct Verdict {
    var reasons: [String] = []
    var isHopeless = false
    var fits: Bool { reasons.isEmpty }
  }

  private func others(than pod: NaivePod) -> [NaivePod] { pods.values.filter { $0.node != nil } }

  private func wants(_ pod: PodRequirements) -> [String: Int64] {
    var wants = ["cpu": pod.milliCPU, "memory": pod.memory, "pods": 1]
    for other in pod.others { wants[other.name] = other.amount }
    return wants.filter { $0.value > 0 }
  }

  private func capacity(_ node: Node, _ resource: String) -> Int64 {
    guard let quantity = node.status.allocatable[resource] else { return 0 }
    return resource == "cpu" ? quantity.milli : quantity.value
  }

  private func label(_ key: String, of name: String?) -> String? { name.flatMap { nodes[$0]?.metadata.labels[key] } }

  // MARK: Filters

  func verdict(_ pod: NaivePod, _ name: String) -> Verdict {
    guard let node = nodes[name] else { return Verdict(reasons: ["gone"], isHopeless: true) }
    let requirements = pod.requirements
    if let rejection = requirements.rejection(by: NodeTraits(node), name: name) {
      return Verdict(reasons: [rejection.text], isHopeless: true)
    }
    let here = pods.values.filter { $0.node == name }
    for port in requirements.hostPorts
    where here.contains(where: { $0.requirements.hostPorts.contains { $0.conflicts(with: port) } }) {
      return Verdict(reasons: ["node(s) didn't have free ports for the requested pod ports"])
    }
    var verdict = Verdict()
    for (resource, amount) in wants(requirements) {
      let used = here.reduce(0) { $0 + (wants($1.requirements)[resource] ?? 0) }
      guard amount > capacity(node, resource) - used else { continue }
      verdict.reasons.append(resource == "pods" ? "Too many pods" : "Insufficient \(resource)")
      if amount > capacity(node, resource), resource != "pods" { verdict.isHopeless = true }
    }
    if !verdict.fits { return verdict }
    return spreadVerdict(pod, name) ?? affinityVerdict(pod, name) ?? Verdict()
  }

  private func isEligible(_ node: Node, _ pod: NaivePod, _ constraint: SpreadConstraint) -> Bool {
    let traits = NodeTraits(node)
    return pod.requirements.terms.spread.filter { $0.isRequired == constraint.isRequired }
      .allSatisfy { node.metadata.labels[$0.topologyKey] != nil }
      && (!constraint.honorsAffinity || pod.requirements.isSelected(traits, name: node.metadata.name))
      && (!constraint.honorsTaints || pod.requirements.toleratesTaints(of: traits))
  }

  private func spreadCounts(_ pod: NaivePod, _ constraint: SpreadConstraint) -> [String: Int] {
    var counts: [String: Int] = [:]
    for (name, node) in nodes where isEligible(node, pod, constraint) {
      let matching = pods.values.count {
        $0.node == name && !$0.isTerminating && $0.identity.namespace == pod.identity.namespace
          && constraint.selector?.matches($0.identity.labels) == true
      }
      counts[node.metadata.labels[constraint.topologyKey]!, default: 0] += matching
    }
    return counts
  }

  private func spreadVerdict(_ pod: NaivePod, _ name: String) -> Verdict? {
    for constraint in pod.requirements.terms.spread where constraint.isRequired {
      let text = "node(s) didn't match pod topology spread constraints"
      guard let value = label(constraint.topologyKey, of: name) else {
        return Verdict(reasons: ["\(text) (missing required label)"], isHopeless: true)
      }
      let counts = spreadCounts(pod, constraint)
      guard var least = counts.values.min() else { continue }
      if counts.count < constraint.minDomains { least = 0 }
      let own = constraint.selector?.matches(pod.identity.labels) == true ? 1 : 0
      if (counts[value] ?? 0) + own - least > constraint.maxSkew { return Verdict(reasons: [text]) }
    }
    return nil
  }

  private func affinityVerdict(_ pod: NaivePod, _ name: String) -> Verdict? {
    let terms = pod.requirements.terms
    let placed = others(than: pod)
    let company = placed.filter { other in terms.affinity.allSatisfy { $0.matches(other.identity, namespaces) } }
    let hasLabels = terms.affinity.allSatisfy { label($0.topologyKey, of: name) != nil }
    let hasCompany = terms.affinity.allSatisfy { term in
      company.contains { isNear($0, term.topologyKey, name) }
    }
    let isFirst =
      terms.affinity.allSatisfy { $0.matches(pod.identity, namespaces) }
      && !company.contains { other in terms.affinity.contains { label($0.topologyKey, of: other.node) != nil } }
    if !hasLabels || !(hasCompany || isFirst) {
      return Verdict(reasons: ["node(s) didn't match pod affinity rules"], isHopeless: true)
    }
    for term in terms.antiAffinity
    where placed.contains(where: { term.matches($0.identity, namespaces) && isNear($0, term.topologyKey, name) }) {
      return Verdict(reasons: ["node(s) didn't match pod anti-affinity rules"])
    }
    for other in placed {
      for term in other.requirements.terms.antiAffinity
      where term.matches(pod.identity, namespaces) && isNear(other, term.topologyKey, name) {
        return Verdict(reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"])
      }
    }
    return nil
  }

  private func isNear(_ other: NaivePod, _ key: String, _ name: String) -> Bool {
    guard let value = label(key, of: name) else { return false }
    return label(key, of: other.node) == value
  }

  // MARK: Scores

  /// The nodes of the highest score, within rounding.
  func best(for pod: NaivePod) -> [String] {
    let fitting = nodes.keys.sorted().filter { verdict(pod, $0).fits }
    guard !fitting.isEmpty else { return [] }
    let avoidances = fitting.map { pod.requirements.avoidance(of: NodeTraits(nodes[$0]!)) }
    let avoided = avoidances.max() ?? 0
    let affinity = affinityScores(pod, fitting)
    let spread = spreadScores(pod, fitting)
    let totals = fitting.indices.map { index -> Double in
      let taints = avoided > 0 ? 100 - 100 * avoidances[index] / avoided : 100
      return resourceScore(pod, fitting[index]) + Double(3 * taints + 2 * affinity[index] + 2 * spread[index])
    }
    let top = totals.max() ?? 0
    return fitting.indices.filter { totals[$0] > top - 1e-6 }.map { fitting[$0] }
  }

  private func resourceScore(_ pod: NaivePod, _ name: String) -> Double {
    let here = pods.values.filter { $0.node == name }
    func share(_ resource: String, _ amounts: [Int64]) -> Double {
      Double(amounts.reduce(0, +)) / Double(capacity(nodes[name]!, resource))
    }
    let scored = (here + [pod]).map(\.requirements)
    let least =
      (2 - share("cpu", scored.map(\.scoredMilliCPU)) - share("memory", scored.map(\.scoredMemory))) * 50
    if pod.requirements.milliCPU == 0, pod.requirements.memory == 0 { return least }
    func balance(_ pods: [PodRequirements]) -> Double {
      let cpu = min(1, share("cpu", pods.map(\.milliCPU)))
      let memory = min(1, share("memory", pods.map(\.memory)))
      return (1 - abs(cpu - memory) / 2) * 100
    }
    return least + 50 + (50 + balance(scored) - balance(here.map(\.requirements))) / 2
  }

  private func affinityScores(_ pod: NaivePod, _ fitting: [String]) -> [Int] {
    let sums = fitting.map { name in
      others(than: pod).reduce(0) { sum, other in
        var sum = sum
        for preference in pod.requirements.terms.preferred
        where preference.term.matches(other.identity, namespaces) && isNear(other, preference.term.topologyKey, name) {
          sum += preference.weight
        }
        for preference in other.requirements.terms.preferred
        where preference.term.matches(pod.identity, namespaces) && isNear(other, preference.term.topologyKey, name) {
          sum += preference.weight
        }
        for term in other.requirements.terms.affinity
        where term.matches(pod.identity, namespaces) && isNear(other, term.topologyKey, name) {
          sum += 1
        }
        return sum
      }
    }
    let (least, most) = (sums.min() ?? 0, sums.max() ?? 0)
    return sums.map { most > least ? Int(100 * Double($0 - least) / Double(most - least)) : 0 }
  }

  private func spreadScores(_ pod: NaivePod, _ fitting: [String]) -> [Int] {
    let soft = pod.requirements.terms.spread.filter { !$0.isRequired }
    guard !soft.isEmpty else { return fitting.map { _ in 0 } }
    let counted = fitting.filter { name in soft.allSatisfy { label($0.topologyKey, of: name) != nil } }
    var sums: [String: Int] = [:]
    for name in counted {
      var sum = 0.0
      for constraint in soft {
        let domains = Set(counted.compactMap { label(constraint.topologyKey, of: $0) }).count
        let count = spreadCounts(pod, constraint)[label(constraint.topologyKey, of: name)!] ?? 0
        sum += Double(count) * log(Double(domains + 2)) + Double(constraint.maxSkew - 1)
      }
      sums[name] = Int(sum.rounded())
    }
    let (least, most) = (sums.values.min() ?? 0, sums.values.max() ?? 0)
    return fitting.map { name in
      guard let sum = sums[name] else { return 0 }
      return most == 0 ? 100 : 100 * (most + least - sum) / most
    }
  }

  // MARK: Preemption

  func message(for pod: NaivePod, preempted: Bool = false) -> String {
    guard !nodes.isEmpty else { return "no nodes available to schedule pods" }
    var reasons: [String: Int] = [:]
    var outlook: [String: Int] = [:]
    for name in nodes.keys {
      let verdict = verdict(pod, name)
      for reason in verdict.reasons { reasons[reason, default: 0] += 1 }
      if verdict.isHopeless {
        outlook["Preemption is not helpful for scheduling", default: 0] += 1
        continue
      }
      var without = self
      without.pods = pods.filter {
        $0.value.node != name || $0.value.requirements.priority >= pod.requirements.priority
      }
      if without.pods.count == pods.count {
        outlook["No preemption victims found for incoming pod", default: 0] += 1
      } else {
        for reason in without.verdict(pod, name).reasons { outlook[reason, default: 0] += 1 }
      }
    }
    func available(_ items: [String: Int]) -> String {
      "0/\(nodes.count) nodes are available: "
        + items.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ") + "."
    }
    if preempted { return available(reasons) }
    guard pod.requirements.mayPreempt else {
      return available(reasons)
        + " no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    }
    return "\(available(reasons)) no new claims to deallocate, preemption: \(available(outlook))"
  }
}
