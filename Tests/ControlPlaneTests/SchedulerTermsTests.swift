import Foundation
import KubeModel
import Testing

@testable import ControlPlane

/// Affinity between pods, spreading, host ports: what they allow, and what they say where they don't.
@Suite struct SchedulerTermsTests {
  private func zones(_ zones: [String]) -> [Node] {
    zones.enumerated().map { testNode("n\($0)", labels: $1.isEmpty ? [:] : ["zone": $1]) }
  }

  private func pod(
    _ app: String, namespace: String = "default", _ requests: [String: String] = [:],
    _ change: (inout PodSpec) -> Void = { _ in }
  ) -> (PodRequirements, PodIdentity) {
    var spec = PodSpec()
    spec.containers = [testContainer(requests)]
    change(&spec)
    let identity = PodIdentity(namespace: namespace, labels: ["app": app])
    return (PodRequirements(spec: spec, of: identity), identity)
  }

  private func affinity(_ kind: String, _ app: String, _ key: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
    var term = JSONObject()
    term["topologyKey"] = .string(key)
    term["labelSelector"] = ["matchLabels": ["app": .string(app)]]
    for name in more.keys.sorted() { term[name] = more[name] }
    return .object(
      JSONObject([
        .init(name: kind, value: ["requiredDuringSchedulingIgnoredDuringExecution": .array([.object(term)])])
      ]))
  }

  private func spread(_ more: [String: JSONValue] = [:]) -> JSONValue {
    var constraint = JSONObject()
    constraint["topologyKey"] = "zone"
    constraint["maxSkew"] = 1
    constraint["whenUnsatisfiable"] = "DoNotSchedule"
    constraint["labelSelector"] = ["matchLabels": ["app": "a"]]
    for name in more.keys.sorted() { constraint[name] = more[name] }
    return [.object(constraint)]
  }

  private let end = " no new claims to deallocate, preemption: 0/3 nodes are available: "

  @Test func theFirstPodOfAGroupMayGoAnywhereAndTheOthersFollow() {
    var rig = SchedulerRig(zones(["a", "b", ""]))
    let together = pod("a") { $0.affinity = affinity("podAffinity", "a", "zone") }
    _ = rig.offer(0, together)
    let home = rig.scheduler.node(of: 0)
    #expect(home == "n0" || home == "n1")
    for podID in 1...5 { #expect(rig.offer(podID, together) == .bound(podID: podID, node: home!)) }
    let follower = pod("b") { $0.affinity = affinity("podAffinity", "a", "zone") }
    #expect(rig.offer(6, follower) == .bound(podID: 6, node: home!))
    #expect(rig.scheduler.checkInvariants() == [])
  }

  @Test func waitsForCompanyAndGetsIt() {
    var rig = SchedulerRig(zones(["a", "b", ""]))
    let lonely = pod("b") { $0.affinity = affinity("podAffinity", "a", "zone") }
    #expect(
      rig.refusal(lonely)
        == "0/3 nodes are available: 3 node(s) didn't match pod affinity rules." + end
        + "3 Preemption is not helpful for scheduling.")
    rig.scheduler.enqueue(podID: 1, pod("a") { $0.nodeName = "n1" }.0, pod("a").1)
    #expect(rig.run() == [.bound(podID: 1, node: "n1"), .bound(podID: 0, node: "n1")])
  }

  @Test func keepsItsDistanceAndMakesOthersKeepIt() {
    var rig = SchedulerRig(zones(["a", "b", "b"]))
    let alone = pod("a") { $0.affinity = affinity("podAntiAffinity", "a", "zone") }
    _ = rig.offer(1, alone)
    _ = rig.offer(2, alone)
    #expect(rig.scheduler.node(of: 1) != nil && rig.scheduler.node(of: 2) != nil)
    #expect(
      rig.refusal(alone)
        == "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules." + end
        + "3 No preemption victims found for incoming pod.")
    // A pod without any terms of its own is kept away all the same, and another is not.
    rig.scheduler.dequeue(podID: 0)
    #expect(
      rig.refusal(pod("a"))
        == "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules." + end
        + "3 No preemption victims found for incoming pod.")
    guard case .bound? = rig.offer(3, pod("b")) else { return #expect(Bool(false), "refused") }
    guard case .bound? = rig.offer(4, pod("a", namespace: "other")) else { return #expect(Bool(false), "refused") }
    let home = rig.scheduler.node(of: 1)!
    rig.scheduler.release(podID: 1)
    guard case .bound(0, let node)? = rig.run().first else { return #expect(Bool(false), "still waits") }
    #expect((node == "n0") == (home == "n0"))
    #expect(rig.scheduler.checkInvariants() == [])
  }

  private static let namespaceCases: [([String: JSONValue], Bool)] = [
    (["namespaces": ["other"]], true), (["namespaceSelector": [:]], true),
    (["namespaceSelector": ["matchLabels": ["team": "x"]]], true),
    (["namespaceSelector": ["matchLabels": ["team": "y"]]], false), ([:], false),
  ]

  @Test(arguments: namespaceCases)
  func looksIntoNamespaces(more: [String: JSONValue], finds: Bool) {
    var rig = SchedulerRig(zones(["a", "b"]))
    rig.scheduler.setNamespace("other", labels: ["team": "x"])
    let (requirements, identity) = pod("a", namespace: "other")
    rig.scheduler.assign(podID: 9, requirements, identity, to: "n1")
    let seeker = pod("b") { $0.affinity = affinity("podAffinity", "a", "zone", more) }
    #expect((rig.offer(0, seeker) == .bound(podID: 0, node: "n1")) == finds)
    // Its labels make another namespace of it.
    rig.scheduler.setNamespace("other", labels: ["team": "y"])
    _ = rig.run()
    #expect(finds || (rig.scheduler.node(of: 0) == "n1") == !more.isEmpty)
  }

  @Test func labelsOfPodsMayChange() {
    var rig = SchedulerRig(zones(["a", "b"]))
    let (requirements, identity) = pod("b")
    rig.scheduler.assign(podID: 9, requirements, identity, to: "n1")
    #expect(rig.refusal(pod("b") { $0.affinity = affinity("podAffinity", "a", "zone") }).hasPrefix("0/2"))
    rig.scheduler.setIdentity(podID: 9, pod("a").1)
    #expect(rig.run() == [.bound(podID: 0, node: "n1")])
  }

  @Test func matchLabelKeysTakeThePodsOwnValue() {
    var rig = SchedulerRig(zones(["a", "b"]))
    rig.scheduler.assign(podID: 9, pod("b").0, pod("b").1, to: "n1")
    let term: JSONValue = ["topologyKey": "zone", "labelSelector": [:], "matchLabelKeys": ["app"]]
    func seeker(_ app: String) -> (PodRequirements, PodIdentity) {
      pod(app) { $0.affinity = ["podAntiAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [term]]] }
    }
    #expect(rig.offer(1, seeker("b")) == .bound(podID: 1, node: "n0"))
    #expect(rig.refusal(seeker("b")).contains("2 node(s) didn't match pod anti-affinity rules"))
  }

  @Test func spreadsEvenlyAndSaysWhereItCannot() {
    var rig = SchedulerRig(zones(["a", "b", ""]))
    let even = pod("a") { $0.topologySpreadConstraints = spread() }
    for podID in 1...6 { _ = rig.offer(podID, even) }
    let homes = (1...6).map { rig.scheduler.node(of: $0) }
    #expect(homes.count { $0 == "n0" } == 3 && homes.count { $0 == "n1" } == 3)
    rig.scheduler.setNode(testNode("n1", labels: ["zone": "b"], cordoned: true))
    _ = rig.offer(7, even)
    #expect(
      rig.refusal(even)
        == "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match "
        + "pod topology spread constraints (missing required label), 1 node(s) were unschedulable." + end
        + "1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.")
    // A pod that ends makes the other zone the emptier one.
    for podID in 1...7 where rig.scheduler.node(of: podID) == "n0" { rig.scheduler.release(podID: podID) }
    #expect(rig.run().first == .bound(podID: 0, node: "n0"))
    #expect(rig.scheduler.checkInvariants() == [])
  }

  @Test func minDomainsCountsDomainsThatAreMissingAsEmpty() {
    var rig = SchedulerRig(zones(["a", "b"]))
    let even = pod("a") { $0.topologySpreadConstraints = spread(["minDomains": 3]) }
    guard case .bound? = rig.offer(1, even), case .bound? = rig.offer(2, even) else {
      return #expect(Bool(false), "refused")
    }
    #expect(rig.refusal(even).hasPrefix("0/2 nodes are available: 2 node(s) didn't match pod topology spread"))
    rig.scheduler.setNode(testNode("n2", labels: ["zone": "c"]))
    #expect(rig.run() == [.bound(podID: 0, node: "n2")])
  }

  @Test func wouldRatherSpread() {
    var rig = SchedulerRig(
      [testNode("n0", cpu: "64", memory: "512Gi", labels: ["zone": "a"]), testNode("n1", labels: ["zone": "b"])])
    let soft = pod("a") { $0.topologySpreadConstraints = spread(["whenUnsatisfiable": "ScheduleAnyway"]) }
    for podID in 0..<4 { _ = rig.offer(podID, soft) }
    #expect((0..<4).count { rig.scheduler.node(of: $0) == "n1" } == 2)
  }

  @Test func prefersCompany() {
    var rig = SchedulerRig(zones(["a", "b"]))
    rig.scheduler.assign(podID: 9, pod("a", ["cpu": "1"]).0, pod("a").1, to: "n1")
    let term: JSONValue = ["topologyKey": "zone", "labelSelector": ["matchLabels": ["app": "a"]]]
    let near: JSONValue = ["preferredDuringSchedulingIgnoredDuringExecution": [["weight": 1, "podAffinityTerm": term]]]
    #expect(rig.offer(0, pod("b") { $0.affinity = ["podAffinity": near] }) == .bound(podID: 0, node: "n1"))
    #expect(rig.offer(1, pod("b") { $0.affinity = ["podAntiAffinity": near] }) == .bound(podID: 1, node: "n0"))
  }

  @Test func portsOfANodeAreGivenOnce() {
    var rig = SchedulerRig(zones(["a", "b"]))
    func listener(_ address: String, _ proto: String = "TCP") -> (PodRequirements, PodIdentity) {
      pod("a") {
        $0.containers[0].ports = [
          ["containerPort": 1, "hostPort": 80, "hostIP": .string(address), "protocol": .string(proto)]
        ]
        $0.nodeSelector = ["zone": "a"]
        $0.preemptionPolicy = "Never"
      }
    }
    #expect(rig.offer(1, listener("10.0.0.1")) == .bound(podID: 1, node: "n0"))
    #expect(rig.offer(2, listener("10.0.0.2")) == .bound(podID: 2, node: "n0"))
    #expect(rig.offer(3, listener("", "UDP")) == .bound(podID: 3, node: "n0"))
    #expect(
      rig.refusal(listener(""))
        == "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) didn't "
        + "match Pod's node affinity/selector. no new claims to deallocate, preemption: not eligible due to "
        + "preemptionPolicy=Never.")
    rig.scheduler.release(podID: 1)
    rig.scheduler.release(podID: 2)
    #expect(rig.run() == [.bound(podID: 0, node: "n0")])
  }

  @Test func balancesNodes() {
    // Both have the same load; a pod that wants memory goes where CPU is taken.
    var rig = SchedulerRig([testNode("cpu", cpu: "8", memory: "8Gi"), testNode("memory", cpu: "8", memory: "8Gi")])
    rig.scheduler.assign(podID: 8, testRequirements(["cpu": "4", "memory": "1Gi"]), to: "cpu")
    rig.scheduler.assign(podID: 9, testRequirements(["cpu": "1", "memory": "4Gi"]), to: "memory")
    #expect(rig.offer(0, testRequirements(["cpu": "100m", "memory": "2Gi"])) == .bound(podID: 0, node: "cpu"))
    #expect(rig.offer(1, testRequirements(["cpu": "2500m", "memory": "200Mi"])) == .bound(podID: 1, node: "memory"))
  }

  @Test func logarithms() {
    for number in [1, 2, 3, 10, 1_000, 5_002] {
      #expect(abs(naturalLogarithm(number) - log(Double(number))) < 1e-9)
    }
  }
}
