/// batch/v1 Job: run pods until enough of them have succeeded.
public struct Job: ObjectModel {
  public static let goName = "Job"

  public var metadata = ObjectMeta()
  public var spec = JobSpec()
  public var status = JobStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.job, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

public struct CompletionMode: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let nonIndexed: CompletionMode = "NonIndexed"
  public static let indexed: CompletionMode = "Indexed"
}

public struct PodReplacementPolicy: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let failed: PodReplacementPolicy = "Failed"
  public static let terminatingOrFailed: PodReplacementPolicy = "TerminatingOrFailed"
}

/// What is wanted of a job. Defaults are filled in when the job is created (see `Job.applyDefaults`).
public struct JobSpec: ObjectModel {
  public static let goName = "JobSpec"

  /// Seconds from `status.startTime` after which the job fails; ≥ 0.
  public var activeDeadlineSeconds: Int?
  /// Failed pods that are tolerated; ≥ 0, default 6.
  public var backoffLimit: Int?
  public var backoffLimitPerIndex: Int?
  public var completionMode: CompletionMode?
  /// Pods that must succeed; `nil` for a work queue, where the first success of a pod ends it all.
  public var completions: Int?
  public var managedBy: String?
  public var manualSelector: Bool?
  public var maxFailedIndexes: Int?
  /// Most pods at a time; ≥ 0, default 1.
  public var parallelism: Int?
  public var podFailurePolicy: PodFailurePolicy?
  public var podReplacementPolicy: PodReplacementPolicy?
  public var selector: LabelSelector?
  public var successPolicy: SuccessPolicy?
  public var suspend: Bool?
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

public struct PodFailurePolicy: ObjectModel {
  public static let goName = "PodFailurePolicy"
  public var rules: [PodFailurePolicyRule] = []
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("rules", &rules)
  }
}

public struct PodFailurePolicyRule: ObjectModel {
  public static let goName = "PodFailurePolicyRule"
  /// `FailJob`, `FailIndex`, `Ignore` or `Count`.
  public var action = ""
  public var onExitCodes: OnExitCodes?
  public var onPodConditions: [OnPodConditionsPattern] = []
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("action", &action)
    v.field("onExitCodes", &onExitCodes)
    v.field("onPodConditions", &onPodConditions)
  }

  public struct OnExitCodes: ObjectModel {
    public static let goName = "PodFailurePolicyOnExitCodesRequirement"
    public var containerName: String?
    /// `In` or `NotIn`.
    public var `operator` = ""
    public var values: [Int] = []
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("containerName", &containerName)
      v.required("operator", &`operator`)
      v.required("values", &values)
    }
  }

  public struct OnPodConditionsPattern: ObjectModel {
    public static let goName = "PodFailurePolicyOnPodConditionsPattern"
    public var status: String?
    public var type = ""
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("status", &status)
      v.required("type", &type)
    }
  }
}

public struct SuccessPolicy: ObjectModel {
  public static let goName = "SuccessPolicy"
  public var rules: [SuccessPolicyRule] = []
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("rules", &rules)
  }
}

public struct SuccessPolicyRule: ObjectModel {
  public static let goName = "SuccessPolicyRule"
  public var succeededCount: Int?
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

  public var active = 0
  public var completedIndexes = ""
  public var completionTime: Instant?
  public var conditions: [Condition] = []
  public var failed = 0
  public var failedIndexes: String?
  public var ready: Int?
  public var startTime: Instant?
  public var succeeded = 0
  public var terminating: Int?
  public var uncountedTerminatedPods: UncountedTerminatedPods?

  public init() {}

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
  public var failed: [String] = []
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

  public var metadata = ObjectMeta()
  public var spec = CronJobSpec()
  public var status = CronJobStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.cronJob, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

public struct CronJobSpec: ObjectModel {
  public static let goName = "CronJobSpec"

  /// `Allow`, `Forbid` or `Replace`.
  public var concurrencyPolicy = ""
  public var failedJobsHistoryLimit: Int?
  public var jobTemplate = JobTemplateSpec()
  public var schedule = ""
  public var startingDeadlineSeconds: Int?
  public var successfulJobsHistoryLimit: Int?
  public var suspend: Bool?
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

public struct JobTemplateSpec: ObjectModel {
  public static let goName = "JobTemplateSpec"
  public var metadata = ObjectMeta()
  public var spec = JobSpec()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("metadata", &metadata)
    v.required("spec", &spec)
  }
}

public struct CronJobStatus: ObjectModel {
  public static let goName = "CronJobStatus"
  public var active: [ObjectReference] = []
  public var lastScheduleTime: Instant?
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
