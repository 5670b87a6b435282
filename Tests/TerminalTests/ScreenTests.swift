import Glibc
import Testing

@testable import Terminal

/// The screen on a real pseudo-terminal. Each test runs in a process of its own, whose standard streams become the
/// terminal's, and ends with 0 if everything was as it should be.
@Suite struct ScreenTests {
  @Test func drawsOnlyWhatDiffers() async {
    await #expect(processExitsWith: .success) { try Scenario.drawsOnlyWhatDiffers() }
  }

  @Test func waitsForEverything() async {
    await #expect(processExitsWith: .success) { try Scenario.waitsForEverything() }
  }

  @Test func givesTheTerminalToAChild() async {
    await #expect(processExitsWith: .success) { try Scenario.givesTheTerminalToAChild() }
  }

  @Test func keepsBackStandardError() async {
    await #expect(processExitsWith: .success) { try Scenario.keepsBackStandardError() }
  }

  @Test func aSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGTERM)) { try Scenario.aSecondSignalEndsTheProcess() }
  }

  @Test func aCrashIsStillACrash() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) { try Scenario.aCrashIsStillACrash() }
  }

  @Test func errorsAreOneLine() async {
    await #expect(processExitsWith: .success) { try Scenario.errorsAreOneLine() }
  }
}

/// What the tests do in their processes. A wrong step ends the process with a status that names it.
private enum Scenario {
  static func drawsOnlyWhatDiffers() throws {
    let terminal = PseudoTerminal(columns: 30, rows: 5)
    let before = terminal.modes
    do {
      var screen = try Screen()
      check(screen.size == Size(columns: 30, rows: 5), 10)
      check(screen.depth == .palette256, 11)
      var canvas = Canvas(size: screen.size)
      canvas.put("first 日本", at: Point(column: 2, row: 1), role: .error)
      screen.draw(canvas, theme: .default)
      let first = terminal.output()
      check(first.contains("first 日本"), 12)
      check(first.contains("\u{1B}[?1049h") && first.contains("\u{1B}[?2004h") && first.contains("\u{1B}[?1006h"), 13)
      check(terminal.modes.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0, 14)

      screen.draw(canvas, theme: .default)
      var equal = Canvas(size: screen.size)
      equal.put("first 日本", at: Point(column: 2, row: 1), role: .error)
      screen.draw(equal, theme: .default)
      check(terminal.output().isEmpty, 15)

      equal.put("X", at: Point(column: 20, row: 3))
      screen.draw(equal, theme: .default)
      let second = terminal.output()
      check(second.hasPrefix("\u{1B}[?2026h") && second.hasSuffix("\u{1B}[?2026l"), 16)
      check(second.contains("X") && !second.contains("first") && second.utf8.count < 60, 17)

      screen.draw(equal, theme: .light)
      check(!terminal.output().isEmpty, 18)
      screen.redraw()
      screen.draw(equal, theme: .light)
      check(terminal.output().contains("first 日本"), 19)
    }
    let end = terminal.output()
    check(end.contains("\u{1B}[?1049l") && end.contains("\u{1B}[?2004l") && end.contains("\u{1B}[?1000l"), 20)
    check(terminal.modes.c_lflag == before.c_lflag && terminal.modes.c_iflag == before.c_iflag, 21)
  }

  static func waitsForEverything() throws {
    let terminal = PseudoTerminal(columns: 30, rows: 5)
    do {
      var screen = try Screen()
      check(screen.nextEvents(timeout: .zero) == [], 10)
      terminal.type("a\u{1B}[A")
      check(screen.nextEvents(timeout: .seconds(10)) == [.key("a"), .key("up")], 11)
      terminal.type("\u{1B}")
      check(screen.nextEvents(timeout: .seconds(10)) == [.key("esc")], 12)
      screen.waker.wake()
      screen.waker.wake()
      check(screen.nextEvents(timeout: nil) == [.wake], 13)
      check(screen.nextEvents(timeout: .milliseconds(1)) == [], 14)
      terminal.resize(columns: 44, rows: 7)
      send(SIGWINCH)
      check(screen.nextEvents(timeout: .seconds(10)) == [.resize(Size(columns: 44, rows: 7))], 15)
      check(screen.size == Size(columns: 44, rows: 7), 16)
      send(SIGTERM)
      check(screen.nextEvents(timeout: .seconds(10)) == [.terminate(signal: SIGTERM)], 17)
      terminal.close()
      check(screen.nextEvents(timeout: .seconds(10)).contains(.hangup), 18)
      // Once only, and the others still work.
      _ = screen.nextEvents(timeout: .zero)
      check(screen.nextEvents(timeout: .milliseconds(1)) == [], 19)
      screen.waker.wake()
      check(screen.nextEvents(timeout: nil) == [.wake], 20)
    }
  }

  static func givesTheTerminalToAChild() throws {
    let terminal = PseudoTerminal(columns: 30, rows: 5)
    do {
      var screen = try Screen()
      var canvas = Canvas(size: screen.size)
      canvas.put("content", at: .zero)
      screen.draw(canvas, theme: .default)
      _ = terminal.output()
      check(try screen.run(["sh", "-c", "echo from-child; stty -a; exit 7"]) == 7, 10)
      let output = terminal.output()
      check(output.contains("from-child") && output.contains(" icanon") && output.contains("content"), 11)
      screen.draw(canvas, theme: .default)
      check(terminal.output().contains("2026"), 12)
      check(try screen.run(["sh", "-c", "kill -KILL $$"]) == 128 + SIGKILL, 13)
      do throws(ScreenError) {
        _ = try screen.run(["/no/such/program"])
        exit(14)
      } catch {
        check(error == .system(action: "cannot start '/no/such/program'", code: ENOENT), 15)
      }
      check(terminal.modes.c_lflag & tcflag_t(ICANON) == 0, 16)
      do throws(ScreenError) {
        _ = try Screen()
        exit(17)
      } catch {
        check(error == .alreadyOpen, 18)
      }
    }
  }

  static func keepsBackStandardError() throws {
    let terminal = PseudoTerminal(columns: 30, rows: 5)
    do {
      let screen = try Screen()
      _ = terminal.output()
      PseudoTerminal.complain("lost \u{1B}[2J\n")
      check(terminal.output().isEmpty, 10)
      withExtendedLifetime(screen) {}
    }
    let end = terminal.output()
    check(end.contains("lost ?[2J") && !end.contains("\u{1B}[2J"), 11)
  }

  static func aSecondSignalEndsTheProcess() throws {
    let terminal = PseudoTerminal(columns: 30, rows: 5)
    do {
      var screen = try Screen()
      send(SIGHUP)
      check(screen.nextEvents(timeout: .seconds(10)) == [.terminate(signal: SIGHUP)], 10)
      send(SIGHUP)
      check(screen.nextEvents(timeout: .seconds(10)) == [.terminate(signal: SIGHUP)], 11)
      send(SIGTERM)
      _ = screen.nextEvents(timeout: .seconds(10))
      withExtendedLifetime(terminal) {}
    }
  }

  static func aCrashIsStillACrash() throws {
    let terminal = PseudoTerminal(columns: 30, rows: 5)
    do {
      let screen = try Screen()
      raise(SIGSEGV)
      _ = (screen.size, terminal)
    }
  }

  static func errorsAreOneLine() throws {
    func failure() -> String {
      do {
        _ = try Screen()
        return "none"
      } catch {
        return "\(error)"
      }
    }
    _ = PseudoTerminal(columns: 30, rows: 5)
    unsetenv("TERM")
    check(failure().hasPrefix("TERM is not set"), 10)
    setenv("TERM", "no-\nsuch", 1)
    check(failure().hasPrefix("unknown terminal type 'no-·such'"), 11)
    setenv("TERM", "dumb", 1)
    check(failure().contains("cannot show a full screen"), 12)
    setenv("TERM", "xterm-newer-than-this-system", 1)
    check(failure() == "none", 13)
    setenv("TERM", "xterm-256color", 1)
    setenv("NO_COLOR", "1", 1)
    do {
      check(try Screen().depth == .monochrome, 14)
    }
    let file = open("/dev/null", O_RDWR)
    dup2(file, STDIN_FILENO)
    check(failure().hasPrefix("standard input is not a terminal"), 15)
  }
}

/// Sends the process a signal; not with `raise`, because the thread of a test may block it.
private func send(_ signal: Int32) {
  kill(getpid(), signal)
}

/// Ends the process with `code` unless `condition` holds.
private func check(_ condition: @autoclosure () throws -> Bool, _ code: Int32) {
  guard (try? condition()) == true else { exit(code) }
}

/// A terminal in place of this process' standard streams, seen from its other side.
private final class PseudoTerminal {
  private var master: Int32

  init(columns: Int, rows: Int) {
    setenv("TERM", "xterm-256color", 1)
    for name in ["NO_COLOR", "COLORTERM", "LINES", "COLUMNS", "SWIFT_BACKTRACE"] { unsetenv(name) }
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN, which are macros that Swift doesn't see: unlock the other side, and ask for its number.
    var locked: Int32 = 0
    var number: UInt32 = 0
    guard master >= 0, ioctl(master, 0x4004_5431, &locked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
      exit(99)
    }
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard slave >= 0 else { exit(98) }
    resize(columns: columns, rows: rows)
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { dup2(slave, stream) }
    Glibc.close(slave)
  }

  var modes: termios {
    var modes = termios()
    tcgetattr(STDIN_FILENO, &modes)
    return modes
  }

  func resize(columns: Int, rows: Int) {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  func close() {
    Glibc.close(master)
    master = -1
  }

  /// All that has been written up to now.
  func output() -> String {
    // What a pseudo-terminal is given can be read from its other side at once, up to its buffer of 4 KiB.
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    while poll(&descriptor, 1, 20) > 0, descriptor.revents & Int16(POLLIN) != 0 {
      let count = read(master, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func complain(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
