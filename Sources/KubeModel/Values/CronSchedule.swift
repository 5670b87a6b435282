/// Why a schedule cannot be read, in the words of robfig/cron, which Kubernetes uses.
public struct CronError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, `expected exactly 5 fields, found 3: [a b c]` for instance.
  public var message: String
  public var description: String { message }
}

/// When a cron job runs: five fields (minute, hour, day of month, month, day of week), a descriptor such as
/// `@hourly`, or `@every 90s`.
///
/// The grammar is that of robfig/cron v3 `ParseStandard`: a field is a comma list of `*`, `?`, `n`, `a-b`, each with
/// an optional `/step`; months and days of the week also have three-letter names; Sunday is 0 and 7 is refused.
public struct CronSchedule: Hashable, Sendable {
  enum Timing: Hashable, Sendable {
    case fields(Fields)
    case every(Duration)
  }

  struct Fields: Hashable, Sendable {
    var minutes: UInt64
    var hours: UInt64
    var days: UInt64
    var months: UInt64
    var weekdays: UInt64
    /// Whether the day fields are stars: with two restricted ones either may match, else both must.
    var hasStarDay: Bool
  }

  let timing: Timing

  /// Reads a schedule. A leading `TZ=…` or `CRON_TZ=…` is read over: Kubernetes refuses it elsewhere.
  public init(_ text: String) throws(CronError) {
    var rest = Substring(text)
    if rest.isEmpty { throw CronError(message: "empty spec string") }
    if rest.hasPrefix("TZ=") || rest.hasPrefix("CRON_TZ=") {
      let zone = rest.drop { $0 != "=" }.dropFirst().prefix { $0 != " " }
      do {
        _ = try TimeZoneRules(named: String(zone))
      } catch {
        throw CronError(message: "provided bad location \(zone): \(error.message)")
      }
      rest = rest.drop { $0 != " " }
      rest = rest.drop { $0.isWhitespace }
    }
    if rest.hasPrefix("@") {
      timing = try CronSchedule.descriptor(String(rest))
      return
    }
    let parts = rest.split { $0.isWhitespace }.map(String.init)
    guard parts.count == 5 else {
      throw CronError(
        message: "expected exactly 5 fields, found \(parts.count): [\(parts.joined(separator: " "))]")
    }
    let minutes = try CronSchedule.field(parts[0], 0...59)
    let hours = try CronSchedule.field(parts[1], 0...23)
    let days = try CronSchedule.field(parts[2], 1...31)
    let months = try CronSchedule.field(parts[3], 1...12, CronSchedule.monthNames)
    let weekdays = try CronSchedule.field(parts[4], 0...6, CronSchedule.weekdayNames)
    timing = .fields(
      Fields(
        minutes: minutes.bits, hours: hours.bits, days: days.bits, months: months.bits, weekdays: weekdays.bits,
        hasStarDay: days.isStar || weekdays.isStar))
  }

  private static let monthNames: [String: Int] = [
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
  ]
  private static let weekdayNames: [String: Int] = [
    "sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6,
  ]

  private static func descriptor(_ text: String) throws(CronError) -> Timing {
    let named: [String: String] = [
      "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
      "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    if let fields = named[text] { return try CronSchedule(fields).timing }
    guard text.hasPrefix("@every ") else { throw CronError(message: "unrecognized descriptor: \(text)") }
    do {
      let duration = try Duration(goText: String(text.dropFirst(7)))
      return .every(.seconds(max(1, duration.components.seconds)))
    } catch {
      throw CronError(message: "failed to parse duration \(text): \(error)")
    }
  }

  private static func field(
    _ text: String, _ bounds: ClosedRange<Int>, _ names: [String: Int] = [:]
  ) throws(CronError) -> (bits: UInt64, isStar: Bool) {
    var bits: UInt64 = 0
    var isStar = false
    for part in text.split(separator: ",") {
      let (own, star) = try range(String(part), bounds, names)
      bits |= own
      isStar = isStar || star
    }
    return (bits, isStar)
  }

  private static func range(
    _ text: String, _ bounds: ClosedRange<Int>, _ names: [String: Int]
  ) throws(CronError) -> (UInt64, Bool) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let limits = (parts.first ?? "").split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    var start = bounds.lowerBound
    var end = bounds.upperBound
    var isStar = false
    let first = limits.first ?? ""
    if first == "*" || first == "?" {
      isStar = true
    } else {
      start = try number(first, names)
      switch limits.count {
      case 1: end = start
      case 2: end = try number(limits[1], names)
      default: throw CronError(message: "too many hyphens: \(text)")
      }
    }
    var step = 1
    switch parts.count {
    case 1: break
    case 2:
      step = try number(parts[1], [:])
      if limits.count == 1 { end = bounds.upperBound }
      if step > 1 { isStar = false }
    default: throw CronError(message: "too many slashes: \(text)")
    }
    if start < bounds.lowerBound {
      throw CronError(
        message: "beginning of range (\(start)) below minimum (\(bounds.lowerBound)): \(text)")
    }
    if end > bounds.upperBound {
      throw CronError(message: "end of range (\(end)) above maximum (\(bounds.upperBound)): \(text)")
    }
    if start > end {
      throw CronError(message: "beginning of range (\(start)) beyond end of range (\(end)): \(text)")
    }
    if step == 0 { throw CronError(message: "step of range should be a positive number: \(text)") }
    var bits: UInt64 = 0
    // A step beyond the range leaves its start alone; compared first, because adding it might overflow.
    var value = start
    while true {
      bits |= 1 << UInt64(value)
      if step > end - value { break }
      value += step
    }
    return (bits, isStar)
  }

  private static func number(_ text: String, _ names: [String: Int]) throws(CronError) -> Int {
    if let named = names[text.lowercased()] { return named }
    guard let value = Int(text) else {
      let digits = text.drop { $0 == "-" || $0 == "+" }
      let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
      let why = isNumber && digits.count >= text.count - 1 ? "value out of range" : "invalid syntax"
      throw CronError(message: "failed to parse int from \(text): strconv.Atoi: parsing \(goQuoted(text)): \(why)")
    }
    if value < 0 { throw CronError(message: "negative number (\(value)) not allowed: \(text)") }
    return value
  }
}

extension CronSchedule {
  /// The time between two runs of `@every`, whole seconds; `nil` for fields of a calendar.
  public var period: Duration? { if case .every(let duration) = timing { duration } else { nil } }

  /// The first time after `instant` that the schedule asks for, on the clock of `zone`; `nil` where there is none
  /// within five years.
  ///
  /// A time that the clock skips does not come; one that it repeats comes twice.
  public func next(after instant: Instant, in zone: TimeZoneRules) -> Instant? {
    switch timing {
    case .every(let duration): return instant.truncatedToSeconds + duration
    case .fields(let fields): return fields.next(after: instant.seconds, in: zone).map(Instant.init(seconds:))
    }
  }
}

extension CronSchedule.Fields {
  func next(after second: Int64, in zone: TimeZoneRules) -> Int64? {
    // A field of commas alone asks for nothing.
    if minutes == 0 || hours == 0 || days == 0 || months == 0 || weekdays == 0 { return nil }
    // From the next full minute; offsets of odd seconds, which old zones had, are part of the local reading.
    var time = second + 1
    let begin = CivilTime(Instant(seconds: time + zone.offset(at: time)))
    if begin.second != 0 { time += Int64(60 - begin.second) }
    let lastYear = begin.year + 5
    while true {
      let local = CivilTime(Instant(seconds: time + zone.offset(at: time)))
      if local.year > lastYear { return nil }
      if months & 1 << UInt64(local.month) == 0 {
        time = startOfDay(
          year: local.month == 12 ? local.year + 1 : local.year, month: local.month % 12 + 1, day: 1, after: time,
          in: zone)
      } else if !matchesDay(local) {
        let days = CivilTime.days(year: local.year, month: local.month, day: local.day) + 1
        let next = CivilTime(Instant(seconds: days * 86_400))
        time = startOfDay(year: next.year, month: next.month, day: next.day, after: time, in: zone)
      } else if hours & 1 << UInt64(local.hour) == 0 {
        time += Int64(3_600 - local.minute * 60 - local.second)
      } else if minutes & 1 << UInt64(local.minute) == 0 {
        time += Int64(60 - local.second)
      } else if local.second != 0 {
        time += Int64(60 - local.second)
      } else {
        return time
      }
    }
  }

  private func matchesDay(_ local: CivilTime) -> Bool {
    let day = days & 1 << UInt64(local.day) != 0
    let weekday = weekdays & 1 << UInt64(local.weekday) != 0
    return hasStarDay ? day && weekday : day || weekday
  }

  /// The first moment of a local day, which is midnight unless the clock skips it; always later than `time`.
  private func startOfDay(year: Int, month: Int, day: Int, after time: Int64, in zone: TimeZoneRules) -> Int64 {
    let midnight = CivilTime.days(year: year, month: month, day: day) * 86_400
    return max(time + 1, zone.firstInstant(ofLocal: midnight))
  }
}
