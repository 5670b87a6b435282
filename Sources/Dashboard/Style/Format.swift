internal import KubeModel

/// Numbers and times as cells show them.
enum Format {
  /// `0.25`, `1.5`, `12`: cores.
  static func cores(_ milli: Int) -> String {
    if milli >= 10_000 { return String((milli + 500) / 1000) }
    if milli >= 1_000 { return decimal(milli, 1000, digits: 1) }
    return milli == 0 ? "0" : "\(milli)m"
  }

  /// `512Ki`, `64Mi`, `1.5Gi`.
  static func bytes(_ bytes: Int) -> String {
    let units: [(String, Int)] = [("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)]
    for (name, size) in units where bytes >= size {
      return bytes >= size * 10 ? "\((bytes + size / 2) / size)\(name)" : decimal(bytes, size, digits: 1) + name
    }
    return "\(bytes)"
  }

  /// `12,345`
  static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [Substring] = []
    while digits.utf8.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = String(digits.dropLast(3))
    }
    groups.insert(digits[...], at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// `value / unit` with at most `digits` decimals, zeros at the end left out.
  private static func decimal(_ value: Int, _ unit: Int, digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value / unit) * scale + ((value % unit) * scale + unit / 2) / unit
    let (whole, rest) = (scaled / scale, scaled % scale)
    return rest == 0 ? "\(whole)" : "\(whole).\(rest)"
  }

  /// `14:03:07`, or with the date when it is another day than `now`; `offset` is the local time's distance from UTC.
  static func clock(_ instant: Instant, offset: Int) -> String {
    let civil = CivilTime(instant + .seconds(offset))
    return "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))"
  }

  /// `Nov 23 14:03:07.123` in local time.
  static func timestamp(_ instant: Instant, offset: Int, date: Bool) -> String {
    let civil = CivilTime(instant + .seconds(offset))
    let millis = String(civil.microsecond / 1000)
    let time =
      "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))."
      + String(repeating: "0", count: 3 - millis.count) + millis
    return date ? "\(day(civil)) \(time)" : time
  }

  /// `Nov 03`
  static func day(_ time: CivilTime) -> String { "\(months[time.month - 1]) \(two(time.day))" }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  /// `1 pod`, `3 pods`, `2 retries`
  static func plural(_ count: Int, _ noun: String, _ nouns: String? = nil) -> String {
    count == 1 ? "1 \(noun)" : "\(Self.count(count)) \(nouns ?? noun + "s")"
  }
}
