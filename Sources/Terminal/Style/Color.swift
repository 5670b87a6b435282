/// A colour as a theme names it.
public enum Color: Hashable, Sendable {
  /// The terminal's own foreground or background.
  case `default`
  /// One of the 16 colours that the terminal's user chose: 0…7, and 8…15 for the bright ones.
  case ansi(UInt8)
  /// A colour of the 256-colour palette.
  case indexed(UInt8)
  /// Any colour, 0…255 each; terminals with fewer colours show the nearest.
  case rgb(red: UInt8, green: UInt8, blue: UInt8)

  /// The colour named by `text`: `default`, one of the terminal's (`red`, `bright-red`, `gray`…), another that CSS knows
  /// (`orange`, `steelblue`…), a palette number 0…255, or `#rrggbb`. Nil when it is none of them.
  public init?(parsing text: String) {
    let name = text.lowercased()
    if name == "default" || name == "-" {
      self = .default
    } else if let index = Self.names.firstIndex(of: name) {
      self = .ansi(UInt8(index))
    } else if name == "gray" || name == "grey" {
      self = .ansi(8)
    } else if name.first != "+", let index = UInt8(name) {
      self = index < 16 ? .ansi(index) : .indexed(index)
    } else if name.first == "#", let color = Color(hex: name.dropFirst()) {
      self = color
    } else if let color = WebColors.color(named: name) {
      self = color
    } else {
      return nil
    }
  }

  /// As themes write it: `bright-red`, `208`, `#rrggbb`, and `-` for the terminal's own.
  var word: String {
    switch self {
    case .default: "-"
    case .ansi(let number): Self.names[Int(min(number, 15))]
    case .indexed(let number): String(number)
    case .rgb(let red, let green, let blue):
      "#" + String(1 << 24 | Int(red) << 16 | Int(green) << 8 | Int(blue), radix: 16).dropFirst()
    }
  }

  /// The nearest of the sixteen colours that the terminal's user chose.
  var inSixteen: Color {
    switch self {
    case .default, .ansi: self
    case .indexed, .rgb: .ansi(UInt8(clamping: Palette.number(self, depth: .ansi16)))
    }
  }

  /// The colour that skins of k9s mean, which name colours as CSS does: its sixteen oldest (`red`, `navy`…) are the
  /// terminal's own; else another name, `#rrggbb`, or `default`.
  public init?(css text: String) {
    let name = text.lowercased()
    let palette = [
      "black", "maroon", "green", "olive", "navy", "purple", "teal", "silver", "gray", "red", "lime", "yellow", "blue",
      "fuchsia", "aqua", "white",
    ]
    if let index = palette.firstIndex(of: name == "grey" ? "gray" : name) {
      self = .ansi(UInt8(index))
    } else if let color = WebColors.color(named: name) {
      self = color
    } else if name.isEmpty || name == "default" || name == "-" {
      self = .default
    } else if name.first == "#", let color = Color(hex: name.dropFirst()) {
      self = color
    } else {
      return nil
    }
  }

  /// Six hexadecimal digits, or three that stand for two each.
  init?(hex digits: Substring) {
    let digits = digits.utf8.count == 3 ? digits.map { "\($0)\($0)" }.joined()[...] : digits
    guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
      return nil
    }
    self = .rgb(value)
  }

  /// A colour as it is mostly written: `0xRRGGBB`.
  static func rgb(_ value: UInt32) -> Color {
    .rgb(red: UInt8(value >> 16 & 0xFF), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF))
  }

  private static let names: [String] = {
    let base = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
    return base + base.map { "bright-" + $0 }
  }()
}

/// How many colours a terminal shows.
public enum ColorDepth: Int, Hashable, Sendable, Comparable {
  /// None, or the user asked for none (`NO_COLOR`).
  case monochrome = 0
  /// Eight; bright ones are shown bold.
  case ansi8 = 8
  /// Those eight and a bright variant of each.
  case ansi16 = 16
  /// xterm's palette; other colours are shown as the nearest of it.
  case palette256 = 256
  /// Every colour of 24 bits.
  case trueColor = 16_777_216

  public static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }
}
