import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct FormTests {
  @Test func makesAJob() {
    var driver = Driver()
    driver.press("n")
    driver.type("./run.sh --fast")
    driver.send(.terminal(.paste(" && echo ok\n")))
    driver.press("ctrl-s")
    guard case .create(_, .job(let job), false)? = driver.commands.last else {
      Issue.record("no job was made")
      return
    }
    let container = job.spec.template.spec.containers.first
    #expect(container?.command == ["sh", "-c", "./run.sh --fast && echo ok"])
    #expect(job.metadata.name == "run-sh-1" && job.metadata.namespace == "default")
    #expect(job.spec.template.spec.restartPolicy == .never)
    driver.answerAll()
    #expect(driver.screen.contains("Started job run-sh-1"))
    #expect(driver.dashboard.overlay.isNone)
  }

  @Test func fieldsAreCheckedBeforeAnythingIsMade() {
    var driver = Driver()
    driver.press("n ctrl-s")
    #expect(driver.commands.isEmpty)
    #expect(driver.screen.contains("What should it run?"))
    driver.type("true")
    driver.press("tab tab tab tab")
    driver.type("lots")
    driver.press("tab")
    #expect(driver.screen.contains("Must be a whole number"))
    driver.press("ctrl-s")
    #expect(!driver.commands.contains { if case .create(_, _, false) = $0 { true } else { false } })
  }

  @Test func theClustersObjectionsStandAtTheirFields() {
    var driver = Driver.withRefusedName()
    #expect(driver.screen.contains("✗ Invalid value: \"Bad_Name\""))
    // The cursor is not taken away from where the user types.
    guard case .form(let form)? = driver.dashboard.overlay else {
      Issue.record("the form is gone")
      return
    }
    #expect(form.fields[form.current].id == .namespace)
  }

  /// What is missing is told where it is missing, and as soon as it is.
  @Test func anIndexedJobNeedsCompletions() {
    var driver = Driver(size: Size(columns: 80, rows: 24))
    driver.press("n")
    driver.type("true")
    driver.press("down down down down down down right")
    func line(_ driver: inout Driver) -> String {
      driver.screen.split(separator: "\n").first { $0.contains("Completions") }.map(String.init) ?? ""
    }
    #expect(line(&driver).contains("✗ Indexed needs a number, such as 8"), "\(driver.screen)")
    driver.press("left")
    #expect(!line(&driver).contains("✗") && line(&driver).contains("1"))
    driver.press("right up up")
    driver.type("8")
    driver.press("tab")
    #expect(!line(&driver).contains("✗"))
    driver.press("ctrl-s")
    guard case .create(_, .job(let job), false)? = driver.commands.last else {
      Issue.record("no job was made")
      return
    }
    #expect(job.spec.completions == 8 && job.spec.completionMode == .indexed)
  }

  /// However long an error is, all of it can be read.
  @Test(arguments: [Size(columns: 80, rows: 24), Size(columns: 120, rows: 40), Size(columns: 200, rows: 50)])
  func longErrorsAreWrapped(_ size: Size) {
    var driver = Driver.withRefusedName()
    driver.size = size
    let words = (1...30).map { "word\($0)" }
    let text = words.joined(separator: " ")
    driver.press("ctrl-s")
    driver.answerAll { _ in
      .failure(
        .invalid(
          .job, name: "x",
          [
            FieldError(type: "FieldValueInvalid", field: "metadata.name", body: text),
            FieldError(type: "FieldValueInvalid", field: "spec.template.spec.nodeName", body: text.uppercased()),
          ]))
    }
    let shown = Set(driver.screen.split { $0 == " " || $0 == "\n" || $0 == "│" })
    for word in words { #expect(shown.contains(Substring(word)), "\(word)\n\(driver.screen)") }
    for word in words { #expect(shown.contains(Substring(word.uppercased())), "\(word)\n\(driver.screen)") }
    #expect(shown.contains("Memory"))
  }

  @Test func leavingAsksOnceSomethingWasTyped() {
    var driver = Driver()
    driver.press("n esc")
    #expect(driver.dashboard.overlay.isNone)
    driver.press("n")
    driver.type("x")
    driver.press("esc n")
    guard case .form(let form)? = driver.dashboard.overlay else {
      Issue.record("the form is gone")
      return
    }
    #expect(form[.command].value == "x")
    driver.press("esc y")
    #expect(driver.dashboard.overlay.isNone)
    driver.press("n")
    driver.type("x")
    driver.press("esc esc")
    #expect(driver.dashboard.overlay.isNone)
  }

  @Test func lineEditing() {
    var line = LineEditor("hello world")
    for key: Key in ["home", "right", "delete", "ctrl-e", "ctrl-w", "x", "left", "left", "backspace"] {
      _ = line.handle(key)
    }
    #expect(line.text == "hll x")
    line.insert("a\nb\n")
    #expect(line.text == "hlla b x")
  }

  @Test func durations() {
    #expect(JobForm.seconds("90") == 90)
    #expect(JobForm.seconds("10m") == 600)
    #expect(JobForm.seconds("1d") == 86_400)
    #expect(JobForm.seconds("-1") == nil && JobForm.seconds("m") == nil && JobForm.seconds("99999999999d") == nil)
  }
}

extension Optional where Wrapped == Dashboard.Overlay {
  var isNone: Bool { if case .none = self { true } else { false } }
}
