// Kubernetes' rules for a new Job (pkg/apis/batch/validation).

extension Job {
  /// What is wrong with this job as a new object, defaults applied and selector generated before. Upstream's order.
  public func validate() -> [FieldError] {
    var metadata = metadata
    // A job without labels takes its template's after validation; what is wrong with them is said of the template.
    if metadata.labels == spec.template.metadata.labels { metadata.labels = StringMap() }
    var errors = metadata.validate(namespaced: true)
    errors += validateGeneratedSelector()
    errors += spec.validate("spec")
    if spec.completionMode == .indexed, let completions = spec.completions, completions > 0 {
      let lastHost = "\(metadata.name)-\(completions - 1)"
      if !NameRules.dnsLabel(lastHost).isEmpty {
        errors.append(
          .invalid(
            "metadata.name", .string(metadata.name),
            "will not able to create pod with invalid DNS label: \(lastHost)"))
      }
    }
    return errors
  }

  private func validateGeneratedSelector() -> [FieldError] {
    guard spec.manualSelector != true, let selector = spec.selector else { return [] }
    var errors: [FieldError] = []
    if metadata.uid.isEmpty { errors.append(.required("metadata.uid")) }
    let expected: StringMap = [
      JobLabel.legacyControllerUID: metadata.uid, JobLabel.legacyJobName: metadata.name,
      JobLabel.controllerUID: metadata.uid, JobLabel.jobName: metadata.name,
    ]
    let labels = spec.template.metadata.labels
    let order = [JobLabel.legacyControllerUID, JobLabel.legacyJobName, JobLabel.controllerUID, JobLabel.jobName]
    for key in order {
      let field = "spec.template.metadata.labels[\(key)]"
      let value = expected[key] ?? ""
      if labels[key] == nil {
        errors.append(.required(field, "must be '\(value)'"))
      } else if labels[key] != value {
        errors.append(.invalid(field, JSONValue(labels), "must be '\(value)'"))
      }
    }
    if !selector.matches(expected) {
      errors.append(.invalid("spec.selector", selector.inGoOrder, "`selector` not auto-generated"))
    }
    return errors
  }
}

extension JobSpec {
  /// A job's own spec; `path` is `spec`.
  func validate(_ path: String) -> [FieldError] {
    var errors = validateCommon(path)
    let selectorErrors = selector?.validate("\(path).selector") ?? [.required("\(path).selector")]
    errors += selectorErrors
    // No selector is one that matches nothing.
    if selector == nil || selectorErrors.isEmpty, selector?.matches(template.metadata.labels) != true {
      let labels = template.metadata.labels
      errors.append(
        .invalid(
          "\(path).template.metadata.labels", labels.isEmpty ? .null : JSONValue(labels),
          "`selector` does not match template `labels`"))
    }
    return errors
  }

  /// The rules that jobs and the job templates of cron jobs share.
  func validateCommon(_ path: String) -> [FieldError] {
    var errors = FieldError.nonnegative("\(path).parallelism", parallelism)
    errors += FieldError.nonnegative("\(path).completions", completions)
    errors += FieldError.nonnegative("\(path).activeDeadlineSeconds", activeDeadlineSeconds)
    errors += FieldError.nonnegative("\(path).backoffLimit", backoffLimit)
    errors += FieldError.nonnegative("\(path).ttlSecondsAfterFinished", ttlSecondsAfterFinished)
    errors += FieldError.nonnegative("\(path).backoffLimitPerIndex", backoffLimitPerIndex)
    if maxFailedIndexes != nil {
      errors += FieldError.nonnegative("\(path).maxFailedIndexes", maxFailedIndexes)
      if backoffLimitPerIndex == nil {
        errors.append(.required("\(path).backoffLimitPerIndex", "when maxFailedIndexes is specified"))
      }
    }
    if let managedBy {
      errors += NameRules.domainPrefixedPath("\(path).managedBy", managedBy)
      if managedBy.utf8.count > 63 { errors.append(.tooLong("\(path).managedBy", maximum: 63)) }
    }
    if let completionMode, completionMode != .nonIndexed, completionMode != .indexed {
      errors.append(
        .notSupported("\(path).completionMode", completionMode.rawValue, ["NonIndexed", "Indexed"]))
    }
    if completionMode == .indexed { errors += validateIndexed(path) }
    if completionMode == nil || completionMode == .nonIndexed {
      if let backoffLimitPerIndex {
        errors.append(
          .invalid(
            "\(path).backoffLimitPerIndex", .int(backoffLimitPerIndex), "requires indexed completion mode"))
      }
      if let maxFailedIndexes {
        errors.append(
          .invalid("\(path).maxFailedIndexes", .int(maxFailedIndexes), "requires indexed completion mode"))
      }
    }
    if let podFailurePolicy { errors += validate(podFailurePolicy, "\(path).podFailurePolicy") }
    if let successPolicy {
      if completionMode == .indexed {
        errors += validate(successPolicy, "\(path).successPolicy")
      } else {
        errors.append(
          .invalid("\(path).successPolicy", successPolicy.goJSON, "requires indexed completion mode"))
      }
    }
    if let policy = podReplacementPolicy {
      let supported = podFailurePolicy == nil ? ["Failed", "TerminatingOrFailed"] : ["Failed"]
      if !supported.contains(policy.rawValue) {
        errors.append(.notSupported("\(path).podReplacementPolicy", policy.rawValue, supported))
      }
    }
    errors += template.validate("\(path).template")
    let restartPath = "\(path).template.spec.restartPolicy"
    let restartPolicy = template.spec.restartPolicy
    if restartPolicy == .always {
      errors.append(.required(restartPath, "valid values: \"OnFailure\", \"Never\""))
    } else if restartPolicy != .onFailure, restartPolicy != .never {
      errors.append(.notSupported(restartPath, restartPolicy.rawValue, ["OnFailure", "Never"]))
    } else if podFailurePolicy != nil, restartPolicy != .never {
      errors.append(
        .invalid(
          restartPath, .string(restartPolicy.rawValue),
          "only \"Never\" is supported when podFailurePolicy is specified"))
    }
    return errors
  }

  private func validateIndexed(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if completions == nil {
      errors.append(.required("\(path).completions", "when completion mode is Indexed"))
    }
    func atMost(_ name: String, _ value: Int?, _ limit: Int, _ detail: String) {
      guard let value, value > limit else { return }
      errors.append(.invalid("\(path).\(name)", .int(value), detail))
    }
    atMost(
      "parallelism", parallelism, 100_000, "must be less than or equal to 100000 when completion mode is Indexed")
    if let completions {
      atMost("maxFailedIndexes", maxFailedIndexes, completions, "must be less than or equal to completions")
    }
    atMost("maxFailedIndexes", maxFailedIndexes, 100_000, "must be less than or equal to 100000")
    if let completions, completions > 100_000, backoffLimitPerIndex != nil {
      let detail =
        "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index"
      if maxFailedIndexes == nil {
        errors.append(.required("\(path).maxFailedIndexes", "must be specified when completions is above 100000"))
      }
      atMost("parallelism", parallelism, 10_000, detail)
      atMost("maxFailedIndexes", maxFailedIndexes, 10_000, detail)
    }
    return errors
  }
}
