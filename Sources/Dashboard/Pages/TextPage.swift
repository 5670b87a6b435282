internal import KubeModel
internal import Terminal

/// What a page of text tells about.
enum TextSubject: Hashable, Sendable {
  case describe(Kind, uid: String, name: String)
  case yaml(Kind, uid: String, name: String)
  case help
  case messages

  var title: String {
    switch self {
    case .describe: "Describe"
    case .yaml: "YAML"
    case .help: "Help"
    case .messages: "Messages"
    }
  }

  /// The object it is about.
  var object: (kind: Kind, uid: String, name: String)? {
    switch self {
    case .describe(let kind, let uid, let name), .yaml(let kind, let uid, let name): (kind, uid, name)
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
  var wraps = false { didSet { if wraps != oldValue { wrap() } } }
  var height = 20
  var width = 80 { didSet { if width != oldValue { wrap() } } }
  /// The lines as they are drawn: whole, or broken at the width.
  private(set) var shown: [StyledText] = []
  private(set) var search: TextSearch?
  private(set) var hit: Int?
  /// Those of `shown` that the search matches.
  private var matches: [Int] = []
  /// Whether the lines are to be made anew.
  var isStale = true
  /// Messages are read from the last one back.
  private var beginsAtEnd: Bool

  init(_ subject: TextSubject) {
    self.subject = subject
    beginsAtEnd = subject == .messages
    // Sentences are to be read to their end; the lines of YAML are what they are.
    if case .yaml = subject { wraps = false } else { wraps = true }
  }

  mutating func setLines(_ lines: [StyledText]) {
    self.lines = lines
    isStale = false
    wrap()
    scroll(by: beginsAtEnd ? .max : 0)
    beginsAtEnd = false
  }

  /// Which of the matches is shown, and how many there are; `nil` without a search or a match.
  var matchText: String? {
    guard let last = matches.last else { return nil }
    let number = hit.flatMap { hit in hit <= last ? matches.firstIndex(of: hit) : nil }
    return number.map { "match \(Format.count($0 + 1)) of \(Format.count(matches.count))" }
      ?? Format.plural(matches.count, "match", "matches")
  }

  private mutating func wrap() {
    defer { findMatches() }
    shown = wraps ? lines.flatMap { wrapped($0, width: width, betweenWords: true, hanging: hang($0)) } : lines
  }

  /// What the further pieces of a broken line begin with, so that they stand under its text.
  private func hang(_ line: StyledText) -> StyledText {
    switch subject {
    case .messages:
      let head = StyledText(line.spans.dropLast()).columns
      return StyledText(String(repeating: " ", count: head))
    case .describe where line.spans.count == 3 && line.spans[1].role == .fieldName:
      let blanks = line.spans[2].text.prefix { $0 == " " }.utf8.count
      return StyledText(String(repeating: " ", count: StyledText(line.spans.dropLast()).columns + blanks))
    case .describe, .yaml:
      return StyledText(String(line.plain.prefix { $0 == " " }) + "  ")
    case .help: return "                "
    }
  }

  mutating func scroll(by rows: Int) {
    top = min(max(0, top.saturatingAdd(rows)), max(0, shown.count - height))
  }

  mutating func scrollSideways(by columns: Int) {
    let widest = lines.map(\.columns).max() ?? 0
    left = min(max(0, left + columns), max(0, widest - width / 2))
  }

  private mutating func findMatches() {
    matches = search.map { search in shown.indices.filter { search.matches(shown[$0].plain) } } ?? []
  }

  mutating func find(_ search: TextSearch?) {
    self.search = search
    hit = nil
    findMatches()
    if search != nil { findNext(1, from: top - 1) }
  }

  /// Goes to the next line with a match, or the one before with `step` -1, round the end. False when there is none.
  @discardableResult
  mutating func findNext(_ step: Int, from: Int? = nil) -> Bool {
    guard let search, let index = search.next(step, from: from ?? hit ?? (step > 0 ? top - 1 : top), in: shown) else {
      return false
    }
    hit = index
    if index < top || index >= top + height { top = max(0, index - height / 3) }
    scroll(by: 0)
    let text = shown[index].plain
    if !wraps, let match = search.ranges(in: text).first {
      left = shift(toShow: columns(of: match, in: text), from: left, width: max(1, width))
    }
    return true
  }
}
