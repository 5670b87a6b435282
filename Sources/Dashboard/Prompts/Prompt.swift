internal import Terminal

/// The line at the bottom while a command, a filter or a search is typed.
struct Prompt: Hashable, Sendable {
  enum Purpose: Hashable, Sendable {
    case command, filter, search

    var sign: String { self == .command ? ":" : "/" }
  }

  let purpose: Purpose
  var editor: LineEditor
  /// Ways to go on from what was typed, best first.
  var completions: [String] = []
  /// What is wrong with it so far.
  var error: String?
  /// Where in the history we are: 0 is the line being typed.
  var historyPosition = 0
  var draft = ""
  /// What the filter was, for Esc.
  let before: String

  init(_ purpose: Purpose, text: String = "") {
    self.purpose = purpose
    editor = LineEditor(text)
    before = text
  }

  /// What the best completion adds, shown behind the cursor.
  var ghost: String {
    guard editor.isAtEnd, let best = completions.first, best.hasPrefix(editor.text) else { return "" }
    return String(best.dropFirst(editor.text.count))
  }

  /// Takes the best completion.
  mutating func complete() {
    if let best = completions.first { editor.replace(best) }
  }

  /// Steps through earlier commands, newest first.
  mutating func recall(_ step: Int, history: [String]) {
    let next = historyPosition + step
    guard next >= 0, next <= history.count else { return }
    if historyPosition == 0 { draft = editor.text }
    historyPosition = next
    editor.replace(next == 0 ? draft : history[history.count - next])
  }

  /// What its keys do.
  private var hints: [KeyHint] {
    switch purpose {
    case .command: [KeyHint("Enter", "run"), KeyHint("Esc", "cancel"), KeyHint("Tab", "complete")]
    case .filter: [KeyHint("Enter", "keep"), KeyHint("Esc", "undo")]
    case .search: [KeyHint("Enter", "find"), KeyHint("Esc", "cancel")]
    }
  }

  func draw(on canvas: inout Canvas, row: Int) {
    let width = canvas.size.columns
    canvas.fill(Rect(column: 0, row: row, columns: width, rows: 1))
    canvas.put(purpose.sign, at: Point(column: 0, row: row), role: .accent, attributes: .bold)
    let used = TextWidth.columns(of: editor.text)
    editor.draw(on: &canvas, at: Point(column: 1, row: row), width: width - 1, isActive: true)
    guard used + 2 < width else { return }
    if let error {
      canvas.put("  " + error, at: Point(column: used + 2, row: row), role: .error)
      return
    }
    let keys = KeyHint.fitting(hints, in: width).reduce(0) { $0 + $1.columns }
    var column = 1 + used + canvas.put(ghost, at: Point(column: 1 + used, row: row), role: .muted) + 2
    for other in completions.dropFirst(ghost.isEmpty ? 0 : 1).prefix(8) where other != editor.text {
      guard column + TextWidth.columns(of: other) + keys < width else { break }
      column += canvas.put(other, at: Point(column: column, row: row), role: .muted) + 2
    }
    if purpose == .filter, editor.isEmpty {
      column = 4 + canvas.put("text   !without   -l label=value", at: Point(column: 4, row: row), role: .muted)
    }
    if column + keys < width {
      KeyHint.draw(hints, on: &canvas, at: Point(column: width - keys + 1, row: row), keys)
    }
  }
}
