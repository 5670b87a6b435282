// Kubernetes' rules for pods and their templates (pkg/apis/core/validation), as far as jobdeck keeps the fields.

extension Pod {
  /// What is wrong with this pod as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: true)
    errors += validateDeletionCost(metadata.annotations, "metadata.annotations")
    errors += spec.validate("spec", isPod: true)
    for (index, container) in spec.containers.enumerated() {
      errors += container.validateInPod("spec.containers[\(index)]")
    }
    for (index, container) in spec.initContainers.enumerated() {
      errors += container.validateInPod("spec.initContainers[\(index)]")
    }
    if spec.ephemeralContainers?.array?.isEmpty == false {
      errors.append(.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    }
    if !spec.nodeName.isEmpty, !spec.schedulingGates.isEmpty {
      errors.append(.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"))
    }
    return errors
  }
}

extension PodTemplateSpec {
  func validate(_ path: String) -> [FieldError] {
    var errors = validateLabels(metadata.labels, "\(path).labels")
    errors += validateAnnotations(metadata.annotations, "\(path).annotations")
    errors += validateDeletionCost(metadata.annotations, "\(path).annotations")
    errors += spec.validate("\(path).spec", isPod: false)
    if let ephemeral = spec.ephemeralContainers?.array, !ephemeral.isEmpty {
      errors.append(
        .forbidden("\(path).spec.ephemeralContainers", "ephemeral containers not allowed in pod template"))
    }
    return errors
  }
}

/// How much it costs to delete a pod: a number as Kubernetes writes it, without sign or zeros in front.
private func validateDeletionCost(_ annotations: StringMap, _ path: String) -> [FieldError] {
  let name = "controller.kubernetes.io/pod-deletion-cost"
  guard let text = annotations[name] else { return [] }
  if let number = Int32(text), String(number) == text { return [] }
  return [.invalid("\(path)[\(name)]", .string(text), "must be a 32bit integer")]
}

extension PodSpec {
  /// - Parameter isPod: false for a template.
  func validate(_ path: String, isPod: Bool) -> [FieldError] {
    let spec = common.value
    var errors = validateVolumes("\(path).volumes")
    let volumes = Set(spec.volumes.map(\.name))
    errors += validateContainers("\(path).containers", volumes)
    errors += validateInitContainers("\(path).initContainers", volumes)
    errors += spec.validateHostNetwork(path, isPod: isPod)
    errors += validateWord("\(path).restartPolicy", spec.restartPolicy.rawValue, ["Always", "OnFailure", "Never"])
    errors += validateWord(
      "\(path).dnsPolicy", spec.dnsPolicy, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"])
    errors += validateLabels(spec.nodeSelector, "\(path).nodeSelector")
    errors += spec.validateSecurity(path)
    errors += validateAffinity(spec.affinity, "\(path).affinity")
    errors += spec.validateNameServers("\(path).dnsConfig")
    for (index, gate) in (spec.readinessGates?.array ?? []).enumerated() {
      let type = gate["conditionType"]?.string ?? ""
      errors += NameRules.qualifiedName(type).map {
        .invalid("\(path).readinessGates[\(index)].conditionType", .string(type), $0)
      }
    }
    var gates = Set<String>()
    for (index, gate) in spec.schedulingGates.enumerated() {
      let field = "\(path).schedulingGates[\(index)]"
      errors += NameRules.qualifiedName(gate.name).map { .invalid(field, .string(gate.name), $0) }
      if !gates.insert(gate.name).inserted { errors.append(.duplicate(field, .string(gate.name))) }
    }
    errors += validateSpread(spec.topologySpreadConstraints, "\(path).topologySpreadConstraints")
    errors += spec.validateHostUsers(path)
    errors += validateName("\(path).serviceAccountName", spec.serviceAccountName, NameRules.dnsSubdomain)
    errors += validateName("\(path).nodeName", nodeName, NameRules.dnsSubdomain)
    if let deadline = spec.activeDeadlineSeconds, deadline < 1 || deadline > Int(Int32.max) {
      errors.append(
        .invalid(
          "\(path).activeDeadlineSeconds", .int(deadline), "must be between 1 and 2147483647, inclusive"))
    }
    errors += validateName("\(path).hostname", hostname, NameRules.dnsLabel)
    errors += validateName("\(path).subdomain", spec.subdomain, NameRules.dnsLabel)
    for (index, toleration) in spec.tolerations.enumerated() {
      errors += toleration.validate("\(path).tolerations[\(index)]")
    }
    errors += spec.validateHostAliases("\(path).hostAliases")
    errors += validateName("\(path).priorityClassName", spec.priorityClassName, NameRules.dnsSubdomain)
    errors += validateName("\(path).runtimeClassName", spec.runtimeClassName ?? "", NameRules.dnsSubdomain)
    if let policy = spec.preemptionPolicy {
      errors += validateWord("\(path).preemptionPolicy", policy, ["PreemptLowerPriority", "Never"])
    }
    for entry in spec.overhead?.entries ?? [] where entry.quantity.milli < 0 {
      errors.append(negativeQuantity("\(path).overhead[\(entry.name)]", entry.quantity))
    }
    if let os = spec.os, os != .null {
      errors += validateWord("\(path).os.name", os["name"]?.string ?? "", ["linux", "windows"])
    }
    return errors
  }

  private func validateContainers(_ path: String, _ volumes: Set<String>) -> [FieldError] {
    if self.containers.isEmpty { return [.required(path)] }
    var errors: [FieldError] = []
    var names = Set<String>()
    for (index, container) in self.containers.enumerated() {
      let path = "\(path)[\(index)]"
      errors += container.validate(path, volumes: volumes, pod: common.value)
      if !names.insert(container.name).inserted {
        errors.append(.duplicate("\(path).name", .string(container.name)))
      }
      errors += container.validateHandlers(path, grace: common.value.terminationGracePeriodSeconds)
      if let policy = container.restartPolicy, container.restartPolicyRules == nil {
        errors += validateWord("\(path).restartPolicy", policy, ["Always", "OnFailure", "Never"])
      }
    }
    return errors + validateHostPorts(self.containers, path)
  }

  private func validateInitContainers(_ path: String, _ volumes: Set<String>) -> [FieldError] {
    var errors: [FieldError] = []
    var names = Set(self.containers.map(\.name))
    for (index, container) in self.initContainers.enumerated() {
      let path = "\(path)[\(index)]"
      errors += container.validate(path, volumes: volumes, pod: common.value)
      if let policy = container.restartPolicy {
        errors += validateWord("\(path).restartPolicy", policy, ["Always", "OnFailure", "Never"])
      }
      if !container.name.isEmpty, !names.insert(container.name).inserted {
        errors.append(.duplicate("\(path).name", .string(container.name)))
      }
      errors +=
        container.restartPolicy == "Always"
        ? container.validateHandlers(path, grace: common.value.terminationGracePeriodSeconds)
        : container.forbidHandlers(path)
    }
    return errors
  }
}

extension Toleration {
  func validate(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if !key.isEmpty { errors += NameRules.qualifiedName(key).map { .invalid("\(path).key", .string(key), $0) } }
    if key.isEmpty, self.operator != "Exists" {
      errors.append(
        .invalid(
          "\(path).operator", .string(self.operator),
          "operator must be Exists when `key` is empty, which means \"match all values and all keys\""))
    }
    if tolerationSeconds != nil, effect != "NoExecute" {
      errors.append(
        .invalid(
          "\(path).effect", .string(effect), "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    switch self.operator {
    case "Equal", "":
      errors += NameRules.labelValue(value).map { .invalid("\(path).operator", .string(value), $0) }
    case "Exists":
      if !value.isEmpty {
        errors.append(
          .invalid("\(path).operator", .string(value), "value must be empty when `operator` is 'Exists'"))
      }
    case "Lt", "Gt":
      // Behind a feature gate that is closed, but known.
      errors.append(.notSupported("\(path).operator", self.operator, ["Equal", "Exists", "Lt", "Gt"]))
    default:
      errors.append(.notSupported("\(path).operator", self.operator, ["Equal", "Exists"]))
    }
    if !effect.isEmpty, !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(effect) {
      errors.append(.notSupported("\(path).effect", effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]))
    }
    return errors
  }
}

/// A field that must hold one of a few words.
func validateWord(_ field: String, _ value: String, _ supported: [String]) -> [FieldError] {
  if value.isEmpty { return [.required(field)] }
  return supported.contains(value) ? [] : [.notSupported(field, value, supported)]
}

/// An optional field that must follow a rule for names.
func validateName(_ field: String, _ value: String, _ rule: (String) -> [String]) -> [FieldError] {
  value.isEmpty ? [] : rule(value).map { .invalid(field, .string(value), $0) }
}

func negativeQuantity(_ field: String, _ quantity: Quantity) -> FieldError {
  .invalid(field, .string(quantity.text), "must be greater than or equal to 0")
}
