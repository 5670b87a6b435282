internal import Cluster
internal import KubeModel
internal import Threading

/// Carries out the dashboard's commands on a cluster, each in a task of its own, and posts what came of it.
struct CommandRunner: Sendable {
  let cluster: any Cluster
  let mailbox: Mailbox
  let tips: TipMemory
  private let logs = LogTasks()

  /// Requests of one key that are under way at the same time.
  private static let width = 16

  init(cluster: any Cluster, mailbox: Mailbox, tips: TipMemory) {
    self.cluster = cluster
    self.mailbox = mailbox
    self.tips = tips
  }

  /// Carries out commands as they come, until one of them is to quit or there are no more.
  func run(_ batches: AsyncStream<[Command]>) async {
    await withDiscardingTaskGroup { group in
      for await commands in batches {
        var requests: [Command] = []
        for command in commands {
          switch command {
          case .openLog(let id, let request): group.addTask { await read(id, request) }
          case .saveLog(let id, let save): group.addTask { await write(id, save) }
          case .closeLog(let id): logs.cancel(id)
          case .quit:
            logs.cancelAll()
            group.cancelAll()
            return
          default: requests.append(command)
          }
        }
        if !requests.isEmpty { group.addTask { [requests] in await carryOut(requests) } }
      }
      logs.cancelAll()
    }
  }

  private func carryOut(_ commands: [Command]) async {
    await withTaskGroup(of: Void.self) { group in
      for (index, command) in commands.enumerated() {
        if index >= Self.width { await group.next() }
        group.addTask { await carryOut(command) }
      }
    }
  }

  private func carryOut(_ command: Command) async {
    switch command {
    case .create(let id, let object, let dryRun):
      await answer(id) { () throws(StatusError) in try await cluster.create(object, dryRun: dryRun) }
    case .update(let id, let object):
      await answer(id) { () throws(StatusError) in try await cluster.update(object, dryRun: false) }
    case .patch(let id, let key, let document):
      await answer(id) { () throws(StatusError) in try await cluster.patch(key, .merge, document) }
    case .delete(let id, let key, let options):
      await answer(id) { () throws(StatusError) in
        try await cluster.delete(key, options)
        return nil
      }
    case .evict(let id, let key):
      await answer(id) { () throws(StatusError) in
        try await cluster.evict(key)
        return nil
      }
    case .write(let dump): DumpFile.write(dump) { [mailbox] in mailbox.post(.written($0)) }
    case .findTheme(let name):
      mailbox.post(.theme(Result { () throws(ThemeProblem) in try ThemeFinder().theme(name) }))
    case .readFile(let id, let path):
      onThread({ .edited(id, Editor.read(path)) }, or: { .edited(id, .failure($0)) })
    case .readManifest(let id, let path, let namespace):
      onThread(
        { .manifest(id, Files.manifest(path, namespace: namespace)) }, or: { .manifest(id, .failure($0)) })
    case .listDirectory(let id, let path):
      onThread({ .directory(id, Files.list(path)) }, or: { .directory(id, .failure($0)) })
    case .setNodeFailed(let id, let name, let failed):
      await answer(id) { () throws(StatusError) in
        try await cluster.setNodeFailed(name, failed)
        return nil
      }
    case .runProgram(let id, let line, _):
      TerminalProgram.runInBackground(line) { [mailbox] in mailbox.post(.programEnded(id, $0)) }
    case .remember(let tip): tips.remember(tip)
    case .openLog, .closeLog, .saveLog, .edit, .keep, .copy, .beep, .quit, .quitNow: break
    }
  }

  /// Posts what `body` comes to, which reads files and may wait for them: on a thread of its own, since a network's disk
  /// can take as long as it likes.
  private func onThread(
    _ body: @escaping @Sendable () -> DashboardEvent, or failed: (StatusError) -> DashboardEvent
  ) {
    do throws(ThreadError) {
      try startThread(name: "jobdeck-files") { [mailbox] in mailbox.post(body()) }
    } catch {
      mailbox.post(failed(.badRequest(error.description)))
    }
  }

  private func answer(_ id: CommandID, _ body: () async throws(StatusError) -> KubeObject?) async {
    do throws(StatusError) {
      mailbox.post(.finished(id, .success(try await body())))
    } catch {
      mailbox.post(.finished(id, .failure(error)))
    }
  }

  /// Reads a log to its end, or until it is closed.
  private func read(_ id: LogID, _ request: LogRequest) async {
    let (cluster, mailbox) = (cluster, mailbox)
    await untilClosed(id) {
      do {
        for try await lines in try await cluster.logs(request) {
          try Task.checkCancellation()
          await mailbox.post(lines, of: id)
        }
        mailbox.post(.log(id, .ended))
      } catch let error as StatusError {
        mailbox.post(.log(id, .failed(error.message)))
      } catch is CancellationError {
        // Closed: nobody waits for its end.
      } catch {
        mailbox.post(.log(id, .failed("\(error)")))
      }
    }
  }

  /// Writes logs to a file, or as long as nobody stops it.
  private func write(_ id: LogID, _ save: LogSave) async {
    let (cluster, mailbox) = (cluster, mailbox)
    await untilClosed(id) {
      do {
        let saver = LogSaver(save: save) { try await cluster.logs($0) }
        let end = try await saver.run { mailbox.post(.save(id, .bytes($0))) }
        mailbox.post(.save(id, .ended(end)))
      } catch let error as StatusError {
        mailbox.post(.save(id, .failed(error)))
      } catch is CancellationError {
        // Stopped: nobody waits for its end.
      } catch {
        mailbox.post(.save(id, .failed(.badRequest("cannot read the log: \(error)"))))
      }
    }
  }

  /// Runs `body` in a task of its own, so that it can be ended by itself; it ends before this one does.
  private func untilClosed(_ id: LogID, _ body: @escaping @Sendable () async -> Void) async {
    let task = Task { await body() }
    logs.add(id, task)
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    logs.remove(id)
  }
}

/// The logs that are being read.
final class LogTasks: Sendable {
  private struct State {
    var tasks: [LogID: Task<Void, Never>] = [:]
    /// Closed before their task had begun.
    var closed: Set<LogID> = []
  }

  private let state = Locked(State())

  func add(_ id: LogID, _ task: Task<Void, Never>) {
    let isClosed = state.withLock { state in
      if state.closed.remove(id) != nil { return true }
      state.tasks[id] = task
      return false
    }
    if isClosed { task.cancel() }
  }

  func remove(_ id: LogID) {
    state.withLock {
      $0.tasks[id] = nil
      $0.closed.remove(id)
    }
  }

  func cancel(_ id: LogID) {
    let task = state.withLock { state in
      if state.tasks[id] == nil { state.closed.insert(id) }
      return state.tasks[id]
    }
    task?.cancel()
  }

  func cancelAll() {
    let tasks = state.withLock { Array($0.tasks.values) }
    for task in tasks { task.cancel() }
  }
}
