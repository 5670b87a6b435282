internal import KubeModel

/// The histories of all kinds of work, also when their jobs are gone. Where there are too many, those that were used
/// longest ago go.
struct RunHistories: Sendable {
  private struct Entry: Sendable {
    var digest: WorkDigest
    var history = RunHistory()
    var lastUse = 0
  }

  /// Tells apart, in what is remembered, clusters that run the same work in different ways.
  var scope = ""
  private var entries: [WorkID: Entry] = [:]
  /// What earlier sessions knew, until a job of that work is met.
  private var remembered: [WorkDigest: RunHistory] = [:]
  /// Work that earlier sessions knew nothing of.
  private var unknown: Set<WorkID> = []
  private var uses = 0
  private let limit: Int
  /// Grows with every run that was not known.
  private(set) var revision = 0

  init(limit: Int = 50_000) { self.limit = limit }

  var count: Int { entries.count }

  subscript(work: WorkID) -> RunHistory { entries[work]?.history ?? RunHistory() }

  /// Takes in a job that came or changed: a run that succeeded is remembered, one that goes on keeps what is known.
  mutating func note(_ job: JobItem) {
    uses += 1
    if entries[job.work] == nil, !remembered.isEmpty { recall(job) }
    entries[job.work]?.lastUse = uses
    guard job.isFinished, job.hasSucceeded, let ended = job.finished, let took = job.elapsed(ended) else { return }
    if entries[job.work] == nil { entries[job.work] = Entry(digest: WorkDigest(job.job, scope: scope), lastUse: uses) }
    let before = entries[job.work]?.history
    entries[job.work]?.history.note(job.uid, took: took, ended: ended)
    if entries[job.work]?.history != before { revision += 1 }
    if entries.count > limit { letGo() }
  }

  /// Takes up what earlier sessions knew of a job's work.
  private mutating func recall(_ job: JobItem) {
    guard !unknown.contains(job.work) else { return }
    let digest = WorkDigest(job.job, scope: scope)
    if let history = remembered.removeValue(forKey: digest) {
      entries[job.work] = Entry(digest: digest, history: history, lastUse: uses)
    } else {
      // Asked again later, which costs time and nothing else.
      if unknown.count >= 100_000 { unknown = [] }
      unknown.insert(job.work)
    }
  }

  mutating func recall(_ known: [WorkDigest: RunHistory]) {
    remembered = known
    unknown = []
  }

  /// What is to be remembered: the works whose last run ended last, at most `limit`.
  func latest(_ limit: Int) -> [WorkDigest: RunHistory] {
    var known = remembered
    for entry in entries.values where entry.history.count > 0 { known[entry.digest] = entry.history }
    guard known.count > limit else { return known }
    let order = known.map { (ended: $1.latest ?? .distantPast, digest: $0) }
      .sorted { ($1.ended, $0.digest) < ($0.ended, $1.digest) }
    return Dictionary(uniqueKeysWithValues: order.prefix(limit).map { ($0.digest, known[$0.digest] ?? RunHistory()) })
  }

  /// Lets a tenth go at once, so that it costs O(log n) a job.
  private mutating func letGo() {
    let uses = entries.values.map(\.lastUse).sorted()
    let oldest = uses[max(0, limit / 10 - 1)]
    entries = entries.filter { $0.value.lastUse > oldest }
  }
}

extension Instant {
  fileprivate static let distantPast = Instant(seconds: -1 << 40)
}
