internal import Cluster
internal import KubeModel
internal import Terminal

extension Dashboard {
  // MARK: Suspend, cordon

  mutating func toggleSuspend(to isOn: Bool? = nil) -> [Command] {
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
    let wanted = isOn ?? open.contains { Switch.suspend.state(of: $0) == false }
    let stopped = open.compactMap { $0 as? JobItem }
      .filter { wanted && !$0.isSuspended && store.pods(ofJob: $0.uid).running > 0 }
    guard stopped.isEmpty else { return askSuspend(open, stopping: stopped) }
    return toggle(.suspend, open, noun: TableView.noun(of: open[0].kind), to: isOn)
  }

  /// What a suspended job has running is stopped, which undoing does not bring back.
  private mutating func askSuspend(_ items: [Item], stopping jobs: [JobItem]) -> [Command] {
    var lines = jobs.map { job in
      StyledText([
        Span("• "), Span(job.name, .text, .bold),
        Span("  stops \(Format.plural(store.pods(ofJob: job.uid).running, "pod"))", .muted),
      ])
    }
    lines += ["", StyledText("What they have done is lost: once it is resumed, they begin anew.", .muted)]
    overlay = .confirmation(
      Confirmation(
        title: "Suspend \(Format.plural(items.count, TableView.noun(of: items[0].kind)))?", lines: lines,
        yes: "suspend", no: "leave", deed: .suspend(items.map { Confirmation.Target(key: $0.key, uid: $0.uid) })))
    return []
  }

  mutating func toggleCordon(to isOn: Bool? = nil) -> [Command] {
    toggle(.cordon, targets.filter { $0 is NodeItem }, noun: "node", to: isOn)
  }

  /// Sets a switch on all of them where one has it off, and else takes it off all of them, unless it is said which.
  private mutating func toggle(_ toggle: Switch, _ items: [Item], noun: String, to wanted: Bool?) -> [Command] {
    let isOn = wanted ?? items.contains { toggle.state(of: $0) == false }
    lastSwitch = isOn
    let changing = items.filter { toggle.state(of: $0) != isOn }
    if let first = items.first, changing.isEmpty {
      let which = items.count == 1 ? "\(first.name) is" : "All of them are"
      complain("\(which) \(toggle.verb(isOn).lowercased()) already")
    }
    return set(toggle, isOn, changing, noun: noun)
  }

  // MARK: Run now

  mutating func trigger() -> [Command] {
    let items = targets.compactMap { $0 as? CronJobItem }
    var taken: Set<String> = []
    var names: [String] = []
    var make: [Batch.Step] = []
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
    let noun = TableView.noun(of: targets[0].kind)
    var lines: [StyledText] = targets.map { item in
      StyledText([Span("• "), Span(item.name, .text, .bold), Span(consequence(of: item), .muted)])
    }
    lines.append("")
    let (pods, running) = podsBelow(targets)
    if pods > 0 {
      lines.append(
        StyledText([
          Span("With \(targets.count == 1 ? "it" : "them") \(pods == 1 ? "goes" : "go") "),
          Span(Format.plural(pods, "pod"), .text, .bold),
          Span(running == 0 ? "." : pods == 1 ? ", which runs." : ", \(Format.count(running)) of them running."),
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
    let lines = nodes.map { node in
      let pods = store.pods(ofNode: node.name).active
      return StyledText([
        Span("• "), Span(node.name, .text, .bold),
        Span(
          fail
            ? "  kills \(Format.plural(pods, "pod")) there"
            : "  \(node.node.spec.unschedulable ? "is up again, but stays cordoned: it takes no new pods" : "takes pods again")",
          .muted),
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
    guard isLocal, info?.isAttached != true, running > 0 || (isInMemory && store.standings.jobsGoingOn > 0) else {
      return quit()
    }
    var lines: [StyledText] = []
    if running > 0 {
      lines.append(
        StyledText("\(Format.plural(running, "pod")) \(running == 1 ? "is" : "are") running and will be stopped."))
    }
    if isInMemory {
      lines.append(StyledText("This cluster is in memory: its jobs and their history are lost.", .warning))
    } else {
      lines.append(StyledText("A pod that is stopped counts as failed: its job goes on the next", .muted))
      lines.append(StyledText("time jobdeck is started, where its retries allow that.", .muted))
      let last = jobsOnTheirLastTry()
      if !last.isEmpty {
        let names = last.prefix(3).map(\.name).joined(separator: ", ") + (last.count > 3 ? ", …" : "")
        lines.append(
          StyledText(
            "\(Format.plural(last.count, "job")) \(last.count == 1 ? "has" : "have") too few: \(names)", .warning))
      }
    }
    overlay = .confirmation(Confirmation(title: "Quit?", lines: lines, yes: "quit", no: "stay", deed: .quit))
    return []
  }

  /// Jobs that fail when the pods that run now all count as failed.
  private func jobsOnTheirLastTry() -> [JobItem] {
    store.all(.job).compactMap { $0 as? JobItem }.filter { job in
      guard !job.isFinished, job.job.spec.backoffLimitPerIndex == nil, let limit = job.job.spec.backoffLimit else {
        return false
      }
      let running = store.pods(ofJob: job.uid).running
      return running > 0 && job.job.status.failed + running > limit
    }
  }

  private mutating func quit() -> [Command] {
    isQuitting = true
    return closeLogs(from: 0) + [.quit]
  }

  mutating func answer(_ question: Confirmation, _ answer: Confirmation.Answer) -> [Command] {
    guard answer != .open else { return [] }
    overlay = nil
    guard answer == .yes else {
      if case .discardForm = question.deed, let form = formBehind { overlay = .form(form) }
      formBehind = nil
      return []
    }
    switch question.deed {
    case .delete(let targets):
      let noun = targets.first.map { TableView.noun(of: $0.key.kind) } ?? "object"
      withTable { $0.marks = [] }
      let grace = targets.compactMap { store.pod($0.uid)?.graceToEnd }.max()
      let them = targets.count == 1 ? "it has" : "they have"
      return batch(
        grace == nil ? "Deleted" : "Deleting", noun, targets.map(\.key.name),
        remark: grace.map { ": \(them) \($0)s to end" } ?? "",
        targets.map { target in
          // A job's own default would leave its pods behind.
          { .delete($0, target.key, DeleteOptions(propagationPolicy: .background, uid: target.uid)) }
        })
    case .failNodes(let names):
      return batch("Failed", "node", names, names.map { name in { .setNodeFailed($0, name, true) } })
    case .drainNodes(let names): return drain(names)
    case .make(let objects, let changes): return make(objects, changes: changes)
    case .start(let ids, let failedIndexes): return startNow(ids.compactMap(store.job), failedIndexes: failedIndexes)
    case .recoverNodes(let names):
      return batch("Recovered", "node", names, names.map { name in { .setNodeFailed($0, name, false) } })
    case .undo(let change): return undo(change)
    case .suspend(let targets):
      let items = targets.compactMap { store[$0.key.kind, $0.uid] }
      return items.isEmpty ? [] : toggle(.suspend, items, noun: TableView.noun(of: items[0].kind), to: true)
    case .quit: return quit()
    case .run(let plugin, let line): return start(plugin, line)
    case .discardForm(let next):
      formBehind = nil
      return open(next)
    }
  }
}

extension TableView {
  static func noun(of kind: Kind) -> String { all.first { $0.kind == kind }?.noun ?? kind.rawValue.lowercased() }
}
