import Executor
import Glibc
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct LogTests {
  @Test func linesHaveStreamAndTime() async throws {
    try await Harness.with { harness in
      let before = now()
      let id = harness.sh("echo out; echo err >&2; printf 'no newline'")
      _ = await harness.end(of: id)
      let lines = try await harness.lines(id)
      #expect(lines.map(\.text).sorted() == ["err", "no newline", "out"])
      #expect(lines.first { $0.text == "err" }?.stream == .stderr)
      #expect(lines.first { $0.text == "out" }?.stream == .stdout)
      for line in lines {
        #expect(!line.isPartial)
        #expect(line.time >= before - .microseconds(1) && line.time <= now())
      }
    }
  }

  @Test func filesAreInTheFormatOfKubernetes() async throws {
    try await Harness.with { harness in
      let id = harness.sh("echo hello; echo; head -c 20000 /dev/zero | tr '\\0' x", pod: "web")
      _ = await harness.end(of: id)
      let path = harness.directory + "/logs/default_web_uid-web/main/0.log"
      let text = String(decoding: contents(of: path), as: UTF8.self)
      let lines = text.split(separator: "\n")
      #expect(lines[0].wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F hello/#) != nil)
      #expect(lines[1].hasSuffix("Z stdout F "))
      #expect(lines[2].hasSuffix("x") && lines[2].contains(" stdout P x"))
      #expect(lines[3].hasSuffix("x") && lines[3].contains(" stdout F x"))
      #expect(lines[2].utf8.count == 40 + 16_384)
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
      #expect(stat(harness.directory + "/logs", &status) == 0)
      #expect(status.st_mode & 0o777 == 0o700)
    }
  }

  @Test func aLineIsReadBeforeItsEndComes() async throws {
    try await Harness.with { harness in
      let gate = "/tmp/executor-test-piece-\(getpid())"
      unlink(gate)
      defer { unlink(gate) }
      let id = harness.sh("printf 'one\\rtwo'; until [ -e \(gate) ]; do sleep 0.05; done; echo ' end'; printf rest")
      var pieces: [LogLine] = []
      for try await batch in harness.log(id, LogReadOptions(follow: true)) {
        // The program goes on only once that is read.
        if pieces.isEmpty { close(open(gate, O_WRONLY | O_CREAT, 0o600)) }
        pieces += batch
      }
      #expect(pieces.first?.text == "one\rtwo" && pieces.first?.isPartial == true)
      #expect(pieces.map { $0.text + ($0.isPartial ? "" : "\n") }.joined() == "one\rtwo end\nrest\n")
    }
  }

  @Test func aLineThatEndsWithItsContainerIsWhole() async throws {
    try await Harness.with { harness in
      let id = harness.sh("printf out; printf err >&2; sleep 0.7")
      _ = await harness.end(of: id)
      let lines = try await harness.lines(id)
      for (stream, text) in [(LogLine.Stream.stdout, "out"), (.stderr, "err")] {
        let own = lines.filter { $0.stream == stream }
        #expect(own.map(\.text) == [text, ""] && own.map(\.isPartial) == [true, false])
      }
    }
  }

  @Test func binaryBytesSurvive() async throws {
    try await Harness.with { harness in
      let id = harness.sh("i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %03o $i)\"; i=$((i+1)); done")
      _ = await harness.end(of: id)
      var bytes: [UInt8] = []
      for (index, line) in try await harness.lines(id).enumerated() {
        if index > 0 { bytes.append(0x0A) }
        bytes += line.bytes
      }
      #expect(bytes == Array(0...255))
    }
  }

  @Test func longLineComesInPieces() async throws {
    try await Harness.with { harness in
      let id = harness.sh("head -c 1048576 /dev/zero | tr '\\0' a; echo; echo end")
      _ = await harness.end(of: id)
      let lines = try await harness.lines(id)
      #expect(lines.last?.text == "end")
      let pieces = lines.dropLast()
      #expect(pieces.reduce(0) { $0 + $1.bytes.count } == 1 << 20)
      #expect(pieces.allSatisfy { $0.bytes.count <= 16_384 })
      #expect(pieces.dropLast().allSatisfy { $0.isPartial })
      #expect(pieces.last?.isPartial == false)
    }
  }

  @Test func muchOutputRotatesAndSaysWhatWasCut() async throws {
    try await Harness.with({ options in
      options.logFileBytes = 1 << 20
      options.logFileCount = 3
    }) { harness in
      let id = harness.sh("seq -f '%063.0f' 1 1000000")
      let quick = harness.sh("exit 0", pod: "quick")
      #expect(await harness.end(of: quick).code == 0)
      #expect(await harness.end(of: id).code == 0)
      var lines = 0
      var first: LogLine?
      var last: LogLine?
      var expected: Int?
      var inOrder = true
      for try await batch in harness.log(id) {
        #expect(batch.count <= 257)
        for line in batch {
          lines += 1
          if first == nil { first = line }
          if line.stream == .stdout {
            let number = Int(line.text)
            if let expected, number != expected { inOrder = false }
            expected = number.map { $0 + 1 }
          }
          last = line
        }
      }
      #expect(first?.stream == .note)
      #expect(first?.text.contains("MiB of older lines were cut") == true)
      #expect(last?.text.hasSuffix("01000000") == true)
      #expect(inOrder)
      #expect((20_000...31_000).contains(lines))
      // At most three files of at most 1 MiB.
      var total = 0
      var count = 0
      let directory = harness.directory + "/logs/default_pod_uid-pod/main"
      for name in names(in: directory) {
        var status = stat()
        #expect(stat(directory + "/" + name, &status) == 0)
        #expect(status.st_size <= 1 << 20)
        total += Int(status.st_size)
        count += 1
      }
      #expect(count == 3)
      #expect(total > 2 << 20)
    }
  }

  /// In a process of its own: the other tests of this one need memory too.
  @Test func memoryStaysFlatHoweverMuchIsWritten() async {
    await #expect(processExitsWith: .success) {
      try await Harness.with({ options in
        options.logFileBytes = 1 << 20
        options.logFileCount = 3
      }) { harness in
        let before = residentBytes()
        let id = harness.sh("head -c 64M /dev/zero | tr '\\0' 'x' | fold -w 99")
        #expect(await harness.end(of: id).code == 0)
        var lines = 0
        for try await batch in harness.log(id) { lines += batch.count }
        #expect(lines > 10_000)
        #expect(residentBytes() - before < 24 << 20)
      }
    }
  }

  @Test func tailAcrossFiles() async throws {
    try await Harness.with({ options in
      options.logFileBytes = 200_000
      options.logFileCount = 10
    }) { harness in
      let id = harness.sh("seq 1 15000")
      _ = await harness.end(of: id)
      for wanted in [0, 1, 7, 300, 5_000, 14_999, 15_000, 20_000] {
        let text = try await harness.text(id, LogReadOptions(tailLines: wanted))
        let isRight = text == (15_001 - min(wanted, 15_000)..<15_001).map(String.init)
        #expect(isRight, "the last \(wanted): \(text.count) lines, from \(text.first ?? "none")")
      }
    }
  }

  @Test func sinceLeavesOutWhatIsOlder() async throws {
    try await Harness.with { harness in
      let id = harness.sh("echo old; sleep 0.2; echo new; sleep 0.2; echo newer")
      _ = await harness.end(of: id)
      let all = try await harness.lines(id)
      try #require(all.count == 3)
      #expect(try await harness.text(id, LogReadOptions(since: all[1].time)) == ["new", "newer"])
      #expect(try await harness.text(id, LogReadOptions(tailLines: 2, since: all[2].time)) == ["newer"])
      #expect(try await harness.text(id, LogReadOptions(since: all[2].time + .seconds(1))).isEmpty)
    }
  }

  @Test func attemptsHaveLogsOfTheirOwn() async throws {
    try await Harness.with { harness in
      let first = harness.sh("echo one; exit 1", attempt: 0)
      _ = await harness.end(of: first)
      let second = harness.sh("echo two", attempt: 1)
      _ = await harness.end(of: second)
      #expect(try await harness.text(first) == ["one"])
      #expect(try await harness.text(second) == ["two"])
      // And without the runtime, as after a restart.
      let later = LogFiles(directory: harness.directory + "/logs")
      var lines: [String] = []
      for try await batch in later.read(first, namespace: "default", podName: "pod", LogReadOptions(follow: true)) {
        lines += batch.map(\.text)
      }
      #expect(lines == ["one"])
    }
  }

  @Test func followSeesEveryLineAcrossRotations() async throws {
    try await Harness.with({ options in
      options.logFileBytes = 200_000
      options.logFileCount = 1000
    }) { harness in
      let id = harness.sh("echo 0; sleep 0.1; seq 1 10000; sleep 0.1; seq 10001 20000")
      var expected = 0
      for try await batch in harness.log(id, LogReadOptions(follow: true)) {
        // One expectation a batch: they are slow.
        #expect(batch.map(\.text) == (expected..<expected + batch.count).map(String.init))
        expected += batch.count
      }
      #expect(expected == 20_001)
    }
  }

  @Test func followWithTailMissesNothingOfANewLog() async throws {
    try await Harness.with { harness in
      let gate = "/tmp/executor-test-gate-\(getpid())"
      unlink(gate)
      defer { unlink(gate) }
      let id = harness.sh("echo ready; until [ -e \(gate) ]; do sleep 0.05; done; seq 1 1000; sleep 0.1; echo end")
      var text: [String] = []
      for try await batch in harness.log(id, LogReadOptions(tailLines: 2, follow: true)) {
        // Once it is being read: before that, two lines are all that it asked for.
        if text.isEmpty { close(open(gate, O_WRONLY | O_CREAT, 0o600)) }
        text += batch.map(\.text)
      }
      #expect(text == ["ready"] + (1...1000).map(String.init) + ["end"])
    }
  }

  @Test func logOfNothingIsEmpty() async throws {
    try await Harness.with { harness in
      let id = harness.sh("true")
      _ = await harness.end(of: id)
      let lines = try await harness.lines(id, LogReadOptions(tailLines: 5, follow: true))
      #expect(lines.isEmpty)
      let hostile = try await harness.lines(ContainerID(podUID: "uid-x", container: "../..", attempt: 3))
      #expect(hostile.isEmpty)
    }
  }

  @Test func unwritableLogsDoNotStopTheContainer() async throws {
    // A file where the directory should be: even root can't write there.
    let path = "/tmp/executor-test-file-\(getpid())"
    close(open(path, O_WRONLY | O_CREAT, 0o600))
    defer { unlink(path) }
    try await Harness.with({ $0.logDirectory = path + "/logs" }) { harness in
      let ending = await harness.run("seq 1 100000; exit 3")
      #expect(ending.code == 3)
      #expect(ending.message.contains("bytes of the log could not be written: not a directory"))
    }
  }

  @Test func removeDeletesAPodsLogs() async throws {
    try await Harness.with { harness in
      let id = harness.sh("echo x")
      _ = await harness.end(of: id)
      let path = harness.directory + "/logs/default_pod_uid-pod"
      #expect(access(path, F_OK) == 0)
      await harness.runtime.logs.remove(namespace: "default", podName: "pod", podUID: "uid-pod")
      #expect(access(path, F_OK) != 0)
    }
  }
}

private func residentBytes() -> Int {
  let text = String(decoding: contents(of: "/proc/self/statm"), as: UTF8.self)
  return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
}

private func names(in path: String) -> [String] {
  guard let directory = opendir(path) else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names
}
