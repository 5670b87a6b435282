internal import KubeModel

/// What a job's pods come to, kept up to date pod by pod so that a row never has to look at all of them.
///
/// A class, because whole tables are sorted by it: a row takes a reference, not a copy.
// Safe to send: only the store changes one, and only while no one else holds it; others get a copy.
final class JobPods: @unchecked Sendable {
  private(set) var uids: Set<String> = []
  private(set) var pending = 0
  private(set) var running = 0
  private(set) var unschedulable = 0
  /// Those of the running ones that wait for a container to be started again.
  private(set) var retrying = 0

  struct Exit: Hashable, Sendable {
    var name: String
    var terminated: ContainerState.Terminated
    var at: Instant
    /// What it was ended for by others; empty where it ended by itself.
    var disruption: String
    /// Whether it was only deleted, as when its job had failed.
    var isStopped: Bool

    init(_ pod: PodItem, _ terminated: ContainerState.Terminated, at: Instant) {
      name = pod.name
      self.terminated = terminated
      self.at = at
      disruption = pod.disruption?.reason ?? ""
      isStopped = pod.isStopped
    }

    /// What was ended for another may have ended well, and its job is short of it all the same.
    var isFailure: Bool { terminated.exitCode != 0 || !disruption.isEmpty }

    /// Whether it came later than another one; in one and the same second, which one is the later must not depend on
    /// the order in which they were heard of, and failures tell more.
    func follows(_ other: Exit?) -> Bool {
      guard let other else { return true }
      return order >= other.order
    }

    private var order: (Instant, Int, String) { (at, isFailure ? 1 : 0, name) }
  }

  /// The exit that was seen last; it stays when its pod is deleted, because it is still what happened last.
  private(set) var lastExit: Exit?
  /// The same of those that failed.
  private(set) var lastFailure: Exit?
  /// The same of those that failed for a reason of their own, and not because their job had.
  private(set) var lastCause: Exit?
  /// Pods that others ended, by the reason; they count on when they are gone.
  private(set) var disruptions: [String: Disruptions] = [:]

  struct Disruptions: Hashable, Sendable {
    private(set) var count = 0
    /// When the last of them was marked.
    private(set) var last: Instant?
    /// How many there were on each node.
    private(set) var nodes: [String: Int] = [:]

    mutating func note(_ pod: PodItem, _ condition: Condition) {
      count += 1
      last = [last, condition.lastTransitionTime].compactMap { $0 }.max()
      if !pod.pod.spec.nodeName.isEmpty { nodes[pod.pod.spec.nodeName, default: 0] += 1 }
    }
  }

  /// Restarts of the containers of pods that have not ended: with restartPolicy OnFailure they use up retries.
  private var restarts = 0
  /// The most of those that there were at a time: they go with their pods, and what they have used up does not.
  private(set) var mostRestarts = 0
  /// When crashed containers are started again, by pod.
  private var restartDues: [String: Instant] = [:]
  private var lastSuccess: Instant?
  /// Pods that were seen to succeed, and how long they took together; they count on when they are deleted.
  private var successes = (count: 0, took: Duration.zero)
  /// The sum of the running pods' starts, in milliseconds.
  private var runningStarts: Int64 = 0
  /// When the pods that failed after the last success did so.
  private var failures: [Instant] = []
  /// Of Indexed jobs with a limit per index: the newest pod of each index, and when its replacement is due.
  private var indexes: [Int: IndexState] = [:]
  /// What is wrong with its pods, and with how many of them.
  private(set) var troubles: [Trouble: PodSample] = [:]
  /// All of its pods.
  private(set) var all = PodSample()

  private struct IndexState: Hashable, Sendable {
    var created: Instant
    var due: Instant?
  }

  var active: Int { pending + running }

  /// What all of those that do not run yet wait for, where they have it in common; else empty.
  var commonWait: String {
    if unschedulable == pending { return troubles[.gated]?.count == pending ? "SchedulingGated" : "Unschedulable" }
    for (trouble, sample) in troubles where sample.count == pending {
      switch trouble {
      case .gated: return "SchedulingGated"
      case .waiting(let reason), .unstarted(let reason): return reason
      default: break
      }
    }
    return ""
  }
  var isEmpty: Bool { uids.isEmpty }

  init() {}

  init(copying other: JobPods) {
    uids = other.uids
    (pending, running, unschedulable) = (other.pending, other.running, other.unschedulable)
    retrying = other.retrying
    (lastExit, lastFailure) = (other.lastExit, other.lastFailure)
    (lastCause, disruptions) = (other.lastCause, other.disruptions)
    (restarts, mostRestarts, restartDues) = (other.restarts, other.mostRestarts, other.restartDues)
    lastSuccess = other.lastSuccess
    (successes, runningStarts) = (other.successes, other.runningStarts)
    failures = other.failures
    indexes = other.indexes
    (troubles, all) = (other.troubles, other.all)
  }

  func replace(_ old: PodItem?, with new: PodItem?) {
    if let old {
      count(old, -1)
      note(old.trouble) { $0.remove(old) }
      all.remove(old)
    }
    if let new {
      count(new, 1)
      note(new.trouble) { $0.add(new) }
      all.add(new)
      uids.insert(new.uid)
      mostRestarts = max(mostRestarts, restarts + (new.isActive ? 0 : new.restarts))
      noteEnd(new, before: old)
      noteIndex(new)
    } else if let old {
      uids.remove(old.uid)
    }
  }

  private func note(_ trouble: Trouble?, _ change: (inout PodSample) -> Void) {
    guard let trouble else { return }
    change(&troubles[trouble, default: PodSample()])
    if troubles[trouble]?.count == 0 { troubles[trouble] = nil }
  }

  private func count(_ pod: PodItem, _ step: Int) {
    if pod.isActive {
      restarts += step * pod.restarts
      restartDues[pod.uid] = step > 0 ? pod.nextRestart : nil
    }
    switch pod.pod.status.phase {
    case .running:
      running += step
      if pod.status.standing == .retrying { retrying += step }
      runningStarts &+= Int64(step) * JobPods.start(of: pod)
    case .succeeded, .failed: break
    default:
      pending += step
      if pod.unschedulable != nil { unschedulable += step }
    }
  }

  private func noteEnd(_ pod: PodItem, before: PodItem?) {
    if let condition = pod.disruption, before?.disruption == nil {
      disruptions[condition.reason, default: Disruptions()].note(pod, condition)
    }
    let wasTaken = before?.takenAt != nil
    if !wasTaken, let taken = pod.takenAt { noteFailure(taken) }
    let phase = pod.pod.status.phase
    guard let finished = pod.finished, before?.pod.status.phase != phase else {
      // A container that is restarted in its pod ends without the pod's end.
      if let exit = pod.exit, let at = exit.finishedAt { note(Exit(pod, exit, at: at)) }
      return
    }
    if let exit = pod.exit { note(Exit(pod, exit, at: exit.finishedAt ?? finished)) }
    // Its job has counted it already.
    if wasTaken { return }
    if phase == .succeeded {
      if let took = pod.elapsed(finished) { successes = (successes.count + 1, successes.took + took) }
      lastSuccess = max(lastSuccess ?? finished, finished)
      failures.removeAll { $0 <= (lastSuccess ?? finished) }
    } else {
      noteFailure(finished)
    }
  }

  private func noteFailure(_ time: Instant) {
    if lastSuccess.map({ time > $0 }) ?? true { failures.append(time) }
  }

  private static func start(of pod: PodItem) -> Int64 {
    (pod.pod.status.startTime ?? pod.created ?? Instant(seconds: 0)).microseconds / 1000
  }

  /// The exit that tells how a job stands: of one that has failed that of its failure, whichever pod ended last.
  func tellingExit(of job: JobItem) -> Exit? { job.hasFailed ? lastCause ?? lastFailure ?? lastExit : lastExit }

  /// What of a job's limit of retries is used up: failures after which it was tried again, and with OnFailure restarts.
  /// It does not fall when the job ends.
  func retries(of job: JobItem) -> Int {
    let spec = job.job.spec
    // Its limit was used up, whether or not the pods that did so are still there.
    if job.verdict?.reason == "BackoffLimitExceeded", job.hasFailed, let limit = spec.backoffLimit { return limit }
    let all = job.failuresRetried + (spec.template.spec.restartPolicy == .onFailure ? mostRestarts : 0)
    guard spec.backoffLimitPerIndex == nil, let limit = spec.backoffLimit else { return all }
    return min(all, limit)
  }

  /// What a pod that succeeds takes; `nil` when none was seen to.
  var meanSuccess: Duration? { successes.count > 0 ? successes.took / successes.count : nil }

  /// How long the running pods have been running, together.
  func elapsedOfRunning(_ now: Instant) -> Duration {
    .milliseconds(max(0, Int64(running) &* (now.microseconds / 1000) &- runningStarts))
  }

  private func note(_ exit: Exit) {
    if exit.follows(lastExit) { lastExit = exit }
    if exit.isFailure, exit.follows(lastFailure) { lastFailure = exit }
    if exit.isFailure, !exit.isStopped, exit.follows(lastCause) { lastCause = exit }
  }

  private func noteIndex(_ pod: PodItem) {
    let annotations = pod.pod.metadata.annotations
    guard let index = pod.completionIndex, let created = pod.created,
      let count = annotations[JobAnnotation.indexFailureCount].flatMap({ Int($0) }),
      created >= indexes[index]?.created ?? created
    else { return }
    let ignored = annotations[JobAnnotation.indexIgnoredFailureCount].flatMap { Int($0) } ?? 0
    let failedAt = pod.pod.status.phase == .failed ? pod.finished : nil
    indexes[index] = IndexState(
      created: created,
      due: failedAt.map { $0 + JobPods.backoff(failures: count.saturatingAdd(ignored).saturatingAdd(1)) }
    )
  }

  /// When the job controller makes the next pod after failures; `nil` when it waits for nothing.
  ///
  /// As in Kubernetes: 10 s after the first failure since the last success, doubling up to 10 minutes, counted from
  /// the last failure; with `backoffLimitPerIndex` for each index on its own.
  func nextRetry(of job: JobItem) -> Instant? {
    guard !job.isFinished, !job.hasFailed, !job.hasSucceeded, !job.isSuspended,
      job.job.metadata.deletionTimestamp == nil
    else { return nil }
    if job.job.spec.backoffLimitPerIndex != nil {
      // An index that has failed for good is not tried again.
      let lost = job.job.status.failedIndexes.flatMap { try? IndexRanges(parsing: $0, completions: job.wanted) }
      return indexes.lazy.filter { lost?.contains($0.key) != true }.compactMap(\.value.due).min()
    }
    let room = min(job.job.spec.parallelism ?? 1, max(0, job.wanted - job.job.status.succeeded))
    guard active < room, let last = failures.max() else { return nil }
    return last + JobPods.backoff(failures: failures.count)
  }

  /// When something of the job is tried again: a pod is made or a container is started.
  func nextTry(of job: JobItem) -> Instant? { [nextRetry(of: job), restartDues.values.min()].compactMap { $0 }.min() }

  /// Whether all that it has are pods whose containers crashed and wait.
  var onlyWaitsForRestarts: Bool { !restartDues.isEmpty && restartDues.count == active }

  static func backoff(failures: Int) -> Duration {
    .seconds(10).doubled(max(failures - 1, 0), upTo: .seconds(600))
  }
}

/// What a node holds.
struct NodePods: Hashable, Sendable {
  private(set) var uids: Set<String> = []
  private(set) var active = 0
  /// Thousandths of a core asked for.
  private(set) var cpu = 0
  /// Bytes asked for.
  private(set) var memory = 0

  mutating func replace(_ old: PodItem?, with new: PodItem?) {
    if let old { count(old, -1) }
    if let new { count(new, 1) }
    if let old, new == nil { uids.remove(old.uid) }
    if let new { uids.insert(new.uid) }
  }

  private mutating func count(_ pod: PodItem, _ step: Int) {
    guard pod.isActive else { return }
    active += step
    cpu = cpu.saturatingAdd(step * pod.cpuRequest)
    memory = memory.saturatingAdd(step * pod.memoryRequest)
  }
}
