/// Objects in words, in the layout of `kubectl describe`.
///
/// Control characters in what users and programs wrote are replaced. Times are in UTC. With `details` the output also
/// has what kubectl leaves out: conditions with their reasons, policies, failed indexes.
public enum Describe {
  /// A job with its events.
  public static func job(_ job: Job, events: [Event], now: Instant, details: Bool = false) -> String {
    var out = Describer(now: now)
    out.head(job.metadata)
    if let selector = job.spec.selector { out.field("Selector", selector.displayText) }
    out.labels("Labels", job.metadata.labels)
    out.annotations("Annotations", job.metadata.annotations)
    out.controller(job.metadata)
    if let value = job.spec.parallelism { out.field("Parallelism", "\(value)") }
    out.field("Completions", job.spec.completions.map { "\($0)" } ?? "<unset>")
    if let value = job.spec.completionMode { out.field("Completion Mode", value.rawValue) }
    if let value = job.spec.suspend { out.field("Suspend", "\(value)") }
    if let value = job.spec.backoffLimit { out.field("Backoff Limit", "\(value)") }
    if let value = job.spec.ttlSecondsAfterFinished { out.field("TTL Seconds After Finished", "\(value)") }
    if details { out.policies(of: job.spec) }
    if let value = job.status.startTime { out.field("Start Time", value.rfc1123) }
    if let value = job.status.completionTime { out.field("Completed At", value.rfc1123) }
    if let start = job.status.startTime, let end = job.status.completionTime {
      out.field("Duration", humanDuration(Instant(seconds: end.seconds) - Instant(seconds: start.seconds)))
    }
    if let value = job.spec.activeDeadlineSeconds { out.field("Active Deadline Seconds", "\(value)s") }
    let status = job.status
    let ready = status.ready.map { " (\($0) Ready)" } ?? ""
    out.field(
      "Pods Statuses", "\(status.active) Active\(ready) / \(status.succeeded) Succeeded / \(status.failed) Failed")
    if details, let terminating = status.terminating, terminating > 0 { out.field("Terminating", "\(terminating)") }
    if job.spec.completionMode == .indexed {
      out.field("Completed Indexes", Describer.shortened(indexes: status.completedIndexes))
      if details, let failed = status.failedIndexes, !failed.isEmpty { out.field("Failed Indexes", failed) }
    }
    if details { out.conditions(status.conditions) }
    out.template(job.spec.template)
    out.events(events)
    return out.text
  }

  /// A cron job with its events.
  public static func cronJob(_ cronJob: CronJob, events: [Event], now: Instant, details: Bool = false) -> String {
    var out = Describer(now: now)
    let spec = cronJob.spec
    out.head(cronJob.metadata)
    out.labels("Labels", cronJob.metadata.labels)
    out.annotations("Annotations", cronJob.metadata.annotations)
    out.field("Schedule", spec.schedule)
    out.field("Concurrency Policy", spec.concurrencyPolicy)
    out.field("Suspend", spec.suspend.map { $0 ? "True" : "False" } ?? "<unset>")
    if let zone = spec.timeZone { out.field("Time Zone", zone) }
    out.field("Successful Job History Limit", spec.successfulJobsHistoryLimit.map { "\($0)" } ?? "<unset>")
    out.field("Failed Job History Limit", spec.failedJobsHistoryLimit.map { "\($0)" } ?? "<unset>")
    out.field("Starting Deadline Seconds", spec.startingDeadlineSeconds.map { "\($0)s" } ?? "<unset>")
    let job = spec.jobTemplate.spec
    out.field("Selector", job.selector.map(\.displayText) ?? "<unset>")
    out.field("Parallelism", job.parallelism.map { "\($0)" } ?? "<unset>")
    out.field("Completions", job.completions.map { "\($0)" } ?? "<unset>")
    if let deadline = job.activeDeadlineSeconds { out.field("Active Deadline Seconds", "\(deadline)s") }
    if details { out.policies(of: job) }
    out.template(job.template)
    out.field("Last Schedule Time", cronJob.status.lastScheduleTime?.rfc1123 ?? "<unset>")
    if details, let time = cronJob.status.lastSuccessfulTime { out.field("Last Successful Time", time.rfc1123) }
    let active = cronJob.status.active.map(\.name)
    out.field("Active Jobs", active.isEmpty ? "<none>" : active.joined(separator: ", "))
    out.events(events)
    return out.text
  }

  /// A namespace.
  public static func namespace(_ namespace: Namespace) -> String {
    var out = Describer(now: Instant(seconds: 0))
    out.field("Name", namespace.metadata.name)
    out.labels("Labels", namespace.metadata.labels)
    out.annotations("Annotations", namespace.metadata.annotations)
    out.field("Status", namespace.status.phase)
    out.write("\nNo resource quota.\n\nNo LimitRange resource.\n")
    return out.text
  }

  /// A ConfigMap with its events; values are shown in full.
  public static func configMap(_ configMap: ConfigMap, events: [Event] = [], now: Instant) -> String {
    var out = Describer(now: now)
    out.head(configMap.metadata)
    out.labels("Labels", configMap.metadata.labels)
    out.annotations("Annotations", configMap.metadata.annotations)
    out.write("\nData\n====\n")
    for entry in configMap.data.entries { out.write("\(clean(entry.key)):\n----\n\(cleanLines(entry.value))\n\n") }
    out.write("\nBinaryData\n====\n")
    for entry in configMap.binaryData.entries {
      out.write("\(clean(entry.key)): \(base64Decoded(entry.value)?.count ?? 0) bytes\n")
    }
    out.write("\n")
    out.events(events)
    return out.text
  }

  /// A Secret; its values are never shown, only their sizes.
  public static func secret(_ secret: Secret) -> String {
    var out = Describer(now: Instant(seconds: 0))
    out.head(secret.metadata)
    out.labels("Labels", secret.metadata.labels)
    out.annotations("Annotations", secret.metadata.annotations)
    out.write("\nType:\t\(clean(secret.type))\n\nData\n====\n")
    for entry in secret.data.entries {
      out.write("\(clean(entry.key)):\t\(base64Decoded(entry.value)?.count ?? 0) bytes\n")
    }
    return out.text
  }

  /// A Lease with its events.
  public static func lease(_ lease: Lease, events: [Event] = [], now: Instant) -> String {
    var out = Describer(now: now)
    out.head(lease.metadata)
    out.labels("Labels", lease.metadata.labels)
    out.annotations("Annotations", lease.metadata.annotations)
    out.field("Holder Identity", lease.spec.holderIdentity ?? "<unset>")
    out.field("Lease Duration", lease.spec.leaseDurationSeconds.map { "\($0)s" } ?? "<unset>")
    out.field("Acquire Time", lease.spec.acquireTime?.time.rfc1123 ?? "<unset>")
    out.field("Renew Time", lease.spec.renewTime?.time.rfc1123 ?? "<unset>")
    out.events(events)
    return out.text
  }

  /// A ServiceAccount with its events.
  public static func serviceAccount(_ account: ServiceAccount, events: [Event] = [], now: Instant) -> String {
    func names(_ list: JSONValue?) -> String {
      let names = (list?.array ?? []).compactMap { $0["name"]?.string }
      return names.isEmpty ? "<none>" : names.joined(separator: ", ")
    }
    var out = Describer(now: now)
    out.head(account.metadata)
    out.labels("Labels", account.metadata.labels)
    out.annotations("Annotations", account.metadata.annotations)
    out.field("Image pull secrets", names(account.imagePullSecrets))
    out.field("Mountable secrets", names(account.secrets))
    out.field("Tokens", "<none>")
    out.events(events)
    return out.text
  }

  /// A PriorityClass with its events.
  public static func priorityClass(_ priority: PriorityClass, events: [Event] = [], now: Instant) -> String {
    var out = Describer(now: now)
    out.field("Name", priority.metadata.name)
    out.field("Value", "\(priority.value)")
    out.field("GlobalDefault", "\(priority.globalDefault)")
    out.field("PreemptionPolicy", priority.preemptionPolicy ?? "PreemptLowerPriority")
    out.field("Description", priority.description)
    out.annotations("Annotations", priority.metadata.annotations)
    out.events(events)
    return out.text
  }

  /// An event.
  public static func event(_ event: Event, now: Instant) -> String {
    var out = Describer(now: now)
    out.head(event.metadata)
    out.labels("Labels", event.metadata.labels)
    out.annotations("Annotations", event.metadata.annotations)
    out.field("Type", event.type)
    out.field("Reason", event.reason)
    out.field("Message", event.message)
    let object = event.involvedObject
    out.field("Object", "\(object.kind)/\(object.name)")
    if !object.fieldPath.isEmpty { out.field("Field Path", object.fieldPath) }
    out.field("Source", event.reporter)
    if let time = event.firstSeen { out.field("First Seen", time.rfc1123) }
    if let time = event.lastSeen { out.field("Last Seen", time.rfc1123) }
    out.field("Count", "\(event.occurrences)")
    return out.text
  }

  /// Any object; `events` are those about it, `pods` those on a node.
  public static func object(
    _ object: KubeObject, events: [Event], pods: [Pod] = [], now: Instant, details: Bool = false
  ) -> String {
    switch object {
    case .configMap(let configMap): Describe.configMap(configMap, events: events, now: now)
    case .cronJob(let cronJob): Describe.cronJob(cronJob, events: events, now: now, details: details)
    case .event(let event): Describe.event(event, now: now)
    case .job(let job): Describe.job(job, events: events, now: now, details: details)
    case .lease(let lease): Describe.lease(lease, events: events, now: now)
    case .namespace(let namespace): Describe.namespace(namespace)
    case .node(let node): Describe.node(node, pods: pods, events: events, now: now)
    case .pod(let pod): Describe.pod(pod, events: events, now: now, details: details)
    case .priorityClass(let priority): Describe.priorityClass(priority, events: events, now: now)
    case .secret(let secret): Describe.secret(secret)
    case .serviceAccount(let account): Describe.serviceAccount(account, events: events, now: now)
    }
  }
}

/// `text` on one line: control characters, tabs and newlines among them, become their escapes.
func clean(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isControl(scalar) {
      result += goQuoted(String(scalar)).dropFirst().dropLast()
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// `text` with its line breaks, each line clean; tabs become spaces.
func cleanLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { line in clean(line.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ")) }
    .joined(separator: "\n")
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    || scalar.properties.isBidiControl || [0x2028, 0x2029].contains(scalar.value)
}
