public import KubeModel

/// A Kubernetes cluster as the dashboard and the API server see it: embedded, simulated or remote.
///
/// All calls may come from any task. They throw the `StatusError` that Kubernetes' API server would answer with.
public protocol Cluster: Sendable {
  /// What this cluster is, for headers and messages.
  var info: ClusterInfo { get async }

  /// The objects of one kind, sorted by namespace and name.
  func list(_ kind: Kind, namespace: String?) async throws(StatusError) -> ObjectList
  /// One object.
  func get(_ key: ObjectKey) async throws(StatusError) -> KubeObject
  /// Every change of the given kinds after `version`, in order, in batches as they come; without `version`, first
  /// the objects that exist as `.added`, then the changes.
  ///
  /// The sequence ends when the cluster stops. It ends with a `Gone` error (code 410) when its reader fell too far
  /// behind: list again.
  func watch(_ kinds: Set<Kind>, from version: UInt64?) async -> ChangeSequence

  /// Creates the object after defaulting and validation; with `dryRun` only says what would be.
  func create(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject
  /// Replaces the object's metadata and spec. A `resourceVersion` in it must be the present one.
  func update(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject
  /// Replaces the object's status, as its controller would; the spec is left alone.
  func updateStatus(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject
  /// Changes the object's metadata and spec by a patch document. Refuses what is no patch (400) or does not fit (422).
  func patch(_ key: ObjectKey, _ type: PatchType, _ document: JSONValue) async throws(StatusError) -> KubeObject
  /// Deletes the object, or begins to: pods end gracefully first, and finalizers hold pods and jobs back.
  ///
  /// Returns the object as its deletion was begun, with a `deletionTimestamp`; `nil` where it went at once.
  @discardableResult
  func delete(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) -> KubeObject?
  /// Asks a pod to leave its node: a graceful deletion that says so in the pod's conditions. Of `options` the grace
  /// period and the preconditions count.
  func evict(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError)
  /// Takes a simulated node down, which kills what runs there, or brings it back.
  func setNodeFailed(_ name: String, _ failed: Bool) async throws(StatusError)

  /// A container's log, oldest line first, in batches; follows while the container runs if asked to.
  func logs(_ request: LogRequest) async throws(StatusError) -> LogSequence
  /// The latest sample of what nodes and pods use.
  func usage() async -> ClusterUsage

  /// Stops taking requests, ends every process within `grace`, and writes what is left to disk.
  func shutDown(grace: Duration) async
}

extension Cluster {
  /// Refused, where a cluster writes every status itself.
  public func updateStatus(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject {
    throw StatusError(
      code: 405, reason: "MethodNotAllowed",
      message: "the status of \(object.kind.qualifiedPlural) is written by its controller alone")
  }
  /// Replaces the object's status.
  public func updateStatus(_ object: KubeObject) async throws(StatusError) -> KubeObject {
    try await updateStatus(object, dryRun: false)
  }

  /// Asks a pod to leave its node within its own grace period.
  public func evict(_ key: ObjectKey) async throws(StatusError) { try await evict(key, DeleteOptions()) }
}

/// What a cluster says about itself.
public struct ClusterInfo: Hashable, Sendable {
  /// Who runs the pods.
  public enum Flavor: String, Hashable, Sendable {
    /// On this machine as processes, on this machine in name only, and in a Kubernetes cluster elsewhere.
    case embedded, simulated, remote
  }

  /// What kind of cluster it is.
  public var flavor: Flavor
  /// The state directory, `in memory`, or the kubeconfig context.
  public var location: String
  /// Whether nodes can be failed, and processes belong to this machine.
  public var isLocal: Bool { flavor != .remote }
  /// Why changes cannot be stored at present, in one line; `nil` while all is well. Until it is solved nothing new
  /// is accepted or started; what runs goes on.
  public var storageProblem: String?
  /// Whether another jobdeck runs it, which this one only works with: leaving stops nothing then.
  public var isAttached: Bool

  /// Creates the facts about a cluster.
  public init(flavor: Flavor, location: String, storageProblem: String? = nil, isAttached: Bool = false) {
    self.isAttached = isAttached
    self.flavor = flavor
    self.location = location
    self.storageProblem = storageProblem
  }
}

/// The answer to a list.
public struct ObjectList: Sendable {
  /// Sorted by namespace and name.
  public var items: [KubeObject]
  /// The cluster's version that `items` shows; a watch from here misses nothing.
  public var version: UInt64

  /// Creates an answer that shows the cluster at `version`.
  public init(items: [KubeObject], version: UInt64) {
    self.items = items
    self.version = version
  }
}

/// Batches of changes, pulled by one reader.
public struct ChangeSequence: AsyncSequence, Sendable {
  public typealias Element = [Change]
  private let stream: AsyncThrowingStream<[Change], any Error>

  /// The batches of `stream`, which must not have another reader.
  public init(_ stream: AsyncThrowingStream<[Change], any Error>) { self.stream = stream }

  public func makeAsyncIterator() -> AsyncThrowingStream<[Change], any Error>.Iterator { stream.makeAsyncIterator() }
}

/// Which lines of which log.
public struct LogRequest: Hashable, Sendable {
  /// Where the pod is; never empty.
  public var namespace: String
  /// A pod that exists; else the request is refused (404).
  public var pod: String
  /// `nil`: the pod's first container.
  public var container: String?
  /// The attempt before the latest one.
  public var previous: Bool
  /// Go on after the last line while the container runs.
  public var follow: Bool
  /// Only the last so many lines.
  public var tailLines: Int?
  /// Only lines from then on.
  public var since: Instant?
  /// Only lines at that position or after it.
  ///
  /// With `before`, so that a log of any size is read a part at a time: a line's `position` leads to the lines before
  /// it, and one more to those after it. Read a part on from a position by taking no more batches than are wanted.
  public var from: UInt64?
  /// Only lines in front of that position; of them the last `tailLines`. It is not followed then.
  public var before: UInt64?

  /// Creates a request; what is left out asks for the whole log of the latest run of the first container.
  public init(
    namespace: String, pod: String, container: String? = nil, previous: Bool = false, follow: Bool = false,
    tailLines: Int? = nil, since: Instant? = nil, from: UInt64? = nil, before: UInt64? = nil
  ) {
    self.namespace = namespace
    self.pod = pod
    self.container = container
    self.previous = previous
    self.follow = follow
    self.tailLines = tailLines
    self.since = since
    self.from = from
    self.before = before
  }
}

/// Batches of log lines, pulled by one reader, so that a slow reader costs no memory.
public struct LogSequence: AsyncSequence, Sendable {
  public typealias Element = [LogLine]
  private let stream: AsyncThrowingStream<[LogLine], any Error>

  /// The batches of `stream`, which must not have another reader.
  public init(_ stream: AsyncThrowingStream<[LogLine], any Error>) { self.stream = stream }

  public func makeAsyncIterator() -> AsyncThrowingStream<[LogLine], any Error>.Iterator { stream.makeAsyncIterator() }
}

/// What pods and nodes use, as last sampled.
public struct ClusterUsage: Hashable, Sendable {
  /// What one pod or one node uses.
  public struct Usage: Hashable, Sendable {
    /// Thousandths of a core, averaged between two samples.
    public var milliCPU: Int
    /// Resident bytes.
    public var memory: Int

    /// Creates a reading of thousandths of a core and bytes.
    public init(milliCPU: Int, memory: Int) {
      self.milliCPU = milliCPU
      self.memory = memory
    }
  }

  /// By pod UID; pods that run nothing are absent.
  public var pods: [String: Usage]
  /// By node name.
  public var nodes: [String: Usage]

  /// Creates a sample; without arguments, one where nothing runs.
  public init(pods: [String: Usage] = [:], nodes: [String: Usage] = [:]) {
    self.pods = pods
    self.nodes = nodes
  }
}
