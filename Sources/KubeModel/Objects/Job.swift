/// batch/v1 Job: run pods until enough of them have succeeded.
public struct Job: ObjectModel {
  public static let goName = "Job"

  /// The name goes into those of its pods: a DNS subdomain, best a DNS label.
  public var metadata = ObjectMeta()
  /// Set by the client; most of it cannot change after creation.
  public var spec = JobSpec()
  /// Set by the job controller; what a client sends at creation is dropped.
  public var status = JobStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.job, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

/// Whether a job's pods are alike or each works on an index of its own.
public struct CompletionMode: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  /// Pods are alike; so many successes are enough. The default.
  public static let nonIndexed: CompletionMode = "NonIndexed"
  /// Each index from 0 to `completions` − 1 must succeed once; a pod knows its own as `JOB_COMPLETION_INDEX`.
  public static let indexed: CompletionMode = "Indexed"
}

/// When a pod on its way out gets a successor.
public struct PodReplacementPolicy: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  /// Once it has ended in phase Failed. The default with a `podFailurePolicy`, and all that is allowed then.
  public static let failed: PodReplacementPolicy = "Failed"
  /// As soon as it is being deleted, or has failed. The default without a `podFailurePolicy`.
  public static let terminatingOrFailed: PodReplacementPolicy = "TerminatingOrFailed"
}

/// What is wanted of a job. Defaults are filled in when the job is created (see `Job.applyDefaults`).
public struct JobSpec: ObjectModel {
  public static let goName = "JobSpec"

  /// Seconds from `status.startTime` after which the job fails; ≥ 0.
  public var activeDeadlineSeconds: Int?
  /// Failed pods that are tolerated; ≥ 0, default 6.
  public var backoffLimit: Int?
  /// Failed pods that are tolerated at each index; ≥ 0, Indexed jobs only, immutable. `nil`: only `backoffLimit`
  /// counts.
  public var backoffLimitPerIndex: Int?
  /// Default `NonIndexed`; immutable.
  public var completionMode: CompletionMode?
  /// Pods that must succeed; `nil` for a work queue, where the first success of a pod ends it all.
  public var completions: Int?
  /// Who runs the job: a domain-prefixed path of at most 63 bytes, immutable. Others than `nil` and
  /// `kubernetes.io/job-controller` leave it to someone else: nothing is done here.
  public var managedBy: String?
  /// Whether the client chose `selector` and its labels; default false, which generates both.
  public var manualSelector: Bool?
  /// Failed indexes that are tolerated: one more fails the whole job at once. 0…`completions` and ≤ 100,000, needs
  /// `backoffLimitPerIndex`; `nil`: all indexes are tried.
  public var maxFailedIndexes: Int?
  /// Most pods at a time; ≥ 0, default 1.
  public var parallelism: Int?
  /// What failed pods mean for the job; `nil`: each counts against the limits. Needs `restartPolicy` Never; immutable.
  public var podFailurePolicy: PodFailurePolicy?
  /// Default by whether there is a `podFailurePolicy`; see ``PodReplacementPolicy``.
  public var podReplacementPolicy: PodReplacementPolicy?
  /// Which pods are the job's; generated from its UID unless `manualSelector` is true. Immutable.
  public var selector: LabelSelector?
  /// When an Indexed job has succeeded before all of its indexes have; immutable.
  public var successPolicy: SuccessPolicy?
  /// Default false. While true the job has no pods and its deadline does not run; setting it deletes those that are
  /// active.
  public var suspend: Bool?
  /// What pods are made of; `restartPolicy` must be Never or OnFailure. Immutable but for what a suspended job may
  /// change.
  public var template = PodTemplateSpec()
  /// Seconds that a finished job is kept; `nil` for ever.
  public var ttlSecondsAfterFinished: Int?

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("activeDeadlineSeconds", &activeDeadlineSeconds)
    v.int32("backoffLimit", &backoffLimit)
    v.int32("backoffLimitPerIndex", &backoffLimitPerIndex)
    v.field("completionMode", &completionMode)
    v.int32("completions", &completions)
    v.field("managedBy", &managedBy)
    v.field("manualSelector", &manualSelector)
    v.int32("maxFailedIndexes", &maxFailedIndexes)
    v.int32("parallelism", &parallelism)
    v.field("podFailurePolicy", &podFailurePolicy)
    v.field("podReplacementPolicy", &podReplacementPolicy)
    v.field("selector", &selector)
    v.field("successPolicy", &successPolicy)
    v.field("suspend", &suspend)
    v.required("template", &template)
    v.int32("ttlSecondsAfterFinished", &ttlSecondsAfterFinished)
  }
}

/// What failed pods mean for a job: the first rule that matches decides; without a match a failure counts.
public struct PodFailurePolicy: ObjectModel {
  public static let goName = "PodFailurePolicy"
  /// In order; at most 20.
  public var rules: [PodFailurePolicyRule] = []
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("rules", &rules)
  }
}

/// A rule of a ``PodFailurePolicy``: exactly one of the two requirements, and what follows when it is met.
public struct PodFailurePolicyRule: ObjectModel {
  public static let goName = "PodFailurePolicyRule"
  /// `FailJob`, `FailIndex`, `Ignore` or `Count`.
  public var action = ""
  /// Matches by a container's exit code.
  public var onExitCodes: OnExitCodes?
  /// Matches a pod that has any of these conditions; at most 20.
  public var onPodConditions: [OnPodConditionsPattern] = []
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("action", &action)
    v.field("onExitCodes", &onExitCodes)
    v.field("onPodConditions", &onPodConditions)
  }

  /// Which exit codes of which containers match. Containers that ended with 0 never do.
  public struct OnExitCodes: ObjectModel {
    public static let goName = "PodFailurePolicyOnExitCodesRequirement"
    /// The container or init container that is looked at; `nil` for any.
    public var containerName: String?
    /// `In` or `NotIn`.
    public var `operator` = ""
    /// Ascending, without repetition, 1…255 of them; 0 is not allowed with `In`.
    public var values: [Int] = []
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("containerName", &containerName)
      v.required("operator", &`operator`)
      v.required("values", &values)
    }
  }

  /// A pod's condition that matches by type and status.
  public struct OnPodConditionsPattern: ObjectModel {
    public static let goName = "PodFailurePolicyOnPodConditionsPattern"
    /// `True`, `False` or `Unknown`; default `True`.
    public var status: String?
    /// The condition's type, such as `DisruptionTarget`.
    public var type = ""
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("status", &status)
      v.required("type", &type)
    }
  }
}

/// When an Indexed job has succeeded: as soon as one rule holds. Pods that still run are deleted then.
public struct SuccessPolicy: ObjectModel {
  public static let goName = "SuccessPolicy"
  /// In order, 1…20; the first that holds is named in the job's condition.
  public var rules: [SuccessPolicyRule] = []
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("rules", &rules)
  }
}

/// A rule of a ``SuccessPolicy``: one of the two fields or both, which then count together.
public struct SuccessPolicyRule: ObjectModel {
  public static let goName = "SuccessPolicyRule"
  /// How many indexes must have succeeded, of `succeededIndexes` if given; at most as many as there are. `nil` for all
  /// of `succeededIndexes`.
  public var succeededCount: Int?
  /// The indexes that count, such as `0,2-4`, at most 64 KiB; `nil` for all. Each must be below `completions`.
  public var succeededIndexes: String?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.int32("succeededCount", &succeededCount)
    v.field("succeededIndexes", &succeededIndexes)
  }
}

/// What the job controller has seen.
public struct JobStatus: ObjectModel {
  public static let goName = "JobStatus"

  /// Pods that are neither finished nor being deleted; 0 in a finished job.
  public var active = 0
  /// Indexes that have succeeded, in the form of ``IndexRanges``; empty for jobs that are not Indexed.
  public var completedIndexes = ""
  /// When the job completed; `nil` before, and for good in a job that failed.
  public var completionTime: Instant?
  /// `Complete`, `Failed`, `Suspended`, `FailureTarget`, `SuccessCriteriaMet`; a client may add types of its own.
  public var conditions: [Condition] = []
  /// Pods that have failed and count, those killed at the end of a failed job too; never decreases.
  public var failed = 0
  /// Indexes that have failed for good, in the form of ``IndexRanges``; `nil` without `backoffLimitPerIndex`.
  public var failedIndexes: String?
  /// Active pods with the condition Ready; at most `active`.
  public var ready: Int?
  /// When the controller first saw the job unsuspended; `nil` while suspended, set anew when it resumes.
  public var startTime: Instant?
  /// Pods that have succeeded; the number of `completedIndexes` in an Indexed job.
  public var succeeded = 0
  /// Pods that are being deleted and have not ended; 0 in a finished job.
  public var terminating: Int?
  /// What is between being seen and being counted; empty in a finished job.
  public var uncountedTerminatedPods: UncountedTerminatedPods?

  public init() {}

  /// Whether the job is over: it has completed or failed for good. Asked of the status, because a job is large and
  /// would be copied for the question.
  public var isFinished: Bool { conditions.isTrue("Complete") || conditions.isTrue("Failed") }

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.int32("active", &active)
    v.field("completedIndexes", &completedIndexes)
    v.field("completionTime", &completionTime)
    v.field("conditions", &conditions)
    v.int32("failed", &failed)
    v.field("failedIndexes", &failedIndexes)
    v.int32("ready", &ready)
    v.field("startTime", &startTime)
    v.int32("succeeded", &succeeded)
    v.int32("terminating", &terminating)
    v.field("uncountedTerminatedPods", &uncountedTerminatedPods)
  }
}

/// UIDs of finished pods that are seen but not yet in the counters.
public struct UncountedTerminatedPods: ObjectModel {
  public static let goName = "UncountedTerminatedPods"
  /// UIDs that `JobStatus.failed` does not hold yet.
  public var failed: [String] = []
  /// UIDs that `JobStatus.succeeded` does not hold yet; an Indexed job's successes go by index instead.
  public var succeeded: [String] = []
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("failed", &failed)
    v.field("succeeded", &succeeded)
  }
}

/// batch/v1 CronJob: creates a job at every time of a schedule.
public struct CronJob: ObjectModel {
  public static let goName = "CronJob"

  /// The name has at most 52 characters: those of its jobs are longer.
  public var metadata = ObjectMeta()
  /// Set by the client; all of it may change, which later jobs follow.
  public var spec = CronJobSpec()
  /// Set by the cron job controller; what a client sends at creation is dropped.
  public var status = CronJobStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.cronJob, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

/// What is wanted of a cron job. Defaults are filled in when it is created (see `CronJob.applyDefaults`).
public struct CronJobSpec: ObjectModel {
  public static let goName = "CronJobSpec"

  /// `Allow`, `Forbid` or `Replace`.
  public var concurrencyPolicy = ""
  /// Failed jobs that are kept, the newest; ≥ 0, default 1.
  public var failedJobsHistoryLimit: Int?
  /// What jobs are made of; without a selector. A Job's defaults are applied to each job, not here.
  public var jobTemplate = JobTemplateSpec()
  /// When to start a job, in the grammar of ``CronSchedule``; required, without a time zone.
  public var schedule = ""
  /// Seconds after its time in which a job may still start, after that the time is missed; ≥ 0, `nil` for no limit.
  public var startingDeadlineSeconds: Int?
  /// Completed jobs that are kept, the newest; ≥ 0, default 3.
  public var successfulJobsHistoryLimit: Int?
  /// Default false. While true no job is started; jobs that run go on.
  public var suspend: Bool?
  /// The zone that `schedule` is read in, by its name in the tz database; `nil` for the controller's own.
  public var timeZone: String?

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("concurrencyPolicy", &concurrencyPolicy)
    v.int32("failedJobsHistoryLimit", &failedJobsHistoryLimit)
    v.required("jobTemplate", &jobTemplate)
    v.required("schedule", &schedule)
    v.field("startingDeadlineSeconds", &startingDeadlineSeconds)
    v.int32("successfulJobsHistoryLimit", &successfulJobsHistoryLimit)
    v.field("suspend", &suspend)
    v.field("timeZone", &timeZone)
  }
}

/// What a cron job makes its jobs of.
public struct JobTemplateSpec: ObjectModel {
  public static let goName = "JobTemplateSpec"
  /// Only labels and annotations are passed on.
  public var metadata = ObjectMeta()
  /// The spec of each job, before a Job's defaults.
  public var spec = JobSpec()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("metadata", &metadata)
    v.required("spec", &spec)
  }
}

/// What the cron job controller has done.
public struct CronJobStatus: ObjectModel {
  public static let goName = "CronJobStatus"
  /// Jobs of this cron job that have not finished.
  public var active: [ObjectReference] = []
  /// The scheduled time of the latest job, not the moment at which it was created; `nil` before the first.
  public var lastScheduleTime: Instant?
  /// The latest `completionTime` of its jobs; `nil` before one has completed.
  public var lastSuccessfulTime: Instant?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("active", &active)
    v.field("lastScheduleTime", &lastScheduleTime)
    v.field("lastSuccessfulTime", &lastSuccessfulTime)
  }
}

extension ObjectModel {
  /// Shows `apiVersion` and `kind`, which the type itself implies.
  mutating func visitTypeMeta(_ kind: Kind, _ v: inout some FieldVisitor) {
    var apiVersion = kind.apiVersion
    var kindName = kind.rawValue
    v.required("apiVersion", &apiVersion)
    v.required("kind", &kindName)
  }
}
