// The contract between the control plane, which decides, and a runtime, which carries out. Its counterpart in
// Kubernetes is the container runtime interface (CRI): the decisions of a kubelet (restarts, phases, conditions)
// are the control plane's.

/// One run of one container: a restart in place has a new attempt.
public struct ContainerID: Hashable, Sendable, CustomStringConvertible {
  /// `metadata.uid` of the pod, which no other pod ever has.
  public var podUID: String
  /// The container's name in its pod.
  public var container: String
  /// 0 for the first run; the restart count.
  public var attempt: Int

  /// Creates the name of one run.
  public init(podUID: String, container: String, attempt: Int) {
    self.podUID = podUID
    self.container = container
    self.attempt = attempt
  }

  public var description: String { "\(podUID)/\(container)/\(attempt)" }
}

/// Everything a runtime needs to run a container once.
public struct ContainerStart: Hashable, Sendable {
  /// Which run this is; reports about it carry the same.
  public var id: ContainerID
  /// The pod's namespace; its logs are kept under it.
  public var namespace: String
  /// The pod's name, also its host name unless `environment` sets `HOSTNAME`.
  public var podName: String
  /// The node that the pod was placed on; all of them are this machine.
  public var nodeName: String
  /// The pod's runtime class; `nil` for the cluster's default.
  public var runtimeClass: String?
  /// The container's image as the manifest names it; a label.
  public var image: String
  /// The program and its arguments, `$(VAR)` already expanded; never empty.
  public var command: [String]
  /// The whole environment as the manifest makes it, in order; the runtime adds PATH, HOME and the like beneath it.
  public var environment: [EnvVar]
  /// Empty for the runtime's default.
  public var workingDirectory: String
  /// The pod's annotations: the simulated runtime obeys `jobdeck.dev/…`.
  public var annotations: StringMap
  /// The completion index of an Indexed job's pod.
  public var completionIndex: Int?
  /// Failed runs at this index (or of this job, where it is not Indexed) before this one.
  public var earlierFailures: Int
  /// Bytes; `nil` for no limit.
  public var memoryLimit: Int?
  /// Thousandths of a core; `nil` for no limit.
  public var cpuLimit: Int?
  /// The volumes that the pod's containers use; the same for all of them.
  public var volumes: [PodVolume] = []
  /// Where this container sees them.
  public var mounts: [ContainerMount] = []
  /// The file by which the program may leave a last message.
  public var terminationMessagePath = ""
  /// Whether the end of the log is the message of a failed program that left none.
  public var takesMessageFromLog = false
  /// Whether `Effect.probe` may come for this container.
  public var hasProbes = false

  /// Creates an order; what is left out is empty, zero or without limit.
  public init(
    id: ContainerID, namespace: String, podName: String, nodeName: String, runtimeClass: String? = nil,
    image: String, command: [String], environment: [EnvVar] = [], workingDirectory: String = "",
    annotations: StringMap = [:], completionIndex: Int? = nil, earlierFailures: Int = 0, memoryLimit: Int? = nil,
    cpuLimit: Int? = nil
  ) {
    self.id = id
    self.namespace = namespace
    self.podName = podName
    self.nodeName = nodeName
    self.runtimeClass = runtimeClass
    self.image = image
    self.command = command
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.annotations = annotations
    self.completionIndex = completionIndex
    self.earlierFailures = earlierFailures
    self.memoryLimit = memoryLimit
    self.cpuLimit = cpuLimit
  }
}

/// What the control plane wants a runtime to do.
public enum Effect: Hashable, Sendable {
  /// Run a container; answered by `.started` or `.failedToStart`, later by `.exited`.
  case start(ContainerStart)
  /// Ask every container of the pod to end (SIGTERM to its process groups) and kill what is left after the grace
  /// period; each ends with `.exited`. A shorter period that arrives later wins. Zero kills at once. A pod of which
  /// nothing runs needs no answer.
  case stop(podUID: String, gracePeriod: Duration)
  /// The same for one container; one that does not run needs no answer.
  case stopContainer(ContainerID, gracePeriod: Duration)
  /// Probe a running container; answered by `.probed`, unless it ends before.
  case probe(ProbeOrder)
  /// The pod's object is gone: its logs may be removed.
  case remove(podUID: String, namespace: String, podName: String)
}

/// What a runtime saw. Reports about a container come in order: started, then exited.
public enum PodReport: Hashable, Sendable {
  /// The container runs, since the given time.
  case started(ContainerID, at: Instant)
  /// The container never ran: `reason` is Kubernetes' (`StartError`, `CreateContainerError`, …; `FailedMount` for a
  /// volume that could not be set up), `exitCode` 128 for a program that could not be executed.
  case failedToStart(ContainerID, reason: String, message: String, exitCode: Int, at: Instant)
  /// The container has ended.
  case exited(ContainerID, ContainerExit)
  /// A running container was probed.
  case probed(ContainerID, ProbeKind, ProbeOutcome)

  /// The container that it is about.
  public var container: ContainerID {
    switch self {
    case .started(let id, _), .failedToStart(let id, _, _, _, _), .exited(let id, _), .probed(let id, _, _): id
    }
  }
}

/// How a container ended.
public struct ContainerExit: Hashable, Sendable {
  /// 0…255; 128 + n after signal n.
  public var exitCode: Int
  /// The signal that ended it; 0 for none.
  public var signal: Int
  /// `nil`: `Completed` for exit code 0, else `Error`. Set for `OOMKilled` and the like.
  public var reason: String?
  /// What the program left as its last message, or what the runtime adds, for people; often empty.
  public var message: String
  /// When its process began.
  public var startedAt: Instant
  /// When its process ended, or was seen to have.
  public var finishedAt: Instant

  /// Creates an end; without a signal and a reason, what `exitCode` says.
  public init(
    exitCode: Int, signal: Int = 0, reason: String? = nil, message: String = "", startedAt: Instant,
    finishedAt: Instant
  ) {
    self.exitCode = exitCode
    self.signal = signal
    self.reason = reason
    self.message = message
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }
}
