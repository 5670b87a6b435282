import Executor
import Glibc
import KubeModel
import Testing
import Threading

@Suite(.timeLimit(.minutes(5)))
struct ProbeTests {
  private func probe(
    _ harness: Harness, _ id: ContainerID, _ command: [String], timeout: Duration = .seconds(20)
  ) async -> ProbeOutcome? {
    await probe(harness, id, action: .exec(command), timeout: timeout)
  }

  private func probe(
    _ harness: Harness, _ id: ContainerID, action: ProbeAction, timeout: Duration = .seconds(20)
  ) async -> ProbeOutcome? {
    let before = harness.reports.count
    harness.runtime.carryOut([.probe(ProbeOrder(container: id, kind: .readiness, action: action, timeout: timeout))])
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
            container: id, kind: .liveness, action: .exec(["sh", "-c", "echo $$ > \(path); exec sleep 1000"]),
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

  @Test func connectionsAndPages() async throws {
    try await Harness.with { harness in
      let id = harness.sandboxed("echo on; exec sleep 1000") { $0.hasProbes = true }
      try await harness.waitForLine("on", in: id)
      func get(_ port: Int, _ timeout: Duration = .seconds(20)) -> ProbeAction {
        .httpGet(host: "127.0.0.1", port: port, path: "/healthz", headers: [EnvVar(name: "X", value: "a\r\nb")])
      }
      for (status, outcome) in [
        ("200 OK", ProbeOutcome.success), ("302 Found", .success),
        ("503 Service Unavailable", .failure("HTTP probe failed with statuscode: 503")),
      ] {
        let server = try Server(answer: "HTTP/1.1 \(status)\r\n\r\n")
        #expect(await probe(harness, id, action: .tcpSocket(host: "127.0.0.1", port: server.port)) == .success)
        #expect(await probe(harness, id, action: get(server.port)) == outcome)
      }
      let silent = try Server(answer: nil)
      let url = "http://127.0.0.1:\(silent.port)/healthz"
      #expect(
        await probe(harness, id, action: get(silent.port), timeout: .milliseconds(100))
          == .failure(
            "Get \"\(url)\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"))
      // Nobody listens on what was just given back.
      let port = try Server(answer: nil).port
      #expect(
        await probe(harness, id, action: .tcpSocket(host: "127.0.0.1", port: port))
          == .failure("dial tcp 127.0.0.1:\(port): connect: connection refused"))
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

@Suite(.timeLimit(.minutes(5)))
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

/// Listens on a port of its own, and gives everyone the same answer, or none.
private final class Server: Sendable {
  let port: Int
  private let listener: Int32

  init(answer: String?) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    try #require(bound)
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    guard let answer else { return }
    try startThread(name: "test-server") {
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        if read(client, &buffer, buffer.count) > 0 { _ = answer.withCString { write(client, $0, strlen($0)) } }
        close(client)
      }
    }
  }

  deinit {
    // Ends a thread that waits there.
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }
}
