import KubeModel
import Testing

@testable import ControlPlane

/// Kubernetes' end-to-end tests of cron jobs (test/e2e/apps/cronjob.go and what else there is of them elsewhere) and of
/// ttlSecondsAfterFinished (ttl_after_finished.go), under their own names, in virtual time.
struct CronJobConformanceTests {
  /// Every minute, as upstream's tests have it.
  private let schedule = "*/1 * * * ?"
  private let sleeping = ["duration": "300s"]
  private let limit = Duration.seconds(300)

  @Test("should schedule multiple jobs concurrently")
  func schedulesConcurrently() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("concurrent", schedule, "concurrencyPolicy: Allow", annotations: sleeping))
    cluster.run(until: { (try? $0.cronJob("concurrent").status.active.count) ?? 0 > 1 }, limit: limit)
    #expect(cluster.jobs.filter { !$0.status.isFinished }.count >= 2)
  }

  @Test("should not schedule jobs when suspended")
  func suspended() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(
      cronManifest("suspended", schedule, "concurrencyPolicy: Allow;suspend: true", annotations: sleeping))
    cluster.run(for: limit)
    #expect(cluster.jobs.isEmpty)
    #expect(try cluster.cronJob("suspended").status.active.isEmpty)
  }

  @Test("should not schedule new jobs when ForbidConcurrent")
  func forbid() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("forbid", schedule, "concurrencyPolicy: Forbid", annotations: sleeping))
    cluster.run(until: { (try? $0.cronJob("forbid").status.active.count) == 1 }, limit: limit)
    #expect(cluster.jobs.count == 1)
    cluster.run(for: .seconds(290))
    #expect(try cluster.cronJob("forbid").status.active.count == 1)
    #expect(cluster.jobs.count == 1)
  }

  @Test("should replace jobs when ReplaceConcurrent")
  func replace() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("replace", schedule, "concurrencyPolicy: Replace", annotations: sleeping))
    cluster.run(until: { (try? $0.cronJob("replace").status.active.count) == 1 }, limit: limit)
    let first = try #require(cluster.jobs.first).metadata.name
    cluster.run(
      until: { later in later.job(first) == nil && (try? later.cronJob("replace").status.active.count) == 1 },
      limit: limit)
    #expect(cluster.jobs.count == 1)
  }

  @Test("should be able to schedule after more than 100 missed schedule")
  func manyMissed() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("concurrent", schedule, "concurrencyPolicy: Allow", annotations: sleeping))
    // Upstream's API server resets the old times that its test writes; here time itself goes on.
    cluster.now = cluster.now + .seconds(101 * 60 * 60)
    cluster.run(until: { !((try? $0.cronJob("concurrent").status.active.isEmpty) ?? true) }, limit: limit)
    #expect(cluster.jobs.count == 1)
    #expect(cluster.reasons(of: "concurrent")["TooManyMissedTimes"] == 1)
  }

  @Test("should not emit unexpected warnings")
  func noWarnings() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("concurrent", schedule, annotations: ["duration": "1s"]))
    cluster.run(until: { $0.jobs.count >= 2 && $0.jobs.allSatisfy(\.status.isFinished) }, limit: limit)
    let reasons = cluster.reasons(of: "concurrent")
    #expect(reasons["MissingJob"] == nil && reasons["UnexpectedJob"] == nil)
    #expect(cluster.events.allSatisfy { $0.type == "Normal" })
  }

  @Test("should set the cronjob-scheduled-timestamp annotation on a job")
  func timestamp() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("scheduled-timestamp", schedule, annotations: sleeping))
    cluster.run(until: { !$0.jobs.isEmpty }, limit: limit)
    let text = cluster.jobs.first?.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]
    #expect(try time(text ?? "") == cluster.cronJob("scheduled-timestamp").status.lastScheduleTime)
  }

  @Test("should remove from active list jobs that have been deleted")
  func removesDeleted() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("forbid", schedule, "concurrencyPolicy: Forbid", annotations: sleeping))
    cluster.run(until: { (try? $0.cronJob("forbid").status.active.count) == 1 }, limit: limit)
    let name = try #require(try cluster.cronJob("forbid").status.active.first).name
    try cluster.deleteJob(name, .foreground)
    cluster.run(until: { $0.job(name) == nil }, limit: limit)
    #expect(try cluster.cronJob("forbid").status.active.contains { $0.name == name } == false)
    #expect(cluster.reasons(of: "forbid")["MissingJob"] == 1)
  }

  @Test("should delete successful finished jobs with limit of one successful job")
  func successHistory() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(
      cronManifest(
        "successful-jobs-history-limit", schedule, "successfulJobsHistoryLimit: 1;failedJobsHistoryLimit: 0",
        annotations: ["duration": "1s"]))
    try expectsReplacement(of: "successful-jobs-history-limit", &cluster)
  }

  @Test("should delete failed finished jobs with limit of one job")
  func failureHistory() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(
      cronManifest(
        "failed-jobs-history-limit", schedule, "successfulJobsHistoryLimit: 0;failedJobsHistoryLimit: 1",
        job: "backoffLimit: 0", annotations: ["duration": "1s", "exit-code": "1"]))
    try expectsReplacement(of: "failed-jobs-history-limit", &cluster)
  }

  private func expectsReplacement(of name: String, _ cluster: inout SimulatedClusterDriver) throws {
    cluster.run(until: { $0.jobs.contains(where: \.status.isFinished) }, limit: limit)
    let first = try #require(cluster.jobs.first { $0.status.isFinished }).metadata.name
    cluster.run(until: { $0.job(first) == nil }, limit: limit)
    #expect(cluster.jobs.filter(\.status.isFinished).count == 1)
  }

  @Test("should support timezone")
  func timeZone() throws {
    var cluster = try SimulatedClusterDriver.cron()
    #expect {
      try cluster.apply(cronManifest("cronjob-with-timezone", schedule, "timeZone: bad-time-zone"))
    } throws: { error in
      (error as? StatusError).map { $0.reason == "Invalid" && $0.code == 422 } ?? false
    }
    try cluster.apply(cronManifest("cronjob-with-timezone", schedule, "timeZone: America/New_York"))
  }

  @Test("should support CronJob API operations")
  func apiOperations() throws {
    var cluster = try SimulatedClusterDriver.cron()
    func key(_ name: String) -> ObjectKey { ObjectKey(.cronJob, namespace: "default", name: name) }
    for name in ["a", "b", "c"] {
      try cluster.apply(cronManifest(name, schedule, "suspend: true", job: "parallelism: 1"))
    }
    #expect(cluster.plane.list(.cronJob).count == 3)
    #expect(cluster.plane.list(.cronJob, namespace: "default").count == 3)
    #expect(cluster.plane.list(.cronJob, namespace: "other").isEmpty)
    #expect(try cluster.cronJob("a").metadata.generation == 1)
    try cluster.submit(.patch(key("a"), .merge, ["metadata": ["annotations": ["patched": "true"]]]))
    #expect(try cluster.cronJob("a").metadata.annotations["patched"] == "true")
    #expect(try cluster.cronJob("a").metadata.generation == 1)
    var updated = try cluster.cronJob("a")
    updated.metadata.annotations["updated"] = "true"
    updated.spec.startingDeadlineSeconds = 100
    try cluster.submit(.update(.cronJob(updated)))
    #expect(try cluster.cronJob("a").metadata.annotations["updated"] == "true")
    #expect(try cluster.cronJob("a").metadata.generation == 2)
    // An update that was read before is refused.
    #expect { try cluster.submit(.update(.cronJob(updated))) } throws: { ($0 as? StatusError)?.code == 409 }
    var status = try cluster.cronJob("a")
    let written = cluster.now.truncatedToSeconds
    status.status.lastScheduleTime = written
    try cluster.submit(.updateStatus(.cronJob(status)))
    #expect(try cluster.cronJob("a").status.lastScheduleTime == written)
    try cluster.submit(.delete(key("a")))
    #expect { try cluster.cronJob("a") } throws: { ($0 as? StatusError)?.reason == "NotFound" }
    for name in ["b", "c"] { try cluster.submit(.delete(key(name))) }
    #expect(cluster.plane.list(.cronJob).isEmpty)
    let verbs = cluster.changes.filter { $0.object.key == key("a") }.map(\.verb)
    #expect(verbs == [.added, .modified, .modified, .modified, .deleted])
  }

  // sig-api-machinery: Garbage collector
  @Test("should delete jobs and pods created by cronjob")
  func collectsGarbage() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("simple", schedule, annotations: sleeping))
    cluster.run(until: { !$0.jobs.isEmpty && !$0.pods.isEmpty }, limit: limit)
    try cluster.submit(
      .delete(
        ObjectKey(.cronJob, namespace: "default", name: "simple"), DeleteOptions(propagationPolicy: .background)))
    cluster.run(for: .seconds(40))
    #expect(cluster.jobs.isEmpty && cluster.pods.isEmpty)
  }

  // sig-cli: Kubectl client
  @Test("should check if kubectl describe prints relevant information for cronjob")
  func describes() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("cronjob-test", schedule, "startingDeadlineSeconds: 30", annotations: sleeping))
    cluster.run(until: { !$0.jobs.isEmpty }, limit: limit)
    let cronJob = try cluster.cronJob("cronjob-test")
    let text = Describe.cronJob(
      cronJob, events: cluster.events.filter { $0.involvedObject.name == "cronjob-test" }, now: cluster.now)
    let fields = text.split(separator: "\n").map { line in
      line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
    }
    for (name, value) in [
      ("Name", "cronjob-test"), ("Namespace", "default"), ("Labels", "<none>"), ("Annotations", "<none>"),
      ("Schedule", "*/1 * * * ?"), ("Concurrency Policy", "Allow"), ("Suspend", "False"),
      ("Successful Job History Limit", "3"), ("Failed Job History Limit", "1"), ("Starting Deadline Seconds", "30s"),
      ("Selector", "<unset>"), ("Parallelism", "<unset>"), ("Completions", "<unset>"), ("Image", "busybox"),
    ] {
      #expect(fields.contains { $0.count == 2 && $0[0] == name && $0[1] == value }, "\(name): \(value)")
    }
    #expect(fields.contains { $0.first == "Pod Template" })
    #expect(text.contains("Created job \(cluster.jobs.first?.metadata.name ?? "")"))
  }

  // ttl_after_finished.go
  @Test("job should be deleted once it finishes after TTL seconds", arguments: 0...4)
  func expires(_ failures: Int) throws {
    var cluster = try SimulatedClusterDriver()
    // In upstream's test pods fail as chance has it. A finalizer keeps the job in view.
    try cluster.apply(
      JobControllerTests.manifest(
        "rand-non-local", "parallelism: 2;completions: 4;backoffLimit: 2;ttlSecondsAfterFinished: 10",
        annotations: ["duration": "1s..5s", "fail-attempts": "\(failures)"]
      ).replacing("metadata: {", with: "metadata: {finalizers: [example.com/dummy-finalizer], ", maxReplacements: 1))
    cluster.run(until: { $0.job("rand-non-local")?.end != nil }, limit: .seconds(900))
    let finished = try #require(
      cluster.job("rand-non-local")?.status.conditions.first { $0.type == "Complete" || $0.type == "Failed" }
    )
    .lastTransitionTime
    cluster.run(until: { $0.job("rand-non-local")?.metadata.deletionTimestamp != nil }, limit: .seconds(900))
    let deleted = try #require(cluster.job("rand-non-local")?.metadata.deletionTimestamp)
    #expect(deleted.seconds >= (finished?.seconds ?? 0) + 10)
    cluster.run(for: .seconds(60))
    let job = try #require(cluster.job("rand-non-local"))
    #expect(job.metadata.finalizers.contains("example.com/dummy-finalizer"))
    try cluster.patchJob(
      "rand-non-local",
      [
        "metadata": [
          "finalizers": .array(job.metadata.finalizers.filter { !$0.hasPrefix("example") }.map(JSONValue.string))
        ]
      ])
    cluster.run(for: .seconds(1))
    #expect(cluster.job("rand-non-local") == nil)
  }
}
