internal import KubeModel
internal import Terminal

/// Why a job or a pod is as it is: a chain from what is seen to what caused it, as far as the cluster tells.
enum Why {
  /// The pod that tells most about an item: of a job, the one that failed last, or else one that waits or runs.
  static func witness(of item: Item, in store: Store) -> PodItem? {
    if let pod = item as? PodItem { return pod }
    let pods = store.podItems(ofJob: item.uid)
    let order = { (pod: PodItem) in (pod.finished ?? pod.created ?? Instant(seconds: 0), pod.name) }
    let failed = pods.filter { $0.pod.status.phase == .failed }.max { order($0) < order($1) }
    if let failed { return failed }
    let troubled = pods.filter { $0.unschedulable != nil || $0.waitingTrouble != nil || $0.restarts > 0 }
    return troubled.max { order($0) < order($1) } ?? pods.max { order($0) < order($1) }
  }

  static func lines(of item: Item, tail: LogTail?, _ context: RowContext) -> [StyledText] {
    var page = Writer(context: context)
    switch item {
    case let job as JobItem: page.tell(job, tail: tail)
    case let pod as PodItem: page.tell(pod, tail: tail)
    default: page.line("Nothing is known.")
    }
    return page.lines
  }

  private struct Writer {
    let context: RowContext
    var lines: [StyledText] = []

    mutating func line(_ text: StyledText) { lines.append(text) }

    /// One link of the chain: what, and in smaller letters the details.
    mutating func link(_ role: Role, _ sign: String, _ title: String, _ details: [String] = []) {
      if !lines.isEmpty { lines.append(StyledText("│", .border)) }
      lines.append(StyledText([Span(sign + " ", role), Span(title, role, .bold)]))
      for detail in details where !detail.isEmpty {
        lines.append(StyledText([Span("│ ", .border), Span(detail)]))
      }
    }

    func ago(_ instant: Instant?) -> String {
      instant.map { humanDuration(max(.zero, context.now - $0)) + " ago" } ?? ""
    }

    mutating func tell(_ job: JobItem, tail: LogTail?) {
      let status = TableView.jobStatus(job, context)
      var details: [String] = []
      if let verdict = job.verdict {
        details.append(verdict.message)
        if let since = verdict.lastTransitionTime { details.append("\(verdict.type) \(ago(since))") }
      }
      details += limits(job)
      link(status.standing.role, status.standing.sign, "Job \(job.name): \(status.text)", details)
      if job.isSuspended, !job.isFinished {
        line(StyledText([Span("│ ", .border), Span("It starts no pods until it is resumed (s).")]))
      }
      let pods = context.store.pods(ofJob: job.uid)
      if let next = pods.nextRetry(of: job) {
        link(
          .pending, "↻", "The next pod is made in \(humanDuration(max(.zero, next - context.now)))",
          ["10 s after the first failure, doubled with each further one, 10 minutes at most"])
      }
      let counts = job.job.status
      if counts.failed > 0 || counts.succeeded > 0 || counts.active > 0 {
        link(
          counts.failed > 0 ? .failed : .text, counts.failed > 0 ? "✗" : "●",
          "\(Format.plural(counts.failed, "pod")) failed, \(counts.succeeded) succeeded, \(counts.active) active")
      }
      if let pod = Why.witness(of: job, in: context.store) {
        tell(pod, tail: tail)
      } else if let exit = pods.lastExit {
        link(.muted, "·", "Its pods are gone; the last one ended with exit code \(exit.terminated.exitCode)")
      } else if !job.isSuspended, !job.isFinished {
        tellEvents(of: job.uid, reasons: ["FailedCreate"])
      }
    }

    private func limits(_ job: JobItem) -> [String] {
      let spec = job.job.spec
      switch job.verdict?.reason {
      case "BackoffLimitExceeded":
        return spec.backoffLimit.map {
          ["Its backoffLimit is \($0): it fails with failure number \($0 + 1)."]
        } ?? []
      case "DeadlineExceeded":
        return spec.activeDeadlineSeconds.map {
          ["Its activeDeadlineSeconds is \($0) (\(humanDuration(.seconds($0))))."]
        } ?? []
      case "FailedIndexes", "MaxFailedIndexesExceeded":
        return job.job.status.failedIndexes.map { ["Failed indexes: \($0)"] } ?? []
      default: return []
      }
    }

    mutating func tell(_ pod: PodItem, tail: LogTail?) {
      var details: [String] = []
      if let index = pod.completionIndex { details.append("Completion index \(index)") }
      if !pod.pod.status.message.isEmpty { details.append(pod.pod.status.message) }
      for type in ["DisruptionTarget", "FailureTarget"] {
        if let condition = pod.pod.status.conditions[type], condition.isTrue {
          details.append("\(type): \(condition.reason) \(condition.message)")
        }
      }
      link(
        pod.status.standing.role, pod.status.standing.sign,
        "Pod \(pod.name): \(pod.status.text)\(pod.finished.map { " \(ago($0))" } ?? "")", details)
      if let message = pod.unschedulable {
        link(.pending, "○", "No node takes it", [message])
        tellRequests(pod)
      }
      if let waiting = pod.waitingTrouble {
        link(.pending, "○", "Its container waits: \(waiting.reason)", [waiting.message])
      }
      if let exit = pod.exit { tell(exit, of: pod) }
      if let tail { tell(tail) }
      if !pod.pod.spec.nodeName.isEmpty { tellNode(pod.pod.spec.nodeName) }
      if pod.exit == nil, pod.unschedulable == nil { tellEvents(of: pod.uid, reasons: nil) }
    }

    private mutating func tell(_ exit: ContainerState.Terminated, of pod: PodItem) {
      var details: [String] = []
      if let meaning = ExitCode.meaning(exit) { details.append(meaning) }
      if !exit.message.isEmpty { details.append(exit.message) }
      // What could not be started began at the beginning of time, as Kubernetes has it.
      if let start = exit.startedAt, start.seconds > 0, let end = exit.finishedAt {
        details.append("It ran for \(humanDuration(max(.zero, end - start))).")
      }
      if pod.restarts > 0 { details.append("Restarted in its pod \(Format.plural(pod.restarts, "time")).") }
      if exit.reason == "OOMKilled", let container = pod.pod.spec.containers.first,
        let limit = container.resources.limits?["memory"]
      {
        details.append("Its memory limit is \(limit.text).")
      }
      let reason = ["", "Error", "Completed"].contains(exit.reason) ? "" : " (\(exit.reason))"
      link(
        exit.exitCode == 0 ? .succeeded : .failed, exit.exitCode == 0 ? "✓" : "✗",
        "Exit code \(exit.exitCode)\(reason)", details)
    }

    private mutating func tell(_ tail: LogTail) {
      if let error = tail.error {
        link(.muted, "·", "Its log cannot be read", [error])
      } else if !tail.lines.isEmpty {
        link(.text, "≡", "The last it wrote (l shows all)")
        for text in tail.lines.suffix(8) { line(StyledText([Span("│ ", .border), Span("  " + text, .muted)])) }
      } else if tail.isComplete {
        link(.muted, "≡", "It wrote nothing")
      }
    }

    private mutating func tellNode(_ name: String) {
      guard let node = context.store.node(named: name) else {
        return link(.failed, "✗", "Node \(name) is gone")
      }
      var details: [String] = []
      if !node.isReady, let condition = node.node.status.conditions["Ready"] {
        details.append("\(condition.reason) \(condition.message)")
      }
      link(node.isReady ? .muted : .failed, node.isReady ? "·" : "✗", "Node \(name): \(node.status.text)", details)
    }

    private mutating func tellRequests(_ pod: PodItem) {
      let largest = (context.store.items[.node] ?? [:]).values.compactMap { $0 as? NodeItem }
      guard pod.cpuRequest > 0 || pod.memoryRequest > 0, !largest.isEmpty else { return }
      var details = ["It asks for \(Format.cores(pod.cpuRequest)) cpu and \(Format.bytes(pod.memoryRequest)) memory."]
      let cpu = largest.map(\.cpu).max() ?? 0
      let memory = largest.map(\.memory).max() ?? 0
      details.append("The largest nodes have \(Format.cores(cpu)) cpu and \(Format.bytes(memory)) memory.")
      if pod.cpuRequest > cpu || pod.memoryRequest > memory { details.append("It can never run here.") }
      link(.muted, "·", "What it needs", details)
    }

    private mutating func tellEvents(of uid: String, reasons: Set<String>?) {
      let events = context.store.eventItems(of: uid).filter { item in
        item.event.type == "Warning" && reasons.map { $0.contains(item.event.reason) } ?? true
      }
      for item in events.suffix(3) {
        link(.pending, "!", "\(item.event.reason) \(ago(item.event.lastSeen))", [item.event.message])
      }
    }
  }
}
