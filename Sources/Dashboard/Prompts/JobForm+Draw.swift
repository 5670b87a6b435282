internal import Terminal

extension JobForm {
  private static let labelWidth = 19

  /// What its keys do, the most important first.
  var hints: [KeyHint] {
    let isLast = current == fields.count - 1
    var hints = [
      KeyHint("Enter", isLast ? "start" : "next", press: "enter"), KeyHint("Ctrl-S", "start", press: "ctrl-s"),
      KeyHint("Esc", "leave", press: "esc"),
    ]
    if !fields[current].choices.isEmpty { hints.append(KeyHint("Space", "change", press: "space")) }
    return hints + [
      KeyHint("↑ ↓", "fields", press: "down"), KeyHint("Ctrl-E", "in the editor", press: "ctrl-e"),
      KeyHint("Ctrl-T", "templates", press: "ctrl-t"), KeyHint("Ctrl-O", "a file", press: "ctrl-o"),
    ]
  }

  /// One row of it: a field, or what is wrong with the field above.
  private enum Line {
    case field(Int)
    case note(StyledText)
  }

  /// Its rows at a width, and behind each field what is wrong with it where that has no place beside it.
  private func lines(_ columns: Int) -> [Line] {
    fields.indices.flatMap { index -> [Line] in
      guard let error = fields[index].error, !fitsBeside(index, error, columns) else { return [.field(index)] }
      return [.field(index)] + Self.broken(error, columns - Self.indent(columns)).map { .note($0) }
    }
  }

  /// Where what is wrong with a field begins below it.
  private static func indent(_ columns: Int) -> Int { columns < 60 ? 4 : labelWidth }

  private static func broken(_ error: String, _ columns: Int) -> [StyledText] {
    wrapped(StyledText("✗ " + error, .error), width: columns, betweenWords: true, hanging: "  ")
  }

  /// Whether an error has a place beside what was typed, which is half of it: without it nobody knows what it speaks of.
  private func fitsBeside(_ index: Int, _ error: String, _ columns: Int) -> Bool {
    let field = fields[index]
    let value =
      field.choices.isEmpty
      ? max(8, TextWidth.columns(of: field.editor.text) + 1)
      : field.choices.reduce(-2) { $0 + TextWidth.columns(of: $1) + 6 }
    return Self.labelWidth + value + 1 + TextWidth.columns(of: "✗ " + error) <= columns
  }

  /// Draws the form in the middle; with its keys where there is no row for hints below. Returns what can be clicked on.
  func draw(on canvas: inout Canvas, name: String, showsHints: Bool) -> [Click] {
    // Beside it there is either nothing of the page or enough to be read.
    let width = canvas.size.columns < 100 ? canvas.size.columns : 92
    let most = canvas.size.rows - (showsHints ? 0 : 1)
    let lines = lines(width - 4)
    // The last rows are for what is wrong with the whole, and for keys.
    let whole = error.map { Self.broken($0, width - 4) } ?? (isWaiting ? [StyledText("Checking…", .muted)] : [])
    let foot = min(max(1, whole.count), max(1, (most - 4) / 2))
    let below = foot + (showsHints ? 2 : 1)
    let rows = min(most, lines.count + below + 3)
    let rect = Rect(
      column: (canvas.size.columns - width) / 2, row: max(0, (canvas.size.rows - rows) / 2), columns: width, rows: rows)
    canvas.fill(rect)
    canvas.frame(rect, title: "New job")
    let inner = rect.inset(columns: 2, rows: 1)
    guard inner.size.rows >= 3, inner.size.columns >= 20 else { return [] }
    let space = max(1, inner.size.rows - below)
    let top = inner.origin.row + (space > lines.count ? 1 : 0)
    var clicks: [Click] = []
    let first = firstLine(lines, space)
    for (offset, line) in lines[first..<min(lines.count, first + space)].enumerated() {
      let row = top + offset
      switch line {
      case .field(let index):
        let place = Rect(column: inner.origin.column, row: row, columns: inner.size.columns, rows: 1)
        clicks += draw(index, on: &canvas, in: place, name)
      case .note(let text):
        canvas.put(
          text, at: Point(column: inner.origin.column + Self.indent(inner.size.columns), row: row),
          maxColumns: inner.size.columns - Self.indent(inner.size.columns))
      }
    }
    let bottom = inner.rowRange.upperBound - (showsHints ? 1 : 0)
    for (offset, line) in whole.prefix(foot).enumerated() {
      canvas.put(
        line, at: Point(column: inner.origin.column, row: bottom - foot + offset), maxColumns: inner.size.columns)
    }
    guard showsHints else { return clicks }
    return clicks
      + KeyHint.draw(hints, on: &canvas, at: Point(column: inner.origin.column, row: bottom), inner.size.columns)
  }

  /// The first row that is shown where not all of them have a place: the current field is in view, and with it what is
  /// wrong with it.
  private func firstLine(_ lines: [Line], _ space: Int) -> Int {
    var (own, end) = (0, lines.count)
    for (row, line) in lines.enumerated() {
      guard case .field(let index) = line else { continue }
      if index == current { own = row }
      if index == current + 1 { end = row }
    }
    return min(own, max(0, min(end - space, lines.count - space)))
  }

  private func draw(_ index: Int, on canvas: inout Canvas, in rect: Rect, _ name: String) -> [Click] {
    let field = fields[index]
    let isCurrent = index == current
    let row = rect.origin.row
    canvas.put(isCurrent ? "▸" : " ", at: rect.origin, role: .accent)
    canvas.put(
      field.title, at: Point(column: rect.origin.column + 2, row: row), role: isCurrent ? .fieldName : .muted,
      attributes: isCurrent ? .bold : [], maxColumns: Self.labelWidth - 2)
    let start = rect.origin.column + Self.labelWidth
    var room = rect.columnRange.upperBound - start
    if let error = field.error, fitsBeside(index, error, rect.size.columns) {
      let text = StyledText("✗ " + error, .error)
      canvas.put(text, at: Point(column: rect.columnRange.upperBound - text.columns, row: row))
      room -= text.columns + 1
    }
    let end = Click(.field(index, skipped: 0), column: rect.origin.column, row: row, columns: Self.labelWidth)
    if !field.choices.isEmpty {
      var clicks = [end]
      var column = start
      let whole = field.choices.reduce(-2) { $0 + TextWidth.columns(of: $1) + 6 }
      // Where not all of them fit, the chosen one says what is.
      for choice in field.choices where whole <= room || choice == field.editor.text {
        let isChosen = choice == field.editor.text
        let text = (isChosen ? "(•) " : "( ) ") + choice
        let used = canvas.put(
          TextWidth.truncate(text, to: max(0, start + room - column)), at: Point(column: column, row: row),
          role: isChosen ? .field : .muted,
          attributes: isChosen && isCurrent ? .bold : [], maxColumns: max(0, start + room - column))
        // Where only the chosen one stands, a click goes on to the next one, as Space does.
        let next = field.choices.firstIndex(of: choice).map { field.choices[($0 + 1) % field.choices.count] }
        let chosen = whole <= room ? choice : next ?? choice
        clicks.append(Click(.choose(chosen, field: index), column: column, row: row, columns: used))
        column += used + 2
      }
      if isCurrent { canvas.cursor = Point(column: start + 1, row: row) }
      return clicks
    }
    field.editor.draw(
      on: &canvas, at: Point(column: start, row: row), width: room, role: .field, isActive: isCurrent)
    if field.editor.isEmpty {
      let text = field.id == .name && !self[.command].value.isEmpty ? name : placeholder(field)
      canvas.put(StyledText(text, .muted, .italic), at: Point(column: start, row: row), maxColumns: room)
    } else if isCurrent {
      canvas.restyle(Rect(column: start, row: row, columns: room, rows: 1), adding: .underline)
    }
    let skipped = isCurrent ? field.editor.skipped(in: room) : 0
    return [end, Click(.field(index, skipped: skipped), column: start, row: row, columns: room)]
  }
}
