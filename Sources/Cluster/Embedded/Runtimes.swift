internal import ControlPlane
internal import Executor
internal import KubeModel

/// The runtimes of a cluster, and which pod has which. Lives on the cluster's thread.
struct Runtimes {
  /// The runtime class of pods of which nothing really runs.
  static let simulatedClass = "simulated"
  static let processClass = "process"

  /// A pod whose containers were started.
  private struct Placement {
    var isSimulated: Bool
    var node: String
  }

  /// `nil` where all pods are simulated.
  let processes: ProcessRuntime?
  private var simulated: SimulatedRuntime
  private var placements: [String: Placement] = [:]
  /// Pods that were told to stop.
  private var stopped: Set<String> = []

  init(processes: ProcessRuntime?, seed: UInt64) {
    self.processes = processes
    simulated = SimulatedRuntime(seed: seed)
  }

  /// When a simulated pod will next have something to report.
  var nextReport: Instant? { simulated.nextReport }

  mutating func takeReports(upTo now: Instant) -> [PodReport] { simulated.takeReports(upTo: now) }

  /// The node of a pod that was started and is not yet gone.
  func node(ofPod uid: String) -> String? { placements[uid]?.node }

  /// Whether the control plane had a pod stopped.
  func wasStopped(_ uid: String) -> Bool { stopped.contains(uid) }

  /// Hands every effect to the runtime that it concerns; returns reports about what none of them can do.
  ///
  /// - Parameter startsNothing: whether new containers are left out, since the cluster is about to end.
  mutating func carryOut(_ effects: [Effect], at now: Instant, startsNothing: Bool) -> [PodReport] {
    var real: [Effect] = []
    var reports: [PodReport] = []
    for effect in effects {
      switch effect {
      case .start(let start):
        if startsNothing { continue }
        guard let isSimulated = isSimulated(start.runtimeClass) else {
          reports.append(Runtimes.refusal(of: start, at: now))
          continue
        }
        placements[start.id.podUID] = Placement(isSimulated: isSimulated, node: start.nodeName)
        if isSimulated { simulated.carryOut(effect, at: now) } else { real.append(effect) }
      case .stop(let uid, _):
        stopped.insert(uid)
        if placements[uid]?.isSimulated != false { simulated.carryOut(effect, at: now) }
        if placements[uid]?.isSimulated != true { real.append(effect) }
      case .stopContainer(let id, _): pass(effect, of: id.podUID, &real, at: now)
      case .probe(let order): pass(effect, of: order.container.podUID, &real, at: now)
      case .remove(let uid, _, _):
        let placement = placements.removeValue(forKey: uid)
        stopped.remove(uid)
        if placement?.isSimulated != false { simulated.carryOut(effect, at: now) }
        if placement?.isSimulated != true { real.append(effect) }
      }
    }
    if !real.isEmpty { processes?.carryOut(real) }
    return reports
  }

  /// An effect on a container that runs goes to the runtime that it runs in.
  private mutating func pass(_ effect: Effect, of podUID: String, _ real: inout [Effect], at now: Instant) {
    if placements[podUID]?.isSimulated == true {
      simulated.carryOut(effect, at: now)
    } else {
      real.append(effect)
    }
  }

  /// What there is to say of a container whose runtime class nothing here implements, in containerd's words.
  static func refusal(of start: ContainerStart, at now: Instant) -> PodReport {
    .failedToStart(
      start.id, reason: "FailedCreatePodSandBox",
      message: "Failed to create pod sandbox: no runtime for \"\(start.runtimeClass ?? "")\" is configured",
      exitCode: 128, at: now)
  }

  /// `nil` for a class that nothing here implements.
  private func isSimulated(_ runtimeClass: String?) -> Bool? {
    switch runtimeClass {
    case Runtimes.simulatedClass: true
    case nil, "", Runtimes.processClass: processes == nil
    default: nil
    }
  }
}
