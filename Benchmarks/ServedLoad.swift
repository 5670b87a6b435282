import APIServer
import Cluster
import KubeModel
import RemoteCluster

/// The API under load, on its socket: many watchers and many requests while jobs run, and large answers.
///
/// The cluster and its server are in this process; those who watch are in one of their own, and those who ask in
/// another (`LoadClients`). All share the machine's cores.
enum ServedLoad {
  /// Jobs a second, each of so many pods that run half a second.
  private static let jobsASecond = 5
  private static let podsAJob = 2
  static let largeCount = 10_000

  /// How long the load goes on, in seconds: `api=10`.
  static let seconds =
    CommandLine.arguments.lazy.compactMap { $0.hasPrefix("api=") ? Int($0.dropFirst(4)) : nil }.first ?? 60

  static func measure() async throws -> [Row] {
    let folder = try Files.temporaryFolder()
    defer { Files.remove(folder) }
    let nodes = ClusterNodes.uniform(count: 120, cpu: Quantity("64"), memory: Quantity("256Gi"))
    let cluster = try await EmbeddedCluster.open(
      .init(location: .stateDirectory(folder + "/state"), runtime: .simulated, nodes: nodes, seed: 1))
    let handler = APIHandler(cluster: cluster) { Launch.wallClock() }
    let socket = folder + "/api.sock"
    let rows: [Row]
    do {
      rows = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await handler.countChanges() }
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        group.addTask {
          defer { isReady.finish() }
          try await APIListener(handler, socket: socket).run { _ in isReady.finish() }
        }
        for await _ in ready {}
        defer { group.cancelAll() }
        return try await load(cluster, socket) + large(cluster, socket)
      }
    } catch {
      await cluster.shutDown(grace: .zero)
      throw error
    }
    await cluster.shutDown(grace: .zero)
    return rows
  }

  // MARK: Watchers and requests

  private static func load(_ cluster: EmbeddedCluster, _ socket: String) async throws -> [Row] {
    let start = try await cluster.list(.pod, namespace: nil).version
    _ = try await cluster.create(job("kept", pods: 1, seconds: "1000h", ttl: nil), dryRun: false)
    // What all others must see comes from the cluster itself.
    let expected = [Kind.pod: WatchTally(), .job: WatchTally()]
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for (kind, tally) in expected {
        group.addTask {
          for try await changes in await cluster.watch([kind], from: start) {
            for change in changes { await tally.note(change.object.metadata.resourceVersion) }
          }
        }
      }
      let watchers = try LoadClients(.watch, ["\(start)"], socket)
      defer { watchers.kill() }
      try await watchers.waitForLine("ready")
      // The first seconds fill caches and pools.
      _ = try await ask(for: min(5, seconds), cluster, socket, "warm")
      let before = Files.residentMemory(of: "self")
      let times = try await ask(for: seconds, cluster, socket, "load")
      let after = Files.residentMemory(of: "self")
      try await settle(expected)
      let seen = try await watchers.end().dropFirst().map(WatchTally.Facts.init)
      return try await rows(times, expected, seen, before: before, after: after)
    }
  }

  /// Has requests sent while jobs come and go, and returns how long each took in milliseconds.
  private static func ask(
    for length: Int, _ cluster: EmbeddedCluster, _ socket: String, _ name: String
  ) async throws -> [Double] {
    let paths = try await targets(cluster).map { $0.joined(separator: "/") }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        let clock = ContinuousClock()
        let start = clock.now
        for number in 0... {
          try await clock.sleep(until: start + .seconds(number) / jobsASecond)
          _ = try await cluster.create(
            job("\(name)-\(number)", pods: podsAJob, seconds: "500ms", ttl: 3), dryRun: false)
        }
      }
      let clients = try LoadClients(.ask, ["\(length)"] + paths, socket)
      defer { clients.kill() }
      return try await clients.end().compactMap { Double($0) }
    }
  }

  /// Objects that stay: a pod, its job, a node, a namespace.
  private static func targets(_ cluster: EmbeddedCluster) async throws -> [[String]] {
    try await Jobs.waitForActive("kept", in: cluster)
    guard let pod = try await cluster.list(.pod, namespace: "default").items.first else { throw Failure("no pod") }
    return [
      ["api", "v1", "namespaces", "default", "pods", pod.metadata.name],
      ["apis", "batch", "v1", "namespaces", "default", "jobs", "kept"],
      ["api", "v1", "nodes", "node-1"],
      ["api", "v1", "namespaces", "default"],
    ]
  }

  /// Waits until the last job is gone, and the watchers have had time to hear of it.
  private static func settle(_ expected: [Kind: WatchTally]) async throws {
    let end = ContinuousClock.now + .seconds(60)
    var last = -1
    while ContinuousClock.now < end {
      try await Task.sleep(for: .seconds(5))
      var total = 0
      for tally in expected.values { total += await tally.facts.count }
      if total == last { return }
      last = total
    }
  }

  private static func rows(
    _ times: [Double], _ expected: [Kind: WatchTally], _ seen: [WatchTally.Facts], before: Int, after: Int
  ) async throws -> [Row] {
    guard seen.count == LoadClients.watchers else { throw Failure("\(seen.count) watchers have told what they saw") }
    var wrong = 0
    var events = 0
    for (number, facts) in seen.enumerated() {
      events += facts.count
      let wanted = await expected[WatchReader.kind(number)]?.facts
      if facts != wanted || facts.count == 0 { wrong += 1 }
    }
    let high = percentile(0.99, of: times)
    let rate = times.count / seconds
    let growth = Double(after - before) / 1e6
    let isFast = high <= 5 && rate >= LoadClients.requestsASecond * 98 / 100
    return [
      Row(
        what:
          "API, \(jobsASecond * podsAJob) pods a second come and go, \(LoadClients.watchers) watchers and \(LoadClients.requestsASecond) requests a second for "
          + "\(seconds) s: GET, p99 (median \(decimal(percentile(0.5, of: times), 2)) ms, \(rate) a second)",
        budget: "5 ms", measured: "\(decimal(high, 2)) ms", isWithin: isFast),
      Row(
        what: "the same: watchers that missed a change or saw one out of order (\(events) events sent)", budget: "0",
        measured: "\(wrong)", isWithin: wrong == 0),
      Row(
        what: "the same: resident memory of the cluster with its server, after (before: \(before / 1_000_000) MB)",
        budget: "+ 30 MB", measured: "\(after / 1_000_000) MB", isWithin: growth <= 30),
    ]
  }

  // MARK: Large answers

  private static func large(_ cluster: EmbeddedCluster, _ socket: String) async throws -> [Row] {
    _ = try await cluster.create(job("many", pods: largeCount, seconds: "1000h", ttl: nil), dryRun: false)
    try await Jobs.waitForActive("many", count: largeCount, in: cluster)
    let client = APIClient(socket: socket)
    defer { client.close() }
    var rows: [Row] = []
    let list = APICall("GET", ["api", "v1", "pods"])
    let table = APICall(
      "GET", ["api", "v1", "pods"], accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
    let page = APICall("GET", ["api", "v1", "pods"], query: [("limit", "500")])
    let metrics = APICall("GET", ["metrics"])
    for (what, call, budget) in [
      ("list of 10,000 pods", list, 300.0), ("the same as a table", table, 300.0),
      ("the first 500 of them", page, 50.0), ("/metrics with 10,000 pods", metrics, 1_000.0),
    ] {
      var times: [Double] = []
      var size = 0
      for _ in 0..<11 {
        let start = ContinuousClock.now
        size = try await client.send(call).body.count
        times.append((ContinuousClock.now - start).milliseconds)
      }
      let median = percentile(0.5, of: times)
      rows.append(
        Row(
          what: "API, \(what), median of 11 (first: \(decimal(times[0], 0)) ms, \(decimal(Double(size) / 1e6, 1)) MB)",
          budget: "\(decimal(budget, 0)) ms", measured: "\(decimal(median, 0)) ms", isWithin: median <= budget))
    }
    return rows
  }

  private static func job(_ name: String, pods: Int, seconds: String, ttl: Int?) -> KubeObject {
    guard case .job(var job) = Jobs.job(name, ["true"], completions: pods, parallelism: pods) else {
      preconditionFailure("a job is a job")
    }
    job.spec.ttlSecondsAfterFinished = ttl
    job.spec.template.metadata.labels["app"] = "load"
    job.spec.template.metadata.annotations["jobdeck.dev/duration"] = seconds
    return .job(job)
  }
}
