import Executor
import Glibc
import KubeModel
import Testing

/// A log is read a part at a time, from any of its lines on, in both directions.
@Suite(.timeLimit(.minutes(5)))
struct LogPositionTests {
  private static let count = 15_000

  private func withLog(_ body: (Harness, ContainerID) async throws -> Void) async throws {
    try await Harness.with({ options in
      options.logFileBytes = 200_000
      options.logFileCount = 10
    }) { harness in
      let id = harness.sh("seq 1 \(Self.count)")
      _ = await harness.end(of: id)
      try await body(harness, id)
    }
  }

  private func numbers(_ range: ClosedRange<Int>) -> [String] { range.map(String.init) }

  @Test func positionsGrowAndLeadBackToTheirLines() async throws {
    try await withLog { harness, id in
      let lines = try await harness.lines(id)
      #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.position < $1.position })
      for index in [0, 1, 3_000, 3_570, 7_777, Self.count - 1] {
        let position = lines[index].position
        var text = try await harness.text(id, LogReadOptions(from: position))
        #expect(text.first == String(index + 1) && text.count == Self.count - index)
        text = try await harness.text(id, LogReadOptions(from: position + 1))
        #expect(text.count == Self.count - index - 1)
        text = try await harness.text(id, LogReadOptions(tailLines: 5, before: position))
        #expect(text == numbers(1...Self.count)[max(0, index - 5)..<index].map { $0 })
        text = try await harness.text(id, LogReadOptions(before: position))
        #expect(text.count == index)
      }
      #expect(try await harness.text(id, LogReadOptions(from: .max)).isEmpty)
      #expect(try await harness.text(id, LogReadOptions(tailLines: 2, before: .max)) == ["14999", "15000"])
      #expect(try await harness.text(id, LogReadOptions(before: 0)).isEmpty)
    }
  }

  @Test func everyLineIsReadOnceOnTheWayToTheStart() async throws {
    try await withLog { harness, id in
      var text: [String] = []
      var before = UInt64.max
      while true {
        let part = try await harness.lines(id, LogReadOptions(tailLines: 1_234, before: before))
        guard let first = part.first else { break }
        text = part.map(\.text) + text
        before = first.position
      }
      #expect(text == numbers(1...Self.count))
    }
  }

  @Test func whatIsCutIsSaidAtTheStartOnly() async throws {
    try await Harness.with({ options in
      options.logFileBytes = 100_000
      options.logFileCount = 2
    }) { harness in
      let id = harness.sh("seq 1 10000")
      _ = await harness.end(of: id)
      let all = try await harness.lines(id)
      try #require(all.count > 100 && all[0].stream == .note && all[1].stream == .stdout)
      let start = try await harness.lines(id, LogReadOptions(tailLines: 1_000, before: all[10].position))
      #expect(start == Array(all[..<10]))
      #expect(try await harness.lines(id, LogReadOptions(tailLines: 9, before: all[0].position)).isEmpty)
      #expect(try await harness.lines(id, LogReadOptions(from: 0)).first?.stream == .note)
      #expect(try await harness.lines(id, LogReadOptions(from: all[1].position + 1)).first == all[2])
    }
  }

  @Test func piecesAreReadFromTheirOwnPositions() async throws {
    try await Harness.with { harness in
      let id = harness.sh("echo a; head -c 40000 /dev/zero | tr '\\0' x; echo; echo b")
      _ = await harness.end(of: id)
      let all = try await harness.lines(id)
      try #require(all.count == 5)
      #expect(try await harness.lines(id, LogReadOptions(tailLines: 1, before: all[4].position)) == Array(all[1..<4]))
      #expect(try await harness.lines(id, LogReadOptions(from: all[2].position)) == Array(all[2...]))
    }
  }

  /// Two gigabytes, of which hardly anything is on the disk: only what is asked for may be read.
  @Test func aLogOfTwoGigabytesOpensAtOnce() async throws {
    var template = Array("/tmp/executor-log-XXXXXX".utf8CString)
    let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { system("rm -rf '\(directory)'") }
    let folder = "\(directory)/default_pod_uid/main"
    try #require(system("mkdir -p '\(folder)'") == 0)
    func record(_ second: Int, _ text: String) -> String {
      let (hour, minute) = (second / 3600, second / 60 % 60)
      let digits = [hour, minute, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
      return "2026-11-23T\(digits).000000000Z stdout F \(text)\n"
    }
    let file = try #require(fopen(folder + "/0.log", "w"))
    let head = (0..<1_000).map { record($0, "head \($0)") }.joined()
    let tail = "\n" + (40_000..<41_000).map { record($0, "tail \($0)") }.joined()
    fputs(head, file)
    fseeko(file, (2 << 30) - tail.utf8.count, SEEK_SET)
    fputs(tail, file)
    fclose(file)

    let logs = LogFiles(directory: directory)
    func read(_ options: LogReadOptions, atMost limit: Int = .max) async throws -> [String] {
      var lines: [LogLine] = []
      let id = ContainerID(podUID: "uid", container: "main", attempt: 0)
      for try await batch in logs.read(id, namespace: "default", podName: "pod", options) {
        lines += batch
        if lines.count >= limit { break }
      }
      return lines.map(\.text)
    }
    #expect(try await read(LogReadOptions(tailLines: 1_000)).first == "tail 40000")
    #expect(try await read(LogReadOptions(from: 0), atMost: 256).first == "head 0")
  }
}
