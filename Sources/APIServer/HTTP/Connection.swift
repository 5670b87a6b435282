internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Threading

/// What is known of a request's connection.
struct ConnectionContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// Writes to a connection, which waits while its peer does not read.
struct ConnectionSink: APIResponse.Sink {
  var writer: any ResponseBodyWriter
  let stall: WriteStall?

  @concurrent mutating func write(_ bytes: [UInt8]) async throws { try await write(ByteBuffer(bytes: bytes)) }

  @concurrent mutating func write(_ bytes: APIResponse.SharedBytes) async throws { try await write(bytes.buffer) }

  @concurrent private mutating func write(_ buffer: ByteBuffer) async throws {
    stall?.begin()
    defer { stall?.end() }
    try await writer.write(buffer)
  }
}

/// Cuts a connection off whose peer has let a write wait for longer than it may.
///
/// Looked at a few times within that time, instead of by a timer for each write: there are thousands of writes a
/// second, and hardly one of them ever waits.
final class WriteStall: Sendable {
  private let since = Locked<NIODeadline?>(nil)

  func begin() { since.withLock { $0 = .now() } }
  func end() { since.withLock { $0 = nil } }

  /// Looks at `channel` until the task that is returned is cancelled.
  func guardChannel(_ channel: any Channel, patience: Duration) -> RepeatedTask {
    let limit = TimeAmount(patience)
    let step = TimeAmount.nanoseconds(max(limit.nanoseconds / 4, 1_000_000))
    return channel.eventLoop.scheduleRepeatedTask(initialDelay: step, delay: step) { task in
      guard let begun = self.since.withLock({ $0 }), NIODeadline.now() - begun >= limit else { return }
      task.cancel()
      channel.close(promise: nil)
    }
  }
}

extension Channel {
  /// Has the system find out within half a minute that a peer on the network is gone, though it said nothing: it is
  /// asked after 10 silent seconds, and has 15 to answer. A peer that reads nothing does answer; where `patience` is
  /// given it is cut off as well.
  func noticeLoss(of patience: Duration?) async throws {
    switch localAddress {
    case .v4?, .v6?: break
    case .unixDomainSocket?, nil: return
    }
    try await setOption(.socketOption(.so_keepalive), value: 1).get()
    let milliseconds = patience.map { TimeAmount($0).nanoseconds / 1_000_000 } ?? 0
    for (name, value) in [
      (TCP_KEEPIDLE, 10), (TCP_KEEPINTVL, 5), (TCP_KEEPCNT, 3), (TCP_USER_TIMEOUT, Int(clamping: milliseconds)),
    ] {
      try await setOption(.tcpOption(NIOBSDSocket.Option(rawValue: name)), value: value).get()
    }
  }
}
