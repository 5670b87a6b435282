// Kubernetes' defaults of core/v1 (pkg/apis/core/v1/defaults.go) and what its admission plug-ins add to a pod.

extension PodSpecCommon {
  mutating func applyDefaults() {
    if restartPolicy.rawValue.isEmpty { restartPolicy = .always }
    if terminationGracePeriodSeconds == nil { terminationGracePeriodSeconds = 30 }
    if dnsPolicy.isEmpty { dnsPolicy = "ClusterFirst" }
    if schedulerName.isEmpty { schedulerName = "default-scheduler" }
    if securityContext == nil { securityContext = .object(JSONObject()) }
    if serviceAccountName.isEmpty { serviceAccountName = serviceAccount } else { serviceAccount = serviceAccountName }
    for index in containers.indices { containers[index].applyDefaults() }
    for index in initContainers.indices { initContainers[index].applyDefaults() }
    for index in volumes.indices { volumes[index].applyDefaults() }
    if let overhead { self.overhead = overhead.canonical }
  }
}

extension PodSpec {
  /// Fills in what the author left out, as it is stored in a pod and in a job's template alike.
  public mutating func applyDefaults() { changeCommon { $0.applyDefaults() } }

  /// Changes what pods of one job share, and leaves the shared storage alone where nothing comes of it.
  mutating func changeCommon(_ body: (inout PodSpecCommon) -> Void) {
    var copy = common.value
    body(&copy)
    if copy != common.value { common.value = copy }
  }
}

extension PodTemplateSpec {
  /// Fills in the defaults of a template; those of a pod alone (requests from limits, `enableServiceLinks`, the
  /// `hostPort` of ports on the node's network) are not among them.
  public mutating func applyDefaults() { spec.common.value.applyDefaults() }
}

extension Container {
  mutating func applyDefaults() {
    if imagePullPolicy.isEmpty { imagePullPolicy = isLatest ? "Always" : "IfNotPresent" }
    if terminationMessagePath.isEmpty { terminationMessagePath = "/dev/termination-log" }
    if terminationMessagePolicy.isEmpty { terminationMessagePolicy = "File" }
    if let limits = resources.limits { resources.limits = limits.canonical }
    if let requests = resources.requests { resources.requests = requests.canonical }
    livenessProbe = Container.withProbeDefaults(livenessProbe)
    readinessProbe = Container.withProbeDefaults(readinessProbe)
    startupProbe = Container.withProbeDefaults(startupProbe)
    dropStopSignal()
    for index in env.indices {
      if env[index].valueFrom?.fieldRef?.apiVersion.isEmpty == true {
        env[index].valueFrom?.fieldRef?.apiVersion = "v1"
      }
      if let divisor = env[index].valueFrom?.resourceFieldRef?.divisor {
        env[index].valueFrom?.resourceFieldRef?.divisor = divisor.canonical
      } else if env[index].valueFrom?.resourceFieldRef != nil {
        env[index].valueFrom?.resourceFieldRef?.divisor = Quantity(milli: 0, text: "0")
      }
    }
    ports = ports.map { ports in
      .array(
        (ports.array ?? []).map { port in
          guard case .object(var members) = port else { return port }
          if members["protocol"] == nil { members["protocol"] = "TCP" }
          return .object(members.sorted)
        })
    }
  }

  /// Kubernetes 1.36 knows `stopSignal`, and drops it as long as its gate (ContainerStopSignals, alpha) is closed.
  private mutating func dropStopSignal() {
    guard case .object(var members)? = lifecycle, members["stopSignal"] != nil else { return }
    members["stopSignal"] = nil
    lifecycle = members.members.isEmpty ? nil : .object(members)
  }

  /// On the node's network a port is the node's.
  mutating func defaultHostPorts() {
    guard let list = ports?.array, list.contains(where: { ($0["hostPort"]?.int ?? 0) == 0 }) else { return }
    ports = .array(
      list.map { port in
        guard case .object(var members) = port, (members["hostPort"]?.int ?? 0) == 0 else { return port }
        members["hostPort"] = members["containerPort"]
        return .object(members.sorted)
      })
  }

  /// Whether the image has the tag `latest`, or neither tag nor digest.
  private var isLatest: Bool {
    if image.contains("@") { return false }
    let last = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let colon = last.lastIndex(of: ":") else { return true }
    return last[last.index(after: colon)...] == "latest"
  }

  private static func withProbeDefaults(_ probe: JSONValue?) -> JSONValue? {
    guard case .object(var members)? = probe else { return probe }
    let defaults: [(String, JSONValue)] = [
      ("failureThreshold", 3), ("periodSeconds", 10), ("successThreshold", 1), ("timeoutSeconds", 1),
    ]
    for (name, value) in defaults where (members[name]?.int ?? 0) == 0 { members[name] = value }
    return .object(members.sorted)
  }
}

extension Volume {
  mutating func applyDefaults() {
    if source.members.isEmpty { source["emptyDir"] = .object(JSONObject()) }
    for name in ["secret", "configMap", "projected", "downwardAPI"] {
      guard case .object(var members)? = source[name] else { continue }
      if members["defaultMode"] == nil { members["defaultMode"] = 420 }
      if name == "downwardAPI" { Volume.applyFileDefaults(&members) }
      if name == "projected", let sources = members["sources"]?.array {
        members["sources"] = .array(sources.map(Volume.withProjectionDefaults))
      }
      source[name] = .object(members.sorted)
    }
    if case .object(var members)? = source["hostPath"] {
      if members["type"] == nil { members["type"] = "" }
      source["hostPath"] = .object(members.sorted)
    }
  }
}

extension Volume {
  private static func withProjectionDefaults(_ source: JSONValue) -> JSONValue {
    guard case .object(var source) = source else { return source }
    if case .object(var files)? = source["downwardAPI"] {
      applyFileDefaults(&files)
      source["downwardAPI"] = .object(files)
    }
    if case .object(var token)? = source["serviceAccountToken"], token["expirationSeconds"] == nil {
      token["expirationSeconds"] = 3600
      source["serviceAccountToken"] = .object(token.sorted)
    }
    return .object(source)
  }

  /// Files that show fields of their pod, as variables do.
  private static func applyFileDefaults(_ volume: inout JSONObject) {
    guard let items = volume["items"]?.array else { return }
    volume["items"] = .array(
      items.map { item in
        guard case .object(var item) = item else { return item }
        for (reference, name, value) in [("fieldRef", "apiVersion", "v1"), ("resourceFieldRef", "divisor", "0")] {
          guard case .object(var members)? = item[reference], members[name] == nil else { continue }
          members[name] = .string(value)
          item[reference] = .object(members.sorted)
        }
        return .object(item)
      })
  }
}

extension JSONObject {
  /// The same members in alphabetical order.
  var sorted: JSONObject { JSONObject(members.sorted { $0.name < $1.name }) }
}

extension Pod {
  /// Fills in what a pod's author left out: the template's defaults, requests from limits, service links, phase and
  /// quality of service. Priority and the default tolerations are added by `admit`.
  public mutating func applyDefaults() {
    spec.changeCommon { common in
      common.applyDefaults()
      if common.enableServiceLinks == nil { common.enableServiceLinks = true }
      for index in common.containers.indices { common.containers[index].resources.defaultRequestsToLimits() }
      for index in common.initContainers.indices { common.initContainers[index].resources.defaultRequestsToLimits() }
      if common.hostNetwork {
        for index in common.containers.indices { common.containers[index].defaultHostPorts() }
        for index in common.initContainers.indices { common.initContainers[index].defaultHostPorts() }
      }
    }
    if status.phase.rawValue.isEmpty { status.phase = .pending }
    status.qosClass = qosClass(of: spec)
  }

  /// What Kubernetes' admission adds to a new pod: tolerations of 300 s for lost nodes, and the priority of its
  /// class. An unknown class is refused (403).
  ///
  /// - Parameter priorityClass: finds a PriorityClass by name; an empty name asks for the global default.
  public mutating func admit(priorityClass: (String) -> PriorityClass?) throws(StatusError) {
    var className = spec.priorityClassName
    var priority = 0
    var policy = "PreemptLowerPriority"
    if className == "system-node-critical" {
      priority = 2_000_001_000
    } else if className == "system-cluster-critical" {
      priority = 2_000_000_000
    } else if let found = priorityClass(className) {
      priority = found.value
      policy = found.preemptionPolicy ?? policy
      className = found.metadata.name
    } else if !className.isEmpty {
      throw .forbidden(admissionKey, "no PriorityClass with name \(className) was found")
    }
    if let given = spec.priority, given != priority {
      throw .forbidden(
        admissionKey,
        "the integer value of priority (\(given)) must not be provided in pod spec; priority admission controller "
          + "computed \(priority) from the given PriorityClass name")
    }
    if let given = spec.preemptionPolicy, given != policy {
      throw .forbidden(
        admissionKey,
        "the string value of PreemptionPolicy (\(given)) must not be provided in pod spec; priority admission "
          + "controller computed \(policy) from the given PriorityClass name")
    }
    spec.changeCommon { common in
      for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let isTolerated = common.tolerations.contains {
          ($0.key == key || $0.key.isEmpty) && ($0.effect == "NoExecute" || $0.effect.isEmpty)
        }
        guard !isTolerated else { continue }
        var toleration = Toleration()
        toleration.effect = "NoExecute"
        toleration.key = key
        toleration.operator = "Exists"
        toleration.tolerationSeconds = 300
        common.tolerations.append(toleration)
      }
      common.priorityClassName = className
      common.priority = priority
      if common.preemptionPolicy == nil { common.preemptionPolicy = policy }
    }
  }
}

extension Pod {
  /// Admission comes before a name is generated, and speaks of its beginning.
  private var admissionKey: ObjectKey {
    ObjectKey(
      .pod, namespace: metadata.namespace, name: metadata.name.isEmpty ? metadata.generateName : metadata.name)
  }
}

extension ResourceRequirements {
  mutating func defaultRequestsToLimits() {
    guard let limits, !limits.isEmpty else { return }
    var requests = requests ?? ResourceList()
    for entry in limits.entries where requests[entry.name] == nil { requests[entry.name] = entry.quantity }
    self.requests = requests
  }
}

/// A pod's quality of service: `Guaranteed` where every container's cpu and memory requests equal its limits,
/// `BestEffort` where none has any, else `Burstable`.
public func qosClass(of spec: PodSpec) -> String {
  var hasAny = false
  var isGuaranteed = true
  for container in spec.containers + spec.initContainers {
    for name in ["cpu", "memory"] {
      let request = container.resources.requests?[name]
      let limit = container.resources.limits?[name]
      if (request?.milli ?? 0) > 0 || (limit?.milli ?? 0) > 0 { hasAny = true }
      guard let limit, limit.milli > 0, request == nil || request == limit else {
        isGuaranteed = false
        continue
      }
    }
  }
  if !hasAny { return "BestEffort" }
  return isGuaranteed ? "Guaranteed" : "Burstable"
}

/// What a pod asks of a node.
public struct ResourceRequests: Hashable, Sendable {
  /// Thousandths of a core.
  public var milliCPU: Int64 = 0
  /// Bytes.
  public var memory: Int64 = 0
  /// All other resources, by name.
  public var other = ResourceList()

  /// Nothing asked for.
  public init() {}

  /// The quantities of `list`.
  public init(_ list: ResourceList) {
    for entry in list.entries {
      switch entry.name {
      case "cpu": milliCPU = entry.quantity.milli
      case "memory": memory = entry.quantity.value
      default: other[entry.name] = entry.quantity
      }
    }
  }

  /// The sum of both; saturates.
  public static func + (left: ResourceRequests, right: ResourceRequests) -> ResourceRequests {
    var result = left
    result.milliCPU =
      left.milliCPU.addingReportingOverflow(right.milliCPU).overflow
      ? Int64.max : left.milliCPU + right.milliCPU
    result.memory =
      left.memory.addingReportingOverflow(right.memory).overflow
      ? Int64.max : left.memory + right.memory
    result.other = left.other + right.other
    return result
  }

  /// The larger of both, resource by resource.
  public func maximum(_ right: ResourceRequests) -> ResourceRequests {
    var result = self
    result.milliCPU = max(milliCPU, right.milliCPU)
    result.memory = max(memory, right.memory)
    result.other = other.maximum(right.other)
    return result
  }
}

extension PodSpec {
  /// What the scheduler counts: the larger of (app containers and sidecars together) and (any init container with the
  /// sidecars started before it), plus overhead.
  public func effectiveRequests() -> ResourceRequests {
    let common = common.value
    var apps = ResourceRequests()
    for container in common.containers { apps = apps + ResourceRequests(container.resources.requests ?? .init()) }
    var sidecars = ResourceRequests()
    var largestInit = ResourceRequests()
    for container in common.initContainers {
      let own = ResourceRequests(container.resources.requests ?? .init())
      if container.restartPolicy == "Always" {
        sidecars = sidecars + own
        largestInit = largestInit.maximum(sidecars)
      } else {
        largestInit = largestInit.maximum(sidecars + own)
      }
    }
    var result = (apps + sidecars).maximum(largestInit)
    if let overhead = common.overhead { result = result + ResourceRequests(overhead) }
    return result
  }
}
