import CLinux
import Glibc
import HeapModule
import KubeModel

// How containers end. A container has ended when its main process has, no process that it left behind is alive, and
// its output is read to the end.
extension RuntimeLoop {
  // MARK: - Stopping

  func stop(_ podUID: String, _ grace: Duration) {
    cancelQueued(podUID)
    for place in placesByPod[podUID] ?? [] {
      if let container = containers[place] { stop(container, grace) }
    }
  }

  func stop(_ container: RunningContainer, _ grace: Duration) {
    guard container.exit == nil else { return }
    let wait = grace.inMicroseconds
    guard wait > 0 else { return kill(container) }
    if container.killAt == nil {
      if container.sandboxed == nil { Glibc.kill(-container.pid, SIGTERM) } else { terminateSandboxed(container) }
      for pid in container.strays { signalStray(pid, SIGTERM) }
      // A stopped process would sleep through its grace period.
      Glibc.kill(-container.pid, SIGCONT)
    }
    let deadline = Clock.monotonic.addingReportingOverflow(wait).partialValue
    guard deadline > 0, deadline < container.killAt ?? .max else { return }
    container.killAt = deadline
    timers.insert(
      RuntimeTimer(due: deadline, place: container.place, generation: container.generation, purpose: .kill))
  }

  func kill(_ container: RunningContainer) {
    // Not after the main process was reaped: the number may be another's then.
    if container.exit == nil { Glibc.kill(-container.pid, SIGKILL) }
    killStrays(of: container)
  }

  /// Ends what the container has left behind up to now.
  func killStrays(of container: RunningContainer) {
    for pid in container.strays { signalStray(pid, SIGKILL) }
  }

  /// The container uses more memory than its limit: all of it is killed, as where the kernel's OOM killer takes a
  /// control group as one.
  func exceededMemory(_ id: ContainerID) {
    guard let container = runningContainer(id) else { return }
    container.isOutOfMemory = true
    kill(container)
  }

  // MARK: - Exit

  func mainProcessEnded(_ container: RunningContainer) {
    guard container.exit == nil else { return }
    let finishedAt = Clock.now
    // While the process is not reaped, its group can't be another's.
    Glibc.kill(-container.pid, SIGKILL)
    ChildRegistry.remove(container.pid)
    var code: Int32 = 137
    var signal: Int32 = 0
    let reaped = jobdeck_reap(container.pidfd, &code, &signal)
    guard reaped != 0 else { return }
    close(container.pidfd)
    container.pidfd = -1
    var exit = ContainerExit(
      exitCode: Int(code), signal: Int(signal), startedAt: container.startedAt, finishedAt: finishedAt)
    if reaped < 0 {
      // Someone else in this process waited for all children.
      exit.reason = "ContainerStatusUnknown"
      exit.message = "The exit status could not be read: " + describe(errno: -reaped)
    }
    if container.isOutOfMemory, signal == SIGKILL { exit.reason = "OOMKilled" }
    container.exit = exit
    killProbes(of: container)
    sampler.ended(session: container.pid)
    if nothingIsLeft(of: container) { forgetGroup(container) }
    // As where the first process of a PID namespace ends.
    killStrays(of: container)
    adoptOrphans()
    settle(container)
  }

  private func nothingIsLeft(of container: RunningContainer) -> Bool {
    Glibc.kill(-container.pid, 0) < 0 && errno == ESRCH
  }

  private func forgetGroup(_ container: RunningContainer) {
    jobdeck_guardian_set(&guardian, Int32(truncatingIfNeeded: container.place), 0)
  }

  /// Reports the container if it has ended altogether; else sees to it that it will.
  func settle(_ container: RunningContainer) {
    guard container.exit != nil else { return }
    // Usually all is written by now and the pipes have no other writer: the end is here to be read.
    for _ in 0..<2 where container.stdout >= 0 { readOutput(of: container, .stdout, settling: true) }
    for _ in 0..<2 where container.stderr >= 0 { readOutput(of: container, .stderr, settling: true) }
    if container.strays.isEmpty, container.stdout < 0, container.stderr < 0 { return report(container) }
    watchOutput(of: container)
    guard containers[container.place] === container else { return }
    let patience: Int64 = container.strays.isEmpty ? 250_000 : 5_000_000
    let deadline = Clock.monotonic + patience
    guard deadline < container.finishBy ?? .max else { return }
    container.finishBy = deadline
    timers.insert(
      RuntimeTimer(due: deadline, place: container.place, generation: container.generation, purpose: .finish))
  }

  /// The time for what an ended container left is over: it is reported as it is.
  func giveUpWaiting(_ container: RunningContainer) {
    adoptOrphans()
    killStrays(of: container)
    // What could not be killed belongs to no container any more; it is reaped when it goes.
    for pid in container.strays { adopted[pid]?.place = nil }
    container.strays = []
    finishNow(container)
  }

  /// Takes what is in the pipes and closes them, whoever still holds the other ends.
  func finishNow(_ container: RunningContainer) {
    // 1 MiB is the most that a pipe of an ordinary user holds.
    for _ in 0..<16 where container.stdout >= 0 { readOutput(of: container, .stdout, settling: true) }
    for _ in 0..<16 where container.stderr >= 0 { readOutput(of: container, .stderr, settling: true) }
    closeOutput(of: container, .stdout)
    closeOutput(of: container, .stderr)
    report(container)
  }

  private func report(_ container: RunningContainer) {
    guard var exit = container.exit, containers[container.place] === container else { return }
    container.log.finish(logScratch)
    if let loss = container.log.loss, exit.message.isEmpty { exit.message = loss }
    addMessage(of: container, to: &exit)
    logs.activity.ended(container.id)
    forgetGroup(container)
    containers[container.place] = nil
    freePlaces.append(container.place)
    placesBySession[container.pid] = nil
    let podUID = container.id.podUID
    if let index = placesByPod.index(forKey: podUID) {
      placesByPod.values[index].removeAll { $0 == container.place }
      if placesByPod.values[index].isEmpty { placesByPod.remove(at: index) }
    }
    runningCount -= 1
    reports.append(.exited(container.id, exit))
    if runningCount == 0, !adopted.isEmpty { killUnattributed() }
  }

  private func addMessage(of container: RunningContainer, to exit: inout ContainerExit) {
    let takesLog = container.takesMessageFromLog && exit.exitCode != 0
    guard container.messageFile != nil || takesLog else { return }
    let message = TerminationMessage.read(
      file: container.messageFile, log: takesLog ? container.log.location : nil)
    guard !message.isEmpty else { return }
    exit.message = exit.message.isEmpty ? message : exit.message + ": " + message
  }

  // MARK: - Output

  /// Reads one piece of a container's output, at most 64 KiB.
  func readOutput(of container: RunningContainer, _ stream: LogLine.Stream, settling: Bool = false) {
    let descriptor = stream == .stdout ? container.stdout : container.stderr
    guard descriptor >= 0, let base = readBuffer.baseAddress else { return }
    let count = read(descriptor, base, readBuffer.count)
    if count > 0 {
      container.log.append(stream, UnsafeRawBufferPointer(start: base, count: count), logScratch)
      watchPieces(of: container)
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      closeOutput(of: container, stream)
      if !settling { settle(container) }
    }
  }

  /// Sees to it that a line whose end does not come is written without it.
  func watchPieces(of container: RunningContainer) {
    guard !container.awaitsPieces, let due = container.log.piecesDue else { return }
    container.awaitsPieces = true
    timers.insert(RuntimeTimer(due: due, place: container.place, generation: container.generation, purpose: .pieces))
  }

  private func closeOutput(of container: RunningContainer, _ stream: LogLine.Stream) {
    // Closing takes it out of the poller, since no other descriptor of ours refers to the same pipe end.
    if stream == .stdout {
      if container.stdout >= 0 { close(container.stdout) }
      container.stdout = -1
    } else {
      if container.stderr >= 0 { close(container.stderr) }
      container.stderr = -1
    }
  }
}
