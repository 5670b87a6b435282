import CLinux
import Glibc
import KubeModel

/// One open file of a log.
final class LogFile {
  let descriptor: Int32
  /// Log bytes before this file.
  let start: Int
  /// Where reading ends, whatever comes behind it.
  var limit = Int.max

  private init(_ descriptor: Int32, start: Int) {
    self.descriptor = descriptor
    self.start = start
  }

  deinit { close(descriptor) }

  /// All files of the log as they are at one moment, oldest first.
  static func openAll(of location: LogLocation) throws(LogReadError) -> [LogFile] {
    // Files may be rotated while we open them: then look again.
    for _ in 0..<20 {
      let parts = location.earlierParts()
      var files: [LogFile] = []
      for part in parts {
        if let file = try openFile(location.path(ofPartAt: part), start: part) { files.append(file) }
      }
      let start = files.last.map { $0.start + $0.size } ?? 0
      if let file = try openFile(location.path, start: start) { files.append(file) }
      if files.count >= parts.count, location.earlierParts() == parts { return files }
    }
    throw LogReadError(description: "cannot read the log: it is rotated faster than it can be opened")
  }

  private static func openFile(_ path: String, start: Int) throws(LogReadError) -> LogFile? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor < 0 else { return LogFile(descriptor, start: start) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw LogReadError(description: "cannot open the log: " + describe(errno: errno))
  }

  var size: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? min(limit, Int(status.st_size)) : 0
  }

  /// Fills the buffer from `offset` on; returns how many bytes came, fewer at the file's end.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogReadError) -> Int {
    var count = 0
    repeat {
      count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
    } while count < 0
      && errno == EINTR
    guard count >= 0 else { throw LogReadError(description: "cannot read the log: " + describe(errno: errno)) }
    return count
  }

  /// Where the first record begins that does so at `offset` or after it; the file's end if there is none.
  func boundary(_ offset: Int) throws(LogReadError) -> Int {
    guard offset > 0 else { return 0 }
    // A record begins behind a newline.
    var position = offset - 1
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 10, alignment: 1)
    defer { bytes.deallocate() }
    while true {
      let count = try read(bytes, at: position)
      guard count > 0, let base = bytes.baseAddress else { return min(position, size) }
      if let newline = memchr(base, 0x0A, count) { return position + (UnsafeMutableRawPointer(newline) - base) + 1 }
      position += count
    }
  }

  /// Where the first record begins that was written at `time` or after it, give or take a few of that very time.
  ///
  /// Looks at a few places only, because times grow from record to record.
  func start(since time: Instant) throws(LogReadError) -> Int {
    var (low, high) = (0, size)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: LogFormat.headerBytes, alignment: 1)
    defer { bytes.deallocate() }
    // Everything before `low` is older. What is left is quicker read than searched.
    while high - low > 64 << 10 {
      let middle = try boundary(low + (high - low) / 2)
      guard middle < high, try read(bytes, at: middle) == bytes.count,
        let found = LogFormat.parseTime(UnsafeRawBufferPointer(bytes))
      else { break }
      if found < time { low = middle } else { high = low + (high - low) / 2 }
    }
    return low
  }

  /// When the first record was written.
  var firstTime: Instant? {
    var header: [UInt8] = Array(repeating: 0, count: LogFormat.headerBytes)
    let count = pread(descriptor, &header, header.count, 0)
    guard count == header.count else { return nil }
    return header.withUnsafeBytes { LogFormat.parseTime($0) }
  }

  /// Whether another file is written to now instead of this one.
  func wasRotated(from location: LogLocation) -> Bool {
    var mine = stat()
    var present = stat()
    guard fstat(descriptor, &mine) == 0 else { return true }
    if stat(location.path, &present) < 0 { return true }
    return mine.st_ino != present.st_ino || mine.st_dev != present.st_dev
  }

  /// Where the last `rest` lines begin; `nil` if there are not that many, and then `rest` is how many are missing.
  ///
  /// Reads backwards, no further than it has to.
  func start(ofLast rest: inout Int) -> Int? {
    let block = 64 << 10
    var bytes = [UInt8](repeating: 0, count: block + LogFormat.headerBytes)
    let size = size
    var end = size
    // The beginning of the record that was seen last.
    var following = size
    if rest == 0 { return size }
    var seen = 0
    while end > 0 {
      let begin = max(0, end - block)
      // With the header of a record that begins at the block's very end.
      let wanted = min(size, end + LogFormat.headerBytes) - begin
      let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, wanted, off_t(begin)) }
      guard got == wanted else { break }
      let found: Int? = bytes.withUnsafeBytes { buffer in
        var position = end - begin
        while position > 0 {
          // A record begins after a newline, or where the file does.
          let newline = buffer.baseAddress.flatMap { base in
            jobdeck_last_newline(base, position).map { $0 - base }
          }
          guard newline != nil || begin == 0 else { return nil }
          let record = newline.map { $0 + 1 } ?? 0
          if begin + record < size {
            if LogFormat.endsLine(UnsafeRawBufferPointer(rebasing: buffer[record..<got])) {
              if seen == rest { return following }
              seen += 1
            }
            following = begin + record
          }
          position = newline ?? 0
        }
        return nil
      }
      if let found { return found }
      end = begin
    }
    rest -= seen
    // This file begins with the line that is wanted, unless its first pieces are in the file before.
    return nil
  }
}
