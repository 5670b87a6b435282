import CLinux
import Glibc
import KubeModel
import Threading

/// What the processes of a pod use.
public struct ProcessUsage: Hashable, Sendable {
  /// Thousandths of a core, averaged since the sample before.
  public var milliCPU: Int
  /// Resident bytes; pages that processes share are counted in each.
  public var memory: Int

  /// Creates a reading of thousandths of a core and bytes.
  public init(milliCPU: Int, memory: Int) {
    self.milliCPU = milliCPU
    self.memory = memory
  }
}

/// Measures what containers use, on a thread of its own that sleeps while nothing runs.
final class UsageSampler: Sendable {
  private struct State {
    /// The pod that each running session belongs to.
    var sessions: [Int32: Session] = [:]
    var latest: [String: ProcessUsage] = [:]
    var isAsleep = true
    var isStopped = false
  }

  private struct Session {
    var container: ContainerID
    var beganAt: Int64
    /// Bytes; `nil` for no limit.
    var memoryLimit: Int?

    var podUID: String { container.podUID }
  }

  /// How often limits are looked at, where there are any: a cgroup would notice at once.
  private static let limitInterval: Int64 = 100_000
  private static let longestPause: Int64 = 60_000_000

  private let state = Locked(State())
  private let machineReader = Locked(MachineUsage.Reader())
  private let event: Int32
  /// Microseconds.
  private let interval: Int64
  private let mailbox: Mailbox

  init(interval: Duration, _ mailbox: Mailbox) throws(RuntimeError) {
    self.mailbox = mailbox
    self.interval = max(100_000, interval.inMicroseconds)
    event = jobdeck_event_create()
    guard event >= 0 else { throw RuntimeError("cannot create an eventfd", errno: -event) }
  }

  deinit { close(event) }

  var latest: [String: ProcessUsage] { state.withLock { $0.latest } }

  func machine() -> MachineUsage { machineReader.withLock { $0.read() } }

  func start() {
    // Without a thread there are no samples, which is no reason not to run jobs.
    try? startThread(name: "jobdeck-usage") { [self] in
      setpriority(__priority_which_t(0), 0, 10)
      run()
    }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    jobdeck_event_signal(event)
  }

  func began(session: Int32, _ container: ContainerID, memoryLimit: Int?) {
    let mustWake = state.withLock { state in
      state.sessions[session] = Session(container: container, beganAt: Clock.monotonic, memoryLimit: memoryLimit)
      defer { state.isAsleep = false }
      return state.isAsleep || memoryLimit != nil
    }
    if mustWake { jobdeck_event_signal(event) }
  }

  func ended(session: Int32) {
    state.withLock { $0.sessions[session] = nil }
  }

  private func run() {
    var ticksBefore: [Int32: Int] = [:]
    var before = Clock.monotonic
    var cost: Int64 = 0
    var limits: [Int32: Session] = [:]
    var limitCost: Int64 = 0
    while true {
      // 0.4 % of a core, whatever a sample costs; the first soon after something was started.
      let rest = ticksBefore.isEmpty ? min(interval, 500_000) : max(interval, cost * 250)
      var pause = rest
      // 4 % where limits are to be kept.
      if !limits.isEmpty { pause = min(rest, max(UsageSampler.limitInterval, limitCost * 25)) }
      // A sample in which the machine slept has cost nothing like what it seems to.
      pause = min(pause, UsageSampler.longestPause)
      if jobdeck_event_wait(event, Int32(pause / 1_000)), state.withLock({ $0.isStopped }) { return }
      let sessions: [Int32: Session] = state.withLock { state in
        if state.sessions.isEmpty {
          state.isAsleep = true
          state.latest = [:]
        }
        return state.sessions
      }
      if sessions.isEmpty {
        ticksBefore = [:]
        _ = jobdeck_event_wait(event, -1)
        if state.withLock({ $0.isStopped }) { return }
        before = Clock.monotonic
        continue
      }
      var now = Clock.monotonic
      limits = sessions.filter { $0.value.memoryLimit != nil }
      if !limits.isEmpty {
        keepLimits(limits)
        limitCost = Clock.monotonic - now
        now = Clock.monotonic
      }
      // An early wake-up is no sample.
      guard now - before >= (limits.isEmpty ? 50_000 : rest) else { continue }
      sample(sessions, &ticksBefore, since: before, now)
      before = now
      cost = Clock.monotonic - now
    }
  }

  /// Tells of containers that use more memory than they may.
  private func keepLimits(_ limits: [Int32: Session]) {
    var members: [Int32: [Int32]] = [:]
    var pages: [Int32: Int] = [:]
    for pid in ProcessTable.all() {
      let session = getsid(pid)
      guard limits[session] != nil else { continue }
      members[session, default: []].append(pid)
      pages[session, default: 0] += ProcessTable.residentPages(pid)
    }
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    for (session, resident) in pages {
      guard let limited = limits[session], let limit = limited.memoryLimit, resident * pageSize > limit else {
        continue
      }
      // Resident pages may be shared, or of files; only now it is worth to count what is not.
      let used = (members[session] ?? []).reduce(0) { $0 + ProcessTable.unsharedMemory($1) }
      if used > limit { mailbox.post(.outOfMemory(limited.container)) }
    }
  }

  private func sample(_ sessions: [Int32: Session], _ ticksBefore: inout [Int32: Int], since: Int64, _ now: Int64) {
    var ticks: [Int32: Int] = [:]
    var pages: [Int32: Int] = [:]
    for pid in ProcessTable.all() {
      // One system call tells whether a process matters at all.
      let session = getsid(pid)
      guard sessions[session] != nil, let stat = ProcessTable.stat(pid) else { continue }
      ticks[session, default: 0] += stat.ticks
      pages[session, default: 0] += stat.residentPages
    }
    let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    var result: [String: ProcessUsage] = [:]
    for (number, session) in sessions {
      guard let used = ticks[number] else { continue }
      let seconds = Double(max(1, now - (ticksBefore[number] == nil ? session.beganAt : since))) / 1_000_000
      // Less than before: processes ended that no one of the session waited for.
      let spent = Double(max(0, used - (ticksBefore[number] ?? 0))) / ticksPerSecond
      result[session.podUID, default: ProcessUsage(milliCPU: 0, memory: 0)].milliCPU += Int(spent / seconds * 1_000)
      result[session.podUID]?.memory += (pages[number] ?? 0) * pageSize
    }
    ticksBefore = ticks
    let sampled = result
    state.withLock { $0.latest = sampled }
  }
}
