import Foundation
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// What is remembered of runs from one session to the next.
struct RunMemoryTests {
  private let now = Fixture.now

  private func job(_ name: String, command: String = "work", uid: String? = nil) -> Job {
    var job = Job()
    job.metadata.name = name
    job.metadata.uid = uid ?? name
    job.metadata.namespace = "default"
    var container = Container()
    container.name = "main"
    container.command = ["sh", "-c", command]
    job.spec.template.spec.containers = [container]
    job.spec.completions = 1
    return job
  }

  private func finished(_ name: String, command: String = "work", took: Int, ago: Int = 100) -> Job {
    var job = job(name, command: command)
    job.status.startTime = now - .seconds(ago + took)
    job.status.completionTime = now - .seconds(ago)
    job.status.conditions = [Condition("Complete", true, reason: "", message: "", at: now - .seconds(ago))]
    return job
  }

  private func session(_ memory: Memory, scope: String = "", _ jobs: [Job] = []) -> (Dashboard, Memory?) {
    var options = Dashboard.Options()
    options.memory = memory
    options.runScope = scope
    var dashboard = Dashboard(options)
    _ = dashboard.handle(.tick(now))
    let commands = dashboard.handle(.changes(jobs.map { Change(verb: .added, object: .job($0), version: 1) }))
    for case .keep(let memory) in commands { return (dashboard, memory) }
    return (dashboard, nil)
  }

  @Test func howLongRunsTookOutlivesTheProgram() throws {
    let done = [finished("a", took: 200), finished("b", took: 240), finished("c", took: 300)]
    let kept = try #require(session(Memory(), done).1)
    // Through the file's text: the next program hashes in other ways.
    let memory = Memory(kept.text)
    #expect(memory.ignored == 0)
    var running = job("d")
    running.status.startTime = now - .seconds(11 * 60)
    running.status.active = 1
    var (next, _) = session(memory, [running])
    let item = try #require(next.store.job("d"))
    #expect(next.store.history(of: item).median == .seconds(240))
    #expect(next.store.history(of: item).isExceeded(by: .seconds(11 * 60)))
    _ = next.render(Size(columns: 120, rows: 40))
    // The same runs, told once more, are not counted twice.
    _ = next.handle(.changes(done.map { Change(verb: .added, object: .job($0), version: 2) }))
    #expect(next.store.history(of: item).count == 3)
    // Other work is other work, and so is that of a simulation.
    var other = job("e", command: "other")
    other.status.active = 1
    let (third, _) = session(memory, [other])
    #expect(try third.store.history(of: #require(third.store.job("e"))).count == 0)
    let (simulated, _) = session(memory, scope: "simulated", [running])
    #expect(try simulated.store.history(of: #require(simulated.store.job("d"))).count == 0)
  }

  /// FNV-1a's own figures: another hash would forget everything at once.
  @Test func digestsAreTheSameInEveryProcess() throws {
    #expect(Digest.of("") == 0xCBF2_9CE4_8422_2325 && Digest.of("foobar") == 0x8594_4171_F739_67E8)
    let digest = WorkDigest(job("a"), scope: "")
    #expect(WorkDigest(job("b"), scope: "") == digest && WorkDigest(digest.text) == digest)
    #expect(WorkDigest(job("a", command: "x"), scope: "") != digest && WorkDigest(job("a"), scope: "s") != digest)
    #expect(WorkDigest("g" + digest.text.dropFirst()) == nil && WorkDigest("+\(digest.text.dropFirst())") == nil)
  }

  @Test func howCronJobsRunsEndedOutlivesTheProgram() throws {
    var jobs = (0..<12).map { number in
      var job = finished("nightly-\(number)", took: 10, ago: 12_000 - number * 1_000)
      job.metadata.creationTimestamp = now - .seconds(12_010 - number * 1_000)
      var owner = OwnerReference()
      (owner.kind, owner.name, owner.uid, owner.controller) = ("CronJob", "nightly", "cron-uid", true)
      job.metadata.ownerReferences = [owner]
      return job
    }
    jobs[3].status.conditions = [Condition("Failed", true, reason: "", message: "", at: now)]
    let memory = Memory(try #require(session(Memory(), jobs).1).text)
    let (next, _) = session(memory)
    #expect(next.store.pastRuns.of("cron-uid").map(\.name) == (2..<12).map { "nightly-\($0)" })
    #expect(next.store.pastRuns.of("cron-uid").map(\.hasFailed) == [false, true] + Array(repeating: false, count: 8))
  }

  @Test func itIsBoundedAndTheLatestStay() throws {
    let jobs = (0..<1_500).map { finished("j\($0)", command: "work \($0)", took: 10, ago: 5_000 - $0) }
    let memory = Memory(try #require(session(Memory(), jobs).1).text)
    #expect(memory.runs.works.count == RunMemory.limit && memory.ignored == 0)
    #expect(memory.runs.works[WorkDigest(jobs[1_499], scope: "")] != nil)
    #expect(memory.runs.works[WorkDigest(jobs[0], scope: "")] == nil)
    let many = (0..<50).map { finished("m\($0)", took: 10 + $0, ago: 5_000 - $0) }
    let runs = Memory(try #require(session(Memory(), many).1).text).runs
    #expect(runs.works.values.map(\.count) == [RunHistory.limit])
    // Written at most once a minute, and at the end.
    var (dashboard, _) = session(Memory(), many)
    #expect(dashboard.memoryAtEnd == nil)
    let commands = dashboard.handle(
      .changes([Change(verb: .added, object: .job(finished("late", took: 1)), version: 3)]))
    #expect(!commands.contains { if case .keep = $0 { true } else { false } })
    #expect(dashboard.memoryAtEnd?.runs.works.count == 1)
  }

  @Test(arguments: [
    "work", "work x", "work 0123456789abcdef0123456789abcdef", "work 0123456789abcdef0123456789abcdef 1:2",
    "work 0123456789abcdef0123456789abcdef 0123456789abcdef:99999999999999999999:1",
    "work 0123456789abcdef0123456789abcdef 0123456789abcdef:5:-1",
    "work 0123456789abcdef0123456789abcdef 0123456789abcdef:5:9223372036854775807",
    "work 0123456789abcdef0123456789abcdef 0123456789abcdef:5:6 0123456789ab", "cron", "cron u", "cron u a:1",
    "cron u a:1:maybe", "cron u a:9:failed b:1:complete", "cron u \u{1B}[2J:x:failed",
  ])
  func linesThatAreTornAreLeftOut(_ line: String) {
    let memory = Memory(line + "\ncommand pods\n")
    #expect(memory.ignored == 1 && memory.runs == RunMemory() && memory.history == ["pods"])
  }

  /// Any bytes are survived, and what was read can be written and read again.
  @Test func garbageIsSurvived() throws {
    let text = try #require(session(Memory(), [finished("a", took: 60), finished("b", took: 70)]).1).text
    var random = SplitMix(seed: 3)
    for _ in 0..<2_000 {
      var bytes = Array(text.utf8)
      for _ in 0..<(1 + random.next() % 4) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 128)
      }
      let memory = Memory(String(decoding: bytes.prefix(Int(random.next() % UInt64(bytes.count + 1))), as: UTF8.self))
      #expect(Memory(memory.text).runs == memory.runs)
    }
  }

  /// Names that no cluster of good faith gives don't become lines of their own.
  @Test func namesDoNotSteerTheFile() {
    var runs = RunMemory()
    runs.cronJobs["u"] = [PastRuns.Run(name: "a\ncommand q", created: now, hasFailed: true)]
    runs.cronJobs["v\nhide-completed"] = [PastRuns.Run(name: "a", created: now, hasFailed: true)]
    var memory = Memory()
    memory.runs = runs
    #expect(Memory(memory.text).history.isEmpty && !Memory(memory.text).hidesCompleted)
  }
}
