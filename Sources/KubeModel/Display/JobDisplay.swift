/// What kubectl's table says of a job (kubernetes, pkg/printers/internalversion).
public struct JobDisplay: Hashable, Sendable {
  /// `Complete`, `Failed`, `Terminating`, `Suspended`, `FailureTarget`, `SuccessCriteriaMet` or `Running`.
  public var status: String
  /// `2/5`; `0/1 of 3` for a work queue.
  public var completions: String

  /// What there is to show of `job`, without what depends on the time.
  public init(_ job: Job) {
    status = JobDisplay.status(job)
    if let completions = job.spec.completions {
      self.completions = "\(job.status.succeeded)/\(completions)"
    } else if let parallelism = job.spec.parallelism, parallelism > 1 {
      completions = "\(job.status.succeeded)/1 of \(parallelism)"
    } else {
      completions = "\(job.status.succeeded)/1"
    }
  }

  /// The STATUS column.
  public static func status(_ job: Job) -> String {
    let conditions = job.status.conditions
    if conditions.isTrue("Complete") { return "Complete" }
    if conditions.isTrue("Failed") { return "Failed" }
    if job.metadata.deletionTimestamp != nil { return "Terminating" }
    for type in ["Suspended", "FailureTarget", "SuccessCriteriaMet"] where conditions.isTrue(type) { return type }
    return "Running"
  }

  /// The DURATION column: from start to completion, else to now; `nil` for a job that has not started. A failed job
  /// has no completion time; its duration ends with its Failed condition, where kubectl's goes on growing.
  public static func duration(_ job: Job, now: Instant) -> Duration? {
    guard let start = job.status.startTime else { return nil }
    if let end = job.status.completionTime { return end - start }
    if let failed = job.status.conditions["Failed"], failed.isTrue, let end = failed.lastTransitionTime {
      return end - start
    }
    return now - start
  }
}

/// What kubectl's table says of a node.
public struct NodeDisplay: Hashable, Sendable {
  /// `Ready`, `NotReady` or `Unknown`, with `,SchedulingDisabled` where the node is cordoned.
  public var status: String
  /// From the labels `node-role.kubernetes.io/…`; `<none>` without.
  public var roles: String

  /// What there is to show of `node`.
  public init(_ node: Node) {
    let ready = node.status.conditions["Ready"]
    var status = ready.map { $0.isTrue ? "Ready" : "NotReady" } ?? "Unknown"
    if node.spec.unschedulable { status += ",SchedulingDisabled" }
    self.status = status
    let prefix = "node-role.kubernetes.io/"
    var roles = node.metadata.labels.entries.filter { $0.key.hasPrefix(prefix) && $0.key.count > prefix.count }
      .map { String($0.key.dropFirst(prefix.count)) }
    roles += node.metadata.labels.entries.filter { $0.key == "kubernetes.io/role" && !$0.value.isEmpty }.map(\.value)
    self.roles = roles.isEmpty ? "<none>" : Array(Set(roles)).sorted().joined(separator: ",")
  }
}

/// What kubectl's table says of a cron job.
public struct CronJobDisplay: Hashable, Sendable {
  /// The TIMEZONE column: a name, `<none>` where the cron job has none.
  public var timeZone: String
  /// `True` or `False`
  public var suspend: String
  /// The ACTIVE column: its jobs that have not finished.
  public var active: Int

  /// What there is to show of `cronJob`, without what depends on the time.
  public init(_ cronJob: CronJob) {
    timeZone = cronJob.spec.timeZone ?? "<none>"
    suspend = cronJob.spec.suspend == true ? "True" : "False"
    active = cronJob.status.active.count
  }

  /// The LAST SCHEDULE column: an age, `<none>` before the first run.
  public static func lastSchedule(_ cronJob: CronJob, now: Instant) -> String {
    cronJob.status.lastScheduleTime.map { humanDuration(now - $0) } ?? "<none>"
  }
}
