internal import KubeModel

/// What other pods' places mean for a pod that looks for a node: its required affinity and anti-affinity to pods, and
/// the anti-affinity that pods which have a place have against it.
struct Neighbours {
  /// Pods that the term of an affinity is about.
  private struct Term {
    let topologyKey: String
    private let namespaces: [String]
    private let namespaceSelector: LabelSelector?
    private let selector: LabelSelector?

    init(_ json: JSONValue, of pod: PodItem) {
      topologyKey = json["topologyKey"]?.string ?? ""
      var selector = Term.selector(json["labelSelector"])
      for (field, comparison) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        for key in (json[field]?.array ?? []).compactMap(\.string) {
          guard let value = pod.labels[key] else { continue }
          var requirement = LabelSelectorRequirement()
          (requirement.key, requirement.operator, requirement.values) = (key, comparison, [value])
          selector?.matchExpressions.append(requirement)
        }
      }
      self.selector = selector
      let named = (json["namespaces"]?.array ?? []).compactMap(\.string)
      namespaceSelector = Term.selector(json["namespaceSelector"])
      namespaces = named.isEmpty && namespaceSelector == nil ? [pod.namespace] : named
    }

    private static func selector(_ json: JSONValue?) -> LabelSelector? {
      guard let json, json != .null else { return nil }
      var decoder = ModelDecoder()
      return LabelSelector.decode(json, &decoder)
    }

    static func all(_ kind: String, of pod: PodItem) -> [Term] {
      let list = pod.pod.spec.common.read {
        $0.affinity?[kind]?["requiredDuringSchedulingIgnoredDuringExecution"]?.array
      }
      return (list ?? []).map { Term($0, of: pod) }
    }

    func matches(_ pod: PodItem, _ labels: [String: StringMap]) -> Bool {
      guard let selector else { return false }
      let isInside =
        namespaces.contains(pod.namespace)
        || namespaceSelector.map { $0.matches(labels[pod.namespace] ?? [:]) } ?? false
      return isInside && selector.matches(pod.labels)
    }

    /// `app=db`
    var text: String { selector?.displayText ?? "<none>" }
  }

  private struct Domain: Hashable {
    let key: String
    let value: String
  }

  /// Of each term, a pod that it keeps away from in every domain that has one.
  private var inTheWay: [(term: Term, pods: [String: PodItem])]
  /// Pods that keep this one away from a domain.
  private var guards: [Domain: PodItem] = [:]
  /// Of each term, the domains with a pod that it wants to be near to.
  private var wanted: [(term: Term, domains: Set<String>)]

  /// `nil` where neither it nor, in the scheduler's words, any other pod has such wishes.
  init?(of pod: PodItem, _ nodes: [NodeItem], _ store: Store) {
    inTheWay = Term.all("podAntiAffinity", of: pod).map { ($0, [:]) }
    wanted = Term.all("podAffinity", of: pod).map { ($0, []) }
    let isGuarded = pod.unschedulable?.contains(Neighbours.guardWords) == true
    guard !inTheWay.isEmpty || !wanted.isEmpty || isGuarded else { return nil }
    let namespaces = Dictionary(
      store.all(.namespace).map { ($0.name, $0.labels) }, uniquingKeysWith: { first, _ in first })
    for node in nodes {
      let others = store.podItems(onNode: node.name).filter { $0.isActive && $0.uid != pod.uid }
      // Which of several it is must not change from second to second.
      for other in others.sorted(by: { $0.precedesByName($1) }) {
        for index in inTheWay.indices {
          let term = inTheWay[index].term
          guard let value = node.labels[term.topologyKey], inTheWay[index].pods[value] == nil else { continue }
          if term.matches(other, namespaces) { inTheWay[index].pods[value] = other }
        }
        for index in wanted.indices {
          let term = wanted[index].term
          guard let value = node.labels[term.topologyKey], !wanted[index].domains.contains(value) else { continue }
          if term.matches(other, namespaces) { wanted[index].domains.insert(value) }
        }
        guard isGuarded else { continue }
        for term in Term.all("podAntiAffinity", of: other) where term.matches(pod, namespaces) {
          guard let value = node.labels[term.topologyKey] else { continue }
          let domain = Domain(key: term.topologyKey, value: value)
          if guards[domain] == nil { guards[domain] = other }
        }
      }
    }
    // The first of pods that want to be near to each other may go anywhere.
    if wanted.allSatisfy({ $0.domains.isEmpty && $0.term.matches(pod, namespaces) }) { wanted = [] }
  }

  private static let guardWords = "existing pods anti-affinity rules"

  /// What speaks against a node.
  func objections(to node: NodeItem) -> [Why.Objection] {
    var objections: [Why.Objection] = []
    for (term, pods) in inTheWay {
      guard let value = node.labels[term.topologyKey], let other = pods[value] else { continue }
      objections.append(
        Why.Objection(
          text: "\(Neighbours.place(of: other, node, term.topologyKey)), which its anti-affinity (\(term.text)) avoids",
          words: "didn't match pod anti-affinity rules", pod: other))
    }
    let kept = node.labels.compactMap { label in
      guards[Domain(key: label.key, value: label.value)].map { (label.key, $0) }
    }
    for (key, other) in kept.sorted(by: { $0.0 < $1.0 }) {
      objections.append(
        Why.Objection(
          text: "\(Neighbours.place(of: other, node, key)), whose anti-affinity keeps it away",
          words: Neighbours.guardWords, pod: other))
    }
    for (term, domains) in wanted {
      let value = node.labels[term.topologyKey]
      if let value, domains.contains(value) { continue }
      let place = value.map { "\(term.topologyKey)=\($0)" } ?? "no label \(term.topologyKey)"
      objections.append(
        Why.Objection(
          text: "has no pod \(term.text) near it (\(place)), which its affinity wants",
          words: "didn't match pod affinity rules"))
    }
    return objections
  }

  /// `runs db-x7k2p`, `is in zone=a with db-x7k2p on node-2`
  private static func place(of other: PodItem, _ node: NodeItem, _ key: String) -> String {
    other.pod.spec.nodeName == node.name
      ? "runs \(other.name)" : "is in \(key)=\(node.labels[key] ?? "") with \(other.name) on \(other.pod.spec.nodeName)"
  }
}
