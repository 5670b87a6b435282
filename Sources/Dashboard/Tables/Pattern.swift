internal import Glibc

/// A regular expression (POSIX, extended), for which ASCII letters of either case are equal.
///
/// The C library matches it in time linear in the text, so that no expression holds the screen; what would not be
/// linear (references back, counted repetition) is no pattern.
struct Pattern: Hashable, Sendable {
  private let source: String
  private let compiled: Compiled

  /// What makes a text a pattern: a dot does not, because names have dots.
  private static let signs: Set<Character> = ["^", "$", "*", "+", "?", "|", "[", "("]

  /// - Returns: `nil` for text without any sign of a pattern, and for what cannot be read as one.
  init?(_ source: String) {
    guard source.utf8.count <= 256, source.contains(where: Self.signs.contains),
      !source.contains(where: { $0 == "\\" || $0 == "{" || $0 == "\0" }), let compiled = Compiled(source)
    else { return nil }
    self.source = source
    self.compiled = compiled
  }

  func matches(_ text: String) -> Bool { compiled.matches(text) }

  /// Where it matches in `text`, without the matches of nothing.
  func ranges(in text: String) -> [Range<String.Index>] {
    compiled.ranges(in: text).compactMap { range in
      let utf8 = text.utf8
      // A match that would cut a character in two is none.
      guard let low = utf8.index(utf8.startIndex, offsetBy: range.lowerBound).samePosition(in: text),
        let high = utf8.index(utf8.startIndex, offsetBy: range.upperBound).samePosition(in: text)
      else { return nil }
      return low..<high
    }
  }

  static func == (left: Pattern, right: Pattern) -> Bool { left.source == right.source }
  func hash(into hasher: inout Hasher) { hasher.combine(source) }

  // Safe to send: it is written by `init` alone, and POSIX lets many threads match with one compiled expression.
  private final class Compiled: @unchecked Sendable {
    private var expression = regex_t()

    init?(_ source: String) {
      guard regcomp(&expression, source, REG_EXTENDED | REG_ICASE) == 0 else { return nil }
    }

    deinit { regfree(&expression) }

    func matches(_ text: String) -> Bool {
      withUnsafePointer(to: &expression) { regexec($0, text, 0, nil, 0) == 0 }
    }

    /// In bytes.
    func ranges(in text: String) -> [Range<Int>] {
      text.withCString { start in
        var ranges: [Range<Int>] = []
        var from = 0
        let length = strlen(start)
        var match = regmatch_t()
        while from < length,
          withUnsafePointer(to: &expression, { regexec($0, start + from, 1, &match, from > 0 ? REG_NOTBOL : 0) }) == 0
        {
          let found = from + Int(match.rm_so)..<from + Int(match.rm_eo)
          if !found.isEmpty { ranges.append(found) }
          from = max(found.upperBound, found.lowerBound + 1)
        }
        return ranges
      }
    }
  }
}
