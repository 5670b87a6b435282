import ControlPlane
import KubeModel

/// When failed pods are tried again, as their jobs' controller reckons it.
///
/// A pure value: it is told of pods that have ended and of jobs as they change, in whatever order these come.
struct Retries {
  private struct OfJob {
    var backoff = Backoff()
    /// Failed pods that were seen.
    var seen = 0
    /// How many of those that the job has counted were told of.
    var told = 0
    var job: Job?
  }

  private var jobs: [String: OfJob] = [:]

  /// Takes note of a job's pod that has ended.
  ///
  /// - Returns: what there is to say of the job, behind its name.
  mutating func note(_ pod: Pod, of uid: String, now: Instant?) -> String? {
    guard let finish = pod.finishTime else { return nil }
    let hasFailed = pod.status.phase == .failed
    jobs[uid, default: OfJob()].backoff.note([.init(time: finish, succeeded: !hasFailed)])
    guard hasFailed else { return nil }
    jobs[uid, default: OfJob()].seen += 1
    guard let job = jobs[uid]?.job else { return nil }
    return job.spec.backoffLimitPerIndex == nil ? next(uid, now) : Self.indexRetry(pod, job, finish, now)
  }

  /// Takes note of a job's state.
  ///
  /// - Returns: what there is to say of it, behind its name.
  mutating func note(_ job: Job, now: Instant?) -> String? {
    let uid = job.metadata.uid
    guard !job.status.isFinished else {
      jobs[uid] = nil
      return nil
    }
    jobs[uid, default: OfJob()].job = job
    return job.spec.backoffLimitPerIndex == nil ? next(uid, now) : nil
  }

  /// The retry that the failures are followed by which the job has counted last.
  private mutating func next(_ uid: String, _ now: Instant?) -> String? {
    guard let known = jobs[uid], let job = known.job, job.status.failed > known.told, known.seen >= job.status.failed
    else { return nil }
    jobs[uid]?.told = job.status.failed
    let limit = job.spec.backoffLimit ?? 6
    guard job.goesOn, job.status.failed <= limit, job.hasRoom else { return nil }
    return Self.text(
      due: known.backoff.due, delay: Backoff.delay(failures: known.backoff.failuresSinceSuccess), now,
      number: job.status.failed, of: limit)
  }

  /// With backoffLimitPerIndex each index waits by itself.
  private static func indexRetry(_ pod: Pod, _ job: Job, _ finish: Instant, _ now: Instant?) -> String? {
    let earlier = IndexFailures(of: pod)
    let verdict = job.spec.podFailurePolicy?.verdict(on: pod) ?? .count
    guard job.goesOn, verdict == .count, let limit = job.spec.backoffLimitPerIndex, earlier.counted < limit,
      let index = pod.metadata.labels[JobLabel.completionIndex]
    else { return nil }
    let delay = Backoff.delay(failures: earlier.total + 1)
    return text(due: finish + delay, delay: delay, now, number: earlier.counted + 1, of: limit)
      .map { "index \(index) \($0)" }
  }

  /// - Parameter now: `nil` where no time has passed since the failure.
  private static func text(due: Instant?, delay: Duration, _ now: Instant?, number: Int, of limit: Int) -> String? {
    guard let due else { return nil }
    let left = now.map { due - $0 } ?? delay
    guard left > .zero else { return nil }
    // Whole seconds, upwards: what has passed since the failure is not to turn 10s into 9.9s.
    let seconds = left.components.seconds + (left.components.attoseconds > 0 ? 1 : 0)
    return "retries in \(Summary.text(.seconds(seconds))) (retry \(number) of \(limit))"
  }
}

extension Job {
  /// Whether its controller still makes pods for it.
  fileprivate var goesOn: Bool {
    let isEnding = ["FailureTarget", "SuccessCriteriaMet"].contains { status.conditions.isTrue($0) }
    return !isEnding && !status.isFinished && spec.suspend != true && metadata.deletionTimestamp == nil
  }

  /// Whether fewer pods are active than could be.
  fileprivate var hasRoom: Bool {
    let parallelism = spec.parallelism ?? 1
    guard let completions = spec.completions else { return status.succeeded == 0 && status.active < parallelism }
    return status.active < min(parallelism, completions - status.succeeded)
  }
}
