import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct LogTests {
  private func opened(_ texts: [String], rows: Int = 40) -> (Driver, LogID) {
    var driver = Driver(size: Size(columns: 80, rows: rows))
    driver.select("mail-queue")
    driver.press("enter enter")
    var id = LogID(number: -1)
    if case .openLog(let opened, _)? = driver.takeCommands().last { id = opened }
    driver.send(.log(id, .lines(Scenes.lines(texts))))
    return (driver, id)
  }

  @Test func escapeSequencesAreTakenOut() {
    #expect(LogText.clean(Array("\u{1B}[1;31mred\u{1B}[0m".utf8)) == "red")
    #expect(LogText.clean(Array("a\u{1B}]0;title\u{07}b\u{1B}]8;;x\u{1B}\\c".utf8)) == "abc")
    #expect(LogText.clean(Array("a\u{1B}(Bb\u{1B}c\r".utf8)) == "ab")
    #expect(LogText.clean([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    #expect(LogText.clean(Array("open \u{1B}[".utf8)) == "open ")
    #expect(LogText.clean(Array("é\u{1B}é".utf8)) == "éé")
  }

  @Test func followsUntilScrolledUp() {
    var (driver, id) = opened((0..<100).map { "line \($0)" }, rows: 24)
    #expect(driver.screen.contains("line 99") && driver.screen.contains("following"))
    driver.press("k")
    #expect(driver.screen.contains("paused"))
    let before = driver.screen
    driver.send(.log(id, .lines(Scenes.lines(["line 100"]))))
    #expect(!driver.screen.contains("line 100"))
    #expect(driver.screen.split(separator: "\n").dropFirst(5).first == before.split(separator: "\n").dropFirst(5).first)
    driver.press("f")
    #expect(driver.screen.contains("line 100"))
  }

  @Test func whoWroteALineStaysInViewSideways() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.select("import-users")
    driver.press("l")
    let text = (0..<40).map { "word\($0)" }.joined(separator: " ")
    for case .openLog(let id, _) in driver.takeCommands() {
      driver.send(.log(id, .lines(Scenes.lines([text]))))
    }
    #expect(driver.screen.contains("kq8ml word0 ") && driver.screen.contains("w7xzn word0 "))
    driver.press("right")
    #expect(!driver.screen.contains("word0 "))
    #expect(driver.screen.contains(" kq8ml ") && driver.screen.contains(" w7xzn "))
  }

  @Test func whatWasLetGoIsTold() {
    var buffer = LogBuffer(lineLimit: 10, byteLimit: 1 << 20)
    let gone = buffer.append(Scenes.lines((0..<25).map { "\($0)" }), source: 0)
    #expect(gone == 15 && buffer.count == 10 && buffer.dropped == 15)
    #expect(buffer[0].text == "15" && buffer[9].text == "24")
    var small = LogBuffer(lineLimit: 1_000, byteLimit: 1_000)
    small.append(Scenes.lines((0..<100).map { _ in String(repeating: "x", count: 90) }), source: 0)
    #expect(small.count < 10 && small.dropped + small.count == 100)
    var page = LogPage(.marked(1), previous: false, buffer: buffer, localOffset: { _ in 0 })
    #expect(page.headNote?.contains("15 earlier lines") == true)
    page.restart()
    #expect(page.headNote == nil)
  }

  @Test func piecesOfALineAreJoined() {
    var buffer = LogBuffer()
    let now = Fixture.now
    buffer.append([LogLine(time: now, stream: .stdout, bytes: Array("ab".utf8), isPartial: true)], source: 0)
    buffer.append([LogLine(time: now, stream: .stdout, bytes: Array("cd".utf8))], source: 0)
    buffer.append([LogLine(time: now, stream: .stdout, bytes: Array("ef".utf8))], source: 0)
    #expect(buffer.count == 2 && buffer[0].text == "abcd" && buffer[1].text == "ef")
  }

  @Test func severalLogsAreMergedByTime() {
    var buffer = LogBuffer()
    func line(_ second: Int64) -> LogLine {
      LogLine(time: Instant(seconds: second), stream: .stdout, bytes: Array("\(second)".utf8))
    }
    buffer.append([1, 4, 7].map(line), source: 0)
    buffer.append([2, 3, 9].map(line), source: 1)
    buffer.append([8].map(line), source: 0)
    #expect((0..<buffer.count).map { buffer[$0].text } == ["1", "2", "3", "4", "7", "8", "9"])
  }

  @Test func laterPodsJoinAndTheOldestLeave() throws {
    var fixture = Fixture()
    let job = fixture.job("many", .init(completions: 60, parallelism: 60, age: 100))
    let pods = (0..<40).map { fixture.pod("p\($0)x", of: job, .init(age: 100 - Int64($0))) }
    var driver = Driver(fixture)
    driver.press("l")
    let limit = LogPage.sourceLimit
    var opened = driver.takeCommands().compactMap { if case .openLog(_, let request) = $0 { request.pod } else { nil } }
    #expect(opened == pods.suffix(limit).map(\.metadata.name))
    #expect(driver.screen.contains("8 older pods left out"))
    // One that was left out ends: that makes it no newer.
    driver.send(.changes([Change(verb: .modified, object: .pod(pods[0]), version: 900)]))
    #expect(driver.takeCommands().isEmpty)
    // A new one waits, then runs.
    var late = fixture.pod("late1", of: job, .init(phase: .pending, age: 1))
    driver.send(.changes([Change(verb: .added, object: .pod(late), version: 901)]))
    #expect(driver.takeCommands().isEmpty)
    late.status.phase = .running
    driver.send(.changes([Change(verb: .modified, object: .pod(late), version: 902)]))
    let commands = driver.takeCommands()
    opened = commands.compactMap { if case .openLog(_, let request) = $0 { request.pod } else { nil } }
    #expect(opened == [late.metadata.name])
    #expect(commands.contains { if case .closeLog = $0 { true } else { false } })
    #expect(driver.screen.contains("1 was left before its end"))
    // Logs that have ended make room by themselves.
    guard case .log(let page)? = driver.dashboard.pages.last else { return }
    #expect(page.openCount == limit)
    for source in page.sources { driver.send(.log(source.id, .ended)) }
    guard case .log(let ended)? = driver.dashboard.pages.last else { return }
    #expect(ended.openCount == 0)
  }

  @Test func searchGoesRound() {
    var (driver, _) = opened((0..<200).map { $0 % 50 == 7 ? "a NEEDLE \($0)" : "hay \($0)" }, rows: 24)
    driver.press("/")
    driver.type("needle")
    driver.press("enter")
    #expect(driver.screen.contains("NEEDLE"))
    driver.press("g n")
    let first = driver.dashboard.logHit
    driver.press("n n n n")
    #expect(driver.dashboard.logHit == first)
    driver.press("N")
    #expect(driver.dashboard.logHit != first)
  }

  @Test func longLinesWrapOrScroll() {
    var (driver, _) = opened([String(repeating: "0123456789", count: 30) + "END"], rows: 24)
    #expect(!driver.screen.contains("END"))
    driver.press("w")
    #expect(driver.screen.contains("END"))
    driver.press("w right right right right right right right")
    #expect(driver.screen.contains("END"))
  }
}

extension Dashboard {
  var logHit: Int? {
    if case .log(let page)? = pages.last { page.hit } else { nil }
  }
}
