internal import Cluster
internal import KubeModel
internal import Terminal

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
    let told = context.store.eventItems(of: row.uid).filter {
      ["MissSchedule", "TooManyMissedTimes", "JobAlreadyActive"].contains($0.event.reason)
    }
    return told.reduce(row.overdueRuns(at: context.now)) { $0.saturatingAdd($1.event.occurrences) }
  }

  /// How a cron job stands: by its newest job that has ended, unless it is suspended or one runs.
  static func cronJobStatus(_ row: CronJobItem, _ context: RowContext) -> StatusText {
    if row.isSuspended { return StatusText(standing: .suspended, word: "Suspended") }
    let jobs = context.store.jobItems(ofOwner: row.uid)
    if jobs.contains(where: { !$0.isFinished && !$0.isSuspended }) {
      return StatusText(standing: .running, word: "Running")
    }
    let ended = jobs.filter(\.isFinished).max {
      ($0.created ?? Instant(seconds: 0), $0.name) < ($1.created ?? Instant(seconds: 0), $1.name)
    }
    // Nothing is wrong with one whose time has not come.
    guard let ended else { return StatusText(standing: .idle, word: "Waiting") }
    return ended.hasFailed
      ? StatusText(standing: .failed, word: "LastFailed") : StatusText(standing: .succeeded, word: "Waiting")
  }

  static let nodes = TableView(
    id: .nodes, title: "Nodes", commands: ["nodes", "node", "no"], kind: .node,
    columns: columns(of: NodeItem.self) {
      nameColumn()
      Column(
        "STATUS", minimum: 9, maximum: 30, priority: 99, letter: "S", key: { row, _ in .text(row.status.text) },
        cell: { row, _ in StyledText(row.status) })
      Column(
        "PODS", minimum: 7, alignment: .right, priority: 90, letter: "P", startsDescending: true,
        key: { row, context in .number(context.store.pods(ofNode: row.name).active) },
        cell: { row, context in
          StyledText([
            Span("\(context.store.pods(ofNode: row.name).active)"), Span("/\(row.pods)", .muted),
          ])
        })
      Column(
        "CPU REQ", id: "cpu", minimum: 11, maximum: 30, priority: 80, letter: "C", startsDescending: true,
        key: { row, context in .number(context.store.pods(ofNode: row.name).cpu) },
        cell: { row, context in
          loadCell(context.store.pods(ofNode: row.name).cpu, of: row.cpu, width: context.barWidth, Format.cores)
        })
      Column(
        "CPU USED", id: "cpu-used", minimum: 11, maximum: 28, priority: 60, letter: "U", startsDescending: true,
        isVolatile: true, key: { row, context in context.usage.nodes[row.name].map { .number($0.milliCPU) } ?? .none },
        cell: { row, context in
          context.usage.nodes[row.name].map {
            usedCell($0.milliCPU, of: row.cpu, width: context.barWidth, Format.cores)
          } ?? .nothing
        })
      Column(
        "MEM REQ", id: "memory", minimum: 13, maximum: 30, priority: 75, letter: "M", startsDescending: true,
        key: { row, context in .number(context.store.pods(ofNode: row.name).memory) },
        cell: { row, context in
          loadCell(context.store.pods(ofNode: row.name).memory, of: row.memory, width: context.barWidth, Format.bytes)
        })
      Column(
        "MEM USED", id: "memory-used", minimum: 12, maximum: 28, priority: 55, letter: "E", startsDescending: true,
        isVolatile: true, key: { row, context in context.usage.nodes[row.name].map { .number($0.memory) } ?? .none },
        cell: { row, context in
          context.usage.nodes[row.name].map {
            usedCell($0.memory, of: row.memory, width: context.barWidth, Format.bytes)
          } ?? .nothing
        })
      ageColumn()
    },
    sort: SortOrder(column: "name", isDescending: false), noun: "node",
    touches: { touched in
      if touched.kind == .node { return .row(touched.id) }
      return touched.node.map { .row($0) } ?? .nothing
    })

  private static func loadCell(_ part: Int, of whole: Int, width: Int, _ format: (Int) -> String) -> StyledText {
    let bar = bar(Double(part), of: Double(whole), width: width, role: loadRole(Double(part), of: Double(whole)))
    return StyledText(bar + [Span(" \(format(part))"), Span("/\(format(whole))", .muted)])
  }

  private static func usedCell(_ part: Int, of whole: Int, width: Int, _ format: (Int) -> String) -> StyledText {
    let bar = bar(Double(part), of: Double(whole), width: width, role: loadRole(Double(part), of: Double(whole)))
    return StyledText(bar + [Span(" \(format(part))")])
  }

  static let events = TableView(
    id: .events, title: "Events", commands: ["events", "event", "ev"], kind: .event,
    columns: columns(of: EventItem.self) {
      Column(
        "LAST SEEN", id: "seen", minimum: 9, alignment: .right, priority: 98, letter: "L",
        value: .time("LAST SEEN"), key: { row, _ in row.event.lastSeen.map { .number(-$0.microseconds) } ?? .none },
        cell: { row, context in .age(row.event.lastSeen, context.now, role: .muted) })
      namespaceColumn()
      Column(
        "TYPE", minimum: 7, priority: 30, letter: "T", key: { row, _ in .text(row.event.type) },
        cell: { row, _ in
          row.event.type == "Warning" ? StyledText("Warning", .pending) : StyledText(row.event.type, .muted)
        })
      Column(
        "REASON", minimum: 14, maximum: 32, enough: 20, priority: 95, letter: "R",
        key: { row, _ in .text(row.event.reason) },
        cell: { row, _ in
          row.event.type == "Warning"
            ? StyledText("! " + row.event.reason, .pending) : StyledText("  " + row.event.reason)
        })
      Column(
        "OBJECT", minimum: 16, maximum: 40, enough: 30, priority: 84, letter: "O",
        key: { row, _ in .text(row.objectText) },
        cell: { row, _ in StyledText(row.objectText) })
      Column(
        "COUNT", alignment: .right, priority: 50, letter: "C", startsDescending: true,
        value: .key, key: { row, _ in .number(row.event.occurrences) },
        cell: { row, _ in .count(row.event.occurrences, role: row.event.occurrences > 1 ? .text : .muted) })
      Column(
        "MESSAGE", minimum: 24, priority: 100, letter: "M", takesRest: true,
        key: { row, _ in .text(row.event.message) },
        cell: { row, _ in StyledText(row.event.message) })
    },
    sort: SortOrder(column: "seen", isDescending: false), noun: "event")

  static let namespaces = TableView(
    id: .namespaces, title: "Namespaces", commands: ["namespaces", "namespace"], kind: .namespace,
    columns: columns(of: NamespaceItem.self) {
      nameColumn()
      Column(
        "STATUS", minimum: 10, maximum: 16, priority: 99, letter: "S",
        key: { row, _ in .text(row.namespaceObject.status.phase) },
        cell: { row, _ in
          let ends = row.namespaceObject.status.phase == "Terminating"
          return StyledText(
            StatusText(standing: ends ? .ending : .succeeded, word: ends ? "Terminating" : "Active"))
        })
      Column(
        "JOBS", minimum: 6, alignment: .right, priority: 90, letter: "J", startsDescending: true,
        value: .key, key: { row, context in .number(context.store.counts(in: row.name).jobs) },
        cell: { row, context in .count(context.store.counts(in: row.name).jobs) })
      Column(
        "CRONJOBS", alignment: .right, priority: 80, letter: "C", startsDescending: true,
        value: .key, key: { row, context in .number(context.store.counts(in: row.name).cronJobs) },
        cell: { row, context in .count(context.store.counts(in: row.name).cronJobs) })
      Column(
        "PODS", minimum: 6, alignment: .right, priority: 85, letter: "D", startsDescending: true,
        value: .key, key: { row, context in .number(context.store.counts(in: row.name).pods) },
        cell: { row, context in .count(context.store.counts(in: row.name).pods) })
      ageColumn()
    },
    sort: SortOrder(column: "name", isDescending: false), noun: "namespace",
    // Its rows count what is in them; there are few.
    touches: { $0.kind.isNamespaced || $0.kind == .namespace ? .everything : .nothing })
}
