internal import KubeModel
internal import Terminal

extension Why {
  mutating func tell(_ pod: PodItem) {
    var evidence: [String] = []
    if let index = pod.completionIndex { evidence.append("Completion index \(index)") }
    if !pod.pod.status.message.isEmpty { evidence.append(pod.pod.status.message) }
    if let condition = pod.pod.status.conditions["FailureTarget"], condition.isTrue {
      evidence.append("FailureTarget: \(condition.reason) \(condition.message)")
    }
    evidence += rule(for: pod)
    let ownWay: WhyStep.Way = pod.exit != nil || pod.isRunning ? .log(previous: false) : .describe
    step(
      pod.status.standing,
      "Pod \(pod.name): \(pod.status.text)\(pod.finished.map { "\(pod.isEndKnown ? "" : ", found") \(ago($0))" } ?? "")",
      evidence,
      about: pod, way: steps.isEmpty ? ownWay : .row(ItemRef(pod)))
    tellEnding(of: pod)
    tellWaiting(of: pod)
    let told = containersThatTell(of: pod)
    for row in told { tellContainer(row, isNamed: pod.containers > 1 || row.isInit) }
    if told.isEmpty, let tail, tail.source.pod == pod.uid { tell(tail, of: pod) }
    if !pod.pod.spec.nodeName.isEmpty { tellNode(of: pod) }
    if pod.exit == nil, pod.unschedulable == nil { tellEvents(of: pod.uid, except: pod.startFailure?.reason) }
  }

  mutating func tell(_ row: ContainerItem) {
    let status = TableView.containerStatus(row)
    step(
      status.standing, "Container \(row.container.name): \(status.text)",
      [row.container.image.isEmpty ? "" : "Image \(row.container.image)"], about: row, way: .log(previous: false))
    tellContainer(row, isNamed: false)
    tell(row.pod)
  }

  // MARK: Ended by others

  private mutating func tellEnding(of pod: PodItem) {
    if let deleted = pod.pod.metadata.deletionTimestamp, pod.isActive {
      let grace = pod.pod.metadata.deletionGracePeriodSeconds.map { "Its grace period is \($0)s." } ?? ""
      step(
        .ending,
        deleted > context.now
          ? "It is being ended: it is killed in \(until(deleted)) if it does not end by itself"
          : "It is being ended, and should have been gone for \(time(since: deleted))",
        [grace], about: pod, way: .events)
    }
    if let disruption = pod.disruption {
      let preemptor = disruption.reason == "PreemptionByScheduler" ? preemptor(of: pod) : nil
      let cause = ExitCode.causes[disruption.reason] ?? "something else was in its way"
      var evidence = [disruption.message, disruption.lastTransitionTime.map { "It was marked \(ago($0))." } ?? ""]
      if let preemptor {
        evidence.append("It made room for \(preemptor.name): priority \(preemptor.priority) against \(pod.priority).")
      }
      step(
        .failed, "\(disruption.reason): \(cause)", evidence, about: pod,
        way: preemptor.map { .row(ItemRef($0)) } ?? .events)
    }
    if pod.isActive, let seconds = pod.pod.spec.activeDeadlineSeconds, let start = pod.pod.status.startTime {
      let due = later(start, seconds)
      step(
        .idle, due > context.now ? "Its own deadline is in \(until(due))" : "Its own deadline is over",
        ["It fails at \(clock(due)) unless it has ended: its activeDeadlineSeconds is \(seconds)."], about: pod,
        way: .describe)
    }
  }

  /// The pod that the scheduler ended another for, as its event tells.
  private func preemptor(of pod: PodItem) -> PodItem? {
    let events = store.eventItems(of: pod.uid).filter { $0.event.reason == "Preempted" }
    // `Preempted by pod UID on node NAME`
    let words = events.last?.event.message.split(separator: " ").map(String.init) ?? []
    guard let place = words.firstIndex(of: "pod"), place + 1 < words.count else { return nil }
    return store.pod(words[place + 1])
  }

  // MARK: Not yet running

  private mutating func tellWaiting(of pod: PodItem) {
    guard pod.isActive else { return }
    if let failure = pod.startFailure {
      let since = failure.firstSeen.map { "For \(time(since: $0))." } ?? ""
      step(
        .failed, "○", "\(failure.reason): it cannot be started", [failure.message, since, failure.remedy], about: pod,
        way: .events)
    } else if pod.isGated {
      let gates = pod.pod.spec.schedulingGates.map(\.name)
      step(
        .pending, "○",
        "No node is looked for: \(Format.plural(gates.count, "scheduling gate")) hold\(gates.count == 1 ? "s" : "") it back",
        gates.map { "\($0) has to be removed from its schedulingGates by whoever set it" }, about: pod, way: .describe)
    } else if let message = pod.unschedulable {
      let since = pod.pod.status.conditions["PodScheduled"]?.lastTransitionTime ?? pod.created
      let wait = since.map { ", for \(time(since: $0)) now" } ?? ""
      step(.pending, "No node takes it\(wait)", [message], about: pod, way: .events)
      if !pod.pod.status.nominatedNodeName.isEmpty {
        let node = store.node(named: pod.pod.status.nominatedNodeName)
        step(
          .pending, "Room is being made for it on \(pod.pod.status.nominatedNodeName)",
          ["Pods of lower priority than its \(pod.priority) are ended there."], about: node ?? pod,
          way: node.map { .row(ItemRef($0)) } ?? .describe)
      }
      tellNodes(for: pod)
    }
  }

  // MARK: Containers

  /// Those that say something: that ended badly, or cannot start; or else the first that ended.
  private func containersThatTell(of pod: PodItem) -> [ContainerItem] {
    let rows = ContainerItem.all(of: pod)
    let troubled = rows.filter { row in
      (row.ended?.exitCode ?? 0) != 0 || row.status?.state.waiting.map { !ContainerItem.isOnItsWay($0) } == true
    }
    if !troubled.isEmpty { return troubled }
    return Array(rows.filter { !$0.isInit && $0.ended != nil }.prefix(1))
  }

  private mutating func tellContainer(_ row: ContainerItem, isNamed: Bool) {
    let name = isNamed ? " of \(row.isInit ? "init container" : "container") \(row.container.name)" : ""
    if let waiting = row.status?.state.waiting, !ContainerItem.isOnItsWay(waiting) {
      if let next = row.nextRestart {
        step(
          .retrying,
          next > context.now ? "The next restart\(name) is in \(until(next))" : "The restart\(name) is due now",
          [waiting.message, restarts(of: row), patience(with: row.pod)], about: row, way: .events)
      } else {
        step(
          .pending, "Its container\(isNamed ? " \(row.container.name)" : "") waits: \(waiting.reason)",
          [waiting.message, Why.remedy(waiting.reason)], about: row, way: .events)
      }
    }
    if let exit = row.ended { tell(exit, of: row, name) }
    if let tail, tail.source.pod == row.uid, tail.source.container == row.container.name { tell(tail, of: row) }
  }

  private mutating func tell(_ exit: ContainerState.Terminated, of row: ContainerItem, _ name: String) {
    let pod = row.pod
    var evidence: [String] = []
    if let meaning = ExitCode.meaning(exit, of: pod, job: pod.owner.flatMap(store.job)) {
      evidence.append(sentence(meaning))
    }
    if !exit.message.isEmpty { evidence.append(exit.message) }
    // What could not be started began at the beginning of time, as Kubernetes has it.
    if exit.isLost {
      let from =
        exit.startedAt.flatMap {
          $0.seconds > 0 ? "between \(clock($0)), when it began, and " : nil
        } ?? "before "
      evidence.append(
        "When it ended is not known: some time \(from)\(exit.finishedAt.map(clock) ?? "now"), when it was found to be gone."
      )
    } else if let start = exit.startedAt, start.seconds > 0, let end = exit.finishedAt {
      evidence.append("It ran for \(humanDuration(max(.zero, end - start))), until \(clock(end)).")
    }
    if exit.reason == "OOMKilled", let limit = row.container.resources.limits?["memory"] {
      evidence.append("Its memory limit is \(limit.text).")
    }
    if exit.exitCode == 126 || exit.exitCode == 127 || exit.exitCode == 128 {
      let command = (row.container.command + row.container.args).joined(separator: " ")
      if !command.isEmpty { evidence.append("Its command: \(command)") }
    }
    if row.nextRestart == nil { evidence.append(restarts(of: row)) }
    let reason = exit.specificReason.isEmpty ? "" : " (\(exit.specificReason))"
    step(
      exit.exitCode == 0 ? .succeeded : .failed, "Exit code \(exit.exitCode)\(reason)\(name)", evidence, about: row,
      way: .log(previous: row.hasRestarted))
  }

  private func restarts(of row: ContainerItem) -> String {
    let count = row.status?.restartCount ?? 0
    return count > 0 ? "It was restarted in its pod \(Format.plural(count, "time"))." : ""
  }

  /// How many restarts the pod's job puts up with.
  private func patience(with pod: PodItem) -> String {
    guard let job = pod.owner.flatMap(store.job), job.job.spec.template.spec.restartPolicy == .onFailure,
      let limit = job.job.spec.backoffLimit
    else { return "" }
    return limit == 0
      ? "Its job fails with the first restart (backoffLimit 0)."
      : "Its job fails once its pods had \(Format.plural(limit, "restart")) in all (backoffLimit)."
  }

  private static func remedy(_ reason: String) -> String {
    switch reason {
    case "CreateContainerConfigError": "Something that its spec names is missing: a ConfigMap, a Secret, a key."
    case "ImagePullBackOff", "ErrImagePull": "The image's name or tag may be wrong, or the registry wants a login."
    case "InvalidImageName": "The image's name cannot be read."
    case "CreateContainerError", "RunContainerError": "It cannot be started as its spec has it."
    default: ""
    }
  }

  private mutating func tell(_ tail: LogTail, of item: Item) {
    let way = WhyStep.Way.log(previous: tail.source.previous)
    if let error = tail.error {
      step(.muted, "·", "Its log cannot be read", [error], about: item, way: way)
    } else if !tail.lines.isEmpty {
      step(.text, "≡", "The last lines it wrote", about: item, way: way)
      for text in tail.lines.suffix(LogTail.limit) { addEvidence(StyledText("  ", .muted) + Why.short(text)) }
    } else if tail.isComplete {
      step(.muted, "≡", "It wrote nothing", about: item, way: way)
    } else {
      return
    }
    markTail()
  }

  /// A line of a log as the log page has it, cut to what is read at a glance.
  private static func short(_ text: String) -> StyledText {
    let line = JSONLine.layOut(text) ?? StyledText(text, .muted)
    var left = LogTail.columns
    var spans: [Span] = []
    for var span in line.spans {
      let columns = TextWidth.columns(of: span.text)
      if columns > left {
        // A character is two columns at most, and what it is cut to need not be exact.
        span.text = String(span.text.prefix(left)) + "…"
        spans.append(span)
        break
      }
      left -= columns
      spans.append(span)
    }
    return StyledText(spans)
  }

  // MARK: Where it ran

  /// When pods on a node that has failed are given up: `It is evicted in 4m12s: it tolerates … for 300s.`
  func eviction(of pods: [PodItem], from node: NodeItem) -> String {
    let dues = pods.compactMap { $0.pod.evictionDue(from: node.node) }
    let them = pods.count == 1 ? "It" : "They"
    guard let first = dues.min(by: { $0.at < $1.at }) else {
      let isMarked = node.node.spec.taints.contains { $0.effect == "NoExecute" }
      return isMarked
        ? "\(them) stay\(pods.count == 1 ? "s" : "") there for good: \(them.lowercased()) tolerate"
          + "\(pods.count == 1 ? "s" : "") every taint of the node."
        : "Pods there are replaced once they are evicted, when the node has a taint for it."
    }
    let isOne = pods.count == 1
    let key = first.taint.key
    let patience =
      first.seconds > 0
      ? "\(isOne ? "it tolerates" : "they tolerate") \(key) for \(first.seconds)s"
      : "\(isOne ? "it does" : "they do") not tolerate \(key)"
    let which =
      pods.count == 1
      ? "It is"
      : dues.count == pods.count && dues.allSatisfy { $0.at == first.at } ? "They are" : "The first of them is"
    return first.at > context.now
      ? "\(which) evicted and replaced in \(until(first.at)): \(patience)."
      : "\(which) being evicted: \(patience)."
  }

  private mutating func tellNode(of pod: PodItem) {
    let name = pod.pod.spec.nodeName
    guard let node = store.node(named: name) else {
      return step(.failed, "✗", "Node \(name) is gone", about: pod, way: .nodes)
    }
    guard !node.isReady else {
      return step(.muted, "·", "Node \(name): \(node.status.text)", about: node, way: .row(ItemRef(node)))
    }
    // Of a job's pods it may have been told already.
    guard !steps.contains(where: { $0.object == ItemRef(node) && $0.role == .failed }) else { return }
    var evidence: [String] = []
    if let condition = node.node.status.conditions["Ready"] {
      evidence.append("\(condition.reason): \(condition.message)")
      if let since = condition.lastTransitionTime { evidence.append("Not ready for \(time(since: since)).") }
    }
    if pod.isActive { evidence += ["What runs there is not heard of.", eviction(of: [pod], from: node)] }
    step(.failed, "✗", "Node \(name): \(node.status.text)", evidence, about: node, way: .row(ItemRef(node)))
  }
}

extension ContainerItem {
  /// How it ended last.
  var ended: ContainerState.Terminated? { status?.state.terminated ?? status?.lastState.terminated }

  /// Whether it ended before its present run, which what it wrote then is told apart from.
  var hasRestarted: Bool { status?.state.running != nil && status?.lastState.terminated != nil }

  /// Whether waiting is just a part of starting.
  static func isOnItsWay(_ waiting: ContainerState.Waiting) -> Bool {
    ["ContainerCreating", "PodInitializing", ""].contains(waiting.reason)
  }

  /// When the kubelet starts it again after it crashed; `nil` when it waits for something else.
  var nextRestart: Instant? { status?.nextRestart }
}

extension ContainerStatus {
  /// When the kubelet starts it again after it crashed; `nil` when it waits for something else.
  ///
  /// As in Kubernetes: after 10 s, doubled with each restart, at most 5 minutes; the message tells it exactly.
  var nextRestart: Instant? {
    guard let waiting = state.waiting, waiting.reason == ContainerItem.crashLoop,
      let end = lastState.terminated?.finishedAt
    else { return nil }
    let words = waiting.message.split(separator: " ")
    if words.first == "back-off", words.count > 1, let delay = try? Duration(goText: String(words[1])) {
      return end + delay
    }
    return end + .seconds(10).doubled(max(0, restartCount - 1), upTo: .seconds(300))
  }
}

extension PodItem {
  var priority: Int { pod.spec.common.read { $0.priority } ?? 0 }
}
