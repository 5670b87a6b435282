internal import Terminal

extension Prompt {
  /// Rows of completions above the line.
  private static let listRows = 8

  /// What its keys do.
  private var hints: [KeyHint] {
    switch purpose {
    case .command:
      [enter("run"), escape("cancel"), tab("complete"), KeyHint("↑", "earlier", press: "up")]
    case .filter: [enter("keep"), escape("undo")]
    case .save: [enter("save"), escape("cancel"), tab("complete")]
    case .lines: [enter("show"), escape("cancel")]
    case .search: [enter("find"), escape("cancel")]
    case .input(let question):
      [enter("go on"), escape("cancel")] + (question.input.choices.isEmpty ? [] : [tab("choose")])
    }
  }

  private func enter(_ title: String) -> KeyHint { KeyHint("Enter", title, press: "enter") }
  private func escape(_ title: String) -> KeyHint { KeyHint("Esc", title, press: "esc") }
  private func tab(_ title: String) -> KeyHint { KeyHint("Tab", title, press: "tab") }

  /// Draws the line, and above it, down to `listBottom`, what it could go on with. Returns what can be clicked on.
  func draw(on canvas: inout Canvas, row: Int, listBottom: Int) -> [Click] {
    let width = canvas.size.columns
    canvas.fill(Rect(column: 0, row: row, columns: width, rows: 1))
    canvas.put(purpose.sign, at: Point(column: 0, row: row), role: .accent, attributes: .bold)
    let start = TextWidth.columns(of: purpose.sign)
    let used = start - 1 + TextWidth.columns(of: editor.text)
    editor.draw(on: &canvas, at: Point(column: start, row: row), width: width - start, isActive: true)
    let clicks = drawList(on: &canvas, bottom: listBottom)
    if let error {
      let text = StyledText("✗ " + error, .error)
      let fits = used + 3 + text.columns < width
      // Where there is no room beside the line it stands above it, so that both are read.
      if !fits { canvas.fill(Rect(column: 0, row: listBottom - 1, columns: width, rows: 1)) }
      canvas.put(
        text, at: fits ? Point(column: used + 3, row: row) : Point(column: 1, row: listBottom - 1),
        maxColumns: width - 2)
      return clicks
    }
    guard used + 2 < width else { return clicks }
    let keys = KeyHint.fitting(hints, in: width).reduce(0) { $0 + $1.columns }
    var column = 1 + used + canvas.put(ghost, at: Point(column: 1 + used, row: row), role: .muted) + 2
    if purpose == .filter, editor.isEmpty {
      column = 4 + canvas.put("text   !without   -l label=value", at: Point(column: 4, row: row), role: .muted)
    }
    guard column + keys < width else { return clicks }
    return clicks + KeyHint.draw(hints, on: &canvas, at: Point(column: width - keys + 1, row: row), keys)
  }

  private func drawList(on canvas: inout Canvas, bottom: Int) -> [Click] {
    let rows = min(Self.listRows, completions.count, bottom - 4)
    // What is typed to its end needs no list of itself.
    guard purpose.hasList, rows > 0, completions.count > 1 || completions[0].text != editor.text else {
      return []
    }
    let first = max(0, min((chosen ?? 0) - rows / 2, completions.count - rows))
    let shown = completions[first..<first + rows]
    let labels = min(shown.map { TextWidth.columns(of: $0.label) }.max() ?? 0, canvas.size.columns / 2)
    let width = min(canvas.size.columns, max(30, (shown.map(\.detail.columns).max() ?? 0) + labels + 7))
    let rect = Rect(column: 0, row: bottom - rows - 2, columns: width, rows: rows + 2)
    canvas.fill(rect)
    let more = completions.count > rows ? "\((chosen ?? 0) + 1) of \(completions.count)" : ""
    canvas.frame(rect, title: more)
    var clicks: [Click] = []
    for (offset, completion) in shown.enumerated() {
      let line = rect.origin.row + 1 + offset
      canvas.put(
        StyledText(completion.label, .text), at: Point(column: 3, row: line), maxColumns: labels)
      canvas.put(
        completion.detail, at: Point(column: labels + 5, row: line), maxColumns: max(0, width - labels - 6))
      clicks.append(Click(.complete(first + offset), column: 1, row: line, columns: width - 2))
      guard first + offset == chosen else { continue }
      canvas.restyle(Rect(column: 1, row: line, columns: width - 2, rows: 1), role: .selection)
      canvas.put("▸", at: Point(column: 1, row: line), role: .selection)
    }
    return clicks
  }
}
