import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct StoreTests {
  /// Counters kept change by change equal those counted at once.
  @Test func countersFollowChanges() throws {
    var random = SplitMix(seed: 7)
    let all = Fixture.full.changes
    var store = Store()
    var alive: [String: Change] = [:]
    for step in 0..<4_000 {
      let change = all[Int(random.next() % UInt64(all.count))]
      let isDeletion = random.next() % 3 == 0
      var next = change
      next.verb = isDeletion ? .deleted : .modified
      if case .pod(var pod) = next.object, random.next() % 2 == 0 {
        pod.status.phase = [.pending, .running, .failed, .succeeded][Int(random.next() % 4)]
        pod.spec.nodeName = ["", "node-1", "node-2"][Int(random.next() % 3)]
        next.object = .pod(pod)
      }
      _ = store.apply(next)
      let uid = next.object.metadata.uid
      alive[uid] = isDeletion ? nil : next
      guard step % 200 == 0 else { continue }
      var fresh = Store()
      for change in alive.values { _ = fresh.apply(change) }
      #expect(fresh.totals == store.totals)
      var standings = StandingCounts()
      for case let job as JobItem in store.all(.job) { standings.count(job: store.status(of: job).standing, 1) }
      for case let pod as PodItem in store.all(.pod) { standings.count(pod, 1) }
      #expect(store.standings == standings)
      #expect(store.standings(in: Shown(namespaces: store.namespaces)) == standings)
      #expect(fresh.namespaces == store.namespaces)
      for change in all {
        let metadata = change.object.metadata
        if change.object.kind == .job {
          let (a, b) = (fresh.pods(ofJob: metadata.uid), store.pods(ofJob: metadata.uid))
          #expect((a.uids, a.active, a.running, a.unschedulable) == (b.uids, b.active, b.running, b.unschedulable))
        } else if change.object.kind == .node {
          #expect(fresh.pods(ofNode: metadata.name) == store.pods(ofNode: metadata.name))
        }
        #expect(fresh.eventItems(of: metadata.uid).map(\.id) == store.eventItems(of: metadata.uid).map(\.id))
      }
    }
  }

  /// A job that was made anew under the same name has none of the old one's pods, and a cron job none of the jobs of its
  /// namesake: owners are matched by UID.
  @Test func namesakesOwnNothingOfEachOther() throws {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.node("node-1", cpu: "4", memory: "8Gi")
    let cron = fixture.cronJob("report", "0 0 * * *", last: nil)
    let old = fixture.job("build", .init(age: 100, failed: 1, owner: ("CronJob", "report", cron.metadata.uid)))
    let pod = fixture.pod("aaaaa", of: old, .init(phase: .failed, age: 90, finished: 60, exit: 1))
    var driver = Driver(fixture)
    var (newJob, newCron) = (old, cron)
    newJob.metadata.uid = "another-job"
    newJob.status = JobStatus()
    newJob.metadata.ownerReferences[0].uid = "another-cron"
    newCron.metadata.uid = "another-cron"
    for (gone, made) in [(KubeObject.cronJob(cron), .cronJob(newCron)), (.job(old), KubeObject.job(newJob))] {
      driver.send(.changes([Change(verb: .deleted, object: gone, version: 10)]))
      driver.send(.changes([Change(verb: .added, object: made, version: 11)]))
    }
    let store = driver.dashboard.store
    #expect(store.podItems(ofJob: "another-job").isEmpty && store.pods(ofJob: "another-job").uids.isEmpty)
    #expect(store.podItems(ofJob: old.metadata.uid).map(\.name) == [pod.metadata.name])
    #expect(store.jobItems(ofOwner: "another-cron").map(\.uid) == ["another-job"])
    #expect(store.jobItems(ofOwner: cron.metadata.uid).isEmpty)
    // On the screen: the old pod is in the table of all pods, and not in that of the new job, whose log has no pods.
    driver.select("build")
    driver.press("enter")
    #expect(driver.rows.isEmpty)
    driver.press("esc l")
    #expect(driver.screen.contains("build has no pods"))
    driver.press("w")
    #expect(!driver.screen.contains(pod.metadata.name))
    driver.press("esc : p o d s enter")
    #expect(driver.rows == [pod.metadata.name])
    driver.press("u")
    #expect(driver.screen.contains("belongs to nothing that is here"))
  }

  @Test func backoffDoublesToTenMinutes() {
    #expect(
      [1, 2, 3, 6, 7, 8, 60].map { JobPods.backoff(failures: $0) }
        == [10, 20, 40, 320, 600, 600, 600].map { .seconds($0) })
  }

  @Test func anIndexThatHasFailedIsNotTriedAgain() throws {
    var fixture = Fixture()
    var job = fixture.job("sweep", .init(completions: 4, mode: .indexed, age: 100, failed: 1))
    job.spec.backoffLimitPerIndex = 0
    var pod = fixture.pod("aaaaa", of: job, .init(phase: .failed, age: 90, finished: 60, exit: 1, index: 2))
    pod.metadata.annotations["batch.kubernetes.io/job-index-failure-count"] = "0"
    var store = Store()
    _ = store.apply(Change(verb: .added, object: .job(job), version: 1))
    _ = store.apply(Change(verb: .added, object: .pod(pod), version: 2))
    let waiting = try #require(store.job(job.metadata.uid))
    #expect(store.pods(ofJob: job.metadata.uid).nextRetry(of: waiting) != nil)
    job.status.failedIndexes = "0,2-3"
    _ = store.apply(Change(verb: .modified, object: .job(job), version: 3))
    let lost = try #require(store.job(job.metadata.uid))
    #expect(store.pods(ofJob: job.metadata.uid).nextRetry(of: lost) == nil)
    #expect(TableView.jobStatus(lost, Driver().dashboard.context).word == "Running")
  }

  @Test func nextRetryCountsFromTheLastFailure() throws {
    var fixture = Fixture()
    let job = fixture.job("flaky", .init(age: 100, failed: 2))
    fixture.pod("aaaaa", of: job, .init(phase: .failed, age: 100, finished: 60, exit: 1))
    fixture.pod("bbbbb", of: job, .init(phase: .failed, age: 50, finished: 5, exit: 1))
    var store = Store()
    for change in fixture.changes { _ = store.apply(change) }
    let item = try #require(store.job(job.metadata.uid))
    #expect(store.pods(ofJob: job.metadata.uid).nextRetry(of: item) == Fixture.now - .seconds(5) + .seconds(20))
  }

  @Test func aPodThatIsTakenAwayHasFailedFromThenOn() throws {
    var fixture = Fixture()
    let job = fixture.job("taken", .init(age: 100, failed: 1))
    var pod = fixture.pod("aaaaa", of: job, .init(age: 100))
    var store = Store()
    for change in fixture.changes { _ = store.apply(change) }
    let item = try #require(store.job(job.metadata.uid))
    pod.status.conditions.append(Condition("DisruptionTarget", true, reason: "PreemptionByScheduler", at: Fixture.now))
    pod.metadata.deletionTimestamp = Fixture.now + .seconds(25)
    pod.metadata.deletionGracePeriodSeconds = 30
    _ = store.apply(Change(verb: .modified, object: .pod(pod), version: 90))
    // Its place is taken until it is gone.
    #expect(store.pods(ofJob: job.metadata.uid).nextRetry(of: item) == nil)
    pod.status.phase = .succeeded
    pod.metadata.deletionTimestamp = Fixture.now + .seconds(8)
    _ = store.apply(Change(verb: .deleted, object: .pod(pod), version: 91))
    #expect(store.pods(ofJob: job.metadata.uid).nextRetry(of: item) == Fixture.now + .seconds(5))
  }

  @Test func aSuccessEndsTheRowOfFailures() throws {
    var fixture = Fixture()
    let job = fixture.job("mixed", .init(completions: 5, age: 100, succeeded: 1, failed: 2))
    fixture.pod("aaaaa", of: job, .init(phase: .failed, age: 100, finished: 60, exit: 1))
    fixture.pod("bbbbb", of: job, .init(phase: .succeeded, age: 50, finished: 30, exit: 0))
    fixture.pod("ccccc", of: job, .init(phase: .failed, age: 20, finished: 8, exit: 1))
    var store = Store()
    for change in fixture.changes.reversed() { _ = store.apply(change) }
    let item = try #require(store.job(job.metadata.uid))
    #expect(store.pods(ofJob: job.metadata.uid).nextRetry(of: item) == Fixture.now - .seconds(8) + .seconds(10))
  }

  @Test func theLastExitOutlivesItsPod() throws {
    var fixture = Fixture()
    let job = fixture.job("gone", .init(age: 100, failed: 1))
    let pod = fixture.pod("aaaaa", of: job, .init(phase: .failed, age: 100, finished: 60, exit: 42))
    var store = Store()
    for change in fixture.changes { _ = store.apply(change) }
    _ = store.apply(Change(verb: .deleted, object: .pod(pod), version: 99))
    #expect(store.pods(ofJob: job.metadata.uid).lastExit?.terminated.exitCode == 42)
  }
}

/// A small generator with a seed, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
