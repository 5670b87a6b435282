import Cluster
import Dashboard
import KubeModel
import Terminal

/// A cluster as large as Kubernetes' own limits, while it changes: 100,000 jobs with 150,000 pods.
enum Scale {
  private static let jobs = 100_000
  private static let pods = 150_000
  private static let start = Instant(seconds: 1_767_225_600)
  /// Changes that come between two keys: 1,000 a second at thirty keys a second, which is a key that is held down.
  private static let changesAKey = 33

  static func measure() async throws -> [Row] {
    var dashboard = Dashboard()
    _ = dashboard.handle(.tick(start))
    _ = dashboard.handle(.info(ClusterInfo(flavor: .embedded, location: "in memory")))
    _ = dashboard.handle(.terminal(.resize(Frame.size)))
    let clock = ContinuousClock()
    let before = Files.residentMemory(of: "self")
    let loading = clock.measure {
      load((0..<jobs).map { .job(job($0)) }, into: &dashboard)
      load((0..<pods).map { .pod(pod($0, phase: phase($0))) }, into: &dashboard)
      _ = dashboard.render(Frame.size)
    }
    var random = Generator(state: 7)
    var moving: [Double] = []
    var typing: [Double] = []
    for view in [":jobs\n", ":pods\n"] {
      press(view, &dashboard)
      _ = dashboard.render(Frame.size)
      let walk: [Key] =
        Array(repeating: "j", count: 300) + Array(repeating: Key(.pageDown), count: 200) + ["G", "g", "G", "g"]
        + Array(repeating: "k", count: 100)
      moving += walk.map { key in time(key, &dashboard, &random, clock) }
      typing += (["/", "9", "9", "7", Key(.backspace), Key(.backspace), Key(.escape)] as [Key]).map { key in
        time(key, &dashboard, &random, clock)
      }
    }
    let high = percentile(0.99, of: moving)
    let slowest = typing.max() ?? 0
    return [
      Row(
        what: "key to frame, 100,000 jobs and 150,000 pods, 1,000 changes a second, p99 (median "
          + "\(decimal(percentile(0.5, of: moving), 2)) ms)", budget: "16 ms", measured: "\(decimal(high, 2)) ms",
        isWithin: high <= 16),
      Row(
        what: "the same, slowest key of a filter being typed (median \(decimal(percentile(0.5, of: typing), 2)) ms)",
        budget: "100 ms", measured: "\(decimal(slowest, 1)) ms", isWithin: slowest <= 100),
      Row(
        what: "the same, taken in and drawn first (memory: \((Files.residentMemory(of: "self") - before) >> 20) MB)",
        budget: "10 s",
        measured: "\(decimal(loading.milliseconds / 1000, 2)) s", isWithin: loading <= .seconds(10)),
    ]
  }

  private static func time(
    _ key: Key, _ dashboard: inout Dashboard, _ random: inout Generator, _ clock: ContinuousClock
  ) -> Double {
    let changes = (0..<changesAKey).map { _ in
      let number = Int(random.next() % UInt64(pods))
      let phase = [PodPhase.running, .succeeded, .failed].randomElement(using: &random) ?? .running
      return Change(verb: .modified, object: .pod(pod(number, phase: phase)), version: 1)
    }
    // What comes in is worked off before the key that is timed, or with it: both count.
    return clock.measure {
      _ = dashboard.handle(.changes(changes))
      _ = dashboard.handle(.terminal(.key(key)))
      _ = dashboard.render(Frame.size)
    }.milliseconds
  }

  private static func load(_ objects: [KubeObject], into dashboard: inout Dashboard) {
    _ = dashboard.handle(.changes(objects.map { Change(verb: .added, object: $0, version: 1) }))
  }

  private static func press(_ text: String, _ dashboard: inout Dashboard) {
    for character in text {
      _ = dashboard.handle(.terminal(.key(character == "\n" ? Key(.enter) : Key(character))))
    }
  }

  private static func phase(_ number: Int) -> PodPhase {
    number % 5 == 0 ? .failed : number % 3 == 0 ? .succeeded : .running
  }

  private static func job(_ number: Int) -> Job {
    var job = Job()
    job.metadata.name = "job-\(number)"
    job.metadata.namespace = "team-\(number % 20)"
    job.metadata.uid = "job-uid-\(number)"
    job.metadata.creationTimestamp = start - .seconds(number)
    job.spec.completions = 2
    job.spec.parallelism = 2
    job.spec.template.spec.common = template
    job.status.startTime = start - .seconds(number)
    job.status.active = 1
    return job
  }

  private static func pod(_ number: Int, phase: PodPhase) -> Pod {
    var pod = Pod()
    pod.metadata.name = "job-\(number % jobs)-\(number)"
    pod.metadata.namespace = "team-\(number % 20)"
    pod.metadata.uid = "pod-uid-\(number)"
    pod.metadata.creationTimestamp = start - .seconds(number)
    pod.metadata.ownerReferences = [OwnerReference(controller: job(number % jobs))]
    pod.spec.common = template
    pod.spec.nodeName = "node-\(number % 500)"
    pod.status.phase = phase
    pod.status.startTime = start - .seconds(number)
    return pod
  }

  private static let template: Shared<PodSpecCommon> = {
    var common = PodSpecCommon()
    var container = Container()
    container.name = "main"
    container.image = "local"
    container.command = ["sh", "-c", "echo working"]
    common.containers = [container]
    return Shared(common)
  }()

  /// The same changes each time.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33 ^ state << 31
    }
  }
}
