import Glibc
import KubeModel

/// Memory in which records are put together; one for all writers of a thread.
final class LogScratch {
  let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  var count = 0

  /// What one write takes at most.
  static let capacity = 256 << 10

  deinit { bytes.deallocate() }
}

/// Writes the log of one run of a container: cuts what it wrote into lines, rotates files, and goes on where the disk
/// does not. A run that writes nothing costs no file.
final class LogWriter {
  let location: LogLocation
  private let maxFileBytes: Int
  private let maxFiles: Int
  /// What came after the last newline and is not yet written, by stream.
  private var unfinishedOutput = Unfinished()
  private var unfinishedError = Unfinished()
  private var file: Int32 = -1
  /// Log bytes before the present file, and in it.
  private var fileOffset = 0
  private var fileBytes = 0
  /// Where earlier files begin.
  private var earlierParts: [Int] = []
  private var hasStarted = false
  /// Bytes that could not be written since the last record that could, and ever.
  private var unsaidLoss = 0
  private var lostBytes = 0
  private var lossError: Int32 = 0
  /// Not tried again before (monotonic): a full disk must not cost a failing call for every line.
  private var retryAt: Int64 = 0

  /// A line without its end.
  private struct Unfinished {
    var bytes: [UInt8] = []
    /// Since when (monotonic) there are such bytes, without a newline in between.
    var since: Int64 = 0
    /// A piece of it is in the log, and its end is not.
    var goesOn = false
  }

  /// How long a line may wait for its newline before what there is of it is written as a piece, in microseconds:
  /// somebody who follows wants to see a prompt and a progress that is told with carriage returns. A program that
  /// writes a line in two calls is well within it.
  private static let patience: Int64 = 200_000

  init(_ location: LogLocation, maxFileBytes: Int, maxFiles: Int) {
    self.location = location
    // A file holds at least one record of the greatest size.
    self.maxFileBytes = max(maxFileBytes, LogFormat.longestPiece + LogFormat.headerBytes + 1)
    self.maxFiles = max(2, maxFiles)
  }

  deinit { if file >= 0 { close(file) } }

  /// What could not be written, in a sentence for the container's status.
  var loss: String? {
    lostBytes == 0 ? nil : "\(lostBytes) bytes of the log could not be written: \(describe(errno: lossError))"
  }

  /// Adds what a container wrote.
  func append(_ stream: LogLine.Stream, _ chunk: UnsafeRawBufferPointer, _ scratch: LogScratch) {
    if stream == .stdout {
      append("stdout", &unfinishedOutput, chunk, scratch)
    } else {
      append("stderr", &unfinishedError, chunk, scratch)
    }
  }

  private func append(
    _ stream: StaticString, _ unfinished: inout Unfinished, _ chunk: UnsafeRawBufferPointer, _ scratch: LogScratch
  ) {
    guard let base = chunk.baseAddress else { return }
    var header = Header(Clock.nowInNanoseconds)
    var position = 0
    while position < chunk.count {
      let newline = memchr(base + position, 0x0A, chunk.count - position)
      let end = newline.map { UnsafeRawPointer($0) - base } ?? chunk.count
      while unfinished.bytes.count + end - position > LogFormat.longestPiece {
        let next = position + LogFormat.longestPiece - unfinished.bytes.count
        add(&header, stream, unfinished.bytes, chunk[position..<next], isPartial: true, scratch)
        unfinished.bytes.removeAll()
        unfinished.goesOn = true
        position = next
      }
      guard newline != nil else {
        if unfinished.bytes.isEmpty { unfinished.since = Clock.monotonic }
        unfinished.bytes.append(contentsOf: chunk[position..<end])
        break
      }
      add(&header, stream, unfinished.bytes, chunk[position..<end], isPartial: false, scratch)
      if !unfinished.bytes.isEmpty { unfinished.bytes.removeAll() }
      unfinished.goesOn = false
      position = end + 1
    }
    flush(scratch)
  }

  /// When what there is of a line is to be written without its end (monotonic); `nil` while nothing waits for one.
  var piecesDue: Int64? {
    let waiting = [unfinishedOutput, unfinishedError].filter { !$0.bytes.isEmpty }
    return waiting.map { $0.since + Self.patience }.min()
  }

  /// Writes what has waited too long for its newline.
  func writePieces(_ scratch: LogScratch) {
    let latest = Clock.monotonic - Self.patience
    if !unfinishedOutput.bytes.isEmpty, unfinishedOutput.since <= latest {
      write("stdout", &unfinishedOutput, isPartial: true, scratch)
    }
    if !unfinishedError.bytes.isEmpty, unfinishedError.since <= latest {
      write("stderr", &unfinishedError, isPartial: true, scratch)
    }
    flush(scratch)
  }

  private func write(_ stream: StaticString, _ unfinished: inout Unfinished, isPartial: Bool, _ scratch: LogScratch) {
    var header = Header(Clock.nowInNanoseconds)
    unfinished.bytes.withUnsafeBytes { add(&header, stream, [], $0[...], isPartial: isPartial, scratch) }
    unfinished.bytes.removeAll()
    unfinished.goesOn = isPartial
  }

  /// Writes what has no newline, and closes the log. A line of which pieces were written ends, if with nothing more.
  func finish(_ scratch: LogScratch) {
    if unfinishedOutput.goesOn || !unfinishedOutput.bytes.isEmpty {
      write("stdout", &unfinishedOutput, isPartial: false, scratch)
    }
    if unfinishedError.goesOn || !unfinishedError.bytes.isEmpty {
      write("stderr", &unfinishedError, isPartial: false, scratch)
    }
    retryAt = 0
    flush(scratch)
    if unsaidLoss > 0 { sayLoss() }
    if file >= 0 { close(file) }
    file = -1
  }

  // MARK: - Records

  private func add(
    _ header: inout Header, _ stream: StaticString, _ first: [UInt8], _ second: Slice<UnsafeRawBufferPointer>,
    isPartial: Bool, _ scratch: LogScratch
  ) {
    let size = LogFormat.headerBytes + first.count + second.count + 1
    let used = fileBytes + scratch.count
    if used > 0, used + size > maxFileBytes {
      flush(scratch)
      rotate()
    } else if scratch.count + size > LogScratch.capacity {
      flush(scratch)
    }
    var target = scratch.bytes + scratch.count
    header.write(stream, isPartial: isPartial, to: target)
    target += LogFormat.headerBytes
    first.withUnsafeBufferPointer { if let base = $0.baseAddress { memcpy(target, base, $0.count) } }
    target += first.count
    if let base = second.base.baseAddress { memcpy(target, base + second.startIndex, second.count) }
    target[second.count] = 0x0A
    scratch.count += size
  }

  /// The time is the same for all records of a chunk, and so are its digits.
  private struct Header {
    private var bytes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)

    init(_ nanoseconds: Int64) {
      withUnsafeMutableBytes(of: &bytes) { buffer in
        if let base = buffer.baseAddress {
          LogFormat.writeTime(nanoseconds, to: base.assumingMemoryBound(to: UInt8.self))
        }
      }
    }

    mutating func write(_ stream: StaticString, isPartial: Bool, to target: UnsafeMutablePointer<UInt8>) {
      withUnsafeBytes(of: &bytes) { buffer in
        if let base = buffer.baseAddress { memcpy(target, base, LogFormat.headerBytes) }
      }
      LogFormat.writeStream(stream, isPartial: isPartial, to: target)
    }
  }

  // MARK: - Files

  private func flush(_ scratch: LogScratch) {
    guard scratch.count > 0 else { return }
    defer { scratch.count = 0 }
    if unsaidLoss > 0 { sayLoss() }
    if let error = write(scratch.bytes, scratch.count) {
      lossError = error
      lostBytes += scratch.count
      unsaidLoss += scratch.count
    }
  }

  /// Writes all bytes or none. Returns the error number of a failure.
  private func write(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
    if retryAt > 0, Clock.monotonic < retryAt { return lossError }
    if let error = openFile() {
      retryAt = Clock.monotonic + 500_000
      return error
    }
    var written = 0
    while written < count {
      let result = Glibc.write(file, bytes + written, count - written)
      if result < 0 {
        if errno == EINTR { continue }
        let error = errno
        // No half records.
        _ = ftruncate(file, fileBytes)
        retryAt = Clock.monotonic + 500_000
        return error
      }
      written += result
    }
    fileBytes += count
    retryAt = 0
    return nil
  }

  private func sayLoss() {
    var record = [UInt8](repeating: 0, count: LogFormat.headerBytes)
    record.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      LogFormat.writeTime(Clock.nowInNanoseconds, to: base)
      LogFormat.writeStream(LogFormat.notice, isPartial: false, to: base)
    }
    record += "\(unsaidLoss) bytes of the log could not be written: \(describe(errno: lossError))\n".utf8
    let error = record.withUnsafeBufferPointer { buffer in buffer.baseAddress.flatMap { write($0, buffer.count) } }
    if error == nil { unsaidLoss = 0 }
  }

  private func openFile() -> Int32? {
    guard file < 0 else { return nil }
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
    file = open(location.path, flags, 0o600)
    if file < 0, errno == ENOENT {
      let error = location.createDirectories()
      guard error == 0 else { return error }
      file = open(location.path, flags, 0o600)
    }
    guard file >= 0 else { return errno }
    if !hasStarted {
      // Of an earlier life of this container, if there is something: goes on after it.
      hasStarted = true
      var status = stat()
      if fstat(file, &status) == 0 { fileBytes = Int(status.st_size) }
      if fileBytes > 0 {
        earlierParts = location.earlierParts()
        if let last = earlierParts.last, stat(location.path(ofPartAt: last), &status) == 0 {
          fileOffset = last + Int(status.st_size)
        }
      }
    }
    return nil
  }

  private func rotate() {
    guard file >= 0, rename(location.path, location.path(ofPartAt: fileOffset)) == 0 else { return }
    close(file)
    file = -1
    earlierParts.append(fileOffset)
    fileOffset += fileBytes
    fileBytes = 0
    // However much may be kept: the last of the disk is not for logs.
    let kept = DiskSpace(at: location.path(ofPartAt: earlierParts[0])).isShort ? 2 : maxFiles
    while earlierParts.count > kept - 1 { unlink(location.path(ofPartAt: earlierParts.removeFirst())) }
  }
}
