import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// How a job stands is said with one sign and one word wherever it is said, and counted so.
struct StandingTests {
  /// A job whose pod crashes again and again, and one that runs after a failure.
  private static let crashing: Fixture = {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    var job = fixture.job("loop", .init(backoffLimit: 5, age: 60, active: 1))
    job.spec.template.spec.restartPolicy = .onFailure
    fixture.change(.job(job))
    var pod = fixture.pod(
      "aaaaa", of: job,
      .init(age: 60, restarts: 3, waiting: ("CrashLoopBackOff", "back-off 40s restarting failed container")))
    var ended = ContainerState.Terminated()
    ended.exitCode = 1
    (ended.startedAt, ended.finishedAt) = (Fixture.now - .seconds(12), Fixture.now - .seconds(10))
    pod.status.containerStatuses[0].lastState.terminated = ended
    fixture.change(.pod(pod))
    let again = fixture.job("second", .init(age: 60, failed: 1, active: 1))
    fixture.pod("aaaaa", of: again, .init(phase: .failed, age: 60, finished: 40, exit: 1))
    fixture.pod("bbbbb", of: again, .init(age: 30))
    return fixture
  }()

  private static func screen(_ keys: String, _ view: String, _ fixture: Fixture) -> String {
    var driver = Driver(fixture, size: Size(columns: 160, rows: 40))
    driver.pass(.seconds(2))
    driver.press(":")
    driver.type(view)
    driver.press("enter " + keys)
    return driver.screen
  }

  private static func line(_ text: String, with word: String) -> String {
    text.split(separator: "\n").first { $0.contains(word) }.map(String.init) ?? ""
  }

  @Test func aJobThatWaitsForItsNextTryIsRetryingEverywhere() {
    let jobs = Self.screen("", "jobs", Self.crashing)
    #expect(Self.line(jobs, with: "loop ").contains("↻ Retrying"))
    #expect(Self.line(jobs, with: " second ").contains("● Running"))
    #expect(Self.line(jobs, with: "Jobs ").contains("● 1 running  ↻ 1 retrying  ✗ 0 failed"))
    #expect(Self.line(jobs, with: "Pods ").contains("● 1 running  ↻ 1 retrying"))
    let pulse = Self.screen("", "pulse", Self.crashing)
    #expect(Self.line(pulse, with: "attention first").contains("↻ 1 retrying  ! 1 failing"))
    #expect(Self.line(pulse, with: "loop ").contains("↻ retrying"))
    #expect(Self.line(pulse, with: "loop ").contains("1 pod waits: CrashLoopBackOff, exit code 1"))
    #expect(Self.line(pulse, with: " second ").contains("! failing"))
    #expect(Self.line(pulse, with: "Pods running").contains("● Pods running 1"))
  }

  @Test func aContainerThatCrashesIsRetryingAsItsPodIs() {
    #expect(Self.line(Self.screen("", "containers", Self.crashing), with: "loop").contains("↻ CrashLoopBackOff"))
    #expect(Self.line(Self.screen("", "pods", Self.crashing), with: "loop").contains("↻ CrashLoopBackOff"))
    let tree = Self.line(Self.screen("", "tree", Self.crashing), with: "loop")
    #expect(tree.contains("↻ Retrying") && tree.contains("↻ 1") && !tree.contains("● 1"), "\(tree)")
  }

  /// Above a table of one namespace stands what there is in it.
  @Test func theHeaderAndTheChartsCountWhatIsShown() {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.namespace("ml")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    for number in 0..<4 {
      _ = fixture.job("bad-\(number)", .init(age: 60, failed: 1, verdict: ("Failed", "BackoffLimitExceeded", "", 5)))
    }
    for number in 0..<3 {
      let job = fixture.job("train-\(number)", .init(namespace: "ml", age: 60, active: 1))
      if number < 2 { fixture.pod("aaaaa", of: job, .init(age: 50)) }
    }
    var driver = Driver(fixture, size: Size(columns: 160, rows: 40))
    driver.pass(.seconds(2))
    #expect(Self.line(driver.screen, with: "Jobs ").contains("✗ 4 failed"))
    driver.press(":")
    driver.type("ns ml")
    driver.press("enter")
    let header = Self.line(driver.screen, with: "Jobs ")
    #expect(header.contains("● 3 running  ✗ 0 failed") && header.contains("Pods  ● 2 running"), "\(header)")
    driver.press(":")
    driver.type("pulse")
    driver.press("enter")
    let charts = Self.line(driver.screen, with: "Pods running")
    #expect(charts.contains("Pods running 2") && charts.contains("Jobs failed 0"), "\(charts)")
    #expect(!driver.screen.contains("all namespaces"))
  }

  @Test func chartsOfTooManyNamespacesSayThatTheyAreOfAll() {
    var fixture = Fixture()
    for number in 0...Pulse.namespaceLimit {
      _ = fixture.job(
        "bad", .init(namespace: "n\(number)", age: 60, failed: 1, verdict: ("Failed", "DeadlineExceeded", "", 5)))
    }
    var driver = Driver(fixture, size: Size(columns: 200, rows: 40))
    driver.pass(.seconds(2))
    driver.press(":")
    driver.type("ns n7")
    driver.press("enter :")
    driver.type("pulse")
    driver.press("enter")
    #expect(driver.screen.contains("Jobs failed (all namespaces) \(Pulse.namespaceLimit + 1)"))
  }
}
