internal import Threading

/// What a cluster says about itself, for any thread to read.
final class ClusterStatus: Sendable {
  let location: String
  private let flavor: ClusterInfo.Flavor
  private let storageProblem = Locked<String?>(nil)

  init(flavor: ClusterInfo.Flavor, location: String) {
    self.flavor = flavor
    self.location = location
  }

  func setStorageProblem(_ problem: String?) {
    storageProblem.withLock { $0 = problem }
  }

  var info: ClusterInfo {
    ClusterInfo(flavor: flavor, location: location, storageProblem: storageProblem.withLock { $0 })
  }
}
