import KubeModel

enum Scenes {
  /// Lines a second apart, the first of them `first` lines behind the beginning of the log.
  static func lines(_ texts: [String], stream: LogLine.Stream = .stdout, first: Int = 0) -> [LogLine] {
    texts.enumerated().map { index, text in
      LogLine(
        time: Fixture.now - .seconds(Int64(texts.count - index)), stream: stream, bytes: Array(text.utf8),
        position: UInt64(first + index) * 100)
    }
  }
}
