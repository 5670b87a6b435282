internal import Terminal

extension JobForm {
  private static let labelWidth = 19

  /// What its keys do, the most important first.
  var hints: [KeyHint] {
    let isLast = current == fields.count - 1
    var hints = [KeyHint("Enter", isLast ? "start" : "next"), KeyHint("Ctrl-S", "start"), KeyHint("Esc", "leave")]
    if !fields[current].choices.isEmpty { hints.append(KeyHint("Space", "change")) }
    return hints + [
      KeyHint("↑ ↓", "fields"), KeyHint("Ctrl-E", "in the editor"), KeyHint("Ctrl-T", "templates"),
      KeyHint("Ctrl-O", "a file"),
    ]
  }

  /// Draws the form in the middle; with its keys where there is no row for hints below.
  func draw(on canvas: inout Canvas, name: String, showsHints: Bool) {
    // Beside it there is either nothing of the page or enough to be read.
    let width = canvas.size.columns < 100 ? canvas.size.columns : 92
    let rows = min(canvas.size.rows - (showsHints ? 0 : 1), fields.count + (showsHints ? 6 : 5))
    let rect = Rect(
      column: (canvas.size.columns - width) / 2, row: max(0, (canvas.size.rows - rows) / 2), columns: width, rows: rows)
    canvas.fill(rect)
    canvas.frame(rect, title: "New job")
    let inner = rect.inset(columns: 2, rows: 1)
    guard inner.size.rows >= 3, inner.size.columns >= 20 else { return }
    // The last rows are for errors and keys.
    let space = inner.size.rows - (showsHints ? 3 : 2)
    let first = max(0, min(current - space + 1, fields.count - space))
    for (row, index) in (first..<min(fields.count, first + max(1, space))).enumerated() {
      let at = inner.origin.row + row + (space > fields.count ? 1 : 0)
      draw(
        index, on: &canvas, in: Rect(column: inner.origin.column, row: at, columns: inner.size.columns, rows: 1), name)
    }
    let bottom = inner.rowRange.upperBound
    let errorRow = showsHints ? bottom - 2 : bottom - 1
    if let error {
      canvas.put(
        StyledText("✗ " + error, .error), at: Point(column: inner.origin.column, row: errorRow),
        maxColumns: inner.size.columns)
    } else if isWaiting {
      canvas.put("Checking…", at: Point(column: inner.origin.column, row: errorRow), role: .muted)
    }
    if showsHints {
      KeyHint.draw(hints, on: &canvas, at: Point(column: inner.origin.column, row: bottom - 1), inner.size.columns)
    }
  }

  private func draw(_ index: Int, on canvas: inout Canvas, in rect: Rect, _ name: String) {
    let field = fields[index]
    let isCurrent = index == current
    let row = rect.origin.row
    canvas.put(isCurrent ? "▸" : " ", at: rect.origin, role: .accent)
    canvas.put(
      field.title, at: Point(column: rect.origin.column + 2, row: row), role: isCurrent ? .fieldName : .muted,
      attributes: isCurrent ? .bold : [], maxColumns: Self.labelWidth - 2)
    let start = rect.origin.column + Self.labelWidth
    var room = rect.columnRange.upperBound - start
    if let error = field.error {
      let text = "✗ " + error
      // What was typed is half of it: without it nobody knows what the error speaks of.
      let value = min(max(8, TextWidth.columns(of: field.editor.text) + 1), room / 2)
      let wanted = min(TextWidth.columns(of: text), room - value - 1)
      if wanted > 4 {
        canvas.put(
          StyledText(text, .error), at: Point(column: rect.columnRange.upperBound - wanted, row: row),
          maxColumns: wanted)
        room -= wanted + 1
      }
    }
    if !field.choices.isEmpty {
      var column = start
      let whole = field.choices.reduce(-2) { $0 + TextWidth.columns(of: $1) + 6 }
      // Where not all of them fit, the chosen one says what is.
      for choice in field.choices where whole <= room || choice == field.editor.text {
        let isChosen = choice == field.editor.text
        let text = (isChosen ? "(•) " : "( ) ") + choice
        column +=
          canvas.put(
            TextWidth.truncate(text, to: max(0, start + room - column)), at: Point(column: column, row: row),
            role: isChosen ? .field : .muted,
            attributes: isChosen && isCurrent ? .bold : [], maxColumns: max(0, start + room - column)) + 2
      }
      if isCurrent { canvas.cursor = Point(column: start + 1, row: row) }
      return
    }
    field.editor.draw(
      on: &canvas, at: Point(column: start, row: row), width: room, role: .field, isActive: isCurrent)
    if field.editor.isEmpty {
      let text = field.id == .name && !self[.command].value.isEmpty ? name : field.placeholder
      canvas.put(StyledText(text, .muted, .italic), at: Point(column: start, row: row), maxColumns: room)
    } else if isCurrent {
      canvas.restyle(Rect(column: start, row: row, columns: room, rows: 1), adding: .underline)
    }
  }
}
