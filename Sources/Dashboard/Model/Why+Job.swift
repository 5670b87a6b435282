internal import KubeModel
internal import Terminal

extension Why {
  mutating func tell(_ job: JobItem) {
    let status = TableView.jobStatus(job, context)
    let witness = Why.witness(of: job, in: store)
    let pods = store.pods(ofJob: job.uid)
    step(
      status.standing, "Job \(job.name): \(status.text)", summary(job), about: job,
      way: (store.failedCreation(for: job) ?? witness).map { .row(ItemRef($0)) } ?? .describe)
    if let verdict = job.verdict { tell(verdict, of: job) }
    if job.hasFailed { tellDisruptions(of: job) }
    tellHolds(on: job)
    tellTimes(of: job)
    tellCounts(of: job)
    tellFailedNodes(of: job)
    // Of a job that goes on, what was done to its pods is behind what is the matter now.
    if !job.hasFailed { tellDisruptions(of: job) }
    if let witness {
      tell(witness)
    } else if let exit = pods.tellingExit(of: job) {
      tell(exit, of: job)
    }
    tellEvents(of: job.uid, reasons: ["FailedCreate", "FailedDelete"])
  }

  /// How the last of its pods ended, of which none is left.
  private mutating func tell(_ exit: JobPods.Exit, of job: JobItem) {
    let cause = ExitCode.causes[exit.disruption].map { "\(exit.disruption): \($0)." }
    let meaning = ExitCode.meaning(exit.terminated, of: nil, job: job).map(sentence)
    step(
      exit.terminated.exitCode == 0 && cause == nil ? .succeeded : .failed,
      "Its pods are gone; the last one ended with exit code \(exit.terminated.exitCode)",
      [cause ?? meaning ?? "", "It was \(exit.name), and ended \(ago(exit.at))."], about: job, way: .events)
  }

  /// In a sentence how it stands, and how that compares with what is usual.
  private func summary(_ job: JobItem) -> [String] {
    let spec = job.job.spec
    let cause = cause(of: job)
    switch job.verdict?.reason {
    case "BackoffLimitExceeded":
      let limit = spec.backoffLimit ?? 6
      return spec.template.spec.restartPolicy == .onFailure
        ? [
          "It gave up: \(cause), and \(limit == 0 ? "no restart is" : "no more than \(Format.plural(limit, "restart")) are") allowed by its backoffLimit."
        ]
        : ["It gave up: \(cause), and its backoffLimit of \(limit) allows no more."]
    case "DeadlineExceeded":
      let limit = spec.activeDeadlineSeconds.map { humanDuration(.seconds($0)) } ?? "so long"
      return ["It ran out of time: it may be active for \(limit), no longer."]
    case "PodFailurePolicy":
      return ["It failed at once: \(cause), and a rule of its podFailurePolicy ends it for that."]
    case "MaxFailedIndexesExceeded":
      return ["It gave up: \(cause), and more than \(spec.maxFailedIndexes ?? 0) of its indexes are lost."]
    case "FailedIndexes": return ["All of its indexes have ended, and some are lost: \(cause)."]
    case "SuccessPolicy":
      return ["It has succeeded early: a rule of its successPolicy holds."] + Pace(job, context).lines
    default: break
    }
    if let failure = store.failedCreation(for: job) {
      return [sentence("It cannot create pods: \(failure.creationError)")] + Pace(job, context).lines
    }
    guard !job.isFinished, let worst = Why.rankedTroubles(of: job, store).first else { return Pace(job, context).lines }
    // What keeps it from starting is all that there is to know; elsewhere the steps tell more.
    let failure = worst.trouble.isUnstarted ? store.latestPod(ofJob: job.uid, worst.trouble)?.startFailure : nil
    let detail = failure.map { $0.message.isEmpty ? "" : ": \($0.message)" } ?? ""
    return [sentence(text(worst) + detail)] + Pace(job, context).lines
  }

  /// `3 pods failed with exit code 1`
  private func text(_ entry: (trouble: Trouble, count: Int)) -> String {
    "\(Format.plural(entry.count, "pod")) \(entry.trouble.text(entry.count))"
  }

  /// What most of its failed pods have in common, or how the last one ended. Those that were only deleted because it
  /// had failed are no cause; those that others ended are one, also when they are gone.
  private func cause(of job: JobItem) -> String {
    let pods = store.pods(ofJob: job.uid)
    let isIgnored = job.ruleOnEviction()?.action == "Ignore"
    let disrupted = isIgnored ? [:] : pods.disruptions
    var causes: [(text: String, count: Int)] = []
    for entry in Why.rankedTroubles(of: job, store) where entry.trouble.rank == 0 {
      if case .failed(let reason) = entry.trouble, disrupted[reason] != nil { continue }
      causes.append((text(entry), entry.count))
    }
    for (reason, found) in disrupted.sorted(by: { $0.key < $1.key }) {
      causes.append((Why.text(found, reason), found.count))
    }
    if job.verdict?.reason != "PodFailurePolicy" {
      // What stood first stays first among equals.
      causes = causes.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(
        \.element)
    }
    if let worst = causes.first {
      let others = causes.dropFirst().reduce(0) { $0 + $1.count }
      return worst.text + (others > 0 ? ", \(Format.count(others)) otherwise" : "")
    }
    guard let exit = pods.tellingExit(of: job) else { return "its pods failed" }
    return "its last pod ended with exit code \(exit.terminated.exitCode)"
  }

  /// `3 pods were evicted, as a drain does it`
  private static func text(_ found: JobPods.Disruptions, _ reason: String) -> String {
    "\(Format.plural(found.count, "pod")) \(found.count == 1 ? "was" : "were") \(ExitCode.deeds[reason] ?? "ended by others: \(reason)")"
  }

  /// Pods that others ended: a drain, a node that was lost, pods of higher priority.
  private mutating func tellDisruptions(of job: JobItem) {
    guard !job.hasSucceeded else { return }
    for (reason, found) in store.pods(ofJob: job.uid).disruptions.sorted(by: { $0.key < $1.key }) {
      let places = found.nodes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      let nodes = places.prefix(Why.toldNodes).map { place in
        let node = store.node(named: place.key)
        let state = node == nil ? ", which is gone" : node?.node.spec.unschedulable == true ? ", which is cordoned" : ""
        return (places.count == 1 ? place.key : "\(Format.count(place.value)) on \(place.key)") + state
      }
      let rule = job.ruleOnEviction()
      let effect =
        switch rule?.action {
        case "Ignore": "Rule \(rule?.number ?? 0) of its podFailurePolicy ignores that: it does not count as a failure."
        case "FailJob": "Rule \(rule?.number ?? 0) of its podFailurePolicy ends the job for that."
        default: "Each counts as a failure of the job: no rule of a podFailurePolicy ignores DisruptionTarget."
        }
      let node = places.first.flatMap { store.node(named: $0.key) }
      step(
        rule?.action == "Ignore" ? .pending : .failed, sentenceStart(Why.text(found, reason)),
        [
          reason + (found.last.map { ", the last \(ago($0))" } ?? ""),
          nodes.isEmpty ? "" : (places.count == 1 ? "On " : "") + nodes.joined(separator: "; "), effect,
        ], about: node ?? job, way: node.map { .row(ItemRef($0)) } ?? .inside)
    }
  }

  /// The condition that ended it, with the limit or the rule behind it.
  private mutating func tell(_ verdict: Condition, of job: JobItem) {
    let spec = job.job.spec
    var evidence = [verdict.message]
    switch verdict.reason {
    case "BackoffLimitExceeded":
      if let limit = spec.backoffLimit {
        evidence.append(
          spec.template.spec.restartPolicy == .onFailure
            ? "Its backoffLimit is \(limit): it fails once containers of its pods were restarted \(limit > 1 ? "\(limit) times" : "once")."
            : "Its backoffLimit is \(limit): it fails with failure number \(limit + 1).")
      }
    case "DeadlineExceeded":
      if let seconds = spec.activeDeadlineSeconds {
        evidence.append("Its activeDeadlineSeconds is \(seconds).")
        if let start = job.job.status.startTime {
          evidence.append("It started at \(clock(start)); time was up at \(clock(later(start, seconds))).")
        }
      }
    case "PodFailurePolicy", "SuccessPolicy": evidence += rule(namedBy: verdict, of: spec)
    case "FailedIndexes", "MaxFailedIndexesExceeded":
      if let limit = spec.maxFailedIndexes { evidence.append("Its maxFailedIndexes is \(limit).") }
    default: break
    }
    if let since = verdict.lastTransitionTime { evidence.append("\(verdict.type) \(ago(since)), at \(clock(since)).") }
    let standing: Standing = job.hasFailed ? .failed : .succeeded
    step(
      standing, "Condition \(verdict.type) is \(verdict.status): \(verdict.reason)", evidence, about: job,
      way: .describe)
  }

  /// What keeps it from making pods.
  private mutating func tellHolds(on job: JobItem) {
    guard !job.isFinished else { return }
    let metadata = job.job.metadata
    if let deleted = metadata.deletionTimestamp {
      let waits =
        metadata.finalizers.isEmpty
        ? "" : "It stays until these let it go: " + metadata.finalizers.joined(separator: ", ")
      step(.ending, "It is being deleted, for \(time(since: deleted)) now", [waits], about: job, way: .describe)
    }
    if let manager = job.job.spec.managedBy, manager != "kubernetes.io/job-controller" {
      step(
        .idle, "It is managed by \(manager)",
        ["The Job controller leaves it alone: whether and when its pods run is up to that one."], about: job,
        way: .describe)
    }
    if job.isSuspended {
      let since = job.job.status.conditions["Suspended"].flatMap { $0.isTrue ? $0.lastTransitionTime : nil }
      step(
        .suspended, "It is suspended",
        [
          "It starts no pods until it is resumed (s).", since.map { "For \(time(since: $0))." } ?? "",
        ], about: job, way: .describe)
    }
  }

  /// What happens by itself, and when.
  private mutating func tellTimes(of job: JobItem) {
    let spec = job.job.spec
    if let finished = job.finished, let seconds = spec.ttlSecondsAfterFinished {
      step(
        .idle, "It is deleted in \(until(later(finished, seconds)))",
        ["Its ttlSecondsAfterFinished is \(seconds)."], about: job, way: .describe)
    }
    guard !job.isFinished, job.verdict == nil, !job.isSuspended else { return }
    if let start = job.job.status.startTime, let seconds = spec.activeDeadlineSeconds {
      let due = later(start, seconds)
      let isNear = due - context.now < .seconds(max(10, seconds / 10))
      step(
        isNear ? .pending : .muted, isNear ? "!" : "·",
        due > context.now ? "Its deadline is in \(until(due))" : "Its deadline is over",
        ["It fails at \(clock(due)) unless it is done: its activeDeadlineSeconds is \(seconds)."], about: job,
        way: .describe)
    }
    if let next = store.pods(ofJob: job.uid).nextRetry(of: job) {
      let limit = spec.backoffLimitPerIndex ?? spec.backoffLimit
      let left = spec.backoffLimitPerIndex == nil ? limit.map { max(0, $0 - job.job.status.failed) } : nil
      step(
        .retrying, next > context.now ? "The next pod is made in \(until(next))" : "The next pod is due now",
        [
          "It waits 10 s after the first failure, twice as long after each further one, 10 minutes at most.",
          left.map { $0 == 0 ? "It is the last try." : "\(Format.plural($0, "further failure")) would be put up with." }
            ?? "",
        ], about: job, way: .inside)
    }
  }

  /// How many of its pods came to what, and of those in trouble what they have in common, ranked.
  private mutating func tellCounts(of job: JobItem) {
    let counts = job.job.status
    let troubles = Why.rankedTroubles(of: job, store)
    guard counts.failed > 0 || counts.succeeded > 0 || counts.active > 0 || !troubles.isEmpty else { return }
    var evidence: [String] = []
    if let failed = counts.failedIndexes, !failed.isEmpty {
      evidence.append("Failed indexes: \(failed)")
      if let limit = job.job.spec.backoffLimitPerIndex {
        evidence.append("Its backoffLimitPerIndex is \(limit): an index is lost with its failure number \(limit + 1).")
      }
    }
    if !counts.completedIndexes.isEmpty, job.hasFailed {
      evidence.append("Completed indexes: \(counts.completedIndexes)")
    }
    if let only = troubles.first, troubles.count == 1, only.count > 1 {
      evidence.insert("\(text(only)); the last of them:", at: 0)
    }
    step(
      counts.failed > 0 ? .failed : counts.active > 0 ? .running : .succeeded,
      "\(Format.plural(counts.failed, "pod")) failed, \(Format.count(counts.succeeded)) succeeded, "
        + "\(Format.count(counts.active)) active", evidence, about: job, way: .inside)
    guard troubles.count > 1 else { return }
    for (trouble, count) in troubles.prefix(Why.toldTroubles) {
      let pod = store.latestPod(ofJob: job.uid, trouble)
      step(
        trouble.isFailure ? .failed : .pending,
        text((trouble, count)),
        [count > 1 ? pod.map { "The last of them: \($0.name)" } ?? "" : ""], about: pod,
        way: pod.map { .row(ItemRef($0)) }, isSub: true)
    }
    if troubles.count > Why.toldTroubles {
      step(
        .idle, "and \(troubles.count - Why.toldTroubles) more kinds of trouble", about: job, way: .inside, isSub: true)
    }
  }

  /// Nodes that are not ready, with pods of the job that were on them.
  private mutating func tellFailedNodes(of job: JobItem) {
    guard !job.isFinished, store.totals.nodesReady < store.totals.nodes else { return }
    let failed = store.all(.node).compactMap { $0 as? NodeItem }.filter { !$0.isReady }
    var told = 0
    for node in failed.sorted(by: { $0.precedesByName($1) }) {
      let pods = store.podItems(onNode: node.name).filter { $0.owner == job.uid && $0.isActive }
      guard !pods.isEmpty else { continue }
      let since = node.node.status.conditions["Ready"]?.lastTransitionTime
      step(
        .failed, "Node \(node.name) is not ready, with \(Format.plural(pods.count, "pod")) of it",
        [
          since.map { "For \(time(since: $0)): what runs there is not heard of." }
            ?? "What runs there is not heard of.",
          eviction(of: pods, from: node),
        ], about: node, way: .row(ItemRef(node)))
      told += 1
      if told == Why.toldNodes { return }
    }
  }

  /// Kinds of trouble that are told of one by one.
  private static let toldTroubles = 5
}

/// The text as a sentence without its end.
func sentenceStart(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

/// The text as a sentence.
func sentence(_ text: String) -> String {
  text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
}
