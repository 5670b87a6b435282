import Foundation
import Testing

/// How the program gets on with terminals of all kinds, and with none.
@Suite(.serialized, .ownThread, .enabled(if: Tmux.isInstalled, "tmux is not installed; script/test installs it"))
struct TerminalMannersTests {
  @Test func controlZGivesTheShellBackAndFgTheScreen() async throws {
    // The shell that comes after the program has job control.
    let tmux = try await Tmux(["version"])
    try await tmux.wait(for: "ended with 0", Tmux.prompt)
    try await tmux.type("XDG_CONFIG_HOME=/nonexistent '\(Program.path)' --demo --simulate --theme monochrome")
    try await tmux.press("Enter")
    try await tmux.wait(for: "import-orders", "? help")
    try await tmux.press("C-z")
    try await tmux.waitUntilGone("import-orders")
    try await tmux.type("echo for'egro'und")
    try await tmux.press("Enter")
    try await tmux.wait(for: "\nforeground")
    // The terminal may have changed meanwhile.
    try await tmux.resize(columns: 90, rows: 30)
    try await tmux.type("fg")
    try await tmux.press("Enter")
    let screen = try await tmux.wait(for: "import-orders", "? help")
    #expect(!screen.contains("for'egro'und"))
    #expect(screen.split(separator: "\n").allSatisfy { $0.count <= 90 })
    // Which job is where changes with the minutes.
    try await tmux.press("?")
    try await tmux.waitUntilGone("import-orders")
    try await tmux.press("Escape")
    try await tmux.wait(for: "import-orders")
    try await tmux.press("q")
    try await tmux.wait(for: "Quit?")
    try await tmux.press("y")
    try await tmux.waitUntilGone("import-orders")
  }

  /// `#282828`, the ground of the theme, in as many colours as there are.
  @Test(arguments: [
    ("truecolor", "screen-256color", "48;2;40;40;40"), ("", "screen-256color", "48;5;235"), ("", "screen", "[40m"),
  ])
  func asManyColoursAsThereAre(_ promise: String, _ type: String, _ ground: String) async throws {
    let tmux = try await Tmux(
      ["--demo", "--simulate", "--theme", "gruvbox"], environment: ["COLORTERM": promise, "TERM": type, "STY": ""])
    try await tmux.wait(for: "import-orders", "? help")
    let screen = try await tmux.screen(colours: true)
    #expect(screen.contains(ground))
    #expect(screen.contains("38;2;") == (promise == "truecolor"))
    try await tmux.leave()
  }

  /// Many emulators that call themselves xterm can't scroll by a count (SU, SD) or repeat a character (REP): they would
  /// leave on the screen what was there before. Nor do they agree on the colour of what deleted characters (DCH) let in.
  @Test func writesWhatEveryEmulatorKnows() async throws {
    let tmux = try await Tmux(["--demo", "--simulate"], environment: ["TERM": "xterm-256color"])
    let record = tmux.folder.path + "/written"
    try await tmux.wait(for: "import-orders", "? help")
    try await tmux.tmux(["pipe-pane", "cat > \(record)"])
    for (view, text) in [("events", "LAST SEEN"), ("namespaces", "CRONJOBS"), ("events", "LAST SEEN")] {
      try await tmux.type(":\(view)")
      try await tmux.press("Enter")
      try await tmux.wait(for: text)
      try await tmux.press("PgDn", "PgDn", "Up", "Home", "Down", "End")
    }
    try await tmux.press("?")
    try await tmux.wait(for: "Moving")
    try await tmux.tmux(["pipe-pane"])
    try await tmux.leave()
    let written = try String(contentsOfFile: record, encoding: .utf8)
    #expect(written.contains("\u{1B}["))
    #expect(written.firstMatch(of: /\e\[[0-9]*[STbP@]/) == nil)
  }

  @Test func aTerminalWithoutACursorIsToldInLines() async throws {
    let tmux = try await Tmux(["--in-memory"], environment: ["TERM": "dumb"])
    try await tmux.wait(for: "Terminal type 'dumb' cannot show a full screen; this is --plain.", "jobdeck> ")
    try await tmux.type("nodes")
    try await tmux.press("Enter")
    try await tmux.wait(for: "Jobs, Nodes, 3 rows", "1 selected, node-1")
    try await tmux.type("quit")
    try await tmux.press("Enter")
    try await tmux.wait(for: "ended with 0")
  }

  @Test func plainLinesComeThroughAPipe() async throws {
    let result = try await Program.run(
      ["--plain", "--demo", "--simulate"], input: "/import-orders\nopen\nquit\nno\nquit\nyes\n")
    #expect(result.status == 0)
    #expect(result.output.contains("Jobs, 1 row, row 1, sorted by age, filter /import-orders."))
    #expect(result.output.contains("Pods of import-orders, "))
    #expect(result.output.contains("y: quit. n: stay."))
    #expect(!result.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(result.errors == "")
  }

  /// Nobody is there to be asked.
  @Test func theEndOfWhatIsTypedIsTheEnd() async throws {
    let result = try await Program.run(["--plain", "--demo", "--simulate"], input: "jobs\n")
    #expect(result.status == 0)
    #expect(result.output.contains("sorted by age."))
  }
}
