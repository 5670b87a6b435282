import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

extension Driver {
  /// Types a line after `:`.
  fileprivate mutating func command(_ line: String) {
    press(":")
    type(line)
    press("enter")
  }
}

struct ThemeTests {
  // MARK: Choosing

  @Test func aThemeIsChosenByName() {
    var driver = Driver()
    #expect(driver.dashboard.theme == .default)
    driver.command("theme gruvbox")
    #expect(driver.dashboard.theme == .gruvbox)
    #expect(driver.screen.contains("✓ Theme gruvbox"))
    driver.command("theme")
    #expect(driver.screen.contains("This is gruvbox; there are default, light"))
  }

  @Test func namesAreCompleted() {
    var options = Dashboard.Options()
    options.skins = ["moss"]
    var driver = Driver()
    driver.dashboard = Dashboard(options)
    driver.press(":")
    driver.type("theme sol")
    driver.press("tab")
    #expect(driver.screen.contains("theme solarized"))
    driver.press("esc")
    driver.press(":")
    driver.type("theme mo")
    #expect(driver.screen.contains("moss"))
    #expect(driver.screen.contains("monochrome"))
  }

  @Test func oneThatIsNotHereIsLookedFor() {
    var driver = Driver()
    driver.command("theme moss")
    #expect(driver.takeCommands() == [.findTheme("moss")])
    let theme = Theme(name: "moss", roles: [.text: .init(foreground: .ansi(2))])
    driver.send(.theme(.success(theme)))
    #expect(driver.dashboard.theme == theme)
    driver.send(.theme(.failure(ThemeProblem("there is no theme 'moos'"))))
    #expect(driver.dashboard.theme == theme)
    #expect(driver.screen.contains("✗ there is no theme 'moos'"))
  }

  /// What the terminal says counts only as long as nobody has chosen.
  @Test func theTerminalsGroundDecidesLast() {
    var driver = Driver()
    driver.send(.terminal(.background(isLight: true)))
    #expect(driver.dashboard.theme == .light)
    driver.send(.terminal(.background(isLight: false)))
    #expect(driver.dashboard.theme == .default)
    var settings = Settings()
    settings.look = .nord
    driver.send(.settings(settings, []))
    driver.send(.terminal(.background(isLight: true)))
    #expect(driver.dashboard.theme == .nord)
    driver.command("theme dracula")
    #expect(driver.dashboard.theme == .dracula)
    // The settings name another one: that was the last word.
    settings.look = .gruvbox
    driver.send(.settings(settings, []))
    #expect(driver.dashboard.theme == .gruvbox)
  }

  // MARK: Skins

  static let skin = """
    ground: &ground "#282a36"
    k9s:
      body: {fgColor: "#f8f8f2", bgColor: *ground, logoColor: purple}
      frame:
        border: {fgColor: steelblue}
        menu: {keyColor: '#ff79c6', unknown: [1, 2]}
        status: {newColor: aqua, errorColor: red, completedColor: gray}
      views:
        table:
          bgColor: default
          cursorBgColor: default
          header: {fgColor: white, cursorBfColor: blue}
        charts: {defaultDialColors: [a, b]}
    """

  @Test func aSkinIsATheme() throws {
    let theme = try K9sSkin.theme(Self.skin, file: "s.yaml", name: "s")
    let ground = Color.rgb(red: 0x28, green: 0x2A, blue: 0x36)
    #expect(theme.name == "s")
    #expect(theme.style(.text) == .init(foreground: .rgb(red: 0xF8, green: 0xF8, blue: 0xF2), background: ground))
    #expect(theme.style(.brand).foreground == .ansi(5))
    #expect(theme.style(.border) == .init(foreground: .rgb(red: 70, green: 130, blue: 180), background: ground))
    #expect(theme.style(.running).foreground == .ansi(14))
    #expect(theme.style(.failed) == .init(foreground: .ansi(9), background: ground, attributes: .bold))
    // A cursor in the colours of all else is seen none the less.
    #expect(theme.style(.selection).attributes.contains(.reverse))
  }

  @Test func whatASkinLeavesOutIsAsInK9s() throws {
    let theme = try K9sSkin.theme("k9s: {body: {fgColor: lime}}", file: "s.yaml", name: "s")
    #expect(theme.style(.selection).background == .ansi(14))
    #expect(theme.style(.failed).foreground == .ansi(10))
  }

  @Test(arguments: [
    (
      "k9s:\n  body:\n    fgColor: blurple\n",
      "s.yaml:3:5: 'blurple' is no colour: write a name such as orange, #rrggbb, or default"
    ),
    ("k9s:\n  frame: [a]\n", "s.yaml:2:3: must hold keys with colours, and is of type array"),
    ("k9s:\n  body:\n    bgColor: 12\n", "s.yaml:3:5: must be a colour in quotes, and is of type number"),
    ("body: {}\n", "s.yaml:1:1: a skin of k9s has everything below 'k9s:', which is not here"),
    ("k9s: none\n", "s.yaml:1:1: a skin of k9s has everything below 'k9s:', which is not here"),
    (
      "k9s: {body: {fgColor: \"\\e[2J\"}}",
      "s.yaml:1:14: '·[2J' is no colour: write a name such as orange, #rrggbb, or default"
    ),
  ])
  func mistakesInSkinsHaveAPlace(_ text: String, _ message: String) {
    let error = #expect(throws: ManifestError.self) { try K9sSkin.theme(text, file: "s.yaml", name: "s") }
    #expect(error?.description == message)
  }

  // MARK: Files

  @Test func themesAreFoundInTheirFolders() throws {
    let root = NSTemporaryDirectory() + "jobdeck-themes-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for folder in ["jobdeck/skins", "k9s/skins"] {
      try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
    }
    func write(_ text: String, _ path: String) throws {
      try text.write(toFile: "\(root)/\(path)", atomically: false, encoding: .utf8)
    }
    try write(Self.skin, "jobdeck/skins/mine.yaml")
    try write("k9s: {body: {fgColor: red}}", "k9s/skins/theirs.yml")
    try write("k9s: {body: {fgColor: navy}}", "k9s/skins/mine.yml")
    try write("base = light\nerror = orange # bright\n", "jobdeck/plain.theme")
    try write("k9s: {body: {fgColor: nope}}", "jobdeck/skins/broken.yaml")
    let finder = ThemeFinder(settings: "\(root)/jobdeck", base: "\(root)/jobdeck")
    #expect(finder.skins == ["broken", "mine", "theirs"])
    #expect(try finder.theme("GRUVBOX") == .gruvbox)
    #expect(try finder.theme("mine").style(.brand).foreground == .ansi(5))
    #expect(try finder.theme("theirs").style(.text).foreground == .ansi(9))
    #expect(try finder.theme("plain.theme").style(.error).foreground == .rgb(red: 255, green: 165, blue: 0))
    #expect(
      throws: ThemeProblem(
        "\(root)/jobdeck/skins/broken.yaml:1:14: 'nope' is no colour: write a name such as orange, #rrggbb, or default")
    ) {
      try finder.theme("broken")
    }
    let names = Theme.builtIn.map(\.name).joined(separator: ", ")
    #expect(
      throws: ThemeProblem("there is no theme 'moss'; there are: \(names), broken, mine, theirs, or the path of a file")
    ) {
      try finder.theme("moss")
    }
    #expect(throws: ThemeProblem("cannot read \(root)/jobdeck/moss.yaml: No such file or directory")) {
      try finder.theme("moss.yaml")
    }
  }
}
