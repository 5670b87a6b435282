internal import Terminal

/// Reads files of styles: lines of `role = style` and `base = name`; `#` begins a comment.
enum ThemeFile {
  /// The theme of a file's text; `file` is what errors call it.
  static func theme(_ text: String, file: String) throws(ThemeProblem) -> Theme {
    var base: Theme?
    var styles: [String: String] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      // A colour may be written #rrggbb: a comment's # stands at the beginning or after a blank, with a blank behind.
      let content = line.firstRange(of: " # ").map { line[..<$0.lowerBound] } ?? line[...]
      let words = content.split(separator: "=", maxSplits: 1).map { $0.trimmed }
      if content.trimmed.isEmpty || content.trimmed.hasPrefix("#") { continue }
      guard words.count == 2, !words[0].isEmpty else {
        throw ThemeProblem("\(file):\(index + 1): expected 'role = style'")
      }
      if words[0] == "base" {
        guard let named = Theme.named(String(words[1])) else {
          throw ThemeProblem("\(file):\(index + 1): there is no theme '\(words[1])'")
        }
        base = named
      } else {
        styles[String(words[0])] = String(words[1])
      }
    }
    do {
      return try (base ?? .default).adding(styles)
    } catch {
      throw ThemeProblem("\(file): \(error)")
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = self
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
