import HeapModule
import KubeModel

/// What is to happen at a given time. Slots carry the sequence number of their tenant, so that a timer of an object
/// that is gone finds nobody.
enum TimerAction: Hashable, Sendable {
  case syncJob(JobRef)
  case expireJob(JobRef)
  case syncCronJob(namespace: String, name: String)
  case restartContainer(PodRef, container: Int)
  case mountVolumes(PodRef)
  case probe(PodRef, container: Int, ProbeKind)
  case podDeadline(PodRef)
  case evictByTaint(PodRef)
  case collectPods
  case schedule
  case expireEvents
  case expireClientEvent(ObjectKey)
}

/// Timers by due time; those due at the same instant fire in the order in which they were set.
struct TimerQueue: Sendable {
  private struct Timer: Comparable, Sendable {
    var due: Instant
    var order: UInt64
    var action: TimerAction

    static func < (left: Timer, right: Timer) -> Bool { (left.due, left.order) < (right.due, right.order) }
    static func == (left: Timer, right: Timer) -> Bool { left.order == right.order }
  }

  private var heap = Heap<Timer>()
  private var nextOrder: UInt64 = 0

  var nextDue: Instant? { heap.min?.due }

  mutating func set(_ action: TimerAction, at due: Instant) {
    heap.insert(Timer(due: due, order: nextOrder, action: action))
    nextOrder += 1
  }

  /// Takes the first timer that is due at `instant`, if there is one.
  mutating func takeDue(at instant: Instant) -> TimerAction? {
    guard let first = heap.min, first.due <= instant else { return nil }
    return heap.removeMin().action
  }
}
