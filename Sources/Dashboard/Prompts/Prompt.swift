internal import Terminal

/// The line at the bottom while a command, a filter or a search is typed.
struct Prompt: Hashable, Sendable {
  enum Purpose: Hashable, Sendable {
    case command, filter, search
    /// Which lines of a log are shown.
    case lines
    /// The file that a log is written to.
    case save
    /// An input of a plugin.
    case input(PluginQuestion)

    /// What stands before the line.
    var sign: String {
      switch self {
      case .command: ":"
      case .save: "Save to: "
      case .filter, .search: "/"
      case .lines: "&"
      case .input(let question): TextWidth.truncate(question.input.label, to: 24) + ": "
      }
    }

    /// Whether what the line could go on with is listed above it.
    var hasList: Bool {
      switch self {
      case .command, .input, .save: true
      case .filter, .search, .lines: false
      }
    }
  }

  /// A directory that was read for completion.
  struct Listing: Hashable, Sendable {
    let path: String
    let entries: [DirectoryEntry]
  }

  let purpose: Purpose
  var editor: LineEditor
  /// Ways to go on from what was typed, best first.
  var completions: [Completion] = []
  /// Which of them stands in the line, once Tab has put one there.
  private(set) var chosen: Int?
  var listing: Listing?
  /// A directory that is being read.
  var wantedDirectory: String?
  /// What is wrong with it so far.
  var error: String?
  /// Where in the history we are: 0 is the line being typed.
  var historyPosition = 0
  var draft = ""
  /// What the filter was, for Esc.
  let before: String

  init(_ purpose: Purpose, text: String = "") {
    self.purpose = purpose
    editor = LineEditor(text)
    before = text
  }

  /// What the best completion adds, shown behind the cursor.
  var ghost: String {
    guard chosen == nil, editor.isAtEnd, let best = completions.first?.text, best.hasPrefix(editor.text) else {
      return ""
    }
    return String(best.dropFirst(editor.text.count))
  }

  /// Puts the next completion, or the one before, into the line; true when it is the only one, from which to go on.
  mutating func choose(_ step: Int) -> Bool {
    guard !completions.isEmpty else { return false }
    let count = completions.count
    let next = chosen.map { ($0 + step + count) % count } ?? (step > 0 ? 0 : count - 1)
    chosen = next
    editor.replace(completions[next].text)
    return count == 1
  }

  /// Puts one of the completions into the line; true when it is the only one, from which to go on.
  mutating func choose(at index: Int) -> Bool {
    guard completions.indices.contains(index) else { return false }
    chosen = index
    editor.replace(completions[index].text)
    return completions.count == 1
  }

  /// Takes the best completion.
  mutating func complete() {
    if let best = completions.first { editor.replace(best.text) }
  }

  /// Takes what the line could go on with now.
  mutating func offer(_ completions: [Completion]) {
    self.completions = completions
    chosen = nil
  }

  /// Steps through earlier commands, newest first.
  mutating func recall(_ step: Int, history: [String]) {
    let next = historyPosition + step
    guard next >= 0, next <= history.count else { return }
    if historyPosition == 0 { draft = editor.text }
    historyPosition = next
    editor.replace(next == 0 ? draft : history[history.count - next])
    offer([])
  }
}
