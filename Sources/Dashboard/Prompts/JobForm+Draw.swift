internal import Terminal

extension JobForm {
  private static let labelWidth = 19

  func draw(on canvas: inout Canvas, name: String) {
    let width = min(canvas.size.columns - 2, 92)
    let rows = min(canvas.size.rows - 1, fields.count + 6)
    let rect = Rect(
      column: (canvas.size.columns - width) / 2, row: max(0, (canvas.size.rows - rows) / 2), columns: width, rows: rows)
    canvas.fill(rect)
    canvas.frame(rect, title: "New job")
    let inner = rect.inset(columns: 2, rows: 1)
    guard inner.size.rows >= 3, inner.size.columns >= 20 else { return }
    // The two last rows are for errors and keys.
    let space = inner.size.rows - 3
    let first = max(0, min(current - space + 1, fields.count - space))
    for (row, index) in (first..<min(fields.count, first + max(1, space))).enumerated() {
      let at = inner.origin.row + row + (space > fields.count ? 1 : 0)
      draw(
        index, on: &canvas, in: Rect(column: inner.origin.column, row: at, columns: inner.size.columns, rows: 1), name)
    }
    let bottom = inner.rowRange.upperBound
    if let error {
      canvas.put(
        StyledText("✗ " + error, .error), at: Point(column: inner.origin.column, row: bottom - 2),
        maxColumns: inner.size.columns)
    } else if isWaiting {
      canvas.put("Checking…", at: Point(column: inner.origin.column, row: bottom - 2), role: .muted)
    }
    var hints = StyledText()
    for (key, what) in [
      ("Enter", "next, start at the end"), ("Ctrl-S", "start"), ("Ctrl-E", "editor"), ("Esc", "leave"),
    ] {
      hints.spans += [Span(key, .key, .bold), Span(" \(what)   ", .muted)]
    }
    canvas.put(hints, at: Point(column: inner.origin.column, row: bottom - 1), maxColumns: inner.size.columns)
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
      let wanted = min(TextWidth.columns(of: text), room - 8)
      if wanted > 4 {
        canvas.put(
          StyledText(text, .error), at: Point(column: rect.columnRange.upperBound - wanted, row: row),
          maxColumns: wanted)
        room -= wanted + 1
      }
    }
    if !field.choices.isEmpty {
      var column = start
      for choice in field.choices {
        let isChosen = choice == field.editor.text
        let text = (isChosen ? "(•) " : "( ) ") + choice
        column +=
          canvas.put(
            text, at: Point(column: column, row: row), role: isChosen ? .field : .muted,
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
