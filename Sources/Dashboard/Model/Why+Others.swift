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
      step(
        .idle, "The next run is in \(until(next))",
        ["At \(clock(next)). Schedule \(spec.schedule)\(spec.timeZone.map { " in \($0)" } ?? "")"], about: cronJob,
        way: .describe)
    } else {
      step(.failed, "Its schedule names no time to come", [spec.schedule], about: cronJob, way: .describe)
    }
    let overdue = cronJob.overdueRuns(at: context.now)
    if overdue > 0 {
      step(
        .pending, "!", "\(Format.plural(overdue, "run")) \(overdue == 1 ? "is" : "are") overdue",
        [spec.startingDeadlineSeconds.map { "A run may start \($0)s late (startingDeadlineSeconds), no later." } ?? ""],
        about: cronJob, way: .events)
    }
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
    tellEvents(of: cronJob.uid)
    if let failed { tell(failed) }
  }

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
