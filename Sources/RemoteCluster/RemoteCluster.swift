public import Cluster
public import KubeModel
internal import Threading

/// A cluster behind Kubernetes' REST API: one that another jobdeck runs, reached through its socket.
///
/// Whatever Kubernetes' API has is asked in its way, so that the same code could work on any API server. What only
/// jobdeck has (failed nodes, usage, positions in logs) is asked under `/jobdeck/v1`; a server without it is told by
/// its 404, and those calls are refused then.
public final class RemoteCluster: Cluster {
  /// What it is asked with.
  public let client: APIClient
  private let known: Locked<ClusterInfo>
  /// Whether the server is a jobdeck.
  public let isJobdeck: Bool

  /// Objects that one request of a list asks for.
  static let page = 5000

  /// Asks the server what it is.
  ///
  /// - Throws: 503 where none can be reached, or the server's refusal.
  public static func connect(_ client: APIClient) async throws(StatusError) -> RemoteCluster {
    do throws(StatusError) {
      return RemoteCluster(client, try await ownInfo(client, within: .seconds(5)), isJobdeck: true)
    } catch {
      guard error.code == 404 else { throw error }
      return RemoteCluster(client, ClusterInfo(flavor: .remote, location: client.place), isJobdeck: false)
    }
  }

  /// - Parameter isJobdeck: false for a server that has nothing but Kubernetes' own API.
  init(_ client: APIClient, _ info: ClusterInfo, isJobdeck: Bool) {
    self.client = client
    known = Locked(info)
    self.isJobdeck = isJobdeck
  }

  /// What the server says of itself now, or what it said last where it cannot be reached.
  public var info: ClusterInfo {
    get async {
      if isJobdeck, let info = try? await RemoteCluster.ownInfo(client) { known.withLock { $0 = info } }
      return known.withLock { $0 }
    }
  }

  private static func ownInfo(
    _ client: APIClient, within patience: Duration = APIClient.patience
  ) async throws(StatusError) -> ClusterInfo {
    let value = try await client.send(APICall("GET", ["jobdeck", "v1", "info"]), within: patience).json()
    return ClusterInfo(
      flavor: value["flavor"]?.string.flatMap { ClusterInfo.Flavor(rawValue: $0) } ?? .remote,
      location: value["location"]?.string ?? client.place, storageProblem: value["storageProblem"]?.string,
      isAttached: true)
  }

  // MARK: Reading

  public func list(_ kind: Kind, namespace: String?) async throws(StatusError) -> ObjectList {
    var items: [KubeObject] = []
    var version: UInt64 = 0
    var next: String?
    repeat {
      var call = APICall("GET", kind.path(namespace: namespace))
      call.query = [("limit", "\(RemoteCluster.page)")]
      if let next { call.query.append(("continue", next)) }
      let value = try await client.send(call).json()
      for item in value["items"]?.array ?? [] { items.append(try RemoteCluster.read(item, kind)) }
      version = value["metadata"]?["resourceVersion"]?.string.flatMap { UInt64($0) } ?? version
      next = value["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    } while next != nil
    return ObjectList(items: items.sorted { $0.key < $1.key }, version: version)
  }

  public func get(_ key: ObjectKey) async throws(StatusError) -> KubeObject {
    try await object(APICall("GET", key.path), key.kind)
  }

  public func watch(_ kinds: Set<Kind>, from version: UInt64?) async -> ChangeSequence {
    ChangeSequence(Pump.stream { [self] channel in try await watch(kinds, from: version, channel) })
  }

  // MARK: Changing

  public func create(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    var call = APICall("POST", object.kind.path(namespace: object.metadata.namespace), body: object.json())
    if dryRun { call.query = [("dryRun", "All")] }
    return try await self.object(call, object.kind)
  }

  public func update(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    var call = APICall("PUT", object.key.path, body: object.json())
    if dryRun { call.query = [("dryRun", "All")] }
    return try await self.object(call, object.kind)
  }

  public func updateStatus(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    var call = APICall("PUT", object.key.path + ["status"], body: object.json())
    if dryRun { call.query = [("dryRun", "All")] }
    return try await self.object(call, object.kind)
  }

  public func patch(
    _ key: ObjectKey, _ type: PatchType, _ document: JSONValue
  ) async throws(StatusError) -> KubeObject {
    try await object(
      APICall("PATCH", key.path, contentType: type.rawValue, body: Array(document.compactJSON.utf8)), key.kind)
  }

  @discardableResult
  public func delete(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) -> KubeObject? {
    let answer = try await client.send(APICall("DELETE", key.path, body: Array(options.json.compactJSON.utf8))).json()
    return answer["kind"]?.string == "Status" ? nil : try RemoteCluster.read(answer, key.kind)
  }

  public func evict(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) {
    let eviction: JSONValue = [
      "apiVersion": "policy/v1", "kind": "Eviction",
      "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)], "deleteOptions": options.json,
    ]
    _ = try await client.send(
      APICall("POST", key.path + ["eviction"], body: Array(eviction.compactJSON.utf8)))
  }

  public func setNodeFailed(_ name: String, _ failed: Bool) async throws(StatusError) {
    guard isJobdeck else { throw .onlyJobdeck("to take a node down") }
    _ = try await client.send(
      APICall("PUT", ["jobdeck", "v1", "nodes", name, "failed"], body: Array("\(failed)".utf8)))
  }

  // MARK: The rest

  public func logs(_ request: LogRequest) async throws(StatusError) -> LogSequence {
    isJobdeck ? try await positionedLogs(request) : try await plainLogs(request)
  }

  public func usage() async -> ClusterUsage {
    guard isJobdeck,
      let value = try? await client.send(APICall("GET", ["jobdeck", "v1", "usage"])).json()
    else { return ClusterUsage() }
    func readings(_ value: JSONValue?) -> [String: ClusterUsage.Usage] {
      var result: [String: ClusterUsage.Usage] = [:]
      for member in value?.object?.members ?? [] {
        guard let cpu = member.value["milliCPU"]?.int, let memory = member.value["memory"]?.int else { continue }
        result[member.name] = .init(milliCPU: Int(clamping: cpu), memory: Int(clamping: memory))
      }
      return result
    }
    return ClusterUsage(pods: readings(value["pods"]), nodes: readings(value["nodes"]))
  }

  /// Lets go of the server, which goes on without us.
  public func shutDown(grace: Duration) async { client.close() }

  private func object(_ call: APICall, _ kind: Kind) async throws(StatusError) -> KubeObject {
    try RemoteCluster.read(try await client.send(call).json(), kind)
  }

  /// What a server of another release has beyond our models is left out.
  static func read(_ value: JSONValue, _ kind: Kind) throws(StatusError) -> KubeObject {
    try KubeObject.read(value, expecting: kind, fieldValidation: .ignore).object
  }
}

extension Kind {
  /// `/apis/batch/v1/namespaces/default/jobs`; without a namespace, that of all namespaces together.
  func path(namespace: String?) -> [String] {
    let start = group.isEmpty ? ["api", version] : ["apis", group, version]
    guard isNamespaced, let namespace, !namespace.isEmpty else { return start + [plural] }
    return start + ["namespaces", namespace, plural]
  }
}

extension ObjectKey {
  var path: [String] { kind.path(namespace: namespace) + [name] }
}

extension DeleteOptions {
  /// meta/v1 DeleteOptions.
  public var json: JSONValue {
    var object = JSONObject([
      .init(name: "apiVersion", value: "v1"), .init(name: "kind", value: "DeleteOptions"),
    ])
    if let gracePeriodSeconds { object["gracePeriodSeconds"] = .int(Int64(gracePeriodSeconds)) }
    if uid != nil || resourceVersion != nil {
      var preconditions = JSONObject()
      if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
      if let uid { preconditions["uid"] = .string(uid) }
      object["preconditions"] = .object(preconditions)
    }
    if let propagationPolicy { object["propagationPolicy"] = .string(propagationPolicy.rawValue) }
    return .object(object)
  }
}

extension StatusError {
  static func onlyJobdeck(_ what: String) -> StatusError {
    StatusError(
      code: 501, reason: "NotImplemented", message: "\(what) is possible only in a cluster that jobdeck runs")
  }
}
