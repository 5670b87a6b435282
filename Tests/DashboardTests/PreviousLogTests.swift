import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// `p`: what was written before the attempt that goes on.
struct PreviousLogTests {
  private func opened(_ driver: inout Driver) -> [String] {
    driver.takeCommands().compactMap { command in
      guard case .openLog(_, let request) = command else { return nil }
      return request.pod + (request.previous ? " before" : "")
    }
  }

  private func restarted(_ pod: Pod) -> Pod {
    var pod = pod
    var ended = ContainerState.Terminated()
    ended.exitCode = 1
    ended.finishedAt = Fixture.now - .seconds(10)
    pod.status.containerStatuses[0].lastState.terminated = ended
    pod.status.containerStatuses[0].restartCount = 1
    return pod
  }

  /// A job makes a new pod for each attempt: of those the one that failed last is what one wants to read.
  @Test func ofAJobThatFailedItIsThePodThatFailedLast() {
    var fixture = Fixture()
    let job = fixture.job("load", .init(age: 600, failed: 3, verdict: ("Failed", "BackoffLimitExceeded", "", 20)))
    fixture.pod("aaaaa", of: job, .init(phase: .failed, age: 600, finished: 500, exit: 1))
    fixture.pod("zzzzz", of: job, .init(phase: .failed, age: 400, finished: 300, exit: 1))
    fixture.pod("bbbbb", of: job, .init(phase: .failed, age: 200, finished: 20, exit: 1))
    var driver = Driver(fixture)
    driver.press("p")
    #expect(opened(&driver) == ["load-bbbbb"])
    #expect(
      driver.screen.contains("» No container was restarted: this is the pod of load that failed last"))
    #expect(!driver.screen.contains("✗ No") && driver.screen.contains("Log of load-bbbbb"))
  }

  @Test func whereSomeWereRestartedItIsTheirs() {
    var fixture = Fixture()
    var job = fixture.job("load", .init(parallelism: 3, age: 600, active: 3))
    job.spec.template.spec.restartPolicy = .onFailure
    fixture.change(.job(job))
    let pods = ["aaaaa", "bbbbb", "ccccc"].map { fixture.pod($0, of: job, .init(age: 600)) }
    fixture.change(.pod(restarted(pods[1])))
    var driver = Driver(fixture)
    driver.press("p")
    #expect(opened(&driver) == ["load-bbbbb before"])
    #expect(driver.screen.contains("What was written before the last restart: 1 of 3 pods was restarted"))
  }

  /// Of a pod, the one in whose place it came, of the same index.
  @Test func ofAPodItIsTheOneBefore() {
    var fixture = Fixture()
    let job = fixture.job(
      "sweep", .init(completions: 2, parallelism: 2, mode: .indexed, age: 600, failed: 3, active: 1))
    for (suffix, index, finished) in [("aaaaa", 0, 400), ("bbbbb", 0, 300), ("ccccc", 1, 250)] {
      fixture.pod(
        suffix, of: job,
        .init(phase: .failed, age: Int64(finished) + 50, finished: Int64(finished), exit: 1, index: index))
    }
    fixture.pod("ddddd", of: job, .init(age: 100, index: 0))
    var driver = Driver(fixture)
    driver.press("enter")
    driver.select("sweep-0-ddddd")
    driver.press("p")
    #expect(opened(&driver) == ["sweep-0-bbbbb"])
    #expect(driver.screen.contains("» sweep-0-ddddd was not restarted: this is the pod in whose place it came"))
    driver.press("esc")
    driver.select("sweep-0-aaaaa")
    driver.press("p")
    #expect(opened(&driver).isEmpty && driver.dashboard.pages.count == 2)
    #expect(driver.screen.contains("sweep-0-aaaaa is the first attempt: nothing was written before; l shows its log"))
  }

  @Test func whereNothingFailedNothingOpens() {
    var driver = Driver()
    driver.select("mail-queue")
    driver.press("p")
    #expect(opened(&driver).isEmpty && driver.dashboard.pages.count == 1)
    #expect(driver.screen.contains("No attempt of mail-queue has failed: nothing was written before"))
  }

  @Test func ofSeveralJobsItIsOnePodEach() {
    var driver = Driver()
    for name in ["import-users", "nightly-backup"] {
      driver.select(name)
      driver.press("space")
    }
    driver.press("p")
    #expect(Set(opened(&driver)) == ["import-users-w7xzn", "nightly-backup-sxgj5"])
    #expect(driver.screen.contains("these are the pods that failed last"))
  }
}
