// Kubernetes' rules for what looks at a container and what is called in its life (pkg/apis/core/validation:
// validateProbe, validateHandler, validateLifecycle).

extension Container {
  /// The rules for `lifecycle` and the three probes.
  ///
  /// - Parameter grace: the seconds that the pod is given to stop.
  func validateHandlers(_ path: String, grace: Int?) -> [FieldError] {
    var errors: [FieldError] = []
    for name in ["postStart", "preStop"] {
      guard let handler = lifecycle?[name], handler != .null else { continue }
      errors += validateHandler(handler, "\(path).lifecycle.\(name)", grace: grace)
    }
    errors += validateProbe(livenessProbe, "\(path).livenessProbe", succeedsAtOnce: true)
    errors += validateProbe(readinessProbe, "\(path).readinessProbe")
    if readinessProbe?["terminationGracePeriodSeconds"]?.int != nil, let readinessProbe {
      errors.append(
        .invalid(
          "\(path).readinessProbe.terminationGracePeriodSeconds", readinessProbe["terminationGracePeriodSeconds"],
          "must not be set for readinessProbes"))
    }
    return errors + validateProbe(startupProbe, "\(path).startupProbe", succeedsAtOnce: true)
  }

  /// What an init container that ends may not have.
  func forbidHandlers(_ path: String) -> [FieldError] {
    [
      ("lifecycle", lifecycle), ("livenessProbe", livenessProbe), ("readinessProbe", readinessProbe),
      ("startupProbe", startupProbe),
    ].filter { $0.1 != nil }.map { name, _ in
      .forbidden("\(path).\(name)", "may not be set for init containers without restartPolicy=Always")
    }
  }
}

private func validateProbe(_ probe: JSONValue?, _ path: String, succeedsAtOnce: Bool = false) -> [FieldError] {
  guard let probe else { return [] }
  var errors = validateHandler(probe, path)
  for name in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
    errors += FieldError.nonnegative("\(path).\(name)", probe[name]?.int.map(Int.init))
  }
  if let grace = probe["terminationGracePeriodSeconds"]?.int, grace <= 0 {
    errors.append(.invalid("\(path).terminationGracePeriodSeconds", .int(grace), "must be greater than 0"))
  }
  if succeedsAtOnce, let threshold = probe["successThreshold"]?.int, threshold != 1 {
    errors.append(.invalid("\(path).successThreshold", .int(threshold), "must be 1"))
  }
  return errors
}

private func validateHandler(_ handler: JSONValue, _ path: String, grace: Int? = nil) -> [FieldError] {
  var errors: [FieldError] = []
  var found = false
  for name in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
    guard let action = handler[name], action != .null else { continue }
    if found {
      errors.append(.forbidden("\(path).\(name)", "may not specify more than 1 handler type"))
      continue
    }
    found = true
    switch name {
    case "exec":
      if action["command"]?.array?.isEmpty != false { errors.append(.required("\(path).exec.command")) }
    case "httpGet":
      errors += validatePort(action["port"], "\(path).httpGet.port")
      if let scheme = action["scheme"]?.string, scheme != "HTTP", scheme != "HTTPS" {
        errors.append(.notSupported("\(path).httpGet.scheme", scheme, ["HTTP", "HTTPS"]))
      }
      for header in action["httpHeaders"]?.array ?? [] {
        let name = header["name"]?.string ?? ""
        errors += NameRules.headerName(name).map { .invalid("\(path).httpGet.httpHeaders", .string(name), $0) }
      }
    case "sleep":
      let seconds = action["seconds"]?.int ?? 0
      if let grace, seconds < 0 || seconds > grace {
        errors.append(
          .invalid(
            "\(path).sleep", .int(seconds),
            "must be non-negative and less than terminationGracePeriodSeconds (\(grace))"))
      }
    case "tcpSocket", "grpc": errors += validatePort(action["port"], "\(path).\(name).port")
    default: break
    }
  }
  return found ? errors : errors + [.required(path, "must specify a handler type")]
}

/// A port by its number or by its name.
private func validatePort(_ port: JSONValue?, _ field: String) -> [FieldError] {
  if case .string(let name)? = port { return NameRules.portName(name).map { .invalid(field, .string(name), $0) } }
  let number = port?.int ?? 0
  return NameRules.portNumber(number).map { .invalid(field, .int(number), $0) }
}

extension Container {
  /// The rules for `ports` (validateContainerPorts).
  func validatePorts(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    var names = Set<String>()
    for (index, port) in (ports?.array ?? []).enumerated() {
      let path = "\(path)[\(index)]"
      if let name = port["name"]?.string, !name.isEmpty {
        let complaints = NameRules.portName(name)
        errors += complaints.map { .invalid("\(path).name", .string(name), $0) }
        if complaints.isEmpty, !names.insert(name).inserted {
          errors.append(.duplicate("\(path).name", .string(name)))
        }
      }
      let number = port["containerPort"]?.int ?? 0
      if number == 0 {
        errors.append(.required("\(path).containerPort"))
      } else {
        errors += NameRules.portNumber(number).map { .invalid("\(path).containerPort", .int(number), $0) }
      }
      if let number = port["hostPort"]?.int, number != 0 {
        errors += NameRules.portNumber(number).map { .invalid("\(path).hostPort", .int(number), $0) }
      }
      errors += validateWord("\(path).protocol", port["protocol"]?.string ?? "", ["SCTP", "TCP", "UDP"])
    }
    return errors
  }
}

/// Two containers that want the same port of their node (checkHostPortConflicts).
func validateHostPorts(_ containers: [Container], _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  var taken = Set<String>()
  for (index, container) in containers.enumerated() {
    for (place, port) in (container.ports?.array ?? []).enumerated() {
      guard let number = port["hostPort"]?.int, number != 0 else { continue }
      let text = "\(port["protocol"]?.string ?? "")/\(port["hostIP"]?.string ?? "")/\(number)"
      if !taken.insert(text).inserted {
        errors.append(.duplicate("\(path)[\(index)].ports[\(place)].hostPort", .string(text)))
      }
    }
  }
  return errors
}
