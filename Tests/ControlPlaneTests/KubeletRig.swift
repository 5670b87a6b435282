import ControlPlane
import KubeModel

/// A control plane with one pod, and a runtime that does what the test says, in virtual time.
struct KubeletRig {
  var plane: ControlPlane
  var now = Instant(seconds: 1_790_000_000)
  /// What the runtime was told since `takeEffects`.
  var effects: [Effect] = []
  private var attempts: [String: Int] = [:]

  /// - Parameter spec: the pod's spec in JSON; `name` and `command` of containers are enough.
  init(_ spec: String, runtime: String = "process", others: [String] = []) throws {
    plane = ControlPlane(.init(seed: 1, defaultRuntimeClass: runtime), at: now)
    var node = Node()
    node.metadata.name = "node-1"
    for (name, text) in [("cpu", "8"), ("memory", "64Gi"), ("pods", "110")] {
      node.status.capacity[name] = Quantity(text)
      node.status.allocatable[name] = Quantity(text)
    }
    try plane.submit(.create(.node(node)), at: now)
    for manifest in others { try apply(manifest) }
    try apply(#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","uid":"u"},"spec":"# + spec + "}")
  }

  mutating func apply(_ manifest: String) throws {
    for item in try Manifest.read(Array(manifest.utf8), file: "test.yaml") {
      try plane.submit(.create(item.object), at: now)
    }
    take()
  }

  private mutating func take() {
    for effect in plane.takeEffects() {
      effects.append(effect)
      if case .start(let start) = effect { attempts[start.id.container] = start.id.attempt }
    }
  }

  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  var starts: [ContainerStart] { effects.compactMap { if case .start(let start) = $0 { start } else { nil } } }

  private func id(_ container: String) -> ContainerID {
    ContainerID(podUID: pod?.metadata.uid ?? "", container: container, attempt: attempts[container] ?? 0)
  }

  private mutating func observe(_ report: PodReport) {
    plane.observe(report, at: now)
    take()
  }

  mutating func started(_ container: String) { observe(.started(id(container), at: now)) }

  mutating func exited(_ container: String, _ code: Int, ranFor time: Duration = .seconds(1), message: String = "") {
    observe(
      .exited(id(container), ContainerExit(exitCode: code, message: message, startedAt: now - time, finishedAt: now)))
  }

  mutating func failed(_ container: String, _ reason: String, _ message: String) {
    observe(.failedToStart(id(container), reason: reason, message: message, exitCode: 128, at: now))
  }

  mutating func probed(_ container: String, _ kind: ProbeKind, _ outcome: ProbeOutcome) {
    observe(.probed(id(container), kind, outcome))
  }

  mutating func wait(_ time: Duration) {
    let end = now + time
    while let next = plane.nextTimer, next <= end {
      now = max(now, next)
      plane.advance(to: now)
      take()
    }
    now = end
    plane.advance(to: now)
    take()
  }

  mutating func submit(_ request: Request) throws {
    try plane.submit(request, at: now)
    take()
  }

  // MARK: Reading

  static let key = ObjectKey(.pod, namespace: "default", name: "p")

  var pod: Pod? {
    guard case .pod(let pod)? = plane.object(KubeletRig.key) else { return nil }
    return pod
  }

  /// Phase and container states: `Running: setup Completed, main running, ready`.
  var state: String {
    guard let pod else { return "gone" }
    let containers = (pod.status.initContainerStatuses + pod.status.containerStatuses).map { status in
      let state =
        if status.state.running != nil {
          "running"
        } else if let waiting = status.state.waiting {
          waiting.reason
        } else if let terminated = status.state.terminated {
          terminated.reason == "Completed" ? "Completed" : "\(terminated.reason)(\(terminated.exitCode))"
        } else {
          "nothing"
        }
      return "\(status.name) \(state)\(status.restartCount > 0 ? " x\(status.restartCount)" : "")"
        + (status.ready ? " ready" : "")
    }
    return "\(pod.status.phase.rawValue): \(containers.joined(separator: ", "))"
  }

  /// The conditions that hold, and of the others why they do not.
  var conditions: [String] {
    (pod?.status.conditions ?? []).map { condition in
      condition.isTrue ? condition.type : "\(condition.type): no \(condition.reason)".trimmed
    }
  }

  /// `Reason message` of the pod's events, with counts.
  var events: [String] {
    plane.list(.event).compactMap { object in
      guard case .event(let event) = object, event.source.component == "kubelet" else { return nil }
      return "\(event.reason) \(event.message)" + (event.occurrences > 1 ? " x\(event.occurrences)" : "")
    }
  }
}

extension String {
  fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
