import KubeModel

/// What the controller keeps about a cron job.
struct CronJobRecord: Sendable {
  /// The jobs that it controls and that still exist, by slot, in the order in which they came to it.
  var jobs: [Int] = []
  var isQueued = false
  /// When the earliest timer for it is due.
  var timer: Instant?
  /// Until when no slot is due; `nil` where that has to be reckoned anew.
  var quietUntil: Instant?
  /// Those of `jobs` that the last sync found unfinished and on the list of active jobs.
  var running: Set<Int> = []
  /// Whether that sync found others unfinished too: every sync speaks of them.
  var hasUnexpected = true
}

/// What the controller has read or made of a cron job's spec; forgotten when a client changes it.
struct CronTemplates: Sendable {
  /// Its schedule in its zone.
  var times: CronTimes?
  /// The job that was made last, as it was found valid.
  var job: Job?
  /// The pods of that job.
  var pod: PodTemplate?
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
    guard let owner = jobs.entries[slot].job.metadata.controller, let record = cronRecords[owner.uid], !record.isQueued
    else { return }
    // A job that runs as it should is of no interest until it ends.
    if !record.hasUnexpected, record.running.contains(slot), !jobs.entries[slot].job.status.isFinished { return }
    queueCronSync(ObjectKey(.cronJob, namespace: jobs.entries[slot].job.metadata.namespace, name: owner.name))
  }

  /// A job has been given to a cron job, or taken away.
  mutating func controllerChanged(_ slot: Int, from old: OwnerReference?) {
    let owner = jobs.entries[slot].job.metadata.controller
    guard owner?.uid != old?.uid else { return }
    let namespace = jobs.entries[slot].job.metadata.namespace
    if let old, cronRecords[old.uid] != nil {
      forgetJob(slot, of: old.uid)
      queueCronSync(ObjectKey(.cronJob, namespace: namespace, name: old.name))
    }
    if let owner, cronRecords[owner.uid] != nil {
      cronRecords[owner.uid]?.jobs.append(slot)
      queueCronSync(ofJob: slot)
    }
  }

  /// The job is gone, or another's.
  private mutating func forgetJob(_ slot: Int, of uid: String) {
    cronRecords[uid]?.jobs.removeAll { $0 == slot }
    cronRecords[uid]?.running.remove(slot)
  }

  /// A job is about to go. If it has finished and its cron job knows that, nothing more follows.
  mutating func cronJobLoses(_ slot: Int) {
    guard let owner = jobs.entries[slot].job.metadata.controller, let record = cronRecords[owner.uid] else { return }
    forgetJob(slot, of: owner.uid)
    guard record.running.contains(slot) || !jobs.entries[slot].job.status.isFinished else { return }
    queueCronSync(ObjectKey(.cronJob, namespace: jobs.entries[slot].job.metadata.namespace, name: owner.name))
  }

  /// A client has changed a cron job. A new schedule waits for its next slot; all else is looked at now.
  mutating func cronJobChanged(from old: CronJob, to new: CronJob) {
    let key = new.metadata.key(.cronJob)
    cronTemplates[new.metadata.uid] = nil
    cronRecords[new.metadata.uid]?.quietUntil = nil
    if new.spec.schedule == old.spec.schedule, new.spec.timeZone == old.spec.timeZone { return queueCronSync(key) }
    if let times = cronTimes(new) { setCronTimer(new, times) }
  }

  mutating func syncCronJob(_ key: ObjectKey) {
    guard case .cronJob(var cronJob)? = others[key] else { return }
    let uid = cronJob.metadata.uid
    cronRecords[uid]?.isQueued = false
    if let timer = cronRecords[uid]?.timer, timer <= now { cronRecords[uid]?.timer = nil }
    let stored = cronJob.status
    trimHistory(&cronJob)
    reviewActive(&cronJob)
    let isQuiet = cronRecords[uid]?.quietUntil.map { now < $0 } ?? false
    if !isQuiet, cronJob.metadata.deletionTimestamp == nil, let times = cronTimes(cronJob),
      cronJob.spec.suspend != true
    {
      runDueSlot(&cronJob, times)
      setCronTimer(cronJob, times)
    }
    if cronJob.status != stored { changeOther(.cronJob(cronJob)) }
  }

  // MARK: What is there

  /// Deletes finished jobs beyond the history limits, the oldest first.
  private mutating func trimHistory(_ cronJob: inout CronJob) {
    let all = cronRecords[cronJob.metadata.uid]?.jobs ?? []
    for (type, limit) in [
      ("Complete", cronJob.spec.successfulJobsHistoryLimit), ("Failed", cronJob.spec.failedJobsHistoryLimit),
    ] {
      guard let limit, all.count > limit else { continue }
      let finished = all.filter { jobs.entries[$0].job.status.conditions.isTrue(type) }
      guard finished.count > limit else { continue }
      let oldestFirst = finished.map { (rank: historyRank($0), slot: $0) }.sorted { $0.rank < $1.rank }
      for (_, slot) in oldestFirst.dropLast(limit) {
        // One that goes before its success was noted counts all the same.
        noteSuccess(slot, in: &cronJob.status)
        deleteChild(slot, of: &cronJob)
      }
    }
  }

  /// By the second of their start, those that never started last; names decide between equals.
  private func historyRank(_ slot: Int) -> (Int64, String) {
    (
      jobs.entries[slot].job.status.startTime?.seconds ?? .max, jobs.entries[slot].job.metadata.name
    )
  }

  private mutating func deleteChild(_ slot: Int, of cronJob: inout CronJob) {
    let metadata = jobs.entries[slot].job.metadata
    deleteJob(slot, .background)
    cronJob.status.active.removeAll { $0.uid == metadata.uid }
    emitForCronJob(cronJob, "SuccessfulDelete", "Deleted job \(metadata.name)")
  }

  /// Takes what has finished or gone off the list of active jobs.
  private mutating func reviewActive(_ cronJob: inout CronJob) {
    let listed = Set(cronJob.status.active.map(\.uid))
    var running: Set<Int> = []
    var hasUnexpected = false
    for slot in cronRecords[cronJob.metadata.uid]?.jobs ?? [] {
      let isListed = !listed.isEmpty && listed.contains(jobs.entries[slot].job.metadata.uid)
      guard jobs.entries[slot].job.status.isFinished else {
        if isListed {
          running.insert(slot)
        } else {
          hasUnexpected = true
          let name = jobs.entries[slot].job.metadata.name
          emitForCronJob(
            cronJob, "UnexpectedJob", "Saw a job that the controller did not create or forgot: \(name)",
            isWarning: true)
        }
        continue
      }
      if isListed {
        let isComplete = jobs.entries[slot].job.status.conditions.isTrue("Complete")
        let name = jobs.entries[slot].job.metadata.name
        let uid = jobs.entries[slot].job.metadata.uid
        cronJob.status.active.removeAll { $0.uid == uid }
        emitForCronJob(
          cronJob, "SawCompletedJob", "Saw completed job: \(name), condition: \(isComplete ? "Complete" : "Failed")")
      }
      noteSuccess(slot, in: &cronJob.status)
    }
    cronRecords[cronJob.metadata.uid]?.running = running
    cronRecords[cronJob.metadata.uid]?.hasUnexpected = hasUnexpected
    for reference in cronJob.status.active where jobs.slot(uid: reference.uid) == nil {
      cronJob.status.active.removeAll { $0.uid == reference.uid }
      emitForCronJob(cronJob, "MissingJob", "Active job went missing: \(reference.name)")
    }
  }

  /// Keeps the latest completion of the cron job's jobs.
  private func noteSuccess(_ slot: Int, in status: inout CronJobStatus) {
    guard jobs.entries[slot].job.status.conditions.isTrue("Complete"),
      let completed = jobs.entries[slot].job.status.completionTime
    else { return }
    status.lastSuccessfulTime = max(status.lastSuccessfulTime ?? completed, completed)
  }

  // MARK: What is due

  /// The schedule in its zone; says what is wrong where it cannot be read.
  private mutating func cronTimes(_ cronJob: CronJob) -> CronTimes? {
    let uid = cronJob.metadata.uid
    if let known = cronTemplates[uid]?.times { return known }
    let times: CronTimes
    do throws(CronTimesError) {
      times = try CronTimes(cronJob.spec, local: configuration.timeZone)
    } catch {
      emitForCronJob(cronJob, error.reason, error.message, isWarning: true)
      return nil
    }
    cronTemplates[uid, default: CronTemplates()].times = times
    return times
  }

  private mutating func runDueSlot(_ cronJob: inout CronJob, _ times: CronTimes) {
    let deadline = cronJob.spec.startingDeadlineSeconds.map { Duration.seconds($0) }
    let slot: Instant
    switch times.due(of: cronJob, at: now, deadline: deadline) {
    case .none: return
    case .never:
      return emitForCronJob(
        cronJob, "InvalidSchedule",
        "invalid schedule: \(cronJob.spec.schedule) : time difference between two schedules is less than 1 second",
        isWarning: true)
    case .slot(let latest, let missed):
      slot = latest
      if missed > 100 {
        emitForCronJob(
          cronJob, "TooManyMissedTimes",
          "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew",
          isWarning: true)
      }
    }
    if let deadline, slot + deadline < now {
      return emitForCronJob(
        cronJob, "MissSchedule", "Missed scheduled time to start a job: \(slot.rfc1123)", isWarning: true)
    }
    let name = "\(cronJob.metadata.name)-\(slot.seconds / 60)"
    if cronJob.status.active.contains(where: { $0.name == name }) || cronJob.status.lastScheduleTime == slot { return }
    if cronJob.spec.concurrencyPolicy == "Forbid", !cronJob.status.active.isEmpty {
      return emitForCronJob(
        cronJob, "JobAlreadyActive",
        "Not starting job because prior execution is running and concurrency policy is Forbid")
    }
    if cronJob.spec.concurrencyPolicy == "Replace" {
      for reference in cronJob.status.active {
        if let running = jobs.slot(uid: reference.uid) { deleteChild(running, of: &cronJob) }
      }
    }
    guard let job = startJob(of: cronJob, name: name, slot: slot, times) else { return }
    // One that was made earlier and forgotten may be on the list by now.
    guard !cronJob.status.active.contains(where: { $0.uid == job.uid }) else { return }
    cronJob.status.active.append(job)
    cronJob.status.lastScheduleTime = slot
    // Two slots of one minute share a name, and the first one's job may be over: the next look takes it off again.
    if let known = jobs.slot(uid: job.uid), jobs.entries[known].job.status.isFinished {
      queueCronSync(cronJob.metadata.key(.cronJob))
    }
  }

  /// Creates the job of a slot; `nil` where there is none to be listed for it.
  private mutating func startJob(
    of cronJob: CronJob, name: String, slot: Instant, _ times: CronTimes
  ) -> ObjectReference? {
    do throws(StatusError) {
      let created = try createJob(of: cronJob, times.job(of: cronJob, name: name, slot: slot))
      emitForCronJob(cronJob, "SuccessfulCreate", "Created job \(name)")
      return ObjectReference(to: .job, created.metadata)
    } catch  where error.reason != "AlreadyExists" {
      emitForCronJob(cronJob, "FailedCreate", "Error creating job: \(error.message)", isWarning: true)
      return nil
    } catch {
      // Made earlier and forgotten, or somebody else's, who is to look after it.
      guard let known = jobs.slot(namespace: cronJob.metadata.namespace, name: name),
        jobs.entries[known].job.metadata.controller?.uid == cronJob.metadata.uid
      else { return nil }
      return ObjectReference(to: .job, jobs.entries[known].job.metadata)
    }
  }

  private mutating func createJob(of cronJob: CronJob, _ job: Job) throws(StatusError) -> Job {
    let uid = cronJob.metadata.uid
    // Their names differ in digits alone: what the last one may be, the next one may be too.
    let known = cronTemplates[uid]?.job.flatMap {
      $0.metadata.name.utf8.count == job.metadata.name.utf8.count ? $0 : nil
    }
    guard case .job(let created) = try create(.job(job), dryRun: false, like: known) else { return job }
    if known == nil { cronTemplates[uid, default: CronTemplates()].job = created }
    return created
  }

  /// Wakes the controller for the next slot. A timer that is due earlier finds nothing to do and sets the next one.
  private mutating func setCronTimer(_ cronJob: CronJob, _ times: CronTimes) {
    let slot = times.due(of: cronJob, at: now, deadline: nil)
    guard let next = times.next(of: cronJob, after: slot, at: now) else { return }
    cronRecords[cronJob.metadata.uid]?.quietUntil = slot == .none ? next : nil
    let due = next + ControlPlane.cronSlack
    if let timer = cronRecords[cronJob.metadata.uid]?.timer, timer <= due { return }
    cronRecords[cronJob.metadata.uid, default: CronJobRecord()].timer = due
    timers.set(.syncCronJob(namespace: cronJob.metadata.namespace, name: cronJob.metadata.name), at: due)
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
