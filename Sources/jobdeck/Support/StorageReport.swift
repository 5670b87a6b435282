import Cluster

/// What there is to say of a cluster's disk where nobody looks at a dashboard.
enum StorageReport {
  /// How often is looked: a full disk is nothing that mends itself in a moment.
  private static let interval = Duration.seconds(2)

  /// Tells on standard error when the cluster's changes cannot be written, with which everything stands still, and when
  /// they can again. Until the task is cancelled.
  static func tell(of cluster: any Cluster) async {
    var told: String?
    while !Task.isCancelled {
      let info = await cluster.info
      if info.storageProblem != told {
        Diagnostics.error(
          info.storageProblem.map { "\(info.location) cannot be written: \($0); nothing goes on until it can" }
            ?? "\(info.location) can be written again")
        told = info.storageProblem
      }
      try? await Task.sleep(for: interval)
    }
  }
}
