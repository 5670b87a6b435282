internal import KubeModel
internal import Terminal

/// What a page of text tells about.
enum TextSubject: Hashable, Sendable {
  case describe(Kind, uid: String, name: String)
  case yaml(Kind, uid: String, name: String)
  case why(Kind, uid: String, name: String)
  case help
  case messages

  var title: String {
    switch self {
    case .describe: "Describe"
    case .yaml: "YAML"
    case .why: "Why"
    case .help: "Help"
    case .messages: "Messages"
    }
  }

  /// The object it is about.
  var object: (kind: Kind, uid: String, name: String)? {
    switch self {
    case .describe(let kind, let uid, let name), .yaml(let kind, let uid, let name), .why(let kind, let uid, let name):
      (kind, uid, name)
    case .help, .messages: nil
    }
  }
}

/// Lines to read, scroll and search.
struct TextPage: Sendable {
  let subject: TextSubject
  private(set) var lines: [StyledText] = []
  var top = 0
  /// Columns that are scrolled out on the left.
  var left = 0
  var wraps = false
  var height = 20
  var width = 80
  private(set) var search: TextSearch?
  private(set) var hit: Int?
  /// Whether the lines are to be made anew.
  var isStale = true

  init(_ subject: TextSubject) {
    self.subject = subject
    // Sentences are to be read to their end.
    switch subject {
    case .why, .messages: wraps = true
    case .describe, .yaml, .help: break
    }
  }

  mutating func setLines(_ lines: [StyledText]) {
    self.lines = lines
    isStale = false
    scroll(by: 0)
  }

  /// The lines as they are drawn: whole, or broken at the width.
  var shown: [StyledText] { wraps ? lines.flatMap { wrapped($0, width: width) } : lines }

  mutating func scroll(by rows: Int) {
    let count = wraps ? shown.count : lines.count
    top = min(max(0, top.saturatingAdd(rows)), max(0, count - height))
  }

  mutating func scrollSideways(by columns: Int) {
    let widest = lines.map(\.columns).max() ?? 0
    left = min(max(0, left + columns), max(0, widest - width / 2))
  }

  mutating func find(_ search: TextSearch?) {
    self.search = search
    hit = nil
    if search != nil { findNext(1, from: top - 1) }
  }

  /// Goes to the next line with a match, or the one before with `step` -1, round the end. False when there is none.
  @discardableResult
  mutating func findNext(_ step: Int, from: Int? = nil) -> Bool {
    guard let search else { return false }
    let lines = shown
    guard !lines.isEmpty else { return false }
    let start = from ?? hit ?? (step > 0 ? top - 1 : top)
    for offset in 1...lines.count {
      let index = ((start + step * offset) % lines.count + lines.count) % lines.count
      if search.matches(lines[index].plain) {
        hit = index
        if index < top || index >= top + height { top = max(0, index - height / 3) }
        scroll(by: 0)
        return true
      }
    }
    return false
  }
}

/// A styled line broken into pieces of at most `width` columns.
func wrapped(_ text: StyledText, width: Int) -> [StyledText] {
  guard width > 0, text.columns > width else { return [text] }
  var lines: [StyledText] = []
  var line = StyledText()
  var used = 0
  for span in text.spans {
    var rest = Substring(TextWidth.displayed(span.text))
    while !rest.isEmpty {
      var columns = 0
      var end = rest.startIndex
      while end < rest.endIndex {
        let next = rest.index(after: end)
        let step = TextWidth.columns(of: rest[end..<next])
        if used + columns + step > width, columns + used > 0 { break }
        columns += step
        end = next
      }
      if end > rest.startIndex {
        line.spans.append(Span(String(rest[..<end]), span.role, span.attributes))
        used += columns
        rest = rest[end...]
      }
      if !rest.isEmpty {
        lines.append(line)
        line = StyledText()
        used = 0
      }
    }
  }
  lines.append(line)
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
