import ControlPlane
import Executor
import KubeModel
import Testing

/// A control plane and a simulated runtime in virtual time, and a record of every change.
struct SimulatedClusterDriver {
  var plane: ControlPlane
  var runtime: SimulatedRuntime
  var now: Instant
  /// Every revision of every object, in order.
  var changes: [Change] = []
  private var seen: UInt64 = 0
  /// Everything that the runtime was asked to do, in order.
  var effects: [Effect] = []

  static let start = Instant(seconds: 1_790_000_000)

  init(
    nodes: Int = 3, cpu: String = "32", memory: String = "256Gi", pods: String = "110", seed: UInt64 = 1,
    podEventDelay: Duration = .zero, startingAt start: Instant = start, timeZone: TimeZoneRules = .utc
  ) throws {
    now = start
    runtime = SimulatedRuntime(seed: seed)
    plane = ControlPlane(
      .init(
        seed: seed, podEventDelay: podEventDelay, defaultRuntimeClass: "simulated", timeZone: timeZone), at: now)
    for number in 0..<nodes {
      var node = Node()
      node.metadata.name = "node-\(number + 1)"
      for (name, text) in [("cpu", cpu), ("memory", memory), ("pods", pods)] {
        node.status.capacity[name] = Quantity(text)
        node.status.allocatable[name] = Quantity(text)
      }
      try submit(.create(.node(node)))
    }
  }

  @discardableResult
  mutating func submit(_ request: Request) throws(StatusError) -> KubeObject {
    let result = try plane.submit(request, at: now)
    pump()
    return result
  }

  /// Creates what a manifest holds.
  mutating func apply(_ manifest: String) throws {
    for item in try Manifest.read(Array(manifest.utf8), file: "test.yaml") { try submit(.create(item.object)) }
  }

  /// Lets time pass until `instant`, and everything happen that is due by then.
  mutating func run(until instant: Instant) {
    pump()
    while let next = [plane.nextTimer, runtime.nextReport].compactMap({ $0 }).min(), next <= instant { step(to: next) }
    now = max(now, instant)
    plane.advance(to: now)
    pump()
  }

  mutating func run(for duration: Duration) { run(until: now + duration) }

  /// Lets time pass until the condition holds; fails the test where it does not within `limit`.
  mutating func run(
    until condition: (SimulatedClusterDriver) -> Bool, limit: Duration = .seconds(86_400),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let end = now + limit
    while !condition(self) {
      guard let next = [plane.nextTimer, runtime.nextReport].compactMap({ $0 }).min(), next <= end else {
        Issue.record("the condition did not come to hold", sourceLocation: sourceLocation)
        return
      }
      step(to: next)
    }
  }

  private mutating func step(to next: Instant) {
    now = max(now, next)
    plane.observe(runtime.takeReports(upTo: now), at: now)
    plane.advance(to: now)
    pump()
  }

  /// Carries out what the control plane has decided, and takes in its changes.
  private mutating func pump() {
    for effect in plane.takeEffects() {
      effects.append(effect)
      runtime.carryOut(effect, at: now)
    }
    changes += plane.changes(since: seen) ?? []
    seen = plane.version
    plane.discardChanges(through: plane.version)
  }

  // MARK: Reading

  func job(_ name: String, namespace: String = "default") -> Job? {
    guard case .job(let job)? = plane.object(ObjectKey(.job, namespace: namespace, name: name)) else { return nil }
    return job
  }

  func pod(_ name: String, namespace: String = "default") -> Pod? {
    guard case .pod(let pod)? = plane.object(ObjectKey(.pod, namespace: namespace, name: name)) else { return nil }
    return pod
  }

  /// The pods that exist, oldest first.
  var pods: [Pod] {
    let all = plane.list(.pod).compactMap { if case .pod(let pod) = $0 { pod } else { nil } }
    let order = createdPodNames
    return all.sorted { order[$0.metadata.uid] ?? 0 < order[$1.metadata.uid] ?? 0 }
  }

  private var createdPodNames: [String: Int] {
    var order: [String: Int] = [:]
    for change in changes where change.verb == .added && change.object.kind == .pod {
      order[change.object.metadata.uid] = order.count
    }
    return order
  }

  var events: [Event] {
    plane.list(.event).compactMap { if case .event(let event) = $0 { event } else { nil } }
  }

  /// Every status that the job has had, in order.
  func statuses(of job: String) -> [JobStatus] {
    changes.compactMap {
      if case .job(let object) = $0.object, object.metadata.name == job { object.status } else { nil }
    }
  }

  /// Reasons of the object's events, oldest first, with their counts.
  func reasons(of name: String) -> [String: Int] {
    var counts: [String: Int] = [:]
    for event in events where event.involvedObject.name == name {
      counts[event.reason, default: 0] += event.occurrences
    }
    return counts
  }
}

extension Job {
  /// `Complete`, `Failed` or `nil`, with its reason.
  var end: String? {
    status.conditions.first { ($0.type == "Complete" || $0.type == "Failed") && $0.isTrue }.map {
      "\($0.type):\($0.reason)"
    }
  }
}
