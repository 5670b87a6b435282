internal import KubeModel
internal import Terminal

/// A page that draws itself: a chart, a tree, a chain of causes; neither the rows of a table nor lines of text.
///
/// Moving, drilling in and every action that goes to an object work on it as they do in tables: it says which object its
/// cursor is on.
protocol DrawnPage: Sendable {
  /// Which keys mean something on it.
  var contexts: Contexts { get }
  /// As crumbs name it.
  var crumb: String { get }
  /// How much is shown, for the right end of the rule above it.
  var facts: StyledText { get }
  /// Whether what it shows changes as time passes.
  var showsTime: Bool { get }
  /// Rows that it had on the screen when it was last drawn.
  var height: Int { get }

  /// The object that the cursor is on.
  func selectedItem(_ store: Store) -> Item?

  /// Takes note of a change of the store; must be cheap.
  mutating func note(_ touched: Store.Touched)
  /// Nothing that was known of the store holds any more.
  mutating func invalidate()
  /// Brings what it shows up to date; called before keys are handled and before it is drawn.
  mutating func update(_ context: RowContext, _ shown: Shown)
  mutating func draw(on canvas: inout Canvas, in area: Rect, _ context: RowContext)

  /// Moves the cursor, or the page where it has none.
  mutating func scroll(by rows: Int)
  mutating func toTop()
  mutating func toBottom()
  mutating func sideways(_ direction: Int)
  /// Puts the cursor where the mouse was clicked; false where nothing can be selected.
  mutating func select(at point: Point) -> Bool

  /// Which of its rows it shows.
  var filter: Filter { get }
  mutating func setFilter(_ filter: Filter)

  /// All that it says, to be copied; `nil` where the name under the cursor is what one wants.
  var text: String? { get }
  var search: TextSearch? { get }
  /// Whether the search found something.
  var hasHit: Bool { get }
  mutating func find(_ search: TextSearch?)
  /// Goes to the next match, or the one before with `step` -1. False when there is none.
  mutating func findNext(_ step: Int) -> Bool

  /// What it shows as lines without signs and charts, for those who listen to it; `nil` where its picture has words
  /// enough. Called after it was drawn.
  func plainLines(_ context: RowContext) -> [String]?
  /// Puts the cursor on the row of a number, from 0.
  mutating func choose(_ index: Int)

  /// The logs that it reads.
  var openLogs: [LogID] { get }
  mutating func take(_ event: LogEvent, from id: LogID)
}

extension DrawnPage {
  var facts: StyledText { StyledText() }
  var showsTime: Bool { true }
  func selectedItem(_ store: Store) -> Item? { nil }
  mutating func toTop() { scroll(by: .min) }
  mutating func toBottom() { scroll(by: .max) }
  mutating func sideways(_ direction: Int) {}
  mutating func select(at point: Point) -> Bool { false }
  var filter: Filter { .none }
  mutating func setFilter(_ filter: Filter) {}
  var text: String? { nil }
  var search: TextSearch? { nil }
  var hasHit: Bool { true }
  mutating func find(_ search: TextSearch?) {}
  mutating func findNext(_ step: Int) -> Bool { true }
  func plainLines(_ context: RowContext) -> [String]? { nil }
  mutating func choose(_ index: Int) {}
  var openLogs: [LogID] { [] }
  mutating func take(_ event: LogEvent, from id: LogID) {}
}

/// How the command line opens a page that draws itself.
struct DrawnView: Sendable {
  let title: String
  /// What `:` opens it by, the first one as it is completed.
  let commands: [String]
  let make: @Sendable (Dashboard) -> any DrawnPage

  static let all: [DrawnView] = [
    DrawnView(title: "Tree", commands: ["tree", "tr"]) { _ in TreePage() },
    DrawnView(title: "Pulse", commands: ["pulse", "pu"]) { _ in PulsePage() },
  ]
}
