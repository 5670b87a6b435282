internal import Cluster
internal import KubeModel
internal import Terminal

extension ViewID {
  static let cronJobs = ViewID(rawValue: "cronJobs")
}

extension Contexts {
  static let cronJobs = Contexts(ViewID.cronJobs)
}

extension TableView {
  static let cronJobs = TableView(
    id: .cronJobs, title: "CronJobs", commands: ["cronjobs", "cronjob", "cj"], kind: .cronJob,
    columns: columns(of: CronJobItem.self) {
      namespaceColumn()
      nameColumn()
      Column(
        "STATUS", minimum: 10, maximum: 24, priority: 99, letter: "S",
        key: { row, context in .text(cronJobStatus(row, context).text) },
        cell: { row, context in StyledText(cronJobStatus(row, context)) })
      Column(
        "SCHEDULE", minimum: 9, maximum: 24, enough: 14, priority: 90, letter: "C",
        key: { row, _ in .text(row.cronJob.spec.schedule) },
        cell: { row, _ in StyledText(row.cronJob.spec.schedule) })
      Column(
        "TIMEZONE", minimum: 8, maximum: 20, enough: 16, priority: 45, letter: "Z",
        key: { row, _ in row.cronJob.spec.timeZone.map { .text($0) } ?? .none },
        cell: { row, _ in row.cronJob.spec.timeZone.map { StyledText($0) } ?? .nothing })
      Column(
        "RESULTS", minimum: 10, priority: 88, letter: "R", startsDescending: true,
        key: { row, context in
          .number(lastResults(row, context).count { $0 == .failed })
        },
        cell: { row, context in resultsCell(row, context) })
      Column(
        "MISSED", alignment: .right, priority: 60, letter: "M", startsDescending: true, isVolatile: true,
        value: .key, key: { row, context in .number(missedRuns(row, context)) },
        cell: { row, context in .count(missedRuns(row, context), role: .pending) })
      Column(
        "ACTIVE", alignment: .right, priority: 70, startsDescending: true,
        value: .key, key: { row, _ in .number(row.cronJob.status.active.count) },
        cell: { row, _ in .count(row.cronJob.status.active.count, role: .running) })
      Column(
        "NEXT", minimum: 6, alignment: .right, priority: 85, letter: "T", isVolatile: true,
        value: .time("NEXT"), key: { row, context in .time(row.nextRun(after: context.now)) },
        cell: { row, context in
          row.nextRun(after: context.now).map { StyledText("in " + humanDuration(max(.zero, $0 - context.now))) }
            ?? .nothing
        })
      Column(
        "LAST", id: "last", minimum: 5, alignment: .right, priority: 80, letter: "L",
        value: .time("LAST"),
        key: { row, _ in row.cronJob.status.lastScheduleTime.map { .number(-$0.microseconds) } ?? .none },
        cell: { row, context in .age(row.cronJob.status.lastScheduleTime, context.now) })
      Column(
        "SUCCEEDED", id: "succeeded", alignment: .right, priority: 50,
        value: .time("SUCCEEDED"),
        key: { row, _ in row.cronJob.status.lastSuccessfulTime.map { .number(-$0.microseconds) } ?? .none },
        cell: { row, context in .age(row.cronJob.status.lastSuccessfulTime, context.now) })
      ageColumn()
    },
    sort: SortOrder(column: "name", isDescending: false), noun: "cron job",
    // Its status is that of its jobs; there are few.
    touches: { [.cronJob, .job, .event].contains($0.kind) ? .everything : .nothing })

  /// How its last ten runs stand, the oldest first: by its jobs, what was seen of those that are gone, and what its
  /// events tell of others.
  private static func lastResults(_ row: CronJobItem, _ context: RowContext) -> [Standing] {
    var runs: [String: (created: Instant, standing: Standing)] = [:]
    let told = context.store.eventItems(of: row.uid).compactMap { PastRuns.run(toldBy: $0.event) }
    for run in told + context.store.pastRuns.of(row.uid) {
      runs[run.name] = (run.created, run.hasFailed ? .failed : .succeeded)
    }
    for job in context.store.jobItems(ofOwner: row.uid) {
      runs[job.name] = (job.created ?? Instant(seconds: 0), jobStatus(job, context).standing)
    }
    return runs.sorted { ($0.value.created, $0.key) < ($1.value.created, $1.key) }.suffix(PastRuns.limit)
      .map(\.value.standing)
  }

  private static func resultsCell(_ row: CronJobItem, _ context: RowContext) -> StyledText {
    let results = lastResults(row, context)
    return results.isEmpty ? .nothing : StyledText(results.map { Span($0.sign, $0.role) })
  }

  /// Runs that did not take place, as far as its events and its last one tell.
  private static func missedRuns(_ row: CronJobItem, _ context: RowContext) -> Int {
    MissedRuns(row, context.store, now: context.now).count
  }

  /// How a cron job stands: by its newest job that has ended, unless it is suspended or one runs.
  static func cronJobStatus(_ row: CronJobItem, _ context: RowContext) -> StatusText {
    if row.isSuspended { return StatusText(standing: .suspended, word: "Suspended") }
    let jobs = context.store.jobItems(ofOwner: row.uid)
    let running = jobs.filter { !$0.isFinished && !$0.isSuspended }
    if !running.isEmpty {
      // What its schedule did not start is none of those that it counts as active.
      let isByHand = running.allSatisfy(\.isTriggeredByHand)
      return StatusText(standing: .running, word: "Running", reason: isByHand ? "ByHand" : "")
    }
    let ended = jobs.filter(\.isFinished).max {
      ($0.created ?? Instant(seconds: 0), $0.name) < ($1.created ?? Instant(seconds: 0), $1.name)
    }
    // Nothing is wrong with one whose time has not come.
    guard let ended else { return StatusText(standing: .idle, word: "Waiting") }
    return ended.hasFailed
      ? StatusText(standing: .failed, word: "LastFailed") : StatusText(standing: .succeeded, word: "Waiting")
  }
}
