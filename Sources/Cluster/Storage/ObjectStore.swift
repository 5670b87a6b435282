internal import KubeModel

/// Where a cluster's objects outlive it.
///
/// Used on the cluster's thread only; its calls block.
protocol ObjectStore {
  /// Everything that is stored.
  mutating func load() throws(StoreError) -> StoredCluster
  /// Writes the latest state of every object that `changes` touch, all or nothing. When this returns they survive
  /// the end of this process, however it ends.
  mutating func commit(_ changes: ArraySlice<Change>) throws(StoreError)
  /// Writes what is left and lets go of the files.
  mutating func close()
}

/// What a store held when it was opened.
struct StoredCluster {
  /// In no particular order.
  var objects: [KubeObject]
  /// The resource version of the last change; 0 for a new cluster.
  var version: UInt64
  /// What the cluster's random numbers started from.
  var seed: UInt64
}

/// Why objects cannot be read or written, in one line.
struct StoreError: Error, CustomStringConvertible {
  enum Cause {
    /// No space is left, or a limit is reached.
    case full
    case other
  }

  var cause: Cause
  var description: String

  init(_ description: String, cause: Cause = .other) {
    self.description = description
    self.cause = cause
  }
}
