import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Questions about more than a screen holds.
struct QuestionTests {
  private static let sizes = [Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 200, rows: 50)]

  /// Everything that goes can be read before one says yes, at any size.
  @Test(arguments: sizes, ["down", "pgdn"])
  func everyNameCanBeReadBeforeItGoes(_ size: Size, _ key: String) {
    var driver = Driver(.many(300), size: size)
    driver.press("ctrl-a ctrl-d")
    let names = Set(driver.dashboard.store.all(.job).map(\.name))
    var seen: Set<String> = []
    func look(_ screen: String) {
      for line in screen.split(separator: "\n") {
        for word in line.split(separator: " ") where word.hasPrefix("job-") { seen.insert(String(word)) }
      }
    }
    look(driver.screen)
    #expect(driver.screen.contains("Delete 300 jobs?") && driver.screen.contains("With them go 300 pods"))
    #expect(driver.screen.contains("↓"))
    for _ in 0..<310 {
      driver.press(key)
      look(driver.screen)
    }
    #expect(names.subtracting(seen).isEmpty)
    #expect(!driver.screen.contains("↓") && driver.screen.contains("↑"))
    // One step back is one step, however often the end was pushed at.
    let end = driver.screen
    driver.press("up")
    #expect(driver.screen != end)
    driver.press("home")
    #expect(!driver.screen.contains("↑") && driver.screen.contains("↓ "))
    driver.press("y")
    #expect(driver.commands.contains { if case .delete = $0 { true } else { false } })
  }

  @Test func drainingListsEveryPod() {
    var driver = Driver(.many(40))
    driver.press(": n o d e s enter r")
    let names = driver.dashboard.store.all(.pod).map(\.name)
    guard case .confirmation(let question)? = driver.dashboard.overlay else {
      Issue.record("no question")
      return
    }
    let text = question.lines.map(\.plain).joined(separator: "\n")
    #expect(names.count == 40 && names.allSatisfy { text.contains($0 + " ") })
  }

  @Test func theWheelScrollsAQuestion() {
    var driver = Driver(.many(300), size: Size(columns: 80, rows: 24))
    driver.press("ctrl-a ctrl-d")
    let before = driver.screen
    driver.send(.terminal(.mouse(MouseEvent(kind: .wheelDown, button: .none, position: Point(column: 5, row: 5)))))
    #expect(driver.screen != before && driver.screen.contains("↑ 3 above"))
    driver.send(.terminal(.mouse(MouseEvent(kind: .wheelUp, button: .none, position: Point(column: 5, row: 5)))))
    #expect(driver.screen == before)
  }

  /// What took a name while one was asked is not what was meant: the UID that goes along is that of the object that the
  /// question was about, and the cluster refuses it for another one.
  @Test func aNamesakeIsNotDeletedInItsPlace() throws {
    var driver = Driver()
    driver.select("nightly-backup")
    let old = try #require(driver.dashboard.selectedItem?.object)
    driver.press("ctrl-d")
    guard case .job(var job) = old else { return }
    driver.send(.changes([Change(verb: .deleted, object: old, version: 900)]))
    job.metadata.uid = "another"
    driver.send(.changes([Change(verb: .added, object: .job(job), version: 901)]))
    driver.press("y")
    guard case .delete(let id, let key, let options)? = driver.commands.first else {
      Issue.record("nothing was sent")
      return
    }
    #expect(key == old.key && options.uid == old.metadata.uid && options.uid != "another")
    driver.send(.finished(id, .failure(.conflict(key, "the UID in the precondition is another"))))
    #expect(driver.screen.contains("the UID in the precondition"))
    #expect(driver.dashboard.store.job("another") != nil)
  }

  /// Suspending ends what runs, which nothing brings back: it asks, and names what goes.
  @Test func suspendingWhatRunsAsks() {
    var driver = Driver()
    driver.select("mail-queue")
    driver.press("s")
    #expect(driver.takeCommands().isEmpty)
    #expect(driver.screen.contains("Suspend 1 job?") && driver.screen.contains("stops 3 pods"), "\(driver.screen)")
    driver.press("y")
    let sent = driver.takeCommands()
    guard case .patch(_, let key, let document)? = sent.first else {
      Issue.record("nothing was sent: \(sent)")
      return
    }
    #expect(key.name == "mail-queue" && document["spec"]?["suspend"] == true)
  }

  /// A word does what it says, and never the opposite.
  @Test func typedSuspendDoesNotResume() {
    var driver = Driver()
    driver.select("mail-queue")
    driver.press("s y")
    driver.answerAll()
    guard case .job(var job)? = driver.dashboard.selectedItem?.object else { return }
    job.spec.suspend = true
    driver.send(.changes([Change(verb: .modified, object: .job(job), version: 9_999)]))
    driver.press(":")
    driver.type("suspend mail-queue")
    driver.press("enter")
    #expect(driver.commands.isEmpty)
    #expect(driver.screen.contains("mail-queue is suspended already"), "\(driver.screen)")
  }

  /// Every question that there is has a golden screen: what a question would do is told in words by a name here, and a
  /// new one does not compile without.
  @Test func everyQuestionHasAGoldenScreen() {
    let all: Set = [
      "delete", "fail", "recover", "drain", "apply", "create", "start", "quit", "run", "discard", "discard for another",
      "suspend", "undo",
    ]
    var asked: Set<String> = []
    for scene in GoldenTests.scenes where scene.name.contains("ask-") || ["delete", "drain"].contains(scene.name) {
      var driver = Driver(scene.fixture, isReadOnly: scene.isReadOnly)
      scene.prepare(&driver)
      guard case .confirmation(let question)? = driver.dashboard.overlay else { continue }
      let name =
        switch question.deed {
        case .delete: "delete"
        case .failNodes: "fail"
        case .recoverNodes: "recover"
        case .drainNodes: "drain"
        case .make(_, let changes): changes ? "apply" : "create"
        case .start: "start"
        case .quit: "quit"
        case .suspend: "suspend"
        case .undo: "undo"
        case .run: "run"
        case .discardForm(let next): next == .page ? "discard" : "discard for another"
        }
      asked.insert(name)
    }
    #expect(asked == all, "\(all.symmetricDifference(asked).sorted())")
  }
}
