internal import KubeModel

/// What Kubernetes' controllers and scheduler count, told from the changes that they cause.
///
/// Only what changes show is counted: not the syncs of a controller, nor attempts of the scheduler that changed nothing.
struct ControllerCounts: Sendable {
  struct Finish: Hashable, Sendable, Comparable {
    var mode: String
    var result: String
    var reason = ""

    static func < (left: Finish, right: Finish) -> Bool {
      (left.mode, left.result, left.reason) < (right.mode, right.result, right.reason)
    }
  }

  private struct KnownJob: Sendable {
    var isFinished = false
    var succeeded = 0
    var failed = 0
  }

  private(set) var finishedJobs: [Finish: Int] = [:]
  private(set) var finishedPods: [Finish: Int] = [:]
  /// By profile, which is the scheduler's name.
  private(set) var scheduled: [String: Int] = [:]
  private(set) var externalJobs: [String: Int] = [:]
  private(set) var skew = Histogram(bounds: (0..<10).map { Double(1 << $0) })

  private var jobs: [String: KnownJob] = [:]
  /// UIDs of pods that have no node yet.
  private var waiting: Set<String> = []

  /// Takes what there is as the ground that changes are counted from; what ended unseen since the last ground counts.
  mutating func begin(jobs objects: [KubeObject], pods: [KubeObject]) {
    let known = jobs
    jobs = [:]
    for case .job(let job) in objects {
      let uid = job.metadata.uid
      if let before = known[uid] {
        jobs[uid] = before
        count(job)
      } else {
        jobs[uid] = ControllerCounts.known(job)
      }
    }
    let waitedBefore = waiting
    waiting = []
    for case .pod(let pod) in pods {
      if pod.spec.nodeName.isEmpty {
        waiting.insert(pod.metadata.uid)
      } else if waitedBefore.contains(pod.metadata.uid) {
        scheduled[pod.spec.schedulerName, default: 0] += 1
      }
    }
  }

  /// Counts one change; changes come in order.
  mutating func note(_ change: Change) {
    switch (change.object, change.verb) {
    case (.job(let job), .deleted):
      count(job)
      jobs[job.metadata.uid] = nil
    case (.job(let job), .added):
      jobs[job.metadata.uid] = KnownJob()
      if let manager = job.spec.managedBy, manager != "kubernetes.io/job-controller" {
        externalJobs[manager, default: 0] += 1
      }
      noteSkew(job)
      count(job)
    case (.job(let job), .modified): count(job)
    case (.pod(let pod), .deleted): waiting.remove(pod.metadata.uid)
    case (.pod(let pod), let verb):
      let uid = pod.metadata.uid
      if pod.spec.nodeName.isEmpty {
        waiting.insert(uid)
      } else if waiting.remove(uid) != nil || verb == .added {
        scheduled[pod.spec.schedulerName, default: 0] += 1
      }
    default: break
    }
  }

  private static func known(_ job: Job) -> KnownJob {
    KnownJob(isFinished: job.status.isFinished, succeeded: job.status.succeeded, failed: job.status.failed)
  }

  private mutating func count(_ job: Job) {
    let before = jobs[job.metadata.uid] ?? ControllerCounts.known(job)
    let mode = job.spec.completionMode?.rawValue ?? "NonIndexed"
    let succeeded = job.status.succeeded - before.succeeded
    let failed = job.status.failed - before.failed
    if succeeded > 0 { finishedPods[Finish(mode: mode, result: "succeeded"), default: 0] += succeeded }
    if failed > 0 { finishedPods[Finish(mode: mode, result: "failed"), default: 0] += failed }
    if !before.isFinished,
      let end = job.status.conditions.first(where: { $0.isTrue && ["Complete", "Failed"].contains($0.type) })
    {
      let result = end.type == "Complete" ? "succeeded" : "failed"
      finishedJobs[Finish(mode: mode, result: result, reason: end.reason), default: 0] += 1
    }
    jobs[job.metadata.uid] = ControllerCounts.known(job)
  }

  /// How late a cron job's job was made.
  private mutating func noteSkew(_ job: Job) {
    guard job.metadata.controller?.kind == "CronJob", let made = job.metadata.creationTimestamp,
      let text = job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"],
      let due = Instant(rfc3339: text)
    else { return }
    skew.observe((made - due).inSeconds)
  }
}

/// Observations by size.
struct Histogram: Sendable {
  let bounds: [Double]
  /// Not summed up; the last is for what is above all bounds.
  private var counts: [Int]
  private(set) var sum = 0.0

  /// - Parameter bounds: ascending; each is the largest value of its bucket.
  init(bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  mutating func observe(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }

  func write(to out: inout Exposition) {
    var total = 0
    for (index, count) in counts.enumerated() {
      total += count
      let bound = index < bounds.count ? Exposition.text(bounds[index]) : "+Inf"
      out.add(Double(total), suffix: "_bucket", ["le": bound])
    }
    out.add(sum, suffix: "_sum")
    out.add(Double(total), suffix: "_count")
  }
}

extension ControllerCounts {
  static let families: [MetricFamily<ControllerCounts>] = [
    MetricFamily("job_controller_jobs_finished_total", "Jobs that finished since the server started.", .counter) {
      counts, out in
      for (key, number) in counts.finishedJobs.sorted(by: { $0.key < $1.key }) {
        out.add(Double(number), ["completion_mode": key.mode, "reason": key.reason, "result": key.result])
      }
    },
    MetricFamily("job_controller_job_pods_finished_total", "Jobs' pods that ended and were counted.", .counter) {
      counts, out in
      for (key, number) in counts.finishedPods.sorted(by: { $0.key < $1.key }) {
        out.add(Double(number), ["completion_mode": key.mode, "result": key.result])
      }
    },
    MetricFamily(
      "job_controller_jobs_by_external_controller_total", "Jobs that another controller manages.", .counter
    ) { counts, out in
      for (name, number) in counts.externalJobs.sorted(by: { $0.key < $1.key }) {
        out.add(Double(number), ["controller_name": name])
      }
    },
    MetricFamily(
      "cronjob_controller_job_creation_skew_duration_seconds", "How late cron jobs' jobs were made.", .histogram
    ) { counts, out in counts.skew.write(to: &out) },
    MetricFamily("scheduler_schedule_attempts_total", "Pods that got a node; other attempts leave no trace.", .counter)
    {
      counts, out in
      for (profile, number) in counts.scheduled.sorted(by: { $0.key < $1.key }) {
        out.add(Double(number), ["profile": profile, "result": "scheduled"])
      }
    },
  ]
}

/// Pods that wait for a node, by the scheduler's queues.
struct PendingPods: Sendable {
  private var numbers = ["active": 0, "gated": 0, "unschedulable": 0]

  init(_ pods: [KubeObject]) {
    for case .pod(let pod) in pods where pod.spec.nodeName.isEmpty && !pod.status.phase.isTerminal {
      let refused = pod.status.conditions.contains { $0.type == "PodScheduled" && $0.reason == "Unschedulable" }
      numbers[!pod.spec.schedulingGates.isEmpty ? "gated" : refused ? "unschedulable" : "active", default: 0] += 1
    }
  }

  static let families: [MetricFamily<PendingPods>] = [
    MetricFamily("scheduler_pending_pods", "Pods that wait for a node.") { pending, out in
      for (queue, number) in pending.numbers.sorted(by: { $0.key < $1.key }) {
        out.add(Double(number), ["queue": queue])
      }
    }
  ]
}
