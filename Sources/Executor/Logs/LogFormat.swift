import Glibc
import KubeModel

/// The format of a log file: that of Kubernetes' container runtimes (CRI), one record a line:
///
///     2026-11-23T14:47:54.123456789Z stdout F text
///
/// `F` ends a line, `P` is a piece of a line that goes on in the stream's next record: of one that is too long
/// for a record, or whose newline did not come for a while. What is left without a newline
/// when a container ends is written as `F`, as containerd does. Besides `stdout` and `stderr` there are records of
/// `notice`: what jobdeck has to say about the log itself. So everything before the text is 40 bytes long.
enum LogFormat {
  /// Bytes before the text.
  static let headerBytes = 40
  /// Longer lines are split into pieces of this size, as containerd does.
  static let longestPiece = 16 << 10
  static let notice: StaticString = "notice"

  private static let tagOffset = 38

  /// Writes the header's first 31 bytes: the time and a space.
  static func writeTime(_ nanoseconds: Int64, to bytes: UnsafeMutablePointer<UInt8>) {
    let civil = CivilTime(Instant(microseconds: nanoseconds / 1_000))
    func digits(_ value: Int, _ count: Int, at offset: Int) {
      var rest = value
      var position = offset + count
      while position > offset {
        position -= 1
        bytes[position] = UInt8(48 + rest % 10)
        rest /= 10
      }
    }
    digits(civil.year, 4, at: 0)
    bytes[4] = UInt8(ascii: "-")
    digits(civil.month, 2, at: 5)
    bytes[7] = UInt8(ascii: "-")
    digits(civil.day, 2, at: 8)
    bytes[10] = UInt8(ascii: "T")
    digits(civil.hour, 2, at: 11)
    bytes[13] = UInt8(ascii: ":")
    digits(civil.minute, 2, at: 14)
    bytes[16] = UInt8(ascii: ":")
    digits(civil.second, 2, at: 17)
    bytes[19] = UInt8(ascii: ".")
    digits(Int(nanoseconds % 1_000_000_000), 9, at: 20)
    bytes[29] = UInt8(ascii: "Z")
    bytes[30] = UInt8(ascii: " ")
  }

  /// Writes the header's other nine bytes.
  static func writeStream(_ name: StaticString, isPartial: Bool, to bytes: UnsafeMutablePointer<UInt8>) {
    memcpy(bytes + 31, name.utf8Start, 6)
    bytes[37] = UInt8(ascii: " ")
    bytes[tagOffset] = isPartial ? UInt8(ascii: "P") : UInt8(ascii: "F")
    bytes[39] = UInt8(ascii: " ")
  }

  /// Whether the record, which may be cut after its header, ends a line.
  static func endsLine(_ record: UnsafeRawBufferPointer) -> Bool {
    record.count <= tagOffset || record[tagOffset] != UInt8(ascii: "P")
  }

  /// The record without its newline; `nil` if it has no header.
  static func parse(_ record: UnsafeRawBufferPointer) -> LogLine? {
    guard let time = parseTime(record), record.count >= headerBytes, record[30] == 32, record[37] == 32,
      record[39] == 32, let base = record.baseAddress
    else { return nil }
    let stream: LogLine.Stream
    if memcmp(base + 31, "stdout", 6) == 0 {
      stream = .stdout
    } else if memcmp(base + 31, "stderr", 6) == 0 {
      stream = .stderr
    } else if memcmp(base + 31, "notice", 6) == 0 {
      stream = .note
    } else {
      return nil
    }
    return LogLine(
      time: time, stream: stream, bytes: [UInt8](record[headerBytes...]),
      isPartial: record[tagOffset] == UInt8(ascii: "P"))
  }

  /// When the record was written; `nil` if it doesn't begin with a time.
  static func parseTime(_ record: UnsafeRawBufferPointer) -> Instant? {
    guard record.count > 30, record[4] == UInt8(ascii: "-"), record[10] == UInt8(ascii: "T"),
      record[19] == UInt8(ascii: "."), record[29] == UInt8(ascii: "Z")
    else { return nil }
    var failed = false
    func number(_ offset: Int, _ count: Int) -> Int {
      var value = 0
      for byte in record[offset..<offset + count] {
        if byte < 48 || byte > 57 { failed = true }
        value = value * 10 + Int(byte &- 48)
      }
      return value
    }
    let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2))
    let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
    let micros = number(20, 6)
    guard !failed, (1...12).contains(month), (1...31).contains(day) else { return nil }
    let seconds =
      CivilTime.days(year: year, month: month, day: day) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    return Instant(microseconds: seconds * 1_000_000 + Int64(micros))
  }
}
