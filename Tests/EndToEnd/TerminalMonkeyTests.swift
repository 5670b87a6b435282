import Foundation
import Testing

/// Random keys, clicks, pastes and sizes in a real terminal: nothing ends the program, and it can always be left.
///
/// `JOBDECK_TERMINAL_MONKEY` says for how many seconds, `JOBDECK_MONKEY_SEED` with which keys.
@Suite(.serialized, .ownThread, .enabled(if: Tmux.isInstalled, "tmux is not installed; script/test installs it"))
struct TerminalMonkeyTests {
  /// Without those that leave: `q` and Ctrl-C.
  private static let keys =
    "abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789:/?.,!<>=+-_'\"\\$#*()[]{}|~`^&%@".map(String.init)
    + [
      "Enter", "Enter", "Enter", "Escape", "Escape", "Escape", "Up", "Down", "Left", "Right", "PPage", "NPage", "Home",
      "End", "Tab", "BTab", "BSpace", "DC", "Space", "C-a", "C-b", "C-d", "C-e", "C-f", "C-l", "C-s", "C-u", "F1", "F5",
      "M-x", "é", "漢",
    ]

  @Test func nothingEndsIt() async throws {
    let environment = ProcessInfo.processInfo.environment
    let seconds = environment["JOBDECK_TERMINAL_MONKEY"].flatMap { Double($0) } ?? 15
    let seed = environment["JOBDECK_MONKEY_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...1_000_000)
    var random = Generator(state: seed)
    // The editor changes nothing, and whatever is written goes where the test's files are.
    let tmux = try await Tmux(["--demo"], environment: ["EDITOR": "true", "VISUAL": "true"])
    try await tmux.wait(for: "jobdeck", "? help")
    let process = try await tmux.program()
    let end = Date.now + seconds
    while Date.now < end {
      switch random.next() % 12 {
      case 0:
        try await tmux.resize(columns: Int(random.next() % 180) + 20, rows: Int(random.next() % 55) + 5)
      case 1:
        // A click or the wheel, as xterm reports them.
        let button = [0, 0, 64, 65][Int(random.next() % 4)]
        let (column, row) = (random.next() % 120 + 1, random.next() % 40 + 1)
        try await tmux.type("\u{1B}[<\(button);\(column);\(row)M\u{1B}[<\(button);\(column);\(row)m")
      case 2: try await tmux.type("\u{1B}[200~pasted\ntext \u{1B}[31m漢字\u{1B}[201~")
      default:
        let pressed = (0..<Int(random.next() % 12) + 1).map { _ in
          Self.keys[Int(random.next() % UInt64(Self.keys.count))]
        }
        try await tmux.tmux(["send-keys", "--"] + pressed)
      }
      guard kill(process, 0) == 0 else {
        Issue.record("seed \(seed): the program has ended:\n\(try await tmux.screen())")
        return
      }
    }
    try await tmux.resize(columns: 120, rows: 40)
    try await eventually("the first page") {
      try await tmux.press("Escape")
      return try await tmux.screen().contains("─ Jobs ─")
    }
    try await tmux.leave()
    // The terminal is as it was: what is typed is echoed, and run.
    try await tmux.type("echo re'stor'ed")
    try await tmux.press("Enter")
    try await tmux.wait(for: "\nrestored")
  }

  /// The same keys for the same seed.
  private struct Generator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }
}
