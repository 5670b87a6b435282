import KubeModel
import Testing

@testable import ControlPlane

/// The scheduler against one that looks at every node for every pod.
@Suite struct SchedulerRandomTests {
  @Test(arguments: 0..<20) func agreesWithALookAtEveryNode(seed: UInt64) {
    var draw = SeededGenerator(seed &* 977 &+ 5)
    var rig = SchedulerRig()
    rig.generator = SeededGenerator(seed)
    var nodes: [String: Node] = [:]
    var requirements: [Int: PodRequirements] = [:]
    var placed: [Int: String] = [:]
    let kinds = (0..<12).map { _ in randomRequirements(&draw) }

    for step in 0..<500 {
      switch draw.draw(below: 10) {
      case 0:
        // Every other run has nodes of one kind only, so that a class has many.
        let node = randomNode(&draw, alike: seed % 2 == 0)
        nodes[node.metadata.name] = node
        rig.scheduler.setNode(node)
      case 1 where draw.draw(below: 4) == 0:
        let name = "n\(draw.draw(below: 12))"
        nodes[name] = nil
        rig.scheduler.removeNode(name)
      case 2, 3:
        let podID = draw.draw(below: 60)
        rig.scheduler.release(podID: podID)
        rig.scheduler.dequeue(podID: podID)
        requirements[podID] = nil
        placed[podID] = nil
      case 4:
        let podID = 60 + draw.draw(below: 5)
        let kind = kinds[draw.draw(below: kinds.count)]
        requirements[podID] = kind
        placed[podID] = "n\(draw.draw(below: 12))"
        rig.scheduler.assign(podID: podID, kind, to: placed[podID]!)
      default:
        let podID = draw.draw(below: 60)
        guard requirements[podID] == nil else { break }
        requirements[podID] = kinds[draw.draw(below: kinds.count)]
        rig.scheduler.enqueue(podID: podID, requirements[podID]!)
      }
      if draw.draw(below: 3) > 0 {
        let naive = { Naive(nodes: nodes, requirements: requirements, placed: placed) }
        for decision in rig.run(after: .milliseconds(draw.draw(below: 3_000))) {
          switch decision {
          case .bound(let podID, let node):
            let best = naive().best(for: requirements[podID]!)
            #expect(placed[podID] == nil)
            #expect(best.contains(node), "seed \(seed), step \(step): \(node) is not among \(best)")
            placed[podID] = node
          case .unschedulable(let podID, let message):
            #expect(naive().best(for: requirements[podID]!).isEmpty, "seed \(seed), step \(step): \(message)")
            #expect(message == naive().message(for: requirements[podID]!))
          }
        }
        let unplaced = Set(requirements.filter { placed[$0.key] == nil }.values)
        let look = naive()
        for kind in unplaced { #expect(look.best(for: kind).isEmpty, "seed \(seed), step \(step): pods still wait") }
      }
      let problems = rig.scheduler.checkInvariants()
      #expect(problems == [], "seed \(seed), step \(step)")
      guard problems.isEmpty else { return }
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
    return testNode(
      "n\(draw.draw(below: 12))", cpu: "\(2 * size)", memory: "\(4 * size)Gi", pods: "\(2 + draw.draw(below: 6))",
      other: gpu, labels: draw.draw(below: 2) == 0 ? ["zone": "a"] : [:],
      taints: draw.draw(below: 4) == 0 ? [testTaint("t", "", effects[draw.draw(below: 3)])] : [],
      cordoned: draw.draw(below: 8) == 0)
  }

  private func randomRequirements(_ draw: inout SeededGenerator) -> PodRequirements {
    var requests: [String: String] = [:]
    if draw.draw(below: 4) > 0 { requests["cpu"] = "\(250 * (1 + draw.draw(below: 12)))m" }
    if draw.draw(below: 3) > 0 { requests["memory"] = "\(256 * (1 + draw.draw(below: 16)))Mi" }
    if draw.draw(below: 6) == 0 { requests["example.com/gpu"] = "1" }
    let (selector, toleration, host, priority) = (
      draw.draw(below: 4), draw.draw(below: 3), draw.draw(below: 8), draw.draw(below: 3)
    )
    return testRequirements(requests) {
      if selector == 0 { $0.nodeSelector = ["zone": "a"] }
      if host == 0 { $0.nodeSelector = ["kubernetes.io/hostname": "n3"] }
      if toleration == 0 {
        var exists = Toleration()
        exists.operator = "Exists"
        exists.key = "t"
        $0.tolerations = [exists]
      }
      $0.priority = priority
    }
  }
}

/// Places pods by asking every node.
private struct Naive {
  var nodes: [String: Node]
  private var sums: [String: Sums] = [:]

  init(nodes: [String: Node], requirements: [Int: PodRequirements], placed: [Int: String]) {
    self.nodes = nodes
    for (podID, node) in placed {
      let pod = requirements[podID]!
      for (resource, amount) in wants(pod) { sums[node, default: Sums()].used[resource, default: 0] += amount }
      sums[node, default: Sums()].cpu += pod.scoredMilliCPU
      sums[node, default: Sums()].memory += pod.scoredMemory
    }
  }

  private struct Sums {
    var used: [String: Int64] = [:]
    var cpu: Int64 = 0
    var memory: Int64 = 0
  }

  private func sums(_ name: String) -> Sums { sums[name] ?? Sums() }

  private func wants(_ pod: PodRequirements) -> [String: Int64] {
    var wants = ["cpu": pod.milliCPU, "memory": pod.memory, "pods": 1]
    for other in pod.others { wants[other.name] = other.amount }
    return wants.filter { $0.value > 0 }
  }

  private func capacity(_ node: Node, _ resource: String) -> Int64 {
    guard let quantity = node.status.allocatable[resource] else { return 0 }
    return resource == "cpu" ? quantity.milli : quantity.value
  }

  private func lacking(_ pod: PodRequirements, _ node: Node, _ used: [String: Int64]) -> [String] {
    wants(pod).filter { $0.value > capacity(node, $0.key) - (used[$0.key] ?? 0) }.map(\.key)
  }

  private func rejection(_ pod: PodRequirements, _ node: Node) -> NodeRejection? {
    pod.rejection(by: NodeTraits(node), name: node.metadata.name)
  }

  /// The nodes of the highest score, within rounding.
  func best(for pod: PodRequirements) -> [String] {
    var scores: [(String, Double, Int)] = []
    for (name, node) in nodes where rejection(pod, node) == nil {
      let sums = sums(name)
      guard lacking(pod, node, sums.used).isEmpty else { continue }
      let cpu = Double(sums.cpu + pod.scoredMilliCPU) / Double(capacity(node, "cpu"))
      let memory = Double(sums.memory + pod.scoredMemory) / Double(capacity(node, "memory"))
      scores.append((name, ((1 - cpu) * 100 + (1 - memory) * 100) / 2, pod.avoidance(of: NodeTraits(node))))
    }
    let avoided = scores.map(\.2).max() ?? 0
    let totals = scores.map { ($0.0, $0.1 + (avoided > 0 ? Double(3 * (100 - 100 * $0.2 / avoided)) : 300)) }
    let top = totals.map(\.1).max() ?? 0
    return totals.filter { $0.1 > top - 1e-6 }.map(\.0)
  }

  func message(for pod: PodRequirements) -> String {
    guard !nodes.isEmpty else { return "no nodes available to schedule pods" }
    var reasons: [String: Int] = [:]
    var hopeless = 0
    for (name, node) in nodes {
      if let rejection = rejection(pod, node) {
        reasons[rejection.text, default: 0] += 1
        hopeless += 1
        continue
      }
      for resource in lacking(pod, node, sums(name).used) {
        reasons[resource == "pods" ? "Too many pods" : "Insufficient \(resource)", default: 0] += 1
      }
      if lacking(pod, node, [:]).contains(where: { $0 != "pods" }) { hopeless += 1 }
    }
    let all = nodes.count
    var outlook: [String] = []
    if hopeless > 0 { outlook.append("\(hopeless) Preemption is not helpful for scheduling") }
    if hopeless < all { outlook.append("\(all - hopeless) No preemption victims found for incoming pod") }
    let items = reasons.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
    return "0/\(all) nodes are available: \(items). no new claims to deallocate, preemption: 0/\(all) nodes are "
      + "available: \(outlook.sorted().joined(separator: ", "))."
  }
}
