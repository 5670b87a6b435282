internal import KubeModel
internal import Terminal

extension Attention.Concern {
  var sign: String {
    switch self {
    case .nodeDown, .failed, .failedEarlier: "✗"
    case .retrying: "↻"
    case .stuck, .unstarted, .uncreated, .unschedulable, .gated: "○"
    case .pressure, .missed, .neverRuns, .late, .failing: "!"
    case .suspended: "‖"
    }
  }

  var role: Role {
    switch self {
    case .nodeDown, .failed: .failed
    case .stuck, .retrying, .failing, .unstarted, .uncreated, .unschedulable, .gated, .pressure, .missed, .neverRuns,
      .late:
      .pending
    case .suspended, .failedEarlier: .muted
    }
  }

  var word: String {
    switch self {
    case .nodeDown: "node down"
    case .failed: "failed"
    case .stuck: "can't run"
    case .unstarted: "can't start"
    case .uncreated: "no pods"
    case .unschedulable: "no node"
    case .gated: "gated"
    case .pressure: "pressure"
    case .missed: "missed run"
    case .neverRuns: "never runs"
    case .late: "late"
    case .retrying: "retrying"
    case .failing: "failing"
    case .suspended: "suspended"
    case .failedEarlier: "failed before"
    }
  }
}

extension Attention.Entry {
  /// When it began.
  var since: Instant { from - concern.patience }

  /// What is known about it in a few words.
  func details(_ item: Item, _ context: RowContext) -> String {
    switch item {
    case let job as JobItem: details(job, context)
    case let pod as PodItem:
      [pod.trouble.map { "the pod " + $0.text(1) }, pod.startFailure?.gist].compactMap { $0 }.joined(separator: ": ")
    case let node as NodeItem: details(node)
    case let cronJob as CronJobItem: details(cronJob, context)
    default: ""
    }
  }

  private func details(_ job: JobItem, _ context: RowContext) -> String {
    let pods = context.store.pods(ofJob: job.uid)
    func told(_ isIt: (Trouble) -> Bool) -> [String] {
      pods.troubles.filter { isIt($0.key) }.map {
        "\(Format.plural($0.value.count, "pod")) \($0.key.text($0.value.count))"
      }
      .sorted()
    }
    let exit = (job.hasFailed ? pods.tellingExit(of: job) : pods.lastFailure).map { exit -> String in
      let reason = exit.terminated.specificReason
      return "exit code \(exit.terminated.exitCode)" + (reason.isEmpty ? "" : " (\(reason))")
    }
    switch concern {
    case .stuck: return told(\.isWaiting).joined(separator: ", ")
    case .unstarted:
      let found = pods.troubles.first(where: \.key.isUnstarted)
      let pod = found.flatMap { context.store.latestPod(ofJob: job.uid, $0.key) }
      let count = found.map { $0.value.count > 1 ? ["\(Format.count($0.value.count)) pods"] : [] } ?? []
      return (count + [pod?.startFailure?.gist].compactMap { $0 }).joined(separator: ": ")
    case .gated:
      let count = pods.troubles[.gated]?.count ?? 0
      let names = context.store.latestPod(ofJob: job.uid, .gated)?.pod.spec.schedulingGates.map(\.name) ?? []
      return (count > 1 ? "\(Format.count(count)) pods: " : "") + "scheduling gate\(names.count == 1 ? "" : "s") "
        + names.joined(separator: ", ")
    case .uncreated: return context.store.failedCreation(for: job)?.creationError ?? ""
    case .unschedulable:
      let message = context.store.latestPod(ofJob: job.uid, .unschedulable)?.unschedulable
      return (told { $0 == .unschedulable } + [message].compactMap { $0 }).joined(separator: ": ")
    case .late:
      guard let elapsed = job.elapsed(context.now), let usual = context.store.history(of: job).median else { return "" }
      return "runs for \(humanDuration(elapsed)), usually \(humanDuration(usual))"
    case .suspended: return "starts no pods until it is resumed"
    default:
      let failed =
        job.job.status.failed > 0
        ? "\(Format.plural(job.job.status.failed, "pod")) failed"
        : told { $0 == .crashLoop }.joined()
      return [job.hasFailed ? job.verdict?.reason ?? "" : failed, exit ?? ""].filter { !$0.isEmpty }.joined(
        separator: ", ")
    }
  }

  private func details(_ node: NodeItem) -> String {
    guard concern == .nodeDown else { return node.pressures.map(\.type).joined(separator: ", ") }
    guard let ready = node.node.status.conditions["Ready"] else { return "" }
    return [ready.reason, ready.message].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  private func details(_ cronJob: CronJobItem, _ context: RowContext) -> String {
    if concern == .neverRuns { return cronJob.scheduleProblem ?? "" }
    let missed = cronJob.overdueRuns(at: context.now)
    let active = cronJob.cronJob.status.active.count
    return Format.plural(missed, "run") + " missed"
      + (active > 0 ? ", \(Format.plural(active, "job")) still active" : "")
  }
}
