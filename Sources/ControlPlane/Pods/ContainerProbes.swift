import KubeModel

/// A probe of a container that runs, and what came of it so far.
struct ProbeRecord: Sendable {
  /// See `Pod.containerIndex`.
  var container: Int
  /// Which run of the container.
  var attempt: Int
  var kind: ProbeKind
  var probe: Probe
  /// When it is next carried out; `nil` while it is, and while it waits for the startup probe.
  var due: Instant?
  /// When it was last carried out.
  var firedAt: Instant?
  var streak = ProbeStreak()
}

/// How often in a row a probe has had the same result (kubelet: worker.go).
struct ProbeStreak: Hashable, Sendable {
  private(set) var isSuccess: Bool?
  private(set) var length = 0

  /// Takes in a result; `nil` where it does not count yet: too few in a row.
  mutating func add(_ success: Bool, _ probe: Probe) -> Bool? {
    length = isSuccess == success ? length + 1 : 1
    isSuccess = success
    return length >= (success ? probe.successThreshold : probe.failureThreshold) ? success : nil
  }
}

extension Container {
  var hasProbes: Bool { readinessProbe != nil || livenessProbe != nil || startupProbe != nil }

  func probe(_ kind: ProbeKind) -> Probe? {
    switch kind {
    case .startup: Probe(startupProbe, ports: ports)
    case .liveness: Probe(livenessProbe, ports: ports)
    case .readiness: Probe(readinessProbe, ports: ports)
    }
  }
}

// The probes of running containers: when they are carried out, and what follows from them (kubelet: prober).
extension ControlPlane {
  /// A container has started: its probes begin, the startup probe before the others.
  mutating func beginProbes(_ slot: Int, _ number: Int, attempt: Int, at start: Instant) {
    let container = pods.entries[slot].pod.container(number)
    guard container.hasProbes else { return }
    pods.entries[slot].kubelet.probes.removeAll { $0.container == number }
    let hasStartup = container.probe(.startup) != nil
    for kind in ProbeKind.allCases {
      guard var probe = container.probe(kind) else { continue }
      if case .exec(let command) = probe.action { probe.action = .exec(expandedProbeCommand(command, container)) }
      pods.entries[slot].kubelet.probes.append(
        ProbeRecord(container: number, attempt: attempt, kind: kind, probe: probe))
      if !hasStartup || kind == .startup { scheduleProbe(slot, number, kind, at: start + probe.initialDelay) }
    }
  }

  /// A kubelet knows only the literal variables when it expands a probe's command.
  private func expandedProbeCommand(_ command: [String], _ container: Container) -> [String] {
    let literal = container.env.filter { $0.valueFrom == nil }
    return command.map { $0.expandingVariables(literal) }
  }

  private func probeIndex(_ slot: Int, _ number: Int, _ kind: ProbeKind) -> Int? {
    pods.entries[slot].kubelet.probes.firstIndex { $0.container == number && $0.kind == kind }
  }

  private mutating func scheduleProbe(_ slot: Int, _ number: Int, _ kind: ProbeKind, at time: Instant) {
    guard let index = probeIndex(slot, number, kind) else { return }
    let due = max(now, time)
    pods.entries[slot].kubelet.probes[index].due = due
    timers.set(.probe(pods.ref(slot), container: number, kind), at: due)
  }

  /// Carries out a probe that is due.
  mutating func probe(_ slot: Int, _ number: Int, _ kind: ProbeKind) {
    // A timer may be that of an earlier run.
    guard let index = probeIndex(slot, number, kind), let due = pods.entries[slot].kubelet.probes[index].due,
      due <= now, failedNodes[pods.entries[slot].pod.spec.nodeName] == nil
    else { return }
    let pod = pods.entries[slot].pod
    // What is being stopped need not be alive.
    if kind != .readiness, pod.metadata.deletionTimestamp != nil || pods.entries[slot].kubelet.isPastDeadline { return }
    let record = pods.entries[slot].kubelet.probes[index]
    pods.entries[slot].kubelet.probes[index].due = nil
    pods.entries[slot].kubelet.probes[index].firedAt = now
    let id = ContainerID(podUID: pod.metadata.uid, container: pod.container(number).name, attempt: record.attempt)
    effects.append(
      .probe(
        ProbeOrder(container: id, kind: kind, action: record.probe.action, timeout: record.probe.timeout)))
  }

  mutating func containerProbed(
    _ slot: Int, _ number: Int, attempt: Int, _ kind: ProbeKind, _ outcome: ProbeOutcome
  ) {
    guard let index = probeIndex(slot, number, kind), pods.entries[slot].kubelet.probes[index].attempt == attempt,
      pods.entries[slot].kubelet.probes[index].due == nil,
      let firedAt = pods.entries[slot].kubelet.probes[index].firedAt
    else { return }
    let probe = pods.entries[slot].kubelet.probes[index].probe
    scheduleProbe(slot, number, kind, at: firedAt + probe.period)
    let isSuccess: Bool
    switch outcome {
    case .success: isSuccess = true
    case .failure(let output):
      isSuccess = false
      emitUnhealthy(slot, number, "\(kind.rawValue) probe failed: \(output)")
    case .error(let problem):
      return emitUnhealthy(slot, number, "\(kind.rawValue) probe errored and resulted in unknown state: \(problem)")
    }
    guard let result = pods.entries[slot].kubelet.probes[index].streak.add(isSuccess, probe) else { return }
    switch (kind, result) {
    case (.readiness, _): setReady(slot, number, result)
    case (.startup, true): startupSucceeded(slot, number)
    case (.liveness, true): break
    case (.startup, false), (.liveness, false): killUnhealthy(slot, number, kind, probe)
    }
  }

  private mutating func emitUnhealthy(_ slot: Int, _ number: Int, _ message: String) {
    guard !isSimulated(slot) else { return }
    // The API server takes events of 1024 bytes.
    let name = pods.entries[slot].pod.container(number).name
    emitForPod(slot, .kubelet, "Unhealthy", message.cut(toBytes: 1024), isWarning: true, container: name)
  }

  private mutating func setReady(_ slot: Int, _ number: Int, _ ready: Bool) {
    guard pods.entries[slot].pod.status.container(number).ready != ready else { return }
    let now = now
    let isLaunching = pods.entries[slot].kubelet.isLaunching
    changePod(slot) { pod in
      pod.status.withContainer(number) { $0.ready = ready }
      pod.refreshStatus(at: now, isLaunching: isLaunching)
    }
  }

  /// The container is up: its other probes take over.
  private mutating func startupSucceeded(_ slot: Int, _ number: Int) {
    pods.entries[slot].kubelet.probes.removeAll { $0.container == number && $0.kind == .startup }
    let pod = pods.entries[slot].pod
    let start = pod.status.container(number).state.running?.startedAt ?? now
    let container = pod.container(number)
    let now = now
    let isLaunching = pods.entries[slot].kubelet.isLaunching
    changePod(slot) { pod in
      pod.status.withContainer(number) { status in
        status.started = true
        status.ready = container.probe(.readiness) == nil
      }
      pod.refreshStatus(at: now, isLaunching: isLaunching)
    }
    for kind in [ProbeKind.liveness, .readiness] {
      if let probe = container.probe(kind) { scheduleProbe(slot, number, kind, at: start + probe.initialDelay) }
    }
    if number < pod.spec.initContainers.count { launchContainers(slot) }
  }

  /// Liveness or startup probe have failed too often: the container is stopped, and runs again if its pod's may.
  private mutating func killUnhealthy(_ slot: Int, _ number: Int, _ kind: ProbeKind, _ probe: Probe) {
    let pod = pods.entries[slot].pod
    let record = pods.entries[slot].kubelet.probes.first { $0.container == number }
    pods.entries[slot].kubelet.probes.removeAll { $0.container == number }
    guard pod.metadata.deletionTimestamp == nil, let record else { return }
    let container = pod.container(number)
    let runsAgain = container.isSidecar || pod.spec.restartPolicy != .never
    if runsAgain { pods.entries[slot].kubelet.unhealthy.append(number) }
    if !isSimulated(slot) {
      emitForPod(
        slot, .kubelet, "Killing",
        "Container \(container.name) failed \(kind.rawValue.lowercased()) probe"
          + (runsAgain ? ", will be restarted" : ""), container: container.name)
    }
    let id = ContainerID(podUID: pod.metadata.uid, container: container.name, attempt: record.attempt)
    let grace = probe.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
    effects.append(.stopContainer(id, gracePeriod: .seconds(grace)))
  }
}
