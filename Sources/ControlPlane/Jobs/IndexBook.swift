import HeapModule
import KubeModel

/// Which completion indexes of an Indexed job are done, taken and free.
struct IndexBook: Sendable {
  private(set) var succeeded = IndexRanges()
  /// Those that are not tried again (backoffLimitPerIndex, FailIndex).
  private(set) var failed = IndexRanges()
  /// Those that wait before they are tried again.
  private var held = Heap<Hold>()
  private var heldUntil: [Int: Instant] = [:]
  /// The keys of `heldUntil`, ascending: such an index uses up a place among the job's pods, as it does in Kubernetes.
  private var waiting: [Int] = []
  private var taken: [Int: Int] = [:]
  /// Indexes that were given out and came back; some may be taken or done again by now.
  private var returned = Heap<Int>()
  /// Indexes from here on have never been given out.
  private var next = 0
  /// Whether `succeeded` or `failed` may differ from what the job's status says.
  var hasNews = true

  mutating func take(_ index: Int) {
    taken[index, default: 0] += 1
    endHold(index)
    // After a restart pods come back in any order.
    while next <= index {
      if next < index { returned.insert(next) }
      next += 1
    }
  }

  /// Whether the index is not there for another pod to run.
  func isGiven(_ index: Int) -> Bool { taken[index] != nil || succeeded.contains(index) }

  /// Whether the index will have another pod after one that failed: it is not done, not failed, and nothing runs it.
  func isPending(_ index: Int) -> Bool { !isGiven(index) && !failed.contains(index) }

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
    hasNews = true
    while next <= index {
      if next < index { returned.insert(next) }
      next += 1
    }
    return true
  }

  /// The index is not tried again.
  mutating func fail(_ index: Int) {
    failed.insert(index)
    hasNews = true
  }

  /// The index is not tried again before `due`.
  mutating func hold(_ index: Int, until due: Instant) {
    if heldUntil.updateValue(due, forKey: index) == nil { waiting.insert(index, at: waitingBelow(index)) }
    held.insert(Hold(due: due, index: index))
  }

  private mutating func endHold(_ index: Int) {
    guard heldUntil.removeValue(forKey: index) != nil else { return }
    waiting.remove(at: waitingBelow(index))
  }

  /// How many indexes below this one wait for their backoff.
  private func waitingBelow(_ index: Int) -> Int {
    var low = 0
    var high = waiting.count
    while low < high {
      let middle = (low + high) / 2
      if waiting[middle] < index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The index that the next pod runs, if one may start at `now`: the lowest below `completions` that is neither taken
  /// nor done nor failed nor waiting. It must be among the first `room` that are not done, of which those that wait
  /// are part (Kubernetes: firstPendingIndexes).
  mutating func nextToRun(below completions: Int, at now: Instant, room: Int) -> Int? {
    while let first = held.min, first.due <= now {
      held.removeMin()
      if heldUntil[first.index] == first.due { endHold(first.index) }
      returned.insert(first.index)
    }
    guard let index = lowestFree(below: completions), waitingBelow(index) < room else { return nil }
    return index
  }

  private mutating func lowestFree(below completions: Int) -> Int? {
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

  /// Forgets how indexes ended that the job no longer has; should it have them again, they run again.
  mutating func forget(from completions: Int) {
    if let last = succeeded.last, last >= completions {
      for index in completions...last where succeeded.remove(index) { returned.insert(index) }
      hasNews = true
    }
    if let last = failed.last, last >= completions {
      for index in completions...last where failed.remove(index) { returned.insert(index) }
      hasNews = true
    }
  }

  /// For tests: what contradicts the number of pods that hold each index.
  func checkInvariants(holders: [Int: Int]) -> [String] {
    var problems: [String] = []
    if holders != taken { problems.append("indexes taken \(taken), by recount \(holders)") }
    let free = Set(returned.unordered)
    for index in 0..<next where isFree(index) && !free.contains(index) { problems.append("index \(index) is lost") }
    if waiting != heldUntil.keys.sorted() { problems.append("indexes that wait \(waiting), are \(heldUntil.keys)") }
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
