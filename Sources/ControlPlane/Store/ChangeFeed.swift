import DequeModule
import KubeModel

/// Every revision of every object, in order. Entries of events are kept in their compact form until they are read.
struct ChangeFeed: Sendable {
  private struct Entry: Sendable {
    enum Content: Sendable {
      case object(KubeObject)
      case event(EventRecord)
    }

    var verb: Change.Verb
    var version: UInt64
    var content: Content
  }

  /// The version of the latest change.
  private(set) var version: UInt64
  /// Changes up to and including this version have been let go.
  private(set) var discarded: UInt64
  private var entries = Deque<Entry>()
  /// Whether changes are kept until they are discarded; else they only have numbers.
  var isKept = true {
    didSet { if !isKept { discard(through: version) } }
  }

  init(version: UInt64) {
    self.version = version
    discarded = version
  }

  /// The next change's version.
  mutating func nextVersion() -> UInt64 {
    version += 1
    if !isKept { discarded = version }
    return version
  }

  /// Where nothing is kept, ask `isKept` first and save the making of the object.
  mutating func append(_ verb: Change.Verb, _ object: KubeObject) {
    guard isKept else { return }
    entries.append(Entry(verb: verb, version: version, content: .object(object)))
  }

  mutating func append(_ verb: Change.Verb, _ event: EventRecord) {
    guard isKept else { return }
    entries.append(Entry(verb: verb, version: version, content: .event(event)))
  }

  /// What changed after `since`; `nil` where some of it has been let go.
  func changes(since: UInt64) -> [Change]? {
    guard since >= discarded else { return nil }
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].version <= since { low = middle + 1 } else { high = middle }
    }
    return entries[low...].map { entry in
      let object =
        switch entry.content {
        case .object(let object): object
        case .event(let record): KubeObject.event(record.event(version: entry.version))
        }
      return Change(verb: entry.verb, object: object, version: entry.version)
    }
  }

  mutating func discard(through version: UInt64) {
    guard version > discarded else { return }
    discarded = min(version, self.version)
    // One by one, and at once: they hold the objects as they were.
    while let first = entries.first, first.version <= discarded { entries.removeFirst() }
  }
}
