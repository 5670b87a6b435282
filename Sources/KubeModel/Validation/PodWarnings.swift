// What Kubernetes warns of in pods and in templates of pods (pkg/api/pod, GetWarningsForPod and what it calls).

extension PodSpecCommon {
  /// - Parameter place: what stands in front of `spec` and `metadata` in a path: empty, or ending in a dot.
  func warnings(_ place: String, _ annotations: StringMap) -> [String] {
    let path = place + "spec"
    var warnings = nodeLabelWarnings(path) + spreadWarnings(path)
    warnings += PodSpecCommon.annotationWarnings("\(place)metadata.annotations", annotations)
    for (index, volume) in volumes.enumerated() {
      for source in volume.source.members {
        guard let since = PodSpecCommon.deprecatedVolumes[source.name] else { continue }
        warnings.append("\(path).volumes[\(index)].\(source.name): \(since)")
      }
    }
    warnings += volumes.flatMap(\.overlaps)
    warnings += duplicates("\(path).hostAliases", hostAliases, "ip")
    warnings += duplicates("\(path).imagePullSecrets", imagePullSecrets, "name")
    for (index, secret) in (imagePullSecrets?.array ?? []).enumerated() where (secret["name"]?.string ?? "").isEmpty {
      warnings.append("\(path).imagePullSecrets[\(index)].name: invalid empty name \"\"")
    }
    warnings += (overhead ?? ResourceList()).fractions("\(path).overhead")
    let containers = everyContainer(path)
    for (container, field) in containers { warnings += container.warnings(field) }
    warnings += PodSpecCommon.portWarnings(containers)
    if let seconds = terminationGracePeriodSeconds, seconds < 0 {
      warnings.append(
        "\(path).terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1")
    }
    for name in ["podAffinity", "podAntiAffinity"] {
      warnings += termWarnings("\(path).affinity.\(name)", affinity?[name])
    }
    return warnings
  }

  /// Init containers come first.
  private func everyContainer(_ path: String) -> [(Container, String)] {
    initContainers.enumerated().map { ($1, "\(path).initContainers[\($0)]") }
      + containers.enumerated().map { ($1, "\(path).containers[\($0)]") }
  }

  // MARK: Labels of nodes

  private static let deprecatedLabels = [
    "beta.kubernetes.io/arch": "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
    "beta.kubernetes.io/os": "deprecated since v1.14; use \"kubernetes.io/os\" instead",
    "failure-domain.beta.kubernetes.io/region": "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    "failure-domain.beta.kubernetes.io/zone": "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    "beta.kubernetes.io/instance-type": "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
  ]

  private func nodeLabelWarnings(_ path: String) -> [String] {
    var warnings: [String] = []
    for entry in nodeSelector.entries {
      if let text = PodSpecCommon.deprecatedLabels[entry.key] {
        warnings.append("\(path).nodeSelector[\(entry.key)]: \(text)")
      }
    }
    let node = affinity?["nodeAffinity"]
    let required = "requiredDuringSchedulingIgnoredDuringExecution"
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    for (index, term) in (node?[required]?["nodeSelectorTerms"]?.array ?? []).enumerated() {
      warnings += nodeTermWarnings("\(path).affinity.nodeAffinity.\(required).nodeSelectorTerms[\(index)]", term)
    }
    for (index, term) in (node?[preferred]?.array ?? []).enumerated() {
      warnings += nodeTermWarnings(
        "\(path).affinity.nodeAffinity.\(preferred)[\(index)].preference", term["preference"] ?? .null)
    }
    return warnings
  }

  private func nodeTermWarnings(_ path: String, _ term: JSONValue) -> [String] {
    (term["matchExpressions"]?.array ?? []).enumerated().compactMap { index, expression in
      guard let key = expression["key"]?.string, let text = PodSpecCommon.deprecatedLabels[key] else { return nil }
      return "\(path).matchExpressions[\(index)].key: \(key) is \(text)"
    }
  }

  // MARK: Selectors of pods

  private func spreadWarnings(_ path: String) -> [String] {
    var warnings: [String] = []
    for (index, constraint) in (topologySpreadConstraints?.array ?? []).enumerated() {
      let field = "\(path).topologySpreadConstraints[\(index)]"
      if let key = constraint["topologyKey"]?.string, let text = PodSpecCommon.deprecatedLabels[key] {
        warnings.append("\(field).topologyKey: \(key) is \(text)")
      }
      warnings += selectorWarning(field, constraint)
    }
    return warnings
  }

  private func termWarnings(_ path: String, _ affinity: JSONValue?) -> [String] {
    let required = "requiredDuringSchedulingIgnoredDuringExecution"
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    var warnings: [String] = []
    for (index, term) in (affinity?[required]?.array ?? []).enumerated() {
      warnings += selectorWarning("\(path).\(required)[\(index)]", term)
    }
    for (index, term) in (affinity?[preferred]?.array ?? []).enumerated() {
      warnings += selectorWarning("\(path).\(preferred)[\(index)].podAffinityTerm", term["podAffinityTerm"] ?? .null)
    }
    return warnings
  }

  private func selectorWarning(_ path: String, _ term: JSONValue) -> [String] {
    if case .object? = term["labelSelector"] { return [] }
    return ["\(path).labelSelector: a null labelSelector results in matching no pod"]
  }

  // MARK: The rest

  private static let deprecatedVolumes = [
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+", "gitRepo": "deprecated in v1.11",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+", "rbd": "deprecated in v1.28, non-functional in v1.31+",
  ]

  private static func annotationWarnings(_ path: String, _ annotations: StringMap) -> [String] {
    let sysctls = "non-functional in v1.11+; use the \"sysctls\" field instead"
    let deprecated = [
      (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead"
      ),
      ("security.alpha.kubernetes.io/sysctls", sysctls), ("security.alpha.kubernetes.io/unsafe-sysctls", sysctls),
    ]
    return deprecated.compactMap { key, text in annotations[key] == nil ? nil : "\(path)[\(key)]: \(text)" }
  }

  private func duplicates(_ path: String, _ list: JSONValue?, _ member: String) -> [String] {
    var seen: Set<String> = []
    return (list?.array ?? []).enumerated().compactMap { index, element in
      let text = element[member]?.string ?? ""
      return seen.insert(text).inserted
        ? nil : "\(path)[\(index)].\(member): duplicate \(member) \(goQuoted(text))"
    }
  }

  private struct Port {
    var field: String
    var hostIP: String
    var hostPort: Int64
  }

  private static func portWarnings(_ containers: [(Container, String)]) -> [String] {
    var warnings: [String] = []
    var known: [String: [Port]] = [:]
    for (container, path) in containers {
      for (index, value) in (container.ports?.array ?? []).enumerated() {
        let port = Port(
          field: "\(path).ports[\(index)]", hostIP: value["hostIP"]?.string ?? "",
          hostPort: value["hostPort"]?.int ?? 0)
        let number = value["containerPort"]?.int ?? 0
        let transport = value["protocol"]?.string ?? "TCP"
        if !port.hostIP.isEmpty, port.hostPort == 0 {
          let name = value["name"]?.string ?? ""
          warnings.append(
            "\(port.field): hostIP set without hostPort: {Name:\(name) HostPort:0 ContainerPort:\(number) "
              + "Protocol:\(transport) HostIP:\(port.hostIP)}")
        }
        for other in known["\(number)/\(transport)"] ?? [] {
          if port.hostIP == other.hostIP, port.hostPort == other.hostPort {
            warnings.append("\(port.field): duplicate port definition with \(other.field)")
          } else if port.hostPort == 0 || other.hostPort == 0 {
            warnings.append("\(port.field): overlapping port definition with \(other.field)")
          } else if port.hostPort == other.hostPort, port.hostIP.isEmpty != other.hostIP.isEmpty {
            warnings.append("\(port.field): dangerously ambiguous port definition with \(other.field)")
          }
        }
        known["\(number)/\(transport)", default: []].append(port)
      }
    }
    return warnings
  }
}

extension ResourceList {
  /// Bytes that are no whole ones.
  fileprivate func fractions(_ path: String, _ names: [String] = ["memory", "ephemeral-storage"]) -> [String] {
    names.compactMap { name in
      guard let quantity = self[name], quantity.milli != .max, quantity.milli % 1000 != 0 else { return nil }
      let text = goQuoted(quantity.canonical.text)
      return "\(path)[\(name)]: fractional byte value \(text) is invalid, must be an integer"
    }
  }
}

extension Container {
  fileprivate func warnings(_ path: String) -> [String] {
    var warnings: [String] = []
    for name in ["memory", "ephemeral-storage"] {
      warnings += (resources.limits ?? ResourceList()).fractions("\(path).resources.limits", [name])
      warnings += (resources.requests ?? ResourceList()).fractions("\(path).resources.requests", [name])
    }
    var names: Set<String> = []
    for (index, variable) in env.enumerated() where !names.insert(variable.name).inserted {
      // A value that goes on from the one before is meant so.
      let reference = "$(\(variable.name))"
      if variable.valueFrom == nil, variable.value != reference, variable.value.contains(reference) { continue }
      warnings.append(
        "\(path).env[\(index)]: hides previous definition of \(goQuoted(variable.name)), which may be dropped when "
          + "using apply")
    }
    return warnings
  }
}

extension Volume {
  /// Files of one volume that would take each other's place.
  fileprivate var overlaps: [String] {
    var warnings: [String] = []
    for (member, kind, nameMember) in [("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")] {
      guard let items = source[member]?["items"]?.array else { continue }
      let object = goQuoted(source[member]?[nameMember]?.string ?? "")
      warnings += Volume.overlaps(Volume.paths(items), "volume \(goQuoted(name)) (\(kind) \(object))")
    }
    if let items = source["downwardAPI"]?["items"]?.array {
      warnings += Volume.overlaps(Volume.paths(items), "volume \(goQuoted(name)) (DownwardAPI)")
    }
    return warnings + projectedOverlaps
  }

  private var projectedOverlaps: [String] {
    var warnings: [String] = []
    var before: Set<String> = []
    for part in source["projected"]?["sources"]?.array ?? [] {
      let volume = "volume \(goQuoted(name))"
      var paths: [String] = []
      var what = ""
      if let items = part["configMap"]?["items"]?.array {
        paths = Volume.paths(items)
        what = "\(volume) (Projected ConfigMap \(goQuoted(part["configMap"]?["name"]?.string ?? "")))"
      } else if let items = part["secret"]?["items"]?.array {
        paths = Volume.paths(items)
        what = "\(volume) (Projected Secret \(goQuoted(part["secret"]?["name"]?.string ?? "")))"
      } else if let items = part["downwardAPI"]?["items"]?.array {
        paths = Volume.paths(items)
        what = "\(volume) (Projected DownwardAPI)"
      } else if let path = part["serviceAccountToken"]?["path"]?.string {
        paths = [path]
        what = "\(volume) (Projected ServiceAccountToken)"
      } else if part.object?.members.isEmpty ?? true {
        warnings.append("\(volume) (Projected) has no sources provided")
      }
      if paths.isEmpty { continue }
      warnings += Volume.overlaps(paths, what)
      let own = Set(paths)
      warnings += Volume.overlaps((Array(own) + Array(before)).sorted(), what)
      before.formUnion(own)
    }
    return warnings
  }

  private static func paths(_ items: [JSONValue]) -> [String] { items.map { $0["path"]?.string ?? "" } }

  private static func overlaps(_ paths: [String], _ what: String) -> [String] {
    var warnings: [String] = []
    var known: [String] = []
    for path in paths {
      var bare = Substring(path)
      while bare.last == "/" { bare.removeLast() }
      let text = String(bare)
      let other = known.first { other in
        !other.isEmpty && !text.isEmpty && (other == text || "\(other)/".hasPrefix(text) || "\(text)/".hasPrefix(other))
      }
      if let other {
        warnings.append("\(what): overlapping paths: \(goQuoted(text)) with \(goQuoted(other))")
      }
      known.append(text)
    }
    return warnings
  }
}
