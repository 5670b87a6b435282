import Glibc
import KubeModel
import Testing

@testable import Cluster

/// Kubernetes' end-to-end tests of jobs (test/e2e/apps/job.go) by their own names: those that are about processes.
/// Where upstream's pods share a host directory, these share a temporary one. See also JobConformanceTests.
@Suite("Job, with processes")
struct JobProcessConformanceTests {
  private let directory = TemporaryDirectory()

  private func open() async throws -> EmbeddedCluster {
    try await EmbeddedCluster.open(
      .init(location: .stateDirectory(directory.file("state")), nodes: .stored, seed: 1))
  }

  /// Two at a time, four in all, by a shell script.
  private func job(_ name: String, _ script: String, _ change: (inout Job) -> Void = { _ in }) throws -> KubeObject {
    guard
      case .job(var job) = Sample.job(name, ["sh", "-c", script], completions: 4, parallelism: 2, backoffLimit: 6)
    else { throw TimedOut() }
    change(&job)
    return .job(job)
  }

  private func waitForJob(
    _ cluster: EmbeddedCluster, _ name: String, until isWanted: @escaping @Sendable (JobStatus) -> Bool
  ) async throws -> JobStatus {
    let object = try await cluster.wait(.job, name) { object in
      if case .job(let job) = object { isWanted(job.status) } else { false }
    }
    guard case .job(let job) = object else { throw TimedOut() }
    return job.status
  }

  /// How many lines the pods have written to the shared file.
  private func lines(_ name: String) -> Int { readBytes(directory.file(name)).count { $0 == 10 } }

  @Test("should run a job to completion when tasks succeed")
  func succeeds() async throws {
    let cluster = try await open()
    _ = try await cluster.create(job("all-succeed", "exit 0"), dryRun: false)
    let status = try await cluster.waitForJob("all-succeed").status
    #expect(status.conditions.map(\.type) == ["SuccessCriteriaMet", "Complete"])
    #expect(try await cluster.pods(ofJob: "all-succeed").map(\.status.phase) == Array(repeating: .succeeded, count: 4))
    await cluster.shutDown(grace: .zero)
  }

  @Test("should allow to use the pod failure policy on exit code to fail the job early")
  func failsEarly() async throws {
    let cluster = try await open()
    let marker = directory.file("failed-once")
    _ = try await cluster.create(
      job("pod-failure-failjob", "mkdir \(marker) 2>/dev/null && exit 1; exec sleep 3000") { job in
        var rule = PodFailurePolicyRule()
        rule.action = "FailJob"
        rule.onExitCodes = PodFailurePolicyRule.OnExitCodes()
        rule.onExitCodes?.operator = "In"
        rule.onExitCodes?.values = [1]
        job.spec.podFailurePolicy = PodFailurePolicy()
        job.spec.podFailurePolicy?.rules = [rule]
      }, dryRun: false)
    let status = try await cluster.waitForJob("pod-failure-failjob").status
    #expect(status.conditions.map(\.type) == ["FailureTarget", "Failed"])
    #expect(status.conditions.map(\.reason) == ["PodFailurePolicy", "PodFailurePolicy"])
    // The other pod was killed, and counts.
    #expect((status.active, status.failed, status.terminating) == (0, 2, 0))
    await cluster.shutDown(grace: .zero)
  }

  @Test("should recreate pods only after they have failed if pod replacement policy is set to Failed")
  func replacesFailedPodsOnly() async throws {
    let cluster = try await open()
    let gate = directory.file("gate")
    _ = try await cluster.create(
      job(
        "pod-recreate-failed",
        "trap 'while ! test -e \(gate); do sleep 0.02; done; exit 143' TERM; echo ready; while :; do sleep 0.05; done"
      ) { job in
        job.spec.completions = 1
        job.spec.parallelism = 1
        job.spec.podReplacementPolicy = .failed
      }, dryRun: false)
    _ = try await waitForJob(cluster, "pod-recreate-failed") { $0.ready == 1 }
    let pod = try #require(try await cluster.pods(ofJob: "pod-recreate-failed").first)
    // The trap must be set before the signal comes.
    try await within {
      for try await batch in try await cluster.logs(
        LogRequest(namespace: "default", pod: pod.metadata.name, follow: true)) where !batch.isEmpty
      { break }
    }
    try await cluster.delete(KubeObject.pod(pod).key, DeleteOptions(gracePeriodSeconds: 30))
    let meanwhile = try await waitForJob(cluster, "pod-recreate-failed") { $0.terminating == 1 }
    #expect((meanwhile.active, meanwhile.failed) == (0, 0))
    #expect(try await cluster.pods(ofJob: "pod-recreate-failed").count == 1)
    writeBytes([], to: gate)
    let after = try await waitForJob(cluster, "pod-recreate-failed") { $0.failed == 1 }
    #expect(after.terminating == 0)
    await cluster.shutDown(grace: .zero)
  }

  @Test("should create pods for an Indexed job with completion indexes and specified hostname")
  func indexes() async throws {
    let cluster = try await open()
    let file = directory.file("indexes")
    _ = try await cluster.create(
      job("indexed-job", "echo $JOB_COMPLETION_INDEX $HOSTNAME >> \(file)") { $0.spec.completionMode = .indexed },
      dryRun: false)
    _ = try await cluster.waitForJob("indexed-job")
    let written = String(decoding: readBytes(file), as: UTF8.self).split(separator: "\n").sorted()
    #expect(written == (0..<4).map { "\($0) indexed-job-\($0)" })
    await cluster.shutDown(grace: .zero)
  }

  @Test("with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending")
  func successPolicy() async throws {
    let cluster = try await open()
    _ = try await cluster.create(
      job("with-success-policy", "test $JOB_COMPLETION_INDEX = 0 || exec sleep 3000") { job in
        job.spec.completionMode = .indexed
        var rule = SuccessPolicyRule()
        rule.succeededIndexes = "0"
        job.spec.successPolicy = SuccessPolicy()
        job.spec.successPolicy?.rules = [rule]
      }, dryRun: false)
    let status = try await cluster.waitForJob("with-success-policy").status
    #expect(status.conditions.map(\.reason) == ["SuccessPolicy", "SuccessPolicy"])
    #expect(status.completedIndexes == "0")
    #expect((status.active, status.ready, status.terminating, status.failed) == (0, 0, 0, 0))
    await cluster.shutDown(grace: .zero)
  }

  @Test("should run a job to completion when tasks sometimes fail and are locally restarted")
  func restartsLocally() async throws {
    let cluster = try await open()
    let attempts = directory.file("attempts")
    let marker = directory.file("failed")
    _ = try await cluster.create(
      job(
        "fail-once-local", "echo x >> \(attempts); mkdir \(marker)-$JOB_COMPLETION_INDEX 2>/dev/null && exit 1; exit 0"
      ) { job in
        job.spec.completionMode = .indexed
        job.spec.template.spec.restartPolicy = .onFailure
        job.spec.template.metadata.annotations["jobdeck.dev/restart-backoff"] = "0s"
      }, dryRun: false)
    let status = try await cluster.waitForJob("fail-once-local").status
    #expect(status.conditions.isTrue("Complete"))
    #expect((status.succeeded, status.failed) == (4, 0))
    #expect(lines("attempts") == 8)
    let pods = try await cluster.pods(ofJob: "fail-once-local")
    #expect(pods.map { $0.status.containerStatuses.first?.restartCount } == [1, 1, 1, 1])
    await cluster.shutDown(grace: .zero)
  }

  @Test("should fail when exceeds active deadline")
  func exceedsActiveDeadline() async throws {
    let cluster = try await open()
    _ = try await cluster.create(
      job("exceed-active-deadline", "exec sleep 3000") { $0.spec.activeDeadlineSeconds = 1 }, dryRun: false)
    let status = try await cluster.waitForJob("exceed-active-deadline").status
    #expect(status.conditions.map(\.type) == ["FailureTarget", "Failed"])
    #expect(status.conditions.map(\.reason) == ["DeadlineExceeded", "DeadlineExceeded"])
    #expect((status.active, status.ready, status.terminating) == (0, 0, 0))
    await cluster.shutDown(grace: .zero)
  }

  @Test(
    "should remove pods when job is deleted; should delete a job",
    arguments: [PropagationPolicy.background, .foreground])
  func deletesAJob(_ policy: PropagationPolicy) async throws {
    let cluster = try await open()
    let job = try job("all-pods-removed", "exec sleep 3000")
    _ = try await cluster.create(job, dryRun: false)
    _ = try await waitForJob(cluster, "all-pods-removed") { $0.ready == 2 }
    let version = try await cluster.list(.job, namespace: nil).version
    try await cluster.delete(job.key, DeleteOptions(propagationPolicy: policy))
    try await within {
      var left: Set<ObjectKey> = []
      for object in try await cluster.list(.pod, namespace: nil).items { left.insert(object.key) }
      if left.isEmpty { return }
      for try await changes in await cluster.watch([.pod, .job], from: version) {
        for change in changes where change.verb == .deleted { left.remove(change.object.key) }
        if left.isEmpty { break }
      }
    }
    #expect(try await cluster.list(.pod, namespace: nil).items.isEmpty)
    await #expect(throws: StatusError.notFound(job.key)) { try await cluster.get(job.key) }
    await cluster.shutDown(grace: .zero)
  }

  @Test("should delete pods when suspended")
  func suspends() async throws {
    let cluster = try await open()
    let job = try job("suspend-false-to-true", "exec sleep 3000")
    _ = try await cluster.create(job, dryRun: false)
    _ = try await waitForJob(cluster, "suspend-false-to-true") { $0.ready == 2 }
    _ = try await cluster.patch(job.key, .merge, ["spec": ["suspend": true]])
    let status = try await waitForJob(cluster, "suspend-false-to-true") { $0.terminating == 0 && $0.active == 0 }
    #expect(status.conditions.map(\.reason) == ["JobSuspended"])
    #expect((status.ready, status.failed, status.succeeded) == (0, 0, 0))
    await cluster.shutDown(grace: .zero)
  }
}
