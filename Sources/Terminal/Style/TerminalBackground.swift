/// Whether a terminal is light or dark, from what it says of itself.
enum TerminalBackground {
  /// What asks a terminal for the colour of its ground (OSC 11).
  static let question = "\u{1B}]11;?\u{1B}\\"

  /// By the number of a colour in `COLORFGBG`, which some terminals set: `15;0`, `0;default;15`.
  static func isLight(colorFgBg: String?) -> Bool? {
    guard let last = colorFgBg?.split(separator: ";").last, let number = UInt8(last), number < 16 else { return nil }
    return number == 7 || number > 8
  }

  /// By a terminal's answer without its introducer and end: `11;rgb:ffff/ffff/dddd`. Nil for any other reply.
  static func isLight(reply: some Sequence<UInt8>) -> Bool? {
    let words = String(decoding: Array(reply), as: UTF8.self).split(separator: ";")
    guard words.count == 2, words[0] == "11", let colon = words[1].firstIndex(of: ":"),
      ["rgb", "rgba"].contains(words[1][..<colon])
    else { return nil }
    let parts = words[1][words[1].index(after: colon)...].split(separator: "/").prefix(3).compactMap { digits in
      // One to four digits each: a share of the most that so many can say.
      (1...4).contains(digits.utf8.count)
        ? UInt32(digits, radix: 16).map { Int($0) * 255 / ((1 << (4 * digits.utf8.count)) - 1) } : nil
    }
    guard parts.count == 3 else { return nil }
    return Oklab(Palette.RGB(red: parts[0], green: parts[1], blue: parts[2])).lightness > 0.6
  }
}
