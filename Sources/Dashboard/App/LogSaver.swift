internal import Cluster
internal import Glibc
internal import HeapModule
internal import KubeModel
internal import Threading

/// Writes logs to a file of its own, several as one in order of time, a bounded part in memory at a time.
struct LogSaver {
  let save: LogSave
  /// Opens one of the logs.
  let open: @Sendable (LogRequest) async throws -> LogSequence

  /// Bytes that are written at a time.
  private static let chunk = 1 << 20
  /// Bytes of a line that a filter waits for.
  private static let heldLimit = 1 << 16

  /// Writes everything, and reports the bytes that are written so far. Whatever keeps it from its end, cancellation too,
  /// leaves no file behind.
  func run(_ report: (Int) -> Void) async throws -> LogSaveEnd {
    let path = Files.expanded(save.path)
    let typed = save.path
    let file = try await Self.onThread { () -> Result<Int32, StatusError> in
      let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if file >= 0 { return .success(file) }
      return errno == EEXIST
        ? .failure(.badRequest("\(typed) is there already: name another file"))
        : .failure(TerminalProgram.failure("cannot make \(typed)", errno))
    }.get()
    let written: Result<LogSaveEnd, any Error>
    do { written = .success(try await write(to: file, report)) } catch { written = .failure(error) }
    do {
      // Once, whatever it says: the number may be another file's afterwards.
      let closed = try await Self.onThread {
        close(file) == 0 ? nil : TerminalProgram.failure("cannot write \(typed)", errno)
      }
      var end = try written.get()
      end.place = Files.place(of: path)
      if let closed { throw closed }
      return end
    } catch {
      unlink(path)
      throw error
    }
  }

  private func write(to file: Int32, _ report: (Int) -> Void) async throws -> LogSaveEnd {
    var logs: [LogSequence] = []
    var labels: [String] = []
    var refusal: StatusError?
    for source in save.sources {
      do {
        logs.append(try await open(source.request))
        labels.append(source.label)
      } catch let error as StatusError {
        // One pod that went, or whose node is away, is no reason to keep none of the others.
        refusal = refusal ?? error
      }
    }
    if let refusal, logs.isEmpty { throw refusal }
    var merger = LogMerger(logs)
    var end = LogSaveEnd(unread: save.sources.count - logs.count)
    var text: [UInt8] = []
    let typed = save.path
    var flushed = ContinuousClock.now
    func flush() async throws {
      flushed = .now
      guard !text.isEmpty else { return }
      let bytes = text
      end.bytes += bytes.count
      text.removeAll(keepingCapacity: true)
      if let code = try await Self.onThread({ Editor.write(bytes, to: file) }) {
        throw TerminalProgram.failure("cannot write \(typed)", code)
      }
      try Task.checkCancellation()
      report(end.bytes)
    }
    // A line that comes in pieces is one, of which a filter sees as much as a screen would hold.
    var (isOpen, isWanted) = (false, true)
    var held: (bytes: [UInt8], time: Instant, source: Int)?
    func decide() {
      guard let (bytes, time, source) = held else { return }
      held = nil
      isWanted = save.filter?.takes(LogText(bytes).text) ?? true
      guard isWanted else { return }
      if save.showsTimes { text += Array((time.rfc3339(fraction: true) + " ").utf8) }
      if save.sources.count > 1 { text += Array((labels[source] + " ").utf8) }
      end.lines += 1
      text += bytes
    }
    while let (line, source) = try await merger.next() {
      // Remarks are about the log, and not in it.
      guard line.stream != .note else { continue }
      if !isOpen {
        held = ((held?.bytes ?? []) + line.bytes, held?.time ?? line.time, source)
        if line.isPartial, save.filter != nil, held?.bytes.count ?? 0 < Self.heldLimit { continue }
        decide()
      } else if isWanted {
        text += line.bytes
      }
      isOpen = line.isPartial
      if isWanted, !isOpen { text.append(UInt8(ascii: "\n")) }
      let isSlow = end.lines % 64 == 0 && flushed.duration(to: .now) > .milliseconds(500)
      if text.count >= Self.chunk || isSlow { try await flush() }
    }
    // A stream that is cancelled ends as if its log did.
    try Task.checkCancellation()
    if held != nil {
      decide()
      isOpen = true
    }
    if isOpen, isWanted { text.append(UInt8(ascii: "\n")) }
    try await flush()
    return end
  }

  /// What may wait for a disk waits on a thread of its own.
  private static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      do throws(ThreadError) {
        try startThread(name: "jobdeck-save") { continuation.resume(returning: body()) }
      } catch {
        continuation.resume(throwing: StatusError.badRequest(error.description))
      }
    }
  }
}

/// The lines of several logs in order of time; those of one log stay in their order, and the pieces of a line together.
/// O(log n) a line.
struct LogMerger {
  private var logs: [AsyncThrowingStream<[LogLine], any Error>.Iterator] = []
  private var heads: [ArraySlice<LogLine>] = []
  /// The first lines of the logs that go on, but for those of `unqueued`.
  private var firsts = Heap<First>()
  /// Logs that are to be looked at for their next line: all of them at first, and then the one whose line came last.
  private var unqueued: [Int]
  /// Whether that line was a piece of one whose rest is to come.
  private var goesOn = false

  private struct First: Comparable {
    /// The rest of the line that came last goes before all others.
    let isRest: Bool
    let time: Instant
    let source: Int

    static func < (left: First, right: First) -> Bool {
      if left.isRest || right.isRest { return left.isRest && !right.isRest }
      return (left.time, left.source) < (right.time, right.source)
    }
  }

  init(_ sequences: [LogSequence]) {
    logs = sequences.map { $0.makeAsyncIterator() }
    heads = sequences.map { _ in [] }
    unqueued = Array(sequences.indices)
  }

  /// The next line, and which log it is from.
  mutating func next() async throws -> (LogLine, Int)? {
    for source in unqueued { try await queue(source) }
    unqueued = []
    guard let source = firsts.popMin()?.source, let line = heads[source].popFirst() else { return nil }
    unqueued = [source]
    goesOn = line.isPartial
    return (line, source)
  }

  /// Puts a log's next line in its place.
  private mutating func queue(_ source: Int) async throws {
    while heads[source].isEmpty {
      guard let batch = try await logs[source].next(isolation: #isolation) else { return }
      heads[source] = batch[...]
    }
    guard let line = heads[source].first else { return }
    firsts.insert(First(isRest: goesOn, time: line.time, source: source))
  }
}
