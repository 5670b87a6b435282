internal import KubeModel

/// How long earlier runs of the same work took.
struct RunHistory: Hashable, Sendable {
  private struct Run: Hashable, Sendable {
    /// The job's UID, hashed: reading the cluster again tells of the same runs once more.
    var job: Int
    var ended: Instant
    var took: Duration
  }

  /// The latest runs that succeeded, the shortest first.
  private var runs: [Run] = []
  /// Runs that are remembered.
  private static let limit = 20

  var count: Int { runs.count }

  mutating func note(_ job: String, took: Duration, ended: Instant) {
    let job = job.hashValue
    runs.removeAll { $0.job == job }
    let place = runs.firstIndex { $0.took > took } ?? runs.count
    runs.insert(Run(job: job, ended: ended, took: took), at: place)
    guard runs.count > Self.limit, let oldest = runs.indices.min(by: { runs[$0].ended < runs[$1].ended }) else {
      return
    }
    runs.remove(at: oldest)
  }

  /// Without the run of a job, with which it can be compared then.
  func excluding(_ job: String) -> RunHistory {
    var others = self
    let job = job.hashValue
    others.runs.removeAll { $0.job == job }
    return others
  }

  /// What a part of the runs takes at most; between two runs it is in proportion. `nil` before there was one.
  private func quantile(_ share: Double) -> Duration? {
    guard !runs.isEmpty else { return nil }
    let place = share * Double(runs.count - 1)
    let below = Int(place)
    let above = min(below + 1, runs.count - 1)
    return runs[below].took + (runs[above].took - runs[below].took) * (place - Double(below))
  }

  /// What a run takes as a rule.
  var median: Duration? { quantile(0.5) }

  /// What half of the runs took, those in the middle.
  var middle: ClosedRange<Duration>? {
    guard let low = quantile(0.25), let high = quantile(0.75) else { return nil }
    return low...high
  }

  /// The shortest and the longest run that is remembered.
  var spread: ClosedRange<Duration>? {
    guard let first = runs.first, let last = runs.last else { return nil }
    return first.took...last.took
  }

  /// The longest that a run may take without being clearly longer than usual: twice the median, and what the middle half
  /// leaves room for, so that a single slow run among many hides nothing and a wide spread cries no wolf.
  var longest: Duration? {
    guard let median, let middle else { return nil }
    let fence = middle.upperBound + (middle.upperBound - middle.lowerBound) * 1.5
    return max(median * 2, fence, median + .seconds(5))
  }

  /// Whether a run that goes on for `elapsed` is clearly longer than usual.
  func isExceeded(by elapsed: Duration) -> Bool { longest.map { elapsed > $0 } ?? false }

  /// `about 4m (half of 12 runs took 3m to 5m, all of them 2m to 9m)`
  var text: String? {
    guard let median, let middle, let spread else { return nil }
    func range(_ range: ClosedRange<Duration>) -> String {
      let (low, high) = (humanDuration(range.lowerBound), humanDuration(range.upperBound))
      return low == high ? low : "\(low) to \(high)"
    }
    let basis =
      switch count {
      case 1: "as its one earlier run did"
      case 2, 3: "\(count) runs took \(range(spread))"
      default: "half of \(count) runs took \(range(middle)), all of them \(range(spread))"
      }
    return "about \(humanDuration(median)) (\(basis))"
  }
}

/// What runs of the same work have in common: the namespace and what is run, not the name. A cron job's jobs and a job
/// run again share it; one that was run again with another command does not.
struct WorkID: Hashable, Sendable {
  private let fingerprint: Int

  init(_ job: Job) {
    var hasher = Hasher()
    hasher.combine(job.metadata.namespace)
    hasher.combine(job.spec.template.spec)
    hasher.combine(job.spec.completions)
    hasher.combine(job.spec.parallelism)
    hasher.combine(job.spec.completionMode)
    fingerprint = hasher.finalize()
  }
}

/// The histories of all kinds of work, also when their jobs are gone. Where there are too many, those that were used
/// longest ago go.
struct RunHistories: Sendable {
  private struct Entry: Sendable {
    var history = RunHistory()
    var lastUse = 0
  }

  private var entries: [WorkID: Entry] = [:]
  private var uses = 0
  private let limit: Int

  init(limit: Int = 50_000) { self.limit = limit }

  var count: Int { entries.count }

  subscript(work: WorkID) -> RunHistory { entries[work]?.history ?? RunHistory() }

  /// Takes in a job that came or changed: a run that succeeded is remembered, one that goes on keeps what is known.
  mutating func note(_ job: JobItem) {
    uses += 1
    entries[job.work]?.lastUse = uses
    guard job.isFinished, job.hasSucceeded, let ended = job.finished, let took = job.elapsed(ended) else { return }
    entries[job.work, default: Entry(lastUse: uses)].history.note(job.uid, took: took, ended: ended)
    if entries.count > limit { letGo() }
  }

  /// Lets a tenth go at once, so that it costs O(log n) a job.
  private mutating func letGo() {
    let uses = entries.values.map(\.lastUse).sorted()
    let oldest = uses[max(0, limit / 10 - 1)]
    entries = entries.filter { $0.value.lastUse > oldest }
  }
}
