import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct PlainTests {
  private func session(_ fixture: Fixture = .full) -> PlainSession {
    var session = PlainSession(Dashboard(Dashboard.Options()))
    _ = session.take(.tick(Fixture.now))
    _ = session.take(.info(ClusterInfo(flavor: .embedded, location: "")))
    _ = session.take(.changes(fixture.changes))
    _ = session.answer("")
    _ = session.takeLines()
    return session
  }

  /// What a line is answered with.
  private func say(_ line: String, _ session: inout PlainSession) -> [String] {
    _ = session.answer(line)
    return session.takeLines()
  }

  @Test func aTableIsLinesWithTheNamesOfColumns() {
    var session = session()
    let lines = say("", &session)
    #expect(lines[0].hasPrefix("Jobs, "))
    #expect(lines[0].hasSuffix("row 1, sorted by age."))
    #expect(lines[1].hasPrefix("1 selected, "))
    let failed = lines.first { $0.contains("nightly-backup, namespace ") }
    #expect(failed?.contains(", status Failed:BackoffLimitExceeded, done ") == true)
    #expect(!lines.joined().contains { "━─│✗✓●▲▼▌".contains($0) })
  }

  @Test func viewsActionsAndKeys() {
    var session = session()
    #expect(say("pods", &session)[0].hasPrefix("Jobs, Pods, "))
    #expect(say("back", &session)[0].hasPrefix("Jobs, "))
    #expect(say("j", &session).first?.hasPrefix("2 selected, ") == true)
    #expect(say("4", &session).first?.hasPrefix("4 selected, ") == true)
    #expect(say("up", &session).first?.hasPrefix("3 selected, ") == true)
    #expect(say("describe", &session).contains { $0.hasPrefix("Name:") })
    #expect(say("esc", &session)[0].hasPrefix("Jobs, "))
    #expect(say("no-such-thing", &session)[0].hasPrefix("Error: No such command: 'no-such-thing'"))
    #expect(say("help", &session).contains { $0.hasPrefix("  delete: ") })
  }

  @Test func aFilterIsTypedInOneLine() {
    var session = session()
    let lines = say("/nightly", &session)
    #expect(lines[0].contains("filter /nightly"))
    #expect(lines.dropFirst().allSatisfy { $0.contains("nightly") })
    #expect(say("/", &session)[0].contains("filter") == false)
  }

  @Test func longWorkIsToldAsItGoesOn() {
    var session = session()
    _ = say("nodes", &session)
    _ = say("/node-2", &session)
    _ = say("drain", &session)
    guard case .patch(let id, _, _)? = session.answer("yes").first else {
      Issue.record("the node is not cordoned")
      return
    }
    _ = session.takeLines()
    _ = session.take(.finished(id, .success(nil)))
    #expect(session.takeLines().contains { $0.hasPrefix("Draining node-2: 0 of") && $0.hasSuffix("back stops.") })
  }

  @Test func aQuestionIsAnsweredByYesAlone() {
    var session = session()
    _ = say("/nightly-backup", &session)
    let question = say("delete", &session)
    #expect(question.last?.hasPrefix("y: ") == true)
    _ = say("certainly", &session)
    #expect(session.dashboard.overlay == nil)
    #expect(say("ctrl-d", &session).last?.hasPrefix("y: ") == true)
    let commands = session.answer("yes")
    #expect(commands.contains { if case .delete(_, let key, _) = $0 { key.name == "nightly-backup" } else { false } })
  }

  @Test func aFormIsFilledLineByLine() {
    var session = session()
    let form = say("new", &session)
    #expect(form.last?.hasPrefix("Type what the selected field") == true)
    #expect(say("echo hello", &session).contains { $0.contains("echo hello") })
    let commands = session.answer("ctrl-s")
    #expect(commands.contains { if case .create = $0 { true } else { false } })
    #expect(say("esc", &session).isEmpty == false)
  }

  @Test func ofAFormOnlyWhatChangesIsRead() {
    var session = session()
    let whole = say("new", &session)
    #expect(whole.contains("selected Command: empty, hint: a shell command line, such as: sleep 30 && echo done"))
    #expect(whole.contains("On failure: new pod (Never) chosen, or same pod (OnFailure)"))
    #expect(
      say("echo hello", &session) == ["Command: echo hello", "selected Name: empty, hint: made from the command"])
    #expect(say("", &session) == ["selected Namespace: default"])
    _ = say("", &session)
    #expect(say("onfailure", &session).first == "On failure: same pod (OnFailure) chosen, or new pod (Never)")
  }

  @Test func anErrorIsToldWithoutThePage() {
    var session = session()
    #expect(say("tree", &session).count > 3)
    #expect(say("nonsense", &session) == ["Error: No such command: 'nonsense' (see help)"])
    #expect(say("", &session).count > 3)
  }

  @Test(arguments: [true, false])
  func onlyWhoOwnsTheClusterStopsWhatRuns(_ isAttached: Bool) {
    var session = session()
    _ = session.take(.info(ClusterInfo(flavor: .embedded, location: "", isAttached: isAttached)))
    _ = session.take(.shutdownProgress("Stopping what runs…"))
    #expect(session.takeLines().isEmpty == isAttached)
  }

  @Test func theEndOfAJobIsTold() {
    func fixture(_ shapes: [Fixture.JobShape]) -> Fixture {
      var fixture = Fixture()
      _ = fixture.namespace("default")
      for (index, shape) in shapes.enumerated() { _ = fixture.job("job-\(index)", shape) }
      return fixture
    }
    let running = Fixture.JobShape()
    var done = running
    done.verdict = ("Complete", "", "", 1)
    var failed = running
    failed.verdict = ("Failed", "BackoffLimitExceeded", "", 1)
    var session = session(fixture([running, running]))
    _ = session.take(.changes(fixture([done, failed]).changes))
    #expect(session.takeLines() == ["Job default/job-0: Complete.", "Job default/job-1: Failed:BackoffLimitExceeded."])
    _ = session.take(.changes(fixture([done, failed]).changes))
    #expect(session.takeLines().isEmpty)
    // Of many only how many.
    session = self.session(fixture(Array(repeating: running, count: 20)))
    _ = session.take(.changes(fixture(Array(repeating: failed, count: 20)).changes))
    #expect(session.takeLines() == ["0 jobs completed, 20 failed."])
  }

  @Test func logsComeAsTheyAreWritten() throws {
    var session = session()
    _ = say("/nightly-backup", &session)
    _ = say("open", &session)
    let opened = session.answer("logs")
    guard case .openLog(let id, _)? = opened.first else { throw StatusError.badRequest("\(opened)") }
    _ = session.takeLines()
    let hostile = Array("be\u{1B}[2Jfore\u{7}".utf8)
    _ = session.take(.log(id, .lines([LogLine(time: Fixture.now, stream: .stdout, bytes: hostile)])))
    let lines = session.takeLines()
    #expect(lines.count == 1)
    #expect(lines[0].hasPrefix("be"))
    #expect(!lines[0].unicodeScalars.contains { $0.value < 0x20 })
    _ = session.take(.log(id, .ended))
    #expect(session.takeLines() == ["The log has ended."])
  }

  @Test func leavingAsksWhereSomethingRuns() {
    var session = session()
    #expect(say("quit", &session).last?.hasPrefix("y: ") == true)
    #expect(session.answer("y").contains(.quit))
    // Nothing more will be typed: nobody is there to be asked.
    var other = self.session()
    #expect(other.take(.terminal(.hangup)).contains(.quit))
  }

  /// What draws itself on the screen is told too.
  @Test(arguments: ["tree", "pulse", "why", "nodes", "events"])
  func everyPageHasLines(_ line: String) {
    var session = session()
    let lines = say(line, &session)
    #expect(lines.count > 1, "\(lines)")
    #expect(!lines.joined().unicodeScalars.contains { (0x2500...0x259F).contains($0.value) }, "\(lines)")
  }
}
