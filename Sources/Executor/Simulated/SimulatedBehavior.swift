import KubeModel

/// How a simulated container behaves, as its pod's annotations say: see `SimulatedRuntime`.
struct SimulatedBehavior: Equatable {
  /// A time, or a range from which one is drawn; microseconds.
  struct Span: Equatable {
    var low: Int64
    var high: Int64
  }

  var duration = Span(low: 0, high: 0)
  var durationByIndex: [Int: Span] = [:]
  var exitCode = 0
  var exitCodeByIndex: [Int: Int] = [:]
  var failAttempts: Int?
  /// Microseconds.
  var termDelay: Int64 = 0
  /// Microseconds.
  var readyAfter: Int64 = 0
  /// What is wrong with the annotations; the container can't be created then.
  var problem: String?

  init(_ annotations: StringMap) {
    for entry in annotations where entry.key.hasPrefix(Self.prefix) {
      let isUnderstood =
        switch entry.key.dropFirst(Self.prefix.count) {
        case "duration": Self.read(Self.span(entry.value[...]), into: &duration)
        case "duration-by-index": Self.read(Self.byIndex(entry.value, Self.span), into: &durationByIndex)
        case "exit-code": Self.read(Self.exitCode(entry.value[...]), into: &exitCode)
        case "exit-code-by-index": Self.read(Self.byIndex(entry.value, Self.exitCode), into: &exitCodeByIndex)
        case "term-delay": Self.read(DurationText.microseconds(entry.value[...]), into: &termDelay)
        case "ready-after": Self.read(DurationText.microseconds(entry.value[...]), into: &readyAfter)
        case "fail-attempts": Self.read(Self.count(entry.value[...]), into: &failAttempts)
        // Other names are for others: restart-backoff is the control plane's.
        default: true
        }
      if !isUnderstood, problem == nil {
        let value = entry.value.unicodeScalars.prefix(100).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }
        var text = ""
        text.unicodeScalars.append(contentsOf: value)
        problem = "invalid annotation \(entry.key): \"\(text)\" is not \(Self.expectation(of: entry.key))"
      }
    }
  }

  private static let prefix = "jobdeck.dev/"

  private static func read<Value>(_ value: Value?, into target: inout Value) -> Bool {
    guard let value else { return false }
    target = value
    return true
  }

  private static func read<Value>(_ value: Value?, into target: inout Value?) -> Bool {
    target = value
    return value != nil
  }

  private static func expectation(of key: String) -> String {
    switch key.dropFirst(prefix.count) {
    case "duration": "a duration such as 90s, 1h30m or 10s..40s"
    case "duration-by-index": "a list of indexes and durations such as 1=2s,4=10s..40s"
    case "exit-code": "an exit code from 0 to 255"
    case "exit-code-by-index": "a list of indexes and exit codes such as 1=42,3=1"
    case "term-delay", "ready-after": "a duration such as 5s"
    default: "a whole number from 0"
    }
  }

  private static func span(_ text: Substring) -> Span? {
    guard let dots = text.firstIndex(of: "."), text[dots...].hasPrefix(".."), !text[dots...].hasPrefix("...") else {
      if let range = rangeOfDots(text) { return span(text, around: range) }
      return DurationText.microseconds(text).map { Span(low: $0, high: $0) }
    }
    return span(text, around: dots..<text.index(dots, offsetBy: 2))
  }

  /// Two dots, where a dot before them is a fraction's: `1.5s..3s`.
  private static func rangeOfDots(_ text: Substring) -> Range<Substring.Index>? {
    var index = text.startIndex
    while let dot = text[index...].firstIndex(of: ".") {
      let next = text.index(after: dot)
      guard next < text.endIndex else { return nil }
      if text[next] == "." { return dot..<text.index(after: next) }
      index = next
    }
    return nil
  }

  private static func span(_ text: Substring, around dots: Range<Substring.Index>) -> Span? {
    guard let low = DurationText.microseconds(text[..<dots.lowerBound]),
      let high = DurationText.microseconds(text[dots.upperBound...]), low <= high
    else { return nil }
    return Span(low: low, high: high)
  }

  private static func exitCode(_ text: Substring) -> Int? {
    count(text).flatMap { $0 <= 255 ? $0 : nil }
  }

  private static func count(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int(text)
  }

  private static func byIndex<Value>(_ text: String, _ parse: (Substring) -> Value?) -> [Int: Value]? {
    var result: [Int: Value] = [:]
    for entry in text.split(separator: ",") {
      let trimmed = entry.drop { $0 == " " }
      guard let equals = trimmed.firstIndex(of: "="), let index = count(trimmed[..<equals]),
        let value = parse(trimmed[trimmed.index(after: equals)...])
      else { return nil }
      result[index] = value
    }
    return result
  }
}

/// Go's spelling of durations: `1h2m3.5s`, `300ms`, `0`.
enum DurationText {
  /// Microseconds, fractions of them dropped; `nil` for text that is no duration, is negative or beyond 2^63 ns.
  static func microseconds(_ text: Substring) -> Int64? {
    var bytes = Array(text.utf8)[...]
    if bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
    if bytes.elementsEqual([UInt8(ascii: "0")]) { return 0 }
    guard !bytes.isEmpty else { return nil }
    var nanoseconds = 0.0
    while !bytes.isEmpty {
      var value = 0.0
      var scale = 1.0
      var digits = 0
      var inFraction = false
      while let byte = bytes.first {
        if byte == UInt8(ascii: "."), !inFraction {
          inFraction = true
        } else if byte >= 48, byte <= 57 {
          digits += 1
          value = value * 10 + Double(byte - 48)
          if inFraction { scale *= 10 }
        } else {
          break
        }
        bytes = bytes.dropFirst()
      }
      guard digits > 0 else { return nil }
      let unit = bytes.prefix { $0 != UInt8(ascii: ".") && !(48...57).contains($0) }
      let factor: Double
      switch String(decoding: unit, as: UTF8.self) {
      case "ns": factor = 1
      case "us", "\u{B5}s", "\u{3BC}s": factor = 1e3
      case "ms": factor = 1e6
      case "s": factor = 1e9
      case "m": factor = 60e9
      case "h": factor = 3600e9
      default: return nil
      }
      nanoseconds += value * factor / scale
      bytes = bytes.dropFirst(unit.count)
    }
    guard nanoseconds < 0x1p63 else { return nil }
    // The sum is of decimal fractions: half a nanosecond is far below what it is off by.
    return Int64((nanoseconds + 0.5) / 1_000)
  }
}
