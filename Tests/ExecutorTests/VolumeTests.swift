import Glibc
import KubeModel
import Testing

@testable import Executor

@Suite(.timeLimit(.minutes(5)), .needsBubblewrap)
struct VolumeTests {
  private let data = PodVolume(name: "data", content: .emptyDirectory)
  private let atData = ContainerMount(volume: "data", mountPath: "/data")

  @Test func emptyDirIsSharedAndSurvivesRestartsAndGoesWithThePod() async throws {
    try await Harness.with { harness in
      let writer = harness.sandboxed("echo one > /data/file", container: "a", volumes: [data], mounts: [atData])
      #expect(await harness.end(of: writer).code == 0)
      let reader = harness.sandboxed(
        "cat /mnt/deep/er/file; echo two > /mnt/deep/er/file", container: "b", volumes: [data],
        mounts: [ContainerMount(volume: "data", mountPath: "/mnt/deep/er")])
      #expect(await harness.end(of: reader).code == 0)
      let again = harness.sandboxed("cat /data/file", container: "a", attempt: 1, volumes: [data], mounts: [atData])
      #expect(await harness.end(of: again).code == 0)
      let other = harness.sandboxed("ls /data", pod: "other", volumes: [data], mounts: [atData])
      #expect(await harness.end(of: other).code == 0)
      #expect(await harness.said(reader) == ["one"])
      #expect(await harness.said(again) == ["two"])
      #expect(await harness.said(other).isEmpty)

      let directory = harness.directory + "/logs-pods/uid-pod"
      #expect(access(directory, F_OK) == 0)
      harness.runtime.carryOut([.remove(podUID: "uid-pod", namespace: "default", podName: "pod")])
      let clock = ContinuousClock()
      let limit = clock.now + .seconds(20)
      while access(directory, F_OK) == 0, clock.now < limit { try await Task.sleep(for: .milliseconds(2)) }
      #expect(access(directory, F_OK) != 0)
    }
  }

  /// Upstream's own job that fails once (test/e2e/framework/job), word for word: busybox knows `[[`.
  @Test func aJobOfUpstreamThatFailsOnceSucceedsTheSecondTime() async throws {
    try await Harness.with { harness in
      for (attempt, code) in [1, 0].enumerated() {
        let id = harness.sandboxed(
          "if [[ -r /data/foo ]] ; then exit 0 ; else touch /data/foo ; exit 1 ; fi", attempt: attempt,
          volumes: [data], mounts: [atData]
        ) { $0.image = "registry.k8s.io/e2e-test-images/busybox:1.36.1-1" }
        #expect(await harness.end(of: id).code == code)
      }
    }
  }

  @Test func theMachineGetsNoMountPoints() async throws {
    try await Harness.with { harness in
      let path = "/etc/jobdeck-test-\(getpid())"
      let id = harness.sandboxed(
        "cat \(path)/a && test -e /etc/passwd && test -L /proc/self && echo x > /dev/null && ls -d /jobdeck-test",
        volumes: [PodVolume(name: "c", content: .files([VolumeFile(path: "a", bytes: Array("text\n".utf8))])), data],
        mounts: [
          ContainerMount(volume: "c", mountPath: path + "/"),
          ContainerMount(volume: "data", mountPath: "/jobdeck-test"),
        ])
      #expect(await harness.end(of: id).code == 0)
      #expect(await harness.said(id) == ["text", "/jobdeck-test"])
      #expect(access(path, F_OK) != 0)
      #expect(access("/jobdeck-test", F_OK) != 0)
    }
  }

  @Test func configurationFilesHaveTheirModesAndAreReadOnly() async throws {
    try await Harness.with { harness in
      func files(_ text: String) -> PodVolume {
        PodVolume(
          name: "c",
          content: .files([
            VolumeFile(path: "run.sh", bytes: Array("#!/bin/sh\necho \(text)\n".utf8), mode: 0o755),
            VolumeFile(path: "etc/secret", bytes: [1, 2, 255], mode: 0o400),
          ]))
      }
      let mount = ContainerMount(volume: "c", mountPath: "/config")
      let id = harness.sandboxed(
        """
        /config/run.sh; stat -c %a /config/run.sh /config/etc/secret; wc -c < /config/etc/secret; echo x > /config/new
        """,
        volumes: [files("first")], mounts: [mount])
      #expect(await harness.end(of: id).code != 0)
      #expect(await harness.said(id).prefix(4) == ["first", "755", "400", "3"])
      // The program may be in a volume.
      let program = harness.sandboxed("", attempt: 1, volumes: [files("second")], mounts: [mount]) {
        $0.command = ["/config/run.sh"]
      }
      #expect(await harness.end(of: program).code == 0)
      let kept = harness.sandboxed(
        "", attempt: 2, volumes: [PodVolume(name: "c", content: .earlierFiles)], mounts: [mount]
      ) {
        $0.command = ["./run.sh"]
        $0.workingDirectory = "/config"
      }
      #expect(await harness.end(of: kept).code == 0)
      #expect(await harness.said(program) == ["second"])
      #expect(await harness.said(kept) == ["second"])
    }
  }

  @Test func aWorkingDirectoryIsFoundBelowAMountWhoseNameIsNotASCII() throws {
    let plan = try SandboxPlan([.init(target: "/daté", source: "/srv/données", isReadOnly: false)])
    #expect(plan.outside("/daté") == "/srv/données")
    #expect(plan.outside("/daté/é/sub") == "/srv/données/é/sub")
    #expect(plan.outside("/datés") == "/datés")
  }

  @Test func subPathIsAPartOfTheVolumeAndNothingElse() async throws {
    try await Harness.with { harness in
      let volumes = [data, PodVolume(name: "c", content: .files([VolumeFile(path: "key", bytes: Array("v\n".utf8))]))]
      let id = harness.sandboxed(
        "echo in > /data/file; cat /config/only; ln -s /etc /all/link; cat /all/logs/main/file", volumes: volumes,
        mounts: [
          ContainerMount(volume: "data", mountPath: "/data", subPath: "logs/main"),
          ContainerMount(volume: "data", mountPath: "/all"),
          ContainerMount(volume: "c", mountPath: "/config/only", subPath: "key"),
        ])
      #expect(await harness.end(of: id).code == 0)
      #expect(await harness.said(id) == ["v", "in"])
      for path in ["link", "link/new", "../..", "/etc"] {
        let escaped = await harness.end(
          of: harness.sandboxed(
            "true", container: "escape", volumes: volumes,
            mounts: [ContainerMount(volume: "data", mountPath: "/data", subPath: path)]))
        #expect(
          escaped
            == .failed(
              reason: "CreateContainerConfigError",
              message: "failed to prepare subPath for volumeMount \"data\" of container \"escape\"", exitCode: 128))
        harness.forget(ContainerID(podUID: "uid-pod", container: "escape", attempt: 0))
      }
    }
  }

  @Test func readOnlyMountsAreReadOnly() async throws {
    try await Harness.with { harness in
      let id = harness.sandboxed(
        "touch /rw/a && ! touch /ro/b 2>/dev/null && ls /ro", volumes: [data],
        mounts: [
          ContainerMount(volume: "data", mountPath: "/ro", isReadOnly: true),
          ContainerMount(volume: "data", mountPath: "/rw"),
        ])
      #expect(await harness.end(of: id).code == 0)
      #expect(await harness.said(id) == ["a"])
    }
  }

  @Test func endsAreTheProgramsOwn() async throws {
    try await Harness.with { harness in
      func run(_ script: String, _ pod: String) -> ContainerID {
        harness.sandboxed(script, pod: pod, volumes: [data], mounts: [atData])
      }
      #expect(await harness.end(of: run("exit 42", "a")).code == 42)
      #expect(await harness.end(of: run("kill -KILL $$", "b")).code == 137)
      let polite = run("trap 'echo bye; exit 7' TERM; echo on; while :; do sleep 0.01; done", "c")
      try await harness.waitForLine("on", in: polite)
      harness.stop("c", grace: .seconds(60))
      #expect(await harness.end(of: polite).code == 7)
      #expect(await harness.said(polite).contains("bye"))
      let plain = run("echo on; exec sleep 1000", "d")
      try await harness.waitForLine("on", in: plain)
      harness.stop("d", grace: .seconds(60))
      #expect(await harness.end(of: plain).code == 143)
      let own = run("echo on; exec timeout 1000 sleep 1000", "e")
      try await harness.waitForLine("on", in: own)
      harness.stop("e", grace: .seconds(60))
      // Where the command leads a group of its own it hears of the end, too: 124 is how timeout tells of its own TERM.
      #expect([124, 143].contains(await harness.end(of: own).code))
      let stubborn = run("trap '' TERM; echo on; while :; do sleep 0.01; done", "f")
      try await harness.waitForLine("on", in: stubborn)
      harness.stop("f", grace: .milliseconds(100))
      #expect(await harness.end(of: stubborn).code == 137)
      let missing = await harness.end(
        of: harness.sandboxed("", pod: "g", volumes: [data], mounts: [atData]) { $0.command = ["no-such-program"] })
      #expect(
        missing.message
          == "failed to create containerd task: exec: \"no-such-program\": executable file not found in $PATH")
    }
  }

  @Test func nothingIsLeftBehind() async throws {
    try await Harness.with { harness in
      let id = harness.sandboxed(
        "sleep 1000 & echo $!; (setsid sh -c 'echo $$; exec sleep 1000' &); sleep 0.3; exit 0", volumes: [data],
        mounts: [atData])
      #expect(await harness.end(of: id).code == 0)
      let pids = try await harness.text(id).compactMap { Int32($0) }
      #expect(pids.count == 2)
      for pid in pids { #expect(!exists(pid)) }
    }
  }

  @Test func nothingSurvivesThatWhichStartedIt() async throws {
    let path = "/tmp/executor-sandbox-guardian-test-\(getpid())"
    unlink(path)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let harness = try Harness()
      let id = harness.sandboxed(
        "sleep 1000 & echo $! >> \(path); echo $$ >> \(path); echo on; exec sleep 1000",
        volumes: [PodVolume(name: "data", content: .emptyDirectory)],
        mounts: [ContainerMount(volume: "data", mountPath: "/data")])
      try await harness.waitForLine("on", in: id)
      system("rm -rf '\(harness.directory)'")
      kill(getpid(), SIGKILL)
    }
    await expectEnded(2, in: path)
  }

  @Test func manyAtOnceLeaveNoDescriptors() async throws {
    try await Harness.with { harness in
      _ = await harness.end(of: harness.sandboxed("true", pod: "warm", volumes: [data], mounts: [atData]))
      let before = openFiles()
      let ids = (0..<30).map { harness.sandboxed("exit 3", pod: "pod-\($0)", volumes: [data], mounts: [atData]) }
      for id in ids { #expect(await harness.end(of: id).code == 3) }
      #expect(openFiles() < before + 100)
    }
  }
}

/// What needs no namespace.
@Suite(.timeLimit(.minutes(5)))
struct HostPathTests {
  private func outcome(_ harness: Harness, _ path: String, _ type: String, _ pod: String) async -> Ending {
    await harness.end(
      of: harness.sandboxed(
        "test -e '\(path)'", pod: pod, volumes: [PodVolume(name: "v", content: .hostPath(path, type: type))],
        mounts: [ContainerMount(volume: "v", mountPath: path)]))
  }

  @Test func typesAreChecked() async throws {
    try await Harness.with { harness in
      let base = harness.directory
      mkdir(base + "/dir", 0o755)
      close(open(base + "/file", O_WRONLY | O_CREAT, 0o644))
      let cases: [(String, String, String?)] = [
        ("dir", "Directory", nil), ("dir", "DirectoryOrCreate", nil), ("file", "File", nil), ("dir", "", nil),
        ("made/deep", "DirectoryOrCreate", nil), ("made/file", "FileOrCreate", nil), ("new", "", nil),
        ("file", "Directory", "is not a directory"), ("missing", "Directory", "is not a directory"),
        ("dir", "File", "is not a file"), ("file", "DirectoryOrCreate", "is not a directory"),
        ("file", "Socket", "is not a socket file"), ("file", "CharDevice", "is not a character device"),
        ("file", "BlockDevice", "is not a block device"),
      ]
      for (number, (name, type, problem)) in cases.enumerated() {
        let path = base + "/" + name
        let ending = await outcome(harness, path, type, "pod-\(number)")
        guard let problem else {
          #expect(ending.code == 0, "\(name) as \(type): \(ending)")
          continue
        }
        #expect(
          ending
            == .failed(
              reason: "FailedMount",
              message: "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: \(path) \(problem)",
              exitCode: 128))
      }
    }
  }

  @Test func withoutBubblewrapAContainerWithMountsSaysWhatToInstall() async throws {
    try await Harness.with({ $0.baseEnvironment = [EnvVar(name: "PATH", value: "/nowhere")] }) { harness in
      let volumes = [PodVolume(name: "v", content: .emptyDirectory)]
      let first = harness.sandboxed("true", volumes: volumes, mounts: [ContainerMount(volume: "v", mountPath: "/data")])
      let ending = await harness.end(of: first)
      guard case .failed(let reason, let message, _) = ending else {
        Issue.record("\(ending)")
        return
      }
      #expect(reason == "CreateContainerError")
      #expect(message.contains("bubblewrap") && message.contains("apt install bubblewrap"))
      // A last message is no reason not to run.
      let plain = harness.sandboxed("exit 5", pod: "plain") { $0.terminationMessagePath = "/tmp/words" }
      #expect(await harness.end(of: plain).code == 5)
    }
  }
}
