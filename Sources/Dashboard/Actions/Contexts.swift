internal import Terminal

/// Where a key means something: tables, each by its place among all of them, and pages of other kinds.
struct Contexts: OptionSet, Hashable, Sendable {
  let rawValue: UInt64

  static let text = Contexts(page: 0)
  static let log = Contexts(page: 1)
  static let tree = Contexts(page: 2)
  static let pulse = Contexts(page: 3)
  static let timeline = Contexts(page: 4)
  static let why = Contexts(page: 5)
  static let files = Contexts(page: 6)

  static let tables = Contexts(TableView.all.map { Contexts($0.id) })
  static let pages: Contexts = [.text, .log]
  /// Pages that draw themselves, with the cursor on an object.
  static let drawnObjects: Contexts = [.tree, .pulse, .timeline, .why]
  /// Pages that draw themselves.
  static let drawn: Contexts = [.drawnObjects, .files]
  static let everywhere: Contexts = [.tables, .pages, .drawn]

  /// The first of those that are no tables.
  private static let firstPage = 48

  init(rawValue: UInt64) { self.rawValue = rawValue }

  private init(page: Int) { self.init(rawValue: 1 << UInt64(Contexts.firstPage + page)) }

  /// That of a table.
  init(_ view: ViewID) { self.init(rawValue: TableView.places[view].map { 1 << UInt64($0) } ?? 0) }

  /// That of the table that lists such items.
  init?(_ item: Item) {
    guard let view = TableView.of(item) else { return nil }
    self.init(view.id)
  }

  /// Every single one.
  static var each: [Contexts] { names.map(\.0) }

  private static let names: [(Contexts, String)] =
    TableView.all.map { (Contexts($0.id), $0.noun + "s") }
    + [
      (.text, "text"), (.log, "logs"), (.tree, "tree"), (.pulse, "pulse"), (.timeline, "timeline"), (.why, "why"),
      (.files, "files"),
    ]

  /// `everywhere`, `all tables`, `jobs, pods`
  var description: String {
    if self == .everywhere { return "everywhere" }
    var rest = self
    var words: [String] = []
    if isSuperset(of: .tables) {
      words.append("tables")
      rest.subtract(.tables)
    }
    return (words + Self.names.filter { rest.contains($0.0) }.map(\.1)).joined(separator: ", ")
  }
}
