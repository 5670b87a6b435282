internal import KubeModel

/// One entry of config.yaml: how it is read, and what the documentation says of it.
struct ConfigKey: Sendable {
  let name: String
  let help: String
  /// As it may stand in the file.
  let example: String
  let read: @Sendable (inout SettingsReader, JSONValue, inout Settings) -> Void

  static let all: [ConfigKey] = [
    ConfigKey(
      name: "theme",
      help: """
        The colours: the name of a theme or of a skin, or the path of a file, from this folder on. \
        `--theme` goes before it.
        """,
      example: "theme: default"
    ) { reader, value, settings in settings.theme = reader.text(value) },
    ConfigKey(
      name: "defaultView",
      help: "What is opened at the start, as it is typed after `:`. The usual one is `jobs`.",
      example: "defaultView: jobs"
    ) { reader, value, settings in
      guard let line = reader.text(value) else { return }
      let name = line.split(separator: " ").first.map(String.init) ?? ""
      // The timeline of everything is opened by the action: of what is selected, and at the start nothing is.
      let views = TableView.all.map(\.commands) + DrawnView.all.map(\.commands) + [["timeline"]]
      if views.joined().contains(name) {
        settings.defaultView = line
      } else {
        reader.complain(Self.noView(name, among: views.compactMap(\.first)))
      }
    },
    ConfigKey(
      name: "namespace",
      help: "The namespaces that are shown at the start, as they are typed after `:ns`: `web`, `web,data`, or `all`, "
        + "which is the usual. New jobs go to it if it is one. `-n` goes before it.",
      example: "namespace: all"
    ) { reader, value, settings in settings.namespace = reader.text(value).flatMap { $0 == "all" ? nil : $0 } },
    ConfigKey(
      name: "refresh",
      help: "How often what counts time is drawn (`clock`, 1s to 60s), and how often the use of CPU and memory is "
        + "asked for (`usage`, 1s to 10m). Everything else is drawn when it changes. One duration stands for both.",
      example: """
        refresh:
          clock: 1s
          usage: 2s
        """
    ) { $2.readRefresh(&$0, $1) },
    ConfigKey(
      name: "mouse", help: "Whether clicks and the wheel are for jobdeck; without, the terminal selects text as usual.",
      example: "mouse: true"
    ) { reader, value, settings in settings.usesMouse = reader.flag(value) ?? true },
    ConfigKey(
      name: "hints", help: "Whether what is met for the first time is explained in a line, once.",
      example: "hints: true"
    ) { reader, value, settings in settings.showsHints = reader.flag(value) ?? true },
    ConfigKey(
      name: "keys",
      help: """
        The keys of an action, by its name: one, several, or `none`. They take the place of the usual ones, of which \
        [keys.md](keys.md) has the names. Keys are written `l`, `L`, `ctrl-d`, `alt-x`, `f5`, `space`, `enter`, `pgdn`. \
        Two actions of the same page must not have the same key. Footer and `?` show the keys as they are here.
        """,
      example: """
        keys:
          delete: x
          quit: [q, ctrl-c]
        """
    ) { $2.readKeys(&$0, $1) },
    ConfigKey(
      name: "columns",
      help: """
        For a table the columns to be shown, in their order (`show`, or just the list), or those to be left out \
        (`hide`); how wide they are (`width`, 4 to 200); and what the rows are sorted by at first (`sort`, a column \
        and `asc` or `desc`). [keys.md](keys.md) has the names of columns, too. Where the screen is narrow the least important ones are left out all the same.
        """,
      example: """
        columns:
          jobs:
            hide: [command]
            width: { name: 40 }
            sort: elapsed desc
          nodes: [name, status, pods]
        """
    ) { $2.readColumns(&$0, $1) },
    ConfigKey(
      name: "filters",
      help: "The filter that a table opens with, as it is typed after `/`; Esc takes it away.",
      example: """
        filters:
          jobs: "!complete"
        """
    ) { $2.readFilters(&$0, $1) },
  ]

  static func noView(_ name: String, among names: [String]) -> String {
    "there is no view '\(name)'" + Suggestion.text(for: name, among: names)
  }
}

extension Settings {
  mutating func readConfig(_ reader: inout SettingsReader) {
    guard reader.root != .null, let fields = reader.fields(of: reader.root, ConfigKey.all.map(\.name)) else { return }
    for key in ConfigKey.all {
      guard let value = fields[key.name] else { continue }
      reader.at(key.name) { key.read(&$0, value, &self) }
    }
  }

  fileprivate mutating func readRefresh(_ reader: inout SettingsReader, _ value: JSONValue) {
    let (clock, usage) = (Duration.seconds(1)...Duration.seconds(60), Duration.seconds(1)...Duration.seconds(600))
    guard case .object = value else {
      guard let interval = reader.duration(value, in: clock) else { return }
      (clockInterval, usageInterval) = (interval, interval)
      return
    }
    guard let fields = reader.fields(of: value, ["clock", "usage"]) else { return }
    if let value = fields["clock"], let interval = reader.at("clock", { $0.duration(value, in: clock) }) {
      clockInterval = interval
    }
    if let value = fields["usage"], let interval = reader.at("usage", { $0.duration(value, in: usage) }) {
      usageInterval = interval
    }
  }

  fileprivate mutating func readFilters(_ reader: inout SettingsReader, _ value: JSONValue) {
    reader.members(of: value) { reader, name, value in
      guard let view = reader.view(name) else { return }
      guard let source = reader.text(value) else { return }
      do throws(FilterError) {
        views[view.id, default: View()].filter = try Filter(source)
      } catch {
        reader.complain(error.message)
      }
    }
  }

  fileprivate mutating func readColumns(_ reader: inout SettingsReader, _ value: JSONValue) {
    reader.members(of: value) { reader, name, value in
      guard let view = reader.view(name) else { return }
      var chosen = views[view.id] ?? View()
      chosen.read(&reader, value, of: view)
      views[view.id] = chosen
    }
  }
}

extension Settings.View {
  fileprivate mutating func read(_ reader: inout SettingsReader, _ value: JSONValue, of view: TableView) {
    guard case .object = value else {
      shown = columns(&reader, value, of: view)
      return
    }
    guard let fields = reader.fields(of: value, ["show", "hide", "width", "sort"]) else { return }
    if let value = fields["show"] { reader.at("show") { shown = columns(&$0, value, of: view) } }
    if let value = fields["hide"] {
      reader.at("hide") { reader in
        hidden = Set(columns(&reader, value, of: view) ?? [])
        guard hidden.isSuperset(of: shown ?? view.columns.map(\.id)) else { return }
        reader.complain("leaves no column to be shown")
        hidden = []
      }
    }
    if let value = fields["width"] {
      reader.at("width") { reader in
        reader.members(of: value) { reader, name, value in
          guard let column = reader.column(name, of: view) else { return }
          widths[column.id] = reader.number(value, in: 4...200)
        }
      }
    }
    if let value = fields["sort"] { reader.at("sort") { sort = order(&$0, value, of: view) } }
  }

  private func columns(_ reader: inout SettingsReader, _ value: JSONValue, of view: TableView) -> [String]? {
    var seen: Set<String> = []
    let names = reader.list(of: value) { reader, value -> String? in
      guard let column = reader.text(value).flatMap({ reader.column($0, of: view) }) else { return nil }
      if seen.insert(column.id).inserted { return column.id }
      reader.complain("'\(column.title)' stands there twice")
      return nil
    }
    return names?.isEmpty == true ? nil : names
  }

  /// `age`, `age desc`, and k9s' `AGE:desc`.
  private func order(_ reader: inout SettingsReader, _ value: JSONValue, of view: TableView) -> SortOrder? {
    guard let text = reader.text(value) else { return nil }
    let lower = text.lowercased()
    let ends = [" desc", ":desc", " asc", ":asc"]
    let end = ends.first { lower.hasSuffix($0) } ?? ""
    guard let column = reader.column(String(text.dropLast(end.count)), of: view) else { return nil }
    return SortOrder(column: column.id, isDescending: end.isEmpty ? column.startsDescending : end.hasSuffix("desc"))
  }
}

extension SettingsReader {
  /// A table by its name, or by what opens it.
  fileprivate mutating func view(_ name: String) -> TableView? {
    if let view = TableView.named(name) { return view }
    complain(ConfigKey.noView(name, among: TableView.all.map(\.name)))
    return nil
  }

  /// A column by its title or its name, in any case.
  fileprivate mutating func column(_ name: String, of view: TableView) -> AnyColumn? {
    let lower = name.lowercased()
    if let column = view.columns.first(where: { $0.id == lower || $0.title.lowercased() == lower }) { return column }
    let names = view.columns.map { $0.title.lowercased() }
    complain("\(view.title) have no column '\(name)'" + Suggestion.text(for: name, among: names))
    return nil
  }
}
