internal import Terminal

/// A key and in a word or two what it does, for the footer.
struct KeyHint: Hashable, Sendable {
  var key: String
  var title: String
  /// What a click on it presses.
  var press: Key?

  init(_ key: String, _ title: String, press: Key? = nil) {
    self.key = key
    self.title = title
    self.press = press
  }

  /// The columns it takes with the gap behind it.
  var columns: Int { TextWidth.columns(of: key) + 1 + TextWidth.columns(of: title) + 2 }

  /// The first of the hints that fit, which are the most important ones: what is there on a narrow screen is there on
  /// every wider one.
  static func fitting<Hints: Collection<KeyHint>>(_ hints: Hints, in columns: Int) -> Hints.SubSequence {
    // The last one needs no gap.
    var left = columns + 2
    return hints.prefix { hint in
      left -= hint.columns
      return left >= 0
    }
  }

  /// Draws those hints that fit in `columns`. Returns where they stand.
  static func draw(
    _ hints: some Collection<KeyHint>, on canvas: inout Canvas, at point: Point, _ columns: Int
  ) -> [Click] {
    var column = point.column
    var clicks: [Click] = []
    for hint in fitting(hints, in: columns) {
      canvas.put(hint.key, at: Point(column: column, row: point.row), role: .key, attributes: .bold)
      canvas.put(
        hint.title, at: Point(column: column + TextWidth.columns(of: hint.key) + 1, row: point.row), role: .muted)
      if let key = hint.press {
        clicks.append(Click(.press(key), column: column, row: point.row, columns: hint.columns - 2))
      }
      column += hint.columns
    }
    return clicks
  }
}
