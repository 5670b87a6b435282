/// Why a duration cannot be read, in the words of Go's time package.
public struct DurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, `time: invalid duration "5 apples"` for instance.
  public var message: String
  public var description: String { message }
}

extension Duration {
  /// Reads a duration as Go writes it: `300ms`, `1.5h`, `1h2m3.5s`, `0`. Finer than a nanosecond is cut off.
  public init(goText text: String) throws(DurationError) {
    var rest = Substring(text)
    func invalid() -> DurationError { DurationError(message: "time: invalid duration \(goQuoted(text))") }
    var isNegative = false
    if let sign = rest.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      rest = rest.dropFirst()
    }
    if rest == "0" {
      self = .zero
      return
    }
    if rest.isEmpty { throw invalid() }
    var total: Int64 = 0
    while !rest.isEmpty {
      let whole = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(whole.count)
      var fraction = Substring()
      if rest.first == "." {
        rest = rest.dropFirst()
        fraction = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(fraction.count)
      }
      if whole.isEmpty, fraction.isEmpty { throw invalid() }
      let unit = rest.prefix { $0 != "." && !("0"..."9").contains($0) }
      rest = rest.dropFirst(unit.count)
      if unit.isEmpty { throw DurationError(message: "time: missing unit in duration \(goQuoted(text))") }
      guard let scale = Duration.nanoseconds(of: unit) else {
        throw DurationError(message: "time: unknown unit \(goQuoted(String(unit))) in duration \(goQuoted(text))")
      }
      guard let value = Int64(whole.isEmpty ? "0" : String(whole)) else { throw invalid() }
      let (product, overflow) = value.multipliedReportingOverflow(by: scale)
      let part = Int64(Double(scale) * (Double("0.\(fraction.prefix(18))") ?? 0))
      let (sum, carry) = total.addingReportingOverflow(product)
      let (all, last) = sum.addingReportingOverflow(part)
      if overflow || carry || last { throw invalid() }
      total = all
    }
    self = .nanoseconds(isNegative ? -total : total)
  }

  private static func nanoseconds(of unit: Substring) -> Int64? {
    switch unit {
    case "ns": 1
    case "us", "\u{B5}s", "\u{3BC}s": 1_000
    case "ms": 1_000_000
    case "s": 1_000_000_000
    case "m": 60_000_000_000
    case "h": 3_600_000_000_000
    default: nil
    }
  }

  /// This duration as Go writes it: `1h2m3.5s`, `1.5ms`, `0s`. Saturates at about 292 years.
  public var goText: String {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    var total = overflow ? (seconds < 0 ? -Int64.max : Int64.max) : scaled &+ attoseconds / 1_000_000_000
    if total == 0 { return "0s" }
    let sign = total < 0 ? "-" : ""
    total = abs(total)
    if total < 1_000 { return "\(sign)\(total)ns" }
    if total < 1_000_000 { return sign + Duration.decimal(total, 1_000) + "\u{B5}s" }
    if total < 1_000_000_000 { return sign + Duration.decimal(total, 1_000_000) + "ms" }
    let hours = total / 3_600_000_000_000
    let minutes = total / 60_000_000_000 % 60
    var text = sign
    if hours > 0 { text += "\(hours)h" }
    if hours > 0 || minutes > 0 { text += "\(minutes)m" }
    return text + Duration.decimal(total % 60_000_000_000, 1_000_000_000) + "s"
  }

  private static func decimal(_ value: Int64, _ unit: Int64) -> String {
    let digits = String(unit).count - 1
    let rest = String(value % unit)
    var fraction = String(repeating: "0", count: digits - rest.count) + rest
    while fraction.last == "0" { fraction.removeLast() }
    return fraction.isEmpty ? "\(value / unit)" : "\(value / unit).\(fraction)"
  }
}
