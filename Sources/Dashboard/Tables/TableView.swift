internal import KubeModel

/// What a table is known by. Each names itself in its own file.
struct ViewID: RawRepresentable, Hashable, Sendable {
  let rawValue: String

  init(rawValue: String) { self.rawValue = rawValue }
}

/// A table as data: its columns, and how it is sorted at first.
struct TableView: Sendable {
  let id: ViewID
  /// As crumbs name it.
  let title: String
  /// What `:` opens it by, the first one as it is completed.
  let commands: [String]
  /// The kind of its rows' objects.
  let kind: Kind
  let columns: [AnyColumn]
  let sort: SortOrder
  /// What one row is, for sentences.
  let noun: String
  /// The objects of the rows, in no order, before they are filtered.
  let rows: @Sendable (Store, Scope) -> [Item]
  /// The row of an ID; `nil` where it is no longer there.
  let row: @Sendable (Store, String) -> Item?
  /// Which rows a change of the store touches.
  let touches: @Sendable (Store.Touched) -> Touch

  /// What a change means for a table.
  enum Touch: Hashable, Sendable {
    case nothing
    case row(String)
    case rows([String])
    /// All rows are to be read anew, which is for tables of few.
    case everything
  }

  /// Creates a table whose rows are the objects of its kind, unless `rows` says otherwise.
  init(
    id: ViewID, title: String, commands: [String], kind: Kind, columns: [AnyColumn], sort: SortOrder, noun: String,
    rows: (@Sendable (Store, Scope) -> [Item])? = nil, row: (@Sendable (Store, String) -> Item?)? = nil,
    touches: (@Sendable (Store.Touched) -> Touch)? = nil
  ) {
    self.id = id
    self.title = title
    self.commands = commands
    self.kind = kind
    self.columns = columns
    self.sort = sort
    self.noun = noun
    self.rows = rows ?? { store, _ in store.all(kind) }
    self.row = row ?? { store, id in store[kind, id] }
    self.touches = touches ?? { $0.kind == kind ? .row($0.id) : .nothing }
  }

  /// As settings name it.
  var name: String { id.rawValue.lowercased() }

  func column(_ id: String) -> AnyColumn? { columns.first { $0.id == id } }

  /// The tables that there are, in the order of help. A new one is a file with its columns, rows and names, and its name
  /// here; what it is called in the contexts of actions follows from its place.
  static let all: [TableView] = [.jobs, .cronJobs, .pods, .nodes, .events, .namespaces, .containers]

  /// Where each of them stands.
  static let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.id, $0) })

  /// The table of a name, also of one that `:` opens it by.
  static func named(_ name: String) -> TableView? {
    let name = name.lowercased()
    return all.first { $0.commands.contains(name) || $0.name == name }
  }

  static subscript(id: ViewID) -> TableView {
    // A mistake of the program, found at its first drawing: each ViewID of a table stands in `all`, and no input makes one.
    guard let place = places[id] else { preconditionFailure("TableView.all has no '\(id.rawValue)'") }
    return all[place]
  }

  /// The table that lists such items.
  static func of(_ item: Item) -> TableView? { all.first { $0.columns.first?.fits(item) == true } }
}
