import Executor
import Glibc
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct GuardianTests {
  /// The process numbers come through a file: an exit test runs in a process of its own.
  @Test func nothingSurvivesThatWhichStartedIt() async throws {
    let path = "/tmp/executor-guardian-test-\(getpid())"
    unlink(path)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let harness = try Harness()
      let plain = harness.sh("sleep 1000 & echo $! >> \(path); echo $$ >> \(path); echo on; exec sleep 1000")
      let escaped = harness.sh(
        """
        (setsid sh -c 'echo $$ >> \(path); echo on; exec sleep 1000' &)
        exec sleep 1000
        """, pod: "escaped")
      try await harness.waitForLine("on", in: plain)
      try await harness.waitForLine("on", in: escaped)
      system("rm -rf '\(harness.directory)'")
      kill(getpid(), SIGKILL)
    }
    await expectEnded(3, in: path)
  }
}

/// Expects that many processes in the file at `path`, a PID a line, and that all of them end soon; removes the file.
func expectEnded(_ count: Int, in path: String) async {
  let text = String(decoding: contents(of: path), as: UTF8.self)
  let pids = text.split(separator: "\n").compactMap { Int32($0) }
  #expect(pids.count == count)
  let clock = ContinuousClock()
  let limit = clock.now + .seconds(10)
  for pid in pids {
    while isAlive(pid), clock.now < limit { await Task.yield() }
    #expect(!isAlive(pid))
  }
  unlink(path)
}

/// Whether the process runs: whoever inherits it here may be slow to reap it.
func isAlive(_ pid: Int32) -> Bool {
  let stat = String(decoding: contents(of: "/proc/\(pid)/stat"), as: UTF8.self)
  return !stat.isEmpty && !stat.contains(") Z ")
}

func contents(of path: String) -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return [] }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = read(file, &bytes, bytes.count)
  return Array(bytes.prefix(max(0, count)))
}
