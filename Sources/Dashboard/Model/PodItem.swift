internal import KubeModel

/// A pod's row.
final class PodItem: Item, @unchecked Sendable {
  let pod: Pod
  let status: StatusText
  let ready: Int
  let containers: Int
  let restarts: Int
  /// The UID of the job that owns it.
  let owner: String?
  let completionIndex: Int?
  /// How the container that decides ended.
  let exit: ContainerState.Terminated?
  /// When its last container ended; `nil` while it may still run.
  let finished: Instant?
  /// When a container of it is started again after it crashed.
  let nextRestart: Instant?
  /// Thousandths of a core that it asks for.
  let cpuRequest: Int
  /// Bytes that it asks for.
  let memoryRequest: Int
  /// What keeps its node from starting it, as an event tells: its status does not.
  let startFailure: StartFailure?

  init(_ pod: Pod, failing failure: StartFailure? = nil) {
    self.pod = pod
    startFailure = failure.flatMap { pod.isOnItsWay ? $0 : nil }
    let display = PodDisplay(pod)
    status = PodItem.status(of: pod, word: display.status)
    ready = display.readyContainers
    containers = display.totalContainers
    restarts = display.restarts
    owner = pod.metadata.controller?.uid
    completionIndex = pod.metadata.annotations[JobLabel.completionIndex].flatMap { Int($0) }
    let all = pod.status.containerStatuses + pod.status.initContainerStatuses
    let ends = all.compactMap { $0.state.terminated ?? $0.lastState.terminated }
    exit = ends.first { $0.exitCode != 0 } ?? ends.first
    nextRestart = all.lazy.compactMap(\.nextRestart).min()
    finished =
      pod.status.phase.isTerminal
      ? all.compactMap { $0.state.terminated?.finishedAt }.max()
        ?? pod.status.conditions["Ready"]?.lastTransitionTime ?? pod.metadata.deletionTimestamp
        ?? pod.metadata.creationTimestamp
      : nil
    (cpuRequest, memoryRequest) = pod.spec.common.read { ($0.request("cpu"), $0.request("memory")) }
    super.init(kind: .pod, id: pod.metadata.uid, metadata: pod.metadata)
  }

  override var object: KubeObject { .pod(pod) }
  override var labels: StringMap { pod.metadata.labels }
  override var searchable: [String] { [status.text, pod.spec.nodeName] }

  /// The same pod with what keeps it from starting.
  func failing(_ failure: StartFailure?) -> PodItem { PodItem(pod, failing: failure) }

  /// Whether it holds its node's resources.
  var isActive: Bool { !pod.status.phase.isTerminal }
  var isRunning: Bool { pod.status.phase == .running }

  /// Whether the time of its end is when it ended, and not when it was found to have been lost.
  var isEndKnown: Bool {
    finished == nil
      || !(pod.status.containerStatuses + pod.status.initContainerStatuses).contains {
        $0.state.terminated?.isLost == true
      }
  }

  /// From its first start to its end, or to `now`; `nil` where nobody knows when it ended.
  func elapsed(_ now: Instant) -> Duration? {
    guard isEndKnown else { return nil }
    return pod.status.startTime.map { max(.zero, (finished ?? now) - $0) }
  }

  /// Seconds that it is given to end when it is deleted; `nil` where nothing of it runs.
  var graceToEnd: Int? {
    guard isRunning else { return nil }
    let seconds = pod.spec.terminationGracePeriodSeconds ?? 30
    return seconds > 0 ? seconds : nil
  }

  /// Why no node takes it, in the scheduler's words.
  var unschedulable: String? {
    guard let condition = pod.status.conditions["PodScheduled"], condition.status == "False" else { return nil }
    return condition.message.isEmpty ? condition.reason : condition.message
  }

  /// What a container waits for, when that is a trouble and not just a start on its way.
  var waitingTrouble: ContainerState.Waiting? {
    (pod.status.containerStatuses + pod.status.initContainerStatuses).lazy.compactMap(\.state.waiting)
      .first { !ContainerItem.isOnItsWay($0) }
  }

  private static func status(of pod: Pod, word: String) -> StatusText {
    let word = word.isEmpty ? "Pending" : word
    let standing: Standing
    if pod.metadata.deletionTimestamp != nil, !pod.status.phase.isTerminal {
      standing = .ending
    } else {
      switch pod.status.phase {
      case .succeeded: standing = .succeeded
      case .failed: standing = .failed
      case .running: standing = word == "Running" ? .running : word == ContainerItem.crashLoop ? .retrying : .pending
      case .pending: standing = .pending
      default: standing = .unknown
      }
    }
    let isUnschedulable = pod.status.phase == .pending && pod.status.conditions["PodScheduled"]?.status == "False"
    return StatusText(
      standing: standing, word: word,
      reason: isUnschedulable && word == "Pending" ? pod.status.conditions["PodScheduled"]?.reason ?? "" : "")
  }
}

extension Int {
  /// The sum, or the largest number where it doesn't fit.
  func saturatingAdd(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}

/// One container of a pod.
final class ContainerItem: Item, @unchecked Sendable {
  let pod: PodItem
  let container: Container
  let status: ContainerStatus?
  let isInit: Bool

  /// What a container waits for that crashed and is started again by and by.
  static let crashLoop = "CrashLoopBackOff"

  init(pod: PodItem, container: Container, isInit: Bool) {
    self.pod = pod
    self.container = container
    self.isInit = isInit
    let statuses = isInit ? pod.pod.status.initContainerStatuses : pod.pod.status.containerStatuses
    status = statuses.first { $0.name == container.name }
    super.init(kind: .pod, id: "\(pod.id)/\(container.name)", metadata: pod.pod.metadata)
  }

  override var object: KubeObject? { pod.object }
  override var labels: StringMap { pod.labels }
  override var searchable: [String] { [container.name, container.image] }

  static func all(of pod: PodItem) -> [ContainerItem] {
    pod.pod.spec.initContainers.map { ContainerItem(pod: pod, container: $0, isInit: true) }
      + pod.pod.spec.containers.map { ContainerItem(pod: pod, container: $0, isInit: false) }
  }
}

/// A node's row.
final class NodeItem: Item, @unchecked Sendable {
  let node: Node
  let status: StatusText
  let isReady: Bool
  /// Thousandths of a core.
  let cpu: Int
  /// Bytes.
  let memory: Int
  let pods: Int

  init(_ node: Node) {
    self.node = node
    isReady = node.status.conditions.isTrue("Ready")
    status = StatusText(
      standing: !isReady ? .failed : node.spec.unschedulable ? .suspended : .succeeded,
      word: NodeDisplay(node).status)
    (cpu, memory, pods) = (node.allocatable("cpu"), node.allocatable("memory"), node.allocatable("pods"))
    super.init(kind: .node, id: node.metadata.uid, metadata: node.metadata)
  }

  /// How much of a resource its pods can have together, in the unit of `PodSpecCommon.request`.
  func allocatable(_ resource: String) -> Int { node.allocatable(resource) }

  override var object: KubeObject { .node(node) }
  override var labels: StringMap { node.metadata.labels }
  override var searchable: [String] { [status.text] }
}

extension Node {
  fileprivate func allocatable(_ resource: String) -> Int {
    // What it leaves out is as in its capacity.
    (status.allocatable[resource] ?? status.capacity[resource])?.amount(of: resource) ?? 0
  }
}

extension Quantity {
  /// Thousandths of a core, or else whole units.
  fileprivate func amount(of resource: String) -> Int { Int(clamping: resource == "cpu" ? milli : value) }
}

extension PodSpecCommon {
  /// What a node has to have free of a resource for a pod: thousandths of a core for `cpu`, else bytes or pieces.
  ///
  /// As the scheduler has it: the larger of what the containers ask for together with the sidecars, and of what any
  /// init container asks for together with the sidecars before it.
  func request(_ resource: String) -> Int {
    func of(_ resources: ResourceRequirements) -> Int? {
      (resources.requests?[resource] ?? resources.limits?[resource])?.amount(of: resource)
    }
    var (sidecars, initial) = (0, 0)
    for container in initContainers {
      let together = sidecars.saturatingAdd(of(container.resources) ?? 0)
      if container.restartPolicy == "Always" { sidecars = together }
      initial = max(initial, together)
    }
    let running = containers.reduce(sidecars) { $0.saturatingAdd(of($1.resources) ?? 0) }
    let all = resources.flatMap(of) ?? max(running, initial)
    return all.saturatingAdd(overhead?[resource]?.amount(of: resource) ?? 0)
  }

  /// The names of what it asks for, besides processors and memory; sorted.
  var otherRequests: [String] {
    var names: Set<String> = []
    for resources in (containers + initContainers).map(\.resources) + [resources].compactMap({ $0 }) {
      for list in [resources.requests, resources.limits].compactMap({ $0 }) {
        names.formUnion(list.entries.map(\.name))
      }
    }
    return names.union((overhead?.entries ?? []).map(\.name)).subtracting(["cpu", "memory"]).sorted()
  }

  /// The ports of the node that its containers and sidecars want.
  var hostPorts: [HostPort] {
    (containers + initContainers.filter { $0.restartPolicy == "Always" }).flatMap { container in
      (container.ports?.array ?? []).compactMap(HostPort.init)
    }
  }
}

/// A port of a node, which one pod can have at a time.
struct HostPort: Hashable, Sendable {
  let number: Int64
  let `protocol`: String
  /// Empty for all addresses.
  let address: String

  init?(_ port: JSONValue) {
    guard let number = port["hostPort"]?.int, number > 0 else { return nil }
    self.number = number
    `protocol` = port["protocol"]?.string ?? "TCP"
    let address = port["hostIP"]?.string ?? ""
    self.address = address == "0.0.0.0" ? "" : address
  }

  func conflicts(with other: HostPort) -> Bool {
    number == other.number && `protocol` == other.protocol
      && (address == other.address || address.isEmpty || other.address.isEmpty)
  }

  /// `8080`, `53/UDP`
  var text: String { "\(number)" + (`protocol` == "TCP" ? "" : "/" + `protocol`) }
}
