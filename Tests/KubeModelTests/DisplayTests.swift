import KubeModel
import Testing

struct DisplayTests {
  static func pod(_ yaml: String) throws -> Pod {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: ns}\n" + yaml
    guard case .pod(let pod)? = try objects(text).first else { throw StatusError.badRequest("no pod") }
    return pod
  }

  /// The status of one container, as YAML.
  static func container(_ name: String, _ state: String, ready: Bool = false) -> String {
    "{name: \(name), image: i, imageID: '', lastState: {}, ready: \(ready), restartCount: 0, state: {\(state)}}"
  }

  @Test(arguments: [
    ("phase: Running, containerStatuses: [\(container("a", "running: {}", ready: true))]", "Running"),
    (
      "phase: Succeeded, containerStatuses: [\(container("a", "terminated: {exitCode: 0, reason: Completed}"))]",
      "Completed"
    ),
    ("phase: Failed, containerStatuses: [\(container("a", "terminated: {exitCode: 1, reason: Error}"))]", "Error"),
    ("phase: Failed, containerStatuses: [\(container("a", "terminated: {exitCode: 143, signal: 15}"))]", "Signal:15"),
    ("phase: Failed, containerStatuses: [\(container("a", "terminated: {exitCode: 3}"))]", "ExitCode:3"),
    ("phase: Failed, reason: Evicted", "Evicted"),
    ("phase: Pending", "Pending"),
    (
      "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]",
      "SchedulingGated"
    ),
    (
      "phase: Pending, initContainerStatuses: [\(container("x", "terminated: {exitCode: 0}")), "
        + "\(container("z", "running: {}"))]", "Init:1/2"
    ),
    (
      "phase: Pending, initContainerStatuses: [\(container("x", "terminated: {exitCode: 2, reason: Error}"))]",
      "Init:Error"
    ),
    (
      "phase: Running, containerStatuses: [\(container("a", "waiting: {reason: CrashLoopBackOff}"))]",
      "CrashLoopBackOff"
    ),
  ]) func podStatus(_ status: String, _ expected: String) throws {
    let spec = "spec: {containers: [], initContainers: [{name: x}, {name: z}]}\n"
    #expect(PodDisplay.status(try Self.pod(spec + "status: {\(status)}")) == expected)
  }

  @Test func podTerminates() throws {
    var pod = try Self.pod("status: {phase: Running}")
    pod.metadata.deletionTimestamp = Instant(seconds: 5)
    #expect(PodDisplay.status(pod) == "Terminating")
    pod.status.reason = "NodeLost"
    #expect(PodDisplay.status(pod) == "Unknown")
  }

  @Test func jobColumns() {
    var job = Job()
    #expect(JobDisplay(job).status == "Running")
    #expect(JobDisplay(job).completions == "0/1")
    job.spec.parallelism = 3
    #expect(JobDisplay(job).completions == "0/1 of 3")
    job.spec.completions = 4
    job.status.succeeded = 2
    #expect(JobDisplay(job).completions == "2/4")
    job.status.startTime = Instant(seconds: 10)
    #expect(JobDisplay.duration(job, now: Instant(seconds: 15)) == .seconds(5))
    job.status.conditions = [Condition("Failed", true, at: Instant(seconds: 12))]
    #expect(JobDisplay(job).status == "Failed")
    #expect(JobDisplay.duration(job, now: Instant(seconds: 99)) == .seconds(2))
  }

  @Test func requestsAndQuality() throws {
    var pod = try Self.pod(
      """
      spec:
        initContainers:
        - {name: side, image: i, restartPolicy: Always, resources: {requests: {cpu: 100m}}}
        - {name: setup, image: i, resources: {requests: {cpu: "2", memory: 1Gi}}}
        containers:
        - {name: a, image: i, resources: {limits: {cpu: 500m, memory: 64Mi}}}
        - {name: b, image: i, resources: {requests: {cpu: "1", "example.com/gpu": "2"}}}
        overhead: {cpu: 10m}
      """)
    pod.applyDefaults()
    let requests = pod.spec.effectiveRequests()
    #expect(requests.milliCPU == 2110)
    #expect(requests.memory == 1 << 30)
    #expect(requests.other["example.com/gpu"]?.value == 2)
    #expect(pod.spec.containers[0].resources.requests?["memory"]?.text == "64Mi")
    #expect(pod.status.qosClass == "Burstable")
    #expect(qosClass(of: PodSpec()) == "BestEffort")
  }

  @Test func podsShareTheirTemplate() throws {
    var first = try Self.pod("spec: {containers: [{name: a, image: i, resources: {limits: {cpu: 1}}}]}")
    first.applyDefaults()
    try first.admit { _ in nil }
    var second = Pod()
    second.spec = first.spec
    second.applyDefaults()
    try second.admit { _ in nil }
    #expect(second.spec.common.isIdentical(to: first.spec.common))
  }

  @Test func admission() throws {
    var pod = Pod()
    pod.spec.priorityClassName = "high"
    var high = PriorityClass()
    high.metadata.name = "high"
    high.value = 7
    try pod.admit { $0 == "high" ? high : nil }
    #expect(pod.spec.priority == 7)
    #expect(pod.spec.tolerations.map(\.tolerationSeconds) == [300, 300])
    pod.spec.priorityClassName = "none"
    #expect { try pod.admit { _ in nil } } throws: {
      ($0 as? StatusError)?.message == "pods \"\" is forbidden: no PriorityClass with name none was found"
    }
  }

  @Test func descriptionsNeverSteerTheTerminal() {
    var job = Job()
    job.metadata = ObjectMeta(name: "a\u{1B}]0;x\u{7}", namespace: "n")
    job.metadata.annotations = ["k": "v\u{9B}2J\nline\u{202E}"]
    var container = Container()
    container.name = "c\u{8}"
    container.command = ["a\u{1B}[2J\tb"]
    job.spec.template.spec.containers = [container]
    var event = Event()
    event.message = "m\u{1B}c\nn"
    let text = Describe.job(job, events: [event], now: Instant(seconds: 0), details: true)
    #expect(
      !text.unicodeScalars.contains {
        $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value) || $0 == "\u{202E}"
      })
  }
}
