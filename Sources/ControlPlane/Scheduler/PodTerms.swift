import KubeModel

/// What other pods' terms look at in a pod.
struct PodIdentity: Hashable, Sendable {
  var namespace: String
  var labels: StringMap
}

/// Pods that a pod wants near, or far: those that the selector picks in some namespaces, as near as one topology
/// domain (the nodes that share a value of the label `topologyKey`).
struct PodTerm: Hashable, Sendable {
  var topologyKey: String
  var namespaces: [String]
  /// More namespaces, by their labels; an empty selector means all of them.
  var namespaceSelector: LabelSelector?
  /// `nil` picks no pod, an empty one all of them.
  var selector: LabelSelector?

  func matches(_ pod: PodIdentity, _ namespaceLabels: [String: StringMap]) -> Bool {
    guard let selector else { return false }
    let isInside =
      namespaces.contains(pod.namespace)
      || namespaceSelector.map { $0.matches(namespaceLabels[pod.namespace] ?? StringMap()) } ?? false
    return isInside && selector.matches(pod.labels)
  }
}

/// A term that counts in scores only. Anti-affinity has a negative weight.
struct WeightedPodTerm: Hashable, Sendable {
  var weight: Int
  var term: PodTerm
}

/// How evenly pods of the own namespace are to be spread over the domains of a topology.
struct SpreadConstraint: Hashable, Sendable {
  var topologyKey: String
  var maxSkew: Int
  /// DoNotSchedule; otherwise ScheduleAnyway, which counts in scores only.
  var isRequired: Bool
  var selector: LabelSelector?
  var minDomains: Int
  /// Whether only nodes count that the pod's node selector and affinity allow (nodeAffinityPolicy, default Honor).
  var honorsAffinity: Bool
  /// Whether only nodes count whose taints the pod tolerates (nodeTaintsPolicy, default Ignore).
  var honorsTaints: Bool
}

/// All that makes a pod's place depend on where other pods are.
struct PodTerms: Hashable, Sendable {
  var affinity: [PodTerm] = []
  var antiAffinity: [PodTerm] = []
  var preferred: [WeightedPodTerm] = []
  var spread: [SpreadConstraint] = []

  var isEmpty: Bool { !concernsOthers && spread.isEmpty }

  /// Whether the pod's terms also bear on pods that come after it: affinity is symmetric, spreading is not.
  var concernsOthers: Bool { !(affinity.isEmpty && antiAffinity.isEmpty && preferred.isEmpty) }

  /// The label keys that any of the selectors asks for.
  var labelKeys: [String] {
    let selectors =
      (affinity + antiAffinity + preferred.map(\.term)).map(\.selector) + spread.map(\.selector)
    return selectors.flatMap { selector in
      (selector?.matchLabels.keys ?? []) + (selector?.matchExpressions.map(\.key) ?? [])
    }
  }
}

// MARK: Reading

extension PodTerms {
  init(_ spec: PodSpecCommon, of pod: PodIdentity) {
    func terms(_ kind: String) -> [PodTerm] {
      list(spec.affinity?[kind]?["requiredDuringSchedulingIgnoredDuringExecution"]).map { PodTerm($0, of: pod) }
    }
    func preferences(_ kind: String, _ sign: Int) -> [WeightedPodTerm] {
      list(spec.affinity?[kind]?["preferredDuringSchedulingIgnoredDuringExecution"]).compactMap { item in
        guard let term = item["podAffinityTerm"] else { return nil }
        let weight = Int(min(max(item["weight"]?.int ?? 0, 0), 100))
        return weight == 0 ? nil : WeightedPodTerm(weight: sign * weight, term: PodTerm(term, of: pod))
      }
    }
    affinity = terms("podAffinity")
    antiAffinity = terms("podAntiAffinity")
    preferred = preferences("podAffinity", 1) + preferences("podAntiAffinity", -1)
    spread = list(spec.topologySpreadConstraints).map { SpreadConstraint($0, of: pod) }
  }

  /// Whether what a pod's terms mean depends on the values of its own labels: then pods of one job may differ.
  static func dependOnOwnLabels(_ spec: PodSpecCommon) -> Bool {
    let terms = ["podAffinity", "podAntiAffinity"].flatMap { kind in
      list(spec.affinity?[kind]?["requiredDuringSchedulingIgnoredDuringExecution"])
        + list(spec.affinity?[kind]?["preferredDuringSchedulingIgnoredDuringExecution"])
        .compactMap { $0["podAffinityTerm"] }
    }
    return (terms + list(spec.topologySpreadConstraints)).contains {
      !list($0["matchLabelKeys"]).isEmpty || !list($0["mismatchLabelKeys"]).isEmpty
    }
  }
}

private func list(_ json: JSONValue?) -> [JSONValue] { json?.array ?? [] }

/// A selector as it stands in a term, with what the pod's own labels add to it.
private func labelSelector(_ json: JSONValue, of pod: PodIdentity) -> LabelSelector? {
  guard let object = json["labelSelector"], object != .null else { return nil }
  var decoder = ModelDecoder()
  guard var selector = LabelSelector.decode(object, &decoder) else { return nil }
  for (field, comparison) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
    for key in list(json[field]).compactMap(\.string) {
      guard let value = pod.labels[key] else { continue }
      var requirement = LabelSelectorRequirement()
      requirement.key = key
      requirement.operator = comparison
      requirement.values = [value]
      selector.matchExpressions.append(requirement)
    }
  }
  return selector
}

extension PodTerm {
  fileprivate init(_ json: JSONValue, of pod: PodIdentity) {
    topologyKey = json["topologyKey"]?.string ?? ""
    selector = labelSelector(json, of: pod)
    namespaces = list(json["namespaces"]).compactMap(\.string).sorted()
    if let object = json["namespaceSelector"], object != .null {
      var decoder = ModelDecoder()
      namespaceSelector = LabelSelector.decode(object, &decoder)
    }
    if namespaces.isEmpty, namespaceSelector == nil { namespaces = [pod.namespace] }
  }
}

extension SpreadConstraint {
  fileprivate init(_ json: JSONValue, of pod: PodIdentity) {
    topologyKey = json["topologyKey"]?.string ?? ""
    maxSkew = Int(max(1, json["maxSkew"]?.int ?? 1))
    isRequired = json["whenUnsatisfiable"]?.string != "ScheduleAnyway"
    selector = labelSelector(json, of: pod)
    minDomains = Int(max(1, json["minDomains"]?.int ?? 1))
    honorsAffinity = json["nodeAffinityPolicy"]?.string != "Ignore"
    honorsTaints = json["nodeTaintsPolicy"]?.string == "Honor"
  }
}

// MARK: Host ports

/// A port of the node that a pod wants for itself.
struct HostPort: Hashable, Sendable {
  var address: String
  var proto: String
  var port: Int64

  /// Whether both cannot be had: an address of all zeros means every address.
  func conflicts(with other: HostPort) -> Bool {
    guard port == other.port, proto == other.proto else { return false }
    return address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0"
  }

  /// The ports of a pod's containers and sidecars.
  static func all(of spec: PodSpecCommon) -> [HostPort] {
    (spec.containers + spec.initContainers.filter { $0.restartPolicy == "Always" }).flatMap { container in
      list(container.ports).compactMap { json in
        let port = json["hostPort"]?.int ?? 0
        guard port > 0 else { return nil }
        let address = json["hostIP"]?.string ?? ""
        return HostPort(
          address: address.isEmpty ? "0.0.0.0" : address, proto: json["protocol"]?.string ?? "TCP", port: port)
      }
    }
  }
}
