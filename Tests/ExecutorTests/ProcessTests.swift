import Executor
import Foundation
import Glibc
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ProcessTests {
  @Test(arguments: [0, 1, 42, 255])
  func exitCodeIsReported(code: Int) async throws {
    try await Harness.with { harness in
      let before = now()
      let exit = try #require(await harness.run("exit \(code)").exit)
      #expect(exit.exitCode == code)
      #expect(exit.signal == 0)
      #expect(exit.startedAt >= before)
      #expect(exit.finishedAt > exit.startedAt)
      #expect(exit.finishedAt <= now())
      #expect(harness.reports.count == 2)
      #expect(
        harness.reports.first
          == .started(ContainerID(podUID: "uid-pod", container: "main", attempt: 0), at: exit.startedAt))
    }
  }

  @Test(arguments: [SIGKILL, SIGTERM, SIGSEGV])
  func signalIsReported(signal: Int32) async throws {
    try await Harness.with { harness in
      let exit = try #require(await harness.run("ulimit -c 0; kill -\(signal) $$").exit)
      #expect(exit.exitCode == 128 + Int(signal))
      #expect(exit.signal == Int(signal))
    }
  }

  @Test func programThatIsNotFoundIsAStartError() async throws {
    try await Harness.with { harness in
      let missing = await harness.end(of: harness.start(["no-such-program"]))
      #expect(
        missing
          == .failed(
            reason: "StartError",
            message: "failed to create containerd task: exec: \"no-such-program\": executable file not found in $PATH",
            exitCode: 128))
      let path = await harness.end(of: harness.start(["/no/such/program"], pod: "b"))
      #expect(path.message.hasSuffix("exec: \"/no/such/program\": stat /no/such/program: no such file or directory"))
      let directory = await harness.end(of: harness.start(["/etc"], pod: "c"))
      #expect(directory.message.hasSuffix("exec: \"/etc\": permission denied"))
      let hostile = await harness.end(of: harness.start(["\u{1B}[2Jx"], pod: "d"))
      #expect(hostile.message.contains("\"\\x1b[2Jx\""))
      let zero = await harness.end(of: harness.start(["a\0b"], pod: "e"))
      #expect(zero.code == 128)
      #expect(!harness.reports.contains { if case .started = $0 { true } else { false } })
    }
  }

  @Test func fileThatIsNoProgramIsAStartError() async throws {
    try await Harness.with { harness in
      let script = harness.directory + "/script"
      let file = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
      _ = write(file, "\u{7F}nonsense", 9)
      close(file)
      let ending = await harness.end(of: harness.start([script]))
      #expect(ending.message.hasSuffix("exec format error"))
      #expect(ending.code == 128)
    }
  }

  /// What upstream's tests have their busybox run; dash takes `[[` for a program.
  @Test(arguments: ["sh", "/bin/sh"])
  func shellIsTheOneOfBusyboxWhereTheImageIs(shell: String) async throws {
    try await Harness.with { harness in
      let script = "if [[ -r /etc/passwd ]] ; then exit 7 ; else exit 8 ; fi"
      for (number, image) in ["busybox", "registry:5000/library/busybox:1.36@sha256:00", "alpine:3"].enumerated() {
        let id = harness.start([shell, "-c", script], pod: "p\(number)", image: image)
        #expect(await harness.end(of: id).code == 7)
      }
      // Another image's is the machine's own, and another program stays what it is.
      let own = harness.start([shell, "-c", "readlink /proc/$$/exe"], pod: "own", image: "my-busybox:1")
      #expect(await harness.end(of: own).code == 0)
      let text = try await harness.text(own).joined()
      #expect(!text.hasSuffix("busybox"))
      let other = harness.start(["/usr/bin/env", "true"], pod: "other", image: "busybox")
      #expect(await harness.end(of: other).code == 0)
    }
  }

  @Test func programThatIsStillBeingWrittenIsWaitedForButNotForEver() async throws {
    try await Harness.with { harness in
      let script = harness.directory + "/script"
      let file = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
      _ = write(file, "#!/bin/sh\n", 10)
      let busy = await harness.end(of: harness.start([script]))
      #expect(busy.message.hasSuffix("text file busy"))
      #expect(busy.code == 128)
      // Closed while the runtime tries.
      Thread.detachNewThread {
        usleep(20_000)
        close(file)
      }
      let id = harness.start([script], pod: "b")
      #expect(await harness.end(of: id).code == 0)
    }
  }

  @Test func badWorkingDirectoryIsAStartError() async throws {
    try await Harness.with { harness in
      let ending = await harness.end(of: harness.start(["true"], workingDirectory: "/no/such"))
      #expect(ending.message.contains("chdir to cwd (\"/no/such\")"))
      #expect(ending.code == 128)
    }
  }

  @Test func environmentIsTheManifestsOverABase() async throws {
    try await Harness.with { harness in
      setenv("EXECUTOR_TEST_SECRET", "leaked", 1)
      let id = harness.start(
        ["env"], pod: "web-0",
        environment: [
          EnvVar(name: "A", value: "1"), EnvVar(name: "A", value: "2"), EnvVar(name: "LINES", value: "x\ny"),
        ])
      #expect(await harness.end(of: id).code == 0)
      let text = try await harness.text(id)
      #expect(text.contains("A=2"))
      #expect(!text.contains("A=1"))
      #expect(text.contains("HOSTNAME=web-0"))
      #expect(text.contains("JOBDECK_POD_UID=uid-web-0"))
      #expect(text.contains("LINES=x") && text.contains("y"))
      #expect(text.contains { $0.hasPrefix("PATH=") })
      #expect(!text.contains { $0.contains("leaked") })
    }
  }

  @Test func programIsLookedUpInTheContainersPath() async throws {
    try await Harness.with { harness in
      let program = harness.directory + "/tool"
      let file = open(program, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
      _ = write(file, "#!/bin/sh\necho mine", 19)
      close(file)
      let id = harness.start(["tool"], environment: [EnvVar(name: "PATH", value: "/nowhere:" + harness.directory)])
      #expect(await harness.end(of: id).code == 0)
      let text = try await harness.text(id)
      #expect(text == ["mine"])
      let relative = harness.start(["./tool"], pod: "b", workingDirectory: harness.directory)
      #expect(await harness.end(of: relative).code == 0)
    }
  }

  @Test func processStartsClean() async throws {
    try await Harness.with { harness in
      signal(SIGPIPE, SIG_IGN)
      let id = harness.sh(
        """
        ls /proc/self/fd | wc -l; readlink /proc/self/fd/0; grep -E 'SigBlk|SigIgn' /proc/self/status
        cut -d' ' -f5,6 /proc/$$/stat; echo $$; ulimit -n; pwd
        """)
      _ = await harness.end(of: id)
      let text = try await harness.text(id)
      try #require(text.count == 8)
      // 0, 1, 2 and the directory that ls reads.
      #expect(text[0] == "4")
      #expect(text[1] == "/dev/null")
      #expect(text[2] == "SigBlk:\t0000000000000000")
      #expect(text[3] == "SigIgn:\t0000000000000000")
      // Its own process group and session.
      #expect(text[4] == "\(text[5]) \(text[5])")
      #expect(text[7] == FileManagerFree.currentDirectory)
    }
  }

  @Test func twoThousandProcessesLeaveNothingBehind() async throws {
    try await Harness.with { harness in
      _ = await harness.run("true", pod: "warm-up")
      let before = openFiles()
      var ids: [ContainerID] = []
      for number in 0..<2000 { ids.append(harness.start(["true"], pod: "pod-\(number)")) }
      for id in ids { #expect(await harness.end(of: id).code == 0) }
      // Other tests run at the same time: they hold some.
      #expect(openFiles() < before + 200)
      #expect(harness.reports.count == 4002)
      // A pod that wrote nothing has no directory.
      #expect(access(harness.directory + "/logs", F_OK) != 0)
    }
  }

  @Test func reportsOfAContainerComeInOrder() async throws {
    try await Harness.with { harness in
      let ids = (0..<50).map { harness.sh("exit \($0 % 3)", pod: "pod-\($0)") }
      for id in ids { _ = await harness.end(of: id) }
      for id in ids {
        let own = harness.reports.filter { $0.container == id }
        try #require(own.count == 2)
        if case .started = own[0] {} else { Issue.record("\(own)") }
        if case .exited = own[1] {} else { Issue.record("\(own)") }
      }
    }
  }

  @Test func usageIsSampled() async throws {
    try await Harness.with({ $0.sampleInterval = .milliseconds(100) }) { harness in
      let id = harness.sh("echo on; while :; do :; done", pod: "busy")
      try await harness.waitForLine("on", in: id)
      let clock = ContinuousClock()
      let limit = clock.now + .seconds(40)
      // One busy core; over 100 ms the kernel's ticks of 10 ms make the figure coarse, and a sample that was taken late
      // on a busy machine may be far off: the next one is not.
      let plausible = 50...2000
      while !plausible.contains(harness.runtime.usage()["uid-busy"]?.milliCPU ?? 0), clock.now < limit {
        await Task.yield()
      }
      let usage = try #require(harness.runtime.usage()["uid-busy"])
      #expect(plausible.contains(usage.milliCPU))
      #expect(usage.memory > 100_000)
      let machine = harness.runtime.machineUsage()
      #expect(machine.processors > 0)
      #expect(machine.totalMemory > machine.availableMemory)
    }
  }
}

func now() -> Instant {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}

func openFiles() -> Int {
  var count = 0
  guard let directory = opendir("/proc/self/fd") else { return 0 }
  while readdir(directory) != nil { count += 1 }
  closedir(directory)
  return count
}

enum FileManagerFree {
  static var currentDirectory: String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }
}
