import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// What is typed wrong is said where it is, and what was typed stays.
struct InputTests {
  private func form(_ driver: Driver) -> JobForm? {
    if case .form(let form)? = driver.dashboard.overlay { form } else { nil }
  }

  // MARK: Filters

  @Test(arguments: ["-l team in (research", "-l team in", "-l =x", "-l a=b=c", "-l a,,b"])
  func aMalformedSelectorSaysWhatIsWrong(_ text: String) {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.press("/")
    driver.type(text)
    #expect(driver.dashboard.prompt?.error != nil)
    // Beside the line, or above it where there is no room.
    let lines = driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[22...23].contains { $0.contains("✗ ") && ($0.contains("found") || $0.contains("Invalid")) })
    #expect(lines[23].contains("/" + text))
    driver.press("enter")
    #expect(driver.dashboard.prompt != nil && driver.dashboard.prompt?.error != nil)
  }

  /// What stands there is no selector: rows of an earlier half of it must not look as if they were its.
  @Test func aMalformedSelectorShowsAllRows() {
    var driver = Driver()
    let all = driver.rows.count
    driver.press("/")
    driver.type("-l app=mail")
    #expect(driver.rows.count < all)
    driver.type(" in (")
    #expect(driver.rows.count == all)
    driver.press("esc")
    #expect(driver.rows.count == all && driver.dashboard.prompt == nil)
  }

  // MARK: The form

  @Test func whatTheClusterHadAgainstAFieldStaysUntilItIsChanged() {
    var driver = Driver.withRefusedName()
    driver.press("tab tab tab ctrl-u")
    driver.type("lots")
    driver.press("ctrl-s")
    #expect(form(driver)?[.name].error == "Invalid value: \"Bad_Name\"")
    #expect(form(driver)?[.parallelism].error ?? form(driver)?[.completions].error == "Must be a whole number")
    #expect(form(driver).map { $0.fields[$0.current].id } == .name)
    driver.type("x")
    driver.press("tab")
    #expect(form(driver)?[.name].error == nil)
  }

  @Test func allThatIsWrongIsMarkedAtOnce() {
    var driver = Driver()
    driver.press("n")
    driver.type("true")
    driver.press("tab")
    driver.type("Bad_Name!")
    driver.press("tab ctrl-u")
    driver.type("nope")
    driver.press("tab tab ctrl-u")
    driver.type("lots")
    driver.press("ctrl-s")
    let wrong = form(driver)?.fields.filter { $0.error != nil }.map(\.id)
    #expect(wrong == [.name, .namespace, .completions], "\(String(describing: wrong))")
    #expect(form(driver).map { $0.fields[$0.current].id } == .name)
    #expect(driver.screen.contains("✗ namespaces \"nope\" not found"))
  }

  /// The cluster may have changed its mind: what it said before does not keep a form from being sent.
  @Test func anOldObjectionIsNoObstacle() {
    var driver = Driver()
    driver.press("n")
    driver.type("true")
    driver.press("tab")
    driver.type("taken")
    driver.press("ctrl-s")
    driver.answerAll { _ in .failure(.alreadyExists(ObjectKey(.job, namespace: "default", name: "taken"))) }
    #expect(form(driver)?[.name].error == "There is a job of this name already")
    _ = driver.takeCommands()
    driver.press("ctrl-s")
    #expect(driver.takeCommands().contains { if case .create(_, _, false) = $0 { true } else { false } })
  }

  @Test(arguments: [("ctrl-t", "Templates"), ("ctrl-o", "Files")])
  func templatesAndFilesAskWhenSomethingWasTyped(_ key: String, _ title: String) {
    var driver = Driver()
    driver.press("n")
    driver.type("sleep 5")
    driver.press(key)
    #expect(driver.screen.contains("Leave the form for"))
    driver.press("n")
    #expect(form(driver)?[.command].value == "sleep 5")
    driver.press("\(key) y")
    #expect(driver.dashboard.overlay.isNone)
    #expect(driver.screen.contains(title), "\(driver.screen)")
  }

  // MARK: The editor

  @Test func theEditorsErrorsCountTheLinesOfTheText() throws {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("e")
    guard case .edit(let id, let text, _)? = driver.takeCommands().last else {
      Issue.record("no editor")
      return
    }
    let broken = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.hasPrefix("  name:") ? "  name: [unclosed" : String($0)
    }.joined(separator: "\n")
    driver.send(.edited(id, .success(broken)))
    guard case .edit(let again, let second, _)? = driver.takeCommands().last else {
      Issue.record("no editor again")
      return
    }
    // `# error: manifest:12:3: …`
    func told(_ text: String) throws -> Int {
      let first = try #require(text.split(separator: "\n").first)
      return try #require(Int(first.split(separator: ":")[2]))
    }
    func place(_ text: String) throws -> Int {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      return try #require(lines.firstIndex { $0.contains("[unclosed") }) + 1
    }
    let distance = try told(second) - place(second)
    #expect((0...1).contains(distance), "\(second)")
    // And so once more, with the error of before still above the text.
    driver.send(.edited(again, .success(second + "\n")))
    guard case .edit(_, let third, _)? = driver.takeCommands().last else {
      Issue.record("no third editor")
      return
    }
    #expect(try told(third) - place(third) == distance)
  }

  // MARK: Saving a log

  private func savePrompt() -> Driver {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("l")
    _ = driver.takeCommands()
    driver.press("S")
    return driver
  }

  @Test func aPathAloneIsEnoughToSaveALog() {
    var driver = savePrompt()
    #expect(driver.screen.contains("Save to: nightly-backup.log"))
    driver.press("ctrl-u")
    #expect(driver.screen.contains("Save to:"))
    driver.type("/tmp/a b.log")
    _ = driver.takeCommands()
    driver.press("enter")
    guard case .saveLog(_, let save)? = driver.takeCommands().last else {
      Issue.record("nothing is saved")
      return
    }
    #expect(save.path == "/tmp/a b.log")
    driver = savePrompt()
    driver.press("ctrl-u enter")
    #expect(driver.dashboard.prompt == nil && driver.screen.contains("Not saved: no file was named"))
  }

  @Test func directoriesAreCompletedWhereALogIsSaved() {
    var driver = savePrompt()
    driver.press("ctrl-u")
    driver.type("lo")
    guard case .listDirectory(let id, let path)? = driver.takeCommands().first else {
      Issue.record("no directory is read")
      return
    }
    #expect(path.isEmpty)
    let entries = [
      DirectoryEntry(name: "logs", isDirectory: true, size: 0),
      DirectoryEntry(name: "lo.yaml", isDirectory: false, size: 9),
    ]
    driver.send(.directory(id, .success(entries)))
    driver.press("tab")
    #expect(driver.dashboard.prompt?.editor.text == "logs/")
  }

  // MARK: Settings

  @Test(arguments: ["ctrl-shift-f13", "f40", "ctrl-shift-x", "shift-;", "ctrl-5", "alt-f24"])
  func keysThatNoTerminalSendsAreRefused(_ key: String) {
    let (_, problems) = Settings.read([.config: "keys: { why: \(key) }"])
    #expect(problems.count == 1, "\(problems)")
  }

  @Test(arguments: ["f13", "shift-f5", "ctrl-right", "shift-w", "shift-1", "alt-x", "ctrl-alt-x"])
  func keysThatTerminalsSendAreTaken(_ key: String) {
    let (_, problems) = Settings.read([
      .config: "keys: { why: \(key), mark-all: [], all-namespaces: [], sort-left: [] }"
    ])
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test(arguments: TableView.all.map(\.commands[0]) + DrawnView.all.map(\.commands[0]) + ["timeline"])
  func everyViewCanBeTheFirst(_ view: String) {
    let (settings, problems) = Settings.read([.config: "defaultView: \(view)"])
    #expect(problems.isEmpty, "\(problems)")
    var driver = Driver(settings: settings)
    #expect(driver.dashboard.pages.count == (view == "jobs" ? 1 : 2))
    if view == "timeline" { #expect(driver.screen.contains("› Timeline")) }
  }
}
