/// A screenful of cells, drawn by pure code and compared, tested and shown as a value.
///
/// Whatever is put on it is safe to send to a terminal: see ``put(_:at:role:attributes:maxColumns:)``. Everything is
/// clipped at its edges.
public struct Canvas: Hashable, Sendable {
  /// Its width and height, at most 4,096 each; never changes.
  public let size: Size

  /// Where the terminal's cursor stands; nil hides it.
  public var cursor: Point?

  /// Row after row.
  private(set) var cells: [Cell]

  /// A blank canvas. Negative sizes count as 0, sizes above 4,096 columns or rows as 4,096.
  public init(size: Size) {
    self.size = Size(columns: min(max(size.columns, 0), 4096), rows: min(max(size.rows, 0), 4096))
    cells = Array(repeating: .blank, count: self.size.columns * self.size.rows)
  }

  /// All of it: the rectangle from the top left with the canvas's size.
  public var bounds: Rect { Rect(origin: .zero, size: size) }

  /// The cell at a place; a blank one outside the canvas.
  public subscript(point: Point) -> Cell {
    bounds.contains(point) ? cells[point.row * size.columns + point.column] : .blank
  }

  /// The cell at a place, both counted from 0; a blank one outside the canvas.
  public subscript(column: Int, row: Int) -> Cell {
    self[Point(column: column, row: row)]
  }

  /// Writes text on one row and returns the columns it took from `point` on, up to the right edge.
  ///
  /// The text may come from anywhere. Controls (line breaks too), direction overrides, invisible and unassigned
  /// characters are shown as `·`; tabs are blanks up to the next multiple of eight columns from the text's start; a
  /// cell keeps at most three combining marks. What stands left of the canvas or beyond `maxColumns` is not drawn;
  /// a wide character of which only one half fits becomes a blank.
  @discardableResult
  public mutating func put(
    _ text: some StringProtocol, at point: Point, role: Role = .text, attributes: Attributes = [],
    maxColumns: Int? = nil
  ) -> Int {
    guard point.row >= 0, point.row < size.rows, point.column < size.columns else { return 0 }
    let room = min(size.columns - max(point.column, -(1 << 30)), max(0, maxColumns ?? Int.max))
    if point.column >= 0, let used = putASCII(text, at: point, role: role, attributes: attributes, room: room) {
      return used
    }
    var scanner = GlyphScanner(String(text))
    var used = 0
    while used < room, let glyph = scanner.next() {
      let width = min(Int(glyph.width), room - used)
      let whole = width == Int(glyph.width)
      let cell =
        whole
        ? Cell(base: glyph.base, marks: glyph.marks, width: glyph.width, role: role, attributes: attributes)
        : Cell(base: 0x20, width: 1, role: role, attributes: attributes)
      set(cell, column: point.column + used, row: point.row)
      used += width
    }
    return used
  }

  /// Writes text so that it ends just before the column `end`; cut at its end when it is longer than `maxColumns`.
  /// Returns the columns it took.
  @discardableResult
  public mutating func put(
    _ text: some StringProtocol, endingAt end: Point, role: Role = .text, attributes: Attributes = [],
    maxColumns: Int? = nil
  ) -> Int {
    let columns = min(TextWidth.columns(of: text), max(0, maxColumns ?? end.column))
    return put(
      text, at: Point(column: end.column - columns, row: end.row), role: role, attributes: attributes,
      maxColumns: columns)
  }

  /// Fills a rectangle with one character, a blank by default. A wide or unsafe character counts as a blank.
  public mutating func fill(
    _ rect: Rect, with character: Character = " ", role: Role = .text, attributes: Attributes = []
  ) {
    var scanner = GlyphScanner(String(character))
    var glyph = scanner.next() ?? .space
    if glyph.width != 1 || scanner.next() != nil { glyph = .space }
    let cell = Cell(base: glyph.base, marks: glyph.marks, width: 1, role: role, attributes: attributes)
    let area = rect.intersection(bounds)
    for row in area.rowRange where !area.isEmpty {
      detach(columns: area.columnRange, row: row)
      for column in area.columnRange { cells[row * size.columns + column] = cell }
    }
  }

  /// Changes how a rectangle looks and leaves its text: selection bars, matches, dimmed backgrounds.
  ///
  /// - Parameters:
  ///   - role: the new role of its cells; nil keeps each one's own.
  ///   - attributes: their new attributes; nil keeps each one's own.
  ///   - adding: attributes to add to those.
  public mutating func restyle(
    _ rect: Rect, role: Role? = nil, attributes: Attributes? = nil, adding: Attributes = []
  ) {
    let area = rect.intersection(bounds)
    for row in area.rowRange where !area.isEmpty {
      for column in area.columnRange {
        let index = row * size.columns + column
        if let role { cells[index].role = role }
        if let attributes { cells[index].attributes = attributes }
        cells[index].attributes.formUnion(adding)
      }
    }
  }

  /// Draws another canvas over this one with its top left corner at `point`. The cursor comes along if it has one.
  public mutating func draw(_ other: Canvas, at point: Point) {
    let area = Rect(origin: point, size: other.size).intersection(bounds)
    for row in area.rowRange where !area.isEmpty {
      for column in area.columnRange {
        var cell = other.cells[(row - point.row) * other.size.columns + column - point.column]
        // Halves of wide characters at the edges have lost their other half.
        let isCutLeft = cell.width == 0 && column == area.columnRange.lowerBound
        let isCutRight = cell.width == 2 && column + 1 == area.columnRange.upperBound
        if isCutLeft || isCutRight {
          cell = Cell(base: 0x20, width: 1, role: cell.role, attributes: cell.attributes)
        }
        if cell.width > 0 { set(cell, column: column, row: row) }
      }
    }
    if let cursor = other.cursor {
      self.cursor = Point(column: cursor.column + point.column, row: cursor.row + point.row)
    }
  }

  /// Draws a frame along the inside of `rect`, with a title in its upper edge. The inside is left as it is.
  public mutating func frame(_ rect: Rect, title: String = "", role: Role = .border, titleRole: Role = .title) {
    guard rect.size.columns >= 2, rect.size.rows >= 2 else { return }
    let (left, top) = (rect.origin.column, rect.origin.row)
    let (right, bottom) = (rect.columnRange.upperBound - 1, rect.rowRange.upperBound - 1)
    let rule = Size(columns: rect.size.columns - 2, rows: 1)
    fill(Rect(origin: Point(column: left + 1, row: top), size: rule), with: "─", role: role)
    fill(Rect(origin: Point(column: left + 1, row: bottom), size: rule), with: "─", role: role)
    let side = Size(columns: 1, rows: rect.size.rows - 2)
    fill(Rect(origin: Point(column: left, row: top + 1), size: side), with: "│", role: role)
    fill(Rect(origin: Point(column: right, row: top + 1), size: side), with: "│", role: role)
    put("┌", at: Point(column: left, row: top), role: role)
    put("┐", at: Point(column: right, row: top), role: role)
    put("└", at: Point(column: left, row: bottom), role: role)
    put("┘", at: Point(column: right, row: bottom), role: role)
    if !title.isEmpty, rect.size.columns >= 6 {
      let shown = " " + TextWidth.truncate(title, to: rect.size.columns - 6) + " "
      put(shown, at: Point(column: left + 2, row: top), role: titleRole)
    }
  }

  /// Plain printable ASCII goes straight into the cells; nil when the text is anything else.
  private mutating func putASCII(
    _ text: some StringProtocol, at point: Point, role: Role, attributes: Attributes, room: Int
  ) -> Int? {
    guard let length = TextWidth.printableASCIICount(text) else { return nil }
    let used = min(length, room)
    guard used > 0 else { return 0 }
    detach(columns: point.column..<point.column + used, row: point.row)
    var index = point.row * size.columns + point.column
    _ = text.utf8.withContiguousStorageIfAvailable { bytes in
      for byte in bytes.prefix(used) {
        cells[index] = Cell(base: UInt32(byte), width: 1, role: role, attributes: attributes)
        index += 1
      }
    }
    return used
  }

  /// Puts one cell, and with a wide one its right half. A wide one of which a half is outside leaves a blank.
  private mutating func set(_ cell: Cell, column: Int, row: Int) {
    let width = Int(cell.width)
    let visible = (column..<column + width).clamped(to: 0..<size.columns)
    guard !visible.isEmpty else { return }
    detach(columns: visible, row: row)
    let start = row * size.columns
    if visible.count == width {
      cells[start + column] = cell
      if width == 2 {
        cells[start + column + 1] = Cell(base: 0, width: 0, role: cell.role, attributes: cell.attributes)
      }
    } else {
      cells[start + visible.lowerBound] = Cell(base: 0x20, width: 1, role: cell.role, attributes: cell.attributes)
    }
  }

  /// Makes sure that no wide character reaches over the edges of the columns that are about to be overwritten.
  private mutating func detach(columns: Range<Int>, row: Int) {
    guard let first = columns.first, let last = columns.last else { return }
    let start = row * size.columns
    if cells[start + first].width == 0, first > 0 { blank(start + first - 1) }
    if cells[start + last].width == 2, last + 1 < size.columns { blank(start + last + 1) }
  }

  private mutating func blank(_ index: Int) {
    cells[index] = Cell(base: 0x20, width: 1, role: cells[index].role, attributes: cells[index].attributes)
  }
}
