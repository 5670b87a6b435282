import DequeModule
import HeapModule
public import KubeModel

/// Runs nothing: containers take time and end as their pods' annotations say.
///
/// | annotation | meaning | default |
/// | --- | --- | --- |
/// | `jobdeck.dev/duration` | how long it runs: `90s`, or `10s..40s` for a time drawn between the two | `0s` |
/// | `jobdeck.dev/duration-by-index` | the same for single completion indexes: `1=2s,4=1m` | |
/// | `jobdeck.dev/exit-code` | how it ends, 0…255 | `0` |
/// | `jobdeck.dev/exit-code-by-index` | the same for single completion indexes: `1=42` | |
/// | `jobdeck.dev/fail-attempts` | so many runs at an index (or of a job) fail before one succeeds; they end with the exit code, or 1 | |
/// | `jobdeck.dev/term-delay` | how long it takes to end when it is stopped | `0s` |
/// | `jobdeck.dev/ready-after` | how long its readiness and startup probes fail after its start | `0s` |
///
/// A container is reported as started at the instant of its start. One that is stopped ends with exit code 143 after
/// its delay, or with 137 after the grace period if that is shorter or zero. Annotations that can't be understood
/// make it fail with `CreateContainerConfigError`.
///
/// A pure value. The same seed and the same effects at the same instants give the same reports, in the same order;
/// reports of one instant come in the order in which they were caused.
public struct SimulatedRuntime: Sendable {
  private struct Due: Comparable {
    var time: Int64
    /// Breaks ties: first caused, first reported.
    var order: UInt64
    var place: Int

    static func < (left: Due, right: Due) -> Bool {
      left.time != right.time ? left.time < right.time : left.order < right.order
    }
  }

  private enum Stage {
    case failing(String)
    case starting
    case running
  }

  private struct Container {
    var id: ContainerID
    var stage: Stage
    var startedAt: Int64
    /// When and how it ends, unless it is stopped.
    var endsAt: Int64
    var exitCode: Int
    var termDelay: Int64
    var readyAfter: Int64
    var isStopped = false
    /// The one entry of the heap that counts.
    var order: UInt64
    var nextInPod: Int?
  }

  private let seed: UInt64
  private var due = Heap<Due>()
  /// What is due at the moment it was caused: in order without a heap, since effects come in order of time.
  private var atOnce = Deque<Due>()
  /// Answers to probes, due at once, too.
  private var probed = Deque<(time: Int64, report: PodReport)>()
  private var containers: [Container?] = []
  private var freePlaces: [Int] = []
  /// The first container of a pod; the others are linked.
  private var firstInPod: [String: Int] = [:]
  private var nextOrder: UInt64 = 0
  // Pods of one job share their annotations: usually they are those of the start before.
  private var lastAnnotations = StringMap()
  private var lastBehavior = SimulatedBehavior(StringMap())

  /// - Parameter seed: Decides the durations that are given as ranges.
  public init(seed: UInt64) {
    self.seed = seed
  }

  /// Takes an effect that happens at an instant, which must not be before one given earlier. O(log n).
  public mutating func carryOut(_ effect: Effect, at time: Instant) {
    switch effect {
    case .start(let start): self.start(start, time.microseconds)
    case .stop(let podUID, let gracePeriod): stop(podUID, nil, gracePeriod.inMicroseconds, time.microseconds)
    case .stopContainer(let id, let gracePeriod):
      stop(id.podUID, id, gracePeriod.inMicroseconds, time.microseconds)
    case .probe(let order): probe(order, time.microseconds)
    case .remove: break
    }
  }

  /// When the next report is due; `nil` when nothing runs.
  public var nextReport: Instant? {
    guard let time = first?.time else { return probed.first.map { Instant(microseconds: $0.time) } }
    return Instant(microseconds: min(time, probed.first?.time ?? time))
  }

  /// Takes the reports that are due up to and at the instant, in order. O(log n) for each.
  public mutating func takeReports(upTo limit: Instant) -> [PodReport] {
    var reports: [PodReport] = []
    while let answer = probed.first, answer.time <= limit.microseconds {
      reports.append(answer.report)
      probed.removeFirst()
    }
    while let first, first.time <= limit.microseconds {
      if first == atOnce.first { atOnce.removeFirst() } else { due.removeMin() }
      guard isCurrent(first), var container = containers[first.place] else { continue }
      let time = Instant(microseconds: first.time)
      switch container.stage {
      case .failing(let message):
        reports.append(
          .failedToStart(
            container.id, reason: "CreateContainerConfigError", message: message, exitCode: 128, at: time))
        remove(first.place)
      case .starting:
        reports.append(.started(container.id, at: time))
        container.stage = .running
        container.order = schedule(container.endsAt, first.place)
        containers[first.place] = container
      case .running:
        reports.append(
          .exited(
            container.id,
            ContainerExit(
              exitCode: container.exitCode, startedAt: Instant(microseconds: container.startedAt), finishedAt: time)))
        remove(first.place)
      }
    }
    dropStale()
    return reports
  }

  // MARK: -

  /// The earliest entry. It always counts: see `dropStale`.
  private var first: Due? {
    guard let immediate = atOnce.first else { return due.min }
    guard let later = due.min else { return immediate }
    return min(immediate, later)
  }

  private func isCurrent(_ entry: Due) -> Bool { containers[entry.place]?.order == entry.order }

  private mutating func schedule(_ time: Int64, _ place: Int) -> UInt64 {
    nextOrder += 1
    due.insert(Due(time: time, order: nextOrder, place: place))
    return nextOrder
  }

  private mutating func start(_ start: ContainerStart, _ time: Int64) {
    // Equal storage compares in no time.
    if start.annotations != lastAnnotations {
      lastAnnotations = start.annotations
      lastBehavior = SimulatedBehavior(start.annotations)
    }
    let place: Int
    if let free = freePlaces.popLast() {
      place = free
    } else {
      place = containers.count
      containers.append(nil)
    }
    nextOrder += 1
    let order = nextOrder
    if let last = atOnce.last, last.time > time {
      due.insert(Due(time: time, order: order, place: place))
    } else {
      atOnce.append(Due(time: time, order: order, place: place))
    }
    let duration = duration(of: start)
    var container = Container(
      id: start.id, stage: .starting, startedAt: time, endsAt: time.addingReportingOverflow(duration).partialValue,
      exitCode: exitCode(of: start), termDelay: lastBehavior.termDelay,
      readyAfter: lastBehavior.readyAfter, order: order,
      nextInPod: firstInPod.updateValue(place, forKey: start.id.podUID))
    if container.endsAt < time { container.endsAt = .max }
    if let problem = lastBehavior.problem { container.stage = .failing(problem) }
    containers[place] = container
  }

  private func duration(of start: ContainerStart) -> Int64 {
    let span = start.completionIndex.flatMap { lastBehavior.durationByIndex[$0] } ?? lastBehavior.duration
    guard span.low < span.high else { return span.low }
    // A draw of the container's own: it doesn't depend on what else runs.
    let pod = Digest.of(start.id.podUID.utf8, from: seed ^ Digest.empty)
    let hash = Digest.of(start.id.container.utf8, from: Digest.of([0xFF], from: pod))
    var draw = hash &+ UInt64(truncatingIfNeeded: start.id.attempt) &* 0x9E37_79B9_7F4A_7C15
    // SplitMix64's finish.
    draw = (draw ^ draw >> 30) &* 0xBF58_476D_1CE4_E5B9
    draw = (draw ^ draw >> 27) &* 0x94D0_49BB_1331_11EB
    draw ^= draw >> 31
    let width = UInt64(span.high - span.low) &+ 1
    return span.low + Int64(draw.multipliedFullWidth(by: width).high)
  }

  private func exitCode(of start: ContainerStart) -> Int {
    let code = start.completionIndex.flatMap { lastBehavior.exitCodeByIndex[$0] } ?? lastBehavior.exitCode
    guard let failures = lastBehavior.failAttempts else { return code }
    return start.earlierFailures + start.id.attempt < failures ? max(code, 1) : 0
  }

  /// A container that runs is up, unless its annotation says how long that takes.
  private mutating func probe(_ order: ProbeOrder, _ time: Int64) {
    var next = firstInPod[order.container.podUID]
    while let place = next, let container = containers[place] {
      next = container.nextInPod
      guard container.id == order.container else { continue }
      let isUp = order.kind == .liveness || time - container.startedAt >= container.readyAfter
      probed.append((time, .probed(order.container, order.kind, isUp ? .success : .failure("not ready yet"))))
    }
  }

  /// - Parameter only: `nil` for all containers of the pod.
  private mutating func stop(_ podUID: String, _ only: ContainerID?, _ grace: Int64, _ time: Int64) {
    var next = firstInPod[podUID]
    while let place = next, var container = containers[place] {
      next = container.nextInPod
      if let only, container.id != only { continue }
      if case .failing = container.stage { continue }
      var end = time.addingReportingOverflow(max(0, grace)).partialValue
      var code = 137
      if end < time { end = .max }
      if grace > 0, !container.isStopped, container.termDelay <= grace {
        end = time + container.termDelay
        code = 143
      }
      // A later stop can only shorten what the first one left.
      if container.isStopped, end >= container.endsAt { continue }
      container.isStopped = true
      container.endsAt = end
      container.exitCode = code
      if case .running = container.stage { container.order = schedule(end, place) }
      containers[place] = container
    }
    dropStale()
  }

  /// Removes entries at the top of the heap that a stop has overtaken.
  private mutating func dropStale() {
    while let first = due.min, !isCurrent(first) { due.removeMin() }
  }

  private mutating func remove(_ place: Int) {
    guard let container = containers[place] else { return }
    containers[place] = nil
    freePlaces.append(place)
    var previous: Int?
    var next = firstInPod[container.id.podUID]
    while let candidate = next, candidate != place {
      previous = candidate
      next = containers[candidate]?.nextInPod
    }
    if let previous {
      containers[previous]?.nextInPod = container.nextInPod
    } else {
      firstInPod[container.id.podUID] = container.nextInPod
    }
  }
}
