// Kubernetes' rules for namespaces, nodes, priority classes and events.

extension Namespace {
  /// What is wrong with this namespace as a new object.
  public func validate() -> [FieldError] { metadata.validate(namespaced: false, style: .label) }
}

extension Node {
  /// What is wrong with this Node as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    metadata.validate(namespaced: false) + validateTaints() + validateResources()
  }

  /// What is wrong with this Node as the successor of `old`.
  public func validateUpdate(from old: Node) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    errors += validateResources()
    let blocks = spec.podCIDRs.isEmpty && !spec.podCIDR.isEmpty ? [spec.podCIDR] : spec.podCIDRs
    let oldBlocks = old.spec.podCIDRs.isEmpty && !old.spec.podCIDR.isEmpty ? [old.spec.podCIDR] : old.spec.podCIDRs
    if !oldBlocks.isEmpty, blocks != oldBlocks {
      errors.append(
        .forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid"))
    }
    if !old.spec.providerID.isEmpty, spec.providerID != old.spec.providerID {
      errors.append(
        .forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid"))
    }
    return errors + validateTaints()
  }

  private func validateTaints() -> [FieldError] {
    var errors: [FieldError] = []
    var seen = Set<String>()
    for (index, taint) in spec.taints.enumerated() {
      let path = "spec.taints[\(index)]"
      errors += NameRules.qualifiedName(taint.key).map { .invalid("\(path).key", .string(taint.key), $0) }
      errors += NameRules.labelValue(taint.value).map { .invalid("\(path).value", .string(taint.value), $0) }
      errors += validateWord("\(path).effect", taint.effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"])
      if !seen.insert("\(taint.key):\(taint.effect)").inserted {
        errors.append(
          FieldError(
            type: "FieldValueDuplicate", field: path,
            body: FieldError.duplicate(path, taint.asInGo).body + ": taints must be unique by key and effect pair"))
      }
    }
    return errors
  }

  private func validateResources() -> [FieldError] {
    var errors: [FieldError] = []
    for (name, list) in [("capacity", status.capacity), ("allocatable", status.allocatable)] {
      for entry in list.entries where entry.quantity.milli < 0 {
        errors.append(negativeQuantity("status.\(name)[\(entry.name)]", entry.quantity))
      }
    }
    return errors
  }
}

extension Taint {
  /// Errors show Kubernetes' internal type, whose members are called as in Go.
  fileprivate var asInGo: JSONValue {
    .object(
      JSONObject([
        .init(name: "Key", value: .string(key)), .init(name: "Value", value: .string(value)),
        .init(name: "Effect", value: .string(effect)),
        .init(name: "TimeAdded", value: timeAdded.map { .string($0.truncatedToSeconds.description) } ?? .null),
      ]))
  }
}

extension PriorityClass {
  /// The classes that Kubernetes itself brings along.
  private static let system = ["system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000]

  /// Why a class with the reserved prefix is none of Kubernetes' own.
  private var systemComplaint: String? {
    guard let known = PriorityClass.system[metadata.name] else {
      return "\(metadata.name) is not a known system priority class"
    }
    if value != known { return "value of \(metadata.name) PriorityClass must be \(known)" }
    return globalDefault ? "globalDefault of \(metadata.name) PriorityClass must be false" : nil
  }

  /// What is wrong with this PriorityClass as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: false)
    if metadata.name.hasPrefix("system-") {
      if let systemComplaint {
        errors.append(
          .forbidden(
            "metadata.name",
            "priority class names with 'system-' prefix are reserved for system use only. error: \(systemComplaint)"))
      }
    } else if value > 1_000_000_000 {
      errors.append(
        .forbidden("value", "maximum allowed value of a user defined priority is 1000000000"))
    }
    if let policy = preemptionPolicy {
      errors += validateWord("preemptionPolicy", policy, ["Never", "PreemptLowerPriority"])
    }
    return errors
  }

  /// What is wrong with this PriorityClass as the successor of `old`.
  public func validateUpdate(from old: PriorityClass) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    if value != old.value { errors.append(.forbidden("value", "may not be changed in an update.")) }
    if preemptionPolicy != old.preemptionPolicy {
      errors.append(
        .invalid("preemptionPolicy", .text(preemptionPolicy), "field is immutable"))
    }
    return errors
  }
}

extension Event {
  /// What is wrong with this Event as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: true)
    let namespace = involvedObject.namespace.isEmpty ? "default" : involvedObject.namespace
    if namespace != metadata.namespace {
      errors.append(
        .invalid(
          "involvedObject.namespace", .string(involvedObject.namespace), "does not match event.namespace"))
    }
    return errors
  }

  /// What more is wrong with this event as a new one of events.k8s.io/v1, in the names of its fields there
  /// (pkg/apis/core/validation, ValidateEventCreate).
  public func validateNewer() -> [FieldError] {
    var errors: [FieldError] = []
    if eventTime == nil { errors.append(.required("eventTime")) }
    if reportingComponent.isEmpty { errors.append(.required("reportingController")) }
    errors += NameRules.qualifiedName(reportingComponent).map {
      .invalid("reportingController", .string(reportingComponent), $0)
    }
    for (field, text) in [("reportingInstance", reportingInstance), ("action", action), ("reason", reason)] {
      if text.isEmpty { errors.append(.required(field)) }
      if text.utf8.count > 128 { errors.append(.invalid(field, "", "can have at most 128 characters")) }
    }
    if message.utf8.count > 1024 { errors.append(.invalid("message", "", "can have at most 1024 characters")) }
    if type != "Normal", type != "Warning" { errors.append(.invalid("type", "", "has invalid value: \(type)")) }
    return errors
  }
}
