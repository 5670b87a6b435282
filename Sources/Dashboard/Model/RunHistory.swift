internal import KubeModel

/// How long earlier runs of the same work took.
struct RunHistory: Hashable, Sendable {
  struct Run: Hashable, Sendable {
    /// A digest of the job's UID: reading the cluster again tells of the same runs once more, and so does another
    /// session.
    var job: UInt64
    var ended: Instant
    var took: Duration
  }

  /// The latest runs that succeeded, the shortest first.
  private(set) var runs: [Run] = []
  /// Runs that are remembered.
  static let limit = 20

  var count: Int { runs.count }
  /// When the latest run ended.
  var latest: Instant? { runs.lazy.map(\.ended).max() }

  mutating func note(_ job: String, took: Duration, ended: Instant) {
    note(Run(job: Digest.of(job), ended: ended, took: took))
  }

  mutating func note(_ run: Run) {
    runs.removeAll { $0.job == run.job }
    let place = runs.firstIndex { $0.took > run.took } ?? runs.count
    runs.insert(run, at: place)
    guard runs.count > Self.limit, let oldest = runs.indices.min(by: { runs[$0].ended < runs[$1].ended }) else {
      return
    }
    runs.remove(at: oldest)
  }

  /// Without the run of a job, with which it can be compared then.
  func excluding(_ job: String) -> RunHistory {
    var others = self
    let job = Digest.of(job)
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
