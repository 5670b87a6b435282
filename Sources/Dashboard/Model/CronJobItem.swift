internal import KubeModel

/// A cron job's row.
// Safe to send, as every `Item`: nothing of it changes once it is made.
final class CronJobItem: Item, @unchecked Sendable {
  let cronJob: CronJob
  private let schedule: CronSchedule?
  /// `nil` where its time zone is not known.
  let zone: TimeZoneRules?
  /// When its schedule was seen to become this one: what it names before that was never due.
  let scheduledSince: Instant?
  /// That of a controller on this machine, which goes by it where a cron job names none.
  private static let localZone = TimeZoneRules.local()

  init(_ cronJob: CronJob, scheduledSince: Instant? = nil) {
    self.cronJob = cronJob
    self.scheduledSince = scheduledSince
    schedule = try? CronSchedule(cronJob.spec.schedule)
    zone = cronJob.spec.timeZone.map { try? TimeZoneRules(named: $0) } ?? CronJobItem.localZone
    super.init(kind: .cronJob, id: cronJob.metadata.uid, metadata: cronJob.metadata)
  }

  override var object: KubeObject { .cronJob(cronJob) }
  override var labels: StringMap { cronJob.metadata.labels }
  override var searchable: [String] { [cronJob.spec.schedule] }
  var isSuspended: Bool { cronJob.spec.suspend == true }

  /// The same cron job, which knows when its schedule was changed.
  func following(_ earlier: CronJobItem?, now: Instant?) -> CronJobItem {
    guard let earlier else { return self }
    let (before, after) = (earlier.cronJob.spec, cronJob.spec)
    let isChanged = before.schedule != after.schedule || before.timeZone != after.timeZone
    let since = isChanged ? now : earlier.scheduledSince
    return since == nil ? self : CronJobItem(cronJob, scheduledSince: since)
  }

  /// From when on the times of its schedule count.
  fileprivate var countsFrom: Instant? {
    [cronJob.status.lastScheduleTime ?? cronJob.metadata.creationTimestamp, scheduledSince].compactMap { $0 }.max()
  }

  /// When it makes its next job; `nil` while it is suspended and where its schedule cannot be read.
  func nextRun(after now: Instant) -> Instant? {
    guard !isSuspended, let zone, let schedule else { return nil }
    // `@every` counts from the last run.
    if let period = schedule.period, let last = cronJob.status.lastScheduleTime ?? cronJob.metadata.creationTimestamp {
      let step = max(1, period.components.seconds)
      return last + .seconds((max(0, now.seconds - last.seconds) / step + 1) * step)
    }
    return schedule.next(after: now, in: zone)
  }
}

extension CronJobItem {
  /// A controller needs a moment for a run that is due just now.
  static let grace = Duration.seconds(10)

  /// Why it has no next run; `nil` where it has one or is suspended.
  var scheduleProblem: String? {
    guard !isSuspended, overdueFrom == nil else { return nil }
    let text = cronJob.spec.schedule
    if schedule == nil { return "schedule '\(text)' cannot be read" }
    if zone == nil { return "time zone '\(cronJob.spec.timeZone ?? "")' is not known" }
    return "schedule '\(text)' never comes"
  }

  /// The distance of its zone's time from UTC, in seconds.
  func offset(at instant: Instant) -> Int { Int(zone?.offset(at: instant.seconds) ?? 0) }

  /// An instant with its date, as its schedule means it: `Nov 29 02:30:00`.
  func scheduled(_ instant: Instant) -> String {
    String(Format.timestamp(instant, offset: offset(at: instant), date: true).dropLast(4))
  }

  /// From when on a run is overdue, if none comes before.
  var overdueFrom: Instant? {
    countsFrom.flatMap(nextRun).map { $0 + Self.grace }
  }

  /// Times of runs that have passed since the last one, at most 100: more are as good as countless to a controller too.
  func overdueTimes(at now: Instant) -> [Instant] {
    guard var last = countsFrom else { return [] }
    var times: [Instant] = []
    while times.count < 100, let next = nextRun(after: last), next <= now - Self.grace, next > last {
      times.append(next)
      last = next
    }
    return times
  }

  /// How many those are.
  func overdueRuns(at now: Instant) -> Int { overdueTimes(at: now).count }

  /// The times that its schedule names, whether it is suspended or not; none for a schedule that counts from its last
  /// run.
  func slots(after: Instant, until: Instant, limit: Int) -> [Instant] {
    guard let zone, let schedule, schedule.period == nil else { return [] }
    var times: [Instant] = []
    var last = after
    while times.count < limit, let next = schedule.next(after: last, in: zone), next <= until, next > last {
      times.append(next)
      last = next
    }
    return times
  }
}
