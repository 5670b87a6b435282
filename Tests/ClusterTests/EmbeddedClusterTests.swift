import Glibc
import KubeModel
import Testing

@testable import Cluster

/// Real processes.
struct EmbeddedClusterTests {
  private let directory = TemporaryDirectory()

  private func open(_ nodes: ClusterNodes = .stored) async throws -> EmbeddedCluster {
    try await EmbeddedCluster.open(.init(location: .stateDirectory(directory.file("state")), nodes: nodes, seed: 1))
  }

  @Test func runsAJobAndKeepsItsLog() async throws {
    let cluster = try await open()
    _ = try await cluster.create(
      Sample.job("hello", ["sh", "-c", "echo one; echo two >&2; echo three"]), dryRun: false)
    let job = try await cluster.waitForJob("hello")
    #expect(job.status.conditions.isTrue("Complete"))
    #expect(job.status.succeeded == 1)
    let pod = try #require(try await cluster.pods(ofJob: "hello").first)
    let state = try #require(pod.status.containerStatuses.first?.state.terminated)
    #expect(state.exitCode == 0)
    #expect(state.reason == "Completed")
    let request = LogRequest(namespace: "default", pod: pod.metadata.name)
    #expect(try await Set(cluster.lines(request)) == ["one", "two", "three"])
    #expect(
      try await cluster.lines(LogRequest(namespace: "default", pod: pod.metadata.name, tailLines: 1)).count == 1)
    let usage = await cluster.usage()
    #expect(usage.nodes.values.map(\.memory).reduce(0, +) == usage.pods.values.map(\.memory).reduce(0, +))
    await cluster.shutDown(grace: .seconds(1))
  }

  @Test func aFailureTellsItsExitCode() async throws {
    let cluster = try await open()
    _ = try await cluster.create(Sample.job("bad", ["sh", "-c", "exit 42"]), dryRun: false)
    let job = try await cluster.waitForJob("bad")
    #expect(job.status.conditions["Failed"]?.reason == "BackoffLimitExceeded")
    let pod = try #require(try await cluster.pods(ofJob: "bad").first)
    #expect(pod.status.containerStatuses.first?.state.terminated?.exitCode == 42)
    await cluster.shutDown(grace: .seconds(1))
  }

  @Test func refusalsAreTheAPIServers() async throws {
    let cluster = try await open()
    let key = ObjectKey(.pod, namespace: "default", name: "none")
    await #expect(throws: StatusError.notFound(key)) { try await cluster.get(key) }
    await #expect(throws: StatusError.notFound(key)) {
      try await cluster.logs(LogRequest(namespace: "default", pod: "none"))
    }
    await #expect(throws: StatusError.self) { try await cluster.create(Sample.job("Not A Name"), dryRun: false) }
    _ = try await cluster.create(Sample.job("dry"), dryRun: true)
    #expect(try await cluster.list(.job, namespace: nil).items.isEmpty)
    await cluster.shutDown(grace: .zero)
    await #expect(throws: StatusError.unavailable) { try await cluster.create(Sample.job("late"), dryRun: false) }
    await #expect(throws: StatusError.unavailable) { try await cluster.list(.job, namespace: nil) }
    for try await _ in await cluster.watch([.job], from: nil) { Issue.record("a watch of a closed cluster") }
    await cluster.shutDown(grace: .zero)
  }

  @Test func everythingIsBackAfterARestart() async throws {
    var cluster = try await open()
    _ = try await cluster.create(Sample.job("good", ["echo", "kept"]), dryRun: false)
    _ = try await cluster.create(Sample.job("bad", ["false"]), dryRun: false)
    _ = try await cluster.waitForJob("good")
    _ = try await cluster.waitForJob("bad")
    var before: [Kind: [KubeObject]] = [:]
    let version = try await cluster.list(.job, namespace: nil).version
    for kind in Kind.allCases where kind != .event {
      before[kind] = try await cluster.list(kind, namespace: nil).items
    }
    let events = try await cluster.list(.event, namespace: nil).items.count
    await cluster.shutDown(grace: .seconds(1))
    #expect(mode(directory.file("state/cluster.sqlite-wal")) == 0, "one file is left")

    cluster = try await open()
    for kind in Kind.allCases where kind != .event {
      #expect(try await cluster.list(kind, namespace: nil).items == before[kind])
    }
    #expect(try await cluster.list(.event, namespace: nil).items.count == events)
    #expect(try await cluster.list(.job, namespace: nil).version >= version)
    let pod = try #require(try await cluster.pods(ofJob: "good").first)
    #expect(try await cluster.lines(LogRequest(namespace: "default", pod: pod.metadata.name)) == ["kept"])
    _ = try await cluster.create(Sample.job("next"), dryRun: false)
    _ = try await cluster.waitForJob("next")
    await cluster.shutDown(grace: .seconds(1))
  }

  /// The files as they are while a pod runs, given to another cluster: what a crash leaves.
  @Test func aPodThatACrashInterruptedFailsAndIsTriedAgain() async throws {
    let cluster = try await open()
    _ = try await cluster.create(
      Sample.job("long", ["sh", "-c", "test -e /proc/self && exec sleep 3000"], backoffLimit: 1), dryRun: false)
    let running = try await cluster.wait(.job, "long") { object in
      if case .job(let job) = object { job.status.ready == 1 } else { false }
    }
    let first = try #require(try await cluster.pods(ofJob: "long").first)
    mkdir(directory.file("crashed"), 0o700)
    for suffix in ["", "-wal"] {
      copy(directory.file("state/cluster.sqlite\(suffix)"), to: directory.file("crashed/cluster.sqlite\(suffix)"))
    }
    await cluster.shutDown(grace: .zero)

    let next = try await EmbeddedCluster.open(.init(location: .stateDirectory(directory.file("crashed"))))
    #expect(try await next.get(running.key).metadata.uid == running.metadata.uid)
    guard case .pod(let lost) = try await next.get(KubeObject.pod(first).key) else { return }
    #expect(lost.status.phase == .failed)
    #expect(lost.status.containerStatuses.first?.state.terminated?.reason == "ContainerStatusUnknown")
    #expect(lost.status.containerStatuses.first?.state.terminated?.exitCode == 137)
    guard case .job(let job) = try await next.get(running.key) else { return }
    #expect(job.status.failed == 1)
    #expect(!job.status.isFinished, "one retry is left")
    await next.shutDown(grace: .zero)
  }

  @Test func aPodThatACleanEndInterruptedFailsAtTheNextStart() async throws {
    var cluster = try await open()
    _ = try await cluster.create(Sample.job("long", ["sleep", "300"]), dryRun: false)
    _ = try await cluster.wait(.job, "long") { object in
      if case .job(let job) = object { job.status.ready == 1 } else { false }
    }
    await cluster.shutDown(grace: .seconds(5))
    cluster = try await open()
    let job = try await cluster.waitForJob("long")
    #expect(job.status.conditions["Failed"]?.reason == "BackoffLimitExceeded")
    let pod = try #require(try await cluster.pods(ofJob: "long").first)
    #expect(pod.status.containerStatuses.first?.state.terminated?.reason == "ContainerStatusUnknown")
    await cluster.shutDown(grace: .zero)
  }

  @Test func whatEndsWellWithinTheGracePeriodHasSucceeded() async throws {
    var cluster = try await open()
    let script = "trap 'kill $!; exit 0' TERM; echo ready; sleep 3000 & wait"
    _ = try await cluster.create(Sample.job("polite", ["sh", "-c", script]), dryRun: false)
    _ = try await cluster.wait(.job, "polite") { object in
      if case .job(let job) = object { job.status.ready == 1 } else { false }
    }
    let pod = try #require(try await cluster.pods(ofJob: "polite").first)
    let request = LogRequest(namespace: "default", pod: pod.metadata.name, follow: true)
    for try await lines in try await cluster.logs(request) {
      if lines.contains(where: { $0.text == "ready" }) { break }
    }
    await cluster.shutDown(grace: .seconds(30))
    cluster = try await open()
    #expect(try await cluster.waitForJob("polite").status.conditions.isTrue("Complete"))
    await cluster.shutDown(grace: .zero)
  }

  @Test func aSecondDashboardIsToldWhoHasTheDirectory() async throws {
    let cluster = try await open()
    let error = StateDirectoryError.held(path: directory.file("state"), pid: Int(getpid()))
    await #expect(throws: error) { _ = try await open() }
    await cluster.shutDown(grace: .zero)
    await (try open()).shutDown(grace: .zero)
  }

  @Test func inMemoryNothingIsLeft() async throws {
    let cluster = try await EmbeddedCluster.open(.init(location: .inMemory))
    _ = try await cluster.create(Sample.job("hello", ["echo", "hello"]), dryRun: false)
    _ = try await cluster.waitForJob("hello")
    let pod = try #require(try await cluster.pods(ofJob: "hello").first)
    #expect(try await cluster.lines(LogRequest(namespace: "default", pod: pod.metadata.name)) == ["hello"])
    #expect(await cluster.info == ClusterInfo(flavor: .embedded, location: "in memory"))
    await cluster.shutDown(grace: .zero)
  }

  @Test func runtimeClassesChooseTheRuntime() async throws {
    let cluster = try await open()
    _ = try await cluster.create(
      Sample.job("rehearsal", [], runtimeClass: "simulated", annotations: ["jobdeck.dev/exit-code": "7"]),
      dryRun: false)
    let job = try await cluster.waitForJob("rehearsal")
    #expect(job.status.failed == 1)
    let pod = try #require(try await cluster.pods(ofJob: "rehearsal").first)
    #expect(pod.status.containerStatuses.first?.state.terminated?.exitCode == 7)
    #expect(
      try await cluster.lines(LogRequest(namespace: "default", pod: pod.metadata.name))
        == ["a simulated pod writes no log"])

    _ = try await cluster.create(Sample.job("gvisor", ["true"], runtimeClass: "runsc"), dryRun: false)
    let waiting = try await within {
      for try await changes in await cluster.watch([.pod], from: nil) {
        for case .pod(let pod) in changes.map(\.object) where pod.metadata.labels["job-name"] == "gvisor" {
          if let waiting = pod.status.containerStatuses.first?.state.waiting, !waiting.message.isEmpty {
            return waiting
          }
        }
      }
      throw TimedOut()
    }
    #expect(waiting.reason == "FailedCreatePodSandBox")
    #expect(waiting.message == "Failed to create pod sandbox: no runtime for \"runsc\" is configured")
    await cluster.shutDown(grace: .zero)
  }

  @Test func nodesFollowTheOptions() async throws {
    var cluster = try await open()
    func names() async throws -> [String] { try await cluster.list(.node, namespace: nil).items.map(\.metadata.name) }
    #expect(try await names() == ["node-1", "node-2", "node-3"])
    await cluster.shutDown(grace: .zero)
    cluster = try await open(.uniform(count: 5, cpu: Quantity("4")))
    #expect(try await names() == ["node-1", "node-2", "node-3", "node-4", "node-5"])
    for case .node(let node) in try await cluster.list(.node, namespace: nil).items {
      #expect(node.status.capacity["cpu"]?.milli == 4000)
      #expect(node.status.conditions.isTrue("Ready"))
    }
    await cluster.shutDown(grace: .zero)
    cluster = try await open()
    #expect(try await names().count == 5, "nodes are stored like everything else")
    await cluster.shutDown(grace: .zero)
    cluster = try await open(.uniform(count: 1))
    #expect(try await names() == ["node-1"])
    await cluster.shutDown(grace: .zero)
  }

  @Test func aThousandPods() async throws {
    let cluster = try await open(.uniform(count: 2, cpu: Quantity("8"), memory: Quantity("8Gi")))
    _ = try await cluster.create(Sample.job("many", ["true"], completions: 1000, parallelism: 8), dryRun: false)
    let job = try await cluster.waitForJob("many")
    #expect(job.status.succeeded == 1000)
    #expect(job.status.failed == 0)
    await cluster.shutDown(grace: .zero)
  }

  @Test func logsMayTakeAPartOfTheDisk() {
    var options = EmbeddedCluster.Options(location: .inMemory)
    #expect(options.logBytes(free: 100 << 30) == 4 << 30)
    #expect(options.logBytes(free: 1 << 30) == 256 << 20)
    #expect(options.logBytes(free: 0) == 1 << 20)
    options.logLimit = 50 << 20
    #expect(options.logBytes(free: 1 << 30) == 50 << 20)
  }
}
