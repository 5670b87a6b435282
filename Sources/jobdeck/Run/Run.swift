import Cluster
import KubeModel

/// `jobdeck run` on a cluster that lives in real time: applies objects, follows what becomes of them, and ends when
/// all of them have finished, when time is up, or when somebody asks it to.
@MainActor
final class Run {
  enum Format: Hashable, Sendable {
    case text, json, yaml
  }

  private enum Ending: Sendable {
    case finished, timedOut, signal(Int32), outputClosed, clusterGone(String)
  }

  /// How long processes may take to end after SIGTERM when the run is given up.
  private static let grace = Duration.seconds(10)
  private static let kinds: Set<Kind> = [.job, .cronJob, .pod, .event]

  private let cluster: any Cluster
  private let format: Format
  private let timeout: Duration?
  private let signals: Signals
  private let output = Output()
  private let printer: Printer
  private var narrator: Narrator

  init(
    _ cluster: any Cluster, format: Format, timeout: Duration?, signals: Signals, showsNamespaces: Bool
  ) {
    self.cluster = cluster
    self.format = format
    self.timeout = timeout
    self.signals = signals
    printer = Printer(output)
    narrator = Narrator(showsNamespaces: showsNamespaces)
  }

  func perform(_ objects: [LoadedObject]) async -> ExitStatus {
    let version: UInt64
    do {
      // What the files make is seen from its first change on.
      version = try await cluster.list(.namespace, namespace: nil).version
      for object in objects {
        let (applied, verb) = try await Apply.apply(object, to: cluster)
        if format == .text { printer.print([.init(text: "\(applied.key) \(verb.rawValue)")]) }
        narrator.add(applied)
      }
      narrate()
    } catch {
      printer.printHeld()
      Diagnostics.error("\(error)")
      await stop()
      return .failure
    }
    let ending = await follow(from: version)
    return await end(ending)
  }

  // MARK: Following

  private func follow(from version: UInt64) async -> Ending {
    await withTaskGroup(of: Ending?.self) { group in
      group.addTask { await self.watch(from: version) }
      group.addTask { await self.signals.next().map(Ending.signal) }
      if let timeout {
        group.addTask {
          do {
            try await Task.sleep(for: timeout)
            return .timedOut
          } catch {
            return nil
          }
        }
      }
      var ending: Ending = .finished
      for await result in group {
        guard let result else { continue }
        ending = result
        break
      }
      group.cancelAll()
      return ending
    }
  }

  private func watch(from version: UInt64) async -> Ending? {
    await withTaskGroup(of: Void.self) { logs in
      let ending = await readChanges(from: version, &logs)
      guard case .finished? = ending else {
        logs.cancelAll()
        return ending
      }
      // Containers whose jobs go on (those of cron jobs) would be followed for ever.
      let deadline = Task {
        try? await Task.sleep(for: .seconds(2))
        return
      }
      await withTaskGroup(of: Void.self) { race in
        race.addTask { await self.printer.waitForLogs() }
        race.addTask { await deadline.value }
        await race.next()
        deadline.cancel()
        race.cancelAll()
      }
      logs.cancelAll()
      return ending
    }
  }

  private func readChanges(from version: UInt64, _ logs: inout TaskGroup<Void>) async -> Ending? {
    if narrator.isFinished && !narrator.outcomes.isEmpty { return .finished }
    do {
      for try await batch in await cluster.watch(Self.kinds, from: version) {
        for change in batch { narrator.take(change) }
        startLogs(&logs)
        narrate()
        if output.isClosed { return .outputClosed }
        if narrator.isFinished && !narrator.outcomes.isEmpty { return .finished }
      }
      return Task.isCancelled ? nil : .clusterGone("the cluster has stopped")
    } catch is CancellationError {
      return nil
    } catch {
      return .clusterGone("\(error)")
    }
  }

  private func narrate() {
    let lines = narrator.takeLines()
    if format == .text { printer.print(lines) }
  }

  private func startLogs(_ logs: inout TaskGroup<Void>) {
    for start in narrator.takeLogStarts() where format == .text {
      printer.logBegins(start.podUID)
      logs.addTask { await self.followLog(start) }
    }
  }

  private func followLog(_ start: Narrator.LogStart) async {
    defer { printer.logEnds(start.podUID) }
    do {
      let request = LogRequest(
        namespace: start.namespace, pod: start.pod, container: start.container, follow: true)
      for try await lines in try await cluster.logs(request) {
        for line in lines { printer.log(start.label, line.bytes) }
        guard output.flush() else { return }
      }
    } catch let error as StatusError where error.code != 404 {
      printer.print([.init(text: "\(start.label): the log cannot be read: \(error.message)")])
    } catch {
      // Cancelled, or the pod is gone with its log.
    }
  }

  // MARK: Ending

  private func end(_ ending: Ending) async -> ExitStatus {
    switch ending {
    case .finished:
      await printResults()
      await stop()
      guard !output.isClosed else { return .outputClosed }
      return narrator.hasSucceeded ? .success : .failure
    case .timedOut:
      let count = narrator.unfinishedCount
      Diagnostics.error("time is up; \(count) \(count == 1 ? "job has" : "jobs have") not finished, stopping")
      await printResults()
      await stop()
      return .timeout
    case .signal(let number):
      Diagnostics.error("stopping; press Ctrl-C again to kill at once")
      await stop()
      return .signal(number)
    case .outputClosed:
      await stop()
      return .outputClosed
    case .clusterGone(let reason):
      Diagnostics.error(reason)
      await stop()
      return .failure
    }
  }

  /// Ends what runs: asks first, and kills after a while or at the next signal.
  private func stop() async {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { [cluster] in
        await cluster.shutDown(grace: Self.grace)
        return true
      }
      group.addTask { [cluster, signals] in
        guard await signals.next() != nil else { return false }
        await cluster.shutDown(grace: .zero)
        return true
      }
      _ = await group.first { $0 }
      group.cancelAll()
    }
  }

  private func printResults() async {
    printer.printHeld()
    guard !output.isClosed else { return }
    do {
      switch format {
      case .text:
        let jobs = try await finalObjects([.job]).compactMap { object -> Job? in
          if case .job(let job) = object { job } else { nil }
        }
        let table = Summary.table(of: jobs, at: .now)
        if !table.isEmpty { output.line("") }
        for line in table { output.line(Printable.line(line)) }
      case .json, .yaml:
        let objects = try await finalObjects([.job, .cronJob, .pod, .event])
        output.write(format == .json ? ResultList.json(objects) : ResultList.yaml(objects))
      }
    } catch {
      Diagnostics.error("\(error)")
    }
    output.flush()
  }

  /// The run's objects as they are now, kind by kind, and jobs that are gone as they last stood.
  private func finalObjects(_ kinds: [Kind]) async throws(StatusError) -> [KubeObject] {
    var objects: [KubeObject] = []
    for kind in kinds {
      let present = try await cluster.list(kind, namespace: nil).items
      objects += narrator.final(kind, present: present)
    }
    return objects
  }
}
