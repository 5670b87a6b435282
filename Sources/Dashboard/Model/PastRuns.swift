internal import KubeModel

/// How the last runs of cron jobs ended, also of those whose jobs are long gone: a cron job keeps three that succeeded
/// and one that failed unless its limits say otherwise.
struct PastRuns: Sendable {
  struct Run: Hashable, Sendable {
    var name: String
    var created: Instant
    var hasFailed: Bool
  }

  /// So many are remembered of each.
  static let limit = 10

  /// By the cron job's UID, the oldest run first.
  private var runs: [String: [Run]] = [:]
  /// Grows with every change.
  private(set) var revision = 0

  init() {}

  /// Takes up what earlier sessions knew.
  init(_ runs: [String: [Run]]) { self.runs = runs }

  func of(_ cronJob: String) -> [Run] { runs[cronJob] ?? [] }

  /// A job has ended, or is there and has.
  mutating func note(_ job: JobItem) {
    guard job.isFinished, let owner = job.job.metadata.controller, owner.kind == Kind.cronJob.rawValue,
      let created = job.created
    else { return }
    let run = Run(name: job.name, created: created, hasFailed: job.hasFailed)
    var known = of(owner.uid)
    known.removeAll { $0.name == run.name }
    let place = known.firstIndex { ($0.created, $0.name) > (run.created, run.name) } ?? known.count
    known.insert(run, at: place)
    let kept = Array(known.suffix(PastRuns.limit))
    guard kept != runs[owner.uid] else { return }
    runs[owner.uid] = kept
    revision += 1
  }

  mutating func forget(_ cronJob: String) {
    if runs.removeValue(forKey: cronJob) != nil { revision += 1 }
  }

  /// What is to be remembered: of the cron jobs that ran last, at most `limit`.
  func latest(_ limit: Int) -> [String: [Run]] {
    guard runs.count > limit else { return runs }
    let order = runs.sorted {
      ($1.value.last?.created.microseconds ?? 0, $0.key) < ($0.value.last?.created.microseconds ?? 0, $1.key)
    }
    return Dictionary(uniqueKeysWithValues: order.prefix(limit).map { ($0.key, $0.value) })
  }

  /// What an event tells of a run that nobody here has seen: `Saw completed job: NAME, condition: Failed`.
  static func run(toldBy event: Event) -> Run? {
    guard event.reason == "SawCompletedJob", let seen = event.lastSeen else { return nil }
    let parts = event.message.split(separator: ": ")
    guard parts.count == 3, let name = parts[1].split(separator: ",").first else { return nil }
    return Run(name: String(name), created: seen, hasFailed: parts[2] == "Failed")
  }
}
