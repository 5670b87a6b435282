internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Synchronization

/// Connections of `base`, of which those that nobody takes are closed.
///
/// A connection that is accepted while the server stops is prepared and then dropped, and swift-nio ends the whole
/// program where a channel goes that nobody has finished.
struct AcceptedChannel<Inbound: Sendable, Outbound: Sendable, Base: ServerChildChannel>: ServerChildChannel
where Base.Value == NIOAsyncChannel<Inbound, Outbound> {
  let base: Base

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<AcceptedConnection<Inbound, Outbound>> {
    base.setup(channel: channel, logger: logger).map(AcceptedConnection.init)
  }

  func handle(value: AcceptedConnection<Inbound, Outbound>, logger: Logger) async {
    await base.handle(value: value.take(), logger: logger)
  }
}

/// A connection that was accepted, until it is taken by who serves it.
final class AcceptedConnection<Inbound: Sendable, Outbound: Sendable>: ServerChildChannelValue {
  private let accepted: NIOAsyncChannel<Inbound, Outbound>
  private let isTaken = Atomic(false)

  init(_ accepted: NIOAsyncChannel<Inbound, Outbound>) { self.accepted = accepted }

  deinit {
    guard !isTaken.load(ordering: .relaxed) else { return }
    // Finishing waits for the connection to close, which nobody else does: it belongs to no one any more.
    Task { [accepted] in try? await accepted.executeThenClose { _, _ in } }
  }

  var channel: any Channel { accepted.channel }

  /// For one who will finish it.
  func take() -> NIOAsyncChannel<Inbound, Outbound> {
    isTaken.store(true, ordering: .relaxed)
    return accepted
  }
}
