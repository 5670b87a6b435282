/// core/v1 Node: a place with capacity where pods run.
public struct Node: ObjectModel {
  public static let goName = "Node"

  public var metadata = ObjectMeta()
  public var spec = NodeSpec()
  public var status = NodeStatus()

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.node, &v)
    v.required("metadata", &metadata)
    v.required("spec", &spec)
    v.required("status", &status)
  }
}

public struct NodeSpec: ObjectModel {
  public static let goName = "NodeSpec"
  public var configSource: JSONValue?
  public var podCIDR = ""
  public var podCIDRs: [String] = []
  public var providerID = ""
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

public struct Taint: ObjectModel {
  public static let goName = "Taint"
  public var effect = ""
  public var key = ""
  public var timeAdded: Instant?
  public var value = ""
  public init() {}
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

public struct NodeStatus: ObjectModel {
  public static let goName = "NodeStatus"
  public var addresses: [NodeAddress] = []
  public var allocatable = ResourceList()
  public var capacity = ResourceList()
  public var conditions: [Condition] = []
  public var config: JSONValue?
  public var daemonEndpoints: JSONValue?
  public var declaredFeatures: JSONValue?
  public var features: JSONValue?
  public var images: JSONValue?
  public var nodeInfo: NodeSystemInfo?
  public var phase = ""
  public var runtimeHandlers: JSONValue?
  public var volumesAttached: JSONValue?
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

public struct NodeAddress: ObjectModel {
  public static let goName = "NodeAddress"
  public var address = ""
  public var type = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.required("address", &address)
    v.required("type", &type)
  }
}

public struct NodeSystemInfo: ObjectModel {
  public static let goName = "NodeSystemInfo"
  public var architecture = ""
  public var bootID = ""
  public var containerRuntimeVersion = ""
  public var kernelVersion = ""
  public var kubeProxyVersion = ""
  public var kubeletVersion = ""
  public var machineID = ""
  public var operatingSystem = ""
  public var osImage = ""
  public var swap: JSONValue?
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
