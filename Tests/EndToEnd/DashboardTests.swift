import Foundation
import Testing

/// The dashboard as a user has it: the built program in a terminal.
///
/// One after the other, because terminals that are drawn at the same time on two cores wait for each other.
@Suite(.serialized, .ownThread, .enabled(if: Tmux.isInstalled, "tmux is not installed; script/test installs it"))
struct DashboardTests {
  @Test func anEmptyClusterOpensAndCloses() async throws {
    let tmux = try await Tmux(["--in-memory"])
    try await tmux.wait(for: "jobdeck", "in memory", "? help")
    try await tmux.leave()
  }

  @Test func aJobIsLaunchedFromTheForm() async throws {
    let tmux = try await Tmux(["--in-memory"])
    try await tmux.wait(for: "in memory", "n new job")
    try await tmux.press("n")
    try await tmux.wait(for: "New job", "Command")
    try await tmux.type("echo from the form")
    try await tmux.wait(for: "echo from the form")
    try await tmux.press("C-s")
    try await tmux.waitUntilGone("New job")
    try await tmux.wait(for: "Complete", "1/1")
    try await tmux.press("l")
    try await tmux.wait(for: "from the form")
    try await tmux.leave()
  }

  @Test func aRowLeadsToItsPodsAndItsLog() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "job.yaml",
      ValidateTests.good.replacing(#"["true"]"#, with: #"[/bin/sh, -c, "echo the first line; echo the last line"]"#))
    let tmux = try await Tmux(["--in-memory", "-f", file], folder: folder)
    try await tmux.wait(for: "good", "Complete")
    try await tmux.press("Enter")
    try await tmux.wait(for: "Pods", "good-")
    try await tmux.press("l")
    try await tmux.wait(for: "the first line", "the last line")
    try await tmux.press("Escape")
    try await tmux.waitUntilGone("the first line")
    try await tmux.press("Escape")
    try await tmux.wait(for: "Complete")
    try await tmux.leave()
  }

  @Test func aFailureSaysWhy() async throws {
    let tmux = try await Tmux(["--in-memory", "-f", Program.root + "/Assets/fails-and-why.yaml"])
    try await tmux.wait(for: "exits-with-3", "BackoffLimit")
    try await tmux.press("/")
    try await tmux.type("exits")
    try await tmux.press("Enter")
    try await tmux.waitUntilGone("no-such-program")
    try await tmux.press("w")
    try await tmux.wait(for: "connection refused")
    try await tmux.leave()
  }

  @Test func theDemoIsAlive() async throws {
    let tmux = try await Tmux(["--demo"])
    try await tmux.wait(for: "import-orders", "hyper-sweep", "embed-everything", "Suspended")
    try await tmux.press(":")
    try await tmux.type("nodes")
    try await tmux.press("Enter")
    try await tmux.wait(for: "node-1", "node-2", "node-3")
    try await tmux.leave()
  }

  /// What one tries there is not what one finds in one's own cluster.
  @Test func theDemoKeepsNothing() async throws {
    let folder = try TemporaryFolder()
    let tmux = try await Tmux(["--demo", "--simulate"], folder: folder)
    try await tmux.wait(for: "import-orders")
    try await tmux.press("H")
    try await tmux.wait(for: "completed hidden")
    try await tmux.leave()
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/jobdeck/session"))
  }

  /// A click does what the key does, as far as the terminal tells of it.
  @Test func theMousePressesButtons() async throws {
    let tmux = try await Tmux(["--demo", "--simulate"])
    try await tmux.wait(for: "crawl", "? help")
    try await tmux.press("C-d")
    try await tmux.wait(for: "n  keep")
    try await tmux.click("n  keep")
    try await tmux.waitUntilGone("n  keep")
    try await tmux.click("? help")
    try await tmux.wait(for: "one row down")
    try await tmux.leave()
  }

  @Test(arguments: [(80, 24), (40, 10), (200, 50)])
  func itFollowsTheTerminalsSize(_ columns: Int, _ rows: Int) async throws {
    let tmux = try await Tmux(["--demo", "--simulate"])
    try await tmux.wait(for: "import-orders", "? help")
    try await tmux.resize(columns: columns, rows: rows)
    try await eventually("a screen of the new size") {
      let lines = try await tmux.screen().split(separator: "\n", omittingEmptySubsequences: false)
      // The smallest has neither header nor footer, but its rows.
      return lines.count >= rows && lines.contains { $0.contains("Jobs") } && lines.contains { $0.contains("crawl") }
        && lines.allSatisfy { $0.count <= columns }
    }
    try await tmux.leave()
  }

  @Test func tooSmallATerminalIsToldSo() async throws {
    let tmux = try await Tmux(["--in-memory"], columns: 30, rows: 8)
    try await tmux.wait(for: "40")
    try await tmux.resize(columns: 100, rows: 30)
    try await tmux.wait(for: "in memory")
    try await tmux.leave()
  }

  @Test func withoutColoursNothingIsColoured() async throws {
    let tmux = try await Tmux(["--demo", "--simulate"], environment: ["NO_COLOR": "1"])
    try await tmux.wait(for: "import-orders", "Running")
    let screen = try await tmux.screen(colours: true)
    // Attributes such as bold and reverse may stay; 30 to 38 and 40 to 48 are colours.
    #expect(screen.firstMatch(of: #/\u{1B}\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7])[;m]/#) == nil)
    try await tmux.leave()
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGSEGV])
  func whateverEndsItTheTerminalIsRestored(_ signal: Int32) async throws {
    let marker = "3640.0\(Int.random(in: 100_000...999_999))"
    let folder = try TemporaryFolder()
    let file = try folder.file("job.yaml", ValidateTests.good.replacing(#"["true"]"#, with: "[sleep, '\(marker)']"))
    // What would print a backtrace starts processes of its own, in the group of the terminal's shell: as orphans they
    // would draw the executor's tests on it, where those run in this process too.
    let tmux = try await Tmux(
      ["--in-memory", "-f", file],
      environment: ["SWIFT_BACKTRACE": "enable=no", "TSAN_OPTIONS": "handle_segv=0", "ASAN_OPTIONS": "handle_segv=0"],
      folder: folder)
    try await tmux.wait(for: "good", "Running")
    try await eventually("its process") { !processes(containing: marker).isEmpty }
    kill(try await tmux.program(), signal)
    try await tmux.wait(for: "ended with", Tmux.prompt)
    // Keys are echoed again, and the picture is gone.
    try await tmux.type("echo so'me'thing")
    try await tmux.press("Enter")
    let screen = try await tmux.wait(for: "echo so'me'thing", "\nsomething")
    #expect(!screen.contains("in memory"))
    // Nothing that ran goes on, not even after a crash.
    try await eventually("the end of its processes") { processes(containing: marker).isEmpty }
  }

  /// What cannot be opened is told where one can read it: on the terminal as it was, and not on a screen that closes.
  @Test func errorsOfTheStartStayOnTheTerminal() async throws {
    let tmux = try await Tmux(["--state-dir", "/dev/null/state"])
    let screen = try await tmux.wait(
      for: "ended with 1", "jobdeck: /dev/null/state: cannot create the directory", Tmux.prompt)
    #expect(!screen.contains("? help"))
    // The terminal is one that echoes.
    try await tmux.type("echo so'me'thing")
    try await tmux.press("Enter")
    try await tmux.wait(for: "\nsomething")
  }

  /// What is copied arrives in the clipboard of the terminal, which is tmux's own here.
  @Test func whatIsCopiedIsInTheClipboard() async throws {
    let tmux = try await Tmux(["--in-memory", "-f", Program.root + "/Assets/fails-and-why.yaml"])
    try await tmux.tmux(["set-option", "-s", "set-clipboard", "on"])
    try await tmux.wait(for: "exits-with-3", "BackoffLimit")
    try await tmux.press("/")
    try await tmux.type("exits-with-3")
    try await tmux.press("Enter")
    try await tmux.waitUntilGone("no-such-program")
    try await tmux.press("c")
    try await tmux.wait(for: "Sent 'exits-with-3' to the terminal's clipboard")
    try await eventually("the clipboard") {
      (try? await tmux.tmux(["show-buffer"]))?.trimmingCharacters(in: .whitespacesAndNewlines) == "exits-with-3"
    }
    try await tmux.leave()
  }

  /// How long runs take is still known when the program is started again, and said of the next run.
  @Test func howLongRunsTakeSurvivesARestart() async throws {
    let folder = try TemporaryFolder()
    func manifest(_ name: String) throws -> String {
      try folder.file(
        "\(name).yaml",
        ValidateTests.good.replacing("name: good", with: "name: \(name)")
          .replacing(#"["true"]"#, with: #"[sleep, "2"]"#))
    }
    let state = folder.path + "/cluster"
    do {
      let tmux = try await Tmux(["--state-dir", state, "-f", try manifest("first")], folder: folder)
      try await tmux.wait(for: "first", "Complete")
      try await tmux.leave()
    }
    #expect(try String(contentsOfFile: folder.path + "/state/jobdeck/session", encoding: .utf8).contains("work "))
    let tmux = try await Tmux(["--in-memory", "-f", try manifest("second")], folder: folder)
    try await tmux.wait(for: "second", "Running")
    try await tmux.press("w")
    try await tmux.wait(for: "as its one earlier run did")
    try await tmux.press("Escape")
    try await tmux.wait(for: "Complete")
    try await tmux.leave()
  }

  @Test func stateSurvivesARestart() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("job.yaml", ValidateTests.good)
    do {
      let tmux = try await Tmux(["-f", file], folder: folder)
      try await tmux.wait(for: "good", "Complete")
      try await tmux.leave()
    }
    let tmux = try await Tmux([], folder: folder)
    try await tmux.wait(for: "good", "Complete")
    try await tmux.leave()
    let state = folder.path + "/state/jobdeck"
    #expect(try permissions(state) == 0o700)
    #expect(try permissions(state + "/cluster.sqlite") == 0o600)
  }

  private func permissions(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? -1
  }

  @Test func garbageDoesNoHarm() async throws {
    let tmux = try await Tmux(["--demo", "--simulate", "--read-only"])
    try await tmux.wait(for: "import-orders")
    let garbage = [
      "\u{1B}[999;999H", "\u{1B}]0;title\u{7}", "\u{1B}[200~pasted\ntext\u{1B}[201~", "\u{1B}[<0;5;5M",
      "\u{0}", "\u{FF}",
      "\u{1B}[1;2;3;4;5;6;7;8;9~", "äöü漢字🙂", "\u{1B}\u{1B}\u{1B}", ":no-such-command\r", "/((((\r", "\u{1B}",
    ]
    for text in garbage { try await tmux.type(text) }
    // Back from wherever that has led.
    try await eventually("the first page") {
      let screen = try await tmux.screen()
      if screen.contains("─ Jobs ─"), screen.contains("crawl") { return true }
      try await tmux.press("Escape")
      return false
    }
    try await tmux.leave()
  }

  @Test func hostileLogsDoNotSteerTheTerminal() async throws {
    let folder = try TemporaryFolder()
    let command = #"[/bin/sh, -c, "printf 'before\\033[2J\\033]0;evil\\007\\033[31mafter\\n'"]"#
    let file = try folder.file("job.yaml", ValidateTests.good.replacing(#"["true"]"#, with: command))
    let tmux = try await Tmux(["--in-memory", "-f", file], folder: folder)
    try await tmux.wait(for: "good", "Complete")
    try await tmux.press("l")
    try await tmux.wait(for: "before", "after")
    #expect(try await tmux.tmux(["display-message", "-p", "#{pane_title}"]).contains("evil") == false)
    try await tmux.leave()
  }

  @Test func aThemeThatDoesNotExistIsToldSo() async throws {
    let tmux = try await Tmux(["--theme", "no-such"])
    try await tmux.wait(for: "jobdeck: there is no theme 'no-such'; there are: default, light", "ended with 2")
  }
}
