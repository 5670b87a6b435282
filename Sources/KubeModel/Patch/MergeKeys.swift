/// What Kubernetes' types say of how their lists are merged.
public enum MergeKeys {
  /// The member that tells the elements of a list apart, by the list's name, for lists that are merged. A list of plain
  /// values is merged as a set where its name stands here with an empty key; all other lists are replaced.
  public static let all: [String: String] = [
    "addresses": "type", "conditions": "type", "containers": "name", "env": "name", "ephemeralContainers": "name",
    "finalizers": "", "hostAliases": "ip", "imagePullSecrets": "name", "initContainers": "name",
    "ownerReferences": "uid", "podIPs": "ip", "ports": "containerPort", "resourceClaims": "name",
    "schedulingGates": "name", "topologySpreadConstraints": "topologyKey", "volumeDevices": "devicePath",
    "volumeMounts": "mountPath", "volumes": "name",
  ]

  /// The strategic merge patch that makes of an object, once made from `old`, what `new` says: all of `new`, and marks
  /// for what only `old` has. What neither mentions stays as it is.
  public static func patch(from old: JSONValue, to new: JSONValue) -> JSONValue {
    guard let before = old.object, var result = new.object else { return new }
    for member in before.members {
      guard let value = result[member.name] else {
        result[member.name] = .null
        continue
      }
      if let key = all[member.name], !key.isEmpty, let left = member.value.array, let right = value.array {
        result[member.name] = .array(list(from: left, to: right, key))
      } else {
        result[member.name] = patch(from: member.value, to: value)
      }
    }
    return .object(result)
  }

  private static func list(from old: [JSONValue], to new: [JSONValue], _ key: String) -> [JSONValue] {
    var result = new.map { element in
      old.first { $0[key] == element[key] }.map { patch(from: $0, to: element) } ?? element
    }
    for element in old {
      guard let identity = element[key], !new.contains(where: { $0[key] == identity }) else { continue }
      result.append(
        .object(
          JSONObject([.init(name: "$patch", value: "delete"), .init(name: key, value: identity)])))
    }
    return result
  }
}
