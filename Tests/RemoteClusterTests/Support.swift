import APIServer
import Cluster
import Foundation
import KubeModel
import RemoteCluster
import Testing

/// Serves `cluster` on a socket in a new folder while `body` runs.
func serving<Result: Sendable>(
  _ cluster: any Cluster, at path: String? = nil, _ body: @escaping (_ socket: String) async throws -> Result
) async throws -> Result {
  let folder = try TemporaryFolder()
  let socket = path ?? folder.path + "/api.sock"
  let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      // A listener that could not begin must not keep the test waiting: the first request says so.
      defer { isReady.finish() }
      let handler = APIHandler(cluster: cluster) { Instant(seconds: 1_800_000_000) }
      try await APIListener(handler, socket: socket).run { _ in isReady.yield() }
    }
    for await _ in ready { break }
    defer { group.cancelAll() }
    return try await body(socket)
  }
}

/// A simulated cluster behind its API, and both ways to it.
struct Rig {
  let embedded: EmbeddedCluster
  let remote: RemoteCluster
  let client: APIClient

  static func run(_ body: @escaping (Rig) async throws -> Void) async throws {
    let embedded = try await EmbeddedCluster.open(.init(location: .inMemory, runtime: .simulated, seed: 1))
    do {
      try await serving(embedded) { socket in
        let client = APIClient(socket: socket)
        let remote = try await RemoteCluster.connect(client)
        try await body(Rig(embedded: embedded, remote: remote, client: client))
        await remote.shutDown(grace: .zero)
      }
    } catch {
      await embedded.shutDown(grace: .zero)
      throw error
    }
    await embedded.shutDown(grace: .zero)
  }

  /// A job whose pods take `duration` in real time.
  static func job(_ name: String, duration: String = "0s", suspended: Bool = false) -> KubeObject {
    var job = Job()
    job.metadata.name = name
    job.metadata.namespace = "default"
    job.spec.suspend = suspended
    job.spec.template.spec.restartPolicy = .never
    job.spec.template.metadata.annotations["jobdeck.dev/duration"] = duration
    var container = Container()
    container.name = "main"
    container.image = "local"
    job.spec.template.spec.containers = [container]
    return .job(job)
  }

  static func key(_ name: String) -> ObjectKey { ObjectKey(.job, namespace: "default", name: name) }
}

final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    // Short: the name of a socket has 107 bytes at most.
    path = "/tmp/jd-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The refusal that `body` meets.
func refusal(_ body: () async throws(StatusError) -> some Any) async -> StatusError? {
  do throws(StatusError) {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}

/// A cluster that says what a test tells it to.
final class ToldCluster: Cluster {
  let watches: @Sendable (UInt64?) -> AsyncThrowingStream<[Change], any Error>
  let lines: [LogLine]
  let asked = Asked()

  actor Asked {
    var versions: [UInt64?] = []
    var logs: [LogRequest] = []
    func watch(_ version: UInt64?) { versions.append(version) }
    func log(_ request: LogRequest) { logs.append(request) }
  }

  init(
    lines: [LogLine] = [],
    watches: @escaping @Sendable (UInt64?) -> AsyncThrowingStream<[Change], any Error> = { _ in
      AsyncThrowingStream { $0.finish() }
    }
  ) {
    self.lines = lines
    self.watches = watches
  }

  var info: ClusterInfo {
    get async { ClusterInfo(flavor: .embedded, location: "/some/where", storageProblem: "the disk is full") }
  }
  func list(_ kind: Kind, namespace: String?) async throws(StatusError) -> ObjectList {
    ObjectList(items: [], version: 7)
  }
  func get(_ key: ObjectKey) async throws(StatusError) -> KubeObject { throw .notFound(key) }
  func watch(_ kinds: Set<Kind>, from version: UInt64?) async -> ChangeSequence {
    await asked.watch(version)
    return ChangeSequence(watches(version))
  }
  func create(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject { object }
  func update(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject { object }
  func patch(_ key: ObjectKey, _ type: PatchType, _ document: JSONValue) async throws(StatusError) -> KubeObject {
    throw .notFound(key)
  }
  func delete(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) -> KubeObject? { nil }
  func evict(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) {}
  func setNodeFailed(_ name: String, _ failed: Bool) async throws(StatusError) {}
  func logs(_ request: LogRequest) async throws(StatusError) -> LogSequence {
    await asked.log(request)
    return LogSequence(
      AsyncThrowingStream { continuation in
        for line in lines { continuation.yield([line]) }
        continuation.finish()
      })
  }
  func usage() async -> ClusterUsage {
    ClusterUsage(
      pods: ["uid": .init(milliCPU: 12, memory: 3 << 20)], nodes: ["node-1": .init(milliCPU: 12, memory: 3 << 20)])
  }
  func shutDown(grace: Duration) async {}
}
