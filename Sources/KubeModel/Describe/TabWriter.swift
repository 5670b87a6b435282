/// Aligns cells in columns as Go's text/tabwriter does with padding 2: a column is a run of neighbouring lines that
/// have a cell there; the last cell of a line belongs to no column.
struct TabWriter {
  private var lines: [[Substring]] = []
  private var text = ""

  init() {}

  /// Adds text; tabs end cells, newlines end lines.
  mutating func write(_ part: String) { text += part }

  /// Adds a line at `level`, two spaces each.
  mutating func line(_ level: Int, _ part: String) {
    text += String(repeating: "  ", count: level) + part + "\n"
  }

  /// Ends all columns, so that what follows is aligned on its own.
  mutating func flush() { text += "\u{0}\n" }

  /// Everything, aligned.
  func aligned() -> String {
    var result = ""
    for block in text.split(separator: "\u{0}\n", omittingEmptySubsequences: true) {
      let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
      var cells = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
      if cells.last?.count == 1, cells.last?[0].isEmpty == true { cells.removeLast() }
      var widths = cells.map { $0.map(TabWriter.width) }
      TabWriter.setWidths(&widths, 0..<widths.count, column: 0)
      for (line, width) in zip(cells, widths) {
        for (index, cell) in line.enumerated() {
          result += cell
          if index < line.count - 1 {
            result += String(repeating: " ", count: max(0, width[index] - TabWriter.width(cell)))
          }
        }
        result += "\n"
      }
    }
    return result
  }

  private static func width(_ cell: Substring) -> Int { cell.unicodeScalars.count }

  /// Turns the widths of cells into those of their columns.
  private static func setWidths(_ widths: inout [[Int]], _ lines: Range<Int>, column: Int) {
    var line = lines.lowerBound
    while line < lines.upperBound {
      guard column < widths[line].count - 1 else {
        line += 1
        continue
      }
      var end = line
      var width = 0
      while end < lines.upperBound, column < widths[end].count - 1 {
        width = max(width, widths[end][column] + 2)
        end += 1
      }
      for index in line..<end { widths[index][column] = width }
      setWidths(&widths, line..<end, column: column + 1)
      line = end
    }
  }
}
