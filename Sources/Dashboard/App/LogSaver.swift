internal import Cluster
internal import Glibc
internal import KubeModel
internal import Threading

/// Writes logs to a file of its own, several as one in order of time, a bounded part in memory at a time.
struct LogSaver {
  let save: LogSave
  /// Opens one of the logs.
  let open: @Sendable (LogRequest) async throws -> LogSequence

  /// Bytes that are written at a time.
  private static let chunk = 1 << 20

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
    do {
      let end = try await write(to: file, report)
      try await Self.onThread { close(file) == 0 ? nil : TerminalProgram.failure("cannot write \(typed)", errno) }
        .map { throw $0 }
      return end
    } catch {
      close(file)
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
    func flush() async throws {
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
    // A line that comes in pieces is one: it is wanted or not as its first piece is.
    var (isOpen, isWanted) = (false, true)
    while let (line, source) = try await merger.next() {
      // Remarks are about the log, and not in it.
      guard line.stream != .note else { continue }
      if !isOpen {
        isWanted = save.filter?.takes(LogText(line.bytes).text) ?? true
        if isWanted {
          if save.showsTimes { text += Array((line.time.rfc3339(fraction: true) + " ").utf8) }
          if save.sources.count > 1 { text += Array((labels[source] + " ").utf8) }
          end.lines += 1
        }
      }
      isOpen = line.isPartial
      if isWanted {
        text += line.bytes
        if !isOpen { text.append(UInt8(ascii: "\n")) }
      }
      if text.count >= Self.chunk { try await flush() }
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
struct LogMerger {
  private var logs: [AsyncThrowingStream<[LogLine], any Error>.Iterator] = []
  private var heads: [ArraySlice<LogLine>] = []
  /// Logs that go on.
  private var open: [Int] = []
  /// The log whose line goes on.
  private var current: Int?

  init(_ sequences: [LogSequence]) {
    logs = sequences.map { $0.makeAsyncIterator() }
    heads = sequences.map { _ in [] }
    open = Array(sequences.indices)
  }

  /// The next line, and which log it is from.
  mutating func next() async throws -> (LogLine, Int)? {
    if let current {
      if try await fill(current), let line = heads[current].popFirst() {
        self.current = line.isPartial ? current : nil
        return (line, current)
      }
      self.current = nil
    }
    for index in open where heads[index].isEmpty { _ = try await fill(index) }
    guard let first = open.min(by: { time($0) < time($1) }), let line = heads[first].popFirst() else { return nil }
    current = line.isPartial ? first : nil
    return (line, first)
  }

  private func time(_ index: Int) -> Instant { heads[index].first?.time ?? Instant(seconds: .max) }

  /// Reads on where nothing is left of what was read; false at the end.
  private mutating func fill(_ index: Int) async throws -> Bool {
    while heads[index].isEmpty {
      guard open.contains(index), let batch = try await logs[index].next(isolation: #isolation) else {
        open.removeAll { $0 == index }
        return false
      }
      heads[index] = batch[...]
    }
    return true
  }
}
