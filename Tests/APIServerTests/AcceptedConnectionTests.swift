import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import APIServer

/// What becomes of connections that are accepted while the server stops.
@Suite(.timeLimit(.minutes(5))) struct AcceptedConnectionTests {
  private struct Plain: ServerChildChannel {
    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> {
      channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
    }

    func handle(value: NIOAsyncChannel<ByteBuffer, ByteBuffer>, logger: Logger) async {
      try? await value.executeThenClose { _, outbound in try await outbound.write(ByteBuffer(string: "hello")) }
    }
  }

  private func prepared(_ channel: NIOAsyncTestingChannel) async throws -> AcceptedConnection<ByteBuffer, ByteBuffer> {
    try await channel.testingEventLoop.executeInContext {
      AcceptedChannel(base: Plain()).setup(channel: channel, logger: Logger(label: "test"))
    }.get()
  }

  /// In a process of its own: swift-nio ends it where such a connection is dropped as it is.
  @Test func oneThatNobodyTakesIsClosed() async {
    await #expect(processExitsWith: .success) {
      let channel = NIOAsyncTestingChannel()
      _ = try await AcceptedConnectionTests().prepared(channel)
      // It may be closed before it is connected, or after.
      try? await channel.connect(to: .init(unixDomainSocketPath: "/none"))
      try await channel.closeFuture.get()
    }
  }

  @Test func oneThatIsTakenIsServed() async throws {
    let channel = NIOAsyncTestingChannel()
    let accepted = try await prepared(channel)
    try await channel.connect(to: .init(unixDomainSocketPath: "/none"))
    async let handled: Void = AcceptedChannel(base: Plain()).handle(value: accepted, logger: Logger(label: "test"))
    #expect(try await channel.waitForOutboundWrite(as: ByteBuffer.self) == ByteBuffer(string: "hello"))
    await handled
    try await channel.closeFuture.get()
  }
}
