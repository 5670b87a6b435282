import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// The logs of more pods than are read at the same time.
struct ManyLogsTests {
  private func job(_ count: Int, running: (Int) -> Bool) -> (Fixture, [Pod]) {
    var fixture = Fixture()
    let job = fixture.job("many", .init(completions: count, parallelism: count, mode: .indexed, age: 1_000))
    let pods = (0..<count).map { index in
      running(index)
        ? fixture.pod("p\(index)x", of: job, .init(age: 1_000 - Int64(index), index: index))
        : fixture.pod(
          "p\(index)x", of: job,
          .init(phase: .succeeded, age: 1_000 - Int64(index), finished: 1, exit: 0, index: index))
    }
    return (fixture, pods)
  }

  private func page(_ driver: Driver) -> LogPage? {
    if case .log(let page)? = driver.dashboard.pages.last { page } else { nil }
  }

  /// Every line of every pod, however many pods there are; never more open at a time than the limit.
  @Test(arguments: [40, 310, 700])
  func allPodsAreRead(_ count: Int) throws {
    let (fixture, pods) = job(count) { _ in false }
    var driver = Driver(fixture)
    var logs = FakeLogs()
    for (index, pod) in pods.enumerated() {
      logs.lines[pod.metadata.name] = FakeLogs.lines(["first of \(index)", "last of \(index)"], end: Int64(index))
    }
    driver.press("l")
    #expect(driver.commands.count == min(count, LogPage.openLimit))
    var most = 0
    logs.serve(&driver, limit: 1)
    most = max(most, page(driver)?.openCount ?? 0)
    logs.serve(&driver)
    let read = try #require(page(driver))
    #expect(most <= LogPage.openLimit && read.openCount == 0 && read.headNote == nil)
    let texts = Set((0..<read.buffer.count).map { read.buffer[$0].text })
    #expect(texts == Set((0..<count).flatMap { ["first of \($0)", "last of \($0)"] }))
    #expect(Set(logs.asked.map(\.pod)).count == count)
  }

  /// Of pods that run and run, the newest are followed and the others said to wait; they are read on where they were
  /// when there is room again.
  @Test func thoseThatWaitAreReadOnWhenOthersEnd() throws {
    let count = LogPage.openLimit + 20
    var (fixture, pods) = job(count) { _ in true }
    var driver = Driver(fixture)
    driver.press("l")
    var open: [String: LogID] = [:]
    for case .openLog(let id, let request) in driver.takeCommands() { open[request.pod] = id }
    #expect(Set(open.keys) == Set(pods.suffix(LogPage.openLimit).map(\.metadata.name)))
    #expect(driver.screen.contains("20 more wait for an end"))
    // One of those that are read ends: the newest of those that wait has its turn.
    let last = try #require(open[pods[count - 1].metadata.name])
    driver.send(.log(last, .ended))
    guard case .openLog(let id, let request)? = driver.takeCommands().first else {
      Issue.record("nobody had a turn")
      return
    }
    #expect(request.pod == pods[19].metadata.name)
    // A new pod takes the place of the oldest one, which goes on later where it was left.
    let line = LogLine(time: Fixture.now, stream: .stdout, bytes: Array("hello".utf8), position: 70)
    driver.send(.log(id, .lines([line])))
    guard let owner = fixture.objects.lazy.compactMap({ if case .job(let job) = $0 { job } else { nil } }).first else {
      return
    }
    let late = fixture.pod("late1", of: owner, .init(age: 1, index: 9_999))
    driver.send(.changes([Change(verb: .added, object: .pod(late), version: 902)]))
    let commands = driver.takeCommands()
    #expect(commands.contains { if case .closeLog(id) = $0 { true } else { false } })
    #expect(commands.contains { if case .openLog(_, let log) = $0 { log.pod == late.metadata.name } else { false } })
    driver.send(.log(try #require(open[pods[30].metadata.name]), .ended))
    guard case .openLog(_, let again)? = driver.takeCommands().first else {
      Issue.record("it was not read on")
      return
    }
    #expect(again.pod == pods[19].metadata.name && again.from == 71 && again.tailLines == nil)
    #expect(page(driver)?.openCount == LogPage.openLimit)
  }

  @Test func moreThanAPageHoldsAreToldOf() {
    let (fixture, _) = job(LogPage.sourceLimit + 5) { _ in true }
    var driver = Driver(fixture)
    driver.press("l")
    #expect(driver.screen.contains("5 older pods left out"))
    // At the start there are all of those that it has.
    driver.press("g")
    #expect(page(driver)?.sources.count == LogPage.sourceLimit)
  }

  @Test func aCronJobsLogIsThatOfItsLatestJob() throws {
    var driver = Driver()
    driver.press(": c r o enter")
    driver.select("cleanup")
    driver.press("l")
    guard case .openLog(_, let request)? = driver.takeCommands().last else {
      Issue.record("no log")
      return
    }
    let cron = try #require(driver.dashboard.store.all(.cronJob).first { $0.name == "cleanup" })
    let latest = try #require(
      driver.dashboard.store.jobItems(ofOwner: cron.uid).max {
        ($0.created ?? Fixture.now) < ($1.created ?? Fixture.now)
      })
    #expect(request.pod.hasPrefix(latest.name))
    driver.press("esc")
    driver.select("weekly-digest")
    _ = driver.takeCommands()
    driver.press("l")
    #expect(driver.takeCommands().isEmpty && driver.screen.contains("weekly-digest has no job"))
  }

  // MARK: What is copied

  private func opened(_ texts: [String]) -> Driver {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.select("mail-queue")
    driver.press("enter enter")
    if case .openLog(let id, _)? = driver.takeCommands().last {
      driver.send(.log(id, .lines(Scenes.lines(texts))))
    }
    _ = driver.screen
    return driver
  }

  private func copied(_ keys: String, _ driver: inout Driver) -> String? {
    driver.press(keys)
    for case .copy(let text) in driver.takeCommands() { return text }
    return nil
  }

  @Test func copyTakesTheScreenTheMatchTheMarkOrAll() {
    var driver = opened((0..<100).map { "line \($0)" })
    let height = page(driver)?.height ?? 0
    let screen = ((100 - height)..<100).map { "line \($0)\n" }.joined()
    #expect(copied("c", &driver) == screen)
    #expect(driver.screen.contains("Sent \(height) lines to the terminal's clipboard, if it takes it"))
    #expect(copied("C", &driver) == (0..<100).map { "line \($0)\n" }.joined())
    driver.press("/")
    driver.type("line 42")
    #expect(copied("enter c", &driver) == "line 42\n")
    driver.press("m /")
    driver.type("line 45")
    driver.press("enter")
    #expect(driver.screen.contains("◆ line 42"))
    #expect(copied("c", &driver) == "line 42\nline 43\nline 44\nline 45\n")
    // Once: the next copy is of the match again.
    #expect(copied("c", &driver) == "line 45\n")
    driver.press("m esc")
    #expect(!driver.screen.contains("◆"))
  }

  @Test func aLineThatIsTooLongSaysThatItGoesOn() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.select("mail-queue")
    driver.press("enter enter")
    guard case .openLog(let id, _)? = driver.takeCommands().last else { return }
    let pieces = (0..<5).map { piece in
      LogLine(
        time: Fixture.now, stream: .stdout, bytes: Array(String(repeating: "\(piece)", count: 30_000).utf8),
        isPartial: piece < 4)
    }
    driver.send(.log(id, .lines(pieces + Scenes.lines(["next"]))))
    #expect(driver.screen.contains(" 000") && driver.screen.contains("↪ 222") && driver.screen.contains("↪ 444"))
    #expect(!driver.screen.contains("↪ next"))
  }
}
