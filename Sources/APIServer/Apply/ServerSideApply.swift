internal import Cluster
internal import KubeModel

extension APIHandler {
  static let applyType = "application/apply-patch+yaml"

  /// Server-side apply: the object comes to be what the document says of the fields that it names, and its manager
  /// comes to own them.
  func apply(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let isDryRun = try isDryRun(request.query.values("dryRun"))
    let rendering = try rendering(target, request, isDryRun: isDryRun)
    let manager = request.query["fieldManager"] ?? ""
    guard !manager.isEmpty else {
      throw APIHandler.options(
        "fieldManager", "Required value: is required for apply patch", type: "FieldValueRequired", kind: "PatchOptions")
    }
    let document = try RequestDocument.yaml(request.body)
    let validation = try fieldValidation(request.query)
    var place = target
    place.name = key.name
    var asked = request
    asked.contentType = "application/json"
    asked.body = Rendering.bytes(document)
    let decoded = try object(place, asked)
    guard document["metadata"]?["managedFields"] == nil else {
      throw .badRequest("metadata.managedFields must be nil")
    }
    let applied = AppliedConfiguration(
      manager: manager, document: document, forces: request.query.flag("force"),
      apiVersion: target.resource.groupVersion, time: now().rfc3339(fraction: false))
    var last = StatusError.conflict(key)
    for _ in 0..<APIHandler.attempts {
      do throws(StatusError) {
        guard let current = try await existing(key) else {
          var object = decoded.object
          object.metadata.managedFields = applied.first.json
          let created = try await cluster.create(object, dryRun: isDryRun)
          return rendering.response(rendering.bytes(created), code: 201, warnings: decoded.warnings)
        }
        var read = try KubeObject.read(
          try applied.merged(into: current), expecting: key.kind, fieldValidation: validation)
        if document["metadata"]?["resourceVersion"] == nil {
          read.object.metadata.resourceVersion = current.metadata.resourceVersion
        }
        let updated = try await cluster.update(read.object, dryRun: isDryRun)
        return rendering.response(rendering.bytes(updated), warnings: read.warnings)
      } catch {
        // Someone else was faster; a conflict of owners has causes.
        let isRace = error.reason == "AlreadyExists" || (error.reason == "Conflict" && error.causes.isEmpty)
        guard isRace, document["metadata"]?["resourceVersion"] == nil else { throw error }
        last = error
      }
    }
    throw last
  }

  private func existing(_ key: ObjectKey) async throws(StatusError) -> KubeObject? {
    do throws(StatusError) {
      return try await cluster.get(key)
    } catch {
      guard error.code == 404 else { throw error }
      return nil
    }
  }

  /// An object that was changed in another way, with its owners brought up to date where it has any.
  func owned(_ object: KubeObject, from old: KubeObject, _ target: Target, _ request: APIRequest) -> KubeObject {
    guard let known = old.metadata.managedFields else { return object }
    var managers = FieldManagers(known)
    managers.update(
      request.query["fieldManager"] ?? "unknown", from: old.jsonValue, to: object.jsonValue,
      apiVersion: target.resource.groupVersion, time: now().rfc3339(fraction: false))
    var result = object
    result.metadata.managedFields = managers.json
    return result
  }
}

/// What is applied, and by whom.
struct AppliedConfiguration: Sendable {
  var manager: String
  var document: JSONValue
  /// Whether fields are taken from their owners.
  var forces: Bool
  var apiVersion: String
  var time: String

  private var fields: FieldSet { FieldSet(of: FieldManagers.ownable(document)) }

  /// The owners of an object that it makes.
  var first: FieldManagers {
    var managers = FieldManagers(nil)
    managers.apply(manager, fields, forced: FieldSet(), apiVersion: apiVersion, time: time)
    return managers
  }

  /// The object after it, its owners with it.
  func merged(into object: KubeObject) throws(StatusError) -> JSONValue {
    let live = object.jsonValue
    var managers = FieldManagers(object.metadata.managedFields)
    managers.begin(with: live, apiVersion: apiVersion, time: time)
    let fields = fields
    let changing = fields.differing(FieldManagers.ownable(live), FieldManagers.ownable(document))
    let conflicts = managers.conflicts(manager, changing)
    if !forces, !conflicts.isEmpty { throw AppliedConfiguration.conflict(conflicts) }
    // What it applied once and names no more goes, unless others own it too.
    let dropped = managers.applied(by: manager).subtracting(fields).subtracting(
      managers.owned(byOthersThan: manager))
    let kept = dropped.removed(from: live) ?? live
    let merged: JSONValue
    do throws(PatchError) {
      merged = try StrategicMerge.apply(document, to: kept)
    } catch {
      throw error.statusError
    }
    managers.apply(manager, fields, forced: forces ? changing : FieldSet(), apiVersion: apiVersion, time: time)
    guard var result = merged.object, var metadata = result["metadata"]?.object else { return merged }
    metadata["managedFields"] = managers.json
    result["metadata"] = .object(metadata)
    return .object(result)
  }

  private static func conflict(_ conflicts: [(entry: FieldManagers.Entry, fields: FieldSet)]) -> StatusError {
    var causes: [FieldError] = []
    var texts: [String] = []
    for (entry, fields) in conflicts {
      let paths = fields.paths
      let who = "\(goQuoted(entry.manager)) using \(entry.apiVersion)"
      for path in paths {
        causes.append(FieldError(type: "FieldManagerConflict", field: path, body: "conflict with \(who)"))
      }
      texts.append(
        paths.count == 1
          ? "conflict with \(who): \(paths[0])"
          : "conflicts with \(who):\n" + paths.map { "- \($0)" }.joined(separator: "\n"))
    }
    let count = causes.count
    return StatusError(
      code: 409, reason: "Conflict",
      message: "Apply failed with \(count) conflict\(count == 1 ? "" : "s"): " + texts.joined(separator: "\n"),
      causes: causes)
  }
}
