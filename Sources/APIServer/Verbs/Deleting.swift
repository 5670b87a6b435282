internal import Cluster
internal import KubeModel

extension APIHandler {
  func delete(_ key: ObjectKey, _ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    let wish = try DeletionWish(request)
    let warnings = wish.options.warnings(for: key.kind)
    do throws(StatusError) {
      let before = try await cluster.get(key)
      if wish.isDryRun {
        return .json(APIHandler.success(before, target.resource), warnings: warnings)
      }
      try await cluster.delete(key, wish.options)
      // What waits for a process or a finalizer is there still, and is shown as it stands.
      if let after = try? await cluster.get(key), after.metadata.uid == before.metadata.uid {
        return rendering.response(rendering.bytes(after), warnings: warnings)
      }
      return .json(APIHandler.success(before, target.resource), warnings: warnings)
    } catch {
      return .refusal(error, warnings: warnings)
    }
  }

  private static func success(_ object: KubeObject, _ resource: Resource) -> JSONValue {
    var details = JSONObject([.init(name: "name", value: .string(object.metadata.name))])
    if !resource.group.isEmpty { details["group"] = .string(resource.group) }
    details["kind"] = .string(resource.plural)
    details["uid"] = .string(object.metadata.uid)
    return [
      "kind": "Status", "apiVersion": "v1", "metadata": .object(JSONObject()), "status": "Success",
      "details": .object(details),
    ]
  }

  func deleteCollection(_ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let rendering = try rendering(target, request)
    let wish = try DeletionWish(request)
    let selection = try Selection(target, request.query)
    let list = try await cluster.list(selection.kind, namespace: selection.namespace)
    let objects = list.items.filter(selection.matches)
    if !wish.isDryRun {
      for object in objects {
        do throws(StatusError) {
          try await cluster.delete(object.key, wish.options)
        } catch {
          // Someone else was faster.
          guard error.code == 404 else { throw error }
        }
      }
    }
    return rendering.response(
      rendering.list(objects, Rendering.ListFacts(version: String(list.version))),
      warnings: objects.isEmpty ? [] : wish.options.warnings(for: selection.kind))
  }

  func evict(_ key: ObjectKey, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let document = request.body.isEmpty ? nil : try RequestDocument.read(request, expecting: "Eviction")
    if let name = document?.value["metadata"]?["name"]?.string, !name.isEmpty, name != key.name {
      throw .badRequest("name in URL does not match name in Eviction object")
    }
    let options = document?.value["deleteOptions"]
    let isDryRun = try isDryRun(
      request.query.values("dryRun") + (options?["dryRun"]?.array ?? []).compactMap(\.string))
    _ = try await cluster.get(key)
    if !isDryRun { try await cluster.evict(key) }
    return .json(
      [
        "kind": "Status", "apiVersion": "v1", "metadata": .object(JSONObject()), "status": "Success", "code": 201,
      ], code: 201)
  }
}

/// How something is to be deleted, as a request's body or its query says it.
struct DeletionWish: Sendable {
  var options = DeleteOptions()
  var isDryRun = false

  init(_ request: APIRequest) throws(StatusError) {
    var dryRun = request.query.values("dryRun")
    var policy = request.query["propagationPolicy"]
    var orphans = request.query["orphanDependents"].map { $0 == "true" || $0 == "1" }
    if let text = request.query["gracePeriodSeconds"] {
      guard let seconds = Int(text) else {
        throw .badRequest("strconv.ParseInt: parsing \(goQuoted(text)): invalid syntax")
      }
      options.gracePeriodSeconds = seconds
    }
    if !request.body.isEmpty {
      let body = try RequestDocument.read(request, expecting: "DeleteOptions").value
      if let kind = body["kind"]?.string, kind != "DeleteOptions" {
        throw .badRequest("\(goQuoted(kind)) cannot be handled as a DeleteOptions")
      }
      if let seconds = body["gracePeriodSeconds"]?.int { options.gracePeriodSeconds = Int(seconds) }
      if let text = body["propagationPolicy"]?.string { policy = text }
      if case .bool(let value)? = body["orphanDependents"] { orphans = value }
      options.uid = body["preconditions"]?["uid"]?.string
      options.resourceVersion = body["preconditions"]?["resourceVersion"]?.string
      dryRun += (body["dryRun"]?.array ?? []).compactMap(\.string)
    }
    for value in dryRun where !value.isEmpty {
      guard value == "All" else {
        throw APIHandler.options(
          "dryRun", "Unsupported value: \(goQuoted(value)): supported values: \"All\"",
          type: "FieldValueNotSupported", kind: "DeleteOptions")
      }
      isDryRun = true
    }
    if let seconds = options.gracePeriodSeconds, seconds < 0 { options.gracePeriodSeconds = 1 }
    if let orphans { options.propagationPolicy = orphans ? .orphan : .background }
    if let policy, !policy.isEmpty {
      guard let value = PropagationPolicy(rawValue: policy) else {
        throw APIHandler.options(
          "propagationPolicy",
          "Unsupported value: \(goQuoted(policy)): supported values: \"Background\", \"Foreground\", \"Orphan\"",
          type: "FieldValueNotSupported", kind: "DeleteOptions")
      }
      options.propagationPolicy = value
    }
  }
}
