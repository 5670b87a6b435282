internal import Cluster
internal import KubeModel

/// What one watch has shown, and how it shows what comes.
struct WatchSession: Sendable {
  enum Signal: Sendable {
    case changes([Change])
    case tick
    case end
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
  private var lastVersion: UInt64
  private var markedVersion: UInt64 = 0
  private var hasHead = false

  init(
    selection: Selection, rendering: Rendering, now: @escaping @Sendable () -> Instant,
    start: ObjectList,
    sendsStart: Bool, marksStart: Bool, wantsBookmarks: Bool
  ) {
    self.selection = selection
    self.rendering = rendering
    self.now = now
    self.sendsStart = sendsStart
    self.marksStart = marksStart
    self.wantsBookmarks = wantsBookmarks
    self.start = sendsStart || selection.canChange ? start.items.filter(selection.matches) : []
    startVersion = start.version
    lastVersion = sendsStart ? start.version : 0
    if selection.canChange { known = Set(self.start.map(\.metadata.uid)) }
  }

  /// The objects that there are, where the client wants them, and the mark behind them.
  mutating func opening() -> [UInt8] {
    defer { start = [] }
    var bytes: [UInt8] = []
    guard sendsStart else { return bytes }
    for object in start { bytes += show("ADDED", object) }
    if marksStart { bytes += mark(annotations: ["k8s.io/initial-events-end": "true"]) }
    return bytes
  }

  /// A batch of changes as the client sees them.
  mutating func events(_ changes: [Change]) -> [UInt8] {
    var bytes: [UInt8] = []
    for change in changes {
      lastVersion = max(lastVersion, change.version)
      guard selection.isAbout(change.object) else { continue }
      guard selection.canChange else {
        bytes += show(change.verb.rawValue, change.object)
        continue
      }
      let uid = change.object.metadata.uid
      let matches = selection.matches(change.object)
      // Of changes before the start it is not known what the client saw: it may be told twice, but never too little.
      let isOld = change.version <= startVersion
      switch change.verb {
      case .deleted:
        let wasKnown = known.remove(uid) != nil
        if wasKnown || matches || isOld { bytes += show("DELETED", change.object) }
      case .added, .modified:
        if matches {
          let isNew = known.insert(uid).inserted
          bytes += show(isNew && !isOld ? "ADDED" : change.verb.rawValue, change.object)
        } else if known.remove(uid) != nil || (isOld && change.verb == .modified) {
          bytes += show("DELETED", change.object)
        }
      }
    }
    return bytes
  }

  /// How far the watch has come, for a client that goes on from there later; nothing where that is no news.
  mutating func bookmark() -> [UInt8] {
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
