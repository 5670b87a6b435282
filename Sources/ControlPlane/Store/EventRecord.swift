import KubeModel

/// Who reports an event.
enum EventSource: String, Hashable, Sendable {
  case jobController = "job-controller"
  case cronJobController = "cronjob-controller"
  case scheduler = "default-scheduler"
  case kubelet = "kubelet"
  case nodeController = "node-controller"
  case taintManager = "taint-eviction-controller"
  case garbageCollector = "garbage-collector-controller"
}

/// An event in compact form: there are several for every pod.
struct EventRecord: Hashable, Sendable {
  var kind: Kind
  var namespace: String
  var objectName: String
  var objectUID: String
  /// The object's resource version when it happened.
  var objectVersion: String
  var fieldPath = ""
  var reason: String
  var message: String
  var isWarning: Bool
  var source: String
  var host = ""
  var first: Instant
  var last: Instant
  var count = 1
  /// The event's number in its store.
  var sequence: UInt64 = 0
  /// The version of its latest change.
  var version: UInt64 = 0
  /// Tells events of one object apart; it stays the same through storage.
  var code: UInt64 = 0
  /// Another object that had a part in it.
  var related: Shared<ObjectReference>?

  /// `OBJECT.HEX`, as client-go names events.
  var name: String { "\(objectName).\(String(code, radix: 16))" }
  /// Events of objects without a namespace live in `default`.
  var eventNamespace: String { namespace.isEmpty ? "default" : namespace }

  /// The scheduler reports in the newer style of events (events.k8s.io), the others in the older.
  var isNewStyle: Bool { source == EventSource.scheduler.rawValue }

  /// A pod is placed once and never again: the one event that every pod has need not be watched for repetition.
  var happensOnce: Bool { reason == "Scheduled" && kind == .pod }

  /// The event as it stood in storage.
  init?(_ event: Event) {
    guard let kind = Kind(rawValue: event.involvedObject.kind), let first = event.firstTimestamp ?? event.eventTime
    else { return nil }
    self.kind = kind
    namespace = event.involvedObject.namespace
    objectName = event.involvedObject.name
    objectUID = event.involvedObject.uid
    objectVersion = event.involvedObject.resourceVersion
    fieldPath = event.involvedObject.fieldPath
    reason = event.reason
    message = event.message
    isWarning = event.type == "Warning"
    source = event.reporter
    host = event.source.host
    self.first = first
    last = event.lastSeen ?? first
    count = event.occurrences
    related = event.related.map(Shared.init)
    version = UInt64(event.metadata.resourceVersion) ?? 0
    guard let dot = event.metadata.name.lastIndex(of: "."),
      let code = UInt64(event.metadata.name[event.metadata.name.index(after: dot)...], radix: 16)
    else { return nil }
    self.code = code
  }

  init(
    kind: Kind, metadata: ObjectMeta, fieldPath: String = "", reason: String, message: String, isWarning: Bool,
    source: EventSource, host: String = "", related: ObjectReference? = nil, at now: Instant
  ) {
    self.kind = kind
    namespace = metadata.namespace
    objectName = metadata.name
    objectUID = metadata.uid
    objectVersion = metadata.resourceVersion
    self.fieldPath = fieldPath
    self.reason = reason
    self.message = message
    self.isWarning = isWarning
    self.source = source.rawValue
    self.host = host
    self.related = related.map(Shared.init)
    first = now
    last = now
  }

  /// The API's object, as of its latest change.
  var event: Event { event(version: version) }

  /// The API's object, of another version: that of its deletion.
  func event(version: UInt64) -> Event {
    var event = Event()
    event.metadata.name = name
    event.metadata.namespace = eventNamespace
    event.metadata.creationTimestamp = first
    event.metadata.resourceVersion = String(version)
    // Events of different objects may have one code.
    var generator = SeededGenerator(seed: code ^ Digest.of(objectUID))
    event.metadata.uid = generator.uid()
    event.involvedObject.kind = kind.rawValue
    event.involvedObject.apiVersion = kind.apiVersion
    event.involvedObject.namespace = namespace
    event.involvedObject.name = objectName
    event.involvedObject.uid = objectUID
    event.involvedObject.resourceVersion = objectVersion
    event.involvedObject.fieldPath = fieldPath
    event.reason = reason
    event.message = message
    event.type = isWarning ? "Warning" : "Normal"
    event.reportingComponent = source
    event.related = related?.value
    guard !isNewStyle else {
      event.action = EventRecord.actions[reason] ?? ""
      event.reportingInstance = "\(source)-jobdeck"
      event.eventTime = first
      if count > 1 {
        event.series = ["count": .int(Int64(count)), "lastObservedTime": .string(last.rfc3339(fraction: true))]
      }
      return event
    }
    event.source.component = source
    event.source.host = host
    event.reportingInstance = host
    event.firstTimestamp = first
    event.lastTimestamp = last
    event.count = count
    return event
  }

  /// What the scheduler was doing, by the reason of its event (pkg/scheduler).
  private static let actions = ["Scheduled": "Binding", "FailedScheduling": "Scheduling", "Preempted": "Preempting"]
}
