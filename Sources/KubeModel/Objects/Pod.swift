/// core/v1 Pod: containers that run together on one node.
public struct Pod: ObjectModel {
  public static let goName = "Pod"

  public var metadata = ObjectMeta()
  public var spec = PodSpec()
  public var status = PodStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.pod, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

public struct PodTemplateSpec: ObjectModel {
  public static let goName = "PodTemplateSpec"
  public var metadata = ObjectMeta()
  public var spec = PodSpec()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("metadata", &metadata)
    v.required("spec", &spec)
  }
}

public struct RestartPolicy: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let always: RestartPolicy = "Always"
  public static let onFailure: RestartPolicy = "OnFailure"
  public static let never: RestartPolicy = "Never"
}

/// What is wanted of a pod: what differs from pod to pod of one job, and, shared by them all, the rest.
///
/// The fields of `PodSpecCommon` are reached directly: `spec.containers`.
@dynamicMemberLookup
public struct PodSpec: ObjectModel {
  public static let goName = "PodSpec"

  public var hostname = ""
  public var nodeName = ""
  /// All other fields, in storage that pods of one job share.
  public var common = Shared(PodSpecCommon())

  public init() {}

  public subscript<Member>(dynamicMember path: WritableKeyPath<PodSpecCommon, Member>) -> Member {
    get { common.value[keyPath: path] }
    _modify { yield &common.value[keyPath: path] }
  }

  // The fields that every step of a pod's life looks at: read in place, not through a key path.

  public var activeDeadlineSeconds: Int? {
    get { common.read { $0.activeDeadlineSeconds } }
    _modify { yield &common.value.activeDeadlineSeconds }
  }
  public var containers: [Container] {
    get { common.read { $0.containers } }
    _modify { yield &common.value.containers }
  }
  public var initContainers: [Container] {
    get { common.read { $0.initContainers } }
    _modify { yield &common.value.initContainers }
  }
  public var restartPolicy: RestartPolicy {
    get { common.read { $0.restartPolicy } }
    _modify { yield &common.value.restartPolicy }
  }
  public var runtimeClassName: String? {
    get { common.read { $0.runtimeClassName } }
    _modify { yield &common.value.runtimeClassName }
  }
  public var schedulerName: String {
    get { common.read { $0.schedulerName } }
    _modify { yield &common.value.schedulerName }
  }
  public var schedulingGates: [SchedulingGate] {
    get { common.read { $0.schedulingGates } }
    _modify { yield &common.value.schedulingGates }
  }
  public var terminationGracePeriodSeconds: Int? {
    get { common.read { $0.terminationGracePeriodSeconds } }
    _modify { yield &common.value.terminationGracePeriodSeconds }
  }

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    common.value.visitFieldsBeforeHostname(&v)
    v.field("hostname", &hostname)
    common.value.visitFieldsBeforeNodeName(&v)
    v.field("nodeName", &nodeName)
    common.value.visitFieldsAfterNodeName(&v)
  }

  public func encode(to writer: inout JSONWriter) {
    // Not the default: `visitFields` on a copy would copy the shared storage for every pod that is written.
    writer.beginObject()
    var common = common.value
    var visitor = EncodingVisitor(writer: writer)
    writer = JSONWriter.placeholder
    common.visitFieldsBeforeHostname(&visitor)
    var name = hostname
    visitor.field("hostname", &name)
    common.visitFieldsBeforeNodeName(&visitor)
    name = nodeName
    visitor.field("nodeName", &name)
    common.visitFieldsAfterNodeName(&visitor)
    writer = visitor.writer
    writer.endObject()
  }
}

/// The fields of a pod's spec that a job's pods have in common.
public struct PodSpecCommon: Hashable, Sendable {
  /// Seconds; 1…2147483647.
  public var activeDeadlineSeconds: Int?
  public var affinity: JSONValue?
  public var automountServiceAccountToken: Bool?
  public var containers: [Container] = []
  public var dnsConfig: JSONValue?
  public var dnsPolicy = ""
  public var enableServiceLinks: Bool?
  public var ephemeralContainers: JSONValue?
  public var hostAliases: JSONValue?
  public var hostIPC = false
  public var hostNetwork = false
  public var hostPID = false
  public var hostUsers: Bool?
  public var hostnameOverride: String?
  public var imagePullSecrets: JSONValue?
  public var initContainers: [Container] = []
  public var nodeSelector = StringMap()
  public var os: JSONValue?
  public var overhead: ResourceList?
  public var preemptionPolicy: String?
  public var priority: Int?
  public var priorityClassName = ""
  public var readinessGates: JSONValue?
  public var resourceClaims: JSONValue?
  public var resources: ResourceRequirements?
  public var restartPolicy: RestartPolicy = ""
  public var runtimeClassName: String?
  public var schedulerName = ""
  public var schedulingGates: [SchedulingGate] = []
  public var schedulingGroup: JSONValue?
  public var securityContext: JSONValue?
  public var serviceAccount = ""
  public var serviceAccountName = ""
  public var setHostnameAsFQDN: Bool?
  public var shareProcessNamespace: Bool?
  public var subdomain = ""
  /// Seconds between the order to stop and the kill; default 30.
  public var terminationGracePeriodSeconds: Int?
  public var tolerations: [Toleration] = []
  public var topologySpreadConstraints: JSONValue?
  public var volumes: [Volume] = []
  public var workloadRef: JSONValue?

  public init() {}

  // Three parts, because the alphabet puts the fields that differ from pod to pod between them.
  mutating func visitFieldsBeforeHostname(_ v: inout some FieldVisitor) {
    v.field("activeDeadlineSeconds", &activeDeadlineSeconds)
    v.field("affinity", &affinity)
    v.field("automountServiceAccountToken", &automountServiceAccountToken)
    v.required("containers", &containers)
    v.field("dnsConfig", &dnsConfig)
    v.field("dnsPolicy", &dnsPolicy)
    v.field("enableServiceLinks", &enableServiceLinks)
    v.field("ephemeralContainers", &ephemeralContainers)
    v.field("hostAliases", &hostAliases)
    v.field("hostIPC", &hostIPC)
    v.field("hostNetwork", &hostNetwork)
    v.field("hostPID", &hostPID)
    v.field("hostUsers", &hostUsers)
  }

  mutating func visitFieldsBeforeNodeName(_ v: inout some FieldVisitor) {
    v.field("hostnameOverride", &hostnameOverride)
    v.field("imagePullSecrets", &imagePullSecrets)
    v.field("initContainers", &initContainers)
  }

  mutating func visitFieldsAfterNodeName(_ v: inout some FieldVisitor) {
    v.field("nodeSelector", &nodeSelector)
    v.field("os", &os)
    v.field("overhead", &overhead)
    v.field("preemptionPolicy", &preemptionPolicy)
    v.int32("priority", &priority)
    v.field("priorityClassName", &priorityClassName)
    v.field("readinessGates", &readinessGates)
    v.field("resourceClaims", &resourceClaims)
    v.field("resources", &resources)
    v.field("restartPolicy", &restartPolicy)
    v.field("runtimeClassName", &runtimeClassName)
    v.field("schedulerName", &schedulerName)
    v.field("schedulingGates", &schedulingGates)
    v.field("schedulingGroup", &schedulingGroup)
    v.field("securityContext", &securityContext)
    v.field("serviceAccount", &serviceAccount)
    v.field("serviceAccountName", &serviceAccountName)
    v.field("setHostnameAsFQDN", &setHostnameAsFQDN)
    v.field("shareProcessNamespace", &shareProcessNamespace)
    v.field("subdomain", &subdomain)
    v.field("terminationGracePeriodSeconds", &terminationGracePeriodSeconds)
    v.field("tolerations", &tolerations)
    v.field("topologySpreadConstraints", &topologySpreadConstraints)
    v.field("volumes", &volumes)
    v.field("workloadRef", &workloadRef)
  }
}

public struct SchedulingGate: ObjectModel {
  public static let goName = "PodSchedulingGate"
  public var name = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("name", &name)
  }
}

public struct Toleration: ObjectModel {
  public static let goName = "Toleration"
  public var effect = ""
  public var key = ""
  public var `operator` = ""
  public var tolerationSeconds: Int?
  public var value = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("effect", &effect)
    v.field("key", &key)
    v.field("operator", &`operator`)
    v.field("tolerationSeconds", &tolerationSeconds)
    v.field("value", &value)
  }
}

public struct PodPhase: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let pending: PodPhase = "Pending"
  public static let running: PodPhase = "Running"
  public static let succeeded: PodPhase = "Succeeded"
  public static let failed: PodPhase = "Failed"
  public static let unknown: PodPhase = "Unknown"

  /// Whether no container of the pod will run again.
  public var isTerminal: Bool { self == .succeeded || self == .failed }
}

public struct PodStatus: ObjectModel {
  public static let goName = "PodStatus"

  public var conditions: [Condition] = []
  public var containerStatuses: [ContainerStatus] = []
  public var hostIP = ""
  public var hostIPs: JSONValue?
  public var initContainerStatuses: [ContainerStatus] = []
  public var message = ""
  public var nominatedNodeName = ""
  public var observedGeneration = 0
  public var phase: PodPhase = ""
  public var podIP = ""
  public var podIPs: JSONValue?
  public var qosClass = ""
  public var reason = ""
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

public struct ContainerStatus: ObjectModel {
  public static let goName = "ContainerStatus"

  public var allocatedResources: ResourceList?
  public var containerID = ""
  public var image = ""
  public var imageID = ""
  public var lastState = ContainerState()
  public var name = ""
  public var ready = false
  public var resources: ResourceRequirements?
  public var restartCount = 0
  public var started: Bool?
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
  public var running: Running?
  public var terminated: Terminated?
  public var waiting: Waiting?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("running", &running)
    v.field("terminated", &terminated)
    v.field("waiting", &waiting)
  }

  public struct Running: ObjectModel {
    public static let goName = "ContainerStateRunning"
    public var startedAt: Instant?
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("startedAt", &startedAt)
    }
  }

  public struct Terminated: ObjectModel {
    public static let goName = "ContainerStateTerminated"
    public var containerID = ""
    public var exitCode = 0
    public var finishedAt: Instant?
    public var message = ""
    /// `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerStatusUnknown`, …
    public var reason = ""
    public var signal = 0
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

  public struct Waiting: ObjectModel {
    public static let goName = "ContainerStateWaiting"
    public var message = ""
    public var reason = ""
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("message", &message)
      v.field("reason", &reason)
    }
  }
}
