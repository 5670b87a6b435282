import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// A log of any size, of which a part is in memory.
struct LogReadingTests {
  /// A page of the log of one running pod.
  private func opened(_ texts: some Collection<String>, rows: Int = 24) -> (Driver, FakeLogs, String) {
    var fixture = Fixture()
    let job = fixture.job("big", .init(active: 1))
    let pod = fixture.pod("writer", of: job, .init())
    var driver = Driver(fixture, size: Size(columns: 80, rows: rows))
    var logs = FakeLogs()
    logs.lines[pod.metadata.name] = FakeLogs.lines(texts)
    logs.running = [pod.metadata.name]
    driver.press("l")
    logs.serve(&driver)
    return (driver, logs, pod.metadata.name)
  }

  private func press(_ keys: String, _ driver: inout Driver, _ logs: inout FakeLogs) {
    for key in keys.split(separator: " ") {
      driver.press(String(key))
      logs.serve(&driver)
    }
  }

  private func search(_ text: String, sign: String = "/", _ driver: inout Driver, _ logs: inout FakeLogs) {
    driver.press(sign)
    driver.press("ctrl-u")
    driver.type(text)
    driver.press("enter")
    logs.serve(&driver)
  }

  private let numbers = (0..<120_000).map { "line \($0)." }

  @Test func whatComesBeforeIsReadWhenTheReaderComesNear() {
    var (driver, logs, pod) = opened(numbers)
    #expect(driver.screen.contains("line 119999.") && logs.asked.count == 1)
    // Nothing is read as long as there is enough.
    press("pageup pageup", &driver, &logs)
    #expect(logs.asked.count == 1)
    var seen: [Int] = []
    for _ in 0..<1_500 {
      press("pageup", &driver, &logs)
      seen.append(driver.firstLine)
    }
    // No line was passed over, and none came twice.
    for (one, next) in zip(seen, seen.dropFirst()) { #expect(one - next > 0 && one - next < 24) }
    #expect(logs.asked.count > 5 && seen[1_499] < 95_000)
    #expect(driver.log.buffer.count <= 50_000 && driver.screen.contains("paused"))
    // What is written meanwhile doesn't move what is on the screen.
    let before = driver.firstLine
    logs.write(["new"], pod: pod, &driver)
    #expect(driver.firstLine == before)
    // And at the end it is there.
    press("G", &driver, &logs)
    #expect(driver.screen.contains("new") && driver.screen.contains("following"))
    logs.write(["newer"], pod: pod, &driver)
    #expect(driver.screen.contains("newer"))
  }

  @Test func itIsReadFromItsStartOn() {
    var (driver, logs, pod) = opened(numbers)
    press("g", &driver, &logs)
    #expect(driver.firstLine == 0 && logs.asked.last?.from == 0)
    var last = 0
    while last < 119_000 {
      let before = logs.asked.count
      for _ in 0..<100 { driver.press("pagedown") }
      logs.serve(&driver)
      // The last page that is there stays, until more has come.
      #expect(driver.firstLine > last && driver.firstLine <= last + 2_400)
      last = driver.firstLine
      #expect(logs.asked.count - before <= 3)
    }
    press("pagedown pagedown", &driver, &logs)
    for _ in 0..<60 { press("pagedown", &driver, &logs) }
    #expect(driver.screen.contains("line 119999.") && driver.screen.contains("following"))
    logs.write(["new"], pod: pod, &driver)
    #expect(driver.screen.contains("new"))
    press("g", &driver, &logs)
    #expect(driver.firstLine == 0)
  }

  @Test func aSearchGoesOnBeyondMemory() {
    var texts = numbers
    texts[70_000] = "a NEEDLE here"
    texts[2_000] = "the first NEEDLE"
    var (driver, logs, _) = opened(texts)
    search("needle", &driver, &logs)
    #expect(driver.screen.contains("a NEEDLE here"))
    // Back, and back again: there is nothing before the first.
    press("N", &driver, &logs)
    #expect(driver.screen.contains("the first NEEDLE"))
    press("N", &driver, &logs)
    #expect(driver.screen.contains("'needle' is nowhere before this"))
    press("n", &driver, &logs)
    #expect(driver.screen.contains("a NEEDLE here"))
    press("n", &driver, &logs)
    #expect(driver.screen.contains("'needle' is nowhere after this"))
  }

  /// What isn't found leaves the reader where he was, however far away it was looked for.
  @Test func aSearchInVainComesBack() {
    var (driver, logs, pod) = opened(numbers)
    search("nothing like it", &driver, &logs)
    #expect(driver.screen.contains("nowhere") && driver.screen.contains("line 119999."))
    #expect(driver.screen.contains("following"))
    logs.write(["new"], pod: pod, &driver)
    #expect(driver.screen.contains("new"))
    press("g", &driver, &logs)
    for _ in 0..<300 { press("pagedown", &driver, &logs) }
    let line = driver.firstLine
    search("nothing like it", &driver, &logs)
    #expect(driver.screen.contains("nowhere") && driver.firstLine == line && line > 4_000)
    press("pageup", &driver, &logs)
    #expect(driver.firstLine < line && driver.firstLine > line - 24)
    // Stopped on its way.
    driver.press("/")
    driver.type("nor this")
    driver.press("enter")
    let before = driver.firstLine
    logs.serve(&driver, limit: 8)
    #expect(driver.screen.contains("looking further"))
    driver.press("escape")
    logs.serve(&driver)
    #expect(driver.firstLine == before && !driver.screen.contains("looking"))
  }

  @Test func whatHasEndedIsNotPaused() {
    var (driver, logs, pod) = opened(numbers)
    logs.running = []
    driver.press("f")
    driver.press("s s s s s")
    logs.serve(&driver)
    press("g", &driver, &logs)
    #expect(driver.screen.contains("ended") && !driver.screen.contains("paused") && driver.firstLine == 0)
    press("G", &driver, &logs)
    #expect(driver.screen.contains("line 119999.") && logs.lines[pod]?.count == 120_000)
  }

  @Test func aSearchTellsHowFarItHasComeAndEnds() {
    var (driver, logs, _) = opened(numbers)
    driver.press("/")
    driver.type("needle")
    driver.press("enter")
    logs.serve(&driver, limit: 3)
    #expect(driver.screen.contains("looking further: 27 %, 30,000 lines so far"))
    let asked = logs.asked.count
    driver.press("escape")
    logs.serve(&driver)
    #expect(driver.screen.contains("Stopped") && !driver.screen.contains("looking"))
    #expect(logs.asked.count <= asked + 1)
    // The text that was looked for is still marked; the next key ends that, and the next leaves.
    #expect(driver.log.search != nil)
    driver.press("escape")
    #expect(driver.log.search == nil)
  }

  @Test func onlyLinesThatMatch() {
    var (driver, logs, pod) = opened((0..<120_000).map { $0 % 10_000 == 7 ? "ERROR \($0)." : "line \($0)." })
    search("error", sign: "&", &driver, &logs)
    #expect(driver.log.buffer.count == 12 && driver.screen.contains("ERROR 7.") && driver.screen.contains("&error"))
    #expect(!driver.screen.contains("looking"))
    logs.write(["fine", "an error", "fine"], pod: pod, &driver)
    #expect(driver.screen.contains("an error") && !driver.screen.contains("fine"))
    search("!line", sign: "&", &driver, &logs)
    #expect(driver.log.buffer.count == 15 && driver.screen.contains("fine"))
    search("nothing like it", sign: "&", &driver, &logs)
    #expect(driver.screen.contains("No line matches &nothing like it"))
    driver.press("escape")
    logs.serve(&driver)
    #expect(driver.log.filter == nil && driver.screen.contains("line 119999."))
  }

  @Test func aFilteredLogIsLeftThoughItsPodIsGone() {
    var (driver, logs, _) = opened(["one", "two"])
    search("nothing like it", sign: "&", &driver, &logs)
    guard let object = driver.dashboard.store.all(.pod).first?.object else {
      Issue.record("no pod")
      return
    }
    driver.send(.changes([Change(verb: .deleted, object: object, version: 9_999)]))
    driver.press("escape")
    #expect(driver.dashboard.table != nil)
  }

  @Test func aFilterCanBeStopped() {
    var (driver, logs, _) = opened(numbers)
    driver.press("&")
    driver.type("needle")
    driver.press("enter")
    logs.serve(&driver, limit: 2)
    #expect(driver.screen.contains("looking further"))
    driver.press("escape")
    let asked = logs.asked.count
    logs.serve(&driver)
    #expect(logs.asked.count <= asked + 1 && driver.log.filter != nil)
    driver.press("escape")
    logs.serve(&driver)
    #expect(driver.log.filter == nil)
  }

  @Test func onlyTheLastMinutes() {
    var (driver, logs, _) = opened(numbers)
    press("s", &driver, &logs)
    #expect(logs.asked.last?.since == Fixture.now - .seconds(60) && driver.screen.contains("last 60s"))
    #expect(driver.log.buffer.count == 61)
    press("g", &driver, &logs)
    #expect(driver.firstLine == 119_939)
    press("s s s s", &driver, &logs)
    #expect(driver.log.since == nil && driver.log.buffer.count == 10_000)
  }

  @Test func timesInFourWays() {
    var (driver, _, _) = opened(["a", "b"])
    var texts: [String] = []
    for _ in 0..<4 {
      texts.append(driver.line(0) ?? "")
      driver.press("t")
    }
    #expect(texts[0] == "a")
    #expect(texts[1].hasSuffix(" a") && texts[1].contains(":") && !texts[1].contains("Z"))
    #expect(texts[2].hasSuffix("Z a"))
    #expect(texts[3] == "    1s a")
    #expect(driver.line(0) == "a")
  }

  /// Logs that reach back differently far: nothing turns up later between lines that were seen.
  @Test func severalLogsAreReadTogether() {
    var fixture = Fixture()
    let job = fixture.job("big", .init(completions: 2, parallelism: 2, active: 2))
    var logs = FakeLogs()
    for (name, count, every) in [("fast", 60_000, Int64(1)), ("slow", 30_000, 7)] {
      let pod = fixture.pod(name, of: job, .init())
      logs.lines[pod.metadata.name] = FakeLogs.lines((0..<count).map { "\(name) \($0)." }, every: every)
      logs.running.insert(pod.metadata.name)
    }
    var driver = Driver(fixture, size: Size(columns: 80, rows: 24))
    driver.press("l")
    logs.serve(&driver)
    var top = driver.log.buffer[driver.log.top].time
    for round in 0..<300 {
      for _ in 0..<10 { driver.press("pageup") }
      logs.serve(&driver)
      let log = driver.log
      #expect(log.buffer[log.top].time <= top)
      top = log.buffer[log.top].time
      // What is on the screen is all there is between its first and its last line.
      let visible = (log.top..<min(log.end, log.top + log.height)).map { log.buffer[$0] }
      guard round % 10 == 0, let first = visible.first?.time, let last = visible.last?.time else { continue }
      let all = logs.lines.values.joined().filter { $0.time > first && $0.time < last }.count
      #expect(all == visible.count { $0.time > first && $0.time < last })
      if driver.log.hasStart, driver.log.top == 0 { break }
    }
    #expect(driver.log.top == 0 || top < Fixture.now - .seconds(40_000))
    press("G", &driver, &logs)
    #expect(driver.screen.contains("fast 59999.") && driver.screen.contains("slow 29999."))
  }

  @Test func aLogThatCannotBeReadOnIsTold() {
    var (driver, _, _) = opened(numbers)
    driver.press("g")
    var count = 0
    while case .openLog(let id, _)? = driver.takeCommands().last {
      driver.send(.log(id, .failed("pods \"writer\" not found")))
      count += 1
    }
    #expect(count == 2 && driver.screen.contains("not found"))
  }
}

extension Driver {
  fileprivate var log: LogPage {
    guard case .log(let page)? = dashboard.pages.last else { fatalError("no log is shown") }
    return page
  }

  /// The line at the top of the screen, without what it ends with.
  fileprivate func line(_ row: Int) -> String? {
    let rows = log.rows()
    return rows.indices.contains(row) ? rows[row].plain : nil
  }

  /// The number in it.
  fileprivate var firstLine: Int { line(0).flatMap { Int($0.filter(\.isNumber)) } ?? -1 }
}
