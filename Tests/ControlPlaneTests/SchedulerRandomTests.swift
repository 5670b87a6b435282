import KubeModel
import Testing

@testable import ControlPlane

/// The scheduler against one that looks at every node for every pod.
@Suite struct SchedulerRandomTests {
  @Test(arguments: 0..<20) func agreesWithALookAtEveryNode(seed: UInt64) {
    compare(seed: seed, withTerms: false)
  }

  @Test(arguments: 100..<130) func agreesWhereOtherPodsMatter(seed: UInt64) {
    compare(seed: seed, withTerms: true)
  }

  private func compare(seed: UInt64, withTerms: Bool) {
    var draw = SeededGenerator(seed &* 977 &+ 5)
    var rig = SchedulerRig()
    rig.generator = SeededGenerator(seed)
    var cluster = NaiveCluster()
    cluster.namespaces = ["a": ["team": "x"], "b": [:]]
    for (name, labels) in cluster.namespaces { rig.scheduler.setNamespace(name, labels: labels) }
    let kinds = (0..<12).map { _ in randomKind(&draw, withTerms: withTerms) }

    for step in 0..<(withTerms ? 150 : 250) {
      let place: Comment = "seed \(seed), step \(step)"
      switch draw.draw(below: 11) {
      case 0:
        // Every other run has nodes of one kind only, so that a class has many.
        let node = randomNode(&draw, alike: seed % 2 == 0)
        cluster.nodes[node.metadata.name] = node
        rig.scheduler.setNode(node)
      case 1 where draw.draw(below: 4) == 0:
        let name = "n\(draw.draw(below: 12))"
        cluster.nodes[name] = nil
        rig.scheduler.removeNode(name)
      case 2, 3:
        let podID = draw.draw(below: 60)
        rig.scheduler.release(podID: podID)
        rig.scheduler.dequeue(podID: podID)
        cluster.pods[podID] = nil
      case 4:
        let podID = 60 + draw.draw(below: 5)
        var pod = kinds[draw.draw(below: kinds.count)]
        pod.node = "n\(draw.draw(below: 12))"
        cluster.pods[podID] = pod
        rig.scheduler.assign(podID: podID, pod.requirements, pod.identity, to: pod.node!, started: rig.now)
      case 5 where withTerms:
        let podID = draw.draw(below: 60)
        guard var pod = cluster.pods[podID] else { break }
        pod.identity.labels["app"] = ["x", "y", "z"][draw.draw(below: 3)]
        cluster.pods[podID] = pod
        rig.scheduler.setIdentity(podID: podID, pod.identity)
      case 6:
        // Those that were preempted go.
        for podID in cluster.pods.keys.sorted() where cluster.pods[podID]?.isTerminating ?? false {
          rig.scheduler.release(podID: podID)
          cluster.pods[podID] = nil
        }
      default:
        let podID = draw.draw(below: 60)
        guard cluster.pods[podID] == nil else { break }
        let pod = kinds[draw.draw(below: kinds.count)]
        cluster.pods[podID] = pod
        rig.scheduler.enqueue(podID: podID, pod.requirements, pod.identity)
      }
      if draw.draw(below: 3) > 0 {
        var wasWithdrawn = false
        for decision in rig.run(after: .milliseconds(draw.draw(below: 3_000))) {
          check(decision, &cluster, wasWithdrawn: wasWithdrawn, place)
          if case .withdrawn = decision { wasWithdrawn = true } else { wasWithdrawn = false }
        }
        let waiting = cluster.pods.filter { $0.value.node == nil }
        for (podID, pod) in waiting { #expect(cluster.best(for: pod) == [], "\(place): pod \(podID) still waits") }
      }
      let problems = rig.scheduler.checkInvariants()
      #expect(problems == [], place)
      guard problems.isEmpty else { return }
    }
  }

  /// - Parameter wasWithdrawn: another pod has just lost the room that it waited for.
  private func check(
    _ decision: Scheduler.Decision, _ cluster: inout NaiveCluster, wasWithdrawn: Bool, _ place: Comment
  ) {
    switch decision {
    case .bound(let podID, let node):
      let pod = cluster.pods[podID]!
      if let nominated = pod.node {
        #expect(pod.isNominated, place)
        // Room that is kept for pods of lower priority is free to it.
        var without = cluster
        without.pods = cluster.pods.filter {
          $0.key != podID && !($0.value.isNominated && $0.value.requirements.priority < pod.requirements.priority)
        }
        #expect(without.verdict(pod, node).fits, "\(place): \(node) after \(nominated)")
      } else {
        // Where others had kept the room for themselves, it was the one with least loss, not the best.
        let best = cluster.best(for: pod)
        #expect(
          best.contains(node) || wasWithdrawn && cluster.verdict(pod, node).fits, "\(place): \(node), not \(best)")
      }
      cluster.pods[podID]!.node = node
      cluster.pods[podID]!.isNominated = false
    case .unschedulable(let podID, let message):
      let pod = cluster.pods[podID]!
      #expect(cluster.best(for: pod).isEmpty, "\(place): \(message)")
      #expect(message == cluster.message(for: pod), place)
    case .preempting(let podID, let message, let node, let victims):
      let pod = cluster.pods[podID]!
      if !wasWithdrawn {
        #expect(cluster.best(for: pod).isEmpty, place)
        #expect(message == cluster.message(for: pod, preempted: true), place)
      }
      #expect(!victims.isEmpty, place)
      #expect(
        victims.allSatisfy { victim in
          let other = cluster.pods[victim]!
          return other.node == node && other.requirements.priority < pod.requirements.priority
        }, place)
      var without = cluster
      for victim in victims { without.pods[victim] = nil }
      #expect(without.verdict(pod, node).fits, "\(place): no room on \(node) without \(victims)")
      // None goes without need.
      for victim in victims {
        var other = without
        other.pods[victim] = cluster.pods[victim]
        #expect(!other.verdict(pod, node).fits, "\(place): \(victim) need not go")
      }
      for victim in victims { cluster.pods[victim]!.isTerminating = true }
      cluster.pods[podID]!.node = node
      cluster.pods[podID]!.isNominated = true
    case .withdrawn(let podID):
      #expect(cluster.pods[podID]!.isNominated, place)
      cluster.pods[podID]!.node = nil
      cluster.pods[podID]!.isNominated = false
    }
  }

  @Test func sameSeedSamePlaces() {
    func run() -> [Scheduler.Decision] {
      var draw = SeededGenerator(3)
      var rig = SchedulerRig((0..<50).map { testNode("n\($0)", labels: ["zone": "\($0 % 3)"]) })
      for podID in 0..<400 { rig.scheduler.enqueue(podID: podID, randomRequirements(&draw)) }
      return rig.run()
    }
    #expect(run() == run())
  }

  @Test func aCopyIsIndependent() {
    var rig = SchedulerRig([testNode("a", cpu: "2")])
    _ = rig.offer(0, testRequirements(["cpu": "1"]))
    var copy = rig
    _ = copy.offer(1, testRequirements(["cpu": "1"]))
    copy.scheduler.removeNode("a")
    #expect(rig.offer(2, testRequirements(["cpu": "1"])) == .bound(podID: 2, node: "a"))
    #expect(rig.scheduler.checkInvariants() == [] && copy.scheduler.checkInvariants() == [])
  }

  private func randomNode(_ draw: inout SeededGenerator, alike: Bool) -> Node {
    if alike { return testNode("n\(draw.draw(below: 12))", cpu: "8", memory: "16Gi", pods: "6", labels: ["zone": "a"]) }
    let size = 1 + draw.draw(below: 3)
    let gpu: [String: String] = draw.draw(below: 3) == 0 ? ["example.com/gpu": "2"] : [:]
    let effects = ["NoSchedule", "NoExecute", "PreferNoSchedule"]
    let zone = draw.draw(below: 4)
    return testNode(
      "n\(draw.draw(below: 12))", cpu: "\(2 * size)", memory: "\(4 * size)Gi", pods: "\(2 + draw.draw(below: 6))",
      other: gpu, labels: zone < 3 ? ["zone": ["a", "b", "c"][zone]] : [:],
      taints: draw.draw(below: 4) == 0 ? [testTaint("t", "", effects[draw.draw(below: 3)])] : [],
      cordoned: draw.draw(below: 8) == 0)
  }

  private func randomRequirements(_ draw: inout SeededGenerator) -> PodRequirements {
    randomKind(&draw, withTerms: false).requirements
  }

  private func randomKind(_ draw: inout SeededGenerator, withTerms: Bool) -> NaivePod {
    var requests: [String: String] = [:]
    if draw.draw(below: 4) > 0 { requests["cpu"] = "\(250 * (1 + draw.draw(below: 12)))m" }
    if draw.draw(below: 3) > 0 { requests["memory"] = "\(256 * (1 + draw.draw(below: 16)))Mi" }
    if draw.draw(below: 6) == 0 { requests["example.com/gpu"] = "1" }
    var spec = PodSpec()
    spec.containers = [testContainer(requests)]
    if draw.draw(below: 4) == 0 { spec.nodeSelector = ["zone": "a"] }
    if draw.draw(below: 3) == 0 {
      var exists = Toleration()
      exists.operator = "Exists"
      exists.key = "t"
      spec.tolerations = [exists]
    }
    if draw.draw(below: 8) == 0 { spec.nodeSelector = ["kubernetes.io/hostname": "n3"] }
    spec.priority = draw.draw(below: 3)
    if draw.draw(below: 5) == 0 { spec.preemptionPolicy = "Never" }
    var identity = PodIdentity(namespace: ["a", "b"][draw.draw(below: 2)], labels: StringMap())
    if withTerms {
      identity.labels["app"] = ["x", "y", "z"][draw.draw(below: 3)]
      identity.labels["irrelevant"] = "\(draw.draw(below: 3))"
      if draw.draw(below: 2) == 0 { spec.affinity = randomAffinity(&draw) }
      if draw.draw(below: 3) == 0 { spec.topologySpreadConstraints = randomSpread(&draw) }
      if draw.draw(below: 5) == 0 { spec.containers[0].ports = [["containerPort": 80, "hostPort": 80]] }
    }
    return NaivePod(requirements: PodRequirements(spec: spec, of: identity), identity: identity)
  }

  private func randomAffinity(_ draw: inout SeededGenerator) -> JSONValue {
    func term(_ draw: inout SeededGenerator) -> JSONObject {
      let app: JSONValue = .string(["x", "y", "z"][draw.draw(below: 3)])
      var term = JSONObject()
      term["topologyKey"] = draw.draw(below: 2) == 0 ? "zone" : "kubernetes.io/hostname"
      term["labelSelector"] = draw.draw(below: 5) == 0 ? [:] : ["matchLabels": ["app": app]]
      switch draw.draw(below: 5) {
      case 0: term["namespaces"] = ["a", "b"]
      case 1: term["namespaceSelector"] = [:]
      case 2: term["namespaceSelector"] = ["matchLabels": ["team": "x"]]
      default: break
      }
      return term
    }
    var affinity = JSONObject()
    for kind in ["podAffinity", "podAntiAffinity"] where draw.draw(below: 2) == 0 {
      var required: [JSONValue] = []
      var preferred: [JSONValue] = []
      if draw.draw(below: 3) > 0 { required.append(.object(term(&draw))) }
      if draw.draw(below: 4) == 0 { required.append(.object(term(&draw))) }
      if draw.draw(below: 2) == 0 {
        preferred.append(["weight": .int(Int64(1 + draw.draw(below: 100))), "podAffinityTerm": .object(term(&draw))])
      }
      affinity[kind] = [
        "requiredDuringSchedulingIgnoredDuringExecution": .array(required),
        "preferredDuringSchedulingIgnoredDuringExecution": .array(preferred),
      ]
    }
    return .object(affinity)
  }

  private func randomSpread(_ draw: inout SeededGenerator) -> JSONValue {
    let constraints = (0...draw.draw(below: 2)).map { _ -> JSONValue in
      var constraint = JSONObject()
      constraint["topologyKey"] = draw.draw(below: 2) == 0 ? "zone" : "kubernetes.io/hostname"
      constraint["maxSkew"] = .int(Int64(1 + draw.draw(below: 2)))
      constraint["whenUnsatisfiable"] = draw.draw(below: 3) == 0 ? "ScheduleAnyway" : "DoNotSchedule"
      constraint["labelSelector"] = ["matchLabels": ["app": .string(["x", "y"][draw.draw(below: 2)])]]
      if draw.draw(below: 4) == 0 { constraint["minDomains"] = 3 }
      if draw.draw(below: 4) == 0 { constraint["nodeAffinityPolicy"] = "Ignore" }
      if draw.draw(below: 4) == 0 { constraint["nodeTaintsPolicy"] = "Honor" }
      return .object(constraint)
    }
    return .array(constraints)
  }
}
