import KubeModel
import Testing

@testable import ControlPlane

/// What a kubelet makes of what happens to a pod's containers, step by step.
@Suite struct KubeletTests {
  private enum Step {
    case start(String)
    case exit(String, Int)
    case refuse(String, String)
    case probe(String, ProbeKind, Bool)
    case wait(Int)
    case delete
  }

  private func walk(
    _ spec: String, _ steps: [(Step?, String)], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> KubeletRig {
    var bench = try KubeletRig(spec)
    for (number, (step, expected)) in steps.enumerated() {
      switch step {
      case .start(let name): bench.started(name)
      case .exit(let name, let code): bench.exited(name, code)
      case .refuse(let name, let reason): bench.failed(name, reason, "no")
      case .probe(let name, let kind, let success): bench.probed(name, kind, success ? .success : .failure("sick"))
      case .wait(let seconds): bench.wait(.seconds(seconds))
      case .delete: try bench.submit(.delete(KubeletRig.key))
      case nil: break
      }
      #expect(bench.state == expected, "step \(number)", sourceLocation: sourceLocation)
    }
    return bench
  }

  private let main = #"{"name":"main","image":"x","command":["run"]}"#
  private let setup = #"{"name":"setup","image":"x","command":["run"]}"#
  private let sidecar = #"{"name":"side","image":"x","command":["run"],"restartPolicy":"Always"}"#

  @Test func oneContainer() throws {
    let bench = try walk(
      #"{"restartPolicy":"Never","containers":[\#(main)]}"#,
      [
        (nil, "Pending: main ContainerCreating"), (.start("main"), "Running: main running ready"),
        (.exit("main", 0), "Succeeded: main Completed"),
      ])
    #expect(
      bench.conditions == [
        "PodReadyToStartContainers: no", "Initialized", "Ready: no PodCompleted", "ContainersReady: no PodCompleted",
        "PodScheduled",
      ])
    #expect(bench.events == ["Created Container created", "Started Container started"])
  }

  @Test func initContainersAndSidecars() throws {
    let spec = #"{"restartPolicy":"Never","initContainers":[\#(setup),\#(sidecar)],"containers":[\#(main)]}"#
    var bench = try walk(
      spec,
      [
        (nil, "Pending: setup PodInitializing, side PodInitializing, main PodInitializing"),
        (.start("setup"), "Pending: setup running, side PodInitializing, main PodInitializing"),
      ])
    #expect(bench.pod?.status.conditions["Initialized"]?.reason == "ContainersNotInitialized")
    #expect(
      bench.pod?.status.conditions["Initialized"]?.message == "containers with incomplete status: [setup side]")
    #expect(bench.pod?.status.conditions["Ready"]?.message == "containers with unready status: [side main]")
    bench = try walk(
      spec,
      [
        (.start("setup"), "Pending: setup running, side PodInitializing, main PodInitializing"),
        (.exit("setup", 0), "Pending: setup Completed ready, side PodInitializing, main PodInitializing"),
        (.start("side"), "Pending: setup Completed ready, side running ready, main PodInitializing"),
        (.start("main"), "Running: setup Completed ready, side running ready, main running ready"),
        (.exit("main", 0), "Running: setup Completed ready, side running ready, main Completed"),
        (.exit("side", 143), "Succeeded: setup Completed ready, side Error(143), main Completed"),
      ])
    #expect(bench.events.contains("Killing Stopping container side"))
    #expect(bench.effects.contains(.stop(podUID: bench.pod?.metadata.uid ?? "", gracePeriod: .seconds(30))))
    _ = try walk(
      spec,
      [
        (.start("setup"), "Pending: setup running, side PodInitializing, main PodInitializing"),
        (.exit("setup", 3), "Failed: setup Error(3), side PodInitializing, main PodInitializing"),
      ])
  }

  @Test func restartsInPlaceBackOff() throws {
    var bench = try walk(
      #"{"restartPolicy":"OnFailure","containers":[\#(main)]}"#,
      [
        (.start("main"), "Running: main running ready"), (.exit("main", 1), "Running: main CrashLoopBackOff"),
        (.wait(9), "Running: main CrashLoopBackOff"), (.wait(1), "Running: main CrashLoopBackOff"),
        (.start("main"), "Running: main running x1 ready"), (.exit("main", 1), "Running: main CrashLoopBackOff x1"),
      ])
    #expect(
      bench.pod?.status.containerStatuses[0].state.waiting?.message.hasPrefix(
        "back-off 20s restarting failed container=main pod=p_default(") == true)
    #expect(bench.pod?.status.conditions["Ready"]?.message == "containers with unready status: [main]")
    #expect(
      bench.events.contains { $0.hasPrefix("BackOff Back-off restarting failed container main in pod p_default(") })
    bench.wait(.seconds(20))
    bench.started("main")
    // A run of more than ten minutes has the backoff forgotten.
    bench.wait(.seconds(601))
    bench.exited("main", 1, ranFor: .seconds(601))
    #expect(bench.pod?.status.containerStatuses[0].state.waiting?.message.hasPrefix("back-off 10s ") == true)
    bench.wait(.seconds(10))
    bench.started("main")
    bench.exited("main", 0)
    #expect(bench.state == "Succeeded: main Completed x3")
  }

  @Test func whatCannotBeCreatedIsPending() throws {
    let second = #"{"name":"second","image":"x","command":["run"]}"#
    let bench = try walk(
      #"{"restartPolicy":"Never","containers":[\#(main),\#(second)]}"#,
      [
        (.refuse("main", "CreateContainerError"), "Pending: main CreateContainerError, second ContainerCreating"),
        (.start("second"), "Pending: main CreateContainerError, second running ready"),
        (.wait(10), "Pending: main CreateContainerError, second running ready"),
        (.start("main"), "Running: main running ready, second running ready"),
      ])
    #expect(bench.events.contains("Failed Error: no"))
  }

  // MARK: Deadline

  @Test func deadlineFailsThePodOnceItsContainersHaveEnded() throws {
    let bench = try walk(
      #"{"restartPolicy":"OnFailure","activeDeadlineSeconds":60,"containers":[\#(main)]}"#,
      [
        (.start("main"), "Running: main running ready"), (.wait(59), "Running: main running ready"),
        (.wait(1), "Running: main running ready"), (.wait(5), "Running: main running ready"),
        (.exit("main", 143), "Failed: main Error(143)"), (.wait(1000), "Failed: main Error(143)"),
      ])
    #expect(bench.pod?.status.reason == "DeadlineExceeded")
    #expect(bench.pod?.status.message == "Pod was active on the node longer than the specified deadline")
    #expect(
      bench.events == [
        "Created Container created", "Started Container started",
        "DeadlineExceeded Pod was active on the node longer than the specified deadline",
        "Killing Stopping container main",
      ])
    #expect(bench.effects.contains(.stop(podUID: bench.pod?.metadata.uid ?? "", gracePeriod: .seconds(30))))
    // A container that ends well all the same does not save it, nor does one that waits for its restart.
    let spec = #"{"restartPolicy":"OnFailure","activeDeadlineSeconds":60,"containers":[\#(main)]}"#
    _ = try walk(
      spec,
      [
        (.start("main"), "Running: main running ready"), (.wait(60), "Running: main running ready"),
        (.exit("main", 0), "Failed: main Completed"),
      ])
    _ = try walk(
      spec,
      [
        (.start("main"), "Running: main running ready"), (.wait(55), "Running: main running ready"),
        (.exit("main", 1), "Running: main CrashLoopBackOff"), (.wait(5), "Failed: main CrashLoopBackOff"),
      ])
    _ = try walk(
      spec,
      [
        (.wait(60), "Pending: main ContainerCreating"), (.start("main"), "Running: main running ready"),
        (.exit("main", 143), "Failed: main Error(143)"),
      ])
    _ = try walk(
      spec,
      [
        (.start("main"), "Running: main running ready"), (.wait(60), "Running: main running ready"),
        (.delete, "Running: main running ready"), (.exit("main", 143), "gone"),
      ])
  }

  // MARK: Probes

  private func probe(_ name: String, _ more: String) -> String { #","\#(name)":{"exec":{"command":["ok"]}\#(more)}"# }

  private func orders(_ bench: KubeletRig) -> [ProbeOrder] {
    bench.effects.compactMap { if case .probe(let order) = $0 { order } else { nil } }
  }

  @Test func readiness() throws {
    let more = #","initialDelaySeconds":5,"periodSeconds":3,"failureThreshold":2,"successThreshold":2"#
    let spec = #"{"restartPolicy":"Never","containers":[\#(main.dropLast())\#(probe("readinessProbe", more))}]}"#
    var bench = try walk(
      spec, [(.start("main"), "Running: main running"), (.wait(4), "Running: main running")])
    #expect(orders(bench).isEmpty)
    #expect(bench.pod?.status.containerStatuses[0].started == true)
    #expect(
      bench.conditions == [
        "PodReadyToStartContainers", "Initialized", "Ready: no ContainersNotReady",
        "ContainersReady: no ContainersNotReady", "PodScheduled",
      ])
    bench.wait(.seconds(1))
    #expect(orders(bench).map(\.action) == [.exec(["ok"])])
    #expect(orders(bench).first?.timeout == .seconds(1))
    // (success, ready afterwards): two in a row each time.
    for (success, isReady) in [
      (true, false), (false, false), (true, false), (true, true), (false, true), (true, true), (false, true),
      (false, false), (false, false), (true, false), (true, true),
    ] {
      _ = bench.takeEffects()
      bench.probed("main", .readiness, success ? .success : .failure("not yet\n"))
      #expect(bench.pod?.status.containerStatuses[0].ready == isReady)
      #expect(bench.pod?.status.conditions.isTrue("Ready") == isReady)
      bench.wait(.seconds(2))
      #expect(orders(bench).isEmpty)
      bench.wait(.seconds(1))
      #expect(orders(bench).count == 1)
    }
    #expect(bench.events.contains("Unhealthy Readiness probe failed: not yet\n x5"))
    bench.probed("main", .readiness, .error("no such program"))
    #expect(bench.pod?.status.conditions.isTrue("Ready") == true)
    bench.exited("main", 0)
    _ = bench.takeEffects()
    bench.wait(.seconds(1000))
    #expect(orders(bench).isEmpty)
    #expect(bench.state == "Succeeded: main Completed")
  }

  @Test(arguments: [("Never", "Failed: main Error(143)"), ("OnFailure", "Running: main CrashLoopBackOff")])
  func liveness(policy: String, end: String) throws {
    let more = #","periodSeconds":3,"terminationGracePeriodSeconds":7"#
    let spec = #"{"restartPolicy":"\#(policy)","containers":[\#(main.dropLast())\#(probe("livenessProbe", more))}]}"#
    var bench = try walk(
      spec,
      [
        (.start("main"), "Running: main running ready"),
        (.wait(0), "Running: main running ready"), (.probe("main", .liveness, false), "Running: main running ready"),
        (.wait(3), "Running: main running ready"), (.probe("main", .liveness, false), "Running: main running ready"),
        (.wait(3), "Running: main running ready"),
      ])
    #expect(!bench.events.contains { $0.hasPrefix("Killing") })
    bench.probed("main", .liveness, .failure("sick"))
    let id = ContainerID(podUID: bench.pod?.metadata.uid ?? "", container: "main", attempt: 0)
    #expect(bench.effects.contains(.stopContainer(id, gracePeriod: .seconds(7))))
    #expect(bench.events.contains("Unhealthy Liveness probe failed: sick x3"))
    #expect(
      bench.events.contains(
        policy == "Never"
          ? "Killing Container main failed liveness probe"
          : "Killing Container main failed liveness probe, will be restarted"))
    bench.exited("main", 143)
    #expect(bench.state == end)
  }

  /// It runs again even where it ends well.
  @Test func unhealthyContainerIsRestartedWhateverItsExitCode() throws {
    let more = #","failureThreshold":1"#
    let spec = #"{"restartPolicy":"OnFailure","containers":[\#(main.dropLast())\#(probe("livenessProbe", more))}]}"#
    var bench = try walk(
      spec,
      [
        (.start("main"), "Running: main running ready"), (.wait(0), "Running: main running ready"),
        (.probe("main", .liveness, false), "Running: main running ready"),
      ])
    #expect(bench.pod?.status.phase == .running)
    // Its other container keeps the pod alive in the meantime in Kubernetes; here there is none.
    bench.exited("main", 0)
    #expect(bench.state == "Running: main CrashLoopBackOff")
    bench.wait(.seconds(10))
    bench.started("main")
    #expect(bench.state == "Running: main running x1 ready")
    bench.exited("main", 0)
    #expect(bench.state == "Succeeded: main Completed x1")
  }

  @Test func startupHoldsTheOthersBack() throws {
    let probes =
      probe("startupProbe", #","periodSeconds":2"#) + probe("readinessProbe", "") + probe("livenessProbe", "")
    let spec =
      #"{"restartPolicy":"Always","initContainers":[\#(sidecar.dropLast())\#(probes)}],"containers":[\#(main)]}"#
    var bench = try walk(
      spec,
      [
        (.start("side"), "Pending: side running, main PodInitializing"),
        (.wait(0), "Pending: side running, main PodInitializing"),
        (.probe("side", .startup, false), "Pending: side running, main PodInitializing"),
        (.wait(2), "Pending: side running, main PodInitializing"),
      ])
    #expect(orders(bench).map(\.kind) == [.startup, .startup])
    #expect(bench.starts.map(\.id.container) == ["side"])
    _ = bench.takeEffects()
    bench.probed("side", .startup, .success)
    #expect(bench.pod?.status.initContainerStatuses[0].started == true)
    #expect(bench.starts.map(\.id.container) == ["main"])
    bench.wait(.zero)
    #expect(orders(bench).map(\.kind) == [.liveness, .readiness])
    bench.started("main")
    #expect(bench.state == "Running: side running, main running ready")
    #expect(bench.pod?.status.conditions["Ready"]?.message == "containers with unready status: [side]")
    bench.probed("side", .readiness, .success)
    #expect(bench.state == "Running: side running ready, main running ready")
    #expect(bench.pod?.status.conditions.isTrue("Ready") == true)
  }

  @Test func handlers() {
    let ports: JSONValue = [["name": "web", "containerPort": 8080]]
    let cases: [(JSONValue, ProbeAction?)] = [
      (["exec": ["command": ["a", "b"]]], .exec(["a", "b"])),
      (["tcpSocket": ["port": 80]], .tcpSocket(host: "127.0.0.1", port: 80)),
      (["tcpSocket": ["port": "web", "host": "example.com"]], .tcpSocket(host: "example.com", port: 8080)),
      (["tcpSocket": ["port": "none"]], nil),
      (["httpGet": ["port": "web", "path": "ok"]], .httpGet(host: "127.0.0.1", port: 8080, path: "/ok", headers: [])),
      (
        ["httpGet": ["port": 1, "httpHeaders": [["name": "A", "value": "b"]]]],
        .httpGet(host: "127.0.0.1", port: 1, path: "/", headers: [EnvVar(name: "A", value: "b")])
      ),
      (["httpGet": ["port": 1, "scheme": "HTTPS"]], nil), (["grpc": ["port": 1]], nil),
    ]
    for (json, action) in cases { #expect(Probe(json, ports: ports)?.action == action) }
  }

  @Test func simulatedContainersAreReadyWhenTheirAnnotationSays() throws {
    var cluster = try SimulatedClusterDriver()
    try cluster.apply(
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: p
        annotations: {jobdeck.dev/duration: 60s, jobdeck.dev/ready-after: 12s}
      spec:
        restartPolicy: Never
        containers:
        - name: main
          image: x
          readinessProbe: {exec: {command: [ok]}, periodSeconds: 5}
      """)
    cluster.run(for: .seconds(14))
    #expect(cluster.pod("p")?.status.conditions.isTrue("Ready") == false)
    cluster.run(for: .seconds(1))
    #expect(cluster.pod("p")?.status.conditions.isTrue("Ready") == true)
    cluster.run(for: .seconds(60))
    #expect(cluster.pod("p")?.status.phase == .succeeded)
    #expect(cluster.reasons(of: "p") == ["Scheduled": 1])
  }
}
