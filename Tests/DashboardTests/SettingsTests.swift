import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Settings from text alone: what they mean, and what is said of mistakes.
struct SettingsTests {
  static func read(_ config: String) -> (settings: Settings, problems: [String]) {
    read([.config: config])
  }

  static func read(_ texts: [SettingsFile: String]) -> (settings: Settings, problems: [String]) {
    let (settings, problems) = Settings.read(texts) { name in
      guard let theme = Theme.named(name) else { throw StatusError.badRequest("there is no theme '\(name)'") }
      return theme
    }
    return (settings, problems.map(\.description))
  }

  // MARK: Mistakes

  static let mistakes: [(SettingsFile, String, String)] = [
    (.config, "themes: dark", "config.yaml:1: themes: there is no such setting; did you mean 'theme'?"),
    (.config, "- a", "config.yaml:1: must be a mapping (theme, defaultView, namespace, refresh, mouse, hints, keys"),
    (.config, "mouse: true\nmouse: false", "config.yaml:1: key \"mouse\" already set in map"),
    (.config, "mouse: [", "config.yaml:1: "),
    (.config, "a: 1\n---\nb: 2", "config.yaml:3: a second document begins here"),
    (.config, "mouse: maybe", "config.yaml:1: mouse: must be true or false, not 'maybe'"),
    (.config, "\nhints: {}", "config.yaml:2: hints: must be true or false, not a mapping"),
    (.config, "theme: nope", "config.yaml:1: theme: "),
    (.config, "theme:", "config.yaml:1: theme: must be a text, not nothing"),
    (.config, "defaultView: job/s", "config.yaml:1: defaultView: there is no view 'job/s'; did you mean 'jobs'?"),
    (.config, "refresh: 0s", "config.yaml:1: refresh: must be a duration from 1s to 60s, as 2s, not '0s'"),
    (.config, "refresh:\n  usage: 1h", "config.yaml:2: refresh.usage: must be a duration from 1s to 10m, as 2s"),
    (.config, "refresh:\n  cloc: 1s", "config.yaml:2: refresh.cloc: there is no such setting; did you mean 'clock'?"),
    (.config, "keys:\n  lgos: x", "config.yaml:2: keys.lgos: there is no action 'lgos'; did you mean 'logs'?"),
    (.config, "keys:\n  logs: hyper-x", "config.yaml:2: keys.logs: there is no key 'hyper-x'; keys are written as"),
    (.config, "keys:\n  logs: [x, ctrl-m]", "config.yaml:2: keys.logs[1]: terminals send Enter for Ctrl-M"),
    (.config, "keys:\n  logs: ctrl-1", "config.yaml:2: keys.logs: terminals do not send Ctrl-1: choose another key"),
    (.config, "keys:\n  logs: Ctrl-Z", "config.yaml:2: keys.logs: Ctrl-Z stops the program"),
    (.config, "keys:\n  logs: w", "config.yaml:2: keys.logs: w is 'why' as well (jobs, cron jobs, pods, "),
    (.config, "keys:\n  logs: S", "config.yaml:2: keys.logs: S is 'sort by STATUS' as well (Jobs)"),
    (.config, "keys:\n  logs:", "config.yaml:2: keys.logs: must be a key, a list of keys, or none"),
    (.config, "keys:\n  quit: none", "config.yaml:2: keys.quit: there must be a key to leave by"),
    (
      .config, "columns:\n  job: [nam]",
      "config.yaml:2: columns.job[0]: Jobs have no column 'nam'; did you mean 'name'?"
    ),
    (.config, "columns:\n  jobz: []", "config.yaml:2: columns.jobz: there is no view 'jobz'; did you mean 'jobs'?"),
    (.config, "columns:\n  jobs: [name, NAME]", "config.yaml:2: columns.jobs[1]: 'NAME' stands there twice"),
    (
      .config, "columns:\n  jobs:\n    sort: sped desc",
      "config.yaml:3: columns.jobs.sort: Jobs have no column 'sped'"
    ),
    (
      .config, "columns:\n  jobs:\n    width: {name: 2}",
      "config.yaml:3: columns.jobs.width.name: must be a number from 4"
    ),
    (
      .config, "columns:\n  jobs:\n    show: [name]\n    hide: [name]",
      "config.yaml:4: columns.jobs.hide: leaves no column to be shown"
    ),
    (.config, "filters:\n  pods: \"-l a in\"", "config.yaml:2: filters.pods: "),
    (.aliases, "alias: {}", "aliases.yaml:1: alias: there is no such setting; did you mean 'aliases'?"),
    (.aliases, "aliases:\n  dp: podz", "aliases.yaml:2: aliases.dp: there is no command 'podz'; did you mean 'pods'?"),
    (.aliases, "aliases:\n  a: b\n  b: a", "aliases.yaml:2: aliases.a: it stands for itself"),
    (.aliases, "aliases:\n  a b: pods", "aliases.yaml:2: aliases.a b: a name must be one word"),
    (.hotKeys, "hotKeys:\n  a:\n    shortCut: f5", "hotkeys.yaml:2: hotKeys.a: 'command' is missing"),
    (
      .hotKeys, "hotKeys:\n  a:\n    shortCut: l\n    command: pods",
      "hotkeys.yaml:3: hotKeys.a.shortCut: l is 'logs' (jobs, cron jobs, pods, "
    ),
    (
      .hotKeys, "hotKeys:\n  a:\n    shortCut: f5\n    command: podz",
      "hotkeys.yaml:4: hotKeys.a.command: there is no command 'podz'; did you mean 'pods'?"
    ),
    (
      .plugins, "plugins:\n  a:\n    shortCut: f5\n    command: ls",
      "plugins.yaml:2: plugins.a: 'scopes' is missing: the views that it is for, or 'all'"
    ),
    (
      .plugins, "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes:",
      "plugins.yaml:2: plugins.a: 'scopes' is missing"
    ),
    (
      .plugins, "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes: [jobs, deploy]",
      "plugins.yaml:5: plugins.a.scopes[1]: there is no view 'deploy'"
    ),
    (
      .plugins, "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes: [jobs]\n    args: [$NMAE]",
      "plugins.yaml:6: plugins.a.args[0]: there is no variable '$NMAE'; did you mean '$NAME'?"
    ),
    (
      .plugins, "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes: [jobs]\n    args: [$COL-NODE]",
      "plugins.yaml:6: plugins.a.args[0]: there is no variable '$COL-NODE'"
    ),
    (
      .plugins, "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes: [jobs]\n    pipes: [cat]",
      "plugins.yaml:6: plugins.a.pipes: jobdeck has no 'pipes'"
    ),
    (
      .plugins,
      "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes: [jobs]\n    inputs: [{name: x, type: text}]",
      "plugins.yaml:6: plugins.a.inputs[0].type: there is no type 'text'; there are: string, number, bool, dropdown"
    ),
    (
      .plugins,
      "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes: [jobs]\n    inputs: [{name: x, type: dropdown}]",
      "plugins.yaml:6: plugins.a.inputs[0]: 'options' are missing"
    ),
    (
      .plugins,
      "plugins:\n  a:\n    shortCut: f5\n    command: ls\n    scopes: [jobs]\n    inputs: [{name: x, type: number, default: y}]",
      "plugins.yaml:6: plugins.a.inputs[0].default: it must be a number"
    ),
    (
      .plugins, "plugins:\n  logs:\n    shortCut: f5\n    command: ls\n    scopes: [jobs]",
      "plugins.yaml:2: plugins.logs: 'logs' is the name of another action"
    ),
  ]

  @Test(arguments: mistakes)
  func aMistakeIsOneLineThatSaysWhere(_ file: SettingsFile, _ text: String, _ expected: String) {
    let problems = Self.read([file: text]).problems
    #expect(problems.count == 1 && problems.first?.hasPrefix(expected) == true, "\(problems)")
    #expect(problems.allSatisfy { !$0.contains("\n") })
  }

  @Test func whatIsRightIsUsedBesideWhatIsWrong() {
    let (settings, problems) = Self.read(
      "mouse: perhaps\nhints: false\nkeys:\n  logs: w\n  why: w\n  describe: D\n  yaml: Y\n")
    #expect(problems.count == 3)
    #expect(!settings.showsHints && settings.usesMouse)
    func keys(_ name: String) -> [Key]? { settings.actions.first { $0.name == name }?.keys }
    #expect(keys("logs") == ["l"] && keys("why") == ["w"] && keys("describe") == ["d"] && keys("yaml") == ["Y"])
  }

  @Test func nothingAtAllIsTheUsual() {
    for text in ["", "# nothing\n", "keys:\ncolumns:\nfilters:\n", "{}"] {
      let (settings, problems) = Self.read(text)
      #expect(problems.isEmpty)
      #expect(settings.actions.map(\.keys) == Action.all.map(\.keys) && settings.usesMouse && settings.showsHints)
    }
    let (_, problems) = Self.read([.aliases: "aliases:\n", .hotKeys: "", .plugins: "plugins: {}\n"])
    #expect(problems.isEmpty)
  }

  @Test func bareLettersAreKeys() {
    let (settings, problems) = Self.read("keys:\n  yaml: y\n  new: n\n  all-namespaces: 0\n  recover: [x, f12]\n")
    #expect(problems.isEmpty)
    #expect(settings.actions.first { $0.name == "recover" }?.keys == ["x", "f12"])
  }

  @Test func keysMayBeSwapped() {
    let (settings, problems) = Self.read("keys: { logs: w, why: l }")
    #expect(problems.isEmpty)
    #expect(settings.actions.first { $0.name == "logs" }?.keys == ["w"])
  }

  // MARK: What they do

  @Test func keysDoWhatTheyAreSetTo() {
    var driver = Driver(settings: Self.read("keys: { describe: f7, yaml: none, down: [ctrl-n, down] }").settings)
    driver.press("d")
    #expect(driver.dashboard.pages.count == 1)
    driver.press("y")
    #expect(driver.dashboard.pages.count == 1)
    let first = driver.selectedName
    driver.press("ctrl-n")
    #expect(driver.selectedName != first)
    driver.press("f7")
    #expect(driver.screen.contains("Describe"))
    driver.press("esc : y a m l enter")
    #expect(driver.dashboard.pages.count == 2)
  }

  @Test func columnsAreChosenOrderedSizedAndSorted() {
    let (settings, problems) = Self.read(
      """
      columns:
        jobs: { show: [STATUS, name, last exit, age], width: { name: 40 }, sort: name desc }
        pods: { hide: [node], sort: 'AGE:desc' }
      """)
    #expect(problems.isEmpty)
    var driver = Driver(settings: settings)
    let titles = driver.screen.split(separator: "\n").first { $0.contains("STATUS") } ?? ""
    #expect(titles.split(separator: " ") == ["STATUS", "NAME▼", "LAST", "EXIT", "AGE"])
    let (name, exit) = (titles.firstRange(of: "NAME"), titles.firstRange(of: "LAST"))
    if let name, let exit { #expect(titles.distance(from: name.lowerBound, to: exit.lowerBound) >= 42) }
    #expect(driver.rows == driver.rows.sorted(by: >))
    // A letter sorts by what is shown.
    driver.press("D")
    #expect(driver.dashboard.table?.sort.column == "name")
    driver.press("A : p o enter")
    #expect(driver.dashboard.table?.sort == SortOrder(column: "age", isDescending: true))
    #expect(!driver.screen.contains("NODE"))
  }

  @Test func wideColumnsFitSmallScreens() {
    let (settings, _) = Self.read("columns: { jobs: { width: { name: 200, status: 200 } } }")
    for columns in [40, 80, 200] {
      var driver = Driver(size: Size(columns: columns, rows: 24), settings: settings)
      #expect(driver.screen.contains("NAME") && driver.screen.contains("STATUS"))
    }
  }

  @Test func itStartsWhereTheSettingsSay() {
    var driver = Driver(settings: Self.read("defaultView: pods web /render\nfilters: { jobs: '!complete' }").settings)
    #expect(driver.dashboard.table?.view == .pods && driver.dashboard.shown.namespaceText == "web")
    #expect(driver.dashboard.table?.filter.source == "render" && driver.dashboard.said.isEmpty)
    driver.press(": j o b s enter")
    #expect(driver.dashboard.table?.filter.source == "!complete")
    driver.press("esc")
    #expect(driver.dashboard.table?.filter.isEmpty == true)
    #expect(Driver(settings: Self.read("namespace: web").settings).dashboard.shown.namespaceText == "web")
    #expect(
      Driver(settings: Self.read("namespace: all\ndefaultView: tree").settings).dashboard.currentContexts == .tree)
  }

  /// A file of k9s has names for everything that a cluster may hold: no reason to complain of each at the start.
  @Test func aliasesOfOtherKindsAreToldOnlyWhenTheyAreUsed() {
    let (settings, problems) = Self.read([
      .aliases:
        "aliases:\n  dp: deployments\n  sec: v1/secrets\n  crb: clusterrolebindings\n  jo: batch/v1/jobs\n  pf: pods"
    ])
    #expect(problems.isEmpty)
    #expect(Set(settings.foreignAliases.keys) == ["dp", "sec", "crb"])
    #expect(settings.aliases == ["jo": "jobs", "pf": "pods"])
    var driver = Driver(settings: settings)
    driver.press(": s e c enter")
    #expect(driver.screen.contains("'sec' stands for 'secrets', which there is no view of"))
  }

  /// A file is read from its top, and so are its mistakes.
  @Test func mistakesStandInTheOrderOfTheFile() {
    let (_, problems) = Self.read([
      .config: "zzz: 1\nmouse: perhaps\ncolumns: { jobs: [nmae] }\ntheme: 5\naaa: 1\nkeys:\n  lgos: f2\n"
    ])
    #expect(problems.map { $0.split(separator: ":")[1] } == ["1", "2", "3", "4", "5", "7"])
  }

  @Test func aliasesStandForCommands() {
    let (settings, problems) = Self.read([
      .aliases: "aliases: { pp: v1/pods, run: pp web, jobs: jobs web, bye: quit, jb: batch/v1/jobs }"
    ])
    #expect(problems.isEmpty)
    var driver = Driver(settings: settings)
    driver.press(": r u n enter")
    #expect(driver.dashboard.table?.view == .pods && driver.dashboard.shown.namespaceText == "web")
    driver.press(": n s space a l l enter : j o b s enter")
    #expect(driver.dashboard.table?.view == .jobs && driver.dashboard.shown.namespaceText == "web")
    #expect(driver.dashboard.completions(for: "by").map(\.text) == ["bye"])
  }

  // MARK: Changes while it runs

  @Test func changesHoldAtOnceAndMistakesChangeNothing() {
    var driver = Driver()
    driver.press("?")
    let (settings, _) = Self.read("keys: { describe: f7 }\ncolumns: { jobs: { sort: name desc } }")
    driver.send(.settings(settings, []))
    #expect(driver.screen.contains("settings were read again"))
    #expect(driver.screen.contains("  F7            everything about it"))
    driver.press("esc")
    #expect(driver.dashboard.table?.sort == SortOrder(column: "name", isDescending: true))
    driver.send(.settings(Settings(), [SettingsProblem(file: "config.yaml", line: 3, path: "keys", message: "no")]))
    #expect(driver.screen.contains("config.yaml:3: keys: no"))
    driver.press("f7")
    #expect(driver.dashboard.pages.count == 2)
  }

  // MARK: Documentation

  @Test func theExamplesAreValid() {
    let (_, problems) = Self.read([
      .config: Settings.example, .aliases: Settings.exampleAliases, .hotKeys: Settings.exampleHotKeys,
      .plugins: Settings.examplePlugins,
    ])
    #expect(problems == [])
  }

  @Test func docsNameEverySetting() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appendingPathComponent("Docs/settings.md")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try Settings.documentation().write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == Settings.documentation())
  }
}
