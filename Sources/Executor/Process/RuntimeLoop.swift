import CLinux
import DequeModule
import Glibc
import HeapModule
import KubeModel

/// The one thread that starts containers, hears of their ends and reads their output. Confined to that thread from
/// `run` on.
///
/// One round: take messages, start one container, wait for events, see to exits, then read a bounded piece of each
/// output that has some, fire due timers, report. So neither a thousand starts nor a job that writes without end keep
/// an exit waiting for long.
final class RuntimeLoop {
  let options: ProcessRuntime.Options
  let sampler: UsageSampler
  let logs: LogFiles
  let orphans: OrphanFinder
  /// Starts that wait for their turn.
  var queue = Deque<QueuedStart>()
  var queuedByPod: [String: [QueuedStart]] = [:]
  /// Starts whose turn it was before it was known whether bubblewrap works.
  var waitingForSandbox: [QueuedStart] = []
  var sandbox = SandboxState.unknown
  let podFiles: PodFiles
  /// What runs, by place; a place is used again.
  var containers: [RunningContainer?] = []
  var freePlaces: [Int] = []
  var placesByPod: [String: [Int]] = [:]
  /// The place of the container by the process id of its main process, which is its session and group, too.
  var placesBySession: [Int32: Int] = [:]
  var runningCount = 0
  /// Orphans of containers, by process id.
  var adopted: [Int32: AdoptedProcess] = [:]
  /// Orphans that show no environment yet, by process id, and since when (monotonic).
  var undecided: [Int32: Int64] = [:]
  /// Probes that run, by process id.
  var probes: [Int32: RunningProbe] = [:]
  var timers = Heap<RuntimeTimer>()
  /// Containers whose output is not watched yet, oldest first.
  var young = Deque<YoungContainer>()
  var reports: [PodReport] = []
  /// When to look for orphans again; `nil` while nothing runs.
  var nextOrphanSearch: Int64?
  var lastGeneration: UInt32 = 0
  var isShuttingDown = false
  let logScratch: LogScratch
  let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

  let poller: Int32
  let null: Int32
  let stack: UnsafeMutableRawPointer
  var guardian = jobdeck_guardian()
  /// In the environment of every process started here: what the guardian looks for.
  let marker: String
  let fileLimit: UInt64
  var spawnText = SpawnText()

  let mailbox: Mailbox
  private let report: @Sendable ([PodReport]) -> Void
  private var inbox: [Mailbox.Message] = []
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var shutDownLimit: Int64?
  private var isTornDown = false

  init(
    _ options: ProcessRuntime.Options, _ mailbox: Mailbox, _ logs: LogFiles, _ sampler: UsageSampler,
    _ report: @escaping @Sendable ([PodReport]) -> Void
  ) throws(RuntimeError) {
    self.options = options
    self.mailbox = mailbox
    self.logs = logs
    self.sampler = sampler
    self.report = report
    podFiles = PodFiles(root: options.podDirectory)
    logScratch = LogScratch()
    var generator = SystemRandomNumberGenerator()
    marker = String(generator.next(), radix: 36) + String(generator.next(), radix: 36)

    let probe = jobdeck_pidfd_open(getpid())
    guard probe >= 0 else { throw RuntimeError("cannot watch processes (Linux 5.4 or later is needed)", errno: -probe) }
    close(probe)
    let subreaper = jobdeck_become_subreaper()
    guard subreaper >= 0 else { throw RuntimeError("cannot adopt orphaned processes", errno: -subreaper) }
    fileLimit = ChildRegistry.fileLimitBefore
    ChildRegistry.addRuntime(marker)
    poller = jobdeck_poller_create()
    null = jobdeck_null_open()
    guard poller >= 0, null >= 0 else {
      throw RuntimeError("cannot open descriptors", errno: poller < 0 ? -poller : -null)
    }
    guard let stack = jobdeck_spawn_stack_create() else {
      throw RuntimeError("cannot get memory for new processes", errno: ENOMEM)
    }
    self.stack = stack
    orphans = OrphanFinder()
    let added = jobdeck_poller_add(poller, mailbox.event, Token.mailbox.bits)
    guard added >= 0 else { throw RuntimeError("cannot wait for messages", errno: -added) }
    let guarded = ChildRegistry.startGuardian(
      "JOBDECK_RUNTIME=" + marker, places: 1 << 16, &guardian)
    guard guarded >= 0 else { throw RuntimeError("cannot start the guardian process", errno: -guarded) }
  }

  deinit { tearDown() }

  /// Works until the runtime is shut down.
  func run() {
    var tokens = [UInt64](repeating: 0, count: 128)
    while true {
      takeMessages()
      startNext()
      if isShuttingDown, isEmpty { break }
      let timeout = queue.isEmpty && reports.isEmpty && mailbox.prepareToSleep() ? millisecondsToNextTimer() : 0
      let count = jobdeck_poller_wait(poller, &tokens, 128, timeout)
      mailbox.wokeUp()
      handle(tokens[0..<max(0, Int(count))])
      watchOutputOfGrownUps()
      fireTimers()
      flushReports()
    }
    flushReports()
    tearDown()
    var late = waiting
    for message in mailbox.shut() {
      switch message {
      case .shutDown(_, let continuation): if let continuation { late.append(continuation) }
      case .effects(let effects): for case .start(let start) in effects { logs.activity.ended(start.id) }
      case .sandbox, .outOfMemory, .probed: break
      }
    }
    for continuation in late { continuation.resume() }
  }

  private func takeMessages() {
    mailbox.take(into: &inbox)
    for message in inbox {
      switch message {
      case .effects(let effects): for effect in effects { carryOut(effect) }
      case .shutDown(let grace, let continuation):
        if let continuation { waiting.append(continuation) }
        beginShutDown(grace)
      case .sandbox(let result): sandboxChecked(result)
      case .outOfMemory(let id): exceededMemory(id)
      case .probed(let order, let outcome): probeAnswered(order, outcome)
      }
    }
    inbox.removeAll(keepingCapacity: true)
  }

  private func carryOut(_ effect: Effect) {
    switch effect {
    case .start(let start): enqueue(start)
    case .stop(let podUID, let gracePeriod): stop(podUID, gracePeriod)
    case .stopContainer(let id, let gracePeriod):
      if let container = runningContainer(id) { stop(container, gracePeriod) }
    case .probe(let order): probe(order)
    case .remove(let podUID, let namespace, let podName):
      logs.removeSoon(
        namespace: namespace, podName: podName, podUID: podUID, besides: podFiles.directory(podUID))
    }
  }

  /// Exits before output: what a job writes must not make another's end wait.
  private func handle(_ tokens: ArraySlice<UInt64>) {
    var outputs = 0
    for token in tokens {
      switch Token(token) {
      case .mailbox: jobdeck_event_clear(mailbox.event)
      case .exit(let place, let generation):
        if let container = container(place, generation) { mainProcessEnded(container) }
      case .orphan(let pid): orphanEnded(pid)
      case .probeExit(let pid): probeEnded(pid)
      case .probeOutput(let pid): readProbeOutput(pid)
      case .output: outputs += 1
      }
    }
    guard outputs > 0 else { return }
    for token in tokens {
      if case .output(let place, let generation, let stream) = Token(token),
        let container = container(place, generation)
      {
        readOutput(of: container, stream)
      }
    }
  }

  /// The container that runs at the place, unless it is a later one than the event is about.
  func container(_ place: Int, _ generation: UInt32) -> RunningContainer? {
    guard place < containers.count, let container = containers[place], container.generation == generation
    else { return nil }
    return container
  }

  // MARK: - Timers

  private func millisecondsToNextTimer() -> Int32 {
    var next = timers.min?.due
    if let search = nextOrphanSearch { next = min(next ?? search, search) }
    if let watch = young.first?.watchOutputAt { next = min(next ?? watch, watch) }
    if let limit = shutDownLimit { next = min(next ?? limit, limit) }
    guard let next else { return -1 }
    let rest = next - Clock.monotonic
    return rest <= 0 ? 0 : Int32(min((rest + 999) / 1_000, 60_000))
  }

  private func fireTimers() {
    guard !timers.isEmpty || nextOrphanSearch != nil else { return }
    let now = Clock.monotonic
    while let timer = timers.min, timer.due <= now {
      timers.removeMin()
      if timer.purpose == .probeTimeout {
        probeTimedOut(Int32(truncatingIfNeeded: timer.place))
        continue
      }
      guard let container = container(timer.place, timer.generation) else { continue }
      switch timer.purpose {
      case .kill: if let deadline = container.killAt, deadline <= now { kill(container) }
      case .finish: if let deadline = container.finishBy, deadline <= now { giveUpWaiting(container) }
      case .pieces:
        container.awaitsPieces = false
        container.log.writePieces(logScratch)
        watchPieces(of: container)
      case .probeTimeout: break
      }
    }
    if let search = nextOrphanSearch, search <= now {
      nextOrphanSearch = runningCount > 0 || !adopted.isEmpty ? now + 1_000_000 : nil
      adoptOrphans()
    }
  }

  private func flushReports() {
    guard !reports.isEmpty else { return }
    report(reports)
    reports.removeAll(keepingCapacity: true)
  }

  // MARK: - The end

  private func beginShutDown(_ grace: Duration) {
    isShuttingDown = true
    for podUID in Array(queuedByPod.keys) { cancelQueued(podUID) }
    for container in containers { if let container { stop(container, grace) } }
  }

  /// Whether nothing runs any more; ends what was never attributed to a container.
  private var isEmpty: Bool {
    guard runningCount == 0, probes.isEmpty else { return false }
    if shutDownLimit == nil {
      // A process that can't be killed (it waits for a broken disk) must not keep the user from leaving.
      shutDownLimit = Clock.monotonic + 2_000_000
      adoptOrphans()
      searchOrphans(within: 50_000)
    }
    return (adopted.values.allSatisfy(\.isBeside) && undecided.isEmpty)
      || shutDownLimit.map { $0 <= Clock.monotonic } ?? true
  }

  private func tearDown() {
    guard !isTornDown else { return }
    isTornDown = true
    sampler.stop()
    for process in adopted.values { close(process.pidfd) }
    ChildRegistry.removeRuntime(marker)
    if guardian.pid > 0 { ChildRegistry.stopGuardian(&guardian) }
    if poller >= 0 { close(poller) }
    if null >= 0 { close(null) }
    jobdeck_spawn_stack_destroy(stack)
    readBuffer.deallocate()
  }
}

/// What an epoll event is about, in 64 bits.
enum Token {
  case mailbox
  case exit(place: Int, generation: UInt32)
  case output(place: Int, generation: UInt32, LogLine.Stream)
  case orphan(Int32)
  case probeExit(Int32)
  case probeOutput(Int32)

  init(_ bits: UInt64) {
    let place = Int(bits >> 3 & 0xFF_FFFF)
    let generation = UInt32(truncatingIfNeeded: bits >> 27)
    switch bits & 7 {
    case 0: self = .exit(place: place, generation: generation)
    case 1: self = .output(place: place, generation: generation, .stdout)
    case 2: self = .output(place: place, generation: generation, .stderr)
    case 3: self = .orphan(Int32(truncatingIfNeeded: bits >> 3))
    case 4: self = .probeExit(Int32(truncatingIfNeeded: bits >> 3))
    case 5: self = .probeOutput(Int32(truncatingIfNeeded: bits >> 3))
    default: self = .mailbox
    }
  }

  var bits: UInt64 {
    switch self {
    case .mailbox: 7
    case .exit(let place, let generation): Self.bits(place, generation, 0)
    case .output(let place, let generation, let stream): Self.bits(place, generation, stream == .stdout ? 1 : 2)
    case .orphan(let pid): UInt64(UInt32(bitPattern: pid)) << 3 | 3
    case .probeExit(let pid): UInt64(UInt32(bitPattern: pid)) << 3 | 4
    case .probeOutput(let pid): UInt64(UInt32(bitPattern: pid)) << 3 | 5
    }
  }

  private static func bits(_ place: Int, _ generation: UInt32, _ kind: UInt64) -> UInt64 {
    UInt64(generation) << 27 | UInt64(place & 0xFF_FFFF) << 3 | kind
  }
}

/// A moment at which a container is to be looked at; stale ones are harmless.
struct RuntimeTimer: Comparable {
  enum Purpose {
    /// The grace period has passed.
    case kill
    /// What is left of an ended container is not waited for any longer.
    case finish
    /// A probe, whose process id stands for the place, has had its time.
    case probeTimeout
    /// What a container wrote has waited for its newline.
    case pieces
  }

  var due: Int64
  var place: Int
  var generation: UInt32
  var purpose: Purpose

  static func < (left: RuntimeTimer, right: RuntimeTimer) -> Bool { left.due < right.due }
}

/// A container that has just been started.
struct YoungContainer {
  /// Monotonic.
  var watchOutputAt: Int64
  var place: Int
  var generation: UInt32
}

/// A start that waits for its turn.
final class QueuedStart {
  let start: ContainerStart
  /// A stop came first.
  var isCancelled = false
  /// It has waited for bubblewrap to be looked at.
  var knowsSandbox = false
  init(_ start: ContainerStart) { self.start = start }
}

/// A container whose process was started and whose end is not yet reported.
final class RunningContainer {
  let id: ContainerID
  let place: Int
  let generation: UInt32
  /// The main process; its session and its process group have the same number.
  let pid: Int32
  let startedAt: Instant
  /// -1 once the main process is reaped.
  var pidfd: Int32
  /// The pipes' ends, -1 once they are at their end.
  var stdout: Int32
  var stderr: Int32
  let log: LogWriter
  /// Whether the poller tells of output.
  var isOutputWatched = false
  /// A timer is set for lines without their end.
  var awaitsPieces = false
  /// When what is left is killed (monotonic); set by a stop.
  var killAt: Int64?
  /// The main process has ended so; its output and the processes it left may still be there.
  var exit: ContainerExit?
  /// When the rest is no longer waited for (monotonic).
  var finishBy: Int64?
  /// Adopted processes that belong here.
  var strays: Set<Int32> = []
  /// What its probes need to know.
  var start: ContainerStart?
  /// The main process is bubblewrap, the program is its child.
  var sandboxed: SandboxedStart?
  /// Where its last message may be.
  var messageFile: String?
  var takesMessageFromLog = false
  /// It was killed because it used more memory than it may.
  var isOutOfMemory = false

  init(
    _ id: ContainerID, place: Int, generation: UInt32, pid: Int32, pidfd: Int32, stdout: Int32, stderr: Int32,
    startedAt: Instant, log: LogWriter
  ) {
    self.id = id
    self.place = place
    self.generation = generation
    self.pid = pid
    self.pidfd = pidfd
    self.stdout = stdout
    self.stderr = stderr
    self.startedAt = startedAt
    self.log = log
  }
}

/// A process that a container left behind and that is our child now.
struct AdoptedProcess {
  var pidfd: Int32
  /// The container it belongs to, while that is known and not yet reported as ended.
  var place: Int?
  var generation: UInt32 = 0
  /// Nobody's to signal: it is only reaped.
  var isBeside = false
}
