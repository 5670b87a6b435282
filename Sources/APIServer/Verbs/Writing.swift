internal import Cluster
internal import KubeModel

extension APIHandler {
  func create(_ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let isDryRun = try isDryRun(request.query.values("dryRun"))
    let rendering = try rendering(target, request, isDryRun: isDryRun)
    let decoded = try object(target, request)
    let created = try await cluster.create(decoded.object, dryRun: isDryRun)
    var warnings = decoded.warnings
    if case .job(let job) = decoded.object { warnings += job.warnings() }
    return rendering.response(rendering.bytes(created), code: 201, warnings: warnings)
  }

  func update(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let isDryRun = try isDryRun(request.query.values("dryRun"))
    let rendering = try rendering(target, request, isDryRun: isDryRun)
    var decoded = try object(target, request)
    let current = try await cluster.get(key)
    if current.metadata.managedFields != nil { decoded.object = owned(decoded.object, from: current, target, request) }
    let updated = try await cluster.update(decoded.object, dryRun: isDryRun)
    return rendering.response(rendering.bytes(updated), warnings: decoded.warnings)
  }

  func updateStatus(
    _ key: ObjectKey, _ target: Target, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    let decoded = try object(target, request)
    guard try !isDryRun(request.query.values("dryRun")) else { throw APIHandler.noDryRunOfStatus }
    let current = try await cluster.get(key)
    let updated = try await cluster.updateStatus(decoded.object.keepingTimes(of: current))
    return rendering.response(rendering.bytes(updated), warnings: decoded.warnings)
  }

  private static let noDryRunOfStatus = StatusError.badRequest("a dry run of a status is not offered")

  // MARK: Patches

  /// How often a patch is made anew because the object changed meanwhile.
  static let attempts = 5

  func patch(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    if MediaType(request.contentType).name == APIHandler.applyType { return try await apply(key, target, request) }
    let isDryRun = try isDryRun(request.query.values("dryRun"))
    let rendering = try rendering(target, request, isDryRun: isDryRun)
    return try await patching(key, request, rendering) { patch, patched, current throws(StatusError) in
      // Where fields have owners, who owns them changes with them.
      if !isDryRun, current.metadata.managedFields == nil, let type = patch.atomicType {
        return try await cluster.patch(key, type, patch.value)
      }
      var object = patch.setsOwners ? patched : owned(patched, from: current, target, request)
      if object.metadata.resourceVersion.isEmpty {
        object.metadata.resourceVersion = current.metadata.resourceVersion
      }
      return try await cluster.update(object, dryRun: isDryRun)
    }
  }

  func patchStatus(
    _ key: ObjectKey, _ target: Target, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    guard try !isDryRun(request.query.values("dryRun")) else { throw APIHandler.noDryRunOfStatus }
    return try await patching(key, request, rendering) { _, patched, current throws(StatusError) in
      try await cluster.updateStatus(patched.keepingTimes(of: current))
    }
  }

  /// Applies the request's patch to the object as it is and has the outcome written, anew where the object changed
  /// meanwhile and the patch does not say which version it is for.
  private func patching(
    _ key: ObjectKey, _ request: APIRequest, _ rendering: Rendering,
    _ write: (_ patch: PatchDocument, _ patched: KubeObject, _ current: KubeObject) async throws(StatusError)
      -> KubeObject
  ) async throws(StatusError) -> APIResponse {
    let validation = try fieldValidation(request.query)
    let patch = try PatchDocument(request)
    var last = StatusError.conflict(key)
    for _ in 0..<APIHandler.attempts {
      let current = try await cluster.get(key)
      let patched = try patch.apply(to: current, validation)
      do throws(StatusError) {
        let result = try await write(patch, patched.object, current)
        return rendering.response(rendering.bytes(result), warnings: patched.warnings)
      } catch {
        guard error.reason == "Conflict", !patch.setsVersion else { throw error }
        last = error
      }
    }
    throw last
  }
}

/// A patch as it came.
struct PatchDocument: Sendable {
  enum Form: Hashable, Sendable {
    case json, merge, strategic
  }

  static let mediaTypes = [
    "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
    APIHandler.applyType,
  ]

  var form: Form
  var value: JSONValue

  init(_ request: APIRequest) throws(StatusError) {
    switch MediaType(request.contentType).name {
    case "application/json-patch+json": form = .json
    case "application/merge-patch+json": form = .merge
    case "application/strategic-merge-patch+json": form = .strategic
    default: throw .unsupportedMediaType(accepted: PatchDocument.mediaTypes)
    }
    do throws(JSONError) {
      value = try JSONParser.parse(request.body)
    } catch {
      throw .badRequest("error decoding patch: \(error.message)")
    }
  }

  /// How the cluster itself can apply it, all at once.
  var atomicType: PatchType? {
    switch form {
    case .json: .json
    case .merge: .merge
    case .strategic: nil
    }
  }

  /// Whether it says itself who owns what, as kubectl does when it hands fields over.
  var setsOwners: Bool {
    if value["metadata"]?["managedFields"] != nil { return true }
    return value.array?.contains { $0["path"]?.string?.hasPrefix("/metadata/managedFields") == true } ?? false
  }

  /// Whether it insists on a version, so that it must not be tried again on another.
  var setsVersion: Bool { value["metadata"]?["resourceVersion"] != nil }

  func apply(to object: KubeObject, _ validation: FieldValidation) throws(StatusError) -> DecodedObject {
    let before = object.jsonValue
    let after: JSONValue
    do throws(PatchError) {
      switch form {
      case .json: after = try before.applying(value, type: .json)
      case .merge: after = try before.applying(value, type: .merge)
      case .strategic: after = try StrategicMerge.apply(value, to: before)
      }
    } catch {
      throw error.statusError
    }
    let decoded = try KubeObject.read(after, expecting: object.kind, fieldValidation: validation)
    let key = decoded.object.key
    guard key.name == object.metadata.name else {
      throw .badRequest(
        "the name of the object (\(key.name)) does not match the name on the URL (\(object.metadata.name))")
    }
    guard key == object.key else {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
    return decoded
  }
}
