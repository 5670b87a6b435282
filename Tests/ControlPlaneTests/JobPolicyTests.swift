import KubeModel
import Testing

@testable import ControlPlane

/// The job controller's policies as tables: pure functions of what they look at.
struct JobPolicyTests {
  // MARK: podFailurePolicy

  struct Failure: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// Exit codes by container; init containers' names begin with `init`. `nil` for one that has not ended.
    var exits: [(name: String, code: Int?)] = [("main", 1)]
    var conditions: [(type: String, status: String)] = []
    var rules: [PodFailurePolicyRule]
    var verdict: FailureVerdict
  }

  private static func rule(
    _ action: String, in values: [Int] = [], notIn: [Int] = [], container: String? = nil,
    conditions: [(type: String, status: String?)] = []
  ) -> PodFailurePolicyRule {
    var rule = PodFailurePolicyRule()
    rule.action = action
    if !values.isEmpty || !notIn.isEmpty {
      var codes = PodFailurePolicyRule.OnExitCodes()
      codes.operator = values.isEmpty ? "NotIn" : "In"
      codes.values = values.isEmpty ? notIn : values
      codes.containerName = container
      rule.onExitCodes = codes
    }
    rule.onPodConditions = conditions.map { type, status in
      var pattern = PodFailurePolicyRule.OnPodConditionsPattern()
      pattern.type = type
      pattern.status = status
      return pattern
    }
    return rule
  }

  static let failures: [Failure] = [
    Failure(testDescription: "no rule counts", rules: [], verdict: .count),
    Failure(testDescription: "no match counts", rules: [rule("FailJob", in: [2])], verdict: .count),
    Failure(testDescription: "Count", rules: [rule("Count", in: [1]), rule("FailJob", in: [1])], verdict: .count),
    Failure(testDescription: "Ignore", rules: [rule("Ignore", in: [1])], verdict: .ignore),
    Failure(testDescription: "FailIndex", rules: [rule("FailIndex", in: [1])], verdict: .failIndex),
    Failure(
      testDescription: "FailJob", rules: [rule("Ignore", in: [2]), rule("FailJob", in: [1, 3])],
      verdict: .failJob("Container main for pod ns/p failed with exit code 1 matching FailJob rule at index 1")),
    Failure(
      testDescription: "the first match wins", rules: [rule("Ignore", notIn: [2]), rule("FailJob", in: [1])],
      verdict: .ignore),
    Failure(testDescription: "NotIn", rules: [rule("Ignore", notIn: [1, 2])], verdict: .count),
    Failure(
      testDescription: "success never matches", exits: [("main", 0)], rules: [rule("FailJob", notIn: [7])],
      verdict: .count),
    Failure(
      testDescription: "another container", exits: [("main", 42), ("side", 0)],
      rules: [rule("FailJob", in: [42], container: "side")], verdict: .count),
    Failure(
      testDescription: "the container that is named", exits: [("main", 1), ("side", 42)],
      rules: [rule("FailJob", in: [42], container: "side")],
      verdict: .failJob("Container side for pod ns/p failed with exit code 42 matching FailJob rule at index 0")),
    Failure(
      testDescription: "containers before init containers", exits: [("init", 5), ("main", 6)],
      rules: [rule("FailJob", in: [5, 6])],
      verdict: .failJob("Container main for pod ns/p failed with exit code 6 matching FailJob rule at index 0")),
    Failure(
      testDescription: "an init container", exits: [("init", 5), ("main", nil)], rules: [rule("FailJob", in: [5])],
      verdict: .failJob("Container init for pod ns/p failed with exit code 5 matching FailJob rule at index 0")),
    Failure(
      testDescription: "a container that has not ended", exits: [("main", nil)], rules: [rule("FailJob", notIn: [7])],
      verdict: .count),
    Failure(
      testDescription: "a condition", conditions: [("DisruptionTarget", "True")],
      rules: [rule("Ignore", conditions: [("DisruptionTarget", "True")])], verdict: .ignore),
    Failure(
      testDescription: "a condition's status is True where the pattern has none",
      conditions: [("DisruptionTarget", "True")], rules: [rule("Ignore", conditions: [("DisruptionTarget", nil)])],
      verdict: .ignore),
    Failure(
      testDescription: "a condition of another status", conditions: [("DisruptionTarget", "False")],
      rules: [rule("Ignore", conditions: [("DisruptionTarget", "True")])], verdict: .count),
    Failure(
      testDescription: "the pod's first condition that matches is named",
      conditions: [("Other", "True"), ("example.com/Broken", "False"), ("DisruptionTarget", "True")],
      rules: [rule("FailJob", conditions: [("DisruptionTarget", "True"), ("example.com/Broken", "False")])],
      verdict: .failJob("Pod ns/p has condition example.com/Broken matching FailJob rule at index 0")),
  ]

  @Test(arguments: failures) func podFailurePolicy(_ failure: Failure) {
    var pod = Pod()
    pod.metadata.namespace = "ns"
    pod.metadata.name = "p"
    for (name, code) in failure.exits {
      var status = ContainerStatus()
      status.name = name
      if let code {
        status.state.terminated = ContainerState.Terminated()
        status.state.terminated?.exitCode = code
      }
      if name.hasPrefix("init") {
        pod.status.initContainerStatuses.append(status)
      } else {
        pod.status.containerStatuses.append(status)
      }
    }
    for (type, status) in failure.conditions {
      var condition = Condition(type, true, reason: "", message: "", at: Instant(seconds: 0))
      condition.status = status
      pod.status.conditions.append(condition)
    }
    var policy = PodFailurePolicy()
    policy.rules = failure.rules
    #expect(policy.verdict(on: pod) == failure.verdict)
  }

  // MARK: successPolicy

  @Test(
    arguments: [
      // Succeeded indexes, rules as (indexes, count), the rule that is met.
      ("", [("", 0)], nil),
      ("0", [("", 1)], 0),
      ("0", [("", 2)], nil),
      ("0,4", [("0-1", nil)], nil),
      ("0,1", [("0-1", nil)], 0),
      ("0,4", [("0-4", 2)], 0),
      ("0,4", [("0-3", 2)], nil),
      ("2,3", [("0", nil), ("2", nil), ("3", nil)], 1),
      ("2", [("0-4", 0)], 0),
    ] as [(String, [(String, Int?)], Int?)])
  func successPolicy(_ succeeded: String, _ rules: [(String, Int?)], _ expected: Int?) throws {
    var policy = SuccessPolicy()
    policy.rules = rules.map { indexes, count in
      var rule = SuccessPolicyRule()
      rule.succeededIndexes = indexes.isEmpty ? nil : indexes
      rule.succeededCount = count
      return rule
    }
    let indexes = try IndexRanges(parsing: succeeded, completions: 5)
    #expect(policy.firstMatch(indexes, completions: 5) == expected)
  }

  // MARK: backoffLimit

  @Test(arguments: [
    (RestartPolicy.never, 0, 0, 0, false), (.never, 0, 1, 0, true), (.never, 3, 3, 9, false),
    (.never, 3, 4, 0, true), (.onFailure, 0, 0, 0, false), (.onFailure, 0, 0, 1, true), (.onFailure, 3, 0, 2, false),
    (.onFailure, 3, 0, 3, true), (.onFailure, 3, 4, 0, true),
  ])
  func backoffLimit(
    _ restartPolicy: RestartPolicy, _ limit: Int, _ failed: Int, _ restarts: Int, _ exceeds: Bool
  ) {
    var spec = JobSpec()
    spec.backoffLimit = limit
    spec.template.spec.restartPolicy = restartPolicy
    #expect(spec.exceedsBackoffLimit(failed: failed, restarts: restarts) == exceeds)
  }

  // MARK: Backoff

  @Test(arguments: zip(1...8, [10, 20, 40, 80, 160, 320, 600, 600]))
  func backoffDoubles(_ failures: Int, _ seconds: Int) {
    #expect(Backoff.delay(failures: failures) == .seconds(seconds))
  }

  @Test(
    arguments: [
      // Ends as (second, succeeded) in two syncs, failures that count, second of the last one.
      ([(5, false)], [], 1, 5),
      ([(5, false)], [(9, false), (7, false)], 3, 9),
      ([(5, false)], [(6, true)], 0, nil),
      ([(5, false), (6, false)], [(7, true), (8, false), (3, false)], 1, 8),
      // A failure in the moment of a success is forgotten with those before it.
      ([], [(7, true), (7, false)], 0, nil),
      ([(5, false)], [], 1, 5),
    ] as [([(Int64, Bool)], [(Int64, Bool)], Int, Int64?)])
  func aSuccessEndsTheBackoff(_ first: [(Int64, Bool)], _ second: [(Int64, Bool)], _ failures: Int, _ last: Int64?) {
    var backoff = Backoff()
    for sync in [first, second] {
      backoff.note(sync.map { Backoff.Finish(time: Instant(seconds: $0.0), succeeded: $0.1) })
    }
    #expect(backoff.failuresSinceSuccess == failures)
    #expect(backoff.lastFailure == last.map { Instant(seconds: $0) })
  }

  @Test func aPodEndsWithItsLastContainer() {
    func ended(_ second: Int64?) -> ContainerStatus {
      var status = ContainerStatus()
      guard let second else { return status }
      status.state.terminated = ContainerState.Terminated()
      status.state.terminated?.finishedAt = Instant(seconds: second)
      return status
    }
    var pod = Pod()
    pod.metadata.creationTimestamp = Instant(seconds: 1)
    #expect(pod.finishTime == Instant(seconds: 1))
    pod.metadata.deletionTimestamp = Instant(seconds: 50)
    pod.metadata.deletionGracePeriodSeconds = 30
    #expect(pod.finishTime == Instant(seconds: 20))
    pod.status.set("Ready", false, at: Instant(seconds: 15))
    #expect(pod.finishTime == Instant(seconds: 15))
    pod.status.containerStatuses = [ended(30), ended(nil)]
    #expect(pod.finishTime == Instant(seconds: 15))
    pod.status.containerStatuses = [ended(30), ended(25)]
    #expect(pod.finishTime == Instant(seconds: 30))
    pod.status.initContainerStatuses = [ended(35)]
    #expect(pod.finishTime == Instant(seconds: 35))
  }

  // MARK: Scale-down

  @Test func whatMattersLeastGoesFirst() {
    func pod(
      node: Bool = true, _ phase: PodPhase = .running, readySince: Int64? = nil, restarts: Int = 0,
      sidecarRestarts: Int = 0
    ) -> Pod {
      var pod = Pod()
      pod.spec.nodeName = node ? "node-1" : ""
      pod.status.phase = phase
      if let readySince { pod.status.set("Ready", true, at: Instant(seconds: readySince)) }
      var container = Container()
      container.restartPolicy = "Always"
      pod.spec.initContainers = [container]
      var status = ContainerStatus()
      status.restartCount = sidecarRestarts
      pod.status.initContainerStatuses = [status]
      status.restartCount = restarts
      pod.status.containerStatuses = [status]
      return pod
    }
    // In the order in which they go; older pods have smaller sequences.
    let order: [(Pod, UInt64)] = [
      (pod(node: false, .pending), 1), (pod(.pending), 2), (pod(.unknown), 3), (pod(restarts: 9), 4),
      (pod(readySince: 90), 5), (pod(readySince: 50, restarts: 3), 6), (pod(readySince: 50, restarts: 1), 7),
      (pod(readySince: 50, sidecarRestarts: 2), 8), (pod(readySince: 50), 20), (pod(readySince: 50), 10),
    ]
    let ranks = order.map { RemovalRank($0.0, sequence: $0.1) }
    #expect(zip(ranks, ranks.dropFirst()).allSatisfy { $0 < $1 })
    #expect(ranks.shuffled().sorted() == ranks)
  }

  // MARK: Indexes

  @Test func indexesInBackoffTakeUpTheirPlace() {
    let now = Instant(seconds: 100)
    var book = IndexBook()
    for index in 0...2 { book.take(index) }
    for index in 0...1 {
      book.giveBack(index)
      book.hold(index, until: now + .seconds(10))
    }
    func next(below completions: Int = 9, after delay: Duration = .zero, room: Int) -> Int? {
      var copy = book
      return copy.nextToRun(below: completions, at: now + delay, room: room)
    }
    // Two places are free, and both belong to indexes that wait.
    #expect(next(room: 2) == nil)
    #expect(next(room: 3) == 3)
    #expect(next(below: 3, room: 3) == nil)
    #expect(next(after: .seconds(10), room: 1) == 0)
    #expect(book.checkInvariants(holders: [2: 1]) == [])
  }

  @Test func indexesBeyondTheLastAreForgotten() {
    var book = IndexBook()
    for index in 0...4 { book.take(index) }
    for index in 0...4 { book.giveBack(index) }
    for index in [0, 2, 3] { _ = book.succeed(index) }
    book.fail(1)
    book.fail(4)
    book.forget(from: 3)
    #expect(book.succeeded.description == "0,2")
    #expect(book.failed.description == "1")
    let next = book.nextToRun(below: 5, at: Instant(seconds: 0), room: 2)
    #expect(next == 3)
    #expect(book.checkInvariants(holders: [:]) == [])
  }
}
