internal import Cluster
internal import KubeModel

/// What one watch has shown, and how it shows what comes.
struct WatchSession: Sendable {
  /// Events as they go out, one a line.
  struct Lines: Sendable {
    var bytes: [UInt8] = []
    /// Of each line, the version of what it tells and where it ends.
    var ends: [(version: UInt64, end: Int)] = []
    /// All changes up to this one have been looked at.
    var version: UInt64
  }

  private let selection: Selection
  private let rendering: Rendering
  private let now: @Sendable () -> Instant
  private let sendsStart: Bool
  private let marksStart: Bool
  private let wantsBookmarks: Bool
  private var start: [KubeObject]
  private let startVersion: UInt64
  /// UIDs of objects that match, where that can change.
  private var known: Set<String> = []
  /// All changes up to this one have been shown.
  private(set) var lastVersion: UInt64
  private var markedVersion: UInt64
  private var hasHead = false
  private var hasMarkedStart = false
  /// Objects that are shown at once at the beginning.
  private static let openingPart = 200

  /// - Parameter version: where the changes go on from that it will be shown.
  init(
    selection: Selection, rendering: Rendering, now: @escaping @Sendable () -> Instant, start: ObjectList,
    from version: UInt64, sendsStart: Bool, marksStart: Bool, wantsBookmarks: Bool
  ) {
    self.selection = selection
    self.rendering = rendering
    self.now = now
    self.sendsStart = sendsStart
    self.marksStart = marksStart
    self.wantsBookmarks = wantsBookmarks
    // From the end on, where taking something off costs nothing.
    self.start = sendsStart || selection.canChange ? start.items.reversed().filter(selection.matches) : []
    startVersion = start.version
    lastVersion = version
    markedVersion = sendsStart ? 0 : version
    if selection.canChange { known = Set(self.start.map(\.metadata.uid)) }
    if !sendsStart { self.start = [] }
  }

  /// Whether what it will show is what all watches with the same parameters show that have come as far.
  var isLikeOthers: Bool {
    if case .table = rendering.negotiation.shape, !hasHead { return false }
    return !selection.canChange || lastVersion >= startVersion
  }

  /// The version of the list that it began with: older ones are known to be real.
  var listedVersion: UInt64 { startVersion }

  /// The objects that there are, where the client wants them, and the mark behind them; a part at a time, empty at
  /// the end.
  mutating func opening() -> [UInt8] {
    guard sendsStart else { return [] }
    var bytes: [UInt8] = []
    let part = start.suffix(WatchSession.openingPart)
    start.removeLast(part.count)
    for object in part.reversed() { bytes += show("ADDED", object) }
    if start.isEmpty, marksStart, !hasMarkedStart {
      hasMarkedStart = true
      bytes += mark(annotations: ["k8s.io/initial-events-end": "true"])
    }
    return bytes
  }

  /// A batch of changes as the client sees them.
  mutating func events(_ changes: [Change]) -> Lines {
    var lines = Lines(version: lastVersion)
    for change in changes {
      lastVersion = max(lastVersion, change.version)
      guard selection.isAbout(change.object), let type = type(of: change) else { continue }
      lines.bytes += show(type, change.object)
      lines.ends.append((change.version, lines.bytes.count))
      if change.verb == .deleted { rendering.encoded?.forget(change.object.metadata.uid) }
    }
    lines.version = lastVersion
    return lines
  }

  /// What the change is to this watch; `nil` where it is none.
  private mutating func type(of change: Change) -> String? {
    guard selection.canChange else { return change.verb.rawValue }
    let uid = change.object.metadata.uid
    let matches = selection.matches(change.object)
    // Of changes before the start it is not known what the client saw: it may be told twice, but never too little.
    let isOld = change.version <= startVersion
    switch change.verb {
    case .deleted:
      let wasKnown = known.remove(uid) != nil
      return wasKnown || matches || isOld ? "DELETED" : nil
    case .added, .modified:
      if matches {
        let isNew = known.insert(uid).inserted
        return isNew && !isOld ? "ADDED" : change.verb.rawValue
      }
      return known.remove(uid) != nil || (isOld && change.verb == .modified) ? "DELETED" : nil
    }
  }

  /// How far the watch has come, for a client that goes on from there later; nothing where that is no news.
  ///
  /// - Parameter version: what else it has been shown.
  mutating func bookmark(upTo version: UInt64 = 0) -> [UInt8] {
    lastVersion = max(lastVersion, version)
    guard wantsBookmarks, lastVersion > markedVersion else { return [] }
    return mark(annotations: [:])
  }

  private mutating func mark(annotations: StringMap) -> [UInt8] {
    markedVersion = lastVersion
    var metadata = JSONObject([.init(name: "resourceVersion", value: .string(String(lastVersion)))])
    if !annotations.isEmpty {
      metadata["annotations"] = .object(
        JSONObject(annotations.entries.map { .init(name: $0.key, value: .string($0.value)) }))
    }
    let object: JSONValue
    switch rendering.negotiation.shape {
    case .table:
      object = [
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": .object(metadata), "columnDefinitions": [],
        "rows": [],
      ]
    case .partial:
      object = ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": .object(metadata)]
    case .object, .discovery:
      object = [
        "kind": .string(rendering.resource.kind.rawValue), "apiVersion": .string(rendering.resource.groupVersion),
        "metadata": .object(metadata),
      ]
    }
    return event("BOOKMARK", Rendering.bytes(object))
  }

  private mutating func show(_ type: String, _ object: KubeObject) -> [UInt8] {
    defer { hasHead = true }
    var rendering = rendering
    rendering.now = now()
    return event(type, rendering.watched(object, isFirst: !hasHead))
  }

  /// One line.
  func event(_ type: String, _ object: [UInt8]) -> [UInt8] {
    Array("{\"type\":\"\(type)\",\"object\":".utf8) + object + Array("}\n".utf8)
  }
}
