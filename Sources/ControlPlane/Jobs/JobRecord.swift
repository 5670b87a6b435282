import HeapModule
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
  /// Pods that have ended (or count as such) and are not yet in the counters, in the order in which they ended.
  var toCount: [PodRef] = []
  var indexes = IndexBook()
  /// Whether pods that the job did not make for a free index may be among its own.
  var hasAdopted = false
  var backoff = Backoff()
  /// What every new pod of the job is copied from; `nil` after a change of the template.
  var prototype: Pod?
  /// What the scheduler needs to know of such a pod.
  var requirements: PodRequirements?
  var failuresByIndex: [Int: IndexFailures] = [:]
  /// Failed attempts to create a pod since the last one that worked; they are repeated after 1 s doubling to 60 s.
  var createFailures = 0
  var isQueued = false
  /// When a batched sync is due, so that it is asked for once.
  var batchedSync: Instant?
  /// Timers that have been set, so that each is set once.
  var deadlineTimer: Instant?
  var backoffTimer: Instant?
}

/// Failed pods of one completion index so far.
struct IndexFailures: Hashable, Sendable {
  var counted = 0
  /// Those that podFailurePolicy ignored.
  var ignored = 0
}

/// Which completion indexes of an Indexed job are done, taken and free.
struct IndexBook: Sendable {
  private(set) var succeeded = IndexRanges()
  /// Those that are not tried again (backoffLimitPerIndex, FailIndex).
  private(set) var failed = IndexRanges()
  /// Those that wait before they are tried again.
  private var held = Heap<Hold>()
  private var heldUntil: [Int: Instant] = [:]
  private var taken: [Int: Int] = [:]
  /// Indexes that were given out and came back; some may be taken or done again by now.
  private var returned = Heap<Int>()
  /// Indexes from here on have never been given out.
  private var next = 0

  mutating func take(_ index: Int) {
    taken[index, default: 0] += 1
    // After a restart pods come back in any order.
    while next <= index {
      if next < index { returned.insert(next) }
      next += 1
    }
  }

  /// Whether the index is not there for another pod to run.
  func isGiven(_ index: Int) -> Bool { taken[index] != nil || succeeded.contains(index) }

  /// Whether a pod has an index from `completions` on. O(1) for a job whose completions never changed.
  func hasTaken(from completions: Int) -> Bool { next > completions && taken.keys.contains { $0 >= completions } }

  mutating func giveBack(_ index: Int) {
    let left = (taken[index] ?? 1) - 1
    taken[index] = left == 0 ? nil : left
    if left == 0, !succeeded.contains(index) { returned.insert(index) }
  }

  /// Notes a success; `false` where the index was done already.
  mutating func succeed(_ index: Int) -> Bool {
    guard succeeded.insert(index) else { return false }
    while next <= index {
      if next < index { returned.insert(next) }
      next += 1
    }
    return true
  }

  /// The index is not tried again.
  mutating func fail(_ index: Int) { failed.insert(index) }

  /// The index is not tried again before `due`.
  mutating func hold(_ index: Int, until due: Instant) {
    heldUntil[index] = due
    held.insert(Hold(due: due, index: index))
  }

  /// The lowest index below `completions` that is neither taken nor done nor held at `now`; it stays free until a pod
  /// takes it.
  mutating func lowestFree(below completions: Int, at now: Instant) -> Int? {
    while let first = held.min, first.due <= now {
      held.removeMin()
      if heldUntil[first.index] == first.due { heldUntil[first.index] = nil }
      returned.insert(first.index)
    }
    while let candidate = returned.min {
      guard isFree(candidate) else {
        returned.removeMin()
        continue
      }
      return candidate < completions ? candidate : nil
    }
    while next < completions, !isFree(next) { next += 1 }
    return next < completions ? next : nil
  }

  private func isFree(_ index: Int) -> Bool {
    taken[index] == nil && heldUntil[index] == nil && !succeeded.contains(index) && !failed.contains(index)
  }

  mutating func restore(succeeded: IndexRanges, failed: IndexRanges) {
    self.succeeded = succeeded
    self.failed = failed
  }

  /// Forgets successes of indexes that the job no longer has; should it have them again, they run again.
  mutating func forgetSuccesses(from completions: Int) {
    guard let last = succeeded.last, last >= completions else { return }
    for index in completions...last where succeeded.remove(index) { returned.insert(index) }
  }

  /// For tests: what contradicts the number of pods that hold each index.
  func checkInvariants(holders: [Int: Int]) -> [String] {
    var problems: [String] = []
    if holders != taken { problems.append("indexes taken \(taken), by recount \(holders)") }
    let free = Set(returned.unordered)
    for index in 0..<next where isFree(index) && !free.contains(index) { problems.append("index \(index) is lost") }
    for index in heldUntil.keys where !held.unordered.contains(where: { $0.index == index }) {
      problems.append("index \(index) is held for ever")
    }
    return problems
  }

  private struct Hold: Comparable, Sendable {
    var due: Instant
    var index: Int

    static func < (left: Hold, right: Hold) -> Bool { (left.due, left.index) < (right.due, right.index) }
  }
}

/// The delay before a failed pod is replaced (Kubernetes: backoff_utils.go): 10 s doubling to 10 min, from the end of
/// the latest failure, reset by a success.
struct Backoff: Hashable, Sendable {
  static let base = Duration.seconds(10)
  static let limit = Duration.seconds(600)

  var failuresSinceSuccess = 0
  var lastFailure: Instant?

  /// Takes in how pods ended; `finishes` in the order of their times.
  mutating func note(_ finishes: [(time: Instant, succeeded: Bool)]) {
    for finish in finishes {
      if finish.succeeded {
        failuresSinceSuccess = 0
        lastFailure = nil
      } else {
        failuresSinceSuccess += 1
        lastFailure = max(lastFailure ?? finish.time, finish.time)
      }
    }
  }

  /// When the next pod may be created; `nil` for now.
  var due: Instant? {
    guard failuresSinceSuccess > 0, let lastFailure else { return nil }
    return lastFailure + Backoff.delay(failures: failuresSinceSuccess)
  }

  static func delay(failures: Int) -> Duration {
    failures > 6 ? limit : min(limit, base * (1 << (failures - 1)))
  }
}
