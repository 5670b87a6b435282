import Executor
import KubeModel
import Testing

struct SimulatedRuntimeTests {
  private let start = Instant(seconds: 1_000)

  private func effect(
    _ annotations: StringMap, pod: String = "p", attempt: Int = 0, index: Int? = nil, failures: Int = 0
  ) -> Effect {
    .start(
      ContainerStart(
        id: ContainerID(podUID: pod, container: "main", attempt: attempt), namespace: "default", podName: pod,
        nodeName: "n", image: "busybox", command: ["true"], annotations: annotations, completionIndex: index,
        earlierFailures: failures))
  }

  /// Runs one container and says what came of it.
  private func outcome(
    _ annotations: StringMap, attempt: Int = 0, index: Int? = nil, failures: Int = 0, seed: UInt64 = 1
  ) throws -> (seconds: Double, code: Int) {
    var runtime = SimulatedRuntime(seed: seed)
    runtime.carryOut(effect(annotations, attempt: attempt, index: index, failures: failures), at: start)
    #expect(runtime.nextReport == start)
    let reports = runtime.takeReports(upTo: Instant(microseconds: .max))
    #expect(reports.first == .started(ContainerID(podUID: "p", container: "main", attempt: attempt), at: start))
    guard reports.count == 2, case .exited(_, let exit) = reports[1] else {
      Issue.record("\(reports)")
      return (0, 0)
    }
    #expect(exit.startedAt == start)
    #expect(runtime.nextReport == nil)
    return ((exit.finishedAt - start).inSeconds, exit.exitCode)
  }

  @Test(arguments: [
    ("0s", 0), ("0", 0), ("1s", 1), ("300ms", 0.3), ("1h2m3.5s", 3723.5), ("1.5h", 5400), ("10us", 0.00001),
    ("10µs", 0.00001), ("2500000ns", 0.0025), (".5s", 0.5), ("1m1m", 120), ("+3s", 3),
  ])
  func durationsAreGos(text: String, seconds: Double) throws {
    #expect(try outcome(["jobdeck.dev/duration": text]).seconds == seconds)
  }

  @Test func defaultsAreNoTimeAndSuccess() throws {
    #expect(try outcome([:]) == (0, 0))
    #expect(try outcome(["jobdeck.dev/restart-backoff": "1s", "other/duration": "x"]) == (0, 0))
  }

  @Test func byIndexWinsForItsIndex() throws {
    let annotations: StringMap = [
      "jobdeck.dev/duration": "5s", "jobdeck.dev/duration-by-index": "1=2s,4=60s", "jobdeck.dev/exit-code": "3",
      "jobdeck.dev/exit-code-by-index": "1=42",
    ]
    #expect(try outcome(annotations, index: 0) == (5, 3))
    #expect(try outcome(annotations, index: 1) == (2, 42))
    #expect(try outcome(annotations, index: 4) == (60, 3))
    #expect(try outcome(annotations) == (5, 3))
  }

  @Test func rangesAreDrawnBySeed() throws {
    let annotations: StringMap = ["jobdeck.dev/duration": "1.5s..40s"]
    var seen: Set<Double> = []
    for seed in 0..<50 {
      let first = try outcome(annotations, seed: UInt64(seed)).seconds
      #expect((1.5...40).contains(first))
      #expect(try outcome(annotations, seed: UInt64(seed)).seconds == first)
      #expect(try outcome(annotations, attempt: 1, seed: UInt64(seed)).seconds != first)
      seen.insert(first)
    }
    #expect(seen.count == 50)
    #expect((seen.max() ?? 0) - (seen.min() ?? 0) > 20)
    #expect(try outcome(["jobdeck.dev/duration": "2s..2s"]).seconds == 2)
  }

  @Test(arguments: [(0, 0, 1), (1, 0, 1), (0, 1, 1), (2, 0, 0), (1, 1, 0), (0, 5, 0)])
  func failAttemptsFailFirst(failures: Int, attempt: Int, code: Int) throws {
    #expect(try outcome(["jobdeck.dev/fail-attempts": "2"], attempt: attempt, failures: failures).code == code)
    let annotations: StringMap = ["jobdeck.dev/fail-attempts": "2", "jobdeck.dev/exit-code": "9"]
    #expect(try outcome(annotations, attempt: attempt, failures: failures).code == code * 9)
  }

  @Test(arguments: [
    ("duration", "soon"), ("duration", "-5s"), ("duration", "5"), ("duration", "9s..1s"), ("duration", ""),
    ("duration", "1s..."), ("duration", "99999999999h"), ("exit-code", "256"), ("exit-code", "-1"),
    ("exit-code", "99999999999999999999"), ("exit-code-by-index", "1:2"), ("duration-by-index", "x=1s"),
    ("term-delay", "\u{1B}[2J"), ("fail-attempts", "many"),
  ])
  func malformedAnnotationsAreSaid(name: String, value: String) {
    var runtime = SimulatedRuntime(seed: 1)
    runtime.carryOut(effect(["jobdeck.dev/" + name: value]), at: start)
    let reports = runtime.takeReports(upTo: start)
    guard reports.count == 1, case .failedToStart(_, let reason, let message, _, let time) = reports[0] else {
      Issue.record("\(reports)")
      return
    }
    #expect(reason == "CreateContainerConfigError")
    #expect(message.hasPrefix("invalid annotation jobdeck.dev/\(name): "))
    #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    #expect(time == start)
    #expect(runtime.nextReport == nil)
  }

  @Test(arguments: [
    (0, 30_000, 0, 143), (6, 30_000, 6_000, 143), (6, 2_000, 2_000, 137), (6, 6_000, 6_000, 143), (0, 0, 0, 137),
    (6, 0, 0, 137),
  ])
  func stopEndsAfterItsDelayOrTheGracePeriod(delay: Int, grace: Int, after: Int, code: Int) {
    var runtime = SimulatedRuntime(seed: 1)
    runtime.carryOut(effect(["jobdeck.dev/duration": "1h", "jobdeck.dev/term-delay": "\(delay)s"]), at: start)
    #expect(runtime.takeReports(upTo: start).count == 1)
    let stopped = start + .seconds(3)
    runtime.carryOut(.stop(podUID: "p", gracePeriod: .milliseconds(grace)), at: stopped)
    let end = stopped + .milliseconds(after)
    #expect(runtime.nextReport == end)
    #expect(
      runtime.takeReports(upTo: start + .seconds(7_200)) == [
        .exited(
          ContainerID(podUID: "p", container: "main", attempt: 0),
          ContainerExit(exitCode: code, startedAt: start, finishedAt: end))
      ])
    #expect(runtime.nextReport == nil)
    runtime.carryOut(.stop(podUID: "p", gracePeriod: .zero), at: end)
    #expect(runtime.nextReport == nil)
  }

  @Test func shorterStopWins() {
    var runtime = SimulatedRuntime(seed: 1)
    runtime.carryOut(effect(["jobdeck.dev/duration": "1h", "jobdeck.dev/term-delay": "50s"]), at: start)
    runtime.carryOut(.stop(podUID: "p", gracePeriod: .seconds(40)), at: start)
    #expect(runtime.takeReports(upTo: start).count == 1)
    #expect(runtime.nextReport == start + .seconds(40))
    runtime.carryOut(.stop(podUID: "p", gracePeriod: .seconds(10)), at: start + .seconds(5))
    #expect(runtime.nextReport == start + .seconds(15))
    runtime.carryOut(.stop(podUID: "p", gracePeriod: .seconds(100)), at: start + .seconds(6))
    #expect(runtime.nextReport == start + .seconds(15))
  }

  @Test func equalTimesComeInOrderOfCause() {
    var runtime = SimulatedRuntime(seed: 1)
    let annotations: StringMap = ["jobdeck.dev/duration": "1s"]
    let pods = (0..<100).map { "pod-\($0 * 7919 % 100)" }
    for pod in pods { runtime.carryOut(effect(annotations, pod: pod), at: start) }
    var order: [String] = []
    for report in runtime.takeReports(upTo: start + .seconds(1)) {
      if case .exited(let id, _) = report { order.append(id.podUID) }
    }
    #expect(order == pods)
  }

  @Test func placesAreUsedAgain() {
    var runtime = SimulatedRuntime(seed: 1)
    var time = start
    for round in 0..<1000 {
      for pod in 0..<3 {
        for attempt in 0..<2 {
          runtime.carryOut(effect(["jobdeck.dev/duration": "1s"], pod: "\(round)-\(pod)", attempt: attempt), at: time)
        }
      }
      runtime.carryOut(.stop(podUID: "\(round)-1", gracePeriod: .seconds(1)), at: time)
      time = time + .seconds(1)
      #expect(runtime.takeReports(upTo: time).count == 12)
    }
    #expect(runtime.nextReport == nil)
  }
}
