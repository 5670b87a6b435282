import DequeModule
import KubeModel

/// The cluster's events: repeated ones counted, similar ones combined, noisy objects limited and old ones let go, as
/// client-go's event correlator (events of the older style), its series (those of the newer) and the API server's one
/// hour of keeping do.
struct EventStore: Sendable {
  /// How long an event is kept after it last happened.
  static let timeToLive = Duration.seconds(3600)
  /// A series of the newer style ends when nothing was added to it for so long (client-go: finishTime).
  static let seriesEnd = Duration.seconds(360)
  static let combinedPrefix = "(combined from similar events): "

  private struct Key: Hashable, Sendable {
    var objectUID: String
    var reason: String
    var message: String
    var fieldPath: String
    var objectVersion = ""

    init(_ record: EventRecord) {
      objectUID = record.objectUID
      reason = record.reason
      if record.isNewStyle {
        // A series is about the object as it stands, whatever the words: the first ones remain.
        message = ""
        fieldPath = record.fieldPath
        objectVersion = record.objectVersion
        return
      }
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

  /// By sequence, from ``firstSequence`` on; gaps are events that went before their time.
  private var stored = Deque<EventRecord?>()
  private var firstSequence: UInt64 = 1
  private var byKey: [Key: UInt64] = [:]
  /// By source: each has a correlator of its own.
  private var correlators: [String: EventCorrelator] = [:]
  private var expiry = Deque<(due: Instant, sequence: UInt64)>()
  private var nextSequence: UInt64 = 1

  var nextExpiry: Instant? { expiry.first?.due }
  private(set) var count = 0

  enum Outcome {
    case added(EventRecord)
    case repeated(EventRecord)
    case dropped
  }

  /// All events, oldest first. O(n).
  var records: [EventRecord] { stored.compactMap { $0 } }

  /// The event of that name. O(n): nobody asks for single events but people.
  func record(namespace: String, name: String) -> EventRecord? {
    for case let event? in stored where event.eventNamespace == namespace && event.name == name { return event }
    return nil
  }

  /// Notes that something happened. `isFinal` events say how a job ended: they are never dropped.
  mutating func record(_ event: EventRecord, isFinal: Bool) -> Outcome {
    var event = event
    if !event.happensOnce {
      if !event.isNewStyle {
        let source = event.host.isEmpty ? event.source : "\(event.source) \(event.host)"
        let mayPass = correlators[source, default: EventCorrelator()].correlate(&event)
        guard mayPass || isFinal else { return .dropped }
      }
      if let sequence = byKey[Key(event)], let place = place(of: sequence), !isOver(place, at: event.last) {
        stored[place]?.count += 1
        stored[place]?.last = event.last
        stored[place]?.version = event.version
        if !event.isNewStyle { stored[place]?.message = event.message }
        expiry.append((event.last + EventStore.timeToLive, sequence))
        if let known = stored[place] { return .repeated(known) }
      }
    }
    event.sequence = nextSequence
    // As many nanoseconds as there would be, and a number where Kubernetes' clock would have moved on.
    event.code = UInt64(bitPattern: event.first.microseconds) &* 1000 &+ nextSequence % 1000
    insert(event)
    return .added(event)
  }

  /// Whether the event is of a series that has come to its end.
  private func isOver(_ place: Int, at now: Instant) -> Bool {
    guard let known = stored[place], known.isNewStyle else { return false }
    return now - known.last > EventStore.seriesEnd
  }

  /// Takes back an event from storage; its sequence must not be in use.
  mutating func restore(_ event: EventRecord) {
    var event = event
    event.sequence = nextSequence
    insert(event)
  }

  private mutating func insert(_ event: EventRecord) {
    nextSequence = event.sequence + 1
    stored.append(event)
    count += 1
    if !event.happensOnce { byKey[Key(event)] = event.sequence }
    expiry.append((event.last + EventStore.timeToLive, event.sequence))
  }

  /// Removes and returns what is due to be forgotten at `now`.
  mutating func expire(at now: Instant) -> [EventRecord] {
    var gone: [EventRecord] = []
    while let first = expiry.first, first.due <= now {
      expiry.removeFirst()
      guard let place = place(of: first.sequence), let known = stored[place], known.last + EventStore.timeToLive <= now
      else { continue }
      remove(known)
      gone.append(known)
    }
    return gone
  }

  /// Removes an event before its time.
  mutating func remove(_ event: EventRecord) {
    guard let place = place(of: event.sequence), stored[place] != nil else { return }
    stored[place] = nil
    count -= 1
    // A later series may have taken its key.
    let key = Key(event)
    if !event.happensOnce, byKey[key] == event.sequence { byKey[key] = nil }
    while let first = stored.first, first == nil {
      stored.removeFirst()
      firstSequence += 1
    }
  }

  private func place(of sequence: UInt64) -> Int? {
    guard sequence >= firstSequence, sequence - firstSequence < stored.count else { return nil }
    return Int(sequence - firstSequence)
  }

  /// The events of a namespace, oldest first. O(n).
  func records(inNamespace namespace: String) -> [EventRecord] {
    records.filter { $0.eventNamespace == namespace }
  }
}
