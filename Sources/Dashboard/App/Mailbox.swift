internal import Cluster
internal import KubeModel
internal import Threading
internal import Terminal

/// What waits for the screen's thread. Any task may put something in; the thread takes everything at once.
///
/// It is bounded: of an object only its newest version is kept, and whoever reads logs waits while too many lines have
/// not been taken.
final class Mailbox: Sendable {
  struct Delivery: Sendable {
    /// Everything that was known before no longer holds.
    var isReset = false
    var changes: [Change] = []
    var events: [DashboardEvent] = []
    /// Nothing more will come.
    var isFinished = false

    var isEmpty: Bool { !isReset && changes.isEmpty && events.isEmpty && !isFinished }
  }

  private struct State {
    var delivery = Delivery()
    var places: [String: Int] = [:]
    var logLines = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
    var waker: Waker?
    /// Whether the thread wants to be woken; not between two frames.
    var isArmed = true
    var isFinished = false
  }

  private let state = Locked(State())
  private static let logLimit = 20_000

  /// From now on `waker` wakes the thread.
  func open(_ waker: Waker) {
    state.withLock {
      $0.waker = waker
      if !$0.delivery.isEmpty { waker.wake() }
    }
  }

  /// Takes everything. With `rearm` false the thread is not woken until it has been back.
  func take(rearm: Bool) -> Delivery {
    let (delivery, waiting) = state.withLock { state in
      defer {
        state.delivery = Delivery()
        state.places.removeAll(keepingCapacity: true)
        state.logLines = 0
        state.waiting = []
        state.isArmed = rearm
      }
      return (state.delivery, state.waiting)
    }
    for continuation in waiting { continuation.resume() }
    return delivery
  }

  func post(_ event: DashboardEvent) {
    change { $0.delivery.events.append(event) }
  }

  /// A new snapshot begins: changes of the old one that were not taken yet are of no use.
  func postReset() {
    change {
      $0.delivery.isReset = true
      $0.delivery.changes = []
      $0.places.removeAll()
    }
  }

  func post(_ changes: [Change]) {
    change { state in
      for change in changes {
        let place = "\(change.object.kind.rawValue)/\(change.object.metadata.uid)"
        if let index = state.places[place] {
          state.delivery.changes[index] = change
        } else {
          state.places[place] = state.delivery.changes.count
          state.delivery.changes.append(change)
        }
      }
    }
  }

  /// Puts log lines in; waits first while too many are there.
  func post(_ lines: [LogLine], of id: LogID) async {
    await withCheckedContinuation { continuation in
      let goesOn = state.withLock { state in
        if state.logLines < Self.logLimit || state.isFinished { return true }
        state.waiting.append(continuation)
        return false
      }
      if goesOn { continuation.resume() }
    }
    change {
      $0.logLines += lines.count
      $0.delivery.events.append(.log(id, .lines(lines)))
    }
  }

  /// Ends the thread's loop.
  func finish() {
    change {
      $0.isFinished = true
      $0.delivery.isFinished = true
    }
  }

  /// The thread is gone: nobody waits for it any more.
  func close() {
    let waiting = state.withLock { state in
      defer {
        state.isFinished = true
        state.waiting = []
        state.waker = nil
      }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  private func change(_ body: (inout State) -> Void) {
    let waker = state.withLock { state in
      let wasEmpty = state.delivery.isEmpty
      body(&state)
      return wasEmpty && (state.isArmed || state.delivery.isFinished) || state.delivery.isFinished ? state.waker : nil
    }
    waker?.wake()
  }
}
