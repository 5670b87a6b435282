import CLinux
import DequeModule
import Glibc
import KubeModel

extension RuntimeLoop {
  func enqueue(_ start: ContainerStart) {
    guard !isShuttingDown else { return reportNeverStarted(start.id) }
    let entry = QueuedStart(start)
    queue.append(entry)
    queuedByPod[start.id.podUID, default: []].append(entry)
  }

  /// Takes back the starts of a pod that is stopped before their turn came.
  func cancelQueued(_ podUID: String) {
    for entry in queuedByPod.removeValue(forKey: podUID) ?? [] {
      entry.isCancelled = true
      reportNeverStarted(entry.start.id)
    }
  }

  /// A kubelet's verdict on a container that was not there when its pod ended.
  private func reportNeverStarted(_ id: ContainerID) {
    reportFailure(
      id, reason: "ContainerStatusUnknown",
      message: "The container could not be located when the pod was terminated", exitCode: 137, at: Clock.now)
  }

  private func reportFailure(_ id: ContainerID, reason: String, message: String, exitCode: Int, at time: Instant) {
    logs.activity.ended(id)
    reports.append(.failedToStart(id, reason: reason, message: message, exitCode: exitCode, at: time))
  }

  /// Starts the next container that waits, if there is one.
  func startNext() {
    while let entry = queue.popFirst() {
      guard !entry.isCancelled, !waitsForSandbox(entry) else { continue }
      let podUID = entry.start.id.podUID
      if let index = queuedByPod.index(forKey: podUID) {
        queuedByPod.values[index].removeAll { $0 === entry }
        if queuedByPod.values[index].isEmpty { queuedByPod.remove(at: index) }
      }
      start(entry.start)
      return
    }
  }

  private func start(_ start: ContainerStart) {
    let startedAt = Clock.now
    var start = start
    start.command = shellOfImage(start)
    func fail(_ message: String) {
      reportFailure(
        start.id, reason: StartFailure.reason, message: message, exitCode: StartFailure.exitCode, at: startedAt)
    }

    spawnText.set(start, base: options.baseEnvironment, markers: markers(for: start.id))
    guard !spawnText.holdsNUL else { return fail(StartFailure.zeroByte()) }
    var sandboxed: SandboxedStart?
    var messageFile: String?
    if wantsSandbox(start) {
      if wantsMessageFile(start) { messageFile = podFiles.messageFile(start.id) }
      do throws(VolumeFailure) {
        sandboxed = try prepareSandbox(start, messageFile: messageFile)
      } catch {
        return reportFailure(
          start.id, reason: error.reason, message: error.message, exitCode: StartFailure.exitCode, at: startedAt)
      }
    }
    if let sandboxed {
      if let problem = sandboxProblem(sandboxed, start, spawnText) { return fail(problem) }
      var wrapped = start
      wrapped.command = sandboxed.prefix + start.command
      spawnText.set(wrapped, base: options.baseEnvironment, markers: markers(for: start.id))
      guard !spawnText.holdsNUL else { return fail(StartFailure.zeroByte()) }
    }

    var outputEnds: (Int32, Int32) = (-1, -1)
    var errorEnds: (Int32, Int32) = (-1, -1)
    var code = makePipe(&outputEnds)
    if code >= 0 { code = makePipe(&errorEnds) }
    guard code >= 0 else {
      closeAll(outputEnds, errorEnds)
      return fail(StartFailure.noProcess(-code))
    }

    // Bubblewrap goes to the container's directory by itself: it may be in a volume.
    let isDefault = start.workingDirectory.isEmpty || sandboxed != nil
    let directory = isDefault ? options.workingDirectory ?? "" : start.workingDirectory
    guard !directory.utf8.contains(0) else {
      closeAll(outputEnds, errorEnds)
      return fail(StartFailure.workingDirectory(directory, EINVAL))
    }
    let result = spawn(in: directory, outputEnds.1, errorEnds.1)
    close(outputEnds.1)
    close(errorEnds.1)
    guard result.stage == JOBDECK_SPAWN_STARTED else {
      closeAll((outputEnds.0, -1), (errorEnds.0, -1))
      switch result.stage {
      case JOBDECK_SPAWN_DIRECTORY: return fail(StartFailure.workingDirectory(directory, result.error))
      case JOBDECK_SPAWN_EXECUTE: return fail(StartFailure.program(start.command.first ?? "", result.error))
      default: return fail(StartFailure.noProcess(result.error))
      }
    }
    let container = register(start, result, outputEnds.0, errorEnds.0, startedAt)
    container.sandboxed = sandboxed
    container.messageFile = messageFile
    container.takesMessageFromLog = start.takesMessageFromLog
    if start.hasProbes { container.start = start }
    watchEnd(of: container)
  }

  private func register(
    _ start: ContainerStart, _ result: jobdeck_spawn_result, _ stdout: Int32, _ stderr: Int32, _ startedAt: Instant
  ) -> RunningContainer {
    let place: Int
    if let free = freePlaces.popLast() {
      place = free
    } else {
      place = containers.count
      containers.append(nil)
    }
    lastGeneration &+= 1
    let log = LogWriter(
      logs.location(
        namespace: start.namespace, podName: start.podName, podUID: start.id.podUID, container: start.id.container,
        attempt: start.id.attempt), maxFileBytes: options.logFileBytes, maxFiles: options.logFileCount)
    let container = RunningContainer(
      start.id, place: place, generation: lastGeneration, pid: result.pid, pidfd: result.pidfd, stdout: stdout,
      stderr: stderr, startedAt: startedAt, log: log)
    containers[place] = container
    runningCount += 1
    placesByPod[start.id.podUID, default: []].append(place)
    placesBySession[result.pid] = place
    jobdeck_guardian_set(&guardian, Int32(truncatingIfNeeded: place), result.pid)
    sampler.began(session: result.pid, start.id, memoryLimit: start.memoryLimit)
    searchOrphans(within: 1_000_000)
    reports.append(.started(start.id, at: startedAt))
    return container
  }

  private func watchEnd(of container: RunningContainer) {
    let (place, generation) = (container.place, container.generation)
    let token = Token.exit(place: place, generation: generation)
    if jobdeck_poller_add(poller, container.pidfd, token.bits) < 0 { endUnwatched(container) }
    young.append(YoungContainer(watchOutputAt: Clock.monotonic + 5_000, place: place, generation: generation))
  }

  /// Watches the output of containers that have run for some milliseconds.
  ///
  /// A process that ends at once would wake us up three times, for each of its pipes and for its exit, where once is
  /// enough: its output is read when it has ended. The pipe holds what comes until then.
  func watchOutputOfGrownUps() {
    guard !young.isEmpty else { return }
    let now = Clock.monotonic
    while let first = young.first {
      let container = container(first.place, first.generation)
      guard container == nil || first.watchOutputAt <= now else { return }
      young.removeFirst()
      if let container { watchOutput(of: container) }
    }
  }

  func watchOutput(of container: RunningContainer) {
    guard !container.isOutputWatched else { return }
    container.isOutputWatched = true
    for (descriptor, stream) in [(container.stdout, LogLine.Stream.stdout), (container.stderr, .stderr)]
    where descriptor >= 0 {
      let token = Token.output(place: container.place, generation: container.generation, stream)
      if jobdeck_poller_add(poller, descriptor, token.bits) < 0 { return endUnwatched(container) }
    }
  }

  /// The kernel has no memory to watch the container, so it must not go on.
  private func endUnwatched(_ container: RunningContainer) {
    guard container.exit == nil else { return finishNow(container) }
    Glibc.kill(-container.pid, SIGKILL)
    var info = siginfo_t()
    waitid(P_PID, id_t(container.pid), &info, WEXITED | WNOWAIT)
    mainProcessEnded(container)
    finishNow(container)
  }

  /// The container's command, with the shell that its image has.
  func shellOfImage(_ start: ContainerStart) -> [String] {
    ShellOfImage.command(start.command, image: start.image, path: searchPath)
  }

  /// Where the machine's own programs are.
  var searchPath: String {
    options.baseEnvironment.last { $0.name == "PATH" }?.value ?? ContainerEnvironment.defaultPath
  }

  func markers(for id: ContainerID) -> [EnvVar] {
    [
      EnvVar(name: "JOBDECK_RUNTIME", value: marker),
      EnvVar(name: "JOBDECK_POD_UID", value: id.podUID),
      EnvVar(name: "JOBDECK_CONTAINER", value: "\(id.container)/\(id.attempt)"),
    ]
  }

  func spawn(in directory: String, _ output: Int32, _ error: Int32) -> jobdeck_spawn_result {
    var result = jobdeck_spawn_result()
    spawnText.bytes.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        directory.withCString { path in
          var request = jobdeck_spawn_request()
          request.strings = text.baseAddress
          request.argument_count = Int32(spawnText.argumentCount)
          request.environment_count = Int32(spawnText.environmentCount)
          request.candidate_count = Int32(spawnText.candidateCount)
          request.directory = directory.isEmpty ? nil : path
          request.input = null
          request.output = output
          request.error = error
          request.file_limit = fileLimit
          request.stack = stack
          ChildRegistry.spawn(&request, &result)
        }
      }
    }
    return result
  }

  private func closeAll(_ pipes: (Int32, Int32)...) {
    for (read, write) in pipes {
      if read >= 0 { close(read) }
      if write >= 0 { close(write) }
    }
  }
}

/// Makes a pipe whose ends are closed in programs that are started, in the order reading, writing.
///
/// - Returns: a negative error number where it fails.
func makePipe(_ ends: inout (Int32, Int32)) -> Int32 {
  withUnsafeMutableBytes(of: &ends) { bytes in
    guard let base = bytes.baseAddress else { return -EINVAL }
    return jobdeck_pipe_create(base.assumingMemoryBound(to: Int32.self))
  }
}
