import Testing

@testable import Terminal

@Suite struct ThemeTests {
  @Test func stylesAreWrittenAsWords() throws {
    let theme = try Theme(
      name: "mine",
      styles: [
        "text": "", "error": "red", "warning": "- yellow", "title": "#12aBff 17 bold underline", "muted": "dim",
        "accent": "bright-blue default italic", "header": "8 231 REVERSE", "border": "gray",
      ])
    #expect(theme.style(.text) == Theme.Style())
    #expect(theme.style(.error) == Theme.Style(foreground: .ansi(1)))
    #expect(theme.style(.warning) == Theme.Style(background: .ansi(3)))
    #expect(
      theme.style(.title)
        == Theme.Style(
          foreground: .rgb(red: 0x12, green: 0xAB, blue: 0xFF), background: .indexed(17),
          attributes: [.bold, .underline]))
    #expect(theme.style(.muted) == Theme.Style(attributes: .dim))
    #expect(theme.style(.accent) == Theme.Style(foreground: .ansi(12), attributes: .italic))
    #expect(theme.style(.header) == Theme.Style(foreground: .ansi(8), background: .indexed(231), attributes: .reverse))
    #expect(theme.style(.border) == Theme.Style(foreground: .ansi(8)))
  }

  @Test(arguments: [
    ("purpleish", "purpleish"), ("red blue green", "green"), ("bold red", "red"), ("256", "256"), ("#12345", "#12345"),
    ("#12345g", "#12345g"), ("+5", "+5"), ("-1", "-1"), ("#+12345", "#+12345"),
  ])
  func mistakesAreNamed(style: String, word: String) {
    #expect(throws: ThemeError(theme: "mine", role: "error", word: word)) {
      try Theme(name: "mine", styles: ["error": style])
    }
  }

  @Test func errorsAreOneSafeLine() {
    let error = ThemeError(theme: "a\nb", role: "\u{1B}[2J", word: String(repeating: "x", count: 500))
    #expect(error.description.utf8.count < 200)
    #expect(!error.description.contains { $0.isNewline || $0 == "\u{1B}" })
  }

  @Test func rolesFallBack() throws {
    let parent = Role("theme-test-parent", like: .warning)
    let child = Role("theme-test-child", like: parent)
    let theme = try Theme(name: "mine", styles: ["warning": "yellow", "text": "white"])
    #expect(theme.style(child).foreground == .ansi(3))
    #expect(theme.style(Role("theme-test-orphan")).foreground == .ansi(7))
    #expect(try theme.adding(["theme-test-parent": "red"]).style(child).foreground == .ansi(1))
    #expect(theme.style(parent).foreground == .ansi(3))
  }

  @Test func builtInThemes() {
    #expect(Theme.builtIn.map(\.name) == ["default", "light", "monochrome", "colorblind"])
    #expect(Theme.named("Light") == .light)
    #expect(Theme.named("nope") == nil)
    let roles: [Role] = [
      .text, .muted, .title, .border, .selection, .accent, .warning, .error, .success, .header,
    ]
    for theme in Theme.builtIn {
      for role in roles { #expect(theme.styles[role.name] != nil, "\(theme.name) lacks \(role)") }
      for depth in [ColorDepth.monochrome, .ansi8, .ansi16, .palette256, .trueColor] {
        let suited = theme.suited(to: depth)
        // The selection must be seen whatever the terminal can show, and be readable.
        let selection = Look(suited.style(.selection), depth: depth)
        #expect(selection.background >= 0 || selection.attributes.contains(.reverse))
        #expect(selection.foreground != selection.background || selection.foreground < 0)
        #expect(Look(suited.style(.error), depth: depth) != Look(suited.style(.success), depth: depth))
        #expect(Look(suited.style(.error), depth: depth) != Look(suited.style(.text), depth: depth))
      }
    }
    #expect(!Theme.monochrome.usesColor)
  }

  /// Frames and bars are drawn with characters that an underline would cut through.
  @Test func linesAreNotUnderlined() {
    let drawn = [
      Role.border, Role("danger", like: .error), Role("bar-middle", like: .warning), Role("bar-high", like: .error),
    ]
    for theme in Theme.builtIn {
      for role in drawn { #expect(!theme.style(role).attributes.contains(.underline), "\(theme.name) \(role)") }
    }
  }

  /// As a reader without green cones sees it (Viénot 1999), the states still differ in colour or in attributes.
  @Test func colorblindStatesDiffer() {
    func seen(_ role: Role) -> (yellow: Double, blue: Double) {
      let rgb = Palette.rgb(Theme.colorblind.style(role).foreground) ?? .init(red: 229, green: 229, blue: 229)
      let (r, g, b) = (Double(rgb.red), Double(rgb.green), Double(rgb.blue))
      return (0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b)
    }
    for (a, b) in [(Role.success, Role.error), (.success, .warning), (.error, .warning), (.error, .text)] {
      let (x, y) = (seen(a), seen(b))
      let distance = abs(x.yellow - y.yellow) + abs(x.blue - y.blue)
      #expect(distance > 80, "\(a) and \(b) look alike")
    }
  }

  @Test func depthOfTerminals() {
    func depth(_ colors: Int, direct: Bool = false, noColor: String? = nil) -> ColorDepth {
      ColorDepth(colors: colors, isDirect: direct, noColor: noColor)
    }
    #expect(depth(0) == .monochrome)
    #expect(depth(-1) == .monochrome)
    #expect(depth(8) == .ansi8)
    #expect(depth(16) == .ansi16)
    #expect(depth(88) == .ansi16)
    #expect(depth(256) == .palette256)
    #expect(depth(1 << 24, direct: true) == .trueColor)
    #expect(depth(256, noColor: "1") == .monochrome)
    #expect(depth(256, noColor: "") == .palette256)
  }

  @Test func colorsOfEachDepth() throws {
    func look(_ text: String, _ depth: ColorDepth) throws -> Look {
      Look(try Theme(name: "t", styles: ["text": text]).style(.text), depth: depth)
    }
    func expect(
      _ text: String, _ depth: ColorDepth, _ foreground: Int32, _ background: Int32 = -1, _ extra: Attributes = []
    ) throws {
      let look = try look(text, depth)
      #expect(look.foreground == foreground && look.background == background, "\(text) at \(depth): \(look)")
      #expect(look.attributes == extra)
    }
    try expect("red", .monochrome, -1)
    try expect("red blue", .monochrome, -1, -1, .reverse)
    try expect("bright-red", .ansi8, 1, -1, .bold)
    try expect("gray", .ansi8, -1, -1, .dim)
    try expect("240", .ansi8, -1, -1, .dim)
    try expect("bright-red bright-blue", .ansi16, 9, 12)
    try expect("#ff0000", .ansi16, 9)
    try expect("#ff0000", .palette256, 196)
    try expect("#808080", .palette256, 244)
    try expect("17", .palette256, 17)
    try expect("#ff8001", .trueColor, 0xFF8001)
    try expect("red", .trueColor, 1)
    try expect("bright-white", .trueColor, 0xFFFFFF)
    try expect("#000003", .trueColor, 0)
    // Different colours stay readable when they become one.
    try expect("#101010 #000000", .ansi16, 7, 0)
    try expect("#f9f9f9 #ffffff", .ansi16, 0, 15)
  }
}
