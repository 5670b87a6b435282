extension Describer {
  mutating func containers(
    _ label: String, _ containers: [Container], statuses: [ContainerStatus], pod: Pod?, space: String
  ) {
    line(0, "\(space)\(label):\(containers.isEmpty ? " <none>" : "")")
    let nameIndent = space.isEmpty ? "" : " "
    for container in containers {
      let status = statuses.first { $0.name == container.name }
      line(1, "\(nameIndent)\(clean(container.name)):")
      if let status { field("Container ID", status.containerID, level: 2) }
      field("Image", container.image, level: 2)
      if let status { field("Image ID", status.imageID, level: 2) }
      ports(of: container)
      words("Command", container.command)
      words("Args", container.args)
      if let status { state(of: status) }
      resources(container.resources.limits, "Limits")
      resources(container.resources.requests, "Requests")
      for (name, probe) in [
        ("Liveness", container.livenessProbe), ("Readiness", container.readinessProbe),
        ("Startup", container.startupProbe),
      ] {
        if let probe { field(name, Describer.text(ofProbe: probe), level: 2) }
      }
      if !container.envFrom.isEmpty { environmentSources(of: container) }
      environment(of: container, pod: pod)
      mounts(of: container)
    }
  }

  private mutating func ports(of container: Container) {
    let ports = container.ports?.array ?? []
    func list(_ name: String) -> String {
      ports.map { "\($0[name]?.int ?? 0)/\($0["protocol"]?.string ?? "TCP")" }.joined(separator: ", ")
    }
    for (title, name) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
      let text = list(name)
      field(title + (ports.count > 1 ? "s" : ""), text.isEmpty ? "<none>" : text, level: 2)
    }
  }

  private mutating func words(_ title: String, _ words: [String]) {
    guard !words.isEmpty else { return }
    line(2, "\(title):")
    for word in words {
      for part in cleanLines(word).split(separator: "\n", omittingEmptySubsequences: false) { line(3, String(part)) }
    }
  }

  private mutating func state(of status: ContainerStatus) {
    state("State", status.state)
    if status.lastState.terminated != nil { state("Last State", status.lastState) }
    field("Ready", status.ready ? "True" : "False", level: 2)
    field("Restart Count", "\(status.restartCount)", level: 2)
  }

  private mutating func state(_ name: String, _ state: ContainerState) {
    if let running = state.running {
      field(name, "Running", level: 2)
      field("Started", running.startedAt?.rfc1123 ?? "<unknown>", level: 3)
    } else if let ended = state.terminated {
      field(name, "Terminated", level: 2)
      if !ended.reason.isEmpty { field("Reason", ended.reason, level: 3) }
      if !ended.message.isEmpty { field("Message", ended.message, level: 3) }
      field("Exit Code", "\(ended.exitCode)", level: 3)
      if ended.signal > 0 { field("Signal", "\(ended.signal)", level: 3) }
      field("Started", ended.startedAt?.rfc1123 ?? "<unknown>", level: 3)
      field("Finished", ended.finishedAt?.rfc1123 ?? "<unknown>", level: 3)
    } else {
      field(name, "Waiting", level: 2)
      if let reason = state.waiting?.reason, !reason.isEmpty { field("Reason", reason, level: 3) }
    }
  }

  mutating func resources(_ list: ResourceList?, _ title: String, level: Int = 2) {
    guard let list, !list.isEmpty else { return }
    line(level, "\(title):")
    for entry in list.entries { field(clean(entry.name), entry.quantity.text, level: level + 1) }
  }

  private static func text(ofProbe probe: JSONValue) -> String {
    func seconds(_ name: String) -> Int64 { probe[name]?.int ?? 0 }
    let numbers =
      "delay=\(seconds("initialDelaySeconds"))s timeout=\(seconds("timeoutSeconds"))s "
      + "period=\(seconds("periodSeconds"))s #success=\(seconds("successThreshold")) "
      + "#failure=\(seconds("failureThreshold"))"
    if let exec = probe["exec"] {
      return "exec [\((exec["command"]?.array ?? []).compactMap(\.string).joined(separator: " "))] \(numbers)"
    }
    func port(_ value: JSONValue?) -> String { value?.string ?? value?.int.map { String($0) } ?? "" }
    if let get = probe["httpGet"] {
      let scheme = (get["scheme"]?.string ?? "HTTP").lowercased()
      let host = get["host"]?.string ?? ""
      return "http-get \(scheme)://\(host):\(port(get["port"]))\(get["path"]?.string ?? "") \(numbers)"
    }
    if let socket = probe["tcpSocket"] {
      return "tcp-socket \(socket["host"]?.string ?? ""):\(port(socket["port"])) \(numbers)"
    }
    if let call = probe["grpc"] {
      return "grpc <pod>:\(port(call["port"])) \(call["service"]?.string ?? "") \(numbers)"
    }
    return "unknown \(numbers)"
  }

  private mutating func environmentSources(of container: Container) {
    line(2, "Environment Variables from:")
    for source in container.envFrom {
      let (kind, reference) = source.configMapRef.map { ("ConfigMap", $0) } ?? ("Secret", source.secretRef ?? .init())
      let prefix = source.prefix.isEmpty ? "" : " with prefix '\(clean(source.prefix))'"
      line(3, "\(clean(reference.name))\t\(kind)\(prefix)\tOptional: \(reference.optional ?? false)")
    }
  }

  private mutating func environment(of container: Container, pod: Pod?) {
    line(2, "Environment:\(container.env.isEmpty ? "\t<none>" : "")")
    for variable in container.env {
      let name = clean(variable.name)
      guard let source = variable.valueFrom else {
        let lines = cleanLines(variable.value).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, part) in lines.enumerated() { line(3, (index == 0 ? "\(name):" : "") + "\t\(part)") }
        continue
      }
      if let field = source.fieldRef {
        let value = pod.map { Describer.value(of: field.fieldPath, in: $0) } ?? ""
        line(3, "\(name):\t\(clean(value)) (\(clean(field.apiVersion)):\(clean(field.fieldPath)))")
      } else if let resource = source.resourceFieldRef {
        let parts = resource.resource.split(separator: ".", maxSplits: 1).map(String.init)
        let list = parts.first == "limits" ? container.resources.limits : container.resources.requests
        let quantity = parts.count == 2 ? list?[parts[1]] : nil
        let value = quantity.map { "\(parts[1] == "cpu" ? $0.value : $0.value)" }
        let fallback = parts.first == "limits" ? "node allocatable" : "0"
        line(3, "\(name):\t\(value ?? fallback) (\(clean(resource.resource)))")
      } else if let key = source.secretKeyRef {
        line(
          3,
          "\(name):\t<set to the key '\(clean(key.key))' in secret '\(clean(key.name))'>\tOptional: "
            + "\(key.optional ?? false)")
      } else if let key = source.configMapKeyRef {
        line(
          3,
          "\(name):\t<set to the key '\(clean(key.key))' of config map '\(clean(key.name))'>\tOptional: "
            + "\(key.optional ?? false)")
      }
    }
  }

  /// Those few fields that kubectl resolves.
  private static func value(of path: String, in pod: Pod) -> String {
    switch path {
    case "metadata.name": pod.metadata.name
    case "metadata.namespace": pod.metadata.namespace
    case "metadata.uid": pod.metadata.uid
    default: ""
    }
  }

  private mutating func mounts(of container: Container) {
    line(2, "Mounts:\(container.volumeMounts.isEmpty ? "\t<none>" : "")")
    for mount in container.volumeMounts.sorted(by: { $0.mountPath < $1.mountPath }) {
      let path = mount.subPath.isEmpty ? "" : ",path=\(goQuoted(mount.subPath))"
      line(3, "\(clean(mount.mountPath)) from \(clean(mount.name)) (\(mount.readOnly ? "ro" : "rw")\(path))")
    }
  }

  mutating func volumes(_ volumes: [Volume], space: String) {
    if volumes.isEmpty {
      line(0, "\(space)Volumes:\t<none>")
      return
    }
    line(0, "\(space)Volumes:")
    for volume in volumes {
      line(1, (space.isEmpty ? "" : " ") + "\(clean(volume.name)):")
      guard let source = volume.source.members.first else {
        line(2, "<unknown>")
        continue
      }
      func text(_ name: String) -> String { source.value[name]?.string ?? "" }
      func flag(_ name: String) -> String { source.value[name] == .bool(true) ? "true" : "false" }
      switch source.name {
      case "hostPath":
        field("Type", "HostPath (bare host directory volume)", level: 2)
        field("Path", text("path"), level: 2)
        field("HostPathType", text("type"), level: 2)
      case "emptyDir":
        field("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)", level: 2)
        field("Medium", text("medium"), level: 2)
        field("SizeLimit", text("sizeLimit").isEmpty ? "<unset>" : text("sizeLimit"), level: 2)
      case "secret":
        field("Type", "Secret (a volume populated by a Secret)", level: 2)
        field("SecretName", text("secretName"), level: 2)
        field("Optional", flag("optional"), level: 2)
      case "configMap":
        field("Type", "ConfigMap (a volume populated by a ConfigMap)", level: 2)
        field("Name", text("name"), level: 2)
        field("Optional", flag("optional"), level: 2)
      case "persistentVolumeClaim":
        field(
          "Type", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)", level: 2)
        field("ClaimName", text("claimName"), level: 2)
        field("ReadOnly", flag("readOnly"), level: 2)
      default: field("Type", source.name, level: 2)
      }
    }
  }
}
