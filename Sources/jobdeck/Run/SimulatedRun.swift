import Cluster
import ControlPlane
import KubeModel

/// `jobdeck run --simulate`: the same in virtual time, as fast as the control plane goes.
@MainActor
final class SimulatedRun {
  /// Where virtual time begins when a seed is given, so that the same seed gives the same objects, byte for byte.
  private static let seededStart = Instant(seconds: 1_767_225_600)  // 2026-01-01T00:00:00Z

  private enum Ending: Sendable {
    case outcome(VirtualCluster.Outcome), signal(Int32), outputClosed, cancelled
  }

  private var cluster: VirtualCluster
  private let format: Results.Format
  private let timeout: Duration?
  private let signals: Signals
  private let output = Output()
  private var narrator: Narrator
  private var running: Task<Ending, Never>?

  init(
    nodes: ClusterNodes, seed: UInt64?, format: Results.Format, timeout: Duration?, signals: Signals,
    showsNamespaces: Bool
  ) throws(StatusError) {
    cluster = try VirtualCluster(
      nodes: nodes, seed: seed ?? 0, startingAt: seed == nil ? nil : Self.seededStart)
    self.format = format
    self.timeout = timeout
    self.signals = signals
    narrator = Narrator(showsNamespaces: showsNamespaces, keepsEvents: format != .text)
  }

  func perform(_ objects: [LoadedObject]) async -> ExitStatus {
    var waitedFor: [ObjectKey] = []
    var known = Set(cluster.list(.namespace).map(\.metadata.name))
    for loaded in Apply.withNamespaces(Apply.inOrder(objects), known: &known) {
      do throws(StatusError) {
        let applied = try cluster.submit(.create(loaded.object))
        if format == .text { output.line("\(applied.key) created") }
        narrator.add(applied)
        if applied.kind == .job || applied.kind == .pod { waitedFor.append(applied.key) }
      } catch {
        await output.flush()
        Diagnostics.error(loaded.refusal(error))
        return .failure
      }
    }
    switch await run(untilFinished: waitedFor) {
    case .signal(let number): return .signal(number)
    case .outputClosed, .cancelled: return output.closedStatus
    case .outcome(let outcome): return status(of: outcome)
    }
  }

  /// Runs until it ends by itself, or a signal ends it.
  private func run(untilFinished jobs: [ObjectKey]) async -> Ending {
    await withTaskGroup(of: Ending?.self) { group in
      group.addTask {
        let ending = await self.simulate(jobs)
        guard case .outcome(let outcome)? = ending else { return ending }
        await self.tell(outcome)
        return await self.output.flush() ? ending : self.output.isClosed ? .outputClosed : nil
      }
      group.addTask { [signals] in await signals.next().map(Ending.signal) }
      var ending = Ending.cancelled
      for await result in group {
        guard let result else { continue }
        ending = result
        break
      }
      group.cancelAll()
      return ending
    }
  }

  private func simulate(_ jobs: [ObjectKey]) async -> Ending? {
    let deadline = timeout.map { cluster.now + $0 }
    // Out of `self` while it runs, so that nobody else can touch it.
    var passing = cluster
    defer { cluster = passing }
    do throws(CancellationError) {
      if jobs.isEmpty, let deadline {
        try await passing.run(until: deadline, onChanges: { self.take($0) }, onPause: { await self.output.keepUp() })
        return .outcome(.deadline)
      }
      let outcome = try await passing.run(
        untilFinished: jobs, deadline: deadline, onChanges: { self.take($0) }, onPause: { await self.output.keepUp() })
      return .outcome(outcome)
    } catch {
      return output.isClosed ? .outputClosed : nil
    }
  }

  private func take(_ changes: [Change]) {
    for change in changes { narrator.take(change) }
    _ = narrator.takeLogStarts()
    let lines = narrator.takeLines()
    guard format == .text else { return }
    for line in lines { output.line(Printable.line(line.text)) }
    if output.isClosed { withUnsafeCurrentTask { $0?.cancel() } }
  }

  private func status(of outcome: VirtualCluster.Outcome) -> ExitStatus {
    switch outcome {
    case .finished: narrator.hasSucceeded ? .success : .failure
    case .deadline: .timeout
    // Nothing but the end of the time could come any more.
    case .stuck: timeout == nil ? .failure : .timeout
    }
  }

  /// Why it ended, and what there is then.
  private func tell(_ outcome: VirtualCluster.Outcome) {
    switch outcome {
    case .finished: break
    case .deadline: Diagnostics.timeIsUp(unfinished: narrator.unfinishedCount)
    case .stuck(let reason): Diagnostics.error(reason)
    }
    let results = Results(format: format, narrator: narrator, now: cluster.now)
    var present: [Kind: [KubeObject]] = [:]
    for kind in results.kinds { present[kind] = cluster.list(kind) }
    results.print(present, to: output)
  }
}
