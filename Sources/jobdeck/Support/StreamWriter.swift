import CLinux
import Glibc
import Threading

/// A descriptor that a thread of its own writes to, in the order in which bytes are handed over: a reader who stalls
/// holds up nobody but who chooses to wait for him.
final class StreamWriter: Sendable {
  private struct Waiter {
    var id: UInt64
    /// How many bytes are to be written before it goes on.
    var until: UInt64
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var pending: [UInt8] = []
    var accepted: UInt64 = 0
    var written: UInt64 = 0
    var failure: Int32?
    var hasThread = false
    var waiters: [Waiter] = []
    var lastID: UInt64 = 0
  }

  /// What is written at a time, so that progress shows soon.
  private static let piece = 16 << 10

  private let state = Locked(State())
  private let descriptor: Int32
  private let wake = jobdeck_event_create()
  private let onFailure: @Sendable (Int32) -> Void

  /// - Parameter onFailure: told once, on another thread, of the error number with which writing ended for good.
  init(_ descriptor: Int32, onFailure: @escaping @Sendable (Int32) -> Void = { _ in }) {
    self.descriptor = descriptor
    self.onFailure = onFailure
  }

  deinit { if wake >= 0 { close(wake) } }

  /// The error number of what ended writing. What is handed over from then on is dropped.
  var failure: Int32? { state.withLock { $0.failure } }
  /// Bytes that were handed over and are not written.
  var backlog: UInt64 { state.withLock { $0.accepted - $0.written } }
  private var written: UInt64 { state.withLock { $0.written } }

  /// Has the bytes written behind all that came before. Waits for nothing.
  func hand(_ bytes: some Collection<UInt8>) {
    guard !bytes.isEmpty else { return }
    let needsThread = state.withLock { state in
      guard state.failure == nil else { return false }
      state.pending.append(contentsOf: bytes)
      state.accepted += UInt64(bytes.count)
      defer { state.hasThread = true }
      return !state.hasThread
    }
    if needsThread { start() }
    jobdeck_event_signal(wake)
  }

  /// Writes the bytes at once where nothing is before them and the reader has room, else as ``hand(_:)`` does.
  func writeOrHand(_ bytes: [UInt8]) {
    let count = state.withLock { state in
      // So many go into a pipe whole or not at all.
      guard state.accepted == state.written, state.failure == nil, bytes.count <= Int(PIPE_BUF) else { return 0 }
      var reader = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&reader, 1, 0) == 1, reader.revents & Int16(POLLOUT) != 0 else { return 0 }
      return max(0, bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) })
    }
    hand(bytes.dropFirst(count))
  }

  /// Returns once no more than `backlog` bytes of what was handed over are unwritten; also when writing has failed, when
  /// the task is cancelled, or when nothing was written for as long as `patience`.
  ///
  /// - Returns: whether they are written.
  @discardableResult
  func wait(backlog: UInt64 = 0, patience: Duration? = nil) async -> Bool {
    let target = state.withLock { $0.accepted > backlog ? $0.accepted - backlog : 0 }
    guard let patience else {
      await wait(until: target)
      return hasWritten(target)
    }
    while !hasWritten(target), failure == nil, !Task.isCancelled {
      let before = written
      await withTaskGroup(of: Void.self) { race in
        race.addTask { await self.wait(until: target) }
        race.addTask { try? await Task.sleep(for: patience) }
        await race.next()
        race.cancelAll()
      }
      if written == before { break }
    }
    return hasWritten(target)
  }

  private func hasWritten(_ target: UInt64) -> Bool { state.withLock { $0.failure == nil && $0.written >= target } }

  private func wait(until target: UInt64) async {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.failure != nil || state.written >= target || Task.isCancelled { return true }
          state.waiters.append(Waiter(id: id, until: target, continuation: continuation))
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume()
    }
  }

  // MARK: The thread

  private func start() {
    do throws(ThreadError) {
      // It lives as long as the process does.
      try startThread(name: "output") { [self] in work() }
    } catch {
      fail(error.code)
    }
  }

  private func work() {
    while true {
      let bytes = state.withLock { state in
        defer { state.pending = [] }
        return state.pending
      }
      guard !bytes.isEmpty else {
        _ = jobdeck_event_wait(wake, -1)
        continue
      }
      guard bytes.withUnsafeBytes({ write($0) }) else { return }
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.piece))
      let count = Glibc.write(descriptor, part.baseAddress, part.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
        note(count)
      } else if errno == EAGAIN {
        var reader = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&reader, 1, -1)
      } else if errno != EINTR {
        fail(errno)
        return false
      }
    }
    return true
  }

  private func note(_ count: Int) {
    let ready = state.withLock { state in
      state.written += UInt64(count)
      guard !state.waiters.isEmpty else { return [Waiter]() }
      let ready = state.waiters.filter { $0.until <= state.written }
      state.waiters.removeAll { $0.until <= state.written }
      return ready
    }
    for waiter in ready { waiter.continuation.resume() }
  }

  private func fail(_ code: Int32) {
    let waiters = state.withLock { state in
      state.failure = code
      state.pending = []
      defer { state.waiters = [] }
      return state.waiters
    }
    // Who waits finds the reason told already.
    onFailure(code)
    for waiter in waiters { waiter.continuation.resume() }
  }
}
