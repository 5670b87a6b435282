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
    if let before = options.before { try end(at: Int(clamping: before)) }
    if let wanted = options.tailLines, !wasMissing {
      beginAtTail(wanted)
    } else if let from = options.from {
      try begin(at: Int(clamping: from))
    } else if let since = options.since {
      // Files whose successor begins before the time hold nothing that is asked for.
      while files.count > 1, let time = files[1].firstTime, time < since { files.removeFirst() }
      offset = try files.first?.start(since: since) ?? 0
    }
    reached = (files.first?.start ?? 0) + offset
    let asksForStart = options.since.map { $0 < first.firstTime ?? $0 } ?? true && options.from ?? 0 <= first.start
    if files.first === first, offset == 0, first.start > 0, asksForStart {
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

  /// Leaves out what begins at a position or after it.
  private func end(at position: Int) throws {
    files.removeAll { $0.start >= position }
    if let last = files.last { last.limit = try last.boundary(position - last.start) }
  }

  /// Leaves out what begins before a position.
  private func begin(at position: Int) throws {
    while files.count > 1, files[1].start <= position { files.removeFirst() }
    if let first = files.first, position > first.start { offset = try first.boundary(position - first.start) }
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
        guard isOpen, options.before == nil, try openNext(&batch) else { return }
        continue
      }
      let count = try buffer.read(file, at: offset)
      offset += count
      if count > 0 { continue }
      // The end of this file; is it the log's?
      if files.count > 1 || (options.before == nil && file.wasRotated(from: location)) {
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
    let position = UInt64((files.first?.start ?? reached) + offset - buffer.count)
    return buffer.withNextRecord(isFinal: isFinal) { record -> (line: LogLine?, Void) in
      if let since = options.since, let time = LogFormat.parseTime(record), time < since { return (nil, ()) }
      if var line = LogFormat.parse(record) {
        lastTime = line.time
        line.position = position
        return (line, ())
      }
      // Not written by us, or damaged: shown as it is.
      let bytes = Array(record.prefix(LogFormat.longestPiece))
      return (LogLine(time: lastTime, stream: .stdout, bytes: bytes, position: position), ())
    }
  }

  private func note(_ text: String) -> LogLine {
    let first = files.first
    return LogLine(
      time: first?.firstTime ?? lastTime, stream: .note, bytes: Array(text.utf8),
      position: UInt64(first?.start ?? reached))
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
  /// As long as anything ever was in it, and not emptied: followers look for more all the time.
  private var bytes: [UInt8] = []
  private var position = 0
  private var end = 0
  private static let readSize = 64 << 10

  /// Bytes that are not yet handed on.
  var count: Int { end - position }

  /// Reads a piece of the file; returns how many bytes came, 0 at its end.
  mutating func read(_ file: LogFile, at offset: Int) throws -> Int {
    let (kept, start) = (count, position)
    if bytes.count < kept + Self.readSize {
      bytes += [UInt8](repeating: 0, count: kept + Self.readSize - bytes.count)
    }
    let wanted = max(0, min(Self.readSize, file.limit - offset))
    (position, end) = (0, kept)
    let count = try bytes.withUnsafeMutableBytes { buffer in
      if start > 0, kept > 0 {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + kept]))
      }
      return try file.read(UnsafeMutableRawBufferPointer(rebasing: buffer[kept..<kept + wanted]), at: offset)
    }
    end += count
    return count
  }

  /// Takes the next record, without its newline; with `isFinal`, one that has no newline, too.
  mutating func withNextRecord<Result>(isFinal: Bool, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    guard position < end else { return nil }
    return bytes.withUnsafeBytes { buffer -> Result? in
      guard let base = buffer.baseAddress else { return nil }
      let rest = UnsafeRawBufferPointer(start: base + position, count: count)
      if let newline = memchr(base + position, 0x0A, rest.count) {
        let length = UnsafeRawPointer(newline) - (base + position)
        defer { position += length + 1 }
        return body(UnsafeRawBufferPointer(rebasing: rest[0..<length]))
      }
      // No writer of ours makes such a long record: hand it on in pieces, to keep memory bounded.
      guard isFinal || rest.count >= Self.readSize else { return nil }
      defer { position = end }
      return body(rest)
    }
  }
}
