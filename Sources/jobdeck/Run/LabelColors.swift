/// The colours of the names in front of logs' lines, so that the eye can follow one log among others.
///
/// They go round in the order in which logs begin: of six that begin one after the other, no two are alike.
struct LabelColors {
  /// xterm's 256: each has a contrast of at least 4 to 1 with black and with white, and they are as far from each other,
  /// and from the one before, as six of those can be.
  static let many: [UInt8] = [27, 161, 28, 97, 130, 164]
  /// Of the 8 that every terminal has in its own shades: all but black and white. Cyan, red, green, magenta, blue, yellow.
  static let few: [UInt8] = [6, 1, 2, 5, 4, 3]

  private let codes: [String]
  private var next = 0

  /// - Parameter hasMany: whether the terminal has xterm's 256 colours.
  init(hasMany: Bool) {
    codes = hasMany ? Self.many.map { "38;5;\($0)" } : Self.few.map { "3\($0)" }
  }

  /// What stands between `ESC [` and `m` for the log that begins now.
  mutating func take() -> String {
    defer { next = (next + 1) % codes.count }
    return codes[next]
  }
}
