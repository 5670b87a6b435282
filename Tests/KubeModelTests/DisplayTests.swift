import KubeModel
import Testing

struct DisplayTests {
  static func pod(_ yaml: String) throws -> Pod {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: ns}\n" + yaml
    guard case .pod(let pod)? = try objects(text).first else { throw StatusError.badRequest("no pod") }
    return pod
  }

  @Test(arguments: [
    (
      "status: {phase: Running, containerStatuses: [{name: a, image: i, imageID: '', lastState: {}, ready: true, restartCount: 0, state: {running: {}}}]}",
      "Running"
    ),
    (
      "status: {phase: Succeeded, containerStatuses: [{name: a, image: i, imageID: '', lastState: {}, ready: false, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed}}}]}",
      "Completed"
    ),
    (
      "status: {phase: Failed, containerStatuses: [{name: a, image: i, imageID: '', lastState: {}, ready: false, restartCount: 0, state: {terminated: {exitCode: 1, reason: Error}}}]}",
      "Error"
    ),
    (
      "status: {phase: Failed, containerStatuses: [{name: a, image: i, imageID: '', lastState: {}, ready: false, restartCount: 0, state: {terminated: {exitCode: 143, signal: 15}}}]}",
      "Signal:15"
    ),
    ("status: {phase: Failed, reason: Evicted}", "Evicted"), ("status: {phase: Pending}", "Pending"),
    (
      "status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]}",
      "SchedulingGated"
    ),
    (
      "spec: {containers: [], initContainers: [{name: x}, {name: y}]}\nstatus: {phase: Pending, initContainerStatuses: [{name: x, image: i, imageID: '', lastState: {}, ready: true, restartCount: 0, state: {terminated: {exitCode: 0}}}, {name: y, image: i, imageID: '', lastState: {}, ready: false, restartCount: 0, state: {running: {}}}]}",
      "Init:1/2"
    ),
    (
      "status: {phase: Running, containerStatuses: [{name: a, image: i, imageID: '', lastState: {}, ready: false, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}}]}",
      "CrashLoopBackOff"
    ),
  ]) func podStatus(_ yaml: String, _ expected: String) throws {
    #expect(PodDisplay.status(try Self.pod(yaml)) == expected)
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
