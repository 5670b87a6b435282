/// How roles look: a name, and a foreground, a background and attributes for each role by its name.
///
/// A theme is data. A style is written as words: the foreground, then the background, then attributes, each of which
/// may be left out: `"red"`, `"red default bold"`, `"- blue"`, `"bold underline"`. Colours are those of
/// ``Color/init(parsing:)``; `-` is the terminal's own. Attributes: `bold`, `dim`, `reverse`, `underline`, `italic`.
public struct Theme: Hashable, Sendable {
  /// What one role looks like.
  public struct Style: Hashable, Sendable {
    /// The colour of the characters.
    public var foreground: Color
    /// The colour behind them.
    public var background: Color
    /// What is drawn apart from colour.
    public var attributes: Attributes

    /// Creates a style; by default, the terminal's own look.
    public init(foreground: Color = .default, background: Color = .default, attributes: Attributes = []) {
      self.foreground = foreground
      self.background = background
      self.attributes = attributes
    }

    /// With each colour exchanged for the nearest of the terminal's sixteen.
    var inSixteen: Style {
      Style(foreground: foreground.inSixteen, background: background.inSixteen, attributes: attributes)
    }
  }

  /// What users choose it by.
  public let name: String
  var styles: [String: Style]

  /// A theme from its written form.
  ///
  /// - Parameter styles: a style for each role's name. Roles without one take their fallback's.
  /// - Throws: ``ThemeError`` with the role and the word that isn't understood.
  public init(name: String, styles: [String: String]) throws(ThemeError) {
    self.name = name
    self.styles = [:]
    // In order, so that of several mistakes the same one is always told.
    for (role, text) in styles.sorted(by: { $0.key < $1.key }) {
      self.styles[role] = try Self.style(text, theme: name, role: role)
    }
  }

  /// A theme from styles that were read elsewhere. Roles without one take their fallback's.
  public init(name: String, roles: [Role: Style]) {
    self.name = name
    styles = Dictionary(uniqueKeysWithValues: roles.map { ($0.key.name, $0.value) })
  }

  /// This theme with the styles of some roles replaced or added.
  ///
  /// - Throws: ``ThemeError`` with the role and the word that isn't understood.
  public func adding(_ styles: [String: String]) throws(ThemeError) -> Theme {
    var theme = self
    for (role, style) in try Theme(name: name, styles: styles).styles { theme.styles[role] = style }
    return theme
  }

  /// The style of a role: its own, or the nearest fallback's that has one. The terminal's own colours in it give way to
  /// those of the role ``Role/text``, which so are the whole screen's.
  public func style(_ role: Role) -> Style {
    var style = nearestStyle(role)
    guard let text = styles[Role.text.name] else { return style }
    if style.foreground == .default { style.foreground = text.foreground }
    if style.background == .default { style.background = text.background }
    return style
  }

  private func nearestStyle(_ role: Role) -> Style {
    if let style = role.ownStyle { return style }
    var next: Role? = role
    // A role's fallback was there before it, except when a name was first mentioned as its own fallback.
    for _ in 0..<16 {
      guard let candidate = next else { break }
      if let style = styles[candidate.name] { return style }
      next = candidate.fallback
    }
    return Style()
  }

  private static func style(_ text: String, theme: String, role: String) throws(ThemeError) -> Style {
    var style = Style()
    var colors: [Color] = []
    var sawAttribute = false
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let attribute = Attributes.named.first(where: { $0.name == word.lowercased() }) {
        style.attributes.insert(attribute.value)
        sawAttribute = true
      } else if !sawAttribute, colors.count < 2, let color = Color(parsing: String(word)) {
        colors.append(color)
      } else {
        throw ThemeError(theme: theme, role: role, word: String(word))
      }
    }
    if let foreground = colors.first { style.foreground = foreground }
    if colors.count > 1 { style.background = colors[1] }
    return style
  }
}

/// A theme that can't be read.
public struct ThemeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The theme that was to be read.
  public let theme: String
  /// The role whose style cannot be read.
  public let role: String
  /// The first word of the style that isn't understood.
  public let word: String

  /// One line, safe to print.
  public var description: String {
    let (theme, role) = (TextWidth.displayed(theme), TextWidth.displayed(role))
    let word = TextWidth.truncate(word, to: 40)
    return "theme '\(theme)': role '\(role)': '\(word)' is not a colour or attribute here "
      + "(write: foreground, background, attributes)"
  }
}

extension Theme {
  /// True when any role has a colour.
  var usesColor: Bool {
    styles.values.contains { $0.foreground != .default || $0.background != .default }
  }

  /// The theme to draw with: without colours, roles that differ by colour alone would all look the same, so that such
  /// a terminal gets ``monochrome`` in place of a coloured theme.
  func suited(to depth: ColorDepth) -> Theme {
    depth == .monochrome && usesColor ? .monochrome : self
  }
}
