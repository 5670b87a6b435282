import Cluster
import KubeModel

/// A cluster with a bit of everything, at a fixed time.
struct Fixture {
  static let now = Instant(rfc3339: "2026-11-23T14:03:07Z") ?? Instant(seconds: 0)

  private(set) var objects: [KubeObject] = []
  private var usage = ClusterUsage()
  private var serial = 0

  private mutating func uid(_ name: String) -> String {
    serial += 1
    let digits = String(serial, radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  private func ago(_ seconds: Int64) -> Instant { Fixture.now - .seconds(seconds) }

  // MARK: Objects

  @discardableResult
  mutating func namespace(_ name: String) -> Namespace {
    var namespace = Namespace()
    namespace.metadata = ObjectMeta(name: name)
    namespace.metadata.uid = uid(name)
    namespace.metadata.creationTimestamp = ago(90_000)
    namespace.status.phase = "Active"
    objects.append(.namespace(namespace))
    return namespace
  }

  mutating func node(_ name: String, cpu: String, memory: String, ready: Bool = true, cordoned: Bool = false) {
    var node = Node()
    node.metadata = ObjectMeta(name: name)
    node.metadata.uid = uid(name)
    node.metadata.creationTimestamp = ago(90_000)
    node.metadata.labels = ["kubernetes.io/hostname": name]
    node.spec.unschedulable = cordoned
    node.status.allocatable["cpu"] = Quantity(cpu)
    node.status.allocatable["memory"] = Quantity(memory)
    node.status.allocatable["pods"] = Quantity("110")
    node.status.capacity = node.status.allocatable
    node.status.conditions = [
      Condition(
        "Ready", ready, reason: ready ? "KubeletReady" : "NodeStatusUnknown",
        message: ready ? "kubelet is posting ready status" : "Kubelet stopped posting node status.", at: ago(4_000))
    ]
    usage.nodes[name] = ready ? .init(milliCPU: 1_300 + serial * 50, memory: (600 + serial * 40) << 20) : nil
    objects.append(.node(node))
  }

  struct JobShape {
    var namespace = "default"
    var completions: Int? = 1
    var parallelism = 1
    var mode = CompletionMode.nonIndexed
    var backoffLimit: Int? = 6
    var suspended = false
    var age: Int64 = 60
    var succeeded = 0
    var failed = 0
    var active = 0
    /// `Complete` or `Failed`, the reason, the message and how long ago.
    var verdict: (type: String, reason: String, message: String, ago: Int64)?
    var owner: (kind: String, name: String, uid: String)?
  }

  mutating func job(_ name: String, _ shape: JobShape) -> Job {
    var job = Job()
    job.metadata = ObjectMeta(name: name, namespace: shape.namespace)
    job.metadata.uid = uid(name)
    job.metadata.creationTimestamp = ago(shape.age)
    job.metadata.labels = ["app": name.split(separator: "-").first.map(String.init) ?? name]
    if let owner = shape.owner {
      var reference = OwnerReference()
      reference.apiVersion = "batch/v1"
      reference.kind = owner.kind
      reference.name = owner.name
      reference.uid = owner.uid
      reference.controller = true
      job.metadata.ownerReferences = [reference]
    }
    job.spec.completions = shape.completions
    job.spec.parallelism = shape.parallelism
    job.spec.completionMode = shape.mode
    job.spec.backoffLimit = shape.backoffLimit
    job.spec.suspend = shape.suspended
    job.spec.template = template(task: job.metadata.labels["app"] ?? "")
    job.status.succeeded = shape.succeeded
    job.status.failed = shape.failed
    job.status.active = shape.active
    if !shape.suspended { job.status.startTime = ago(shape.age) }
    if shape.suspended {
      job.status.conditions.append(
        Condition("Suspended", true, reason: "JobSuspended", message: "Job suspended", at: ago(shape.age)))
    }
    if let verdict = shape.verdict {
      let interim = verdict.type == "Complete" ? "SuccessCriteriaMet" : "FailureTarget"
      for type in [interim, verdict.type] {
        job.status.conditions.append(
          Condition(type, true, reason: verdict.reason, message: verdict.message, at: ago(verdict.ago)))
      }
      if verdict.type == "Complete" { job.status.completionTime = ago(verdict.ago) }
    }
    objects.append(.job(job))
    return job
  }

  private func template(task: String) -> PodTemplateSpec {
    var template = PodTemplateSpec()
    var container = Container()
    container.name = "main"
    container.image = "local"
    container.command = ["sh", "-c", "./run.sh --all && echo done"]
    container.env = [EnvVar(name: "TASK", value: task)]
    var requests = ResourceList()
    requests["cpu"] = Quantity("500m")
    requests["memory"] = Quantity("256Mi")
    container.resources.requests = requests
    template.spec.containers = [container]
    template.spec.restartPolicy = .never
    return template
  }

  struct PodShape {
    var phase = PodPhase.running
    var node = "node-1"
    var age: Int64 = 60
    /// Seconds ago.
    var finished: Int64?
    var exit: Int?
    var signal = 0
    var reason = ""
    var index: Int?
    var restarts = 0
    var unschedulable: String?
    var waiting: (reason: String, message: String)?
  }

  @discardableResult
  mutating func pod(_ suffix: String, of job: Job, _ shape: PodShape) -> Pod {
    var pod = Pod()
    let name = job.metadata.name + (shape.index.map { "-\($0)" } ?? "") + "-" + suffix
    pod.metadata = ObjectMeta(name: name, namespace: job.metadata.namespace)
    pod.metadata.uid = uid(name)
    pod.metadata.creationTimestamp = ago(shape.age)
    pod.metadata.labels = ["batch.kubernetes.io/job-name": job.metadata.name]
    if let index = shape.index {
      pod.metadata.annotations["batch.kubernetes.io/job-completion-index"] = "\(index)"
    }
    var owner = OwnerReference()
    owner.apiVersion = "batch/v1"
    owner.kind = "Job"
    owner.name = job.metadata.name
    owner.uid = job.metadata.uid
    owner.controller = true
    pod.metadata.ownerReferences = [owner]
    pod.spec = job.spec.template.spec
    pod.status.phase = shape.phase
    if let message = shape.unschedulable {
      pod.status.conditions = [
        Condition("PodScheduled", false, reason: "Unschedulable", message: message, at: ago(shape.age))
      ]
      objects.append(.pod(pod))
      return pod
    }
    pod.spec.nodeName = shape.node
    pod.status.startTime = ago(shape.age)
    pod.status.conditions = [
      Condition("PodScheduled", true, at: ago(shape.age)),
      Condition("Ready", shape.phase == .running && shape.waiting == nil, at: ago(shape.finished ?? shape.age)),
    ]
    var status = ContainerStatus()
    status.name = "main"
    status.image = "local"
    status.restartCount = shape.restarts
    if let waiting = shape.waiting {
      var state = ContainerState.Waiting()
      state.reason = waiting.reason
      state.message = waiting.message
      status.state.waiting = state
    } else if let exit = shape.exit {
      var ended = ContainerState.Terminated()
      ended.exitCode = exit
      ended.signal = shape.signal
      ended.reason = shape.reason.isEmpty ? (exit == 0 ? "Completed" : "Error") : shape.reason
      ended.startedAt = ago(shape.age)
      ended.finishedAt = ago(shape.finished ?? 0)
      status.state.terminated = ended
    } else {
      var running = ContainerState.Running()
      running.startedAt = ago(shape.age)
      status.state.running = running
      status.ready = true
      usage.pods[pod.metadata.uid] = .init(milliCPU: 120 + serial * 37 % 700, memory: (20 + serial * 13 % 300) << 20)
    }
    pod.status.containerStatuses = [status]
    objects.append(.pod(pod))
    return pod
  }

  /// Puts an object in the place of its earlier version.
  mutating func change(_ object: KubeObject) {
    guard let index = objects.firstIndex(where: { $0.key == object.key }) else { return }
    objects[index] = object
  }

  mutating func event(
    _ kind: Kind, _ metadata: ObjectMeta, _ reason: String, _ message: String, ago seconds: Int64,
    warning: Bool = false, count: Int = 1
  ) {
    var event = Event()
    event.metadata = ObjectMeta(name: "\(metadata.name).\(serial)", namespace: metadata.namespace)
    event.metadata.uid = uid(reason)
    event.metadata.creationTimestamp = ago(seconds)
    event.involvedObject.kind = kind.rawValue
    event.involvedObject.name = metadata.name
    event.involvedObject.namespace = metadata.namespace
    event.involvedObject.uid = metadata.uid
    event.reason = reason
    event.message = message
    event.type = warning ? "Warning" : "Normal"
    event.count = count
    event.firstTimestamp = ago(seconds)
    event.lastTimestamp = ago(seconds)
    event.source.component = kind == .job ? "job-controller" : "default-scheduler"
    objects.append(.event(event))
  }

  @discardableResult
  mutating func cronJob(_ name: String, _ schedule: String, suspended: Bool = false, last: Int64?) -> CronJob {
    var cronJob = CronJob()
    cronJob.metadata = ObjectMeta(name: name, namespace: "default")
    cronJob.metadata.uid = uid(name)
    cronJob.metadata.creationTimestamp = ago(400_000)
    cronJob.spec.schedule = schedule
    cronJob.spec.timeZone = "Etc/UTC"
    cronJob.spec.suspend = suspended
    cronJob.spec.concurrencyPolicy = "Forbid"
    cronJob.spec.jobTemplate.spec.template = template(task: name)
    cronJob.status.lastScheduleTime = last.map(ago)
    cronJob.status.lastSuccessfulTime = last.map { ago($0 - 40) }
    objects.append(.cronJob(cronJob))
    return cronJob
  }

  var changes: [Change] {
    objects.enumerated().map { Change(verb: .added, object: $1, version: UInt64($0 + 1)) }
  }

  var clusterUsage: ClusterUsage { usage }

  // MARK: The cluster of the golden screens

  static let full: Fixture = {
    var cluster = Fixture()
    cluster.namespace("default")
    cluster.namespace("web")
    cluster.namespace("kube-system")
    cluster.node("node-1", cpu: "4", memory: "8Gi")
    cluster.node("node-2", cpu: "4", memory: "8Gi")
    cluster.node("node-3", cpu: "4", memory: "8Gi", cordoned: true)
    cluster.node("node-4", cpu: "4", memory: "8Gi", ready: false)
    addFailed(&cluster)
    addRunning(&cluster)
    addWaiting(&cluster)
    addFinished(&cluster)
    return cluster
  }()

  private static func addFailed(_ cluster: inout Fixture) {
    let failed = cluster.job(
      "nightly-backup",
      JobShape(
        backoffLimit: 2, age: 312, failed: 3,
        verdict: (
          "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit", 250
        )))
    for (index, suffix) in ["6p2qv", "mtw67", "sxgj5"].enumerated() {
      let start = 312 - Int64(index) * 25
      let pod = cluster.pod(
        suffix, of: failed,
        PodShape(phase: .failed, node: "node-\(index % 2 + 1)", age: start, finished: start - 4, exit: 3))
      cluster.event(.job, failed.metadata, "SuccessfulCreate", "Created pod: \(pod.metadata.name)", ago: start)
      cluster.event(
        .pod, pod.metadata, "Scheduled",
        "Successfully assigned default/\(pod.metadata.name) to node-\(index % 2 + 1)", ago: start)
    }
    cluster.event(
      .job, failed.metadata, "BackoffLimitExceeded", "Job has reached the specified backoff limit", ago: 250,
      warning: true)
    let retrying = cluster.job("import-users", JobShape(backoffLimit: 4, age: 95, failed: 2))
    cluster.pod("kq8ml", of: retrying, PodShape(phase: .failed, age: 95, finished: 60, exit: 1))
    cluster.pod(
      "w7xzn", of: retrying,
      PodShape(phase: .failed, node: "node-2", age: 50, finished: 9, exit: 137, signal: 9, reason: "OOMKilled"))
  }

  private static func addRunning(_ cluster: inout Fixture) {
    let render = cluster.job(
      "render-frames",
      JobShape(
        namespace: "web", completions: 12, parallelism: 4, mode: .indexed, age: 754, succeeded: 7, failed: 1, active: 4)
    )
    for index in 0..<7 {
      cluster.pod(
        "a\(index)b2c", of: render,
        PodShape(
          phase: .succeeded, node: "node-\(index % 3 + 1)", age: 754 - Int64(index) * 60,
          finished: 700 - Int64(index) * 62, exit: 0, index: index))
    }
    cluster.pod(
      "f41l3", of: render,
      PodShape(phase: .failed, node: "node-2", age: 300, finished: 200, exit: 2, index: 9))
    for index in 7..<11 {
      cluster.pod(
        "r\(index)nn1", of: render,
        PodShape(
          node: "node-\(index % 3 + 1)", age: 180 - Int64(index) * 10, index: index, restarts: index == 10 ? 2 : 0))
    }
    let queue = cluster.job("mail-queue", JobShape(completions: nil, parallelism: 3, age: 41, active: 3))
    for suffix in ["b5d7c", "n2k4j", "z9x8w"] { cluster.pod(suffix, of: queue, PodShape(node: "node-3", age: 40)) }
  }

  private static func addWaiting(_ cluster: inout Fixture) {
    let big = cluster.job("train-model", JobShape(age: 1_900, active: 1))
    let pod = cluster.pod(
      "hvq2t", of: big,
      PodShape(
        phase: .pending, age: 1_900,
        unschedulable: "0/4 nodes are available: 1 node(s) were unschedulable, 3 Insufficient cpu."))
    cluster.event(
      .pod, pod.metadata, "FailedScheduling",
      "0/4 nodes are available: 1 node(s) were unschedulable, 3 Insufficient cpu.", ago: 30, warning: true, count: 7)
    _ = cluster.job("quarterly-report", JobShape(namespace: "web", suspended: true, age: 7_300))
    let broken = cluster.job("no-such-tool", JobShape(namespace: "web", age: 20, active: 1))
    cluster.pod(
      "lfm5r", of: broken,
      PodShape(
        phase: .pending, node: "node-2", age: 20,
        waiting: ("CreateContainerError", "no command specified")))
  }

  private static func addFinished(_ cluster: inout Fixture) {
    let cron = cluster.cronJob("cleanup", "*/5 * * * *", last: 187)
    for number in 0..<3 {
      let age = 187 + Int64(number) * 300
      let job = cluster.job(
        "cleanup-2965\(6_420 - number * 5)",
        JobShape(
          age: age, succeeded: 1,
          verdict: ("Complete", "CompletionsReached", "Reached expected number of succeeded pods", age - 12),
          owner: ("CronJob", "cleanup", cron.metadata.uid)))
      cluster.pod("q\(number)w3e", of: job, PodShape(phase: .succeeded, age: age, finished: age - 12, exit: 0))
      cluster.event(.job, job.metadata, "Completed", "Job completed", ago: age - 12)
    }
    _ = cluster.cronJob("weekly-digest", "0 9 * * 1", suspended: true, last: nil)
    let done = cluster.job(
      "resize-images",
      JobShape(
        namespace: "web", completions: 40, parallelism: 8, mode: .indexed, age: 86_000, succeeded: 40, failed: 3,
        verdict: ("Complete", "CompletionsReached", "Reached expected number of succeeded pods", 84_600)))
    _ = done
  }

  /// Many jobs with a pod each.
  static func many(_ count: Int) -> Fixture {
    var cluster = Fixture()
    cluster.namespace("default")
    cluster.node("node-1", cpu: "64", memory: "256Gi")
    for number in 0..<count {
      let job = cluster.job("job-\(number % 977)-\(number)", JobShape(age: Int64(number % 5000) + 10, active: 1))
      cluster.pod("p0d00", of: job, PodShape(age: Int64(number % 5000) + 9))
    }
    return cluster
  }
}
