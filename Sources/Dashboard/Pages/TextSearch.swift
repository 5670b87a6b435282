internal import Terminal

/// A search in the lines of a page: ASCII letters of either case are equal.
struct TextSearch: Hashable, Sendable {
  let source: String
  private let needle: [UInt8]

  init?(_ source: String) {
    guard !source.isEmpty else { return nil }
    self.source = source
    needle = Filter.folded(source)
  }

  func matches(_ text: String) -> Bool { Filter.contains(text, needle) }

  /// Where it stands in `text`, as offsets of characters.
  func ranges(in text: String) -> [Range<String.Index>] {
    guard matches(text) else { return [] }
    var ranges: [Range<String.Index>] = []
    let utf8 = text.utf8
    var start = utf8.startIndex
    while start < utf8.endIndex {
      var (at, matched) = (start, 0)
      while matched < needle.count, at < utf8.endIndex, Filter.folded(utf8[at]) == needle[matched] {
        at = utf8.index(after: at)
        matched += 1
      }
      // A match that would cut a character in two is none.
      if matched == needle.count, let low = start.samePosition(in: text), let high = at.samePosition(in: text) {
        ranges.append(low..<high)
        start = at
      } else {
        start = utf8.index(after: start)
      }
    }
    return ranges
  }

  /// The styled text with its matches marked.
  func highlight(_ text: StyledText) -> StyledText {
    var spans: [Span] = []
    for span in text.spans {
      var rest = span.text.startIndex
      for range in ranges(in: span.text) {
        if rest < range.lowerBound {
          spans.append(Span(String(span.text[rest..<range.lowerBound]), span.role, span.attributes))
        }
        spans.append(Span(String(span.text[range]), .match, .reverse))
        rest = range.upperBound
      }
      if rest < span.text.endIndex { spans.append(Span(String(span.text[rest...]), span.role, span.attributes)) }
    }
    return StyledText(spans)
  }
}
