/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds ignored as Unix does.
///
/// The control plane gets every instant as an argument; nothing in this module reads a clock.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since the Unix epoch; negative before it.
  public var microseconds: Int64

  /// An instant that is `microseconds` after the Unix epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// An instant that is whole `seconds` after the Unix epoch.
  public init(seconds: Int64) {
    self.microseconds = seconds * 1_000_000
  }

  /// Whole seconds since the epoch, rounded towards the past, as Kubernetes' `Time` keeps them.
  public var seconds: Int64 {
    microseconds >= 0 ? microseconds / 1_000_000 : -((-microseconds + 999_999) / 1_000_000)
  }

  /// The same instant without its fraction of a second.
  public var truncatedToSeconds: Instant { Instant(seconds: seconds) }

  public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

  /// The instant `right` later, in whole microseconds; wraps around beyond Int64's bounds.
  public static func + (left: Instant, right: Duration) -> Instant {
    Instant(microseconds: left.microseconds &+ right.inMicroseconds)
  }

  /// The instant `right` earlier, in whole microseconds; wraps around beyond Int64's bounds.
  public static func - (left: Instant, right: Duration) -> Instant {
    Instant(microseconds: left.microseconds &- right.inMicroseconds)
  }

  /// The time that passed from `right` to `left`.
  public static func - (left: Instant, right: Instant) -> Duration {
    .microseconds(left.microseconds &- right.microseconds)
  }
}

extension Duration {
  /// Whole microseconds, rounded towards zero.
  public var inMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000
  }

  /// This time doubled so many times, `limit` at most: a backoff.
  public func doubled(_ times: Int, upTo limit: Duration) -> Duration {
    // So often that any time here is beyond any limit, and no product overflows.
    min(limit, self * (1 << min(times, 16)))
  }

  /// Seconds with their fraction.
  public var inSeconds: Double { Double(inMicroseconds) / 1_000_000 }
}

/// A date of the proleptic Gregorian calendar and a time of day, in UTC.
public struct CivilTime: Hashable, Sendable {
  /// 0 is the year before year 1; may be negative.
  public var year: Int
  /// 1…12
  public var month: Int
  /// 1…31
  public var day: Int
  /// 0…23
  public var hour: Int
  /// 0…59
  public var minute: Int
  /// 0…59; there are no leap seconds.
  public var second: Int
  /// 0…999,999
  public var microsecond: Int
  /// 0 is Sunday.
  public var weekday: Int

  /// The UTC calendar reading of `instant`.
  public init(_ instant: Instant) {
    let seconds = instant.seconds
    microsecond = Int(instant.microseconds - seconds * 1_000_000)
    var days = seconds / 86_400
    var rest = Int(seconds % 86_400)
    if rest < 0 {
      rest += 86_400
      days -= 1
    }
    hour = rest / 3_600
    minute = rest % 3_600 / 60
    second = rest % 60
    weekday = Int(((days % 7) + 11) % 7)
    // Howard Hinnant's days-to-civil: years start in March, so that the leap day comes last.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to the given date.
  public static func days(year: Int, month: Int, day: Int) -> Int64 {
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC with whole seconds: how Kubernetes writes `Time`.
  public var description: String { rfc3339(fraction: false) }

  /// RFC 3339 in UTC; with `fraction`, six digits of it, as Kubernetes writes `MicroTime`.
  public func rfc3339(fraction: Bool) -> String {
    let civil = CivilTime(self)
    var text: [UInt8] = []
    text.reserveCapacity(27)
    func digits(_ value: Int, _ count: Int) {
      var divisor = 1
      for _ in 1..<count { divisor *= 10 }
      while divisor > 0 {
        text.append(UInt8(48 + value / divisor % 10))
        divisor /= 10
      }
    }
    digits(civil.year, 4)
    text.append(UInt8(ascii: "-"))
    digits(civil.month, 2)
    text.append(UInt8(ascii: "-"))
    digits(civil.day, 2)
    text.append(UInt8(ascii: "T"))
    digits(civil.hour, 2)
    text.append(UInt8(ascii: ":"))
    digits(civil.minute, 2)
    text.append(UInt8(ascii: ":"))
    digits(civil.second, 2)
    if fraction {
      text.append(UInt8(ascii: "."))
      digits(civil.microsecond, 6)
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads RFC 3339 with any offset and up to nine digits of fraction; `nil` for anything else.
  public init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20 else { return nil }
    func number(_ from: Int, _ count: Int) -> Int? {
      guard from + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[from..<from + count] {
        guard byte >= 48, byte <= 57 else { return nil }
        value = value * 10 + Int(byte - 48)
      }
      return value
    }
    guard let year = number(0, 4), bytes[4] == UInt8(ascii: "-"), let month = number(5, 2),
      bytes[7] == UInt8(ascii: "-"), let day = number(8, 2), bytes[10] == UInt8(ascii: "T") || bytes[10] == 0x74,
      let hour = number(11, 2), bytes[13] == UInt8(ascii: ":"), let minute = number(14, 2),
      bytes[16] == UInt8(ascii: ":"), let second = number(17, 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var position = 19
    var micros = 0
    if bytes[position] == UInt8(ascii: ".") {
      position += 1
      var scale = 100_000
      let start = position
      while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 {
        micros += Int(bytes[position] - 48) * scale
        scale /= 10
        position += 1
      }
      guard position > start, position - start <= 9 else { return nil }
    }
    guard position < bytes.count else { return nil }
    var offset = 0
    if bytes[position] == UInt8(ascii: "Z") || bytes[position] == 0x7A {
      guard position + 1 == bytes.count else { return nil }
    } else {
      let sign = bytes[position]
      guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), position + 6 == bytes.count,
        let hours = number(position + 1, 2), bytes[position + 3] == UInt8(ascii: ":"),
        let minutes = number(position + 4, 2), hours < 24, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * 60 * (sign == UInt8(ascii: "+") ? 1 : -1)
    }
    let days = CivilTime.days(year: year, month: month, day: day)
    let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
    self.init(microseconds: seconds * 1_000_000 + Int64(micros))
  }
}
