/// A key as a person pressed it.
///
/// Terminals don't tell Shift from the character that it makes, so a shifted letter is the capital letter, without
/// ``Modifiers/shift``. Write keys as text: `"g"`, `"G"` or `"shift-g"`, `"ctrl-d"`, `"alt-x"`, `"space"`, `"enter"`,
/// `"esc"`, `"tab"`, `"backtab"`, `"backspace"`, `"delete"`, `"up"`, `"pgdn"`, `"f5"`.
public struct Key: Hashable, Sendable, CustomStringConvertible {
  /// Which key it is, without modifiers.
  public enum Code: Hashable, Sendable {
    /// A key that types: one character as a person sees it; Space too.
    case character(Character)
    /// Enter or Return, on the number pad too.
    case enter
    /// Escape by itself, not as the beginning of another key.
    case escape
    /// Tab without Shift.
    case tab
    /// Tab with Shift.
    case backTab
    /// Deletes to the left, whichever code the terminal sends for it.
    case backspace
    /// Deletes to the right.
    case delete
    case insert
    case up
    case down
    case left
    case right
    case home
    case end
    case pageUp
    case pageDown
    /// F1 is 1.
    case function(Int)
  }

  /// Keys held down together with another.
  public struct Modifiers: OptionSet, Hashable, Sendable {
    /// One bit for each modifier, of jobdeck's own choice.
    public let rawValue: UInt8

    /// The modifiers of a set of bits.
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Only on Space and keys that type nothing: a character has it in itself.
    public static let shift = Modifiers(rawValue: 1)
    /// Alt or Meta.
    public static let alt = Modifiers(rawValue: 2)
    /// Ctrl; letters with it are lower case.
    public static let control = Modifiers(rawValue: 4)
  }

  /// Which key, in the one form that it has.
  public var code: Code
  /// What was held down with it.
  public var modifiers: Modifiers

  /// A key in the one form that it has: Shift goes into a character when the character has a capital form, Shift-Tab is
  /// ``Code/backTab``, and a letter with Control is lower case.
  public init(_ code: Code, modifiers: Modifiers = []) {
    self.code = code
    self.modifiers = modifiers
    switch code {
    case .character(let character) where modifiers.contains(.control):
      let lower = character.lowercased()
      if lower.count == 1, let only = lower.first { self.code = .character(only) }
      self.modifiers.remove(.shift)
    case .character(let character) where modifiers.contains(.shift):
      let upper = character.uppercased()
      if upper.count == 1, let only = upper.first { self.code = .character(only) }
      if character != " " { self.modifiers.remove(.shift) }
    case .tab where modifiers.contains(.shift):
      self.code = .backTab
      self.modifiers.remove(.shift)
    case .backTab:
      self.modifiers.remove(.shift)
    default: break
    }
  }

  /// A key that types `character`, in the one form that it has.
  public init(_ character: Character, modifiers: Modifiers = []) {
    self.init(.character(character), modifiers: modifiers)
  }

  /// The character that this key types into a field; nil for keys with Control or Alt and for named keys.
  public var typed: Character? {
    guard case .character(let character) = code, modifiers.isSubset(of: .shift) else { return nil }
    return character
  }

  /// The key named by `text` (see ``Key``), also in angle brackets; names of keys and modifiers in any case.
  /// Nil when there is no such key.
  public init?(parsing text: String) {
    var rest = Substring(text)
    if rest.count > 2, rest.first == "<", rest.last == ">" { rest = rest.dropFirst().dropLast() }
    var modifiers: Modifiers = []
    while let dash = rest.dropFirst().firstIndex(of: "-"), rest.index(after: dash) < rest.endIndex {
      switch rest[..<dash].lowercased() {
      case "ctrl", "control", "c": modifiers.insert(.control)
      case "alt", "meta", "m": modifiers.insert(.alt)
      case "shift", "s": modifiers.insert(.shift)
      default: return nil
      }
      rest = rest[rest.index(after: dash)...]
    }
    if rest.count == 1, let character = rest.first {
      self.init(.character(character), modifiers: modifiers)
    } else if let code = Self.code(named: rest.lowercased()) {
      self.init(code, modifiers: modifiers)
    } else {
      return nil
    }
  }

  /// As ``init(parsing:)`` reads it and as people write it: `ctrl-d`, `space`, `shift-a`, `pgdn`, `?`.
  public var description: String {
    var name = modifiers.contains(.control) ? "ctrl-" : ""
    if modifiers.contains(.alt) { name += "alt-" }
    if modifiers.contains(.shift) { name += "shift-" }
    switch code {
    case .character(" "): return name + "space"
    case .character(let character) where character.isUppercase && character.lowercased().count == 1:
      return name + "shift-" + character.lowercased()
    case .character(let character): return name + String(character)
    case .function(let number): return name + "f\(number)"
    default: return name + (Self.names.first { $0.code == code }?.name ?? "?")
    }
  }

  /// As hints and help show it: `<ctrl-d>`.
  public var label: String { "<\(description)>" }

  private static func code(named name: String) -> Code? {
    if name == "space" { return .character(" ") }
    if name.first == "f", name.dropFirst().first != "+", let number = Int(name.dropFirst()), (1...63).contains(number) {
      return .function(number)
    }
    return names.first { $0.name == name }?.code
  }

  /// The first name of a code is the one that is printed.
  private static let names: [(name: String, code: Code)] = [
    ("enter", .enter), ("return", .enter), ("esc", .escape), ("escape", .escape), ("tab", .tab),
    ("backtab", .backTab), ("backspace", .backspace), ("delete", .delete), ("del", .delete), ("insert", .insert),
    ("ins", .insert), ("up", .up), ("down", .down), ("left", .left), ("right", .right), ("home", .home), ("end", .end),
    ("pgup", .pageUp), ("pageup", .pageUp), ("pgdn", .pageDown), ("pagedown", .pageDown),
  ]
}

/// Keys in code are literals; one that names no key is a mistake in the program and stops it.
extension Key: ExpressibleByStringLiteral {
  /// The key that `text` names; stops the program where it names none.
  public init(stringLiteral text: String) {
    guard let key = Key(parsing: text) else { preconditionFailure("no such key: \(text)") }
    self = key
  }
}
