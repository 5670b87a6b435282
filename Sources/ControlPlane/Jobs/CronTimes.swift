import KubeModel

/// Why a cron job has no times, as an event says it.
struct CronTimesError: Error {
  var reason: String
  var message: String
}

/// What a cron job's schedule asks for.
enum DueSlot: Hashable, Sendable {
  /// Nothing since the last run.
  case none
  /// The latest slot that was not run, and about how many there are.
  case slot(Instant, missed: Int)
  /// The schedule names no date that exists.
  case never
}

/// A cron job's schedule in its time zone.
struct CronTimes: Sendable {
  var schedule: CronSchedule
  var zone: TimeZoneRules
  private let zoneName: String?

  init(_ spec: CronJobSpec, local: TimeZoneRules) throws(CronTimesError) {
    zoneName = spec.timeZone
    do throws(TimeZoneError) {
      zone = try spec.timeZone.map { name throws(TimeZoneError) in try TimeZoneRules(named: name) } ?? local
    } catch {
      throw CronTimesError(
        reason: "UnknownTimeZone", message: "invalid timeZone: \"\(spec.timeZone ?? "")\": \(error.message)")
    }
    do throws(CronError) {
      schedule = try CronSchedule(spec.schedule)
    } catch {
      throw CronTimesError(
        reason: "UnparseableSchedule", message: "unparseable schedule: \"\(spec.schedule)\" : \(error.message)")
    }
  }

  // MARK: Which slot

  /// The latest slot since the last run, or since the cron job's creation, but for those before the deadline.
  func due(of cronJob: CronJob, at now: Instant, deadline: Duration?) -> DueSlot {
    let last = lastRun(of: cronJob, at: now)
    return due(after: deadline.map { max(last, now - $0) } ?? last, upTo: now)
  }

  /// The latest slot in (`earliest`, `now`].
  func due(after earliest: Instant, upTo now: Instant) -> DueSlot {
    guard let first = schedule.next(after: earliest, in: zone) else { return .never }
    if now < first { return .none }
    guard let second = schedule.next(after: first, in: zone) else { return .never }
    if now < second { return .slot(first, missed: 1) }
    // The distance of the first two stands for that of all, as in Kubernetes.
    let interval = second.seconds - first.seconds
    let missed = Int((now.seconds - first.seconds) / interval) + 1
    return .slot(latest(from: first, upTo: now), missed: missed)
  }

  /// The last slot up to `now`, of which `first` is one. O(log of the time between).
  private func latest(from first: Instant, upTo now: Instant) -> Instant {
    if let period = schedule.period {
      let seconds = period.components.seconds
      return first + .seconds((now.seconds - first.seconds) / seconds * seconds)
    }
    // Slots after `low` are found up to `now`, none after `high`.
    var low = first.seconds - 1
    var high = now.seconds
    var latest = first
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if let slot = schedule.next(after: Instant(seconds: middle), in: zone), slot <= now {
        latest = slot
        low = max(middle, slot.seconds - 1)
      } else {
        high = middle
      }
    }
    return latest
  }

  private func lastRun(of cronJob: CronJob, at now: Instant) -> Instant {
    cronJob.status.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? now
  }

  /// The slot to wake up for: the first one after the latest that has come, which is `due` without a deadline.
  func next(of cronJob: CronJob, after due: DueSlot, at now: Instant) -> Instant? {
    switch due {
    case .none: return schedule.next(after: lastRun(of: cronJob, at: now), in: zone)
    case .slot(let latest, _): return schedule.next(after: latest, in: zone)
    case .never: return schedule.next(after: now, in: zone)
    }
  }

  // MARK: Its job

  /// The job that is to run for a slot.
  func job(of cronJob: CronJob, name: String, slot: Instant) -> Job {
    var job = cronJob.job(named: name)
    // In UTC where the cron job names no zone, even if its controller's own is another one.
    job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] =
      zoneName == nil ? slot.description : zone.rfc3339(slot)
    return job
  }
}

extension TimeZoneRules {
  /// A time as clocks in this zone show it, with their offset.
  func rfc3339(_ instant: Instant) -> String {
    let offset = offset(at: instant.seconds)
    guard offset != 0 else { return instant.description }
    let local = Instant(seconds: instant.seconds + offset).description.dropLast()
    let minutes = abs(offset) / 60
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(local)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
  }
}
