/// Which keys the sequences of common terminals mean: xterm, rxvt, tmux, screen, and the Linux console.
enum KeySequences {
  /// `ESC [ number ~`
  static func numbered(_ number: Int) -> Key.Code? {
    switch number {
    case 1, 7: .home
    case 2: .insert
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case 11...15: .function(number - 10)
    case 17...21: .function(number - 11)
    case 23...26: .function(number - 12)
    case 28, 29: .function(number - 13)
    case 31...34: .function(number - 14)
    default: nil
    }
  }

  /// `ESC [ final` and `ESC O final`
  static func lettered(_ final: UInt8) -> Key.Code? {
    switch final {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "Z"): .backTab
    case UInt8(ascii: "P"): .function(1)
    case UInt8(ascii: "Q"): .function(2)
    case UInt8(ascii: "R"): .function(3)
    case UInt8(ascii: "S"): .function(4)
    default: nil
    }
  }

  /// `ESC O final` of a numeric keypad in application mode.
  static func keypad(_ final: UInt8) -> Key.Code? {
    switch final {
    case UInt8(ascii: "M"): .enter
    case UInt8(ascii: "I"): .tab
    case UInt8(ascii: "X"): .character("=")
    case UInt8(ascii: "j")...UInt8(ascii: "y"): .character(Character(Unicode.Scalar(final - 0x40)))
    default: nil
    }
  }

  /// xterm's modifier parameter, 1 more than a bit set.
  static func modifiers(_ parameter: Int) -> Key.Modifiers {
    let bits = max(0, parameter - 1)
    var modifiers: Key.Modifiers = []
    if bits & 1 != 0 { modifiers.insert(.shift) }
    if bits & 2 != 0 { modifiers.insert(.alt) }
    if bits & 4 != 0 { modifiers.insert(.control) }
    return modifiers
  }

  /// The key of one byte below 0x20, or of 0x7F.
  static func control(_ byte: UInt8) -> Key {
    switch byte {
    case 0x00: Key(" ", modifiers: .control)
    case 0x08, 0x7F: Key(.backspace)
    case 0x09: Key(.tab)
    case 0x0A, 0x0D: Key(.enter)
    case 0x1B: Key(.escape)
    case 0x1C...0x1F: Key(Character(Unicode.Scalar(byte + 0x40)), modifiers: .control)
    default: Key(Character(Unicode.Scalar(byte + 0x60)), modifiers: .control)
    }
  }

  /// A code point as the protocols name keys that have no sequence of their own (`CSI u`, modifyOtherKeys).
  static func coded(_ value: Int, modifiers: Key.Modifiers) -> Key? {
    guard let value = UInt32(exactly: value), let scalar = Unicode.Scalar(value) else { return nil }
    if value < 0x20 || value == 0x7F {
      var key = control(UInt8(value))
      key = Key(key.code, modifiers: key.modifiers.union(modifiers))
      return key
    }
    guard case .glyph = ScalarClass(scalar) else { return value == 0x20 ? Key(" ", modifiers: modifiers) : nil }
    return Key(Character(scalar), modifiers: modifiers)
  }

  /// The capabilities of terminfo that name a key's sequence.
  static let capabilities: [(name: String, code: Key.Code)] = {
    let named: [(String, Key.Code)] = [
      ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("khome", .home), ("kend", .end),
      ("kpp", .pageUp), ("knp", .pageDown), ("kich1", .insert), ("kdch1", .delete), ("kcbt", .backTab),
      ("kbs", .backspace), ("kent", .enter),
    ]
    return named + (1...12).map { ("kf\($0)", .function($0)) }
  }()
}
