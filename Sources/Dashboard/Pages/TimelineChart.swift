internal import KubeModel
internal import Terminal

/// Where the bars of a timeline are drawn.
struct TimelineChart {
  let window: TimeWindow
  let now: Instant
  /// The first column.
  let left: Int
  /// Columns.
  let width: Int

  /// What the signs mean, in the most words that there is room for.
  static func legend(columns: Int) -> StyledText {
    let all =
      [
        legend(signs: 2, "between restarts", ends: true, unknown: true),
        legend(signs: 2, "between restarts", ends: true), legend(signs: 1, "between restarts", ends: true),
      ]
      + [legend(signs: 1, "restarts", ends: false)]
    return all.first { $0.columns <= columns } ?? all[all.count - 1]
  }

  private static func legend(signs: Int, _ pausing: String, ends: Bool, unknown: Bool = false) -> StyledText {
    let names: [(TimelineBar.Phase, String)] =
      [
        (.waiting, "waits"), (.starting, "starts"), (.running, "runs"), (.pausing, pausing),
      ]
      + (unknown ? [(.unknown, "not known")] : [])
    let phases = names.map { Span(String(repeating: $0.0.sign, count: signs) + " \($0.1)", $0.0.role) }
    let rest = [Span("✓ succeeded", .succeeded), Span("✗ failed", .failed), Span("┊ now", .muted)]
    // What is between them has no role: one that underlines would underline it.
    return StyledText(Array((phases + (ends ? rest : [])).map { [$0] }.joined(separator: [Span("  ")])))
  }

  func drawAxis(on canvas: inout Canvas, row: Int, below rows: Int, _ context: RowContext) {
    for tick in window.ticks(width: width, offset: context.localOffset) {
      let room = width - tick.column
      canvas.put(
        "╷" + (tick.label.count < room ? tick.label : ""), at: Point(column: left + tick.column, row: row), role: .muted
      )
    }
    let column = window.column(now, width: width)
    guard (0..<width).contains(column) else { return }
    for offset in 1...max(1, rows) {
      canvas.put("┊", at: Point(column: left + column, row: row + offset), role: .muted)
    }
  }

  func draw(_ bar: TimelineBar, on canvas: inout Canvas, row: Int) {
    let finalRole = bar.end?.standing.role
    for part in bar.parts {
      let columns = shown(from: part.from, until: part.until ?? now)
      guard !columns.isEmpty else { continue }
      let role = part.phase == .running ? finalRole ?? part.phase.role : part.phase.role
      canvas.put(
        String(repeating: part.phase.sign, count: columns.count),
        at: Point(column: left + columns.lowerBound, row: row),
        role: role)
    }
    if let end = bar.end { return mark(end.standing.sign, at: end.at, role: end.standing.role, on: &canvas, row: row) }
    // What goes on has no end: its edge says that it lasts.
    if let last = bar.parts.last, last.phase == .running {
      mark("▶", at: now, role: last.phase.role, on: &canvas, row: row)
    }
  }

  /// Marks an instant; one beyond an edge is told there.
  func mark(_ sign: String, at instant: Instant, role: Role, on canvas: inout Canvas, row: Int) {
    let column = window.column(instant, width: width)
    let (text, place) = column < 0 ? ("‹", 0) : column >= width ? ("›", width - 1) : (sign, column)
    canvas.put(text, at: Point(column: left + place, row: row), role: role, attributes: .bold)
  }

  /// The columns of a stretch of time that are in view; at least one, however short it was.
  private func shown(from: Instant, until: Instant) -> Range<Int> {
    let first = window.column(from, width: width)
    let last = max(first, window.column(until, width: width))
    guard first < width, last >= 0 else { return 0..<0 }
    return max(0, first)..<min(width, last + 1)
  }
}
