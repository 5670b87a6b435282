import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// What looks as if it could be clicked on can be, and does what its key does.
struct MouseTests {
  /// Where a text stands on the screen; the last place of several.
  private func place(_ text: String, _ driver: inout Driver) -> Point? {
    let lines = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
    for (row, line) in lines.enumerated().reversed() {
      guard let range = line.ranges(of: text).last else { continue }
      return Point(column: TextWidth.columns(of: String(line[..<range.lowerBound])), row: row)
    }
    Issue.record("no '\(text)' on the screen\n\(driver.screen)")
    return nil
  }

  private func click(_ point: Point?, _ driver: inout Driver, _ kind: MouseEvent.Kind = .press) {
    guard let point else { return }
    driver.send(.terminal(.mouse(MouseEvent(kind: kind, button: .left, position: point))))
    _ = driver.screen
  }

  private func click(_ text: String, _ driver: inout Driver) { click(place(text, &driver), &driver) }

  private func form(_ driver: Driver) -> JobForm? {
    if case .form(let form)? = driver.dashboard.overlay { form } else { nil }
  }

  @Test(arguments: [Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 200, rows: 50)])
  func theButtonsOfAQuestion(_ size: Size) {
    var driver = Driver(size: size)
    driver.select("nightly-backup")
    driver.press("ctrl-d")
    click(" n  keep", &driver)
    #expect(driver.dashboard.overlay.isNone && driver.commands.isEmpty)
    driver.press("ctrl-d")
    click(" y  delete", &driver)
    #expect(driver.dashboard.overlay.isNone)
    guard case .delete(_, let key, _)? = driver.commands.last else {
      Issue.record("nothing is deleted: \(driver.commands)")
      return
    }
    #expect(key.name == "nightly-backup")
  }

  @Test func beyondAQuestionAClickDoesNothing() {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("ctrl-d")
    // All but the footer, which has the question's keys.
    for row in 0..<39 {
      for column in [0, 3, 118] {
        click(Point(column: column, row: row), &driver)
        click(Point(column: column, row: row), &driver, .doubleClick)
      }
    }
    #expect(driver.commands.isEmpty && driver.screen.contains("Delete job?"))
    #expect(driver.dashboard.pages.count == 1)
  }

  @Test func theFooterOfAPage() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    click("? help", &driver)
    #expect(driver.screen.contains("› Help"))
    click("Esc back", &driver)
    #expect(!driver.screen.contains("› Help"))
    driver.select("nightly-backup")
    click("Enter open", &driver)
    #expect(driver.screen.contains("Pods of nightly-backup"))
  }

  @Test func theFooterOfAQuestion() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.press("ctrl-d")
    click("Tab choose", &driver)
    #expect(driver.screen.contains("Enter delete"))
    click("Enter delete", &driver)
    #expect(driver.commands.contains { if case .delete = $0 { true } else { false } })
  }

  /// The second of two quick clicks was meant for what the first one was on, and not for what that has brought up.
  @Test func twoClicksAnswerNoQuestion() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    let point = place("Enter open", &driver)
    click("Ctrl-D delete", &driver)
    // The question's own keys stand at the left now.
    click(point, &driver, .doubleClick)
    #expect(driver.commands.isEmpty && driver.screen.contains("Delete job?"))
    let button = place(" n  keep", &driver)
    click(button, &driver)
    click(button, &driver, .doubleClick)
    #expect(driver.dashboard.pages.count == 1 && driver.dashboard.overlay.isNone)
  }

  @Test func completions() {
    var driver = Driver()
    driver.press(": n")
    click("  nodes", &driver)
    #expect(driver.dashboard.prompt?.editor.text == "nodes")
    // The line itself is no completion.
    click(Point(column: 2, row: 39), &driver)
    #expect(driver.dashboard.prompt != nil)
    driver.press("ctrl-u n o")
    let line = place("  nodes", &driver)
    click(line, &driver)
    click(line, &driver)
    #expect(driver.dashboard.prompt == nil && driver.dashboard.table?.view == .nodes, "\(driver.screen)")
    driver.press(": x")
    click("Esc cancel", &driver)
    #expect(driver.dashboard.prompt == nil)
  }

  @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40), Size(columns: 40, rows: 10)])
  func theForm(_ size: Size) {
    var driver = Driver(size: size)
    driver.press("n")
    driver.type("echo one two")
    guard var at = place("one two", &driver) else { return }
    at.column += 4
    click(at, &driver)
    driver.type("and ")
    #expect(form(driver)?[.command].value == "echo one and two")
    guard size.rows >= 24 else { return }
    click("( ) Indexed", &driver)
    #expect(form(driver)?[.mode].value == "Indexed")
    click("Memory", &driver)
    driver.type("64Mi")
    #expect(form(driver)?[.memory].value == "64Mi")
    // The frame and what is beside it.
    click(Point(column: 0, row: 0), &driver)
    #expect(form(driver) != nil)
    driver.press("up")
    click("Ctrl-S start", &driver)
    #expect(form(driver)?[.completions].error != nil)
    click("Esc leave", &driver)
    click("y  leave", &driver)
    #expect(driver.dashboard.overlay.isNone)
  }
}
