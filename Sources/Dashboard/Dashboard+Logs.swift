internal import Cluster
internal import KubeModel

/// The last lines of a failed pod's log, for the page that says why.
struct LogTail: Sendable {
  var id: LogID
  var lines: [String] = []
  var error: String?
  var isComplete = false
}

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
          follow: !page.previous, tailLines: page.readsAll ? nil : LogPage.tail)
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
    return reopenLog(all: page.readsAll)
  }

  /// Whether there can be a log of it: those that wait for a place have none yet, and join in when they run.
  private func hasBegun(_ pod: PodItem) -> Bool { pod.pod.status.phase != .pending }

  /// Reads the log again, from its start.
  mutating func reopenLog(all: Bool = true) -> [Command] {
    guard case .log(var page) = pages.last else { return [] }
    var commands = page.sources.filter { $0.state == .open }.map { Command.closeLog($0.id) }
    var pods = page.sources.compactMap { store.pod($0.podUID) }
    if case .job(let uid, _) = page.subject { pods = store.podItems(ofJob: uid).filter(hasBegun) }
    let container = page.sources.first?.request.container
    guard !pods.isEmpty else {
      complain("Its pod is no longer there")
      return []
    }
    page.readsAll = all
    page.restart()
    commands += attach(pods, to: &page, container: container)
    pages[pages.count - 1] = .log(page)
    return commands
  }

  /// Ends what the pages from `index` up read.
  mutating func closeLogs(from index: Int) -> [Command] {
    var commands: [Command] = []
    for page in pages[index...] {
      switch page {
      case .log(let page): commands += page.sources.filter { $0.state == .open }.map { .closeLog($0.id) }
      case .text(let page):
        guard case .why(_, let uid, _) = page.subject, let tail = tails.removeValue(forKey: uid) else { continue }
        if !tail.isComplete { commands.append(.closeLog(tail.id)) }
      case .table: break
      }
    }
    return commands
  }

  mutating func take(_ event: LogEvent, from id: LogID) {
    if let uid = tails.first(where: { $0.value.id == id })?.key {
      switch event {
      case .lines(let lines): tails[uid]?.lines += lines.map { LogText.clean($0.bytes) }
      case .ended: tails[uid]?.isComplete = true
      case .failed(let error):
        tails[uid]?.error = error
        tails[uid]?.isComplete = true
      }
      markTextStale()
      return
    }
    for index in pages.indices {
      guard case .log(var page) = pages[index], page.hasSource(id) else { continue }
      pages[index] = .text(TextPage(.help))
      page.take(event, from: id)
      pages[index] = .log(page)
      return
    }
  }

  /// Asks for the last lines of the pod that tells most about why `item` is as it is.
  mutating func openTails(for item: Item) -> [Command] {
    guard let pod = Why.witness(of: item, in: store), pod.exit != nil || pod.isRunning else { return [] }
    let id = LogID(number: nextNumber())
    tails[item.uid] = LogTail(id: id)
    return [
      .openLog(id, LogRequest(namespace: pod.namespace, pod: pod.name, tailLines: 8))
    ]
  }
}
