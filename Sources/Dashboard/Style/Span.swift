internal import Terminal

/// A piece of text in one style.
struct Span: Hashable, Sendable {
  var text: String
  var role: Role
  var attributes: Attributes

  init(_ text: String, _ role: Role = .text, _ attributes: Attributes = []) {
    self.text = text
    self.role = role
    self.attributes = attributes
  }
}

/// A line of styled pieces: a table's cell, a line of a text page.
struct StyledText: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
  var spans: [Span]

  init(_ spans: [Span] = []) { self.spans = spans }
  init(_ text: String, _ role: Role = .text, _ attributes: Attributes = []) {
    spans = [Span(text, role, attributes)]
  }
  init(stringLiteral value: String) { self.init(value) }
  init(arrayLiteral elements: Span...) { spans = elements }

  /// What stands where there is nothing to show.
  static let nothing = StyledText("-", .muted)

  /// The columns it takes.
  var columns: Int { spans.reduce(0) { $0 + TextWidth.columns(of: $1.text) } }

  var plain: String { spans.map(\.text).joined() }

  /// The text in at most `columns` columns; where something has to go, its last few columns stay.
  func cutBeforeEnd(to columns: Int) -> StyledText {
    guard self.columns > columns, let first = spans.first else { return self }
    // As many as `-x7k2p` has, which a controller puts behind a name.
    let end = TextWidth.truncate(plain, to: min(6, columns / 3), ellipsis: "", cut: .start)
    let start = TextWidth.truncate(plain, to: columns - TextWidth.columns(of: end))
    return StyledText(start + end, first.role, first.attributes)
  }

  /// The text in at most `columns` columns, with an ellipsis where something has to go.
  func cut(to columns: Int) -> StyledText {
    guard self.columns > columns else { return self }
    var (left, cut) = (columns, [Span]())
    for span in spans where left > 0 {
      let text = TextWidth.truncate(span.text, to: left)
      left = text == span.text ? left - TextWidth.columns(of: text) : 0
      cut.append(Span(text, span.role, span.attributes))
    }
    return StyledText(cut)
  }

  static func + (left: StyledText, right: StyledText) -> StyledText { StyledText(left.spans + right.spans) }
}

extension Canvas {
  /// Writes styled text on one row, at most `maxColumns` wide; what is longer ends in an ellipsis.
  /// Returns the columns it took.
  @discardableResult
  mutating func put(_ text: StyledText, at point: Point, maxColumns: Int = .max, ellipsis: Bool = true) -> Int {
    let room = min(maxColumns, size.columns - point.column)
    guard room > 0 else { return 0 }
    let cuts = ellipsis && text.columns > room
    var used = 0
    for (index, span) in text.spans.enumerated() where used < room {
      let left = room - used
      // Only the span that reaches over the edge is cut, and one that ends at it while another follows.
      let width = cuts ? TextWidth.columns(of: span.text) : 0
      let isLast = index == text.spans.count - 1
      if cuts, width > left || (width == left && !isLast) {
        let cut = width > left ? TextWidth.truncate(span.text, to: left) : TextWidth.truncate(span.text + " ", to: left)
        used += put(
          cut, at: Point(column: point.column + used, row: point.row), role: span.role, attributes: span.attributes,
          maxColumns: left)
        break
      }
      used += put(
        span.text, at: Point(column: point.column + used, row: point.row), role: span.role,
        attributes: span.attributes, maxColumns: left)
    }
    return used
  }
}

/// A horizontal bar of exactly `width` columns: heavy where it is filled, light where it is not.
func bar(_ part: Double, of whole: Double, width: Int, role: Role) -> [Span] {
  guard width > 0 else { return [] }
  let share = whole > 0 ? min(max(part / whole, 0), 1) : 0
  var filled = Int((share * Double(width)).rounded())
  // Full only when it is full, empty only when it is empty.
  if share < 1, filled == width { filled = width - 1 }
  if share > 0, filled == 0 { filled = 1 }
  var spans: [Span] = []
  if filled > 0 { spans.append(Span(String(repeating: "━", count: filled), role)) }
  if filled < width { spans.append(Span(String(repeating: "─", count: width - filled), .barEmpty)) }
  return spans
}

/// The role of a bar of something that should not become full.
func loadRole(_ part: Double, of whole: Double) -> Role {
  let share = whole > 0 ? part / whole : 0
  return share >= 0.9 ? .barHigh : share >= 0.7 ? .barMiddle : .barLow
}
