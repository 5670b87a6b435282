import KubeModel
import Testing

@testable import ControlPlane

/// Preemption: which pods go, from which node, and what becomes of the one that they go for.
@Suite struct SchedulerPreemptionTests {
  private func pod(_ cpu: String, _ priority: Int) -> PodRequirements {
    testRequirements(["cpu": cpu]) { $0.priority = priority }
  }

  private func at(_ second: Int) -> Instant { Instant(seconds: Int64(second)) }

  @Test func takesTheRoomOnceItsVictimsAreGone() {
    var rig = SchedulerRig([testNode("a", cpu: "4")])
    for podID in 1...4 { _ = rig.offer(podID, pod("1", 0)) }
    let decision = rig.offer(0, pod("2", 10))
    // The youngest go: the oldest of equal priority are kept. All started at once here, so that arrival decides.
    #expect(
      decision
        == .preempting(
          podID: 0, message: "0/1 nodes are available: 1 Insufficient cpu.", node: "a", victims: [3, 4]))
    #expect(rig.scheduler.node(of: 0) == nil)
    rig.scheduler.release(podID: 3)
    #expect(rig.run() == [])
    // The room is kept for it.
    #expect(rig.offer(5, pod("1", 5)) != .bound(podID: 5, node: "a"))
    rig.scheduler.release(podID: 4)
    #expect(rig.run().contains(.bound(podID: 0, node: "a")))
    #expect(rig.scheduler.checkInvariants() == [])
  }

  /// Upstream's order: lowest highest priority, smallest sum, fewest victims, latest start.
  @Test(
    arguments: [
      ([[(1, "4", 0)], [(2, "4", 0)]], "b"),  // priorities 1 and 2, see below: the lower goes
      ([[(1, "2", 0), (1, "2", 0)], [(1, "4", 0)]], "b"),
      ([[(1, "2", 0), (0, "2", 0)], [(1, "4", 0)]], "b"),
      ([[(1, "4", 100)], [(1, "4", 200)]], "b"),
    ] as [([[(Int, String, Int)]], String)])
  func losesAsLittleAsPossible(nodes: [[(Int, String, Int)]], expected: String) {
    var rig = SchedulerRig([testNode("a", cpu: "4"), testNode("b", cpu: "4")])
    var podID = 10
    for (node, pods) in zip(["a", "b"], nodes) {
      for (priority, cpu, start) in pods {
        // In the first case, a's pod is the more important one.
        let isFirst = nodes[0].count == 1 && nodes[1][0].0 == 2
        rig.scheduler.assign(
          podID: podID, pod(cpu, isFirst ? 3 - priority : priority), to: node, started: at(start))
        podID += 1
      }
    }
    guard case .preempting(_, _, let node, _)? = rig.offer(0, pod("4", 10)) else {
      return #expect(Bool(false), "nothing was preempted")
    }
    #expect(node == expected)
  }

  @Test func neverPushesEqualsOrAgainstItsPolicy() {
    var rig = SchedulerRig([testNode("a", cpu: "4"), testNode("b", cpu: "1")])
    rig.scheduler.assign(podID: 9, pod("4", 10), to: "a")
    #expect(
      rig.refusal(pod("4", 10))
        == "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are "
        + "available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.")
    rig.scheduler.dequeue(podID: 0)
    let never = testRequirements(["cpu": "4"]) {
      $0.priority = 20
      $0.preemptionPolicy = "Never"
    }
    #expect(rig.refusal(never).hasSuffix("preemption: not eligible due to preemptionPolicy=Never."))
  }

  @Test func saysWhatWouldStillBeWrong() {
    var rig = SchedulerRig([testNode("a", cpu: "4")])
    rig.scheduler.assign(podID: 8, pod("2", 10), to: "a")
    rig.scheduler.assign(podID: 9, pod("1", 0), to: "a")
    #expect(
      rig.refusal(pod("4", 5))
        == "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are "
        + "available: 1 Insufficient cpu.")
  }

  @Test func givesWayToAPodOfStillHigherPriority() {
    var rig = SchedulerRig([testNode("a", cpu: "4")])
    _ = rig.offer(1, pod("4", 0))
    _ = rig.offer(2, pod("4", 5))
    rig.scheduler.enqueue(podID: 3, pod("4", 9))
    let decisions = rig.run()
    #expect(decisions.first == .withdrawn(podID: 2))
    #expect(decisions.contains { if case .preempting(3, _, "a", [1]) = $0 { true } else { false } })
    #expect(decisions.contains { if case .unschedulable(2, _) = $0 { true } else { false } })
    rig.scheduler.release(podID: 1)
    #expect(rig.run() == [.bound(podID: 3, node: "a")])
    #expect(rig.scheduler.checkInvariants() == [])
  }

  @Test func goesElsewhereWhereThereIsRoomFirst() {
    var rig = SchedulerRig([testNode("a", cpu: "4")])
    _ = rig.offer(1, pod("4", 0))
    _ = rig.offer(0, pod("4", 5))
    rig.scheduler.setNode(testNode("b", cpu: "4"))
    #expect(rig.run() == [.bound(podID: 0, node: "b")])
    rig.scheduler.release(podID: 1)
    #expect(rig.offer(2, pod("4", 0)) == .bound(podID: 2, node: "a"))
  }
}

/// The same through the whole control plane.
@Suite struct PodSchedulingTests {
  private func manifest(_ name: String, _ more: String, priority: String, cpu: String, seconds: Int) -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: \(name)}
    spec:
      \(more)
      template:
        metadata: {annotations: {jobdeck.dev/duration: \(seconds)s, jobdeck.dev/term-delay: 3s}}
        spec:
          restartPolicy: Never
          priorityClassName: "\(priority)"
          containers: [{name: main, image: x, resources: {requests: {cpu: "\(cpu)"}}}]
    """
  }

  private let high = """
    apiVersion: scheduling.k8s.io/v1
    kind: PriorityClass
    metadata: {name: high}
    value: 1000
    """

  @Test func aJobsPodIsPreemptedAndItsFailureIgnored() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1, cpu: "2")
    try cluster.apply(high)
    let policy = "podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}\n"
    try cluster.apply(manifest("low", policy + "  backoffLimit: 0", priority: "", cpu: "2", seconds: 60))
    cluster.run(for: .seconds(5))
    let victim = try #require(cluster.pods.first)
    try cluster.apply(manifest("urgent", "backoffLimit: 0", priority: "high", cpu: "2", seconds: 10))
    let preemptor = try #require(cluster.pods.first { $0.metadata.name.hasPrefix("urgent") })
    #expect(preemptor.status.nominatedNodeName == "node-1")
    #expect(
      preemptor.status.conditions["PodScheduled"]?.message == "0/1 nodes are available: 1 Insufficient cpu.")
    let target = cluster.pod(victim.metadata.name)?.status.conditions["DisruptionTarget"]
    #expect(target?.reason == "PreemptionByScheduler")
    #expect(target?.message == "default-scheduler: preempting to accommodate a higher priority pod")
    let event = cluster.events.first { $0.reason == "Preempted" }
    #expect(event?.message == "Preempted by pod \(preemptor.metadata.uid) on node node-1")
    #expect(event?.involvedObject.name == victim.metadata.name && event?.type == "Normal")
    // It waits for the victim's end, which takes three seconds.
    cluster.run(for: .seconds(2))
    #expect(cluster.pod(preemptor.metadata.name)?.spec.nodeName == "")
    cluster.run(for: .seconds(2))
    #expect(cluster.pod(preemptor.metadata.name)?.spec.nodeName == "node-1")
    #expect(cluster.pod(preemptor.metadata.name)?.status.nominatedNodeName == "")
    cluster.run(for: .seconds(120))
    #expect(cluster.job("urgent")?.end == "Complete:CompletionsReached")
    #expect(cluster.job("low")?.end == "Complete:CompletionsReached")
    #expect(cluster.job("low")?.status.failed == 0)
    #expect(cluster.plane.checkInvariants() == [])
  }

  @Test func withoutAPolicyThePreemptedPodCountsAsFailed() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1, cpu: "2")
    try cluster.apply(high)
    try cluster.apply(manifest("low", "backoffLimit: 0", priority: "", cpu: "2", seconds: 60))
    cluster.run(for: .seconds(5))
    try cluster.apply(manifest("urgent", "backoffLimit: 0", priority: "high", cpu: "2", seconds: 10))
    cluster.run(for: .seconds(120))
    #expect(cluster.job("low")?.end == "Failed:BackoffLimitExceeded")
  }

  @Test func gatesHoldAPodUntilTheyAreRemoved() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: gated}
      spec:
        schedulingGates: [{name: example.com/quota}, {name: example.com/data}]
        containers: [{name: main, image: x}]
      """)
    cluster.run(for: .seconds(600))
    let condition = cluster.pod("gated")?.status.conditions["PodScheduled"]
    #expect(condition?.status == "False" && condition?.reason == "SchedulingGated")
    #expect(condition?.message == "Scheduling is blocked due to non-empty scheduling gates")
    #expect(cluster.reasons(of: "gated") == [:])
    for left in [1, 0] {
      var pod = try #require(cluster.pod("gated"))
      pod.spec.schedulingGates.removeLast()
      try cluster.submit(.update(.pod(pod)))
      #expect((cluster.pod("gated")?.spec.nodeName == "node-1") == (left == 0))
    }
    let bound = cluster.pod("gated")?.status.conditions["PodScheduled"]
    #expect(bound?.isTrue == true && bound?.reason == "" && bound?.message == "")
  }

  @Test func anUnknownPriorityClassIsRefusedAndADefaultOneTaken() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    func pod(_ name: String, _ priority: String) -> String {
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: \(name)}
      spec: {priorityClassName: "\(priority)", containers: [{name: main, image: x}]}
      """
    }
    do {
      try cluster.apply(pod("a", "nope"))
      Issue.record("accepted")
    } catch let error as StatusError {
      #expect(error.code == 403)
      #expect(error.message == "pods \"a\" is forbidden: no PriorityClass with name nope was found")
    }
    try cluster.apply(pod("b", "system-node-critical"))
    try cluster.apply(
      """
      apiVersion: scheduling.k8s.io/v1
      kind: PriorityClass
      metadata: {name: usual}
      value: 7
      globalDefault: true
      preemptionPolicy: Never
      """)
    try cluster.apply(pod("c", ""))
    #expect(cluster.pod("b")?.spec.priority == 2_000_001_000)
    #expect(cluster.pod("c")?.spec.priority == 7 && cluster.pod("c")?.spec.preemptionPolicy == "Never")
    #expect(cluster.pod("c")?.spec.priorityClassName == "usual")
  }

  @Test func indexesOfAJobSpreadAlthoughTheirLabelsDiffer() throws {
    var cluster = try SimulatedClusterDriver(nodes: 3)
    try cluster.apply(
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: even}
      spec:
        completions: 9
        parallelism: 9
        completionMode: Indexed
        template:
          metadata: {annotations: {jobdeck.dev/duration: 60s}}
          spec:
            restartPolicy: Never
            topologySpreadConstraints:
            - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule,
               labelSelector: {matchLabels: {job-name: even}}}
            containers: [{name: main, image: x}]
      """)
    var counts: [String: Int] = [:]
    for pod in cluster.pods { counts[pod.spec.nodeName, default: 0] += 1 }
    #expect(counts == ["node-1": 3, "node-2": 3, "node-3": 3])
    #expect(cluster.plane.checkInvariants() == [])
  }
}
