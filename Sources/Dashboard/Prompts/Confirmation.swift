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
    /// Suspend jobs of which pods run.
    case suspend([Target])
    /// Set a switch back.
    case undo(Switched)
    case quit
    /// Run a plugin with this command line.
    case run(Plugin, [String])
    /// Leave a form with text in it.
    case discardForm(then: AfterForm)
  }

  /// Where one goes from a form that is left.
  enum AfterForm: Hashable, Sendable {
    /// To the page below it.
    case page
    case templates, files
  }

  /// An object to be deleted, by name and UID: a namesake that takes its place is left alone.
  struct Target: Hashable, Sendable {
    var key: ObjectKey
    var uid: String
  }

  var title: String
  let lines: [StyledText]
  /// What the button for yes says.
  var yes: String
  var no: String
  var deed: Deed
  /// The button that Enter presses; no at first.
  var choosesYes = false
  /// The first line that is shown, where there are more than have a place.
  private(set) var top = 0
  /// Columns of the widest line.
  private let widest: Int

  init(title: String, lines: [StyledText], yes: String, no: String, deed: Deed) {
    (self.title, self.lines, self.yes, self.no, self.deed) = (title, lines, yes, no, deed)
    widest = lines.lazy.map(\.columns).max() ?? 0
  }

  enum Answer: Hashable, Sendable {
    case yes, no, open
  }

  /// Takes a key on a screen of this size.
  mutating func handle(_ key: Key, _ size: Size) -> Answer {
    switch key {
    case "down", "j": scroll(by: 1, size)
    case "up", "k": scroll(by: -1, size)
    case "pgdn", "ctrl-f", "space": scroll(by: max(1, room(size).rows - 4), size)
    case "pgup", "ctrl-b": scroll(by: -max(1, room(size).rows - 4), size)
    case "home", "g": top = 0
    case "end", "G": scroll(by: lines.count, size)
    case "y", "Y": return .yes
    // Who presses Esc twice wants to leave: a form that asks again each time would keep him.
    case "esc", "ctrl-c": return deed == .discardForm(then: .page) ? .yes : .no
    case "n", "N", "q": return .no
    case "left", "right", "tab", "backtab", "h", "l": choosesYes.toggle()
    case "enter": return choosesYes ? .yes : .no
    default: break
    }
    return .open
  }

  /// What its keys do.
  var hints: [KeyHint] {
    let leaves = deed == .discardForm(then: .page)
    return [
      KeyHint(leaves ? "y Esc" : "y", yes, press: "y"), KeyHint(leaves ? "n" : "n Esc", no, press: "n"),
      KeyHint("Tab", "choose", press: "tab"), KeyHint("Enter", choosesYes ? yes : no, press: "enter"),
    ]
  }

  /// The columns and rows that there are for lines.
  private func room(_ size: Size) -> (columns: Int, rows: Int) {
    (min(size.columns - 6, max(36, widest)), max(1, size.rows - 5))
  }

  private func broken(_ line: StyledText, _ width: Int) -> [StyledText] {
    wrapped(line, width: width, betweenWords: true, hanging: line.plain.hasPrefix("• ") ? "  " : [])
  }

  /// The lines at a width and in so many rows, from `top` on. What all of it comes to stands last and stays; there may
  /// be very many, of which only those that show are looked at.
  private func body(width: Int, rows: Int) -> [StyledText] {
    guard let line = lines.last else { return [] }
    if lines.count <= rows {
      let all = lines.flatMap { broken($0, width) }
      if all.count <= rows { return all }
    }
    let last = broken(line, width)
    let room = rows - last.count - 1
    guard room > 0 else { return Array(last.prefix(rows)) }
    let listed = lines.dropLast()
    let first = min(top, maximumTop(width, room))
    var shown: [StyledText] = []
    var next = first
    while next < listed.count, shown.count < room {
      let pieces = broken(listed[next], width)
      guard shown.isEmpty || shown.count + pieces.count <= room else { break }
      shown += pieces.prefix(room)
      next += 1
    }
    let below = listed.count - next
    let place =
      (first > 0 ? "↑ \(Format.count(first)) above" : "") + (first > 0 && below > 0 ? "  " : "")
      + (below > 0 ? "↓ \(Format.count(below)) below" : "")
    return shown + [StyledText(place, .accent)] + last
  }

  /// The first line that is shown at the end of the list.
  private func maximumTop(_ width: Int, _ room: Int) -> Int {
    var (index, left) = (lines.count - 1, room)
    while index > 0 {
      left -= broken(lines[index - 1], width).count
      if left < 0 { break }
      index -= 1
    }
    return min(index, max(0, lines.count - 2))
  }

  mutating func scroll(by count: Int, _ size: Size) {
    let (columns, rows) = room(size)
    let last = lines.last.map { broken($0, columns).count } ?? 0
    let fits = lines.count <= rows && lines.reduce(0) { $0 + broken($1, columns).count } <= rows
    top = fits ? 0 : min(max(0, top + count), maximumTop(columns, max(1, rows - last - 1)))
  }

  /// Draws it in the middle. Returns where its buttons are.
  func draw(on canvas: inout Canvas) -> [Click] {
    let (inner, rows) = room(canvas.size)
    let body = body(width: inner, rows: rows)
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
    let buttons: [(String, Bool, Key)] = [(" y  \(yes) ", choosesYes, "y"), (" n  \(no) ", !choosesYes, "n")]
    let total = buttons.reduce(2) { $0 + TextWidth.columns(of: $1.0) }
    var column = max(rect.origin.column + 2, rect.origin.column + (size.columns - total) / 2)
    var clicks: [Click] = []
    for (text, isChosen, key) in buttons {
      let room = rect.columnRange.upperBound - 1 - column
      let used = canvas.put(
        text, at: Point(column: column, row: row), role: isChosen ? .selection : .muted,
        maxColumns: room)
      clicks.append(Click(.press(key), column: column, row: row, columns: used))
      column += used + 2
    }
    canvas.cursor = nil
    return clicks
  }
}
