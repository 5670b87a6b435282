import Foundation
import KubeModel
import Testing

@testable import ControlPlane

/// Random inputs, and invariants after every one of them.
///
/// `JOBDECK_RANDOM_SEED` starts the seeds elsewhere, `JOBDECK_RANDOM_INPUTS` says how many inputs there are in all. A
/// failure says with which of both it comes again.
struct ControlPlaneRandomTests {
  private static let firstSeed =
    ProcessInfo.processInfo.environment["JOBDECK_RANDOM_SEED"].flatMap { UInt64($0) } ?? 1
  private static let totalInputs =
    ProcessInfo.processInfo.environment["JOBDECK_RANDOM_INPUTS"].flatMap { Int($0) } ?? 200_000
  private static let inputsPerCluster = 2_000
  private static let shares = 8
  private static let failuresPerShare = 5

  @Test(arguments: 0..<shares)
  func invariantsHoldAfterEveryInput(_ share: Int) async {
    let clusters = max(1, ControlPlaneRandomTests.totalInputs / ControlPlaneRandomTests.inputsPerCluster)
    var failures = 0
    for number in stride(from: share, to: clusters, by: ControlPlaneRandomTests.shares) {
      let seed = ControlPlaneRandomTests.firstSeed &+ UInt64(number)
      var cluster = RandomCluster(seed: seed)
      for input in 0..<ControlPlaneRandomTests.inputsPerCluster where cluster.problems.isEmpty {
        cluster.step()
        // Tests that wait for processes want their turn too.
        if input.isMultiple(of: 50) { await Task.yield() }
      }
      if cluster.problems.isEmpty { cluster.drain() }
      if !cluster.problems.isEmpty {
        Issue.record(
          """
          JOBDECK_RANDOM_SEED=\(seed) JOBDECK_RANDOM_INPUTS=\(ControlPlaneRandomTests.inputsPerCluster)
          \(cluster.problems.prefix(5).joined(separator: "\n"))
          after: \(cluster.history.suffix(12).joined(separator: "; "))
          """)
        // Failures come in kinds: a few of them tell more than the first.
        failures += 1
        if failures == ControlPlaneRandomTests.failuresPerShare { return }
      }
    }
  }

  @Test func sameSeedAndInputsMakeTheSameObjects() {
    func run() -> [ObjectKey: KubeObject] {
      var cluster = RandomCluster(seed: 77)
      for _ in 0..<1_500 { cluster.step() }
      return cluster.table
    }
    #expect(run() == run())
  }
}
