import KubeModel
import Testing

@testable import ControlPlane

/// Nodes that come, fail, drive pods off and go, in virtual time.
struct NodeControllerTests {
  private func node(_ name: String, in cluster: SimulatedClusterDriver) throws -> Node {
    guard case .node(let node)? = cluster.plane.object(ObjectKey(.node, name: name)) else {
      throw StatusError.notFound(ObjectKey(.node, name: name))
    }
    return node
  }

  private func taints(_ node: Node) -> [String] { node.spec.taints.map { "\($0.key):\($0.effect)" } }

  private func told(_ cluster: SimulatedClusterDriver, _ name: String) -> [String] {
    cluster.changes.compactMap { change in
      guard case .event(let event) = change.object, event.involvedObject.name == name, change.verb == .added else {
        return nil
      }
      return "\(event.source.component) \(event.reason) \(event.message)"
    }
  }

  private func pod(_ name: String, _ spec: String = "", duration: String = "1h") -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), annotations: {jobdeck.dev/duration: "\(duration)"}}
    spec:
      \(spec)
      restartPolicy: Never
      containers: [{name: main, image: busybox, command: ["true"]}]
    """
  }

  private func taint(_ cluster: inout SimulatedClusterDriver, _ list: JSONValue, node: String = "node-1") throws {
    try cluster.submit(.patch(ObjectKey(.node, name: node), .merge, ["spec": ["taints": list]]))
  }

  private static let noExecute: JSONValue = [["key": "example.com/maintenance", "effect": "NoExecute"]]

  // MARK: Conditions and their taints

  @Test(arguments: [
    ("Ready", "True", [String]()), ("Ready", "False", ["not-ready:NoSchedule", "not-ready:NoExecute"]),
    ("Ready", "Unknown", ["unreachable:NoSchedule", "unreachable:NoExecute"]),
    ("MemoryPressure", "True", ["memory-pressure:NoSchedule"]), ("MemoryPressure", "Unknown", []),
    ("DiskPressure", "True", ["disk-pressure:NoSchedule"]), ("PIDPressure", "True", ["pid-pressure:NoSchedule"]),
    ("NetworkUnavailable", "True", ["network-unavailable:NoSchedule"]), ("Custom", "True", []),
  ])
  func conditionsMakeTaints(_ type: String, _ status: String, _ expected: [String]) {
    var node = Node()
    var condition = Condition(type, true, at: Instant(seconds: 0))
    condition.status = status
    node.status.conditions = [condition]
    node.spec.taints = [Taint(key: "mine", effect: "NoExecute")]
    node.applyConditionTaints(at: Instant(seconds: 5))
    #expect(taints(node) == ["mine:NoExecute"] + expected.map { "node.kubernetes.io/\($0)" })
    #expect(node.spec.taints.dropFirst().allSatisfy { $0.timeAdded == Instant(seconds: 5) })
    node.status.conditions = []
    node.applyConditionTaints(at: Instant(seconds: 6))
    #expect(taints(node) == ["mine:NoExecute"])
  }

  @Test func aNodeTellsOfItself() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    let key = ObjectKey(.node, name: "node-1")
    let ready = try #require(try node("node-1", in: cluster).status.conditions["Ready"])
    #expect(
      [ready.status, ready.reason, ready.message] == ["True", "KubeletReady", "kubelet is posting ready status"])
    try cluster.submit(.patch(key, .merge, ["spec": ["unschedulable": true]]))
    #expect(try taints(node("node-1", in: cluster)) == ["node.kubernetes.io/unschedulable:NoSchedule"])
    try cluster.submit(.patch(key, .merge, ["spec": ["unschedulable": false]]))
    #expect(try node("node-1", in: cluster).spec.taints.isEmpty)
    try cluster.submit(.failNode("node-1"))
    for type in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
      let condition = try #require(try node("node-1", in: cluster).status.conditions[type])
      #expect(
        [condition.status, condition.reason, condition.message]
          == ["Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."])
    }
    try cluster.submit(.recoverNode("node-1"))
    try cluster.submit(.delete(key))
    #expect(
      told(cluster, "node-1") == [
        "node-controller RegisteredNode Node node-1 event: Registered Node node-1 in Controller",
        "kubelet NodeNotSchedulable Node node-1 status is now: NodeNotSchedulable",
        "kubelet NodeSchedulable Node node-1 status is now: NodeSchedulable",
        "node-controller NodeNotReady Node node-1 status is now: NodeNotReady",
        "kubelet NodeReady Node node-1 status is now: NodeReady",
        "node-controller RemovingNode Node node-1 event: Removing Node node-1 from Controller",
      ])
  }

  @Test func podsOfANodeThatIsNotReadyAreNotReadyEither() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(pod("pod"))
    cluster.run(for: .seconds(5))
    #expect(cluster.pod("pod")?.status.conditions.isTrue("Ready") == true)
    var changed = try node("node-1", in: cluster)
    changed.status.conditions.replace(
      Condition("Ready", false, reason: "KubeletNotReady", message: "container runtime is down", at: cluster.now))
    try cluster.submit(.updateStatus(.node(changed)))
    #expect(
      try taints(node("node-1", in: cluster)) == [
        "node.kubernetes.io/not-ready:NoSchedule", "node.kubernetes.io/not-ready:NoExecute",
      ])
    #expect(cluster.pod("pod")?.status.conditions["Ready"]?.status == "False")
    #expect(told(cluster, "pod").contains("node-controller NodeNotReady Node is not ready"))
    cluster.run(for: .seconds(100))
    changed = try node("node-1", in: cluster)
    changed.setKubeletConditions(at: cluster.now)
    try cluster.submit(.updateStatus(.node(changed)))
    #expect(try node("node-1", in: cluster).spec.taints.isEmpty)
    #expect(cluster.pod("pod")?.status.conditions.isTrue("Ready") == true)
    #expect(
      told(cluster, "pod").last
        == "taint-eviction-controller TaintManagerEviction Cancelling deletion of Pod default/pod")
    cluster.run(for: .seconds(400))
    #expect(cluster.pod("pod")?.metadata.deletionTimestamp == nil)
    #expect(cluster.plane.checkInvariants() == [])
  }

  // MARK: Taints that drive pods off

  private static func toleration(_ key: String, _ effect: String, _ seconds: Int?, _ value: String? = nil) -> Toleration
  {
    var toleration = Toleration()
    toleration.key = key
    toleration.effect = effect
    toleration.operator = value == nil ? "Exists" : "Equal"
    toleration.value = value ?? ""
    toleration.tolerationSeconds = seconds
    return toleration
  }

  static let verdicts: [(taints: [String], tolerations: [Toleration], seconds: Int?)] = [
    ([], [], nil),
    (["a"], [], 0),
    (["a"], [toleration("a", "NoExecute", nil)], nil),
    (["a"], [toleration("a", "NoExecute", 30)], 30),
    (["a"], [toleration("a", "NoExecute", -5)], 0),
    (["a"], [toleration("a", "NoSchedule", nil)], 0),
    (["a"], [toleration("", "", nil)], nil),
    (["a=x"], [toleration("a", "NoExecute", 30, "y")], 0),
    (["a=x"], [toleration("a", "", nil, "x")], nil),
    (["a", "b"], [toleration("a", "NoExecute", 30), toleration("b", "NoExecute", 10)], 10),
    (["a", "b"], [toleration("a", "NoExecute", 30), toleration("b", "NoExecute", nil)], 30),
    (["a", "b"], [toleration("a", "NoExecute", 30)], 0),
    // The first that matches counts.
    (["a"], [toleration("a", "NoExecute", 30), toleration("a", "NoExecute", 10)], 30),
  ]

  @Test(arguments: verdicts.indices)
  func theShortestTolerationDecides(_ index: Int) {
    let (texts, tolerations, seconds) = NodeControllerTests.verdicts[index]
    let taints = texts.map { text in
      let parts = text.split(separator: "=")
      var taint = Taint(key: String(parts[0]), effect: "NoExecute")
      taint.value = parts.count > 1 ? String(parts[1]) : ""
      return taint
    }
    #expect(tolerations.stay(with: taints)?.seconds == seconds)
  }

  @Test func aTaintOfAClientEvictsAtOnceOrAfterTheToleration() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(pod("none"))
    let tolerates = "tolerations: [{key: example.com/maintenance, operator: Exists, effect: NoExecute"
    try cluster.apply(pod("some", "\(tolerates), tolerationSeconds: 60}]"))
    try cluster.apply(pod("all", "\(tolerates)}]"))
    try cluster.apply(pod("finished", duration: "1s"))
    cluster.run(for: .seconds(5))
    try taint(&cluster, NodeControllerTests.noExecute)
    cluster.run(for: .zero)
    let evicted = try #require(cluster.changes.last { $0.object.metadata.name == "none" && $0.object.kind == .pod })
    guard case .pod(let last) = evicted.object else { return }
    let condition = try #require(last.status.conditions["DisruptionTarget"])
    #expect(
      [condition.status, condition.reason, condition.message]
        == ["True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"])
    #expect(
      told(cluster, "none").last
        == "taint-eviction-controller TaintManagerEviction Marking for deletion Pod default/none")
    #expect(cluster.pod("finished")?.metadata.deletionTimestamp == nil)
    cluster.run(for: .seconds(59))
    #expect(cluster.pod("some")?.metadata.deletionTimestamp == nil)
    cluster.run(for: .seconds(2))
    #expect(cluster.pod("some") == nil)
    cluster.run(for: .seconds(3000))
    #expect(cluster.pod("all")?.metadata.deletionTimestamp == nil)
    #expect(cluster.pod("none") == nil)
  }

  @Test func anEvictionIsCancelledWhenTheTaintGoesOrTheTolerationGrows() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    let spec =
      "tolerations: [{key: example.com/maintenance, operator: Exists, effect: NoExecute, tolerationSeconds: 60}]"
    try cluster.apply(pod("pod", spec))
    try cluster.apply(pod("other", spec))
    cluster.run(for: .seconds(5))
    try taint(&cluster, NodeControllerTests.noExecute)
    cluster.run(for: .seconds(30))
    guard case .pod(var patient)? = cluster.plane.object(ObjectKey(.pod, namespace: "default", name: "other")) else {
      return
    }
    patient.spec.tolerations[0].tolerationSeconds = nil
    try cluster.submit(.update(.pod(patient)))
    try taint(&cluster, nil)
    #expect(
      told(cluster, "pod").last
        == "taint-eviction-controller TaintManagerEviction Cancelling deletion of Pod default/pod")
    #expect(told(cluster, "other").count { $0.contains("Cancelling") } == 1)
    cluster.run(for: .seconds(600))
    #expect(cluster.pods.allSatisfy { $0.metadata.deletionTimestamp == nil })
    // A second taint starts anew.
    try taint(&cluster, NodeControllerTests.noExecute)
    cluster.run(for: .seconds(59))
    #expect(cluster.pod("pod")?.metadata.deletionTimestamp == nil)
    cluster.run(for: .seconds(2))
    #expect(cluster.pod("pod") == nil)
  }

  @Test func aPodThatComesToATaintedNodeLeavesWhenItsTolerationRunsOut() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try taint(&cluster, NodeControllerTests.noExecute)
    cluster.run(for: .seconds(100))
    try cluster.apply(
      pod("pod", "tolerations: [{operator: Exists, effect: NoExecute, tolerationSeconds: 60}]"))
    cluster.run(for: .seconds(59))
    #expect(cluster.pod("pod")?.status.phase == .running)
    cluster.run(for: .seconds(2))
    #expect(cluster.pod("pod") == nil)
  }

  @Test func evictionsThatWaitSurviveARestart() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(pod("pod"))
    cluster.run(for: .seconds(5))
    try cluster.submit(.failNode("node-1"))
    cluster.run(for: .seconds(100))
    let objects = Kind.allCases.flatMap { cluster.plane.list($0) }
    cluster.plane = ControlPlane(
      restoring: objects, version: cluster.plane.version, .init(seed: 3, defaultRuntimeClass: "simulated"),
      at: cluster.now)
    #expect(cluster.plane.checkInvariants() == [])
    cluster.run(for: .seconds(199))
    #expect(cluster.pod("pod")?.metadata.deletionTimestamp == nil)
    cluster.run(for: .seconds(2))
    #expect(cluster.pod("pod")?.metadata.deletionTimestamp != nil)
  }

  // MARK: Evictions and drains

  @Test func anEvictionMarksThePodAndGivesItItsGracePeriod() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    try cluster.apply(pod("pod", "terminationGracePeriodSeconds: 20"))
    try cluster.apply(pod("finished", duration: "1s"))
    cluster.run(for: .seconds(5))
    let key = ObjectKey(.pod, namespace: "default", name: "pod")
    guard case .pod(let evicted) = try cluster.plane.submit(.evict(key), at: cluster.now) else { return }
    #expect(evicted.metadata.deletionGracePeriodSeconds == 20)
    let condition = try #require(evicted.status.conditions["DisruptionTarget"])
    #expect([condition.reason, condition.message] == ["EvictionByEvictionAPI", "Eviction API: evicting"])
    try cluster.submit(.evict(ObjectKey(.pod, namespace: "default", name: "finished")))
    #expect(cluster.pod("finished") == nil)
    #expect(throws: StatusError.notFound(ObjectKey(.pod, namespace: "default", name: "none"))) {
      try cluster.plane.submit(.evict(ObjectKey(.pod, namespace: "default", name: "none")), at: cluster.now)
    }
  }

  @Test func drainingCordonsAndEvictsEveryPod() throws {
    var cluster = try SimulatedClusterDriver(nodes: 2)
    try cluster.apply(
      JobControllerTests.manifest("job", "completions: 4;parallelism: 4", annotations: ["duration": "1h"]))
    cluster.run(for: .seconds(5))
    let there = cluster.pods.filter { $0.spec.nodeName == "node-1" }.map(\.metadata.name)
    #expect(!there.isEmpty)
    try cluster.submit(.drainNode("node-1", gracePeriodSeconds: 1))
    #expect(try node("node-1", in: cluster).spec.unschedulable)
    cluster.run(for: .seconds(60))
    #expect(cluster.pods.count == 4)
    #expect(cluster.pods.allSatisfy { $0.spec.nodeName == "node-2" })
    for name in there {
      let last = cluster.changes.last { $0.object.metadata.name == name && $0.object.kind == .pod }
      guard case .pod(let pod)? = last?.object else { continue }
      #expect(pod.status.conditions["DisruptionTarget"]?.reason == "EvictionByEvictionAPI")
    }
    #expect(throws: StatusError.notFound(ObjectKey(.node, name: "none"))) {
      try cluster.plane.submit(.drainNode("none"), at: cluster.now)
    }
  }

  // MARK: PodGC

  /// PodGC looks every 20 seconds, at full multiples.
  private func alignedCluster(nodes: Int) throws -> SimulatedClusterDriver {
    var cluster = try SimulatedClusterDriver(nodes: nodes)
    cluster.run(until: PodGarbageCollector.nextLook(after: cluster.now))
    return cluster
  }

  @Test func podsOfADeletedNodeFailAfterTheQuarantine() throws {
    var cluster = try alignedCluster(nodes: 1)
    try cluster.apply(JobControllerTests.manifest("job", "backoffLimit: 9", annotations: ["duration": "1h"]))
    try cluster.apply(pod("finished", duration: "1s"))
    cluster.run(for: .seconds(5))
    let name = cluster.pods[0].metadata.name
    try cluster.submit(.delete(ObjectKey(.node, name: "node-1")))
    cluster.run(for: .seconds(54))
    #expect(cluster.pod(name)?.status.phase == .running)
    cluster.run(for: .seconds(2))
    let states = cluster.changes.compactMap { change -> Pod? in
      if case .pod(let pod) = change.object, pod.metadata.name == name { pod } else { nil }
    }
    let failed = try #require(states.first { $0.status.phase == .failed })
    let condition = try #require(failed.status.conditions["DisruptionTarget"])
    #expect([condition.reason, condition.message] == ["DeletionByPodGC", "PodGC: node no longer exists"])
    #expect(failed.metadata.deletionTimestamp == nil)
    #expect(cluster.pod(name) == nil)
    #expect(cluster.pod("finished") == nil)
    // Its finalizer held it until it was counted.
    #expect(cluster.job("job")?.status.failed == 1)
    #expect(cluster.plane.failedNodes.isEmpty)
  }

  @Test(arguments: [false, true])
  func aNodeThatComesBackInTimeKeepsItsPods(_ hasFailed: Bool) throws {
    var cluster = try alignedCluster(nodes: 1)
    try cluster.apply(pod("pod", duration: "300s"))
    cluster.run(for: .seconds(5))
    let old = try node("node-1", in: cluster)
    if hasFailed { try cluster.submit(.failNode("node-1")) }
    try cluster.submit(.delete(ObjectKey(.node, name: "node-1")))
    cluster.run(for: .seconds(30))
    #expect(cluster.plane.checkInvariants() == [])
    var new = Node()
    new.metadata.name = "node-1"
    new.status.capacity = old.status.capacity
    try cluster.submit(.create(.node(new)))
    cluster.run(for: .seconds(100))
    #expect(cluster.pod("pod")?.status.phase == (hasFailed ? .failed : .running))
    cluster.run(for: .seconds(300))
    #expect(cluster.pod("pod")?.status.phase == (hasFailed ? .failed : .succeeded))
    #expect(cluster.plane.checkInvariants() == [])
  }

  @Test func aDeletedPodWithoutANodeFailsWhenPodGCLooks() throws {
    var cluster = try alignedCluster(nodes: 0)
    try cluster.apply(JobControllerTests.manifest("job", "podReplacementPolicy: Failed"))
    cluster.run(for: .seconds(5))
    let key = cluster.plane.list(.pod)[0].key
    try cluster.submit(.delete(key))
    cluster.run(for: .seconds(14))
    #expect(cluster.pod(key.name)?.status.phase == .pending)
    #expect(cluster.job("job")?.status.terminating == 1)
    cluster.run(for: .seconds(2))
    #expect(cluster.pod(key.name) == nil)
    #expect(cluster.job("job")?.status.failed == 1)
  }

  @Test func deletedPodsOfANodeOutOfServiceGo() throws {
    var cluster = try alignedCluster(nodes: 1)
    try cluster.apply(pod("deleted"))
    try cluster.apply(pod("other"))
    cluster.run(for: .seconds(5))
    try cluster.submit(.failNode("node-1"))
    try cluster.submit(.delete(ObjectKey(.pod, namespace: "default", name: "deleted")))
    cluster.run(for: .seconds(100))
    // Nobody on the node says that it has ended.
    #expect(cluster.pod("deleted")?.status.phase == .running)
    var changed = try node("node-1", in: cluster)
    changed.spec.taints.append(Taint(key: "node.kubernetes.io/out-of-service", effect: "NoSchedule"))
    try cluster.submit(.update(.node(changed)))
    cluster.run(for: .seconds(20))
    #expect(cluster.pod("deleted") == nil)
    #expect(cluster.pod("other")?.status.phase == .running)
    #expect(cluster.plane.checkInvariants() == [])
    try cluster.submit(.recoverNode("node-1"))
    #expect(!cluster.plane.podGC.hasWork)
  }

  @Test func tooManyFinishedPodsGoOldestFirst() throws {
    let most = PodGarbageCollector.mostTerminated
    let extra = 30
    var plane = ControlPlane(
      restoring: (0..<(most + extra)).map { number in
        var pod = Pod()
        pod.metadata.name = "pod-\(number)"
        pod.metadata.namespace = "default"
        pod.metadata.uid = "uid-\(number)"
        pod.metadata.creationTimestamp = Instant(seconds: Int64(1000 + number))
        pod.metadata.resourceVersion = "1"
        pod.status.phase = number % 2 == 0 ? .succeeded : .failed
        // These are younger than most and go first.
        if number >= most + extra - 5, pod.status.phase == .failed { pod.status.reason = "Evicted" }
        if number == 0 { pod.metadata.finalizers = ["example.com/hold"] }
        return .pod(pod)
      }, version: 5, at: Instant(seconds: 1_000_000))
    plane.advance(to: try #require(plane.nextTimer))
    let left = Set(plane.list(.pod).map(\.metadata.name))
    // One of them is held back, and counts all the same until it is gone.
    #expect(left.count == most + 1)
    #expect(left.contains("pod-0"))
    let evicted = (most + extra - 5..<most + extra).filter { $0 % 2 == 1 }
    #expect(evicted.allSatisfy { !left.contains("pod-\($0)") })
    let oldest = extra - evicted.count
    #expect((1..<oldest).allSatisfy { !left.contains("pod-\($0)") })
    #expect(left.contains("pod-\(oldest)"))
    #expect(plane.checkInvariants() == [])
  }
}
