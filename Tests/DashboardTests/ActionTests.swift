import Foundation
import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct ActionTests {
  @Test func keysMeanOneThing() {
    let contexts = Contexts.each
    #expect(Contexts(contexts) == .everywhere)
    let dashboard = Driver().dashboard
    for view in DrawnView.all {
      #expect(contexts.contains(view.make(dashboard).contexts), "\(view.title) has keys of its own")
    }
    for context in contexts {
      var seen: [Key: String] = [:]
      for action in Action.all where action.contexts.contains(context) {
        for key in action.keys {
          #expect(seen[key] == nil, "\(key) is \(seen[key] ?? "") and \(action.name) in \(context.description)")
          seen[key] = action.name
        }
      }
      guard let view = TableView.all.first(where: { Contexts($0.id) == context }) else { continue }
      for column in view.columns {
        guard let letter = column.letter else { continue }
        #expect(seen[Key(letter)] == nil, "\(letter) sorts \(view.title) and is \(seen[Key(letter)] ?? "")")
      }
      let letters = view.columns.compactMap(\.letter)
      #expect(Set(letters).count == letters.count, "\(view.title) has a sort letter twice")
    }
  }

  /// Docs/keys.md is what the list of actions says.
  @Test func docsNameEveryKey() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appendingPathComponent("Docs/keys.md")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Action.keyTable().write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == Action.keyTable())
  }

  @Test func readOnlyChangesNothing() {
    var driver = Driver(isReadOnly: true)
    for view in ["jobs", "cronjobs", "pods", "nodes", "events"] {
      driver.press(":")
      driver.type(view)
      driver.press("enter n r s t e c f x ctrl-d y enter esc esc")
    }
    let changing = driver.takeCommands().filter { command in
      switch command {
      case .create, .update, .patch, .delete, .evict, .setNodeFailed, .edit: true
      default: false
      }
    }
    #expect(changing.isEmpty)
    #expect(!Action.all.contains { $0.isDangerous && !$0.changesThings })
  }

  @Test func drillDownAndBack() {
    var driver = Driver()
    driver.select("render-frames")
    driver.press("enter")
    #expect(driver.rows.count == 12)
    driver.press("j j enter")
    guard case .openLog(_, let request)? = driver.takeCommands().last else {
      Issue.record("no log was opened")
      return
    }
    #expect(request.namespace == "web" && request.follow)
    driver.press("esc")
    guard case .closeLog? = driver.takeCommands().last else {
      Issue.record("the log was not closed")
      return
    }
    driver.press("esc")
    #expect(driver.selectedName == "render-frames")
    driver.press("esc esc")
    #expect(driver.dashboard.pages.count == 1)
  }

  @Test func deletingAsksAndNamesWhatGoes() {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("ctrl-d")
    #expect(driver.screen.contains("nightly-backup"))
    #expect(driver.screen.contains("3 pods"))
    // Enter is no as long as nobody chose yes.
    driver.press("enter")
    #expect(driver.takeCommands().isEmpty)
    driver.press("ctrl-d y")
    guard case .delete(_, let key, let options)? = driver.commands.first else {
      Issue.record("nothing was deleted")
      return
    }
    #expect(key.name == "nightly-backup")
    #expect(options.propagationPolicy == .background && options.uid != nil)
    driver.answerAll()
    #expect(driver.screen.contains("Deleted job nightly-backup"))
  }

  /// What runs has its grace period: it is not gone when the cluster has taken note.
  @Test func aPodThatRunsHasTimeToEnd() {
    var driver = Driver()
    driver.press(": p o d s enter")
    driver.select("mail-queue-b5d7c")
    driver.press("ctrl-d y")
    driver.answerAll()
    #expect(driver.screen.contains("Deleting pod mail-queue-b5d7c: it has 30s to end"))
    driver.select("nightly-backup-6p2qv")
    driver.press("ctrl-d y")
    driver.answerAll()
    #expect(driver.screen.contains("Deleted pod nightly-backup-6p2qv"))
  }

  @Test func aNodeThatIsCordonedStaysSoWhenItRecovers() {
    var fixture = Fixture()
    fixture.node("node-1", cpu: "4", memory: "8Gi", ready: false, cordoned: true)
    fixture.node("node-2", cpu: "4", memory: "8Gi", ready: false)
    var driver = Driver(fixture)
    driver.press(": n o d e s enter x")
    #expect(driver.screen.contains("node-1  is up again, but stays cordoned: it takes no new pods"))
    driver.press("esc")
    driver.select("node-2")
    driver.press("x")
    #expect(driver.screen.contains("node-2  takes pods again"))
  }

  @Test func marksActTogetherAndFailuresAreTold() {
    var driver = Driver()
    driver.press("/")
    driver.type("cleanup")
    driver.press("enter ctrl-a r")
    #expect(driver.commands.count == 3)
    var first = true
    driver.answerAll { _ in
      defer { first = false }
      return first ? .failure(.badRequest("no room")) : .success(nil)
    }
    #expect(driver.screen.contains("no room"))
    #expect(driver.dashboard.said.contains { $0.text == "Started 2 jobs" })
  }

  @Test func runningAgainMakesACleanCopy() throws {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("r")
    guard case .create(_, .job(let job), false)? = driver.commands.first else {
      Issue.record("no job was made")
      return
    }
    #expect(job.metadata.name == "nightly-backup-r2")
    #expect(job.metadata.uid.isEmpty && job.status == JobStatus() && job.spec.selector == nil)
    #expect(job.metadata.annotations["jobdeck.dev/restarted-from"]?.hasPrefix("nightly-backup/0000") == true)
    #expect(job.spec.backoffLimit == 2)
  }

  @Test func namesOfRunsCountUp() {
    let store = Store()
    func next(_ name: String, _ taken: Set<String> = []) -> String {
      JobCopy.nextName(after: name, in: "default", store: store, taken: taken)
    }
    #expect(next("a") == "a-r2")
    #expect(next("a-r2") == "a-r3")
    #expect(next("a", ["a-r2", "a-r3"]) == "a-r4")
    #expect(next("a-r") == "a-r-r2")
    #expect(next(String(repeating: "x", count: 63)).utf8.count == 63)
  }

  @Test func suspendKnowsWhatCanBeSuspended() {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("s")
    #expect(driver.takeCommands().isEmpty)
    #expect(driver.screen.contains("nothing to suspend"))
    driver.select("mail-queue")
    driver.press("s y")
    guard case .patch(_, _, let document)? = driver.commands.first else {
      Issue.record("nothing was patched")
      return
    }
    #expect(document["spec"]?["suspend"] == true)
  }

  @Test func triggerFollowsKubectl() {
    var driver = Driver()
    driver.press(": c j enter t")
    guard case .create(_, .job(let job), _)? = driver.commands.first else {
      Issue.record("no job was made")
      return
    }
    #expect(job.metadata.annotations["cronjob.kubernetes.io/instantiate"] == "manual")
    #expect(job.metadata.controller?.name == "cleanup")
    #expect(job.metadata.name == "cleanup-manual-1")
  }

  @Test func errorsStayUntilRead() {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("s")
    driver.press("j")
    #expect(driver.screen.contains("nothing to suspend"))
    driver.pass(.seconds(3600))
    #expect(driver.screen.contains("nothing to suspend"))
    driver.press("j")
    #expect(!driver.screen.contains("nothing to suspend"))
    driver.press(": m e s s a g e s enter")
    #expect(driver.screen.contains("nothing to suspend"))
  }

  /// Terminals send Alt as an Escape in front of the key: what was typed fast must not act on what comes after it.
  @Test func escapeAndAKeyAtOnceAreBoth() {
    var driver = Driver()
    driver.press(": alt-:")
    #expect(driver.dashboard.prompt?.editor.text == "")
    driver.press("c r o n j o b s enter")
    #expect(driver.screen.contains("CronJobs"))
    #expect(driver.takeCommands().isEmpty)
    // In a line of text some of them mean something.
    driver.press(": o n e space t w o alt-b")
    #expect(driver.dashboard.prompt?.editor.cursor == 4)
    driver.press("alt-d")
    #expect(driver.dashboard.prompt?.editor.text == "one ")
  }

  @Test func aReadOnlyDashboardSaysSo() {
    var driver = Driver(isReadOnly: true)
    driver.press("ctrl-d")
    #expect(driver.screen.contains("This dashboard is read-only: no delete"))
  }

  /// Every pod that runs counts as one failure.
  @Test(arguments: [(2, 3, true), (3, 3, false), (nil, 9, false)])
  func quittingNamesJobsThatWouldFail(limit: Int?, running: Int, fails: Bool) {
    var fixture = Fixture()
    let job = fixture.job("nightly-sum", .init(completions: 9, parallelism: 9, backoffLimit: limit, age: 9))
    for index in 0..<running { fixture.pod("p\(index)", of: job, .init(node: "node-1", age: 9)) }
    var driver = Driver(fixture)
    driver.press("q")
    #expect(driver.screen.contains("1 job has too few: nightly-sum") == fails)
  }

  @Test func quittingAsksWhileSomethingRuns() {
    var driver = Driver()
    driver.press("q")
    #expect(driver.screen.contains("7 pods are running"))
    #expect(driver.screen.contains("A pod that is stopped counts as failed"))
    #expect(driver.takeCommands().isEmpty)
    driver.press("n q y")
    #expect(driver.takeCommands() == [.quit])
    // While it stops, other keys do nothing, and Ctrl-C waits no longer.
    driver.press("j q ctrl-c")
    #expect(driver.takeCommands() == [.quitNow])
    var other = Driver()
    other.send(.terminal(.terminate(signal: 15)))
    other.send(.terminal(.terminate(signal: 15)))
    #expect(other.takeCommands() == [.quit, .quitNow])
  }

  @Test func quittingAClusterInMemoryLosesIt() {
    var driver = Driver()
    driver.send(.info(ClusterInfo(flavor: .embedded, location: "in memory")))
    driver.press("q")
    #expect(driver.screen.contains("are lost"))
  }

  @Test func anEditIsAPatchOfWhatWasOpened() throws {
    var driver = Driver()
    driver.select("mail-queue")
    driver.press("e")
    guard case .edit(let id, let text, _)? = driver.takeCommands().first else {
      Issue.record("no editor was opened")
      return
    }
    // In the meantime the job's status goes on: its version is another one now.
    let edited = text.replacing("backoffLimit: 6", with: "backoffLimit: 2").replacing(
      "  labels:\n    app: mail\n", with: "")
    driver.send(.edited(id, .success(edited)))
    guard case .patch(let patch, let key, let document)? = driver.takeCommands().first else {
      Issue.record("nothing was patched")
      return
    }
    #expect(key.name == "mail-queue")
    #expect(document == ["metadata": ["labels": .null], "spec": ["backoffLimit": 2]])
    // Refused: the editor opens again; the text as it was at first is no change.
    driver.send(.finished(patch, .failure(.badRequest("no"))))
    guard case .edit(let again, let told, _)? = driver.takeCommands().first else {
      Issue.record("the editor was not opened again")
      return
    }
    #expect(told.hasPrefix("# error: no"))
    driver.send(.edited(again, .success(text)))
    #expect(driver.takeCommands().isEmpty)
    #expect(driver.dashboard.said.last?.text == "Nothing was changed")
  }

  @Test func aMistakeIsToldOnce() {
    let cause = FieldError(type: "FieldValueInvalid", field: "spec.completions", body: "Invalid value: 3: immutable")
    let other = FieldError(type: "FieldValueInvalid", field: "spec.template", body: "Invalid value: immutable")
    let error = StatusError.invalid(.job, name: "a", [cause, other, cause])
    let text = ObjectText.withError(error, above: "# error: of before\n\nkind: Job\n")
    let told = text.split(separator: "\n").filter { $0.hasPrefix(ObjectText.errorMark) }
    #expect(told.count == 2 && told.first?.contains("spec.completions") == true)
    #expect(text.hasSuffix("\n\nkind: Job\n"))
  }

  @Test func nodes() {
    var driver = Driver()
    driver.press(": n o d e s enter c")
    guard case .patch(_, let key, let document)? = driver.takeCommands().first else {
      Issue.record("nothing was patched")
      return
    }
    #expect(key.name == "node-1" && document["spec"]?["unschedulable"] == true)
    driver.press("f")
    #expect(driver.screen.contains("kills 1 pod"))
    driver.press("y")
    guard case .setNodeFailed(_, "node-1", true)? = driver.takeCommands().first else {
      Issue.record("the node was not failed")
      return
    }
    driver.press("enter")
    #expect(driver.dashboard.table?.scope == .node("node-1"))
    driver.press("o")
    #expect(driver.selectedName == "node-1")
  }

  @Test func commandsAreCompletedAndRemembered() {
    var driver = Driver()
    driver.press(": p o tab enter")
    #expect(driver.dashboard.table?.view == .pods)
    driver.press(":")
    driver.type("jobs web /render")
    driver.press("enter")
    #expect(driver.rows == ["render-frames"])
    driver.press(": up up enter")
    #expect(driver.dashboard.table?.view == .pods)
    driver.press(": n o p e enter")
    #expect(driver.screen.contains("No such command: 'nope'"))
  }

  /// What is typed goes to its object afresh, instead of piling up pages to be left one by one.
  @Test func whatIsTypedDoesNotPileUpPages() {
    var driver = Driver()
    for name in ["mail-queue", "nightly-backup", "train-model"] {
      driver.press(":")
      driver.type("why \(name)")
      driver.press("enter")
      #expect(driver.crumbs == "Jobs › Why \(name)")
    }
    driver.press(":")
    driver.type("describe nightly-backup")
    driver.press("enter")
    #expect(driver.crumbs?.hasSuffix("Describe nightly-backup") == true)
  }

  @Test func aKeyThatGoesWithSomethingElseSaysSo() {
    var driver = Driver()
    driver.press("t")
    #expect(driver.screen.contains("» t (run now) goes with cron jobs"), "\(driver.screen)")
    #expect(!driver.screen.contains("✓ t"))
    // As people who come from other programs press them.
    for (key, name) in [("f10", "F10"), ("ctrl-k", "Ctrl-K"), ("i", "i"), ("Z", "Z")] {
      driver = Driver()
      driver.press(key)
      #expect(driver.screen.contains("» \(name) does nothing here: ? lists keys"), "\(driver.screen)")
      #expect(driver.commands.isEmpty)
    }
    // One that sorts says so by itself.
    driver = Driver()
    driver.press("N")
    #expect(!driver.screen.contains("does nothing here"))
  }

  @Test func messagesAreReadFromTheLastOneBack() {
    var driver = Driver()
    for number in 0..<60 {
      driver.press(":")
      driver.type("nonsense\(number)")
      driver.press("enter")
    }
    driver.press(": m e s s a g e s enter")
    #expect(driver.screen.contains("nonsense59") && !driver.screen.contains("nonsense0'"))
  }
}
