import KubeModel
import Testing

@testable import ControlPlane

/// Events: counted, combined, limited, forgotten (client-go's event correlator, the API server's one hour).
struct EventTests {
  private static let start = Instant(seconds: 1_790_000_000)

  private func record(
    _ message: String, reason: String = "Reason", uid: String = "u", kind: Kind = .job,
    source: EventSource = .jobController, host: String = "", at seconds: Int
  ) -> EventRecord {
    var metadata = ObjectMeta(name: "object", namespace: kind.isNamespaced ? "default" : "")
    metadata.uid = uid
    return EventRecord(
      kind: kind, metadata: metadata, reason: reason, message: message, isWarning: false, source: source, host: host,
      at: EventTests.start + .seconds(seconds))
  }

  private func said(_ store: EventStore) -> [String] { store.records.map { "\($0.message) x\($0.count)" } }

  @Test func sameEventsAreCounted() {
    var store = EventStore()
    for second in 0..<3 { _ = store.record(record("again", at: second), isFinal: false) }
    _ = store.record(record("again", reason: "Other", at: 3), isFinal: false)
    #expect(said(store) == ["again x3", "again x1"])
    #expect(store.records[0].first == EventTests.start)
    #expect(store.records[0].last == EventTests.start + .seconds(2))
  }

  @Test func theTenthSimilarEventAndAllAfterItAreOne() {
    var store = EventStore()
    for number in 0..<12 { _ = store.record(record("pod \(number)", at: number), isFinal: false) }
    #expect(said(store) == (0..<9).map { "pod \($0) x1" } + ["(combined from similar events): pod 11 x3"])
    // What was said by itself before is still said so.
    _ = store.record(record("pod 3", at: 20), isFinal: false)
    #expect(said(store).contains("pod 3 x2"))
  }

  @Test func afterTenMinutesOfSilenceEventsAreSaidByThemselvesAgain() {
    var store = EventStore()
    for number in 0..<10 { _ = store.record(record("pod \(number)", at: 0), isFinal: false) }
    _ = store.record(record("pod 10", at: 600), isFinal: false)
    #expect(said(store).last == "(combined from similar events): pod 10 x2")
    _ = store.record(record("pod 11", at: 1201), isFinal: false)
    #expect(said(store).last == "pod 11 x1")
  }

  @Test(arguments: [Kind.job, .pod, .node, .cronJob])
  func twentyFiveAtOnceThenOneInFiveMinutes(_ kind: Kind) {
    var store = EventStore()
    var passed = 0
    func pass(_ second: Int, _ uid: String = "u", _ source: EventSource = .kubelet) {
      if case .dropped = store.record(record("again", uid: uid, kind: kind, source: source, at: second), isFinal: false)
      {
        return
      }
      passed += 1
    }
    for _ in 0..<40 { pass(0) }
    #expect(passed == 25)
    pass(299)
    #expect(passed == 25)
    pass(300)
    pass(300)
    #expect(passed == 26)
    // Every source has its own budget for every object.
    pass(300, "u", .nodeController)
    pass(300, "other")
    #expect(passed == 28)
    // The budget never holds more than 25.
    for _ in 0..<40 { pass(300 * 100) }
    #expect(passed == 28 + 25)
  }

  /// client-go's tools/events: what the scheduler repeats about a pod as it stands is a series, whatever the words.
  @Test func theSchedulersEventsAreSeries() throws {
    var store = EventStore()
    func tell(_ message: String, version: String, at second: Int) {
      var event = record(message, reason: "FailedScheduling", kind: .pod, source: .scheduler, at: second)
      event.objectVersion = version
      _ = store.record(event, isFinal: false)
    }
    tell("no cpu", version: "1", at: 0)
    // The pod has a condition by now.
    for second in 1...40 { tell("no cpu", version: "2", at: second) }
    tell("no memory", version: "2", at: 41)
    tell("no memory", version: "3", at: 42)
    #expect(said(store) == ["no cpu x1", "no cpu x41", "no memory x1"])
    let events = store.records.map { $0.event(version: 9) }
    #expect(events.map(\.action) == ["Scheduling", "Scheduling", "Scheduling"])
    #expect(events.map(\.count) == [0, 0, 0])
    #expect(events.map(\.occurrences) == [1, 41, 1])
    #expect(events[0].series == nil)
    #expect(events[1].series?["count"] == 41)
    #expect(events[1].eventTime == EventTests.start + .seconds(1))
    #expect(events[1].lastSeen == EventTests.start + .seconds(41))
    #expect(events[1].firstTimestamp == nil)
    #expect(events[1].source.component.isEmpty)
    #expect(events[1].reporter == "default-scheduler")
    #expect(events[1].involvedObject.resourceVersion == "2")
    // It comes back from storage as it was.
    let stored = try #require(EventRecord(events[1]))
    #expect(stored.event(version: 9) == events[1])
    // Six minutes of silence end a series.
    tell("no memory", version: "3", at: 402)
    tell("no memory", version: "3", at: 763)
    #expect(said(store).suffix(2) == ["no memory x2", "no memory x1"])
  }

  @Test func howAJobEndedIsAlwaysTold() {
    var store = EventStore()
    for _ in 0..<40 { _ = store.record(record("noise", at: 0), isFinal: false) }
    _ = store.record(record("Job completed", reason: "Completed", at: 0), isFinal: true)
    #expect(said(store) == ["noise x25", "Job completed x1"])
  }

  @Test func eventsGoOneHourAfterTheyLastHappened() {
    var store = EventStore()
    _ = store.record(record("once", at: 0), isFinal: false)
    _ = store.record(record("twice", at: 0), isFinal: false)
    _ = store.record(record("twice", at: 1800), isFinal: false)
    #expect(store.expire(at: EventTests.start + .seconds(3599)).isEmpty)
    #expect(store.expire(at: EventTests.start + .seconds(3600)).map(\.message) == ["once"])
    #expect(store.expire(at: EventTests.start + .seconds(5400)).map(\.message) == ["twice"])
    #expect(store.count == 0)
    #expect(store.nextExpiry == nil)
  }

  @Test func sourcesForgetObjectsTheyDidNotSpeakOfForLong() {
    var store = EventStore()
    for _ in 0..<25 { _ = store.record(record("noise", at: 0), isFinal: false) }
    for number in 0..<(3 * EventCorrelator.memory) {
      _ = store.record(record("other", uid: "pod-\(number)", at: 0), isFinal: false)
    }
    guard case .repeated = store.record(record("noise", at: 0), isFinal: false) else {
      Issue.record("the object is still remembered")
      return
    }
  }

  @Test func eventsOfObjectsWithoutANamespaceAreInDefault() throws {
    let cluster = try SimulatedClusterDriver(nodes: 1)
    let event = try #require(cluster.events.first { $0.reason == "RegisteredNode" })
    #expect(event.metadata.namespace == "default")
    #expect(event.involvedObject.namespace == "")
    #expect(event.metadata.name.wholeMatch(of: /node-1\.[0-9a-f]+/) != nil)
  }

  @Test func clientsMakeChangeAndDeleteEvents() throws {
    var cluster = try SimulatedClusterDriver(nodes: 1)
    var event = Event()
    event.metadata.name = "mine"
    event.involvedObject.kind = "Job"
    event.involvedObject.namespace = "default"
    event.involvedObject.name = "job"
    event.reason = "Noted"
    event.count = 1
    try cluster.submit(.create(.event(event)))
    let key = ObjectKey(.event, namespace: "default", name: "mine")
    #expect(cluster.events.count { $0.reason == "Noted" } == 1)
    cluster.run(for: .seconds(1800))
    try cluster.submit(.patch(key, .merge, ["count": 2]))
    cluster.run(for: .seconds(3599))
    guard case .event(let kept)? = cluster.plane.object(key) else {
      Issue.record("the event is gone too early")
      return
    }
    #expect(kept.count == 2)
    cluster.run(for: .seconds(1))
    #expect(cluster.plane.object(key) == nil)

    try cluster.submit(.create(.event(event)))
    try cluster.submit(.delete(key))
    #expect(cluster.plane.object(key) == nil)
    #expect(cluster.plane.checkInvariants() == [])
  }

  @Test func theClustersOwnEventsCanBeChangedAndDeleted() throws {
    var cluster = try SimulatedClusterDriver(nodes: 2)
    let keys = cluster.plane.list(.event).map(\.key)
    try cluster.submit(.delete(keys[0]))
    #expect(cluster.plane.object(keys[0]) == nil)
    try cluster.submit(.patch(keys[1], .merge, ["metadata": ["labels": ["seen": "yes"]]]))
    #expect(cluster.plane.object(keys[1])?.metadata.labels["seen"] == "yes")
    #expect(cluster.plane.list(.event).count == 1)
    #expect(cluster.plane.checkInvariants() == [])
    // Both kinds come back from storage.
    let objects = Kind.allCases.flatMap { cluster.plane.list($0) }
    let copy = ControlPlane(restoring: objects, version: cluster.plane.version, .init(), at: cluster.now)
    #expect(copy.list(.event).map(\.key) == [keys[1]])
    #expect(copy.checkInvariants() == [])
  }
}
