// Kubernetes' rules for a pod's network (pkg/apis/core/validation).

extension PodSpecCommon {
  /// On the node's network a port is the node's (validatePodHostNetworkDeps).
  ///
  /// - Parameter isPod: false for a template, whose ports need no `hostPort`: its pods get one.
  func validateHostNetwork(_ path: String, isPod: Bool) -> [FieldError] {
    guard hostNetwork else { return [] }
    var errors: [FieldError] = []
    for (index, container) in containers.enumerated() {
      for (number, port) in (container.ports?.array ?? []).enumerated() {
        let onNode = port["hostPort"]?.int ?? 0
        guard isPod || onNode != 0, onNode != port["containerPort"]?.int ?? 0 else { continue }
        errors.append(
          .invalid(
            "\(path).containers[\(index)].ports[\(number)].hostPort", .int(onNode),
            "must match `containerPort` when `hostNetwork` is true"))
      }
    }
    return errors
  }

  /// Who answers names, and how (validatePodDNSConfig).
  func validateNameServers(_ path: String) -> [FieldError] {
    let servers = dnsConfig?["nameservers"]?.array ?? []
    if dnsPolicy == "None" {
      guard let dnsConfig, dnsConfig != .null else {
        return [.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
      }
      if servers.isEmpty {
        return [
          .required("\(path).nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None")
        ]
      }
    }
    var errors: [FieldError] = []
    if servers.count > 3 {
      errors.append(.invalid("\(path).nameservers", .array(servers), "must not have more than 3 nameservers"))
    }
    for (index, server) in servers.enumerated() {
      errors += validateAddress(server.string ?? "", "\(path).nameservers[\(index)]")
    }
    let searches = dnsConfig?["searches"]?.array ?? []
    if searches.count > 32 {
      errors.append(.invalid("\(path).searches", .array(searches), "must not have more than 32 search paths"))
    }
    if searches.map({ $0.string ?? "" }).joined(separator: " ").utf8.count > 2048 {
      errors.append(
        .invalid(
          "\(path).searches", .array(searches),
          "must not have more than 2048 characters (including spaces) in the search list"))
    }
    for (index, option) in (dnsConfig?["options"]?.array ?? []).enumerated()
    where (option["name"]?.string ?? "").isEmpty {
      errors.append(.required("\(path).options[\(index)]", "must not be empty"))
    }
    return errors
  }

  /// Lines for the pod's hosts file (ValidateHostAliases).
  func validateHostAliases(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    for (index, alias) in (hostAliases?.array ?? []).enumerated() {
      errors += validateAddress(alias["ip"]?.string ?? "", "\(path)[\(index)].ip")
      for (number, name) in (alias["hostnames"]?.array ?? []).enumerated() {
        let name = name.string ?? ""
        errors += NameRules.dnsSubdomain(name).map {
          .invalid("\(path)[\(index)].hostnames[\(number)]", .string(name), $0)
        }
      }
    }
    return errors
  }
}

private func validateAddress(_ text: String, _ field: String) -> [FieldError] {
  NameRules.isAddress(text)
    ? [] : [.invalid(field, .string(text), "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
}
