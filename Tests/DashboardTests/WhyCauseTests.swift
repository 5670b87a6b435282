import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Causes that neither a condition nor an exit code tells by itself.
struct WhyCauseTests {
  private func titles(_ driver: Driver) -> [String] { steps(driver).map(\.title) }

  private func steps(_ driver: Driver) -> [WhyStep] {
    guard case .drawn(let page)? = driver.dashboard.pages.last else { return [] }
    return (page as? WhyPage)?.steps ?? []
  }

  private func why(_ name: String, _ fixture: Fixture, in view: String = "jobs") -> Driver {
    .why(name, fixture, in: view, size: Size(columns: 160, rows: 40))
  }

  private func needy(_ driver: Driver, after: Duration = .zero) -> [String] {
    driver.dashboard.store.attention.first(100, in: Shown(), now: Fixture.now + after).compactMap { entry in
      driver.dashboard.store[entry.object].map {
        "\(entry.concern.word) \($0.name): \(entry.details($0, driver.dashboard.context))"
      }
    }
  }

  // MARK: What keeps a pod from starting

  private static let mount = Fixture.mountMessage

  private func unmounted() -> (fixture: Fixture, pod: Pod) {
    var pods = Fixture.unmounted.objects.compactMap { if case .pod(let pod) = $0 { pod } else { nil } }
    return (Fixture.unmounted, pods.removeFirst())
  }

  @Test func aVolumeThatIsNotThereIsTheFirstCause() {
    let (cluster, _) = unmounted()
    var driver = why("import", cluster)
    #expect(driver.screen.contains("1 pod waits: FailedMount: \(Self.mount)"))
    let place = titles(driver).firstIndex { $0.hasPrefix("FailedMount") }
    #expect(titles(driver).first == "Job import: Pending:FailedMount")
    #expect(place != nil && titles(driver).count { $0.hasPrefix("FailedMount") } == 1, "\(titles(driver))")
    driver.press("esc : p o d s enter")
    #expect(driver.screen.contains("FailedMount: MountVolume.SetUp"))
    driver.press("w")
    #expect(titles(driver).dropFirst().first == "FailedMount: it cannot be started", "\(titles(driver))")
  }

  @Test func aVolumeThatIsNotThereNeedsAttentionAfterAWhile() {
    let (cluster, pod) = unmounted()
    var driver = Driver(cluster)
    #expect(needy(driver) == [#"can't start import: volume "conf" : configmap "app-conf" not found"#])
    // A mount may take a moment.
    var late = Fixture()
    let job = late.job("new", .init(age: 5, active: 1))
    let young = late.pod("bbbbb", of: job, .init(phase: .pending, age: 4, waiting: ("ContainerCreating", "")))
    late.event(.pod, young.metadata, "FailedMount", Self.mount, ago: 3, warning: true)
    #expect(needy(Driver(late)).isEmpty)
    #expect(needy(Driver(late), after: .seconds(7)).count == 1)
    // Once it runs, an old event tells nothing of it any more.
    var running = pod
    var state = ContainerState.Running()
    state.startedAt = Fixture.now
    running.status.phase = .running
    running.status.containerStatuses[0].state = ContainerState()
    running.status.containerStatuses[0].state.running = state
    driver.send(.changes([Change(verb: .modified, object: .pod(running), version: 99)]))
    #expect(needy(driver).isEmpty)
  }

  @Test func theEventMayComeBeforeThePodOrGo() {
    let (cluster, pod) = unmounted()
    let changes = cluster.changes.reversed()
    var store = Store()
    for change in changes { _ = store.apply(change) }
    #expect(store.pod(pod.metadata.uid)?.startFailure?.reason == "FailedMount")
    guard let event = cluster.objects.last else { return }
    let touched = store.apply(Change(verb: .deleted, object: event, version: 99))
    #expect(touched?.toldPod == pod.metadata.uid)
    #expect(store.pod(pod.metadata.uid)?.startFailure == nil)
  }

  @Test func gatesNeedAttentionAfterAWhile() {
    var cluster = Fixture()
    let job = cluster.job("held", .init(age: 60, active: 1))
    var pod = cluster.pod("aaaaa", of: job, .init(phase: .pending, node: "", age: 55))
    var gate = SchedulingGate()
    gate.name = "example.com/quota"
    pod.spec.schedulingGates = [gate]
    cluster.change(.pod(pod))
    #expect(needy(Driver(cluster)) == ["gated held: scheduling gate example.com/quota"])
  }

  @Test func aScheduleThatNeverFiresNeedsAttention() {
    var cluster = Fixture()
    cluster.cronJob("feb30", "0 0 30 2 *", last: nil)
    cluster.cronJob("paused", "0 0 30 2 *", suspended: true, last: nil)
    cluster.cronJob("well", "0 0 28 2 *", last: nil)
    let driver = why("feb30", cluster, in: "cronjobs")
    #expect(needy(driver) == ["never runs feb30: schedule '0 0 30 2 *' never comes"])
    #expect(titles(driver).contains("It never runs"))
  }

  // MARK: A drain

  /// A job whose pods were evicted, and whose other pods went when it had failed for that.
  private func drained(ignores: Bool = false) -> Driver {
    var cluster = Fixture()
    cluster.node("node-1", cpu: "4", memory: "8Gi", cordoned: true)
    cluster.node("node-2", cpu: "4", memory: "8Gi")
    var job = cluster.job("wide", .init(completions: 100, parallelism: 12, age: 60, active: 12))
    if ignores {
      var policy = PodFailurePolicy()
      policy.rules = [Fixture.ignoresDisruptions]
      job.spec.podFailurePolicy = policy
      cluster.change(.job(job))
    }
    let pods = (0..<12).map { number in
      cluster.pod("p\(number)aaa", of: job, .init(node: "node-\(number < 8 ? 1 : 2)", age: 50))
    }
    var driver = Driver(cluster, size: Size(columns: 160, rows: 40))
    for (number, pod) in pods.enumerated() {
      var pod = pod
      pod.metadata.deletionTimestamp = Fixture.now + .seconds(20)
      pod.metadata.deletionGracePeriodSeconds = 30
      if number < 8 {
        pod.status.conditions.append(
          Condition(
            "DisruptionTarget", true, reason: "EvictionByEvictionAPI", message: "Eviction API: evicting",
            at: Fixture.now - .seconds(10)))
      }
      driver.send(.changes([Change(verb: .modified, object: .pod(pod), version: 10)]))
      var ended = ContainerState.Terminated()
      (ended.exitCode, ended.signal, ended.reason) = (143, 15, "Error")
      ended.finishedAt = Fixture.now - .seconds(number < 8 ? 8 : 2)
      pod.status.phase = .failed
      pod.status.containerStatuses[0].state = ContainerState()
      pod.status.containerStatuses[0].state.terminated = ended
      driver.send(.changes([Change(verb: .deleted, object: .pod(pod), version: 11)]))
    }
    if !ignores {
      job.status.failed = 12
      job.status.active = 0
      for type in ["FailureTarget", "Failed"] {
        job.status.conditions.append(
          Condition(
            type, true, reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit",
            at: Fixture.now - .seconds(3)))
      }
      driver.send(.changes([Change(verb: .modified, object: .job(job), version: 12)]))
    }
    driver.select("wide")
    driver.press("w")
    return driver
  }

  @Test func aDrainIsToldAsTheCause() {
    var driver = drained()
    #expect(
      driver.screen.contains(
        "It gave up: 8 pods were evicted, as a drain does it, and its backoffLimit of 6 allows no more."))
    #expect(titles(driver).contains("8 pods were evicted, as a drain does it"))
    #expect(driver.screen.contains("On node-1, which is cordoned"))
    #expect(driver.screen.contains("Each counts as a failure of the job"))
    // Pods that went because the job had failed are no cause.
    #expect(!driver.screen.contains("because the job had failed"))
  }

  @Test func evictionsThatAPolicyIgnoresAreNoFailures() {
    var driver = drained(ignores: true)
    #expect(driver.screen.contains("Rule 0 of its podFailurePolicy ignores that"))
    #expect(!driver.screen.contains("It gave up"))
  }

  @Test func theDrainQuestionNamesTheJobsThatFail() {
    var driver = Driver(.tight)
    driver.press(": n o d e s enter r")
    let screen = driver.screen
    #expect(
      screen.contains("tight fails: each evicted pod is a failure, 3 are evicted, and its backoffLimit is 2"),
      "\(screen)")
    #expect(screen.contains("indexed fails: it loses 1 index, and its maxFailedIndexes is 0"))
    #expect(!screen.contains("patient fails"))
  }

  // MARK: Nodes

  @Test func thePodInTheWayOfAnAntiAffinityIsNamed() throws {
    var cluster = Fixture()
    cluster.namespace("default")
    cluster.node("node-1", cpu: "4", memory: "8Gi")
    let holder = cluster.job("holder", .init(age: 90, active: 1))
    var first = cluster.pod("aaaaa", of: holder, .init(age: 80))
    first.metadata.labels["app"] = "db"
    cluster.change(.pod(first))
    let job = cluster.job("second", .init(age: 60, active: 1))
    var pod = cluster.pod(
      "bbbbb", of: job,
      .init(
        phase: .pending, age: 55,
        unschedulable: "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."))
    pod.spec.common.affinity = try JSONParser.parse(
      #"""
      {"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
        {"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"db"}}}]}}
      """#.json)
    cluster.change(.pod(pod))
    var driver = why("second", cluster)
    let step = try #require(steps(driver).first { $0.title.hasPrefix("node-1 ") })
    #expect(step.title == "node-1 runs holder-aaaaa, which its anti-affinity (app=db) avoids")
    #expect(!driver.screen.contains("has room"))
    // The same, where the pod in the way has it against the one that waits.
    pod.spec.common.affinity = nil
    pod.metadata.labels["app"] = "db"
    pod.status.conditions[0].message =
      "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules."
    first.spec.common.affinity = try JSONParser.parse(
      #"""
      {"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
        {"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"db"}}}]}}
      """#.json)
    cluster.change(.pod(pod))
    cluster.change(.pod(first))
    driver = why("second", cluster)
    #expect(titles(driver).contains("node-1 runs holder-aaaaa, whose anti-affinity keeps it away"), "\(titles(driver))")
  }

  @Test func aFailedNodeCountsDownToTheEviction() {
    var cluster = Fixture()
    cluster.node("node-1", cpu: "4", memory: "8Gi", ready: false)
    cluster.node("node-2", cpu: "4", memory: "8Gi")
    guard case .node(var node)? = cluster.objects.first else { return }
    var taint = Taint(key: "node.kubernetes.io/unreachable", effect: "NoExecute")
    taint.timeAdded = Fixture.now - .seconds(60)
    node.spec.taints = [taint]
    cluster.change(.node(node))
    let job = cluster.job("lost", .init(age: 90, active: 1))
    var pod = cluster.pod("aaaaa", of: job, .init(age: 80))
    var toleration = Toleration()
    (toleration.key, toleration.operator, toleration.effect) = (taint.key, "Exists", "NoExecute")
    toleration.tolerationSeconds = 300
    pod.spec.common.tolerations = [toleration]
    cluster.change(.pod(pod))
    var driver = why("lost", cluster)
    #expect(titles(driver).first == "Job lost: Running:NodeNotReady")
    let text = "It is evicted and replaced in 4m: it tolerates node.kubernetes.io/unreachable for 300s."
    #expect(driver.screen.contains(text), "\(driver.screen)")
    #expect(driver.screen.split(separator: "\n").count { $0.contains("not heard of") } == 1)
    driver.pass(.seconds(50))
    #expect(driver.screen.contains("replaced in 3m10s"))
    // The node is back.
    node.status.conditions = [Condition("Ready", true, at: Fixture.now)]
    node.spec.taints = []
    driver.send(.changes([Change(verb: .modified, object: .node(node), version: 99)]))
    driver.press("esc")
    #expect(driver.screen.contains("● Running ") && !driver.screen.contains("NodeNotReady"))
  }

  /// What was stopped with jobdeck itself has ended before that was back: how long it ran is not known.
  @Test func aPodThatWentDownWithItsNodeDidNotRunUntilItWasBack() {
    var fixture = Fixture()
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    let job = fixture.job("train", .init(age: 130, failed: 1))
    fixture.pod(
      "aaaaa", of: job,
      .init(phase: .failed, age: 127, finished: 10, exit: 137, reason: "ContainerStatusUnknown"))
    var driver = why("train-aaaaa", fixture, in: "pods")
    #expect(
      driver.screen.contains(
        "When it ended is not known: some time between 14:01:00, when it began, and 14:02:57, when it was found to be gone."
      ))
    #expect(!driver.screen.contains("It ran for"))
    #expect(driver.screen.contains("Pod train-aaaaa: ContainerStatusUnknown, found 10s ago"))
    driver.press("esc")
    let row = driver.screen.split(separator: "\n").first { $0.contains("train-aaaaa") } ?? ""
    #expect(!row.contains("117s"), "\(row)")
  }

  @Test func fromAReasonOneGoesToThePodAmongThoseOfItsJob() {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("w enter")
    #expect(driver.rows.count == 3 && driver.selectedName == "nightly-backup-sxgj5")
    #expect(driver.screen.contains("Pods of nightly-backup"))
  }
}

extension String {
  fileprivate var json: [UInt8] { Array(utf8) }
}
