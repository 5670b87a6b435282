/// core/v1 Namespace.
public struct Namespace: ObjectModel {
  public static let goName = "Namespace"
  /// The name is a DNS label. The namespace `default` always exists.
  public var metadata = ObjectMeta()
  /// The finalizers of namespaces, `kubernetes` by default; kept as they stand.
  public var spec: JSONValue?
  /// Set by the server alone.
  public var status = Status()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.namespace, &v)
    v.required("metadata", &metadata)
    v.field("spec", &spec)
    v.required("status", &status)
  }

  /// Where a namespace is between creation and its end.
  public struct Status: ObjectModel {
    public static let goName = "NamespaceStatus"
    /// Why a deletion does not get on; kept as it stands, never set here.
    public var conditions: JSONValue?
    /// `Active` or `Terminating`.
    public var phase = ""
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("conditions", &conditions)
      v.field("phase", &phase)
    }
  }
}

/// core/v1 ConfigMap.
public struct ConfigMap: ObjectModel {
  public static let goName = "ConfigMap"
  /// Base64 text.
  public var binaryData = StringMap()
  /// Plain text by key; a key may not stand in `binaryData` too. All of it at most 1 MiB.
  public var data = StringMap()
  /// Once true neither the data nor this may change.
  public var immutable: Bool?
  /// In the namespace of the pods that use it.
  public var metadata = ObjectMeta()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.configMap, &v)
    v.field("binaryData", &binaryData)
    v.field("data", &data)
    v.field("immutable", &immutable)
    v.required("metadata", &metadata)
  }
}

/// core/v1 Secret.
public struct Secret: ObjectModel {
  public static let goName = "Secret"
  /// Base64 text.
  public var data = StringMap()
  /// Once true neither the data nor this may change.
  public var immutable: Bool?
  /// In the namespace of the pods that use it.
  public var metadata = ObjectMeta()
  /// Plain text that the server moves into `data`; never read back.
  public var stringData = StringMap()
  /// What the data is for, `kubernetes.io/tls` for instance; default `Opaque`.
  public var type = ""
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.secret, &v)
    v.field("data", &data)
    v.field("immutable", &immutable)
    v.required("metadata", &metadata)
    v.field("stringData", &stringData)
    v.field("type", &type)
  }
}

/// scheduling.k8s.io/v1 PriorityClass.
public struct PriorityClass: ObjectModel {
  public static let goName = "PriorityClass"
  /// When to use the class; free text.
  public var description = ""
  /// Whether pods that name no class get this one.
  public var globalDefault = false
  /// Belongs to no namespace; the prefix `system-` is Kubernetes' own.
  public var metadata = ObjectMeta()
  /// `PreemptLowerPriority` (default) or `Never`; immutable.
  public var preemptionPolicy: String?
  /// The priority of the class's pods, higher first; at most 1,000,000,000, immutable.
  public var value = 0
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.priorityClass, &v)
    v.field("description", &description)
    v.field("globalDefault", &globalDefault)
    v.required("metadata", &metadata)
    v.field("preemptionPolicy", &preemptionPolicy)
    v.int32("value", &value)
  }
}

/// core/v1 Event: something that happened to an object.
public struct Event: ObjectModel {
  public static let goName = "Event"

  /// What was done or failed, in the newer style of events: `Binding`, `Scheduling`, `Preempting`. Empty in the older.
  public var action = ""
  /// How often it has happened, in the older style; 0 in the newer. See ``occurrences``.
  public var count = 0
  /// When it first happened, to the microsecond, in the newer style; written as null where `nil`. See ``firstSeen``.
  public var eventTime: Instant?
  /// When it first happened, in whole seconds, in the older style; written as null where `nil`. See ``firstSeen``.
  public var firstTimestamp: Instant?
  /// What it happened to; the event lives in that object's namespace, or in `default` where it has none.
  public var involvedObject = ObjectReference()
  /// When it last happened, in whole seconds, in the older style; written as null where `nil`. See ``lastSeen``.
  public var lastTimestamp: Instant?
  /// What happened, in words for people.
  public var message = ""
  /// The name is that of the object, a dot and a hexadecimal number.
  public var metadata = ObjectMeta()
  /// Why, as one word that programs can look for: `SuccessfulCreate`, `BackoffLimitExceeded`, …
  public var reason = ""
  /// A second object that had a part in it: the pod that another had to make room for.
  public var related: ObjectReference?
  /// Who reports it; in the older style the same as `source.component`. See ``reporter``.
  public var reportingComponent = ""
  /// Which instance of it reports: the node's name for a kubelet, the scheduler's own name, else empty.
  public var reportingInstance = ""
  /// Repetitions in the newer style, `count` and `lastObservedTime`; `nil` before the first.
  public var series: JSONValue?
  /// Who reports it, in the older style; empty in the newer. See ``reporter``.
  public var source = Source()
  /// `Normal` or `Warning`.
  public var type = ""

  public init() {}

  public mutating func visitFields(_ v: inout some FieldVisitor) {
    v.field("action", &action)
    visitTypeMeta(.event, &v)
    v.int32("count", &count)
    visitNullable("eventTime", &eventTime, isMicroTime: true, &v)
    visitNullable("firstTimestamp", &firstTimestamp, isMicroTime: false, &v)
    v.required("involvedObject", &involvedObject)
    visitNullable("lastTimestamp", &lastTimestamp, isMicroTime: false, &v)
    v.field("message", &message)
    v.required("metadata", &metadata)
    v.field("reason", &reason)
    v.field("related", &related)
    v.required("reportingComponent", &reportingComponent)
    v.required("reportingInstance", &reportingInstance)
    v.field("series", &series)
    v.required("source", &source)
    v.field("type", &type)
  }

  /// Who reports an event.
  public struct Source: ObjectModel {
    public static let goName = "EventSource"
    /// `job-controller`, `cronjob-controller`, `default-scheduler`, `kubelet`, …
    public var component = ""
    /// The node where it happened; empty for the control plane.
    public var host = ""
    public init() {}
    public mutating func visitFields(_ v: inout some FieldVisitor) {
      v.field("component", &component)
      v.field("host", &host)
    }
  }

  private func visitNullable(
    _ name: StaticString, _ time: inout Instant?, isMicroTime: Bool, _ v: inout some FieldVisitor
  ) {
    var nullable = NullableTime(time: time, isMicroTime: isMicroTime)
    v.required(name, &nullable)
    time = nullable.time
  }

  // What both styles of events say, each in its own way.

  /// When it first happened.
  public var firstSeen: Instant? { firstTimestamp ?? eventTime ?? metadata.creationTimestamp }

  /// When it last happened.
  public var lastSeen: Instant? {
    series?["lastObservedTime"]?.string.flatMap { Instant(rfc3339: $0) } ?? lastTimestamp ?? eventTime
      ?? metadata.creationTimestamp
  }

  /// How often it has happened; at least 1.
  public var occurrences: Int { max(1, series?["count"]?.int.map { Int($0) } ?? count) }

  /// The component that reports it: `job-controller`, `default-scheduler`, …
  public var reporter: String { source.component.isEmpty ? reportingComponent : source.component }
}
