// Kubernetes' rules for podFailurePolicy and successPolicy (pkg/apis/batch/validation).

extension JobSpec {
  func validate(_ policy: PodFailurePolicy, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if policy.rules.count > 20 { errors.append(.tooMany("\(path).rules", policy.rules.count, maximum: 20)) }
    let containers = Set((template.spec.containers + template.spec.initContainers).map(\.name))
    for (index, rule) in policy.rules.enumerated() {
      errors += validate(rule, "\(path).rules[\(index)]", containers)
    }
    return errors
  }

  private func validate(_ rule: PodFailurePolicyRule, _ path: String, _ containers: Set<String>) -> [FieldError] {
    var errors: [FieldError] = []
    let actions = ["Count", "FailIndex", "FailJob", "Ignore"]
    if rule.action.isEmpty {
      errors.append(.required("\(path).action", "valid values: \(goList(actions))"))
    } else if rule.action == "FailIndex" {
      if backoffLimitPerIndex == nil {
        errors.append(
          .invalid("\(path).action", .string(rule.action), "requires the backoffLimitPerIndex to be set"))
      }
    } else if !actions.contains(rule.action) {
      errors.append(.notSupported("\(path).action", rule.action, actions))
    }
    if let codes = rule.onExitCodes { errors += validate(codes, "\(path).onExitCodes", containers) }
    errors += validate(rule.onPodConditions, "\(path).onPodConditions")
    if rule.onExitCodes != nil, !rule.onPodConditions.isEmpty {
      errors.append(
        .invalid(path, nil, "specifying both OnExitCodes and OnPodConditions is not supported"))
    }
    if rule.onExitCodes == nil, rule.onPodConditions.isEmpty {
      errors.append(.invalid(path, nil, "specifying one of OnExitCodes and OnPodConditions is required"))
    }
    return errors
  }

  private func validate(
    _ codes: PodFailurePolicyRule.OnExitCodes, _ path: String, _ containers: Set<String>
  ) -> [FieldError] {
    var errors: [FieldError] = []
    let operators = ["In", "NotIn"]
    if codes.operator.isEmpty {
      errors.append(.required("\(path).operator", "valid values: \(goList(operators))"))
    } else if !operators.contains(codes.operator) {
      errors.append(.notSupported("\(path).operator", codes.operator, operators))
    }
    if let name = codes.containerName, !containers.contains(name) {
      errors.append(
        .invalid(
          "\(path).containerName", .string(name),
          "must be one of the container or initContainer names in the pod template"))
    }
    let values = JSONValue.array(codes.values.map { .int(Int64($0)) })
    if codes.values.isEmpty {
      errors.append(.invalid("\(path).values", values, "at least one value is required"))
    } else if codes.values.count > 255 {
      errors.append(.tooMany("\(path).values", codes.values.count, maximum: 255))
    }
    var seen = Set<Int>()
    for (index, value) in codes.values.enumerated() {
      let field = "\(path).values[\(index)]"
      if codes.operator == "In", value == 0 {
        errors.append(.invalid(field, 0, "must not be 0 for the In operator"))
      }
      if !seen.insert(value).inserted { errors.append(.duplicate(field, .int(Int64(value)))) }
    }
    if zip(codes.values, codes.values.dropFirst()).contains(where: { $0 > $1 }) {
      errors.append(.invalid("\(path).values", values, "must be ordered"))
    }
    return errors
  }

  private func validate(_ patterns: [PodFailurePolicyRule.OnPodConditionsPattern], _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if patterns.count > 20 { errors.append(.tooMany(path, patterns.count, maximum: 20)) }
    let statuses = ["False", "True", "Unknown"]
    for (index, pattern) in patterns.enumerated() {
      let path = "\(path)[\(index)]"
      errors += NameRules.qualifiedName(pattern.type).map { .invalid("\(path).type", .string(pattern.type), $0) }
      let status = pattern.status ?? ""
      if status.isEmpty {
        errors.append(.required("\(path).status", "valid values: \(goList(statuses))"))
      } else if !statuses.contains(status) {
        errors.append(.notSupported("\(path).status", status, statuses))
      }
    }
    return errors
  }

  func validate(_ policy: SuccessPolicy, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if policy.rules.isEmpty {
      errors.append(
        .required("\(path).rules", "at least one rules must be specified when the successPolicy is specified"))
    }
    if policy.rules.count > 20 { errors.append(.tooMany("\(path).rules", policy.rules.count, maximum: 20)) }
    for (index, rule) in policy.rules.enumerated() { errors += validate(rule, "\(path).rules[\(index)]") }
    return errors
  }

  private func validate(_ rule: SuccessPolicyRule, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    // A job without completions is refused elsewhere; then no index and no count is too large.
    let completions = completions ?? Int.max
    if rule.succeededCount == nil, rule.succeededIndexes == nil {
      errors.append(
        .required(path, "at least one of succeededCount or succeededIndexes must be specified"))
    }
    var listed = 0
    if let text = rule.succeededIndexes {
      let field = "\(path).succeededIndexes"
      if text.utf8.count > 65_536 { errors.append(.tooLong(field, maximum: 65_536)) }
      do {
        listed = try IndexRanges(parsing: text, completions: completions).count
      } catch {
        errors.append(.invalid(field, .string(text), "error parsing succeededIndexes: \(error)"))
      }
    }
    if let count = rule.succeededCount {
      let field = "\(path).succeededCount"
      errors += FieldError.nonnegative(field, count)
      if count > completions {
        errors.append(
          .invalid(
            field, .int(count),
            "must be less than or equal to \(completions) (the number of specified completions)"))
      }
      if rule.succeededIndexes != nil, count > listed {
        errors.append(
          .invalid(
            field, .int(count),
            "must be less than or equal to \(listed) (the number of indexes in the specified succeededIndexes field)"))
      }
    }
    return errors
  }
}

/// A list of words as Go prints it with `%q`: `["In" "NotIn"]`.
private func goList(_ words: [String]) -> String { "[\(words.map(goQuoted).joined(separator: " "))]" }

// Errors show these values as Go's internal types, whose JSON has capitals and nulls.
extension SuccessPolicy {
  var goJSON: JSONValue {
    let rules = rules.map { rule -> JSONValue in
      [
        "SucceededIndexes": rule.succeededIndexes.map { .string($0) } ?? .null,
        "SucceededCount": rule.succeededCount.map { .int(Int64($0)) } ?? .null,
      ]
    }
    return ["Rules": rules.isEmpty ? .null : .array(rules)]
  }
}

extension PodFailurePolicy {
  var goJSON: JSONValue {
    let rules = rules.map { rule -> JSONValue in
      var codes = JSONValue.null
      if let found = rule.onExitCodes {
        codes = [
          "ContainerName": found.containerName.map { .string($0) } ?? .null, "Operator": .string(found.operator),
          "Values": .array(found.values.map { .int(Int64($0)) }),
        ]
      }
      let patterns = rule.onPodConditions.map { pattern -> JSONValue in
        ["Type": .string(pattern.type), "Status": .string(pattern.status ?? "")]
      }
      return [
        "Action": .string(rule.action), "OnExitCodes": codes,
        "OnPodConditions": patterns.isEmpty ? .null : .array(patterns),
      ]
    }
    return ["Rules": .array(rules)]
  }
}
