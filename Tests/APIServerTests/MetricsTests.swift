import Foundation
import KubeModel
import Testing

@testable import APIServer

@Suite struct MetricsTests {
  /// The values by name and labels, as they stand on the lines.
  private static func samples(_ text: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let blank = line.lastIndex(of: " ") else { continue }
      found[String(line[..<blank])] = String(line[line.index(after: blank)...])
    }
    return found
  }

  @Test func labelsAreEscaped() {
    #expect(
      String(decoding: Exposition.labels(["a": "x\"y\\z\nw", "b": ""]), as: UTF8.self) == #"a="x\"y\\z\nw",b="""#)
    #expect(Exposition.text(3) == "3")
    #expect(Exposition.text(0.25) == "0.25")
    #expect(Exposition.text(.infinity) == "+Inf")
  }

  @Test func aHistogramSumsUp() {
    var histogram = Histogram(bounds: [1, 2])
    for value in [0.5, 1, 1.5, 9] { histogram.observe(value) }
    let families = [MetricFamily<Histogram>("h", "Help.", .histogram) { $0.write(to: &$1) }]
    var out = Exposition()
    out.write(families, [Sampled([], histogram)])
    #expect(
      String(decoding: out.bytes, as: UTF8.self) == """
        # HELP h Help.
        # TYPE h histogram
        h_bucket{le="1"} 2
        h_bucket{le="2"} 3
        h_bucket{le="+Inf"} 4
        h_sum 12
        h_count 4

        """)
  }

  @Test func jobsPodsAndNodesAreTold() async throws {
    try await Rig.run { rig in
      let counting = Task { await rig.handler.countChanges() }
      defer { counting.cancel() }
      // Only what comes after its beginning is counted.
      while await !rig.handler.observer.hasBegun { try await Task.sleep(for: .milliseconds(5)) }
      #expect(try await rig.ask("POST", Rig.jobs, Rig.job("good")).code == 201)
      let bad = Rig.job("bad").replacing("\"spec\":{\"template\"", with: "\"spec\":{\"backoffLimit\":0,\"template\"")
        .replacing("\"jobdeck.dev/duration\":\"0s\"", with: "\"jobdeck.dev/exit-code\":\"3\"")
      #expect(try await rig.ask("POST", Rig.jobs, bad).code == 201)
      var found: [String: String] = [:]
      let succeeded =
        #"job_controller_jobs_finished_total{completion_mode="NonIndexed",reason="CompletionsReached",result="succeeded"}"#
      let failed =
        #"job_controller_jobs_finished_total{completion_mode="NonIndexed",reason="BackoffLimitExceeded",result="failed"}"#
      for _ in 0..<1000 {
        let answer = try await rig.ask("GET", "/metrics")
        #expect(answer.type == "text/plain; version=0.0.4; charset=utf-8")
        found = Self.samples(answer.text)
        if found[succeeded] != nil, found[failed] != nil { break }
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(found[succeeded] == "1")
      #expect(found[failed] == "1")
      #expect(found[#"job_controller_job_pods_finished_total{completion_mode="NonIndexed",result="failed"}"#] == "1")
      #expect(found[#"scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"}"#] == "2")
      let name = #"namespace="default",job_name="bad""#
      #expect(found["kube_job_info{\(name)}"] == "1")
      #expect(found["kube_job_failed{\(name),condition=\"true\"}"] == "1")
      #expect(found["kube_job_failed{\(name),condition=\"false\"}"] == "0")
      #expect(found["kube_job_status_failed{\(name),reason=\"BackoffLimitExceeded\"}"] == "1")
      #expect(found["kube_job_complete{\(name),condition=\"true\"}"] == nil)
      #expect(found[#"scheduler_pending_pods{queue="active"}"#] == "0")
      #expect(
        found.contains { $0.key.hasPrefix("kube_pod_status_phase{") && $0.key.contains("Failed") && $0.value == "1" })
      #expect(found.contains { $0.key.hasPrefix("kube_node_status_condition{") && $0.value == "1" })
      #expect(found["process_resident_memory_bytes"].flatMap(Double.init).map { $0 > 1_000_000 } == true)
      #expect(try await rig.ask("POST", "/metrics").code == 405)
    }
  }

  @Test func whatBecameOfAPodIsTold() {
    var pod = Pod()
    var (main, setup) = (Container(), Container())
    main.name = "main"
    main.image = "one"
    setup.name = "setup"
    setup.image = "two"
    pod.spec.common.value.containers = [main]
    pod.spec.common.value.initContainers = [setup]
    pod.spec.common.value.restartPolicy = .never
    pod.spec.common.value.schedulerName = "mine"
    pod.metadata.deletionTimestamp = Instant(seconds: 90)
    pod.status.qosClass = "Burstable"
    pod.status.reason = "Evicted"
    var (ready, scheduled) = (Condition(), Condition())
    ready.type = "Ready"
    ready.status = "True"
    ready.lastTransitionTime = Instant(seconds: 50)
    scheduled.type = "PodScheduled"
    scheduled.status = "False"
    scheduled.lastTransitionTime = Instant(seconds: 40)
    pod.status.conditions = [ready, scheduled]
    var last = ContainerState.Terminated()
    last.exitCode = 7
    last.reason = "OOMKilled"
    last.finishedAt = Instant(seconds: 60)
    var status = ContainerStatus()
    status.name = "main"
    status.lastState.terminated = last
    status.state.running = .init()
    status.state.running?.startedAt = Instant(seconds: 70)
    pod.status.containerStatuses = [status]
    var first = ContainerStatus()
    first.name = "setup"
    first.restartCount = 2
    first.state.waiting = .init()
    first.state.waiting?.reason = "CrashLoopBackOff"
    pod.status.initContainerStatuses = [first]
    var out = Exposition()
    out.write(PodMetrics.stateFamilies + PodMetrics.containerFamilies, [Sampled([], pod)])
    let found = Self.samples(String(decoding: out.bytes, as: UTF8.self))
    let expected = [
      "kube_pod_deletion_timestamp": "90", #"kube_pod_status_qos_class{qos_class="Burstable"}"#: "1",
      #"kube_pod_status_qos_class{qos_class="Guaranteed"}"#: "0", #"kube_pod_status_reason{reason="Evicted"}"#: "1",
      #"kube_pod_status_reason{reason="NodeLost"}"#: "0", "kube_pod_status_ready_time": "50",
      "kube_pod_status_unscheduled_time": "40", #"kube_pod_restart_policy{type="Never"}"#: "1",
      #"kube_pod_scheduler{name="mine"}"#: "1", #"kube_pod_container_state_started{container="main"}"#: "70",
      #"kube_pod_container_status_last_terminated_exitcode{container="main"}"#: "7",
      #"kube_pod_container_status_last_terminated_reason{container="main",reason="OOMKilled"}"#: "1",
      #"kube_pod_container_status_last_terminated_timestamp{container="main"}"#: "60",
      #"kube_pod_init_container_status_waiting{container="setup"}"#: "1",
      #"kube_pod_init_container_status_waiting_reason{container="setup",reason="CrashLoopBackOff"}"#: "1",
      #"kube_pod_init_container_status_restarts_total{container="setup"}"#: "2",
    ]
    for (name, value) in expected { #expect(found[name] == value, "\(name)") }
    #expect(found["kube_pod_status_scheduled_time"] == nil)
    #expect(found.keys.contains { $0.hasPrefix("kube_pod_init_container_info{") && $0.contains(#"image_spec="two""#) })
  }

  @Test func aCronJobsNextTimeIsThatAfterItsLast() throws {
    var cronJob = CronJob()
    cronJob.spec.schedule = "*/5 * * * *"
    cronJob.spec.timeZone = "UTC"
    cronJob.metadata.creationTimestamp = Instant(seconds: 1000)
    #expect(JobMetrics.nextSchedule(cronJob) == Instant(seconds: 1200))
    cronJob.status.lastScheduleTime = Instant(seconds: 1800)
    #expect(JobMetrics.nextSchedule(cronJob) == Instant(seconds: 2100))
    cronJob.spec.suspend = true
    #expect(JobMetrics.nextSchedule(cronJob) == nil)
  }

  /// Dashboards and rules ask for nothing that is not there.
  @Test func whatIsMonitoredIsExported() async throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Assets/monitoring")
    try await Rig.run { rig in
      let types = try await rig.ask("GET", "/metrics").text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
      var exported: Set<String> = []
      for line in types {
        let words = line.split(separator: " ")
        exported.insert(String(words[2]))
        if words[3] == "histogram" { exported.formUnion(["_bucket", "_sum", "_count"].map { words[2] + $0 }) }
      }
      #expect(exported.count > 100)
      for file in ["rules.yml", "rules_test.yml", "grafana/jobdeck.json"] {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        let used = Set(
          text.matches(of: #/\b(kube|job_controller|cronjob_controller|scheduler|process)_[a-z_]+/#).map {
            String($0.output.0)
          })
        #expect(used.count > 5)
        #expect(used.subtracting(exported) == [], "\(file)")
      }
    }
  }
}
