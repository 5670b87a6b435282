import KubeModel
import Testing

@testable import ControlPlane

/// Kubernetes' end-to-end tests of jobs (test/e2e/apps/job.go) by their own names: those that are about time and
/// objects. The others run real processes, see JobProcessConformanceTests.
@Suite("Job")
struct JobConformanceTests {
  private static let key = ObjectKey(.job, namespace: "default", name: "job")
  private static let never = ["duration": "100h"]

  private func start(
    _ spec: String = "parallelism: 2;completions: 4", _ annotations: [String: String] = [:], pod: String = "",
    nodes: Int = 3
  ) throws -> SimulatedClusterDriver {
    var cluster = try SimulatedClusterDriver(nodes: nodes)
    try cluster.apply(JobControllerTests.manifest("job", spec, annotations: annotations, pod: pod))
    return cluster
  }

  private func job(_ cluster: SimulatedClusterDriver) throws -> Job { try #require(cluster.job("job")) }

  private func patch(_ cluster: inout SimulatedClusterDriver, _ spec: JSONValue) throws {
    try cluster.submit(.patch(Self.key, .merge, ["spec": spec]))
  }

  private func conditions(_ cluster: SimulatedClusterDriver) -> [String] {
    var seen: [String] = []
    for status in cluster.statuses(of: "job") {
      for condition in status.conditions where condition.isTrue {
        let text = "\(condition.type) \(condition.reason)"
        if !seen.contains(text) { seen.append(text) }
      }
    }
    return seen
  }

  // MARK: podFailurePolicy

  private static let ignore = "podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [1]}}"

  @Test("should allow to use the pod failure policy to not count the failure towards the backoffLimit")
  func policyDoesNotCount() throws {
    var cluster = try start("parallelism: 2;completions: 4;backoffLimit: 0;\(Self.ignore)]}", ["fail-attempts": "1"])
    cluster.run(for: .seconds(60))
    #expect(cluster.pods.count { $0.status.phase == .failed } > 0)
    #expect(conditions(cluster) == ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"])
    #expect(try job(cluster).status.succeeded == 4)
    #expect(try job(cluster).status.failed == 0)
  }

  @Test(
    "should allow to use a pod failure policy to ignore failure for an evicted pod",
    arguments: [
      "\(ignore), {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}",
      "podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [1, 137, 143]}}]}",
    ])
  func policyIgnoresEviction(_ policy: String) throws {
    var cluster = try start(
      "parallelism: 2;completions: 4;completionMode: Indexed;backoffLimit: 0;\(policy)",
      ["duration": "1s", "duration-by-index": "0=30s"])
    cluster.run(until: { $0.job("job")?.status.succeeded == 3 })
    let running = try #require(cluster.pods.first { $0.status.phase == .running })
    try cluster.submit(.evict(running.metadata.name.podKey))
    cluster.run(for: .seconds(60))
    #expect(cluster.pod(running.metadata.name) == nil)
    #expect(conditions(cluster) == ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"])
    #expect(try job(cluster).status.failed == 0)
  }

  @Test("should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition")
  func policyIgnoresDisruption() throws {
    var cluster = try start(
      "parallelism: 3;completions: 3;backoffLimit: 0;podFailurePolicy: {rules: [{action: Ignore, onPodConditions:"
        + " [{type: DisruptionTarget}]}]}", ["duration": "30s"])
    cluster.run(for: .seconds(5))
    for pod in cluster.pods { try cluster.submit(.evict(pod.metadata.name.podKey)) }
    cluster.run(until: { $0.job("job")?.end != nil })
    #expect(try job(cluster).end == "Complete:CompletionsReached")
    #expect(try job(cluster).status.succeeded == 3)
    #expect(try job(cluster).status.failed == 0)
  }

  // MARK: Suspension

  @Test("should not create pods when created in suspend state")
  func createdSuspended() throws {
    var cluster = try start("parallelism: 2;completions: 4;suspend: true")
    cluster.run(for: .seconds(60))
    #expect(conditions(cluster) == ["Suspended JobSuspended"])
    #expect(cluster.pods.isEmpty)
    try patch(&cluster, ["suspend": false])
    cluster.run(for: .seconds(10))
    #expect(try job(cluster).end == "Complete:CompletionsReached")
    #expect(try job(cluster).status.succeeded == 4)
  }

  @Test("should delete pods when suspended")
  func deletesPodsWhenSuspended() throws {
    var cluster = try start("parallelism: 2;completions: 4", Self.never)
    cluster.run(for: .seconds(5))
    #expect(cluster.pods.count == 2)
    try patch(&cluster, ["suspend": true])
    cluster.run(for: .seconds(40))
    #expect(cluster.pods.isEmpty)
    #expect(try job(cluster).status.conditions.contains { $0.type == "Suspended" && $0.isTrue })
  }

  @Test("should update the status ready field")
  func readyField() throws {
    var cluster = try start("parallelism: 2;completions: 4;suspend: true", Self.never)
    for (suspend, ready) in [(true, 0), (false, 2), (true, 0)] {
      try patch(&cluster, ["suspend": .bool(suspend)])
      cluster.run(for: .seconds(5))
      #expect(try job(cluster).status.ready == ready)
    }
  }

  @Test("should recreate pods only after they have failed if pod replacement policy is set to Failed")
  func recreatesFailedPodsOnly() throws {
    var cluster = try start(
      "backoffLimit: 1;podReplacementPolicy: Failed", ["duration": "100h", "term-delay": "5s"])
    cluster.run(for: .seconds(5))
    try cluster.submit(
      .delete(cluster.pods[0].metadata.name.podKey, DeleteOptions(gracePeriodSeconds: 30)))
    var status = try job(cluster).status
    #expect((status.active, status.failed, status.terminating) == (0, 0, 1))
    cluster.run(for: .seconds(30))
    status = try job(cluster).status
    #expect((status.active, status.failed, status.terminating) == (1, 1, 0))
  }

  @Test("should allow updating the template of a job that was suspended", arguments: [false, true])
  func mutablePodResources(_ hadStarted: Bool) throws {
    var cluster = try start("parallelism: 1;completions: 1;suspend: \(!hadStarted)", Self.never)
    cluster.run(for: .seconds(5))
    if hadStarted {
      #expect(throws: StatusError.self) {
        var copy = cluster
        try copy.submit(.patch(Self.key, .merge, Self.resources))
      }
      try patch(&cluster, ["suspend": true])
      cluster.run(for: .seconds(5))
    }
    try cluster.submit(.patch(Self.key, .merge, Self.resources))
    try patch(&cluster, ["suspend": false])
    cluster.run(for: .seconds(5))
    #expect(cluster.pods.last?.spec.containers[0].resources.requests?["cpu"]?.milli == 250)
  }

  private static let resources: JSONValue = [
    "spec": [
      "template": [
        "spec": [
          "containers": [
            ["name": "main", "image": "busybox", "command": ["true"], "resources": ["requests": ["cpu": "250m"]]]
          ]
        ]
      ]
    ]
  ]

  // MARK: Indexed jobs

  @Test("should create pods for an Indexed job with completion indexes and specified hostname")
  func indexesAndHostname() throws {
    var cluster = try start("parallelism: 2;completions: 4;completionMode: Indexed")
    cluster.run(for: .seconds(10))
    #expect(try job(cluster).end == "Complete:CompletionsReached")
    #expect(cluster.pods.map { $0.metadata.annotations[JobLabel.completionIndex] } == ["0", "1", "2", "3"])
    #expect(cluster.pods.map(\.spec.hostname) == ["job-0", "job-1", "job-2", "job-3"])
  }

  @Test("should create pods with completion indexes for an Indexed Job")
  func indexLabel() throws {
    var cluster = try start("parallelism: 2;completions: 4;completionMode: Indexed")
    cluster.run(for: .seconds(10))
    #expect(cluster.pods.map { $0.metadata.labels[JobLabel.completionIndex] } == ["0", "1", "2", "3"])
  }

  @Test("with successPolicy should succeeded when all indexes succeeded")
  func successPolicyOfAll() throws {
    var cluster = try start(
      "parallelism: 2;completions: 2;completionMode: Indexed;successPolicy: {rules: [{succeededCount: 2}]}",
      ["duration": "1s"])
    cluster.run(for: .seconds(10))
    #expect(conditions(cluster) == ["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"])
    #expect(try job(cluster).status.completedIndexes == "0,1")
    let status = try job(cluster).status
    #expect((status.active, status.ready, status.terminating, status.failed) == (0, 0, 0, 0))
  }

  @Test("with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending")
  func successPolicyOfIndexes() throws {
    var cluster = try start(
      "parallelism: 2;completions: 5;completionMode: Indexed;successPolicy: {rules: [{succeededIndexes: \"0\"}]}",
      ["duration": "1s", "exit-code-by-index": "1=1,3=1"])
    cluster.run(for: .seconds(20))
    let status = try job(cluster).status
    #expect(conditions(cluster) == ["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"])
    #expect(status.completedIndexes == "0")
    #expect((status.active, status.ready, status.terminating) == (0, 0, 0))
  }

  @Test("with successPolicy succeededCount rule should succeeded even when some indexes remain pending")
  func successPolicyOfCount() throws {
    var cluster = try start(
      "parallelism: 2;completions: 5;completionMode: Indexed;backoffLimit: 2147483647;successPolicy: {rules:"
        + " [{succeededCount: 1}]}", ["duration": "1s", "exit-code-by-index": "1=1,3=1"])
    cluster.run(for: .seconds(60))
    #expect(conditions(cluster) == ["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"])
    let status = try job(cluster).status
    #expect(status.completedIndexes == "0")
    #expect((status.active, status.ready, status.terminating) == (0, 0, 0))
  }

  @Test("should execute all indexes despite some failing when using backoffLimitPerIndex")
  func backoffLimitPerIndex() throws {
    var cluster = try start(
      "parallelism: 2;completions: 4;completionMode: Indexed;backoffLimitPerIndex: 1",
      ["duration": "1s", "exit-code-by-index": "1=1,3=1"])
    cluster.run(until: { $0.job("job")?.end != nil })
    let status = try job(cluster).status
    #expect(conditions(cluster) == ["FailureTarget FailedIndexes", "Failed FailedIndexes"])
    #expect((status.failedIndexes, status.completedIndexes) == ("1,3", "0,2"))
    #expect((status.failed, status.succeeded) == (4, 2))
  }

  @Test("should terminate job execution when the number of failed indexes exceeds maxFailedIndexes")
  func maxFailedIndexes() throws {
    var cluster = try start(
      "parallelism: 1;completions: 4;completionMode: Indexed;backoffLimitPerIndex: 0;maxFailedIndexes: 0",
      ["exit-code": "1"])
    cluster.run(for: .seconds(30))
    #expect(conditions(cluster) == ["FailureTarget MaxFailedIndexesExceeded", "Failed MaxFailedIndexesExceeded"])
    #expect(try job(cluster).status.failedIndexes == "0")
    #expect(try job(cluster).status.failed == 1)
  }

  @Test("should record the failure-count in the Pod annotation when using backoffLimitPerIndex")
  func failureCount() throws {
    var cluster = try start(
      "parallelism: 2;completions: 2;completionMode: Indexed;backoffLimitPerIndex: 1",
      ["duration": "1s", "exit-code": "1"])
    cluster.run(for: .seconds(60))
    for index in ["0", "1"] {
      let counts = cluster.pods.filter { $0.metadata.labels[JobLabel.completionIndex] == index }.map {
        $0.metadata.annotations[JobAnnotation.indexFailureCount]
      }
      #expect(counts == ["0", "1"])
    }
  }

  @Test("should mark indexes as failed when the FailIndex action is matched in podFailurePolicy")
  func failIndex() throws {
    var cluster = try start(
      "parallelism: 2;completions: 2;completionMode: Indexed;backoffLimitPerIndex: 1;podFailurePolicy: {rules:"
        + " [{action: FailIndex, onExitCodes: {operator: In, values: [1]}}]}",
      ["duration": "1s", "exit-code-by-index": "1=1"])
    cluster.run(for: .seconds(30))
    let status = try job(cluster).status
    #expect(conditions(cluster) == ["FailureTarget FailedIndexes", "Failed FailedIndexes"])
    #expect((status.failedIndexes, status.completedIndexes) == ("1", "0"))
    #expect((status.failed, status.succeeded) == (1, 1))
  }

  // MARK: Ends

  @Test("should fail when exceeds active deadline")
  func activeDeadline() throws {
    var cluster = try start("parallelism: 2;completions: 4;activeDeadlineSeconds: 1", Self.never)
    cluster.run(for: .seconds(40))
    #expect(conditions(cluster) == ["FailureTarget DeadlineExceeded", "Failed DeadlineExceeded"])
    let status = try job(cluster).status
    #expect((status.active, status.ready, status.terminating) == (0, 0, 0))
  }

  @Test("should fail to exceed backoffLimit")
  func backoffLimit() throws {
    var cluster = try start("backoffLimit: 1", ["exit-code": "1"])
    cluster.run(for: .seconds(60))
    #expect(conditions(cluster) == ["FailureTarget BackoffLimitExceeded", "Failed BackoffLimitExceeded"])
    #expect(cluster.pods.map(\.status.phase) == [.failed, .failed])
  }

  @Test("should run a job to completion with CPU requests")
  func cpuRequests() throws {
    // A fifth of the node each: at most five at a time, and none of the 90 is refused by its node.
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: job}
      spec:
        parallelism: 90
        completions: 90
        backoffLimit: 0
        template:
          metadata: {annotations: {jobdeck.dev/duration: 2s}}
          spec:
            restartPolicy: Never
            containers: [{name: main, image: x, command: [x], resources: {requests: {cpu: 6400m}}}]
      """)
    #expect(try job(cluster).status.active == 90)
    #expect(cluster.pods.count { !$0.spec.nodeName.isEmpty } == 5)
    cluster.run(for: .seconds(3600))
    #expect(conditions(cluster) == ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"])
    #expect(cluster.pods.map(\.status.phase) == Array(repeating: .succeeded, count: 90))
  }

  @Test("should run a job to completion when tasks sometimes fail and are not locally restarted")
  func notLocallyRestarted() throws {
    var cluster = try start("parallelism: 2;completions: 4", ["fail-attempts": "2"])
    cluster.run(until: { $0.job("job")?.end != nil })
    #expect(conditions(cluster) == ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"])
    #expect(try job(cluster).status.succeeded == 4)
    #expect(try job(cluster).status.failed == 2)
  }

  // MARK: The API

  @Test("should apply changes to a job status")
  func statusChanges() throws {
    var cluster = try start("parallelism: 2;completions: 4", Self.never)
    cluster.run(for: .seconds(5))
    var changed = try job(cluster)
    changed.metadata.annotations["patchedstatus"] = "true"
    changed.status.conditions.append(
      Condition("CustomConditionType", true, reason: "", message: "", at: Instant(seconds: 1_000)))
    changed.spec.parallelism = 99
    try cluster.submit(.updateStatus(.job(changed)))
    var known = try job(cluster)
    #expect(known.metadata.annotations["patchedstatus"] == "true")
    #expect(known.spec.parallelism == 2, "the status endpoint ignores the spec")
    known.status.conditions[0].lastTransitionTime = Instant(seconds: 2_000)
    try cluster.submit(.updateStatus(.job(known)))
    // The controller's own updates leave it there.
    try patch(&cluster, ["suspend": true])
    cluster.run(for: .seconds(5))
    let custom = try #require(try job(cluster).status.conditions["CustomConditionType"])
    #expect(custom.isTrue && custom.lastTransitionTime == Instant(seconds: 2_000))
    #expect(try job(cluster).metadata.uid == known.metadata.uid)
  }

  @Test("should manage the lifecycle of a job")
  func lifecycle() throws {
    var cluster = try start("parallelism: 2;completions: 4;suspend: true")
    try cluster.submit(.patch(Self.key, .merge, ["metadata": ["labels": ["e2e": "patched"]]]))
    #expect(cluster.changes.last { $0.object.kind == .job }?.object.metadata.labels["e2e"] == "patched")
    var changed = try job(cluster)
    changed.spec.suspend = false
    changed.metadata.annotations["updated"] = "true"
    try cluster.submit(.update(.job(changed)))
    #expect(try job(cluster).metadata.annotations["updated"] == "true")
    #expect(throws: StatusError.conflict(Self.key)) { try cluster.submit(.update(.job(changed))) }
    cluster.run(for: .seconds(10))
    #expect(try job(cluster).status.succeeded == 4)
    let selector = try Selector("e2e=patched")
    let selected = cluster.plane.list(.job).filter { selector.matches($0.metadata.labels) }
    #expect(selected.count == 1)
    for object in selected {
      try cluster.submit(.delete(object.key, DeleteOptions(propagationPolicy: .background)))
    }
    #expect(cluster.changes.contains { $0.verb == .deleted && $0.object.key == Self.key })
    #expect(cluster.plane.list(.job).isEmpty)
  }

  @Test("should adopt matching orphans and release non-matching pods")
  func adoptsAndReleases() throws {
    var cluster = try start("parallelism: 2;completions: 4", Self.never)
    cluster.run(for: .seconds(5))
    let key = cluster.pods[0].metadata.name.podKey
    try cluster.submit(.patch(key, .merge, ["metadata": ["ownerReferences": nil]]))
    cluster.run(for: .seconds(5))
    var pod = try #require(cluster.pod(key.name))
    #expect(pod.metadata.controller?.uid == cluster.job("job")?.metadata.uid)
    #expect(pod.metadata.finalizers == [ControlPlane.trackingFinalizer])
    try cluster.submit(.patch(key, .merge, ["metadata": ["labels": nil]]))
    cluster.run(for: .seconds(5))
    pod = try #require(cluster.pod(key.name))
    #expect(pod.metadata.controller == nil)
    #expect(pod.metadata.finalizers.isEmpty)
    #expect(try job(cluster).status.active == 2, "another pod has taken its place")
  }

  @Test("should allow to delegate reconciliation to external controller")
  func managedBy() throws {
    var cluster = try start("parallelism: 2;completions: 4;managedBy: example.com/manager")
    cluster.run(for: .seconds(3))
    #expect(try job(cluster).status == JobStatus())
  }
}
