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
        try wish.options.check(before)
        return .json(APIHandler.success(before, target.resource), warnings: warnings)
      }
      // What waits for a process, a finalizer or a collector is shown as it stands.
      if let after = try await cluster.delete(key, wish.options) {
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
    try ListOptions.check(request.query, watches: false)
    let wish = try DeletionWish(request)
    let selection = try Selection(target, request.query)
    let list = try await cluster.list(selection.kind, namespace: selection.namespace)
    let objects = list.items.filter(selection.matches)
    for object in objects {
      do throws(StatusError) {
        if wish.isDryRun {
          try wish.options.check(object)
        } else {
          try await cluster.delete(object.key, wish.options)
        }
      } catch {
        // Someone else was faster, or it is one that stays.
        guard error.code == 404 || (error.code == 403 && object.kind == .priorityClass) else { throw error }
      }
    }
    return rendering.response(
      await rendering.list(objects, Rendering.ListFacts(version: String(list.version))),
      warnings: objects.isEmpty ? [] : wish.options.warnings(for: selection.kind))
  }

  func evict(_ key: ObjectKey, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let document = request.body.isEmpty ? nil : try RequestDocument.read(request, expecting: "Eviction")
    if let kind = document?.value["kind"]?.string, kind != "Eviction" {
      throw .badRequest("\(kind) in version \"v1\" cannot be handled as a Eviction")
    }
    if let name = document?.value["metadata"]?["name"]?.string, !name.isEmpty, name != key.name {
      throw .badRequest("name in URL does not match name in Eviction object")
    }
    let asked = try WriteOptions(request, .create)
    let wish = try DeletionWish(document?.value["deleteOptions"] ?? .object(JSONObject()))
    let pod = try await cluster.get(key)
    if asked.isDryRun || wish.isDryRun {
      try wish.options.check(pod)
    } else {
      try await cluster.evict(key, wish.options)
    }
    return .json(
      [
        "kind": "Status", "apiVersion": "v1", "metadata": .object(JSONObject()), "status": "Success", "code": 201,
      ], code: 201)
  }
}

/// How something is to be deleted: meta/v1 DeleteOptions, in a request's body or, where it has none, in its query.
struct DeletionWish: Sendable {
  var options = DeleteOptions()
  var isDryRun = false

  init(_ request: APIRequest) throws(StatusError) {
    guard request.body.isEmpty else {
      let body = try RequestDocument.read(request, expecting: "DeleteOptions").value
      if let kind = body["kind"]?.string, kind != "DeleteOptions" {
        throw .badRequest("\(goQuoted(kind)) cannot be handled as a DeleteOptions")
      }
      try self.init(body)
      return
    }
    try self.init(try DeletionWish.body(request.query))
  }

  /// The query as a body would say it.
  private static func body(_ query: APIRequest.Query) throws(StatusError) -> JSONValue {
    var body = JSONObject()
    if let seconds = try query.integer("gracePeriodSeconds") { body["gracePeriodSeconds"] = .int(Int64(seconds)) }
    body["propagationPolicy"] = query["propagationPolicy"].map { .string($0) }
    if query["orphanDependents"] != nil { body["orphanDependents"] = .bool(query.flag("orphanDependents")) }
    body["dryRun"] = .array(query.values("dryRun").map { .string($0) })
    return .object(body)
  }

  init(_ body: JSONValue) throws(StatusError) {
    options.gracePeriodSeconds = try DeletionWish.member("gracePeriodSeconds", body, "int64", \.int).map { Int($0) }
    let preconditions = body["preconditions"]
    options.uid = try DeletionWish.member("uid", preconditions, "types.UID", \.string)
    options.resourceVersion = try DeletionWish.member("resourceVersion", preconditions, "string", \.string)
    let dryRun = try DeletionWish.member("dryRun", body, "[]string", \.array) ?? []
    try take(
      policy: try DeletionWish.member("propagationPolicy", body, "v1.DeletionPropagation", \.string),
      orphans: try DeletionWish.member("orphanDependents", body, "bool") { $0.bool },
      dryRun: dryRun.compactMap(\.string))
  }

  /// A member that is absent, null, or of its type.
  private static func member<Value>(
    _ name: String, _ object: JSONValue?, _ type: String, _ read: (JSONValue) -> Value?
  ) throws(StatusError) -> Value? {
    guard let value = object?[name], value != .null else { return nil }
    guard let result = read(value) else {
      throw .badRequest(
        "DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: json: cannot unmarshal \(value.goKind) "
          + "into Go struct field DeleteOptions.\(name) of type \(type)")
    }
    return result
  }

  private mutating func take(policy: String?, orphans: Bool?, dryRun: [String]) throws(StatusError) {
    var errors: [FieldError] = []
    if orphans != nil, let policy {
      errors.append(
        .invalid(
          "propagationPolicy", .string(policy), "orphanDependents and deletionPropagation cannot be both set"))
    }
    if let policy, PropagationPolicy(rawValue: policy) == nil {
      errors.append(.notSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]))
    }
    errors += WriteOptions.check(dryRun: dryRun)
    try StatusError.refuse(options: "DeleteOptions", errors)
    isDryRun = !dryRun.isEmpty
    if let seconds = options.gracePeriodSeconds, seconds < 0 { options.gracePeriodSeconds = 1 }
    if let orphans { options.propagationPolicy = orphans ? .orphan : .background }
    if let policy { options.propagationPolicy = PropagationPolicy(rawValue: policy) }
  }
}

extension JSONValue {
  fileprivate var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
}
