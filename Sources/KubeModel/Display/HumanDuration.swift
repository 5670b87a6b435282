/// A duration as kubectl shows ages: two units at most, ever coarser (apimachinery, util/duration).
///
/// Truncates; below -1 s it is `<invalid>`.
public func humanDuration(_ duration: Duration) -> String {
  let seconds = duration.inMicroseconds / 1_000_000
  if seconds < -1 { return "<invalid>" }
  if seconds < 0 || duration < .zero { return "0s" }
  if seconds < 120 { return "\(seconds)s" }
  let minutes = seconds / 60
  if minutes < 10 {
    let rest = seconds % 60
    return rest == 0 ? "\(minutes)m" : "\(minutes)m\(rest)s"
  }
  if minutes < 180 { return "\(minutes)m" }
  let hours = seconds / 3_600
  if hours < 8 {
    let rest = minutes % 60
    return rest == 0 ? "\(hours)h" : "\(hours)h\(rest)m"
  }
  if hours < 48 { return "\(hours)h" }
  if hours < 192 {
    let rest = hours % 24
    return rest == 0 ? "\(hours / 24)d" : "\(hours / 24)d\(rest)h"
  }
  if hours < 24 * 365 * 2 { return "\(hours / 24)d" }
  if hours < 24 * 365 * 8 {
    let rest = hours / 24 % 365
    return rest == 0 ? "\(hours / 24 / 365)y" : "\(hours / 24 / 365)y\(rest)d"
  }
  return "\(hours / 24 / 365)y"
}

/// How long ago `instant` was; `<unknown>` for none.
public func humanAge(of instant: Instant?, now: Instant) -> String {
  instant.map { humanDuration(now - $0) } ?? "<unknown>"
}

extension Instant {
  /// `Mon, 23 Nov 2026 11:07:04 +0000`, in UTC.
  public var rfc1123: String {
    let civil = CivilTime(self)
    let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
    let year = String(repeating: "0", count: max(0, 4 - String(civil.year).count)) + String(civil.year)
    return "\(weekdays[civil.weekday]), \(two(civil.day)) \(months[civil.month - 1]) \(year) "
      + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
  }
}

/// Names that an API server completes (apiserver, storage/names).
public enum GeneratedName {
  private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  /// `base`, cut to 58 characters, and five random letters and digits that spell no word.
  public static func make(base: String, using generator: inout some RandomNumberGenerator) -> String {
    var name = String(base.prefix(58))
    for _ in 0..<5 { name.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]) }
    return name
  }
}
