// Kubernetes' rules for cron jobs, and the way to the rules of each kind.

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
        .invalid("\(path).jobTemplate.spec.selector", selector.inGoOrder, "`selector` will be auto-generated"))
    }
    if jobTemplate.spec.manualSelector == true {
      errors.append(.notSupported("\(path).jobTemplate.spec.manualSelector", .bool(true), ["nil", "false"]))
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
    let parts = timeZone.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy(CronJobSpec.isPartOfZone) else {
      return [.invalid(field, .string(timeZone), "unknown time zone \(timeZone)")]
    }
    var errors: [FieldError] = []
    if timeZone.lowercased() == "local" {
      errors.append(
        .invalid(
          field, .string(timeZone),
          "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"))
    }
    do {
      // `Local` is the zone of the machine in Go, and known.
      if timeZone != "Local" { _ = try TimeZoneRules(named: timeZone) }
    } catch {
      errors.append(.invalid(field, .string(timeZone), error.message))
    }
    return errors
  }

  private static func isPartOfZone(_ part: Substring) -> Bool {
    (1...14).contains(part.utf8.count) && part != "." && part != ".." && !part.hasPrefix("-")
      && part.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+")].contains($0)
      }
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
    case .lease(let object): object.validate()
    case .namespace(let object): object.validate()
    case .node(let object): object.validate()
    case .pod(let object): object.validate()
    case .priorityClass(let object): object.validate()
    case .secret(let object): object.validate()
    case .serviceAccount(let object): object.metadata.validate(namespaced: true)
    }
  }

  /// What is wrong with this object as the successor of `old`, which is of the same kind.
  public func validateUpdate(from old: KubeObject) -> [FieldError] {
    switch (self, old) {
    case (.configMap(let new), .configMap(let old)): new.validateUpdate(from: old)
    case (.cronJob(let new), .cronJob(let old)): new.validateUpdate(from: old)
    case (.job(let new), .job(let old)): new.validateUpdate(from: old)
    case (.lease(let new), .lease(let old)): new.validateUpdate(from: old)
    case (.node(let new), .node(let old)): new.validateUpdate(from: old)
    case (.pod(let new), .pod(let old)): new.validateUpdate(from: old)
    case (.priorityClass(let new), .priorityClass(let old)): new.validateUpdate(from: old)
    case (.secret(let new), .secret(let old)): new.validateUpdate(from: old)
    default: metadata.validateUpdate(from: old.metadata) + validate()
    }
  }
}
