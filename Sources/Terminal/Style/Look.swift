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
      background = Palette.number(style.background, depth: depth)
    }
    if foreground == background, foreground >= 0, style.foreground != style.background {
      // Two colours have become one: black or white is what can be read on it.
      let rgb = Palette.rgb(style.background) ?? .init(red: 0, green: 0, blue: 0)
      foreground = rgb.isLight ? 0 : 7
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
      background = Palette.number(style.background, depth: .ansi8)
    }
  }
}

extension ColorDepth {
  /// What a terminal with `colors` colours shows.
  ///
  /// - Parameters:
  ///   - colors: the number that its description gives.
  ///   - isDirect: true when colour numbers are red, green and blue.
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

/// The colours of xterm's palette, and the nearest of them to any other.
enum Palette {
  struct RGB: Hashable {
    var red: Int
    var green: Int
    var blue: Int

    var isLight: Bool { 299 * red + 587 * green + 114 * blue > 128_000 }

    /// A squared distance in which colours that look alike are near ("redmean").
    func distance(_ other: RGB) -> Int {
      let mean = (red + other.red) / 2
      let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
      return ((512 + mean) * r * r + 1024 * g * g + (767 - mean) * b * b) / 256
    }
  }

  /// The colour's number on a terminal; -1 for the terminal's own.
  static func number(_ color: Color, depth: ColorDepth) -> Int32 {
    guard depth != .monochrome, let rgb = rgb(color) else { return -1 }
    switch (color, depth) {
    case (.ansi(let number), .ansi8) where number < 8: return Int32(number)
    case (.ansi(let number), .ansi16), (.ansi(let number), .palette256): return Int32(min(number, 15))
    case (.ansi(let number), .trueColor) where number < 8: return Int32(number)
    case (.indexed(let number), .palette256): return Int32(number)
    case (.indexed(let number), .ansi16) where number < 16: return Int32(number)
    case (_, .trueColor):
      // The numbers 0…7 are the user's eight colours, so that the darkest blues have to be black.
      let value = rgb.red << 16 | rgb.green << 8 | rgb.blue
      return value < 8 ? 0 : Int32(value)
    case (_, .palette256): return nearest(rgb, among: 16..<256)
    case (_, .ansi16): return nearest(rgb, among: 0..<16)
    default: return nearest(rgb, among: 0..<8)
    }
  }

  /// The colour's parts; nil for the terminal's own.
  static func rgb(_ color: Color) -> RGB? {
    switch color {
    case .default: nil
    case .ansi(let number): palette[Int(min(number, 15))]
    case .indexed(let number): palette[Int(number)]
    case .rgb(let red, let green, let blue): RGB(red: Int(red), green: Int(green), blue: Int(blue))
    }
  }

  private static func nearest(_ rgb: RGB, among numbers: Range<Int>) -> Int32 {
    Int32(numbers.min { palette[$0].distance(rgb) < palette[$1].distance(rgb) } ?? numbers.lowerBound)
  }

  private static let palette: [RGB] = {
    let sixteen: [UInt32] = [
      0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
      0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ]
    let levels = [0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF]
    var colors = sixteen.map { RGB(red: Int($0 >> 16), green: Int($0 >> 8 & 0xFF), blue: Int($0 & 0xFF)) }
    for red in levels {
      for green in levels {
        for blue in levels { colors.append(RGB(red: red, green: green, blue: blue)) }
      }
    }
    for level in stride(from: 8, through: 238, by: 10) { colors.append(RGB(red: level, green: level, blue: level)) }
    return colors
  }()
}
