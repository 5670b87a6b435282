internal import KubeModel

/// Runs of a cron job that did not take place, and why, as far as its schedule, its runs and its events tell.
struct MissedRuns {
  enum Reason: Hashable, Sendable {
    /// Its concurrencyPolicy is Forbid, and one before it still ran: the job's name, where it is known.
    case forbidden(by: String?)
    /// It would have begun later than startingDeadlineSeconds allows.
    case deadline
    /// Its time has passed, and nothing has come of it: the controller may be down, or the cron job was suspended then.
    case unknown
  }

  struct Run: Hashable, Sendable {
    /// `nil` where only their number is told.
    let at: Instant?
    let reason: Reason
    var count = 1
  }

  /// The oldest first. Of those with ``Reason/unknown`` reason only such as came after the last run.
  private(set) var runs: [Run] = []
  /// Times between earlier runs for which nothing was run and nothing tells why.
  private(set) var gaps: [Instant] = []

  /// More are as good as countless.
  static let limit = 100

  var count: Int { runs.reduce(0) { $0.saturatingAdd($1.count) } }

  init(_ cronJob: CronJobItem, _ store: Store, now: Instant) {
    let known = MissedRuns.known(cronJob, store)
    let ran = Set(known.compactMap(\.slot))
    var found: [Instant: Reason] = [:]
    var untimed = 0
    let isForbid = cronJob.cronJob.spec.concurrencyPolicy == "Forbid"
    // What a run was in the way of: its start and its end are known while its job is there.
    func blocker(at slot: Instant) -> String? {
      known.first { run in
        guard let start = run.start, start < slot else { return false }
        return run.end.map { $0 > slot } ?? run.isActive
      }?.name
    }
    for event in store.eventItems(of: cronJob.uid).map(\.event) {
      switch event.reason {
      case "JobAlreadyActive":
        guard let first = event.firstSeen, let last = event.lastSeen else { continue }
        for slot in cronJob.slots(after: first - CronJobItem.grace, until: last, limit: MissedRuns.limit)
        where !ran.contains(slot) { found[slot] = .forbidden(by: blocker(at: slot)) }
      case "MissSchedule":
        // `Missed scheduled time to start a job: Mon, 23 Nov 2026 11:07:04 +0000`
        if let slot = Instant(rfc1123: String(event.message.suffix(31))), event.occurrences <= 1 {
          if !ran.contains(slot) { found[slot] = .deadline }
        } else {
          untimed += max(1, event.occurrences)
        }
      default: break
      }
    }
    let deadline = cronJob.cronJob.spec.startingDeadlineSeconds.map { Duration.seconds($0) }
    let isActive = !cronJob.cronJob.status.active.isEmpty
    for slot in cronJob.overdueTimes(at: now) where found[slot] == nil && !ran.contains(slot) {
      if isForbid, isActive {
        found[slot] = .forbidden(by: blocker(at: slot) ?? cronJob.cronJob.status.active.first?.name)
      } else {
        found[slot] = deadline.map { slot + $0 < now } == true ? .deadline : .unknown
      }
    }
    runs = found.sorted { $0.key < $1.key }.suffix(MissedRuns.limit).map { Run(at: $0.key, reason: $0.value) }
    if untimed > 0 { runs.insert(Run(at: nil, reason: .deadline, count: untimed), at: 0) }
    gaps = MissedRuns.gaps(cronJob, ran.sorted(), told: Set(found.keys))
  }

  private struct Known {
    let name: String
    /// The time that it was made for.
    let slot: Instant?
    let start: Instant?
    let end: Instant?
    var isActive = false
  }

  private static func known(_ cronJob: CronJobItem, _ store: Store) -> [Known] {
    // A controller names jobs after the minutes since 1970.
    func slot(_ name: String) -> Instant? {
      guard name.hasPrefix(cronJob.name + "-"), let minutes = Int64(name.dropFirst(cronJob.name.count + 1)),
        minutes > 0, minutes < 1 << 40
      else { return nil }
      return Instant(seconds: minutes * 60)
    }
    let told = store.eventItems(of: cronJob.uid).compactMap { PastRuns.run(toldBy: $0.event) }
    let past = (store.pastRuns.of(cronJob.uid) + told).map {
      Known(name: $0.name, slot: slot($0.name), start: nil, end: nil)
    }
    let jobs = store.jobItems(ofOwner: cronJob.uid).map { job in
      let annotation = job.job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]
      return Known(
        name: job.name, slot: annotation.flatMap(Instant.init(rfc3339:)) ?? slot(job.name),
        start: job.job.status.startTime ?? job.created, end: job.finished, isActive: !job.isFinished)
    }
    return jobs + past
  }

  /// The times between runs, as far back as the runs were made for times that the schedule names.
  private static func gaps(_ cronJob: CronJobItem, _ ran: [Instant], told: Set<Instant>) -> [Instant] {
    var gaps: [Instant] = []
    for (older, newer) in zip(ran, ran.dropFirst()).reversed() {
      guard cronJob.slots(after: older - .seconds(1), until: older, limit: 1) == [older] else { break }
      let between = cronJob.slots(after: older, until: newer - .seconds(1), limit: limit).filter { slot in
        !told.contains(slot) && cronJob.scheduledSince.map { slot > $0 } ?? true
      }
      gaps = between + gaps
      if gaps.count >= limit { break }
    }
    return Array(gaps.suffix(limit))
  }
}

extension Instant {
  /// Reads `Mon, 23 Nov 2026 11:07:04 +0000`; `nil` for anything else.
  init?(rfc1123 text: String) {
    let words = text.split(separator: " ")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard words.count == 6, words[5] == "+0000", let month = months.firstIndex(of: String(words[2])) else { return nil }
    self.init(rfc3339: "\(words[3])-\(Format.two(month + 1))-\(words[1])T\(words[4])Z")
  }
}
