// Kubernetes' rules for security contexts (pkg/apis/core/validation: ValidateSecurityContext,
// validatePodSpecSecurityContext).

extension Container {
  /// - Parameter hostUsers: whether the pod uses the node's users; true unless the pod says otherwise.
  func validateSecurity(_ path: String, hostUsers: Bool) -> [FieldError] {
    guard let context = securityContext, context.object != nil else { return [] }
    var errors = validateUser(context, ["runAsUser", "runAsGroup"], path)
    if let type = context["procMount"]?.string {
      if !["Default", "Unmasked"].contains(type) {
        errors.append(.notSupported("\(path).procMount", type, ["Default", "Unmasked"]))
      }
      if hostUsers, type == "Unmasked" {
        errors.append(
          .invalid("\(path).procMount", .string(type), "`hostUsers` must be false to use `Unmasked`"))
      }
    }
    errors += validateSeccomp(context["seccompProfile"], "\(path).seccompProfile")
    if context["allowPrivilegeEscalation"] == .bool(false) {
      let refusal = "cannot set `allowPrivilegeEscalation` to false and "
      if context["privileged"] == .bool(true) {
        errors.append(.invalid(path, inGo(securityContext: context), refusal + "`privileged` to true"))
      }
      for capability in context["capabilities"]?["add"]?.array ?? [] where capability.string == "CAP_SYS_ADMIN" {
        errors.append(.invalid(path, inGo(securityContext: context), refusal + "`capabilities.Add` CAP_SYS_ADMIN"))
      }
    }
    return errors + validateAppArmor(context["appArmorProfile"], "\(path).appArmorProfile")
  }
}

extension PodSpecCommon {
  /// - Parameter path: that of the spec.
  func validateSecurity(_ path: String) -> [FieldError] {
    let place = "\(path).securityContext"
    var errors = validateUser(securityContext, ["fsGroup", "runAsUser", "runAsGroup"], place)
    for (index, group) in (securityContext?["supplementalGroups"]?.array ?? []).enumerated() {
      errors += validateID(group, "\(place).supplementalGroups[\(index)]")
    }
    if shareProcessNamespace == true, hostPID {
      errors.append(
        .invalid(
          "\(place).shareProcessNamespace", .bool(true),
          "ShareProcessNamespace and HostPID cannot both be enabled"))
    }
    if let policy = securityContext?["fsGroupChangePolicy"]?.string, !["Always", "OnRootMismatch"].contains(policy) {
      errors.append(.notSupported("\(place).fsGroupChangePolicy", policy, ["Always", "OnRootMismatch"]))
    }
    errors += validateSeccomp(securityContext?["seccompProfile"], "\(place).seccompProfile")
    errors += validateAppArmor(securityContext?["appArmorProfile"], "\(place).appArmorProfile")
    if let policy = securityContext?["supplementalGroupsPolicy"]?.string, !["Merge", "Strict"].contains(policy) {
      errors.append(.notSupported("\(place).supplementalGroupsPolicy", policy, ["Merge", "Strict"]))
    }
    return errors
  }

  /// Users of the pod's own, with what is the node's (validateHostUsers).
  func validateHostUsers(_ path: String) -> [FieldError] {
    guard hostUsers == false else { return [] }
    return [("hostNetwork", hostNetwork), ("HostPID", hostPID), ("HostIPC", hostIPC)].filter(\.1).map { name, _ in
      .forbidden("\(path).\(name)", "when `pod.Spec.HostUsers` is false")
    }
  }
}

private func validateUser(_ context: JSONValue?, _ names: [String], _ path: String) -> [FieldError] {
  names.flatMap { validateID(context?[$0], "\(path).\($0)") }
}

private func validateID(_ id: JSONValue?, _ field: String) -> [FieldError] {
  guard let id = id?.int, !(0...Int64(Int32.max)).contains(id) else { return [] }
  return [.invalid(field, .int(id), "must be between 0 and 2147483647, inclusive")]
}

private let profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"]

private func validateSeccomp(_ profile: JSONValue?, _ path: String) -> [FieldError] {
  guard let profile, profile.object != nil else { return [] }
  let type = profile["type"]?.string ?? ""
  let file = profile["localhostProfile"]?.string
  var errors: [FieldError] = []
  if type.isEmpty {
    errors.append(.required("\(path).type", "type is required when seccompProfile is set"))
  } else if !profileTypes.contains(type) {
    errors.append(.notSupported("\(path).type", type, profileTypes))
  }
  if type == "Localhost" {
    errors +=
      file.map { descendingPath($0, "\(path).localhostProfile") }
      ?? [.required("\(path).localhostProfile", "must be set when seccomp type is Localhost")]
  } else if let file {
    errors.append(
      .invalid(
        "\(path).localhostProfile", ["Type": .string(type), "LocalhostProfile": .string(file)],
        "can only be set when seccomp type is Localhost"))
  }
  return errors
}

private func validateAppArmor(_ profile: JSONValue?, _ path: String) -> [FieldError] {
  guard let profile, profile.object != nil else { return [] }
  let field = "\(path).localhostProfile"
  let file = profile["localhostProfile"]?.string
  switch profile["type"]?.string ?? "" {
  case "Localhost":
    guard let file, !file.isEmpty else {
      return [.required(field, "must be set when AppArmor type is Localhost")]
    }
    if file.first?.isWhitespace == true || file.last?.isWhitespace == true {
      return [.invalid(field, .string(file), "must not be padded with whitespace")]
    }
    return file.utf8.count > 4095 ? [.tooLong(field, maximum: 4095)] : []
  case "RuntimeDefault", "Unconfined":
    return file.map { [.invalid(field, .string($0), "can only be set when AppArmor type is Localhost")] } ?? []
  case "": return [.required("\(path).type", "type is required when appArmorProfile is set")]
  case let type: return [.notSupported("\(path).type", type, profileTypes)]
  }
}

/// A container's security context as errors show it: Go's internal type, whose JSON has capitals and nulls.
private func inGo(securityContext context: JSONValue) -> JSONValue {
  func object(_ value: JSONValue?, _ names: [String], absent: JSONValue = .null) -> JSONValue {
    guard let value, value.object != nil else { return .null }
    return .object(
      JSONObject(names.map { .init(name: $0, value: value[lowercasingFirst($0)] ?? absent) }))
  }
  func lowercasingFirst(_ name: String) -> String { name.prefix(1).lowercased() + name.dropFirst() }
  let profile = ["Type", "LocalhostProfile"]
  var result = JSONObject()
  result["Capabilities"] = object(context["capabilities"], ["Add", "Drop"])
  result["Privileged"] = context["privileged"] ?? .null
  result["SELinuxOptions"] = object(context["seLinuxOptions"], ["User", "Role", "Type", "Level"], absent: "")
  result["WindowsOptions"] = object(
    context["windowsOptions"], ["GMSACredentialSpecName", "GMSACredentialSpec", "RunAsUserName", "HostProcess"])
  for name in [
    "RunAsUser", "RunAsGroup", "RunAsNonRoot", "ReadOnlyRootFilesystem", "AllowPrivilegeEscalation", "ProcMount",
  ] {
    result[name] = context[lowercasingFirst(name)] ?? .null
  }
  result["SeccompProfile"] = object(context["seccompProfile"], profile)
  result["AppArmorProfile"] = object(context["appArmorProfile"], profile)
  return .object(result)
}
