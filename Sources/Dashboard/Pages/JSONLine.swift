internal import KubeModel
internal import Terminal

/// A line that a program wrote as a JSON object, laid out for reading: its time, its level, its message, then the rest
/// as `name=value`, in the order in which it stands there.
///
/// The names are those that common logging libraries use (slog, zap, logrus, pino, bunyan, structlog, logback, Serilog).
enum JSONLine {
  private static let times: Set = ["time", "ts", "timestamp", "@timestamp", "@t", "asctime", "datetime", "date"]
  private static let levels: Set = ["level", "lvl", "severity", "loglevel", "log.level", "levelname", "@l"]
  private static let messages: Set = ["msg", "message", "event", "@m", "@mt", "text"]
  private static let errors: Set = ["error", "err", "exception", "@x", "stack", "stacktrace", "stack_trace"]
  /// Longer ones stay as they are: nobody reads them in a line.
  private static let limit = 64 << 10

  /// The line laid out, or `nil` for one that is no JSON object.
  static func layOut(_ text: String) -> StyledText? {
    guard text.utf8.count <= limit, text.utf8.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "{"),
      let object = try? JSONParser.parse(Array(text.utf8), maximumDepth: 64).object, !object.members.isEmpty
    else { return nil }
    var (time, level, message): (String?, (String, Role)?, String?)
    var rest: [Span] = []
    for member in object.members {
      let name = member.name.lowercased()
      if time == nil, times.contains(name) {
        time = self.time(member.value)
      } else if level == nil, levels.contains(name) {
        level = self.level(member.value)
      } else if message == nil, messages.contains(name) {
        message = plain(member.value)
      } else {
        rest.append(Span(" \(clean(member.name))=", .muted))
        rest.append(Span(quoted(member.value), errors.contains(name) ? .error : .text))
      }
    }
    var spans: [Span] = []
    if let time { spans.append(Span(time + " ", .muted)) }
    if let (name, role) = level { spans.append(Span(name.padded(to: 5) + " ", role, .bold)) }
    if let message { spans.append(Span(message)) }
    if spans.isEmpty, let first = rest.first { rest[0].text = String(first.text.dropFirst()) }
    return StyledText(spans + rest)
  }

  private static func plain(_ value: JSONValue) -> String {
    if case .string(let text) = value { clean(text) } else { value.compactJSON }
  }

  /// A time as a person reads it: what is a number, as seconds, or thousandths and so on of them, since 1970.
  private static func time(_ value: JSONValue) -> String {
    let number: Double
    switch value {
    case .int(let whole): number = Double(whole)
    case .double(let fraction): number = fraction
    default: return plain(value)
    }
    // From 2001 on, and up to the year 2286: what is less or more is no time.
    guard let unit = [1, 1e3, 1e6, 1e9].first(where: { (1e9..<1e10).contains(number / $0) }) else {
      return plain(value)
    }
    let instant = Instant(microseconds: Int64((number / unit * 1e6).rounded()))
    let (date, millis) = (instant.truncatedToSeconds.description, Int(instant.microseconds / 1_000 % 1_000))
    guard millis > 0 else { return date }
    return date.dropLast() + "." + String(1_000 + millis).dropFirst() + "Z"
  }

  /// A value of which one sees where it ends.
  private static func quoted(_ value: JSONValue) -> String {
    guard case .string(let text) = value, !text.isEmpty, !text.contains(where: { " =\"".contains($0) }) else {
      return clean(value.compactJSON)
    }
    return clean(text)
  }

  /// Escapes were undone: what they stood for must not steer the terminal either, and a line stays one.
  private static func clean(_ text: String) -> String {
    let text = LogText(Array(text.utf8)).text
    guard text.contains(where: \.isNewline) else { return text }
    return text.split(whereSeparator: \.isNewline).joined(separator: " ↵ ")
  }

  private static func level(_ value: JSONValue) -> (String, Role) {
    var name = plain(value)
    // As pino and bunyan number them.
    if case .int(let number) = value {
      let names = [10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"]
      name = names[Int(clamping: number)] ?? name
    }
    switch name.lowercased() {
    case "fatal", "panic", "critical", "crit", "emergency", "alert", "dpanic", "error", "err", "e":
      return (name.uppercased(), .error)
    case "warn", "warning", "w": return (name.uppercased(), .warning)
    case "debug", "trace", "verbose", "d", "v": return (name.uppercased(), .muted)
    default: return (name.uppercased(), .accent)
    }
  }
}

extension String {
  fileprivate func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - TextWidth.columns(of: self)))
  }
}
