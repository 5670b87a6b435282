internal import KubeModel
internal import Terminal

/// A program of the user's that a key starts with what stands under the cursor.
struct Plugin: Hashable, Sendable {
  static let fields = [
    "shortCut", "override", "confirm", "dangerous", "description", "scopes", "command", "background", "args",
    "overwriteOutput", "inputs",
  ]

  let name: String
  let key: Key
  let overrides: Bool
  let description: String
  let contexts: Contexts
  let command: String
  let arguments: [String]
  let inputs: [PluginInput]
  private let variableNames: [String]
  /// Whether it asks first.
  let asks: Bool
  /// It may change something: not there with `--read-only`.
  let isDangerous: Bool
  /// Whether it runs beside the dashboard instead of in its place.
  let isInBackground: Bool
  /// Whether what it writes is told when it has ended.
  let tellsOutput: Bool

  init?(_ reader: inout SettingsReader, _ name: String, _ value: JSONValue) {
    if value["pipes"] != nil {
      reader.at("pipes") { $0.complain("jobdeck has no 'pipes': let 'command' be a script that does it") }
      return nil
    }
    guard let fields = reader.fields(of: value, Self.fields), let own = OwnFields(&reader, name, fields) else {
      return nil
    }
    func flag(_ name: String) -> Bool {
      fields[name].flatMap { value in reader.at(name) { $0.flag(value) } } ?? false
    }
    self.name = own.name
    key = own.key
    overrides = own.overrides
    description = own.description
    command = own.command
    isDangerous = flag("dangerous")
    isInBackground = flag("background")
    tellsOutput = flag("overwriteOutput")
    let before = reader.problems.count
    let inputs = fields["inputs"].flatMap { value in
      reader.at("inputs") { $0.list(of: value) { PluginInput(&$0, $1) } }
    }
    self.inputs = inputs ?? []
    asks = fields["confirm"] == nil ? !self.inputs.isEmpty : flag("confirm")
    let scopes = fields["scopes"].flatMap { value in
      reader.at("scopes") { $0.list(of: value) { $0.choice($1, of: "view", among: Contexts.scopes) } }
    }
    let contexts = Contexts(scopes ?? [])
    if contexts.isEmpty, reader.problems.count == before {
      reader.complain("'scopes' is missing: the views that it is for, or 'all'")
    }
    self.contexts = contexts
    variableNames = PluginText.names(contexts) + self.inputs.map { "INPUT_\($0.name)" }
    let (names, isShell) = (variableNames, PluginText.isShell(command))
    arguments =
      fields["args"].flatMap { value in
        reader.at("args") { reader in
          reader.list(of: value) { reader, value in
            // Also an empty text is an argument.
            let text = value == .string("") ? "" : reader.text(value)
            if let text, !contexts.isEmpty { PluginText.check(text, names, isShell: isShell, &reader) }
            return text
          }
        }
      } ?? []
    if reader.problems.count > before { return nil }
  }

  var action: Action {
    Action(
      name, [key], description, "\(description): \(([command] + arguments).joined(separator: " "))", group: .own,
      in: contexts,
      changes: isDangerous, hint: 35
    ) { $0.run(self) }
  }

  /// The command line for what the variables say, each argument whole, whatever is in it.
  func commandLine(_ variables: [String: String]) -> Result<[String], PluginText.Problem> {
    var line = [command]
    for argument in arguments {
      // What a shell is to read as a program comes after `-c`; what follows that are words.
      let isProgram = line.last.map { PluginText.announcesProgram($0, of: command) } ?? false
      switch PluginText.filled(argument, variables, names: variableNames, asProgram: isProgram) {
      case .success(let text): line.append(text)
      case .failure(let problem): return .failure(problem)
      }
    }
    return .success(line)
  }
}

extension Contexts {
  /// What a plugin may be for, by name: the tables by everything that opens them, the tree, or all that have rows.
  static let scopes: [(String, Contexts)] =
    TableView.all.flatMap { view in view.commands.map { ($0, Contexts(view.id)) } }
    + [("tree", .tree), ("all", [.tables, .drawn])]
}
