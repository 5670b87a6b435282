import CLinux
import Glibc
import HeapModule
import KubeModel
import Threading

/// A program that runs in a container for a while to tell how it is.
final class RunningProbe {
  let order: ProbeOrder
  let container: RunningContainer
  let pid: Int32
  let pidfd: Int32
  /// The pipe's end, -1 once it is at its end.
  var output: Int32
  var bytes: [UInt8] = []
  var isTimedOut = false
  /// When its time is over (monotonic).
  let deadline: Int64

  /// What is kept of the output (kubelet: maxReadLength).
  static let outputLimit = 10 << 10

  init(_ order: ProbeOrder, _ container: RunningContainer, pid: Int32, pidfd: Int32, output: Int32) {
    self.order = order
    self.container = container
    self.pid = pid
    self.pidfd = pidfd
    self.output = output
    deadline = Clock.monotonic + max(1, order.timeout.inMicroseconds)
  }
}

// Probes: processes beside a container's own, with its environment and its mounts, or connections to it.
extension RuntimeLoop {
  func runningContainer(_ id: ContainerID) -> RunningContainer? {
    for place in placesByPod[id.podUID] ?? [] {
      if let container = containers[place], container.id == id, container.exit == nil { return container }
    }
    return nil
  }

  func probe(_ order: ProbeOrder) {
    guard let container = runningContainer(order.container), var start = container.start, !isShuttingDown else {
      return
    }
    func fail(_ problem: String) { reports.append(.probed(order.container, order.kind, .error(problem))) }
    guard !order.action.command.isEmpty else {
      // It waits for another's answer, and so on a thread of its own.
      do throws(ThreadError) {
        try startThread(name: "jobdeck-probe") { [mailbox] in
          mailbox.post(.probed(order, NetworkProbe.carryOut(order.action, timeout: order.timeout)))
        }
      } catch {
        fail(error.description)
      }
      return
    }

    start.command = order.action.command
    let command = shellOfImage(start)
    start.command = command
    spawnText.set(start, base: options.baseEnvironment, markers: markers(for: start.id))
    guard !spawnText.holdsNUL else { return fail(StartFailure.zeroByte()) }
    var directory = start.workingDirectory.isEmpty ? options.workingDirectory ?? "" : start.workingDirectory
    if let sandboxed = container.sandboxed {
      if let problem = sandboxProblem(sandboxed, start, spawnText) { return fail(problem) }
      start.command = sandboxed.prefix + command
      spawnText.set(start, base: options.baseEnvironment, markers: markers(for: start.id))
      directory = options.workingDirectory ?? ""
    }
    var ends: (Int32, Int32) = (-1, -1)
    let code = makePipe(&ends)
    guard code >= 0 else { return fail(StartFailure.noProcess(-code)) }
    let result = spawn(in: directory, ends.1, ends.1)
    close(ends.1)
    guard result.stage == JOBDECK_SPAWN_STARTED else {
      close(ends.0)
      switch result.stage {
      case JOBDECK_SPAWN_DIRECTORY: return fail(StartFailure.workingDirectory(directory, result.error))
      case JOBDECK_SPAWN_EXECUTE: return fail(StartFailure.program(order.action.command.first ?? "", result.error))
      default: return fail(StartFailure.noProcess(result.error))
      }
    }
    let probe = RunningProbe(order, container, pid: result.pid, pidfd: result.pidfd, output: ends.0)
    probes[result.pid] = probe
    timers.insert(
      RuntimeTimer(
        due: probe.deadline, place: Int(result.pid), generation: 0,
        purpose: .probeTimeout))
    let isWatched =
      jobdeck_poller_add(poller, result.pidfd, Token.probeExit(result.pid).bits) >= 0
      && jobdeck_poller_add(poller, ends.0, Token.probeOutput(result.pid).bits) >= 0
    guard !isWatched else { return }
    Glibc.kill(-result.pid, SIGKILL)
    var info = siginfo_t()
    waitid(P_PID, id_t(result.pid), &info, WEXITED | WNOWAIT)
    probeEnded(result.pid)
  }

  func probeAnswered(_ order: ProbeOrder, _ outcome: ProbeOutcome) {
    guard runningContainer(order.container) != nil else { return }
    reports.append(.probed(order.container, order.kind, outcome))
  }

  /// Reads what a probe wrote; what is beyond the limit is let go, so that the probe is not held up.
  func readProbeOutput(_ pid: Int32) {
    guard let probe = probes[pid], probe.output >= 0, let base = readBuffer.baseAddress else { return }
    let count = read(probe.output, base, readBuffer.count)
    if count > 0 {
      let rest = RunningProbe.outputLimit - probe.bytes.count
      probe.bytes += UnsafeRawBufferPointer(start: base, count: min(count, max(0, rest)))
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      close(probe.output)
      probe.output = -1
    }
  }

  func probeTimedOut(_ pid: Int32) {
    // The number may be another's by now; then that one's time is not over.
    guard let probe = probes[pid], !probe.isTimedOut, probe.deadline <= Clock.monotonic else { return }
    probe.isTimedOut = true
    Glibc.kill(-pid, SIGKILL)
  }

  func killProbes(of container: RunningContainer) {
    guard !probes.isEmpty else { return }
    for probe in probes.values where probe.container === container { Glibc.kill(-probe.pid, SIGKILL) }
  }

  func probeEnded(_ pid: Int32) {
    guard let probe = probes[pid] else { return }
    Glibc.kill(-pid, SIGKILL)
    ChildRegistry.remove(pid)
    var code: Int32 = 137
    var signal: Int32 = 0
    guard jobdeck_reap(probe.pidfd, &code, &signal) != 0 else { return }
    close(probe.pidfd)
    for _ in 0..<16 where probe.output >= 0 { readProbeOutput(pid) }
    if probe.output >= 0 { close(probe.output) }
    probes[pid] = nil
    guard probe.container.exit == nil else { return }
    let outcome: ProbeOutcome =
      if probe.isTimedOut {
        .failure(
          "command timed out: \(goQuoted(probe.order.action.command.joined(separator: " "))) timed out after "
            + probe.order.timeout.goText)
      } else if code == 0 {
        .success
      } else {
        .failure(String(decoding: probe.bytes, as: UTF8.self))
      }
    reports.append(.probed(probe.order.container, probe.order.kind, outcome))
  }
}
