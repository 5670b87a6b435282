import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Hot keys and plugins: what the settings add to the list of actions.
struct PluginTests {
  static func driver(_ texts: [SettingsFile: String], isReadOnly: Bool = false) -> Driver {
    let (settings, problems) = SettingsTests.read(texts)
    #expect(problems == [])
    return Driver(isReadOnly: isReadOnly, settings: settings)
  }

  static func plugin(_ fields: String) -> [SettingsFile: String] {
    [.plugins: "plugins:\n  try:\n    shortCut: f5\n    description: Try it\n    scopes: [all]\n\(fields)"]
  }

  /// The command line that the key gives for a row.
  static func line(_ fields: String, view: String = "jobs", row: String) -> [String]? {
    var driver = driver(plugin(fields))
    driver.press(":")
    driver.type(view)
    driver.press("enter")
    driver.select(row)
    driver.press("f5")
    guard case .runProgram(_, let line, _)? = driver.takeCommands().first else { return nil }
    return line
  }

  @Test(arguments: [
    ("args: [$NAME, -n, $NAMESPACE]", ["nightly-backup", "-n", "default"]),
    (
      "args: ['${NAME}.log', '$NAME-log', 'a$NAME', '$$NAME', '$', '${', 'x$']",
      ["nightly-backup.log", "nightly-backup-log", "anightly-backup", "$nightly-backup", "$", "${", "x$"]
    ),
    ("args: [$name, 1.10, yes, '', 'a b']", ["nightly-backup", "1.10", "yes", "", "a b"]),
    ("args: [$RESOURCE_GROUP/$RESOURCE_VERSION/$RESOURCE_NAME]", ["batch/v1/jobs"]),
    ("args: [$COL-STATUS, '${COL-LAST EXIT}', $COL-RETRIES]", ["Failed:BackoffLimitExceeded", "3", "2/2"]),
    ("args: [$JOB]", ["nightly-backup"]),
    ("args: ['{\"spec\": {\"suspend\": $!COL-SUSPEND}}']", ["{\"spec\": {\"suspend\": true}}"]),
  ])
  func argumentsAreFilled(_ arguments: String, _ expected: [String]) {
    #expect(Self.line("    command: echo\n    \(arguments)\n", row: "nightly-backup") == ["echo"] + expected)
  }

  @Test func aValueIsNeverReadAgain() {
    let values = ["NAME": "$NAMESPACE; rm -rf $(HOME)", "NAMESPACE": "x", "A": "True", "NODE": "n"]
    func filled(_ text: String, asProgram: Bool = false) -> Result<String, PluginText.Problem> {
      PluginText.filled(text, values, names: values.keys + ["POD"], asProgram: asProgram)
    }
    #expect(filled("$NAME") == .success(values["NAME"] ?? ""))
    #expect(filled("$!A ${!A} $!NODE") == .success("false false n"))
    #expect(filled("$B $1 ${B} $NODE", asProgram: true) == .success("$B $1 ${B} n"))
    #expect(filled("$POD") == .failure(.init(message: "There is no POD here")))
  }

  @Test func aShellGetsPlainWordsAsProgramAndAnythingAsArgument() {
    let script = "    command: /bin/bash\n    args: [-c, 'for i in $NAME; do echo $i $HOME; done']\n"
    #expect(Self.line(script, row: "nightly-backup")?.last == "for i in nightly-backup; do echo $i $HOME; done")
    let unsafe = "    command: sh\n    args: [-c, 'echo $COL-COMMAND']\n"
    #expect(Self.line(unsafe, row: "nightly-backup") == nil)
    for shell in ["sh\n    args: [-ec, '$COL-COMMAND']", "pwsh\n    args: [-Command, '$COL-COMMAND']"] {
      #expect(Self.line("    command: \(shell)\n", row: "nightly-backup") == nil)
    }
    let safe = "    command: sh\n    args: [-c, 'echo \"$1\"', sh, $COL-COMMAND]\n"
    let line = Self.line(safe, row: "nightly-backup")
    #expect(line?[2] == "echo \"$1\"" && line?.last?.contains("&&") == true)
  }

  @Test func whatIsNotThereIsToldInsteadOfRunning() {
    var driver = Self.driver(Self.plugin("    command: ls\n    args: [$CONTAINER]\n"))
    driver.press("f5")
    #expect(driver.takeCommands().isEmpty && driver.screen.contains("try: There is no CONTAINER here"))
    var empty = Driver(Fixture(), settings: driver.dashboard.settings)
    empty.press("f5")
    #expect(empty.takeCommands().isEmpty && empty.screen.contains("nothing is selected"))
  }

  @Test func podsAndContainersHaveTheirs() {
    let fields = "    command: echo\n    args: [$POD, $CONTAINER, $NODE, $JOB]\n"
    var driver = Self.driver(Self.plugin(fields))
    driver.select("nightly-backup")
    driver.press("enter f5")
    guard case .runProgram(_, let line, false)? = driver.takeCommands().first else {
      Issue.record("nothing was run")
      return
    }
    #expect(line[1].hasPrefix("nightly-backup-") && line[2] == "main" && line[3].hasPrefix("node-"))
    #expect(line[4] == "nightly-backup")
  }

  @Test func inputsAreAskedForAndChecked() {
    var driver = Self.driver(
      Self.plugin(
        """
            command: echo
            args: [$NAME, $INPUT_COUNT, $INPUT_MODE, "$INPUT_NOTE"]
            inputs:
              - { name: count, label: How many, type: number, required: true, default: 2 }
              - { name: mode, type: dropdown, options: [fast, slow] }
              - { name: note, type: string }

        """))
    driver.select("nightly-backup")
    driver.press("f5")
    #expect(driver.screen.contains("How many: 2"))
    driver.press("backspace x enter")
    #expect(driver.screen.contains("it must be a number"))
    driver.press("backspace 7 enter")
    #expect(driver.screen.contains("mode: ") && driver.screen.contains("slow"))
    driver.press("s tab enter $ N A M E ; enter")
    // Whoever was asked agrees to what comes of it.
    #expect(driver.screen.contains("echo nightly-backup 7 slow '$NAME;'"))
    driver.press("y")
    guard case .runProgram(_, let line, _)? = driver.takeCommands().first else {
      Issue.record("nothing was run")
      return
    }
    #expect(line == ["echo", "nightly-backup", "7", "slow", "$NAME;"])
    driver.press("f5 esc")
    #expect(driver.dashboard.prompt == nil && driver.dashboard.overlay == nil)
  }

  @Test func confirmationShowsTheCommandLine() {
    var driver = Self.driver(Self.plugin("    command: echo\n    confirm: true\n    args: [$NAME, 'a b']\n"))
    driver.select("nightly-backup")
    driver.press("f5")
    #expect(driver.takeCommands().isEmpty)
    #expect(driver.screen.contains("echo nightly-backup 'a b'") && driver.screen.contains("Try it?"))
    driver.press("enter f5 y")
    #expect(driver.takeCommands().count == 1)
  }

  @Test func theEndIsTold() {
    var driver = Self.driver(Self.plugin("    command: echo\n    background: true\n    overwriteOutput: true\n"))
    func end(_ result: Result<ProgramEnd, StatusError>) -> String {
      driver.press("f5")
      guard case .runProgram(let id, _, true)? = driver.takeCommands().first else { return "" }
      driver.send(.programEnded(id, result))
      return driver.dashboard.said.last?.text ?? ""
    }
    #expect(end(.success(ProgramEnd(status: 0, output: "one\n\u{1B}[31mtwo\n\n"))) == "\u{1B}[31mtwo")
    #expect(!driver.screen.contains("\u{1B}"))
    #expect(end(.success(ProgramEnd(status: 0))) == "'try' has ended")
    #expect(end(.success(ProgramEnd(status: 3, output: "no room"))) == "'try' ended with 3: no room")
    #expect(end(.failure(.badRequest("cannot run x"))) == "try: cannot run x")
  }

  @Test func dangerousOnesAreNotThereReadOnly() {
    var driver = Self.driver(Self.plugin("    command: rm\n    dangerous: true\n"), isReadOnly: true)
    driver.press("f5")
    #expect(driver.takeCommands().isEmpty)
    driver.press(": t r y enter")
    #expect(driver.takeCommands().isEmpty && driver.screen.contains("read-only"))
  }

  @Test func overridingTakesTheKeyOnThosePagesOnly() {
    var driver = Self.driver([
      .plugins:
        "plugins:\n  mine:\n    shortCut: Ctrl-D\n    override: true\n    scopes: [jobs]\n    command: echo\n"
    ])
    driver.press("ctrl-d")
    #expect(driver.takeCommands().count == 1 && driver.dashboard.overlay == nil)
    driver.press(": p o d s enter ctrl-d")
    #expect(driver.dashboard.overlay != nil)
    let deleting = driver.dashboard.settings.actions.filter { $0.name == "delete" }
    #expect(deleting.map(\.keys) == [["ctrl-d"], []] && deleting.last?.contexts == .jobs)
    // By name it is there as before.
    driver.press("esc")
    driver.press(":")
    driver.type("delete nightly-backup")
    driver.press("enter")
    #expect(driver.screen.contains("Delete job?"))
  }

  @Test func theyStandInHelpFooterAndCompletion() {
    var driver = Self.driver([
      .plugins:
        "plugins:\n  mine:\n    shortCut: f6\n    description: Do mine\n    scopes: [jobs]\n    command: echo\n",
      .hotKeys: "hotKeys:\n  far:\n    shortCut: Shift-1\n    description: Far away\n    command: nodes\n",
    ])
    driver.size = Size(columns: 200, rows: 50)
    #expect(driver.screen.contains("F6 Do mine"))
    #expect(driver.dashboard.completions(for: "mi").map(\.text) == ["mine"])
    driver.press("? G")
    #expect(driver.screen.contains("Your own") && driver.screen.contains(":nodes") && driver.screen.contains("!  "))
    driver.press("esc : m i n e enter")
    #expect(driver.takeCommands().count == 1)
  }

  @Test func hotKeysGoPlaces() {
    let keys = """
      hotKeys:
        one: { shortCut: Shift-1, command: pods all /render }
        four: { shortCut: f7, command: pods nowhere, keepHistory: true }
        two: { shortCut: f5, command: pods, keepHistory: true }
        three: { shortCut: f6, command: $RESOURCE_NAME $NAMESPACE }
      """
    var driver = Self.driver([.hotKeys: keys])
    driver.select("nightly-backup")
    driver.press("w f5")
    #expect(driver.dashboard.pages.count == 3 && driver.dashboard.table?.view == .pods)
    driver.press("esc esc")
    #expect(driver.selectedName == "nightly-backup")
    // What cannot be opened leaves the pages as they are.
    driver.press("f7")
    #expect(driver.dashboard.pages.count == 1 && driver.dashboard.said.last?.isError == true)
    driver.press("f6")
    #expect(driver.dashboard.shown.namespaceText == "default" && driver.dashboard.table?.view == .jobs)
    driver.press("!")
    #expect(driver.dashboard.table?.filter.source == "render" && driver.dashboard.pages.count == 2)
  }
}
