internal import KubeModel
internal import Terminal

/// What people add of their own, in the file formats of k9s: other names for commands, keys for commands, and programs.
extension Settings {
  /// `aliases: { pf: "pods web /failed" }`
  mutating func readAliases(_ reader: inout SettingsReader) {
    guard reader.root != .null, let fields = reader.fields(of: reader.root, ["aliases"]) else { return }
    reader.at("aliases") { reader in
      reader.members(of: fields["aliases"] ?? .null) { reader, name, value in
        guard let line = reader.text(value) else { return }
        guard !name.isEmpty, !name.contains(" ") else { return reader.complain("a name must be one word") }
        let command = Self.withoutVersion(line)
        aliases[name.lowercased()] = command
        if command != line { kinds.insert(command) }
      }
    }
  }

  /// Leaves out aliases that lead nowhere, now that everything has its name.
  mutating func checkAliases(_ reader: inout SettingsReader) {
    let names = commandNames
    for (name, line) in aliases.sorted(by: { $0.key < $1.key }) {
      let first = Self.firstWord(of: line)
      let isLoop = Self.loops(name, aliases)
      guard isLoop || !names.contains(first) else { continue }
      if !isLoop, isForeign(first, line, names) {
        foreignAliases[name] = line
        aliases[name] = nil
        continue
      }
      reader.at("aliases") {
        $0.at(name) { $0.complain(isLoop ? "it stands for itself" : Self.noCommand(first, names)) }
      }
      aliases[name] = nil
    }
  }

  /// Whether a line begins with a kind that jobdeck has no view of, and not with a slip of the fingers.
  private func isForeign(_ first: String, _ line: String, _ names: [String]) -> Bool {
    first.contains("/") || kinds.contains(line) || Suggestion.nearest(to: first, among: names) == nil
  }

  private static func noCommand(_ name: String, _ names: [String]) -> String {
    "there is no command '\(name)'" + Suggestion.text(for: name, among: names)
  }

  /// What a line may begin with after `:`.
  private var commandNames: [String] {
    TableView.all.flatMap(\.commands) + DrawnView.all.flatMap(\.commands) + Dashboard.plainCommands.flatMap(\.names)
      + actions.map(\.name) + aliases.keys
  }

  private static func firstWord(of line: String) -> String {
    line.split(separator: " ").first.map { $0.lowercased() } ?? ""
  }

  /// k9s names a kind with its group and version: `batch/v1/jobs`.
  private static func withoutVersion(_ line: String) -> String {
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    let parts = words.first?.split(separator: "/") ?? []
    guard parts.count > 1, parts[parts.count - 2].hasPrefix("v"), let kind = parts.last else { return line }
    return ([kind] + words.dropFirst()).joined(separator: " ")
  }

  private static func loops(_ name: String, _ aliases: [String: String]) -> Bool {
    var seen: Set<String> = []
    var next = name
    while let line = aliases[next] {
      // A name that stands for the command of the same name adds words to it.
      let word = firstWord(of: line)
      if word == next { return false }
      guard seen.insert(next).inserted else { return true }
      next = word
    }
    return false
  }

  /// `hotKeys: { name: { shortCut: Shift-0, description: …, command: pods } }`
  mutating func readHotKeys(_ reader: inout SettingsReader) {
    guard reader.root != .null, let file = reader.fields(of: reader.root, ["hotKeys"]) else { return }
    reader.at("hotKeys") { reader in
      reader.members(of: file["hotKeys"] ?? .null) { reader, name, value in
        guard let fields = reader.fields(of: value, HotKey.fields), let hotKey = HotKey(&reader, name, fields) else {
          return
        }
        let (first, names) = (Self.firstWord(of: hotKey.command), commandNames)
        guard first.hasPrefix("$") || names.contains(first) else {
          return reader.at("command") { $0.complain(Self.noCommand(first, names)) }
        }
        add(hotKey.action, overrides: hotKey.overrides, &reader)
      }
    }
  }

  /// `plugins: { name: { shortCut: Ctrl-T, description: …, scopes: [pods], command: …, args: [$NAME] } }`
  mutating func readPlugins(_ reader: inout SettingsReader) {
    guard reader.root != .null, let file = reader.fields(of: reader.root, ["plugins"]) else { return }
    reader.at("plugins") { reader in
      reader.members(of: file["plugins"] ?? .null) { reader, name, value in
        guard let plugin = Plugin(&reader, name, value) else { return }
        add(plugin.action, overrides: plugin.overrides, &reader)
      }
    }
  }

  /// Adds an action of the user's; its key must be free, or it takes it.
  private mutating func add(_ action: Action, overrides: Bool, _ reader: inout SettingsReader) {
    if let other = actions.first(where: { $0.name == action.name }) {
      return reader.complain("'\(action.name)' is the name of another action (\(other.help))")
    }
    for key in action.keys {
      guard let owner = actions.owner(of: key, in: action.contexts) else { continue }
      guard overrides else {
        return reader.at("shortCut") {
          $0.complain(
            "\(Action.label(key)) is '\(owner.name)' (\(owner.place)): choose another key, or say 'override: true'")
        }
      }
      actions.free(key, in: action.contexts)
    }
    actions.append(action)
  }
}

/// A key that runs a line as typed after `:`.
struct HotKey: Sendable {
  static let fields = ["shortCut", "override", "description", "command", "keepHistory"]

  let name: String
  let key: Key
  let overrides: Bool
  let description: String
  let command: String
  /// Whether Esc leads back to the page that it was pressed on.
  let keepsHistory: Bool

  init?(_ reader: inout SettingsReader, _ name: String, _ fields: [String: JSONValue]) {
    guard let own = OwnFields(&reader, name, fields) else { return nil }
    self.name = own.name
    key = own.key
    overrides = own.overrides
    description = own.description
    command = own.command
    keepsHistory = fields["keepHistory"].flatMap { value in reader.at("keepHistory") { $0.flag(value) } } ?? false
  }

  var action: Action {
    Action(name, [key], description, "\(description): :\(command)", group: .own, in: .everywhere, hint: 10) {
      $0.run(self)
    }
  }
}

/// What hot keys and plugins have in common.
struct OwnFields {
  let name: String
  let key: Key
  let overrides: Bool
  let description: String
  let command: String

  init?(_ reader: inout SettingsReader, _ name: String, _ fields: [String: JSONValue]) {
    self.name = name.lowercased().split(separator: " ").joined(separator: "-")
    for needed in ["shortCut", "command"] where fields[needed] == nil {
      reader.complain("'\(needed)' is missing")
    }
    let key = fields["shortCut"].flatMap { value in reader.at("shortCut") { $0.key(value) } }
    let command = fields["command"].flatMap { value in reader.at("command") { $0.text(value) } }
    overrides = fields["override"].flatMap { value in reader.at("override") { $0.flag(value) } } ?? false
    description = fields["description"].flatMap { value in reader.at("description") { $0.text(value) } } ?? name
    guard let key, let command else { return nil }
    self.key = key
    self.command = command
  }
}
