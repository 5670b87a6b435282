/// How far a pod is, from its containers' states.
public struct PodPhase: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  /// Not on a node yet, or some container has not started for the first time.
  public static let pending: PodPhase = "Pending"
  /// All init containers are done, and a container runs or will run again.
  public static let running: PodPhase = "Running"
  /// All containers ended with exit code 0, and none will run again.
  public static let succeeded: PodPhase = "Succeeded"
  /// All containers ended, at least one of them not with 0, or the pod's node was lost.
  public static let failed: PodPhase = "Failed"
  /// The node cannot be asked; not used here, as in today's Kubernetes.
  public static let unknown: PodPhase = "Unknown"

  /// Whether no container of the pod will run again.
  public var isTerminal: Bool { self == .succeeded || self == .failed }
}

/// What the kubelet and the scheduler have seen of a pod.
public struct PodStatus: ObjectModel {
  public static let goName = "PodStatus"

  /// `PodScheduled`, `Initialized`, `Ready`, `ContainersReady`, `PodReadyToStartContainers`, `DisruptionTarget`.
  public var conditions: [Condition] = []
  /// In the order of `spec.containers`; empty before the pod is on a node.
  public var containerStatuses: [ContainerStatus] = []
  /// The node's address; here the loopback address. Empty before the pod is on a node.
  public var hostIP = ""
  /// `hostIP` as a list of `{ip}`.
  public var hostIPs: JSONValue?
  /// In the order of `spec.initContainers`; empty before the pod is on a node.
  public var initContainerStatuses: [ContainerStatus] = []
  /// Why the pod is as it is, in words for people; belongs to `reason`.
  public var message = ""
  /// The node that preemption makes room on for the pod; empty once the pod has a node.
  public var nominatedNodeName = ""
  /// The `metadata.generation` that this status is about; 0 where nobody said.
  public var observedGeneration = 0
  /// See ``PodPhase``; new pods are Pending.
  public var phase: PodPhase = ""
  /// The pod's address, here that of its node; empty until its containers have started.
  public var podIP = ""
  /// `podIP` as a list of `{ip}`.
  public var podIPs: JSONValue?
  /// `Guaranteed`, `Burstable` or `BestEffort`, from requests and limits; set at creation.
  public var qosClass = ""
  /// Why the pod as a whole ended, as one word: `DeadlineExceeded`, `Evicted`, …; empty where its containers say it.
  public var reason = ""
  /// When its node took it in; the pod's deadline counts from here.
  public var startTime: Instant?

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    var list = PodConditions(conditions: conditions)
    v.field("conditions", &list)
    conditions = list.conditions
    v.field("containerStatuses", &containerStatuses)
    v.field("hostIP", &hostIP)
    v.field("hostIPs", &hostIPs)
    v.field("initContainerStatuses", &initContainerStatuses)
    v.field("message", &message)
    v.field("nominatedNodeName", &nominatedNodeName)
    v.field("observedGeneration", &observedGeneration)
    v.field("phase", &phase)
    v.field("podIP", &podIP)
    v.field("podIPs", &podIPs)
    v.field("qosClass", &qosClass)
    v.field("reason", &reason)
    v.field("startTime", &startTime)
  }
}

/// What became of one container of a pod.
public struct ContainerStatus: ObjectModel {
  public static let goName = "ContainerStatus"

  /// Resources that the node has set aside; kept, never set here.
  public var allocatedResources: ResourceList?
  /// Which run it is, with its runtime: `jobdeck://…`; empty before the first start.
  public var containerID = ""
  /// The image as the spec names it.
  public var image = ""
  /// The digest of what was pulled; empty here, nothing is.
  public var imageID = ""
  /// How the run before the present one ended; empty before the first restart.
  public var lastState = ContainerState()
  /// As in the spec, by which the two are matched.
  public var name = ""
  /// Whether it counts as ready: as its readiness probe has it, without one while it runs.
  public var ready = false
  /// Resources as they are in force; kept, never set here.
  public var resources: ResourceRequirements?
  /// Restarts so far: the number of the latest run, from 0.
  public var restartCount = 0
  /// Whether it has got past its start: as its startup probe has it, without one while it runs.
  public var started: Bool?
  /// How it is now; `lastState` tells of the run before.
  public var state = ContainerState()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("allocatedResources", &allocatedResources)
    v.field("containerID", &containerID)
    v.required("image", &image)
    v.required("imageID", &imageID)
    v.required("lastState", &lastState)
    v.required("name", &name)
    v.required("ready", &ready)
    v.field("resources", &resources)
    v.required("restartCount", &restartCount)
    v.field("started", &started)
    v.required("state", &state)
  }
}

/// Exactly one of the three, or none where nothing is known.
public struct ContainerState: ObjectModel {
  public static let goName = "ContainerState"
  /// It runs: set from its start to its end.
  public var running: Running?
  /// It has ended and will not run again, unless it is a ``ContainerStatus/lastState``.
  public var terminated: Terminated?
  /// It is yet to start, for the first time or again.
  public var waiting: Waiting?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("running", &running)
    v.field("terminated", &terminated)
    v.field("waiting", &waiting)
  }

  /// What is told of a container that runs.
  public struct Running: ObjectModel {
    public static let goName = "ContainerStateRunning"
    /// When it was started.
    public var startedAt: Instant?
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("startedAt", &startedAt)
    }
  }

  /// What is told of a run that has ended.
  public struct Terminated: ObjectModel {
    public static let goName = "ContainerStateTerminated"
    /// Which run it was, as ``ContainerStatus/containerID``.
    public var containerID = ""
    /// 0…255; 128 + n after signal n.
    public var exitCode = 0
    /// When it ended.
    public var finishedAt: Instant?
    /// The program's last message, or what the runtime adds, why it could not be started for instance; often empty.
    public var message = ""
    /// `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerStatusUnknown`, …
    public var reason = ""
    /// The signal that ended it; 0 for none.
    public var signal = 0
    /// When it was started; the epoch where it never ran.
    public var startedAt: Instant?
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("containerID", &containerID)
      v.required("exitCode", &exitCode)
      v.field("finishedAt", &finishedAt)
      v.field("message", &message)
      v.field("reason", &reason)
      v.field("signal", &signal)
      v.field("startedAt", &startedAt)
    }
  }

  /// A container that is yet to start.
  public struct Waiting: ObjectModel {
    public static let goName = "ContainerStateWaiting"
    /// Why, in words for people; empty where `reason` says it all.
    public var message = ""
    /// `ContainerCreating`, `PodInitializing`, `CrashLoopBackOff`, `CreateContainerConfigError`, …
    public var reason = ""
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("message", &message)
      v.field("reason", &reason)
    }
  }
}
