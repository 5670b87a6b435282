import KubeModel

/// Turns the changes of a run's objects into lines for a person, and knows when all is over.
///
/// A pure value: it is fed with changes and asked for lines. Text from objects is made safe where it is printed.
struct Narrator {
  /// A line, and the pods whose logs have to be out before it.
  struct Line: Hashable {
    var text: String
    var after: Set<String> = []
  }

  /// A container whose log is to be followed from now on.
  struct LogStart: Hashable {
    var podUID: String
    var namespace: String
    var pod: String
    /// The name in front of its lines.
    var label: String
    var container: String
  }

  private(set) var lines: [Line] = []
  private(set) var logStarts: [LogStart] = []

  enum Outcome {
    case pending, succeeded, failed
  }

  /// What the run waits for: jobs and bare pods of its files, by UID, and how each has ended.
  private(set) var outcomes: [String: Outcome] = [:]
  private var unfinished = 0
  /// The UIDs of all that belongs to the run.
  private(set) var related: Set<String> = []
  /// The last known state of the run's jobs and pods, and of its events where they are asked for: some are gone before
  /// the end, such as jobs whose time to live was over and events of an hour ago, and their deletion need not have been
  /// read yet.
  private var lastSeen: [String: KubeObject] = [:]

  private struct PodState {
    var phase: PodPhase = ""
    var attempts: [String: Int] = [:]
    /// The restarts that were announced, by container.
    var announced: [String: Int] = [:]
  }

  private struct JobState {
    var isSuspended = false
    var isOver = false
  }

  private var pods: [String: PodState] = [:]
  private var jobs: [String: JobState] = [:]
  private var retries = Retries()
  /// What will not happen by itself: jobs that are waited for, and why they stand still, by UID.
  private var standstills: [String: String] = [:]
  /// The cluster's time; `nil` where changes are told at the very moment in which they happen.
  var now: Instant?
  /// The pod that failed last, by its job.
  private var lastFailed: [String: Set<String>] = [:]
  private var podsOfJob: [String: Set<String>] = [:]
  private var seenWarnings: Set<String> = []
  private let showsNamespaces: Bool
  private let keepsEvents: Bool

  /// - Parameters:
  ///   - showsNamespaces: names are written `namespace/name`, because the run has several namespaces.
  ///   - keepsEvents: all events are among the final objects, although a cluster forgets them after an hour.
  init(showsNamespaces: Bool = false, keepsEvents: Bool = false) {
    self.showsNamespaces = showsNamespaces
    self.keepsEvents = keepsEvents
  }

  /// Whether everything that is waited for has finished. True from the start where there is nothing to wait for.
  var isFinished: Bool { unfinished == 0 }
  /// How many are waited for.
  var unfinishedCount: Int { unfinished }
  /// Whether all that finished, finished well.
  var hasSucceeded: Bool { outcomes.values.allSatisfy { $0 == .succeeded } }

  /// Why nothing that is waited for will come to its end by itself, a line for each job; empty while anything may.
  var standstill: [String] {
    guard unfinished > 0, standstills.count == unfinished else { return [] }
    return standstills.values.sorted()
  }

  /// Whether the end of the object is still waited for.
  func awaits(_ uid: String) -> Bool { outcomes[uid] == .pending }

  /// Whether the pod has ended.
  func hasEnded(_ pod: String) -> Bool { pods[pod]?.phase.isTerminal ?? false }

  /// Whether that state of one of the run's objects was taken note of, or a later one.
  func hasSeen(_ uid: String, _ version: UInt64) -> Bool {
    lastSeen[uid].flatMap { UInt64($0.metadata.resourceVersion) }.map { $0 >= version } ?? false
  }

  /// Takes note of an object that came from a file. Jobs and pods are waited for.
  mutating func add(_ object: KubeObject) {
    related.insert(object.metadata.uid)
    switch object {
    case .job, .pod:
      if outcomes.updateValue(.pending, forKey: object.metadata.uid) == nil { unfinished += 1 }
      take(Change(verb: .added, object: object, version: 0))
    default: break
    }
  }

  /// The run's objects of one kind: those that are present, jobs that are gone as they last stood, and the pods that
  /// such jobs took with them; and all events, if they were to be kept.
  func final(_ kind: Kind, present: [Kind: [KubeObject]]) -> [KubeObject] {
    var objects = (present[kind] ?? []).filter { related.contains($0.metadata.uid) }
    if kind == .event, keepsEvents {
      let present = Set(objects.map(\.metadata.uid))
      objects += lastSeen.values.filter { $0.kind == .event && !present.contains($0.metadata.uid) }
      return objects.sorted { $0.key < $1.key }
    }
    guard kind == .job || kind == .pod else { return objects }
    let alive = Set((present[.job] ?? []).map(\.metadata.uid)).union(objects.map(\.metadata.uid))
    objects += lastSeen.values.filter { object in
      guard object.kind == kind, !alive.contains(object.metadata.uid) else { return false }
      if outcomes[object.metadata.uid] != nil { return true }
      guard kind == .pod, let job = object.metadata.controller?.uid, outcomes[job] != nil else { return false }
      return !alive.contains(job)
    }
    return objects.sorted { $0.key < $1.key }
  }

  mutating func takeLines() -> [Line] {
    defer { lines.removeAll(keepingCapacity: true) }
    return lines
  }

  mutating func takeLogStarts() -> [LogStart] {
    defer { logStarts.removeAll(keepingCapacity: true) }
    return logStarts
  }

  mutating func take(_ change: Change) {
    let metadata = change.object.metadata
    if !related.contains(metadata.uid) {
      guard belongs(change.object) else { return }
      related.insert(metadata.uid)
      if case .job(let job) = change.object, change.verb == .added { tell("\(name(job.metadata, .job)) created") }
    }
    guard !isOld(change.object) else { return }
    switch change.object {
    case .job(let job):
      lastSeen[metadata.uid] = change.object
      take(job)
    case .pod(let pod):
      lastSeen[metadata.uid] = change.object
      take(pod)
    case .event(let event):
      if keepsEvents { lastSeen[metadata.uid] = change.object }
      take(event)
    default: break
    }
    guard change.verb == .deleted else { return }
    // What is deleted after its end has ended as its last state said; before its end, that is no success.
    if outcomes[metadata.uid] == .pending {
      finish(metadata.uid, .failed)
      tell("\(name(metadata, change.object.kind)) deleted before it finished")
    }
  }

  /// Gives up what is waited for and no longer there, when changes were missed.
  mutating func forget(allBut present: Set<String>) {
    for (uid, outcome) in outcomes where outcome == .pending && !present.contains(uid) {
      finish(uid, .failed)
      tell("an object of this run is gone, and how it ended was not seen")
    }
  }

  /// Whether a later state of it was taken note of.
  private func isOld(_ object: KubeObject) -> Bool {
    guard let known = lastSeen[object.metadata.uid].flatMap({ UInt64($0.metadata.resourceVersion) }),
      let version = UInt64(object.metadata.resourceVersion)
    else { return false }
    return version < known
  }

  /// Whether the object came into being because of one of the run's.
  private func belongs(_ object: KubeObject) -> Bool {
    if case .event(let event) = object { return related.contains(event.involvedObject.uid) }
    guard let owner = object.metadata.controller else { return false }
    return related.contains(owner.uid)
  }

  private mutating func finish(_ uid: String, _ outcome: Outcome) {
    guard outcomes[uid] == .pending else { return }
    outcomes[uid] = outcome
    unfinished -= 1
    standstills[uid] = nil
  }

  private mutating func tell(_ text: String, after: Set<String> = []) {
    lines.append(Line(text: text, after: after))
  }

  private func name(_ metadata: ObjectMeta, _ kind: Kind) -> String {
    showsNamespaces && kind.isNamespaced
      ? "\(metadata.namespace)/\(ObjectKey(kind, name: metadata.name))"
      : ObjectKey(kind, name: metadata.name).description
  }

  // MARK: Jobs

  private mutating func take(_ job: Job) {
    let uid = job.metadata.uid
    var state = jobs[uid] ?? JobState()
    defer { jobs[uid] = state }
    let title = name(job.metadata, .job)
    let isSuspended = job.status.conditions.isTrue("Suspended")
    if isSuspended != state.isSuspended {
      state.isSuspended = isSuspended
      tell("\(title) \(isSuspended ? "suspended" : "resumed")")
    }
    guard !state.isOver else { return }
    if outcomes[uid] == .pending { standstills[uid] = Self.standstill(of: job).map { "\(title) \($0)" } }
    if let text = retries.note(job, now: now) { tell("\(title) \(text)", after: lastFailed[uid] ?? []) }
    if let condition = job.status.conditions["Complete"], condition.isTrue {
      state.isOver = true
      let end = job.status.completionTime ?? condition.lastTransitionTime
      let took = end.flatMap { Summary.duration(of: job, at: $0) }.map { " in \($0)" } ?? ""
      tell("\(title) complete: \(Summary.completions(of: job)) succeeded\(took)", after: podsOfJob[uid] ?? [])
      finish(uid, .succeeded)
    } else if let condition = job.status.conditions["Failed"], condition.isTrue {
      state.isOver = true
      let message = condition.message.isEmpty ? "" : ": \(condition.message)"
      tell("\(title) failed: \(condition.reason)\(message)", after: podsOfJob[uid] ?? [])
      finish(uid, .failed)
    }
  }

  private static func standstill(of job: Job) -> String? {
    if let manager = job.spec.managedBy, manager != "kubernetes.io/job-controller" {
      return "is managed by \(manager), which is not here"
    }
    if job.spec.suspend == true { return "is suspended" }
    return job.spec.parallelism == 0 ? "has a parallelism of 0" : nil
  }

  // MARK: Pods

  private mutating func take(_ pod: Pod) {
    let uid = pod.metadata.uid
    var state = pods[uid] ?? PodState()
    defer { pods[uid] = state }
    if pods[uid] == nil, let owner = pod.metadata.controller { podsOfJob[owner.uid, default: []].insert(uid) }

    for status in pod.status.initContainerStatuses + pod.status.containerStatuses {
      takeContainer(status, of: pod, &state)
    }

    guard pod.status.phase != state.phase else { return }
    let isFirstLook = state.phase == ""
    state.phase = pod.status.phase
    let title = name(pod.metadata, .pod)
    switch pod.status.phase {
    case .running:
      tell("\(title) started on \(pod.spec.nodeName)")
    case .succeeded:
      tell("\(title) succeeded\(took(pod))", after: [uid])
      finish(uid, .succeeded)
      noteEnd(of: pod)
    case .failed:
      tell("\(title) failed\(took(pod)): \(Self.failure(of: pod))", after: [uid])
      finish(uid, .failed)
      noteEnd(of: pod)
    default:
      if !isFirstLook { tell("\(title) is \(pod.status.phase)") }
    }
  }

  private mutating func noteEnd(of pod: Pod) {
    guard let owner = pod.metadata.controller else { return }
    if pod.status.phase == .failed { lastFailed[owner.uid] = [pod.metadata.uid] }
    guard let text = retries.note(pod, of: owner.uid, now: now) else { return }
    let job = ObjectMeta(name: owner.name, namespace: pod.metadata.namespace)
    tell("\(name(job, .job)) \(text)", after: lastFailed[owner.uid] ?? [])
  }

  /// `back-off 10s restarting failed container=…`, as a kubelet writes it, tells how long.
  private mutating func announceRestart(_ status: ContainerStatus, of pod: Pod, _ state: inout PodState) {
    guard let waiting = status.state.waiting, waiting.reason == "CrashLoopBackOff",
      state.announced[status.name] != status.restartCount,
      let delay = waiting.message.firstMatch(of: #/^back-off ([0-9hms.]+) /#)?.output.1
    else { return }
    state.announced[status.name] = status.restartCount
    let end = status.lastState.terminated.map { ": \(Self.text(of: $0))" } ?? ""
    tell("\(name(pod.metadata, .pod)) container \(status.name) restarts in \(delay)\(end)")
  }

  private mutating func takeContainer(_ status: ContainerStatus, of pod: Pod, _ state: inout PodState) {
    announceRestart(status, of: pod, &state)
    // The attempt that has begun latest; none while the container waits for its first start.
    let hasBegun = status.state.running != nil || (status.state.terminated?.startedAt?.seconds ?? 0) > 0
    let attempt = hasBegun ? status.restartCount : status.restartCount - 1
    let known = state.attempts[status.name] ?? -1
    guard attempt > known else { return }
    state.attempts[status.name] = attempt
    if attempt > 0, let last = status.lastState.terminated {
      tell(
        "\(name(pod.metadata, .pod)) container \(status.name) restarted (\(attempt)): \(Self.text(of: last))",
        after: [])
    }
    guard hasBegun else { return }
    let several = pod.spec.containers.count + pod.spec.initContainers.count > 1
    logStarts.append(
      LogStart(
        podUID: pod.metadata.uid, namespace: pod.metadata.namespace, pod: pod.metadata.name,
        label: several ? "\(pod.metadata.name)/\(status.name)" : pod.metadata.name, container: status.name))
  }

  /// From the first container's start to the last one's end.
  private func took(_ pod: Pod) -> String {
    let ended = pod.status.containerStatuses.compactMap(\.state.terminated)
    // What never ran has started at the beginning of time.
    guard let start = ended.compactMap(\.startedAt).min(), start.seconds > 0,
      let end = ended.compactMap(\.finishedAt).max()
    else { return "" }
    return " after \(Summary.text(end - start))"
  }

  /// Why a pod failed: the containers that ended badly, or what its status says.
  static func failure(of pod: Pod) -> String {
    let statuses = pod.status.containerStatuses + pod.status.initContainerStatuses
    let failed = statuses.compactMap { status in
      status.state.terminated.flatMap { $0.exitCode == 0 ? nil : (name: status.name, end: $0) }
    }
    var parts = failed.map { statuses.count > 1 ? "\($0.name): \(text(of: $0.end))" : text(of: $0.end) }
    if !pod.status.reason.isEmpty {
      parts.insert(
        pod.status.message.isEmpty ? pod.status.reason : "\(pod.status.reason): \(pod.status.message)", at: 0)
    }
    // What kept a container from running is the reason where none has run.
    if failed.isEmpty {
      parts += statuses.compactMap(\.state.waiting).filter { !["", "PodInitializing"].contains($0.reason) }.map {
        $0.message.isEmpty ? $0.reason : "\($0.reason): \($0.message)"
      }
    }
    return parts.isEmpty ? "no container says why" : parts.joined(separator: "; ")
  }

  private static func text(of end: ContainerState.Terminated) -> String {
    var text = end.signal != 0 ? "signal \(end.signal), exit code \(end.exitCode)" : "exit code \(end.exitCode)"
    if !["", "Error", "Completed"].contains(end.reason) { text = "\(end.reason), \(text)" }
    // A program's last message may be some lines of its log: the last of them say most.
    let lines = end.message.split(separator: "\n").suffix(3)
    if !lines.isEmpty { text += ": " + lines.joined(separator: "; ") }
    return text
  }

  // MARK: Events

  private mutating func take(_ event: Event) {
    guard event.type == "Warning" else { return }
    // A failed job's reason stands in its own line.
    if event.involvedObject.kind == Kind.job.rawValue, event.reason != "FailedCreate" { return }
    guard seenWarnings.insert("\(event.involvedObject.uid) \(event.reason) \(event.message)").inserted else { return }
    guard let kind = Kind(rawValue: event.involvedObject.kind) else { return }
    let metadata = ObjectMeta(name: event.involvedObject.name, namespace: event.involvedObject.namespace)
    tell("\(name(metadata, kind)) \(event.reason): \(event.message)")
  }
}
