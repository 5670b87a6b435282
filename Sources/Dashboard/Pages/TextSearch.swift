internal import Terminal

/// A search in the lines of a page for a text or a regular expression: ASCII letters of either case are equal.
struct TextSearch: Hashable, Sendable {
  let source: String
  private let needle: [UInt8]
  private let pattern: Pattern?

  init?(_ source: String) {
    guard !source.isEmpty else { return nil }
    self.source = source
    needle = Filter.folded(source)
    pattern = Pattern(source)
  }

  func matches(_ text: String) -> Bool {
    // What looks like an expression may stand there as it is, such as `[error]`.
    Filter.contains(text, needle) || pattern?.matches(text) == true
  }

  /// The first line with a match after `start`, or before it with `step` -1, round the end.
  func next(_ step: Int, from start: Int, in lines: [StyledText]) -> Int? {
    guard !lines.isEmpty else { return nil }
    for offset in 1...lines.count {
      let index = ((start + step * offset) % lines.count + lines.count) % lines.count
      if matches(lines[index].plain) { return index }
    }
    return nil
  }

  /// Where it stands in `text`, as offsets of characters.
  func ranges(in text: String) -> [Range<String.Index>] {
    guard matches(text) else { return [] }
    if let pattern, !Filter.contains(text, needle) { return pattern.ranges(in: text) }
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

  /// The styled text with its matches marked, wherever its styles change.
  func highlight(_ text: StyledText) -> StyledText {
    let plain = text.plain
    var ranges = ranges(in: plain)[...]
    guard !ranges.isEmpty else { return text }
    var spans: [Span] = []
    var place = plain.startIndex
    for span in text.spans {
      let end = plain.utf8.index(place, offsetBy: span.text.utf8.count)
      while place < end {
        while let range = ranges.first, range.upperBound <= place { ranges.removeFirst() }
        let match = ranges.first.map { $0.clamped(to: place..<end) } ?? end..<end
        if place < match.lowerBound || match.isEmpty {
          let next = match.isEmpty ? end : match.lowerBound
          spans.append(Span(String(plain[place..<next]), span.role, span.attributes))
          place = next
        } else {
          spans.append(Span(String(plain[match]), .match, .reverse))
          place = match.upperBound
        }
      }
    }
    return StyledText(spans)
  }
}

/// The columns that a part of a text takes.
func columns(of part: Range<String.Index>, in text: String) -> Range<Int> {
  let start = TextWidth.columns(of: String(text[..<part.lowerBound]))
  return start..<start + TextWidth.columns(of: String(text[part]))
}

/// How many columns are left out on the left so that some are in view on a page of `width`: as many as now where that
/// is enough, and none where they are in view then, so that lines are seen from their beginnings.
func shift(toShow part: Range<Int>, from left: Int, width: Int) -> Int {
  if part.lowerBound >= left, part.upperBound <= left + width { return left }
  return part.upperBound <= width ? 0 : max(0, part.lowerBound - width / 3)
}
