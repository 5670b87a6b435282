internal import KubeModel
internal import Terminal

/// A question before something that can't be taken back.
struct Confirmation: Sendable {
  /// What happens on yes.
  enum Deed: Hashable, Sendable {
    case delete([Target])
    case failNodes([String])
    case recoverNodes([String])
    case drainNodes([String])
    /// Make objects, or change them where they are there already.
    case make([KubeObject], changes: Bool)
    /// Run jobs again, by their UIDs, or only their failed indexes.
    case start([String], failedIndexes: Bool)
    case quit
    /// Run a plugin with this command line.
    case run(Plugin, [String])
    /// Leave a form with text in it.
    case discardForm
  }

  /// An object to be deleted, by name and UID: a namesake that takes its place is left alone.
  struct Target: Hashable, Sendable {
    var key: ObjectKey
    var uid: String
  }

  var title: String
  var lines: [StyledText]
  /// What the button for yes says.
  var yes: String
  var no: String
  var deed: Deed
  /// The button that Enter presses; no at first.
  var choosesYes = false

  enum Answer: Hashable, Sendable {
    case yes, no, open
  }

  mutating func handle(_ key: Key) -> Answer {
    switch key {
    case "y", "Y": return .yes
    // Who presses Esc twice wants to leave: a form that asks again each time would keep him.
    case "esc", "ctrl-c": return deed == .discardForm ? .yes : .no
    case "n", "N", "q": return .no
    case "left", "right", "tab", "backtab", "h", "l": choosesYes.toggle()
    case "enter": return choosesYes ? .yes : .no
    default: break
    }
    return .open
  }

  /// What its keys do.
  var hints: [KeyHint] {
    let leaves = deed == .discardForm
    return [
      KeyHint(leaves ? "y Esc" : "y", yes), KeyHint(leaves ? "n" : "n Esc", no),
      KeyHint("Tab", "choose"), KeyHint("Enter", choosesYes ? yes : no),
    ]
  }

  /// The lines at a width and in so many rows. What all of it comes to stands last and stays.
  private func body(width: Int, rows: Int) -> [StyledText] {
    let broken = lines.map {
      wrapped($0, width: width, betweenWords: true, hanging: $0.plain.hasPrefix("• ") ? "  " : [])
    }
    let all = Array(broken.joined())
    guard all.count > rows, let last = broken.last else { return Array(all.prefix(rows)) }
    let room = rows - last.count - 1
    guard room > 0 else { return Array(last.prefix(rows)) }
    return all.prefix(room) + [StyledText("…", .muted)] + last
  }

  func draw(on canvas: inout Canvas) {
    let inner = min(canvas.size.columns - 6, max(36, lines.map(\.columns).max() ?? 0))
    let body = body(width: inner, rows: max(1, canvas.size.rows - 5))
    let size = Size(columns: inner + 4, rows: body.count + 4)
    let rect = Rect(
      column: (canvas.size.columns - size.columns) / 2, row: max(0, (canvas.size.rows - size.rows) / 2),
      columns: size.columns, rows: size.rows)
    canvas.fill(rect)
    canvas.frame(rect, title: title, role: .danger, titleRole: .danger)
    for (index, line) in body.enumerated() {
      canvas.put(
        line, at: Point(column: rect.origin.column + 2, row: rect.origin.row + 1 + index), maxColumns: inner)
    }
    let row = rect.rowRange.upperBound - 2
    let buttons = [(" y  \(yes) ", choosesYes), (" n  \(no) ", !choosesYes)]
    let total = buttons.reduce(2) { $0 + TextWidth.columns(of: $1.0) }
    var column = max(rect.origin.column + 2, rect.origin.column + (size.columns - total) / 2)
    for (text, isChosen) in buttons {
      let room = rect.columnRange.upperBound - 1 - column
      column += canvas.put(
        text, at: Point(column: column, row: row), role: isChosen ? .selection : .muted,
        maxColumns: room)
      column += 2
    }
    canvas.cursor = nil
  }
}
