internal import Cluster
internal import KubeModel

extension APIHandler {
  static let applyType = "application/apply-patch+yaml"

  /// Server-side apply: the object comes to be what the document says of the fields that it names, and its manager
  /// comes to own them.
  func apply(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let options = try WriteOptions(request, .apply)
    let rendering = try rendering(target, request, isDryRun: options.isDryRun)
    let document = try RequestDocument.yaml(request.body)
    if let version = document["apiVersion"]?.string, version != target.resource.groupVersion {
      throw .badRequest(
        "Incorrect version specified in apply patch. Specified patch version: \(version), expected: "
          + target.resource.groupVersion)
    }
    if document["metadata"]?["managedFields"] ?? .null != .null {
      throw .badRequest("metadata.managedFields must be nil")
    }
    try TypedDocument.check(document, target.resource)
    var place = target
    place.name = key.name
    var asked = request
    asked.contentType = "application/json"
    asked.body = Rendering.bytes(document)
    let decoded = try object(place, asked, options.validation)
    let applied = AppliedConfiguration(
      writer: FieldWriter(options, target), document: document, forces: options.forces,
      time: now().rfc3339(fraction: false))
    let isBound = document["metadata"]?["resourceVersion"] != nil
    var last = StatusError.conflict(key)
    for _ in 0..<APIHandler.attempts {
      do throws(StatusError) {
        guard let current = try await existing(key, isNeeded: target.subresource != nil || isBound) else {
          var object = decoded.object
          object.metadata.managedFields = applied.first.json
          let created = try await cluster.create(object, dryRun: options.isDryRun)
          return rendering.response(
            rendering.bytes(created), code: 201, warnings: decoded.warnings + created.warnings())
        }
        let merged = target.resource.inward(try applied.merged(into: current, target.resource))
        let read = try KubeObject.read(merged, expecting: key.kind, fieldValidation: options.validation)
        let updated = try await write(read.object, over: current, target, dryRun: options.isDryRun)
        return rendering.response(
          rendering.bytes(updated), warnings: read.warnings + warnings(updated, current, target))
      } catch {
        // Someone else was faster; a conflict of owners has causes.
        let isRace = error.reason == "AlreadyExists" || (error.reason == "Conflict" && error.causes.isEmpty)
        guard isRace, !isBound else { throw error }
        last = error
      }
    }
    throw last
  }

  /// - Parameter isNeeded: whether it is an error that there is none.
  private func existing(_ key: ObjectKey, isNeeded: Bool) async throws(StatusError) -> KubeObject? {
    do throws(StatusError) {
      return try await cluster.get(key)
    } catch {
      guard error.code == 404, !isNeeded else { throw error }
      return nil
    }
  }
}

/// What is applied, and by whom.
struct AppliedConfiguration: Sendable {
  var writer: FieldWriter
  var document: JSONValue
  /// Whether fields are taken from their owners.
  var forces: Bool
  var time: String

  private var entry: FieldManagers.Entry {
    writer.entry(.apply, time: time, FieldSet(of: FieldManagers.ownable(document, writer.subresource)))
  }

  /// The owners of an object that it makes.
  var first: FieldManagers {
    var managers = FieldManagers(nil)
    managers.apply(entry, forced: FieldSet())
    return managers
  }

  /// The object after it, its owners with it.
  func merged(into object: KubeObject, _ resource: Resource) throws(StatusError) -> JSONValue {
    let live = resource.outward(object)
    var managers = FieldManagers(object.metadata.managedFields)
    managers.begin(with: live, apiVersion: writer.apiVersion, time: time)
    let entry = entry
    let changing = entry.fields.differing(
      FieldManagers.ownable(live, writer.subresource), FieldManagers.ownable(document, writer.subresource))
    let conflicts = managers.conflicts(entry, changing)
    let isTakenOver = !conflicts.isEmpty && isLastApplied(conflicts, live)
    if !forces, !isTakenOver, !conflicts.isEmpty { throw AppliedConfiguration.conflict(conflicts) }
    // What it applied once and names no more goes, unless others own it too.
    let dropped = managers.fields(of: entry).subtracting(entry.fields).subtracting(
      managers.fields(ofOthersThan: entry))
    let kept = dropped.removed(from: live) ?? live
    let merged: JSONValue
    do throws(PatchError) {
      merged = try StrategicMerge.apply(document, to: kept, keys: .applied)
    } catch {
      throw error.statusError
    }
    managers.apply(entry, forced: forces || isTakenOver ? changing : FieldSet())
    guard var result = merged.object, var metadata = result["metadata"]?.object else { return merged }
    metadata["managedFields"] = managers.json
    result["metadata"] = .object(metadata)
    return .object(result)
  }

  /// Whether all that is in conflict is what `kubectl apply` set itself before it applied on the server, and nobody has
  /// changed since (apimachinery, managedfields: lastAppliedManager).
  private func isLastApplied(_ conflicts: [(entry: FieldManagers.Entry, fields: FieldSet)], _ live: JSONValue) -> Bool {
    let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    guard writer.manager == "kubectl", let text = live["metadata"]?["annotations"]?[annotation]?.string,
      let last = try? JSONParser.parse(Array(text.utf8))
    else { return false }
    let ownable = FieldManagers.ownable(last, writer.subresource)
    let applied = FieldSet(of: ownable)
    let allowed = applied.subtracting(applied.differing(ownable, FieldManagers.ownable(live, writer.subresource)))
    return conflicts.allSatisfy { $0.fields.subtracting(allowed).isEmpty }
  }

  private static func conflict(_ conflicts: [(entry: FieldManagers.Entry, fields: FieldSet)]) -> StatusError {
    var causes: [FieldError] = []
    var lines: [String] = []
    for (entry, fields) in conflicts {
      lines.append("conflicts with \(entry.title):")
      for path in fields.paths {
        causes.append(FieldError(type: "FieldManagerConflict", field: path, body: "conflict with \(entry.title)"))
        lines.append("- \(path)")
      }
    }
    let message =
      causes.count == 1
      ? "Apply failed with 1 conflict: \(causes[0].body): \(causes[0].field)"
      : "Apply failed with \(causes.count) conflicts: " + lines.joined(separator: "\n")
    return StatusError(code: 409, reason: "Conflict", message: message, causes: causes)
  }
}
