import Foundation
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
    ("@reboot", "unrecognized descriptor: @reboot"), ("@", "unrecognized descriptor: @"),
    ("@Hourly", "unrecognized descriptor: @Hourly"), ("@every", "unrecognized descriptor: @every"),
    ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
    ("0 * * * * *", "expected exactly 5 fields, found 6: [0 * * * * *]"),
    ("   ", "expected exactly 5 fields, found 0: []"),
    ("* 24 * * *", "end of range (24) above maximum (23): 24"),
    ("* * 32 * *", "end of range (32) above maximum (31): 32"),
    ("* * * 13 *", "end of range (13) above maximum (12): 13"),
    ("* * * 0 *", "beginning of range (0) below minimum (1): 0"),
    ("0-60/5 * * * *", "end of range (60) above maximum (59): 0-60/5"),
    ("* * * * fri-mon", "beginning of range (5) beyond end of range (1): fri-mon"),
    ("* * L * *", "failed to parse int from L: strconv.Atoi: parsing \"L\": invalid syntax"),
    ("* * * * 5#2", "failed to parse int from 5#2: strconv.Atoi: parsing \"5#2\": invalid syntax"),
    ("* * 15W * *", "failed to parse int from 15W: strconv.Atoi: parsing \"15W\": invalid syntax"),
    ("* * * monday *", "failed to parse int from monday: strconv.Atoi: parsing \"monday\": invalid syntax"),
    ("jan * * * *", "failed to parse int from jan: strconv.Atoi: parsing \"jan\": invalid syntax"),
    ("-5 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"),
    ("1- * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"),
    ("*/ * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"),
    ("*/-1 * * * *", "negative number (-1) not allowed: -1"),
    ("* */x * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
    ("1.5 * * * *", "failed to parse int from 1.5: strconv.Atoi: parsing \"1.5\": invalid syntax"),
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
    // A step of one leaves a star a star; a longer one makes it a restriction, and then either field will do.
    ("0 0 */2 * 1", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"),
    ("0 0 ? * Tue", "2026-11-24T00:00:00Z", "2026-12-01T00:00:00Z"),
    ("0 0 13 * fri", "2026-11-14T00:00:00Z", "2026-11-20T00:00:00Z"),
    ("59/5,7 * * * *", "2026-11-23T11:07:00Z", "2026-11-23T11:59:00Z"),
    ("10-20/99 3-4 * * *", "2026-11-23T11:07:04Z", "2026-11-24T03:10:00Z"),
    ("+5 * * * *", "2026-11-23T11:07:04Z", "2026-11-23T12:05:00Z"),
    ("0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    ("@weekly", "2026-11-23T11:00:00Z", "2026-11-29T00:00:00Z"),
    ("@every 1500ms", "2026-11-23T11:07:04Z", "2026-11-23T11:07:05Z"),
    ("@every 1ms", "2026-11-23T11:07:04.9Z", "2026-11-23T11:07:05Z"),
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

  @Test func givesUpAfterFiveYears() throws {
    // From 2096 the next 29 February is eight years away.
    let leap = try CronSchedule("0 0 29 2 *")
    #expect(
      leap.next(after: try Self.time("2096-02-28T00:00:00Z"), in: .utc) == (try Self.time("2096-02-29T00:00:00Z")))
    #expect(leap.next(after: try Self.time("2096-03-01T00:00:00Z"), in: .utc) == nil)
    // The fifth year is still looked at, to its end.
    #expect(
      leap.next(after: try Self.time("2099-01-01T00:00:00Z"), in: .utc) == (try Self.time("2104-02-29T00:00:00Z")))
  }

  // MARK: Zone files

  /// A file of the first version, which knows 32 bits and no rule for later.
  @Test func readsTheFirstVersion() throws {
    func bytes(_ value: Int32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    var file = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
    for count: Int32 in [0, 0, 0, 2, 2, 8] { file += bytes(count) }
    file += bytes(-1000) + bytes(2000) + [1, 0]
    file += bytes(3600) + [0, 0] + bytes(7200) + [1, 4] + Array("ONE\0TWO\0".utf8)
    let zone = try #require(TimeZoneRules(name: "x", file: file))
    #expect(
      [-2000, -1000, 0, 1999, 2000, 1 << 40].map { zone.offset(at: $0) } == [3600, 7200, 7200, 7200, 3600, 3600])
  }

  /// After the table's end the file's last line rules: also where summer is the standard, or the day is a number.
  @Test(arguments: [
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2050-07-01T12:00:00Z", 7200),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2050-12-01T12:00:00Z", 3600),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-12-01T12:00:00Z", 0),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-07-01T12:00:00Z", 3600),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-01-01T12:00:00Z", 39_600),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-07-01T12:00:00Z", -3600),
    ("EET-2EEST,J60/0,J300", "2050-03-01T00:00:00Z", 10_800), ("EET-2EEST,J60/0,J300", "2050-02-28T20:00:00Z", 7200),
    ("<+0545>-5:45", "2050-07-01T12:00:00Z", 20_700),
  ]) func goesByTheLastLine(_ rule: String, _ at: String, _ offset: Int64) throws {
    let empty = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
    func header(types: UInt8) -> [UInt8] {
      empty + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, types, 0, 0, 0, types * 4]
    }
    let type: [UInt8] = [0, 0, 0, 0, 0, 0] + Array("LMT\0".utf8)
    let file = header(types: 1) + type + header(types: 1) + type + Array("\n\(rule)\n".utf8)
    let zone = try #require(TimeZoneRules(name: "x", file: file))
    #expect(zone.offset(at: try Self.time(at).seconds) == offset)
  }

  // MARK: Against another implementation

  /// A thousand random schedules in the zones of Fixtures/cron, a hundred run times each against what generate.py
  /// found; a thousand each with JOBDECK_ALL_TIMES=1, which takes a minute in a debug build.
  @Test func runsWhenTheReferenceSays() throws {
    let fixture = try Fixture.json("cron/times.json")
    let all = ProcessInfo.processInfo.environment["JOBDECK_ALL_TIMES"] != nil
    let zones = try (fixture["zones"]?.array ?? []).map { entry in
      let file = try #require(Data(base64Encoded: entry.array?[1].string ?? ""))
      return try #require(TimeZoneRules(name: entry.array?[0].string ?? "", file: Array(file)))
    }
    let cases = fixture["cases"]?.array ?? []
    #expect(zones.count == 25 && cases.count == 1000)
    for value in cases {
      let entry = value.array ?? []
      let text = try #require(entry[0].string)
      let zone = zones[Int(try #require(entry[1].int))]
      let schedule = try CronSchedule(text)
      let count = Int(try #require(entry[4].int))
      let wanted = min(count, all ? 1000 : 100)
      var time = Instant(seconds: try #require(entry[2].int))
      var times: [Int64] = []
      while times.count < wanted, let next = schedule.next(after: time, in: zone) {
        times.append(next.seconds)
        time = next
      }
      if times.count == count, count < 1000 { #expect(schedule.next(after: time, in: zone) == nil, "\(text)") }
      #expect(times.count == wanted, "\(text) in \(zone.name)")
      #expect(times.prefix(2).map(JSONValue.int) == entry[3].array, "\(text) in \(zone.name)")
      #expect(Self.digest(times) == entry[all ? 6 : 5].string, "\(text) in \(zone.name) from \(entry[2])")
    }
  }

  private static func digest(_ times: [Int64]) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for time in times { value = (value ^ UInt64(time)) &* 0x0000_0100_0000_01B3 }
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  // MARK: Cron jobs that are refused

  @Test(
    arguments: [
      (["schedule": ""], "spec.schedule: Required value"),
      (
        ["schedule": "61 * * * *"],
        "spec.schedule: Invalid value: \"61 * * * *\": end of range (61) above maximum (59): 61"
      ),
      (
        ["schedule": "TZ=Europe/Paris 0 * * * *"],
        "spec.schedule: Invalid value: \"TZ=Europe/Paris 0 * * * *\": "
          + "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
      ),
      (
        ["schedule": "CRON_TZ=UTC 0 * * * *"],
        "spec.schedule: Invalid value: \"CRON_TZ=UTC 0 * * * *\": "
          + "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
      ),
      (["timeZone": ""], "spec.timeZone: Invalid value: \"\": timeZone must be nil or non-empty string"),
      (["timeZone": "Mars/Phobos"], "spec.timeZone: Invalid value: \"Mars/Phobos\": unknown time zone Mars/Phobos"),
      (
        ["timeZone": "Local"],
        "spec.timeZone: Invalid value: \"Local\": "
          + "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
      ),
      (
        ["startingDeadlineSeconds": -1],
        "spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0"
      ),
      (
        ["concurrencyPolicy": "Never"],
        "spec.concurrencyPolicy: Unsupported value: \"Never\": supported values: \"Allow\", \"Forbid\", \"Replace\""
      ),
      (
        ["successfulJobsHistoryLimit": -1],
        "spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0"
      ),
      (
        ["failedJobsHistoryLimit": -2],
        "spec.failedJobsHistoryLimit: Invalid value: -2: must be greater than or equal to 0"
      ),
    ] as [(JSONValue, String)]) func refusesCronJobs(_ change: JSONValue, _ message: String) throws
  {
    #expect(try Self.errors(of: change) == [message])
  }

  @Test func refusesSelectorsOfTheTemplate() throws {
    let errors = try Self.errors(of: [
      "jobTemplate": ["spec": ["manualSelector": true, "selector": ["matchLabels": ["a": "b"]]]]
    ])
    #expect(
      errors.contains {
        $0.hasPrefix("spec.jobTemplate.spec.selector: Invalid value: ")
          && $0.hasSuffix("`selector` will be auto-generated")
      })
    #expect(errors.contains { $0.hasPrefix("spec.jobTemplate.spec.manualSelector: Unsupported value: ") })
  }

  @Test func namesLeaveRoomForTheirJobs() throws {
    var cronJob = try Self.cronJob([:])
    cronJob.metadata.name = String(repeating: "a", count: 52)
    #expect(cronJob.validate().isEmpty)
    cronJob.metadata.name += "a"
    #expect(
      cronJob.validate().map(\.description) == [
        "metadata.name: Invalid value: \"\(cronJob.metadata.name)\": must be no more than 52 characters"
      ])
    // One that has such a name keeps it, and a zone that has gone too.
    var old = cronJob
    old.metadata.resourceVersion = "1"
    old.spec.timeZone = "Mars/Phobos"
    var new = old
    new.spec.suspend = true
    #expect(new.validateUpdate(from: old).isEmpty)
  }

  private static func cronJob(_ change: JSONValue) throws -> CronJob {
    let manifest: JSONValue = [
      "apiVersion": "batch/v1", "kind": "CronJob", "metadata": ["name": "x", "namespace": "default"],
      "spec": [
        "schedule": "* * * * *",
        "jobTemplate": [
          "spec": [
            "template": [
              "spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "x"]]]
            ]
          ]
        ],
      ],
    ]
    let patched = try manifest.applying(["spec": change], type: .merge)
    var object = try KubeObject.read(patched, expecting: .cronJob).object
    object.applyDefaults()
    guard case .cronJob(let cronJob) = object else { throw StatusError.badRequest("no cron job") }
    return cronJob
  }

  private static func errors(of change: JSONValue) throws -> [String] {
    try cronJob(change).validate().map(\.description)
  }
}
