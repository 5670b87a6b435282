internal import Terminal

/// Something that a key does. Dispatch, hints, help, the command line and the documentation all read this.
struct Action: Sendable {
  /// Where help lists it.
  enum Group: String, CaseIterable, Hashable, Sendable {
    case move = "Moving"
    case look = "Looking"
    case act = "Acting"
    case log = "Logs and text"
    case general = "General"
    /// What the settings add.
    case own = "Your own"
  }

  /// What the command line calls it, and what a key can be bound to.
  let name: String
  /// Those of the settings, or else the usual ones; the first one stands for it in hints.
  var keys: [Key]
  /// A word or two, for hints.
  let title: String
  /// What it does, for help.
  let help: String
  let group: Group
  var contexts: Contexts
  /// It can't be undone and asks first.
  let isDangerous: Bool
  /// It changes the cluster: not there with `--read-only`.
  let changesThings: Bool
  /// The higher the sooner it is among the hints; 0 never.
  let hint: Int
  let isAvailable: @Sendable (Dashboard) -> Bool
  let run: @Sendable (inout Dashboard) -> [Command]
  /// What its name does that is typed after `:`, where a word must not do what a key may: turn something back.
  let typed: @Sendable (inout Dashboard) -> [Command]

  init(
    _ name: String, _ keys: [Key], _ title: String, _ help: String, group: Group, in contexts: Contexts,
    dangerous: Bool = false, changes: Bool = false, hint: Int = 0,
    when isAvailable: @escaping @Sendable (Dashboard) -> Bool = { _ in true },
    typed: (@Sendable (inout Dashboard) -> [Command])? = nil,
    run: @escaping @Sendable (inout Dashboard) -> [Command]
  ) {
    self.name = name
    self.keys = keys
    self.title = title
    self.help = help
    self.group = group
    self.contexts = contexts
    isDangerous = dangerous
    changesThings = changes
    self.hint = hint
    self.isAvailable = isAvailable
    self.run = run
    self.typed = typed ?? run
  }

  /// Whether `.` does it again: what acts on a selection or looks at it.
  var isRepeatable: Bool { changesThings && name != "undo" && name != "repeat" || group == .look }

  /// Whether `:` takes the name of the object that it goes to.
  var takesName: Bool {
    guard group == .look || group == .act else { return false }
    // What goes with every table is mostly about the table.
    return ["yaml", "why", "describe", "timeline"].contains(name) || !contexts.isSuperset(of: .tables)
  }

  /// The keys as people read them: `j ↓`; the command of one that has none.
  var keyText: String { keys.isEmpty ? ":\(name)" : keys.map(Action.label).joined(separator: " ") }

  static func label(_ key: Key) -> String {
    switch key {
    case "up": return "↑"
    case "down": return "↓"
    case "left": return "←"
    case "right": return "→"
    case "pgup": return "PgUp"
    case "pgdn": return "PgDn"
    default:
      let text = key.description
      // A capital letter says Shift by itself.
      if text.hasPrefix("shift-"), text.utf8.count == 7 { return String(text.dropFirst(6)).uppercased() }
      guard text.utf8.count > 1 else { return text }
      return text.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
    }
  }

  /// What the mouse does.
  static let mouse = [
    (
      "click",
      "on a row selects it; on a column's title sorts by it; on a key below, an answer or a field does what "
        + "the key does; on a completion takes it, and again carries it out"
    ),
    ("double click", "on a row opens it"),
    ("wheel", "scrolls"),
    ("Shift", "with the mouse selects text, as the terminal has it"),
  ]

  /// Every action, in the order of help.
  static let all: [Action] = moving + looking + acting + reading + general
}

extension Action {
  /// The table of keys as Markdown, for Docs/keys.md.
  static func keyTable() -> String {
    var text = """
      # Keys

      Generated from the dashboard's list of actions; a test keeps it up to date. [Settings](settings.md) can change \
      them. Those marked with `!` change the \
      cluster and are not there with `--read-only`; those marked with `!!` ask first. Every action is also a command: \
      `:` and its name.

      """
    for group in Group.allCases where group != .own {
      text += "\n## \(group.rawValue)\n\n| keys | what | where | command |\n| --- | --- | --- | --- |\n"
      for action in all where action.group == group {
        let keys = action.keys.map { "`\(label($0))`" }.joined(separator: " ")
        let mark = action.isDangerous ? " `!!`" : action.changesThings ? " `!`" : ""
        text += "| \(keys) | \(action.help)\(mark) | \(action.contexts.description) | `\(action.name)` |\n"
      }
    }
    text += "\n## Mouse\n\n| mouse | what |\n| --- | --- |\n"
    for (what, does) in mouse { text += "| \(what) | \(does) |\n" }
    text += "\n## Sort keys\n\n`Shift` and a letter sort by a column; the same again turns the order round.\n"
    text += "The names are those that settings take.\n"
    text += "\n| view | columns |\n| --- | --- |\n"
    for view in TableView.all {
      let columns = view.columns.map { column in
        (column.letter.map { "`\($0)` " } ?? "") + column.title.lowercased()
      }
      text += "| \(view.title) | \(columns.joined(separator: ", ")) |\n"
    }
    return text
  }
}
