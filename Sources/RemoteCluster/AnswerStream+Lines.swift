internal import AsyncAlgorithms

extension AnswerStream {
  /// Each line of the answer, as `read` understands it. For one reader, which may let go at any time.
  public func lines<Element: Sendable>(
    _ read: @escaping @Sendable ([UInt8]) throws -> Element
  ) -> AsyncThrowingStream<Element, any Error> {
    Pump.stream { channel in
      var cutter = LineCutter()
      for try await bytes in self {
        for line in try cutter.lines(bytes) { await channel.send(try read(line)) }
      }
      let last = cutter.last()
      if !last.isEmpty { await channel.send(try read(last)) }
    }
  }
}
