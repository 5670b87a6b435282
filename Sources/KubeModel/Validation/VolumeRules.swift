// Kubernetes' rules for volumes and for the paths and modes of files in them (pkg/apis/core/validation).

extension PodSpec {
  func validateVolumes(_ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    var names = Set<String>()
    for (index, volume) in self.volumes.enumerated() {
      let path = "\(path)[\(index)]"
      if volume.name.isEmpty {
        errors.append(.required("\(path).name"))
      } else {
        errors += NameRules.dnsLabel(volume.name).map { .invalid("\(path).name", .string(volume.name), $0) }
      }
      if !names.insert(volume.name).inserted { errors.append(.duplicate("\(path).name", .string(volume.name))) }
      for member in volume.source.members.dropFirst() {
        errors.append(.forbidden("\(path).\(member.name)", "may not specify more than 1 volume type"))
      }
      if let source = volume.source.members.first {
        errors += validateSource(source.name, source.value, "\(path).\(source.name)")
      } else {
        errors.append(.required(path, "must specify a volume type"))
      }
    }
    return errors
  }

  private static let hostPathTypes = [
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
  ]

  private func validateSource(_ name: String, _ value: JSONValue, _ path: String) -> [FieldError] {
    func needs(_ member: String) -> [FieldError] {
      (value[member]?.string ?? "").isEmpty ? [.required("\(path).\(member)")] : []
    }
    switch name {
    case "hostPath":
      guard let target = value["path"]?.string, !target.isEmpty else { return [.required("\(path).path")] }
      var errors = noBacksteps(target, "\(path).path")
      if let type = value["type"]?.string, !PodSpec.hostPathTypes.contains(type) {
        errors.append(.notSupported("\(path).type", type, PodSpec.hostPathTypes))
      }
      return errors
    case "secret":
      return needs("secretName") + validateMode(value["defaultMode"], "\(path).defaultMode")
        + validateItems(value, path)
    case "configMap":
      return needs("name") + validateMode(value["defaultMode"], "\(path).defaultMode")
        + validateItems(value, path)
    case "downwardAPI":
      return validateMode(value["defaultMode"], "\(path).defaultMode")
        + (value["items"]?.array ?? []).flatMap { validateFileOfPod($0, path) }
    case "projected":
      return validateMode(value["defaultMode"], "\(path).defaultMode")
        + validateProjections(value["sources"]?.array ?? [], path)
    case "persistentVolumeClaim": return needs("claimName")
    default: return []
    }
  }
}

/// The keys of a configMap or a secret that become files, and where (validateKeyToPath).
private func validateItems(_ value: JSONValue, _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  for (index, item) in (value["items"]?.array ?? []).enumerated() {
    let place = "\(path).items[\(index)]"
    if (item["key"]?.string ?? "").isEmpty { errors.append(.required("\(place).key")) }
    errors += validateLocalPath(item["path"]?.string ?? "", "\(place).path")
    errors += validateMode(item["mode"], "\(place).mode")
  }
  return errors
}

/// A file that shows a field of its pod. As in Kubernetes, a complaint does not say which of the files it is about.
private func validateFileOfPod(_ file: JSONValue, _ path: String) -> [FieldError] {
  var errors = validateLocalPath(file["path"]?.string ?? "", "\(path).path")
  let field = file["fieldRef"].flatMap { $0 == .null ? nil : $0 }
  let resource = file["resourceFieldRef"].flatMap { $0 == .null ? nil : $0 }
  if let field {
    errors += EnvVarSource.validate(
      apiVersion: field["apiVersion"]?.string ?? "", fieldPath: field["fieldPath"]?.string ?? "",
      supported: [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
      ], "\(path).fieldRef")
    if resource != nil {
      errors.append(
        .invalid(path, .string("resource"), "fieldRef and resourceFieldRef can not be specified simultaneously"))
    }
  } else if let resource {
    if (resource["containerName"]?.string ?? "").isEmpty {
      errors.append(.required("\(path).resourceFieldRef.containerName"))
    } else {
      errors += EnvVarSource.validate(resource: resource["resource"]?.string ?? "", "\(path).resourceFieldRef")
    }
  } else {
    errors.append(.required(path, "one of fieldRef and resourceFieldRef is required"))
  }
  return errors + validateMode(file["mode"], "\(path).mode")
}

/// What is put together in one volume; no file may be there twice (validateProjectionSources).
private func validateProjections(_ sources: [JSONValue], _ path: String) -> [FieldError] {
  var errors: [FieldError] = []
  var taken = Set<String>()
  func take(_ item: JSONValue, blames shown: String) {
    guard let target = item["path"]?.string, !target.isEmpty else { return }
    if !taken.insert(target).inserted {
      errors.append(.invalid(path, .string(shown), "conflicting duplicate paths"))
    }
  }
  for (index, source) in sources.enumerated() {
    let place = "\(path).sources[\(index)]"
    for name in ["secret", "configMap"] {
      guard let value = source[name], value != .null else { continue }
      let object = value["name"]?.string ?? ""
      if object.isEmpty { errors.append(.required("\(place).\(name).name")) }
      errors += validateItems(value, "\(place).\(name)")
      for item in value["items"]?.array ?? [] { take(item, blames: object) }
    }
    for file in source["downwardAPI"]?["items"]?.array ?? [] {
      errors += validateFileOfPod(file, "\(place).downwardAPI")
      take(file, blames: file["path"]?.string ?? "")
    }
    if let token = source["serviceAccountToken"], token != .null {
      let field = "\(place).serviceAccountToken.expirationSeconds"
      let seconds = token["expirationSeconds"]?.int ?? 3600
      if seconds < 600 {
        errors.append(.invalid(field, .int(seconds), "may not specify a duration less than 10 minutes"))
      }
      if seconds > 1 << 32 {
        errors.append(.invalid(field, .int(seconds), "may not specify a duration larger than 2^32 seconds"))
      }
      errors += validateLocalPath(token["path"]?.string ?? "", "\(path).path")
    }
    if source.object?.members.filter({ $0.value != .null }).count ?? 0 > 1 {
      errors.append(.forbidden(place, "may not specify more than 1 volume type per source"))
    }
  }
  return errors
}

/// A path within a volume whose name is not one of those that a kubelet uses itself (ValidateLocalNonReservedPath);
/// required.
private func validateLocalPath(_ target: String, _ field: String) -> [FieldError] {
  if target.isEmpty { return [.required(field)] }
  var errors = descendingPath(target, field)
  if target.hasPrefix(".."), !target.hasPrefix("../") {
    errors.append(.invalid(field, .string(target), "must not start with '..'"))
  }
  return errors
}

/// A path that leads from where it begins to something below (validateLocalDescendingPath).
func descendingPath(_ target: String, _ field: String) -> [FieldError] {
  (target.hasPrefix("/") ? [.invalid(field, .string(target), "must be a relative path")] : [])
    + noBacksteps(target, field)
}

private func noBacksteps(_ target: String, _ field: String) -> [FieldError] {
  guard target.split(separator: "/").contains("..") else { return [] }
  return [.invalid(field, .string(target), "must not contain '..'")]
}

private func validateMode(_ mode: JSONValue?, _ field: String) -> [FieldError] {
  guard let mode = mode?.int, !(0...0o777).contains(mode) else { return [] }
  return [.invalid(field, .int(mode), "must be a number between 0 and 0777 (octal), both inclusive")]
}

extension Container {
  /// Where volumes appear (ValidateVolumeMounts). As in Kubernetes, complaints of a part of the volume and of how
  /// mounts spread do not say which of the mounts they are about.
  func validateMounts(_ path: String, _ volumes: Set<String>) -> [FieldError] {
    var errors: [FieldError] = []
    var mountPaths = Set<String>()
    for (index, mount) in volumeMounts.enumerated() {
      let place = "\(path)[\(index)]"
      if mount.name.isEmpty { errors.append(.required("\(place).name")) }
      if !volumes.contains(mount.name) { errors.append(.notFound("\(place).name", mount.name)) }
      if mount.mountPath.isEmpty { errors.append(.required("\(place).mountPath")) }
      if !mountPaths.insert(mount.mountPath).inserted {
        errors.append(.invalid("\(place).mountPath", .string(mount.mountPath), "must be unique"))
      }
      if !mount.subPath.isEmpty { errors += descendingPath(mount.subPath, "\(path).subPath") }
      if !mount.subPathExpr.isEmpty {
        if !mount.subPath.isEmpty {
          errors.append(
            .invalid(
              "\(place).subPathExpr", .string(mount.subPathExpr), "subPathExpr and subPath are mutually exclusive"))
        }
        errors += descendingPath(mount.subPathExpr, "\(path).subPathExpr")
      }
      errors += validateSpread(of: mount, path)
    }
    return errors
  }

  private func validateSpread(of mount: VolumeMount, _ path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if let propagation = mount.mountPropagation {
      let field = "\(path).mountPropagation"
      let supported = ["Bidirectional", "HostToContainer", "None"]
      if !supported.contains(propagation) { errors.append(.notSupported(field, propagation, supported)) }
      if propagation == "Bidirectional", securityContext?["privileged"] != .bool(true) {
        errors.append(
          .forbidden(field, "Bidirectional mount propagation is available only to privileged containers"))
      }
    }
    let field = "\(path).recursiveReadOnly"
    switch mount.recursiveReadOnly {
    case nil, "Disabled": break
    case "Enabled", "IfPossible":
      if !mount.readOnly { errors.append(.forbidden(field, "may only be specified when readOnly is true")) }
      if let propagation = mount.mountPropagation, propagation != "None" {
        errors.append(
          .forbidden(field, "may only be specified when mountPropagation is None or not specified"))
      }
    case let other?: errors.append(.notSupported(field, other, ["Disabled", "Enabled", "IfPossible"]))
    }
    return errors
  }
}
