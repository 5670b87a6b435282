import Cluster
import Glibc
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct LogSaverTests {
  private func temporaryPath() -> String { "/tmp/jobdeck-save-\(UInt64.random(in: 0...(.max))).log" }

  private func line(_ second: Int64, _ text: String, partial: Bool = false, _ stream: LogLine.Stream = .stdout)
    -> LogLine
  {
    LogLine(time: Instant(seconds: second), stream: stream, bytes: Array(text.utf8), isPartial: partial)
  }

  private func sequence(_ lines: [LogLine], thenFails error: StatusError? = nil) -> LogSequence {
    LogSequence(
      AsyncThrowingStream { continuation in
        for line in lines { continuation.yield([line]) }
        continuation.finish(throwing: error)
      })
  }

  /// What is in the file that was written, and what was told of it.
  private func saved(
    _ logs: [String: [LogLine]], filter: String? = nil, times: Bool = false, fails: StatusError? = nil
  ) async throws -> (String, LogSaveEnd) {
    let path = temporaryPath()
    defer { unlink(path) }
    let save = LogSave(
      path: path,
      sources: logs.keys.sorted().map { LogSave.Source(label: $0, request: LogRequest(namespace: "n", pod: $0)) },
      filter: filter.flatMap { LogFilter($0) }, showsTimes: times)
    let saver = LogSaver(save: save) { sequence(logs[$0.pod] ?? [], thenFails: fails) }
    do {
      let end = try await saver.run { _ in }
      return (try Editor.read(path).get(), end)
    } catch {
      #expect(access(path, F_OK) != 0)
      throw error
    }
  }

  @Test func oneLogIsWrittenAsItIs() async throws {
    let lines = [
      line(1, "a"), line(2, "\u{1B}[31mb"), line(3, "rotated", .note), line(3, "c", partial: true), line(4, "d"),
    ]
    let (text, end) = try await saved(["one": lines])
    #expect(text == "a\n\u{1B}[31mb\ncd\n" && end.lines == 3 && end.bytes == text.utf8.count)
  }

  @Test func severalAreOneInOrderOfTime() async throws {
    let logs = [
      "one": [line(1, "a"), line(4, "b", partial: true), line(6, "c")],
      "two": [line(2, "x"), line(5, "y"), line(9, "z")],
    ]
    let (text, end) = try await saved(logs)
    #expect(text == "one a\ntwo x\none bc\ntwo y\ntwo z\n" && end.lines == 5)
    let (timed, _) = try await saved(["one": [line(1, "a")]], times: true)
    #expect(timed == "1970-01-01T00:00:01.000000Z a\n")
  }

  @Test func onlyWhatTheFilterTakes() async throws {
    let lines = [
      line(1, "an error", partial: true), line(1, " of two pieces"), line(2, "fine"), line(3, "ERROR"),
      line(4, "late", partial: true), line(5, " error"), line(6, "the last er", partial: true),
      line(7, "ror", partial: true),
    ]
    let found = "an error of two pieces\nERROR\nlate error\nthe last error\n"
    #expect(try await saved(["one": lines], filter: "error").0 == found)
    #expect(try await saved(["one": lines], filter: "!error").0 == "fine\n")
    #expect(try await saved(["one": lines], filter: "nothing").0 == "")
  }

  /// The last lines on the page that says why: whole, whatever they came in.
  @Test func theLastLinesAreWhole() {
    var tail = LogTail(
      id: LogID(number: 1), source: .init(pod: "p", container: "c", previous: false, ended: nil))
    tail.take(.lines([line(1, "wri", partial: true), line(1, "! oops", .stderr), line(2, "ting\r", partial: true)]))
    #expect(tail.lines == ["! oops"])
    tail.take(.lines([line(3, "written"), line(4, "and", partial: true)]))
    tail.take(.ended)
    #expect(tail.lines == ["! oops", "written", "and"])
  }

  @Test func nothingIsLeftOfWhatFails() async throws {
    await #expect(throws: StatusError.badRequest("gone")) {
      _ = try await saved(["one": [line(1, "a")]], fails: .badRequest("gone"))
    }
    let path = temporaryPath()
    defer { unlink(path) }
    #expect(DumpFile.write(Dump(path: path, usualName: "", amount: "") { "mine" }).isSuccess)
    let save = LogSave(path: path, sources: [], filter: nil, showsTimes: false)
    await #expect(throws: StatusError.badRequest("\(path) is there already: name another file")) {
      _ = try await LogSaver(save: save) { _ in sequence([]) }.run { _ in }
    }
    #expect(try Editor.read(path).get() == "mine")
    let nowhere = LogSave(path: "/nowhere/x", sources: [], filter: nil, showsTimes: false)
    await #expect(throws: StatusError.badRequest("cannot make /nowhere/x: No such file or directory")) {
      _ = try await LogSaver(save: nowhere) { _ in sequence([]) }.run { _ in }
    }
  }

  @Test func aLogWithoutEndCanBeStopped() async throws {
    let path = temporaryPath()
    let save = LogSave(
      path: path, sources: [LogSave.Source(label: "one", request: LogRequest(namespace: "n", pod: "one"))], filter: nil,
      showsTimes: false)
    let batch = [line(1, String(repeating: "x", count: 100_000))]
    let saver = LogSaver(save: save) { _ in LogSequence(AsyncThrowingStream { batch }) }
    let (progress, source) = AsyncStream.makeStream(of: Int.self)
    let task = Task { try await saver.run { source.yield($0) } }
    for await bytes in progress where bytes > 3 << 20 { break }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(access(path, F_OK) != 0)
  }

  @Test func whatCannotBeReadKeepsNoneOfTheOthers() async throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let sources = ["gone", "one"].map { LogSave.Source(label: $0, request: LogRequest(namespace: "n", pod: $0)) }
    let save = LogSave(path: path, sources: sources, filter: nil, showsTimes: false)
    let lines = [line(1, "a")]
    let end = try await LogSaver(save: save) { request in
      guard request.pod == "one" else { throw StatusError.badRequest("gone") }
      return sequence(lines)
    }
    .run { _ in }
    #expect(end.lines == 1 && end.bytes == 6 && end.unread == 1 && end.place == Files.place(of: path))
    #expect(try Editor.read(path).get() == "one a\n")
    unlink(path)
    await #expect(throws: StatusError.badRequest("none")) {
      _ = try await LogSaver(save: save) { _ in throw StatusError.badRequest("none") }.run { _ in }
    }
    #expect(access(path, F_OK) != 0)
  }

  /// As many as are read at the same time, as long as they are there.
  @Test func allPodsOfAJobAreSaved() {
    var fixture = Fixture()
    let job = fixture.job("many", .init(completions: 1010, parallelism: 1010, age: 4000))
    var pods = (0..<40).map { fixture.pod("p\($0)x", of: job, .init(age: 4000 - Int64($0))) }
    var driver = Driver(fixture)
    func save() -> (LogID, [String])? {
      driver.press("S enter")
      guard case .saveLog(let id, let save)? = driver.takeCommands().last else { return nil }
      return (id, save.sources.map(\.request.pod))
    }
    driver.press("l")
    #expect(save()?.1 == pods.map(\.metadata.name))
    let gone = pods.removeLast()
    driver.send(.changes([Change(verb: .deleted, object: .pod(gone), version: 900)]))
    guard let (id, saved) = save() else {
      Issue.record("nothing is saved")
      return
    }
    #expect(saved == pods.map(\.metadata.name))
    driver.send(.save(id, .ended(LogSaveEnd(lines: 1, bytes: 2, unread: 2))))
    #expect(driver.screen.contains("to many.log; 1 pod no longer there; 2 logs could not be read"))
    pods += (40..<1010).map { fixture.pod("p\($0)x", of: job, .init(age: 4000 - Int64($0))) }
    driver = Driver(fixture)
    driver.press("l")
    guard let (next, newest) = save() else { return }
    #expect(newest == (pods.prefix(39) + [gone] + pods.suffix(970)).suffix(LogSave.sourceLimit).map(\.metadata.name))
    driver.send(.save(next, .ended(LogSaveEnd(lines: 1, bytes: 2))))
    #expect(driver.screen.contains("10 older pods left out"))
  }

  @Test func savingFromTheLogPage() throws {
    var driver = Driver(size: Size(columns: 100, rows: 24))
    driver.select("mail-queue")
    driver.press("l")
    _ = driver.takeCommands()
    driver.press("S")
    #expect(driver.screen.contains("Save to: mail-queue.log"))
    driver.press("enter")
    guard case .saveLog(let id, let save)? = driver.takeCommands().last else {
      Issue.record("nothing is saved")
      return
    }
    #expect(save.path == "mail-queue.log" && !save.sources.isEmpty)
    #expect(save.sources.allSatisfy { !$0.request.follow && $0.request.tailLines == nil })
    driver.send(.save(id, .bytes(5 << 20)))
    #expect(driver.screen.contains("Saving mail-queue.log: 5MiB; Esc stops"))
    driver.press("escape")
    #expect(driver.takeCommands() == [.closeLog(id)] && driver.screen.contains("mail-queue.log was not kept"))
    driver.send(.save(id, .ended(LogSaveEnd(lines: 1, bytes: 1))))
    #expect(!driver.screen.contains("Saved"))
    driver.press(": ctrl-u")
    driver.type("save /tmp/x y.log")
    driver.press("enter")
    guard case .saveLog(let next, let other)? = driver.takeCommands().last else { return }
    #expect(other.path == "/tmp/x y.log")
    driver.send(.save(next, .ended(LogSaveEnd(lines: 12_345, bytes: 2 << 20))))
    #expect(driver.screen.contains("Saved 12,345 lines, 2MiB, to /tmp/x y.log"))
    driver.press("escape")
    driver.press(":")
    driver.type("save x")
    driver.press("enter")
    #expect(driver.screen.contains("There is no log here"))
  }
}

extension Result {
  fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
