internal import KubeModel
internal import Threading

/// The JSON of objects, made once a revision and shared by all who read it.
///
/// Of each object the latest revision that was asked for is kept, until the object is gone (`forget`) or so much is
/// kept that those go which nobody has asked for of late.
final class EncodedObjects: Sendable {
  fileprivate struct Entry {
    var version: String
    var bytes: [UInt8]
  }

  /// Two generations, by UID: what is asked for is taken into the younger one, which takes the place of the older one
  /// once it is full.
  fileprivate struct State {
    var young: [String: Entry] = [:]
    var old: [String: Entry] = [:]
    /// Bytes in `young`.
    var size = 0
  }

  /// Bytes of JSON that a generation has at most.
  fileprivate static let limit = 24 * 1024 * 1024
  private let state = Locked(State())

  func json(_ object: KubeObject) -> [UInt8] {
    let metadata = object.metadata
    guard !metadata.uid.isEmpty, !metadata.resourceVersion.isEmpty else { return object.json() }
    if let known = state.withLock({ $0.find(metadata.uid, metadata.resourceVersion) }) { return known }
    let bytes = EncodedObjects.fitted(object.json())
    state.withLock { $0.keep(Entry(version: metadata.resourceVersion, bytes: bytes), metadata.uid) }
    return bytes
  }

  /// The object is gone: nobody will ask for it again, but those who are told that it is gone.
  func forget(_ uid: String) {
    state.withLock {
      if let entry = $0.young.removeValue(forKey: uid) { $0.size -= entry.bytes.count }
      $0.old[uid] = nil
    }
  }

  /// Objects that are kept at present.
  var count: Int { state.withLock { $0.young.count + $0.old.count } }

  /// Without the room that an array has for more.
  private static func fitted(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.capacity > bytes.count + 64 else { return bytes }
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      count = buffer.initialize(fromContentsOf: bytes)
    }
  }
}

extension EncodedObjects.State {
  fileprivate mutating func find(_ uid: String, _ version: String) -> [UInt8]? {
    if let entry = young[uid] { return entry.version == version ? entry.bytes : nil }
    guard let entry = old.removeValue(forKey: uid), entry.version == version else { return nil }
    keep(entry, uid)
    return entry.bytes
  }

  fileprivate mutating func keep(_ entry: EncodedObjects.Entry, _ uid: String) {
    if size + entry.bytes.count > EncodedObjects.limit {
      old = young
      young = [:]
      size = 0
    }
    old[uid] = nil
    size += entry.bytes.count
    if let before = young.updateValue(entry, forKey: uid) { size -= before.bytes.count }
  }
}
