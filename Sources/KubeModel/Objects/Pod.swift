/// core/v1 Pod: containers that run together on one node.
public struct Pod: ObjectModel {
  public static let goName = "Pod"

  /// A job's pods get its template's labels and annotations, a controlling owner and the finalizer
  /// `batch.kubernetes.io/job-tracking`.
  public var metadata = ObjectMeta()
  /// Set by the client or the job's template; next to nothing of it may change after creation.
  public var spec = PodSpec()
  /// Set by the kubelet, which the control plane stands for.
  public var status = PodStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.pod, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

/// What a job's pods are made of.
public struct PodTemplateSpec: ObjectModel {
  public static let goName = "PodTemplateSpec"
  /// Only labels, annotations and finalizers are passed on.
  public var metadata = ObjectMeta()
  /// The spec of each pod; its requests do not default to its limits before the pod is made.
  public var spec = PodSpec()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("metadata", &metadata)
    v.required("spec", &spec)
  }
}

/// Which containers run again in place after they have ended.
public struct RestartPolicy: Word {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  /// All of them, whatever their exit code. The default of pods; a job may not have it.
  public static let always: RestartPolicy = "Always"
  /// Those that ended with another exit code than 0.
  public static let onFailure: RestartPolicy = "OnFailure"
  /// None; one that fails makes the pod fail once all have ended.
  public static let never: RestartPolicy = "Never"
}

/// What is wanted of a pod: what differs from pod to pod of one job, and, shared by them all, the rest.
///
/// The fields of `PodSpecCommon` are reached directly: `spec.containers`.
@dynamicMemberLookup
public struct PodSpec: ObjectModel {
  public static let goName = "PodSpec"

  /// The name that the pod has for itself, a DNS label; empty for the pod's. `JOB-INDEX` in an Indexed job.
  public var hostname = ""
  /// Where the pod runs; empty until the scheduler has chosen, unless the manifest names a node.
  public var nodeName = ""
  /// All other fields, in storage that pods of one job share.
  public var common = Shared(PodSpecCommon())

  public init() {}

  /// A field of ``PodSpecCommon``. Changing one copies the storage first where other pods share it.
  public subscript<Member>(dynamicMember path: WritableKeyPath<PodSpecCommon, Member>) -> Member {
    get { common.value[keyPath: path] }
    _modify { yield &common.value[keyPath: path] }
  }

  // The fields that every step of a pod's life looks at: read in place, not through a key path.

  /// See ``PodSpecCommon/activeDeadlineSeconds``.
  public var activeDeadlineSeconds: Int? {
    get { common.read { $0.activeDeadlineSeconds } }
    _modify { yield &common.value.activeDeadlineSeconds }
  }
  /// See ``PodSpecCommon/containers``.
  public var containers: [Container] {
    get { common.read { $0.containers } }
    _modify { yield &common.value.containers }
  }
  /// See ``PodSpecCommon/initContainers``.
  public var initContainers: [Container] {
    get { common.read { $0.initContainers } }
    _modify { yield &common.value.initContainers }
  }
  /// See ``PodSpecCommon/restartPolicy``.
  public var restartPolicy: RestartPolicy {
    get { common.read { $0.restartPolicy } }
    _modify { yield &common.value.restartPolicy }
  }
  /// See ``PodSpecCommon/runtimeClassName``.
  public var runtimeClassName: String? {
    get { common.read { $0.runtimeClassName } }
    _modify { yield &common.value.runtimeClassName }
  }
  /// See ``PodSpecCommon/schedulerName``.
  public var schedulerName: String {
    get { common.read { $0.schedulerName } }
    _modify { yield &common.value.schedulerName }
  }
  /// See ``PodSpecCommon/schedulingGates``.
  public var schedulingGates: [SchedulingGate] {
    get { common.read { $0.schedulingGates } }
    _modify { yield &common.value.schedulingGates }
  }
  /// See ``PodSpecCommon/terminationGracePeriodSeconds``.
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
  /// Where the pod may or would rather run: on which nodes, and near which other pods or far from them.
  public var affinity: JSONValue?
  /// Whether a token of the service account is mounted; kept, no effect here.
  public var automountServiceAccountToken: Bool?
  /// What runs, all at once after the init containers; at least one.
  public var containers: [Container] = []
  /// Name servers and search domains; kept, no effect here.
  public var dnsConfig: JSONValue?
  /// `ClusterFirst` (default), `ClusterFirstWithHostNet`, `Default` or `None`; no effect here.
  public var dnsPolicy = ""
  /// Whether services appear as variables; default true in pods, unset in templates. No effect here.
  public var enableServiceLinks: Bool?
  /// Containers added to a running pod; refused in templates, no effect here.
  public var ephemeralContainers: JSONValue?
  /// Lines for the pod's hosts file; kept, no effect here.
  public var hostAliases: JSONValue?
  /// Whether it shares the node's IPC; no effect, all processes here do.
  public var hostIPC = false
  /// Whether it uses the node's network; all processes here do. Where true, `hostPort` defaults to `containerPort`.
  public var hostNetwork = false
  /// Whether it sees the node's processes; no effect, all processes here do.
  public var hostPID = false
  /// False for a user namespace of its own; kept, no effect here.
  public var hostUsers: Bool?
  /// The host name in place of `hostname` and subdomain; kept, no effect here.
  public var hostnameOverride: String?
  /// Secrets for pulling images; kept, nothing is pulled here.
  public var imagePullSecrets: JSONValue?
  /// What runs before the containers, one after the other, each until it has succeeded; sidecars among them go on
  /// running.
  public var initContainers: [Container] = []
  /// Labels that a node must have, all of them.
  public var nodeSelector = StringMap()
  /// The operating system that the pod is for; kept, no effect here.
  public var os: JSONValue?
  /// What the pod itself costs; the scheduler adds it to the containers' requests.
  public var overhead: ResourceList?
  /// `PreemptLowerPriority` or `Never`; default that of the priority class.
  public var preemptionPolicy: String?
  /// Which pods the scheduler takes first: the highest. Set at admission from the class, 0 without one.
  public var priority: Int?
  /// The PriorityClass, which must exist; empty takes the global default if there is one.
  public var priorityClassName = ""
  /// Further conditions that a pod needs to be ready; kept, no effect here.
  public var readinessGates: JSONValue?
  /// Devices by dynamic resource allocation; kept, no effect here.
  public var resourceClaims: JSONValue?
  /// Requests and limits of the pod as a whole; kept, only those of containers count here.
  public var resources: ResourceRequirements?
  /// Default Always; required in a job's template, where it must be Never or OnFailure.
  public var restartPolicy: RestartPolicy = ""
  /// What runs the pod: `process` or `simulated`; `nil` for the cluster's default.
  public var runtimeClassName: String?
  /// Who places the pod; default `default-scheduler`. A pod with any other waits: there is none here.
  public var schedulerName = ""
  /// While there are any, the scheduler leaves the pod alone; they can be removed, not added.
  public var schedulingGates: [SchedulingGate] = []
  /// The group that the pod is scheduled with; kept, no effect here.
  public var schedulingGroup: JSONValue?
  /// User, groups and the like for all containers; default `{}`, no effect here.
  public var securityContext: JSONValue?
  /// The older name of `serviceAccountName`, kept equal to it.
  public var serviceAccount = ""
  /// The account that the pod acts as; kept, no effect here.
  public var serviceAccountName = ""
  /// Whether the host name has the domain in it; kept, no effect here.
  public var setHostnameAsFQDN: Bool?
  /// Whether its containers see each other's processes; no effect, all processes here do.
  public var shareProcessNamespace: Bool?
  /// The domain of the pod's host name, a DNS label; no effect here.
  public var subdomain = ""
  /// Seconds between the order to stop and the kill; default 30.
  public var terminationGracePeriodSeconds: Int?
  /// Taints that do not keep the pod off a node. Admission adds 300 s of `not-ready` and `unreachable`.
  public var tolerations: [Toleration] = []
  /// How evenly pods are spread over nodes, zones and the like.
  public var topologySpreadConstraints: JSONValue?
  /// What containers may mount.
  public var volumes: [Volume] = []
  /// The workload whose pods are scheduled together; kept, no effect here.
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

/// Something that a pod waits for before it is scheduled.
public struct SchedulingGate: ObjectModel {
  public static let goName = "PodSchedulingGate"
  /// A qualified name, unique in the pod: `example.com/quota`.
  public var name = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("name", &name)
  }
}

/// Which taints a pod puts up with.
public struct Toleration: ObjectModel {
  public static let goName = "Toleration"
  /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; empty for all of them.
  public var effect = ""
  /// The taint's key; empty, with `Exists`, for all taints.
  public var key = ""
  /// `Exists`, or `Equal` to compare values too; empty means `Equal`.
  public var `operator` = ""
  /// How long the pod stays on a node after a `NoExecute` taint was added; `nil` for ever, ≤ 0 not at all.
  public var tolerationSeconds: Int?
  /// What the taint's value must equal; empty with `Exists`.
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
