internal import KubeModel
internal import Terminal

extension Dashboard {
  /// How far the drains are that are under way.
  var drainProgress: String? {
    let nodes = drains.keys.sorted()
    guard let first = nodes.first, let only = drains[first] else { return nil }
    guard nodes.count > 1 else { return only.progress(of: first) }
    let (gone, total) = drains.values.reduce((0, 0)) { ($0.0 + $1.gone, $0.1 + $1.total) }
    return "Draining \(nodes.count) nodes: \(gone) of \(Format.plural(total, "pod")) gone; Esc stops"
  }

  /// The pods that draining a node ends: those that have ended already stay, with their logs.
  private func podsToEvict(from node: String) -> [PodItem] {
    store.podItems(onNode: node).filter(\.isActive).sorted { $0.precedesByName($1) }
  }

  mutating func askDrain() -> [Command] {
    let nodes = targets.compactMap { $0 as? NodeItem }
    guard !nodes.isEmpty else { return [] }
    let pods = nodes.map { podsToEvict(from: $0.name) }
    guard pods.contains(where: { !$0.isEmpty }) || nodes.contains(where: { !$0.node.spec.unschedulable }) else {
      complain(nodes.count == 1 ? "\(nodes[0].name) is drained already" : "They are drained already")
      return []
    }
    var lines = losses(evicting: Array(pods.joined()))
    if !lines.isEmpty { lines.append("") }
    for (node, pods) in zip(nodes, pods) {
      lines.append(
        StyledText([
          Span("• "), Span(node.name, .text, .bold),
          Span(pods.isEmpty ? "  no pods" : "  evicts \(Format.plural(pods.count, "pod"))", .muted),
        ]))
      for pod in pods {
        lines.append(StyledText([Span("  • \(pod.name)"), Span("  \(pod.status.text)", .muted)]))
      }
    }
    let alone = pods.joined().count { $0.pod.metadata.controller == nil }
    if alone > 0 {
      lines.append(
        StyledText(
          "\(Format.plural(alone, "pod")) \(alone == 1 ? "has" : "have") no job that makes another.", .warning))
    }
    let withFiles = pods.joined().count { $0.pod.spec.volumes.contains { $0.source["emptyDir"] != nil } }
    if withFiles > 0 {
      lines.append(
        StyledText(
          "\(Format.plural(withFiles, "pod")) lose\(withFiles == 1 ? "s" : "") what is in emptyDir volumes.", .warning))
    }
    lines += ["", StyledText("Then no new pods are placed there until it is uncordoned.", .muted)]
    overlay = .confirmation(
      Confirmation(
        title: "Drain \(nodes.count == 1 ? nodes[0].name : Format.plural(nodes.count, "node"))?", lines: lines,
        yes: "drain", no: "leave", deed: .drainNodes(nodes.map(\.name))))
    return []
  }

  /// The jobs that would not outlive it: an evicted pod counts as a failed one, unless a podFailurePolicy ignores it.
  private func losses(evicting pods: [PodItem]) -> [StyledText] {
    let byJob = Dictionary(grouping: pods) { $0.owner ?? "" }
    let effects = byJob.compactMap { uid, pods in store.job(uid).map { (job: $0, effect: $0.effect(ofEvicting: pods)) }
    }
    .sorted { $0.job.precedesByName($1.job) }
    return effects.compactMap { job, effect in
      let text: String
      switch effect {
      case .goesOn: return nil
      case .exceedsLimit(let evicted, let failed, let limit):
        let before = failed > 0 ? ", \(Format.count(failed)) failed before" : ""
        text =
          "fails: each evicted pod is a failure, \(Format.count(evicted)) are evicted\(before), "
          + "and its backoffLimit is \(Format.count(limit))"
      case .rule(let number): text = "fails: rule \(number) of its podFailurePolicy ends it for an evicted pod"
      case .losesIndexes(let count):
        text = "loses \(Format.plural(count, "index", "indexes")) for good: they have no retry left"
      case .losesTooManyIndexes(let count, let limit):
        text = "fails: it loses \(Format.plural(count, "index", "indexes")), and its maxFailedIndexes is \(limit)"
      }
      return StyledText([Span("✗ ", .failed), Span(job.name, .text, .bold), Span(" \(text)", .warning)])
    }
  }

  /// Cordons the nodes first, so that nothing that is evicted comes back to them.
  mutating func drain(_ names: [String]) -> [Command] {
    let nodes = names.compactMap { store.node(named: $0) }
    let open = nodes.filter { !$0.node.spec.unschedulable }
    if !open.isEmpty {
      remember(Switched(toggle: .cordon, isOn: true, noun: "node", kind: .node, ids: open.map(\.id), at: now))
    }
    withTable { $0.marks = [] }
    return nodes.map { node in
      drains[node.name] = Drain()
      return command(.drain(node: node.name)) { .patch($0, node.key, Switch.cordon.patch(true)) }
    }
  }

  /// Evicts what is on a node now that nothing new comes.
  mutating func finishCordon(of node: String, _ result: Result<KubeObject?, StatusError>) -> [Command] {
    // Esc came before.
    guard drains[node] != nil else { return [] }
    if case .failure(let error) = result {
      drains[node] = nil
      complain("\(node) was not drained: \(error.message)")
      return []
    }
    let pods = podsToEvict(from: node)
    guard !pods.isEmpty else {
      drains[node] = nil
      say("Cordoned \(node); it has no pods that run")
      return []
    }
    drains[node] = Drain(pods.map { Confirmation.Target(key: $0.key, uid: $0.uid) })
    return advance(node)
  }

  private mutating func advance(_ node: String) -> [Command] {
    var commands: [Command] = []
    while let target = drains[node]?.next() {
      commands.append(command(.eviction(node: node, uid: target.uid)) { .evict($0, target.key) })
    }
    return commands
  }

  mutating func finishEviction(_ node: String, _ uid: String, _ result: Result<KubeObject?, StatusError>) -> [Command] {
    drains[node]?.answer(uid, result, at: now)
    return advance(node)
  }

  /// Sees which pods are gone and tries again what was refused; once a second is enough.
  mutating func followDrains() -> [Command] {
    var commands: [Command] = []
    for node in drains.keys.sorted() {
      // Just after a new snapshot has begun, what is not there may only not have been read yet.
      if store.isLoaded, resetAt.map({ now - $0 >= .seconds(5) }) ?? true {
        drains[node]?.note { store.pod($0)?.isActive == true }
      }
      drains[node]?.retry(at: now)
      commands += advance(node)
    }
    let over = drains.filter(\.value.isOver).sorted { $0.key < $1.key }
    for (node, _) in over { drains[node] = nil }
    tell(over.map { (node: $0.key, drain: $0.value) })
    return commands
  }

  /// Says in one line what came of nodes that are done with at the same time.
  private mutating func tell(_ over: [(node: String, drain: Drain)]) {
    let drained = over.filter(\.drain.failures.isEmpty)
    if !drained.isEmpty {
      let pods = drained.reduce(0) { $0 + $1.drain.total }
      say(
        "Drained \(drained.map(\.node).joined(separator: ", ")): "
          + "\(Format.plural(pods, "pod")) \(pods == 1 ? "is" : "are") gone")
    }
    for (node, drain) in over where !drain.failures.isEmpty {
      complain("\(node) is cordoned, but not drained: \(drain.failures.joined(separator: "; "))")
    }
  }

  /// Leaves the rest of the pods where they are; false where no node is being drained.
  mutating func stopDrains() -> Bool {
    guard !drains.isEmpty else { return false }
    let names = drains.keys.sorted().joined(separator: ", ")
    let isOne = drains.count == 1
    let left = drains.values.reduce(0) { $0 + $1.total - $1.gone }
    note(
      drains.values.allSatisfy { $0.total == 0 }
        ? "Stopped before a pod of \(names) was evicted; \(isOne ? "it is" : "they are") cordoned"
        : "Stopped draining \(names) with \(Format.plural(left, "pod")) still there; "
          + "\(isOne ? "it is" : "they are") cordoned")
    drains = [:]
    return true
  }
}

/// A node that is being drained, as kubectl does it: each pod is asked to leave, a refusal is tried again after a while,
/// and it is over when all of them are gone.
struct Drain: Sendable {
  /// Evictions that are under way at the same time.
  private static let width = 16
  /// As kubectl has it.
  private static let retryAfter = Duration.seconds(5)

  private(set) var total: Int
  /// Those not yet asked, the last first.
  private var waiting: [Confirmation.Target]
  /// Asked, and not yet gone.
  private var leaving: [String: Confirmation.Target] = [:]
  private var unanswered: Set<String> = []
  /// Those that may not leave now, and when to ask again.
  private var refused: [(target: Confirmation.Target, again: Instant)] = []
  private(set) var refusal = ""
  private(set) var failures: [String] = []
  private(set) var gone = 0

  init(_ pods: [Confirmation.Target] = []) {
    total = pods.count
    waiting = pods.reversed()
  }

  /// Nothing is left to wait for; not so before the node's pods are known.
  var isOver: Bool { total > 0 && gone + failures.count == total }

  /// The next pod to be asked to leave.
  mutating func next() -> Confirmation.Target? {
    guard unanswered.count < Self.width, let target = waiting.popLast() else { return nil }
    leaving[target.uid] = target
    unanswered.insert(target.uid)
    return target
  }

  mutating func answer(_ uid: String, _ result: Result<KubeObject?, StatusError>, at now: Instant) {
    guard unanswered.remove(uid) != nil, case .failure(let error) = result, let target = leaving[uid] else { return }
    switch error.code {
    // It has gone by itself; the store will say so.
    case 404: break
    case 429:
      leaving[uid] = nil
      refusal = error.message
      refused.append((target, now + Self.retryAfter))
    default:
      leaving[uid] = nil
      failures.append(error.message)
    }
  }

  /// Takes note of the pods that are no longer there.
  mutating func note(isThere: (String) -> Bool) {
    for uid in leaving.keys where !unanswered.contains(uid) && !isThere(uid) {
      leaving[uid] = nil
      gone += 1
    }
  }

  mutating func retry(at now: Instant) {
    waiting = refused.filter { $0.again <= now }.map(\.target) + waiting
    refused.removeAll { $0.again <= now }
  }

  /// `Draining node-1: 2 of 5 pods gone; 1 refused (…), tried again; Esc stops`
  func progress(of node: String) -> String {
    guard total > 0 else { return "Draining \(node): cordoning it; Esc stops" }
    let again = refused.isEmpty ? "" : "; \(refused.count) refused, tried again (\(refusal))"
    return "Draining \(node): \(gone) of \(Format.plural(total, "pod")) gone\(again); Esc stops"
  }
}
