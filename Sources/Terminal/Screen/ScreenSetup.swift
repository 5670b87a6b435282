import CNcurses
import CLinux
import Glibc

/// Looks at the terminal, takes it over and starts ncurses: what a ``Screen`` begins with.
struct ScreenSetup {
  let waker: Waker
  let decoder: InputDecoder
  let painter: Painter
  let mouseOn: String
  let mouseOff: String
  let modesOn: String
  let modesOff: String
  /// True when the terminal's strings look like ANSI's: it then ignores private modes that it doesn't know.
  let isANSI: Bool
  /// What the environment says of the terminal's ground; nil where it doesn't.
  let isLight: Bool?

  init(options: Screen.Options) throws(ScreenError) {
    guard isatty(STDIN_FILENO) == 1 else { throw .notATerminal(stream: "standard input") }
    guard isatty(STDOUT_FILENO) == 1 else { throw .notATerminal(stream: "standard output") }
    guard let type = Self.environment("TERM"), !type.isEmpty else { throw .terminalTypeUnset }
    waker = try Waker()
    _ = cnc_use_locale()
    let known = try Self.describedType(for: type)
    isANSI = Self.capability("cup")?.starts(with: [0x1B, 0x5B]) ?? false
    mouseOn = isANSI ? "\u{1B}[?1000h\u{1B}[?1006h" : ""
    mouseOff = isANSI ? "\u{1B}[?1006l\u{1B}[?1000l" : ""
    isLight = TerminalBackground.isLight(colorFgBg: Self.environment("COLORFGBG"))
    // Whoever doesn't know the question drops it; only the Linux console would take its time.
    let question = isANSI && options.asksForBackground && type != "linux" ? TerminalBackground.question : ""
    modesOn = question + (isANSI ? "\u{1B}[?2004h" : "")
    modesOff = mouseOff + (isANSI ? "\u{1B}[?2004l" : "")

    var restore = Array(((isANSI ? "\u{1B}[?2026l" : "") + modesOff).utf8)
    for name in ["sgr0", "rmkx", "cnorm", "rmcup"] { restore += Self.capability(name) ?? [] }
    let status = restore.withUnsafeBytes { bytes in
      csystem_terminal_open(
        STDIN_FILENO, STDOUT_FILENO, bytes.baseAddress, Int32(bytes.count), options.capturesStandardError ? 1 : 0)
    }
    guard status == 0 else {
      throw status == -EBUSY ? .alreadyOpen : .system(action: "cannot take over the terminal", code: -status)
    }
    // Another program may have left it non-blocking; half of a frame would be lost.
    let flags = fcntl(STDOUT_FILENO, F_GETFL)
    if flags >= 0, flags & O_NONBLOCK != 0 { _ = fcntl(STDOUT_FILENO, F_SETFL, flags & ~O_NONBLOCK) }
    let saysDirect = cnc_flag("RGB") != 0 || cnc_flag("Tc") != 0
    let wantsDirect = isANSI && (saysDirect || ColorDepth.isTrueColorPromised(Self.environment))
    guard Int(cnc_start(known, wantsDirect ? 1 : 0)) == CNC_OK else {
      csystem_terminal_close()
      throw .unusableTerminalType(type)
    }
    let colors = Int(cnc_colors())
    let isDirect = cnc_is_direct() != 0
    // Other direct descriptions agree with each other on the first eight numbers only.
    let shown = !isDirect && cnc_flag("RGB") != 0 ? min(colors, 8) : colors
    let depth = ColorDepth(colors: shown, isDirect: isDirect, noColor: Self.environment("NO_COLOR"))
    painter = Painter(depth: depth, pairLimit: colors > 0 ? Int(cnc_pairs()) : 0)
    var sequences: [[UInt8]: Key] = [:]
    for (name, code) in KeySequences.capabilities {
      if let bytes = Self.capability(name) { sequences[bytes] = Key(code) }
    }
    decoder = InputDecoder(sequences: sequences)
  }

  /// The type to tell ncurses: the terminal's own, or a common one that it is certainly compatible with when this
  /// system doesn't know its own yet, as new terminals meet on old servers.
  private static func describedType(for type: String) throws(ScreenError) -> String {
    for candidate in [type] + substitutes(for: type) {
      switch Int(cnc_describe(candidate, STDOUT_FILENO)) {
      case CNC_OK: return candidate
      case CNC_UNUSABLE: throw .unusableTerminalType(candidate)
      default: continue
      }
    }
    throw .unknownTerminalType(type)
  }

  /// Types to try in place of one that the system has no description of.
  static func substitutes(for type: String) -> [String] {
    let family = type.prefix { $0 != "-" }
    switch family {
    case "xterm", "alacritty", "foot", "ghostty", "kitty", "wezterm", "contour", "rio", "konsole", "gnome", "vte",
      "iterm", "iterm2", "mintty", "st":
      return ["xterm-256color", "xterm"]
    case "tmux", "screen":
      return ["screen-256color", "screen"]
    case "rxvt":
      return ["rxvt", "xterm-256color"]
    default:
      return []
    }
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// A string of the terminal's description, without padding.
  private static func capability(_ name: String) -> [UInt8]? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      let length = cnc_string(name, buffer.baseAddress, Int32(buffer.count))
      return length > 0 ? buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) } : nil
    }
  }
}
