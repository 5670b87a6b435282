import KubeModel
import Testing

@testable import ControlPlane

@Suite struct SchedulerTests {
  // MARK: Requests

  @Test func requestsAreTheLargerOfRunningAndInitial() {
    let requirements = testRequirements {
      $0.containers = [testContainer(["cpu": "500m", "memory": "1Gi"]), testContainer([:], limits: ["cpu": "250m"])]
      $0.initContainers = [
        testContainer(["cpu": "100m"], restart: "Always"),  // a sidecar: runs along from here on
        testContainer(["cpu": "2", "memory": "64Mi"]),
        testContainer(["memory": "32Mi"], restart: "Always"),
      ]
      $0.overhead = resources(["cpu": "50m", "example.com/gpu": "1"])
    }
    #expect(requirements.milliCPU == 2_150)  // 2 + 100m before it + 50m, not 500m + 250m + 100m + 50m
    #expect(requirements.memory == 1 << 30 + 32 << 20)
    #expect(requirements.others == [.init(name: "example.com/gpu", amount: 1)])
  }

  @Test func scoresCountDefaultsForContainersThatAskNothing() {
    let requirements = testRequirements { $0.containers = [testContainer([:]), testContainer(["cpu": "0"])] }
    #expect(requirements.milliCPU == 0 && requirements.memory == 0)
    #expect(requirements.scoredMilliCPU == 100)
    #expect(requirements.scoredMemory == 400 << 20)
  }

  @Test func requestsForTheWholePodReplaceTheSum() {
    let requirements = testRequirements(["cpu": "1", "memory": "1Gi"]) {
      var whole = ResourceRequirements()
      whole.requests = resources(["cpu": "3"])
      $0.resources = whole
    }
    #expect(requirements.milliCPU == 3_000)
    #expect(requirements.memory == 1 << 30)
  }

  @Test func equalSpecsMakeEqualRequirements() {
    #expect(testRequirements(["cpu": "1"]) == testRequirements(["cpu": "1000m"]))
    #expect(testRequirements(["cpu": "1"]) != testRequirements(["cpu": "1001m"]))
    #expect(testRequirements(["cpu": "1"]) != testRequirements(["cpu": "1"]) { $0.priority = 5 })
  }

  // MARK: Messages

  @Test func saysWhatRecording16Says() {
    var rig = SchedulerRig((0..<100).map { testNode("n\($0)", cpu: "32", memory: "256Gi") })
    #expect(
      rig.refusal(testRequirements(["cpu": "1000", "memory": "64Mi"]))
        == "0/100 nodes are available: 100 Insufficient cpu. no new claims to deallocate, preemption: 0/100 nodes are "
        + "available: 100 Preemption is not helpful for scheduling.")
  }

  @Test func saysThatThereAreNoNodes() {
    var rig = SchedulerRig()
    #expect(rig.refusal(testRequirements()) == "no nodes available to schedule pods")
  }

  @Test func countsEveryReasonSortedAsText() {
    var rig = SchedulerRig(
      [
        testNode("cordoned", cordoned: true),
        testNode("tainted", taints: [testTaint("a", "b", "NoSchedule")]),
        testNode("evicting", taints: [testTaint("a", "b", "NoExecute")]),
        testNode("small", cpu: "1", memory: "1Gi"),
        testNode("full", pods: "1"),
      ])
    rig.scheduler.assign(podID: 7, testRequirements(["cpu": "3"]), to: "full")
    #expect(
      rig.refusal(testRequirements(["cpu": "2", "memory": "2Gi", "example.com/gpu": "1"]))
        == "0/5 nodes are available: 1 Insufficient memory, 1 Too many pods, 1 node(s) were unschedulable, "
        + "2 Insufficient cpu, 2 Insufficient example.com/gpu, 2 node(s) had untolerated taint(s). no new claims to "
        + "deallocate, preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling.")
  }

  @Test func tellsNodesThatAreFullFromNodesThatAreTooSmall() {
    var rig = SchedulerRig([testNode("a"), testNode("b", cpu: "1"), testNode("c", pods: "0")])
    rig.scheduler.assign(podID: 7, testRequirements(["cpu": "3"]), to: "a")
    #expect(
      rig.refusal(testRequirements(["cpu": "2"]))
        == "0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu. no new claims to deallocate, preemption: "
        + "0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for "
        + "incoming pod.")
  }

  @Test func namesSelectorsNamesAndThePreemptionPolicy() {
    var rig = SchedulerRig([testNode("a"), testNode("b")])
    let end = " no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    let bySelector = testRequirements {
      $0.nodeSelector = ["disk": "ssd"]
      $0.preemptionPolicy = "Never"
    }
    #expect(
      rig.refusal(bySelector)
        == "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector." + end)
    let byName = testRequirements {
      $0.nodeName = "c"
      $0.preemptionPolicy = "Never"
    }
    #expect(rig.refusal(byName) == "0/2 nodes are available: 2 node(s) didn't match the requested node name." + end)
    let byHost = testRequirements {
      $0.nodeSelector = ["kubernetes.io/hostname": "zz"]
      $0.preemptionPolicy = "Never"
    }
    #expect(
      rig.refusal(byHost) == "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector." + end)
  }

  // MARK: Filters

  @Test(
    arguments: [
      ("Equal", "k", "v", "NoSchedule", true), ("", "k", "v", "", true), ("Exists", "k", "", "", true),
      ("Exists", "", "", "", true), ("Equal", "k", "w", "", false), ("Equal", "k", "v", "NoExecute", false),
      ("Exists", "other", "", "", false), ("Equal", "", "v", "", false),
    ])
  func toleratesTaints(operator: String, key: String, value: String, effect: String, fits: Bool) {
    var rig = SchedulerRig([testNode("a", taints: [testTaint("k", "v", "NoSchedule")])])
    let requirements = testRequirements {
      var toleration = Toleration()
      toleration.operator = `operator`
      toleration.key = key
      toleration.value = value
      toleration.effect = effect
      $0.tolerations = [toleration]
    }
    #expect((rig.offer(0, requirements) == .bound(podID: 0, node: "a")) == fits)
  }

  @Test(
    arguments: [
      ("In", ["eu", "us"], true), ("In", ["us"], false), ("NotIn", ["us"], true), ("NotIn", ["eu"], false),
      ("Exists", [], true), ("DoesNotExist", [], false), ("Gt", ["3"], false), ("Wrong", ["eu"], false),
    ])
  func requiresNodeAffinity(operator: String, values: [String], fits: Bool) {
    var rig = SchedulerRig([testNode("a", labels: ["zone": "eu", "size": "4"])])
    let decision = rig.offer(0, testRequirements { $0.affinity = affinity("zone", `operator`, values) })
    #expect((decision == .bound(podID: 0, node: "a")) == fits)
  }

  @Test(arguments: [("Gt", "3", true), ("Gt", "4", false), ("Lt", "5", true), ("Lt", "4", false), ("Lt", "x", false)])
  func comparesNumbersInNodeAffinity(operator: String, limit: String, fits: Bool) {
    var rig = SchedulerRig([testNode("a", labels: ["size": "4"])])
    let decision = rig.offer(0, testRequirements { $0.affinity = affinity("size", `operator`, [limit]) })
    #expect((decision == .bound(podID: 0, node: "a")) == fits)
  }

  @Test func goesByName() {
    var rig = SchedulerRig((0..<20).map { testNode("n\($0)") })
    let byHost = testRequirements { $0.nodeSelector = ["kubernetes.io/hostname": "n7"] }
    let byName = testRequirements { $0.nodeName = "n8" }
    let byAffinity = testRequirements { $0.affinity = affinity("kubernetes.io/hostname", "In", ["n9", "nowhere"]) }
    let byExclusion = testRequirements {
      $0.affinity = affinity("kubernetes.io/hostname", "NotIn", (0..<19).map { "n\($0)" })
    }
    #expect(rig.offer(1, byHost) == .bound(podID: 1, node: "n7"))
    #expect(rig.offer(2, byName) == .bound(podID: 2, node: "n8"))
    #expect(rig.offer(3, byAffinity) == .bound(podID: 3, node: "n9"))
    #expect(rig.offer(4, byExclusion) == .bound(podID: 4, node: "n19"))
    #expect(rig.scheduler.checkInvariants() == [])
  }

  /// Where every term names nodes, upstream looks at no others; where one does not, it looks at all.
  @Test func saysWhenNodesWereNamed() {
    var rig = SchedulerRig([testNode("a"), testNode("b"), testNode("c")])
    func terms(_ terms: [JSONValue]) -> PodRequirements {
      testRequirements {
        $0.affinity = [
          "nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": .array(terms)]]
        ]
        $0.preemptionPolicy = "Never"
      }
    }
    func named(_ names: JSONValue...) -> JSONValue {
      ["matchFields": [["key": "metadata.name", "operator": "In", "values": .array(names)]]]
    }
    let end = " no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    #expect(
      rig.refusal(terms([named("nowhere"), named("elsewhere")]))
        == "0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity]." + end)
    #expect(
      rig.refusal(terms([named("nowhere"), ["matchExpressions": [["key": "disk", "operator": "Exists"]]]]))
        == "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector." + end)
    let narrower: JSONValue = [
      "matchFields": [["key": "metadata.name", "operator": "In", "values": ["a", "b"]]],
      "matchExpressions": [["key": "disk", "operator": "Exists"]],
    ]
    #expect(
      rig.refusal(terms([narrower]))
        == "0/3 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity], 2 node(s) didn't match Pod's "
        + "node affinity/selector." + end)
  }

  private func affinity(_ key: String, _ operation: String, _ values: [String]) -> JSONValue {
    let expression: JSONValue = [
      "key": .string(key), "operator": .string(operation), "values": .array(values.map(JSONValue.string)),
    ]
    return [
      "nodeAffinity": [
        "requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [["matchExpressions": [expression]]]]
      ]
    ]
  }

  // MARK: Choice

  @Test func fillsTheLeastLoadedFirst() {
    var rig = SchedulerRig([testNode("big", cpu: "8", memory: "16Gi"), testNode("small", cpu: "4", memory: "8Gi")])
    let requirements = testRequirements(["cpu": "1", "memory": "2Gi"])
    var nodes: [String?] = []
    for podID in 0..<12 {
      _ = rig.offer(podID, requirements)
      nodes.append(rig.scheduler.node(of: podID))
    }
    #expect(nodes.count { $0 == "big" } == 8 && nodes.count { $0 == "small" } == 4)
    #expect(nodes[0] == "big")
    #expect(rig.scheduler.checkInvariants() == [])
  }

  @Test func drawsAmongEquals() {
    var rig = SchedulerRig((0..<10).map { testNode("n\($0)", labels: ["zone": $0 < 5 ? "a" : "b"]) })
    var hits: [String: Int] = [:]
    for podID in 0..<1_000 {
      if case .bound(_, let node) = rig.offer(podID, testRequirements(["cpu": "1"])) { hits[node, default: 0] += 1 }
      rig.scheduler.release(podID: podID)
    }
    #expect(hits.count == 10)
    #expect(hits.values.allSatisfy { (60...150).contains($0) })
  }

  @Test func avoidsPreferNoScheduleAndFollowsPreferences() {
    var rig = SchedulerRig(
      [testNode("shunned", cpu: "64", taints: [testTaint("a", "", "PreferNoSchedule")]), testNode("plain")])
    #expect(rig.offer(0, testRequirements(["cpu": "4"])) == .bound(podID: 0, node: "plain"))
    #expect(rig.offer(1, testRequirements(["cpu": "4"])) == .bound(podID: 1, node: "shunned"))

    var other = SchedulerRig([testNode("big", cpu: "64"), testNode("liked", labels: ["disk": "ssd"])])
    let liking = testRequirements(["cpu": "3"]) {
      $0.affinity = [
        "nodeAffinity": [
          "preferredDuringSchedulingIgnoredDuringExecution": [
            [
              "weight": 10,
              "preference": ["matchExpressions": [["key": "disk", "operator": "In", "values": ["ssd"]]]],
            ]
          ]
        ]
      ]
    }
    #expect(other.offer(0, liking) == .bound(podID: 0, node: "liked"))
    #expect(other.offer(1, liking) == .bound(podID: 1, node: "big"))
  }

  // MARK: Queue

  @Test func triesByPriorityThenByArrival() {
    var rig = SchedulerRig([testNode("a", cpu: "3")])
    let low = testRequirements(["cpu": "1"])
    let high = testRequirements(["cpu": "1"]) { $0.priority = 10 }
    let other = testRequirements(["cpu": "1", "memory": "1Mi"])
    rig.scheduler.enqueue(podID: 0, low)
    rig.scheduler.enqueue(podID: 1, other)
    rig.scheduler.enqueue(podID: 2, low)
    rig.scheduler.enqueue(podID: 3, high)
    let order = rig.run().map { if case .bound(let podID, _) = $0 { podID } else { -1 } }
    #expect(order == [3, 0, 1, -1])
    #expect(rig.scheduler.checkInvariants() == [])
  }

  @Test func aGroupWaitsBehindItsFirstPod() {
    var rig = SchedulerRig([testNode("a", cpu: "1")])
    let requirements = testRequirements(["cpu": "1"])
    for podID in 0..<1_000 { rig.scheduler.enqueue(podID: podID, requirements) }
    let first = rig.run()
    #expect(first.count == 1_000 && first[0] == .bound(podID: 0, node: "a"))
    #expect(rig.run() == [])
    #expect(!rig.scheduler.needsSchedule)
    for podID in 0..<999 {
      let mayHelp = rig.scheduler.release(podID: podID)
      let decisions = rig.run()
      #expect(mayHelp && decisions.first == .bound(podID: podID + 1, node: "a"))
    }
    let mayHelp = rig.scheduler.release(podID: 999)
    #expect(!mayHelp)
    #expect(rig.scheduler.nextTimer == nil)
    #expect(rig.scheduler.checkInvariants() == [])
  }

  /// The recording has three failures of one pod: at once; 5.06 s later, when a pod of another job ended; and 0.88 s
  /// after that, long before its backoff was over, because the scheduler had nothing else to do.
  @Test func retriesWhenRecording16Does() {
    var rig = SchedulerRig([testNode("a"), testNode("b")])
    for podID in 1...3 { _ = rig.offer(podID, testRequirements(["cpu": "1"])) }
    guard case .unschedulable(9, let message)? = rig.offer(9, testRequirements(["cpu": "1000"])) else {
      Issue.record("placed")
      return
    }
    #expect(rig.run(after: .seconds(4)) == [])
    rig.scheduler.release(podID: 1)
    #expect(rig.run(after: .milliseconds(1_058)) == [.unschedulable(podID: 9, message: message)])
    rig.scheduler.release(podID: 2)
    #expect(rig.run(after: .milliseconds(880)) == [.unschedulable(podID: 9, message: message)])
    // Nodes that could not take it either way are no reason to try.
    rig.scheduler.setNode(testNode("c"))
    #expect(rig.run(after: .seconds(20)) == [])
    rig.scheduler.setNode(testNode("d", cpu: "2000"))
    #expect(rig.run() == [.bound(podID: 9, node: "d")])
  }

  @Test func respectsBackoffWhileThereAreNewPods() {
    var rig = SchedulerRig([testNode("a")])
    let big = testRequirements(["cpu": "1000"])
    _ = rig.offer(0, big)
    var failures: [Int] = []
    for second in 1...40 {
      let podID = second * 2
      rig.scheduler.enqueue(podID: podID, testRequirements(["cpu": "1"]))
      _ = rig.run()
      rig.scheduler.release(podID: podID)
      rig.scheduler.enqueue(podID: podID + 1, testRequirements(["cpu": "1"]))
      let decisions = rig.run(after: .seconds(1))
      if decisions.contains(where: { if case .unschedulable = $0 { true } else { false } }) { failures.append(second) }
      rig.scheduler.dequeue(podID: podID + 1)
      rig.scheduler.release(podID: podID + 1)
    }
    #expect(failures == [1, 3, 7, 15, 25, 35])
  }

  @Test func retriesAfterFiveMinutes() {
    var rig = SchedulerRig([testNode("a")])
    _ = rig.offer(0, testRequirements(["cpu": "1000"]))
    let start = rig.now
    #expect(rig.scheduler.nextTimer == start + .seconds(300))
    #expect(rig.run(after: .seconds(299)) == [])
    let retried = rig.run(after: .seconds(1))
    #expect(retried.count == 1)
    #expect(rig.scheduler.nextTimer == start + .seconds(600))
    rig.scheduler.dequeue(podID: 0)
    #expect(rig.scheduler.nextTimer == nil)
    #expect(rig.scheduler.checkInvariants() == [])
  }

  @Test func wakesWhenACordonIsLifted() {
    var rig = SchedulerRig([testNode("a", cordoned: true)])
    let message = rig.refusal(testRequirements())
    #expect(message.contains("1 node(s) were unschedulable"))
    rig.scheduler.setNode(testNode("a", cordoned: true))
    #expect(!rig.scheduler.needsSchedule)
    rig.scheduler.setNode(testNode("a"))
    #expect(rig.run() == [.bound(podID: 0, node: "a")])
  }

  @Test func keepsPodsOfNodesThatGoAndComeBack() {
    var rig = SchedulerRig([testNode("a", cpu: "1")])
    _ = rig.offer(0, testRequirements(["cpu": "1"]))
    rig.scheduler.removeNode("a")
    #expect(rig.scheduler.node(of: 0) == "a")
    #expect(rig.refusal(testRequirements(["memory": "1"])) == "no nodes available to schedule pods")
    rig.scheduler.dequeue(podID: 0)
    rig.scheduler.assign(podID: 0, testRequirements(["cpu": "1"]), to: "a")
    rig.scheduler.setNode(testNode("a", cpu: "1"))
    #expect(rig.offer(1, testRequirements(["cpu": "1"])) != .bound(podID: 1, node: "a"))
    rig.scheduler.release(podID: 0)
    #expect(rig.run() == [.bound(podID: 1, node: "a")])
    #expect(rig.scheduler.checkInvariants() == [])
  }
}
