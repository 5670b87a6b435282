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

  /// The rows in order, in pieces: a row that comes or goes moves those of its piece and no others.
  private var chunks: [[Entry]] = []
  /// The row of each ID, with the key that it was put in place by.
  private var entries: [RowID: Entry] = [:]
  private var isDescending = false
  private var column: AnyColumn?
  /// Rows of a piece when it is made; it is split at twice as many.
  private static let chunkSize = 512

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  var items: [Item] { chunks.flatMap { $0.map(\.item) } }

  /// The row at a position. O(n / 512)
  subscript(position: Int) -> Item {
    var position = position
    for chunk in chunks {
      if position < chunk.count { return chunk[position].item }
      position -= chunk.count
    }
    preconditionFailure("there is no row \(position) after the last one")
  }

  func contains(_ id: String) -> Bool { entries[RowID(id)] != nil }

  /// Sorts `items` anew. O(n log n)
  mutating func rebuild(_ items: [Item], column: AnyColumn?, isDescending: Bool, context: RowContext) {
    self.column = column
    self.isDescending = isDescending
    var rows = items.map { Entry($0, column, context) }
    // Containers have no sort of their own at first: they stand as the pod lists them.
    if column != nil { sort(&rows) }
    chunks = stride(from: 0, to: rows.count, by: Self.chunkSize).map {
      Array(rows[$0..<min($0 + Self.chunkSize, rows.count)])
    }
    register(rows.count)
  }

  /// Notes the rows that are in the pieces by their IDs.
  private mutating func register(_ count: Int) {
    entries = Dictionary(minimumCapacity: count)
    for chunk in chunks {
      for entry in chunk { entries[entry.item.rowID] = entry }
    }
  }

  /// Takes the rows in `changed` out and puts `present`, the ones of them that are still to be shown, where they
  /// belong. O(m (log n + 512)) for m changed rows.
  mutating func replace(_ changed: Set<String>, with present: [Item], context: RowContext) {
    for id in changed {
      if let old = entries.removeValue(forKey: RowID(id)) { remove(old) }
    }
    for item in present {
      let entry = Entry(item, column, context)
      entries[item.rowID] = entry
      insert(entry)
    }
  }

  /// Leaves out the rows that `isKept` says no to; the others stay in their order. O(n)
  mutating func keep(where isKept: (Item) -> Bool) {
    chunks = chunks.map { $0.filter { isKept($0.item) } }.filter { !$0.isEmpty }
    register(chunks.reduce(0) { $0 + $1.count })
  }

  private mutating func remove(_ entry: Entry) {
    guard let (chunk, index) = place(of: entry) else { return }
    chunks[chunk].remove(at: index)
    if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
  }

  private mutating func insert(_ entry: Entry) {
    guard !chunks.isEmpty else {
      chunks = [[entry]]
      return
    }
    let chunk = chunk(for: entry)
    chunks[chunk].insert(entry, at: index(of: entry, in: chunks[chunk]))
    guard chunks[chunk].count >= 2 * Self.chunkSize else { return }
    let end = Array(chunks[chunk][Self.chunkSize...])
    chunks[chunk].removeSubrange(Self.chunkSize...)
    chunks.insert(end, at: chunk + 1)
  }

  /// The last piece that does not begin behind the row.
  private func chunk(for entry: Entry) -> Int {
    var (low, high) = (0, chunks.count)
    while low < high {
      let middle = (low + high) / 2
      if precedes(entry, chunks[middle][0]) { high = middle } else { low = middle + 1 }
    }
    return max(0, low - 1)
  }

  /// How many rows of a piece come before the row.
  private func index(of entry: Entry, in chunk: [Entry]) -> Int {
    var (low, high) = (0, chunk.count)
    while low < high {
      let middle = (low + high) / 2
      if precedes(chunk[middle], entry) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func place(of entry: Entry) -> (chunk: Int, index: Int)? {
    guard !chunks.isEmpty else { return nil }
    if column != nil {
      let chunk = chunk(for: entry)
      let index = index(of: entry, in: chunks[chunk])
      if index < chunks[chunk].count, chunks[chunk][index].item.id == entry.item.id { return (chunk, index) }
    }
    // Without an order there is nothing to go by.
    for (chunk, rows) in chunks.enumerated() {
      if let index = rows.firstIndex(where: { $0.item.id == entry.item.id }) { return (chunk, index) }
    }
    return nil
  }

  /// Where a row is. O(log n + n / 512)
  func position(of id: String) -> Int? {
    guard let entry = entries[RowID(id)], let (chunk, index) = place(of: entry) else { return nil }
    return chunks[..<chunk].reduce(index) { $0 + $1.count }
  }

  private func sort(_ entries: inout [Entry]) {
    // Rows without a value come last both ways, and so do their ranks.
    let flip = isDescending ? UInt64.max : 0
    let rows = entries
    var slots: [Slot] = []
    slots.reserveCapacity(rows.count)
    for (index, entry) in rows.enumerated() {
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
      return precedes(rows[a.index], rows[b.index])
    }
    entries = slots.map { rows[$0.index] }
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
