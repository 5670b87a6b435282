internal import KubeModel

/// Jobs that run longer than usual, found without looking at those that don't: of each kind of work only when its oldest
/// run becomes late is kept in order.
struct LateRuns: Sendable {
  private struct Run: Hashable, Comparable, Sendable {
    let start: Instant
    let job: ItemRef
    let namespace: String

    init?(_ item: JobItem?) {
      guard let item, item.settled == nil, let start = item.job.status.startTime else { return nil }
      (self.start, job, namespace) = (start, ItemRef(item), item.namespace)
    }

    static func < (left: Run, right: Run) -> Bool { (left.start, left.job.id) < (right.start, right.job.id) }
  }

  private struct Due: Hashable, Comparable, Sendable {
    let at: Instant
    let work: WorkID
    /// The oldest run: it tells apart what falls due at the same time.
    let job: String

    static func < (left: Due, right: Due) -> Bool { (left.at, left.job) < (right.at, right.job) }
  }

  private struct Work: Sendable {
    var runs = OrderedPieces<Run>()
    var usual: Duration?
    var due: Due?
  }

  private var works: [WorkID: Work] = [:]
  private var due = OrderedPieces<Due>()

  mutating func replace(_ old: JobItem?, _ new: JobItem?, _ histories: RunHistories) {
    let (before, after) = (Run(old), Run(new))
    if before != after {
      if let before, let old { works[old.work]?.runs.remove(before) }
      if let after, let new { works[new.work, default: Work()].runs.insert(after) }
    }
    // A run that has ended changes what is usual; one that goes on, at most which run is the oldest.
    for work in Set([old?.work, new?.work].compactMap { $0 }) { renew(work, histories[work].longest) }
  }

  private mutating func renew(_ id: WorkID, _ usual: Duration?) {
    guard var work = works.removeValue(forKey: id) else { return }
    work.usual = usual
    let next = work.runs.first.flatMap { run in usual.map { Due(at: run.start + $0, work: id, job: run.job.id) } }
    if next != work.due {
      if let old = work.due { due.remove(old) }
      if let next { due.insert(next) }
      work.due = next
    }
    if !work.runs.isEmpty { works[id] = work }
  }

  /// Those that are late, the longest first, at most `limit`.
  func late(at now: Instant, in shown: Shown, limit: Int) -> [Attention.Entry] {
    var found: [Attention.Entry] = []
    for next in due.elements().prefix(while: { $0.at < now }) where found.count < limit {
      guard let work = works[next.work], let usual = work.usual else { continue }
      found += work.runs.elements().prefix { $0.start + usual < now }.prefix(limit - found.count)
        .filter { shown.includes(namespace: $0.namespace) }
        .map { Attention.Entry(concern: .late, from: $0.start + usual, object: $0.job, namespace: $0.namespace) }
    }
    return found.sorted()
  }
}
