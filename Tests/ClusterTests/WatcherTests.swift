import KubeModel
import Testing

@testable import Cluster

struct WatcherTests {
  private func batch(_ versions: ClosedRange<UInt64>, kind: Kind = .pod) -> [Change] {
    versions.map { version in
      let object: KubeObject =
        kind == .pod ? .pod(Sample.pod(Int(version))) : Sample.job("job-\(version)")
      return Sample.change(.added, object, version)
    }
  }

  @Test func readsTheSnapshotThenWhatWasPublished() async throws {
    let watcher = Watcher(kinds: [.pod], limit: 3, snapshot: batch(1...10))
    watcher.publish(batch(11...12))
    watcher.publish(batch(13...13))
    watcher.finish()
    var versions: [UInt64] = []
    while let changes = try await watcher.next() { versions += changes.map(\.version) }
    #expect(versions == Array(1...13))
  }

  @Test func aReaderThatWaitsGetsTheNextBatch() async throws {
    let watcher = Watcher(kinds: [.pod])
    async let next = watcher.next()
    watcher.publish(batch(1...2))
    #expect(try await next?.map(\.version) == [1, 2])
  }

  @Test func aReaderThatFellBehindIsToldOnce() async throws {
    let watcher = Watcher(kinds: [.pod], limit: 100)
    watcher.publish(batch(1...60))
    #expect(watcher.isOpen)
    watcher.publish(batch(61...120))
    #expect(!watcher.isOpen)
    await #expect {
      try await watcher.next()
    } throws: { error in
      (error as? StatusError)?.code == 410 && (error as? StatusError)?.reason == "Expired"
    }
    #expect(try await watcher.next() == nil)
  }

  @Test func whatWasReadNoLongerCounts() async throws {
    let watcher = Watcher(kinds: [.pod], limit: 100)
    for round in 0..<5 {
      let first = UInt64(round * 90 + 1)
      watcher.publish(batch(first...first + 89))
      #expect(try await watcher.next()?.count == 90)
    }
  }

  @Test func aCancelledReaderEndsTheWatch() async throws {
    let watcher = Watcher(kinds: [.pod])
    let reader = Task { try await watcher.next() }
    reader.cancel()
    #expect(try await reader.value == nil)
    #expect(!watcher.isOpen)
  }

  @Test func theHubShowsEveryoneTheirKinds() async throws {
    var hub = WatchHub()
    let pods = Watcher(kinds: [.pod])
    let jobs = Watcher(kinds: [.job])
    let both = Watcher(kinds: [.pod, .job])
    for watcher in [pods, jobs, both] { hub.add(watcher) }
    hub.publish(batch(1...2) + batch(3...3, kind: .job))
    hub.publish(batch(4...4))
    hub.finish()
    #expect(try await pods.next()?.map(\.version) == [1, 2, 4])
    #expect(try await jobs.next()?.map(\.version) == [3])
    #expect(try await both.next()?.map(\.version) == [1, 2, 3, 4])
    #expect(try await jobs.next() == nil)
  }

  @Test func theHubForgetsReadersThatAreGone() {
    var hub = WatchHub()
    hub.add(Watcher(kinds: [.pod]))
    let kept = Watcher(kinds: [.pod])
    hub.add(kept)
    hub.publish(batch(1...1))
    #expect(hub.count == 1)
    kept.finish()
    hub.publish(batch(2...2))
    #expect(hub.count == 0)
  }
}
