import CSystem
import Glibc
import KubeModel

/// Reads one log from where it is asked to begin to its end, across the files that it is in, in batches.
///
/// Its memory doesn't depend on the log's size. It runs on the log thread.
@LogActor
final class LogReader {
  nonisolated private static let linesPerBatch = 256
  nonisolated private static let bytesPerBatch = 256 << 10
  /// How long a follower waits before it looks for more.
  nonisolated private static let pollInterval: Duration = .milliseconds(50)

  private let location: LogLocation
  private let options: LogReadOptions
  private let isActive: @Sendable () -> Bool
  private var isOpen = false
  /// Whether there was no log at the first look: then nothing of it is old.
  private var wasMissing = false
  /// The files that are still to be read, oldest first.
  private var files: [LogFile] = []
  /// Where in the first file.
  private var offset = 0
  /// Log bytes read up to now, from the log's beginning: where the next file is to go on.
  private var reached = 0
  private var buffer = LogBuffer()
  private var lastTime = Instant(microseconds: 0)

  nonisolated init(_ location: LogLocation, _ options: LogReadOptions, isActive: @escaping @Sendable () -> Bool) {
    self.location = location
    self.options = options
    self.isActive = isActive
  }

  /// The next lines; `nil` at the end. Waits for more while it follows a container that runs.
  func next() async throws -> [LogLine]? {
    var batch: [LogLine] = []
    while true {
      // Asked before reading: what the container wrote before it ended is in the file by then.
      let mayGrow = options.follow && isActive()
      if !isOpen { try open(&batch) }
      try fill(&batch, isFinal: !mayGrow)
      if !batch.isEmpty { return batch }
      guard mayGrow else {
        files = []
        return nil
      }
      do { try await Task.sleep(for: Self.pollInterval) } catch { return nil }
    }
  }

  // MARK: - Where to begin

  private func open(_ batch: inout [LogLine]) throws {
    files = try LogFile.openAll(of: location)
    guard let first = files.first else {
      wasMissing = true
      return
    }
    isOpen = true
    offset = 0
    if let wanted = options.tailLines, !wasMissing {
      beginAtTail(wanted)
    } else if let since = options.since {
      // Files whose successor begins before the time hold nothing that is asked for.
      while files.count > 1, let time = files[1].firstTime, time < since { files.removeFirst() }
    }
    reached = (files.first?.start ?? 0) + offset
    if files.first === first, offset == 0, first.start > 0, options.since.map({ $0 < first.firstTime ?? $0 }) ?? true {
      batch.append(note("\(size(first.start)) of older lines were cut: the log had reached its greatest size"))
    }
  }

  private func beginAtTail(_ wanted: Int) {
    var rest = max(0, wanted)
    for index in files.indices.reversed() {
      if let found = files[index].start(ofLast: &rest) {
        offset = found
        files.removeFirst(index)
        return
      }
    }
  }

  // MARK: - Reading on

  private func fill(_ batch: inout [LogLine], isFinal: Bool) throws {
    var bytes = 0
    while batch.count < Self.linesPerBatch, bytes < Self.bytesPerBatch {
      if let line = nextLine(isFinal: false) {
        if let line = line.line {
          bytes += line.bytes.count
          batch.append(line)
        }
        continue
      }
      guard let file = files.first else {
        guard isOpen, try openNext(&batch) else { return }
        continue
      }
      let count = try buffer.read(file.descriptor, at: offset)
      offset += count
      if count > 0 { continue }
      // The end of this file; is it the log's?
      if files.count > 1 || file.wasRotated(from: location) {
        // Nothing is added to a file once it was rotated, but that may have been after the read.
        if file.size > offset { continue }
        while let line = nextLine(isFinal: true) { if let line = line.line { batch.append(line) } }
        reached = file.start + offset
        files.removeFirst()
        offset = 0
        continue
      }
      if isFinal { while let line = nextLine(isFinal: true) { if let line = line.line { batch.append(line) } } }
      return
    }
  }

  /// Opens the file that goes on where the last one ended; false while there is none.
  private func openNext(_ batch: inout [LogLine]) throws -> Bool {
    let all = try LogFile.openAll(of: location)
    files = all.filter { $0.start >= reached }
    guard let first = files.first else { return false }
    if first.start > reached {
      batch.append(note("\(size(first.start - reached)) of lines were cut before they were read"))
    }
    reached = first.start
    return true
  }

  /// The next complete line in the buffer; `nil` if there is none, an empty result for one that isn't asked for.
  private func nextLine(isFinal: Bool) -> (line: LogLine?, Void)? {
    buffer.withNextRecord(isFinal: isFinal) { record -> (line: LogLine?, Void) in
      if let since = options.since, let time = LogFormat.parseTime(record), time < since { return (nil, ()) }
      if let line = LogFormat.parse(record) {
        lastTime = line.time
        return (line, ())
      }
      // Not written by us, or damaged: shown as it is.
      return (LogLine(time: lastTime, stream: .stdout, bytes: Array(record.prefix(LogFormat.longestPiece))), ())
    }
  }

  private func note(_ text: String) -> LogLine {
    LogLine(time: files.first?.firstTime ?? lastTime, stream: .note, bytes: Array(text.utf8))
  }

  private func size(_ bytes: Int) -> String {
    if bytes < 1 << 10 { return "\(bytes) bytes" }
    let (unit, name) = bytes < 1 << 20 ? (1 << 10, "KiB") : (1 << 20, "MiB")
    let tenths = bytes * 10 / unit
    return "\(tenths / 10).\(tenths % 10) \(name)"
  }
}

/// What was read of a file and is not yet handed on: at least one record of the greatest size fits.
struct LogBuffer {
  private var bytes: [UInt8] = []
  private var position = 0
  private static let readSize = 64 << 10

  /// Reads a piece of the file; returns how many bytes came, 0 at its end.
  mutating func read(_ descriptor: Int32, at offset: Int) throws(LogReadError) -> Int {
    bytes.removeFirst(position)
    position = 0
    let kept = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: Self.readSize))
    var count = 0
    repeat {
      count = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + kept }, Self.readSize, off_t(offset))
      }
    } while count < 0 && errno == EINTR
    let error = errno
    bytes.removeLast(Self.readSize - max(0, count))
    if count < 0 { throw LogReadError(description: "cannot read the log: " + describe(errno: error)) }
    return count
  }

  /// Takes the next record, without its newline; with `isFinal`, one that has no newline, too.
  mutating func withNextRecord<Result>(isFinal: Bool, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    guard position < bytes.count else { return nil }
    return bytes.withUnsafeBytes { buffer -> Result? in
      guard let base = buffer.baseAddress else { return nil }
      let rest = UnsafeRawBufferPointer(start: base + position, count: buffer.count - position)
      if let newline = memchr(base + position, 0x0A, rest.count) {
        let length = UnsafeRawPointer(newline) - (base + position)
        defer { position += length + 1 }
        return body(UnsafeRawBufferPointer(rebasing: rest[0..<length]))
      }
      // No writer of ours makes such a long record: hand it on in pieces, to keep memory bounded.
      guard isFinal || rest.count >= Self.readSize else { return nil }
      defer { position += rest.count }
      return body(rest)
    }
  }
}

/// One open file of a log.
final class LogFile {
  let descriptor: Int32
  /// Log bytes before this file.
  let start: Int

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
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
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
