internal import KubeModel
internal import Threading

/// The JSON of objects, made once a revision and shared by all who read it.
final class EncodedObjects: Sendable {
  private struct Key: Hashable {
    var uid: String
    var version: String
  }

  private struct State {
    var bytes: [Key: [UInt8]] = [:]
    var size = 0
  }

  /// Bytes that are kept; then it begins anew.
  private static let limit = 32 * 1024 * 1024
  private let state = Locked(State())

  func json(_ object: KubeObject) -> [UInt8] {
    let metadata = object.metadata
    guard !metadata.uid.isEmpty, !metadata.resourceVersion.isEmpty else { return object.json() }
    let key = Key(uid: metadata.uid, version: metadata.resourceVersion)
    if let known = state.withLock({ $0.bytes[key] }) { return known }
    let bytes = object.json()
    state.withLock { state in
      if state.size + bytes.count > EncodedObjects.limit { state = State() }
      if state.bytes.updateValue(bytes, forKey: key) == nil { state.size += bytes.count }
    }
    return bytes
  }
}
