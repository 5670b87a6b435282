internal import Terminal

/// One line of text being typed, with a cursor.
struct LineEditor: Hashable, Sendable {
  private(set) var characters: [Character] = []
  private(set) var cursor = 0
  /// A paste beyond this is cut; no field of ours is longer.
  private static let limit = 4096

  init(_ text: String = "") { replace(text) }

  var text: String { String(characters) }
  var isEmpty: Bool { characters.isEmpty }
  var isAtEnd: Bool { cursor == characters.count }

  mutating func replace(_ text: String) {
    characters = Array(text.prefix(Self.limit))
    cursor = characters.count
  }

  /// Puts the cursor in front of the character that stands `columns` from the text's beginning, or behind the last one.
  mutating func moveCursor(toColumn columns: Int) {
    var left = columns
    cursor =
      characters.firstIndex { character in
        left -= TextWidth.columns(of: String(character))
        return left < 0
      } ?? characters.count
  }

  /// Columns of the text that are out of view on the left in `width` columns, while the cursor is in it.
  func skipped(in width: Int) -> Int { max(0, TextWidth.columns(of: String(characters[..<cursor])) - width + 1) }

  /// Inserts pasted text; line breaks become blanks.
  mutating func insert(_ text: String) {
    var piece = text.map { $0.isNewline ? " " : $0 }
    while piece.last == " " { piece.removeLast() }
    piece = Array(piece.prefix(max(0, Self.limit - characters.count)))
    characters.insert(contentsOf: piece, at: cursor)
    cursor += piece.count
  }

  /// The keys with Alt that mean something.
  static let altKeys: Set<Key> = ["alt-b", "alt-f", "alt-d", "alt-backspace"]

  /// The beginning of the word in front of the cursor.
  private var wordStart: Int {
    var start = cursor
    while start > 0, characters[start - 1] == " " { start -= 1 }
    while start > 0, characters[start - 1] != " " { start -= 1 }
    return start
  }

  /// The end of the word behind the cursor.
  private var wordEnd: Int {
    var end = cursor
    while end < characters.count, characters[end] == " " { end += 1 }
    while end < characters.count, characters[end] != " " { end += 1 }
    return end
  }

  /// Handles a key; false when it means nothing to a line of text.
  mutating func handle(_ key: Key) -> Bool {
    switch key {
    case "left", "ctrl-b": cursor = max(0, cursor - 1)
    case "right", "ctrl-f": cursor = min(characters.count, cursor + 1)
    case "home", "ctrl-a": cursor = 0
    case "end", "ctrl-e": cursor = characters.count
    case "backspace", "ctrl-h":
      guard cursor > 0 else { return true }
      cursor -= 1
      characters.remove(at: cursor)
    case "delete": if cursor < characters.count { characters.remove(at: cursor) }
    case "ctrl-u":
      characters.removeFirst(cursor)
      cursor = 0
    case "ctrl-k": characters.removeLast(characters.count - cursor)
    case "alt-b", "ctrl-left": cursor = wordStart
    case "alt-f", "ctrl-right": cursor = wordEnd
    case "alt-d": characters.removeSubrange(cursor..<wordEnd)
    case "ctrl-w", "alt-backspace":
      let start = wordStart
      characters.removeSubrange(start..<cursor)
      cursor = start
    default:
      guard let character = key.typed else { return false }
      guard characters.count < Self.limit else { return true }
      characters.insert(character, at: cursor)
      cursor += 1
    }
    return true
  }

  /// Draws the line in `width` columns so that the cursor is in view; puts the canvas' cursor there when `isActive`.
  func draw(on canvas: inout Canvas, at point: Point, width: Int, role: Role = .input, isActive: Bool) {
    guard width > 0 else { return }
    let before = TextWidth.columns(of: String(characters[..<cursor]))
    let skip = isActive ? skipped(in: width) : 0
    canvas.fill(Rect(origin: point, size: Size(columns: width, rows: 1)), role: role)
    canvas.put(shifted(StyledText(text, role), by: skip), at: point, maxColumns: width, ellipsis: !isActive)
    if isActive { canvas.cursor = Point(column: point.column + before - skip, row: point.row) }
  }
}
