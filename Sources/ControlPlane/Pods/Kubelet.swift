import KubeModel

/// What the kubelet side notes about a pod.
struct KubeletRecord: Sendable {
  /// Containers (see `Pod.containerIndex`) that a runtime has been asked to start and has not reported on.
  var launching: [Int] = []
  /// Probes of containers that run.
  var probes: [ProbeRecord] = []
  /// Containers that are being killed because a probe failed, and that run again whatever their exit code is.
  var unhealthy: [Int] = []
  /// How many ends of each container its next backoff is for.
  var crashes: [Int: Int] = [:]
  /// Whether the pod's volumes have been set up.
  var hasMounted = false
  /// Whether they are to be tried again; nothing of the pod is started meanwhile.
  var awaitsMount = false
  var mountFailures = 0
  /// Whether the pod has outrun its activeDeadlineSeconds and fails as soon as nothing of it runs.
  var isPastDeadline = false

  var isLaunching: Bool { !launching.isEmpty }
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
  /// A container that ran this long has its backoff forgotten.
  static let restartReset = restartLimit * 2
  /// Volumes that could not be set up are tried again after this, doubling up to the limit.
  static let mountRetry = Duration.milliseconds(500)
  static let mountRetryLimit = Duration.seconds(122)
  /// What the last messages of a pod's containers may take together.
  static let messageLimit = 12 << 10
  /// A container that the machine refused to create is tried again after this.
  static let createRetry = Duration.seconds(10)
  /// All nodes are this machine.
  static let hostIPs: JSONValue = [["ip": "127.0.0.1"]]

  /// The scheduler's choice reaches the node: one revision with the assignment and the kubelet's first status.
  mutating func bind(_ slot: Int, to node: String) {
    let now = now
    let assigned = pods.entries[slot].pod.metadata
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
    // Told of the pod as the scheduler knew it.
    emit(
      EventRecord(
        kind: .pod, metadata: assigned, reason: "Scheduled",
        message: "Successfully assigned \(assigned.namespace)/\(assigned.name) to \(node)", isWarning: false,
        source: .scheduler, at: now))
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
      !pods.entries[slot].kubelet.awaitsMount, !pods.entries[slot].kubelet.isPastDeadline,
      failedNodes.isEmpty || failedNodes[pods.entries[slot].pod.spec.nodeName] == nil
    else { return }
    // Only the parts that are needed: every step of every pod comes by here, and a copy of a pod costs.
    let initContainers = pods.entries[slot].pod.spec.initContainers
    let initStatuses = pods.entries[slot].pod.status.initContainerStatuses
    for (number, container) in initContainers.enumerated() {
      let status = initStatuses[number]
      if container.isSidecar {
        if status.isFresh { launch(slot, number, attempt: 0) }
        // Up, as its startup probe has it.
        if status.started != true { return }
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
      guard error.reason != ContainerConfigError.failedMount else { return mountFailed(slot, number, error.message) }
      refuse(slot, number, reason: error.reason, message: error.message, mayRetry: error.mayRetry)
    }
  }

  /// A volume cannot be set up: the container goes on being created, and its pod says why.
  mutating func mountFailed(_ slot: Int, _ number: Int, _ message: String) {
    let delay = ControlPlane.mountRetry.doubled(
      pods.entries[slot].kubelet.mountFailures, upTo: ControlPlane.mountRetryLimit)
    guard pods.entries[slot].pod.status.container(number).isFresh else {
      // A restart: it alone waits.
      emitForPod(slot, .kubelet, "FailedMount", message, isWarning: true)
      pods.entries[slot].kubelet.mountFailures += 1
      return timers.set(.restartContainer(pods.ref(slot), container: number), at: now + delay)
    }
    guard !pods.entries[slot].kubelet.awaitsMount else { return }
    pods.entries[slot].kubelet.awaitsMount = true
    pods.entries[slot].kubelet.mountFailures += 1
    if pods.entries[slot].pod.status.conditions["Ready"] == nil {
      let now = now
      let isLaunching = pods.entries[slot].kubelet.isLaunching
      changePod(slot) { $0.refreshStatus(at: now, isLaunching: isLaunching, isSetUp: false) }
    }
    emitForPod(slot, .kubelet, "FailedMount", message, isWarning: true)
    timers.set(.mountVolumes(pods.ref(slot)), at: now + delay)
  }

  mutating func mountAgain(_ slot: Int) {
    guard pods.entries[slot].kubelet.awaitsMount else { return }
    pods.entries[slot].kubelet.awaitsMount = false
    launchContainers(slot)
  }

  /// The container cannot be created: it waits and says why.
  mutating func refuse(_ slot: Int, _ number: Int, reason: String, message: String, mayRetry: Bool) {
    let now = now
    changePod(slot) { pod in
      pod.status.withContainer(number) { status in
        status.state = ContainerState()
        status.state.waiting = ContainerState.Waiting()
        status.state.waiting?.reason = reason
        status.state.waiting?.message = message
      }
      if pod.status.conditions["Ready"] == nil { pod.refreshStatus(at: now, isLaunching: true) }
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
      failedNodes[pod.spec.nodeName] == nil, pod.status.container(number).state.waiting != nil,
      !pods.entries[slot].kubelet.isPastDeadline
    else { return }
    let status = pod.status.container(number)
    launch(slot, number, attempt: status.lastState.terminated == nil ? status.restartCount : status.restartCount + 1)
  }
}
