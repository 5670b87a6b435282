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

  /// Blue, orange and pale yellow, which readers with any colour vision can tell apart.
  public static let colorblind = Theme(
    builtIn: "colorblind",
    [
      "text": Style(),
      "muted": Style(foreground: .indexed(245)),
      "title": Style(foreground: .indexed(75), attributes: .bold),
      "border": Style(foreground: .indexed(240)),
      "selection": Style(foreground: .indexed(16), background: .indexed(250), attributes: .bold),
      "accent": Style(foreground: .indexed(75)),
      "warning": Style(foreground: .indexed(228)),
      "error": Style(foreground: .indexed(208), attributes: [.bold, .underline]),
      "success": Style(foreground: .indexed(75)),
      "header": Style(foreground: .indexed(250), attributes: [.bold, .underline]),
      "danger": Style(foreground: .indexed(208), attributes: .bold),
      "bar-high": Style(foreground: .indexed(208), attributes: .bold),
    ])

  /// The themes that come with the program, the default first.
  public static let builtIn: [Theme] = [.default, .light, .monochrome, .colorblind]

  /// The built-in theme with this name, in any case.
  public static func named(_ name: String) -> Theme? {
    let wanted = name.lowercased()
    return builtIn.first { $0.name == wanted }
  }

  private init(builtIn name: String, _ styles: [String: Style]) {
    self.name = name
    self.styles = styles
  }
}
