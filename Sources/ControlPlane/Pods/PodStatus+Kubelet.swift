import KubeModel

// What a pod's container states mean for its phase and conditions: pure functions of the pod.

extension Container {
  /// An init container that goes on running beside the others.
  var isSidecar: Bool { restartPolicy == "Always" }
}

extension ContainerStatus {
  /// The status of a container that has not run.
  init(_ container: Container, waiting reason: String) {
    self.init()
    name = container.name
    image = container.image
    started = false
    state.waiting = ContainerState.Waiting()
    state.waiting?.reason = reason
  }

  /// Whether the container waits for its first start.
  var isFresh: Bool {
    guard let reason = state.waiting?.reason else { return false }
    return reason == "ContainerCreating" || reason == "PodInitializing"
  }

  /// Whether the container has not run yet, whatever keeps it from it.
  var hasNeverRun: Bool { state.waiting != nil && lastState.terminated == nil }
}

extension PodStatus {
  /// The status of a numbered container: init containers first.
  func container(_ number: Int) -> ContainerStatus {
    number < initContainerStatuses.count
      ? initContainerStatuses[number] : containerStatuses[number - initContainerStatuses.count]
  }

  mutating func withContainer(_ number: Int, _ body: (inout ContainerStatus) -> Void) {
    if number < initContainerStatuses.count {
      body(&initContainerStatuses[number])
    } else {
      body(&containerStatuses[number - initContainerStatuses.count])
    }
  }

  /// Sets a condition; its transition time moves only when its status does.
  mutating func set(_ type: String, _ holds: Bool, reason: String = "", message: String = "", at time: Instant) {
    var condition = Condition(type, holds, reason: reason, message: message, at: time)
    if let index = conditions.firstIndex(where: { $0.type == type }) {
      if conditions[index].status == condition.status {
        condition.lastTransitionTime = conditions[index].lastTransitionTime
      }
      conditions[index] = condition
    } else {
      conditions.append(condition)
    }
  }
}

extension Pod {
  func containerIndex(_ name: String) -> Int? {
    if let index = spec.initContainers.firstIndex(where: { $0.name == name }) { return index }
    return spec.containers.firstIndex { $0.name == name }.map { $0 + spec.initContainers.count }
  }

  func container(_ number: Int) -> Container {
    number < spec.initContainers.count
      ? spec.initContainers[number] : spec.containers[number - spec.initContainers.count]
  }

  /// Whether the numbered container is to run again after it ended with `exitCode`.
  func restarts(_ number: Int, after exitCode: Int) -> Bool {
    if number < spec.initContainers.count {
      // Init containers run until they succeed; a sidecar runs until the work is done.
      if spec.initContainers[number].isSidecar { return !hasFinishedItsWork }
      return exitCode != 0 && spec.restartPolicy != .never
    }
    if spec.restartPolicy == .always { return true }
    return spec.restartPolicy == .onFailure && exitCode != 0
  }

  /// Whether no container but sidecars will run again.
  var hasFinishedItsWork: Bool {
    for (number, status) in status.initContainerStatuses.enumerated() where !spec.initContainers[number].isSidecar {
      if let exit = status.state.terminated, exit.exitCode != 0, spec.restartPolicy == .never { return true }
    }
    return !status.containerStatuses.isEmpty && status.containerStatuses.allSatisfy { $0.state.terminated != nil }
  }

  /// Whether any container runs.
  var hasRunningContainer: Bool {
    status.containerStatuses.contains { $0.state.running != nil }
      || status.initContainerStatuses.contains { $0.state.running != nil }
  }

  /// Brings phase and conditions in line with the containers' states.
  ///
  /// - Parameters:
  ///   - isLaunching: whether one of them is being started.
  ///   - isSetUp: whether the pod has its volumes, so that its containers can be created.
  mutating func refreshStatus(at time: Instant, isLaunching: Bool, isSetUp: Bool = true) {
    guard !status.phase.isTerminal else { return }
    if hasFinishedItsWork, !hasRunningContainer, !isLaunching { return finish(at: time) }
    let uninitialized = zip(spec.initContainers, status.initContainerStatuses).filter { container, status in
      container.isSidecar ? status.started != true : status.state.terminated?.exitCode != 0
    }.map(\.0.name)
    let isInitialized = uninitialized.isEmpty
    // Sidecars are as much part of the pod as the others.
    let sidecars = zip(spec.initContainers, status.initContainerStatuses).filter { $0.0.isSidecar }.map(\.1)
    let unready = (sidecars + status.containerStatuses).filter { !$0.ready }.map(\.name)
    let hasStarted = status.containerStatuses.allSatisfy { !$0.hasNeverRun }
    if isInitialized, hasStarted {
      status.phase = .running
      if status.podIP.isEmpty {
        status.podIP = status.hostIP
        status.podIPs = status.hostIPs
      }
    }
    let message =
      unready.isEmpty ? "" : "containers with unready status: [\(unready.joined(separator: " "))]"
    let reason = unready.isEmpty ? "" : "ContainersNotReady"
    let scheduled = status.conditions["PodScheduled"]
    if status.conditions.count <= 1 {
      // The order in which kubelet lists them.
      status.conditions = []
    }
    status.set("PodReadyToStartContainers", isSetUp, at: time)
    status.set(
      "Initialized", isInitialized, reason: isInitialized ? "" : "ContainersNotInitialized",
      message: isInitialized ? "" : "containers with incomplete status: [\(uninitialized.joined(separator: " "))]",
      at: time)
    status.set("Ready", unready.isEmpty && isInitialized, reason: reason, message: message, at: time)
    status.set("ContainersReady", unready.isEmpty && isInitialized, reason: reason, message: message, at: time)
    if let scheduled, status.conditions["PodScheduled"] == nil { status.conditions.append(scheduled) }
  }

  /// Ends the pod: succeeded if every container did, unless it `hasFailed` as a whole.
  mutating func finish(at time: Instant, hasFailed: Bool = false) {
    let succeeded =
      !hasFailed && status.containerStatuses.allSatisfy { $0.state.terminated?.exitCode == 0 }
      && zip(spec.initContainers, status.initContainerStatuses).allSatisfy {
        $0.isSidecar || $1.state.terminated?.exitCode == 0
      }
    status.phase = succeeded ? .succeeded : .failed
    let reason = succeeded ? "PodCompleted" : "PodFailed"
    let initialized = status.conditions["Initialized"]
    let scheduled = status.conditions["PodScheduled"]
    if status.conditions.count <= 1 { status.conditions = [] }
    status.set("PodReadyToStartContainers", false, at: time)
    status.set(
      "Initialized", succeeded || initialized?.isTrue == true, reason: succeeded ? reason : "", at: time)
    status.set("Ready", false, reason: reason, at: time)
    status.set("ContainersReady", false, reason: reason, at: time)
    if let scheduled, status.conditions["PodScheduled"] == nil { status.conditions.append(scheduled) }
  }
}
