import Cluster
import KubeModel
import Testing

@testable import Dashboard

/// What goes to many objects at once, is stopped, set back and repeated.
struct BatchTests {
  private func nodes() -> Driver {
    var driver = Driver()
    driver.press(": n o d e s enter")
    return driver
  }

  /// Neither a tip nor what is said hides what goes on.
  @Test func progressStaysInView() {
    var driver = Driver(newTips: Set(Tip.all.map(\.name)))
    driver.press(": n o d e s enter")
    driver.select("node-2")
    driver.press("r y")
    driver.answerAll()
    #expect(driver.screen.contains("Draining node-2"))
    driver.press(":")
    driver.type("nonsense")
    driver.press("enter")
    #expect(driver.screen.contains("No such command") && driver.screen.contains("Draining node-2"))
  }

  @Test func drainingCordonsFirstAndThenEvicts() {
    var driver = nodes()
    driver.select("node-2")
    let pods = driver.dashboard.store.podItems(onNode: "node-2").filter(\.isActive).map(\.name).sorted()
    driver.press("r")
    #expect(driver.screen.contains("Drain node-2?"))
    #expect(driver.screen.contains(pods[0]))
    driver.press("enter")
    #expect(driver.takeCommands().isEmpty)
    driver.press("r y")
    guard driver.commands.count == 1, case .patch(_, let key, let document) = driver.commands[0] else {
      Issue.record("the node was not cordoned")
      return
    }
    #expect(key.name == "node-2" && document["spec"]?["unschedulable"] == true)
    driver.answerAll()
    let evicted = driver.commands.compactMap { if case .evict(_, let key) = $0 { key.name } else { nil } }
    #expect(evicted == pods)
    #expect(driver.screen.contains("Draining node-2: 0 of \(pods.count) pods gone; Esc stops"))
    driver.answerAll()
    // That they were asked to leave is not that they are gone.
    driver.pass(.seconds(1))
    #expect(driver.screen.contains("Draining node-2: 0 of \(pods.count) pods gone"))
    remove(pods.dropLast(), &driver)
    #expect(driver.screen.contains("Draining node-2: \(pods.count - 1) of \(pods.count) pods gone"))
    #expect(driver.dashboard.showsTime)
    remove(pods[...], &driver)
    #expect(driver.screen.contains("Drained node-2: \(pods.count) pods are gone"))
  }

  private func remove(_ names: ArraySlice<String>, _ driver: inout Driver) {
    let pods = driver.dashboard.store.podItems(onNode: "node-2").filter { names.contains($0.name) }
    driver.send(.changes(pods.map { Change(verb: .deleted, object: .pod($0.pod), version: 9) }))
    driver.pass(.seconds(1))
  }

  /// As kubectl does it: what may not leave now is asked again five seconds later.
  @Test func aRefusedEvictionIsTriedAgain() {
    var driver = nodes()
    driver.select("node-2")
    driver.press("r y")
    driver.answerAll()
    let count = driver.commands.count
    driver.answerAll { _ in .failure(StatusError(code: 429, reason: "TooManyRequests", message: "the budget is spent"))
    }
    driver.pass(.seconds(4))
    #expect(driver.commands.isEmpty)
    #expect(driver.screen.contains("\(count) refused, tried again (the budget is spent)"))
    driver.pass(.seconds(1))
    #expect(driver.commands.count == count)
    // Another kind of failure is final, and told.
    driver.answerAll { _ in .failure(.badRequest("it is stuck")) }
    driver.pass(.seconds(1))
    #expect(driver.screen.contains("node-2 is cordoned, but not drained: it is stuck"))
    #expect(driver.dashboard.drains.isEmpty)
  }

  @Test func escStopsWaitingForPods() {
    var driver = nodes()
    driver.select("node-2")
    driver.press("r y")
    driver.answerAll()
    driver.answerAll()
    driver.press("esc")
    #expect(driver.screen.contains("Stopped draining node-2 with"))
    driver.pass(.seconds(1))
    #expect(driver.takeCommands().isEmpty && driver.dashboard.drains.isEmpty)
  }

  /// A connection that was lost does not make pods look gone.
  @Test func aNewSnapshotDoesNotDrain() {
    var driver = nodes()
    driver.select("node-2")
    driver.press("r y")
    driver.answerAll()
    driver.answerAll()
    driver.send(.snapshotReset)
    driver.send(.changes(Array(Fixture.full.changes.prefix(3))))
    driver.pass(.seconds(1))
    #expect(driver.screen.contains("Draining node-2: 0 of"))
    driver.send(.changes(Fixture.full.changes))
    driver.pass(.seconds(6))
    #expect(driver.screen.contains("Draining node-2: 0 of"))
  }

  @Test func manyJobsAreAskedForFirst() {
    var driver = Driver(.many(60))
    driver.press("ctrl-a r")
    #expect(driver.takeCommands().isEmpty)
    #expect(driver.screen.contains("Start 60 jobs?"))
    driver.press("y")
    #expect(driver.takeCommands().count == Batch.width)
  }

  @Test func repeatingSuspendDoesNotToggle() {
    var driver = Driver()
    driver.select("import-users")
    driver.press("s")
    #expect(suspended(driver.takeCommands()) == [true])
    driver.select("quarterly-report")
    driver.press(".")
    #expect(driver.takeCommands().isEmpty)
    #expect(driver.screen.contains("quarterly-report is suspended already"))
    driver.select("mail-queue")
    driver.press(". y")
    #expect(suspended(driver.takeCommands()) == [true])
  }

  private func suspended(_ commands: [Command]) -> [Bool] {
    commands.compactMap { command in
      if case .patch(_, _, let document) = command, case .bool(let isOn)? = document["spec"]?["suspend"] {
        isOn
      } else {
        nil
      }
    }
  }

  @Test func escStopsADrainBeforeItEvicts() {
    var driver = nodes()
    driver.select("node-2")
    driver.press("r y esc")
    #expect(driver.screen.contains("Stopped before a pod of node-2 was evicted"))
    driver.answerAll()
    #expect(driver.commands.isEmpty)
  }

  @Test func aNodeThatCannotBeCordonedKeepsItsPods() {
    var driver = nodes()
    driver.select("node-2")
    driver.press("r y")
    driver.answerAll { _ in .failure(.badRequest("no")) }
    #expect(driver.commands.isEmpty)
    #expect(driver.dashboard.said.last?.isError == true)
  }

  @Test func manyGoOutInSlicesUntilEsc() {
    var driver = Driver(.many(100))
    driver.press("ctrl-a ctrl-d y")
    #expect(driver.commands.count == Batch.width)
    #expect(driver.screen.contains("Deleted 0 of 100 jobs; Esc stops"))
    driver.answerAll()
    #expect(driver.commands.count == Batch.width)
    #expect(driver.screen.contains("Deleted 16 of 100 jobs; Esc stops"))
    driver.press("esc")
    #expect(driver.screen.contains("Deleted 16 of 100 jobs") && !driver.screen.contains("Esc stops"))
    driver.answerAll()
    #expect(driver.commands.isEmpty)
    #expect(driver.screen.contains("Deleted 32 jobs; stopped before the other 68"))
  }

  @Test func undoSetsBackWhatIsStillSo() {
    var driver = nodes()
    driver.press("z")
    #expect(driver.screen.contains("nothing to undo"))
    driver.select("node-3")
    driver.press("c")
    guard case .patch(let id, let key, let document)? = driver.takeCommands().first else {
      Issue.record("nothing was patched")
      return
    }
    #expect(document["spec"]?["unschedulable"] == false)
    guard var node = (driver.dashboard.selectedItem as? NodeItem)?.node else {
      Issue.record("no node is selected")
      return
    }
    node.spec.unschedulable = false
    driver.send(.finished(id, .success(nil)))
    driver.send(.changes([Change(verb: .modified, object: .node(node), version: 1_000_000)]))
    driver.press("z")
    guard case .patch(_, let again, let back)? = driver.takeCommands().first else {
      Issue.record("nothing was set back")
      return
    }
    #expect(again == key && back["spec"]?["unschedulable"] == true)
    driver.press("z")
    #expect(driver.takeCommands().isEmpty)
  }

  @Test func repeatGoesToThePresentSelection() {
    var driver = Driver()
    driver.press(".")
    #expect(driver.screen.contains("nothing to repeat"))
    driver.select("nightly-backup")
    driver.press("r j")
    _ = driver.takeCommands()
    driver.select("mail-queue")
    driver.press(".")
    guard case .create(_, .job(let job), _)? = driver.takeCommands().first else {
      Issue.record("nothing was repeated")
      return
    }
    #expect(job.metadata.name == "mail-queue-r2")
    // What is dangerous asks again.
    driver.press("ctrl-d n .")
    #expect(driver.screen.contains("Delete job?"))
  }

  @Test func failedIndexesRunAsJobsOfTheirOwn() {
    var driver = Driver()
    guard var job = (driver.dashboard.store.all(.job).first { $0.name == "render-frames" } as? JobItem)?.job else {
      Issue.record("no such job")
      return
    }
    driver.select("render-frames")
    driver.press("f")
    #expect(driver.commands.isEmpty)
    #expect(driver.screen.contains("No index of render-frames has failed"))
    job.spec.backoffLimitPerIndex = 1
    job.status.failedIndexes = "2,5"
    driver.send(.changes([Change(verb: .modified, object: .job(job), version: 1_000_000)]))
    driver.press("f")
    let made = driver.takeCommands().compactMap { command -> Job? in
      guard case .create(_, .job(let job), false) = command else { return nil }
      return job
    }
    #expect(made.map(\.metadata.name) == ["render-frames-i2", "render-frames-i5"])
    guard let last = made.last else { return }
    #expect(last.spec.completionMode == .nonIndexed && last.spec.completions == 1 && last.spec.backoffLimit == 1)
    #expect(last.spec.backoffLimitPerIndex == nil && last.spec.maxFailedIndexes == nil)
    let template = last.spec.template
    #expect(template.spec.containers[0].env.first == EnvVar(name: "JOB_COMPLETION_INDEX", value: "5"))
    #expect(template.metadata.annotations[JobLabel.completionIndex] == "5")
    #expect(template.spec.hostname == "render-frames-5")
  }

  @Test func aFailedJobWithoutCountRunsWhatIsNotComplete() {
    var job = Job()
    job.spec.completionMode = .indexed
    job.spec.completions = 5
    job.status.completedIndexes = "0,2"
    #expect(JobCopy.failedIndexes(of: JobItem(job)).isEmpty)
    var condition = Condition()
    condition.type = "Failed"
    condition.status = "True"
    job.status.conditions = [condition]
    #expect(Array(JobCopy.failedIndexes(of: JobItem(job))) == [1, 3, 4])
    job.spec.completionMode = .nonIndexed
    #expect(JobCopy.failedIndexes(of: JobItem(job)).isEmpty)
  }

  @Test func runningEditedOpensACopy() {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("a")
    guard case .edit(let id, let text, "yaml")? = driver.takeCommands().first else {
      Issue.record("no editor was opened")
      return
    }
    #expect(text.contains("name: nightly-backup-r2") && !text.contains("status:"))
    driver.send(.edited(id, .success(text)))
    #expect(driver.takeCommands().isEmpty)
    driver.press("a")
    guard case .edit(let again, _, _)? = driver.takeCommands().first else { return }
    driver.send(.edited(again, .success(text.replacing("backoffLimit: 2", with: "backoffLimit: 0"))))
    guard case .create(_, .job(let job), false)? = driver.takeCommands().first else {
      Issue.record("no job was made")
      return
    }
    #expect(job.metadata.name == "nightly-backup-r2" && job.spec.backoffLimit == 0)
  }

  @Test func aRangeIsMarkedFromTheLastMark() {
    var driver = Driver()
    driver.press("m")
    #expect(driver.screen.contains("Mark the row where the range begins"))
    driver.press("j space j j m")
    #expect(driver.dashboard.targets.count == 4)
    #expect(driver.dashboard.targets.map(\.name) == Array(driver.rows[1...4]))
    driver.press("g m")
    #expect(driver.dashboard.targets.map(\.name) == Array(driver.rows[0...4]))
  }
}
