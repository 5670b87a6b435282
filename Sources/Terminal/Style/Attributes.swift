/// Ways to draw a character apart from its colour.
public struct Attributes: OptionSet, Hashable, Sendable {
  /// One bit for each attribute, of jobdeck's own choice.
  public let rawValue: UInt8

  /// The attributes of a set of bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Heavier, or brighter.
  public static let bold = Attributes(rawValue: 1 << 0)
  /// Fainter; terminals without it show it as usual.
  public static let dim = Attributes(rawValue: 1 << 1)
  /// Foreground and background exchanged.
  public static let reverse = Attributes(rawValue: 1 << 2)
  /// With a line below.
  public static let underline = Attributes(rawValue: 1 << 3)
  /// Slanted; terminals without it show it as usual.
  public static let italic = Attributes(rawValue: 1 << 4)

  /// Every attribute with the name that themes and style maps give it.
  static let named: [(name: String, value: Attributes)] = [
    ("bold", .bold), ("dim", .dim), ("reverse", .reverse), ("underline", .underline), ("italic", .italic),
  ]
}
