internal import KubeModel

/// The watchers of a cluster. Lives on the cluster's thread.
struct WatchHub {
  /// The watcher goes when its reader lets go of the sequence.
  private struct Entry {
    weak var watcher: Watcher?
    var kinds: Set<Kind>
  }

  private var entries: [Entry] = []

  /// Watchers that were there when last something was published.
  var count: Int { entries.count }

  mutating func add(_ watcher: Watcher) {
    // Where nothing happens, those who come and go would pile up until something is published.
    entries.removeAll { $0.watcher?.isOpen != true }
    entries.append(Entry(watcher: watcher, kinds: watcher.kinds))
  }

  /// Shows `changes` to everyone who watches their kinds. Watchers of the same kinds get the same array.
  mutating func publish(_ changes: [Change]) {
    guard !changes.isEmpty, !entries.isEmpty else { return }
    var filtered: [Set<Kind>: [Change]] = [:]
    var hasLeft = false
    for entry in entries {
      guard let watcher = entry.watcher, watcher.isOpen else {
        hasLeft = true
        continue
      }
      let batch: [Change]
      if let known = filtered[entry.kinds] {
        batch = known
      } else {
        let kinds = entry.kinds
        batch =
          changes.allSatisfy { kinds.contains($0.object.kind) }
          ? changes : changes.filter { kinds.contains($0.object.kind) }
        filtered[kinds] = batch
      }
      if !batch.isEmpty { watcher.publish(batch) }
    }
    if hasLeft { entries.removeAll { $0.watcher?.isOpen != true } }
  }

  /// Ends every watch.
  mutating func finish() {
    for entry in entries { entry.watcher?.finish() }
    entries = []
  }
}
