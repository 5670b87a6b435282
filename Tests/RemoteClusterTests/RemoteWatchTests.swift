import Cluster
import KubeModel
import RemoteCluster
import Testing

@Suite(.timeLimit(.minutes(5))) struct RemoteWatchTests {
  /// Reads until `isEnough` says so.
  private static func read(_ sequence: ChangeSequence, until isEnough: ([Change]) -> Bool) async throws -> [Change] {
    var all: [Change] = []
    for try await batch in sequence {
      all += batch
      if isEnough(all) { break }
    }
    return all
  }

  @Test func theBeginningIsWhatThereIs() async throws {
    try await Rig.run { rig in
      _ = try await rig.embedded.create(Rig.job("a", suspended: true), dryRun: false)
      let sequence = await rig.remote.watch([.job, .node, .namespace], from: nil)
      var iterator = sequence.makeAsyncIterator()
      let first = try #require(try await iterator.next())
      let expected = try await rig.embedded.list(.job, namespace: nil).items
      #expect(first.filter { $0.object.kind == .job }.map { $0.object.json() } == expected.map { $0.json() })
      #expect(first.count { $0.object.kind == .node } == 3)
      #expect(first.allSatisfy { $0.verb == .added })
      // What happens afterwards follows, in order.
      _ = try await rig.embedded.patch(Rig.key("a"), .merge, ["metadata": ["labels": ["n": "1"]]])
      _ = try await rig.embedded.patch(Rig.key("a"), .merge, ["metadata": ["labels": ["n": "2"]]])
      try await rig.embedded.delete(Rig.key("a"), DeleteOptions(propagationPolicy: .background))
      var seen: [Change] = []
      while seen.last?.verb != .deleted, let batch = try await iterator.next() {
        seen += batch.filter { $0.object.kind == .job }
      }
      #expect(seen.compactMap { $0.object.metadata.labels["n"] }.first == "1")
      #expect(seen.map(\.version) == seen.map(\.version).sorted())
    }
  }

  @Test func aWatchBeginsWhereItIsTold() async throws {
    try await Rig.run { rig in
      let made = try await rig.embedded.create(Rig.job("a", suspended: true), dryRun: false)
      let version = try #require(UInt64(made.metadata.resourceVersion))
      _ = try await rig.embedded.create(Rig.job("b", suspended: true), dryRun: false)
      let changes = try await Self.read(await rig.remote.watch([.job], from: version)) { all in
        all.contains { $0.object.metadata.name == "b" }
      }
      #expect(!changes.contains { $0.object.metadata.name == "a" && $0.verb == .added })
      #expect(changes.allSatisfy { $0.version > version })
    }
  }

  @Test func aJobIsFollowedToItsEnd() async throws {
    try await Rig.run { rig in
      let sequence = await rig.remote.watch([.job, .pod], from: nil)
      _ = try await rig.remote.create(Rig.job("a"), dryRun: false)
      // Of different kinds a server tells in an order of its own.
      let changes = try await Self.read(sequence) { all in
        let isComplete = all.contains { change in
          guard case .job(let job) = change.object else { return false }
          return job.status.conditions["Complete"]?.status == "True"
        }
        return isComplete && all.contains { $0.object.kind == .pod && $0.verb == .added }
      }
      #expect(changes.count { $0.object.kind == .job && $0.verb == .added } == 1)
    }
  }

  @Test func whoFellBehindIsToldToListAnew() async throws {
    let told = ToldCluster { _ in
      AsyncThrowingStream { continuation in
        continuation.finish(
          throwing: StatusError(code: 410, reason: "Expired", message: "too old resource version: 3 (9)"))
      }
    }
    try await serving(told) { socket in
      let remote = try await RemoteCluster.connect(APIClient(socket: socket))
      do {
        for try await _ in await remote.watch([.job], from: 3) {}
        Issue.record("the watch must not end in good order")
      } catch let error as StatusError {
        #expect(error.code == 410)
        #expect(error.reason == "Expired")
        #expect(error.message == "too old resource version: 3 (9)")
      }
    }
  }

  /// A server ends each watch after a while; nothing of that is seen.
  @Test func aWatchGoesOnWhereTheServerEndedIt() async throws {
    var job = Rig.job("a")
    job.metadata.uid = "uid"
    let object = job
    let told = ToldCluster { version in
      AsyncThrowingStream { continuation in
        var changed = object
        let next = (version ?? 0) + 1
        changed.metadata.resourceVersion = "\(next)"
        continuation.yield([Change(verb: .modified, object: changed, version: next)])
        continuation.finish()
      }
    }
    try await serving(told) { socket in
      let remote = try await RemoteCluster.connect(APIClient(socket: socket))
      let changes = try await Self.read(await remote.watch([.job], from: 5)) { $0.count >= 3 }
      #expect(changes.map(\.version).prefix(3) == [6, 7, 8])
      #expect(await told.asked.versions.prefix(3) == [5, 6, 7])
    }
  }

  @Test func aLostServerEndsTheWatchAndIsFoundAgain() async throws {
    let folder = try TemporaryFolder()
    let socket = folder.path + "/api.sock"
    let embedded = try await EmbeddedCluster.open(.init(location: .inMemory, runtime: .simulated, seed: 1))
    let client = APIClient(socket: socket)
    let reader = try await serving(embedded, at: socket) { _ in
      let remote = try await RemoteCluster.connect(client)
      let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
      let reader = Task {
        // A watch that never began must not keep the test waiting.
        defer { hasBegun.finish() }
        for try await _ in await remote.watch([.node], from: nil) { hasBegun.yield() }
      }
      for await _ in begun { break }
      return reader
    }
    let error = await #expect(throws: StatusError.self) { try await reader.value }
    #expect(error?.code == 503)
    #expect(error?.message.contains(socket) == true)
    try await serving(embedded, at: socket) { _ in
      let remote = try await RemoteCluster.connect(client)
      #expect(try await remote.list(.node, namespace: nil).items.count == 3)
    }
    await embedded.shutDown(grace: .zero)
  }

  @Test func aReaderThatLeavesEndsTheWatchAtTheServer() async throws {
    let (ended, hasEnded) = AsyncStream.makeStream(of: Void.self)
    let told = ToldCluster { _ in
      let (stream, continuation) = AsyncThrowingStream<[Change], any Error>.makeStream()
      continuation.onTermination = { _ in hasEnded.yield() }
      return stream
    }
    try await serving(told) { socket in
      let remote = try await RemoteCluster.connect(APIClient(socket: socket))
      let task = Task {
        for try await _ in await remote.watch([.job], from: 5) {}
      }
      while await told.asked.versions.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
      task.cancel()
      for await _ in ended { break }
      _ = await task.result
    }
  }
}
