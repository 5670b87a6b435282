internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

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
  let channel: any Channel
  /// How long it waits before it closes the connection; `nil` for as long as there is one.
  let patience: Duration?

  @concurrent mutating func write(_ bytes: [UInt8]) async throws {
    let channel = channel
    let cut = patience.map { patience in
      channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { channel.close(promise: nil) }
    }
    defer { cut?.cancel() }
    try await writer.write(ByteBuffer(bytes: bytes))
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
