import KubeModel

/// Why a container cannot be created.
struct ContainerConfigError: Error {
  /// `CreateContainerError`, `CreateContainerConfigError`, or `FailedMount` where it is a volume's fault.
  var reason: String
  var message: String
  /// Whether a later attempt may go better: a ConfigMap may appear, a missing command will not.
  var mayRetry: Bool
}

// Turning a container of a pod into an order for a runtime: command, environment, limits.
extension ControlPlane {
  func containerStart(_ slot: Int, _ number: Int, attempt: Int) throws(ContainerConfigError) -> ContainerStart {
    let pod = pods.entries[slot].pod
    let container = pod.container(number)
    var environment: [EnvVar] = []
    // An Indexed job's pods are called by their index; without a hostname the runtime gives the pod's name.
    if !pod.spec.hostname.isEmpty { environment.append(EnvVar(name: "HOSTNAME", value: pod.spec.hostname)) }
    for source in container.envFrom { try append(source, of: pod, to: &environment) }
    for variable in container.env {
      guard let value = try resolve(variable, of: pod, container, environment) else { continue }
      environment.removeAll { $0.name == variable.name }
      environment.append(EnvVar(name: variable.name, value: value))
    }
    var command = (container.command + container.args).map { $0.expandingVariables(environment) }
    if command.isEmpty { command = ImageShell(image: container.image)?.command ?? [] }
    guard !command.isEmpty || isSimulated(slot) else {
      throw ContainerConfigError(reason: "CreateContainerError", message: "no command specified", mayRetry: false)
    }
    let limits = container.resources.limits
    var start = ContainerStart(
      id: ContainerID(podUID: pod.metadata.uid, container: container.name, attempt: attempt),
      namespace: pod.metadata.namespace, podName: pod.metadata.name, nodeName: pod.spec.nodeName,
      runtimeClass: pod.spec.runtimeClassName, image: container.image, command: command, environment: environment,
      workingDirectory: container.workingDir.expandingVariables(environment), annotations: pod.metadata.annotations,
      completionIndex: pods.entries[slot].index, earlierFailures: earlierFailures(slot),
      memoryLimit: limits?["memory"].map { Int($0.value) }, cpuLimit: limits?["cpu"].map { Int($0.milli) })
    if !pod.spec.common.read({ $0.volumes.isEmpty }) {
      start.volumes = try volumes(of: slot, isLater: attempt > 0 || pods.entries[slot].kubelet.hasMounted)
      start.mounts = container.volumeMounts.map { mount in
        ContainerMount(
          volume: mount.name, mountPath: mount.mountPath,
          subPath: mount.subPathExpr.isEmpty ? mount.subPath : mount.subPathExpr.expandingVariables(environment),
          isReadOnly: mount.readOnly)
      }
    }
    start.terminationMessagePath = container.terminationMessagePath
    start.takesMessageFromLog = container.terminationMessagePolicy == "FallbackToLogsOnError"
    start.hasProbes = container.hasProbes
    return start
  }

  /// Failed pods of the job, or of this index of it, before this pod.
  private func earlierFailures(_ slot: Int) -> Int {
    guard let job = pods.entries[slot].job else { return 0 }
    if let index = pods.entries[slot].index { return jobs.entries[job].record.failuresByIndex[index] ?? 0 }
    return jobs.entries[job].job.status.failed + jobs.entries[job].record.ignoredFailures
  }

  /// The variable's value; `nil` where an optional source is missing.
  private func resolve(
    _ variable: EnvVar, of pod: Pod, _ container: Container, _ environment: [EnvVar]
  ) throws(ContainerConfigError) -> String? {
    guard let source = variable.valueFrom else { return variable.value.expandingVariables(environment) }
    if let field = source.fieldRef { return try fieldValue(field.fieldPath, of: pod) }
    if let resource = source.resourceFieldRef { return resourceValue(resource, of: pod, container) }
    if let key = source.configMapKeyRef {
      return try value(of: key, .configMap, in: pod.metadata.namespace)
    }
    if let key = source.secretKeyRef { return try value(of: key, .secret, in: pod.metadata.namespace) }
    return ""
  }

  func fieldValue(_ path: String, of pod: Pod) throws(ContainerConfigError) -> String {
    switch path {
    case "metadata.name": return pod.metadata.name
    case "metadata.namespace": return pod.metadata.namespace
    case "metadata.uid": return pod.metadata.uid
    case "spec.nodeName": return pod.spec.nodeName
    case "spec.serviceAccountName": return pod.spec.serviceAccountName
    case "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs": return pod.status.hostIP
    default:
      if let key = path.subscriptKey(of: "metadata.labels") { return pod.metadata.labels[key] ?? "" }
      if let key = path.subscriptKey(of: "metadata.annotations") { return pod.metadata.annotations[key] ?? "" }
      throw ContainerConfigError(
        reason: "CreateContainerConfigError", message: "unsupported fieldPath: \(path)", mayRetry: false)
    }
  }

  func resourceValue(_ selector: ResourceFieldSelector, of pod: Pod, _ container: Container) -> String {
    let target = pod.spec.containers.first { $0.name == selector.containerName } ?? container
    let parts = selector.resource.split(separator: ".", maxSplits: 1)
    guard parts.count == 2 else { return "0" }
    let name = String(parts[1])
    let list = parts[0] == "limits" ? target.resources.limits : target.resources.requests
    // A limit that is not set is the node's own.
    let quantity = list?[name] ?? (parts[0] == "limits" ? node(pod.spec.nodeName)?.status.allocatable[name] : nil)
    guard let quantity else { return "0" }
    let divisor = max(1, selector.divisor.map { $0.milli == 0 ? 1000 : $0.milli } ?? 1000)
    return String((quantity.milli + divisor - 1) / divisor)
  }

  private func data(_ kind: Kind, _ name: String, in namespace: String) -> StringMap? {
    switch others[ObjectKey(kind, namespace: namespace, name: name)] {
    case .configMap(let map): map.data
    case .secret(let secret):
      StringMap(secret.data.map { ($0.key, String(decoding: base64Decoded($0.value) ?? [], as: UTF8.self)) })
    default: nil
    }
  }

  private func value(of key: KeySelector, _ kind: Kind, in namespace: String) throws(ContainerConfigError) -> String? {
    let word = kind.rawValue.lowercased()
    guard let data = data(kind, key.name, in: namespace) else {
      if key.optional == true { return nil }
      throw ContainerConfigError(
        reason: "CreateContainerConfigError", message: "\(word) \"\(key.name)\" not found", mayRetry: true)
    }
    if let value = data[key.key] { return value }
    if key.optional == true { return nil }
    throw ContainerConfigError(
      reason: "CreateContainerConfigError",
      message: "couldn't find key \(key.key) in \(kind.rawValue) \(namespace)/\(key.name)", mayRetry: true)
  }

  private func append(
    _ source: EnvFromSource, of pod: Pod, to environment: inout [EnvVar]
  ) throws(ContainerConfigError) {
    for (reference, kind) in [(source.configMapRef, Kind.configMap), (source.secretRef, Kind.secret)] {
      guard let reference else { continue }
      guard let data = data(kind, reference.name, in: pod.metadata.namespace) else {
        if reference.optional == true { continue }
        throw ContainerConfigError(
          reason: "CreateContainerConfigError",
          message: "\(kind.rawValue.lowercased()) \"\(reference.name)\" not found", mayRetry: true)
      }
      for entry in data {
        let name = source.prefix + entry.key
        environment.removeAll { $0.name == name }
        environment.append(EnvVar(name: name, value: entry.value))
      }
    }
  }
}

extension String {
  /// `key` of `base['key']`.
  fileprivate func subscriptKey(of base: String) -> String? {
    guard hasPrefix(base + "['"), hasSuffix("']") else { return nil }
    return String(dropFirst(base.count + 2).dropLast(2))
  }

  /// Kubernetes' `$(VAR)`: a known variable's value, `$$(VAR)` for a literal `$(VAR)`, anything else as it stands.
  func expandingVariables(_ environment: [EnvVar]) -> String {
    guard utf8.contains(UInt8(ascii: "$")) else { return self }
    let bytes = Array(utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "$"), position + 1 < bytes.count else {
        result.append(bytes[position])
        position += 1
        continue
      }
      let next = bytes[position + 1]
      if next == UInt8(ascii: "$") {
        result.append(next)
        position += 2
      } else if next == UInt8(ascii: "("), let end = bytes[position...].firstIndex(of: UInt8(ascii: ")")) {
        let name = String(decoding: bytes[(position + 2)..<end], as: UTF8.self)
        if let variable = environment.last(where: { $0.name == name }) {
          result += Array(variable.value.utf8)
        } else {
          result += bytes[position...end]
        }
        position = end + 1
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
