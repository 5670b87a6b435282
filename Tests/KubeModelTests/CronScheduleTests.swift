import KubeModel
import Testing

struct CronScheduleTests {
  static func time(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

  @Test(arguments: [
    ("a b c", "expected exactly 5 fields, found 3: [a b c]"),
    ("60 * * * *", "end of range (60) above maximum (59): 60"),
    ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
    ("5-2 * * * *", "beginning of range (5) beyond end of range (2): 5-2"),
    ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
    ("*/0 * * * *", "step of range should be a positive number: */0"),
    ("1/2/3 * * * *", "too many slashes: 1/2/3"), ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
    ("@foo", "unrecognized descriptor: @foo"), ("", "empty spec string"),
    ("* * * * 7", "end of range (7) above maximum (6): 7"),
    (
      "@every x",
      "failed to parse duration @every x: time: invalid duration \"x\""
    ),
    (
      "99999999999999999999 * * * *",
      "failed to parse int from 99999999999999999999: "
        + "strconv.Atoi: parsing \"99999999999999999999\": value out of range"
    ),
  ]) func refuses(_ text: String, _ message: String) {
    #expect { try CronSchedule(text) } throws: { "\($0)" == message }
  }

  @Test(arguments: [
    ("*/15 * * * *", "2026-11-23T11:07:04Z", "2026-11-23T11:15:00Z"),
    ("0 0 1 * *", "2026-11-23T11:07:04Z", "2026-12-01T00:00:00Z"),
    ("0 9 * * mon-fri", "2026-11-27T09:00:00Z", "2026-11-30T09:00:00Z"),
    ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ("30 4 1,15 * 5", "2026-11-02T00:00:00Z", "2026-11-06T04:30:00Z"),
    ("@every 90s", "2026-11-23T11:07:04.5Z", "2026-11-23T11:08:34Z"),
    ("@hourly", "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"),
    ("5/20 * * * *", "2026-11-23T11:00:00Z", "2026-11-23T11:05:00Z"),
    ("0 0 */1 * 1", "2026-11-24T00:00:00Z", "2026-11-30T00:00:00Z"),
    ("0 0 1 JAN ?", "2026-11-24T00:00:00Z", "2027-01-01T00:00:00Z"),
  ]) func nextInUTC(_ text: String, _ from: String, _ expected: String) throws {
    let next = try CronSchedule(text).next(after: Self.time(from), in: .utc)
    #expect(next == (try Self.time(expected)))
  }

  @Test func neverFires() throws {
    #expect(try CronSchedule("59 23 31 2 *").next(after: Self.time("2026-01-01T00:00:00Z"), in: .utc) == nil)
    #expect(try CronSchedule(", * * * *").next(after: Self.time("2026-01-01T00:00:00Z"), in: .utc) == nil)
  }

  @Test func clockChanges() throws {
    let paris = try TimeZoneRules(named: "Europe/Paris")
    let daily = try CronSchedule("30 2 * * *")
    // 29 March 2026: 02:30 does not exist. 25 October 2026: it comes twice.
    let spring = try daily.next(after: Self.time("2026-03-28T12:00:00Z"), in: paris)
    #expect(spring == (try Self.time("2026-03-30T00:30:00Z")))
    let first = try daily.next(after: Self.time("2026-10-24T12:00:00Z"), in: paris)
    #expect(first == (try Self.time("2026-10-25T00:30:00Z")))
    let second = daily.next(after: try #require(first), in: paris)
    #expect(second == (try Self.time("2026-10-25T01:30:00Z")))
    // Long after the last transition of the file, by its rule.
    let far = try CronSchedule("0 12 1 7 *").next(after: Self.time("2090-01-01T00:00:00Z"), in: paris)
    #expect(far == (try Self.time("2090-07-01T10:00:00Z")))
  }

  @Test func zonesWithoutMidnight() throws {
    // Clocks in Beirut go from 00:00 to 01:00 on the last Sunday of March.
    let beirut = try TimeZoneRules(named: "Asia/Beirut")
    let next = try CronSchedule("0 1 29 3 *").next(after: Self.time("2026-03-27T12:00:00Z"), in: beirut)
    #expect(next == (try Self.time("2026-03-28T22:00:00Z")))
  }

  @Test(arguments: ["Mars/Phobos", "../../etc/passwd", "/etc/localtime", "Europe", "zone.tab", "a\0b"])
  func unknownZones(_ name: String) {
    #expect(throws: TimeZoneError.self) { try TimeZoneRules(named: name) }
  }

  @Test func brokenZoneFiles() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2_000 {
      var bytes = Array("TZif2".utf8) + (0..<120).map { _ in UInt8.random(in: 0...3, using: &random) }
      bytes = Array(bytes.prefix(Int.random(in: 0...125, using: &random)))
      if let zone = TimeZoneRules(name: "x", file: bytes) { _ = zone.offset(at: 0) }
    }
  }
}
