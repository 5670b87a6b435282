import APIServer
import Cluster
import KubeModel
import RemoteCluster

/// The API under load, on its socket: many watchers and many requests while jobs run, and large answers.
///
/// Server and clients share this process and the machine's cores: what is measured is what both need.
enum ServedLoad {
  private static let watchers = 200
  private static let requestsASecond = 2_000
  /// Jobs a second, each of so many pods that run half a second.
  private static let jobsASecond = 2
  private static let podsAJob = 10
  /// Tasks that send the requests.
  private static let senders = 40
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
    let client = APIClient(socket: socket)
    defer { client.close() }
    // What all others must see comes from the cluster itself.
    let expected = [Kind.pod: WatchTally(), .job: WatchTally()]
    let seen = (0..<watchers).map { _ in WatchTally() }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for (kind, tally) in expected {
        group.addTask {
          for try await changes in await cluster.watch([kind], from: start) {
            for change in changes { await tally.note(change.object.metadata.resourceVersion) }
          }
        }
      }
      for (number, tally) in seen.enumerated() {
        group.addTask { try await WatchReader(number, from: start).read(client, into: tally) }
      }
      // The first seconds fill caches and pools.
      _ = try await send(for: .seconds(min(5, seconds)), cluster, client, "warm")
      let before = Files.residentMemory(of: "self")
      let times = try await send(for: .seconds(seconds), cluster, client, "load")
      let after = Files.residentMemory(of: "self")
      try await settle(expected, seen)
      return try await rows(times, expected, seen, before: before, after: after)
    }
  }

  /// Latencies in milliseconds, and how long it took to send all requests.
  private struct Times: Sendable {
    var latencies: [Double] = []
    var seconds = 0.0
  }

  private static func send(
    for length: Duration, _ cluster: EmbeddedCluster, _ client: APIClient, _ name: String
  ) async throws -> Times {
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + length
    let paths = try await targets(cluster)
    return try await withThrowingTaskGroup(of: [Double].self) { group in
      group.addTask {
        var number = 0
        while clock.now < end {
          for _ in 0..<jobsASecond {
            _ = try await cluster.create(
              job("\(name)-\(number)", pods: podsAJob, seconds: "500ms", ttl: 3), dryRun: false)
            number += 1
          }
          try await clock.sleep(until: start + .seconds(number / jobsASecond))
        }
        return []
      }
      let pause = Duration.seconds(1) / requestsASecond * senders
      for sender in 0..<senders {
        group.addTask {
          var latencies: [Double] = []
          var due = start + pause / senders * sender
          while due < end {
            try await clock.sleep(until: due)
            let call = APICall("GET", paths[(latencies.count + sender) % paths.count])
            let sent = clock.now
            _ = try await client.send(call)
            latencies.append((clock.now - sent).milliseconds)
            due += pause
          }
          return latencies
        }
      }
      var times = Times()
      for try await latencies in group { times.latencies += latencies }
      times.seconds = (clock.now - start) / .seconds(1)
      return times
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

  /// Waits until the last job is gone, and until every watcher has seen that.
  private static func settle(_ expected: [Kind: WatchTally], _ seen: [WatchTally]) async throws {
    let end = ContinuousClock.now + .seconds(60)
    var last = -1
    while ContinuousClock.now < end {
      try await Task.sleep(for: .seconds(4))
      var total = 0
      for tally in Array(expected.values) + seen { total += await tally.count }
      if total == last { return }
      last = total
    }
  }

  private static func rows(
    _ times: Times, _ expected: [Kind: WatchTally], _ seen: [WatchTally], before: Int, after: Int
  ) async throws -> [Row] {
    var wrong = 0
    var events = 0
    for (number, tally) in seen.enumerated() {
      let wanted = await expected[WatchReader.kind(number)]?.facts
      let facts = await tally.facts
      events += facts.count
      if facts != wanted || facts.count == 0 { wrong += 1 }
    }
    let high = percentile(0.99, of: times.latencies)
    let rate = Double(times.latencies.count) / times.seconds
    let growth = Double(after - before) / 1e6
    return [
      Row(
        what: "API, \(watchers) watchers and \(requestsASecond) requests a second for \(seconds) s: GET, p99 (median "
          + "\(decimal(percentile(0.5, of: times.latencies), 2)) ms, \(decimal(rate, 0)) a second)",
        budget: "5 ms", measured: "\(decimal(high, 2)) ms", isWithin: high <= 5),
      Row(
        what: "the same: watchers that missed a change or saw one out of order (\(events) events sent)", budget: "0",
        measured: "\(wrong)", isWithin: wrong == 0),
      Row(
        what: "the same: resident memory after, with clients and all (before: \(before / 1_000_000) MB)",
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
