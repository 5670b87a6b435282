import Cluster
import ControlPlane
import Glibc
import KubeModel

/// From a job's creation to its process.
enum Launch {
  static func measure() async throws -> [Row] {
    let folder = try Files.temporaryFolder()
    defer { Files.remove(folder) }
    let nodes = ClusterNodes.uniform(count: 1, cpu: Quantity("64"))
    let cluster = try await EmbeddedCluster.open(.init(location: .stateDirectory(folder + "/state"), nodes: nodes))
    var times: [Double] = []
    for number in 0..<51 {
      let stamp = folder + "/started-\(number)"
      // The process says itself when it runs: the file's time is the kernel's.
      let before = wallClock()
      _ = try await cluster.create(Jobs.job("launch-\(number)", ["/usr/bin/touch", stamp]), dryRun: false)
      try await Jobs.waitForEnd("launch-\(number)", in: cluster)
      guard case .job = try await cluster.get(ObjectKey(.job, namespace: "default", name: "launch-\(number)")),
        let started = try await startTime("launch-\(number)", in: cluster)
      else { throw Failure("the job's pod shows no start") }
      times.append((started - before).milliseconds)
    }
    await cluster.shutDown(grace: .seconds(1))
    let median = percentile(0.5, of: times)
    return [
      Row(
        what: "job created → process started, median of 51", budget: "5 ms", measured: "\(decimal(median, 2)) ms",
        isWithin: median <= 5)
    ]
  }

  private static func startTime(_ job: String, in cluster: EmbeddedCluster) async throws -> Instant? {
    for case .pod(let pod) in try await cluster.list(.pod, namespace: "default").items
    where pod.metadata.controller?.name == job {
      return pod.status.containerStatuses.first?.state.terminated?.startedAt
    }
    return nil
  }

  static func wallClock() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}

/// Many short processes, against xargs.
enum Processes {
  static let count = 3_000

  static func measure() async throws -> [Row] {
    var ratios: [(ratio: Double, pods: Double)] = []
    for _ in 0..<3 {
      let xargs = try timeXargs()
      let pods = try await timePods()
      ratios.append((ratio: xargs / pods, pods: Double(count) / pods))
    }
    let best = ratios.sorted { $0.ratio < $1.ratio }[1]
    return [
      Row(
        what: "`true` pods, 2 at a time, logs and storage on, against `xargs -P2`, median of 3", budget: "≥ 1.0 ×",
        measured: "\(decimal(best.ratio, 2)) × (\(decimal(best.pods, 0)) pods a second)", isWithin: best.ratio >= 1)
    ]
  }

  private static func timeXargs() throws -> Double {
    let start = ContinuousClock.now
    guard Files.run(["/bin/sh", "-c", "seq \(count) | xargs -P2 -n1 /bin/true"]) == 0 else {
      throw Failure("xargs failed")
    }
    return (ContinuousClock.now - start) / .seconds(1)
  }

  private static func timePods() async throws -> Double {
    let folder = try Files.temporaryFolder()
    defer { Files.remove(folder) }
    let nodes = ClusterNodes.uniform(count: 1, cpu: Quantity("64"))
    let cluster = try await EmbeddedCluster.open(.init(location: .stateDirectory(folder + "/state"), nodes: nodes))
    let start = ContinuousClock.now
    _ = try await cluster.create(
      Jobs.job("true", ["/bin/true"], completions: count, parallelism: 2), dryRun: false)
    try await Jobs.waitForEnd("true", in: cluster)
    let took = (ContinuousClock.now - start) / .seconds(1)
    await cluster.shutDown(grace: .seconds(1))
    return took
  }
}

/// The control plane alone: a job of a hundred thousand pods in virtual time.
enum Simulation {
  static let count = 100_000

  static func measure() async throws -> [Row] {
    var rates: [Double] = []
    for _ in 0..<3 {
      var cluster = try VirtualCluster(
        nodes: .uniform(count: 100, cpu: Quantity("64"), memory: Quantity("256Gi")), seed: 1,
        startingAt: Instant(seconds: 1_767_225_600))
      let start = ContinuousClock.now
      let job = try cluster.submit(.create(Jobs.job("many", ["true"], completions: count, parallelism: 1_000)))
      let outcome = try await cluster.run(untilFinished: [job.key])
      let took = (ContinuousClock.now - start) / .seconds(1)
      guard outcome == .finished, case .job(let done)? = cluster.object(job.key), done.status.succeeded == count else {
        throw Failure("the job did not complete: \(outcome)")
      }
      rates.append(Double(count) / took)
    }
    let median = percentile(0.5, of: rates)
    return [
      Row(
        what: "simulated pods, created to Succeeded and counted, one job of 100,000, median of 3",
        budget: "≥ 50,000 a second", measured: "\(decimal(median, 0)) a second", isWithin: median >= 50_000)
    ]
  }
}

/// The control plane alone: a year of a cron job in virtual time.
enum CronYear {
  static func measure() async throws -> [Row] {
    var times: [Double] = []
    for _ in 0..<3 {
      let year = Instant(seconds: 1_767_225_600)
      var cluster = try VirtualCluster(
        nodes: .uniform(count: 3, cpu: Quantity("64"), memory: Quantity("256Gi")), seed: 1, startingAt: year)
      var cronJob = CronJob()
      cronJob.metadata.name = "tick"
      cronJob.metadata.namespace = "default"
      cronJob.spec.schedule = "*/5 * * * *"
      guard case .job(let job) = Jobs.job("tick", ["true"]) else { throw Failure("no job") }
      cronJob.spec.jobTemplate.spec = job.spec
      let start = ContinuousClock.now
      let key = try cluster.submit(.create(.cronJob(cronJob))).key
      try await cluster.run(until: year + .seconds(365 * 86_400) + .seconds(60))
      times.append((ContinuousClock.now - start) / .seconds(1))
      guard case .cronJob(let done)? = cluster.object(key),
        done.status.lastScheduleTime == year + .seconds(365 * 86_400), cluster.list(.job).count == 3
      else { throw Failure("the cron job did not run to the end of the year") }
    }
    let median = percentile(0.5, of: times)
    return [
      Row(
        what: "a year of a cron job that runs every five minutes (105,120 jobs), simulated, median of 3",
        budget: "2 s", measured: "\(decimal(median, 2)) s", isWithin: median <= 2)
    ]
  }
}

enum Jobs {
  static func job(_ name: String, _ command: [String], completions: Int = 1, parallelism: Int = 1) -> KubeObject {
    var job = Job()
    job.metadata.name = name
    job.metadata.namespace = "default"
    job.spec.completions = completions
    job.spec.parallelism = parallelism
    job.spec.template.spec.restartPolicy = .never
    var container = Container()
    container.name = "main"
    container.image = "x"
    container.command = command
    job.spec.template.spec.containers = [container]
    return .job(job)
  }

  static func waitForEnd(_ name: String, in cluster: EmbeddedCluster) async throws {
    for try await changes in await cluster.watch([.job], from: nil) {
      for change in changes where change.object.metadata.name == name {
        guard case .job(let job) = change.object else { continue }
        if job.status.conditions.isTrue("Complete") { return }
        if job.status.conditions.isTrue("Failed") { throw Failure("job \(name) failed") }
      }
    }
    throw Failure("the cluster has stopped")
  }

  /// Waits until so many pods of the job run.
  static func waitForActive(_ name: String, count: Int = 1, in cluster: EmbeddedCluster) async throws {
    for try await changes in await cluster.watch([.job], from: nil) {
      for change in changes where change.object.metadata.name == name {
        if case .job(let job) = change.object, job.status.ready ?? 0 >= count { return }
      }
    }
    throw Failure("the cluster has stopped")
  }
}
