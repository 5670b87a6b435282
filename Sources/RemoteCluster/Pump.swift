internal import AsyncAlgorithms

/// A sequence that a task of its own fills.
///
/// The task waits while nobody reads, so that what comes over the network costs no memory, and is cancelled when its
/// reader is, or lets go of the sequence.
enum Pump {
  static func stream<Element: Sendable>(
    _ fill: @escaping @Sendable (AsyncThrowingChannel<Element, any Error>) async throws -> Void
  ) -> AsyncThrowingStream<Element, any Error> {
    let channel = AsyncThrowingChannel<Element, any Error>()
    let owner = Owner(
      Task {
        do {
          try await fill(channel)
          channel.finish()
        } catch {
          channel.fail(error)
        }
      })
    return AsyncThrowingStream(unfolding: {
      try await withTaskCancellationHandler {
        var iterator = channel.makeAsyncIterator()
        return try await iterator.next()
      } onCancel: {
        owner.task.cancel()
      }
    })
  }

  private final class Owner: Sendable {
    let task: Task<Void, Never>

    init(_ task: Task<Void, Never>) { self.task = task }

    deinit { task.cancel() }
  }
}

/// Cuts bytes that come in pieces into lines.
struct LineCutter {
  /// Bytes of one line; an object has 3 MiB at most.
  static let longest = 64 << 20
  private var rest: [UInt8] = []

  struct TooLong: Error {}

  /// The lines that are complete with these bytes, without their ends; empty ones are left out.
  mutating func lines(_ bytes: [UInt8]) throws(TooLong) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = rest + bytes[start..<end]
      rest = []
      if !line.isEmpty { lines.append(line) }
      start = end + 1
    }
    rest += bytes[start...]
    guard rest.count <= LineCutter.longest else { throw TooLong() }
    return lines
  }

  /// What stood behind the last end of a line.
  mutating func last() -> [UInt8] {
    defer { rest = [] }
    return rest
  }
}
