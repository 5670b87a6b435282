import KubeModel

@testable import ControlPlane

/// Random policies of jobs, rules of pods, and cron jobs.
extension RandomCluster {
  /// Rules for failures and successes, mostly valid ones.
  mutating func addPolicies(to job: inout Job) {
    let isIndexed = job.spec.completionMode == .indexed
    if isIndexed, chance(30) {
      job.spec.backoffLimitPerIndex = Int.random(in: 0...2, using: &generator)
      if chance(60) { job.spec.backoffLimit = nil }
      if chance(40) { job.spec.maxFailedIndexes = Int.random(in: 0...2, using: &generator) }
    }
    if isIndexed, chance(25) { job.spec.successPolicy = successPolicy() }
    if chance(25) {
      job.spec.template.spec.restartPolicy = .never
      if chance(90) { job.spec.podReplacementPolicy = chance(50) ? .failed : nil }
      job.spec.podFailurePolicy = podFailurePolicy(perIndex: job.spec.backoffLimitPerIndex != nil)
    }
  }

  private mutating func successPolicy() -> SuccessPolicy {
    var policy = SuccessPolicy()
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      var rule = SuccessPolicyRule()
      if chance(60) { rule.succeededCount = Int.random(in: 1...3, using: &generator) }
      if chance(60) || rule.succeededCount == nil { rule.succeededIndexes = pick(["0", "0-1", "0,2", "1-3"]) }
      policy.rules.append(rule)
    }
    return policy
  }

  private mutating func podFailurePolicy(perIndex: Bool) -> PodFailurePolicy {
    var policy = PodFailurePolicy()
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      var rule = PodFailurePolicyRule()
      rule.action =
        pick(perIndex ? ["Count", "Ignore", "FailJob", "FailIndex"] : ["Count", "Ignore", "FailJob"]) ?? ""
      if chance(60) {
        var codes = PodFailurePolicyRule.OnExitCodes()
        codes.operator = pick(["In", "NotIn"]) ?? ""
        codes.values = pick([[1], [2], [1, 2], [137, 143]]) ?? []
        if chance(20) { codes.containerName = "main" }
        rule.onExitCodes = codes
      } else {
        var pattern = PodFailurePolicyRule.OnPodConditionsPattern()
        pattern.type = pick(["DisruptionTarget", "Ready"]) ?? ""
        if chance(50) { pattern.status = pick(["True", "False"]) }
        rule.onPodConditions = [pattern]
      }
      policy.rules.append(rule)
    }
    return policy
  }

  // MARK: Pods

  /// Rules about where a pod may be.
  mutating func addPlacement(to spec: inout PodSpec) {
    let key = pick(["kubernetes.io/hostname", "zone"]) ?? ""
    let term: JSONValue = [
      "labelSelector": ["matchLabels": ["run": .string(pick(["a", "b"]) ?? "a")]], "topologyKey": .string(key),
    ]
    let required = "requiredDuringSchedulingIgnoredDuringExecution"
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    let weighted: JSONValue = ["weight": 50, "podAffinityTerm": term]
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: spec.affinity = ["podAntiAffinity": [required: [term]]]
    case 1: spec.affinity = ["podAffinity": [required: [term]]]
    case 2: spec.affinity = ["podAffinity": [preferred: [weighted]]]
    case 3: spec.affinity = ["podAntiAffinity": [preferred: [weighted]]]
    case 4: spec.containers[0].ports = [["containerPort": 80, "hostPort": 8080]]
    default:
      let isHard = chance(50)
      spec.topologySpreadConstraints = [
        [
          "maxSkew": 1, "topologyKey": .string(key), "labelSelector": ["matchLabels": ["run": "a"]],
          "whenUnsatisfiable": .string(isHard ? "DoNotSchedule" : "ScheduleAnyway"),
        ]
      ]
    }
  }

  mutating func addProbesAndVolumes(to spec: inout PodSpec) {
    let probe: JSONValue = ["exec": ["command": ["true"]], "periodSeconds": 5, "failureThreshold": 2]
    if chance(50) { spec.containers[0].readinessProbe = probe }
    if chance(30) { spec.containers[0].livenessProbe = probe }
    if chance(30) { spec.containers[0].startupProbe = probe }
    guard chance(50) else { return }
    var volume = Volume()
    volume.name = "data"
    let source: JSONValue = chance(50) ? ["emptyDir": [:]] : ["configMap": ["name": "settings"]]
    volume.source = source.object ?? JSONObject()
    var mount = VolumeMount()
    mount.name = "data"
    mount.mountPath = "/data"
    spec.volumes = [volume]
    spec.containers[0].volumeMounts = [mount]
  }

  func gate(_ name: String) -> SchedulingGate {
    var gate = SchedulingGate()
    gate.name = name
    return gate
  }

  /// Whether a pod cannot start without the config map `settings`, which only the namespace `default` has.
  func needsSettings(_ spec: PodSpec) -> Bool {
    !spec.containers[0].env.isEmpty || spec.volumes.contains { $0.source["configMap"] != nil }
  }

  /// Whether a pod may wait for ever for a place, because of where others are or are not.
  func mayWaitForOthers(_ spec: PodSpec) -> Bool {
    spec.affinity != nil || spec.topologySpreadConstraints != nil || spec.containers[0].ports != nil
  }

  /// Makes, changes or deletes a cron job.
  mutating func changeCronJobs() {
    guard keys(.cronJob).count > 2 || chance(60), let key = pick(keys(.cronJob)),
      case .cronJob(var cronJob)? = table[key]
    else { return createCronJob() }
    switch Int.random(in: 0..<8, using: &generator) {
    case 0, 1:
      let options = DeleteOptions(propagationPolicy: option([nil, .background, .foreground, .orphan]))
      return submit(.delete(key, options), "delete \(key.name)")
    case 2: cronJob.spec.suspend = !(cronJob.spec.suspend ?? false)
    case 3: cronJob.spec.schedule = schedule()
    case 4: cronJob.spec.timeZone = option([nil, "Europe/Berlin", "America/New_York"])
    case 5: cronJob.spec.concurrencyPolicy = pick(["Allow", "Forbid", "Replace"]) ?? ""
    case 6: cronJob.spec.successfulJobsHistoryLimit = Int.random(in: 0...2, using: &generator)
    default: cronJob.spec.startingDeadlineSeconds = option([nil, 0, 30, 400])
    }
    submit(.update(.cronJob(cronJob)), "edit \(key.name)")
  }

  private mutating func createCronJob() {
    if keys(.cronJob).count > 3 { return }
    var cronJob = CronJob()
    cronJob.metadata.name = newName("cron")
    cronJob.metadata.namespace = namespace()
    cronJob.spec.schedule = schedule()
    cronJob.spec.concurrencyPolicy = pick(["Allow", "Forbid", "Replace"]) ?? ""
    cronJob.spec.startingDeadlineSeconds = option([nil, nil, 30])
    cronJob.spec.jobTemplate.spec.template.spec = podSpec()
    cronJob.spec.jobTemplate.spec.backoffLimit = Int.random(in: 0...2, using: &generator)
    if chance(50) { cronJob.spec.jobTemplate.spec.ttlSecondsAfterFinished = Int.random(in: 0...60, using: &generator) }
    submit(.create(.cronJob(cronJob)), "create \(cronJob.metadata.name)")
  }

  private mutating func schedule() -> String {
    pick(["* * * * *", "*/5 * * * *", "0 * * * *", "@every 40s", "59 23 31 2 *", "30 2 * * sun"]) ?? ""
  }

  /// What must hold of a cron job whenever the control plane is at rest.
  func cronJobProblems(_ cronJob: CronJob) -> [String] {
    var problems: [String] = []
    let name = cronJob.metadata.name
    for reference in cronJob.status.active {
      let key = ObjectKey(.job, namespace: reference.namespace, name: reference.name)
      guard case .job(let job)? = table[key], job.metadata.uid == reference.uid else {
        problems.append("\(name) lists \(reference.name), which does not exist")
        continue
      }
      if job.status.isFinished { problems.append("\(name) lists \(reference.name), which has finished") }
    }
    if Set(cronJob.status.active.map(\.uid)).count != cronJob.status.active.count {
      problems.append("\(name) lists a job twice")
    }
    return problems
  }
}
