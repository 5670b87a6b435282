internal import Glibc

/// Why there is no time zone of a name, in the words of Go's time package.
public struct TimeZoneError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, `unknown time zone X` for instance.
  public var message: String
  public var description: String { message }
}

/// The clock of a place: its offset from UTC at every time (RFC 8536, as the system's tz database keeps it).
public struct TimeZoneRules: Hashable, Sendable {
  /// `Europe/Paris`
  public let name: String
  private struct Transition: Hashable, Sendable {
    /// Seconds since the epoch.
    var time: Int64
    /// Seconds east of UTC from then on.
    var offset: Int64
  }
  private var transitions: [Transition] = []
  private var firstOffset: Int64 = 0
  /// What goes on after the last transition.
  private var footer: PosixTimeZone?

  /// The zone `UTC`, which needs no tz database.
  public static let utc = TimeZoneRules(utcNamed: "UTC")

  private init(utcNamed name: String) { self.name = name }

  /// The zone called `name` in the system's tz database; `UTC` and the empty name are always there.
  public init(named name: String) throws(TimeZoneError) {
    if name.isEmpty || name == "UTC" {
      self = .utc
      return
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    if name.hasPrefix("/") || name.contains("\\") || parts.contains("..") || name.utf8.contains(0) {
      throw TimeZoneError(message: "time: invalid location name")
    }
    let bytes = ["/usr/share/zoneinfo/", "/usr/lib/zoneinfo/", "/usr/share/lib/zoneinfo/", "/etc/zoneinfo/"]
      .lazy.compactMap { TimeZoneRules.contents(of: $0 + name) }.first
    guard let bytes, let rules = TimeZoneRules(name: name, file: bytes) else {
      throw TimeZoneError(message: "unknown time zone \(name)")
    }
    self = rules
  }

  /// A file's bytes; `nil` for anything but a regular, readable file of a zone file's size.
  static func contents(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
      }
      if got <= 0 { return got == 0 ? Array(bytes[..<count]) : nil }
      count += got
    }
    return nil
  }

  /// Reads a compiled zone file; `nil` where it is none.
  public init?(name: String, file bytes: [UInt8]) {
    self.name = name
    guard let first = Header(bytes, at: 0) else { return nil }
    let version = bytes[4]
    var start = 44
    var header = first
    var timeSize = 4
    if version >= UInt8(ascii: "2") {
      // The first block is for readers of 32 bits; the same again with 64 follows it.
      let second = 44 + first.size(timeSize: 4)
      guard let next = Header(bytes, at: second) else { return nil }
      header = next
      start = second + 44
      timeSize = 8
    }
    guard header.types > 0, start + header.size(timeSize: timeSize) <= bytes.count else { return nil }
    let indexes = start + header.times * timeSize
    let types = indexes + header.times
    func offset(_ type: Int) -> Int64 {
      guard type < header.types else { return 0 }
      return Int64(Int32(truncatingIfNeeded: TimeZoneRules.bigEndian(bytes, types + 6 * type, 4)))
    }
    firstOffset = offset(0)
    for index in 0..<header.times {
      let raw = TimeZoneRules.bigEndian(bytes, start + index * timeSize, timeSize)
      let time = timeSize == 8 ? Int64(bitPattern: raw) : Int64(Int32(truncatingIfNeeded: raw))
      transitions.append(Transition(time: time, offset: offset(Int(bytes[indexes + index]))))
    }
    if timeSize == 8 {
      let tail = bytes[(start + header.size(timeSize: 8))...].split(separator: 0x0A, maxSplits: 2)
      if let text = tail.first { footer = PosixTimeZone(String(decoding: text, as: UTF8.self)) }
    }
  }

  private struct Header {
    var isUTC: Int
    var isStandard: Int
    var leaps: Int
    var times: Int
    var types: Int
    var characters: Int

    init?(_ bytes: [UInt8], at start: Int) {
      guard bytes.count >= start + 44, bytes[start..<start + 4].elementsEqual("TZif".utf8) else { return nil }
      func count(_ index: Int) -> Int { Int(TimeZoneRules.bigEndian(bytes, start + 20 + 4 * index, 4)) }
      (isUTC, isStandard, leaps) = (count(0), count(1), count(2))
      (times, types, characters) = (count(3), count(4), count(5))
      let largest = max(isUTC, isStandard, leaps, times, types, characters)
      guard largest < 1 << 20 else { return nil }
    }

    func size(timeSize: Int) -> Int {
      times * timeSize + times + types * 6 + characters + leaps * (timeSize + 4) + isStandard + isUTC
    }
  }

  private static func bigEndian(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
    guard start + count <= bytes.count else { return 0 }
    return bytes[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Seconds east of UTC at `time`, seconds since the epoch. O(log of the number of transitions).
  public func offset(at time: Int64) -> Int64 {
    guard let last = transitions.last else { return footer?.offset(at: time) ?? firstOffset }
    if time >= last.time { return footer?.offset(at: time) ?? last.offset }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? firstOffset : transitions[low - 1].offset
  }

  /// The first moment whose local reading is `local` (seconds, as if it were UTC) or, where the clock skips that,
  /// the first one after it.
  public func firstInstant(ofLocal local: Int64) -> Int64 {
    // No offset is beyond a day, so the answer lies between these; local readings go up but at rare steps back.
    let early = offset(at: local - 86_400)
    let late = offset(at: local + 86_400)
    let candidates = [local - early, local - late].sorted()
    for candidate in candidates where candidate + offset(at: candidate) == local { return candidate }
    // Skipped: the transition itself is what comes next.
    var low = candidates[0] - 86_400
    var high = candidates[1] + 86_400
    while high - low > 1 {
      let middle = (low + high) / 2
      if middle + offset(at: middle) < local { low = middle } else { high = middle }
    }
    return high
  }
}
