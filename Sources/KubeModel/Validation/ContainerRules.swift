// Kubernetes' rules for one container (pkg/apis/core/validation).

extension Container {
  func validate(_ path: String, volumes: Set<String>, pod: PodSpecCommon) -> [FieldError] {
    var errors: [FieldError] = []
    if name.isEmpty {
      errors.append(.required("\(path).name"))
    } else {
      errors += NameRules.dnsLabel(name).map { .invalid("\(path).name", .string(name), $0) }
    }
    if image.isEmpty { errors.append(.required("\(path).image")) }
    errors += validateWord(
      "\(path).terminationMessagePolicy", terminationMessagePolicy, ["File", "FallbackToLogsOnError"])
    errors += validatePorts("\(path).ports")
    for (index, variable) in env.enumerated() { errors += variable.validate("\(path).env[\(index)]") }
    for (index, source) in envFrom.enumerated() {
      errors += source.validate("\(path).envFrom[\(index)]", list: "\(path).envFrom")
    }
    errors += validateMounts("\(path).volumeMounts", volumes)
    errors += validateWord("\(path).imagePullPolicy", imagePullPolicy, ["Always", "IfNotPresent", "Never"])
    errors += resources.validate("\(path).resources")
    errors += validateResizing("\(path).resizePolicy", pod.restartPolicy)
    return errors + validateSecurity("\(path).securityContext", hostUsers: pod.hostUsers != false)
  }

  /// Which resources may change while the container runs (validateResizePolicy).
  private func validateResizing(_ path: String, _ podPolicy: RestartPolicy) -> [FieldError] {
    var errors: [FieldError] = []
    var seen = Set<String>()
    for (index, entry) in (resizePolicy?.array ?? []).enumerated() {
      let name = entry["resourceName"]?.string ?? ""
      let policy = entry["restartPolicy"]?.string ?? ""
      if !seen.insert(name).inserted { errors.append(.duplicate("\(path)[\(index)]", .string(name))) }
      errors += validateWord(path, name, ["cpu", "memory"])
      errors += validateWord(path, policy, ["NotRequired", "RestartContainer"])
      if podPolicy == .never, policy != "NotRequired" {
        errors.append(.invalid(path, .string(policy), "must be 'NotRequired' when `restartPolicy` is 'Never'"))
      }
    }
    return errors
  }

  /// What holds for containers of pods alone: templates with such an image exist, and are kept (validateContainerOnlyForPod).
  func validateInPod(_ path: String) -> [FieldError] {
    let blanks = image.utf8.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    guard !image.isEmpty, blanks.count != image.utf8.count || image.last?.isWhitespace == true else { return [] }
    return [.invalid("\(path).image", .string(image), "must not have leading or trailing whitespace")]
  }
}

extension EnvVar {
  func validate(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if name.isEmpty {
      errors.append(.required("\(path).name"))
    } else {
      errors += NameRules.environmentName(name).map { .invalid("\(path).name", .string(name), $0) }
    }
    guard let valueFrom else { return errors }
    return errors + valueFrom.validate("\(path).valueFrom", hasValue: !value.isEmpty)
  }
}

extension EnvVarSource {
  private static let fieldPaths = [
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
  ]
  /// Fields that pods can be selected by, or that files can be made of: known, but not for variables.
  private static let otherFieldPaths = [
    "metadata.annotations", "metadata.labels", "spec.hostNetwork", "spec.restartPolicy", "spec.schedulerName",
    "status.nominatedNodeName", "status.phase",
  ]

  func validate(_ path: String, hasValue: Bool) -> [FieldError] {
    var errors: [FieldError] = []
    var sources = 0
    if let fieldRef {
      sources += 1
      errors += EnvVarSource.validate(
        apiVersion: fieldRef.apiVersion, fieldPath: fieldRef.fieldPath, supported: EnvVarSource.fieldPaths,
        "\(path).fieldRef")
    }
    if let resourceFieldRef {
      sources += 1
      errors += EnvVarSource.validate(resource: resourceFieldRef.resource, "\(path).resourceFieldRef")
    }
    for (name, selector) in [("configMapKeyRef", configMapKeyRef), ("secretKeyRef", secretKeyRef)] {
      guard let selector else { continue }
      sources += 1
      errors += NameRules.dnsSubdomain(selector.name).map {
        .invalid("\(path).\(name).name", .string(selector.name), $0)
      }
      if selector.key.isEmpty {
        errors.append(.required("\(path).\(name).key"))
      } else {
        errors += NameRules.configMapKey(selector.key).map {
          .invalid("\(path).\(name).key", .string(selector.key), $0)
        }
      }
    }
    if fileKeyRef != nil { sources += 1 }
    if sources == 0 {
      errors.append(
        .invalid(
          path, .string(""),
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"))
    } else if hasValue {
      errors.append(.invalid(path, .string(""), "may not be specified when `value` is not empty"))
    } else if sources > 1 {
      errors.append(.invalid(path, .string(""), "may not have more than one field specified at a time"))
    }
    return errors
  }

  /// - Parameter supported: the fields that can be shown where this is, in alphabetical order.
  static func validate(
    apiVersion: String, fieldPath name: String, supported: [String], _ path: String
  ) -> [FieldError] {
    if apiVersion.isEmpty { return [.required("\(path).apiVersion")] }
    if name.isEmpty { return [.required("\(path).fieldPath")] }
    for prefix in ["metadata.labels['", "metadata.annotations['"] where name.hasPrefix(prefix) && name.hasSuffix("']") {
      let key = String(name.dropFirst(prefix.count).dropLast(2))
      let checked = prefix.contains("annotations") ? key.lowercased() : key
      return NameRules.qualifiedName(checked).map { .invalid(path, .string(key), $0) }
    }
    if supported.contains(name) { return [] }
    if fieldPaths.contains(name) || otherFieldPaths.contains(name) {
      return [.notSupported("\(path).fieldPath", name, supported)]
    }
    return [
      .invalid(
        "\(path).fieldPath", .string(name), "error converting fieldPath: field label not supported: \(name)")
    ]
  }

  /// A request or limit of a container.
  static func validate(resource name: String, _ path: String) -> [FieldError] {
    let supported = [
      "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
      "requests.memory",
    ]
    if name.isEmpty { return [.required("\(path).resource")] }
    guard !supported.contains(name), !name.contains(".hugepages-") else { return [] }
    return [.notSupported("\(path).resource", name, supported)]
  }
}

extension EnvFromSource {
  /// `list` is the field of the whole list, of which Kubernetes speaks where an entry has no source, or two.
  func validate(_ path: String, list: String) -> [FieldError] {
    var errors: [FieldError] = []
    if !prefix.isEmpty {
      errors += NameRules.environmentName(prefix).map { .invalid("\(path).prefix", .string(prefix), $0) }
    }
    for (name, reference) in [("configMapRef", configMapRef), ("secretRef", secretRef)] {
      guard let reference else { continue }
      if reference.name.isEmpty {
        errors.append(.required("\(path).\(name).name"))
      } else {
        errors += validateName("\(path).\(name).name", reference.name, NameRules.dnsSubdomain)
      }
    }
    if configMapRef == nil, secretRef == nil {
      errors.append(.invalid(list, .string(""), "must specify one of: `configMapRef` or `secretRef`"))
    } else if configMapRef != nil, secretRef != nil {
      errors.append(.invalid(list, .string(""), "may not have more than one field specified at a time"))
    }
    return errors
  }
}

extension ResourceRequirements {
  func validate(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    for entry in limits?.entries ?? [] { errors += validate(entry, "\(path).limits[\(entry.name)]") }
    for entry in requests?.entries ?? [] {
      errors += validate(entry, "\(path).requests[\(entry.name)]")
      let isExtended = entry.name.contains("/") || entry.name.hasPrefix("hugepages-")
      guard let limit = limits?[entry.name] else {
        if isExtended {
          errors.append(.required("\(path).limits", "Limit must be set for non overcommitable resources"))
        }
        continue
      }
      if isExtended, entry.quantity != limit {
        errors.append(
          .invalid(
            "\(path).requests", .string(entry.quantity.text), "must be equal to \(entry.name) limit of \(limit.text)"))
      } else if entry.quantity > limit {
        errors.append(
          .invalid(
            "\(path).requests", .string(entry.quantity.text),
            "must be less than or equal to \(entry.name) limit of \(limit.text)"))
      }
    }
    let names = (limits?.entries ?? []).map(\.name) + (requests?.entries ?? []).map(\.name)
    if names.contains(where: { $0.hasPrefix("hugepages-") }), !names.contains("cpu"), !names.contains("memory") {
      errors.append(.forbidden(path, "HugePages require cpu or memory"))
    }
    return errors
  }

  /// Standard resources of quotas, volumes and nodes, which a container cannot ask for.
  private static let elsewhere: Set<String> = [
    "configmaps", "count/jobs.batch", "limits.cpu", "limits.ephemeral-storage", "limits.memory",
    "persistentvolumeclaims", "pods", "replicationcontrollers", "requests.cpu", "requests.ephemeral-storage",
    "requests.memory", "requests.storage", "resourcequotas", "secrets", "services", "services.loadbalancers",
    "services.nodeports", "storage",
  ]

  private func validate(_ entry: ResourceList.Entry, _ field: String) -> [FieldError] {
    var errors = NameRules.qualifiedName(entry.name).map { FieldError.invalid(field, .string(entry.name), $0) }
    let ofContainers = ["cpu", "memory", "ephemeral-storage"]
    if !entry.name.contains("/"), !ofContainers.contains(entry.name), !entry.name.hasPrefix("hugepages-") {
      if errors.isEmpty, !ResourceRequirements.elsewhere.contains(entry.name) {
        errors.append(
          .invalid(field, .string(entry.name), "must be a standard resource type or fully qualified"))
      }
      errors.append(.invalid(field, .string(entry.name), "must be a standard resource for containers"))
    } else if entry.name.hasPrefix("requests.") {
      errors.append(.invalid(field, .string(entry.name), "doesn't follow extended resource name standard"))
    }
    if entry.quantity.milli < 0 { errors.append(negativeQuantity(field, entry.quantity)) }
    if entry.name.contains("/"), entry.quantity.milli % 1000 != 0 {
      errors.append(.invalid(field, .string(entry.quantity.text), "must be an integer"))
    }
    return errors
  }
}
