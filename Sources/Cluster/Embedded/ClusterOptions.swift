public import KubeModel

extension EmbeddedCluster {
  /// What an embedded cluster is opened with.
  public struct Options: Sendable {
    /// Where its objects and logs are kept.
    public enum Location: Hashable, Sendable {
      /// In this directory, which is created where it is missing and locked while the cluster runs.
      case stateDirectory(String)
      /// Nowhere: logs go to a temporary directory that ends with the cluster.
      case inMemory
    }

    /// What runs the pods that name no runtime class, or `process`.
    public enum Runtime: Hashable, Sendable {
      /// Real processes on this machine.
      case process
      /// Nothing runs; pods take time, in real time, and end as their annotations say.
      case simulated
    }

    /// Where objects and logs are kept.
    public var location: Location
    /// What runs pods that leave it open.
    public var runtime: Runtime
    /// The nodes that the cluster has from the start.
    public var nodes: ClusterNodes
    /// What names, UIDs and ties are drawn from; `nil` for other ones in every new cluster. A stored cluster goes on
    /// with its own.
    public var seed: UInt64?
    /// Bytes that are kept of the log of one run of a container, at least 1 MiB: the oldest lines beyond it are cut,
    /// and what was cut is said. `nil`: a quarter of what the disk has free at the start, at most 4 GiB.
    public var logLimit: Int?

    /// Creates options; by default, processes on the nodes that the cluster has.
    public init(
      location: Location, runtime: Runtime = .process, nodes: ClusterNodes = .stored, seed: UInt64? = nil,
      logLimit: Int? = nil
    ) {
      self.location = location
      self.runtime = runtime
      self.nodes = nodes
      self.seed = seed
      self.logLimit = logLimit
    }

    /// What is kept of a log where `free` bytes are left on the disk.
    func logBytes(free: Int) -> Int { max(1 << 20, logLimit ?? min(4 << 30, free / 4)) }
  }
}

/// The nodes that an embedded or simulated cluster starts with.
///
/// Nodes that came from here are brought in line at every start: missing ones are created, others get their new
/// capacity, and those that are wanted no longer go unless pods run there. Nodes that were created through the API
/// are left alone.
public enum ClusterNodes: Hashable, Sendable {
  /// Those that the cluster has; `node-1` … `node-3`, which share this machine's cores and memory, for a new one.
  case stored
  /// `node-1` … `node-COUNT`, all with the given capacity; `nil`: an equal share of this machine's.
  case uniform(count: Int, cpu: Quantity? = nil, memory: Quantity? = nil)
  /// Nodes from manifests. Capacity that they leave out is a share of this machine's, as with `uniform`.
  case manifests([Node])
}
