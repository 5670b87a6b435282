internal import Cluster
internal import KubeModel

extension APIHandler {
  /// How often a change is made anew because the object changed meanwhile.
  static let attempts = 5

  func create(_ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let options = try WriteOptions(request, .create)
    let rendering = try rendering(target, request, isDryRun: options.isDryRun)
    var decoded = try object(target, request, options.validation)
    do throws(StatusError) {
      let errors = target.resource.conversion?.validate(decoded.object) ?? []
      if !errors.isEmpty { throw .invalid(target.resource.kind, name: decoded.object.metadata.name, errors) }
      decoded.object = owned(decoded.object, from: nil, FieldWriter(options, target))
      let created = try await cluster.create(decoded.object, dryRun: options.isDryRun)
      return rendering.response(rendering.bytes(created), code: 201, warnings: decoded.warnings + created.warnings())
    } catch {
      return .refusal(error, warnings: decoded.warnings)
    }
  }

  func update(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let options = try WriteOptions(request, .update)
    let rendering = try rendering(target, request, isDryRun: options.isDryRun)
    let decoded = try object(target, request, options.validation)
    let version = decoded.object.metadata.resourceVersion
    do throws(StatusError) {
      return try await anew(key, isBound: !version.isEmpty && version != "0") { current throws(StatusError) in
        let object = owned(decoded.object, from: current, FieldWriter(options, target))
        let updated = try await write(object, over: current, target, dryRun: options.isDryRun)
        return rendering.response(
          rendering.bytes(updated), warnings: decoded.warnings + warnings(updated, current, target))
      }
    } catch {
      return .refusal(error, warnings: decoded.warnings)
    }
  }

  func patch(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    if MediaType(request.contentType).name == APIHandler.applyType { return try await apply(key, target, request) }
    let options = try WriteOptions(request, .patch)
    let rendering = try rendering(target, request, isDryRun: options.isDryRun)
    let patch = try PatchDocument(request)
    return try await anew(key, isBound: patch.setsVersion) { current throws(StatusError) in
      let patched = try patch.apply(to: current, target, options.validation)
      let object = owned(patched.object, from: current, FieldWriter(options, target))
      let result: KubeObject
      if !options.isDryRun, target.subresource == nil, object.metadata.managedFields == nil,
        let type = patch.atomicType
      {
        // Where nobody owns a field, the cluster does all of it at once.
        result = try await cluster.patch(key, type, patch.value)
      } else {
        result = try await write(object, over: current, target, dryRun: options.isDryRun, isPatch: true)
      }
      return rendering.response(rendering.bytes(result), warnings: patched.warnings + warnings(result, current, target))
    }
  }

  /// Changes an object as it is, and anew where it changed meanwhile.
  ///
  /// - Parameter isBound: whether the client says for which version its change is, so that it is tried but once.
  private func anew(
    _ key: ObjectKey, isBound: Bool,
    _ change: (_ current: KubeObject) async throws(StatusError) -> APIResponse
  ) async throws(StatusError) -> APIResponse {
    var last = StatusError.conflict(key)
    for _ in 0..<APIHandler.attempts {
      do throws(StatusError) {
        return try await change(try await cluster.get(key))
      } catch {
        guard error.reason == "Conflict", error.causes.isEmpty, !isBound else { throw error }
        last = error
      }
    }
    throw last
  }

  /// Has an object written in place of the one that was read, or only its status.
  func write(
    _ object: KubeObject, over current: KubeObject, _ target: Target, dryRun: Bool, isPatch: Bool = false
  ) async throws(StatusError) -> KubeObject {
    var object = object
    if ["", "0"].contains(object.metadata.resourceVersion) {
      object.metadata.resourceVersion = current.metadata.resourceVersion
    }
    if target.subresource == "status" {
      return try await cluster.updateStatus(object.keepingTimes(of: current), dryRun: dryRun)
    }
    return try await cluster.update(object, dryRun: dryRun)
  }

  /// A status is nobody's manifest.
  func warnings(_ object: KubeObject, _ old: KubeObject, _ target: Target) -> [String] {
    target.subresource == nil ? object.warnings(replacing: old) : []
  }
}
