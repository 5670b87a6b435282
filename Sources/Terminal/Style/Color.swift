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

  /// The colour named by `text`: `default`, a name (`red`, `bright-red`, `gray`…), a palette number 0…255, or `#rrggbb`.
  /// Nil when it is none of them.
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
    } else if name.utf8.count == 7, name.first == "#", name.dropFirst().allSatisfy(\.isHexDigit),
      let value = UInt32(name.dropFirst(), radix: 16)
    {
      self = .rgb(red: UInt8(value >> 16 & 0xFF), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF))
    } else {
      return nil
    }
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
