import Testing

@testable import Terminal

@Suite struct KeyTests {
  @Test(
    arguments: [
      ("g", Key("g"), "g"), ("G", Key("G"), "shift-g"), ("shift-g", Key("G"), "shift-g"), ("ctrl-d", nil, "ctrl-d"),
      ("<ctrl-D>", nil, "ctrl-d"), ("C-d", nil, "ctrl-d"), ("Space", Key(" "), "space"), ("?", Key("?"), "?"),
      ("-", Key("-"), "-"), ("ctrl--", nil, "ctrl--"), ("<", Key("<"), "<"), ("alt-x", nil, "alt-x"),
      ("Esc", Key(.escape), "esc"), ("escape", Key(.escape), "esc"), ("shift-tab", Key(.backTab), "backtab"),
      ("F5", Key(.function(5)), "f5"), ("PageDown", Key(.pageDown), "pgdn"), ("f", Key("f"), "f"),
      ("ctrl-alt-up", nil, "ctrl-alt-up"), ("ü", Key("ü"), "ü"), ("shift-ü", Key("Ü"), "shift-ü"),
      ("shift-1", Key("1"), "1"), ("shift-f3", nil, "shift-f3"),
    ] as [(String, Key?, String)])
  func parse(text: String, expected: Key?, description: String) throws {
    let key = try #require(Key(parsing: text))
    if let expected { #expect(key == expected) }
    #expect(key.description == description)
    #expect(Key(parsing: key.description) == key)
    #expect(Key(parsing: key.label) == key)
  }

  @Test(arguments: ["", "ab", "ctrl-", "hyper-x", "f0", "f64", "f+5", "<>", "ctrl-ab", "shift"])
  func mistakesAreNoKeys(text: String) {
    #expect(Key(parsing: text) == nil)
  }

  @Test func typedCharacters() {
    #expect(Key("A").typed == "A")
    #expect(("ctrl-a" as Key).typed == nil)
    #expect(("alt-a" as Key).typed == nil)
    #expect(("space" as Key).typed == " ")
    #expect(("enter" as Key).typed == nil)
  }
}
