/// The rule at the end of a zone file: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX TZ, with RFC 8536's extensions).
struct PosixTimeZone: Hashable, Sendable {
  private struct Change: Hashable, Sendable {
    enum Day: Hashable, Sendable {
      /// 1…365, never 29 February.
      case julian(Int)
      /// 0…365.
      case ordinal(Int)
      /// The `week`th `weekday` of `month`; week 5 is the last.
      case weekday(month: Int, week: Int, weekday: Int)
    }
    var day: Day
    /// Local seconds from midnight; may be negative or beyond a day.
    var time: Int64

    /// Seconds as if local time were UTC.
    func local(in year: Int) -> Int64 {
      let newYear = CivilTime.days(year: year, month: 1, day: 1)
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      switch day {
      case .julian(let number): return (newYear + Int64(number - 1 + (isLeap && number >= 60 ? 1 : 0))) * 86_400 + time
      case .ordinal(let number): return (newYear + Int64(number)) * 86_400 + time
      case .weekday(let month, let week, let weekday):
        let first = CivilTime.days(year: year, month: month, day: 1)
        let start = Int((first % 7 + 11) % 7)
        var days = first + Int64((weekday - start + 7) % 7 + (week - 1) * 7)
        let end =
          month == 12
          ? CivilTime.days(year: year + 1, month: 1, day: 1) : CivilTime.days(year: year, month: month + 1, day: 1)
        while days >= end { days -= 7 }
        return days * 86_400 + time
      }
    }
  }

  private var standard: Int64
  private var summer: Int64
  private var begin: Change?
  private var end: Change?

  init?(_ text: String) {
    var rest = Substring(text)
    guard PosixTimeZone.skipName(&rest), let west = PosixTimeZone.time(&rest) else { return nil }
    standard = -west
    summer = standard
    if rest.isEmpty { return }
    guard PosixTimeZone.skipName(&rest) else { return nil }
    summer = standard + 3_600
    if let first = rest.first, first != "," {
      guard let west = PosixTimeZone.time(&rest) else { return nil }
      summer = -west
    }
    let parts = rest.split(separator: ",")
    guard parts.count == 2, let from = PosixTimeZone.change(parts[0]), let to = PosixTimeZone.change(parts[1]) else {
      return nil
    }
    begin = from
    end = to
  }

  private static func skipName(_ rest: inout Substring) -> Bool {
    if rest.first == "<" {
      guard let close = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: close)...]
      return true
    }
    let name = rest.prefix { $0.isLetter }
    rest = rest.dropFirst(name.count)
    return name.count >= 3
  }

  /// `[+-]h[h][:mm[:ss]]` in seconds.
  private static func time(_ rest: inout Substring) -> Int64? {
    var sign: Int64 = 1
    if let first = rest.first, first == "+" || first == "-" {
      sign = first == "-" ? -1 : 1
      rest = rest.dropFirst()
    }
    let text = rest.prefix { ("0"..."9").contains($0) || $0 == ":" }
    rest = rest.dropFirst(text.count)
    let parts = text.split(separator: ":").map { Int64($0) ?? -1 }
    guard (1...3).contains(parts.count), parts.allSatisfy({ (0...167).contains($0) }) else { return nil }
    let units: [Int64] = [3_600, 60, 1]
    return sign * zip(parts, units).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func change(_ text: Substring) -> Change? {
    let parts = text.split(separator: "/", maxSplits: 1)
    guard let date = parts.first else { return nil }
    var time: Int64 = 7_200
    if parts.count == 2 {
      var rest = parts[1]
      guard let given = PosixTimeZone.time(&rest), rest.isEmpty else { return nil }
      time = given
    }
    if date.hasPrefix("M") {
      let numbers = date.dropFirst().split(separator: ".").map { Int($0) ?? -1 }
      guard numbers.count == 3, (1...12).contains(numbers[0]), (1...5).contains(numbers[1]),
        (0...6).contains(numbers[2])
      else { return nil }
      return Change(day: .weekday(month: numbers[0], week: numbers[1], weekday: numbers[2]), time: time)
    }
    if date.hasPrefix("J") {
      guard let number = Int(date.dropFirst()), (1...365).contains(number) else { return nil }
      return Change(day: .julian(number), time: time)
    }
    guard let number = Int(date), (0...365).contains(number) else { return nil }
    return Change(day: .ordinal(number), time: time)
  }

  func offset(at time: Int64) -> Int64 {
    guard let begin, let end else { return standard }
    let year = CivilTime(Instant(seconds: time + standard)).year
    let from = begin.local(in: year) - standard
    let to = end.local(in: year) - summer
    if from < to { return time >= from && time < to ? summer : standard }
    return time >= from || time < to ? summer : standard
  }
}
