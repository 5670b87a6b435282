/// The names of one kind's objects in order, for completion.
struct NameIndex: Sendable {
  struct Entry: Hashable, Comparable, Sendable {
    let name: String
    let namespace: String
    let id: String

    init(_ item: Item) {
      name = item.name
      namespace = item.namespace
      id = item.id
    }

    /// Byte by byte, so that all names with the same beginning stand together.
    static func < (a: Entry, b: Entry) -> Bool {
      if a.name != b.name { return a.name.utf8.lexicographicallyPrecedes(b.name.utf8) }
      return (a.namespace, a.id) < (b.namespace, b.id)
    }
  }

  private var entries: OrderedPieces<Entry>

  init(_ items: [Item]) {
    entries = OrderedPieces(sorted: items.sorted { $0.precedesByName($1) }.map(Entry.init))
  }

  mutating func insert(_ item: Item) { entries.insert(Entry(item)) }

  mutating func remove(_ item: Item) { entries.remove(Entry(item)) }

  /// The names that begin so, in order, as far as they are asked for.
  func entries(withPrefix prefix: String) -> some Sequence<Entry> {
    entries.elements { !$0.name.utf8.lexicographicallyPrecedes(prefix.utf8) }
      .prefix { $0.name.utf8.starts(with: prefix.utf8) }
  }
}
