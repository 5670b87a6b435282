import KubeModel

/// What the kubelet side notes about a pod.
struct KubeletRecord: Sendable {
  /// Containers (see `Pod.containerIndex`) that a runtime has been asked to start and has not reported on.
  var launching: [Int] = []
}

/// A node that has been taken down: it neither hears nor is heard.
struct FailedNode: Sendable {
  var since: Instant
  /// What its runtime saw meanwhile; it comes through when the node is back.
  var reports: [PodReport] = []
}

// The kubelet's decisions: which container starts when, what a container's end means for its pod. Containers are
// numbered: init containers first, then the others.
extension ControlPlane {
  static let restartBase = Duration.seconds(10)
  static let restartLimit = Duration.seconds(300)
  /// A container that the machine refused to create is tried again after this.
  static let createRetry = Duration.seconds(10)
  /// All nodes are this machine.
  static let hostIPs: JSONValue = [["ip": "127.0.0.1"]]

  /// The scheduler's choice reaches the node: one revision with the assignment and the kubelet's first status.
  mutating func bind(_ slot: Int, to node: String) {
    let now = now
    changePod(slot) { pod in
      pod.spec.nodeName = node
      pod.status.nominatedNodeName = ""
      pod.status.set("PodScheduled", true, at: now)
      pod.status.hostIP = "127.0.0.1"
      pod.status.hostIPs = ControlPlane.hostIPs
      pod.status.startTime = now
      let waiting = pod.spec.initContainers.isEmpty ? "ContainerCreating" : "PodInitializing"
      pod.status.initContainerStatuses = pod.spec.initContainers.map { ContainerStatus($0, waiting: "PodInitializing") }
      pod.status.containerStatuses = pod.spec.containers.map { ContainerStatus($0, waiting: waiting) }
    }
    let metadata = pods.entries[slot].pod.metadata
    emitForPod(
      slot, .scheduler, "Scheduled", "Successfully assigned \(metadata.namespace)/\(metadata.name) to \(node)")
    if let seconds = pods.entries[slot].pod.spec.activeDeadlineSeconds {
      timers.set(.podDeadline(pods.ref(slot)), at: now + .seconds(seconds))
    }
    launchContainers(slot)
  }

  /// Whether a pod's containers are only simulated: such a kubelet makes no events.
  func isSimulated(_ slot: Int) -> Bool {
    (pods.entries[slot].pod.spec.runtimeClassName ?? configuration.defaultRuntimeClass) == "simulated"
  }

  // MARK: Starting

  /// Starts every container whose turn it is: init containers one after the other, a sidecar once and then on, then
  /// all others together.
  mutating func launchContainers(_ slot: Int) {
    guard pods.entries[slot].pod.metadata.deletionTimestamp == nil, !pods.entries[slot].pod.status.phase.isTerminal,
      failedNodes.isEmpty || failedNodes[pods.entries[slot].pod.spec.nodeName] == nil
    else { return }
    // Only the parts that are needed: every step of every pod comes by here, and a copy of a pod costs.
    let initContainers = pods.entries[slot].pod.spec.initContainers
    let initStatuses = pods.entries[slot].pod.status.initContainerStatuses
    for (number, container) in initContainers.enumerated() {
      let status = initStatuses[number]
      if container.isSidecar {
        if status.isFresh { launch(slot, number, attempt: 0) }
        if status.state.running == nil { return }
      } else if status.state.terminated?.exitCode != 0 {
        if status.isFresh { launch(slot, number, attempt: 0) }
        return
      }
    }
    let statuses = pods.entries[slot].pod.status.containerStatuses
    for (number, status) in statuses.enumerated() where status.isFresh {
      launch(slot, initContainers.count + number, attempt: 0)
    }
  }

  private mutating func launch(_ slot: Int, _ number: Int, attempt: Int) {
    guard !pods.entries[slot].kubelet.launching.contains(number) else { return }
    do throws(ContainerConfigError) {
      let start = try containerStart(slot, number, attempt: attempt)
      pods.entries[slot].kubelet.launching.append(number)
      effects.append(.start(start))
    } catch {
      refuse(slot, number, reason: error.reason, message: error.message, mayRetry: error.mayRetry)
    }
  }

  /// The container cannot be created: it waits and says why.
  private mutating func refuse(_ slot: Int, _ number: Int, reason: String, message: String, mayRetry: Bool) {
    changePod(slot) { pod in
      pod.status.withContainer(number) { status in
        status.state = ContainerState()
        status.state.waiting = ContainerState.Waiting()
        status.state.waiting?.reason = reason
        status.state.waiting?.message = message
      }
    }
    let name = pods.entries[slot].pod.container(number).name
    emitForPod(slot, .kubelet, "Failed", "Error: \(message)", isWarning: true, container: name)
    if mayRetry {
      timers.set(.restartContainer(pods.ref(slot), container: number), at: now + ControlPlane.createRetry)
    }
  }

  mutating func restartAfterBackoff(_ slot: Int, container number: Int) {
    let pod = pods.entries[slot].pod
    guard pod.metadata.deletionTimestamp == nil, !pod.status.phase.isTerminal,
      failedNodes[pod.spec.nodeName] == nil, pod.status.container(number).state.waiting != nil
    else { return }
    let status = pod.status.container(number)
    launch(slot, number, attempt: status.lastState.terminated == nil ? status.restartCount : status.restartCount + 1)
  }

  // MARK: Reports

  mutating func receive(_ report: PodReport) {
    let id: ContainerID
    switch report {
    case .started(let container, _), .failedToStart(let container, _, _, _, _), .exited(let container, _):
      id = container
    }
    guard let slot = pods.slot(uid: id.podUID) else { return }
    let node = pods.entries[slot].pod.spec.nodeName
    if failedNodes[node] != nil {
      failedNodes[node]?.reports.append(report)
      return
    }
    guard let number = pods.entries[slot].pod.containerIndex(id.container) else { return }
    switch report {
    case .started(_, let time): containerStarted(slot, number, attempt: id.attempt, at: time)
    case .failedToStart(_, let reason, let message, let exitCode, let time):
      containerFailedToStart(
        slot, number, attempt: id.attempt, reason: reason, message: message, exitCode: exitCode, at: time)
    case .exited(_, let exit): containerExited(slot, number, attempt: id.attempt, exit)
    }
  }

  private mutating func containerStarted(_ slot: Int, _ number: Int, attempt: Int, at time: Instant) {
    guard takeLaunch(slot, number) else { return }
    let isLaunching = !pods.entries[slot].kubelet.launching.isEmpty
    changePod(slot) { pod in
      let id = "\(pod.metadata.uid)-\(number)-\(attempt)"
      pod.status.withContainer(number) { status in
        status.restartCount = attempt
        status.containerID = "jobdeck://\(id)"
        status.state = ContainerState()
        status.state.running = ContainerState.Running()
        status.state.running?.startedAt = time
        status.ready = true
        status.started = true
      }
      pod.refreshStatus(at: time, isLaunching: isLaunching)
    }
    if !isSimulated(slot) {
      let name = pods.entries[slot].pod.container(number).name
      emitForPod(slot, .kubelet, "Created", "Container created", container: name)
      emitForPod(slot, .kubelet, "Started", "Container started", container: name)
    }
    if number < pods.entries[slot].pod.spec.initContainers.count { launchContainers(slot) }
  }

  private mutating func containerFailedToStart(
    _ slot: Int, _ number: Int, attempt: Int, reason: String, message: String, exitCode: Int, at time: Instant
  ) {
    guard reason == "StartError" else {
      guard takeLaunch(slot, number) else { return }
      refuse(slot, number, reason: reason, message: message, mayRetry: true)
      // It may have been a sidecar of a pod whose work is done.
      let isLaunching = !pods.entries[slot].kubelet.launching.isEmpty
      if pods.entries[slot].pod.hasFinishedItsWork, !isLaunching {
        changePod(slot) { $0.refreshStatus(at: time, isLaunching: false) }
      }
      return finishStop(slot)
    }
    let exit = ContainerExit(
      exitCode: exitCode, reason: reason, message: message, startedAt: Instant(seconds: 0), finishedAt: time)
    let name = pods.entries[slot].pod.container(number).name
    emitForPod(slot, .kubelet, "Failed", "Error: \(message)", isWarning: true, container: name)
    containerExited(slot, number, attempt: attempt, exit)
  }

  private mutating func takeLaunch(_ slot: Int, _ number: Int) -> Bool {
    guard let position = pods.entries[slot].kubelet.launching.firstIndex(of: number) else { return false }
    pods.entries[slot].kubelet.launching.remove(at: position)
    return true
  }

  private mutating func containerExited(_ slot: Int, _ number: Int, attempt: Int, _ exit: ContainerExit) {
    let wasLaunching = takeLaunch(slot, number)
    let known = pods.entries[slot].pod.status.container(number)
    guard known.state.running != nil && known.restartCount == attempt || wasLaunching else { return }
    var terminated = ContainerState.Terminated()
    terminated.containerID = known.containerID
    terminated.exitCode = exit.exitCode
    terminated.signal = exit.signal
    terminated.reason = exit.reason ?? (exit.exitCode == 0 ? "Completed" : "Error")
    terminated.message = exit.message
    terminated.startedAt = exit.startedAt
    terminated.finishedAt = exit.finishedAt

    let restarts =
      pods.entries[slot].pod.metadata.deletionTimestamp == nil && !pods.entries[slot].pod.status.phase.isTerminal
      && pods.entries[slot].pod.restarts(number, after: exit.exitCode)
    let delay = restarts ? restartDelay(slot, restarts: attempt) : .zero
    let isLaunching = !pods.entries[slot].kubelet.launching.isEmpty
    changePod(slot) { pod in
      let uid = pod.metadata.uid
      let place = "\(pod.metadata.name)_\(pod.metadata.namespace)(\(uid))"
      pod.status.withContainer(number) { status in
        status.restartCount = attempt
        status.ready = false
        status.started = false
        status.state = ContainerState()
        if restarts {
          status.lastState = ContainerState()
          status.lastState.terminated = terminated
          status.state.waiting = ContainerState.Waiting()
          status.state.waiting?.reason = "CrashLoopBackOff"
          status.state.waiting?.message =
            "back-off \(delay.goText) restarting failed container=\(status.name) pod=\(place)"
        } else {
          status.state.terminated = terminated
        }
      }
      pod.refreshStatus(at: exit.finishedAt, isLaunching: isLaunching)
    }
    if restarts {
      if !isSimulated(slot) {
        let pod = pods.entries[slot].pod
        emitForPod(
          slot, .kubelet, "BackOff",
          "Back-off restarting failed container \(known.name) in pod "
            + "\(pod.metadata.name)_\(pod.metadata.namespace)(\(pod.metadata.uid))",
          isWarning: true, container: known.name)
      }
      timers.set(.restartContainer(pods.ref(slot), container: number), at: now + delay)
    } else {
      launchContainers(slot)
      stopSidecars(slot)
    }
    finishStop(slot)
  }

  /// Sidecars outlive the containers that they serve only until those have ended.
  private mutating func stopSidecars(_ slot: Int) {
    // Most pods have ended by now.
    guard !pods.entries[slot].pod.status.phase.isTerminal else { return }
    let pod = pods.entries[slot].pod
    guard pod.hasFinishedItsWork,
      pod.hasRunningContainer || !pods.entries[slot].kubelet.launching.isEmpty
    else { return }
    let grace = pod.spec.terminationGracePeriodSeconds ?? 30
    effects.append(.stop(podUID: pod.metadata.uid, gracePeriod: .seconds(grace)))
  }

  /// 10 s doubling to 5 min (or what the annotation says), from the number of restarts so far.
  private func restartDelay(_ slot: Int, restarts: Int) -> Duration {
    if let text = pods.entries[slot].pod.metadata.annotations["jobdeck.dev/restart-backoff"],
      let duration = try? Duration(goText: text), duration >= .zero
    {
      return duration
    }
    return restarts > 5
      ? ControlPlane.restartLimit : min(ControlPlane.restartLimit, ControlPlane.restartBase * (1 << restarts))
  }
}
