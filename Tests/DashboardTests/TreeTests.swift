import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct TreeTests {
  private func names(_ driver: Driver) -> [String] {
    guard case .drawn(let page)? = driver.dashboard.pages.last, let tree = page as? TreePage else { return [] }
    return tree.rows.compactMap { $0.item(driver.dashboard.store)?.name }
  }

  private func opened(_ fixture: Fixture = .full) -> Driver {
    var driver = Driver(fixture)
    driver.press(": t r e e enter")
    return driver
  }

  @Test func cronJobsComeFirstWithTheirJobsBelow() {
    let driver = opened()
    #expect(names(driver).prefix(2) == ["cleanup", "cleanup-29656420"])
    #expect(names(driver)[2].hasPrefix("cleanup-29656420-"))
    // A job that a cron job made stands nowhere else.
    #expect(names(driver).filter { $0 == "cleanup-29656420" }.count == 1)
  }

  @Test func rightOpensAndGoesInLeftClosesAndGoesOut() {
    var driver = opened()
    let all = names(driver).count
    driver.press("left")
    #expect(names(driver).count == all - 6)
    driver.press("right right right")
    #expect(driver.selectedName == "cleanup-29656420-q0w3e")
    driver.press("right")
    #expect(names(driver).count == all + 1)
    driver.press("right")
    #expect(driver.dashboard.selectedItem is ContainerItem)
    driver.press("left")
    #expect(driver.dashboard.selectedItem is PodItem)
    driver.press("left")
    #expect(names(driver).count == all)
    driver.press("left left left left")
    #expect(driver.selectedName == "cleanup")
  }

  @Test func actionsGoToTheRow() {
    var driver = opened()
    #expect(driver.dashboard.actions.contains { $0.name == "trigger" })
    #expect(!driver.dashboard.actions.contains { $0.name == "previous-logs" })
    driver.press("s")
    guard case .patch(_, let key, _)? = driver.takeCommands().first else {
      Issue.record("nothing was suspended")
      return
    }
    #expect(key.kind == .cronJob && key.name == "cleanup")
    driver.press("down down")
    #expect(!driver.dashboard.actions.contains { $0.name == "trigger" || $0.name == "suspend" })
    driver.press("l")
    guard case .openLog(_, let request)? = driver.takeCommands().first else {
      Issue.record("no log was opened")
      return
    }
    #expect(request.pod == "cleanup-29656420-q0w3e")
    driver.press("esc g enter")
    #expect(driver.dashboard.table?.view == .jobs)
  }

  @Test func manyAreClosedAndChangesBelowListNothing() {
    var driver = opened(.many(3_000))
    #expect(names(driver).count == 3_000)
    let change = Fixture.many(3_000).changes.last { $0.object.kind == .pod }
    driver.press("G")
    let selected = driver.selectedName
    if let change {
      driver.send(.changes([Change(verb: .deleted, object: change.object, version: 1)]))
    }
    driver.press("right")
    #expect(driver.selectedName == selected)
    #expect(names(driver).count == 3_000)
    driver.press("up right")
    #expect(names(driver).count == 3_001)
  }

  @Test func rowsComeAndGoAroundTheCursor() {
    var driver = opened()
    let gone = Fixture.full.changes.filter { $0.object.metadata.name == "cleanup" }
    driver.press("G")
    let selected = driver.selectedName
    driver.send(.changes(gone.map { Change(verb: .deleted, object: $0.object, version: 1) }))
    driver.press("left")
    #expect(driver.selectedName == selected || driver.dashboard.selectedItem is JobItem)
    #expect(!names(driver).contains("cleanup"))
    driver.send(.snapshotReset)
    driver.press("down")
    #expect(names(driver).isEmpty && driver.dashboard.selectedItem == nil)
  }

  /// A pod of no job, or of something else than a job.
  private func barePod(_ name: String, owner: String? = nil) -> KubeObject {
    var pod = Pod()
    pod.metadata = ObjectMeta(name: name, namespace: "default")
    pod.metadata.uid = "uid-" + name
    pod.metadata.creationTimestamp = Fixture.now
    pod.status.phase = .running
    if let owner {
      var reference = OwnerReference()
      (reference.kind, reference.name, reference.uid, reference.controller) = ("ReplicaSet", owner, owner, true)
      pod.metadata.ownerReferences = [reference]
    }
    return .pod(pod)
  }

  @Test func podsWithoutAJobStandAtTheEnd() {
    var driver = opened()
    let before = names(driver)
    for object in [barePod("shell"), barePod("web-1", owner: "web")] {
      driver.send(.changes([Change(verb: .added, object: object, version: 9)]))
    }
    driver.press("G")
    #expect(names(driver) == before + ["shell", "web-1"])
    driver.send(.changes([Change(verb: .deleted, object: barePod("shell"), version: 10)]))
    driver.press("k")
    #expect(names(driver) == before + ["web-1"])
    driver.send(.changes([Change(verb: .deleted, object: barePod("web-1", owner: "web"), version: 11)]))
    driver.press("k")
    #expect(names(driver) == before)
  }

  @Test func podsOutliveTheirJob() throws {
    var driver = opened()
    let job = try #require(Fixture.full.changes.first { $0.object.metadata.name == "mail-queue" })
    driver.send(.changes([Change(verb: .deleted, object: job.object, version: 9)]))
    driver.press("G")
    #expect(names(driver).suffix(3).allSatisfy { $0.hasPrefix("mail-queue-") })
    driver.send(.changes([Change(verb: .added, object: job.object, version: 10)]))
    driver.press("k")
    #expect(names(driver).contains("mail-queue"))
    #expect(names(driver).last?.hasPrefix("mail-queue-") == false)
  }

  @Test func aFilterKeepsTheWayToWhatMatches() {
    var driver = opened()
    let all = names(driver)
    driver.press("/")
    driver.type("q1w3e")
    driver.press("enter")
    #expect(names(driver) == ["cleanup", "cleanup-29656415", "cleanup-29656415-q1w3e"])
    // The way there can't be closed; left goes up on it.
    driver.press("g space")
    #expect(names(driver).count == 3)
    driver.press("down left")
    #expect(driver.selectedName == "cleanup")
    driver.press("esc down")
    #expect(names(driver) == all)
    driver.press("/")
    driver.type("nowhere")
    driver.press("enter j")
    #expect(driver.screen.contains("Nothing here matches"))
    driver.press("esc esc")
    #expect(driver.dashboard.table != nil)
  }

  @Test func whatMatchesIsShownWithAllBelowIt() {
    var driver = opened()
    driver.press("/")
    driver.type("render-frames")
    driver.press("enter")
    #expect(names(driver).count == 13)
    #expect(names(driver).allSatisfy { $0.hasPrefix("render-frames") })
    driver.press("g left")
    #expect(names(driver) == ["render-frames"])
  }
}
