internal import KubeModel
internal import Terminal

extension Why {
  /// Why a cron job did or did not run: what it waits for, and how its latest job ended.
  mutating func tell(_ cronJob: CronJobItem) {
    let status = TableView.cronJobStatus(cronJob, context)
    let spec = cronJob.cronJob.spec
    let failed = Why.lastFailure(of: cronJob, store)
    var evidence: [String] = []
    if let last = cronJob.cronJob.status.lastScheduleTime { evidence.append("Last run \(ago(last))") }
    if let last = cronJob.cronJob.status.lastSuccessfulTime { evidence.append("Last success \(ago(last))") }
    if let usual = store.jobItems(ofOwner: cronJob.uid).max(by: Why.isOlder).flatMap({ store.history(of: $0).text }) {
      evidence.append("A run usually takes \(usual).")
    }
    step(
      status.standing, "Cron job \(cronJob.name): \(status.text)", evidence, about: cronJob,
      way: failed.map { .row(ItemRef($0)) } ?? .inside)
    if cronJob.isSuspended {
      step(.suspended, "It makes no jobs until it is resumed (s)", about: cronJob, way: .describe)
    } else if let next = cronJob.nextRun(after: context.now) {
      // Its own clock and the reader's may be far apart.
      let here = context.localOffset(next) == cronJob.offset(at: next) ? "" : ", \(context.date(next)) here"
      step(
        .idle, "The next run is in \(until(next))",
        [
          "On \(cronJob.scheduled(next))\(spec.timeZone.map { " \($0)" } ?? "")\(here). Its schedule is \(spec.schedule)"
            + (spec.timeZone == nil ? ", in the controller's local time." : ".")
        ], about: cronJob, way: .describe)
    } else {
      step(
        .failed, "It never runs", [sentence("its " + (cronJob.scheduleProblem ?? "schedule names no time to come"))],
        about: cronJob, way: .describe)
    }
    tellMissed(of: cronJob)
    let active = cronJob.cronJob.status.active
    if !active.isEmpty {
      let effect =
        switch spec.concurrencyPolicy {
        case "Forbid": "Its policy is Forbid: a run that comes up meanwhile is left out."
        case "Replace": "Its policy is Replace: the next run ends what runs."
        default: ""
        }
      step(
        .running, "\(Format.plural(active.count, "job")) of it run\(active.count == 1 ? "s" : "")", [effect],
        about: cronJob, way: .inside)
      for reference in active.prefix(3) {
        guard let job = store.job(reference.uid) else { continue }
        step(
          .running, "\(job.name)\(job.elapsed(context.now).map { " runs for \(humanDuration($0))" } ?? "")",
          Pace(job, context).lines, about: job, way: .row(ItemRef(job)), isSub: true)
      }
    }
    tellOthersJobs(of: cronJob)
    tellEvents(of: cronJob.uid, except: Why.unexpectedJob)
    if let failed { tell(failed) }
  }

  private static let unexpectedJob = "UnexpectedJob"

  /// Jobs that are the cron job's without being made by its controller, which warns of them each time it looks.
  private mutating func tellOthersJobs(of cronJob: CronJobItem) {
    let events = store.eventItems(of: cronJob.uid).filter { $0.event.reason == Why.unexpectedJob }
    guard let last = events.last else { return }
    // `Saw a job that the controller did not create or forgot: NAME`
    let names = Set(
      events.compactMap { $0.event.message.split(separator: " ").last.map(String.init) }
    ).sorted()
    let jobs = store.jobItems(ofOwner: cronJob.uid).filter { names.contains($0.name) }
    let isByHand = jobs.count == names.count && jobs.allSatisfy(\.isTriggeredByHand)
    let count = events.reduce(0) { $0.saturatingAdd(max(1, $1.event.occurrences)) }
    step(
      .muted, "·",
      (names.count == 1 ? "\(names[0]) was" : "\(Format.plural(names.count, "job")) were")
        + (isByHand ? " triggered by hand" : " not made by its schedule"),
      [
        "No trouble: its controller tells of \(names.count == 1 ? "it" : "them") as \(Why.unexpectedJob)"
          + (count > 1 ? ", \(Format.count(count)) times" : "")
          + ", and does not count \(names.count == 1 ? "it" : "them") as active."
      ], about: jobs.first ?? last, way: .row(jobs.first.map(ItemRef.init) ?? ItemRef(last)))
  }

  /// Which runs did not take place and why, those of one cause together.
  private mutating func tellMissed(of cronJob: CronJobItem) {
    let missed = MissedRuns(cronJob, store, now: context.now)
    let spec = cronJob.cronJob.spec
    let count = missed.count
    if count > 0 {
      step(
        .pending, "!",
        "\(count >= MissedRuns.limit ? "\(count) runs or more" : Format.plural(count, "run")) did not take place",
        about: cronJob, way: .events)
      var groups: [(reason: MissedRuns.Reason, runs: [MissedRuns.Run])] = []
      for run in missed.runs {
        if groups.last?.reason == run.reason {
          groups[groups.count - 1].runs.append(run)
        } else {
          groups.append((run.reason, [run]))
        }
      }
      for (reason, runs) in groups.suffix(Why.toldMissed) {
        let text: String
        var about: JobItem?
        switch reason {
        case .forbidden(let name):
          about = store.jobItems(ofOwner: cronJob.uid).first { $0.name == name }
          text = "\(name ?? "the run before") still ran, and concurrencyPolicy is Forbid"
        case .deadline:
          let limit = spec.startingDeadlineSeconds.map { "\($0)s" } ?? "so long"
          text = "it would have begun more than \(limit) late (startingDeadlineSeconds)"
        case .unknown:
          text =
            spec.startingDeadlineSeconds == nil
            ? "no controller has acted: it was down, or the cron job was suspended then"
            : "no controller has acted yet"
        }
        step(
          .muted, "·", "\(times(runs, cronJob)): \(text)", about: about ?? cronJob,
          way: about.map { .row(ItemRef($0)) } ?? .events, isSub: true)
      }
      if groups.count > Why.toldMissed {
        step(.muted, "·", "and earlier ones", about: cronJob, way: .events, isSub: true)
      }
    }
    guard !missed.gaps.isEmpty else { return }
    step(
      .muted, "·", "\(Format.plural(missed.gaps.count, "earlier time")) of its schedule went by without a run",
      [
        "\(times(missed.gaps.map { MissedRuns.Run(at: $0, reason: .unknown) }, cronJob)).",
        "It was suspended then, no controller ran, or its schedule was another one.",
      ], about: cronJob, way: .describe)
  }

  /// `14:01:00`, `14:01:00, 14:02:00 and 14:03:00`, `7 from 14:01:00 to 14:07:00`
  private func times(_ runs: [MissedRuns.Run], _ cronJob: CronJobItem) -> String {
    let times = runs.compactMap(\.at).map(context.clock)
    let untimed = runs.filter { $0.at == nil }.reduce(0) { $0 + $1.count }
    let others = untimed > 0 ? ["\(Format.count(untimed)) earlier"] : []
    guard let first = times.first, let last = times.last else { return others.joined() }
    guard times.count > 3 else { return (others + times).joined(separator: ", ") }
    return (others + ["\(Format.count(times.count)) from \(first) to \(last)"]).joined(separator: ", ")
  }

  /// Groups of missed runs that are told of one by one.
  private static let toldMissed = 6

  private static func isOlder(_ left: JobItem, _ right: JobItem) -> Bool {
    (left.created ?? Instant(seconds: 0), left.name) < (right.created ?? Instant(seconds: 0), right.name)
  }

  /// Why a node takes pods or not.
  mutating func tell(_ node: NodeItem) {
    step(node.status.standing, "Node \(node.name): \(node.status.text)", about: node, way: .inside)
    for condition in node.node.status.conditions {
      // Ready should be true, all others false.
      let isGood = condition.isTrue == (condition.type == "Ready")
      guard !isGood else { continue }
      let since = condition.lastTransitionTime.map { "Since \(clock($0)), for \(time(since: $0))." } ?? ""
      step(
        .failed, "\(condition.type) is \(condition.status): \(condition.reason)", [condition.message, since],
        about: node, way: .describe)
    }
    if node.node.spec.unschedulable {
      step(
        .suspended, "It is cordoned: no pod is placed here until it is uncordoned (c)", about: node, way: .describe)
    }
    for taint in node.node.spec.taints where !taint.key.hasPrefix("node.kubernetes.io/unschedulable") {
      let effect =
        switch taint.effect {
        case "NoExecute": "Pods that do not tolerate it are evicted."
        case "NoSchedule": "Pods that do not tolerate it are not placed here."
        default: ""
        }
      step(
        .pending, "!", "Taint \(taint.key)\(taint.value.isEmpty ? "" : "=\(taint.value)"): \(taint.effect)",
        [effect, taint.timeAdded.map { "Added \(ago($0))." } ?? ""], about: node, way: .describe)
    }
    let held = store.pods(ofNode: node.name)
    step(
      .idle, "It holds \(Format.count(held.active)) of at most \(Format.plural(node.pods, "pod"))",
      [
        "Asked for: \(Format.cores(held.cpu)) of \(Format.cores(node.cpu)) cpu, "
          + "\(Format.bytes(held.memory)) of \(Format.bytes(node.memory)) memory"
      ], about: node, way: .inside)
    tellEvents(of: node.uid)
    // Those who report about nodes know them by name.
    tellEvents(of: node.name)
  }

  /// An event says why by itself; what it is about says more.
  mutating func tell(_ event: EventItem) {
    let isWarning = event.event.type == "Warning"
    let subject = store.object(of: event)
    step(
      isWarning ? .pending : .text, isWarning ? "!" : "·", "\(event.event.reason) \(ago(event.event.lastSeen))",
      [event.event.message, "About \(event.objectText)\(subject == nil ? ", which is no longer there" : "")"],
      about: event, way: subject.map { .row(ItemRef($0)) } ?? .describe)
    if let subject { tell(subject) }
  }

  /// What a namespace holds.
  mutating func tell(_ namespace: NamespaceItem) {
    let phase = namespace.namespaceObject.status.phase
    let counts = store.counts(in: namespace.name)
    step(
      phase == "Terminating" ? .ending : .idle, "Namespace \(namespace.name): \(phase)",
      [
        "\(Format.plural(counts.jobs, "job")), \(Format.plural(counts.cronJobs, "cron job")), "
          + Format.plural(counts.pods, "pod")
      ], about: namespace, way: .inside)
    tellEvents(of: namespace.uid)
  }
}
