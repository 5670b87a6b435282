internal import Terminal

/// How columns share the width of the screen.
enum TableLayout {
  /// Columns between two columns, at least and at most.
  private static let gap = 2
  private static let widestGap = 4
  /// For the mark at the left edge, and free at the right one.
  private static let margin = 2
  /// Columns of what is short.
  private static let shortText = 20
  /// The priority of columns that are worth less than all of the others' short texts.
  private static let minor = 63

  /// What each column would like: what its title and its cells need, and never less than it had before, so that
  /// columns don't jump while the rows change.
  static func wanted(_ columns: [AnyColumn], cells: [[StyledText]], seen: [String: Int]) -> [String: Int] {
    var wanted = seen
    for (index, column) in columns.enumerated() {
      if let width = column.width {
        wanted[column.id] = width
        continue
      }
      var most = max(column.minimum, TextWidth.columns(of: column.title), seen[column.id] ?? 0)
      for row in cells { most = max(most, row[index].columns) }
      wanted[column.id] = min(most, column.maximum)
    }
    return wanted
  }

  /// The columns that fit, the least important ones left out, in their order.
  ///
  /// Words may be cut as far as their column says; numbers never are: rather a column less. The name, the status and
  /// the column that the rows are sorted by stay.
  static func choose(_ columns: [AnyColumn], wanted: [String: Int], sortedBy: String, width: Int) -> [AnyColumn] {
    var left = columns
    func needed() -> Int {
      // For columns that are only there when there is room for all, the few letters of another one are not cut.
      let cutsShort = !left.contains { $0.priority < minor && $0.id != sortedBy }
      return left.reduce(margin - gap) { sum, column in
        let (need, wanted) = (need(column, wanted, width), wanted[column.id] ?? 0)
        return sum + gap + (cutsShort || column.takesRest || wanted > shortText ? need : max(need, wanted))
      }
    }
    while left.count > 1, needed() > width {
      guard let least = left.filter({ $0.priority < 99 && $0.id != sortedBy }).min(by: { $0.priority < $1.priority }),
        let index = left.firstIndex(where: { $0.id == least.id })
      else { break }
      left.remove(at: index)
    }
    return left
  }

  /// What a column must have before another one gets anything: never less than its title. The arrow of the
  /// sort stands in the gap behind it, so that nothing moves when the order changes.
  private static func need(_ column: AnyColumn, _ wanted: [String: Int], _ width: Int) -> Int {
    let least = least(column)
    // Half of a column of nothing but long text tells nothing; on a wide screen it gets a share.
    if column.takesRest { return max(least, column.priority >= 85 ? width * 3 / 10 : 0) }
    let wanted = wanted[column.id] ?? 0
    guard let enough = column.enough else { return max(least, wanted) }
    let share = column.priority >= 100 ? width * 3 / 10 : column.priority >= 85 ? width * 2 / 5 : width / 5
    return max(least, min(wanted, enough, share))
  }

  private static func least(_ column: AnyColumn) -> Int { max(column.minimum, TextWidth.columns(of: column.title)) }

  /// Where each column stands: first what it must have, then what it wants, the most important ones first; what is left
  /// over goes to the one that takes the rest, or else between the columns and to the name.
  static func places(_ columns: [AnyColumn], wanted: [String: Int], width: Int) -> [Range<Int>] {
    var widths = columns.map { need($0, wanted, width) }
    // Where even that is too much, on the smallest screens, everyone makes do with the minimum.
    if widths.reduce(margin - gap, { $0 + $1 + gap }) > width { widths = columns.map { least($0) } }
    var free = width - margin - widths.reduce(0, +) - gap * max(0, columns.count - 1)
    // A status that is cut tells less than a name whose end still stands there.
    func worth(_ column: AnyColumn) -> Int { column.takesRest ? -1 : column.priority == 99 ? 101 : column.priority }
    let order = columns.indices.sorted { worth(columns[$0]) > worth(columns[$1]) }
    for index in order where free > 0 {
      let more = min(free, (wanted[columns[index].id] ?? 0) - widths[index])
      if more > 0 {
        widths[index] += more
        free -= more
      }
    }
    var between = gap
    if free > 0, let rest = columns.firstIndex(where: \.takesRest) {
      widths[rest] += free
    } else if free > 0, columns.count > 1 {
      between = min(widestGap, gap + free / (columns.count - 1))
      free -= (between - gap) * (columns.count - 1)
      if let name = columns.firstIndex(where: { $0.id == "name" && $0.width == nil }) { widths[name] += min(free, 16) }
    }
    var places: [Range<Int>] = []
    var column = 1
    for each in widths {
      places.append(column..<column + max(0, each))
      column += each + between
    }
    return places
  }
}
