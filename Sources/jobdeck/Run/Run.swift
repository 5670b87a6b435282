import Cluster
import KubeModel

/// `jobdeck run` on a cluster that lives in real time: applies objects, follows what becomes of them, and ends when
/// all of them have finished, when time is up, or when somebody asks it to.
@MainActor
final class Run {
  private enum Ending: Sendable {
    case finished, timedOut, signal(Int32), outputClosed, clusterGone(String)
    /// An object could not be made.
    case refused(String)
    /// Nothing that is waited for will come to its end, and why.
    case standstill([String])
  }

  /// How long processes may take to end after SIGTERM when the run is given up, and somebody else's cluster to answer
  /// then.
  private static let grace = Duration.seconds(10)
  /// How long the last lines wait for a reader who does not read when the run is given up.
  private static let patience = Duration.seconds(1)
  private static let kinds: Set<Kind> = [.job, .cronJob, .pod, .event]

  private let cluster: any Cluster
  private let format: Results.Format
  private let timeout: Duration?
  private let signals: Signals
  /// Whether somebody else runs the cluster, and it goes on when this run ends.
  private let isGuest: Bool
  /// A change of a job, and which versions of its pods are to be seen before it.
  private struct Early {
    var change: Change
    var uid: String
    var awaited: [String: UInt64]
  }

  private var early: [Early] = []
  /// What this run has made itself, in the order of its making.
  private var made: [KubeObject] = []
  private let output = Output()
  private let printer: Printer
  private var narrator: Narrator
  /// What stands still by itself was told.
  private var toldStandstill: [String] = []
  private var hasCronJobs = false

  init(
    _ cluster: any Cluster, format: Results.Format, timeout: Duration?, signals: Signals, showsNamespaces: Bool,
    isGuest: Bool = false
  ) {
    self.cluster = cluster
    self.isGuest = isGuest
    self.format = format
    self.timeout = timeout
    self.signals = signals
    printer = Printer(output)
    narrator = Narrator(showsNamespaces: showsNamespaces, keepsEvents: format != .text)
  }

  func perform(_ objects: [LoadedObject]) async -> ExitStatus {
    hasCronJobs = objects.contains { $0.object.kind == .cronJob }
    let status = await end(await follow(objects))
    // Nothing is left that a signal would have to stop: from here on it ends the program.
    signals.leaveToSystem()
    await output.flush(patience: Self.patience)
    return status
  }

  /// Makes the objects and tells of it.
  ///
  /// - Returns: what happens in the cluster from then on.
  private func make(_ objects: [LoadedObject]) async throws -> ChangeSequence {
    let namespaces = try await cluster.list(.namespace, namespace: nil)
    // From before anything is made, so that all of it is seen from its first change on. What there is already is
    // shown first; somebody else's cluster is asked for that below, because a watch may begin late there.
    let before = namespaces.version
    let changes = await cluster.watch(Self.kinds, from: isGuest ? before : nil)
    var known = Set(namespaces.items.map(\.metadata.name))
    for object in Apply.withNamespaces(Apply.inOrder(objects), known: &known) {
      for warning in object.warnings { Diagnostics.line(warning) }
      do throws(StatusError) {
        let (applied, verb) = try await Apply.apply(object, to: cluster)
        if format == .text { printer.print([.init(text: "\(applied.key) \(verb.rawValue)")]) }
        narrator.add(applied)
        if verb == .created { made.append(applied) }
      } catch {
        throw Refusal(reason: object.refusal(error))
      }
    }
    if isGuest {
      for pod in try await cluster.list(.pod, namespace: nil).items {
        guard let version = UInt64(pod.metadata.resourceVersion), version <= before else { continue }
        narrator.take(Change(verb: .added, object: pod, version: version))
      }
    }
    await narrate()
    return changes
  }

  private struct Refusal: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
  }

  // MARK: Following

  /// Makes the objects and follows them until they have finished and all was read that there is to say of them, or
  /// until something else ends the run.
  private func follow(_ objects: [LoadedObject]) async -> Ending {
    await withTaskGroup(of: Ending?.self) { group in
      group.addTask {
        do {
          let ending = await self.watch(try await self.make(objects))
          guard case .finished? = ending else { return ending }
          await self.printResults()
          return await self.output.flush() ? .finished : self.output.isClosed ? .outputClosed : nil
        } catch {
          return Task.isCancelled ? nil : .refused("\(error)")
        }
      }
      group.addTask { await self.signals.next().map(Ending.signal) }
      if !isGuest {
        group.addTask {
          await StorageReport.tell(of: self.cluster)
          return nil
        }
      }
      // Nothing need change in the cluster when the reader goes in the middle of a log.
      group.addTask { [closed = output.closed] in
        for await _ in closed {}
        return Task.isCancelled ? nil : .outputClosed
      }
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

  private func watch(_ changes: ChangeSequence) async -> Ending? {
    await withTaskGroup(of: Void.self) { logs in
      let ending = await readChanges(changes, &logs)
      guard case .finished? = ending else {
        logs.cancelAll()
        return ending
      }
      // Containers whose jobs go on (those of cron jobs) would be followed for ever; what others wrote is read to its
      // end, however slowly somebody reads here.
      repeat {
        await withTaskGroup(of: Void.self) { race in
          race.addTask { await self.printer.waitForLogs() }
          race.addTask { try? await Task.sleep(for: .seconds(2)) }
          await race.next()
          race.cancelAll()
        }
      } while !Task.isCancelled && printer.openLogs.contains(where: narrator.hasEnded)
      logs.cancelAll()
      return ending
    }
  }

  private func readChanges(_ first: ChangeSequence, _ logs: inout TaskGroup<Void>) async -> Ending? {
    var changes = first
    // Of what ran already.
    startLogs(&logs)
    while true {
      do {
        if let ending { return ending }
        for try await batch in changes {
          narrator.now = WallClock.now
          for change in batch { await take(change) }
          startLogs(&logs)
          await narrate()
          if output.isClosed { return .outputClosed }
          if let ending { return ending }
        }
        return Task.isCancelled ? nil : .clusterGone("the cluster has stopped")
      } catch let error as StatusError where error.code == 410 {
        // Too slow a reader of the output: what was missed is found by looking at what there is.
        changes = await cluster.watch(Self.kinds, from: nil)
        do {
          var present: Set<String> = []
          for kind in [Kind.job, .pod] {
            for object in try await cluster.list(kind, namespace: nil).items { present.insert(object.metadata.uid) }
          }
          narrator.forget(allBut: present)
        } catch {
          return .clusterGone(error.message)
        }
      } catch is CancellationError {
        return nil
      } catch {
        return .clusterGone("\(error)")
      }
    }
  }

  /// In somebody else's cluster each kind is watched by itself: the end of a job may be read before what its pods did.
  /// It is taken note of behind that, as it happened.
  private func take(_ change: Change) async {
    if isGuest, case .job(let job) = change.object {
      let uid = job.metadata.uid
      var awaited: [String: UInt64] = [:]
      if job.status.isFinished, narrator.awaits(uid),
        let pods = try? await cluster.list(.pod, namespace: job.metadata.namespace).items
      {
        for pod in pods where pod.metadata.controller?.uid == uid {
          awaited[pod.metadata.uid] = UInt64(pod.metadata.resourceVersion) ?? 0
        }
      }
      early.append(Early(change: change, uid: uid, awaited: awaited))
    } else {
      narrator.take(change)
    }
    var behind: Set<String> = []
    early.removeAll { entry in
      guard !behind.contains(entry.uid), entry.awaited.allSatisfy({ narrator.hasSeen($0.key, $0.value) }) else {
        behind.insert(entry.uid)
        return false
      }
      narrator.take(entry.change)
      return true
    }
  }

  /// Whether all that is waited for has finished; where there is nothing to wait for, time or a signal ends the run.
  private var ending: Ending? {
    if narrator.isFinished, !narrator.outcomes.isEmpty { return .finished }
    let standstill = narrator.standstill
    guard standstill != toldStandstill else { return nil }
    toldStandstill = standstill
    // Cron jobs go on as long as they were given.
    guard isGuest || hasCronJobs else { return standstill.isEmpty ? nil : .standstill(standstill) }
    for line in standstill {
      let name = line.prefix { $0 != " " }
      Diagnostics.line(
        line.hasSuffix("is suspended") && isGuest
          ? "\(line): waiting until 'jobdeck resume \(name)' lets it go on" : "\(line): waiting")
    }
    return nil
  }

  private func narrate() async {
    let lines = narrator.takeLines()
    guard format == .text else { return }
    printer.print(lines)
    await output.keepUp()
  }

  private func startLogs(_ logs: inout TaskGroup<Void>) {
    for start in narrator.takeLogStarts() where format == .text {
      let label = printer.logBegins(start)
      logs.addTask { await self.followLog(start, label) }
    }
  }

  private func followLog(_ start: Narrator.LogStart, _ label: Printer.Label) async {
    defer { printer.logEnds(start.podUID) }
    do {
      let request = LogRequest(
        namespace: start.namespace, pod: start.pod, container: start.container, follow: true)
      var joiner = PieceJoiner()
      defer { for line in joiner.rest { printer.log(label, line) } }
      for try await lines in try await cluster.logs(request) {
        for line in lines { if let whole = joiner.take(line) { printer.log(label, whole) } }
        guard await output.keepUp() else { return }
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
      await stop()
      return narrator.hasSucceeded ? .success : .failure
    case .standstill(let lines):
      for line in lines {
        Diagnostics.error("\(line), and nobody can change that in this cluster: it would wait for ever")
      }
      await stop(showsResults: true)
      return .failure
    case .timedOut:
      Diagnostics.timeIsUp(unfinished: narrator.unfinishedCount, isHeldUp: output.isHeldUp)
      await stop(showsResults: true, takesBack: true)
      return .timeout
    case .signal(let number):
      Diagnostics.error("stopping; press Ctrl-C again to \(isGuest ? "leave" : "kill") at once")
      await stop(takesBack: true)
      return .signal(number)
    case .outputClosed:
      await stop(takesBack: true)
      return output.closedStatus
    case .refused(let reason):
      printer.printHeld()
      Diagnostics.error(reason)
      await stop(takesBack: true)
      return .failure
    case .clusterGone(let reason):
      Diagnostics.error(reason)
      await stop()
      return .failure
    }
  }

  /// In somebody else's cluster: stops what this run has started and what has not finished. Jobs stay, suspended.
  private func takeBack() async {
    for object in made {
      let key = object.key
      do {
        switch object {
        case .job where narrator.awaits(object.metadata.uid):
          // It may have finished unseen, where the reader of the output was slow, or stand still already.
          if case .job(let job) = try await cluster.get(key), job.status.isFinished || job.spec.suspend == true {
            continue
          }
          try await suspend(key)
        case .cronJob: try await suspend(key)
        case .pod where narrator.awaits(object.metadata.uid): _ = try await cluster.delete(key, DeleteOptions())
        default: break
        }
      } catch {
        if error.code != 404 { Diagnostics.error("\(key) may still run: \(error.message)") }
      }
    }
  }

  private func suspend(_ key: ObjectKey) async throws(StatusError) {
    _ = try await cluster.patch(key, .merge, ["spec": ["suspend": true]])
    Diagnostics.line("\(key) suspended: 'jobdeck resume \(key)' lets it go on")
  }

  /// Ends what runs: asks first, and kills after a while or at the next signal. Somebody else's cluster, which may not
  /// answer, gets as long.
  private func stop(showsResults: Bool = false, takesBack: Bool = false) async {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        if showsResults { await self.printResults() }
        if takesBack, self.isGuest { await self.takeBack() }
        await self.cluster.shutDown(grace: Self.grace)
        return true
      }
      group.addTask {
        guard await self.signals.next() != nil else { return false }
        if !self.isGuest { await self.cluster.shutDown(grace: .zero) }
        return true
      }
      if isGuest {
        group.addTask { (try? await Task.sleep(for: Self.grace)) != nil }
      }
      for await hasEnded in group where hasEnded { break }
      group.cancelAll()
    }
  }

  private func printResults() async {
    printer.printHeld()
    guard !output.isClosed else { return }
    let results = Results(format: format, narrator: narrator, now: WallClock.now)
    var present: [Kind: [KubeObject]] = [:]
    do {
      for kind in results.kinds { present[kind] = try await cluster.list(kind, namespace: nil).items }
      results.print(present, to: output)
    } catch {
      Diagnostics.error("\(error)")
    }
  }
}
