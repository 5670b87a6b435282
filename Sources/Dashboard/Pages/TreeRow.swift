internal import KubeModel
internal import Terminal

/// A node of the tree: which object, and how deep.
struct TreeRow: Hashable, Sendable {
  let kind: Kind
  /// The object's UID, for a container that of its pod and its name.
  let id: String
  let depth: Int
  /// The pod of a container.
  var pod: String?

  init(_ kind: Kind, _ id: String, depth: Int, pod: String? = nil) {
    self.kind = kind
    self.id = id
    self.depth = depth
    self.pod = pod
  }

  var canOpen: Bool { pod == nil }

  func item(_ store: Store) -> Item? { store[ItemRef(kind, id, pod: pod)] }

  /// Cron jobs by name, then the jobs that none of them made and the pods without a job, the newest first.
  static func roots(_ store: Store, _ shown: Shown) -> [TreeRow] {
    let cronJobs = store.all(.cronJob).filter(shown.includes).sorted { $0.precedesByName($1) }
    let jobs = store.all(.job).filter { shown.includes($0) && parent(of: $0, store) == nil }
    let pods = store.podItemsWithoutJob.filter(shown.includes)
    return cronJobs.map { TreeRow(.cronJob, $0.id, depth: 0) }
      + jobs.sorted(by: isNewer).map { TreeRow(.job, $0.id, depth: 0) }
      + pods.sorted(by: isNewer).map { TreeRow(.pod, $0.id, depth: 0) }
  }

  func children(_ store: Store, _ shown: Shown) -> [TreeRow] {
    func isShown(_ item: Item) -> Bool { !shown.hides(item) }
    switch (kind, pod) {
    case (.cronJob, _):
      return store.jobItems(ofOwner: id).filter(isShown).sorted(by: Self.isNewer).map {
        TreeRow(.job, $0.id, depth: depth + 1)
      }
    case (.job, _):
      let pods = store.podItems(ofJob: id).filter(isShown).sorted { left, right in
        let (first, second) = (left.completionIndex ?? 0, right.completionIndex ?? 0)
        return first != second ? first < second : Self.isNewer(left, right)
      }
      return pods.map { TreeRow(.pod, $0.id, depth: depth + 1) }
    case (.pod, nil):
      return store.pod(id).map(ContainerItem.all)?.map { TreeRow(.pod, $0.id, depth: depth + 1, pod: id) } ?? []
    default: return []
    }
  }

  /// What an item stands under, if that is here.
  static func parent(of item: Item, _ store: Store) -> Item? {
    switch item {
    case let job as JobItem: job.job.metadata.controller.flatMap { store.cronJob($0.uid) }
    case let pod as PodItem: pod.owner.flatMap(store.job)
    default: nil
    }
  }

  private static func isNewer(_ left: Item, _ right: Item) -> Bool {
    left.created != right.created
      ? (left.created ?? Instant(seconds: 0)) > (right.created ?? Instant(seconds: 0)) : left.precedesByName(right)
  }

  // MARK: What it says

  static func status(_ item: Item, _ context: RowContext) -> StatusText {
    switch item {
    case let cronJob as CronJobItem: TableView.cronJobStatus(cronJob, context)
    case let job as JobItem: TableView.jobStatus(job, context)
    case let pod as PodItem: pod.status
    case let container as ContainerItem: TableView.containerStatus(container)
    default: StatusText(standing: .unknown, word: "Unknown")
    }
  }

  /// What is below it by how it stands, or where a pod runs and how it ended.
  static func details(_ item: Item, _ context: RowContext) -> StyledText {
    switch item {
    case let cronJob as CronJobItem:
      let standings = context.store.jobItems(ofOwner: cronJob.uid).map { TableView.jobStatus($0, context).standing }
      var counts: [Standing: Int] = [:]
      for standing in standings { counts[standing, default: 0] += 1 }
      let next = cronJob.nextRun(after: context.now).map { "next in " + humanDuration(max(.zero, $0 - context.now)) }
      let shown = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
      return tally(shown, nothing: "no jobs") + StyledText("  " + (next ?? ""), .muted)
    case let job as JobItem:
      let pods = context.store.pods(ofJob: job.uid)
      let status = job.job.status
      let shown: [(Standing, Int)] = [
        (.running, pods.running - pods.retrying), (.retrying, pods.retrying), (.pending, pods.pending),
        (.failed, status.failed), (.succeeded, status.succeeded),
      ]
      return tally(shown, nothing: "no pods") + time(job.elapsed(context.now))
    case let pod as PodItem:
      let node = Span(pod.pod.spec.nodeName.isEmpty ? "no node" : pod.pod.spec.nodeName, .muted)
      let exit = pod.exit.map { StyledText("  exit ", .muted) + TableView.exitCell($0, said: pod.status.word) }
      let ready = pod.containers > 1 ? "  \(pod.ready)/\(pod.containers) ready" : ""
      return [node, Span(ready, .muted)] + (exit ?? StyledText()) + time(pod.elapsed(context.now))
    case let container as ContainerItem: return StyledText(container.container.image, .muted)
    default: return StyledText()
    }
  }

  private static func tally(_ counts: [(Standing, Int)], nothing: String) -> StyledText {
    let shown = counts.filter { $0.1 > 0 }
    guard !shown.isEmpty else { return StyledText(nothing, .muted) }
    return StyledText(
      shown.enumerated().map { index, count in
        Span((index == 0 ? "" : " ") + "\(count.0.sign) \(Format.count(count.1))", count.0.role)
      })
  }

  private static func time(_ duration: Duration?) -> StyledText {
    duration.map { StyledText("  " + humanDuration($0), .muted) } ?? StyledText()
  }
}
