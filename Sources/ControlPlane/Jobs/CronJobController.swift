import KubeModel

/// What the controller keeps about a cron job.
struct CronJobRecord: Sendable {
  /// The jobs that it controls and that still exist, by slot.
  var jobs: Set<Int> = []
  var isQueued = false
  /// The slot that the next timer is set for.
  var timer: Instant?
}

// The cron job controller: one sync of one cron job, in the order of Kubernetes' own (cronjob_controllerv2.go).
extension ControlPlane {
  /// The controller wakes this much after a slot, so that a clock that is a little slow has reached it.
  static let cronSlack = Duration.milliseconds(100)

  mutating func queueCronSync(_ key: ObjectKey) {
    guard case .cronJob(let cronJob)? = others[key] else { return }
    let uid = cronJob.metadata.uid
    guard cronRecords[uid]?.isQueued != true else { return }
    cronRecords[uid, default: CronJobRecord()].isQueued = true
    dirtyCronJobs.append(key)
  }

  /// Tells the cron job that controls this job, if one does, that the job has changed.
  mutating func queueCronSync(ofJob slot: Int) {
    let metadata = jobs.entries[slot].job.metadata
    guard let owner = metadata.controller, owner.kind == Kind.cronJob.rawValue else { return }
    queueCronSync(ObjectKey(.cronJob, namespace: metadata.namespace, name: owner.name))
  }

  mutating func syncCronJob(_ key: ObjectKey) {
    guard case .cronJob(var cronJob)? = others[key] else { return }
    let uid = cronJob.metadata.uid
    cronRecords[uid]?.isQueued = false
    let stored = cronJob
    trimHistory(&cronJob)
    reviewActive(&cronJob)
    if cronJob.metadata.deletionTimestamp == nil, cronJob.spec.suspend != true, let times = cronTimes(cronJob) {
      runDueSlot(&cronJob, times)
      setCronTimer(cronJob, times)
    }
    if cronJob != stored { changeOther(.cronJob(cronJob)) }
  }

  // MARK: What is there

  /// Deletes finished jobs beyond the history limits, the oldest first.
  private mutating func trimHistory(_ cronJob: inout CronJob) {
    for (type, limit) in [
      ("Complete", cronJob.spec.successfulJobsHistoryLimit), ("Failed", cronJob.spec.failedJobsHistoryLimit),
    ] {
      guard let limit else { continue }
      let finished = children(of: cronJob).filter { jobs.entries[$0].job.status.conditions.isTrue(type) }
        .sorted { left, right in
          let leftJob = jobs.entries[left].job
          let rightJob = jobs.entries[right].job
          let leftStart = leftJob.status.startTime ?? Instant(microseconds: .max)
          let rightStart = rightJob.status.startTime ?? Instant(microseconds: .max)
          return (leftStart, leftJob.metadata.name) < (rightStart, rightJob.metadata.name)
        }
      for slot in finished.dropLast(limit) { deleteChild(slot, of: &cronJob) }
    }
  }

  private mutating func deleteChild(_ slot: Int, of cronJob: inout CronJob) {
    let metadata = jobs.entries[slot].job.metadata
    deleteJob(slot, .background)
    cronJob.status.active.removeAll { $0.uid == metadata.uid }
    emitForCronJob(cronJob, "SuccessfulDelete", "Deleted job \(metadata.name)")
  }

  /// Takes what has finished or gone off the list of active jobs.
  private mutating func reviewActive(_ cronJob: inout CronJob) {
    for slot in children(of: cronJob) {
      let job = jobs.entries[slot].job
      let isListed = cronJob.status.active.contains { $0.uid == job.metadata.uid }
      if job.isFinished {
        if isListed {
          cronJob.status.active.removeAll { $0.uid == job.metadata.uid }
          let end = job.status.conditions.isTrue("Complete") ? "Complete" : "Failed"
          emitForCronJob(cronJob, "SawCompletedJob", "Saw completed job: \(job.metadata.name), condition: \(end)")
        }
        if let completed = job.status.completionTime, job.status.conditions.isTrue("Complete") {
          cronJob.status.lastSuccessfulTime = max(cronJob.status.lastSuccessfulTime ?? completed, completed)
        }
      } else if !isListed, job.metadata.deletionTimestamp == nil {
        // Kubernetes keeps such a job off the list too; one that a person triggered is expected.
        if job.metadata.annotations["cronjob.kubernetes.io/instantiate"] == nil {
          emitForCronJob(
            cronJob, "UnexpectedJob", "Saw a job that the controller did not create or forgot: \(job.metadata.name)",
            isWarning: true)
        }
      }
    }
    for reference in cronJob.status.active where jobs.slot(uid: reference.uid) == nil {
      cronJob.status.active.removeAll { $0.uid == reference.uid }
      emitForCronJob(cronJob, "MissingJob", "Active job went missing: \(reference.name)")
    }
  }

  private func children(of cronJob: CronJob) -> [Int] {
    (cronRecords[cronJob.metadata.uid]?.jobs ?? []).sorted { jobs.entries[$0].sequence < jobs.entries[$1].sequence }
  }

  // MARK: What is due

  /// The schedule in its zone; says what is wrong where it cannot be read.
  private mutating func cronTimes(_ cronJob: CronJob) -> CronTimes? {
    let zone: TimeZoneRules
    if let name = cronJob.spec.timeZone {
      do throws(TimeZoneError) {
        zone = try TimeZoneRules(named: name)
      } catch {
        emitForCronJob(cronJob, "UnknownTimeZone", "invalid timeZone: \"\(name)\": \(error.message)", isWarning: true)
        return nil
      }
    } else {
      zone = configuration.timeZone
    }
    do throws(CronError) {
      return CronTimes(schedule: try CronSchedule(cronJob.spec.schedule), zone: zone)
    } catch {
      emitForCronJob(
        cronJob, "UnparseableSchedule", "unparseable schedule: \"\(cronJob.spec.schedule)\" : \(error.message)",
        isWarning: true)
      return nil
    }
  }

  private mutating func runDueSlot(_ cronJob: inout CronJob, _ times: CronTimes) {
    var earliest = cronJob.status.lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? now
    let deadline = cronJob.spec.startingDeadlineSeconds.map { Duration.seconds($0) }
    if let deadline { earliest = max(earliest, now - deadline) }
    guard let due = times.latest(after: earliest, upTo: now) else { return }
    if due.missed > 100 {
      emitForCronJob(
        cronJob, "TooManyMissedTimes",
        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew",
        isWarning: true)
    }
    if let deadline, due.slot + deadline < now {
      return emitForCronJob(
        cronJob, "MissSchedule", "Missed scheduled time to start a job: \(due.slot.rfc1123)", isWarning: true)
    }
    let name = "\(cronJob.metadata.name)-\(due.slot.seconds / 60)"
    if cronJob.status.active.contains(where: { $0.name == name }) || cronJob.status.lastScheduleTime == due.slot {
      return
    }
    if cronJob.spec.concurrencyPolicy == "Forbid", !cronJob.status.active.isEmpty {
      return emitForCronJob(
        cronJob, "JobAlreadyActive",
        "Not starting job because prior execution is running and concurrency policy is Forbid")
    }
    if cronJob.spec.concurrencyPolicy == "Replace" {
      for reference in cronJob.status.active {
        if let slot = jobs.slot(uid: reference.uid) { deleteChild(slot, of: &cronJob) }
      }
    }
    start(&cronJob, name: name, slot: due.slot, times)
  }

  private mutating func start(_ cronJob: inout CronJob, name: String, slot: Instant, _ times: CronTimes) {
    var job = Job()
    job.metadata.name = name
    job.metadata.namespace = cronJob.metadata.namespace
    job.metadata.labels = cronJob.spec.jobTemplate.metadata.labels
    job.metadata.annotations = cronJob.spec.jobTemplate.metadata.annotations
    job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] = times.text(slot)
    var owner = OwnerReference()
    owner.apiVersion = Kind.cronJob.apiVersion
    owner.kind = Kind.cronJob.rawValue
    owner.name = cronJob.metadata.name
    owner.uid = cronJob.metadata.uid
    owner.controller = true
    owner.blockOwnerDeletion = true
    job.metadata.ownerReferences = [owner]
    job.spec = cronJob.spec.jobTemplate.spec
    do throws(StatusError) {
      guard case .job(let created) = try handle(.create(.job(job))) else { return }
      var reference = ObjectReference()
      reference.apiVersion = Kind.job.apiVersion
      reference.kind = Kind.job.rawValue
      reference.name = name
      reference.namespace = created.metadata.namespace
      reference.resourceVersion = created.metadata.resourceVersion
      reference.uid = created.metadata.uid
      cronJob.status.active.append(reference)
      emitForCronJob(cronJob, "SuccessfulCreate", "Created job \(name)")
    } catch  where error.reason != "AlreadyExists" {
      return emitForCronJob(cronJob, "FailedCreate", "Error creating job: \(error.message)", isWarning: true)
    } catch {
      // Made earlier and forgotten: only the slot is still to be noted.
    }
    cronJob.status.lastScheduleTime = slot
  }

  private mutating func setCronTimer(_ cronJob: CronJob, _ times: CronTimes) {
    guard let next = times.schedule.next(after: now, in: times.zone),
      cronRecords[cronJob.metadata.uid]?.timer != next
    else { return }
    cronRecords[cronJob.metadata.uid, default: CronJobRecord()].timer = next
    timers.set(
      .syncCronJob(namespace: cronJob.metadata.namespace, name: cronJob.metadata.name),
      at: next + ControlPlane.cronSlack)
  }

  private mutating func emitForCronJob(
    _ cronJob: CronJob, _ reason: String, _ message: String, isWarning: Bool = false
  ) {
    emit(
      EventRecord(
        kind: .cronJob, metadata: cronJob.metadata, reason: reason, message: message, isWarning: isWarning,
        source: .cronJobController, at: now))
  }
}

/// A schedule in a time zone.
struct CronTimes {
  var schedule: CronSchedule
  var zone: TimeZoneRules

  /// The latest slot in (`earliest`, `now`], and about how many there are; `nil` for none.
  func latest(after earliest: Instant, upTo now: Instant) -> (slot: Instant, missed: Int)? {
    guard let first = schedule.next(after: earliest, in: zone), first <= now else { return nil }
    guard let second = schedule.next(after: first, in: zone), second <= now else { return (first, 1) }
    let interval = max(1, (second - first).inMicroseconds)
    let missed = Int((now - first).inMicroseconds / interval) + 1
    // After a long sleep most slots are jumped over; schedules of uneven intervals need a wider look back.
    var latest = first
    var reach = interval
    repeat {
      reach *= 4
      var time = max(first, Instant(microseconds: now.microseconds - reach) - .seconds(1))
      while let next = schedule.next(after: time, in: zone), next <= now {
        latest = next
        time = next
      }
    } while latest == first && now.microseconds - reach > first.microseconds
    return (latest, missed)
  }

  /// RFC 3339 with the zone's offset at that time.
  func text(_ instant: Instant) -> String {
    let offset = zone.offset(at: instant.seconds)
    guard offset != 0 else { return instant.description }
    let local = Instant(seconds: instant.seconds + offset).description.dropLast()
    let minutes = abs(offset) / 60
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(local)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
  }
}
