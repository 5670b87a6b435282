internal import KubeModel
internal import Terminal

extension AnyColumn {
  /// The title of what ``text(_:_:)`` says.
  var textTitle: String {
    if case .time(let title) = value { title } else { title }
  }

  /// What stands in the column, as one line of plain text: whole, with no sign and no bar, and empty for nothing.
  ///
  /// - Parameter context: without a width, so that it draws no bars.
  func text(_ item: Item, _ context: RowContext) -> String {
    switch (value, key(item, context)) {
    case (.text, _): return cellText(item, context)
    case (_, .none): return ""
    case (_, .text(let text)): return TextWidth.displayed(text)
    case (.seconds, .number(let microseconds)): return Self.seconds(microseconds)
    // Ages are sorted the other way round.
    case (.time, .number(let microseconds)): return Instant(microseconds: abs(microseconds)).rfc3339(fraction: false)
    case (.key, .number(let number)): return String(number)
    }
  }

  /// What its cell says, whole, with no sign and no bar, and empty for nothing.
  func cellText(_ item: Item, _ context: RowContext) -> String {
    var spans = cell(item, context).spans
    if spans.count == 1, spans == StyledText.nothing.spans { return "" }
    if let sign = Standing.signs.first(where: { spans.first?.text.hasPrefix($0 + " ") == true }) {
      spans[0].text = String(spans[0].text.dropFirst(sign.count + 1))
    }
    let text = TextWidth.displayed(StyledText(spans).plain)
    return String(text.drop { $0 == " " })
  }

  private static func seconds(_ microseconds: Int64) -> String {
    let millis = String(1000 + abs(microseconds / 1000) % 1000).dropFirst()
    return "\(microseconds < 0 ? "-" : "")\(abs(microseconds / 1_000_000)).\(millis)"
  }
}

/// A table as comma-separated values (RFC 4180), for spreadsheets too: what looks like a formula is none.
struct CSV {
  let columns: [AnyColumn]
  let rows: RowOrder
  let context: RowContext

  var text: String {
    var text = Self.line(columns.map(\.textTitle))
    for item in rows.items { text += Self.line(columns.map { $0.text(item, context) }) }
    return text
  }

  static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\r\n" }

  private static func field(_ text: String) -> String {
    // A spreadsheet would compute what begins so; behind an apostrophe it is text. Numbers stay numbers.
    let isFormula = text.first.map { "=+-@".contains($0) } == true && Double(text) == nil
    let text = isFormula ? "'" + text : text
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
