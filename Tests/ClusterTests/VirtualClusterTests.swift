import ControlPlane
import KubeModel
import Testing

@testable import Cluster

struct VirtualClusterTests {
  private func cluster(seed: UInt64 = 1) throws -> VirtualCluster {
    try VirtualCluster(
      nodes: .uniform(count: 3, cpu: Quantity("64"), memory: Quantity("64Gi")), seed: seed, startingAt: Sample.time)
  }

  @Test func anHourPassesAtOnce() async throws {
    var cluster = try cluster()
    let job = Sample.job(
      "long", [], completions: 4, parallelism: 2, annotations: ["jobdeck.dev/duration": "30m"])
    try cluster.submit(.create(job))
    #expect(try await cluster.run(untilFinished: [job.key]) == .finished)
    #expect(cluster.now - Sample.time >= .seconds(3600))
    #expect(cluster.now - Sample.time < .seconds(3700))
    #expect(cluster.list(.pod).count == 4)
  }

  @Test func theSameSeedGivesTheSameObjects() async throws {
    func objects(seed: UInt64) async throws -> [KubeObject] {
      var cluster = try cluster(seed: seed)
      let job = Sample.job(
        "drawn", [], completions: 20, parallelism: 5, annotations: ["jobdeck.dev/duration": "1s..100s"])
      try cluster.submit(.create(job))
      _ = try await cluster.run(untilFinished: [job.key])
      return Kind.allCases.flatMap { cluster.list($0) }
    }
    #expect(try await objects(seed: 5) == objects(seed: 5))
    #expect(try await objects(seed: 5) != objects(seed: 6))
  }

  @Test func aDeadlineComesFirst() async throws {
    var cluster = try cluster()
    let job = Sample.job("long", [], annotations: ["jobdeck.dev/duration": "30m"])
    try cluster.submit(.create(job))
    let deadline = Sample.time + .seconds(60)
    #expect(try await cluster.run(untilFinished: [job.key], deadline: deadline) == .deadline)
    #expect(cluster.now == deadline)
    #expect(try await cluster.run(untilFinished: [job.key]) == .finished)
  }

  @Test func whatCannotFinishIsStuckAndSaysWhy() async throws {
    var cluster = try cluster()
    guard case .job(var big) = Sample.job("big") else { return }
    var requests = ResourceList()
    requests["cpu"] = Quantity("1000")
    big.spec.template.spec.containers[0].resources.requests = requests
    try cluster.submit(.create(.job(big)))
    guard case .stuck(let reason) = try await cluster.run(untilFinished: [KubeObject.job(big).key]) else {
      Issue.record("1000 cores were found")
      return
    }
    #expect(reason.hasPrefix("job.batch/big waits for pod big-"))
    #expect(reason.contains("0/3 nodes are available"))

    guard case .job(var suspended) = Sample.job("suspended") else { return }
    suspended.spec.suspend = true
    try cluster.submit(.create(.job(suspended)))
    let outcome = try await cluster.run(untilFinished: [KubeObject.job(suspended).key])
    #expect(outcome == .stuck("job.batch/suspended is suspended"))
  }

  /// The container is tried again every ten seconds, for ever.
  @Test func endlessRetriesAreStuckToo() async throws {
    var cluster = try cluster()
    let job = Sample.job("gvisor", runtimeClass: "runsc")
    try cluster.submit(.create(job))
    guard case .stuck(let reason) = try await cluster.run(untilFinished: [job.key]) else {
      Issue.record("a runtime was found")
      return
    }
    #expect(reason.contains("FailedCreatePodSandBox"))
  }

  @Test func showsEveryChange() async throws {
    var cluster = try cluster()
    let job = Sample.job("watched", completions: 3)
    try cluster.submit(.create(job))
    var versions: [UInt64] = []
    _ = try await cluster.run(untilFinished: [job.key]) { versions += $0.map(\.version) }
    #expect(versions == versions.sorted())
    #expect(Set(versions).count == versions.count)
    #expect(versions.count > 10)
  }

  @Test func nothingToWaitForIsFinished() async throws {
    var cluster = try cluster()
    let gone = ObjectKey(.job, namespace: "default", name: "gone")
    #expect(try await cluster.run(untilFinished: []) == .finished)
    #expect(try await cluster.run(untilFinished: [gone]) == .finished)
  }
}
