/// core/v1 Node: a place with capacity where pods run.
public struct Node: ObjectModel {
  public static let goName = "Node"

  /// Belongs to no namespace; the label `kubernetes.io/hostname` defaults to the name.
  public var metadata = ObjectMeta()
  /// Set by clients, and by the node controller, which adds taints.
  public var spec = NodeSpec()
  /// Set by the kubelet, which the control plane stands for; here also by the manifest that makes the node.
  public var status = NodeStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.node, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

/// What is wanted of a node.
public struct NodeSpec: ObjectModel {
  public static let goName = "NodeSpec"
  /// A kubelet's configuration, of releases gone by; kept, no effect.
  public var configSource: JSONValue?
  /// Addresses of the node's pods; kept, no effect: pods here have the loopback address.
  public var podCIDR = ""
  /// The same, one for each family of addresses.
  public var podCIDRs: [String] = []
  /// What a cloud calls the machine; kept, no effect here.
  public var providerID = ""
  /// What keeps pods away that do not tolerate it; unique by key and effect. A cordon and a failure add theirs.
  public var taints: [Taint] = []
  /// Cordoned: no new pod is placed here.
  public var unschedulable = false
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("configSource", &configSource)
    v.field("podCIDR", &podCIDR)
    v.field("podCIDRs", &podCIDRs)
    v.field("providerID", &providerID)
    v.field("taints", &taints)
    v.field("unschedulable", &unschedulable)
  }
}

/// A mark on a node that keeps pods away, or drives them off, unless they tolerate it.
public struct Taint: ObjectModel {
  public static let goName = "Taint"
  /// `NoSchedule` (none is placed), `PreferNoSchedule` (rather not) or `NoExecute` (those that run go too, when their
  /// tolerations run out).
  public var effect = ""
  /// A qualified name, such as `node.kubernetes.io/unschedulable`.
  public var key = ""
  /// When the taint was added; tolerations with an end count from then. `nil` where nobody said.
  public var timeAdded: Instant?
  /// A label value that tolerations may ask for; may be empty.
  public var value = ""
  public init() {}
  /// Creates a taint without a value.
  public init(key: String, effect: String, timeAdded: Instant? = nil) {
    self.key = key
    self.effect = effect
    self.timeAdded = timeAdded
  }
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("effect", &effect)
    v.required("key", &key)
    v.field("timeAdded", &timeAdded)
    v.field("value", &value)
  }
}

/// What is known of a node: its capacity, its conditions, the machine.
public struct NodeStatus: ObjectModel {
  public static let goName = "NodeStatus"
  /// Here `InternalIP`, the loopback address, and `Hostname`.
  public var addresses: [NodeAddress] = []
  /// What pods may use; what it leaves out is as in `capacity`.
  public var allocatable = ResourceList()
  /// What the node has: `cpu`, `memory`, `pods` (default 110), …
  public var capacity = ResourceList()
  /// `Ready`, `MemoryPressure`, `DiskPressure`, `PIDPressure`; Ready is Unknown while the node is failed.
  public var conditions: [Condition] = []
  /// The kubelet's configuration in use, of releases gone by; kept as it stands.
  public var config: JSONValue?
  /// Ports of the kubelet; kept as it stands.
  public var daemonEndpoints: JSONValue?
  /// Features that the kubelet names for the scheduler; kept, no effect here.
  public var declaredFeatures: JSONValue?
  /// Features of the container runtime; kept, no effect here.
  public var features: JSONValue?
  /// Images on the node; kept, no effect here.
  public var images: JSONValue?
  /// The machine and its software; here this machine's.
  public var nodeInfo: NodeSystemInfo?
  /// Not used any more, as in Kubernetes; kept as it stands.
  public var phase = ""
  /// What runtime classes the node offers; kept, no effect here.
  public var runtimeHandlers: JSONValue?
  /// Volumes attached to the node; kept, no effect here.
  public var volumesAttached: JSONValue?
  /// Volumes in use by its pods; kept, no effect here.
  public var volumesInUse: JSONValue?
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("addresses", &addresses)
    v.field("allocatable", &allocatable)
    v.field("capacity", &capacity)
    v.field("conditions", &conditions)
    v.field("config", &config)
    v.field("daemonEndpoints", &daemonEndpoints)
    v.field("declaredFeatures", &declaredFeatures)
    v.field("features", &features)
    v.field("images", &images)
    v.field("nodeInfo", &nodeInfo)
    v.field("phase", &phase)
    v.field("runtimeHandlers", &runtimeHandlers)
    v.field("volumesAttached", &volumesAttached)
    v.field("volumesInUse", &volumesInUse)
  }
}

/// One way to reach a node.
public struct NodeAddress: ObjectModel {
  public static let goName = "NodeAddress"
  /// An IP address or a name, as `type` says.
  public var address = ""
  /// `InternalIP`, `ExternalIP`, `Hostname`, `InternalDNS` or `ExternalDNS`.
  public var type = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("address", &address)
    v.required("type", &type)
  }
}

/// The machine that a node is, and its software. Nodes of jobdeck's own leave the identifiers empty.
public struct NodeSystemInfo: ObjectModel {
  public static let goName = "NodeSystemInfo"
  /// `amd64`, `arm64`, …, as Go names it.
  public var architecture = ""
  /// Another one after each start of the machine.
  public var bootID = ""
  /// Runtime and version, `NAME://VERSION`; here `jobdeck://process`.
  public var containerRuntimeVersion = ""
  /// As `uname -r` prints it.
  public var kernelVersion = ""
  /// Kept as it stands, empty in nodes of jobdeck's own.
  public var kubeProxyVersion = ""
  /// The Kubernetes release whose behaviour the node has: `v1.36.2`.
  public var kubeletVersion = ""
  /// The content of `/etc/machine-id`.
  public var machineID = ""
  /// `linux`
  public var operatingSystem = ""
  /// The distribution and its release, for people.
  public var osImage = ""
  /// The machine's swap space; kept as it stands.
  public var swap: JSONValue?
  /// What the firmware calls the machine.
  public var systemUUID = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("architecture", &architecture)
    v.required("bootID", &bootID)
    v.required("containerRuntimeVersion", &containerRuntimeVersion)
    v.required("kernelVersion", &kernelVersion)
    v.required("kubeProxyVersion", &kubeProxyVersion)
    v.required("kubeletVersion", &kubeletVersion)
    v.required("machineID", &machineID)
    v.required("operatingSystem", &operatingSystem)
    v.required("osImage", &osImage)
    v.field("swap", &swap)
    v.required("systemUUID", &systemUUID)
  }
}
