import Threading

/// What a piece of the screen is for: the code names roles, and a ``Theme`` says how each looks.
///
/// A role is a small number behind a name, so that a cell can hold it and compare it at no cost. Two roles with one
/// name are one role. Programs add theirs as `static let` in an extension:
/// ```swift
/// extension Role {
///   static let running = Role("running", like: .success)
/// }
/// ```
public struct Role: Hashable, Sendable, CustomStringConvertible {
  let id: UInt16

  /// The role with this name, made now if there was none.
  ///
  /// - Parameters:
  ///   - name: what themes call it.
  ///   - fallback: the role whose style it takes in a theme that doesn't name it; ``text`` if none is given. Only the
  ///     first mention of a name decides.
  /// - Precondition: a program has at most 65,535 roles.
  public init(_ name: String, like fallback: Role = .text) {
    id = Self.registry.withLock { $0.intern(name, fallback: fallback.id) }
  }

  private init(builtIn id: UInt16) {
    self.id = id
  }

  /// What themes call it; unique.
  public var name: String { Self.registry.withLock { $0.entries[Int(id)].name } }

  /// The role whose style it takes in a theme that doesn't name it; nil for ``text``.
  public var fallback: Role? {
    id == 0 ? nil : Self.registry.withLock { Role(builtIn: $0.entries[Int(id)].fallback) }
  }

  public var description: String { name }

  /// Plain text, and what every unstyled cell is.
  public static let text = Role(builtIn: 0)
  /// Text of less importance.
  public static let muted = Role(builtIn: 1)
  /// The name of a panel or a page.
  public static let title = Role(builtIn: 2)
  /// Frames and rules.
  public static let border = Role(builtIn: 3)
  /// The row or item that the next key acts on.
  public static let selection = Role(builtIn: 4)
  /// What should catch the eye without alarming: keys, matches, links.
  public static let accent = Role(builtIn: 5)
  /// What may go wrong or needs attention soon.
  public static let warning = Role(builtIn: 6)
  /// What has gone wrong.
  public static let error = Role(builtIn: 7)
  /// What has gone well.
  public static let success = Role(builtIn: 8)
  /// Column titles.
  public static let header = Role(builtIn: 9)

  /// The role of text that brings colours of its own along, as programs write them; no theme changes them.
  ///
  /// Roles are kept for ever, and a program may write any number of colours: after the first few thousand pairs, new
  /// ones are shown in the nearest of the terminal's sixteen.
  public static func colored(_ foreground: Color, on background: Color = .default) -> Role {
    if foreground == .default, background == .default { return .text }
    return registry.withLock { registry in
      Role(builtIn: registry.intern(Theme.Style(foreground: foreground, background: background)))
    }
  }

  /// The look of a role that brings it along.
  var ownStyle: Theme.Style? { Self.registry.withLock { $0.styles[id] } }

  private struct Registry {
    var entries: [(name: String, fallback: UInt16)] = []
    var ids: [String: UInt16] = [:]
    /// The roles that bring their colours along, and the other way round.
    var styles: [UInt16: Theme.Style] = [:]
    var colored: [Theme.Style: UInt16] = [:]
    /// How many pairs of colours are kept as they are.
    static let coloredLimit = 4096

    init(names: [String]) {
      for name in names { _ = intern(name, fallback: 0) }
    }

    mutating func intern(_ name: String, fallback: UInt16) -> UInt16 {
      if let id = ids[name] { return id }
      precondition(entries.count < Int(UInt16.max), "too many style roles")
      let id = UInt16(entries.count)
      entries.append((name, fallback))
      ids[name] = id
      return id
    }

    mutating func intern(_ style: Theme.Style) -> UInt16 {
      if let id = colored[style] { return id }
      guard colored.count < Self.coloredLimit || style == style.inSixteen else { return intern(style.inSixteen) }
      let id = intern("colored \(style.foreground.word) \(style.background.word)", fallback: 0)
      colored[style] = id
      styles[id] = style
      return id
    }
  }

  private static let registry = Locked(
    Registry(names: [
      "text", "muted", "title", "border", "selection", "accent", "warning", "error", "success", "header",
    ]))
}
