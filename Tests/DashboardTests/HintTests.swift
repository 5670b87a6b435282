import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// The footer tells the keys of what lies on top, the most important ones at every width.
struct HintTests {
  private func footer(_ driver: inout Driver) -> String {
    driver.screen.split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? ""
  }

  private func hints(_ driver: inout Driver) -> Set<String> {
    Set(footer(&driver).split(separator: "  ").map { $0.filter { $0 != " " } })
  }

  @Test(arguments: [60, 80, 100, 120, 160, 200])
  func essentialKeysAreAlwaysThere(_ columns: Int) {
    var driver = Driver(size: Size(columns: columns, rows: 24))
    for view in ["jobs", "pods", "cronjobs", "events"] {
      driver.press(":")
      driver.type(view)
      driver.press("enter")
      let shown = hints(&driver)
      #expect(shown.isSuperset(of: ["Enteropen", "?help", "Ctrl-Ddelete", "qquit"]), "\(view) at \(columns)")
    }
  }

  @Test func whereThereIsMoreRoomThereAreMoreKeys() {
    for view in ["jobs", "pods", "cronjobs", "nodes", "events", "namespaces"] {
      var before: Set<String> = []
      for columns in 40...200 {
        var driver = Driver(size: Size(columns: columns, rows: 24))
        driver.press(":")
        driver.type(view)
        driver.press("enter")
        let shown = hints(&driver)
        #expect(shown.isSuperset(of: before), "\(view) at \(columns)")
        before = shown
      }
    }
  }

  @Test func aQuestionShowsItsOwnKeys() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.press("ctrl-d")
    #expect(hints(&driver).isSuperset(of: ["ydelete", "nEsckeep", "Enterkeep"]))
    #expect(!footer(&driver).contains("logs"))
    driver.press("tab")
    #expect(hints(&driver).contains("Enterdelete"))
  }

  /// However small the screen, the question says how much goes, and no name is torn from its bullet.
  @Test func aQuestionSaysHowMuchGoes() {
    var fixture = Fixture.full
    let job = fixture.job("a-job-with-a-name-as-long-as-the-limit-allows-it-to-be-made", .init(age: 1, active: 1))
    fixture.pod("aaaaa", of: job, .init(age: 1))
    var driver = Driver(fixture, size: Size(columns: 40, rows: 10))
    driver.press("ctrl-a ctrl-d")
    #expect(driver.screen.contains("With them go") && driver.screen.contains("running."))
    #expect(driver.screen.contains("• a-job-with-a-name"))
  }

  @Test func theFormShowsItsOwnKeys() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.press("n")
    #expect(hints(&driver).isSuperset(of: ["Enternext", "Ctrl-Sstart", "Escleave"]))
    #expect(!footer(&driver).contains("logs"))
    driver.press("backtab")
    #expect(hints(&driver).contains("Enterstart"))
    driver.press("up up up up")
    #expect(hints(&driver).contains("Spacechange"))
  }

  @Test func theFormStaysVisibleUnderTheQuestion() {
    var driver = Driver(size: Size(columns: 120, rows: 40))
    driver.press("n")
    driver.type("make all")
    driver.press("esc")
    let screen = driver.screen
    #expect(screen.contains("Leave the form?") && screen.contains("New job") && screen.contains("make all"))
    #expect(hints(&driver).isSuperset(of: ["yEscleave", "ngoon"]))
    #expect(driver.dashboard.render(driver.size).cursor == nil)
  }

  /// What the cluster says while the question is open is not lost.
  @Test func theFormBehindTheQuestionHearsTheAnswer() {
    var driver = Driver()
    driver.press("n")
    driver.type("true")
    driver.press("ctrl-s esc")
    driver.answerAll { _ in .failure(.badRequest("no room")) }
    driver.press("n")
    #expect(driver.screen.contains("no room"))
    driver.press("ctrl-s esc")
    driver.answerAll()
    #expect(driver.dashboard.overlay.isNone && driver.dashboard.formBehind == nil)
    #expect(driver.screen.contains("Started job true-1"))
  }

  @Test func keysThatWouldDoNothingAreLeftOut() {
    var driver = Driver()
    #expect(!footer(&driver).contains("back"))
    driver.press("enter")
    #expect(footer(&driver).contains("Esc back"))
    driver.press("esc d")
    #expect(!footer(&driver).contains("n next"))
    driver.press("/")
    driver.type("name")
    driver.press("enter")
    #expect(footer(&driver).contains("n next"))
    driver.press("esc esc : n o d e s enter")
    #expect(footer(&driver).contains("f fail") && !footer(&driver).contains("recover"))
    driver.select("node-4")
    #expect(!footer(&driver).contains("f fail") && footer(&driver).contains("recover"))
    driver.size = Size(columns: 80, rows: 24)
    #expect(footer(&driver).contains("x recover"))
  }
}
