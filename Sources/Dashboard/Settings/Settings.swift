internal import KubeModel
public import Terminal

/// The files that people's settings are read from, all in one folder.
public enum SettingsFile: String, CaseIterable, Hashable, Sendable {
  case config = "config.yaml"
  case aliases = "aliases.yaml"
  case hotKeys = "hotkeys.yaml"
  case plugins = "plugins.yaml"
}

/// What people chose: made from the text of their files alone.
public struct Settings: Sendable {
  /// How a table is shown.
  struct View: Hashable, Sendable {
    /// The columns' names in their order; `nil` for the usual ones.
    var shown: [String]?
    var hidden: Set<String> = []
    var widths: [String: Int] = [:]
    var sort: SortOrder?
    /// What the table opens with.
    var filter = Filter.none
  }

  /// Every action with its keys, the user's own ones last.
  var actions = Action.all
  var views: [ViewID: View] = [:]
  /// What stands for another line after `:`.
  var aliases: [String: String] = [:]
  /// Aliases for what there is no view of, with what they stand for: files of k9s have names for everything that a
  /// cluster may hold.
  var foreignAliases: [String: String] = [:]
  /// What aliases name with a version, and so can only be a kind.
  var kinds: Set<String> = []
  /// What is opened at the start, as typed after `:`.
  var defaultView = ""
  /// Shown at the start, as typed after `:ns`; `nil` for all.
  var namespace: String?
  /// The name of a theme, or the path of one.
  public internal(set) var theme: String?
  /// What the theme looks like, once it was found.
  var look: Theme?
  /// How often what counts time is drawn.
  var clockInterval = Duration.seconds(1)
  /// How often the use of CPU and memory is asked for.
  var usageInterval = Duration.seconds(2)
  var usesMouse = true
  /// Whether what is met for the first time is explained.
  var showsHints = true

  /// The usual ones.
  public init() {}

  /// Reads the text of each file that there is. What is wrong is told and left at what is usual.
  public static func read(
    _ texts: [SettingsFile: String], findTheme: (String) throws -> Theme = { _ in .default }
  ) -> (settings: Settings, problems: [SettingsProblem]) {
    var settings = Settings()
    func reader(_ file: SettingsFile) -> SettingsReader { SettingsReader(texts[file] ?? "", file: file.rawValue) }
    var (config, aliases) = (reader(.config), reader(.aliases))
    var (plugins, hotKeys) = (reader(.plugins), reader(.hotKeys))
    settings.readConfig(&config)
    if let name = settings.theme {
      do { settings.look = try findTheme(name) } catch { config.at("theme") { $0.complain("\(error)") } }
    }
    settings.readAliases(&aliases)
    settings.readPlugins(&plugins)
    settings.readHotKeys(&hotKeys)
    // An alias may stand for a plugin or a hot key.
    settings.checkAliases(&aliases)
    // As the file has them: what is checked last may stand first.
    let problems = [config, aliases, hotKeys, plugins].flatMap { reader in
      reader.problems.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
        .map(\.element)
    }
    return (settings, problems)
  }

  /// Where an action goes with something, with its key or without.
  func contexts(of action: String) -> Contexts {
    Contexts(actions.filter { $0.name == action }.map(\.contexts))
  }

  /// The columns of a table as they were chosen.
  func columns(of view: TableView) -> [AnyColumn] {
    guard let chosen = views[view.id] else { return view.columns }
    let columns = chosen.shown.map { names in names.compactMap(view.column) } ?? view.columns
    return columns.filter { !chosen.hidden.contains($0.id) }.map { column in
      chosen.widths[column.id].map(column.fixed) ?? column
    }
  }

  /// The columns that a capital letter sorts by: those that are shown and whose letter nothing else has.
  func letters(of view: TableView) -> [(letter: Character, column: AnyColumn)] {
    let taken = actions.filter { $0.contexts.contains(Contexts(view.id)) }.flatMap(\.keys)
    return columns(of: view).compactMap { column in
      column.letter.flatMap { taken.contains(Key($0)) ? nil : ($0, column) }
    }
  }
}
