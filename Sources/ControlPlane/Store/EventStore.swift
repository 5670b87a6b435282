import DequeModule
import KubeModel

/// The cluster's events: repeated ones counted, similar ones combined, noisy objects limited and old ones let go, as
/// client-go's event correlator and the API server's one hour of keeping do.
struct EventStore: Sendable {
  /// How long an event is kept after it last happened.
  static let timeToLive = Duration.seconds(3600)
  static let combinedPrefix = "(combined from similar events): "

  private struct Key: Hashable, Sendable {
    var objectUID: String
    var reason: String
    var message: String
    var fieldPath: String

    init(_ record: EventRecord) {
      objectUID = record.objectUID
      reason = record.reason
      // A combined event goes on being the same one while its message changes.
      let isCombined = record.message.hasPrefix(EventStore.combinedPrefix)
      message = isCombined ? EventStore.combinedPrefix : record.message
      fieldPath = isCombined ? "" : record.fieldPath
    }

    // Object and reason tell nearly all events apart; messages are long.
    func hash(into hasher: inout Hasher) {
      hasher.combine(objectUID)
      hasher.combine(reason)
    }
  }

  private var stored: [UInt64: EventRecord] = [:]
  private var byKey: [Key: UInt64] = [:]
  /// By source: each has a correlator of its own.
  private var correlators: [String: EventCorrelator] = [:]
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

  /// The event of that name. O(n): nobody asks for single events but people.
  func record(namespace: String, name: String) -> EventRecord? {
    stored.values.first { $0.eventNamespace == namespace && $0.name == name }
  }

  /// Notes that something happened. `isFinal` events say how a job ended: they are never dropped.
  mutating func record(_ event: EventRecord, isFinal: Bool) -> Outcome {
    var event = event
    let source = event.host.isEmpty ? event.source : "\(event.source) \(event.host)"
    let mayPass = correlators[source, default: EventCorrelator()].correlate(&event)
    guard mayPass || isFinal else { return .dropped }
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

  /// Removes and returns what is due to be forgotten at `now`.
  mutating func expire(at now: Instant) -> [EventRecord] {
    var gone: [EventRecord] = []
    while let first = expiry.first, first.due <= now {
      expiry.removeFirst()
      guard let known = stored[first.sequence], known.last + EventStore.timeToLive <= now else { continue }
      remove(known)
      gone.append(known)
    }
    return gone
  }

  /// Removes an event before its time.
  mutating func remove(_ event: EventRecord) {
    stored[event.sequence] = nil
    byKey[Key(event)] = nil
  }

  /// The events of a namespace, oldest first. O(n).
  func records(inNamespace namespace: String) -> [EventRecord] {
    records.filter { $0.eventNamespace == namespace }
  }
}
