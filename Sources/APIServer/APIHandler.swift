public import Cluster
public import KubeModel

/// The Kubernetes REST API over a cluster: takes requests, gives answers, and knows nothing of connections.
public struct APIHandler: Sendable {
  let cluster: any Cluster
  let now: @Sendable () -> Instant
  let encoded = EncodedObjects()
  let watches = SharedWatches()
  let observer = ControllerObserver()

  /// Bytes that a request's body may have, as in Kubernetes.
  public static let maximumBody = 3 * 1024 * 1024

  /// Serves `cluster`; `now` is what ages in tables are reckoned from.
  public init(cluster: any Cluster, now: @escaping @Sendable () -> Instant) {
    self.cluster = cluster
    self.now = now
  }

  /// The answer to a request. Every refusal is a `Status` object.
  public func respond(to request: APIRequest) async -> APIResponse {
    let answer: APIResponse
    do throws(StatusError) {
      answer = try await route(request)
    } catch {
      answer = .refusal(error)
    }
    return request.wantsPretty && request.path.first != "openapi" ? answer.pretty() : answer
  }

  private func route(_ request: APIRequest) async throws(StatusError) -> APIResponse {
    let path = request.path
    switch path.first {
    case nil: return try get(request) { Discovery.paths }
    case "version"? where path.count == 1: return try get(request) { Discovery.version }
    case "healthz"?, "livez"?, "readyz"?:
      return try health(request)
    case "metrics"? where path.count == 1: return try await metrics(request)
    case "openapi"?: return try OpenAPI.answer(request)
    case "api"?:
      if path.count == 1 { return try Discovery.answer(request, core: true) }
      return try await group("", path.dropFirst(), request)
    case "apis"?:
      if path.count == 1 { return try Discovery.answer(request, core: false) }
      if path.count == 2 {
        guard let group = Discovery.group(path[1]) else { throw .noSuchResource }
        return try get(request) { group }
      }
      return try await group(path[1], path.dropFirst(2), request)
    case "jobdeck"?: return try await own(path.dropFirst(), request)
    default: throw .noSuchResource
    }
  }

  /// Whether the server works: it answers, so it does. What a real one checks by itself is one thing here.
  private func health(_ request: APIRequest) throws(StatusError) -> APIResponse {
    // Load balancers ask for the head alone.
    guard ["GET", "HEAD"].contains(request.method) else { throw .methodNotAllowed }
    let checks = ["ping"]
    if request.path.count > 1 {
      guard request.path.count == 2, checks.contains(request.path[1]) else { throw .noSuchResource }
      return .text("ok")
    }
    guard request.query["verbose"] != nil else { return .text("ok") }
    return .text(checks.map { "[+]\($0) ok\n" }.joined() + "\(request.path[0]) check passed\n")
  }

  private func get(_ request: APIRequest, _ document: () -> JSONValue) throws(StatusError) -> APIResponse {
    guard request.method == "GET" else { throw .methodNotAllowed }
    return .json(document())
  }

  /// - Parameter rest: what follows the group, beginning with the version.
  private func group(
    _ group: String, _ rest: ArraySlice<String>, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    guard let version = rest.first else { throw .noSuchResource }
    var rest = Array(rest.dropFirst())
    if rest.isEmpty {
      guard let list = Discovery.resources(group: group, version: version) else { throw .noSuchResource }
      return try get(request) { list }
    }
    // Discovery tells everybody the same; what it leads to is done in nobody else's name.
    if request.impersonates {
      throw StatusError(
        code: 403, reason: "Forbidden",
        message: "impersonation is not offered: jobdeck has one owner, who may do everything")
    }
    var namespace: String?
    if rest[0] == "namespaces", rest.count >= 3,
      Resource.find(group: group, version: version, plural: rest[2])?.isNamespaced == true
        || !["status", "finalize"].contains(rest[2])
    {
      namespace = rest[1]
      rest.removeFirst(2)
    }
    if let review = ReviewResource.all.first(where: {
      $0.group == group && $0.version == version && $0.plural == rest[0]
    }) {
      guard rest.count == 1, request.method == "POST" else { throw .methodNotAllowed }
      return try answer(review, request)
    }
    if let fixed = FixedResource.find(group: group, version: version, plural: rest[0]) {
      return try await answer(fixed, namespace: namespace, rest.dropFirst(), request)
    }
    guard rest.count <= 3, let resource = Resource.find(group: group, version: version, plural: rest[0]),
      namespace == nil || resource.isNamespaced
    else { throw .noSuchResource }
    let target = Target(
      resource: resource, namespace: namespace, name: rest.count > 1 ? rest[1] : nil,
      subresource: rest.count > 2 ? rest[2] : nil)
    return try await serve(target, request)
  }

  private func serve(_ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    guard let name = target.name else { return try await serveCollection(target, request) }
    // Only all namespaces together can be listed without one.
    guard target.namespace != nil || !target.resource.isNamespaced else { throw .noSuchResource }
    let key = ObjectKey(target.resource.kind, namespace: target.namespace ?? "", name: name)
    if let subresource = target.subresource {
      return try await serve(subresource: subresource, of: key, target, request)
    }
    switch request.method {
    case "GET":
      if request.query.flag("watch") { return try await watch(target, only: name, request) }
      return try await show(key, target, request)
    case "PUT" where target.allows("update"): return try await update(key, target, request)
    case "PATCH" where target.allows("patch"): return try await patch(key, target, request)
    case "DELETE": return try await delete(key, target, request)
    default: throw .methodNotAllowed
    }
  }

  private func serveCollection(_ target: Target, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    switch request.method {
    case "GET":
      return request.query.flag("watch") ? try await watch(target, request) : try await list(target, request)
    case "POST" where target.allows("create"):
      guard target.namespace != nil || !target.resource.isNamespaced else { throw .methodNotAllowed }
      return try await create(target, request)
    case "DELETE" where target.allows("deletecollection"):
      guard target.namespace != nil || !target.resource.isNamespaced else { throw .methodNotAllowed }
      return try await deleteCollection(target, request)
    default: throw .methodNotAllowed
    }
  }

  private func serve(
    subresource: String, of key: ObjectKey, _ target: Target, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    guard let found = target.resource.subresources.first(where: { $0.name == subresource }) else {
      throw .noSuchResource
    }
    switch (subresource, request.method) {
    case ("status", "GET"): return try await show(key, target, request)
    case ("status", "PUT") where found.verbs.contains("update"):
      return try await update(key, target, request)
    case ("status", "PATCH") where found.verbs.contains("patch"):
      return try await patch(key, target, request)
    case ("log", "GET"): return try await log(key, request)
    case ("eviction", "POST"): return try await evict(key, request)
    case ("binding", "POST"):
      _ = try await cluster.get(key)
      throw .notOffered("binding is not offered: jobdeck's own scheduler places every pod")
    case ("token", "POST"):
      _ = try await cluster.get(key)
      throw .notOffered("tokens are not offered: jobdeck has one owner, and no rights below that")
    case ("exec", _), ("attach", _), ("portforward", _):
      _ = try await cluster.get(key)
      throw .notOffered("\(subresource) is not offered: containers here are processes of the machine that runs jobdeck")
    default: throw .methodNotAllowed
    }
  }
}

/// What a request's path is about.
struct Target: Sendable {
  var resource: Resource
  /// `nil`: all of them, or a kind without.
  var namespace: String?
  /// `nil`: the collection.
  var name: String?
  var subresource: String?

  func allows(_ verb: String) -> Bool { resource.verbs.contains(verb) }
}
