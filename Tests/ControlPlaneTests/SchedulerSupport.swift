import KubeModel

@testable import ControlPlane

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func quantity(_ text: String) -> Quantity { Quantity(text)! }

func resources(_ pairs: [String: String]) -> ResourceList {
  var list = ResourceList()
  for (name, text) in pairs { list[name] = quantity(text) }
  return list
}

func testNode(
  _ name: String, cpu: String = "4", memory: String = "8Gi", pods: String = "110", other: [String: String] = [:],
  labels: StringMap = [:], taints: [Taint] = [], cordoned: Bool = false
) -> Node {
  var node = Node()
  node.metadata.name = name
  node.metadata.labels = labels
  node.metadata.labels["kubernetes.io/hostname"] = name
  node.spec.taints = taints
  node.spec.unschedulable = cordoned
  node.status.allocatable = resources(["cpu": cpu, "memory": memory, "pods": pods].merging(other) { $1 })
  return node
}

func testTaint(_ key: String, _ value: String, _ effect: String) -> Taint {
  var taint = Taint(key: key, effect: effect)
  taint.value = value
  return taint
}

func testContainer(_ requests: [String: String], limits: [String: String] = [:], restart: String? = nil) -> Container {
  var container = Container()
  container.resources.requests = requests.isEmpty ? nil : resources(requests)
  container.resources.limits = limits.isEmpty ? nil : resources(limits)
  container.restartPolicy = restart
  return container
}

func testRequirements(_ requests: [String: String] = [:], _ change: (inout PodSpec) -> Void = { _ in })
  -> PodRequirements
{
  var spec = PodSpec()
  spec.containers = [testContainer(requests)]
  change(&spec)
  return PodRequirements(spec: spec)
}

/// A scheduler, its generator and a clock.
struct SchedulerRig {
  var scheduler = Scheduler()
  var generator = SeededGenerator(1)
  var now = Instant(seconds: 1_000)

  init(_ nodes: [Node] = []) {
    for node in nodes { scheduler.setNode(node) }
  }

  mutating func run(after: Duration = .zero) -> [Scheduler.Decision] {
    now = now + after
    return scheduler.schedule(at: now, using: &generator)
  }

  /// Enqueues one pod and returns what is decided of it.
  mutating func offer(_ podID: Int, _ requirements: PodRequirements) -> Scheduler.Decision? {
    scheduler.enqueue(podID: podID, requirements)
    let decisions = run()
    return decisions.count == 1 ? decisions[0] : nil
  }

  /// The message with which one pod is refused.
  mutating func refusal(_ requirements: PodRequirements) -> String {
    guard case .unschedulable(_, let message) = offer(0, requirements) else { return "placed" }
    return message
  }
}

extension SchedulerRig {
  mutating func offer(_ podID: Int, _ pod: (PodRequirements, PodIdentity)) -> Scheduler.Decision? {
    scheduler.enqueue(podID: podID, pod.0, pod.1)
    let decisions = run()
    return decisions.count == 1 ? decisions[0] : nil
  }

  mutating func refusal(_ pod: (PodRequirements, PodIdentity)) -> String {
    guard case .unschedulable(_, let message) = offer(0, pod) else { return "placed" }
    return message
  }
}
