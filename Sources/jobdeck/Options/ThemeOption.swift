import Terminal

/// What `--theme` names: a theme that comes with the program, or a file.
enum ThemeOption {
  struct Problem: Error {
    var description: String
  }

  /// A name without a slash is looked for among the built-in themes first.
  static func theme(_ argument: String) throws(Problem) -> Theme {
    if let theme = Theme.named(argument) { return theme }
    let names = Theme.builtIn.map(\.name).joined(separator: ", ")
    let files: [InputFiles.File]
    do {
      files = try InputFiles.read(argument)
    } catch {
      guard argument.contains("/") || argument.contains(".") else {
        throw Problem(description: "there is no theme '\(argument)'; there are: \(names), or the path of a file")
      }
      throw Problem(description: error.description)
    }
    return try theme(from: String(decoding: files.flatMap(\.bytes), as: UTF8.self), name: argument)
  }

  /// Reads lines of `role = style` and `base = name`; `#` begins a comment.
  static func theme(from text: String, name: String) throws(Problem) -> Theme {
    var base: Theme?
    var styles: [String: String] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      // A colour may be written #rrggbb: a comment's # stands at the beginning or after a blank, with a blank behind.
      let content = line.firstRange(of: " # ").map { line[..<$0.lowerBound] } ?? line[...]
      let words = content.split(separator: "=", maxSplits: 1).map { $0.trimmed }
      if content.trimmed.isEmpty || content.trimmed.hasPrefix("#") { continue }
      guard words.count == 2, !words[0].isEmpty else {
        throw Problem(description: "\(name):\(index + 1): expected 'role = style'")
      }
      if words[0] == "base" {
        guard let named = Theme.named(String(words[1])) else {
          throw Problem(description: "\(name):\(index + 1): there is no theme '\(words[1])'")
        }
        base = named
      } else {
        styles[String(words[0])] = String(words[1])
      }
    }
    do {
      return try (base ?? .default).adding(styles)
    } catch {
      throw Problem(description: "\(name): \(error)")
    }
  }
}

extension Substring {
  var trimmed: Substring {
    var text = self
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
