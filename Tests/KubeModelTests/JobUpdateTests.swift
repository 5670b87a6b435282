import KubeModel
import Testing

/// What an update of a job may change, and what a status may say: the API server's rules one by one.
struct JobUpdateTests {
  private static func job(_ change: (inout Job) -> Void = { _ in }) -> Job {
    var job = Job()
    job.metadata = ObjectMeta(name: "run", namespace: "default")
    job.metadata.uid = "5f7c"
    job.metadata.resourceVersion = "1"
    var container = Container()
    container.name = "main"
    container.image = "busybox"
    job.spec.template.spec.containers = [container]
    job.spec.template.spec.restartPolicy = .never
    change(&job)
    job.applyDefaults()
    job.generateSelector(uid: job.metadata.uid)
    return job
  }

  private static func indexed(_ change: (inout Job) -> Void = { _ in }) -> Job {
    job { job in
      job.spec.completionMode = .indexed
      job.spec.completions = 4
      job.spec.parallelism = 4
      change(&job)
    }
  }

  private func complaints(_ old: Job, _ change: (inout Job) -> Void) -> [String] {
    var new = old
    change(&new)
    return new.validateUpdate(from: old).map(\.description)
  }

  // MARK: Spec

  @Test func whatMayChangeAtAnyTime() {
    let found = complaints(Self.indexed { $0.spec.backoffLimitPerIndex = 1 }) { job in
      job.spec.parallelism = 9
      job.spec.backoffLimit = 3
      job.spec.maxFailedIndexes = 2
      job.spec.activeDeadlineSeconds = 0
      job.spec.ttlSecondsAfterFinished = 0
      job.spec.suspend = true
      job.spec.podReplacementPolicy = .failed
      job.metadata.labels["a"] = "b"
    }
    #expect(found == [])
  }

  @Test func whatMayNotChange() {
    let old = Self.job()
    #expect(complaints(old) { $0.spec.completions = 5 } == ["spec.completions: Invalid value: 5: field is immutable"])
    #expect(
      complaints(old) { $0.spec.completions = nil } == ["spec.completions: Invalid value: \"null\": field is immutable"]
    )
    #expect(
      complaints(old) { $0.spec.managedBy = "example.com/x" } == [
        "spec.managedBy: Invalid value: \"example.com/x\": field is immutable"
      ])
    #expect(
      complaints(Self.indexed()) { $0.spec.completionMode = .nonIndexed } == [
        "spec.completionMode: Invalid value: \"NonIndexed\": field is immutable"
      ])
    #expect(
      complaints(Self.indexed()) { $0.spec.backoffLimitPerIndex = 1 } == [
        "spec.backoffLimitPerIndex: Invalid value: 1: field is immutable"
      ])
    let succeeds = complaints(Self.indexed()) { job in
      var rule = SuccessPolicyRule()
      rule.succeededCount = 1
      job.spec.successPolicy = SuccessPolicy()
      job.spec.successPolicy?.rules = [rule]
    }
    #expect(
      succeeds == [
        "spec.successPolicy: Invalid value: {\"Rules\":[{\"SucceededIndexes\":null,\"SucceededCount\":1}]}: field is "
          + "immutable"
      ])
  }

  @Test func completionsOfAnElasticJobFollowItsParallelism() {
    let old = Self.indexed()
    #expect(
      complaints(old) { job in
        job.spec.completions = 2
        job.spec.parallelism = 2
      } == [])
    let message = "spec.completions: Invalid value: 2: can only be modified in tandem with spec.parallelism"
    #expect(complaints(old) { $0.spec.completions = 2 } == [message])
    #expect(
      complaints(old) { job in
        job.spec.completions = 2
        job.spec.parallelism = 3
      } == [message])
    // A change of parallelism alone needs no completions.
    #expect(complaints(old) { $0.spec.parallelism = 1 } == [])
  }

  // MARK: Template

  private static let templateEdits: [(String, Bool, @Sendable (inout PodTemplateSpec) -> Void)] = [
    ("labels", true, { $0.metadata.labels["extra"] = "x" }),
    ("annotations", true, { $0.metadata.annotations["extra"] = "x" }),
    ("nodeSelector", true, { $0.spec.nodeSelector = ["disk": "fast"] }),
    (
      "tolerations", true,
      { template in
        var toleration = Toleration()
        toleration.key = "key"
        toleration.operator = "Exists"
        template.spec.tolerations = [toleration]
      }
    ),
    (
      "node affinity", true,
      {
        $0.spec.affinity = [
          "nodeAffinity": [
            "requiredDuringSchedulingIgnoredDuringExecution": [
              "nodeSelectorTerms": [["matchExpressions": [["key": "a", "operator": "Exists"]]]]
            ]
          ]
        ]
      }
    ),
    (
      "resources", true,
      { template in
        var requests = ResourceList()
        requests["cpu"] = Quantity("2")
        template.spec.containers[0].resources.requests = requests
      }
    ),
    ("image", false, { $0.spec.containers[0].image = "other" }),
    ("command", false, { $0.spec.containers[0].command = ["other"] }),
    ("restart policy", false, { $0.spec.restartPolicy = .onFailure }),
    ("grace period", false, { $0.spec.terminationGracePeriodSeconds = 5 }),
  ]

  @Test(arguments: templateEdits.indices)
  func theTemplateMayChangeWhileSuspended(_ number: Int) {
    let (name, isAllowed, edit) = Self.templateEdits[number]
    func isRefused(_ old: Job) -> Bool {
      let found = complaints(old) { edit(&$0.spec.template) }
      #expect(
        found.allSatisfy { $0.hasPrefix("spec.template: Invalid value: ") && $0.hasSuffix(": field is immutable") })
      return !found.isEmpty
    }
    #expect(isRefused(Self.job()), "\(name) of a job that may run")
    let neverStarted = Self.job { $0.spec.suspend = true }
    #expect(isRefused(neverStarted) == !isAllowed, "\(name) of a job that never started")
    var stopped = neverStarted
    stopped.status.startTime = Instant(seconds: 5)
    stopped.status.conditions = [Condition("Suspended", true, reason: "JobSuspended", at: Instant(seconds: 9))]
    #expect(isRefused(stopped) == !isAllowed, "\(name) of a job whose pods are gone")
    stopped.status.active = 1
    #expect(isRefused(stopped), "\(name) of a job that still has a pod")
    // It must be suspended already, not by the same update.
    var resuming = Self.job()
    resuming.status = stopped.status
    #expect(isRefused(resuming), "\(name) of a job that resumes")
  }

  // MARK: Status

  private func statusComplaints(_ old: Job, _ change: (inout JobStatus) -> Void) -> [String] {
    var new = old
    change(&new.status)
    return new.validateStatusUpdate(from: old).map(\.description)
  }

  private static func set(_ status: inout JobStatus, _ types: String...) {
    status.conditions = types.map { Condition($0, true, at: Instant(seconds: 9)) }
  }

  @Test func countersAndTimes() {
    let started = Self.job { job in
      job.status.startTime = Instant(seconds: 5)
      job.status.failed = 2
      job.status.succeeded = 2
    }
    #expect(
      statusComplaints(started) { $0.failed = 1 } == [
        "status.failed: Invalid value: 1: cannot decrease the failed counter"
      ])
    #expect(
      statusComplaints(started) { $0.succeeded = 1 } == [
        "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter"
      ])
    #expect(
      statusComplaints(started) { $0.terminating = -1 } == [
        "status.terminating: Invalid value: -1: must be greater than or equal to 0"
      ])
    #expect(
      statusComplaints(started) { $0.ready = 1 } == [
        "status.ready: Invalid value: 1: cannot set more ready pods than active"
      ])
    #expect(
      statusComplaints(started) { $0.startTime = Instant(seconds: 6) } == [
        "status.startTime: Invalid value: \"1970-01-01T00:00:06Z\": field is immutable for unsuspended job once set"
      ])
    var suspended = started
    suspended.spec.suspend = true
    #expect(statusComplaints(suspended) { $0.startTime = nil } == [])
    let elastic = Self.indexed { $0.status.succeeded = 3 }
    #expect(statusComplaints(elastic) { $0.succeeded = 1 } == [])
    #expect(statusComplaints(started) { Self.set(&$0, "CustomConditionType") } == [])
  }

  @Test func ends() {
    let old = Self.job { $0.status.startTime = Instant(seconds: 5) }
    func found(_ change: (inout JobStatus) -> Void) -> [String] { statusComplaints(old, change) }
    let conditions = "status.conditions: Invalid value: "
    #expect(
      found { Self.set(&$0, "Failed") } == [
        conditions + "cannot set Failed=True condition without the FailureTarget=true condition"
      ])
    #expect(
      found { status in
        Self.set(&status, "Complete")
        status.completionTime = Instant(seconds: 9)
      } == [conditions + "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"])
    #expect(
      found { Self.set(&$0, "SuccessCriteriaMet", "Complete") } == [
        "status.completionTime: Required value: completionTime is required for Complete jobs"
      ])
    #expect(
      found { status in
        Self.set(&status, "SuccessCriteriaMet", "Complete")
        status.completionTime = Instant(seconds: 4)
      } == ["status.completionTime: Invalid value: \"1970-01-01T00:00:04Z\": must be equal to or after `startTime`"])
    #expect(
      found { $0.completionTime = Instant(seconds: 9) } == [
        "status.completionTime: Invalid value: \"1970-01-01T00:00:09Z\": cannot set completionTime when there is no "
          + "Complete=True condition"
      ])
    #expect(
      found { Self.set(&$0, "FailureTarget", "SuccessCriteriaMet") } == [
        conditions + "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"
      ])
    #expect(
      found { status in
        Self.set(&status, "FailureTarget", "Failed")
        status.active = 1
        status.terminating = 1
        status.startTime = nil
        status.uncountedTerminatedPods = UncountedTerminatedPods()
        status.uncountedTerminatedPods?.failed = ["a"]
      } == [
        "status.active: Invalid value: 1: active>0 is invalid for finished job",
        "status.startTime: Required value: startTime is required for finished job",
        "status.uncountedTerminatedPods: Invalid value: {\"Succeeded\":null,\"Failed\":[\"a\"]}: must be empty for "
          + "finished job",
        "status.terminating: Invalid value: 1: terminating>0 is invalid for finished job",
        "status.startTime: Invalid value: \"null\": field is immutable for unsuspended job once set",
      ])
  }

  @Test func whatIsOverStaysOver() {
    let failed = Self.job { job in
      job.status.startTime = Instant(seconds: 5)
      Self.set(&job.status, "FailureTarget", "Failed")
    }
    #expect(
      statusComplaints(failed) { $0.conditions = [] } == [
        "status.conditions: Invalid value: cannot disable the terminal Failed=True condition",
        "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition",
      ])
    let met = Self.job { job in
      job.status.startTime = Instant(seconds: 5)
      Self.set(&job.status, "SuccessCriteriaMet")
    }
    #expect(
      statusComplaints(met) { $0.conditions = [] } == [
        "status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition"
      ])
  }

  @Test func indexes() {
    let old = Self.indexed { $0.spec.backoffLimitPerIndex = 1 }
    #expect(
      statusComplaints(old) { $0.completedIndexes = "0,9" } == [
        "status.completedIndexes: Invalid value: \"0,9\": error parsing completedIndexes: too large index: \"9\""
      ])
    #expect(
      statusComplaints(old) { $0.failedIndexes = "x" } == [
        "status.failedIndexes: Invalid value: \"x\": error parsing failedIndexes: cannot convert string to integer for "
          + "index: \"x\""
      ])
    #expect(
      statusComplaints(old) { status in
        status.completedIndexes = "0-2"
        status.failedIndexes = "2,3"
      } == ["status.failedIndexes: Invalid value: \"2,3\": failedIndexes and completedIndexes overlap at index: 2"])
    #expect(
      statusComplaints(Self.job()) { status in
        status.completedIndexes = "0"
        status.failedIndexes = ""
      } == [
        "status.completedIndexes: Invalid value: \"0\": cannot set non-empty completedIndexes when non-indexed "
          + "completion mode",
        "status.failedIndexes: Invalid value: \"\": cannot set non-null failedIndexes when backoffLimitPerIndex is null",
      ])
  }
}
