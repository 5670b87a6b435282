internal import Terminal

/// The roles that the dashboard draws with, on top of the terminal's own.
extension Role {
  static let running = Role("running", like: .accent)
  static let succeeded = Role("succeeded", like: .success)
  static let failed = Role("failed", like: .error)
  static let pending = Role("pending", like: .warning)
  static let suspended = Role("suspended", like: .muted)
  static let ending = Role("ending", like: .muted)
  /// The filled part of a bar, by how full it is.
  static let barLow = Role("bar-low", like: .success)
  static let barMiddle = Role("bar-middle", like: .warning)
  static let barHigh = Role("bar-high", like: .error)
  static let barDone = Role("bar-done", like: .success)
  static let barActive = Role("bar-active", like: .accent)
  static let barEmpty = Role("bar-empty", like: .border)
  static let brand = Role("brand", like: .title)
  static let crumb = Role("crumb", like: .title)
  static let key = Role("key", like: .accent)
  static let marked = Role("marked", like: .warning)
  static let stderr = Role("stderr", like: .warning)
  static let note = Role("note", like: .muted)
  static let match = Role("match", like: .selection)
  static let field = Role("field", like: .text)
  static let fieldName = Role("field-name", like: .accent)
  static let input = Role("input", like: .text)
  static let danger = Role("danger", like: .error)
}

/// How something stands, with a sign and a role each: a reader who sees no colour reads the sign and the word.
enum Standing: Int, Hashable, Sendable {
  case failed, pending, running, retrying, ending, suspended, succeeded, idle, unknown

  var sign: String {
    switch self {
    case .failed: "✗"
    case .pending: "○"
    case .running: "●"
    case .retrying: "↻"
    case .ending: "◌"
    case .suspended: "‖"
    case .succeeded: "✓"
    case .idle: "·"
    case .unknown: "?"
    }
  }

  static let signs: [String] = [
    Standing.failed, .pending, .running, .retrying, .ending, .suspended, .succeeded, .idle, .unknown,
  ].map(\.sign)

  var role: Role {
    switch self {
    case .failed: .failed
    case .pending, .retrying, .unknown: .pending
    case .running: .running
    case .ending: .ending
    case .suspended: .suspended
    case .succeeded: .succeeded
    case .idle: .muted
    }
  }
}

/// A status as a cell shows it: `✗ Failed:BackoffLimitExceeded`.
struct StatusText: Hashable, Sendable {
  var standing: Standing
  var word: String
  var reason = ""

  /// Word and reason without the sign.
  var text: String { reason.isEmpty ? word : "\(word):\(reason)" }
}
