extension Theme {
  /// For dark backgrounds. Uses the terminal's own sixteen colours where they carry meaning.
  public static let `default` = Theme(
    builtIn: "default",
    [
      "text": Style(),
      "muted": Style(foreground: .indexed(245)),
      "title": Style(foreground: .ansi(14), attributes: .bold),
      "border": Style(foreground: .indexed(240)),
      "selection": Style(foreground: .indexed(231), background: .indexed(24), attributes: .bold),
      "accent": Style(foreground: .ansi(14)),
      "warning": Style(foreground: .ansi(11)),
      "error": Style(foreground: .ansi(9), attributes: .bold),
      "success": Style(foreground: .ansi(10)),
      "header": Style(foreground: .indexed(250), attributes: [.bold, .underline]),
    ])

  /// For light backgrounds.
  public static let light = Theme(
    builtIn: "light",
    [
      "text": Style(),
      "muted": Style(foreground: .indexed(242)),
      "title": Style(foreground: .indexed(25), attributes: .bold),
      "border": Style(foreground: .indexed(248)),
      "selection": Style(foreground: .indexed(16), background: .indexed(153), attributes: .bold),
      "accent": Style(foreground: .indexed(25)),
      "warning": Style(foreground: .indexed(130)),
      "error": Style(foreground: .indexed(124), attributes: .bold),
      "success": Style(foreground: .indexed(28)),
      "header": Style(foreground: .indexed(238), attributes: [.bold, .underline]),
    ])

  /// No colours at all: bold, dim, underline and reverse only.
  public static let monochrome = Theme(
    builtIn: "monochrome",
    [
      "text": Style(),
      "muted": Style(attributes: .dim),
      "title": Style(attributes: .bold),
      "border": Style(attributes: .dim),
      "selection": Style(attributes: .reverse),
      "accent": Style(attributes: .bold),
      "warning": Style(attributes: .underline),
      "error": Style(attributes: [.bold, .underline]),
      "success": Style(),
      "header": Style(attributes: [.bold, .underline]),
      // Lines drawn with characters look broken when they are underlined.
      "danger": Style(attributes: .bold),
      "bar-high": Style(attributes: .bold),
      "bar-middle": Style(),
    ])

  /// As much contrast as there can be.
  public static let highContrast = Theme(
    "high-contrast", text: 0xFFFFFF, on: 0x000000, muted: 0xC8C8C8, border: 0x909090, title: 0x00FFFF,
    accent: 0x00FFFF, warning: 0xFFFF00, error: 0xFF8080, success: 0x00FF00, selection: (0x000000, on: 0xFFFF00))

  /// The colours of Okabe and Ito, which readers with any colour vision can tell apart.
  public static let colorblind = Theme(
    "colorblind", text: 0xBCC4CC, on: 0x101418, muted: 0x929CA6, border: 0x5A6570, title: 0x6CB0FF,
    accent: 0x6CB0FF, warning: 0xF0E442, error: 0xD55E00, success: 0x009E73, selection: (0x101418, on: 0xD0D7DE))

  /// After Ethan Schoonover's Solarized, with the contrast that small text needs.
  public static let solarized = Theme(
    "solarized", text: 0x9FB0B0, on: 0x002B36, muted: 0x839496, border: 0x48656E, title: 0x4AA3DD,
    accent: 0x2AA8A0, warning: 0xC49A1A, error: 0xF06B5C, success: 0x86B300, selection: (0xFDF6E3, on: 0x155B75))

  /// As ``solarized``, on light ground.
  public static let solarizedLight = Theme(
    "solarized-light", text: 0x4C6068, on: 0xFDF6E3, muted: 0x5F7077, border: 0xB5B9AD, title: 0x1A6FB0,
    accent: 0x1A6FB0, warning: 0x8A6500, error: 0xC02622, success: 0x4A6E00, selection: (0x073642, on: 0xD5DCC4))

  /// After Pavel Pertsev's Gruvbox.
  public static let gruvbox = Theme(
    "gruvbox", text: 0xEBDBB2, on: 0x282828, muted: 0xA89984, border: 0x665C54, title: 0xFE8019, accent: 0x6FB8CC,
    warning: 0xFABD2F, error: 0xFB6A55, success: 0x8EC04A, selection: (0xFBF1C7, on: 0x504945))

  /// After Arctic Ice Studio's Nord.
  public static let nord = Theme(
    "nord", text: 0xD8DEE9, on: 0x2E3440, muted: 0x9AA5B8, border: 0x5B6880, title: 0x88C0D0, accent: 0x88C0D0,
    warning: 0xEBCB8B, error: 0xE08A92, success: 0xA3BE8C, selection: (0xECEFF4, on: 0x3F5878))

  /// After Zeno Rocha's Dracula.
  public static let dracula = Theme(
    "dracula", text: 0xF8F8F2, on: 0x282A36, muted: 0x9AA6CF, border: 0x565B78, title: 0xBD93F9, accent: 0x8BE9FD,
    warning: 0xF1FA8C, error: 0xFF7070, success: 0x50FA7B, selection: (0xF8F8F2, on: 0x4D5168))

  /// The themes that come with the program, the default first.
  public static let builtIn: [Theme] = [
    .default, .light, .highContrast, .colorblind, .solarized, .solarizedLight, .gruvbox, .nord, .dracula, .monochrome,
  ]

  /// What suits a terminal that is light, or dark.
  public static func automatic(isLight: Bool) -> Theme { isLight ? .light : .default }

  /// The built-in theme with this name, in any case.
  public static func named(_ name: String) -> Theme? {
    let wanted = name.lowercased()
    return builtIn.first { $0.name == wanted }
  }

  private init(builtIn name: String, _ styles: [String: Style]) {
    self.name = name
    self.styles = styles
  }

  /// A theme with a ground of its own; colours are `0xRRGGBB`.
  private init(
    _ name: String, text: UInt32, on background: UInt32, muted: UInt32, border: UInt32, title: UInt32,
    accent: UInt32, warning: UInt32, error: UInt32, success: UInt32, selection: (UInt32, on: UInt32)
  ) {
    self.init(
      builtIn: name,
      [
        "text": Style(foreground: .rgb(text), background: .rgb(background)),
        "muted": Style(foreground: .rgb(muted)),
        "title": Style(foreground: .rgb(title), attributes: .bold),
        "border": Style(foreground: .rgb(border)),
        "selection": Style(foreground: .rgb(selection.0), background: .rgb(selection.on), attributes: .bold),
        "accent": Style(foreground: .rgb(accent)),
        "warning": Style(foreground: .rgb(warning)),
        "error": Style(foreground: .rgb(error), attributes: .bold),
        "success": Style(foreground: .rgb(success)),
        "header": Style(foreground: .rgb(muted), attributes: [.bold, .underline]),
      ])
  }
}
