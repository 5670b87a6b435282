import Glibc

/// The colours of xterm's palette, and the nearest of them to any other.
enum Palette {
  struct RGB: Hashable {
    var red: Int
    var green: Int
    var blue: Int

    init(red: Int, green: Int, blue: Int) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    init(_ value: UInt32) {
      self.init(red: Int(value >> 16 & 0xFF), green: Int(value >> 8 & 0xFF), blue: Int(value & 0xFF))
    }
  }

  /// The colour's number on a terminal; -1 for the terminal's own.
  static func number(_ color: Color, depth: ColorDepth) -> Int32 {
    guard depth != .monochrome, let rgb = rgb(color) else { return -1 }
    switch (color, depth) {
    case (.ansi(let number), .ansi8) where number < 8: return Int32(number)
    case (.ansi(let number), .ansi16), (.ansi(let number), .palette256), (.ansi(let number), .trueColor):
      return Int32(min(number, 15))
    case (.indexed(let number), .palette256): return Int32(number)
    case (.indexed(let number), _) where number < (depth == .ansi8 ? 8 : 16): return Int32(number)
    case (_, .trueColor):
      // The numbers 0…15 are the user's own colours: of the darkest blues, the nearest that is none of them.
      let value = rgb.red << 16 | rgb.green << 8 | rgb.blue
      return value < 16 ? 0x01_01_01 : Int32(value)
    case (_, .palette256): return nearest(rgb, among: 16..<256)
    case (_, .ansi16): return nearest(rgb, among: 0..<16)
    default: return nearest(rgb, among: 0..<8)
    }
  }

  /// The number of a colour behind text: with few colours a dark grey is black, not the middle grey that is nearer to it
  /// and on which nothing can be read.
  static func background(_ color: Color, depth: ColorDepth) -> Int32 {
    if case .rgb = color, depth == .ansi8 || depth == .ansi16, let lab = rgb(color).map(Oklab.init),
      lab.isGrey, lab.lightness < 0.38
    {
      return 0
    }
    return number(color, depth: depth)
  }

  /// The colour's parts; nil for the terminal's own.
  static func rgb(_ color: Color) -> RGB? {
    switch color {
    case .default: nil
    case .ansi(let number): colors[Int(min(number, 15))]
    case .indexed(let number): colors[Int(number)]
    case .rgb(let red, let green, let blue): RGB(red: Int(red), green: Int(green), blue: Int(blue))
    }
  }

  /// With few colours to choose from, a grey stays a grey and a colour keeps its hue, which is what it is told by.
  private static func nearest(_ rgb: RGB, among numbers: Range<Int>) -> Int32 {
    let wanted = Oklab(rgb)
    let isCoarse = numbers.count <= 16
    let candidates = isCoarse ? numbers.filter { labs[$0].isGrey == wanted.isGrey } : Array(numbers)
    func distance(_ number: Int) -> Double {
      isCoarse && !wanted.isGrey ? wanted.distanceByHue(labs[number]) : wanted.distance(labs[number])
    }
    return Int32(candidates.min { distance($0) < distance($1) } ?? numbers.lowerBound)
  }

  private static let labs: [Oklab] = colors.map(Oklab.init)

  private static let colors: [RGB] = {
    let sixteen: [UInt32] = [
      0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
      0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ]
    let levels = [0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF]
    var colors = sixteen.map(RGB.init)
    for red in levels {
      for green in levels {
        for blue in levels { colors.append(RGB(red: red, green: green, blue: blue)) }
      }
    }
    for level in stride(from: 8, through: 238, by: 10) { colors.append(RGB(red: level, green: level, blue: level)) }
    return colors
  }()
}

/// A colour in a space where distances are as large as they look (Ottosson 2020).
struct Oklab {
  var lightness: Double
  var a: Double
  var b: Double

  init(_ rgb: Palette.RGB) {
    func linear(_ value: Int) -> Double {
      let value = Double(value) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    let (red, green, blue) = (linear(rgb.red), linear(rgb.green), linear(rgb.blue))
    let l = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let m = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let s = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
    b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
  }

  /// True where no hue is to be seen.
  var isGrey: Bool { a * a + b * b < 0.06 * 0.06 }

  /// Squared.
  func distance(_ other: Oklab) -> Double {
    let (l, a, b) = (lightness - other.lightness, self.a - other.a, self.b - other.b)
    return l * l + a * a + b * b
  }

  /// Squared; another hue is far, however pale the colour is.
  func distanceByHue(_ other: Oklab) -> Double {
    let turn = abs(atan2(b, a) - atan2(other.b, other.a))
    let hue = min(turn, 2 * .pi - turn) / 2
    let l = lightness - other.lightness
    return l * l + hue * hue
  }
}
