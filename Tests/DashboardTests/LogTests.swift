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

  @Test(arguments: [
    ("\u{1B}[1;31mred\u{1B}[0m", "red"), ("a\u{1B}]0;title\u{07}b\u{1B}]8;;x\u{1B}\\c", "abc"),
    ("a\u{1B}(Bb\u{1B}c\r", "ab"), ("open \u{1B}[", "open "), ("é\u{1B}é", "éé"), ("a\u{1B}[2J\u{1B}[10;5Hb", "ab"),
  ])
  func escapeSequencesAreTakenOut(_ bytes: String, _ text: String) {
    #expect(LogText(Array(bytes.utf8)).text == text)
  }

  @Test func whatIsNoTextIsReplaced() {
    #expect(LogText([0x61, 0xFF, 0x62]).text == "a\u{FFFD}b")
    let colored = LogText(Array("\u{1B}[31m".utf8) + [0xFF, 0x61] + Array("\u{1B}[0mb".utf8))
    #expect(colored.styled(.text).spans.map(\.text) == ["\u{FFFD}a", "b"])
  }

  @Test(arguments: [
    ("31", Pen(foreground: .ansi(1))), ("1;94", Pen(foreground: .ansi(12), attributes: .bold)),
    ("38;5;208", Pen(foreground: .indexed(208))), ("38;5;9", Pen(foreground: .ansi(9))),
    ("48;2;1;2;3", Pen(background: .rgb(red: 1, green: 2, blue: 3))),
    ("38:2::255:0:16;4", Pen(foreground: .rgb(red: 255, green: 0, blue: 16), attributes: .underline)),
    ("38:2:255:0:16", Pen(foreground: .rgb(red: 255, green: 0, blue: 16))), ("4:3", Pen(attributes: .underline)),
    ("2;3;7", Pen(attributes: [.dim, .italic, .reverse])), ("31;41;39;49", Pen()), ("31;1;", Pen()), ("1;22", Pen()),
    ("38;5", Pen()), ("38;7;1", Pen()), ("999999999999", Pen()), ("", Pen()),
    (">4;2", Pen()), ("?1", Pen()), ("1 ", Pen()), (String(repeating: "1;", count: 200) + "31", Pen()),
  ])
  func colorsAreKept(_ parameters: String, _ pen: Pen) {
    let line = LogText(Array("a\u{1B}[\(parameters)mb".utf8))
    #expect(line.text == "ab" && (line.runs.last?.pen ?? Pen()) == pen)
  }

  @Test func colorsGoOnInTheNextPieceButNotInTheNextLine() {
    var buffer = LogBuffer()
    let texts = ["\u{1B}[32mgreen", " too", "plain"]
    for (index, text) in texts.enumerated() {
      buffer.append(
        [LogLine(time: Fixture.now, stream: .stdout, bytes: Array(text.utf8), isPartial: index == 0)], source: 0)
    }
    let green = StyledText("green too", .colored(.ansi(2)))
    #expect(buffer[0].content.styled(.text) == green && buffer[1].content.styled(.text) == "plain")
  }

  @Test func matchesAreMarkedAcrossColors() throws {
    let line = LogText(Array("an \u{1B}[31mer\u{1B}[0mror here".utf8)).styled(.text)
    let marked = try #require(TextSearch("ERROR")).highlight(line)
    #expect(marked.plain == "an error here")
    #expect(marked.spans.filter { $0.role == .match }.map(\.text).joined() == "error")
    #expect(marked.spans.filter { $0.role == .text }.map(\.text) == ["an ", " here"])
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

  @Test func whatHasNoPlaceIsLetGo() {
    var buffer = LogBuffer(lineLimit: 10, byteLimit: 1 << 20)
    let gone = buffer.append(Scenes.lines((0..<25).map { "\($0)" }), source: 0)
    #expect(gone == 15 && buffer.count == 10)
    #expect(buffer[0].text == "15" && buffer[9].text == "24")
    var small = LogBuffer(lineLimit: 1_000, byteLimit: 1_000)
    let lines = Scenes.lines((0..<100).map { _ in String(repeating: "x", count: 90) })
    #expect(small.append(lines, source: 0) + small.count == 100 && small.count < 10)
  }

  @Test func piecesOfALineAreJoined() {
    var buffer = LogBuffer()
    let now = Fixture.now
    buffer.append([LogLine(time: now, stream: .stdout, bytes: Array("ab".utf8), isPartial: true)], source: 0)
    buffer.append([LogLine(time: now, stream: .stdout, bytes: Array("cd".utf8))], source: 0)
    buffer.append([LogLine(time: now, stream: .stdout, bytes: Array("ef".utf8))], source: 0)
    #expect(buffer.count == 2 && buffer[0].text == "abcd" && buffer[1].text == "ef")
  }

  @Test func whyAFailedJobHasNoPodsIsTold() {
    var fixture = Fixture()
    var shape = Fixture.JobShape()
    shape.verdict = ("Failed", "BackoffLimitExceeded", "", 1)
    var job = fixture.job("lost", shape)
    job.spec.template.spec.restartPolicy = .onFailure
    var driver = Driver(fixture, size: Size(columns: 120, rows: 24))
    driver.send(.changes([Change(verb: .modified, object: .job(job), version: 9_999)]))
    driver.press("l")
    #expect(driver.screen.contains("Kubernetes deletes the pods of a failed OnFailure job"))
    driver.press("enter")
    #expect(driver.screen.contains("No pods here.") && driver.screen.contains("restartPolicy Never keeps them"))
  }

  @Test func aLineForATerminalHasItsColorsAlone() {
    let line = "\u{1B}]0;title\u{07}old\r\u{1B}[1;31mred\u{1B}[2J\u{1B}[0m \u{1B}[38;5;200;48;2;1;2;3mx"
    let stretches = LogStretch.all(of: Array(line.utf8))
    #expect(stretches.map(\.text) == ["red", " ", "x"])
    #expect(stretches.map(\.look) == ["1;31", "", "38;5;200;48;2;1;2;3"])
    #expect(LogStretch.all(of: Array("\u{1B}[92mx".utf8)).map(\.look) == ["92"])
  }

  private func piece(_ text: String, _ stream: LogLine.Stream = .stdout, ends: Bool = false) -> LogLine {
    LogLine(time: Fixture.now, stream: stream, bytes: Array(text.utf8), isPartial: !ends)
  }

  @Test func piecesAreJoinedWhateverComesInBetween() {
    var buffer = LogBuffer()
    buffer.append([piece("one ")], source: 0)
    buffer.append([piece("warning", .stderr, ends: true)], source: 0)
    buffer.append([piece("elsewhere", ends: true)], source: 1)
    buffer.append([piece("two", ends: true)], source: 0)
    #expect((0..<buffer.count).map { buffer[$0].text } == ["one two", "warning", "elsewhere"])
    #expect((0..<buffer.count).allSatisfy { !buffer[$0].isOpen })
  }

  @Test func aFilterLooksAtTheWholeLine() {
    var buffer = LogBuffer(filter: LogFilter("one two"))
    buffer.append([piece("one ")], source: 0)
    #expect(buffer.isEmpty)
    buffer.append([piece("two", ends: true), piece("two", ends: true)], source: 0)
    #expect((0..<buffer.count).map { buffer[$0].text } == ["one two"])
  }

  @Test(arguments: [
    ["\rprogress 0%\rprogress 10%"], ["\rprogress 0%", "\rprogress 10%"], ["progress 0%\r", "progress 10%\r"],
    ["progress 0%\r", "", "progress 1", "0%"], ["progress 0%\rpro", "gress 10%\r", "\r"],
  ])
  func ofALineThatWasWrittenOverTheLastStateIsShown(_ texts: [String]) {
    var buffer = LogBuffer()
    for text in texts { buffer.append([piece(text)], source: 0) }
    #expect(buffer.count == 1 && buffer[0].text == "progress 10%")
  }

  @Test func whatIsWrittenOverKeepsItsColor() {
    let text = LogText(Array("\u{1B}[32mold\rnew".utf8))
    #expect(text.styled(.text) == StyledText("new", .colored(.ansi(2))))
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

  // MARK: Several containers

  private enum Phase {
    case waits, runs, ended, runsAgain
  }

  /// The pod with a container `init`, and `main` and `side` behind it.
  private func shaped(_ pod: Pod, _ initial: Phase, _ main: Phase, _ side: Phase) -> Pod {
    func status(_ name: String, _ phase: Phase) -> ContainerStatus {
      var status = ContainerStatus()
      status.name = name
      switch phase {
      case .waits: status.state.waiting = ContainerState.Waiting()
      case .runs: status.state.running = ContainerState.Running()
      case .ended: status.state.terminated = ContainerState.Terminated()
      case .runsAgain:
        status.state.running = ContainerState.Running()
        status.lastState.terminated = ContainerState.Terminated()
        status.restartCount = 1
      }
      return status
    }
    func container(_ name: String) -> Container {
      var container = Container()
      container.name = name
      return container
    }
    var pod = pod
    pod.spec.initContainers = [container("init")]
    pod.spec.containers = [container("main"), container("side")]
    pod.status.initContainerStatuses = [status("init", initial)]
    pod.status.containerStatuses = [status("main", main), status("side", side)]
    return pod
  }

  /// A job `many` of `count` pods with three containers each, all of them in the same phases.
  private func several(
    _ count: Int, _ initial: Phase, _ main: Phase, _ side: Phase, phase: PodPhase = .running
  ) -> (Fixture, [Pod]) {
    var fixture = Fixture()
    let job = fixture.job("many", .init(completions: count, parallelism: count, mode: .indexed, age: 100))
    let pods = (0..<count).map { index in
      let pod = fixture.pod("p\(index)x", of: job, .init(phase: phase, age: 100 - Int64(index), index: index))
      let shaped = shaped(pod, initial, main, side)
      fixture.change(.pod(shaped))
      return shaped
    }
    return (fixture, pods)
  }

  /// What was asked for since the last time, as `POD CONTAINER`.
  private func opened(_ driver: inout Driver) -> [String] {
    driver.takeCommands().compactMap {
      if case .openLog(_, let request) = $0 { "\(request.pod) \(request.container ?? "-")" } else { nil }
    }
  }

  private func hasFailed(_ driver: Driver) -> Bool {
    guard case .log(let page)? = driver.dashboard.pages.last else { return true }
    return page.sources.contains { if case .failed = $0.state { true } else { false } }
  }

  private func change(_ pod: Pod, _ driver: inout Driver) -> [String] {
    driver.send(.changes([Change(verb: .modified, object: .pod(pod), version: 900)]))
    return opened(&driver)
  }

  @Test func allContainersAreShownAndSaved() {
    let (fixture, pods) = several(6, .ended, .runs, .runs)
    var driver = Driver(fixture)
    driver.press("l")
    let commands = driver.takeCommands()
    let wanted = pods.flatMap { pod in ["init", "main", "side"].map { "\(pod.metadata.name) \($0)" } }
    for case .openLog(let id, let request) in commands {
      driver.send(.log(id, .lines(Scenes.lines(["I am \(request.container ?? "")"]))))
    }
    #expect(driver.screen.contains("[3] side I am side") && driver.screen.contains("[0] init I am init"))
    driver.press("S enter")
    guard case .saveLog(_, let save)? = driver.takeCommands().last else {
      Issue.record("nothing is saved")
      return
    }
    #expect(save.sources.map { "\($0.request.pod) \($0.request.container ?? "-")" } == wanted)
    #expect(save.sources.last?.label == "\(pods[5].metadata.name)/side")
    // Reading anew keeps them.
    driver.press("s")
    #expect(opened(&driver) == wanted)
  }

  @Test func oneContainerIsOnlyThatOne() {
    let (fixture, pods) = several(1, .ended, .runs, .runs)
    let name = pods[0].metadata.name
    var driver = Driver(fixture)
    driver.press("enter l")
    #expect(opened(&driver) == ["\(name) init", "\(name) main", "\(name) side"])
    driver.press("escape enter j l")
    #expect(opened(&driver) == ["\(name) main"])
    #expect(change(pods[0], &driver) == [])
    driver.press("s")
    #expect(opened(&driver) == ["\(name) main"])
  }

  @Test(arguments: ["l", "enter l", "enter space j space l"])
  func containersJoinInWhenTheyBegin(_ keys: String) {
    let (fixture, pods) = several(2, .runs, .waits, .waits, phase: .pending)
    var driver = Driver(fixture)
    driver.press(keys)
    let initial = opened(&driver)
    guard let pod = pods.first(where: { initial.first == "\($0.metadata.name) init" }) else {
      Issue.record("no log of what runs")
      return
    }
    let name = pod.metadata.name
    #expect(initial.allSatisfy { $0.hasSuffix(" init") } && !hasFailed(driver))
    #expect(change(shaped(pod, .ended, .runs, .waits), &driver) == ["\(name) main"])
    var running = shaped(pod, .ended, .runs, .runs)
    running.status.phase = .running
    #expect(change(running, &driver) == ["\(name) side"])
    #expect(change(running, &driver) == [])
    #expect(!hasFailed(driver))
  }

  @Test func whatWaitsForItsFirstContainerIsToldUntilItBegins() {
    let (fixture, pods) = several(1, .waits, .waits, .waits, phase: .pending)
    let name = pods[0].metadata.name
    var driver = Driver(fixture)
    driver.press("enter l")
    let commands = driver.takeCommands()
    guard case .openLog(let id, let request)? = commands.last else {
      Issue.record("no log is asked for")
      return
    }
    #expect(commands.count == 1 && request.container == "main")
    driver.send(.log(id, .failed("container \"main\" is waiting to start")))
    #expect(hasFailed(driver) && driver.screen.contains("waiting to start"))
    #expect(change(pods[0], &driver) == [])
    #expect(change(shaped(pods[0], .runs, .waits, .waits), &driver) == ["\(name) init"])
    #expect(!hasFailed(driver))
    #expect(change(shaped(pods[0], .ended, .runs, .runs), &driver) == ["\(name) main", "\(name) side"])
  }

  /// The log was asked for a moment before there was one.
  @Test func aContainerWhoseLogFailedJoinsInToo() {
    let (fixture, pods) = several(1, .ended, .runs, .waits, phase: .pending)
    var driver = Driver(fixture)
    driver.press("l")
    for case .openLog(let id, let request) in driver.takeCommands() {
      driver.send(.log(id, request.container == "main" ? .failed("is waiting to start") : .lines(Scenes.lines(["a"]))))
    }
    #expect(hasFailed(driver))
    let name = pods[0].metadata.name
    #expect(change(shaped(pods[0], .ended, .runs, .runs), &driver) == ["\(name) main", "\(name) side"])
    #expect(!hasFailed(driver))
  }

  @Test func onlyContainersThatHaveRestartedHaveAPreviousLog() {
    var (fixture, pods) = several(2, .ended, .runs, .runs)
    var driver = Driver(fixture)
    driver.press("p")
    #expect(opened(&driver).isEmpty && driver.screen.contains("nothing was written before"))
    pods[1] = shaped(pods[1], .ended, .runs, .runsAgain)
    fixture.change(.pod(pods[1]))
    driver = Driver(fixture)
    driver.press("p")
    #expect(opened(&driver) == ["\(pods[1].metadata.name) side"])
  }

  @Test func podsAreLeftOutWhole() {
    let (fixture, pods) = several(340, .runs, .runs, .runs)
    var driver = Driver(fixture)
    driver.press("l")
    #expect(opened(&driver).count == LogPage.openLimit)
    // Of a pod all three or none.
    #expect(driver.screen.contains("699 more wait for an end; 7 older pods left out"))
    #expect(change(pods[0], &driver) == [])
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

  @Test(arguments: [
    (#"{"time":"12:00:01","level":"INFO","msg":"started","port":8080}"#, "12:00:01 INFO  started port=8080"),
    (#"{"level":50,"msg":"lost","err":{"code":7}}"#, #"ERROR lost err={"code":7}"#),
    (#"  {"user":"a b","id":"","n":null,"list":[1,2]}"#, #"user="a b" id="" n=null list=[1,2]"#),
    (#"{"severity":"Warning","message":"a\nb\u001b[31mred\u001b[0m\u001b]0;x\u0007"}"#, "WARNING a ↵ bred"),
    (#"{"msg":"x","time":"late","msg2":"y=z"}"#, #"late x msg2="y=z""#),
  ])
  func jsonIsLaidOut(_ line: String, _ text: String) {
    #expect(JSONLine.layOut(line)?.plain == text)
  }

  @Test(arguments: [
    "", "{", "{}", "[1]", "plain {\"a\":1}", "{\"a\":1} x", "{\"a\":\(String(repeating: "[", count: 500))",
  ])
  func whatIsNoObjectStays(_ line: String) { #expect(JSONLine.layOut(line) == nil) }

  @Test func jsonIsLaidOutOnlyWhenAskedFor() {
    var (driver, _) = opened([#"{"level":"error","msg":"no space left"}"#, "plain"], rows: 24)
    #expect(driver.screen.contains(#"{"level":"error""#))
    driver.press("J")
    #expect(driver.screen.contains("ERROR no space left") && driver.screen.contains("plain"))
    driver.press("/")
    driver.type("space")
    driver.press("enter")
    #expect(driver.screen.contains("ERROR no space left"))
    driver.press("J")
    #expect(driver.screen.contains(#"{"level":"error""#))
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
