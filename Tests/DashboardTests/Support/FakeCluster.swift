import Cluster
import KubeModel

/// A cluster that holds objects and runs nothing.
actor FakeCluster: Cluster {
  private var objects: [ObjectKey: KubeObject] = [:]
  private var version: UInt64 = 0
  private var watchers: [Int: AsyncThrowingStream<[Change], any Error>.Continuation] = [:]
  private var usageNow: ClusterUsage
  private let logLines: [String]
  private(set) var requests: [String] = []
  private(set) var isShutDown = false
  nonisolated let info = ClusterInfo(flavor: .embedded, location: "~/.local/state/jobdeck")

  init(_ objects: [KubeObject], usage: ClusterUsage = ClusterUsage(), logLines: [String] = []) {
    for object in objects { self.objects[object.key] = object }
    version = UInt64(objects.count)
    usageNow = usage
    self.logLines = logLines
  }

  func list(_ kind: Kind, namespace: String?) async throws(StatusError) -> ObjectList {
    let items = objects.values.filter { $0.kind == kind && (namespace == nil || $0.metadata.namespace == namespace) }
    return ObjectList(items: items.sorted { $0.key < $1.key }, version: version)
  }

  func get(_ key: ObjectKey) async throws(StatusError) -> KubeObject {
    guard let object = objects[key] else { throw .notFound(key) }
    return object
  }

  func watch(_ kinds: Set<Kind>, from version: UInt64?) async -> ChangeSequence {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: [Change].self)
    continuation.yield(
      objects.values.filter { kinds.contains($0.kind) }.sorted { $0.key < $1.key }
        .map { Change(verb: .added, object: $0, version: self.version) })
    watchers[watchers.count] = continuation
    return ChangeSequence(stream)
  }

  private func change(_ verb: Change.Verb, _ object: KubeObject) {
    version += 1
    objects[object.key] = verb == .deleted ? nil : object
    for watcher in watchers.values { watcher.yield([Change(verb: verb, object: object, version: version)]) }
  }

  func create(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    requests.append("create \(object.key)\(dryRun ? " (dry run)" : "")")
    guard objects[object.key] == nil else { throw .alreadyExists(object.key) }
    var object = object
    object.metadata.uid = "made-\(version)"
    object.metadata.creationTimestamp = Fixture.now
    if !dryRun { change(.added, object) }
    return object
  }

  func update(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    requests.append("update \(object.key)")
    guard objects[object.key] != nil else { throw .notFound(object.key) }
    change(.modified, object)
    return object
  }

  func patch(_ key: ObjectKey, _ type: PatchType, _ document: JSONValue) async throws(StatusError) -> KubeObject {
    requests.append("patch \(key)")
    guard var object = objects[key] else { throw .notFound(key) }
    switch object {
    case .job(var job):
      if case .bool(let suspend)? = document["spec"]?["suspend"] { job.spec.suspend = suspend }
      object = .job(job)
    case .node(var node):
      if case .bool(let cordon)? = document["spec"]?["unschedulable"] { node.spec.unschedulable = cordon }
      object = .node(node)
    default: break
    }
    change(.modified, object)
    return object
  }

  func delete(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) -> KubeObject? {
    requests.append("delete \(key)")
    guard let object = objects[key] else { throw .notFound(key) }
    change(.deleted, object)
    return nil
  }

  func evict(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) {
    requests.append("evict \(key)")
    guard let object = objects[key] else { throw .notFound(key) }
    change(.deleted, object)
  }

  func setNodeFailed(_ name: String, _ failed: Bool) async throws(StatusError) {
    requests.append("\(failed ? "fail" : "recover") \(name)")
  }

  func logs(_ request: LogRequest) async throws(StatusError) -> LogSequence {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: [LogLine].self)
    let all = logLines.suffix(request.tailLines ?? .max)
    continuation.yield(
      all.enumerated().map { index, text in
        LogLine(
          time: Fixture.now - .milliseconds(Int64(all.count - index) * 137),
          stream: text.hasPrefix("error") ? .stderr : .stdout, bytes: Array(text.utf8))
      })
    if !request.follow { continuation.finish() }
    return LogSequence(stream)
  }

  func usage() async -> ClusterUsage { usageNow }

  func shutDown(grace: Duration) async {
    isShutDown = true
    for watcher in watchers.values { watcher.finish() }
  }
}
