internal import KubeModel
internal import Terminal

extension ViewID {
  static let jobs = ViewID(rawValue: "jobs")
}

extension Contexts {
  static let jobs = Contexts(ViewID.jobs)
}

extension TableView {
  static let jobs = TableView(
    id: .jobs, title: "Jobs", commands: ["jobs", "job", "jo"], kind: .job,
    columns: columns(of: JobItem.self) {
      namespaceColumn()
      // The ends of a name tell it apart; a reason that is cut tells nothing.
      nameColumn(enough: 16)
      Column(
        "STATUS", minimum: 10, maximum: 40, enough: 30, priority: 99, letter: "S",
        key: { job, context in .status(jobStatus(job, context)) },
        cell: { job, context in StyledText(jobStatus(job, context)) })
      Column(
        "DONE", minimum: 8, maximum: 30, priority: 90, letter: "D", startsDescending: true,
        key: { job, _ in .number(job.wanted == 0 ? 1_000_000 : job.job.status.succeeded * 1_000_000 / job.wanted) },
        // The numbers beside it say the same: it gives its room to words.
        cell: { job, context in doneCell(job, width: context.width < 140 ? min(4, context.barWidth) : context.barWidth)
        })
      Column(
        "ACTIVE", alignment: .right, priority: 60, letter: "C", startsDescending: true,
        value: .key, key: { job, _ in .number(job.job.status.active) },
        cell: { job, _ in .count(job.job.status.active, role: .running) })
      Column(
        "FAILED", alignment: .right, priority: 62, letter: "F", startsDescending: true,
        value: .key, key: { job, _ in .number(job.job.status.failed) },
        cell: { job, _ in .count(job.job.status.failed, role: job.hasFailed ? .failed : .pending) })
      Column(
        "RETRIES", alignment: .right, priority: 75, letter: "R", startsDescending: true,
        value: .key, key: { job, context in .number(context.store.pods(ofJob: job.uid).retries(of: job)) },
        cell: { job, context in retriesCell(job, context) })
      Column(
        "ELAPSED", alignment: .right, priority: 80, letter: "E", startsDescending: true, isVolatile: true,
        value: .seconds, key: { job, context in .duration(job.elapsed(context.now)) },
        cell: { job, context in elapsedCell(job, context) })
      Column(
        "LEFT", minimum: 6, alignment: .right, priority: 71, letter: "L", isVolatile: true,
        value: .seconds,
        key: { job, context in
          .duration(Estimate(job, context)?.left ?? job.deadline.map { max(.zero, $0 - context.now) })
        },
        cell: { job, context in leftCell(job, context) })
      Column(
        "ENDS", minimum: 9, enough: 9, alignment: .right, priority: 18, isVolatile: true,
        key: { job, context in .time(Estimate(job, context).map { context.now + $0.left } ?? job.deadline) },
        cell: { job, context in endCell(job, context) })
      Column(
        "LAST EXIT", id: "exit", enough: 9, priority: 78, letter: "X", startsDescending: true,
        value: .key,
        key: { job, context in
          context.store.pods(ofJob: job.uid).tellingExit(of: job).map { .number($0.terminated.exitCode) } ?? .none
        },
        cell: { job, context in
          context.store.pods(ofJob: job.uid).tellingExit(of: job).map { exitCell($0.terminated) } ?? .nothing
        })
      Column(
        "NEXT", minimum: 6, priority: 74, letter: "T", isVolatile: true,
        value: .time("NEXT"), key: { job, context in .time(context.store.pods(ofJob: job.uid).nextTry(of: job)) },
        cell: { job, context in
          guard let next = context.store.pods(ofJob: job.uid).nextTry(of: job) else { return .nothing }
          return next > context.now
            ? StyledText("in \(humanDuration(next - context.now + .milliseconds(999)))", .pending)
            : StyledText("now", .pending)
        })
      ageColumn()
      Column(
        "COMMAND", minimum: 30, priority: 20, takesRest: true, key: { job, _ in .text(job.commandLine) },
        cell: { job, _ in job.commandLine.isEmpty ? .nothing : StyledText(job.commandLine, .muted) })
    },
    sort: SortOrder(column: "age", isDescending: false), noun: "job",
    rows: { store, scope in
      if case .owned(let uid, _, _) = scope { store.jobItems(ofOwner: uid) } else { store.all(.job) }
    },
    touches: { touched in
      if touched.kind == .job { return .row(touched.id) }
      // Seldom: a node with pods of many jobs has failed, or is back.
      if touched.changesReadiness { return .everything }
      return touched.job.map { .row($0) } ?? .nothing
    })

  static func jobStatus(_ job: JobItem, _ context: RowContext) -> StatusText { context.store.status(of: job) }

  private static func doneCell(_ job: JobItem, width: Int) -> StyledText {
    let done = job.job.status.succeeded
    let role: Role = job.hasFailed ? .failed : job.isFinished ? .barDone : .barActive
    if job.job.spec.completions == nil {
      let text = job.isFinished || done > 0 ? "\(done)/1" : "0/1"
      return StyledText(bar(job.hasSucceeded ? 1 : 0, of: 1, width: width, role: role) + [Span(" \(text)")])
    }
    let whole = max(job.wanted, 0)
    let spans = bar(whole == 0 ? 1 : Double(done), of: Double(max(whole, 1)), width: width, role: role)
    return StyledText(spans + [Span(" \(done)/\(whole)")])
  }

  /// How long it has been running; marked where that is clearly longer than usual.
  private static func elapsedCell(_ job: JobItem, _ context: RowContext) -> StyledText {
    guard let elapsed = job.elapsed(context.now) else { return .nothing }
    if job.isFinished { return StyledText(humanDuration(elapsed)) }
    let isLate = context.store.history(of: job).isExceeded(by: elapsed)
    return StyledText((isLate ? "! " : "") + humanDuration(elapsed), isLate ? .pending : .running)
  }

  /// What is left of it, as an estimate; of one that runs longer than usual, what is usual.
  private static func leftCell(_ job: JobItem, _ context: RowContext) -> StyledText {
    let history = context.store.history(of: job)
    guard let estimate = Estimate(job, context) else {
      // No more than that, at least.
      guard let due = job.deadline else { return .nothing }
      let isNear = due - context.now < .seconds(10)
      return StyledText(
        "≤" + humanDuration(max(.zero, due - context.now)), isNear ? .pending : .muted)
    }
    if estimate.basis == .history, estimate.left == .zero, let median = history.median {
      return StyledText("usually \(humanDuration(median))", .pending)
    }
    return StyledText(estimate.left < .seconds(1) ? "soon" : "~\(humanDuration(estimate.left))", .muted)
  }

  /// When it may end, as an estimate.
  private static func endCell(_ job: JobItem, _ context: RowContext) -> StyledText {
    guard let estimate = Estimate(job, context) else {
      return job.deadline.map { StyledText("≤\(context.clock($0))", .muted) } ?? .nothing
    }
    guard estimate.left > .zero else { return .nothing }
    return StyledText("~\(context.clock(context.now + estimate.left))", .muted)
  }

  private static func retriesCell(_ job: JobItem, _ context: RowContext) -> StyledText {
    let used = context.store.pods(ofJob: job.uid).retries(of: job)
    if let limit = job.job.spec.backoffLimitPerIndex {
      return StyledText("\(used) (\(limit)/idx)", used > 0 ? .pending : .muted)
    }
    guard let limit = job.job.spec.backoffLimit else { return StyledText("\(used)", used > 0 ? .text : .muted) }
    // A limit of 2^31 - 1 is what Kubernetes sets where indexes have their own.
    let text = limit >= Int(Int32.max) ? "∞" : "\(limit)"
    let isOver = job.hasFailed && job.verdict?.reason == "BackoffLimitExceeded"
    return StyledText("\(used)/\(text)", isOver ? .failed : used == 0 ? .muted : .pending)
  }

  /// `0`, `1`, `137 SIGKILL`, `137 OOMKilled`; without the reason where it is `said` already.
  static func exitCell(_ terminated: ContainerState.Terminated, said: String = "") -> StyledText {
    if terminated.exitCode == 0 { return StyledText("0", .succeeded) }
    let reason =
      !["", "Error", "Completed"].contains(terminated.reason)
      ? terminated.reason : ExitCode.signalName(terminated) ?? ""
    let isNew = !reason.isEmpty && reason != said
    return StyledText("\(terminated.exitCode)" + (isNew ? " \(reason)" : ""), .failed)
  }

  static func namespaceColumn<Row: Item>() -> Column<Row> {
    Column(
      "NAMESPACE", minimum: 9, maximum: 24, enough: 12, priority: 76, letter: "P",
      key: { row, _ in .text(row.namespace) },
      cell: { row, _ in StyledText(row.namespace, .muted) })
  }

  static func nameColumn<Row: Item>(enough: Int = 30) -> Column<Row> {
    Column(
      "NAME", minimum: 12, enough: enough, priority: 100, letter: "N", key: { row, _ in .text(row.name) },
      cell: { row, _ in StyledText(row.name) })
  }

  static func ageColumn<Row: Item>() -> Column<Row> {
    Column(
      "AGE", minimum: 5, alignment: .right, priority: 65, letter: "A",
      value: .time("CREATED"), key: { row, _ in row.created.map { .number(-$0.microseconds) } ?? .none },
      cell: { row, context in .age(row.created, context.now, role: .muted) })
  }
}
