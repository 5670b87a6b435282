import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Which columns there are and what is cut.
struct LayoutTests {
  private func line(_ driver: inout Driver, with text: String) -> String {
    driver.screen.split(separator: "\n").first { $0.contains(text) }.map(String.init) ?? ""
  }

  private func titles(_ driver: inout Driver) -> String { line(&driver, with: "STATUS") }

  @Test(arguments: ["node-1", "ip-10-12-13-14.eu-central-1.compute.internal"])
  func theStatusOfACordonedNodeIsNotCut(_ name: String) {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node(name, cpu: "127900m", memory: "1023900Mi", cordoned: true)
    fixture.node(name + "-b", cpu: "4", memory: "8Gi", ready: false, cordoned: true)
    for columns in [64, 80, 100, 120] {
      var driver = Driver(fixture, size: Size(columns: columns, rows: 24))
      driver.press(": n o d e s enter")
      #expect(driver.screen.contains("‖ Ready,SchedulingDisabled"), "\(columns)")
      #expect(driver.screen.contains("✗ NotReady,SchedulingDisabled"), "\(columns)")
    }
  }

  /// A number that is cut would be another number.
  @Test func numbersAreNeverCut() {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "127900m", memory: "1023900Mi")
    for columns in 60...140 {
      var driver = Driver(fixture, size: Size(columns: columns, rows: 24))
      driver.press(": n o d e s enter")
      let row = line(&driver, with: "✓ Ready")
      #expect(!row.contains("…"), "\(columns): \(row)")
    }
  }

  @Test func aLongStatusLeavesRoomForWhatOneMustKnow() {
    var driver = Driver(size: Size(columns: 120, rows: 40))
    let shown = titles(&driver)
    for title in ["NAMESPACE", "NAME", "STATUS", "DONE", "RETRIES", "ELAPSED", "LAST EXIT", "NEXT", "AGE"] {
      #expect(shown.contains(title), "\(title)")
    }
    for columns in [80, 120, 200] {
      driver.size = Size(columns: columns, rows: 40)
      #expect(driver.screen.contains("✗ Failed:BackoffLimitExceeded"))
    }
  }

  /// However wide the other columns are, why a job failed can be read beside how often it was tried.
  @Test(arguments: [Size(columns: 120, rows: 30), Size(columns: 120, rows: 40)])
  func whyAJobFailedIsNotCut(_ size: Size) {
    var fixture = Fixture()
    for space in ["default", "ml-training"] { fixture.namespace(space) }
    for reason in ["BackoffLimitExceeded", "PodFailurePolicy", "DeadlineExceeded"] {
      let job = fixture.job(
        "nightly-\(reason.lowercased())-of-everything-29931627",
        .init(
          completions: 400, parallelism: 3, age: 4_000, succeeded: 12, failed: 1, verdict: ("Failed", reason, "", 5)))
      fixture.pod(
        "aaaaa", of: job,
        .init(phase: .failed, age: 60, finished: 5, exit: 128, reason: "StartError"))
    }
    var indexed = fixture.job("indexed", .init(completions: 40, parallelism: 4, mode: .indexed, age: 60, active: 4))
    indexed.spec.backoffLimitPerIndex = 2
    fixture.change(.job(indexed))
    var driver = Driver(fixture, size: size)
    let screen = driver.screen
    for reason in ["BackoffLimitExceeded", "PodFailurePolicy", "DeadlineExceeded"] {
      #expect(screen.contains("✗ Failed:\(reason) "), "\(screen)")
    }
    #expect(screen.contains("RETRIES") && screen.contains("0 (2/idx)") && screen.contains("128"))
    // Of the names the ends are there.
    #expect(screen.contains("…31627"))
  }

  /// Where a column more would have a place only if others were cut, those are worth more.
  @Test func aLastExitIsNotCutForAnEstimate() {
    for columns in 145...220 {
      var driver = Driver(size: Size(columns: columns, rows: 40))
      let screen = driver.screen
      #expect(screen.contains("137 OOMKilled"), "\(columns)\n\(screen)")
    }
  }

  @Test func nameAndStatusStayOnTheSmallestScreens() {
    for view in ["jobs", "pods", "nodes", "cronjobs"] {
      var driver = Driver(size: Size(columns: 40, rows: 10))
      driver.press(":")
      driver.type(view)
      driver.press("enter")
      #expect(titles(&driver).contains("NAME"), "\(view)")
    }
  }

  @Test func whatTheStatusSaysIsNotSaidAgain() {
    var driver = Driver(size: Size(columns: 120, rows: 40))
    driver.press(": p o d s enter")
    let row = line(&driver, with: "✗ OOMKilled")
    #expect(row.contains("137") && !row.contains("137 OOMKilled"))
  }

  /// Names that a controller made differ in their ends.
  @Test func aNameKeepsItsEnd() {
    let name = StyledText("import-orders-29656420-x7k2p")
    #expect(name.cutBeforeEnd(to: 20).plain == "import-orders…-x7k2p")
    #expect(name.cutBeforeEnd(to: 40) == name)
    #expect(StyledText("日本語の長い名前").cutBeforeEnd(to: 9).plain == "日本語…前")
    for columns in 0...30 { #expect(name.cutBeforeEnd(to: columns).columns == min(columns, 28)) }
  }

  @Test func sentencesAreBrokenBetweenWords() {
    let text = StyledText([Span("│ ", .border), Span("the quick "), Span("brown fox"), Span(" jumps over 日本語の長い行")])
    let pieces = wrapped(text, width: 14, betweenWords: true, hanging: StyledText("│ ", .border)).map(\.plain)
    #expect(pieces == ["│ the quick", "│ brown fox", "│ jumps over", "│ 日本語の長い", "│ 行"])
    #expect(wrapped(StyledText("abcdef"), width: 4).map(\.plain) == ["abcd", "ef"])
    #expect(wrapped(StyledText("abcdef gh"), width: 4, betweenWords: true).map(\.plain) == ["abcd", "ef", "gh"])
    // A name and its value are not parted.
    let value = wrapped(StyledText("Name:  abcdefghi jk"), width: 14, betweenWords: true, hanging: "       ")
    #expect(value.map(\.plain) == ["Name:  abcdefg", "       hi jk"])
    // What is wider than the page still goes on.
    #expect(wrapped(StyledText("日本"), width: 1).map(\.plain) == ["日", "本"])
  }
}
