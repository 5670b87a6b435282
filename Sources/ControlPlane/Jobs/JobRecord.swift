import DequeModule
import KubeModel

/// How a job counts one of its pods at present.
struct PodStanding: Hashable, Sendable {
  enum State: Sendable {
    /// Not counted: finished, or not the job's.
    case none
    /// Neither finished nor being deleted.
    case active
    /// Being deleted, not yet finished.
    case terminating
  }

  var state = State.none
  var isReady = false
  /// Whether no other pod may have its completion index.
  var holdsIndex = false
  /// Restarts of its containers, which backoffLimit counts under restartPolicy OnFailure.
  var restarts = 0
}

/// What the job controller keeps about a job, so that no sync has to look at all of the job's pods.
struct JobRecord: Sendable {
  /// All pods that the job controls and that still exist, by slot.
  var pods: Set<Int> = []
  /// Those that are neither finished nor being deleted.
  var active: Set<Int> = []
  var ready = 0
  var terminating = 0
  /// Sum of restarts over active and terminating pods.
  var restarts = 0
  /// Pods that have ended (or count as such) and that no sync has looked at, in the order in which they ended.
  var ended: [PodRef] = []
  /// Pods that a sync has looked at and that still have their finalizer: the counters take them in, in this order.
  var uncounted = Deque<UncountedPod>()
  /// With backoffLimitPerIndex, the last failed pod of each index that has no successor yet. It keeps its finalizer
  /// until then, because its annotations say how often the index has failed.
  var lastFailed: [Int: UncountedPod] = [:]
  /// Pods of `lastFailed` that got a successor in this sync: the next one takes them into `uncounted`.
  var replaced: [UncountedPod] = []
  /// How many of these three will count as succeeded and as failed.
  var newSucceeded = 0
  var newFailed = 0
  /// Whether an end of the job has taken all its pods into `uncounted`.
  var isSwept = false
  var indexes = IndexBook()
  /// Whether pods that the job did not make for a free index may be among its own.
  var hasAdopted = false
  var backoff = Backoff()
  /// What every new pod of the job is copied from; `nil` after a change of the template.
  var prototype: Pod?
  /// The version of the priority classes with which the prototype was admitted.
  var prototypeVersion = 0
  /// What the scheduler needs to know of such a pod.
  var requirements: PodRequirements?
  /// Failed pods of each completion index so far, ignored ones among them: the simulated runtime may fail only the
  /// first ones.
  var failuresByIndex: [Int: Int] = [:]
  /// Failed pods without an index that podFailurePolicy ignored; for the same purpose.
  var ignoredFailures = 0
  /// Failed attempts to create a pod since the last one that worked; they are repeated after 1 s doubling to 60 s.
  var createFailures = 0
  var isQueued = false
  /// When a batched sync is due, so that it is asked for once.
  var batchedSync: Instant?
  /// Timers that have been set, so that each is set once.
  var deadlineTimer: Instant?
  var backoffTimer: Instant?
  var indexTimer: Instant?
}

/// A pod that has ended, or counts as such, and is not yet in its job's counters.
struct UncountedPod: Hashable, Sendable {
  enum Outcome: Sendable {
    case succeeded
    case failed
    /// In no counter: ignored by a podFailurePolicy, killed at the end of a job that succeeded, or of an index, which
    /// is recorded by itself.
    case neither
  }

  var ref: PodRef
  var outcome: Outcome
}

extension JobRecord {
  /// Puts the pod in line for the counters.
  mutating func enqueue(_ pod: UncountedPod) {
    expect(pod.outcome, 1)
    uncounted.append(pod)
  }

  /// The next pod in line.
  mutating func dequeue() -> UncountedPod? {
    guard let pod = uncounted.popFirst() else { return nil }
    expect(pod.outcome, -1)
    return pod
  }

  /// Keeps the finalizer of the failed pod until its index has a successor.
  mutating func hold(_ pod: UncountedPod, index: Int) {
    expect(pod.outcome, 1)
    lastFailed[index] = pod
  }

  /// The index has got a new pod, which carries the failures of the last one on.
  mutating func noteSuccessor(index: Int) {
    if let pod = lastFailed.removeValue(forKey: index) { replaced.append(pod) }
  }

  /// Puts pods in line that were replaced in an earlier sync.
  mutating func enqueueReplaced() {
    uncounted += replaced
    replaced.removeAll()
  }

  /// The index needs its last failed pod no more: it is done, or is never tried again.
  mutating func releaseLastFailed(index: Int, counts: Bool = true) {
    guard var pod = lastFailed.removeValue(forKey: index) else { return }
    expect(pod.outcome, -1)
    if !counts { pod.outcome = .neither }
    enqueue(pod)
  }

  /// The pods have not ended after all.
  mutating func takeBack(_ refs: Set<PodRef>) {
    let lines = Array(uncounted) + replaced + lastFailed.values
    for pod in lines where refs.contains(pod.ref) { expect(pod.outcome, -1) }
    ended.removeAll { refs.contains($0) }
    uncounted.removeAll { refs.contains($0.ref) }
    replaced.removeAll { refs.contains($0.ref) }
    lastFailed = lastFailed.filter { !refs.contains($0.value.ref) }
  }

  private mutating func expect(_ outcome: UncountedPod.Outcome, _ difference: Int) {
    switch outcome {
    case .succeeded: newSucceeded += difference
    case .failed: newFailed += difference
    case .neither: break
    }
  }
}
