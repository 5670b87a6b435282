/// A style as a terminal of a certain depth can show it.
struct Look: Hashable {
  /// A colour number of that terminal; -1 is its own foreground.
  var foreground: Int32
  /// A colour number of that terminal; -1 is its own background.
  var background: Int32
  var attributes: Attributes

  static let plain = Look(foreground: -1, background: -1, attributes: [])

  /// The nearest that a terminal can come to `style`.
  init(_ style: Theme.Style, depth: ColorDepth) {
    self = .plain
    attributes = style.attributes
    switch depth {
    case .monochrome:
      // A bar is a bar without colours too.
      if style.background != .default { attributes.insert(.reverse) }
    case .ansi8:
      setEight(style)
    case .ansi16, .palette256, .trueColor:
      foreground = Palette.number(style.foreground, depth: depth)
      background = Palette.background(style.background, depth: depth)
    }
    if foreground == background, foreground >= 0, style.foreground != style.background {
      // Two colours have become one: black or white is what can be read on it.
      foreground = Palette.rgb(style.background).map(Oklab.init).map { $0.lightness > 0.6 } == true ? 0 : 7
      if foreground == background { foreground = 7 - foreground }
    }
  }

  private init(foreground: Int32, background: Int32, attributes: Attributes) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// Eight colours: bright ones are bold, and grey, which would be black on many of these terminals, is dim.
  private mutating func setEight(_ style: Theme.Style) {
    foreground = Palette.number(style.foreground, depth: .ansi16)
    if foreground == 8 {
      foreground = -1
      attributes.insert(.dim)
    } else if foreground > 8 {
      foreground -= 8
      attributes.insert(.bold)
    }
    if case .ansi(let number) = style.background {
      background = Int32(number % 8)
    } else {
      background = Palette.background(style.background, depth: .ansi8)
    }
  }
}

extension ColorDepth {
  /// Whether the environment says that the terminal shows every colour, which descriptions of terminals mostly don't.
  static func isTrueColorPromised(_ variable: (String) -> String?) -> Bool {
    // Inside GNU screen that was said of the terminal outside; its older versions garble such colours.
    guard variable("STY")?.isEmpty ?? true else { return false }
    return ["truecolor", "24bit"].contains(variable("COLORTERM")?.lowercased())
  }

  /// What a terminal with `colors` colours shows.
  ///
  /// - Parameters:
  ///   - colors: the number that its description gives.
  ///   - isDirect: true when colour numbers above 15 are red, green and blue.
  ///   - noColor: the value of the environment's `NO_COLOR`; anything but nothing asks for none.
  init(colors: Int, isDirect: Bool, noColor: String?) {
    if let noColor, !noColor.isEmpty {
      self = .monochrome
    } else if isDirect, colors >= 1 << 24 {
      self = .trueColor
    } else {
      switch colors {
      case ..<8: self = .monochrome
      case ..<16: self = .ansi8
      case ..<256: self = .ansi16
      default: self = .palette256
      }
    }
  }
}
