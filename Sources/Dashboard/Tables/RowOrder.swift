internal import KubeModel

/// A table's rows, filtered and sorted, kept in order as single rows change.
struct RowOrder: Sendable {
  private struct Entry: Sendable {
    let key: SortKey
    /// What settles most comparisons of keys.
    let rank: UInt64
    let item: Item

    init(_ item: Item, _ column: AnyColumn?, _ context: RowContext) {
      key = column?.key(item, context) ?? .none
      rank = key.rank
      self.item = item
    }
  }

  /// An entry while it is sorted: nothing that has to be counted when it is moved.
  private struct Slot {
    /// What it means when another one has the same rank.
    enum Tie: UInt8 {
      /// The keys have to be compared.
      case open
      /// The keys are equal.
      case equal
      /// Neither has a key.
      case missing
    }

    let rank: UInt64
    let name: UInt64
    let index: Int
    let tie: Tie
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
    entries = items.map { Entry($0, column, context) }
    // Containers have no sort of their own at first: they stand as the pod lists them.
    if column != nil { sortEntries() }
  }

  /// Takes the rows in `changed` out and puts `present`, the ones of them that are still to be shown, where they
  /// belong. O(n + m log m) for m changed rows.
  mutating func replace(_ changed: Set<String>, with present: [Item], context: RowContext) {
    var fresh = present.map { Entry($0, column, context) }
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

  private mutating func sortEntries() {
    let (entries, isDescending) = (entries, isDescending)
    // Rows without a value come last both ways, and so do their ranks.
    let flip = isDescending ? UInt64.max : 0
    var slots: [Slot] = []
    slots.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      let (rank, tie): (UInt64, Slot.Tie) =
        switch entry.key {
        case .none: (.max, .missing)
        case let key: (entry.rank ^ flip, key.hasExactRank ? .equal : .open)
        }
      slots.append(Slot(rank: rank, name: entry.item.nameStart.0, index: index, tie: tie))
    }
    slots.sort { a, b in
      if a.rank != b.rank { return a.rank < b.rank }
      if a.tie != .open, a.tie == b.tie, a.name != b.name { return a.name < b.name }
      return precedes(entries[a.index], entries[b.index])
    }
    self.entries = slots.map { entries[$0.index] }
  }

  private func precedes(_ a: Entry, _ b: Entry) -> Bool {
    let order = a.rank == b.rank ? SortKey.order(a.key, b.key) : a.rank < b.rank ? -1 : 1
    if order != 0 {
      // Rows without a value come last both ways.
      if a.key == .none { return false }
      if b.key == .none { return true }
      return isDescending ? order > 0 : order < 0
    }
    return a.item.precedesByName(b.item)
  }
}
