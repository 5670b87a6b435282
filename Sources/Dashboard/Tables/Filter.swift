internal import KubeModel

/// Which rows of a table are shown: `text`, `!text` (those without it), `-l app=x,tier!=y` (by labels).
struct Filter: Hashable, Sendable {
  /// As it was typed.
  let source: String
  private let matcher: Matcher

  private enum Matcher: Hashable, Sendable {
    case everything
    case text([UInt8], isInverse: Bool)
    case labels(LabelQuery)
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
      matcher = .labels(try LabelQuery(trimmed.dropFirst(2)))
    } else if trimmed.hasPrefix("!") {
      let text = trimmed.dropFirst()
      matcher = text.isEmpty ? .everything : .text(Filter.folded(String(text)), isInverse: true)
    } else {
      matcher = .text(Filter.folded(String(trimmed)), isInverse: false)
    }
  }

  var isEmpty: Bool { matcher == .everything }

  func matches(_ item: Item) -> Bool {
    switch matcher {
    case .everything: return true
    case .labels(let query): return query.matches(item.labels)
    case .text(let needle, let isInverse):
      let found =
        Filter.contains(item.name, needle) || Filter.contains(item.namespace, needle)
        || item.searchable.contains { Filter.contains($0, needle) }
      return found != isInverse
    }
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

  static func folded(_ text: String) -> [UInt8] { text.utf8.map(folded) }

  static func folded(_ byte: UInt8) -> UInt8 { fold(byte) }

  private static func fold(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 0x20 : byte }
}

/// What is wrong with a filter.
struct FilterError: Error, Hashable, Sendable {
  let message: String
}

/// A label selector as kubectl's `-l` takes it: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, with commas.
struct LabelQuery: Hashable, Sendable {
  private enum Term: Hashable, Sendable {
    case isIn(String, Set<String>)
    case isNotIn(String, Set<String>)
    case exists(String)
    case doesNotExist(String)
  }

  private var terms: [Term] = []

  init(_ source: Substring) throws(FilterError) {
    for piece in LabelQuery.split(source) {
      guard let term = LabelQuery.term(piece) else {
        throw FilterError(message: "not a label selector: '\(piece)' (write: -l key=value,key!=value,key in (a,b))")
      }
      terms.append(term)
    }
  }

  func matches(_ labels: StringMap) -> Bool {
    terms.allSatisfy { term in
      switch term {
      case .isIn(let key, let values): labels[key].map(values.contains) ?? false
      case .isNotIn(let key, let values): !(labels[key].map(values.contains) ?? false)
      case .exists(let key): labels[key] != nil
      case .doesNotExist(let key): labels[key] == nil
      }
    }
  }

  /// At commas outside parentheses.
  private static func split(_ source: Substring) -> [String] {
    var pieces: [String] = []
    var piece = ""
    var depth = 0
    for character in source {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth <= 0 {
        pieces.append(piece)
        piece = ""
      } else {
        piece.append(character)
      }
    }
    pieces.append(piece)
    return pieces.map { trim($0[...]) }.filter { !$0.isEmpty }
  }

  private static func trim(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  private static func term(_ piece: String) -> Term? {
    if let open = piece.firstIndex(of: "("), piece.last == ")" {
      let words = piece[..<open].split(separator: " ")
      guard words.count == 2 else { return nil }
      let values = Set(piece[piece.index(after: open)...].dropLast().split(separator: ",").map { trim($0) })
      switch words[1] {
      case "in": return .isIn(String(words[0]), values)
      case "notin": return .isNotIn(String(words[0]), values)
      default: return nil
      }
    }
    for (sign, length, isEqual) in [("!=", 2, false), ("==", 2, true), ("=", 1, true)] {
      guard let range = range(of: sign, in: piece) else { continue }
      let key = trim(piece[..<range])
      let value = trim(piece[piece.index(range, offsetBy: length)...])
      guard isKey(key), !value.contains("=") else { return nil }
      return isEqual ? .isIn(key, [value]) : .isNotIn(key, [value])
    }
    if piece.hasPrefix("!") {
      let key = trim(piece.dropFirst())
      return isKey(key) ? .doesNotExist(key) : nil
    }
    return isKey(piece) ? .exists(piece) : nil
  }

  private static func isKey(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x28 && $0 != 0x29 && $0 != 0x21 }
  }

  private static func range(of sign: String, in text: String) -> String.Index? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index...].hasPrefix(sign) { return index }
      index = text.index(after: index)
    }
    return nil
  }
}
