internal import KubeModel

/// Who set which field of an object (`metadata.managedFields`).
///
/// It is kept for objects that a client makes through the API, and for others from their first server-side apply on;
/// before that nobody asks for it.
struct FieldManagers: Hashable, Sendable {
  enum Operation: String, Comparable, Sendable {
    /// By server-side apply.
    case apply = "Apply"
    /// In any other way.
    case update = "Update"

    static func < (left: Operation, right: Operation) -> Bool { left.rawValue < right.rawValue }
  }

  struct Entry: Hashable, Sendable {
    var manager: String
    var operation: Operation
    var apiVersion: String
    var time: String
    /// `status`; empty for the object itself.
    var subresource = ""
    var fields: FieldSet

    /// Whether it tells of the same writer. One who applies is the same in every version.
    func isOf(_ other: Entry) -> Bool {
      manager == other.manager && operation == other.operation && subresource == other.subresource
        && (operation == .apply || apiVersion == other.apiVersion)
    }

    /// As conflicts name it.
    var title: String {
      var text = goQuoted(manager)
      if !subresource.isEmpty { text += " with subresource \(goQuoted(subresource))" }
      return operation == .update ? "\(text) using \(apiVersion)" : text
    }
  }

  private(set) var entries: [Entry]

  /// As an object says it; empty where it says nothing.
  init(_ json: JSONValue?) {
    entries = (json?.array ?? []).compactMap { value in
      guard let manager = value["manager"]?.string, let fields = value["fieldsV1"] else { return nil }
      return Entry(
        manager: manager, operation: value["operation"]?.string.flatMap(Operation.init) ?? .update,
        apiVersion: value["apiVersion"]?.string ?? "", time: value["time"]?.string ?? "",
        subresource: value["subresource"]?.string ?? "", fields: FieldSet(fieldsV1: fields))
    }
  }

  /// `nil` where nobody owns anything. Sorted as Kubernetes sorts it.
  var json: JSONValue? {
    guard !entries.isEmpty else { return nil }
    let sorted = entries.sorted {
      ($0.operation, $0.time, $0.manager, $0.apiVersion, $0.subresource)
        < ($1.operation, $1.time, $1.manager, $1.apiVersion, $1.subresource)
    }
    return .array(
      sorted.map { entry in
        var object = JSONObject([
          .init(name: "apiVersion", value: .string(entry.apiVersion)), .init(name: "fieldsType", value: "FieldsV1"),
          .init(name: "fieldsV1", value: entry.fields.fieldsV1), .init(name: "manager", value: .string(entry.manager)),
          .init(name: "operation", value: .string(entry.operation.rawValue)),
        ])
        if !entry.subresource.isEmpty { object["subresource"] = .string(entry.subresource) }
        object["time"] = .string(entry.time)
        return .object(object)
      })
  }

  /// What a client can own of the object or of its subresource: neither what names the object, nor what the server
  /// writes.
  static func ownable(_ object: JSONValue, _ subresource: String = "") -> JSONValue {
    guard var result = object.object else { return object }
    if subresource.isEmpty {
      for name in ["apiVersion", "kind", "status"] { result[name] = nil }
    } else {
      result.members.removeAll { $0.name != "metadata" && $0.name != subresource }
    }
    if var metadata = result["metadata"]?.object {
      for name in [
        "name", "namespace", "generateName", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink",
        "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds",
      ] { metadata[name] = nil }
      result["metadata"] = metadata.members.isEmpty ? nil : .object(metadata)
    }
    return .object(result)
  }

  /// Takes up an object that is to be applied and that nobody owns yet.
  mutating func begin(with object: JSONValue, apiVersion: String, time: String) {
    guard entries.isEmpty else { return }
    entries = [
      Entry(
        manager: "before-first-apply", operation: .update, apiVersion: apiVersion, time: time,
        fields: FieldSet(of: FieldManagers.ownable(object)))
    ]
  }

  /// What the writer of `entry` owns.
  func fields(of entry: Entry) -> FieldSet { entries.first { $0.isOf(entry) }?.fields ?? FieldSet() }

  /// What anybody but the writer of `entry` owns.
  func fields(ofOthersThan entry: Entry) -> FieldSet {
    entries.filter { !$0.isOf(entry) }.reduce(FieldSet()) { $0.union($1.fields) }
  }

  /// The fields of `fields` that others own, by entry.
  func conflicts(_ writer: Entry, _ fields: FieldSet) -> [(entry: Entry, fields: FieldSet)] {
    entries.sorted { $0.title < $1.title }.compactMap { entry in
      guard !entry.isOf(writer) else { return nil }
      let common = entry.fields.intersection(fields)
      return common.isEmpty ? nil : (entry, common)
    }
  }

  /// The writer of `entry` has applied its fields, and took `forced` from others.
  mutating func apply(_ entry: Entry, forced: FieldSet) {
    for index in entries.indices where !entries[index].isOf(entry) {
      entries[index].fields = entries[index].fields.subtracting(forced)
    }
    set(entry)
    entries.removeAll { $0.fields.isEmpty }
  }

  /// The writer of `entry` has changed an object in another way than by applying it; the entry's own fields say
  /// nothing.
  mutating func update(_ writer: Entry, from old: JSONValue?, to new: JSONValue) {
    let before = old.map { FieldManagers.ownable($0, writer.subresource) }
    let after = FieldManagers.ownable(new, writer.subresource)
    let present = FieldSet(of: after)
    let changed = (before.map { FieldSet(of: $0) } ?? FieldSet()).union(present).differing(before, after)
    guard !changed.isEmpty else { return }
    for index in entries.indices { entries[index].fields = entries[index].fields.subtracting(changed) }
    var entry = writer
    entry.fields = fields(of: writer).union(changed.intersection(present))
    set(entry)
    entries.removeAll { $0.fields.isEmpty }
    limit(time: writer.time)
  }

  /// How many writers are told apart that do not apply; what the oldest of more own is put together.
  private static let mostUpdaters = 10

  private mutating func limit(time: String) {
    let ancient = "ancient-changes"
    var updaters = entries.filter { $0.operation == .update && $0.manager != ancient }
    guard updaters.count > FieldManagers.mostUpdaters else { return }
    updaters.sort { ($0.time, $0.manager) < ($1.time, $1.manager) }
    for old in updaters.prefix(updaters.count - FieldManagers.mostUpdaters) {
      entries.removeAll { $0.isOf(old) }
      var merged = old
      merged.manager = ancient
      merged.fields = fields(of: merged).union(old.fields)
      set(merged)
    }
  }

  /// Puts an entry in place of that of its manager; its time stays where nothing else is new.
  private mutating func set(_ entry: Entry) {
    guard let index = entries.firstIndex(where: { $0.isOf(entry) }) else {
      entries.append(entry)
      return
    }
    if entries[index].fields != entry.fields || entries[index].apiVersion != entry.apiVersion {
      entries[index] = entry
    }
  }
}

/// Who writes an object, and which part of it.
struct FieldWriter: Sendable {
  var manager: String
  var apiVersion: String
  /// `status`; empty for the object itself.
  var subresource: String

  init(_ options: WriteOptions, _ target: Target) {
    manager = options.manager
    apiVersion = target.resource.groupVersion
    subresource = target.subresource ?? ""
  }

  func entry(_ operation: FieldManagers.Operation, time: String, _ fields: FieldSet = FieldSet()) -> FieldManagers.Entry
  {
    FieldManagers.Entry(
      manager: manager, operation: operation, apiVersion: apiVersion, time: time, subresource: subresource,
      fields: fields)
  }
}

extension APIHandler {
  /// An object that a client makes or changes in another way than by applying it, with its owners brought up to date.
  ///
  /// - Parameter old: the object as it is; `nil` for a new one. One that nobody owns stays so until it is applied.
  func owned(_ object: KubeObject, from old: KubeObject?, _ writer: FieldWriter) -> KubeObject {
    var result = object
    let sent = object.metadata.managedFields
    if sent == [.object(JSONObject())] {
      // This is how a client forgets all owners.
      result.metadata.managedFields = .array([])
      return result
    }
    var managers = FieldManagers(sent)
    if managers.entries.isEmpty { managers = FieldManagers(old?.metadata.managedFields) }
    result.metadata.managedFields = nil
    guard old == nil || !managers.entries.isEmpty else { return result }
    // Defaults are the client's too; what stands for itself in the old object is no change.
    var complete = object
    complete.applyDefaults()
    managers.update(
      writer.entry(.update, time: now().rfc3339(fraction: false)), from: old?.jsonValue, to: complete.jsonValue)
    result.metadata.managedFields = managers.json ?? .array([])
    return result
  }
}
