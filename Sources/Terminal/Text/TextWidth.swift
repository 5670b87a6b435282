/// How much room text takes on a screen, and how to make it fit.
///
/// All of these see text as ``Canvas/put(_:at:role:attributes:maxColumns:)`` shows it: controls and invisible
/// characters are one-column placeholders, tabs are blanks.
public enum TextWidth {
  /// Which part of a text that is too long gives way to the ellipsis.
  public enum Cut: Hashable, Sendable {
    /// The beginning: what matters is at the end, as in a path.
    case start
    /// The middle: both ends stay.
    case middle
    /// The end, as is usual.
    case end
  }

  /// The columns that `text` takes. O(n).
  public static func columns(of text: some StringProtocol) -> Int {
    if let count = printableASCIICount(text) { return count }
    var scanner = GlyphScanner(String(text))
    var columns = 0
    while let glyph = scanner.next() { columns += Int(glyph.width) }
    return columns
  }

  /// `text` as a screen shows it: every character visible, tabs as blanks.
  public static func displayed(_ text: some StringProtocol) -> String {
    if printableASCIICount(text) != nil { return String(text) }
    return string(of: glyphs(of: text)[...])
  }

  /// `text` in at most `columns` columns, with `ellipsis` in place of what was cut.
  ///
  /// When not even the ellipsis fits, as much of it as does.
  public static func truncate(
    _ text: some StringProtocol, to columns: Int, ellipsis: String = "…", cut: Cut = .end
  ) -> String {
    guard columns > 0 else { return "" }
    if let count = printableASCIICount(text), count <= columns { return String(text) }
    let all = glyphs(of: text)
    guard all.reduce(0, { $0 + Int($1.width) }) > columns else { return string(of: all[...]) }
    let mark = glyphs(of: ellipsis)
    let room = columns - mark.reduce(0) { $0 + Int($1.width) }
    guard room >= 0 else { return string(of: prefix(of: mark[...], columns: columns)) }
    switch cut {
    case .end:
      return string(of: prefix(of: all[...], columns: room)) + string(of: mark[...])
    case .start:
      return string(of: mark[...]) + string(of: suffix(of: all[...], columns: room))
    case .middle:
      let head = prefix(of: all[...], columns: (room + 1) / 2)
      let headColumns = head.reduce(0) { $0 + Int($1.width) }
      let tail = suffix(of: all[head.endIndex...], columns: room - headColumns)
      return string(of: head) + string(of: mark[...]) + string(of: tail)
    }
  }

  /// `text` cut or filled with blanks to exactly `columns` columns.
  public static func fit(_ text: some StringProtocol, to columns: Int, alignedRight: Bool = false) -> String {
    let cut = truncate(text, to: columns)
    let blanks = String(repeating: " ", count: max(0, columns - Self.columns(of: cut)))
    return alignedRight ? blanks + cut : cut + blanks
  }

  /// The lines of `text`, each broken into pieces of at most `columns` columns: between words where that is
  /// possible, inside a word where it isn't. Line breaks are `\n`, `\r\n` and `\r`. Never empty.
  public static func wrap(_ text: some StringProtocol, columns: Int) -> [String] {
    let limit = max(2, columns)
    var lines: [String] = []
    let breaks: Set<Character> = ["\n", "\r\n", "\r"]
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: { breaks.contains($0) }) {
      var rest = glyphs(of: line)[...]
      repeat {
        let piece = prefix(of: rest, columns: limit)
        guard piece.endIndex < rest.endIndex else {
          lines.append(string(of: rest))
          break
        }
        var end = piece.endIndex
        if rest[end] != .space, let blank = piece.lastIndex(of: .space), blank > piece.startIndex { end = blank }
        lines.append(string(of: rest[..<end]))
        rest = rest[end...].drop { $0 == .space }
      } while !rest.isEmpty
    }
    return lines
  }

  /// The number of bytes when all of them are printable ASCII, each one column wide; else nil.
  static func printableASCIICount(_ text: some StringProtocol) -> Int? {
    let count = text.utf8.withContiguousStorageIfAvailable { bytes -> Int in
      bytes.allSatisfy { $0 &- 0x20 < 0x5F } ? bytes.count : -1
    }
    guard let count, count >= 0 else { return nil }
    return count
  }

  private static func glyphs(of text: some StringProtocol) -> [Glyph] {
    var scanner = GlyphScanner(String(text))
    var glyphs: [Glyph] = []
    glyphs.reserveCapacity(text.utf8.count)
    while let glyph = scanner.next() { glyphs.append(glyph) }
    return glyphs
  }

  private static func string(of glyphs: ArraySlice<Glyph>) -> String {
    var scalars = String.UnicodeScalarView()
    for glyph in glyphs { glyph.append(to: &scalars) }
    return String(scalars)
  }

  private static func prefix(of glyphs: ArraySlice<Glyph>, columns: Int) -> ArraySlice<Glyph> {
    var used = 0
    return glyphs.prefix {
      used += Int($0.width)
      return used <= columns
    }
  }

  private static func suffix(of glyphs: ArraySlice<Glyph>, columns: Int) -> ArraySlice<Glyph> {
    var used = 0
    var start = glyphs.endIndex
    while start > glyphs.startIndex {
      used += Int(glyphs[start - 1].width)
      if used > columns { break }
      start -= 1
    }
    return glyphs[start...]
  }
}
