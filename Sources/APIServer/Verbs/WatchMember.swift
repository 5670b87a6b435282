internal import KubeModel
internal import Threading

/// What one of many watches that show the same is still to send: filled by `SharedWatch`, emptied by its own task.
///
/// What waits is bounded: a watch that falls behind by more than `limit` bytes loses them and is told so. They are
/// bytes that all of these watches share.
final class WatchMember: Sendable {
  /// Bytes that may wait.
  static let limit = 16 * 1024 * 1024

  fileprivate struct State {
    var parts: [APIResponse.SharedBytes] = []
    var waiting = 0
    /// All changes up to this one are sent, or in `parts`.
    var version: UInt64
    /// What is to be known of the version that the reader has come to.
    var wantsBookmark = false
    var reader: CheckedContinuation<Turn?, any Error>?
    var end: Result<Void, StatusError>?
  }

  /// What its task is to do next.
  struct Turn: Sendable {
    var parts: [APIResponse.SharedBytes]
    /// All changes up to this one are sent once the parts are.
    var version: UInt64
    /// Whether a bookmark is due behind them.
    var wantsBookmark: Bool
  }

  private let state: Locked<State>

  /// - Parameter version: what its client has seen.
  init(version: UInt64) { state = Locked(State(version: version)) }

  /// All changes up to this one were handed over.
  var version: UInt64 { state.withLock { $0.version } }

  /// Hands over lines, those that its client has seen already left out.
  func push(_ chunk: SharedWatch.Chunk) {
    let resumed = state.withLock { state -> (CheckedContinuation<Turn?, any Error>, Turn)? in
      guard state.end == nil, chunk.version > state.version else { return nil }
      let bytes = chunk.lines(after: state.version)
      state.version = chunk.version
      guard let bytes else { return nil }
      let count = bytes.count
      if state.waiting > 0, state.waiting + count > WatchMember.limit {
        state.parts = []
        state.end = .failure(.tooSlow)
      } else {
        state.waiting += count
        state.parts.append(bytes)
      }
      return state.takeReader()
    }
    if let (reader, turn) = resumed { reader.resume(returning: turn) }
  }

  /// A bookmark is due.
  func askForBookmark() {
    let resumed = state.withLock { state -> (CheckedContinuation<Turn?, any Error>, Turn)? in
      state.wantsBookmark = true
      return state.takeReader()
    }
    if let (reader, turn) = resumed { reader.resume(returning: turn) }
  }

  /// Ends it; what waits is still sent.
  func finish(_ error: StatusError? = nil) {
    let reader = state.withLock { state -> CheckedContinuation<Turn?, any Error>? in
      guard state.end == nil else { return nil }
      state.end = error.map { .failure($0) } ?? .success(())
      defer { state.reader = nil }
      return state.reader
    }
    if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
  }

  /// What is to be sent next; `nil` at the end. For one task at a time; ends with it.
  func next() async throws -> Turn? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = state.withLock { state -> Result<Turn?, StatusError>? in
          if let turn = state.takeTurn() { return .success(turn) }
          if let end = state.end { return end.map { nil } }
          state.reader = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      finish()
    }
  }
}

extension WatchMember.State {
  fileprivate mutating func takeTurn() -> WatchMember.Turn? {
    guard !parts.isEmpty || (wantsBookmark && end == nil) else { return nil }
    defer {
      parts = []
      waiting = 0
      wantsBookmark = false
    }
    return WatchMember.Turn(parts: parts, version: version, wantsBookmark: wantsBookmark)
  }

  fileprivate mutating func takeReader() -> (CheckedContinuation<WatchMember.Turn?, any Error>, WatchMember.Turn)? {
    guard let reader, let turn = takeTurn() else { return nil }
    self.reader = nil
    return (reader, turn)
  }
}

extension StatusError {
  fileprivate static let tooSlow = StatusError(
    code: 410, reason: "Expired", message: "too old resource version: the watch was read too slowly")
}
