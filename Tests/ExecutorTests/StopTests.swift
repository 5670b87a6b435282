import Executor
import Glibc
import KubeModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct StopTests {
  @Test func stopTerminates() async throws {
    try await Harness.with { harness in
      let id = harness.sh("echo on; exec sleep 1000")
      try await harness.waitForLine("on", in: id)
      harness.stop("pod", grace: .seconds(600))
      let exit = try #require(await harness.end(of: id).exit)
      #expect(exit.exitCode == 143)
      #expect(exit.signal == 15)
    }
  }

  @Test func stopLetsAProcessFinishInItsOwnWay() async throws {
    try await Harness.with { harness in
      let id = harness.sh("trap 'echo bye; exit 7' TERM; echo on; while :; do sleep 0.01; done")
      try await harness.waitForLine("on", in: id)
      harness.stop("pod", grace: .seconds(600))
      #expect(await harness.end(of: id).code == 7)
      // The shell may also say that its sleep was terminated.
      let text = try await harness.text(id)
      #expect(text.contains("bye"))
    }
  }

  @Test func killAfterTheGracePeriod() async throws {
    try await Harness.with { harness in
      let id = harness.sh("trap '' TERM; echo on; while :; do sleep 0.01; done")
      try await harness.waitForLine("on", in: id)
      let before = now()
      harness.stop("pod", grace: .milliseconds(200))
      let exit = try #require(await harness.end(of: id).exit)
      #expect(exit.exitCode == 137)
      #expect(exit.finishedAt - before >= .milliseconds(200))
      #expect(exit.finishedAt - before < .seconds(60))
    }
  }

  @Test(arguments: [Duration.zero, .milliseconds(50)])
  func shorterGracePeriodWins(grace: Duration) async throws {
    try await Harness.with { harness in
      let id = harness.sh("trap '' TERM; echo on; while :; do sleep 0.01; done")
      try await harness.waitForLine("on", in: id)
      harness.stop("pod", grace: .seconds(3000))
      harness.stop("pod", grace: grace)
      harness.stop("pod", grace: .seconds(3000))
      #expect(await harness.end(of: id).code == 137)
    }
  }

  @Test func stopReachesTheWholeGroupAndAllContainers() async throws {
    try await Harness.with { harness in
      let first = harness.sh("sleep 1001 & sleep 1002 & echo on; wait", container: "a")
      let second = harness.sh("echo on; exec sleep 1003", container: "b")
      try await harness.waitForLine("on", in: first)
      try await harness.waitForLine("on", in: second)
      harness.stop("pod", grace: .seconds(600))
      #expect(await harness.end(of: first).code == 143)
      #expect(await harness.end(of: second).code == 143)
    }
  }

  @Test func stopOfNothingIsNoOp() async throws {
    try await Harness.with { harness in
      harness.stop("nobody", grace: .zero)
      harness.stop("pod", grace: .zero)
      #expect(await harness.run("exit 3").code == 3)
      harness.stop("pod", grace: .zero)
      #expect(await harness.run("exit 4", attempt: 1).code == 4)
    }
  }

  @Test func stopOvertakesAStartThatWaits() async throws {
    try await Harness.with { harness in
      func start(_ pod: String) -> (ContainerID, Effect) {
        let id = ContainerID(podUID: pod, container: "main", attempt: 0)
        return (
          id,
          .start(
            ContainerStart(
              id: id, namespace: "default", podName: pod, nodeName: "n", image: "", command: ["sleep", "1000"]))
        )
      }
      let (id, effect) = start("late")
      harness.runtime.carryOut([effect, .stop(podUID: "late", gracePeriod: .seconds(30))])
      let ending = await harness.end(of: id)
      #expect(ending.code == 137)
      #expect(
        ending
          == .failed(
            reason: "ContainerStatusUnknown",
            message: "The container could not be located when the pod was terminated", exitCode: 137))
    }
  }

  @Test func backgroundProcessesDieWithTheMainOne() async throws {
    try await Harness.with { harness in
      let id = harness.sh("sleep 1000 & echo $!; exit 0")
      #expect(await harness.end(of: id).code == 0)
      let pid = try #require(Int32(try await harness.text(id)[0]))
      #expect(!exists(pid))
    }
  }

  @Test func processesThatEscapedWithSetsidDieToo() async throws {
    try await Harness.with { harness in
      // A double fork into a session of its own that keeps stdout, and one that doesn't.
      let id = harness.sh(
        """
        export f=$(mktemp)
        (setsid sh -c 'echo $$ >>$f; exec sleep 1000' &)
        (setsid sh -c 'echo $$ >>$f; exec sleep 1000 >/dev/null 2>&1' &)
        (setsid sh -c 'echo $$ >>$f; (setsid sh -c "echo \\$\\$ >>$f; exec sleep 1000" &) ; exec sleep 1000' &)
        while [ $(wc -l <$f) -lt 4 ]; do sleep 0.01; done
        cat $f
        rm $f
        """)
      #expect(await harness.end(of: id).code == 0)
      let pids = try await harness.text(id).compactMap { Int32($0) }
      #expect(pids.count == 4)
      for pid in pids { #expect(!exists(pid)) }
    }
  }

  /// One that was adopted before its container ended goes with it as well, whatever else runs.
  @Test func processesThatEscapedEarlyDieToo() async throws {
    try await Harness.with { harness in
      let other = harness.sh("exec sleep 1000", pod: "other")
      let id = harness.sh(
        """
        (setsid sh -c 'echo $$; trap "" TERM; exec sleep 1000' &)
        sleep 2.5
        """)
      // Longer than until the next look for orphans.
      #expect(await harness.end(of: id).code == 0)
      let pid = try #require(Int32(try await harness.text(id)[0]))
      #expect(!exists(pid))
      harness.stop("other", grace: .zero)
      _ = await harness.end(of: other)
    }
  }

  /// In a process of its own: it is the environment of all of it.
  @Test func whatIsBesideContainersIsLeftAlone() async {
    await #expect(processExitsWith: .success) {
      setenv(ProcessRuntime.besideVariable, "1", 1)
      try await Harness.with { harness in
        let path = harness.directory + "/pid"
        // As an editor that leaves its window open.
        system("(setsid sh -c 'echo $$ >\(path); exec sleep 1000' &)")
        while contents(of: path).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let pid = try #require(
          String(decoding: contents(of: path), as: UTF8.self).split(separator: "\n").first.flatMap { Int32($0) })
        defer { kill(pid, SIGKILL) }
        for number in 0..<3 { #expect(await harness.run("exit 0", pod: "pod-\(number)").code == 0) }
        #expect(isAlive(pid))
        await harness.runtime.shutDown(grace: .zero)
        #expect(isAlive(pid))
      }
    }
  }

  /// A process shows no environment while it loads a program, here for 50 ms: whose it is shows afterwards, and until
  /// then it is nobody's to kill.
  @Test func processBetweenTwoProgramsIsNotTakenForNobodys() async throws {
    try await Harness.with { other in
      try await Harness.with { harness in
        let id = harness.sh(
          """
          export f=$(mktemp -u)
          (env -i setsid sh -c '
            sleep 0.05
            unset PWD
            exec env JOBDECK_RUNTIME=$1 JOBDECK_POD_UID=$2 JOBDECK_CONTAINER=$3 sh -c "echo \\$\\$ >$4; exec sleep 1000"
          ' sh $JOBDECK_RUNTIME $JOBDECK_POD_UID $JOBDECK_CONTAINER $f &)
          n=0
          until [ -s $f ] || [ $n = 500 ]; do sleep 0.01; n=$((n + 1)); done
          cat $f
          rm -f $f
          """)
        // Each end has the other runtime look for orphans while it has no container.
        let log = harness.log(id, LogReadOptions(follow: true))
        async let ends: Void = {
          for number in 0..<40 {
            _ = await other.run("exit 0", pod: "pod-\(number)")
            try? await Task.sleep(for: .milliseconds(5))
          }
        }()
        var text: [String] = []
        for try await batch in log { text += batch.map(\.text) }
        await ends
        #expect(await harness.end(of: id).code == 0)
        let pid = try #require(text.first.flatMap { Int32($0) })
        #expect(!exists(pid))
      }
    }
  }

  /// In a process of its own: to the runtimes of other tests a process without marks belongs to nobody.
  @Test func escapedProcessWithoutMarksCannotHoldTheEndUp() async {
    await #expect(processExitsWith: .success) {
      try await Harness.with { harness in
        let id = harness.sh("(env -i setsid sh -c 'echo $$; exec sleep 1000' &); sleep 1; echo done")
        let other = harness.sh("exec sleep 1000", pod: "other")
        let exit = try #require(await harness.end(of: id).exit)
        #expect(exit.exitCode == 0)
        let text = try await harness.text(id)
        #expect(text.last == "done")
        let pid = try #require(Int32(text[0]))
        harness.stop("other", grace: .zero)
        _ = await harness.end(of: other)
        await harness.runtime.shutDown(grace: .zero)
        #expect(!exists(pid))
      }
    }
  }

  @Test func startAfterShutDownIsNotFollowed() async throws {
    let harness = try Harness()
    await harness.runtime.shutDown(grace: .zero)
    let id = harness.sh("echo on")
    let lines = try await harness.lines(id, LogReadOptions(follow: true))
    #expect(lines.isEmpty)
    #expect(harness.reports.isEmpty)
  }

  @Test func manyRunAtOnceAndStopAtOnce() async throws {
    try await Harness.with { harness in
      let ids = (0..<300).map { harness.start(["sleep", "1000"], pod: "pod-\($0)") }
      for number in ids.indices { harness.stop("pod-\(number)", grace: .seconds(30)) }
      for id in ids {
        let ending = await harness.end(of: id)
        // Stopped while it ran, or before its turn had come.
        #expect(ending.code == 143 || ending.code == 137)
      }
      #expect(harness.runtime.usage().count <= 300)
    }
  }

  @Test func shutDownEndsEverything() async throws {
    let harness = try Harness()
    let polite = harness.sh("echo on; exec sleep 1000", pod: "polite")
    let stubborn = harness.sh("trap '' TERM; echo on; while :; do sleep 0.01; done", pod: "stubborn")
    try await harness.waitForLine("on", in: polite)
    try await harness.waitForLine("on", in: stubborn)
    async let first: Void = harness.runtime.shutDown(grace: .milliseconds(100))
    async let second: Void = harness.runtime.shutDown(grace: .milliseconds(100))
    _ = await (first, second)
    #expect(await harness.end(of: polite).code == 143)
    #expect(await harness.end(of: stubborn).code == 137)
    await harness.runtime.shutDown(grace: .seconds(100))
  }
}
