// Kubernetes' rules for ConfigMaps and Secrets (pkg/apis/core/validation).

/// Bytes that the data of a ConfigMap or a Secret may have in all.
private let dataLimit = 1_048_576

/// How many bytes Base64 text stands for.
private func base64DecodedCount(_ text: String) -> Int {
  text.utf8.count / 4 * 3 - text.utf8.suffix(2).count { $0 == UInt8(ascii: "=") }
}

extension ConfigMap {
  /// What is wrong with this ConfigMap as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: true)
    var size = 0
    for entry in data.entries {
      let field = "data[\(entry.key)]"
      errors += NameRules.configMapKey(entry.key).map { .invalid(field, .string(entry.key), $0) }
      if binaryData[entry.key] != nil {
        errors.append(.invalid(field, .string(entry.key), "duplicate of key present in binaryData"))
      }
      size += entry.value.utf8.count
    }
    for entry in binaryData.entries {
      errors += NameRules.configMapKey(entry.key).map {
        .invalid("binaryData[\(entry.key)]", .string(entry.key), $0)
      }
      size += base64DecodedCount(entry.value)
    }
    // About the object as a whole.
    if size > dataLimit { errors.append(.tooLong("[]", maximum: dataLimit)) }
    return errors
  }

  /// What is wrong with this ConfigMap as the successor of `old`.
  public func validateUpdate(from old: ConfigMap) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    if old.immutable == true {
      if immutable != true {
        errors.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
      }
      if data != old.data { errors.append(.forbidden("data", "field is immutable when `immutable` is set")) }
      if binaryData != old.binaryData {
        errors.append(.forbidden("binaryData", "field is immutable when `immutable` is set"))
      }
    }
    return errors + validate()
  }
}

extension Secret {
  /// What is wrong with this Secret as a new object, defaults applied before.
  public func validate() -> [FieldError] {
    var errors = metadata.validate(namespaced: true)
    var size = 0
    for entry in data.entries {
      errors += NameRules.configMapKey(entry.key).map { .invalid("data[\(entry.key)]", .string(entry.key), $0) }
      size += base64DecodedCount(entry.value)
    }
    if size > dataLimit { errors.append(.tooLong("data", maximum: dataLimit)) }
    return errors + validateType()
  }

  /// What each well-known type asks for.
  private func validateType() -> [FieldError] {
    func missing(_ keys: String...) -> [FieldError] {
      keys.filter { data[$0] == nil }.map { .required("data[\($0)]") }
    }
    switch type {
    case "kubernetes.io/service-account-token":
      let key = "kubernetes.io/service-account.name"
      return (metadata.annotations[key] ?? "").isEmpty ? [.required("metadata.annotations[\(key)]")] : []
    case "kubernetes.io/dockercfg": return validateJSON(".dockercfg")
    case "kubernetes.io/dockerconfigjson": return validateJSON(".dockerconfigjson")
    case "kubernetes.io/basic-auth":
      // One of the two is enough, and it may be empty.
      let errors = missing("username", "password")
      return errors.count == 2 ? errors : []
    case "kubernetes.io/ssh-auth":
      return (data["ssh-privatekey"] ?? "").isEmpty ? [.required("data[ssh-privatekey]")] : []
    case "kubernetes.io/tls": return missing("tls.crt", "tls.key")
    default: return []
    }
  }

  private func validateJSON(_ key: String) -> [FieldError] {
    guard let text = data[key] else { return [.required("data[\(key)]")] }
    do {
      guard case .object = try JSONParser.parse(base64Decoded(text) ?? []) else {
        return [
          .invalid(
            "data[\(key)]", .string("<secret contents redacted>"),
            "json: cannot unmarshal value into Go value of type map[string]interface {}")
        ]
      }
      return []
    } catch {
      return [.invalid("data[\(key)]", .string("<secret contents redacted>"), "\(error)")]
    }
  }

  /// What is wrong with this Secret as the successor of `old`.
  public func validateUpdate(from old: Secret) -> [FieldError] {
    var errors = metadata.validateUpdate(from: old.metadata)
    if type != old.type { errors.append(.invalid("type", .string(type), "field is immutable")) }
    if old.immutable == true {
      if immutable != true {
        errors.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
      }
      if data != old.data { errors.append(.forbidden("data", "field is immutable when `immutable` is set")) }
    }
    return errors + validate()
  }
}
