internal import Cluster
internal import KubeModel
internal import Threading

/// Carries out the dashboard's commands on a cluster, each in a task of its own, and posts what came of it.
struct CommandRunner: Sendable {
  let cluster: any Cluster
  let mailbox: Mailbox
  private let logs = LogTasks()

  /// Requests of one key that are under way at the same time.
  private static let width = 16

  init(cluster: any Cluster, mailbox: Mailbox) {
    self.cluster = cluster
    self.mailbox = mailbox
  }

  /// Carries out commands as they come, until one of them is to quit or there are no more.
  func run(_ batches: AsyncStream<[Command]>) async {
    await withDiscardingTaskGroup { group in
      for await commands in batches {
        var requests: [Command] = []
        for command in commands {
          switch command {
          case .openLog(let id, let request): group.addTask { await read(id, request) }
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
    case .setNodeFailed(let id, let name, let failed):
      await answer(id) { () throws(StatusError) in
        try await cluster.setNodeFailed(name, failed)
        return nil
      }
    case .openLog, .closeLog, .edit, .copy, .beep, .quit, .quitNow: break
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
    // A task of its own, so that one log can be closed; it ends before this one does.
    let task = Task {
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
