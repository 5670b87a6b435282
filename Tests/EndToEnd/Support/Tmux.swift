import Foundation
import Testing

/// A terminal with the dashboard in it: tmux on a private socket, so that tests neither meet each other nor the user.
final class Tmux: Sendable {
  static let isInstalled: Bool = {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/tmux")
    }
  }()

  private let socket = "jobdeck-\(UUID().uuidString)"
  let folder: TemporaryFolder
  private let server: Int32

  /// What the shell that comes after the program says when it takes what is typed.
  static let prompt = "shell>"

  /// Starts `command` (by default the program with `arguments`) in a terminal of the given size.
  init(
    _ arguments: [String], columns: Int = 120, rows: Int = 40, environment: [String: String] = [:],
    folder: TemporaryFolder? = nil
  ) async throws {
    self.folder = try folder ?? TemporaryFolder()
    var variables = [
      "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": self.folder.path + "/state",
      "XDG_CONFIG_HOME": self.folder.path + "/config",
    ]
    variables.merge(environment) { $1 }
    let words =
      ["env"] + variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + [Program.path] + arguments
    // The shell stays when the program has ended: its last words and its exit code can be read, and the terminal's
    // state tried out.
    let line =
      words.map(Self.quoted).joined(separator: " ")
      + "; echo \"ended with $?\"; exec env PS1='\(Self.prompt) ' sh -i"
    // In the foreground: a daemon would become an orphan of this process, and tests of the executor, where they run in
    // the same process, kill orphans that they don't know.
    server = try spawn(["tmux", "-L", socket, "-f", "/dev/null", "-D"])
    try await eventually("tmux") {
      let session = try spawn([
        "tmux", "-N", "-L", self.socket, "new-session", "-d", "-c", self.folder.path, "-x", "\(columns)", "-y",
        "\(rows)", "sh", "-c", line,
      ])
      return waitForEnd(of: session) == 0
    }
  }

  deinit {
    if let id = try? spawn(["tmux", "-L", socket, "kill-server"]) { waitForEnd(of: id) }
    waitForEnd(of: server)
  }

  private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: #"'\''"#) + "'" }

  @discardableResult
  func tmux(_ arguments: [String]) async throws -> String {
    let file = folder.path + "/tmux-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let end = waitForEnd(of: try spawn(["tmux", "-L", socket] + arguments, output: file, errors: file))
    let text = try String(contentsOfFile: file, encoding: .utf8)
    // Without this, a terminal that has gone looks like one that stays empty.
    guard end == 0 else { throw TimeIsUp(description: "tmux \(arguments.joined(separator: " ")): \(text)") }
    return text
  }

  /// What the terminal shows; with `colours`, with the escape sequences that make it look so.
  func screen(colours: Bool = false) async throws -> String {
    try await tmux(["capture-pane", "-p"] + (colours ? ["-e"] : []))
  }

  /// Presses keys: tmux's names (`Enter`, `Escape`, `C-d`) or single characters.
  func press(_ keys: String...) async throws {
    for key in keys { try await tmux(["send-keys", key]) }
  }

  /// Types text as it is.
  func type(_ text: String) async throws { try await tmux(["send-keys", "-l", text]) }

  /// Presses and lets go of the left button on a text that stands on the screen, as a terminal tells of it.
  func click(_ text: String) async throws {
    let lines = try await screen().split(separator: "\n", omittingEmptySubsequences: false)
    guard let row = lines.lastIndex(where: { $0.contains(text) }), let range = lines[row].ranges(of: text).last else {
      Issue.record("no '\(text)' to click on")
      return
    }
    // Every sign before it takes one column.
    let column = lines[row].distance(from: lines[row].startIndex, to: range.lowerBound)
    for end in ["M", "m"] { try await type("\u{1B}[<0;\(column + 1);\(row + 1)\(end)") }
  }

  func resize(columns: Int, rows: Int) async throws {
    try await tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Waits until every text stands on the screen, and returns the screen.
  @discardableResult
  func wait(for texts: String..., limit: Double = 240) async throws -> String {
    var last = ""
    try await eventually(texts.joined(separator: ", "), limit: limit, detail: { last }) {
      last = try await self.screen()
      return texts.allSatisfy { last.contains($0) }
    }
    return last
  }

  /// Waits until the text is no longer on the screen.
  func waitUntilGone(_ text: String, limit: Double = 240) async throws {
    var last = ""
    try await eventually("'\(text)' to go", limit: limit, detail: { last }) {
      last = try await self.screen()
      return !last.contains(text)
    }
  }

  /// Leaves the dashboard by `q`, from page to page and through the question whether what runs may be stopped, and
  /// expects exit code 0.
  func leave() async throws {
    var last = ""
    try await eventually("the end of the dashboard", detail: { last }) {
      let screen = try await self.screen()
      if screen.contains("ended with 0") { return true }
      guard screen != last else { return false }
      last = screen
      if screen.contains("Stopping what runs") { return false }
      // The shell that comes after the dashboard must not get the keys.
      guard try await self.tmux(["display-message", "-p", "#{alternate_on}"]).hasPrefix("1") else { return false }
      try await self.press(screen.contains("Quit?") ? "y" : "q")
      return false
    }
    // One that came too late stands on the shell's line.
    try await press("C-u")
  }

  /// The process id of the program itself.
  func program() async throws -> Int32 {
    let shell = try await tmux(["display-message", "-p", "#{pane_pid}"])
      .trimmingCharacters(in: .whitespacesAndNewlines)
    var found: Int32 = 0
    try await eventually("the program's process") {
      let children =
        (try? String(contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)) ?? ""
      guard let first = children.split(separator: " ").first.flatMap({ Int32($0) }) else { return false }
      found = first
      return true
    }
    return found
  }
}
