import KubeModel

enum Scenes {
  static func lines(_ texts: [String], stream: LogLine.Stream = .stdout) -> [LogLine] {
    texts.enumerated().map { index, text in
      LogLine(
        time: Fixture.now - .seconds(Int64(texts.count - index)), stream: stream, bytes: Array(text.utf8))
    }
  }
}
