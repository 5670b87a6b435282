import Glibc

/// Why there can be no full screen here. Each is one line that says what to do.
public enum ScreenError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Standard input or output is a file or a pipe.
  case notATerminal(stream: String)
  /// `TERM` is not set or empty.
  case terminalTypeUnset
  /// The system has no description of this terminal type.
  case unknownTerminalType(String)
  /// The terminal can't place its cursor.
  case unusableTerminalType(String)
  /// There is another ``Screen`` in this process.
  case alreadyOpen
  /// A call to the system failed with an `errno`.
  case system(action: String, code: Int32)

  public var description: String {
    switch self {
    case .notATerminal(let stream):
      "\(stream) is not a terminal: a full screen needs one"
    case .terminalTypeUnset:
      "TERM is not set: set it to the type of your terminal, such as xterm-256color, or use --plain, which needs none"
    case .unknownTerminalType(let name):
      "unknown terminal type '\(TextWidth.truncate(name, to: 40))': set TERM to one that this system knows, "
        + "such as xterm-256color, or use --plain, which needs none"
    case .unusableTerminalType(let name):
      "terminal type '\(TextWidth.truncate(name, to: 40))' cannot show a full screen: set TERM to the type of "
        + "your terminal, such as xterm-256color"
    case .alreadyOpen:
      "there is a screen already"
    case .system(let action, let code):
      "\(action): \(String(cString: strerror(code)))"
    }
  }
}
