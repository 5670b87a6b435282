internal import Cluster
internal import Glibc
internal import KubeModel
internal import Terminal

/// What a column is sorted by: a value, never its text.
enum SortKey: Hashable, Comparable, Sendable {
  /// Nothing to compare: at the end, whichever way the column is sorted.
  case none
  case number(Int64)
  case text(String)

  static func number(_ value: Int) -> SortKey { .number(Int64(value)) }
  /// A status: by standing, then by the beginning of what is said of it.
  static func status(_ status: StatusText) -> SortKey {
    let text = (status.reason.isEmpty ? status.word : status.reason).utf8.prefix(6)
    return .number(Int64(status.standing.rawValue) << 48 | Int64(packed(text, 6)))
  }

  /// Up to eight bytes as a number that sorts as they do.
  static func packed(_ bytes: some Sequence<UInt8>, _ count: Int) -> UInt64 {
    var number: UInt64 = 0
    var left = count
    for byte in bytes {
      number = number << 8 | UInt64(byte)
      left -= 1
    }
    return number << UInt64(8 * left)
  }

  static func time(_ instant: Instant?) -> SortKey { instant.map { .number($0.microseconds) } ?? .none }
  static func duration(_ duration: Duration?) -> SortKey { duration.map { .number($0.inMicroseconds) } ?? .none }

  /// A number that sorts as the key does, as far as eight bytes tell: of a text seven of its bytes, and how many it has.
  var rank: UInt64 {
    switch self {
    case .none: .max
    case .number(let number): UInt64(bitPattern: number) ^ 1 << 63
    case .text(let text): SortKey.packed(text.utf8.prefix(7), 7) << 8 | UInt64(min(text.utf8.count, 8))
    }
  }

  /// Whether keys of the same rank are equal.
  var hasExactRank: Bool {
    switch self {
    case .none, .number: true
    case .text(let text): text.utf8.count <= 7
    }
  }

  /// Negative where `left` comes first, 0 where both are equal. Texts are compared byte by byte.
  static func order(_ left: SortKey, _ right: SortKey) -> Int {
    switch (left, right) {
    case (.number(let a), .number(let b)): a < b ? -1 : a > b ? 1 : 0
    case (.text(let a), .text(let b)): order(a, b)
    case (.none, .none): 0
    case (.number, _), (.text, .none): -1
    case (.text, .number), (.none, _): 1
    }
  }

  private static func order(_ left: String, _ right: String) -> Int {
    var (left, right) = (left, right)
    return left.withUTF8 { left in
      right.withUTF8 { right in
        guard let a = left.baseAddress, let b = right.baseAddress else { return left.count - right.count }
        let difference = Int(memcmp(a, b, min(left.count, right.count)))
        return difference != 0 ? difference : left.count - right.count
      }
    }
  }

  static func < (left: SortKey, right: SortKey) -> Bool { order(left, right) < 0 }
}

/// What cells are made from besides their own object.
struct RowContext: Sendable {
  let store: Store
  let usage: ClusterUsage
  let now: Instant
  /// The distance of local time from UTC at an instant, in seconds.
  let localOffset: @Sendable (Instant) -> Int
  /// Columns of the screen: bars are longer where there is room, and there are none without a screen.
  var width = 120
  /// The last minutes.
  var pulse = Pulse()

  /// The local time, with the date where it is not within a day from now.
  func clock(_ instant: Instant) -> String {
    let offset = localOffset(instant)
    let isNear = instant < now + .seconds(86_400) && instant > now - .seconds(86_400)
    return isNear ? Format.clock(instant, offset: offset) : date(instant)
  }

  /// The local time with the date, whatever day it is.
  func date(_ instant: Instant) -> String {
    // Without the milliseconds.
    String(Format.timestamp(instant, offset: localOffset(instant), date: true).dropLast(4))
  }

  /// The columns that a bar in a table's cell takes.
  var barWidth: Int { width == 0 ? 0 : width < 100 ? 4 : width < 160 ? 6 : 12 }
}

/// What a column holds where it is written and not drawn.
enum ColumnValue: Hashable, Sendable {
  /// The text of its cell, without sign and bar.
  case text
  /// What it is sorted by: a number, or the whole of a text.
  case key
  /// What it is sorted by, a duration, in seconds.
  case seconds
  /// What it is sorted by, a time, under a title of its own; a cell tells how long ago it was.
  case time(String)
}

/// One column of a view.
struct Column<Row: Item>: Sendable {
  enum Alignment: Hashable, Sendable {
    case left, right
  }

  /// What a sort is remembered by, and what the docs call it.
  let id: String
  let title: String
  /// Columns that it gets at least.
  let minimum: Int
  /// Columns that it gets at most; `.max` for text that takes what is left.
  let maximum: Int
  /// Columns in which the beginnings of its cells tell enough: cells are cut to them before a column of less worth is
  /// left out. `nil` where a cut cell would mislead, as a number would.
  let enough: Int?
  let alignment: Alignment
  /// Narrow terminals drop the columns with the lowest priority first; 99 and more are never dropped.
  let priority: Int
  /// With Shift, the letter that sorts by it.
  let letter: Character?
  /// Whether a first sort by it puts the largest on top.
  let startsDescending: Bool
  /// Whether its values change as time passes, without a change of the object.
  let isVolatile: Bool
  /// Whether it gets what the others leave over.
  let takesRest: Bool
  let value: ColumnValue
  let key: @Sendable (Row, RowContext) -> SortKey
  let cell: @Sendable (Row, RowContext) -> StyledText

  init(
    _ title: String, id: String? = nil, minimum: Int? = nil, maximum: Int = .max, enough: Int? = nil,
    alignment: Alignment = .left, priority: Int, letter: Character? = nil, startsDescending: Bool = false,
    isVolatile: Bool = false,
    takesRest: Bool = false, value: ColumnValue = .text,
    key: @escaping @Sendable (Row, RowContext) -> SortKey,
    cell: @escaping @Sendable (Row, RowContext) -> StyledText
  ) {
    self.id = id ?? title.lowercased()
    self.title = title
    self.minimum = minimum ?? title.utf8.count
    self.maximum = max(maximum, self.minimum)
    self.enough = enough
    self.alignment = alignment
    self.priority = priority
    self.letter = letter
    self.startsDescending = startsDescending
    self.isVolatile = isVolatile
    self.takesRest = takesRest
    self.value = value
    self.key = key
    self.cell = cell
  }
}

/// A column whose row type is forgotten, as tables handle it.
struct AnyColumn: Sendable {
  let id: String
  let title: String
  let minimum: Int
  let maximum: Int
  private(set) var enough: Int?
  let isRightAligned: Bool
  let priority: Int
  let letter: Character?
  let startsDescending: Bool
  let isVolatile: Bool
  private(set) var takesRest: Bool
  /// What it wants to have whatever is in it, where the settings say so.
  private(set) var width: Int?
  let value: ColumnValue
  let key: @Sendable (Item, RowContext) -> SortKey
  let cell: @Sendable (Item, RowContext) -> StyledText
  /// Whether an item is of the type that it is for.
  let fits: @Sendable (Item) -> Bool

  init<Row: Item>(_ column: Column<Row>) {
    id = column.id
    title = column.title
    minimum = column.minimum
    maximum = column.maximum
    enough = column.enough
    isRightAligned = column.alignment == .right
    priority = column.priority
    letter = column.letter
    startsDescending = column.startsDescending
    isVolatile = column.isVolatile
    takesRest = column.takesRest
    value = column.value
    key = { item, context in (item as? Row).map { column.key($0, context) } ?? .none }
    cell = { item, context in (item as? Row).map { column.cell($0, context) } ?? .nothing }
    fits = { $0 is Row }
  }

  /// The same column with a width of its own.
  func fixed(_ width: Int) -> AnyColumn {
    var column = self
    column.width = width
    column.enough = nil
    column.takesRest = false
    return column
  }
}

/// A way to sort: a column and a direction.
struct SortOrder: Hashable, Sendable {
  var column: String
  var isDescending: Bool
}

extension StyledText {
  /// A status with its sign in its role.
  init(_ status: StatusText) {
    let role = status.standing.role
    spans = [Span(status.standing.sign + " " + status.word, role)]
    if !status.reason.isEmpty { spans.append(Span(":" + status.reason, role)) }
  }

  /// A time ago.
  static func age(_ instant: Instant?, _ now: Instant, role: Role = .text) -> StyledText {
    instant.map { StyledText(humanDuration(max(.zero, now - $0)), role) } ?? .nothing
  }

  /// A count, unobtrusive while it is 0.
  static func count(_ value: Int, role: Role = .text) -> StyledText {
    value == 0 ? StyledText("0", .muted) : StyledText(Format.count(value), role)
  }
}

/// Lists columns one after the other, without commas.
@resultBuilder
enum ColumnBuilder<Row: Item> {
  static func buildExpression(_ column: Column<Row>) -> AnyColumn { AnyColumn(column) }
  static func buildBlock(_ columns: AnyColumn...) -> [AnyColumn] { columns }
}

extension TableView {
  /// The columns of a table whose rows are of type `row`.
  static func columns<Row: Item>(of row: Row.Type, @ColumnBuilder<Row> _ columns: () -> [AnyColumn]) -> [AnyColumn] {
    columns()
  }
}
