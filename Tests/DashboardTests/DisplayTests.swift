import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// What is shown is told as it is, and fits on the screen.
struct DisplayTests {
  // MARK: Logs

  private func log(_ driver: inout Driver, first: UInt64, count: Int) {
    driver.select("mail-queue")
    driver.press("enter enter")
    guard case .openLog(let id, _)? = driver.takeCommands().last else { return }
    let lines = (0..<count).map { number in
      LogLine(
        time: Fixture.now - .seconds(100), stream: .stdout, bytes: Array("line \(number)".utf8),
        position: first + UInt64(number) * 100)
    }
    driver.send(.log(id, .lines(lines)))
    _ = driver.screen
  }

  /// What is said is there to be read: it takes more rows where one is not enough.
  @Test func aLongMessageIsWrapped() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    let words = (1...25).map { "word\($0)" }
    driver.dashboard.complain(words.joined(separator: " "))
    for word in words { #expect(driver.screen.contains(word + " ") || driver.screen.contains(word + "\n"), "\(word)") }
    driver.dashboard.complain((1...200).map { "more\($0)" }.joined(separator: " "))
    let lines = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[20].contains(" ✗ more1 ") && lines[22].hasSuffix("  (+1, see :messages)"), "\(driver.screen)")
    #expect(lines[19].contains("word") == false && lines[23].contains("? help"))
    // On the smallest screens the page is what one came for.
    driver.size = Size(columns: 40, rows: 10)
    let small = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(small[9].contains("✗ more1 ") && !small[8].contains("more"), "\(driver.screen)")
  }

  @Test func aLongLogTellsWhereOneIs() {
    var driver = Driver()
    // The last 10,000 of some 12 million lines.
    log(&driver, first: 1_199_000_000, count: 10_000)
    #expect(driver.screen.contains("100 % of 1.1GiB") && !driver.screen.contains("10,000 lines"))
    driver.press("k")
    #expect(driver.screen.contains("99 % of 1.1GiB"))
    guard case .log(let page)? = driver.dashboard.pages.last else { return }
    #expect(page.position.map { $0.share > 0.98 && $0.share < 1 } == true)
    // At its start: what is there is read, and 1 % is not yet behind one.
    driver.press("g")
    guard case .openLog(let id, let request)? = driver.takeCommands().last else {
      Issue.record("the start is not read")
      return
    }
    #expect(request.from == 0)
    let lines = (0..<2_000).map { number in
      LogLine(
        time: Fixture.now - .seconds(9_000), stream: .stdout, bytes: Array("line \(number)".utf8),
        position: UInt64(number) * 100)
    }
    driver.send(.log(id, .lines(lines)))
    #expect(driver.screen.contains("0 % of 1.1GiB"), "\(driver.screen)")
  }

  @Test func aShortLogTellsItsLines() {
    var driver = Driver()
    log(&driver, first: 0, count: 50)
    #expect(driver.screen.contains("50 lines") && !driver.screen.contains(" % of"))
  }

  /// A cluster without places in files tells lines apart by their times.
  @Test func timesAreNoPlaces() {
    var driver = Driver()
    log(&driver, first: UInt64(Fixture.now.microseconds), count: 50)
    #expect(driver.screen.contains("50 lines read"))
  }

  @Test func aSilentLogSaysSo() {
    var driver = Driver()
    driver.select("mail-queue")
    driver.press("l")
    #expect(driver.screen.contains("Nothing has been written yet."))
    for case .openLog(let id, _) in driver.takeCommands() { driver.send(.log(id, .ended)) }
    #expect(driver.screen.contains("Nothing was written."))
    driver.press("s")
    #expect(driver.screen.contains("Nothing was written in the last 60s."))
  }

  @Test(arguments: [
    ("1795862188.5", "2026-11-28T10:36:28.500Z"), ("1795862188", "2026-11-28T10:36:28Z"),
    ("1795862188123", "2026-11-28T10:36:28.123Z"), ("1795862188123456789", "2026-11-28T10:36:28.123Z"), ("17", "17"),
    ("\"10:00\"", "10:00"),
  ])
  func timesOfJSONAreShownAsTimes(_ value: String, _ shown: String) {
    #expect(JSONLine.layOut(#"{"ts":\#(value),"level":"info","msg":"hello"}"#)?.plain == "\(shown) INFO  hello")
  }

  @Test func helpInALogBeginsWithTheLogsKeys() {
    var driver = Driver()
    driver.select("mail-queue")
    driver.press("l ?")
    let lines = driver.screen.split(separator: "\n").map { $0.drop { $0 == " " } }
    let place = lines.firstIndex { $0.hasPrefix("Logs") }
    #expect(place.map { $0 < 6 } == true, "\(lines)")
    #expect(lines.dropFirst((place ?? 0) + 1).prefix(6).contains { $0.contains("stay at the end as lines come") })
    driver.press("esc esc ?")
    #expect(driver.screen.contains("Moving"))
  }

  // MARK: 80 columns

  @Test(arguments: Tip.all.map(\.name)) func tipsFit(_ name: String) throws {
    let driver = Driver(newTips: [name])
    let text = driver.dashboard.filled(try #require(Tip.all.first { $0.name == name }).text)
    #expect(TextWidth.columns(of: text) <= 76, "\(text)")
  }

  @Test(arguments: [80, 100, 200]) func theTimelinesLegendIsWhole(_ columns: Int) {
    var driver = Driver(size: Size(columns: columns, rows: 24))
    driver.select("render-frames")
    driver.press("b")
    for word in ["waits", "starts", "runs", "between restarts", "✓ succeeded", "✗ failed", "┊ now"] {
      #expect(driver.screen.contains(word), "\(word)")
    }
  }

  @Test func theTreeGivesItsDetailsTheRoomThatThereIs() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.press(": t r e e enter")
    #expect(driver.screen.contains("next in 113s"), "\(driver.screen)")
    // Names and statuses leave blanks: nothing is cut beside them.
    let pods = driver.screen.split(separator: "\n").filter { $0.contains("▸ cleanup") }
    #expect(pods.count == 3 && pods.allSatisfy { $0.contains("exit 0  12s") }, "\(driver.screen)")
  }

  /// A long name must not take from a status what other columns have to spare.
  @Test func aStatusIsWholeWhereThereIsRoom() {
    var cluster = Fixture()
    _ = cluster.job(
      "a-name-of-sixty-three-characters-is-as-long-as-a-job-may-have-one",
      .init(age: 50, failed: 3, verdict: ("Failed", "BackoffLimitExceeded", "", 10)))
    var driver = Driver(cluster, size: Size(columns: 200, rows: 30))
    #expect(driver.screen.contains("Failed:BackoffLimitExceeded"), "\(driver.screen)")
  }

  @Test func whatIsLateSaysForHowLong() {
    var cluster = Fixture()
    _ = cluster.job("work-9", .init(age: 200, active: 1))
    for number in 0..<3 {
      _ = cluster.job(
        "work-\(number)", .init(age: 1_000, succeeded: 1, verdict: ("Complete", "CompletionsReached", "", 960)))
    }
    var driver = Driver(cluster)
    driver.press(": p u l s e enter")
    let row = driver.screen.split(separator: "\n").first { $0.contains("! late") && $0.contains("work-9") }
    // 40 s are usual, 80 s the most that is not late.
    #expect(row?.contains("runs for 3m20s, usually 40s") == true, "\(String(describing: row))")
    #expect(row?.hasSuffix("2m") == true, "\(String(describing: row))")
  }

  // MARK: Plain lines

  private func plain(_ fixture: Fixture = .full) -> PlainSession {
    var session = PlainSession(Dashboard(Dashboard.Options()))
    for second in 0..<400 { _ = session.take(.tick(Fixture.now - .seconds(399 - Int64(second)))) }
    _ = session.take(.info(ClusterInfo(flavor: .embedded, location: "")))
    _ = session.take(.changes(fixture.changes))
    _ = session.take(.tick(Fixture.now + .seconds(1)))
    _ = session.answer("")
    _ = session.takeLines()
    return session
  }

  @Test func whyIsToldWhole() {
    var session = plain()
    _ = session.answer("/nightly-backup")
    _ = session.takeLines()
    let commands = session.answer("why")
    let lines = session.takeLines()
    #expect(lines.contains { $0.hasPrefix("1 selected, Job nightly-backup: Failed:BackoffLimitExceeded") })
    #expect(!lines.joined().contains("…"))
    for case .openLog(let id, _) in commands {
      _ = session.take(.log(id, .lines(Scenes.lines(["fatal: no route to host"]))))
      _ = session.take(.log(id, .ended))
    }
    #expect(session.takeLines() == ["The last lines it wrote:", "    fatal: no route to host"])
  }

  @Test func chartsAreToldInNumbersWithNames() {
    var session = plain()
    _ = session.answer("pulse")
    let lines = session.takeLines()
    #expect(lines.contains { $0.hasPrefix("Pods running: ") && $0.contains(" now; in the last ") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("Node memory: ") && $0.contains("Gi now") })
    #expect(lines.contains { $0.contains("failed: job nightly-backup, namespace default, BackoffLimitExceeded") })
    #expect(!lines.joined().contains("…"))
  }

  @Test func timelinesAndTreesAreToldInWords() {
    var session = plain()
    _ = session.answer("/render-frames")
    _ = session.answer("timeline")
    var lines = session.takeLines()
    #expect(
      lines.contains { $0.contains("render-frames-9-f41l3, node-2, Error, ") && $0.contains("exit 2") }, "\(lines)")
    _ = session.answer("3")
    lines = session.takeLines()
    #expect(lines.contains { $0.hasPrefix("3 selected, ") })
    _ = session.answer("tree")
    lines = session.takeLines()
    #expect(lines.contains { $0.contains("level 1, cron job cleanup, open, Waiting, succeeded 3 next in") }, "\(lines)")
  }

  @Test func aLogIsSavedUnderItsUsualNameOrAnother() {
    for (line, path) in [("", "nightly-backup.log"), ("/tmp/x.log", "/tmp/x.log")] {
      var session = plain()
      _ = session.answer("/nightly-backup")
      _ = session.answer("logs")
      _ = session.takeLines()
      _ = session.answer("save")
      #expect(session.takeLines() == ["Save to which file, an empty line for nightly-backup.log:"])
      let saved = session.answer(line).compactMap { if case .saveLog(_, let save) = $0 { save.path } else { nil } }
      #expect(saved == [path])
    }
  }

  @Test func plainHelpTellsWhatCanBeTyped() {
    var session = plain()
    _ = session.answer("help")
    let lines = session.takeLines()
    #expect(lines.contains { $0.contains("a number: goes to that row") })
    #expect(lines.contains { $0.hasPrefix("  why: ") } && !lines.contains { $0.contains("Shift+letter") })
  }
}
