internal import Cluster
internal import KubeModel

extension Dashboard {
  /// Opens the logs of what is selected or marked; for a job those of all its pods.
  mutating func openLogs() -> [Command] {
    let targets = targets
    guard let first = targets.first else { return [] }
    let offset = options.localOffset
    if targets.count > 1 {
      let pods = targets.flatMap { item -> [PodItem] in
        switch item {
        case let pod as PodItem: [pod]
        case let job as JobItem: store.podItems(ofJob: job.uid)
        case let cronJob as CronJobItem:
          store.jobItems(ofOwner: cronJob.uid).flatMap { store.podItems(ofJob: $0.uid) }
        default: []
        }
      }
      return openLogPage(
        LogPage(.marked(targets.count), members: Set(pods.map(\.uid)), previous: false, localOffset: offset))
    }
    switch first {
    case let cronJob as CronJobItem:
      let jobs = store.jobItems(ofOwner: cronJob.uid)
      // One that waits for its first pod has nothing to read yet.
      let begun = jobs.filter { !store.podItems(ofJob: $0.uid).isEmpty }
      let order = { (job: JobItem) in (job.created ?? Instant(seconds: 0), job.name) }
      guard let latest = begun.max(by: { order($0) < order($1) }) else {
        complain("\(cronJob.name) has no job with pods\(jobs.isEmpty ? "" : " yet")")
        return []
      }
      return openLogPage(LogPage(.job(uid: latest.uid, name: latest.name), previous: false, localOffset: offset))
    case let job as JobItem:
      guard !store.podItems(ofJob: job.uid).isEmpty else {
        let reason = job.isSuspended ? ": it is suspended" : job.whyPodsAreGone.map { ": \($0)" } ?? ""
        complain("\(job.name) has no pods\(reason)")
        return []
      }
      return openLogPage(LogPage(.job(uid: job.uid, name: job.name), previous: false, localOffset: offset))
    case let pod as PodItem:
      let subject = LogPage.Subject.container(podUID: pod.uid, pod: pod.name, container: nil)
      return openLogPage(LogPage(subject, members: [pod.uid], previous: false, localOffset: offset))
    case let row as ContainerItem:
      let subject = LogPage.Subject.container(podUID: row.uid, pod: row.pod.name, container: row.container.name)
      return openLogPage(LogPage(subject, members: [row.uid], previous: false, localOffset: offset))
    default: return []
    }
  }

  mutating func openLogPage(_ page: LogPage) -> [Command] {
    var page = page
    let commands = attach(logs(of: page), to: &page)
    push(.log(page))
    return commands
  }

  /// A pod, and the containers of it whose logs are read; `nil` where it has only one, or none in particular is meant.
  struct PodLogs {
    let pod: PodItem
    var containers: [String?]
    /// Logs that it may come to have on the page.
    let places: Int
  }

  /// The pods that a page is about and that are still there, in no order.
  private func pods(of page: LogPage) -> [PodItem] {
    if case .job(let uid, _) = page.subject { return store.podItems(ofJob: uid) }
    return page.members.compactMap(store.pod)
  }

  /// What there is to read now for a page, in no order.
  func logs(of page: LogPage) -> [PodLogs] {
    let pods = pods(of: page)
    let found = pods.compactMap { logs(of: $0, on: page) }
    guard found.isEmpty else { return found }
    // That there is nothing yet, and why, is then what the reader is told.
    if page.previous { return pods.filter { $0.wasRestarted() }.map { PodLogs(pod: $0, containers: [nil], places: 1) } }
    guard case .container = page.subject else { return [] }
    return pods.map { pod in
      // By its name, so that it is not taken for another one when it begins.
      let container = hasSeveral(pod) ? pod.pod.spec.containers.first?.name : nil
      return PodLogs(pod: pod, containers: [container], places: 1)
    }
  }

  /// What there is to read now of one of a page's pods; `nil` where there is nothing.
  private func logs(of pod: PodItem, on page: LogPage) -> PodLogs? {
    if case .container(_, _, let container?) = page.subject {
      return PodLogs(pod: pod, containers: [container], places: 1)
    }
    let statuses = statuses(of: pod)
    let names = (pod.pod.spec.initContainers + pod.pod.spec.containers).map(\.name)
    if page.previous {
      let restarted = statuses.filter { $0.lastState.terminated != nil }.map(\.name)
      let containers = names.count > 1 ? names.filter(restarted.contains) : restarted.map { _ in nil }
      return containers.isEmpty ? nil : PodLogs(pod: pod, containers: containers, places: containers.count)
    }
    guard hasBegun(pod) else { return nil }
    let begun = statuses.filter(\.hasBegun).map(\.name)
    if names.count > 1, !begun.isEmpty {
      return PodLogs(pod: pod, containers: names.filter(begun.contains), places: names.count)
    }
    // Of several that have yet to begin, none has a log, unless it is over: why it has none is told then.
    if names.count > 1, !pod.pod.status.phase.isTerminal { return nil }
    return PodLogs(pod: pod, containers: [nil], places: 1)
  }

  /// The newest pods of `logs`, the oldest of them first, with no more than `limit` logs together; one in any case.
  func newest(_ logs: [PodLogs], limit: Int) -> ArraySlice<PodLogs> {
    let order = { (logs: PodLogs) in
      (logs.pod.created ?? Instant(seconds: 0), logs.pod.completionIndex ?? 0, logs.pod.name)
    }
    let sorted = logs.sorted { order($0) < order($1) }
    var (first, count) = (sorted.endIndex, 0)
    while first > 0, count == 0 || count + sorted[first - 1].places <= limit {
      first -= 1
      count += sorted[first].places
    }
    return sorted[first...]
  }

  /// Reads the logs of the newest pods of `logs` too; those that were read first wait where there are too many.
  private mutating func attach(_ logs: [PodLogs], to page: inout LogPage) -> [Command] {
    let newest = newest(logs, limit: max(1, LogPage.sourceLimit - page.sources.count))
    let kept = Set(newest.map(\.pod.uid))
    if newest.count < logs.count { page.leaveOut(Set(logs.map(\.pod.uid)).subtracting(kept)) }
    let count = newest.reduce(0) { $0 + $1.containers.count }
    let closed = page.makeRoom(for: min(count, LogPage.openLimit), keeping: kept)
    let since = page.since.map { now - $0 }
    let tail = LogPage.tail(of: page.sources.count + count)
    var commands = closed.map { Command.closeLog($0) }
    // The oldest of them wait where not all of them have a place.
    var toWait = max(0, page.openCount + count - LogPage.openLimit)
    for logs in newest {
      let pod = logs.pod
      for container in logs.containers {
        let id = LogID(number: nextNumber())
        let request = LogRequest(
          namespace: pod.namespace, pod: pod.name, container: container, previous: page.previous,
          follow: !page.previous, tailLines: tail, since: since)
        var label = pod.completionIndex.map { "[\($0)]" } ?? String(pod.name.suffix(5))
        if let container { label += " " + container }
        let waits = toWait > 0
        toWait -= 1
        page.add(
          LogPage.Source(id: id, request: request, label: label, podUID: pod.uid, state: waits ? .waiting : .open))
        if !waits { commands.append(.openLog(id, request)) }
      }
    }
    return commands
  }

  /// Pods that a job makes while its log is shown join in, and so do containers that begin.
  mutating func openNewLogs(_ touched: [Store.Touched]) -> [Command] {
    guard case .log(var page) = pages.last, !page.previous else { return [] }
    var job: String?
    switch page.subject {
    case .job(let uid, _): job = uid
    case .marked: break
    case .container(let podUID, _, let container):
      let commands = retryLog(of: podUID, container, touched)
      guard commands.isEmpty, container == nil else { return commands }
    }
    var seen: Set<String> = []
    var commands: [Command] = []
    let new = touched.compactMap { touch -> PodLogs? in
      guard touch.kind == .pod, job != nil ? touch.job == job : page.members.contains(touch.id),
        seen.insert(touch.id).inserted, let pod = store.pod(touch.id), var logs = self.logs(of: pod, on: page)
      else { return nil }
      let parts = logs.containers.map { LogPage.Part(pod: pod.uid, container: $0) }
      // Asked for a moment before it began.
      for index in parts.compactMap(page.failedSource) { commands += reopen(index, of: &page) }
      logs.containers.removeAll { page.knows(LogPage.Part(pod: pod.uid, container: $0)) }
      return logs.containers.isEmpty ? nil : logs
    }
    guard !new.isEmpty || !commands.isEmpty else { return [] }
    commands += attach(new, to: &page)
    pages[pages.count - 1] = .log(page)
    return commands
  }

  private mutating func reopen(_ index: Int, of page: inout LogPage) -> [Command] {
    let source = page.sources[index]
    let closed = page.makeRoom(for: 1, keeping: [source.podUID])
    let id = LogID(number: nextNumber())
    page.reopen(index, as: id)
    return closed.map { .closeLog($0) } + [.openLog(id, source.request)]
  }

  /// A pod that still waited when its log was opened has begun, or the one of its containers that is shown.
  private mutating func retryLog(of uid: String, _ container: String?, _ touched: [Store.Touched]) -> [Command] {
    guard case .log(let page) = pages.last, page.buffer.isEmpty, case .failed? = page.sources.first?.state,
      touched.contains(where: { $0.kind == .pod && $0.id == uid }), let pod = store.pod(uid)
    else { return [] }
    let statuses = statuses(of: pod)
    let isThere = container.map { name in statuses.contains { $0.name == name && $0.hasBegun } } ?? hasBegun(pod)
    return isThere ? reopenLog() : []
  }

  private func hasSeveral(_ pod: PodItem) -> Bool {
    pod.pod.spec.initContainers.count + pod.pod.spec.containers.count > 1
  }

  private func statuses(of pod: PodItem) -> [ContainerStatus] {
    pod.pod.status.initContainerStatuses + pod.pod.status.containerStatuses
  }

  /// Whether there can be a log of it: those that wait for a place have none yet, and join in when they run. While only
  /// some of its containers have begun, it is pending and has one.
  private func hasBegun(_ pod: PodItem) -> Bool {
    pod.pod.status.phase != .pending || hasSeveral(pod) && statuses(of: pod).contains(where: \.hasBegun)
  }

  /// Reads the log again, with its last lines first; with another filter where one is given.
  mutating func reopenLog(filter: LogFilter?? = nil) -> [Command] {
    guard case .log(var page) = pages.last else { return [] }
    var commands = page.openIDs.map { Command.closeLog($0) }
    guard !pods(of: page).isEmpty else {
      complain("Its pod is no longer there")
      return []
    }
    page.restart(filter: filter ?? page.filter)
    commands += attach(logs(of: page), to: &page)
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
      while let index = page.nextToOpen() {
        let id = LogID(number: next())
        var request = page.sources[index].request
        if let bounds = page.buffer.bounds[index] { (request.from, request.tailLines) = (bounds.back, nil) }
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
      note("Stopped")
      return []
    }
    if page.mark != nil { return withLog { $0.removeMark() } }
    if page.search != nil { return withLog { $0.find(nil) } }
    // Of a pod that is gone there is nothing to read without the filter either.
    return page.filter != nil && !pods(of: page).isEmpty ? setLogFilter("") : nil
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

extension JobItem {
  /// Why it has no pods any more, and what to do about that; `nil` where that is not Kubernetes' own doing.
  var whyPodsAreGone: String? {
    guard isFinished, hasFailed, job.spec.template.spec.restartPolicy == .onFailure else { return nil }
    return "Kubernetes deletes the pods of a failed OnFailure job; restartPolicy Never keeps them"
  }
}

extension ContainerStatus {
  /// Whether there is a log of it: it runs, is over, or was before it began to wait to be started again.
  fileprivate var hasBegun: Bool { state.running != nil || state.terminated != nil || lastState.terminated != nil }
}
