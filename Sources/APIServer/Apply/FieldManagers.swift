internal import KubeModel

/// Who set which field of an object (`metadata.managedFields`).
///
/// It is kept from an object's first server-side apply on; before that nobody asks for it.
struct FieldManagers: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    var manager: String
    /// `Apply` or `Update`
    var operation: String
    var apiVersion: String
    var time: String
    var fields: FieldSet
  }

  private(set) var entries: [Entry]

  /// As an object says it; empty where it says nothing.
  init(_ json: JSONValue?) {
    entries = (json?.array ?? []).compactMap { value in
      guard let manager = value["manager"]?.string, let fields = value["fieldsV1"] else { return nil }
      return Entry(
        manager: manager, operation: value["operation"]?.string ?? "Update",
        apiVersion: value["apiVersion"]?.string ?? "", time: value["time"]?.string ?? "",
        fields: FieldSet(fieldsV1: fields))
    }
  }

  var json: JSONValue? {
    guard !entries.isEmpty else { return nil }
    return .array(
      entries.map {
        [
          "apiVersion": .string($0.apiVersion), "fieldsType": "FieldsV1", "fieldsV1": $0.fields.fieldsV1,
          "manager": .string($0.manager), "operation": .string($0.operation), "time": .string($0.time),
        ]
      })
  }

  /// What a client can own: neither what names the object, nor what the server writes.
  static func ownable(_ object: JSONValue) -> JSONValue {
    guard var result = object.object else { return object }
    for name in ["apiVersion", "kind", "status"] { result[name] = nil }
    if var metadata = result["metadata"]?.object {
      for name in [
        "name", "namespace", "generateName", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink",
        "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds",
      ] { metadata[name] = nil }
      result["metadata"] = metadata.members.isEmpty ? nil : .object(metadata)
    }
    return .object(result)
  }

  /// Takes up an object that nobody has applied yet.
  mutating func begin(with object: JSONValue, apiVersion: String, time: String) {
    guard entries.isEmpty else { return }
    entries = [
      Entry(
        manager: "before-first-apply", operation: "Update", apiVersion: apiVersion, time: time,
        fields: FieldSet(of: FieldManagers.ownable(object)))
    ]
  }

  /// What `manager` applied last.
  func applied(by manager: String) -> FieldSet {
    entries.first { $0.manager == manager && $0.operation == "Apply" }?.fields ?? FieldSet()
  }

  /// What anybody but `manager`, as one who applies, owns.
  func owned(byOthersThan manager: String) -> FieldSet {
    entries.filter { $0.manager != manager || $0.operation != "Apply" }.reduce(FieldSet()) { $0.union($1.fields) }
  }

  /// The fields of `fields` that others own, by entry.
  func conflicts(_ manager: String, _ fields: FieldSet) -> [(entry: Entry, fields: FieldSet)] {
    entries.compactMap { entry in
      guard entry.manager != manager else { return nil }
      let common = entry.fields.intersection(fields)
      return common.isEmpty ? nil : (entry, common)
    }
  }

  /// `manager` has applied `fields`, and took `forced` from others.
  mutating func apply(_ manager: String, _ fields: FieldSet, forced: FieldSet, apiVersion: String, time: String) {
    for index in entries.indices where entries[index].manager != manager {
      entries[index].fields = entries[index].fields.subtracting(forced)
    }
    set(Entry(manager: manager, operation: "Apply", apiVersion: apiVersion, time: time, fields: fields))
    entries.removeAll { $0.fields.isEmpty }
  }

  /// `manager` has changed an object in another way than by applying it.
  mutating func update(_ manager: String, from old: JSONValue, to new: JSONValue, apiVersion: String, time: String) {
    let before = FieldManagers.ownable(old)
    let after = FieldManagers.ownable(new)
    let all = FieldSet(of: before).union(FieldSet(of: after))
    let changed = all.differing(before, after)
    guard !changed.isEmpty else { return }
    for index in entries.indices { entries[index].fields = entries[index].fields.subtracting(changed) }
    let own = entries.first { $0.manager == manager && $0.operation == "Update" }?.fields ?? FieldSet()
    let present = changed.intersection(FieldSet(of: after))
    set(
      Entry(
        manager: manager, operation: "Update", apiVersion: apiVersion, time: time, fields: own.union(present)))
    entries.removeAll { $0.fields.isEmpty }
  }

  /// Puts an entry in place of that of its manager; its time stays where nothing else is new.
  private mutating func set(_ entry: Entry) {
    guard
      let index = entries.firstIndex(where: { $0.manager == entry.manager && $0.operation == entry.operation })
    else {
      entries.append(entry)
      return
    }
    if entries[index].fields != entry.fields { entries[index] = entry }
  }
}
