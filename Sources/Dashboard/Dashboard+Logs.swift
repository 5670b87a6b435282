internal import Cluster
internal import KubeModel

extension Dashboard {
  /// Opens the logs of what is selected or marked; for a job those of all its pods.
  mutating func openLogs(previous: Bool) -> [Command] {
    let targets = targets
    guard let first = targets.first else { return [] }
    let offset = options.localOffset
    if targets.count > 1 {
      let pods = targets.flatMap { item -> [PodItem] in
        switch item {
        case let pod as PodItem: [pod]
        case let job as JobItem: store.podItems(ofJob: job.uid)
        default: []
        }
      }
      return openLogPage(
        LogPage(.marked(targets.count), previous: previous, localOffset: offset), pods: pods, container: nil)
    }
    switch first {
    case let job as JobItem:
      let pods = store.podItems(ofJob: job.uid)
      guard !pods.isEmpty else {
        complain("\(job.name) has no pods\(job.isSuspended ? ": it is suspended" : "")")
        return []
      }
      return openLogPage(
        LogPage(.job(uid: job.uid, name: job.name), previous: previous, localOffset: offset),
        pods: pods.filter(hasBegun),
        container: nil)
    case let pod as PodItem:
      let subject = LogPage.Subject.container(podUID: pod.uid, pod: pod.name, container: nil)
      return openLogPage(LogPage(subject, previous: previous, localOffset: offset), pods: [pod], container: nil)
    case let row as ContainerItem:
      let subject = LogPage.Subject.container(podUID: row.uid, pod: row.pod.name, container: row.container.name)
      return openLogPage(
        LogPage(subject, previous: previous, localOffset: offset), pods: [row.pod], container: row.container.name)
    default: return []
    }
  }

  private mutating func openLogPage(_ page: LogPage, pods: [PodItem], container: String?) -> [Command] {
    var page = page
    let commands = attach(pods, to: &page, container: container)
    push(.log(page))
    return commands
  }

  private func newest(_ pods: [PodItem]) -> [PodItem] {
    let order = { (pod: PodItem) in (pod.created ?? Instant(seconds: 0), pod.completionIndex ?? 0, pod.name) }
    let sorted = pods.sorted { order($0) < order($1) }
    return Array(sorted.suffix(LogPage.sourceLimit))
  }

  /// Reads the logs of the newest of `pods` too, and for them lets go of those that were read first.
  private mutating func attach(_ pods: [PodItem], to page: inout LogPage, container: String?) -> [Command] {
    let newest = newest(pods)
    if newest.count < pods.count { page.leaveOut(Set(pods.map(\.uid)).subtracting(newest.map(\.uid))) }
    let closed = page.makeRoom(for: newest.count).map { Command.closeLog($0) }
    return closed
      + newest.map { pod in
        let id = LogID(number: nextNumber())
        let request = LogRequest(
          namespace: pod.namespace, pod: pod.name, container: container, previous: page.previous,
          follow: !page.previous, tailLines: LogPage.tail, since: page.since.map { now - $0 })
        let label = pod.completionIndex.map { "[\($0)]" } ?? String(pod.name.suffix(5))
        page.add(LogPage.Source(id: id, request: request, label: label, podUID: pod.uid, state: .open))
        return .openLog(id, request)
      }
  }

  /// Pods that a job makes while its log is shown join in.
  mutating func openNewLogs(_ touched: [Store.Touched]) -> [Command] {
    guard case .log(var page) = pages.last, !page.previous else { return [] }
    if case .container(let podUID, _, _) = page.subject { return retryLog(of: podUID, touched) }
    guard case .job(let uid, _) = page.subject else { return [] }
    var seen: Set<String> = []
    let pods = touched.compactMap { touch -> PodItem? in
      guard touch.kind == .pod, touch.job == uid, !page.knows(pod: touch.id), seen.insert(touch.id).inserted,
        let pod = store.pod(touch.id)
      else { return nil }
      return hasBegun(pod) ? pod : nil
    }
    guard !pods.isEmpty else { return [] }
    let commands = attach(pods, to: &page, container: nil)
    pages[pages.count - 1] = .log(page)
    return commands
  }

  /// A pod that still waited when its log was opened has begun.
  private mutating func retryLog(of uid: String, _ touched: [Store.Touched]) -> [Command] {
    guard case .log(let page) = pages.last, page.buffer.isEmpty, case .failed? = page.sources.first?.state,
      touched.contains(where: { $0.kind == .pod && $0.id == uid }), store.pod(uid).map(hasBegun) == true
    else { return [] }
    return reopenLog()
  }

  /// Whether there can be a log of it: those that wait for a place have none yet, and join in when they run.
  private func hasBegun(_ pod: PodItem) -> Bool { pod.pod.status.phase != .pending }

  /// Reads the log again, with its last lines first; with another filter where one is given.
  mutating func reopenLog(filter: LogFilter?? = nil) -> [Command] {
    guard case .log(var page) = pages.last else { return [] }
    var commands = page.openIDs.map { Command.closeLog($0) }
    var pods = page.sources.compactMap { store.pod($0.podUID) }
    if case .job(let uid, _) = page.subject { pods = store.podItems(ofJob: uid).filter(hasBegun) }
    let container = page.sources.first?.request.container
    guard !pods.isEmpty else {
      complain("Its pod is no longer there")
      return []
    }
    page.restart(filter: filter ?? page.filter)
    commands += attach(pods, to: &page, container: container)
    pages[pages.count - 1] = .log(page)
    return commands
  }

  /// Ends what the pages from `index` up read.
  mutating func closeLogs(from index: Int) -> [Command] {
    var commands: [Command] = []
    for page in pages[index...] {
      switch page {
      case .log(let page): commands += page.openIDs.map { .closeLog($0) }
      case .drawn(let page): commands += page.openLogs.map { .closeLog($0) }
      case .table, .text: break
      }
    }
    return commands
  }

  /// Goes to the end, and stays there as lines come; reads the end anew where the reader has gone far from it.
  mutating func followLog() -> [Command] {
    guard case .log(let page) = pages.last else { return [] }
    guard page.hasEnd else { return reopenLog() }
    return withLog { $0.follow() }
  }

  /// Reads what the top page wants of its logs, wherever the reader has gone in them.
  mutating func readOn() -> [Command] {
    guard case .log(let page) = pages.last else { return [] }
    if page.wantsToFollow {
      if let notice = page.notice { complain(notice) }
      return reopenLog()
    }
    var numbers = lastNumber
    var commands: [Command] = []
    withLog { page in
      func next() -> Int {
        numbers += 1
        return numbers
      }
      commands = page.nextReads(next)
      for index in page.sourcesToFollow where !page.previous {
        let id = LogID(number: next())
        var request = page.sources[index].request
        (request.from, request.tailLines) = (page.buffer.bounds[index]?.back, nil)
        page.reopen(index, as: id)
        commands.append(.openLog(id, request))
      }
      page.notice = nil
    }
    lastNumber = numbers
    if let notice = page.notice { complain(notice) }
    return commands
  }

  mutating func setLogTimes() -> [Command] {
    guard case .log(let page) = pages.last else { return [] }
    withLog { $0.show(times: page.times.next) }
    say(page.times.next.title)
    return []
  }

  mutating func toggleLogJSON() -> [Command] {
    withLog { $0.toggleJSON() }
    if case .log(let page) = pages.last { say(page.laysOutJSON ? "JSON is laid out" : "Lines as they were written") }
    return []
  }

  /// How far back a log can be asked for.
  private static let periods: [Duration?] = [nil, .seconds(60), .seconds(300), .seconds(900), .seconds(3_600)]

  mutating func setLogSince() -> [Command] {
    guard case .log(let page) = pages.last else { return [] }
    let index = Self.periods.firstIndex(of: page.since) ?? 0
    let period = Self.periods[(index + 1) % Self.periods.count]
    withLog { $0.show(since: period) }
    say(period.map { "The last \(humanDuration($0))" } ?? "The whole log")
    return reopenLog()
  }

  /// Only lines with a text, or with `!` in front only those without it; all for nothing.
  mutating func setLogFilter(_ text: String) -> [Command] {
    let filter = LogFilter(text)
    guard case .log(let page) = pages.last, filter != page.filter else { return [] }
    return reopenLog(filter: .some(filter))
  }

  /// The first thing of a log that `Esc` ends, before it leaves it.
  mutating func leaveLogStep() -> [Command]? {
    guard case .log(let page) = pages.last else { return nil }
    if page.isLooking {
      withLog { $0.giveUp() }
      say("Stopped")
      return []
    }
    if page.search != nil { return withLog { $0.find(nil) } }
    return page.filter != nil ? setLogFilter("") : nil
  }

  mutating func take(_ event: LogEvent, from id: LogID) {
    for index in pages.indices {
      switch pages[index] {
      case .log(var page) where page.reads(id):
        pages[index] = .text(TextPage(.help))
        page.take(event, from: id)
        pages[index] = .log(page)
      case .drawn(var page) where page.openLogs.contains(id):
        page.take(event, from: id)
        pages[index] = .drawn(page)
      default: break
      }
    }
  }
}
