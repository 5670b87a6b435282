internal import KubeModel

/// Kubernetes' strategic merge patch: like a merge patch, but lists of named things are merged element by element.
enum StrategicMerge {
  static let keys = MergeKeys.all

  /// `document` after `patch`.
  static func apply(
    _ patch: JSONValue, to document: JSONValue, keys: ListKeys = .strategic
  ) throws(PatchError) -> JSONValue {
    guard case .object = patch else {
      throw PatchError(
        kind: .malformed,
        message: "json: cannot unmarshal \(patch.goKind) into Go value of type map[string]interface {}")
    }
    return try merge(patch, into: document, keys) ?? .object(JSONObject())
  }

  /// `nil` where the patch deletes the value.
  private static func merge(
    _ patch: JSONValue, into old: JSONValue?, _ keys: ListKeys
  ) throws(PatchError) -> JSONValue? {
    guard case .object(var changes) = patch else { return patch }
    switch changes["$patch"]?.string {
    case "replace"?:
      changes["$patch"] = nil
      return .object(changes)
    case "delete"?: return nil
    case nil, "merge"?: changes["$patch"] = nil
    case let other?:
      throw PatchError(kind: .malformed, message: "Unknown patch type found: \(other)")
    }
    var result = old?.object ?? JSONObject()
    if let kept = changes["$retainKeys"]?.array {
      let names = Set(kept.compactMap(\.string))
      result.members.removeAll { !names.contains($0.name) }
      changes["$retainKeys"] = nil
    }
    var orders: [(name: String, order: [JSONValue])] = []
    for change in changes.members {
      if let name = change.name.suffix(after: "$setElementOrder/") {
        orders.append((name, change.value.array ?? []))
      } else if let name = change.name.suffix(after: "$deleteFromPrimitiveList/") {
        let gone = change.value.array ?? []
        if let list = result[name]?.array { result[name] = .array(list.filter { !gone.contains($0) }) }
      } else if case .null = change.value {
        result[change.name] = nil
      } else if case .array(let elements) = change.value, let members = keys.members(change.name) {
        result[change.name] = .array(try merge(elements, into: result[change.name]?.array ?? [], by: members, keys))
      } else {
        result[change.name] = try merge(change.value, into: result[change.name], keys)
      }
    }
    for (name, order) in orders {
      guard let list = result[name]?.array, let key = StrategicMerge.keys[name] else { continue }
      result[name] = .array(sorted(list, by: order, key: key))
    }
    return .object(result)
  }

  private static func merge(
    _ changes: [JSONValue], into old: [JSONValue], by members: [String], _ keys: ListKeys
  ) throws(PatchError) -> [JSONValue] {
    if members.isEmpty { return old + changes.filter { !old.contains($0) } }
    if changes.contains(where: { $0["$patch"]?.string == "replace" && $0.object?.members.count == 1 }) {
      return changes.filter { $0["$patch"] == nil }
    }
    var result = old
    for change in changes {
      guard let identity = ListKeys.identity(of: change, members) else {
        throw PatchError(
          kind: .malformed,
          message: "map: \(change.compactJSON) does not contain declared merge key: "
            + members.filter { change[$0] == nil }.joined(separator: ", "))
      }
      if let index = result.firstIndex(where: { ListKeys.identity(of: $0, members) == identity }) {
        if let merged = try merge(change, into: result[index], keys) {
          result[index] = merged
        } else {
          result.remove(at: index)
        }
      } else if let added = try merge(change, into: nil, keys) {
        result.append(added)
      }
    }
    return result
  }

  /// The elements in the order that a client wants; those that it does not name stay behind those that they followed.
  private static func sorted(_ list: [JSONValue], by order: [JSONValue], key: String) -> [JSONValue] {
    func identity(_ value: JSONValue) -> JSONValue { key.isEmpty ? value : value[key] ?? value }
    let wanted = order.map(identity)
    var result: [JSONValue] = wanted.compactMap { wanted in list.first { identity($0) == wanted } }
    for (index, element) in list.enumerated() where !wanted.contains(identity(element)) {
      let before = index > 0 ? result.firstIndex { identity($0) == identity(list[index - 1]) } : nil
      result.insert(element, at: before.map { $0 + 1 } ?? (index == 0 ? 0 : result.count))
    }
    return result
  }
}

extension String {
  /// What follows `prefix`; `nil` where it does not begin with it.
  func suffix(after prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
