import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// A cluster that is lost, or that answers late: the screen never waits for it.
struct ConnectionTests {
  /// What watches and samples ask of a cluster: the first watches fail, and usage never comes.
  private actor LostCluster: Cluster {
    private let inner: FakeCluster
    private var failures: Int
    private(set) var watches = 0
    nonisolated let info = ClusterInfo(flavor: .remote, location: "far away")

    init(_ inner: FakeCluster, failures: Int) { (self.inner, self.failures) = (inner, failures) }

    func watch(_ kinds: Set<Kind>, from version: UInt64?) async -> ChangeSequence {
      watches += 1
      guard failures > 0 else { return await inner.watch(kinds, from: version) }
      failures -= 1
      let (stream, continuation) = AsyncThrowingStream.makeStream(of: [Change].self)
      continuation.finish(throwing: StatusError.badRequest("connection refused"))
      return ChangeSequence(stream)
    }

    func usage() async -> ClusterUsage {
      try? await Task.sleep(for: .seconds(600))
      return ClusterUsage()
    }

    func list(_ kind: Kind, namespace: String?) async throws(StatusError) -> ObjectList {
      try await inner.list(kind, namespace: namespace)
    }
    func get(_ key: ObjectKey) async throws(StatusError) -> KubeObject { try await inner.get(key) }
    func create(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject { object }
    func update(_ object: KubeObject, dryRun: Bool) async throws(StatusError) -> KubeObject { object }
    func patch(_ key: ObjectKey, _ type: PatchType, _ document: JSONValue) async throws(StatusError) -> KubeObject {
      try await inner.patch(key, type, document)
    }
    func delete(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) -> KubeObject? { nil }
    func evict(_ key: ObjectKey, _ options: DeleteOptions) async throws(StatusError) {}
    func setNodeFailed(_ name: String, _ failed: Bool) async throws(StatusError) {}
    func logs(_ request: LogRequest) async throws(StatusError) -> LogSequence { try await inner.logs(request) }
    func shutDown(grace: Duration) async {}
  }

  /// Gives the dashboard what comes until `isDone`.
  private func follow(
    _ mailbox: Mailbox, _ dashboard: inout Dashboard, until isDone: (Dashboard) -> Bool
  ) async throws {
    for _ in 0..<6_000 {
      let delivery = mailbox.take(rearm: true)
      if delivery.isReset { _ = dashboard.handle(.snapshotReset) }
      if !delivery.changes.isEmpty { _ = dashboard.handle(.changes(delivery.changes)) }
      for event in delivery.events { _ = dashboard.handle(event) }
      if isDone(dashboard) { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it did not come to that")
  }

  @Test func aLostWatchIsToldAndTriedAgainWhileKeysAreAnswered() async throws {
    let cluster = LostCluster(FakeCluster(Fixture.full.objects), failures: 2)
    let mailbox = Mailbox()
    let watching = Task { await DashboardApp.watch(cluster, mailbox) }
    defer { watching.cancel() }
    var dashboard = Dashboard()
    _ = dashboard.handle(.tick(Fixture.now))
    let size = Size(columns: 120, rows: 40)
    try await follow(mailbox, &dashboard) { $0.watchError != nil }
    #expect(dashboard.render(size).plainText().contains("Not up to date: "))
    #expect(dashboard.render(size).plainText().contains("connection refused; trying again"))
    // Nothing was read yet, and there is an answer to every key.
    _ = dashboard.handle(.terminal(.key("?")))
    #expect(dashboard.render(size).plainText().contains("Moving"))
    _ = dashboard.handle(.terminal(.key("esc")))
    try await follow(mailbox, &dashboard) { $0.store.isLoaded && $0.watchError == nil }
    #expect(dashboard.render(size).plainText().contains("nightly-backup"))
    #expect(!dashboard.render(size).plainText().contains("Not up to date"))
    let watches = await cluster.watches
    #expect(watches == 3)
  }

  /// What was there stays on the screen until there is something newer.
  @Test func whatWasReadStaysInViewWhenTheWatchIsLost() {
    var driver = Driver()
    driver.send(.watchFailed("the server is away"))
    #expect(driver.screen.contains("nightly-backup") && driver.screen.contains("the server is away; trying again"))
    driver.press("j")
    #expect(driver.screen.contains("the server is away"))
    driver.send(.changes([]))
    #expect(!driver.screen.contains("the server is away"))
  }

  /// A cluster that never says how busy its nodes are keeps nobody waiting, at the end neither.
  @Test func samplingHoldsUpNothing() async throws {
    let cluster = LostCluster(FakeCluster(Fixture.full.objects), failures: 0)
    let mailbox = Mailbox()
    var dashboard = Dashboard()
    _ = dashboard.handle(.tick(Fixture.now))
    let clock = ContinuousClock()
    let begun = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await DashboardApp.sample(cluster, mailbox, every: { .seconds(1) }) }
      group.addTask { await DashboardApp.watch(cluster, mailbox) }
      try await follow(mailbox, &dashboard) { $0.store.isLoaded }
      group.cancelAll()
    }
    #expect(dashboard.store.totals.jobs > 0 && clock.now - begun < .seconds(500))
  }

  // MARK: The clipboard

  @Test(arguments: [
    ("a", "\u{1B}]52;c;YQ==\u{07}"), ("nightly-backup", "\u{1B}]52;c;bmlnaHRseS1iYWNrdXA=\u{07}"),
    ("漢\n", "\u{1B}]52;c;5ryiCg==\u{07}"), ("", "\u{1B}]52;c;\u{07}"),
    // What is copied steers nothing.
    ("\u{1B}]0;x\u{07}", "\u{1B}]52;c;G10wO3gH\u{07}"),
  ])
  func theClipboardIsAskedAsXtermHasIt(_ text: String, _ sequence: String) {
    #expect(Clipboard.sequence(text) == sequence)
  }
}
