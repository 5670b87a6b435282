import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

@Suite struct JobColumnTests {
  static func cell(_ column: String, _ job: Job, _ fixture: Fixture) -> String {
    var driver = Driver(fixture)
    driver.select(job.metadata.name)
    guard let item = driver.dashboard.selectedItem as? JobItem,
      let found = TableView.jobs.column(column)
    else { return "no such column" }
    return found.cell(item, driver.dashboard.context).plain
  }

  /// With OnFailure the restarts of containers use up the backoff limit, as the job controller counts them.
  @Test func restartsAreRetries() {
    var fixture = Fixture()
    var job = fixture.job("loop", .init(backoffLimit: 5, age: 60, active: 1))
    job.spec.template.spec.restartPolicy = .onFailure
    fixture.change(.job(job))
    var pod = fixture.pod("aaaaa", of: job, .init(node: "node-1", age: 60, restarts: 3))
    var waiting = ContainerState.Waiting()
    waiting.reason = "CrashLoopBackOff"
    waiting.message = "back-off 40s restarting failed container"
    var ended = ContainerState.Terminated()
    ended.exitCode = 1
    ended.finishedAt = Fixture.now - .seconds(10)
    pod.status.containerStatuses[0].state = ContainerState()
    pod.status.containerStatuses[0].state.waiting = waiting
    pod.status.containerStatuses[0].lastState.terminated = ended
    fixture.change(.pod(pod))
    #expect(Self.cell("retries", job, fixture) == "3/5")
    #expect(Self.cell("next", job, fixture) == "in 30s")
    #expect(Self.cell("status", job, fixture).hasSuffix("Retrying"))
  }

  /// Times are whole seconds: which of two ends in one second was the last must not depend on who is told first.
  @Test(arguments: [[0, 1], [1, 0]])
  func theLastExitIsTheSameForAll(_ codes: [Int]) {
    var fixture = Fixture()
    let job = fixture.job("pair", .init(completions: 2, parallelism: 2, age: 60, active: 1))
    for code in codes {
      fixture.pod(
        "exit-\(code)", of: job, .init(phase: code == 0 ? .succeeded : .failed, age: 60, finished: 5, exit: code))
    }
    #expect(Self.cell("exit", job, fixture) == "1")
  }

  /// Of a job that failed, the exit of its failure: its other pods may end later, and well.
  @Test func theLastExitOfAFailedJobIsThatOfItsFailure() {
    var fixture = Fixture()
    let job = fixture.job(
      "pair",
      .init(
        completions: 2, parallelism: 2, age: 60, succeeded: 1, failed: 1,
        verdict: ("Failed", "PodFailurePolicy", "", 20)))
    fixture.pod("aaaaa", of: job, .init(phase: .failed, age: 60, finished: 20, exit: 42))
    fixture.pod("bbbbb", of: job, .init(phase: .succeeded, age: 60, finished: 5, exit: 0))
    #expect(Self.cell("exit", job, fixture) == "42")
  }
}

extension JobColumnTests {
  /// Where nothing better is known, the deadline tells how long it can last at most.
  @Test func theDeadlineIsTheLatestEnd() {
    var fixture = Fixture()
    var job = fixture.job("short", .init(age: 5, active: 1))
    job.spec.activeDeadlineSeconds = 8
    fixture.change(.job(job))
    #expect(Self.cell("left", job, fixture) == "≤3s")
    #expect(Self.cell("ends", job, fixture) == "≤14:03:10")
  }
}

/// What of the limit of retries is used up.
struct RetriesTests {
  private static func retries(_ driver: Driver) -> (cell: String, key: SortKey) {
    guard let item = driver.dashboard.store.all(.job).first as? JobItem, let column = TableView.jobs.column("retries")
    else { return ("no such column", .none) }
    return (column.cell(item, driver.dashboard.context).plain, column.key(item, driver.dashboard.context))
  }

  private static func job(
    _ fixture: inout Fixture, onFailure: Bool = false, _ shape: Fixture.JobShape
  ) -> Job {
    var job = fixture.job("loop", shape)
    if onFailure { job.spec.template.spec.restartPolicy = .onFailure }
    fixture.change(.job(job))
    return job
  }

  /// With OnFailure what used up the limit goes with the pod, which counts as one failure.
  @Test func aJobThatGaveUpHasUsedThemAll() {
    var fixture = Fixture()
    _ = Self.job(
      &fixture, onFailure: true,
      .init(backoffLimit: 6, age: 60, failed: 1, verdict: ("Failed", "BackoffLimitExceeded", "", 5)))
    #expect(Self.retries(Driver(fixture)) == ("6/6", .number(6)))
    var driver = Driver(fixture, size: Size(columns: 140, rows: 40))
    driver.press("w")
    #expect(driver.screen.contains("no more than 6 restarts are allowed by its backoffLimit"))
    #expect(!driver.screen.contains("failure number 7"))
  }

  /// What a file holds is what the screen says: the last failure is none that was tried again.
  @Test func theColumnIsWrittenAsItIsShown() {
    var fixture = Fixture()
    _ = Self.job(
      &fixture, .init(backoffLimit: 3, age: 60, failed: 4, verdict: ("Failed", "BackoffLimitExceeded", "", 5)))
    #expect(Self.retries(Driver(fixture)) == ("3/3", .number(3)))
  }

  @Test(arguments: ["DeadlineExceeded", "PodFailurePolicy"])
  func whatEndsWithItsJobIsNotTriedAgain(_ reason: String) {
    var fixture = Fixture()
    let shape = Fixture.JobShape(
      completions: 5, parallelism: 3, backoffLimit: 6, age: 60, succeeded: 1, failed: 3,
      verdict: ("Failed", reason, "", 5))
    _ = Self.job(&fixture, shape)
    #expect(Self.retries(Driver(fixture)).cell == "0/6")
  }

  @Test func whatWasSeenStays() {
    var fixture = Fixture()
    var job = Self.job(&fixture, .init(parallelism: 1, backoffLimit: 6, age: 60, failed: 2))
    var driver = Driver(fixture)
    #expect(Self.retries(driver).cell == "2/6")
    job.status.conditions = [Condition("Failed", true, reason: "DeadlineExceeded", message: "", at: Fixture.now)]
    driver.send(.changes([Change(verb: .modified, object: .job(job), version: 90)]))
    #expect(Self.retries(driver).cell == "2/6")
  }

  @Test func restartsStayWhenTheirPodHasEnded() {
    var fixture = Fixture()
    var job = Self.job(&fixture, onFailure: true, .init(backoffLimit: 5, age: 60, active: 1))
    var pod = fixture.pod("aaaaa", of: job, .init(age: 60, restarts: 3))
    var driver = Driver(fixture)
    #expect(Self.retries(driver).cell == "3/5")
    pod.status.phase = .succeeded
    (job.status.active, job.status.succeeded) = (0, 1)
    job.status.conditions = [Condition("Complete", true, reason: "", message: "", at: Fixture.now)]
    driver.send(
      .changes([
        Change(verb: .modified, object: .pod(pod), version: 90),
        Change(verb: .modified, object: .job(job), version: 91),
        Change(verb: .deleted, object: .pod(pod), version: 92),
      ]))
    #expect(Self.retries(driver).cell == "3/5")
  }

  /// Of an index that is lost the last failure was not tried again.
  @Test func anIndexThatIsLostWasTriedAgainUntilThen() {
    var fixture = Fixture()
    var job = Self.job(&fixture, .init(completions: 4, parallelism: 4, mode: .indexed, age: 60, failed: 3, active: 3))
    job.spec.backoffLimitPerIndex = 1
    job.status.failedIndexes = "2"
    fixture.change(.job(job))
    #expect(Self.retries(Driver(fixture)).cell == "2 (1/idx)")
  }
}
