import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct AttentionTests {
  private func store(_ fixture: Fixture) -> Store {
    var store = Store()
    for change in fixture.changes { _ = store.apply(change) }
    return store
  }

  private func told(
    _ store: Store, in shown: Shown = Shown(), after: Duration = .zero, limit: Int = 100
  ) -> [String] {
    store.attention.first(limit, in: shown, now: Fixture.now + after).map {
      "\($0.concern) \(store[$0.object]?.name ?? "?")"
    }
  }

  @Test func theWorstComesFirst() {
    #expect(
      told(store(.full)) == [
        "nodeDown node-4", "failed nightly-backup", "stuck no-such-tool", "unschedulable train-model",
        "retrying import-users", "failing render-frames", "suspended quarterly-report",
      ])
    #expect(told(store(.full), limit: 2) == ["nodeDown node-4", "failed nightly-backup"])
  }

  @Test func ofANamespaceOnlyWhatIsThereAndTheNodes() {
    #expect(
      told(store(.full), in: Shown(namespaces: ["web"])) == [
        "nodeDown node-4", "stuck no-such-tool", "failing render-frames", "suspended quarterly-report",
      ])
    #expect(told(store(.full), in: Shown(namespaces: ["web", "default"])) == told(store(.full)))
  }

  @Test func failuresAreNewestFirstAndOldOnesBehindAllElse() {
    var cluster = Fixture()
    for (name, ago) in [("old", 4_000), ("new", 10), ("middle", 500)] as [(String, Int64)] {
      _ = cluster.job(name, .init(age: 5_000, failed: 1, verdict: ("Failed", "BackoffLimitExceeded", "", ago)))
    }
    cluster.job("waits", .init(age: 50, active: 1)).addPod(to: &cluster, unschedulable: "no room")
    let store = store(cluster)
    #expect(told(store) == ["failed new", "failed middle", "unschedulable waits", "failedEarlier old"])
    #expect(
      told(store, after: .seconds(3_595)).suffix(3) == [
        "failedEarlier new", "failedEarlier middle", "failedEarlier old",
      ])
  }

  @Test func whatIsOverIsGone() {
    var store = store(.full)
    for change in Fixture.full.changes.reversed() {
      _ = store.apply(Change(verb: .deleted, object: change.object, version: 1))
    }
    #expect(told(store).isEmpty)
    #expect(told(store, after: .seconds(1_000_000)).isEmpty)
  }

  @Test func aNodeThatComesBackNeedsNothing() {
    var cluster = Fixture()
    cluster.node("node-1", cpu: "1", memory: "1Gi")
    #expect(told(store(cluster)).isEmpty)
    guard case .node(var node)? = cluster.objects.first else { return }
    node.status.conditions.append(Condition("DiskPressure", true, reason: "Full", message: "", at: Fixture.now))
    cluster.change(.node(node))
    #expect(told(store(cluster)) == ["pressure node-1"])
  }

  @Test func aJobThatCannotMakePodsIsNamed() throws {
    var cluster = Fixture()
    let job = cluster.job("classless", .init(age: 50))
    cluster.event(.job, job.metadata, "SuccessfulCreate", "Created pod: classless-aaaaa", ago: 45)
    cluster.event(.job, job.metadata, "FailedCreate", "Error creating: forbidden", ago: 40, warning: true)
    var store = store(cluster)
    #expect(told(store) == ["uncreated classless"])
    let entry = try #require(store.attention.first(1, in: Shown(), now: Fixture.now).first)
    let item = try #require(store[entry.object])
    #expect(entry.details(item, Driver(cluster).dashboard.context) == "forbidden")
    // A job that has pods, or waits to try again, says that instead.
    var failed = cluster
    failed.pod("bbbbb", of: job, .init(age: 5))
    #expect(told(self.store(failed)).isEmpty)
    let made = cluster.objects.last
    cluster.event(.job, job.metadata, "SuccessfulCreate", "Created pod: classless-ccccc", ago: 1)
    for change in cluster.changes.suffix(1) { _ = store.apply(change) }
    #expect(told(store).isEmpty)
    // When the later one is forgotten, the one before counts again; without any nothing is known.
    for change in cluster.changes.suffix(1) {
      _ = store.apply(Change(verb: .deleted, object: change.object, version: 9))
    }
    #expect(told(store) == ["uncreated classless"])
    if let made { _ = store.apply(Change(verb: .deleted, object: made, version: 10)) }
    #expect(told(store).isEmpty)
  }

  @Test func cronJobsThatMissedRunsComeWithTime() {
    var cluster = Fixture()
    cluster.cronJob("every-five", "*/5 * * * *", last: 187)
    cluster.cronJob("asleep", "*/5 * * * *", suspended: true, last: 9_000)
    let store = store(cluster)
    #expect(told(store).isEmpty)
    // The next run is at 14:05, a little less than two minutes from now.
    #expect(told(store, after: .seconds(120)).isEmpty)
    #expect(told(store, after: .seconds(124)) == ["missed every-five"])
  }

  @Test func aJobBecomesLateByWhatIsUsualForItsWork() {
    var cluster = Fixture()
    let running = cluster.job("work-9", .init(age: 20, active: 1))
    for number in 0..<3 {
      _ = cluster.job(
        "work-\(number)", .init(age: 1_000, succeeded: 1, verdict: ("Complete", "CompletionsReached", "", 980)))
    }
    // What is usual may be learned after the job was seen.
    var store = store(cluster)
    #expect(told(store, after: .seconds(20)).isEmpty)
    #expect(told(store, after: .seconds(21)) == ["late work-9"])
    #expect(told(store, in: Shown(namespaces: ["web"]), after: .seconds(21)).isEmpty)
    _ = store.apply(Change(verb: .deleted, object: .job(running), version: 9))
    #expect(told(store, after: .seconds(21)).isEmpty)
  }

  @Test func piecesStayInOrder() {
    var random = SplitMix(seed: 7)
    var pieces = OrderedPieces<Int>()
    var expected: Set<Int> = []
    for _ in 0..<5_000 {
      let number = Int(random.next() % 3_000)
      if expected.remove(number) != nil {
        pieces.remove(number)
      } else {
        expected.insert(number)
        pieces.insert(number)
      }
    }
    pieces.remove(-1)
    #expect(Array(pieces.elements()) == expected.sorted())
    #expect(Array(pieces.elements { $0 >= 1_500 }) == expected.filter { $0 >= 1_500 }.sorted())
  }

  // MARK: The page

  private func opened(_ fixture: Fixture = .full, size: Size = Size(columns: 120, rows: 40)) -> Driver {
    var driver = Driver(fixture, size: size)
    driver.press(": p u l s e enter")
    return driver
  }

  @Test func enterOpensWhy() {
    var driver = opened()
    driver.press("down")
    #expect(driver.selectedName == "nightly-backup")
    driver.press("enter")
    #expect(driver.dashboard.currentContexts == .why)
    driver.press("esc up enter")
    #expect(driver.screen.contains("Why node-4"))
  }

  /// Other indexes of it went well, the last of them after the one that failed.
  @Test func aFailedJobIsToldWithTheExitCodeOfItsFailure() {
    var cluster = Fixture()
    let sweep = cluster.job("sweep", .init(age: 90, failed: 1, verdict: ("Failed", "FailedIndexes", "", 10)))
    cluster.pod("bad", of: sweep, .init(phase: .failed, finished: 40, exit: 7, index: 5))
    cluster.pod("good", of: sweep, .init(phase: .succeeded, finished: 11, exit: 0, index: 6))
    var driver = opened(cluster)
    #expect(driver.screen.contains("FailedIndexes, exit code 7"))
  }

  @Test func actionsGoToTheRow() {
    var driver = opened()
    #expect(!driver.dashboard.actions.contains { $0.name == "restart" })
    driver.press("down")
    #expect(driver.dashboard.actions.contains { $0.name == "restart" })
    driver.press("y")
    #expect(driver.screen.contains("nightly-backup"))
  }

  @Test func theCursorStaysOnItsObject() {
    var driver = opened()
    driver.press("down down")
    #expect(driver.selectedName == "no-such-tool")
    guard let failed = Fixture.full.changes.first(where: { $0.object.metadata.name == "nightly-backup" }) else {
      return
    }
    driver.send(.changes([Change(verb: .deleted, object: failed.object, version: 1)]))
    #expect(driver.screen.contains("2 of 6"))
    #expect(driver.selectedName == "no-such-tool")
    driver.press("G")
    #expect(driver.selectedName == "quarterly-report")
  }

  @Test func nothingToDoIsSaid() {
    var driver = opened(Fixture())
    #expect(driver.screen.contains("Nothing: no failures"))
    driver.press("enter w down")
    #expect(driver.dashboard.currentContexts == .pulse)
  }

  @Test func manyAreCutAndSaidSo() {
    var cluster = Fixture()
    for number in 0..<700 {
      _ = cluster.job("job-\(number)", .init(age: 100, failed: 1, verdict: ("Failed", "BackoffLimitExceeded", "", 5)))
    }
    var driver = opened(cluster)
    #expect(driver.screen.contains("1 of 500+"))
    #expect(driver.screen.contains("500+ failed"))
  }
}

extension Job {
  fileprivate func addPod(to cluster: inout Fixture, unschedulable message: String) {
    cluster.pod("p0d00", of: self, .init(phase: .pending, age: 40, unschedulable: message))
  }
}
