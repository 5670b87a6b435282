import Cluster
import KubeModel
import Terminal

@testable import Dashboard

/// Logs of pods that are there, read as a dashboard asks for them, a batch at a time.
struct FakeLogs {
  /// By pod. Positions are ten apart.
  var lines: [String: [LogLine]] = [:]
  /// Pods that still run.
  var running: Set<String> = []
  private(set) var asked: [LogRequest] = []
  private var open: [LogID: LogRequest] = [:]

  /// Lines a second apart, the last of them `end` seconds before now.
  static func lines(_ texts: some Collection<String>, end: Int64 = 0, every: Int64 = 1) -> [LogLine] {
    texts.enumerated().map { index, text in
      LogLine(
        time: Fixture.now - .seconds(end + every * Int64(texts.count - 1 - index)), stream: .stdout,
        bytes: Array(text.utf8), position: UInt64(index) * 10)
    }
  }

  /// What one request answers with.
  func answer(_ request: LogRequest) -> [LogLine] {
    let all = lines[request.pod] ?? []
    let from = request.from.map { min(all.count, Int(($0 + 9) / 10)) } ?? 0
    let before = request.before.map { min(all.count, Int(($0 + 9) / 10)) } ?? all.count
    var lines = all[min(from, before)..<before]
    if let since = request.since { lines = lines.drop { $0.time < since } }
    if let tail = request.tailLines { lines = lines.suffix(tail) }
    return Array(lines)
  }

  /// Answers everything that `driver` asks for, until it asks for nothing more; at most `limit` requests.
  mutating func serve(_ driver: inout Driver, limit: Int = 10_000) {
    var left = limit
    while left > 0 {
      let commands = driver.takeCommands()
      guard !commands.isEmpty else { return }
      for command in commands {
        switch command {
        case .openLog(let id, let request):
          asked.append(request)
          open[id] = request
          for batch in batches(answer(request)) where open[id] != nil {
            driver.send(.log(id, .lines(batch)))
            // What it says to that may be that it has enough.
            for case .closeLog(let closed) in driver.commands { open[closed] = nil }
          }
          if open[id] != nil, !request.follow || !running.contains(request.pod) { driver.send(.log(id, .ended)) }
          left -= 1
        case .closeLog(let id): open[id] = nil
        default: break
        }
      }
      _ = driver.screen
    }
  }

  private func batches(_ lines: [LogLine]) -> [[LogLine]] {
    stride(from: 0, to: lines.count, by: 500).map { Array(lines[$0..<min(lines.count, $0 + 500)]) }
  }

  /// A running pod writes.
  mutating func write(_ texts: [String], pod: String, _ driver: inout Driver) {
    let first = (lines[pod]?.last?.position ?? 0) + 10
    let new = texts.enumerated().map { index, text in
      LogLine(time: Fixture.now, stream: .stdout, bytes: Array(text.utf8), position: first + UInt64(index) * 10)
    }
    lines[pod, default: []] += new
    for (id, request) in open where request.pod == pod && request.follow { driver.send(.log(id, .lines(new))) }
  }
}
