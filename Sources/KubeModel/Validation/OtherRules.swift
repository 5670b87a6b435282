// Kubernetes' rules for the kinds around jobs: CronJob, ConfigMap, Secret, Namespace, Node, PriorityClass, Event.

extension CronJob {
  /// What is wrong with this cron job as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: true)
    errors += spec.validate("spec", oldTimeZone: nil, isNew: true)
    if metadata.name.utf8.count > 52 {
      errors.append(.invalid("metadata.name", .string(metadata.name), "must be no more than 52 characters"))
    }
    return errors
  }

  /// What is wrong with this cron job as the successor of `old`; all of its spec may change.
  public func validateUpdate(from old: CronJob) -> [FieldError] {
    metadata.validateUpdate(from: old.metadata)
      + spec.validate("spec", oldTimeZone: old.spec.timeZone, isNew: false)
  }
}

extension CronJobSpec {
  func validate(_ path: String, oldTimeZone: String?, isNew: Bool) -> [FieldError] {
    var errors: [FieldError] = []
    if schedule.isEmpty {
      errors.append(.required("\(path).schedule"))
    } else {
      do {
        _ = try CronSchedule(schedule)
      } catch {
        errors.append(.invalid("\(path).schedule", .string(schedule), error.message))
      }
      if schedule.contains("TZ") {
        errors.append(
          .invalid(
            "\(path).schedule", .string(schedule),
            "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"))
      }
    }
    errors += FieldError.nonnegative("\(path).startingDeadlineSeconds", startingDeadlineSeconds)
    if isNew || timeZone != oldTimeZone { errors += validateTimeZone("\(path).timeZone") }
    errors += validateWord("\(path).concurrencyPolicy", concurrencyPolicy, ["Allow", "Forbid", "Replace"])
    errors += jobTemplate.spec.validateCommon("\(path).jobTemplate.spec")
    if let selector = jobTemplate.spec.selector {
      errors.append(
        .invalid("\(path).jobTemplate.spec.selector", JSONValue(selector), "`selector` will be auto-generated"))
    }
    if jobTemplate.spec.manualSelector == true {
      errors.append(.notSupported("\(path).jobTemplate.spec.manualSelector", "true", ["nil", "false"]))
    }
    errors += FieldError.nonnegative("\(path).successfulJobsHistoryLimit", successfulJobsHistoryLimit)
    errors += FieldError.nonnegative("\(path).failedJobsHistoryLimit", failedJobsHistoryLimit)
    return errors
  }

  private func validateTimeZone(_ field: String) -> [FieldError] {
    guard let timeZone else { return [] }
    if timeZone.isEmpty {
      return [.invalid(field, .string(timeZone), "timeZone must be nil or non-empty string")]
    }
    if timeZone.lowercased() == "local" {
      return [
        .invalid(
          field, .string(timeZone),
          "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
      ]
    }
    do {
      _ = try TimeZoneRules(named: timeZone)
      return []
    } catch {
      return [.invalid(field, .string(timeZone), error.message)]
    }
  }
}

extension ConfigMap {
  /// What is wrong with this ConfigMap as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: true)
    var size = 0
    for entry in data.entries {
      let field = "data[\(entry.key)]"
      errors += NameRules.configMapKey(entry.key).map { .invalid(field, .string(entry.key), $0) }
      if binaryData[entry.key] != nil {
        errors.append(.invalid(field, .string(entry.key), "duplicate of key present in binaryData"))
      }
      size += entry.value.utf8.count
    }
    for entry in binaryData.entries {
      errors += NameRules.configMapKey(entry.key).map {
        .invalid("binaryData[\(entry.key)]", .string(entry.key), $0)
      }
      size += entry.value.utf8.count / 4 * 3
    }
    if size > 1_048_576 { errors.append(.tooLong("", maximum: 1_048_576)) }
    return errors
  }

  /// What is wrong with this ConfigMap as the successor of `old`.
  public func validateUpdate(from old: ConfigMap) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    if old.immutable == true {
      if immutable != true {
        errors.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
      }
      if data != old.data { errors.append(.forbidden("data", "field is immutable when `immutable` is set")) }
      if binaryData != old.binaryData {
        errors.append(.forbidden("binaryData", "field is immutable when `immutable` is set"))
      }
    }
    return errors + validate()
  }
}

extension Secret {
  /// What is wrong with this Secret as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: true)
    var size = 0
    for entry in data.entries {
      errors += NameRules.configMapKey(entry.key).map { .invalid("data[\(entry.key)]", .string(entry.key), $0) }
      size += entry.value.utf8.count / 4 * 3
    }
    if size > 1_048_576 { errors.append(.tooLong("data", maximum: 1_048_576)) }
    return errors
  }

  /// What is wrong with this Secret as the successor of `old`.
  public func validateUpdate(from old: Secret) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    if type != old.type { errors.append(.invalid("type", .string(type), "field is immutable")) }
    if old.immutable == true {
      if immutable != true {
        errors.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
      }
      if data != old.data { errors.append(.forbidden("data", "field is immutable when `immutable` is set")) }
    }
    return errors + validate()
  }
}

extension Namespace {
  /// What is wrong with this namespace as a new object.
  public func validate() -> [FieldError] { metadata.validate(namespaced: false, style: .label) }
}

extension Node {
  /// What is wrong with this Node as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: false)
    var seen = Set<String>()
    for (index, taint) in spec.taints.enumerated() {
      let path = "spec.taints[\(index)]"
      errors += NameRules.qualifiedName(taint.key).map { .invalid("\(path).key", .string(taint.key), $0) }
      errors += NameRules.labelValue(taint.value).map { .invalid("\(path).value", .string(taint.value), $0) }
      errors += validateWord("\(path).effect", taint.effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"])
      if !seen.insert("\(taint.key):\(taint.effect)").inserted {
        errors.append(.duplicate(path, JSONValue(taint)))
      }
    }
    for (name, list) in [("capacity", status.capacity), ("allocatable", status.allocatable)] {
      for entry in list.entries where entry.quantity.milli < 0 {
        errors.append(negativeQuantity("status.\(name)[\(entry.name)]", entry.quantity))
      }
    }
    return errors
  }
}

extension PriorityClass {
  /// What is wrong with this PriorityClass as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: false)
    if metadata.name.hasPrefix("system-") {
      errors.append(
        .forbidden(
          "metadata.name",
          "priority class names with 'system-' prefix are reserved for system use only. error: \(metadata.name) is not "
            + "a known system priority class"))
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
}

extension KubeObject {
  /// What is wrong with this object as a new one, defaults applied before (and a Job's selector generated).
  public func validate() -> [FieldError] {
    switch self {
    case .configMap(let object): object.validate()
    case .cronJob(let object): object.validate()
    case .event(let object): object.validate()
    case .job(let object): object.validate()
    case .namespace(let object): object.validate()
    case .node(let object): object.validate()
    case .pod(let object): object.validate()
    case .priorityClass(let object): object.validate()
    case .secret(let object): object.validate()
    }
  }

  /// What is wrong with this object as the successor of `old`, which is of the same kind.
  public func validateUpdate(from old: KubeObject) -> [FieldError] {
    switch (self, old) {
    case (.configMap(let new), .configMap(let old)): new.validateUpdate(from: old)
    case (.cronJob(let new), .cronJob(let old)): new.validateUpdate(from: old)
    case (.job(let new), .job(let old)): new.validateUpdate(from: old)
    case (.pod(let new), .pod(let old)): new.validateUpdate(from: old)
    case (.priorityClass(let new), .priorityClass(let old)): new.validateUpdate(from: old)
    case (.secret(let new), .secret(let old)): new.validateUpdate(from: old)
    default: metadata.validateUpdate(from: old.metadata) + validate()
    }
  }
}
