import KubeModel

// What a runtime has seen of a container, and what a kubelet makes of it.
extension ControlPlane {
  mutating func receive(_ report: PodReport) {
    let id = report.container
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
    case .probed(_, let kind, let outcome): containerProbed(slot, number, attempt: id.attempt, kind, outcome)
    }
  }

  private mutating func containerStarted(_ slot: Int, _ number: Int, attempt: Int, at time: Instant) {
    guard takeLaunch(slot, number) else { return }
    pods.entries[slot].kubelet.hasMounted = true
    pods.entries[slot].kubelet.mountFailures = 0
    let isLaunching = pods.entries[slot].kubelet.isLaunching
    changePod(slot) { pod in
      let id = "\(pod.metadata.uid)-\(number)-\(attempt)"
      let container = pod.container(number)
      let isInit = number < pod.spec.initContainers.count && !container.isSidecar
      pod.status.withContainer(number) { status in
        status.restartCount = attempt
        status.containerID = "jobdeck://\(id)"
        status.state = ContainerState()
        status.state.running = ContainerState.Running()
        status.state.running?.startedAt = time
        status.started = container.probe(.startup) == nil
        // An init container is ready when it is done.
        status.ready = !isInit && status.started == true && container.probe(.readiness) == nil
      }
      pod.refreshStatus(at: time, isLaunching: isLaunching)
    }
    if !isSimulated(slot) {
      let name = pods.entries[slot].pod.container(number).name
      emitForPod(slot, .kubelet, "Created", "Container created", container: name)
      emitForPod(slot, .kubelet, "Started", "Container started", container: name)
    }
    beginProbes(slot, number, attempt: attempt, at: time)
    if number < pods.entries[slot].pod.spec.initContainers.count { launchContainers(slot) }
  }

  private mutating func containerFailedToStart(
    _ slot: Int, _ number: Int, attempt: Int, reason: String, message: String, exitCode: Int, at time: Instant
  ) {
    guard reason == "StartError" else {
      guard takeLaunch(slot, number) else { return }
      if pods.entries[slot].kubelet.isPastDeadline { return finishAfterDeadline(slot) }
      if reason == ContainerConfigError.failedMount {
        if pods.entries[slot].pod.metadata.deletionTimestamp == nil { mountFailed(slot, number, message) }
        return finishStop(slot)
      }
      refuse(slot, number, reason: reason, message: message, mayRetry: true)
      // It may have been a sidecar of a pod whose work is done.
      let isLaunching = pods.entries[slot].kubelet.isLaunching
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
    terminated.message = cutMessage(exit.message, slot)
    terminated.startedAt = exit.startedAt
    terminated.finishedAt = exit.finishedAt

    let isUnhealthy = pods.entries[slot].kubelet.unhealthy.contains(number)
    if isUnhealthy { pods.entries[slot].kubelet.unhealthy.removeAll { $0 == number } }
    if !pods.entries[slot].kubelet.probes.isEmpty {
      pods.entries[slot].kubelet.probes.removeAll { $0.container == number }
    }
    let restarts =
      pods.entries[slot].pod.metadata.deletionTimestamp == nil && !pods.entries[slot].pod.status.phase.isTerminal
      && !pods.entries[slot].kubelet.isPastDeadline
      && (isUnhealthy && !pods.entries[slot].pod.hasFinishedItsWork
        || pods.entries[slot].pod.restarts(number, after: exit.exitCode))
    let delay = restarts ? restartDelay(slot, number, ranFor: exit.finishedAt - exit.startedAt) : .zero
    let isLaunching = pods.entries[slot].kubelet.isLaunching
    let isPastDeadline = pods.entries[slot].kubelet.isPastDeadline
    changePod(slot) { pod in
      let uid = pod.metadata.uid
      let isInit = number < pod.spec.initContainers.count && !pod.spec.initContainers[number].isSidecar
      let place = "\(pod.metadata.name)_\(pod.metadata.namespace)(\(uid))"
      pod.status.withContainer(number) { status in
        status.restartCount = attempt
        status.ready = isInit && exit.exitCode == 0
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
      if !isPastDeadline { pod.refreshStatus(at: exit.finishedAt, isLaunching: isLaunching) }
    }
    if isPastDeadline { return finishAfterDeadline(slot) }
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
      pod.hasRunningContainer || pods.entries[slot].kubelet.isLaunching
    else { return }
    let grace = pod.spec.terminationGracePeriodSeconds ?? 30
    emitKilling(slot)
    effects.append(.stop(podUID: pod.metadata.uid, gracePeriod: .seconds(grace)))
  }

  /// What runs of the pod is being stopped.
  mutating func emitKilling(_ slot: Int) {
    guard !isSimulated(slot) else { return }
    let status = pods.entries[slot].pod.status
    for container in status.initContainerStatuses + status.containerStatuses where container.state.running != nil {
      emitForPod(slot, .kubelet, "Killing", "Stopping container \(container.name)", container: container.name)
    }
  }

  /// The containers of a pod share what their messages may take (kubelet: normalizeStatus).
  private func cutMessage(_ message: String, _ slot: Int) -> String {
    guard !message.isEmpty else { return message }
    let spec = pods.entries[slot].pod.spec
    let limit = ControlPlane.messageLimit / max(1, spec.containers.count + spec.initContainers.count)
    return message.cut(toBytes: limit)
  }

  /// 10 s doubling to 5 min (or what the annotation says), from the number of ends so far.
  private mutating func restartDelay(_ slot: Int, _ number: Int, ranFor time: Duration) -> Duration {
    if let text = pods.entries[slot].pod.metadata.annotations["jobdeck.dev/restart-backoff"],
      let duration = try? Duration(goText: text), duration >= .zero
    {
      return duration
    }
    let crashes = time > ControlPlane.restartReset ? 0 : pods.entries[slot].kubelet.crashes[number] ?? 0
    pods.entries[slot].kubelet.crashes[number] = crashes + 1
    return ControlPlane.restartBase.doubled(crashes, upTo: ControlPlane.restartLimit)
  }
}

extension String {
  /// Its first `count` bytes of UTF-8, all of it where it has no more.
  func cut(toBytes count: Int) -> String {
    utf8.count > count ? String(decoding: utf8.prefix(count), as: UTF8.self) : self
  }
}
