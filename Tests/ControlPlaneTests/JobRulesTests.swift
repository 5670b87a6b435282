import KubeModel
import Testing

@testable import ControlPlane

/// Rules of the job controller, each by a job that would end otherwise if it were broken.
struct JobRulesTests {
  private static let perIndex = "completions: 3;parallelism: 3;completionMode: Indexed;backoffLimitPerIndex: 2"

  private func start(
    _ spec: String, _ annotations: [String: String] = [:], pod: String = "", restartPolicy: String = "Never",
    nodes: Int = 3, pods: String = "110"
  ) throws -> SimulatedClusterDriver {
    var cluster = try SimulatedClusterDriver(nodes: nodes, pods: pods)
    try cluster.apply(
      JobControllerTests.manifest("job", spec, annotations: annotations, pod: pod, restartPolicy: restartPolicy))
    return cluster
  }

  private func patch(_ cluster: inout SimulatedClusterDriver, _ spec: JSONValue) throws {
    try cluster.submit(.patch(ObjectKey(.job, namespace: "default", name: "job"), .merge, ["spec": spec]))
  }

  private func status(_ cluster: SimulatedClusterDriver) throws -> JobStatus {
    try #require(cluster.job("job")).status
  }

  private func pods(_ cluster: SimulatedClusterDriver, index: Int) -> [Pod] {
    cluster.pods.filter { $0.metadata.labels[JobLabel.completionIndex] == String(index) }
  }

  // MARK: Counting

  @Test func countersAndPointersAreThereFromTheStart() throws {
    let cluster = try start("parallelism: 1", ["duration": "1h"])
    let shown = try #require(cluster.plane.list(.job).first?.jsonValue["status"])
    #expect(shown["ready"] != nil)
    #expect(shown["terminating"] == 0)
    #expect(shown["uncountedTerminatedPods"] == JSONValue.object(JSONObject()))
    #expect(shown["succeeded"] == nil && shown["failed"] == nil)
  }

  @Test func killedPodsCountAsFailedWhenTheJobFails() throws {
    var cluster = try start(
      "completions: 3;parallelism: 3;completionMode: Indexed;backoffLimit: 0",
      ["duration": "1h", "duration-by-index": "1=2s", "exit-code-by-index": "1=1", "term-delay": "5s"])
    cluster.run(for: .seconds(4))
    // The final condition waits for the pods that are on their way out.
    #expect(try status(cluster).conditions.map(\.type) == ["FailureTarget"])
    #expect(try status(cluster).failed == 3)
    #expect(try status(cluster).terminating == 2)
    cluster.run(for: .seconds(10))
    #expect(cluster.job("job")?.end == "Failed:BackoffLimitExceeded")
    #expect(try status(cluster).failed == 3)
    #expect(cluster.statuses(of: "job").filter { $0.conditions.isTrue("Failed") }.allSatisfy { $0.terminating == 0 })
  }

  @Test func killedPodsCountAsNothingWhenTheJobSucceedsByItsPolicy() throws {
    var cluster = try start(
      "completions: 3;parallelism: 3;completionMode: Indexed;successPolicy: {rules: [{succeededIndexes: \"0\"}]}",
      ["duration": "1h", "duration-by-index": "0=2s", "term-delay": "5s"])
    cluster.run(for: .seconds(20))
    #expect(cluster.job("job")?.end == "Complete:SuccessPolicy")
    #expect(try status(cluster).failed == 0)
    #expect(cluster.pods.allSatisfy { $0.metadata.finalizers.isEmpty })
  }

  @Test func podsThatFailedBeforeASuccessByPolicyCount() throws {
    // Index 1 fails in the same moment in which index 0 succeeds.
    var cluster = try start(
      "completions: 3;parallelism: 3;completionMode: Indexed;successPolicy: {rules: [{succeededIndexes: \"0\"}]}",
      ["duration": "2s", "duration-by-index": "2=1h", "exit-code-by-index": "1=1"])
    cluster.run(for: .seconds(20))
    #expect(cluster.job("job")?.end == "Complete:SuccessPolicy")
    #expect(try status(cluster).failed == 1)
  }

  /// Whoever may write a pod's annotations can write there what he likes.
  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "99999999999999999999", "x"])
  func hostileFailureCountsAreBounded(_ count: String) throws {
    var cluster = try start(
      "completions: 2;parallelism: 2;completionMode: Indexed;backoffLimitPerIndex: 1",
      ["exit-code": "1", "duration": "1s"])
    cluster.run(for: .seconds(3))
    for pod in cluster.pods {
      for key in [JobAnnotation.indexFailureCount, JobAnnotation.indexIgnoredFailureCount] {
        try cluster.submit(
          .patch(
            ObjectKey(.pod, namespace: "default", name: pod.metadata.name), .merge,
            ["metadata": ["annotations": [key: .string(count)]]]))
      }
    }
    cluster.run(for: .seconds(3600))
    #expect(cluster.job("job")?.end == "Failed:FailedIndexes")
  }

  @Test func noMoreThanFiveHundredPodsAreCountedAtOnce() throws {
    var cluster = try start(
      "completions: 1200;parallelism: 1200", ["duration": "5s"], nodes: 20)
    cluster.run(for: .seconds(20))
    #expect(try status(cluster).succeeded == 1200)
    #expect(cluster.statuses(of: "job").map { $0.uncountedTerminatedPods?.succeeded.count ?? 0 }.max() == 500)
    #expect(cluster.job("job")?.end == "Complete:CompletionsReached")
  }

  @Test func tooManySuccessesAreTold() throws {
    // Pods that have succeeded already, and a job whose selector they match.
    var cluster = try SimulatedClusterDriver()
    for name in ["one", "two"] {
      try cluster.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), labels: {app: x}}
        spec:
          restartPolicy: Never
          containers: [{name: main, image: x, command: [x]}]
        """)
    }
    cluster.run(for: .seconds(5))
    try cluster.apply(
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: job}
      spec:
        manualSelector: true
        selector: {matchLabels: {app: x}}
        template:
          metadata: {labels: {app: x}}
          spec:
            restartPolicy: Never
            containers: [{name: main, image: x, command: [x]}]
      """)
    cluster.run(for: .seconds(5))
    #expect(try status(cluster).succeeded == 2)
    #expect(cluster.pods.map(\.metadata.name) == ["one", "two"])
    #expect(cluster.reasons(of: "job") == ["TooManySucceededPods": 1, "Completed": 1])
    let event = try #require(cluster.events.first { $0.reason == "TooManySucceededPods" })
    #expect(event.message == "Too many succeeded pods running after completion count reached")
    #expect(event.type == "Warning")
  }

  // MARK: Pods on their way out

  @Test(arguments: [("TerminatingOrFailed", 2, 1), ("Failed", 1, 0)])
  func aTerminatingPodIsReplacedByThePolicy(_ policy: String, _ podsMeanwhile: Int, _ failedMeanwhile: Int) throws {
    var cluster = try start(
      "podReplacementPolicy: \(policy)", ["duration": "1h", "term-delay": "20s"])
    cluster.run(for: .seconds(5))
    try cluster.submit(.delete(cluster.pods[0].metadata.name.podKey))
    cluster.run(for: .seconds(15))
    #expect(cluster.pods.count == podsMeanwhile)
    #expect(try status(cluster).failed == failedMeanwhile)
    #expect(try status(cluster).terminating == 1)
    cluster.run(for: .seconds(40))
    #expect(try status(cluster).failed == 1)
    #expect(try status(cluster).active == 1)
    #expect(try status(cluster).terminating == 0)
  }

  @Test func thePolicyMayChangeWhileAPodTerminates() throws {
    var cluster = try start(
      "completions: 1;completionMode: Indexed;backoffLimitPerIndex: 1;podReplacementPolicy: TerminatingOrFailed",
      ["duration": "1h", "term-delay": "20s"])
    cluster.run(for: .seconds(5))
    try cluster.submit(.delete(cluster.pods[0].metadata.name.podKey))
    // It has failed and waits for its successor, which the backoff puts off.
    #expect(cluster.pods.count == 1)
    try patch(&cluster, ["podReplacementPolicy": "Failed"])
    #expect(cluster.plane.checkInvariants() == [])
    cluster.run(for: .seconds(15))
    #expect(cluster.pods.count == 1)
    #expect(try status(cluster).failed == 0)
    cluster.run(for: .seconds(30))
    #expect(try status(cluster).failed == 1)
    #expect(try status(cluster).active == 1)
    #expect(cluster.plane.checkInvariants() == [])
  }

  @Test func deletionInTheForegroundCountsAndLetsGo() throws {
    var cluster = try start(
      "completions: 2;parallelism: 2;podReplacementPolicy: Failed", ["duration": "1h", "term-delay": "10s"])
    cluster.run(for: .seconds(2))
    var options = DeleteOptions()
    options.propagationPolicy = .foreground
    try cluster.submit(.delete(ObjectKey(.job, namespace: "default", name: "job"), options))
    // A job that goes needs no finalizers on pods that still run.
    #expect(cluster.pods.allSatisfy { $0.metadata.finalizers.isEmpty && $0.status.phase == .running })
    #expect(try status(cluster).failed == 0)
    cluster.run(for: .seconds(20))
    #expect(cluster.job("job") == nil)
    #expect(cluster.pods.isEmpty)
  }

  // MARK: Backoff per index

  @Test func theLastFailedPodOfAnIndexStaysUntilItsSuccessorExists() throws {
    var cluster = try start(Self.perIndex, ["duration": "1s", "exit-code-by-index": "1=1"])
    cluster.run(for: .seconds(5))
    let failed = try #require(pods(cluster, index: 1).first)
    #expect(failed.status.phase == .failed)
    #expect(failed.metadata.finalizers == [ControlPlane.trackingFinalizer])
    #expect(try status(cluster).failed == 0, "counted when it is let go")
    #expect(try status(cluster).active == 0)
    // It cannot even be deleted.
    try cluster.submit(.delete(failed.metadata.name.podKey))
    #expect(cluster.pod(failed.metadata.name) != nil)
    cluster.run(for: .seconds(7))
    #expect(cluster.pod(failed.metadata.name) == nil)
    #expect(try status(cluster).failed == 1)
    #expect(pods(cluster, index: 1).map { $0.metadata.annotations[JobAnnotation.indexFailureCount] } == ["1"])
  }

  @Test func everyIndexHasItsOwnBackoffAndCounts() throws {
    var cluster = try start(Self.perIndex, ["duration": "1s", "exit-code-by-index": "1=1"])
    cluster.run(until: { $0.job("job")?.end != nil })
    #expect(cluster.job("job")?.end == "Failed:FailedIndexes")
    #expect(try status(cluster).failedIndexes == "1")
    #expect(try status(cluster).completedIndexes == "0,2")
    #expect(try status(cluster).failed == 3)
    let attempts = pods(cluster, index: 1)
    #expect(attempts.map { $0.metadata.annotations[JobAnnotation.indexFailureCount] } == ["0", "1", "2"])
    #expect(attempts.allSatisfy { $0.metadata.annotations[JobAnnotation.indexIgnoredFailureCount] == nil })
    let starts = attempts.compactMap { $0.status.startTime?.seconds }
    // Each ran for a second; then 10 s, 20 s.
    #expect(zip(starts.dropFirst(), starts).map { $0 - $1 } == [11, 21])
    #expect(pods(cluster, index: 0).map { $0.metadata.annotations[JobAnnotation.indexFailureCount] } == ["0"])
  }

  @Test func ignoredFailuresOfAnIndexLengthenItsBackoffOnly() throws {
    var cluster = try start(
      "completions: 1;completionMode: Indexed;backoffLimitPerIndex: 0;podFailurePolicy: {rules: [{action: Ignore,"
        + " onExitCodes: {operator: In, values: [3]}}]}", ["duration": "1s", "exit-code": "3"])
    cluster.run(for: .seconds(40))
    let attempts = pods(cluster, index: 0)
    #expect(attempts.map { $0.metadata.annotations[JobAnnotation.indexIgnoredFailureCount] } == [nil, "1", "2"])
    #expect(attempts.allSatisfy { $0.metadata.annotations[JobAnnotation.indexFailureCount] == "0" })
    let starts = attempts.compactMap { $0.status.startTime?.seconds }
    #expect(zip(starts.dropFirst(), starts).map { $0 - $1 } == [11, 21])
    #expect(try status(cluster).failed == 0)
    #expect(cluster.job("job")?.end == nil)
  }

  @Test func indexesInBackoffKeepOthersWaiting() throws {
    // As upstream: the first two indexes that are not done hold both places.
    var cluster = try start(
      "completions: 4;parallelism: 2;completionMode: Indexed;backoffLimitPerIndex: 1",
      ["duration": "1s", "exit-code-by-index": "0=1,1=1"])
    cluster.run(for: .seconds(9))
    #expect(cluster.pods.count == 2)
    cluster.run(until: { $0.job("job")?.end != nil })
    #expect(try status(cluster).failedIndexes == "0,1")
    #expect(try status(cluster).completedIndexes == "2,3")
  }

  @Test func statusTellsTheActivePodsDuringABackoff() throws {
    var cluster = try start(
      Self.perIndex, ["duration": "1h", "duration-by-index": "1=1s", "exit-code-by-index": "1=1"])
    cluster.run(for: .seconds(5))
    #expect(try status(cluster).active == 2)
    #expect(try status(cluster).ready == 2)
  }

  @Test func failedIndexesAreForgottenByScalingDown() throws {
    var cluster = try start(
      "completions: 4;parallelism: 4;completionMode: Indexed;backoffLimitPerIndex: 0",
      ["duration": "1h", "duration-by-index": "2=1s,3=1s", "exit-code-by-index": "3=1"])
    cluster.run(for: .seconds(5))
    #expect(try status(cluster).failedIndexes == "3")
    #expect(try status(cluster).completedIndexes == "2")
    try patch(&cluster, ["completions": 2, "parallelism": 2])
    #expect(try status(cluster).failedIndexes == "")
    #expect(try status(cluster).completedIndexes == "")
    try patch(&cluster, ["completions": 4, "parallelism": 4])
    cluster.run(for: .seconds(5))
    #expect(try status(cluster).failedIndexes == "3")
    #expect(pods(cluster, index: 3).count == 2)
  }

  @Test func anIndexThatTheJobNoLongerHasCountsAsNothing() throws {
    var cluster = try start(
      "completions: 3;parallelism: 3;completionMode: Indexed;backoffLimitPerIndex: 1",
      ["duration": "1h", "duration-by-index": "2=1s", "exit-code-by-index": "2=1"])
    cluster.run(for: .seconds(5))
    #expect(pods(cluster, index: 2).first?.metadata.finalizers == [ControlPlane.trackingFinalizer])
    try patch(&cluster, ["completions": 2, "parallelism": 2])
    cluster.run(for: .seconds(1))
    #expect(pods(cluster, index: 2).first?.metadata.finalizers.isEmpty == true)
    #expect(try status(cluster).failed == 0)
    #expect(try status(cluster).active == 2)
  }

  @Test func failuresOfAnIndexSurviveARestartAtEveryChange() throws {
    var cluster = try start(
      "completions: 3;parallelism: 3;completionMode: Indexed;backoffLimitPerIndex: 1",
      ["duration": "1s", "exit-code-by-index": "1=1"])
    cluster.run(until: { $0.job("job")?.end != nil })
    var table: [ObjectKey: KubeObject] = [:]
    for change in cluster.changes {
      table[change.object.key] = change.verb == .deleted ? nil : change.object
      guard table.keys.contains(where: { $0.kind == .job }) else { continue }
      var copy = try SimulatedClusterDriver(nodes: 0)
      copy.now = cluster.now
      copy.plane = ControlPlane(
        restoring: table.keys.sorted().compactMap { table[$0] }, version: change.version,
        .init(seed: 3, defaultRuntimeClass: "simulated"), at: copy.now)
      #expect(copy.plane.checkInvariants() == [])
      copy.run(for: .seconds(600))
      // What ran is lost and counts as a failure, of which every index may have one.
      let job = try #require(copy.job("job"))
      #expect(job.end == "Failed:FailedIndexes", "restored at version \(change.version)")
      #expect(job.status.failedIndexes == "1")
      #expect(job.status.completedIndexes == "0,2")
      #expect(pods(copy, index: 1).count == 2)
    }
  }

  // MARK: Restarts, deadlines, suspension

  @Test func initContainersCountAmongRestarts() throws {
    var cluster = try start(
      "backoffLimit: 2", ["exit-code": "1", "duration": "1s"],
      pod: "initContainers: [{name: before, image: x, command: [x]}]", restartPolicy: "OnFailure")
    cluster.run(until: { $0.job("job")?.end != nil })
    #expect(cluster.job("job")?.end == "Failed:BackoffLimitExceeded")
    #expect(cluster.effects.count { if case .start = $0 { true } else { false } } == 3)
    #expect(try status(cluster).failed == 1, "the pod that was killed")
  }

  @Test func aChangedDeadlineCounts() throws {
    var cluster = try start("activeDeadlineSeconds: 1000", ["duration": "1h"])
    cluster.run(for: .seconds(50))
    try patch(&cluster, ["activeDeadlineSeconds": 100])
    cluster.run(for: .seconds(49))
    #expect(cluster.job("job")?.end == nil)
    cluster.run(for: .seconds(2))
    #expect(cluster.job("job")?.end == "Failed:DeadlineExceeded")
  }

  @Test func aLoweredDeadlineThatHasPassedEndsTheJob() throws {
    var cluster = try start("activeDeadlineSeconds: 1000", ["duration": "1h"])
    cluster.run(for: .seconds(50))
    try patch(&cluster, ["activeDeadlineSeconds": 0])
    cluster.run(for: .seconds(1))
    #expect(cluster.job("job")?.end == "Failed:DeadlineExceeded")
  }

  @Test func aSuccessResetsTheBackoff() throws {
    // Index 0 fails for ever, index 1 succeeds between its failures.
    var cluster = try start(
      "completions: 2;parallelism: 2;completionMode: Indexed;backoffLimit: 9",
      ["duration": "1s", "exit-code-by-index": "0=1", "duration-by-index": "1=15s"])
    cluster.run(for: .seconds(60))
    let starts = pods(cluster, index: 0).compactMap { $0.status.startTime?.seconds }
    // Ends at 1 s, 12 s (second failure, would wait 20 s); the success at 15 s ends the wait.
    #expect(zip(starts.dropFirst(), starts).map { $0 - $1 }.prefix(2) == [11, 4])
  }

  @Test func suspensionIsNoFailure() throws {
    var cluster = try start("completions: 2;parallelism: 2", ["duration": "60s", "term-delay": "2s"])
    cluster.run(for: .seconds(5))
    try patch(&cluster, ["suspend": true])
    let suspended = try status(cluster)
    #expect(suspended.active == 0 && suspended.terminating == 2 && suspended.startTime == nil)
    #expect(suspended.conditions.map(\.reason) == ["JobSuspended"])
    try patch(&cluster, ["suspend": false])
    #expect(
      try status(cluster).conditions.map { "\($0.status) \($0.reason) \($0.message)" } == [
        "False JobResumed Job resumed"
      ])
    cluster.run(for: .seconds(90))
    #expect(try status(cluster).failed == 0)
    #expect(cluster.reasons(of: "job")["Suspended"] == 1)
    #expect(cluster.reasons(of: "job")["Resumed"] == 1)
  }

  // MARK: Selectors and managers

  @Test func aForeignManagerIsLeftAlone() throws {
    var cluster = try start("managedBy: example.com/manager", ["duration": "1s"])
    cluster.run(for: .seconds(60))
    #expect(cluster.pods.isEmpty)
    #expect(try status(cluster) == JobStatus())
    #expect(cluster.reasons(of: "job").isEmpty)
  }

  @Test func theBuiltInManagerMayBeNamed() throws {
    var cluster = try start("managedBy: kubernetes.io/job-controller", ["duration": "1s"])
    cluster.run(for: .seconds(60))
    #expect(cluster.job("job")?.end == "Complete:CompletionsReached")
  }

  @Test func anAdoptedPodWithASharedIndexGoes() throws {
    var cluster = try start("completions: 3;parallelism: 3;completionMode: Indexed", ["duration": "1h"])
    cluster.run(for: .seconds(5))
    guard case .pod(var stray) = try #require(cluster.plane.object(pods(cluster, index: 1)[0].metadata.name.podKey))
    else {
      return
    }
    stray.metadata.name = "stray"
    stray.metadata.uid = ""
    stray.metadata.resourceVersion = ""
    stray.metadata.ownerReferences = []
    stray.spec.nodeName = ""
    try cluster.submit(.create(.pod(stray)))
    cluster.run(for: .seconds(60))
    // The younger one, which had not come as far.
    #expect(cluster.pod("stray") == nil)
    #expect(try status(cluster).active == 3)
    #expect(try status(cluster).failed == 0)
  }

  @Test func aSetVariableIsNotOverwritten() throws {
    var cluster = try SimulatedClusterDriver()
    try cluster.apply(
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: job}
      spec:
        completionMode: Indexed
        completions: 1
        template:
          spec:
            restartPolicy: Never
            initContainers: [{name: first, image: x, command: [x]}]
            containers: [{name: main, image: x, command: [x], env: [{name: JOB_COMPLETION_INDEX, value: mine}]}]
      """)
    let pod = try #require(cluster.pods.first)
    #expect(pod.spec.containers[0].env.map(\.value) == ["mine"])
    #expect(
      pod.spec.initContainers[0].env.first?.valueFrom?.fieldRef?.fieldPath
        == "metadata.labels['batch.kubernetes.io/job-completion-index']")
  }

  @Test func longNamesAreCut() throws {
    var cluster = try SimulatedClusterDriver()
    let name = String(repeating: "a", count: 60)
    try cluster.apply(JobControllerTests.manifest(name, "completions: 11;parallelism: 11;completionMode: Indexed"))
    #expect(cluster.pods[10].metadata.generateName == String(repeating: "a", count: 54) + "-10-")
    #expect(cluster.pods[10].spec.hostname == "\(name)-10")
    #expect(cluster.pods.allSatisfy { $0.metadata.name.utf8.count <= 63 })
  }

  // MARK: Creation

  @Test func aRefusedPodIsToldOnceASyncAndTriedAgainLater() throws {
    var cluster = try start("completions: 900;parallelism: 900", pod: "priorityClassName: high")
    var seen: [Int] = []
    var last = 0
    for second in 0...40 {
      let count = cluster.reasons(of: "job")["FailedCreate", default: 0]
      if count != last { seen.append(second) }
      last = count
      cluster.run(for: .seconds(1))
    }
    #expect(last == seen.count, "one event each time")
    #expect(seen == [0, 1, 3, 7, 15, 31])
    let event = try #require(cluster.events.first { $0.reason == "FailedCreate" })
    #expect(event.message == "Error creating: pods \"job-\" is forbidden: no PriorityClass with name high was found")
  }

  @Test func aPriorityClassThatIsGoneStopsNewPods() throws {
    var cluster = try SimulatedClusterDriver()
    try cluster.apply("apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 7\n")
    try cluster.apply(
      JobControllerTests.manifest(
        "job", "completions: 2;parallelism: 1", annotations: ["duration": "10s"], pod: "priorityClassName: high"))
    try cluster.submit(.delete(ObjectKey(.priorityClass, name: "high")))
    cluster.run(for: .seconds(15))
    #expect(cluster.pods.map(\.spec.priority) == [7])
    #expect(cluster.reasons(of: "job")["FailedCreate", default: 0] > 0)
  }

  @Test func anUnknownCompletionModeIsLeftAlone() throws {
    var job = Job()
    job.metadata = ObjectMeta(name: "job", namespace: "default")
    job.metadata.uid = "1"
    job.metadata.resourceVersion = "5"
    job.spec.completionMode = "Sideways"
    var plane = ControlPlane(restoring: [.job(job)], version: 5, at: Instant(seconds: 1))
    plane.advance(to: Instant(seconds: 100))
    #expect(plane.list(.pod).isEmpty)
    let events = plane.list(.event).compactMap { if case .event(let event) = $0 { event } else { nil } }
    #expect(events.map(\.reason) == ["UnknownCompletionMode"])
    #expect(events.map(\.message) == ["Skipped Job sync because completion mode is unknown"])
  }

  @Test func fiveHundredPodsAreMadeASync() throws {
    let cluster = try start("completions: 1300;parallelism: 1300", ["duration": "1h"], nodes: 20)
    let actives = cluster.statuses(of: "job").map(\.active)
    #expect(actives.filter { $0 > 0 } == [500, 1000, 1300])
  }
}

extension String {
  /// The pod of this name in the default namespace.
  var podKey: ObjectKey { ObjectKey(.pod, namespace: "default", name: self) }
}
