internal import KubeModel

/// A set of fields of an object, as `managedFields` writes it (FieldsV1): `{"f:spec":{"f:parallelism":{}}}`.
///
/// A path leads through members (`f:`), elements of lists of named things (`k:`) and elements of sets (`v:`). What
/// stands at its end is a value that is owned whole: a scalar, a list that is not merged, an empty object.
struct FieldSet: Hashable, Sendable {
  /// Whether the path that leads here is in the set itself.
  var isMember = false
  var children: [String: FieldSet] = [:]

  var isEmpty: Bool { !isMember && children.isEmpty }

  /// Members that are replaced whole, though they are objects.
  private static let wholes: Set<String> = ["selector", "nodeSelector", "fieldRef", "secretKeyRef", "configMapKeyRef"]

  init() {}

  /// Every field of a value. `name` is the member in which it stands.
  init(of value: JSONValue, name: String = "") {
    switch value {
    case .object(let object) where !object.members.isEmpty && !FieldSet.wholes.contains(name):
      for member in object.members {
        children["f:\(member.name)"] = FieldSet(of: member.value, name: member.name)
      }
    case .array(let elements):
      guard let keys = ListKeys.applied.members(name) else {
        isMember = true
        return
      }
      for element in elements {
        let step = FieldSet.step(to: element, keys: keys)
        var set = keys.isEmpty ? FieldSet() : FieldSet(of: element)
        set.isMember = true
        children[step] = set
      }
    default: isMember = true
    }
  }

  /// How a path goes on to an element of a list that is merged.
  static func step(to element: JSONValue, keys: [String]) -> String {
    if keys.isEmpty { return "v:\(element.compactJSON)" }
    let values = ListKeys.identity(of: element, keys) ?? keys.map { element[$0] ?? .null }
    let identity = JSONObject(zip(keys, values).map { .init(name: $0, value: $1) })
    return "k:\(JSONValue.object(identity).compactJSON)"
  }

  // MARK: FieldsV1

  init(fieldsV1: JSONValue) {
    guard let members = fieldsV1.object?.members, !members.isEmpty else {
      isMember = true
      return
    }
    for member in members {
      if member.name == "." { isMember = true } else { children[member.name] = FieldSet(fieldsV1: member.value) }
    }
  }

  var fieldsV1: JSONValue {
    var object = JSONObject()
    if isMember, !children.isEmpty { object["."] = .object(JSONObject()) }
    for key in children.keys.sorted() { object[key] = children[key]?.fieldsV1 }
    return .object(object)
  }

  // MARK: Sets

  func union(_ other: FieldSet) -> FieldSet {
    var result = self
    result.isMember = isMember || other.isMember
    result.children.merge(other.children) { $0.union($1) }
    return result
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    combined(other) { $0 && !$1 }
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    combined(other) { $0 && $1 }
  }

  private func combined(_ other: FieldSet, _ keeps: (Bool, Bool) -> Bool) -> FieldSet {
    var result = FieldSet()
    result.isMember = keeps(isMember, other.isMember)
    for (key, child) in children {
      let rest = child.combined(other.children[key] ?? FieldSet(), keeps)
      if !rest.isEmpty { result.children[key] = rest }
    }
    return result
  }

  /// Every path of the set, as Kubernetes writes them: `.spec.containers[name="main"].image`.
  var paths: [String] {
    var result: [String] = []
    collect("", into: &result)
    return result
  }

  private func collect(_ prefix: String, into paths: inout [String]) {
    // As Kubernetes goes through it: what stands at this level, and then what lies below.
    let keys = children.keys.sorted()
    for key in keys where children[key]?.isMember == true { paths.append(prefix + FieldSet.text(of: key)) }
    for key in keys { children[key]?.collect(prefix + FieldSet.text(of: key), into: &paths) }
  }

  private static func text(of step: String) -> String {
    if let name = step.suffix(after: "f:") { return ".\(name)" }
    if let value = step.suffix(after: "v:") { return "[=\(value)]" }
    guard let text = step.suffix(after: "k:"), let value = try? JSONParser.parse(Array(text.utf8)),
      let members = value.object?.members, !members.isEmpty
    else { return step }
    return ListKeys.text(members.map(\.name), members.map(\.value))
  }

  // MARK: Values

  /// The part of the set where two values differ, or where one of them has nothing.
  func differing(_ left: JSONValue?, _ right: JSONValue?, name: String = "") -> FieldSet {
    var result = FieldSet()
    if children.isEmpty {
      result.isMember = isMember && left != right
      return result
    }
    // An element is there or is not; what differs within it are its fields.
    result.isMember = isMember && (left == nil) != (right == nil)
    for (step, child) in children {
      let (one, member) = FieldSet.follow(step, in: left, name: name)
      let (other, _) = FieldSet.follow(step, in: right, name: name)
      let rest = child.differing(one, other, name: member)
      if !rest.isEmpty { result.children[step] = rest }
    }
    return result
  }

  /// The value that a step leads to, and the member in which it stands.
  private static func follow(_ step: String, in value: JSONValue?, name: String) -> (JSONValue?, String) {
    if let member = step.suffix(after: "f:") { return (value?[member], member) }
    guard let keys = ListKeys.applied.members(name) else { return (nil, "") }
    return (value?.array?.first { FieldSet.step(to: $0, keys: keys) == step }, "")
  }

  /// The value without the fields of this set. `nil` where it goes itself.
  func removed(from value: JSONValue, name: String = "") -> JSONValue? {
    if isMember { return nil }
    switch value {
    case .object(var object):
      for (step, child) in children {
        guard let member = step.suffix(after: "f:"), let old = object[member] else { continue }
        object[member] = child.removed(from: old, name: member)
      }
      return .object(object)
    case .array(let elements):
      guard let keys = ListKeys.applied.members(name) else { return value }
      return .array(
        elements.compactMap { element in
          guard let child = children[FieldSet.step(to: element, keys: keys)] else { return element }
          return child.removed(from: element)
        })
    default: return value
    }
  }
}
