internal import KubeModel

/// Which rows of a table are shown: those with a `text` or a match of a regular expression (`^a|b$`), `!text` (those
/// without), `-f abc` (letters in this order), `-l app=x,tier!=y` (by labels).
struct Filter: Hashable, Sendable {
  /// As it was typed.
  let source: String
  private let matcher: Matcher

  private enum Matcher: Hashable, Sendable {
    case everything
    case text([UInt8], isInverse: Bool)
    case pattern(Pattern, isInverse: Bool)
    /// Folded letters that stand in this order.
    case letters([UInt8])
    case labels(Selector)
  }

  static let none = Filter()

  private init() {
    source = ""
    matcher = .everything
  }

  /// Reads a filter. Any text is one; only a label selector can be wrong.
  ///
  /// - Throws: what is wrong with the label selector.
  init(_ source: String) throws(FilterError) {
    self.source = source
    let trimmed = source.drop { $0 == " " }
    if trimmed.isEmpty {
      matcher = .everything
    } else if trimmed.hasPrefix("-l") {
      do throws(SelectorError) {
        matcher = .labels(try Selector(String(trimmed.dropFirst(2).drop { $0 == " " })))
      } catch {
        throw FilterError(message: error.message)
      }
    } else if trimmed.hasPrefix("-f ") || trimmed == "-f" {
      let letters = trimmed.dropFirst(2).filter { $0 != " " }
      matcher = letters.isEmpty ? .everything : .letters(Filter.folded(letters))
    } else {
      let isInverse = trimmed.hasPrefix("!")
      let text = String(isInverse ? trimmed.dropFirst() : trimmed)
      if text.isEmpty {
        matcher = .everything
      } else if let pattern = Pattern(text) {
        matcher = .pattern(pattern, isInverse: isInverse)
      } else {
        matcher = .text(Filter.folded(text), isInverse: isInverse)
      }
    }
  }

  var isEmpty: Bool { matcher == .everything }

  /// Whether every row that matches this one matches the other one, too.
  func narrows(_ other: Filter) -> Bool {
    switch (matcher, other.matcher) {
    case (_, .everything): true
    case (.text(let new, isInverse: false), .text(let old, isInverse: false)): Filter.contains(new, old)
    default: false
    }
  }

  func matches(_ item: Item) -> Bool {
    switch matcher {
    case .everything: return true
    case .labels(let selector): return selector.matches(item.labels)
    case .text(let needle, let isInverse): return has(item) { Filter.contains($0, needle) } != isInverse
    case .pattern(let pattern, let isInverse): return has(item, pattern.matches) != isInverse
    case .letters(let letters): return has(item) { Filter.hasLetters($0, letters) }
    }
  }

  private func has(_ item: Item, _ matches: (String) -> Bool) -> Bool {
    matches(item.name) || matches(item.namespace) || item.searchable.contains(where: matches)
  }

  /// Whether folded letters stand in `text` in this order, with anything between them.
  static func hasLetters(_ text: String, _ letters: [UInt8]) -> Bool {
    var rest = letters[...]
    for byte in text.utf8 where !rest.isEmpty && fold(byte) == rest[rest.startIndex] { rest.removeFirst() }
    return rest.isEmpty
  }

  /// Whether `text` contains `needle`, which is folded, with ASCII letters of either case equal.
  static func contains(_ text: String, _ needle: [UInt8]) -> Bool {
    guard let first = needle.first else { return true }
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count >= needle.count else { return false }
      for start in 0...(bytes.count - needle.count) where fold(bytes[start]) == first {
        var length = 1
        while length < needle.count, fold(bytes[start + length]) == needle[length] { length += 1 }
        if length == needle.count { return true }
      }
      return false
    }
  }

  private static func contains(_ text: [UInt8], _ needle: [UInt8]) -> Bool {
    contains(String(decoding: text, as: UTF8.self), needle)
  }

  static func folded(_ text: String) -> [UInt8] { text.utf8.map(folded) }

  static func folded(_ byte: UInt8) -> UInt8 { fold(byte) }

  private static func fold(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 0x20 : byte }
}

/// What is wrong with a filter.
struct FilterError: Error, Hashable, Sendable {
  let message: String
}
