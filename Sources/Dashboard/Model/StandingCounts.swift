internal import KubeModel

/// How many jobs and pods stand how, as their rows show it.
struct StandingCounts: Hashable, Sendable {
  /// Without those of which there are none.
  private(set) var jobs: [Standing: Int] = [:]
  private(set) var pods: [Standing: Int] = [:]
  /// Pods that wait for a node.
  private(set) var podsQueued = 0

  mutating func count(job standing: Standing, _ step: Int) { StandingCounts.add(step, to: &jobs[standing]) }

  mutating func count(_ pod: PodItem, _ step: Int) {
    StandingCounts.add(step, to: &pods[pod.status.standing])
    if pod.waitsForNode { podsQueued += step }
  }

  private static func add(_ step: Int, to count: inout Int?) {
    let sum = (count ?? 0) + step
    count = sum == 0 ? nil : sum
  }

  static func += (sum: inout StandingCounts, other: StandingCounts) {
    for (standing, count) in other.jobs { add(count, to: &sum.jobs[standing]) }
    for (standing, count) in other.pods { add(count, to: &sum.pods[standing]) }
    sum.podsQueued += other.podsQueued
  }

  /// Jobs that have neither ended nor been suspended.
  var jobsGoingOn: Int {
    jobs.reduce(0) { [.failed, .succeeded, .suspended].contains($1.key) ? $0 : $0 + $1.value }
  }
}

extension Store {
  /// A job's status: kubectl's word with the reason, and what kubectl doesn't tell: that nothing of it runs yet,
  /// that no pods can be made for it, or that it waits to try again.
  func status(of job: JobItem) -> StatusText {
    if let settled = job.settled { return settled }
    let pods = pods(ofJob: job.uid)
    if lostPods(ofJob: job.uid) > 0 {
      return StatusText(standing: .unknown, word: pods.running > 0 ? "Running" : "Pending", reason: "NodeNotReady")
    }
    let failure = failedCreation(for: job)
    if pods.isRetrying(job, failure) { return StatusText(standing: .retrying, word: "Retrying") }
    if pods.running == 0 {
      if pods.pending > 0 {
        return StatusText(standing: .pending, word: "Pending", reason: pods.commonWait)
      }
      if failure != nil {
        return StatusText(standing: .pending, word: "Pending", reason: EventItem.failedCreate)
      }
      if job.job.status.startTime == nil { return StatusText(standing: .pending, word: "Pending") }
    }
    return StatusText(standing: .running, word: "Running")
  }

  /// What the header and the charts count in the namespaces that are shown. O(namespaces that are shown)
  func standings(in shown: Shown) -> StandingCounts {
    if shown.isAllNamespaces { return standings }
    return shown.namespaces.reduce(into: StandingCounts()) { $0 += counts(in: $1).standings }
  }
}

extension JobPods {
  /// Whether all that a job does is to wait for its next attempt.
  func isRetrying(_ job: JobItem, _ failure: EventItem?) -> Bool {
    onlyWaitsForRestarts || (active == 0 && failure == nil && nextRetry(of: job) != nil)
  }
}

extension Store.NamespaceCount {
  /// Whether anything in it is counted now.
  var isInUse: Bool { jobs != 0 || cronJobs != 0 || pods != 0 }
}

extension PodItem {
  /// Whether the scheduler looks for a node for it.
  var waitsForNode: Bool { isActive && pod.spec.nodeName.isEmpty && !isGated }
}
