/// core/v1 Namespace.
public struct Namespace: ObjectModel {
  public static let goName = "Namespace"
  public var metadata = ObjectMeta()
  public var spec: JSONValue?
  public var status = Status()
  public init() {}
  public mutating func visitFields(_ v: inout some FieldVisitor) {
    visitTypeMeta(.namespace, &v)
    v.required("metadata", &metadata)
    v.field("spec", &spec)
    v.required("status", &status)
  }

  public struct Status: ObjectModel {
    public static let goName = "NamespaceStatus"
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
  public var data = StringMap()
  public var immutable: Bool?
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
  public var immutable: Bool?
  public var metadata = ObjectMeta()
  /// Plain text that the server moves into `data`; never read back.
  public var stringData = StringMap()
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
  public var description = ""
  public var globalDefault = false
  public var metadata = ObjectMeta()
  public var preemptionPolicy: String?
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

  public var action = ""
  public var count = 0
  public var eventTime: Instant?
  public var firstTimestamp: Instant?
  public var involvedObject = ObjectReference()
  public var lastTimestamp: Instant?
  public var message = ""
  public var metadata = ObjectMeta()
  public var reason = ""
  public var related: ObjectReference?
  public var reportingComponent = ""
  public var reportingInstance = ""
  public var series: JSONValue?
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

  public struct Source: ObjectModel {
    public static let goName = "EventSource"
    public var component = ""
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

  /// When it last happened.
  public var lastSeen: Instant? { lastTimestamp ?? eventTime ?? metadata.creationTimestamp }
}
