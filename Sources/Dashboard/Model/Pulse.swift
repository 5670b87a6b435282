internal import Cluster
internal import KubeModel

/// What the cluster came to in each of the last seconds.
struct Pulse: Sendable {
  struct Sample: Hashable, Sendable {
    var podsRunning = 0
    var podsPending = 0
    /// Pods that wait for a node.
    var podsQueued = 0
    var jobsFailed = 0
    var jobsDone = 0
    /// Pods that have ended since the dashboard began to look.
    var podsEnded = 0
    /// Thousandths of a core that the nodes use.
    var cpu = 0
    /// Bytes that the nodes use.
    var memory = 0
    /// The same of each namespace, but for the nodes; `nil` where there are too many to remember.
    var namespaces: [String: Sample]?
  }

  /// Of more namespaces only the sum is kept.
  static let namespaceLimit = 100

  /// Ten minutes.
  static let capacity = 600

  private var ring: [Sample] = []
  private var next = 0
  private var last: Int64?

  /// Takes a sample, at most one a second; seconds in which nothing was heard are as the one before them.
  mutating func take(_ sample: Sample, at now: Instant) {
    guard let last, let before = samples(1).last else {
      last = now.seconds
      return append(sample)
    }
    guard now.seconds > last else { return }
    for _ in 0..<min(now.seconds - last - 1, Int64(Pulse.capacity)) { append(before) }
    append(sample)
    self.last = now.seconds
  }

  private mutating func append(_ sample: Sample) {
    if ring.count < Pulse.capacity { ring.append(sample) } else { ring[next] = sample }
    next = (next + 1) % Pulse.capacity
  }

  /// The last `count` samples, the oldest first.
  func samples(_ count: Int) -> [Sample] {
    let count = min(count, ring.count)
    return (0..<count).map { ring[(next - count + $0 + Pulse.capacity) % Pulse.capacity] }
  }

  /// Pods that ended in the minute up to each of the last `count` seconds.
  func podsEndedAMinute(_ count: Int, in shown: Shown = Shown()) -> [Int] {
    let all = samples(count + 60).map { $0.part(shown) }
    return all.indices.suffix(count).map { all[$0].podsEnded - all[max(0, $0 - 60)].podsEnded }
  }

  /// The most of every `step` seconds of values that end now. A step begins at a multiple of its length, so that what a
  /// chart has drawn once moves but does not change.
  func peaks(_ values: [Int], step: Int) -> [Int] {
    guard step > 1, let last else { return values }
    var peaks: [Int] = []
    var slot: Int64?
    for (index, value) in values.enumerated() {
      let second = last - Int64(values.count - 1 - index)
      if slot == second / Int64(step), let peak = peaks.last {
        peaks[peaks.count - 1] = max(peak, value)
      } else {
        peaks.append(value)
        slot = second / Int64(step)
      }
    }
    return peaks
  }
}

extension Pulse.Sample {
  init(_ store: Store, _ usage: ClusterUsage) {
    self.init(store.standings, podsEnded: store.podsEnded)
    if store.namespaceCounts.count <= Pulse.namespaceLimit {
      namespaces = store.namespaceCounts.mapValues { Self($0.standings, podsEnded: $0.podsEnded) }
    }
    for node in usage.nodes.values {
      cpu = cpu.saturatingAdd(node.milliCPU)
      memory = memory.saturatingAdd(node.memory)
    }
  }

  private init(_ counts: StandingCounts, podsEnded: Int) {
    podsRunning = counts.pods[.running] ?? 0
    podsPending = counts.pods[.pending] ?? 0
    podsQueued = counts.podsQueued
    jobsFailed = counts.jobs[.failed] ?? 0
    jobsDone = counts.jobs[.succeeded] ?? 0
    self.podsEnded = podsEnded
  }

  /// What of it is in the namespaces that are shown; all where that is not known.
  func part(_ shown: Shown) -> Self {
    guard !shown.isAllNamespaces, let namespaces else { return self }
    var sum = Self(cpu: cpu, memory: memory)
    for part in shown.namespaces.compactMap({ namespaces[$0] }) {
      sum.podsRunning += part.podsRunning
      sum.podsPending += part.podsPending
      sum.podsQueued += part.podsQueued
      sum.jobsFailed += part.jobsFailed
      sum.jobsDone += part.jobsDone
      sum.podsEnded += part.podsEnded
    }
    return sum
  }
}
