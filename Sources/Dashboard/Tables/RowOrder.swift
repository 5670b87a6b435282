internal import KubeModel

/// A table's rows, filtered and sorted, kept in order as single rows change.
struct RowOrder: Sendable {
  private struct Entry: Sendable {
    let key: SortKey
    let item: Item
  }

  private var entries: [Entry] = []
  private var isDescending = false
  private var column: AnyColumn?

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }

  subscript(position: Int) -> Item { entries[position].item }
  var items: [Item] { entries.map(\.item) }

  /// Sorts `items` anew. O(n log n)
  mutating func rebuild(_ items: [Item], column: AnyColumn?, isDescending: Bool, context: RowContext) {
    self.column = column
    self.isDescending = isDescending
    entries = items.map { Entry(key: column?.key($0, context) ?? .none, item: $0) }
    // Containers have no sort of their own at first: they stand as the pod lists them.
    if column != nil { entries.sort(by: precedes) }
  }

  /// Takes the rows in `changed` out and puts `present`, the ones of them that are still to be shown, where they
  /// belong. O(n + m log m) for m changed rows.
  mutating func replace(_ changed: Set<String>, with present: [Item], context: RowContext) {
    var fresh = present.map { Entry(key: column?.key($0, context) ?? .none, item: $0) }
    fresh.sort(by: precedes)
    var merged: [Entry] = []
    merged.reserveCapacity(entries.count + fresh.count)
    var next = 0
    for entry in entries where !changed.contains(entry.item.id) {
      while next < fresh.count, precedes(fresh[next], entry) {
        merged.append(fresh[next])
        next += 1
      }
      merged.append(entry)
    }
    merged.append(contentsOf: fresh[next...])
    entries = merged
  }

  /// Where a row is. O(n), but looks first where it was.
  func position(of id: String, near hint: Int) -> Int? {
    for offset in [0, 1, -1] {
      let position = hint + offset
      if entries.indices.contains(position), entries[position].item.id == id { return position }
    }
    return entries.firstIndex { $0.item.id == id }
  }

  private func precedes(_ a: Entry, _ b: Entry) -> Bool {
    if a.key != b.key {
      // Rows without a value come last both ways.
      if a.key == .none { return false }
      if b.key == .none { return true }
      return isDescending ? b.key < a.key : a.key < b.key
    }
    return a.item.precedesByName(b.item)
  }
}
