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
  }

  /// Events of one object and reason that differ by their messages.
  private struct Similar: Sendable {
    var reason: String
    var isWarning: Bool
    var last: Instant
    var message: String
    var more: [String] = []

    func isSameKind(as other: Similar) -> Bool { reason == other.reason && isWarning == other.isWarning }

    /// Takes in a message and says whether it is one too many.
    mutating func note(_ text: String, at now: Instant) -> Bool {
      if now - last > EventCorrelator.combineInterval {
        message = text
        more = []
      }
      last = now
      if message == text || more.contains(text) { return false }
      guard more.count + 2 < EventCorrelator.combineFrom else { return true }
      more.append(text)
      return false
    }
  }

  private var recent: [String: Noise] = [:]
  private var older: [String: Noise] = [:]

  /// Gives a similar event its combined message; says whether the event may pass.
  mutating func correlate(_ event: inout EventRecord) -> Bool {
    let now = event.last
    let similar = Similar(reason: event.reason, isWarning: event.isWarning, last: now, message: event.message)
    guard var noise = recent.removeValue(forKey: event.objectUID) ?? older.removeValue(forKey: event.objectUID) else {
      var noise = Noise(last: now, first: similar)
      noise.level -= EventCorrelator.refill
      remember(noise, of: event.objectUID)
      return true
    }
    var isTooMany = false
    if noise.first.isSameKind(as: similar) {
      isTooMany = noise.first.note(event.message, at: now)
    } else if let index = noise.more.firstIndex(where: { $0.isSameKind(as: similar) }) {
      isTooMany = noise.more[index].note(event.message, at: now)
    } else {
      noise.more.append(similar)
    }
    if isTooMany { event.message = EventStore.combinedPrefix + event.message }
    noise.level = min(EventCorrelator.refill * EventCorrelator.burst, noise.level + (now - noise.last))
    noise.last = now
    let mayPass = noise.level >= EventCorrelator.refill
    if mayPass { noise.level -= EventCorrelator.refill }
    remember(noise, of: event.objectUID)
    return mayPass
  }

  /// In two generations, so that what was not spoken of for long is forgotten at no cost.
  private mutating func remember(_ noise: Noise, of uid: String) {
    if recent.count >= EventCorrelator.memory {
      older = recent
      recent = [:]
    }
    recent[uid] = noise
  }
}
