import KubeModel
import Testing

@testable import Dashboard

@Suite struct JobColumnTests {
  private static func cell(_ column: String, _ job: Job, _ fixture: Fixture) -> String {
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
}
