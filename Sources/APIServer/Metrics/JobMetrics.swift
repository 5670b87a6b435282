internal import KubeModel

/// What kube-state-metrics tells of jobs and cron jobs, by its names, labels and types.
enum JobMetrics {
  static func labels(_ job: Job) -> [UInt8] {
    Exposition.labels(["namespace": job.metadata.namespace, "job_name": job.metadata.name])
  }

  private static let failureReasons = ["BackoffLimitExceeded", "DeadlineExceeded", "Evicted"]

  static let families: [MetricFamily<Job>] = [
    MetricFamily("kube_job_info", "That there is the job.") { _, out in out.add(1) },
    MetricFamily("kube_job_created", "When the job was created, in Unix seconds.") { job, out in
      out.add(job.metadata.creationTimestamp)
    },
    MetricFamily("kube_job_owner", "What owns the job.") { job, out in
      out.addOwners(job.metadata.ownerReferences)
    },
    MetricFamily("kube_job_spec_parallelism", "How many pods may run at once.") { job, out in
      out.add(job.spec.parallelism)
    },
    MetricFamily("kube_job_spec_completions", "How many pods must succeed.") { job, out in
      out.add(job.spec.completions)
    },
    MetricFamily("kube_job_spec_active_deadline_seconds", "How long the job may be active, in seconds.") { job, out in
      out.add(job.spec.activeDeadlineSeconds)
    },
    MetricFamily("kube_job_status_active", "The job's pods that have not ended.") { job, out in
      out.add(Double(job.status.active))
    },
    MetricFamily("kube_job_status_ready", "The job's pods that are ready.") { job, out in
      out.add(Double(job.status.ready ?? 0))
    },
    MetricFamily("kube_job_status_succeeded", "The job's pods that succeeded.") { job, out in
      out.add(Double(job.status.succeeded))
    },
    MetricFamily(
      "kube_job_status_failed", "The job's pods that failed; with the reason, whether the job failed for it."
    ) { job, out in
      guard job.status.failed > 0 else { return out.add(0) }
      var isKnown = false
      if let condition = job.status.conditions.first(where: { $0.type == "Failed" }) {
        for reason in failureReasons { out.add(condition.reason == reason ? 1 : 0, ["reason": reason]) }
        isKnown = failureReasons.contains(condition.reason)
      }
      if !isKnown { out.add(Double(job.status.failed), ["reason": ""]) }
    },
    MetricFamily("kube_job_complete", "Whether the job is complete.") { job, out in
      if let condition = job.status.conditions.first(where: { $0.type == "Complete" }) {
        out.addCondition(condition.status, "condition")
      }
    },
    MetricFamily("kube_job_failed", "Whether the job failed.") { job, out in
      if let condition = job.status.conditions.first(where: { $0.type == "Failed" }) {
        out.addCondition(condition.status, "condition")
      }
    },
    MetricFamily("kube_job_status_suspended", "Whether the job is suspended.") { job, out in
      if let condition = job.status.conditions.first(where: { $0.type == "Suspended" }) {
        out.add(condition.isTrue ? 1 : 0)
      }
    },
    MetricFamily("kube_job_status_start_time", "When the job started, in Unix seconds.") { job, out in
      out.add(job.status.startTime)
    },
    MetricFamily("kube_job_status_completion_time", "When the job was complete, in Unix seconds.") { job, out in
      out.add(job.status.completionTime)
    },
  ]

  static func labels(_ cronJob: CronJob) -> [UInt8] {
    Exposition.labels(["namespace": cronJob.metadata.namespace, "cronjob": cronJob.metadata.name])
  }

  private static let localZone = TimeZoneRules.local()

  /// The first time that the schedule asks for after the last run, or after the creation; in the past where one is due.
  static func nextSchedule(_ cronJob: CronJob) -> Instant? {
    guard cronJob.spec.suspend != true,
      let from = cronJob.status.lastScheduleTime ?? cronJob.metadata.creationTimestamp,
      let schedule = try? CronSchedule(cronJob.spec.schedule)
    else { return nil }
    guard let name = cronJob.spec.timeZone else { return schedule.next(after: from, in: localZone) }
    guard let zone = try? TimeZoneRules(named: name) else { return nil }
    return schedule.next(after: from, in: zone)
  }

  static let cronJobFamilies: [MetricFamily<CronJob>] = [
    MetricFamily("kube_cronjob_info", "What the cron job asks for.") { cronJob, out in
      out.add(
        1,
        [
          "schedule": cronJob.spec.schedule, "concurrency_policy": cronJob.spec.concurrencyPolicy,
          "timezone": cronJob.spec.timeZone ?? "local",
        ])
    },
    MetricFamily("kube_cronjob_created", "When the cron job was created, in Unix seconds.") { cronJob, out in
      out.add(cronJob.metadata.creationTimestamp)
    },
    MetricFamily("kube_cronjob_status_active", "The cron job's jobs that run.") { cronJob, out in
      out.add(Double(cronJob.status.active.count))
    },
    MetricFamily("kube_cronjob_status_last_schedule_time", "When a job was last due and made, in Unix seconds.") {
      cronJob, out in out.add(cronJob.status.lastScheduleTime)
    },
    MetricFamily("kube_cronjob_status_last_successful_time", "When a job last succeeded, in Unix seconds.") {
      cronJob, out in out.add(cronJob.status.lastSuccessfulTime)
    },
    MetricFamily(
      "kube_cronjob_next_schedule_time",
      "The first time after the last run that the schedule asks for, in Unix seconds; none while suspended."
    ) { cronJob, out in out.add(nextSchedule(cronJob)) },
    MetricFamily("kube_cronjob_spec_suspend", "Whether the cron job is suspended.") { cronJob, out in
      out.add(cronJob.spec.suspend == true ? 1 : 0)
    },
    MetricFamily("kube_cronjob_spec_starting_deadline_seconds", "How late a job may start, in seconds.") {
      cronJob, out in out.add(cronJob.spec.startingDeadlineSeconds)
    },
    MetricFamily("kube_cronjob_spec_successful_job_history_limit", "How many succeeded jobs are kept.") {
      cronJob, out in out.add(cronJob.spec.successfulJobsHistoryLimit)
    },
    MetricFamily("kube_cronjob_spec_failed_job_history_limit", "How many failed jobs are kept.") {
      cronJob, out in out.add(cronJob.spec.failedJobsHistoryLimit)
    },
    MetricFamily("kube_cronjob_metadata_resource_version", "The cron job's resource version.") { cronJob, out in
      out.add(Double(cronJob.metadata.resourceVersion) ?? 0)
    },
  ]
}

extension Exposition {
  /// A point in time in Unix seconds, where there is one.
  mutating func add(_ instant: Instant?) {
    if let instant { add(Double(instant.seconds)) }
  }

  /// A number, where there is one.
  mutating func add(_ number: Int?) {
    if let number { add(Double(number)) }
  }

  /// What owns an object; one that nobody owns has a sample that says so.
  mutating func addOwners(_ owners: [OwnerReference]) {
    if owners.isEmpty { add(1, ["owner_kind": "", "owner_name": "", "owner_is_controller": ""]) }
    for owner in owners {
      add(
        1,
        [
          "owner_kind": owner.kind, "owner_name": owner.name,
          "owner_is_controller": owner.controller == true ? "true" : "false",
        ])
    }
  }

  /// Three samples, one for each status that a condition can have; `label` says which.
  mutating func addCondition(_ status: String, _ label: String) {
    for word in ["true", "false", "unknown"] { add(status.lowercased() == word ? 1 : 0, [label: word]) }
  }
}
