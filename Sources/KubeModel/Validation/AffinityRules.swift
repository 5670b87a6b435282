// Kubernetes' rules for where pods may run (pkg/apis/core/validation: validateAffinity and what it calls).

/// The rules for a pod's `affinity`.
func validateAffinity(_ affinity: JSONValue?, _ path: String) -> [FieldError] {
  guard let affinity, affinity != .null else { return [] }
  var errors: [FieldError] = []
  if let node = affinity["nodeAffinity"], node != .null { errors += validateNodeAffinity(node, "\(path).nodeAffinity") }
  for name in ["podAffinity", "podAntiAffinity"] {
    if let pod = affinity[name], pod != .null { errors += validatePodAffinity(pod, "\(path).\(name)") }
  }
  return errors
}

private let required = "requiredDuringSchedulingIgnoredDuringExecution"
private let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

private func validateNodeAffinity(_ affinity: JSONValue, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  if let selector = affinity[required], selector != .null {
    let field = "\(path).\(required).nodeSelectorTerms"
    let terms = selector["nodeSelectorTerms"]?.array ?? []
    if terms.isEmpty { errors.append(.required(field, "must have at least one node selector term")) }
    for (index, term) in terms.enumerated() { errors += validateNodeTerm(term, "\(field)[\(index)]") }
  }
  for (index, term) in (affinity[preferred]?.array ?? []).enumerated() {
    let field = "\(path).\(preferred)[\(index)]"
    errors += validateWeight(term, field)
    errors += validateNodeTerm(term["preference"] ?? .null, "\(field).preference")
  }
  return errors
}

private func validateNodeTerm(_ term: JSONValue, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  for (index, requirement) in (term["matchExpressions"]?.array ?? []).enumerated() {
    errors += validateExpression(requirement, "\(path).matchExpressions[\(index)]")
  }
  for (index, requirement) in (term["matchFields"]?.array ?? []).enumerated() {
    errors += validateField(requirement, "\(path).matchFields[\(index)]")
  }
  return errors
}

/// A condition on a node's labels (ValidateNodeSelectorRequirement).
private func validateExpression(_ requirement: JSONValue, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  let key = requirement["key"]?.string ?? ""
  let name = requirement["operator"]?.string ?? ""
  let values = (requirement["values"]?.array ?? []).compactMap(\.string)
  switch name {
  case "In", "NotIn":
    if values.isEmpty {
      errors.append(.required("\(path).values", "must be specified when `operator` is 'In' or 'NotIn'"))
    }
  case "Exists", "DoesNotExist":
    if !values.isEmpty {
      errors.append(.forbidden("\(path).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    }
  case "Gt", "Lt":
    if values.count != 1 {
      errors.append(.required("\(path).values", "must be specified single value when `operator` is 'Lt' or 'Gt'"))
    }
  default: errors.append(.invalid("\(path).operator", .string(name), "not a valid selector operator"))
  }
  errors += NameRules.qualifiedName(key).map { .invalid("\(path).key", .string(key), $0) }
  for (index, value) in values.enumerated() {
    errors += NameRules.labelValue(value).map { .invalid("\(path).values[\(index)]", .string(value), $0) }
  }
  return errors
}

/// A condition on a node's fields, of which there is one (ValidateNodeFieldSelectorRequirement).
private func validateField(_ requirement: JSONValue, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  let key = requirement["key"]?.string ?? ""
  let name = requirement["operator"]?.string ?? ""
  let values = (requirement["values"]?.array ?? []).compactMap(\.string)
  if name != "In", name != "NotIn" {
    errors.append(.invalid("\(path).operator", .string(name), "not a valid selector operator"))
  } else if values.count != 1 {
    errors.append(
      .required(
        "\(path).values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  }
  guard key == "metadata.name" else {
    return errors + [.invalid("\(path).key", .string(key), "not a valid field selector key")]
  }
  for (index, value) in values.enumerated() {
    errors += NameRules.dnsSubdomain(value).map { .invalid("\(path).values[\(index)]", .string(value), $0) }
  }
  return errors
}

private func validatePodAffinity(_ affinity: JSONValue, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  for (index, term) in (affinity[required]?.array ?? []).enumerated() {
    errors += validatePodTerm(term, "\(path).\(required)[\(index)]")
  }
  for (index, term) in (affinity[preferred]?.array ?? []).enumerated() {
    let field = "\(path).\(preferred)[\(index)]"
    errors += validateWeight(term, field)
    errors += validatePodTerm(term["podAffinityTerm"] ?? .null, "\(field).podAffinityTerm")
  }
  return errors
}

private func validatePodTerm(_ term: JSONValue, _ path: String) -> [FieldError] {
  var errors = validateSelector(term["labelSelector"], "\(path).labelSelector")
  errors += validateSelector(term["namespaceSelector"], "\(path).namespaceSelector")
  for case .string(let namespace) in term["namespaces"]?.array ?? [] {
    errors += NameRules.dnsLabel(namespace).map { .invalid("\(path).namespace", .string(namespace), $0) }
  }
  let key = term["topologyKey"]?.string ?? ""
  if key.isEmpty { errors.append(.required("\(path).topologyKey", "can not be empty")) }
  return errors + NameRules.qualifiedName(key).map { .invalid("\(path).topologyKey", .string(key), $0) }
}

private func validateWeight(_ term: JSONValue, _ path: String) -> [FieldError] {
  let weight = term["weight"]?.int ?? 0
  return (1...100).contains(weight) ? [] : [.invalid("\(path).weight", .int(weight), "must be in the range 1-100")]
}

/// A label selector in a part of a pod that is kept as it stands.
private func validateSelector(_ json: JSONValue?, _ path: String) -> [FieldError] {
  guard let json, json != .null else { return [] }
  var decoder = ModelDecoder()
  return LabelSelector.decode(json, &decoder)?.validate(path) ?? []
}

/// The rules for `topologySpreadConstraints` (validateTopologySpreadConstraints).
func validateSpread(_ constraints: JSONValue?, _ path: String) -> [FieldError] {
  let constraints = constraints?.array ?? []
  var errors: [FieldError] = []
  for (index, constraint) in constraints.enumerated() {
    let path = "\(path)[\(index)]"
    let skew = constraint["maxSkew"]?.int ?? 0
    let key = constraint["topologyKey"]?.string ?? ""
    let action = constraint["whenUnsatisfiable"]?.string ?? ""
    if skew <= 0 { errors.append(.invalid("\(path).maxSkew", .int(skew), "must be greater than zero")) }
    if key.isEmpty { errors.append(.required("\(path).topologyKey", "can not be empty")) }
    let actions = ["DoNotSchedule", "ScheduleAnyway"]
    if !actions.contains(action) { errors.append(.notSupported("\(path).whenUnsatisfiable", action, actions)) }
    let repeats = constraints[(index + 1)...].contains {
      $0["topologyKey"]?.string ?? "" == key && $0["whenUnsatisfiable"]?.string ?? "" == action
    }
    if repeats {
      errors.append(.duplicate("\(path).{topologyKey, whenUnsatisfiable}", .string("{\(key), \(action)}")))
    }
    if let domains = constraint["minDomains"]?.int {
      if domains <= 0 { errors.append(.invalid("\(path).minDomains", .int(domains), "must be greater than zero")) }
      if action != "DoNotSchedule" {
        errors.append(
          .invalid(
            "\(path).minDomains", .int(domains),
            "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not \(action)"))
      }
    }
    for name in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
      guard let policy = constraint[name]?.string, policy != "Honor", policy != "Ignore" else { continue }
      errors.append(.notSupported("\(path).\(name)", policy, ["Honor", "Ignore"]))
    }
    errors += validateSelector(constraint["labelSelector"], "\(path).labelSelector")
  }
  return errors
}
