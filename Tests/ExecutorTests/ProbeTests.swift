import Executor
import Glibc
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ProbeTests {
  private func probe(
    _ harness: Harness, _ id: ContainerID, _ command: [String], timeout: Duration = .seconds(20)
  ) async -> ProbeOutcome? {
    let before = harness.reports.count
    harness.runtime.carryOut([.probe(ProbeOrder(container: id, kind: .readiness, command: command, timeout: timeout))])
    let clock = ContinuousClock()
    let limit = clock.now + .seconds(30)
    while clock.now < limit {
      for case .probed(id, .readiness, let outcome) in harness.reports.dropFirst(before) { return outcome }
      try? await Task.sleep(for: .milliseconds(2))
    }
    return nil
  }

  @Test func outcomesAreTold() async throws {
    try await Harness.with { harness in
      let id = harness.sandboxed("echo on; exec sleep 1000") { start in
        start.environment = [EnvVar(name: "COLOUR", value: "green")]
        start.hasProbes = true
      }
      try await harness.waitForLine("on", in: id)
      #expect(await probe(harness, id, ["sh", "-c", "test $COLOUR = green"]) == .success)
      #expect(await probe(harness, id, ["sh", "-c", "echo out; echo err >&2; exit 3"]) == .failure("out\nerr\n"))
      let long = await probe(harness, id, ["sh", "-c", "yes | head -c 300000; exit 1"])
      guard case .failure(let text) = long else {
        Issue.record("\(String(describing: long))")
        return
      }
      #expect(text.utf8.count == 10 << 10)
      #expect(
        await probe(harness, id, ["sh", "-c", "sleep 100"], timeout: .milliseconds(100))
          == .failure("command timed out: \"sh -c sleep 100\" timed out after 100ms"))
      let missing = await probe(harness, id, ["no-such-program"])
      #expect(
        missing
          == .error(
            "failed to create containerd task: exec: \"no-such-program\": executable file not found in $PATH"))
      // Its words are no part of the log.
      harness.stop("pod", grace: .zero)
      _ = await harness.end(of: id)
      #expect(await harness.said(id) == ["on"])
    }
  }

  @Test func probeEndsWithItsContainer() async throws {
    try await Harness.with { harness in
      let path = harness.directory + "/pid"
      let id = harness.sandboxed("echo on; exec sleep 1000") { $0.hasProbes = true }
      try await harness.waitForLine("on", in: id)
      harness.runtime.carryOut([
        .probe(
          ProbeOrder(
            container: id, kind: .liveness, command: ["sh", "-c", "echo $$ > \(path); exec sleep 1000"],
            timeout: .seconds(1000)))
      ])
      let clock = ContinuousClock()
      let limit = clock.now + .seconds(20)
      while contents(of: path).isEmpty, clock.now < limit { try await Task.sleep(for: .milliseconds(2)) }
      let text = String(decoding: contents(of: path), as: UTF8.self).split(separator: "\n").first
      let pid = try #require(text.flatMap { Int32($0) })
      harness.runtime.carryOut([.stopContainer(id, gracePeriod: .zero)])
      #expect(await harness.end(of: id).code == 137)
      await harness.runtime.shutDown(grace: .zero)
      #expect(!exists(pid))
      #expect(!harness.reports.contains { if case .probed = $0 { true } else { false } })
    }
  }

  @Test(.needsBubblewrap) func probeSeesTheContainersVolumes() async throws {
    try await Harness.with { harness in
      let id = harness.sandboxed(
        "echo ready > /data/state; echo on; exec sleep 1000",
        volumes: [PodVolume(name: "d", content: .emptyDirectory)],
        mounts: [ContainerMount(volume: "d", mountPath: "/data")]
      ) { $0.hasProbes = true }
      try await harness.waitForLine("on", in: id)
      #expect(await probe(harness, id, ["grep", "-q", "ready", "/data/state"]) == .success)
      #expect(await probe(harness, id, ["cat", "/data/none"]) != .success)
    }
  }

  @Test func oneContainerOfAPodIsStopped() async throws {
    try await Harness.with { harness in
      let first = harness.sh("echo on; exec sleep 1000", container: "a")
      let second = harness.sh("echo on; exec sleep 1000", container: "b")
      try await harness.waitForLine("on", in: first)
      try await harness.waitForLine("on", in: second)
      harness.runtime.carryOut([.stopContainer(first, gracePeriod: .seconds(60))])
      #expect(await harness.end(of: first).code == 143)
      #expect(!harness.reports.contains { if case .exited(second, _) = $0 { true } else { false } })
    }
  }
}

@Suite(.timeLimit(.minutes(1)))
struct LastWordsTests {
  @Test(.needsBubblewrap) func messageFileIsRead() async throws {
    try await Harness.with { harness in
      let id = harness.sandboxed("echo no space left > /dev/termination-log; test -c /dev/null; exit 3") {
        $0.terminationMessagePath = "/dev/termination-log"
      }
      let exit = try #require(await harness.end(of: id).exit)
      #expect(exit.exitCode == 3)
      #expect(exit.message == "no space left\n")
      let long = harness.sandboxed("yes 12345678901234567890 | head -c 10000 > /somewhere/words", pod: "long") {
        $0.terminationMessagePath = "/somewhere/words"
      }
      #expect(await harness.end(of: long).message.utf8.count == 4096)
      let invalid = harness.sandboxed("printf 'a\\377b\\303' > /somewhere/words", pod: "invalid") {
        $0.terminationMessagePath = "/somewhere/words"
      }
      #expect(await harness.end(of: invalid).message == "a\u{FFFD}b\u{FFFD}")
      #expect(access("/somewhere", F_OK) != 0)
    }
  }

  @Test func logIsTakenOnError() async throws {
    try await Harness.with { harness in
      func run(_ script: String, _ pod: String) async -> Ending {
        await harness.end(of: harness.sandboxed(script, pod: pod) { $0.takesMessageFromLog = true })
      }
      #expect(await run("echo one; echo two >&2; exit 1", "a").message == "one\ntwo\n")
      #expect(await run("echo fine", "b").message.isEmpty)
      #expect(await run("seq 1 200; exit 1", "c").message == (121...200).map { "\($0)\n" }.joined())
      let long = await run("yes 1234567890123456789012345678901234567890123456789 | head -n 100; exit 1", "d")
      #expect(long.message.utf8.count == 2048)
      #expect(await run("exit 1", "e").message.isEmpty)
    }
  }

  @Test func memoryLimitIsKept() async throws {
    try await Harness.with({ $0.sampleInterval = .milliseconds(100) }) { harness in
      // A shell variable that grows without end.
      let id = harness.sandboxed("x=0123456789abcdef; while :; do x=$x$x; done") { $0.memoryLimit = 64 << 20 }
      let exit = try #require(await harness.end(of: id).exit)
      #expect(exit.exitCode == 137)
      #expect(exit.reason == "OOMKilled")
      let modest = harness.sandboxed("sleep 0.5", pod: "modest") { $0.memoryLimit = 64 << 20 }
      #expect(await harness.end(of: modest).code == 0)
    }
  }
}
