internal import Terminal

/// A styled line broken into pieces of at most `width` columns: at the edge, or where that is possible `betweenWords`,
/// and then with `hanging` in front of all pieces but the first. O(n)
func wrapped(
  _ text: StyledText, width: Int, betweenWords: Bool = false, hanging: StyledText = []
) -> [StyledText] {
  guard width > 0, text.columns > width else { return [text] }
  // A narrow page has no room to spare.
  let hanging = hanging.columns <= width / 2 ? hanging : []
  let glyphs = text.spans.enumerated().flatMap { index, span in
    TextWidth.displayed(span.text).map { (character: $0, columns: TextWidth.columns(of: String($0)), span: index) }
  }
  var lines: [StyledText] = []
  var start = 0
  repeat {
    let lead: StyledText = lines.isEmpty ? [] : hanging
    var (end, used) = (start, lead.columns)
    while end < glyphs.count, end == start || used + glyphs[end].columns <= width {
      used += glyphs[end].columns
      end += 1
    }
    var next = end
    if betweenWords, end < glyphs.count {
      // Not before the first word, nor between what hangs on the left and the text.
      var first = start
      var columns = lead.columns
      while first < end, columns < hanging.columns || glyphs[first].character == " " {
        columns += glyphs[first].columns
        first += 1
      }
      if glyphs[end].character != " " {
        let blank = glyphs[start..<end].lastIndex { $0.character == " " }
        if let blank, blank >= first { (end, next) = (blank, blank) }
      }
      while next < glyphs.count, glyphs[next].character == " " { next += 1 }
    }
    var line = lead
    var piece = start
    while piece < end {
      let span = glyphs[piece].span
      let rest = glyphs[piece..<end].prefix { $0.span == span }
      line.spans.append(Span(String(rest.map(\.character)), text.spans[span].role, text.spans[span].attributes))
      piece = rest.endIndex
    }
    lines.append(line)
    start = next
  } while start < glyphs.count
  return lines
}

/// A styled line without its first `columns` columns.
func shifted(_ text: StyledText, by columns: Int) -> StyledText {
  guard columns > 0 else { return text }
  var left = columns
  var spans: [Span] = []
  for span in text.spans {
    if left == 0 {
      spans.append(span)
      continue
    }
    let width = TextWidth.columns(of: span.text)
    if width <= left {
      left -= width
      continue
    }
    var rest = Substring(TextWidth.displayed(span.text))
    while left > 0, let first = rest.first {
      left -= TextWidth.columns(of: String(first))
      rest = rest.dropFirst()
    }
    // Half of a wide character is left over.
    spans.append(Span(String(repeating: " ", count: max(0, -left)) + rest, span.role, span.attributes))
    left = 0
  }
  return StyledText(spans)
}
