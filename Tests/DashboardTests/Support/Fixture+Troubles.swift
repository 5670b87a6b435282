import KubeModel

extension Fixture {
  /// A cluster where little goes well: a reason of every kind.
  static let troubled: Fixture = {
    var cluster = Fixture()
    cluster.namespace("default")
    cluster.node("node-1", cpu: "2", memory: "4Gi")
    cluster.node("node-2", cpu: "2", memory: "4Gi", cordoned: true)
    cluster.node("node-3", cpu: "2", memory: "4Gi", ready: false)
    addFailed(&cluster)
    addPolicy(&cluster)
    addRestarts(&cluster)
    addDeadline(&cluster)
    addQueue(&cluster)
    addCronJob(&cluster)
    return cluster
  }()

  /// Pods of one job that failed for several reasons.
  private static func addFailed(_ cluster: inout Fixture) {
    var job = cluster.job(
      "mixed",
      JobShape(
        completions: 9, parallelism: 3, mode: .indexed, age: 600, succeeded: 6, failed: 7,
        verdict: ("Failed", "FailedIndexes", "Job has failed indexes", 200)))
    job.spec.backoffLimitPerIndex = 1
    job.status.failedIndexes = "2,5,7"
    job.status.completedIndexes = "0,1,3,4,6,8"
    cluster.change(.job(job))
    for (index, exit) in [3, 3, 3, 3, 127].enumerated() {
      cluster.pod(
        "f\(index)kk2", of: job,
        PodShape(phase: .failed, age: 500, finished: 400 - Int64(index), exit: exit, index: index))
    }
    cluster.pod(
      "o5mq8", of: job,
      PodShape(phase: .failed, age: 300, finished: 210, exit: 137, signal: 9, reason: "OOMKilled", index: 7))
  }

  /// A rule that ends the job for one exit code.
  /// A rule that does not count pods which others ended.
  static var ignoresDisruptions: PodFailurePolicyRule {
    var disruption = PodFailurePolicyRule.OnPodConditionsPattern()
    disruption.type = "DisruptionTarget"
    var rule = PodFailurePolicyRule()
    rule.action = "Ignore"
    rule.onPodConditions = [disruption]
    return rule
  }

  private static func addPolicy(_ cluster: inout Fixture) {
    var job = cluster.job(
      "strict",
      JobShape(
        age: 90, failed: 1,
        verdict: (
          "Failed", "PodFailurePolicy",
          "Container main for pod default/strict-9fgh2 failed with exit code 42 matching FailJob rule at index 1", 60
        )))
    var fail = PodFailurePolicyRule()
    fail.action = "FailJob"
    var codes = PodFailurePolicyRule.OnExitCodes()
    codes.containerName = "main"
    codes.operator = "In"
    codes.values = [42, 43]
    fail.onExitCodes = codes
    var policy = PodFailurePolicy()
    policy.rules = [ignoresDisruptions, fail]
    job.spec.podFailurePolicy = policy
    cluster.change(.job(job))
    cluster.pod("9fgh2", of: job, PodShape(phase: .failed, age: 90, finished: 62, exit: 42))
  }

  /// A container that is started again and again.
  private static func addRestarts(_ cluster: inout Fixture) {
    var job = cluster.job("flaky", JobShape(age: 130, active: 1))
    job.spec.template.spec.restartPolicy = .onFailure
    cluster.change(.job(job))
    var pod = cluster.pod(
      "c7x2p", of: job,
      PodShape(
        age: 130, restarts: 3,
        waiting: ("CrashLoopBackOff", "back-off 40s restarting failed container=main pod=flaky-c7x2p_default")))
    var ended = ContainerState.Terminated()
    ended.exitCode = 139
    ended.signal = 11
    ended.reason = "Error"
    ended.startedAt = now - .seconds(20)
    ended.finishedAt = now - .seconds(17)
    pod.status.containerStatuses[0].lastState.terminated = ended
    cluster.change(.pod(pod))
  }

  /// A job that ran out of time, of which nothing is left.
  private static func addDeadline(_ cluster: inout Fixture) {
    var job = cluster.job(
      "slow",
      JobShape(
        age: 400, failed: 1,
        verdict: ("Failed", "DeadlineExceeded", "Job was active longer than specified deadline", 100)))
    job.spec.activeDeadlineSeconds = 300
    job.spec.ttlSecondsAfterFinished = 3_600
    cluster.change(.job(job))
    var pod = cluster.pod(
      "zz4t9", of: job, PodShape(phase: .failed, node: "node-3", age: 400, finished: 70, exit: 137, signal: 9))
    pod.metadata.deletionTimestamp = now - .seconds(70)
    pod.metadata.deletionGracePeriodSeconds = 30
    cluster.change(.pod(pod))
  }

  /// Pods that hold all there is, one that was ended for them, and pods that wait.
  private static func addQueue(_ cluster: inout Fixture) {
    var batch = cluster.job("batch", JobShape(completions: 4, parallelism: 4, age: 250, failed: 1, active: 3))
    batch.spec.template.spec.containers[0].resources.requests?["cpu"] = Quantity("500m")
    cluster.change(.job(batch))
    var pods: [Pod] = []
    for suffix in ["0vn7x", "1bb2c", "2dd4e", "3ff6g"] {
      var pod = cluster.pod(suffix, of: batch, PodShape(age: 240))
      pod.spec.common.priority = suffix == "0vn7x" ? 0 : 1_000
      cluster.change(.pod(pod))
      pods.append(pod)
    }
    var victim = pods[0]
    victim.status.phase = .failed
    victim.status.conditions.append(
      Condition(
        "DisruptionTarget", true, reason: "PreemptionByScheduler",
        message: "default-scheduler: preempting to accommodate a higher priority pod", at: now - .seconds(30)))
    var ended = ContainerState.Terminated()
    ended.exitCode = 143
    ended.signal = 15
    ended.reason = "Error"
    ended.finishedAt = now - .seconds(28)
    victim.status.containerStatuses[0].state = ContainerState()
    victim.status.containerStatuses[0].state.terminated = ended
    cluster.change(.pod(victim))
    cluster.event(
      .pod, victim.metadata, "Preempted", "Preempted by pod \(pods[1].metadata.uid) on node node-1", ago: 30)
    let waiting = cluster.job("waiting", JobShape(completions: 3, parallelism: 3, age: 120, active: 3))
    for (index, suffix) in ["g4xkd", "h7wlm", "k2vpq"].enumerated() {
      cluster.pod(
        suffix, of: waiting,
        PodShape(
          phase: .pending, age: 120 - Int64(index) * 20,
          unschedulable: "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, "
            + "1 node(s) had untolerated taint(s)."))
    }
  }

  /// A cron job whose last run failed.
  private static func addCronJob(_ cluster: inout Fixture) {
    let cron = cluster.cronJob("report", "*/15 * * * *", last: 187)
    for (number, took) in [300, 240, 280, 250, 900].enumerated() {
      let age = 1_087 + Int64(number) * 900
      _ = cluster.job(
        "report-2965\(6_405 - number * 15)",
        JobShape(
          age: age, succeeded: 1,
          verdict: ("Complete", "CompletionsReached", "Reached expected number of succeeded pods", age - Int64(took)),
          owner: ("CronJob", "report", cron.metadata.uid)))
    }
    let failed = cluster.job(
      "report-29656420",
      JobShape(
        backoffLimit: 0, age: 187, failed: 1,
        verdict: ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit", 150),
        owner: ("CronJob", "report", cron.metadata.uid)))
    cluster.pod("v8n3d", of: failed, PodShape(phase: .failed, age: 187, finished: 151, exit: 126))
  }
}
