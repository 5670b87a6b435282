internal import ControlPlane
internal import Executor
public import KubeModel
internal import Threading

/// A Kubernetes batch cluster within this process: real processes or simulated pods on simulated nodes.
///
/// Every call is a message to the cluster's own thread (see `Engine`); the caller waits without holding a thread.
/// Whatever a call returns, and whatever a watch shows, is on disk before.
///
/// When the cluster was not shut down (a crash, a power cut), and also for what still ran when it was, the next
/// `open` on the same state directory finds the pods' processes gone: it reports those pods as failed, and their jobs
/// go on as their policies say.
public final class EmbeddedCluster: Cluster {
  private let inbox: Inbox<Engine.Message>
  private let parts: EngineAssembly.Parts
  private let hasEnded: Latch

  /// Opens the cluster, and creates it where there is none yet.
  ///
  /// - Throws: `StateDirectoryError` for a state directory that is in use, or that cannot be used, `StatusError` for
  ///   nodes that are refused, or another error of one line where the system has no threads or processes left.
  public static func open(_ options: Options) async throws -> EmbeddedCluster {
    try await open(options) { $0 }
  }

  static func open(
    _ options: Options, wrapStore: @escaping @Sendable (any ObjectStore) -> any ObjectStore
  ) async throws -> EmbeddedCluster {
    let inbox = Inbox<Engine.Message>()
    let hasEnded = Latch()
    let parts = try await withCheckedThrowingContinuation { continuation in
      do {
        try startThread(name: "jobdeck-engine") {
          EmbeddedCluster.work(options, inbox, wrapStore) { continuation.resume(with: $0) }
          hasEnded.open()
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    return EmbeddedCluster(inbox: inbox, parts: parts, hasEnded: hasEnded)
  }

  /// The life of the cluster's thread.
  private static func work(
    _ options: Options, _ inbox: Inbox<Engine.Message>, _ wrapStore: (any ObjectStore) -> any ObjectStore,
    _ isOpen: (Result<EngineAssembly.Parts, any Error>) -> Void
  ) {
    let assembly: EngineAssembly
    do {
      assembly = try EngineAssembly(options, inbox: inbox, wrapStore: wrapStore)
      try assembly.engine.start()
    } catch {
      isOpen(.failure(error))
      return
    }
    isOpen(.success(assembly.parts))
    assembly.engine.run()
    assembly.directory?.release()
  }

  private init(inbox: Inbox<Engine.Message>, parts: EngineAssembly.Parts, hasEnded: Latch) {
    self.inbox = inbox
    self.parts = parts
    self.hasEnded = hasEnded
  }

  deinit {
    // Nobody can ask for a clean end any more. Harmless after one.
    inbox.post(.stop)
  }

  /// Nobody reads the answer `nil` unless the cluster has stopped.
  private func ask<Answer: Sendable>(_ question: @escaping @Sendable (Engine) -> Answer) async -> Answer? {
    await withCheckedContinuation { continuation in
      let accepted = inbox.post(.ask { engine in continuation.resume(returning: engine.map(question)) })
      if !accepted { continuation.resume(returning: nil) }
    }
  }

  private func submit(_ request: Request) async throws(StatusError) -> KubeObject {
    let result: Result<KubeObject, StatusError> = await withCheckedContinuation { continuation in
      if !inbox.post(.submit(request, { continuation.resume(returning: $0) })) {
        continuation.resume(returning: .failure(.unavailable))
      }
    }
    return try result.get()
  }

  // MARK: Reading

  public var info: ClusterInfo {
    get async { parts.status.info }
  }

  public func list(_ kind: Kind, namespace: String?) async throws(StatusError) -> ObjectList {
    let list = await ask { ($0.core.unsorted(kind, namespace: namespace), $0.core.version) }
    guard let (items, version) = list else { throw .unavailable }
    // Not on the cluster's thread, which others wait for.
    return ObjectList(items: ControlPlane.sorted(items), version: version)
  }

  public func get(_ key: ObjectKey) async throws(StatusError) -> KubeObject {
    guard let found = await ask({ $0.core.object(key) }) else { throw .unavailable }
    guard let object = found else { throw .notFound(key) }
    return object
  }

  public func watch(_ kinds: Set<Kind>, from version: UInt64?) async -> ChangeSequence {
    guard let watcher = await ask({ $0.watch(kinds, from: version) }) else {
      return ChangeSequence(AsyncThrowingStream(unfolding: { nil }))
    }
    return ChangeSequence(AsyncThrowingStream(unfolding: { try await watcher.next() }))
  }

  // MARK: Changing

  public func create(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    try await submit(.create(object, dryRun: dryRun))
  }

  public func update(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    try await submit(.update(object, dryRun: dryRun))
  }

  public func updateStatus(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    try await submit(.updateStatus(object, dryRun: dryRun))
  }

  public func patch(
    _ key: ObjectKey, _ type: PatchType, _ document: JSONValue
  ) async throws(StatusError) -> KubeObject {
    try await submit(.patch(key, type, document))
  }

  @discardableResult
  public func delete(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) -> KubeObject? {
    let object = try await submit(.delete(key, options))
    return object.metadata.deletionTimestamp == nil ? nil : object
  }

  public func evict(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) {
    _ = try await submit(.evict(key, options))
  }

  public func setNodeFailed(_ name: String, _ failed: Bool) async throws(StatusError) {
    _ = try await submit(failed ? .failNode(name) : .recoverNode(name))
  }

  /// Tells every namespace, in its ConfigMap `kube-root-ca.crt`, the certificate (PEM) by which clients know the API
  /// server that serves this cluster. It is kept with the cluster; until one is told it is empty.
  public func publishRootCertificate(_ certificate: String) async throws(StatusError) {
    _ = try await submit(.publishRootCertificate(certificate))
  }

  // MARK: Logs and usage

  public func logs(_ request: LogRequest) async throws(StatusError) -> LogSequence {
    let key = ObjectKey(.pod, namespace: request.namespace, name: request.pod)
    guard case .pod(let pod) = try await get(key) else { throw .notFound(key) }
    let target = try LogTarget(request, in: pod)
    let isSimulated = parts.processes == nil || pod.spec.runtimeClassName == Runtimes.simulatedClass
    guard let logs = parts.logs, !isSimulated else {
      return request.from ?? 0 > 0 || request.before == 0 ? .empty : .note("a simulated pod writes no log")
    }
    let options = LogReadOptions(
      tailLines: request.tailLines, since: request.since, from: request.from, before: request.before,
      follow: request.follow)
    return LogSequence(logs.read(target.id, namespace: target.namespace, podName: target.podName, options))
  }

  public func usage() async -> ClusterUsage {
    guard let processes = parts.processes else { return ClusterUsage() }
    let sampled = processes.usage()
    let nodes = await ask { engine in sampled.mapValues { _ in 0 }.keys.map { ($0, engine.runtimes.node(ofPod: $0)) } }
    var usage = ClusterUsage()
    for (uid, node) in nodes ?? [] {
      guard let sample = sampled[uid] else { continue }
      let pod = ClusterUsage.Usage(milliCPU: sample.milliCPU, memory: sample.memory)
      usage.pods[uid] = pod
      guard let node else { continue }
      usage.nodes[node, default: .init(milliCPU: 0, memory: 0)].milliCPU += pod.milliCPU
      usage.nodes[node, default: .init(milliCPU: 0, memory: 0)].memory += pod.memory
    }
    return usage
  }

  // MARK: The end

  /// Stops taking requests, ends every process within `grace`, writes what is left, and lets go of the state
  /// directory.
  ///
  /// Containers that end well within the grace period have succeeded. Those that had to be killed are not held
  /// against their jobs now: in a state directory their pods stay as they are, and fail when it is opened again, as
  /// after a crash; in memory they fail at once. Calling it again waits for the same end.
  public func shutDown(grace: Duration) async {
    if await ask({ $0.beginClosing() }) != nil {
      await parts.processes?.shutDown(grace: grace)
      inbox.post(.stop)
    }
    await hasEnded.wait()
  }
}
