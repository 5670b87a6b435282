internal import Cluster
internal import KubeModel

/// What was written before the attempt that goes on now.
extension Dashboard {
  /// Opens the logs of the runs before a restart. Most jobs restart nothing: they make a new pod for each attempt, so
  /// where no container was started again it is the log of the pod that failed last.
  mutating func openPreviousLogs() -> [Command] {
    let targets = targets
    guard let first = targets.first else { return [] }
    if targets.count == 1, let row = first as? ContainerItem {
      guard row.pod.wasRestarted(row.container.name) else {
        complain(
          "\(row.container.name) was not started again: there is no log from before; \(keyLabel("logs")) shows its log")
        return []
      }
      let subject = LogPage.Subject.container(podUID: row.uid, pod: row.pod.name, container: row.container.name)
      return openLogPage(LogPage(subject, members: [row.uid], previous: true, localOffset: options.localOffset))
    }
    let pods = pods(of: targets)
    let restarted = pods.filter { $0.wasRestarted() }
    guard !restarted.isEmpty else { return openFailedLogs(targets, pods) }
    let commands = openLogPage(page(of: targets, pods, previous: true))
    if pods.count > 1 {
      let some = "\(Format.count(restarted.count)) of \(Format.count(pods.count)) pods"
      note(
        "What was written before the last restart"
          + (restarted.count == pods.count ? "" : ": \(some) \(restarted.count == 1 ? "was" : "were") restarted"))
    }
    return commands
  }

  private func pods(of items: [Item]) -> [PodItem] {
    items.flatMap { item -> [PodItem] in
      switch item {
      case let pod as PodItem: [pod]
      case let job as JobItem: store.podItems(ofJob: job.uid)
      case let row as ContainerItem: [row.pod]
      case let cronJob as CronJobItem: store.jobItems(ofOwner: cronJob.uid).flatMap { store.podItems(ofJob: $0.uid) }
      default: []
      }
    }
  }

  private func page(of targets: [Item], _ pods: [PodItem], previous: Bool) -> LogPage {
    let subject: LogPage.Subject
    switch targets[0] {
    case let job as JobItem where targets.count == 1: subject = .job(uid: job.uid, name: job.name)
    case let pod as PodItem where targets.count == 1:
      subject = .container(podUID: pod.uid, pod: pod.name, container: nil)
    default: subject = .marked(targets.count)
    }
    return LogPage(subject, members: Set(pods.map(\.uid)), previous: previous, localOffset: options.localOffset)
  }

  /// Opens the log of the pod that failed last, of each of what was chosen.
  private mutating func openFailedLogs(_ targets: [Item], _ pods: [PodItem]) -> [Command] {
    let name = targets.count == 1 ? targets[0].name : "all of them"
    guard !pods.isEmpty else {
      let reason = (targets[0] as? JobItem)?.whyPodsAreGone.map { ": \($0)" } ?? ""
      complain("\(targets.count == 1 ? "\(name) has" : "They have") no pods\(targets.count == 1 ? reason : "")")
      return []
    }
    var failed: [PodItem] = []
    for item in targets {
      if let pod = lastFailed(item), !failed.contains(where: { $0.uid == pod.uid }) { failed.append(pod) }
    }
    guard !failed.isEmpty else {
      let isPod = targets.count == 1 && targets[0] is PodItem
      complain(
        isPod
          ? "\(name) is the first attempt: nothing was written before; \(keyLabel("logs")) shows its log"
          : "No attempt of \(name) has failed: nothing was written before; \(keyLabel("logs")) shows its log")
      return []
    }
    let commands = openLogPage(page(of: failed, failed, previous: false))
    if targets.count == 1, targets[0] is PodItem {
      note("\(name) was not restarted: this is the pod in whose place it came")
    } else {
      note(
        failed.count == 1
          ? "No container was restarted: this is the pod of \(name) that failed last"
          : "No container was restarted: these are the pods that failed last")
    }
    return commands
  }

  /// The pod that failed last of a job; of a pod, the one in whose place it came.
  private func lastFailed(_ item: Item) -> PodItem? {
    let order = { (pod: PodItem) in (pod.finished ?? pod.created ?? Instant(seconds: 0), pod.name) }
    var candidates = pods(of: [item]).filter { $0.pod.status.phase == .failed }
    if let pod = item as? PodItem {
      guard let owner = pod.owner, let created = pod.created else { return nil }
      candidates = store.podItems(ofJob: owner).filter { other in
        other.uid != pod.uid && other.pod.status.phase == .failed && other.completionIndex == pod.completionIndex
          && (other.created.map { $0 <= created } ?? false) && (other.finished.map { $0 <= created } ?? false)
      }
    }
    return candidates.max { order($0) < order($1) }
  }
}

extension PodItem {
  /// Whether one of its containers, or the one that is named, was started again, so that there is a log from before.
  func wasRestarted(_ container: String? = nil) -> Bool {
    (pod.status.initContainerStatuses + pod.status.containerStatuses).contains { status in
      (status.restartCount > 0 || status.lastState.terminated != nil) && (container == nil || status.name == container)
    }
  }
}
