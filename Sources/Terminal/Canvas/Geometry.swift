/// A width and a height, in character cells.
public struct Size: Hashable, Sendable, CustomStringConvertible {
  /// Width in cells; negative counts as 0.
  public var columns: Int
  /// Height in cells; negative counts as 0.
  public var rows: Int

  /// Creates a size; any numbers will do.
  public init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// No cell at all.
  public static let zero = Size(columns: 0, rows: 0)

  /// As people say it: `80x24`.
  public var description: String { "\(columns)x\(rows)" }
}

/// A cell's place: column and row, both counted from 0 at the top left.
public struct Point: Hashable, Sendable, CustomStringConvertible {
  /// Cells from the left edge; may lie outside of a canvas.
  public var column: Int
  /// Cells from the top edge; may lie outside of a canvas.
  public var row: Int

  /// Creates a place; any numbers will do.
  public init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }

  /// The cell at the top left.
  public static let zero = Point(column: 0, row: 0)

  public var description: String { "(\(column), \(row))" }
}

/// A rectangle of cells. A negative size counts as empty.
public struct Rect: Hashable, Sendable, CustomStringConvertible {
  /// The cell at the top left.
  public var origin: Point
  /// Width and height from there; a negative one makes the rectangle empty.
  public var size: Size

  /// Creates a rectangle; its size may be negative, which counts as empty.
  public init(origin: Point, size: Size) {
    self.origin = origin
    self.size = size
  }

  /// Creates a rectangle of the numbers that make it up.
  public init(column: Int, row: Int, columns: Int, rows: Int) {
    self.init(origin: Point(column: column, row: row), size: Size(columns: columns, rows: rows))
  }

  /// Whether it has no cell.
  public var isEmpty: Bool { size.columns <= 0 || size.rows <= 0 }

  /// The columns that it covers; empty when the rectangle is.
  public var columnRange: Range<Int> {
    origin.column..<Self.end(origin.column, size.columns)
  }

  /// The rows that it covers; empty when the rectangle is.
  public var rowRange: Range<Int> {
    origin.row..<Self.end(origin.row, size.rows)
  }

  /// Whether the cell at `point` is one of the rectangle's.
  public func contains(_ point: Point) -> Bool {
    columnRange.contains(point.column) && rowRange.contains(point.row)
  }

  /// The part that both rectangles cover; an empty rectangle when there is none.
  public func intersection(_ other: Rect) -> Rect {
    let columns = columnRange.clamped(to: other.columnRange)
    let rows = rowRange.clamped(to: other.rowRange)
    return Rect(column: columns.lowerBound, row: rows.lowerBound, columns: columns.count, rows: rows.count)
  }

  /// The rectangle with `columns` cells less on the left and the right, and `rows` less above and below.
  public func inset(columns: Int, rows: Int) -> Rect {
    Rect(
      column: origin.column + columns, row: origin.row + rows,
      columns: max(0, size.columns - 2 * columns), rows: max(0, size.rows - 2 * rows))
  }

  public var description: String { "\(size)+\(origin.column)+\(origin.row)" }

  private static func end(_ start: Int, _ length: Int) -> Int {
    let (end, overflow) = start.addingReportingOverflow(max(0, length))
    return overflow ? Int.max : end
  }
}
