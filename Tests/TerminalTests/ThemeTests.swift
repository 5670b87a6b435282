import Foundation
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

  @Test func programsBringTheirOwnColors() throws {
    let color = Color.rgb(red: 255, green: 135, blue: 0)
    let role = Role.colored(color, on: .ansi(4))
    #expect(role == Role.colored(color, on: .ansi(4)) && role != Role.colored(color))
    #expect(role.name == "colored #ff8700 blue" && Role.colored(.default) == .text)
    let themed = try Theme.default.adding([role.name: "red"])
    #expect(themed.style(role) == Theme.Style(foreground: color, background: .ansi(4)))
    #expect(Look(themed.style(role), depth: .palette256).foreground == 208)
    let plain = Look(themed.style(Role.colored(color)), depth: .monochrome)
    #expect(plain.foreground == -1 && plain.background == -1 && plain.attributes.isEmpty)
    // However many a program thinks of, only so many are kept; the sixteen always have their place.
    for value in 0..<20_000 {
      _ = Role.colored(.rgb(red: UInt8(value >> 8), green: UInt8(value & 0xFF), blue: 77))
    }
    let late = Theme.default.style(Role.colored(.rgb(red: 250, green: 3, blue: 1)))
    #expect(late.foreground == .ansi(9))
  }

  @Test func builtInThemes() {
    #expect(Theme.builtIn.count >= 6)
    #expect(Set(Theme.builtIn.map(\.name)).count == Theme.builtIn.count)
    #expect(Theme.named("Light") == .light)
    #expect(Theme.named("nope") == nil)
    #expect(Theme.automatic(isLight: true) == .light)
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

  /// WCAG 2's contrast; a frame is no text, and needs to be seen only.
  @Test func textIsReadable() {
    func luminance(_ color: Color, ground: Bool, isLight: Bool) -> Double {
      // The terminal's own colours may be any; what is taken for them is what a theme for them is made for.
      let own = Palette.RGB(isLight == ground ? 0xFFFFFF : 0x000000)
      let rgb = Palette.rgb(color) ?? own
      func linear(_ value: Int) -> Double {
        let value = Double(value) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear(rgb.red) + 0.7152 * linear(rgb.green) + 0.0722 * linear(rgb.blue)
    }
    let texts: [Role] = [.text, .muted, .title, .selection, .accent, .warning, .error, .success, .header]
    for theme in Theme.builtIn {
      for role in texts + [.border] {
        let style = theme.style(role)
        let isLight = theme == .light
        let shades = [
          luminance(style.foreground, ground: false, isLight: isLight),
          luminance(style.background, ground: true, isLight: isLight),
        ].sorted()
        let contrast = (shades[1] + 0.05) / (shades[0] + 0.05)
        #expect(contrast >= (role == .border ? 1.5 : 4.5), "\(theme.name) \(role): \(contrast)")
      }
    }
  }

  /// With sixteen colours too, what went wrong looks unlike what went well or may go wrong.
  @Test(arguments: [ColorDepth.ansi16, .palette256, .trueColor])
  func statesDiffer(_ depth: ColorDepth) {
    for theme in Theme.builtIn where theme.usesColor {
      let roles: [Role] = [.text, .accent, .warning, .error, .success]
      #expect(Look(theme.style(.accent), depth: depth) != Look(theme.style(.muted), depth: depth), "\(theme.name)")
      let looks = roles.map { Look(theme.style($0), depth: depth) }
      #expect(Set(looks).count == roles.count, "\(theme.name): \(looks)")
      let ground = Look(theme.style(.text), depth: depth).background
      #expect(Look(theme.style(.selection), depth: depth).background != ground, "\(theme.name)")
      for look in looks { #expect(look.background == ground && look.foreground != ground || ground < 0) }
    }
  }

  /// As readers see it who lack one kind of cone (Machado 2009), the states still differ.
  @Test(arguments: [
    [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
    [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
  ])
  func colorblindStatesDiffer(_ matrix: [Double]) {
    func seen(_ role: Role) -> Oklab {
      let rgb = Palette.rgb(Theme.colorblind.style(role).foreground) ?? .init(0xFFFFFF)
      let linear = [rgb.red, rgb.green, rgb.blue].map { pow(Double($0) / 255, 2.2) }
      let mixed = (0..<3).map { row in
        let sum = (0..<3).reduce(0.0) { $0 + matrix[row * 3 + $1] * linear[$1] }
        return Int((255 * pow(min(max(sum, 0), 1), 1 / 2.2)).rounded())
      }
      return Oklab(.init(red: mixed[0], green: mixed[1], blue: mixed[2]))
    }
    let roles: [Role] = [.text, .accent, .warning, .error, .success]
    for (index, role) in roles.enumerated() {
      for other in roles[..<index] {
        // A tenth is plain to see; a fiftieth just so.
        #expect(seen(role).distance(seen(other)) > 0.1 * 0.1, "\(role) and \(other) look alike")
      }
    }
  }

  @Test func theGroundIsTheThemes() throws {
    let theme = try Theme(name: "t", styles: ["text": "white navy", "error": "red", "selection": "- yellow"])
    #expect(theme.style(.error).background == .rgb(0x000080))
    #expect(theme.style(.selection).foreground == .ansi(7))
  }

  @Test func trueColorIsPromised() {
    func promised(_ variables: [String: String]) -> Bool { ColorDepth.isTrueColorPromised { variables[$0] } }
    #expect(promised(["COLORTERM": "truecolor"]))
    #expect(promised(["COLORTERM": "24bit", "TMUX": "/tmp/tmux-0/default,1,0"]))
    #expect(!promised(["COLORTERM": "truecolor", "STY": "1.pts-0"]))
    #expect(!promised(["COLORTERM": "yes"]))
    #expect(!promised([:]))
  }

  @Test(arguments: [
    ("15;0", false), ("0;15", true), ("0;default;15", true), ("0;7", true), ("7;8", false), ("default;default", nil),
    ("", nil), ("0;99", nil),
  ])
  func lightTerminalsByEnvironment(_ value: String, _ isLight: Bool?) {
    #expect(TerminalBackground.isLight(colorFgBg: value) == isLight)
  }

  @Test(arguments: [
    ("11;rgb:ffff/ffff/dddd", true), ("11;rgb:1e/1e/1e", false), ("11;rgba:0/0/0/f", false), ("11;rgb:f/f/f", true),
    ("10;rgb:ffff/ffff/ffff", nil), ("11;?", nil), ("11;rgb:12345/0/0", nil), ("11;rgb:/0/0", nil), ("", nil),
    ("11;rgb:+f/0/0", false),
  ])
  func lightTerminalsByAnswer(_ reply: String, _ isLight: Bool?) {
    #expect(TerminalBackground.isLight(reply: reply.utf8) == isLight)
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
    try expect("bright-white", .trueColor, 15)
    try expect("#000003", .trueColor, 0x010101)
    try expect("orange", .trueColor, 0xFFA500)
    try expect("#f80", .trueColor, 0xFF8800)
    // A pale red is red all the same, a grey none of the colours, and a dark ground black.
    try expect("#e08a92 #2e3440", .ansi16, 9, 0)
    try expect("#a3be8c", .ansi16, 2)
    try expect("#9aa5b8", .ansi16, 8)
    // Different colours stay readable when they become one.
    try expect("#101010 #000000", .ansi16, 7, 0)
    try expect("#f9f9f9 #ffffff", .ansi16, 0, 15)
  }
}
