internal import KubeModel

/// Objects by the names that are typed after `:`.
extension Dashboard {
  static let namedKinds: [Kind] = [.job, .cronJob, .pod, .node]

  enum Found {
    case none
    case one(Item)
    case many([Item])
  }

  /// The object of a name or of `namespace/name`: of the namespaces shown if there is one, and of the first kind.
  mutating func find(_ text: String, _ kinds: [Kind], byBeginning: Bool = false) -> Found {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.last else { return .none }
    for kind in kinds {
      let entries = store.names(of: kind, withPrefix: name).prefix(1_000)
        .prefix { byBeginning || $0.name == name }
        .filter { parts.count == 1 || $0.namespace == parts[0] }
      // Those elsewhere count only if there is none here.
      let here = entries.filter { !kind.isNamespaced || shown.includes(namespace: $0.namespace) }
      let items = (here.isEmpty ? entries : here).compactMap { store[kind, $0.id] }
      if items.count == 1 { return .one(items[0]) }
      if items.count > 1 { return .many(items) }
    }
    return .none
  }

  /// The object that is meant by a name, or by the beginning of one; says what is wrong where there is none.
  mutating func named(_ name: String, _ kinds: [Kind], mayGuess: Bool) -> Item? {
    var found = find(name, kinds)
    if case .none = found, mayGuess { found = find(name, kinds, byBeginning: true) }
    switch found {
    case .one(let item): return item
    case .none:
      let nouns = kinds.map(TableView.noun)
      complain(
        kinds.isEmpty
          ? "This command takes no name" : "There is no \(nouns.joined(separator: " or ")) named '\(name)'")
    case .many(let items):
      let isSameName = items.allSatisfy { $0.name == items[0].name }
      let names = items.prefix(4).map { isSameName ? "\($0.namespace)/\($0.name)" : $0.name }
      complain("'\(name)' may be \(names.joined(separator: ", "))\(items.count > 4 ? ", …" : "")")
    }
    return nil
  }

  /// Puts the cursor on an object: in the table on the screen if it is there, or else in the one of its kind.
  mutating func goTo(_ item: Item) -> [Command] {
    guard table?.order.contains(item.id) == true else {
      // What is typed goes there afresh: pages that were on the way would only have to be left one by one.
      return tableShowing(item).map { open(.table($0), isHome: $0.view == .jobs) } ?? []
    }
    withTable { page in
      // What is done next goes to it alone.
      page.marks = []
      page.select(id: item.id)
    }
    return []
  }

  /// Widens what is shown so that an object is among it.
  mutating func reveal(_ item: Item) {
    if item.kind.isNamespaced, !shown.includes(namespace: item.namespace) { shown.show(namespaces: []) }
    if shown.hides(item) { shown.hidesCompleted = false }
  }

  /// Whether a word names namespaces: `all`, `web` or `web,data`.
  func isNamespaces(_ word: String) -> Bool {
    let wanted = Shown(word)
    let known = store.namespaces
    return !store.isLoaded || wanted.isAllNamespaces || wanted.namespaces.contains(where: known.contains)
  }
}
