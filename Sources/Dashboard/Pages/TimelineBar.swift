internal import KubeModel
internal import Terminal

/// What an object went through, as a chart over time draws it.
struct TimelineBar: Hashable, Sendable {
  enum Phase: Hashable, Sendable, CaseIterable {
    /// For a node, or to be started at all.
    case waiting
    /// On a node: init containers run, the first container is on its way.
    case starting
    case running
    /// Between a container's end and its next start.
    case pausing

    /// Nobody knows: earlier runs of a container that was restarted, or one that was lost with its node.
    case unknown

    /// Told apart without colours.
    var sign: String {
      switch self {
      case .waiting: "·"
      case .starting: "╌"
      case .running: "━"
      case .pausing: "~"
      case .unknown: "?"
      }
    }

    var role: Role {
      switch self {
      case .waiting, .pausing: .pending
      case .starting, .unknown: .muted
      case .running: .running
      }
    }
  }

  struct Part: Hashable, Sendable {
    var phase: Phase
    var from: Instant
    /// `nil` while it lasts.
    var until: Instant?
  }

  struct End: Hashable, Sendable {
    var at: Instant
    var standing: Standing
  }

  private(set) var parts: [Part] = []
  private(set) var end: End?
  let created: Instant

  /// Half-way from its beginning to its end, or to now.
  func middle(_ now: Instant) -> Instant {
    let from = parts.first?.from ?? created
    return from + max(.zero, (end?.at ?? now) - from) / 2
  }

  init?(_ item: Item) {
    guard let created = item.created else { return nil }
    self.created = created
    switch item {
    case let pod as PodItem: add(pod)
    case let job as JobItem: add(job)
    default: return nil
    }
  }

  /// From the pod's creation to its node, to its first container's start, through the last restart, to its end.
  ///
  /// Of restarts Kubernetes keeps only the last one's times: of those before only that there were some.
  private mutating func add(_ pod: PodItem) {
    let status = pod.pod.status
    let end = pod.finished.map { End(at: $0, standing: pod.status.standing) }
    let scheduled = status.conditions["PodScheduled"].flatMap { $0.status == "True" ? $0.lastTransitionTime : nil }
    let restarted = status.containerStatuses.max { $0.restartCount < $1.restartCount }
    let isFirstKnown = (restarted?.restartCount ?? 0) <= 1
    // Of one that was lost the end that is told is when its node was back.
    let last: Phase = pod.isEndKnown ? .running : .unknown
    let firstStart = isFirstKnown ? status.containerStatuses.compactMap(Self.firstStart).min() : status.startTime
    guard let placed = scheduled ?? status.startTime ?? firstStart else { return close(.waiting, created, end) }
    parts.append(Part(phase: .waiting, from: created, until: placed))
    guard let firstStart else { return close(.starting, placed, end) }
    parts.append(Part(phase: .starting, from: placed, until: firstStart))
    guard let restarted, restarted.restartCount > 0, let stopped = restarted.lastState.terminated?.finishedAt else {
      return close(last, firstStart, end)
    }
    let ended = restarted.lastState.terminated
    let ran: Phase = ended?.isLost == true ? .unknown : .running
    if isFirstKnown {
      parts.append(Part(phase: ran, from: firstStart, until: stopped))
    } else {
      let began = ended?.startedAt.map { min(max($0, firstStart), stopped) } ?? stopped
      parts.append(Part(phase: .unknown, from: firstStart, until: began))
      parts.append(Part(phase: ran, from: began, until: stopped))
    }
    guard let again = restarted.state.running?.startedAt ?? restarted.state.terminated?.startedAt, again >= stopped
    else {
      return close(.pausing, stopped, end)
    }
    parts.append(Part(phase: .pausing, from: stopped, until: again))
    close(last, again, end)
  }

  private static func firstStart(_ status: ContainerStatus) -> Instant? {
    let starts = [
      status.lastState.terminated?.startedAt, status.state.running?.startedAt, status.state.terminated?.startedAt,
    ]
    // A container that could not be started has a start in 1970.
    return starts.lazy.compactMap { $0 }.first { $0.seconds > 0 }
  }

  private mutating func add(_ job: JobItem) {
    let end = job.finished.map { End(at: $0, standing: job.hasFailed ? .failed : .succeeded) }
    guard let start = job.job.status.startTime else { return close(.waiting, created, end) }
    parts.append(Part(phase: .waiting, from: created, until: start))
    close(.running, start, end)
  }

  private mutating func close(_ phase: Phase, _ from: Instant, _ end: End?) {
    parts.append(Part(phase: phase, from: from, until: end?.at))
    self.end = end
  }

  /// The time that it spent so, up to `now`.
  func time(in phase: Phase, _ now: Instant) -> Duration {
    parts.reduce(.zero) { $1.phase == phase ? $0 + max(.zero, ($1.until ?? now) - $1.from) : $0 }
  }
}
