import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct WhyTests {
  private func why(_ name: String, in view: String = "jobs", size: Size = Size(columns: 120, rows: 40)) -> Driver {
    .why(name, .troubled, in: view, size: size)
  }

  private func page(_ driver: Driver) -> WhyPage? {
    if case .drawn(let page)? = driver.dashboard.pages.last { page as? WhyPage } else { nil }
  }

  private func titles(_ driver: Driver) -> [String] { page(driver)?.steps.map(\.title) ?? [] }

  /// Puts the cursor on the first step whose title contains a text.
  private func go(_ driver: inout Driver, to title: String) {
    driver.press("g")
    for _ in titles(driver) where page(driver)?.selectedStep?.title.contains(title) != true { driver.press("down") }
    #expect(page(driver)?.selectedStep?.title.contains(title) == true, "no step \(title) in \(titles(driver))")
  }

  // MARK: Going on from it

  @Test func aFailedJobIsUnderstoodInTwoKeys() {
    var driver = Driver()
    driver.select("nightly-backup")
    driver.press("w")
    #expect(driver.screen.contains("It gave up: 3 pods failed with exit code 3, and its backoffLimit of 2"))
    driver.press("enter")
    #expect(driver.dashboard.table?.view == .pods)
    let pod = driver.selectedName
    #expect(pod == "nightly-backup-sxgj5")
    driver.press("w enter")
    guard case .log(let page)? = driver.dashboard.pages.last else {
      Issue.record("no log")
      return
    }
    #expect(page.sources.first?.request.pod == pod)
  }

  @Test func everyStepLeadsToWhatItIsAbout() {
    var driver = why("mixed")
    go(&driver, to: "Condition Failed")
    driver.press("enter")
    #expect(driver.screen.contains("Describe mixed"))
    driver.press("esc")
    go(&driver, to: "7 pods failed")
    driver.press("enter")
    #expect(driver.rows.count == 6 && driver.dashboard.table?.view == .pods)
    driver.press("esc")
    go(&driver, to: "exit code 127")
    driver.press("enter")
    #expect(driver.selectedName == "mixed-4-f4kk2")
    driver.press("esc")
    go(&driver, to: "Exit code 3")
    driver.press("enter")
    #expect(driver.screen.contains("Log of mixed-3-f3kk2/main"))
    driver.press("esc")
    go(&driver, to: "Node node-1")
    driver.press("enter")
    #expect(driver.dashboard.table?.view == .nodes && driver.selectedName == "node-1")
    driver.press("esc esc")
    #expect(driver.dashboard.pages.count == 1)
  }

  @Test func nodesAndHoldersOfCapacityAreStepsToo() {
    var driver = why("waiting")
    go(&driver, to: "node-2 is cordoned")
    driver.press("enter")
    #expect(driver.selectedName == "node-2")
    driver.press("esc")
    go(&driver, to: "batch holds 1.5 cpu")
    driver.press("enter")
    #expect(driver.selectedName == "batch" && driver.dashboard.table?.view == .jobs)
    driver.press("esc")
    go(&driver, to: "No node takes it")
    driver.press("enter")
    #expect(driver.dashboard.table?.view == .events)
  }

  @Test func whyOfAStepIsWhyOfItsObject() {
    var driver = why("waiting")
    go(&driver, to: "node-2 is cordoned")
    driver.press("w")
    #expect(titles(driver).first == "Node node-2: Ready,SchedulingDisabled")
    driver.press("w")
    #expect(driver.dashboard.pages.count == 3)
    driver.press("esc esc")
    #expect(driver.dashboard.pages.count == 1)
  }

  @Test func actionsGoToTheStepsObject() {
    var driver = why("mixed")
    _ = driver.takeCommands()
    driver.press("r")
    guard case .create(_, .job(let job), _)? = driver.takeCommands().first else {
      Issue.record("nothing was run again")
      return
    }
    #expect(job.metadata.name == "mixed-r2")
    go(&driver, to: "Pod mixed-3-f3kk2")
    driver.press("ctrl-d")
    #expect(driver.screen.contains("mixed-3-f3kk2?") || driver.screen.contains("Delete"))
    driver.press("esc")
    go(&driver, to: "Node node-1")
    driver.press("r ctrl-d")
    #expect(driver.dashboard.overlay == nil && driver.takeCommands().isEmpty)
  }

  @Test func theTextIsSearchedAndCopied() {
    var driver = why("mixed")
    driver.press("/")
    driver.type("exit CODE 127")
    driver.press("enter")
    #expect(page(driver)?.selectedStep?.title.contains("127") == true)
    driver.press("n")
    #expect(page(driver)?.selectedStep?.title.contains("127") == true)
    driver.press("esc")
    #expect(page(driver)?.search == nil)
    _ = driver.takeCommands()
    driver.press("c")
    guard case .copy(let text)? = driver.takeCommands().last else {
      Issue.record("nothing was copied")
      return
    }
    #expect(text.hasPrefix("✗ Job mixed") && text.contains("Failed indexes: 2,5,7"))
    driver.press("/")
    driver.type("nowhere to be found")
    driver.press("enter")
    #expect(driver.screen.contains("is nowhere in this text"))
  }

  @Test(arguments: [Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 200, rows: 50)])
  func allOfItCanBeReadWhateverTheSize(_ size: Size) {
    var driver = why("strict", size: size)
    for command in driver.takeCommands() {
      if case .openLog(let id, _) = command {
        driver.send(.log(id, .lines(Scenes.lines((0..<8).map { "line \($0)" }))))
      }
    }
    var seen = ""
    for _ in 0..<60 {
      seen += driver.screen
      driver.press("down")
    }
    for text in ["Job strict", "FailJob", "line 0", "line 7", "Node node-1"] { #expect(seen.contains(text), "\(text)") }
    #expect(page(driver)?.selectedStep?.title.hasPrefix("Node node-1") == true)
    for _ in 0..<60 { driver.press("up") }
    #expect(driver.screen.contains("Job strict") && page(driver)?.selectedStep?.title.hasPrefix("Job strict") == true)
    driver.press("pgdn pgdn pgdn pgdn pgdn pgdn")
    #expect(page(driver)?.selectedStep?.title.hasPrefix("Node node-1") == true)
    driver.press("pgup pgup pgup pgup pgup pgup")
    #expect(page(driver)?.selectedStep?.title.hasPrefix("Job strict") == true)
    driver.press("G")
    #expect(driver.screen.contains("Node node-1"))
  }

  @Test func aClickSelectsAStepAndADoubleClickOpensIt() {
    var driver = why("mixed")
    let row =
      driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { $0.contains("Node node-1") } ?? 0
    let point = Point(column: 5, row: row)
    driver.send(.terminal(.mouse(MouseEvent(kind: .press, button: .left, position: point))))
    #expect(page(driver)?.selectedStep?.title.hasPrefix("Node node-1") == true)
    driver.send(.terminal(.mouse(MouseEvent(kind: .doubleClick, button: .left, position: point))))
    #expect(driver.dashboard.table?.view == .nodes)
  }

  // MARK: The log

  @Test func theLastLinesAreOfTheRunThatEnded() {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    let job = fixture.job("again", .init(age: 100, active: 1))
    var pod = fixture.pod("aaaaa", of: job, .init(age: 100))
    var driver = Driver(fixture)
    driver.select("again")
    driver.press("w")
    guard case .openLog(let id, let request)? = driver.takeCommands().last else {
      Issue.record("no log")
      return
    }
    #expect(request.pod == "again-aaaaa" && request.container == "main" && !request.previous && !request.follow)
    driver.send(.log(id, .lines(Scenes.lines((0..<20).map { "line \($0)" }))))
    #expect(
      !driver.screen.contains("line 11") && driver.screen.contains("line 12") && driver.screen.contains("line 19"))
    // It is restarted: what counts is what the run before wrote.
    var ended = ContainerState.Terminated()
    ended.exitCode = 1
    ended.finishedAt = Fixture.now
    pod.status.containerStatuses[0].lastState.terminated = ended
    pod.status.containerStatuses[0].restartCount = 1
    driver.send(.changes([Change(verb: .modified, object: .pod(pod), version: 9)]))
    let commands = driver.takeCommands()
    #expect(commands.first == .closeLog(id))
    guard case .openLog(let next, let later)? = commands.last else {
      Issue.record("no log of the run before")
      return
    }
    #expect(later.previous)
    driver.press("esc")
    #expect(driver.takeCommands() == [.closeLog(next)])
  }

  // MARK: Time

  @Test func countdownsGoOn() {
    var driver = why("flaky")
    #expect(driver.screen.contains("The next restart is in 23s"))
    driver.pass(.seconds(5))
    #expect(driver.screen.contains("The next restart is in 18s"))
    driver.pass(.seconds(30))
    #expect(driver.screen.contains("The restart is due now"))
    driver = Driver()
    driver.select("import-users")
    driver.press("w")
    #expect(driver.screen.contains("The next pod is made in 11s"))
    driver.pass(.seconds(3))
    #expect(driver.screen.contains("The next pod is made in 8s"))
  }

  @Test func theCursorStaysOnItsStepWhileOthersComeAndGo() {
    var driver = why("slow")
    go(&driver, to: "Exit code 137")
    let deleted = Fixture.troubled.objects.first { $0.metadata.name == "node-3" }
    if let deleted { driver.send(.changes([Change(verb: .deleted, object: deleted, version: 99)])) }
    driver.pass(.seconds(1))
    #expect(driver.screen.contains("Node node-3 is gone"))
    #expect(page(driver)?.selectedStep?.title == "Exit code 137")
    guard let job = Fixture.troubled.objects.first(where: { $0.metadata.name == "slow" }) else { return }
    driver.send(.changes([Change(verb: .deleted, object: job, version: 100)]))
    #expect(driver.screen.contains("no longer there") && driver.screen.contains("Exit code 137"))
    driver.send(.snapshotReset)
    #expect(driver.screen.contains("Exit code 137"))
  }

  @Test func deadlinesAreToldBeforeTheyAreOver() {
    var fixture = Fixture()
    fixture.namespace("default")
    var job = fixture.job("timed", .init(age: 100, active: 1))
    job.spec.activeDeadlineSeconds = 160
    fixture.change(.job(job))
    var driver = Driver(fixture)
    driver.select("timed")
    driver.press("w")
    #expect(driver.screen.contains("Its deadline is in 60s"))
    driver.pass(.seconds(50))
    #expect(driver.screen.contains("! Its deadline is in 10s"))
  }

  // MARK: Causes

  @Test func causesAreRankedByHowManyPodsHaveThem() throws {
    let store = store(Fixture.troubled)
    let job = try #require(store.all(.job).first { $0.name == "mixed" } as? JobItem)
    #expect(
      Why.rankedTroubles(of: job, store).map(\.trouble) == [
        .exit(3, reason: ""), .exit(127, reason: ""), .exit(137, reason: "OOMKilled"),
      ])
    #expect(Why.rankedTroubles(of: job, store).map(\.count) == [4, 1, 1])
    #expect(Why.witness(of: job, in: store)?.name == "mixed-3-f3kk2")
  }

  @Test func aJobThatRunsIsToldOfByAPodThatRuns() throws {
    var fixture = Fixture()
    fixture.namespace("default")
    let job = fixture.job("half", .init(completions: 4, age: 100, succeeded: 2, active: 1))
    fixture.pod("aaaaa", of: job, .init(age: 90))
    fixture.pod("bbbbb", of: job, .init(phase: .succeeded, age: 100, finished: 5, exit: 0))
    fixture.pod("ccccc", of: job, .init(phase: .succeeded, age: 100, finished: 3, exit: 0))
    let store = store(fixture)
    #expect(Why.witness(of: try #require(store.job(job.metadata.uid)), in: store)?.name == "half-aaaaa")
  }

  @Test func aJobThatCannotMakePodsSaysWhy() {
    var fixture = Fixture()
    fixture.namespace("default")
    let job = fixture.job("classless", .init(age: 50))
    let message = "Error creating: pods \"classless-\" is forbidden: no PriorityClass with name gold was found"
    fixture.event(.job, job.metadata, "FailedCreate", message, ago: 40, warning: true, count: 4)
    var driver = Driver(fixture, size: Size(columns: 160, rows: 40))
    #expect(driver.screen.contains("Pending:FailedCreate"))
    driver.select("classless")
    driver.press("w")
    #expect(page(driver)?.steps.first?.title == "Job classless: Pending:FailedCreate")
    #expect(
      page(driver)?.steps.first?.evidence.first?.plain
        == "It cannot create pods: pods \"classless-\" is forbidden: no PriorityClass with name gold was found.")
    // Once one could be made, it is as it was.
    fixture.event(.job, job.metadata, "SuccessfulCreate", "Created pod: classless-aaaaa", ago: 1)
    driver = Driver(fixture, size: Size(columns: 160, rows: 40))
    #expect(!driver.screen.contains("FailedCreate"))
  }

  @Test func linesThatAreJSONAreLaidOutAndCut() {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    let job = fixture.job("logs", .init(age: 100, active: 1))
    fixture.pod("aaaaa", of: job, .init(age: 100))
    var driver = Driver(fixture)
    driver.select("logs")
    driver.press("w")
    guard case .openLog(let id, _)? = driver.takeCommands().last else {
      Issue.record("no log")
      return
    }
    let long = String(repeating: "word ", count: 2_000)
    let lines = [#"{"level":"warn","msg":"disk is nearly full","free":12}"#, #"{"msg":"\#(long)"}"#]
    driver.send(.log(id, .lines(Scenes.lines(lines))))
    #expect(driver.screen.contains("WARN  disk is nearly full free=12"))
    #expect(driver.screen.split(separator: "\n").count { $0.contains("word word") } <= 4)
    #expect(driver.screen.contains("…"))
  }

  @Test func whatARuleEndedTheJobForComesFirst() throws {
    var fixture = Fixture.troubled
    let found = fixture.objects.first { $0.metadata.name == "strict" }
    guard case .job(let strict)? = found else { return }
    for suffix in ["aaaaa", "bbbbb"] {
      fixture.pod(suffix, of: strict, .init(phase: .failed, age: 80, finished: 50, exit: 1))
    }
    let store = store(fixture)
    let job = try #require(store.job(strict.metadata.uid))
    #expect(Why.witness(of: job, in: store)?.name == "strict-9fgh2")
  }

  @Test func aPodThatWaitsIsToldOfNodeByNode() {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "2", memory: "8Gi")
    fixture.node("node-2", cpu: "4", memory: "1Gi")
    let store = store(fixture)
    func pod(_ cpu: String, _ memory: String, _ shape: (inout Pod) -> Void = { _ in }) -> PodItem {
      var pod = Pod()
      var container = Container()
      var requests = ResourceList()
      requests["cpu"] = Quantity(cpu)
      requests["memory"] = Quantity(memory)
      container.resources.requests = requests
      pod.spec.containers = [container]
      shape(&pod)
      return PodItem(pod)
    }
    func objections(_ name: String, _ pod: PodItem) -> [String]? {
      store.node(named: name).map { Why.objections(of: $0, to: pod, store).map(\.text) }
    }
    #expect(objections("node-1", pod("1", "1Gi")) == [])
    #expect(objections("node-1", pod("3", "1Gi")) == ["has 2 cpu free of 2"])
    #expect(objections("node-2", pod("3", "2Gi")) == ["has 1Gi memory free of 1Gi"])
    let picky = pod("1", "1Gi") { $0.spec.nodeSelector = ["disk": "ssd"] }
    #expect(objections("node-1", picky) == ["lacks the label disk=ssd"])
  }

  // MARK: Everything that the scheduler asks for

  /// A cluster of one node, and a pod of the job `asks` that waits for it.
  private func waiting(
    _ message: String, node shapeNode: (inout Node) -> Void = { _ in }, pod shape: (inout Pod) -> Void = { _ in }
  ) -> Fixture {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    if case .node(var node)? = fixture.objects.last {
      shapeNode(&node)
      fixture.change(.node(node))
    }
    let job = fixture.job("asks", .init(age: 50, active: 1))
    var pod = fixture.pod("aaaaa", of: job, .init(phase: .pending, age: 50, unschedulable: message))
    shape(&pod)
    fixture.change(.pod(pod))
    return fixture
  }

  /// The steps below `Node by node`, and that one.
  private func nodeSteps(_ fixture: Fixture) -> [String] {
    var driver = Driver(fixture, size: Size(columns: 200, rows: 50))
    driver.select("asks")
    driver.press("w")
    return titles(driver).drop { !$0.hasPrefix("Node by node") }.map { $0 }
  }

  private func ask(_ pod: inout Pod, _ name: String, _ amount: String) {
    pod.spec.common.containers[0].resources.requests?[name] = Quantity(amount)
  }

  @Test func everyResourceIsCompared() {
    let gpu = "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."
    #expect(
      nodeSteps(waiting(gpu, pod: { ask(&$0, "nvidia.com/gpu", "1") })).prefix(2) == [
        "Node by node: it needs 500m cpu, 256Mi memory, 1 nvidia.com/gpu", "node-1 has no nvidia.com/gpu",
      ])
    var fixture = waiting(gpu, node: { $0.status.allocatable["nvidia.com/gpu"] = Quantity("2") }) {
      ask(&$0, "nvidia.com/gpu", "2")
    }
    let holder = fixture.job("trains", .init(age: 90, active: 1))
    var pod = fixture.pod("bbbbb", of: holder, .init(age: 90))
    ask(&pod, "nvidia.com/gpu", "1")
    fixture.change(.pod(pod))
    let steps = nodeSteps(fixture)
    #expect(steps.contains("node-1 has 1 nvidia.com/gpu free of 2"))
    #expect(steps.last == "trains holds 1 nvidia.com/gpu in 1 pod")
    let disk = waiting(
      "0/1 nodes are available: 1 Insufficient ephemeral-storage.",
      node: { $0.status.allocatable["ephemeral-storage"] = Quantity("1Gi") }
    ) { ask(&$0, "ephemeral-storage", "2Gi") }
    #expect(nodeSteps(disk).last == "node-1 has 1Gi ephemeral-storage free of 1Gi")
  }

  @Test func sidecarsCountWithTheContainersAndInitContainersAgainstThem() {
    func request(_ inits: [(cpu: String, isSidecar: Bool)]) -> Int {
      var pod = Pod()
      func container(_ cpu: String) -> Container {
        var container = Container()
        var requests = ResourceList()
        requests["cpu"] = Quantity(cpu)
        container.resources.requests = requests
        return container
      }
      pod.spec.containers = [container("1"), container("1")]
      pod.spec.initContainers = inits.map {
        var made = container($0.cpu)
        made.restartPolicy = $0.isSidecar ? "Always" : nil
        return made
      }
      return PodItem(pod).cpuRequest
    }
    #expect(request([]) == 2_000)
    #expect(request([("500m", true)]) == 2_500)
    #expect(request([("3", false)]) == 3_000)
    #expect(request([("500m", true), ("3", false)]) == 3_500)
    #expect(request([("3", false), ("500m", true)]) == 3_000)
  }

  @Test func aHostPortNamesWhoHasIt() {
    let ports: JSONValue = [["containerPort": 80, "hostPort": 8080]]
    let message = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
    var fixture = waiting(message, pod: { $0.spec.common.containers[0].ports = ports })
    let holder = fixture.job("serves", .init(age: 90, active: 1))
    var pod = fixture.pod("bbbbb", of: holder, .init(age: 90))
    pod.spec.common.containers[0].ports = ports
    fixture.change(.pod(pod))
    let steps = nodeSteps(fixture)
    #expect(steps.first == "Node by node: it needs 500m cpu, 256Mi memory, host port 8080")
    #expect(steps.contains("node-1 has given host port 8080 to serves-bbbbb"))
  }

  @Test func affinityToNodesNamesTheExpressionAndTheLabel() {
    let message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    func steps(_ terms: JSONValue, _ labels: StringMap) -> String? {
      let fixture = waiting(message, node: { $0.metadata.labels = labels }) {
        $0.spec.common.affinity = [
          "nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": terms]]
        ]
      }
      return nodeSteps(fixture).last
    }
    let zone: JSONValue = ["key": "zone", "operator": "In", "values": ["a", "b"]]
    let disk: JSONValue = ["key": "disk", "operator": "Exists"]
    #expect(steps([["matchExpressions": [zone]]], ["zone": "c"]) == "node-1 has zone=c, the pod wants zone In (a, b)")
    #expect(steps([["matchExpressions": [zone]]], [:]) == "node-1 has no label zone, the pod wants zone In (a, b)")
    #expect(
      steps([["matchExpressions": [zone]], ["matchExpressions": [disk]]], ["zone": "c"])
        == "node-1 has zone=c and no label disk, the pod wants zone In (a, b) or disk Exists")
    #expect(
      steps([["matchExpressions": [["key": "age", "operator": "Gt", "values": ["5"]]]]], ["age": "4"])
        == "node-1 has age=4, the pod wants age Gt (5)")
    #expect(
      steps([["matchExpressions": [zone]], ["matchExpressions": [disk]]], ["disk": "ssd"])?.contains("wants") == false)
  }

  @Test func taintsOfTheControlPlaneAreTold() {
    func taint(_ key: String, _ effect: String) -> Taint { Taint(key: key, effect: effect) }
    func tolerate(_ pod: inout Pod, _ key: String) {
      var toleration = Toleration()
      toleration.key = key
      toleration.operator = "Exists"
      pod.spec.common.tolerations = [toleration]
    }
    let message = "0/1 nodes are available: 1 node(s) had untolerated taint(s)."
    let pressure = "node.kubernetes.io/disk-pressure"
    #expect(
      nodeSteps(waiting(message, node: { $0.spec.taints = [taint(pressure, "NoSchedule")] })).last
        == "node-1 has the taint \(pressure) (NoSchedule)")
    let unready: (inout Node) -> Void = {
      $0.status.conditions = [Condition("Ready", false, reason: "KubeletNotReady", message: "", at: Fixture.now)]
      $0.spec.taints = [taint("node.kubernetes.io/not-ready", "NoSchedule")]
    }
    #expect(nodeSteps(waiting(message, node: unready)).last == "node-1 is not ready")
    let tolerant = waiting("0/1 nodes are available: 1 Too many pods.", node: unready) {
      tolerate(&$0, "node.kubernetes.io/not-ready")
    }
    #expect(nodeSteps(tolerant).last?.contains("not ready") == false)
  }

  @Test func whatTheSchedulerRefusesIsNeverSaidToBeNext() {
    let spread = waiting(
      "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints. preemption: 0/1 nodes are "
        + "available: 1 Preemption is not helpful for scheduling.")
    #expect(
      nodeSteps(spread).last
        == "node-1 has room, but the scheduler does not take it there: "
        + "“1 node(s) didn't match pod topology spread constraints”")
    let untried = waiting("", pod: { $0.status.conditions[0].reason = "SchedulerError" })
    #expect(nodeSteps(untried).last == "node-1 has room: it may be tried next")
  }

  @Test func aFullQueueNamesWhoIsAheadAndWhoHoldsTheRoom() {
    let driver = why("waiting")
    let steps = page(driver)?.steps ?? []
    let queue = steps.first { $0.title.hasPrefix("Other pods hold what it needs") }
    #expect(queue?.title == "Other pods hold what it needs, on 1 node that it could go to")
    #expect(
      queue?.evidence.map(\.plain).contains("2 pods wait before it by priority and age, 0 beside or behind it.") == true
    )
    #expect(titles(driver).contains("Node by node: it needs 500m cpu, 256Mi memory"))
    #expect(
      titles(driver).suffix(2) == [
        "batch holds 1.5 cpu, 768Mi memory in 3 pods", "flaky holds 500m cpu, 256Mi memory in 1 pod",
      ])
  }

  @Test func gatesAndManagersAndDisruptionsAreNamed() {
    var fixture = Fixture.troubled
    var gated = fixture.job("gated", .init(age: 10, active: 1))
    var gate = SchedulingGate()
    gate.name = "example.com/quota"
    gated.spec.template.spec.schedulingGates = [gate]
    fixture.pod("aaaaa", of: gated, .init(phase: .pending, age: 10, unschedulable: "Scheduling is blocked"))
    var managed = fixture.job("managed", .init(age: 10))
    managed.spec.managedBy = "example.com/queue"
    fixture.change(.job(managed))
    var driver = Driver(fixture)
    driver.select("gated")
    driver.press("w")
    #expect(driver.screen.contains("Pending:SchedulingGated"))
    #expect(driver.screen.contains("1 scheduling gate holds it back"))
    #expect(driver.screen.contains("example.com/quota has to be removed"))
    #expect(!driver.screen.contains("Node by node"))
    driver.press("esc")
    driver.select("managed")
    driver.press("w")
    #expect(driver.screen.contains("It is managed by example.com/queue"))
    driver = why("batch-0vn7x", in: "pods")
    go(&driver, to: "PreemptionByScheduler")
    #expect(driver.screen.contains("It made room for batch-1bb2c: priority 1000 against 0."))
    driver.press("enter")
    #expect(driver.selectedName == "batch-1bb2c")
  }

  @Test func podsThatAreGoneStillTellHowTheyEnded() {
    var fixture = Fixture()
    fixture.namespace("default")
    var job = fixture.job(
      "slow", .init(age: 60, failed: 1, verdict: ("Failed", "DeadlineExceeded", "too long", 5)))
    job.spec.activeDeadlineSeconds = 50
    fixture.change(.job(job))
    var pod = fixture.pod("aaaaa", of: job, .init(age: 60))
    var driver = Driver(fixture)
    // The watch tells of its end and of its deletion at once.
    pod.status.phase = .failed
    var ended = ContainerState.Terminated()
    ended.exitCode = 137
    ended.signal = 9
    ended.finishedAt = Fixture.now
    pod.status.containerStatuses[0].state = ContainerState()
    pod.status.containerStatuses[0].state.terminated = ended
    driver.send(.changes([Change(verb: .deleted, object: .pod(pod), version: 9)]))
    driver.select("slow")
    driver.press("w")
    #expect(driver.screen.contains("Its pods are gone; the last one ended with exit code 137"))
    #expect(driver.screen.contains("SIGKILL: it was killed, because the job ran out of time"))
    #expect(driver.screen.contains("It was slow-aaaaa"))
    // One that was ended for another may end well, and the job is short of it all the same.
    var next = fixture.pod("bbbbb", of: job, .init(phase: .succeeded, age: 10, finished: 0, exit: 0))
    next.status.conditions.append(Condition("DisruptionTarget", true, reason: "PreemptionByScheduler", at: Fixture.now))
    driver.send(.changes([.added, .deleted].map { Change(verb: $0, object: .pod(next), version: 10) }))
    #expect(driver.screen.contains("PreemptionByScheduler: a pod of higher priority needed its place."))
  }

  @Test func exitCodesAreExplained() {
    func meaning(_ code: Int, signal: Int = 0, reason: String = "") -> String {
      var ended = ContainerState.Terminated()
      ended.exitCode = code
      ended.signal = signal
      ended.reason = reason
      return ExitCode.meaning(ended) ?? ""
    }
    #expect(meaning(1).contains("general error"))
    #expect(meaning(2).contains("wrong usage"))
    #expect(meaning(126).contains("could not be executed"))
    #expect(meaning(127).contains("not found"))
    #expect(meaning(137, reason: "OOMKilled").contains("more memory"))
    #expect(meaning(137).contains("SIGKILL"))
    #expect(meaning(134).contains("SIGABRT") && meaning(139).contains("SIGSEGV") && meaning(143).contains("SIGTERM"))
    #expect(meaning(0, signal: 15).contains("SIGTERM"))
    #expect(meaning(128 + 35) == "it was ended by signal 35")
    #expect(meaning(42).contains("own code"))
  }

  @Test func nodesSayWhatKeepsPodsAway() {
    var driver = Driver()
    driver.press(": n o d e s enter")
    var node = Node()
    node.metadata.name = "bad"
    node.metadata.uid = "bad"
    node.spec.unschedulable = true
    node.status.conditions = [
      Condition("Ready", false, reason: "KubeletNotReady", message: "it went down", at: Fixture.now)
    ]
    driver.send(.changes([Change(verb: .added, object: .node(node), version: 99)]))
    driver.select("bad")
    driver.press("w")
    #expect(driver.screen.contains("Ready is False: KubeletNotReady"))
    #expect(driver.screen.contains("it went down"))
    #expect(driver.screen.contains("cordoned"))
  }

  @Test func cronJobsSayWhatTheyWaitForAndHowTheLastRunEnded() {
    var driver = Driver()
    driver.press(": c r o n j o b s enter")
    for name in driver.rows {
      driver.select(name)
      driver.press("w")
      #expect(driver.screen.contains("Cron job \(name)"))
      #expect(["next run is in", "until it is resumed"].contains { driver.screen.contains($0) })
      driver.press("esc")
    }
    driver = why("report", in: "cronjobs")
    #expect(driver.screen.contains("exit code 126") && driver.screen.contains("A run usually takes about 4m40s"))
  }

  @Test func aNodeThatFailedIsNamedWithThePodsOnIt() {
    var driver = why("batch")
    #expect(!titles(driver).contains { $0.contains("not ready") })
    let object = Fixture.troubled.objects.first { $0.metadata.name == "node-1" }
    guard case .node(var node)? = object else { return }
    node.status.conditions = [Condition("Ready", false, reason: "NodeStatusUnknown", message: "", at: Fixture.now)]
    driver.send(.changes([Change(verb: .modified, object: .node(node), version: 99)]))
    driver.pass(.seconds(1))
    go(&driver, to: "Node node-1 is not ready, with 3 pods of it")
    driver.press("enter")
    #expect(driver.selectedName == "node-1")
  }

  @Test func messagesOfSeveralLinesStayThat() {
    var fixture = Fixture()
    fixture.namespace("default")
    let job = fixture.job("chatty", .init(age: 100, active: 1))
    var pod = fixture.pod("aaaaa", of: job, .init(phase: .failed, age: 100, finished: 1, exit: 1))
    pod.status.containerStatuses[0].state.terminated?.message = "first line\r\nsecond line\n\nthird line"
    fixture.change(.pod(pod))
    var driver = Driver(fixture)
    driver.select("chatty")
    driver.press("w")
    for line in ["│ first line", "│ second line", "│ third line"] { #expect(driver.screen.contains(line)) }
  }

  /// What is counted pod by pod is what a look at all of them gives.
  @Test func whatIsCountedAlongTheWayIsRight() {
    var random = SplitMix(seed: 5)
    var store = Store()
    let fixture = Fixture.troubled
    for change in fixture.changes { _ = store.apply(change) }
    let pods = fixture.objects.compactMap { if case .pod(let pod) = $0 { pod } else { nil } }
    for step in 0..<2_000 {
      var pod = pods[Int(random.next() % UInt64(pods.count))]
      switch random.next() % 5 {
      case 0: pod.status.phase = .succeeded
      case 1: pod.status.phase = .running
      case 2: pod.spec.nodeName = ""
      case 3: pod.spec.common.priority = Int(random.next() % 3)
      default: break
      }
      let isGone = random.next() % 4 == 0
      _ = store.apply(Change(verb: isGone ? .deleted : .modified, object: .pod(pod), version: UInt64(step)))
    }
    let items = store.all(.pod).compactMap { $0 as? PodItem }
    for case let job as JobItem in store.all(.job) {
      let own = items.filter { $0.owner == job.uid }
      var counts: [Trouble: Int] = [:]
      for trouble in own.compactMap(\.trouble) { counts[trouble, default: 0] += 1 }
      #expect(store.pods(ofJob: job.uid).troubles.mapValues(\.count) == counts)
      for trouble in counts.keys { #expect(store.latestPod(ofJob: job.uid, trouble)?.trouble == trouble) }
      let cpu = own.filter { $0.isActive && !$0.pod.spec.nodeName.isEmpty }.reduce(0) { $0 + $1.cpuRequest }
      let held = store.capacity.largest(.max, by: \.cpu).first { $0.job == job.uid }?.holding.cpu ?? 0
      #expect(held == cpu)
    }
    let waiting = items.filter { $0.isActive && $0.pod.spec.nodeName.isEmpty && !$0.isGated }
    #expect(store.capacity.waitingCount == waiting.count)
    for pod in waiting {
      let ahead = waiting.count {
        $0.priority != pod.priority
          ? $0.priority > pod.priority : $0.created?.seconds ?? 0 < pod.created?.seconds ?? 0
      }
      #expect(store.capacity.ahead(of: pod) == ahead)
    }
  }

  @Test func theLargestNumbersAreTold() {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "1", memory: "1Gi")
    var job = fixture.job(
      "endless",
      .init(completions: Int(Int32.max), parallelism: Int(Int32.max), age: 10, succeeded: 1, failed: 1, active: 2))
    job.spec.activeDeadlineSeconds = .max
    job.spec.backoffLimit = Int(Int32.max)
    fixture.change(.job(job))
    var pod = fixture.pod(
      "aaaaa", of: job, .init(age: 10, restarts: Int(Int32.max), waiting: ("CrashLoopBackOff", "back-off 99999999h")))
    pod.spec.common.activeDeadlineSeconds = .max
    pod.metadata.deletionTimestamp = Fixture.now
    pod.metadata.deletionGracePeriodSeconds = .max
    pod.status.conditions.append(Condition("DisruptionTarget", true, reason: "Anything", at: Fixture.now))
    var ended = ContainerState.Terminated()
    ended.exitCode = Int(Int32.min)
    ended.finishedAt = Fixture.now
    pod.status.containerStatuses[0].lastState.terminated = ended
    fixture.change(.pod(pod))
    fixture.pod("bbbbb", of: job, .init(phase: .succeeded, age: 9, finished: 1, exit: 0))
    var finished = fixture.job("kept", .init(age: 10, succeeded: 1, verdict: ("Complete", "CompletionsReached", "", 1)))
    finished.spec.ttlSecondsAfterFinished = .max
    fixture.change(.job(finished))
    var driver = Driver(fixture, size: Size(columns: 200, rows: 50))
    for name in ["endless", "kept"] {
      driver.select(name)
      driver.press("w")
      #expect(driver.screen.contains("Job \(name)"))
      driver.press("esc")
    }
  }

  @Test func anythingCanBeAskedWhy() {
    for view in ["jobs", "pods", "nodes", "events", "namespaces", "cronjobs"] {
      var driver = Driver(.troubled)
      driver.press(":")
      driver.type(view)
      driver.press("enter")
      for index in driver.rows.indices {
        driver.dashboard.withTable { $0.select(index) }
        driver.press("w")
        #expect(!titles(driver).isEmpty && page(driver)?.selectedStep?.way != nil, "\(view) \(index)")
        driver.press("enter esc esc")
        if driver.dashboard.table == nil { driver.press("esc") }
      }
    }
  }

  private func store(_ fixture: Fixture) -> Store {
    var store = Store()
    for change in fixture.changes { _ = store.apply(change) }
    return store
  }
}
