internal import KubeModel
internal import Threading

/// One reader's queue of changes: the cluster's thread fills it, the reader empties it.
///
/// What waits is bounded: a reader that falls behind by more than `limit` changes loses them all and is told so.
/// The batches are arrays that all readers of the same kinds share.
final class Watcher: Sendable {
  /// Changes that may wait for their reader.
  static let defaultLimit = 16_384
  /// Changes that one pull hands over at most, where several batches wait.
  private static let mergeLimit = 4096

  let kinds: Set<Kind>
  private let limit: Int
  private let state: Locked<State>

  fileprivate struct State {
    var batches: [[Change]] = []
    /// The batch to read next.
    var first = 0
    /// Changes in `batches`, but for those of the snapshot.
    var waiting = 0
    /// How many objects of the snapshot the first batch begins with.
    var snapshot = 0
    var reader: CheckedContinuation<[Change]?, any Error>?
    var end: End?
  }

  fileprivate enum End {
    /// The cluster stopped, or the reader did.
    case finished
    case failed(StatusError)
  }

  /// - Parameter snapshot: what is there first, and does not count towards the limit.
  init(kinds: Set<Kind>, limit: Int = Watcher.defaultLimit, snapshot: [Change] = []) {
    self.kinds = kinds
    self.limit = limit
    state = Locked(State(batches: snapshot.isEmpty ? [] : [snapshot], snapshot: snapshot.count))
  }

  /// Whether the reader still wants more.
  var isOpen: Bool { state.withLock { $0.end == nil } }

  /// Hands a batch, all of it of `kinds`, to the reader.
  func publish(_ batch: [Change]) {
    let reader = state.withLock { state -> CheckedContinuation<[Change]?, any Error>? in
      guard state.end == nil else { return nil }
      if let reader = state.reader {
        state.reader = nil
        return reader
      }
      state.waiting += batch.count
      if state.waiting > limit {
        state.batches = []
        state.first = 0
        state.end = .failed(.tooOld(version: nil, oldest: batch.first?.version))
      } else {
        state.batches.append(batch)
      }
      return nil
    }
    reader?.resume(returning: batch)
  }

  /// Ends the watch; what waits is still read.
  func finish(_ error: StatusError? = nil) {
    let reader = state.withLock { state -> CheckedContinuation<[Change]?, any Error>? in
      guard state.end == nil else { return nil }
      state.end = error.map(End.failed) ?? .finished
      defer { state.reader = nil }
      return state.reader
    }
    if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
  }

  /// The next batch; `nil` when there will be none. For one reader at a time.
  func next() async throws -> [Change]? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enum Outcome {
          case wait
          case batch([Change])
          case end(End)
        }
        let outcome = state.withLock { state -> Outcome in
          if let batch = state.takeBatch(mergeLimit: Watcher.mergeLimit) { return .batch(batch) }
          if let end = state.end {
            state.end = .finished
            return .end(end)
          }
          state.reader = continuation
          return .wait
        }
        switch outcome {
        case .wait: break
        case .batch(let batch): continuation.resume(returning: batch)
        case .end(.finished): continuation.resume(returning: nil)
        case .end(.failed(let error)): continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      finish()
    }
  }
}

extension Watcher.State {
  /// The oldest batch, together with those behind it as far as they fit.
  fileprivate mutating func takeBatch(mergeLimit: Int) -> [Change]? {
    guard first < batches.count else { return nil }
    var batch = batches[first]
    batches[first] = []
    first += 1
    while first < batches.count, batch.count + batches[first].count <= mergeLimit {
      batch.append(contentsOf: batches[first])
      batches[first] = []
      first += 1
    }
    waiting -= batch.count - snapshot
    snapshot = 0
    if first == batches.count {
      batches = []
      first = 0
    }
    return batch
  }
}

extension StatusError {
  /// 410: what a watch asks for has been let go.
  static func tooOld(version: UInt64?, oldest: UInt64?) -> StatusError {
    let detail = version.flatMap { version in oldest.map { ": \(version) (\($0))" } } ?? ""
    return StatusError(code: 410, reason: "Expired", message: "too old resource version\(detail)")
  }
}
