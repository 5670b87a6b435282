import DequeModule
import KubeModel

/// Who reports an event.
enum EventSource: String, Hashable, Sendable {
  case jobController = "job-controller"
  case cronJobController = "cronjob-controller"
  case scheduler = "default-scheduler"
  case kubelet = "kubelet"
  case nodeController = "node-controller"
  case taintManager = "taint-eviction-controller"
}

/// An event in compact form: there are several for every pod.
struct EventRecord: Hashable, Sendable {
  var kind: Kind
  var namespace: String
  var objectName: String
  var objectUID: String
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
  /// Tells events of one object apart; it stays the same through storage.
  var code: UInt64 = 0

  /// `OBJECT.HEX`, as client-go names events.
  var name: String { "\(objectName).\(String(code, radix: 16))" }
  /// Events of objects without a namespace live in `default`.
  var eventNamespace: String { namespace.isEmpty ? "default" : namespace }

  /// The event as it stood in storage.
  init?(_ event: Event) {
    guard let kind = Kind(rawValue: event.involvedObject.kind), let first = event.firstTimestamp else { return nil }
    self.kind = kind
    namespace = event.involvedObject.namespace
    objectName = event.involvedObject.name
    objectUID = event.involvedObject.uid
    fieldPath = event.involvedObject.fieldPath
    reason = event.reason
    message = event.message
    isWarning = event.type == "Warning"
    source = event.source.component
    host = event.source.host
    self.first = first
    last = event.lastTimestamp ?? first
    count = event.count
    guard let dot = event.metadata.name.lastIndex(of: "."),
      let code = UInt64(event.metadata.name[event.metadata.name.index(after: dot)...], radix: 16)
    else { return nil }
    self.code = code
  }

  init(
    kind: Kind, metadata: ObjectMeta, fieldPath: String = "", reason: String, message: String, isWarning: Bool,
    source: EventSource, host: String = "", at now: Instant
  ) {
    self.kind = kind
    namespace = metadata.namespace
    objectName = metadata.name
    objectUID = metadata.uid
    self.fieldPath = fieldPath
    self.reason = reason
    self.message = message
    self.isWarning = isWarning
    self.source = source.rawValue
    self.host = host
    first = now
    last = now
  }

  /// The API's object.
  func event(version: UInt64) -> Event {
    var event = Event()
    event.metadata.name = name
    event.metadata.namespace = eventNamespace
    event.metadata.creationTimestamp = first
    event.metadata.resourceVersion = String(version)
    // FNV-1a: events of different objects may have one code.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in objectUID.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    var generator = SeededGenerator(seed: code ^ hash)
    event.metadata.uid = generator.uid()
    event.involvedObject.kind = kind.rawValue
    event.involvedObject.apiVersion = kind.apiVersion
    event.involvedObject.namespace = namespace
    event.involvedObject.name = objectName
    event.involvedObject.uid = objectUID
    event.involvedObject.fieldPath = fieldPath
    event.reason = reason
    event.message = message
    event.type = isWarning ? "Warning" : "Normal"
    event.source.component = source
    event.source.host = host
    event.reportingComponent = source
    event.reportingInstance = host
    event.firstTimestamp = first
    event.lastTimestamp = last
    event.count = count
    return event
  }
}

/// The cluster's events: repeated ones counted, similar ones combined, noisy objects limited and old ones let go, as
/// client-go's event correlator and the API server's one hour of keeping do.
struct EventStore: Sendable {
  /// How long an event is kept after it last happened.
  static let timeToLive = Duration.seconds(3600)
  /// More different messages than this for one object and reason within `combineInterval` are combined.
  static let combineAfter = 10
  static let combineInterval = Duration.seconds(600)
  /// Events an object may cause at once, and the time in which it earns another.
  static let burst = 25
  static let refill = Duration.seconds(300)

  private struct Key: Hashable, Sendable {
    var objectUID: String
    var reason: String
    var message: String
    var fieldPath: String

    init(_ record: EventRecord) {
      objectUID = record.objectUID
      reason = record.reason
      // A combined event goes on being the same one while its message changes.
      message = record.message.hasPrefix(EventStore.combinedPrefix) ? EventStore.combinedPrefix : record.message
      fieldPath = record.fieldPath
    }

    // Object and reason tell nearly all events apart; messages are long.
    func hash(into hasher: inout Hasher) {
      hasher.combine(objectUID)
      hasher.combine(reason)
    }
  }

  private struct Series: Sendable {
    var messages: Set<String> = []
    var last: Instant
  }

  private struct Budget: Sendable {
    var tokens: Int
    var since: Instant
  }

  private static let combinedPrefix = "(combined from similar events): "

  private var stored: [UInt64: EventRecord] = [:]
  private var byKey: [Key: UInt64] = [:]
  /// By object and reason. Pods are not watched for noise: each has few events, and there are many pods.
  private var series: [String: [String: Series]] = [:]
  private var budgets: [String: Budget] = [:]
  private var expiry = Deque<(due: Instant, sequence: UInt64)>()
  private var nextSequence: UInt64 = 1

  var nextExpiry: Instant? { expiry.first?.due }
  var count: Int { stored.count }

  enum Outcome {
    case added(EventRecord)
    case repeated(EventRecord)
    case dropped
  }

  /// All events, oldest first. O(n log n).
  var records: [EventRecord] { stored.values.sorted { $0.sequence < $1.sequence } }

  /// Notes that something happened. `isFinal` events say how a job ended: they are never dropped.
  mutating func record(_ event: EventRecord, isFinal: Bool) -> Outcome {
    var event = event
    if event.kind != .pod {
      combine(&event)
      guard isFinal || spend(event) else { return .dropped }
    }
    let key = Key(event)
    if let sequence = byKey[key], var known = stored[sequence] {
      known.count += 1
      known.last = event.last
      known.message = event.message
      stored[sequence] = known
      expiry.append((event.last + EventStore.timeToLive, sequence))
      return .repeated(known)
    }
    event.sequence = nextSequence
    // As many nanoseconds as there would be, and a number where Kubernetes' clock would have moved on.
    event.code = UInt64(bitPattern: event.first.microseconds) &* 1000 &+ nextSequence % 1000
    insert(event)
    return .added(event)
  }

  /// Takes back an event from storage; its sequence must not be in use.
  mutating func restore(_ event: EventRecord) {
    var event = event
    event.sequence = nextSequence
    insert(event)
  }

  private mutating func insert(_ event: EventRecord) {
    nextSequence = event.sequence + 1
    stored[event.sequence] = event
    byKey[Key(event)] = event.sequence
    expiry.append((event.last + EventStore.timeToLive, event.sequence))
  }

  private mutating func combine(_ event: inout EventRecord) {
    var known = series[event.objectUID]?[event.reason] ?? Series(last: event.last)
    if event.last - known.last > EventStore.combineInterval { known.messages = [] }
    known.last = event.last
    if known.messages.count > EventStore.combineAfter {
      event.message = EventStore.combinedPrefix + event.message
    } else {
      known.messages.insert(event.message)
      if known.messages.count > EventStore.combineAfter { event.message = EventStore.combinedPrefix + event.message }
    }
    series[event.objectUID, default: [:]][event.reason] = known
  }

  private mutating func spend(_ event: EventRecord) -> Bool {
    var budget = budgets[event.objectUID] ?? Budget(tokens: EventStore.burst, since: event.last)
    let earned = Int((event.last - budget.since).inMicroseconds / EventStore.refill.inMicroseconds)
    if earned > 0 {
      budget.tokens = min(EventStore.burst, budget.tokens + earned)
      budget.since = budget.since + EventStore.refill * earned
    }
    guard budget.tokens > 0 else {
      budgets[event.objectUID] = budget
      return false
    }
    budget.tokens -= 1
    budgets[event.objectUID] = budget
    return true
  }

  /// Removes and returns what is due to be forgotten at `now`.
  mutating func expire(at now: Instant) -> [EventRecord] {
    var gone: [EventRecord] = []
    while let first = expiry.first, first.due <= now {
      expiry.removeFirst()
      guard let known = stored[first.sequence], known.last + EventStore.timeToLive <= now else { continue }
      stored[first.sequence] = nil
      byKey[Key(known)] = nil
      gone.append(known)
    }
    return gone
  }

  /// Forgets how noisy an object was: it is gone.
  mutating func forget(objectUID: String) {
    budgets[objectUID] = nil
    series[objectUID] = nil
  }
}
