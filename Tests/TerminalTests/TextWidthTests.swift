import CNcurses
import Testing

@testable import Terminal

@Suite struct TextWidthTests {
  @Test(arguments: [
    ("", 0), ("job-1", 5), ("é", 1), ("e\u{301}", 1), ("日本語", 6), ("ｱ", 1), ("🚀", 2), ("─│┌", 3),
    ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("กำ", 2), ("ﬁ", 1), ("…", 1), ("\u{3000}", 2),
    // Terminals disagree about these; what is shown has a width that none of them disputes.
    ("👨\u{200D}👩\u{200D}👧", 2), ("👍\u{1F3FD}", 2), ("🇩🇪", 2), ("❤\u{FE0F}", 1), ("1\u{FE0F}\u{20E3}", 1),
  ])
  func columns(text: String, expected: Int) {
    #expect(TextWidth.columns(of: text) == expected)
  }

  @Test(arguments: [
    ("a\u{1B}[31mb", "a·[31mb"), ("bell\u{7}", "bell·"), ("c1 \u{9B}31m", "c1 ·31m"), ("del\u{7F}", "del·"),
    ("a\u{202E}b\u{2066}c", "a·b·c"), ("zero\u{200B}width\u{FEFF}", "zero·width·"), ("soft\u{AD}", "soft·"),
    ("line\nbreak\r\n", "line·break··"), ("\u{2028}", "·"), ("\u{378}", "·"), ("\u{FFFF}", "·"),
    ("tab\tx", "tab     x"), ("\tx", "        x"), ("日本語\tx", "日本語  x"), ("a\u{A0}b", "a b"),
    ("🇩🇪", "DE"), ("👨\u{200D}👩\u{200D}👧!", "👨!"), ("a\u{200D}b", "a·b"), ("👨\u{200D}x", "👨·x"),
    ("👍\u{1F3FD}", "👍"), ("❤\u{FE0F}", "❤"), ("\u{301}x", "·x"), ("\u{3164}", "·"), ("\u{E0041}", "·"),
  ])
  func nothingDangerousIsDisplayed(text: String, expected: String) {
    // Compared by scalars: Swift's == would take canonically equal texts for the same.
    #expect(Array(TextWidth.displayed(text).unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test func aCellKeepsThreeMarks() {
    let zalgo = "a" + String(repeating: "\u{301}\u{316}\u{36F}", count: 100) + "b"
    #expect(Array(TextWidth.displayed(zalgo).unicodeScalars) == ["a", "\u{301}", "\u{316}", "\u{36F}", "b"])
    #expect(TextWidth.columns(of: zalgo) == 2)
  }

  @Test(arguments: [
    ("abcdef", 10, "abcdef", "abcdef", "abcdef"), ("abcdef", 6, "abcdef", "abcdef", "abcdef"),
    ("abcdef", 5, "abcd…", "…cdef", "ab…ef"), ("abcdef", 1, "…", "…", "…"), ("abcdef", 0, "", "", ""),
    ("abcdef", -3, "", "", ""), ("日本語", 5, "日本…", "…本語", "日…語"), ("日本語", 4, "日…", "…語", "日…"),
  ])
  func truncate(text: String, columns: Int, end: String, start: String, middle: String) {
    #expect(TextWidth.truncate(text, to: columns) == end)
    #expect(TextWidth.truncate(text, to: columns, cut: .start) == start)
    #expect(TextWidth.truncate(text, to: columns, cut: .middle) == middle)
  }

  @Test func longEllipsesAreCutToo() {
    #expect(TextWidth.truncate("abcdef", to: 2, ellipsis: "...") == "..")
    #expect(TextWidth.truncate("abcdef", to: 4, ellipsis: "...") == "a...")
  }

  @Test func fit() {
    #expect(TextWidth.fit("日本", to: 6) == "日本  ")
    #expect(TextWidth.fit("7", to: 3, alignedRight: true) == "  7")
    #expect(TextWidth.fit("abcdef", to: 3) == "ab…")
  }

  @Test(arguments: [
    ("", 10, [""]), ("one two three", 7, ["one two", "three"]), ("one two three", 9, ["one two", "three"]),
    ("abcdefgh", 3, ["abc", "def", "gh"]), ("a\nb\r\n\nc", 5, ["a", "b", "", "c"]), ("日本語", 4, ["日本", "語"]),
    ("ends ", 4, ["ends"]), ("x", 0, ["x"]),
  ])
  func wrap(text: String, columns: Int, expected: [String]) {
    #expect(TextWidth.wrap(text, columns: columns) == expected)
  }

  /// Everything that is passed on has the width that the C library says, for characters that it knows.
  @Test func widthsAgreeWithTheSystem() throws {
    try #require(cnc_use_locale() != 0, "no UTF-8 locale")
    var differences: [String] = []
    for value in UInt32(0x20)..<0x110000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let expected = cnc_width(value)
      let width: Int32? =
        switch ScalarClass(scalar) {
        case .glyph(let width): Int32(width)
        case .mark: 0
        default: nil
        }
      // What is newer than the C library is replaced when it is drawn.
      if let width, expected >= 0, width != expected {
        differences.append("U+\(String(value, radix: 16)): \(width), system \(expected)")
      }
    }
    // A few characters became marks, or ceased to be, from one version of Unicode to the next.
    #expect(differences.count <= 4, "\(differences.count): \(differences.prefix(20))")
  }

  @Test(arguments: 0..<20)
  func displayedTextIsStable(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let text = generator.text(maxScalars: 30)
      let shown = TextWidth.displayed(text)
      #expect(TextWidth.displayed(shown) == shown)
      #expect(TextWidth.columns(of: shown) == TextWidth.columns(of: text))
      let limit = Int.random(in: 0...40, using: &generator)
      for cut in [TextWidth.Cut.start, .middle, .end] {
        let short = TextWidth.truncate(text, to: limit, cut: cut)
        #expect(TextWidth.columns(of: short) <= limit)
        if TextWidth.columns(of: text) <= limit { #expect(short == shown) }
      }
      for line in TextWidth.wrap(text, columns: limit) { #expect(TextWidth.columns(of: line) <= max(2, limit)) }
    }
  }
}
