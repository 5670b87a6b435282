internal import Terminal

/// How columns share the width of the screen.
enum TableLayout {
  /// Columns between two columns.
  static let gap = 2
  /// For the mark at the left edge, and free at the right one.
  private static let margin = 2

  struct Plan {
    /// Where each column stands.
    var places: [Range<Int>]
    /// What each column would have liked, to remember.
    var wanted: [String: Int]
  }

  /// The columns that fit, the least important ones left out, in their order.
  static func choose(_ columns: [AnyColumn], width: Int) -> [AnyColumn] {
    var left = columns
    func needed() -> Int { left.reduce(margin - gap) { $0 + $1.minimum + gap } }
    while left.count > 1, needed() > width - 1 {
      guard let least = left.filter({ $0.priority < 100 }).min(by: { $0.priority < $1.priority }),
        let index = left.firstIndex(where: { $0.id == least.id })
      else { break }
      left.remove(at: index)
    }
    return left
  }

  /// Gives each column what its cells need, as far as there is room: first the minimum, then the rest, and the
  /// remainder to the one that takes any width.
  static func plan(_ columns: [AnyColumn], cells: [[StyledText]], seen: [String: Int], width: Int) -> Plan {
    var wanted = seen
    for (index, column) in columns.enumerated() {
      // One more for the arrow of the sort.
      var most = max(column.minimum, TextWidth.columns(of: column.title) + 1, seen[column.id] ?? 0)
      for row in cells { most = max(most, row[index].columns) }
      wanted[column.id] = min(most, column.maximum)
    }
    var widths = columns.map(\.minimum)
    var free = width - margin - widths.reduce(0, +) - gap * max(0, columns.count - 1)
    // The most important columns are served first.
    for index in columns.indices.sorted(by: { columns[$0].priority > columns[$1].priority }) where free > 0 {
      let more = min(free, (wanted[columns[index].id] ?? 0) - widths[index])
      if more > 0 {
        widths[index] += more
        free -= more
      }
    }
    // What is left over lets the table breathe; texts of any width take it where there are such.
    if free > 0, let widest = columns.lastIndex(where: { $0.maximum == .max && $0.id == "message" }) {
      widths[widest] += free
    } else if free > 0, columns.count > 1, let name = columns.firstIndex(where: { $0.id == "name" }) {
      widths[name] += min(free, max(0, min(24, free / 3)))
    }
    var places: [Range<Int>] = []
    var column = 1
    for each in widths {
      places.append(column..<column + max(0, each))
      column += each + gap
    }
    return Plan(places: places, wanted: wanted)
  }
}
