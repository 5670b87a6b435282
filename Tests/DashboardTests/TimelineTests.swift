import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct TimelineTests {
  private func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_000_000 + seconds) }

  private func pod(_ phase: PodPhase, _ shape: (inout PodStatus) -> Void) -> PodItem {
    var pod = Pod()
    pod.metadata.creationTimestamp = at(0)
    pod.status.phase = phase
    shape(&pod.status)
    return PodItem(pod)
  }

  private func container(restarts: Int = 0, last: (Int64, Int64)? = nil, _ state: ContainerState) -> ContainerStatus {
    var status = ContainerStatus()
    status.restartCount = restarts
    status.state = state
    if let last { status.lastState.terminated = terminated(last.0, last.1, 1) }
    return status
  }

  private func terminated(_ from: Int64, _ until: Int64, _ code: Int) -> ContainerState.Terminated {
    var end = ContainerState.Terminated()
    (end.startedAt, end.finishedAt, end.exitCode) = (at(from), at(until), code)
    return end
  }

  private func running(_ since: Int64) -> ContainerState {
    var state = ContainerState()
    state.running = .init()
    state.running?.startedAt = at(since)
    return state
  }

  private func parts(_ item: Item) -> [String] {
    TimelineBar(item)?.parts.map { part in
      "\(part.phase) \(part.from.seconds - at(0).seconds)-\(part.until.map { "\($0.seconds - at(0).seconds)" } ?? "")"
    } ?? []
  }

  // MARK: Bars

  @Test func aPodThatNoNodeTakesWaits() {
    let waiting = pod(.pending) {
      $0.conditions = [Condition("PodScheduled", false, reason: "Unschedulable", message: "", at: at(1))]
    }
    #expect(parts(waiting) == ["waiting 0-"])
    #expect(TimelineBar(waiting)?.time(in: .waiting, at(9)) == .seconds(9))
  }

  @Test func aPodWaitsStartsRunsAndEnds() {
    let ended = pod(.failed) {
      $0.conditions = [Condition("PodScheduled", true, reason: "", message: "", at: at(2))]
      var state = ContainerState()
      state.terminated = terminated(5, 20, 3)
      $0.containerStatuses = [container(state)]
    }
    #expect(parts(ended) == ["waiting 0-2", "starting 2-5", "running 5-20"])
    #expect(TimelineBar(ended)?.end == .init(at: at(20), standing: .failed))
  }

  @Test func aContainerThatCouldNotBeStartedNeverRan() {
    let ended = pod(.failed) {
      $0.conditions = [Condition("PodScheduled", true, reason: "", message: "", at: at(2))]
      var state = ContainerState()
      state.terminated = terminated(0, 3, 128)
      state.terminated?.reason = "StartError"
      state.terminated?.startedAt = Instant(seconds: 0)
      $0.containerStatuses = [container(state)]
    }
    #expect(parts(ended) == ["waiting 0-2", "starting 2-3"])
    #expect(TimelineBar(ended)?.end == .init(at: at(3), standing: .failed))
  }

  @Test func aRestartLeavesAGap() {
    let again = pod(.running) {
      $0.conditions = [Condition("PodScheduled", true, reason: "", message: "", at: at(0))]
      $0.containerStatuses = [container(restarts: 1, last: (1, 4), running(14))]
    }
    #expect(parts(again) == ["waiting 0-0", "starting 0-1", "running 1-4", "pausing 4-14", "running 14-"])
    var state = ContainerState()
    state.waiting = .init()
    state.waiting?.reason = "CrashLoopBackOff"
    let backingOff = pod(.running) {
      $0.startTime = at(1)
      $0.conditions = [Condition("PodScheduled", true, reason: "", message: "", at: at(0))]
      $0.containerStatuses = [container(restarts: 3, last: (50, 60), state)]
    }
    // Of the runs before the last one nothing is kept.
    #expect(parts(backingOff).suffix(3) == ["unknown 1-50", "running 50-60", "pausing 60-"])
    #expect(TimelineBar(backingOff)?.time(in: .running, at(90)) == .seconds(10))
  }

  /// What went down with its node, or with jobdeck, has ended some time before that was back.
  @Test func theEndOfALostContainerIsNotKnown() {
    let lost = pod(.failed) {
      $0.startTime = at(1)
      $0.conditions = [Condition("PodScheduled", true, reason: "", message: "", at: at(0))]
      var state = ContainerState()
      state.terminated = terminated(2, 900, 137)
      state.terminated?.reason = "ContainerStatusUnknown"
      $0.containerStatuses = [container(state)]
    }
    #expect(parts(lost).last == "unknown 2-900")
    #expect(TimelineBar(lost)?.time(in: .running, at(999)) == .zero)
    #expect(lost.elapsed(at(999)) == nil)
    let again = pod(.running) {
      $0.conditions = [Condition("PodScheduled", true, reason: "", message: "", at: at(0))]
      var status = container(restarts: 1, last: (2, 900), running(901))
      status.lastState.terminated?.reason = "ContainerStatusUnknown"
      $0.containerStatuses = [status]
    }
    #expect(parts(again).suffix(3) == ["unknown 2-900", "pausing 900-901", "running 901-"])
  }

  // MARK: The window

  @Test func allOfItIsShownFirst() {
    var window = TimeWindow(.all)
    window.update(whole: at(0)...at(100), now: at(500))
    #expect(window.column(at(0), width: 102) == 0)
    #expect(window.column(at(100), width: 102) == 100)
    #expect(window.column(at(-60), width: 102) < 0)
    #expect(window.column(at(200), width: 102) > 102)
  }

  @Test func zoomingKeepsWhatIsLookedAtInView() {
    var window = TimeWindow(.all)
    window.update(whole: at(0)...at(100), now: at(500))
    let before = window.column(at(10), width: 100)
    for _ in 0..<4 { window.zoom(1, around: at(10)) }
    #expect(abs(window.column(at(10), width: 100) - before) <= 1)
    // What was out of sight comes to the middle.
    window.zoom(-1, around: at(90))
    #expect((49...51).contains(window.column(at(90), width: 100)))
  }

  @Test func zoomingKeepsNowInViewWhereItIsFollowed() {
    var window = TimeWindow(.all)
    window.update(whole: at(0)...at(100), now: at(100))
    window.zoom(1)
    window.update(whole: at(0)...at(110), now: at(110))
    #expect(window.followsNow)
    #expect((90...99).contains(window.column(at(110), width: 100)))
    #expect(window.column(at(50), width: 100) < 0)
    window.pan(-1)
    let start = window.start
    window.update(whole: at(0)...at(200), now: at(200))
    #expect(window.start == start)
    #expect(!window.followsNow)
    // Back at now it follows again, and goes no further.
    for _ in 0..<20 { window.pan(1) }
    window.update(whole: at(0)...at(200), now: at(200))
    #expect(window.followsNow)
    #expect((90...99).contains(window.column(at(200), width: 100)))
  }

  @Test func zoomingHasItsLimits() {
    var window = TimeWindow(.all)
    window.update(whole: at(0)...at(10), now: at(1000))
    for _ in 0..<50 { window.zoom(1) }
    #expect(window.span == 1_000_000)
    for _ in 0..<50 { window.zoom(-1) }
    #expect(window.span == 366 * 86_400 * 1_000_000)
    #expect(window.ticks(width: 100) { _ in 0 }.count < 100)
    window.showAll()
    window.update(whole: at(0)...at(10), now: at(1000))
    #expect(window.span == 10_200_000)
  }

  @Test func ticksAreAtRoundLocalTimes() throws {
    let start = try #require(Instant(rfc3339: "2026-11-23T14:03:07Z"))
    var window = TimeWindow(.all)
    window.update(whole: start...start + .seconds(600), now: start + .seconds(600))
    let ticks = window.ticks(width: 60) { _ in 19_800 }
    #expect(ticks.map(\.label) == ["19:35", "19:40"])
    #expect(ticks[0].column == window.column(start + .seconds(113), width: 60))
    window.update(whole: start...start + .seconds(5 * 86_400), now: start)
    #expect(window.ticks(width: 80) { _ in 0 }.first?.label == "Nov 24")
    window.update(whole: start...start + .seconds(20), now: start)
    #expect(window.ticks(width: 60) { _ in 0 }.first?.label == "14:03:10")
  }

  // MARK: Keys

  private func timeline(_ driver: Driver) -> TimelinePage? {
    if case .drawn(let page)? = driver.dashboard.pages.last { page as? TimelinePage } else { nil }
  }

  private func opened(_ job: String, _ fixture: Fixture = .full) -> Driver {
    var driver = Driver(fixture)
    driver.select(job)
    driver.press("b")
    return driver
  }

  @Test func anIndexThatIsTriedAgainIsNumbered() {
    var driver = opened("render-frames")
    let text = driver.dashboard.render(Size(columns: 120, rows: 40)).plainText()
    #expect(text.contains("✗ 9  ") && text.contains("● 9 #2"))
    #expect(text.contains("● 10 ↻2"))
  }

  @Test func itIsAboutWhatIsSelected() {
    #expect(timeline(opened("render-frames"))?.crumb == "Timeline of render-frames")
    var driver = opened("render-frames")
    driver.press("b")
    #expect(timeline(driver)?.crumb == "Timeline")
    driver.press(": c r o enter")
    driver.select("cleanup")
    driver.press("b")
    #expect(timeline(driver)?.crumb == "Timeline of cleanup")
    #expect(driver.dashboard.selectedItem is JobItem)
    driver.press(": n o d e s enter")
    driver.select("node-2")
    driver.press("b")
    #expect((driver.dashboard.selectedItem as? PodItem)?.pod.spec.nodeName == "node-2")
  }

  @Test func aPodsTimelineIsItsJobsWithThePodSelected() {
    var driver = Driver(.full)
    driver.select("render-frames")
    driver.press("enter down down down")
    let pod = driver.selectedName
    driver.press("b")
    #expect(timeline(driver)?.crumb == "Timeline of render-frames")
    #expect(driver.selectedName == pod)
  }

  @Test func keysGoOnFromTheRow() {
    var driver = opened("render-frames")
    driver.press("down down l")
    guard case .openLog(_, let request)? = driver.takeCommands().first else {
      Issue.record("no log was opened")
      return
    }
    #expect(request.pod.hasPrefix("render-frames-2-"))
    driver.press("esc o")
    #expect(driver.selectedName == "node-3")
  }

  @Test func byNodeEachNodeIsNamedOnce() {
    var driver = opened("render-frames")
    driver.press("i")
    let lines = driver.dashboard.render(Size(columns: 120, rows: 40)).plainText().split(separator: "\n")
    #expect(lines.filter { $0.contains("node-2") }.count == 1)
    driver.press("i")
    let again = driver.dashboard.render(Size(columns: 120, rows: 40)).plainText().split(separator: "\n")
    #expect(again.filter { $0.contains("node-2") }.count > 1)
  }

  @Test func zoomAndPanMoveTheBars() {
    var driver = opened("render-frames")
    let size = Size(columns: 120, rows: 40)
    let all = driver.dashboard.render(size).plainText()
    driver.press("+")
    let near = driver.dashboard.render(size).plainText()
    #expect(near != all && near.contains("‹"))
    driver.press("left left left left left left")
    #expect(driver.dashboard.render(size).plainText().contains("›"))
    driver.press("0")
    #expect(driver.dashboard.render(size).plainText() == all)
  }
}
