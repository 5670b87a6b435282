import KubeModel

/// What one source of events does before it tells the API server (client-go: events_cache.go): similar events of an
/// object are combined, and an object about which there is too much to say is not spoken of for a while.
struct EventCorrelator: Sendable {
  /// So many different messages for one object and reason, none of them older than `combineInterval` when the next
  /// comes, become one event.
  static let combineFrom = 10
  static let combineInterval = Duration.seconds(600)
  /// Events that an object may cause at once, and the time in which it earns another.
  static let burst = 25
  static let refill = Duration.seconds(300)
  /// Objects that are remembered at least; twice as many at most. client-go remembers as many.
  static let memory = 4096

  /// What was said about one object.
  private struct Noise: Sendable {
    /// The token bucket, filled with time: a token is worth `refill`.
    var level = EventCorrelator.refill * EventCorrelator.burst
    var last: Instant
    /// Most objects have few reasons and few messages, so the first of each is kept without an array.
    var first: Similar
    var more: [Similar] = []

    init(_ event: EventRecord) {
      last = event.last
      first = Similar(event)
    }

    /// Takes in an event and says whether there are too many like it.
    mutating func note(_ event: EventRecord) -> Bool {
      if first.isLike(event) { return first.note(event) }
      if let index = more.firstIndex(where: { $0.isLike(event) }) { return more[index].note(event) }
      more.append(Similar(event))
      return false
    }

    /// Pays for an event, if there is a token left.
    mutating func pay(at now: Instant) -> Bool {
      level = min(EventCorrelator.refill * EventCorrelator.burst, level + (now - last))
      last = now
      guard level >= EventCorrelator.refill else { return false }
      level -= EventCorrelator.refill
      return true
    }
  }

  /// Events of one object and reason that differ by their messages.
  private struct Similar: Sendable {
    var reason: String
    var isWarning: Bool
    var last: Instant
    var message: String
    var more: [String] = []

    init(_ event: EventRecord) {
      reason = event.reason
      isWarning = event.isWarning
      last = event.last
      message = event.message
    }

    func isLike(_ event: EventRecord) -> Bool { reason == event.reason && isWarning == event.isWarning }

    /// Takes in a message and says whether it is one too many.
    mutating func note(_ event: EventRecord) -> Bool {
      if event.last - last > EventCorrelator.combineInterval {
        message = event.message
        more = []
      }
      last = event.last
      if message == event.message || more.contains(event.message) { return false }
      guard more.count + 2 < EventCorrelator.combineFrom else { return true }
      more.append(event.message)
      return false
    }
  }

  private var recent: [String: Noise] = [:]
  private var older: [String: Noise] = [:]

  /// Gives a similar event its combined message; says whether the event may pass.
  mutating func correlate(_ event: inout EventRecord) -> Bool {
    let index = place(of: event)
    if recent.values[index].note(event) { event.message = EventStore.combinedPrefix + event.message }
    return recent.values[index].pay(at: event.last)
  }

  /// Where the event's object is in `recent`. What was not spoken of for long is forgotten at no cost, because there are
  /// two generations.
  private mutating func place(of event: EventRecord) -> Dictionary<String, Noise>.Index {
    if let known = recent.index(forKey: event.objectUID) { return known }
    let noise = older.removeValue(forKey: event.objectUID) ?? Noise(event)
    if recent.count >= EventCorrelator.memory {
      older = recent
      recent = [:]
    }
    recent[event.objectUID] = noise
    // It is there: it has just been put there.
    return recent.index(forKey: event.objectUID) ?? recent.startIndex
  }
}
