internal import Cluster
internal import KubeModel
internal import Terminal

/// What is to happen when a command has been carried out.
enum Pending: Hashable, Sendable {
  /// One of several commands that one key gave.
  case batch(Int)
  /// Say this when it worked.
  case say(String)
  /// The form's check, and its making.
  case formCheck
  case formCreate
  /// An object that was edited, with the text as first opened and for another try.
  case update(original: KubeObject, first: String, text: String)
  /// The editor runs for this object, with the text as first opened and as opened last, or for a new one.
  case editObject(original: KubeObject, first: String, text: String)
  case editNew(text: String)
  /// Objects that the editor made.
  case createEdited(text: String)
}

/// Several commands of one key, told of as one.
struct Batch: Hashable, Sendable {
  /// `Deleted`
  var verb: String
  var noun: String
  var names: [String]
  var left: Int
  var failures: [String] = []
}

extension Dashboard {
  /// Gives a command a number and remembers what it is for.
  mutating func command(_ pending: Pending, _ make: (CommandID) -> Command) -> Command {
    let id = CommandID(number: nextNumber())
    self.pending[id] = pending
    return make(id)
  }

  mutating func batch(_ verb: String, _ noun: String, _ names: [String], _ make: [(CommandID) -> Command]) -> [Command]
  {
    let number = nextNumber()
    batches[number] = Batch(verb: verb, noun: noun, names: names, left: make.count)
    return make.map { command(.batch(number), $0) }
  }

  mutating func finish(_ id: CommandID, _ result: Result<KubeObject?, StatusError>) -> [Command] {
    guard let purpose = pending.removeValue(forKey: id) else { return [] }
    switch purpose {
    case .say(let text):
      switch result {
      case .success: say(text)
      case .failure(let error): complain(error.message)
      }
    case .batch(let number): finishBatch(number, result)
    case .formCheck, .formCreate: return finishForm(purpose, result)
    case .update(_, _, let text), .createEdited(let text): return finishEdited(text, purpose, result)
    case .editObject, .editNew: break
    }
    return []
  }

  private mutating func finishBatch(_ number: Int, _ result: Result<KubeObject?, StatusError>) {
    guard var batch = batches[number] else { return }
    batch.left -= 1
    if case .failure(let error) = result { batch.failures.append(error.message) }
    batches[number] = batch.left > 0 ? batch : nil
    guard batch.left == 0 else { return }
    let done = batch.names.count - batch.failures.count
    if done == 1, batch.names.count == 1 {
      say("\(batch.verb) \(batch.noun) \(batch.names[0])")
    } else if done > 0 {
      say("\(batch.verb) \(Format.plural(done, batch.noun))")
    }
    // Each kind of failure once, however many there were.
    var seen: [String: Int] = [:]
    for failure in batch.failures { seen[failure, default: 0] += 1 }
    for (text, count) in seen.sorted(by: { $0.key < $1.key }).prefix(5) {
      complain(count > 1 ? "\(text) (\(count) times)" : text)
    }
    if seen.count > 5 { complain("\(seen.count - 5) more failures; see :messages") }
  }

  // MARK: Suspend, cordon

  mutating func toggleSuspend() -> [Command] {
    let targets = targets
    let open = targets.filter { item in
      if let job = item as? JobItem { return !job.isFinished }
      return item is CronJobItem
    }
    guard !open.isEmpty else {
      if let name = targets.first?.name {
        complain(
          targets.count == 1
            ? "\(name) has finished: there is nothing to suspend"
            : "All of them have finished: there is nothing to suspend")
      }
      return []
    }
    let suspends = open.contains { !isSuspended($0) }
    let items = open.filter { isSuspended($0) != suspends }
    let noun = table?.definition.noun ?? "job"
    return batch(
      suspends ? "Suspended" : "Resumed", noun, items.map(\.name),
      items.map { item in { .patch($0, item.key, ["spec": ["suspend": .bool(suspends)]]) } })
  }

  private func isSuspended(_ item: Item) -> Bool {
    (item as? JobItem)?.isSuspended ?? (item as? CronJobItem)?.isSuspended ?? false
  }

  mutating func toggleCordon() -> [Command] {
    let nodes = targets.compactMap { $0 as? NodeItem }
    let cordons = nodes.contains { !$0.node.spec.unschedulable }
    let items = nodes.filter { $0.node.spec.unschedulable != cordons }
    return batch(
      cordons ? "Cordoned" : "Uncordoned", "node", items.map(\.name),
      items.map { item in { .patch($0, item.key, ["spec": ["unschedulable": .bool(cordons)]]) } })
  }

  // MARK: Run again, run now

  mutating func restart() -> [Command] {
    let jobs = targets.compactMap { $0 as? JobItem }
    var taken: Set<String> = []
    var names: [String] = []
    var make: [(CommandID) -> Command] = []
    for item in jobs {
      let name = JobCopy.nextName(after: item.name, in: item.namespace, store: store, taken: taken)
      taken.insert(name)
      names.append(name)
      let job = JobCopy.again(item.job, name: name)
      make.append { .create($0, .job(job), dryRun: false) }
    }
    withTable { $0.marks = [] }
    return batch("Started", "job", names, make)
  }

  mutating func trigger() -> [Command] {
    let items = targets.compactMap { $0 as? CronJobItem }
    var taken: Set<String> = []
    var names: [String] = []
    var make: [(CommandID) -> Command] = []
    for item in items {
      let base = "\(item.name)-manual"
      let name = JobCopy.freeName(base: base, separator: "-", in: item.namespace, store: store, taken: taken, from: 1)
      taken.insert(name)
      names.append(name)
      let job = item.cronJob.manualJob(named: name)
      make.append { .create($0, .job(job), dryRun: false) }
    }
    withTable { $0.marks = [] }
    return batch("Started", "job", names, make)
  }

  // MARK: Questions

  mutating func askDelete() -> [Command] {
    let targets = targets
    guard !targets.isEmpty else { return [] }
    let noun = table?.definition.noun ?? "object"
    var lines: [StyledText] = targets.prefix(8).map { item in
      StyledText([Span("• "), Span(item.name, .text, .bold), Span(consequence(of: item), .muted)])
    }
    if targets.count > 8 { lines.append(StyledText("… and \(targets.count - 8) more", .muted)) }
    lines.append("")
    let (pods, running) = podsBelow(targets)
    if pods > 0 {
      lines.append(
        StyledText([
          Span("With \(targets.count == 1 ? "it go" : "them go") "), Span(Format.plural(pods, "pod"), .text, .bold),
          Span(running > 0 ? ", \(Format.count(running)) of them running." : "."),
        ]))
    }
    overlay = .confirmation(
      Confirmation(
        title: "Delete \(targets.count == 1 ? noun : "\(Format.count(targets.count)) \(noun)s")?", lines: lines,
        yes: "delete", no: "keep",
        deed: .delete(targets.map { Confirmation.Target(key: $0.key, uid: $0.uid) })))
    return []
  }

  private func consequence(of item: Item) -> String {
    switch item {
    case let job as JobItem: return "  \(TableView.jobStatus(job, context).text)"
    case let pod as PodItem:
      let isReplaced = pod.owner != nil && pod.isActive
      return "  \(pod.status.text)" + (isReplaced ? "; its job will replace it" : "")
    case let cronJob as CronJobItem:
      let jobs = store.jobItems(ofOwner: cronJob.uid).count
      return jobs == 0 ? "" : "  with \(Format.plural(jobs, "job"))"
    default: return ""
    }
  }

  private func podsBelow(_ items: [Item]) -> (pods: Int, running: Int) {
    var (pods, running) = (0, 0)
    for item in items {
      let jobs = item is CronJobItem ? store.jobItems(ofOwner: item.uid).map(\.uid) : [item.uid]
      for job in jobs {
        let below = store.pods(ofJob: job)
        pods += below.uids.count
        running += below.running
      }
    }
    return (pods, running)
  }

  mutating func askNodes(fail: Bool) -> [Command] {
    let nodes = targets.compactMap { $0 as? NodeItem }.filter { $0.isReady == fail }
    guard !nodes.isEmpty else {
      complain(fail ? "It has failed already" : "It is ready: there is nothing to recover")
      return []
    }
    let lines = nodes.prefix(8).map { node in
      let pods = store.pods(ofNode: node.name).active
      return StyledText([
        Span("• "), Span(node.name, .text, .bold),
        Span(fail ? "  kills \(Format.plural(pods, "pod")) there" : "  takes pods again", .muted),
      ])
    }
    overlay = .confirmation(
      Confirmation(
        title: "\(fail ? "Fail" : "Recover") \(Format.plural(nodes.count, "node"))?", lines: lines,
        yes: fail ? "fail" : "recover", no: "leave",
        deed: fail ? .failNodes(nodes.map(\.name)) : .recoverNodes(nodes.map(\.name))))
    return []
  }

  mutating func askQuit() -> [Command] {
    let running = store.totals.podsRunning
    let isInMemory = info?.location == "in memory"
    guard isLocal, running > 0 || (isInMemory && store.totals.jobsRunning > 0) else { return quit() }
    var lines: [StyledText] = []
    if running > 0 {
      lines.append(
        StyledText("\(Format.plural(running, "pod")) \(running == 1 ? "is" : "are") running and will be stopped."))
    }
    lines.append(
      isInMemory
        ? StyledText("This cluster is in memory: its jobs and their history are lost.", .warning)
        : StyledText("Their jobs go on the next time jobdeck is started.", .muted))
    overlay = .confirmation(Confirmation(title: "Quit?", lines: lines, yes: "quit", no: "stay", deed: .quit))
    return []
  }

  private mutating func quit() -> [Command] {
    isQuitting = true
    return closeLogs(from: 0) + [.quit]
  }

  mutating func answer(_ question: Confirmation, _ answer: Confirmation.Answer) -> [Command] {
    guard answer != .open else { return [] }
    overlay = nil
    guard answer == .yes else {
      if question.deed == .discardForm, let form = formBehind { overlay = .form(form) }
      formBehind = nil
      return []
    }
    switch question.deed {
    case .delete(let targets):
      let noun = targets.first.map { TableView.noun(of: $0.key.kind) } ?? "object"
      withTable { $0.marks = [] }
      return batch(
        "Deleted", noun, targets.map(\.key.name),
        targets.map { target in
          // A job's own default would leave its pods behind.
          { .delete($0, target.key, DeleteOptions(propagationPolicy: .background, uid: target.uid)) }
        })
    case .failNodes(let names):
      return batch("Failed", "node", names, names.map { name in { .setNodeFailed($0, name, true) } })
    case .recoverNodes(let names):
      return batch("Recovered", "node", names, names.map { name in { .setNodeFailed($0, name, false) } })
    case .quit: return quit()
    case .discardForm:
      formBehind = nil
      return []
    }
  }
}

extension TableView {
  static func noun(of kind: Kind) -> String { all.first { $0.kind == kind }?.noun ?? kind.rawValue.lowercased() }
}
