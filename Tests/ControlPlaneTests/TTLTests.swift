import KubeModel
import Testing

@testable import ControlPlane

/// ttlSecondsAfterFinished in virtual time.
struct TTLTests {
  private func cluster(_ spec: String, annotations: [String: String] = ["duration": "5s"]) throws
    -> SimulatedClusterDriver
  {
    var cluster = try SimulatedClusterDriver()
    try cluster.apply(JobControllerTests.manifest("job", spec, annotations: annotations))
    return cluster
  }

  private func deletions(_ cluster: SimulatedClusterDriver) -> [Change] {
    cluster.changes.filter { $0.verb == .deleted && $0.object.kind == .job }
  }

  @Test(arguments: ["0", "1"]) func countsFromTheEnd(_ exitCode: String) throws {
    var cluster = try cluster(
      "ttlSecondsAfterFinished: 30;backoffLimit: 0", annotations: ["duration": "5s", "exit-code": exitCode])
    cluster.run(until: { $0.job("job")?.end != nil })
    let end = cluster.now
    cluster.run(until: { $0.job("job") == nil })
    #expect(cluster.now.seconds == end.seconds + 30)
    #expect(cluster.pods.isEmpty)
  }

  @Test func zeroDeletesAtOnce() throws {
    var cluster = try cluster("ttlSecondsAfterFinished: 0")
    cluster.run(for: .milliseconds(5100))
    #expect(cluster.job("job") == nil && cluster.pods.isEmpty)
    // It was seen to complete.
    #expect(cluster.reasons(of: "job")["Completed"] == 1)
  }

  /// Foreground: the job waits, marked for deletion, until its pods have gone.
  @Test func podsGoBeforeTheJob() throws {
    var cluster = try cluster("ttlSecondsAfterFinished: 10")
    cluster.run(for: .seconds(60))
    let gone = cluster.changes.filter { $0.verb == .deleted && ($0.object.kind == .job || $0.object.kind == .pod) }
    #expect(gone.map(\.object.kind) == [.pod, .job])
    let waiting = cluster.changes.contains {
      $0.object.kind == .job && $0.object.metadata.deletionTimestamp != nil
        && $0.object.metadata.finalizers == ["foregroundDeletion"]
    }
    #expect(waiting)
  }

  @Test(arguments: [(40, 25, 40), (5, 25, 25), (60, 10, 60)])
  func aLaterPeriodIsHonoured(_ ttl: Int, _ changedAfter: Int, _ goneAfter: Int) throws {
    var cluster = try cluster("ttlSecondsAfterFinished: 30")
    cluster.run(until: { $0.job("job")?.end != nil })
    let end = cluster.now
    cluster.run(for: .seconds(changedAfter))
    try cluster.patchJob("job", ["spec": ["ttlSecondsAfterFinished": .int(Int64(ttl))]])
    cluster.run(until: { $0.job("job") == nil })
    #expect(cluster.now.seconds == end.seconds + Int64(goneAfter))
  }

  @Test func maySetAndTakeAwayAfterTheEnd() throws {
    var kept = try cluster("ttlSecondsAfterFinished: 30")
    kept.run(for: .seconds(10))
    try kept.patchJob("job", ["spec": ["ttlSecondsAfterFinished": .null]])
    kept.run(for: .seconds(3600))
    #expect(kept.job("job") != nil)
    try kept.patchJob("job", ["spec": ["ttlSecondsAfterFinished": 60]])
    kept.run(for: .seconds(1))
    #expect(kept.job("job") == nil)
  }

  @Test func survivesARestart() throws {
    var cluster = try cluster("ttlSecondsAfterFinished: 30")
    cluster.run(for: .seconds(10))
    let objects = [Kind.namespace, .node, .job, .pod].flatMap { cluster.plane.list($0) }
    var restored = ControlPlane(
      restoring: objects, version: cluster.plane.version, .init(seed: 1, defaultRuntimeClass: "simulated"),
      at: cluster.now)
    #expect(restored.list(.job).count == 1)
    restored.advance(to: cluster.now + .seconds(30))
    #expect(restored.list(.job).isEmpty && restored.list(.pod).isEmpty)
  }

  @Test func aJobThatRunsIsKept() throws {
    var cluster = try cluster("ttlSecondsAfterFinished: 1", annotations: ["duration": "1h"])
    cluster.run(for: .seconds(1800))
    #expect(cluster.job("job") != nil)
  }
}
