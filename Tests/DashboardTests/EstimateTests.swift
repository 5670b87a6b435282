import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct EstimateTests {
  private let now = Fixture.now

  private func history(_ minutes: [Int]) -> RunHistory {
    var history = RunHistory()
    for (index, length) in minutes.enumerated() {
      history.note("job-\(index)", took: .seconds(length * 60), ended: now - .seconds(10_000 - index))
    }
    return history
  }

  private func job(_ elapsed: Int, done: Int = 0, of wanted: Int = 1, parallelism: Int = 1) -> JobItem {
    var job = Job()
    job.metadata.name = "x"
    job.metadata.uid = "x"
    job.spec.completions = wanted
    job.spec.parallelism = parallelism
    job.status.startTime = now - .seconds(elapsed)
    job.status.succeeded = done
    job.status.active = 1
    return JobItem(job)
  }

  /// Pods that ran from so many seconds ago to so many, or still run.
  private func pods(_ spans: [(from: Int, to: Int?)], at now: Instant = Fixture.now) -> JobPods {
    let pods = JobPods()
    for (index, span) in spans.enumerated() {
      var pod = Pod()
      pod.metadata.uid = "pod-\(index)"
      pod.metadata.creationTimestamp = now - .seconds(span.from)
      pod.status.startTime = now - .seconds(span.from)
      pod.status.phase = .running
      let running = PodItem(pod)
      pods.replace(nil, with: running)
      guard let end = span.to else { continue }
      pod.status.phase = .succeeded
      var status = ContainerStatus()
      var ended = ContainerState.Terminated()
      ended.finishedAt = now - .seconds(end)
      status.state.terminated = ended
      pod.status.containerStatuses = [status]
      pods.replace(running, with: PodItem(pod))
    }
    return pods
  }

  private func left(_ job: JobItem, _ pods: JobPods, _ history: RunHistory = RunHistory(), after: Int = 0) -> Duration?
  {
    Estimate(job, pods, history, now: now + .seconds(after))?.left
  }

  // MARK: What is usual

  @Test func whatIsUsualIsTheMedianWithItsSpread() {
    #expect(history([]).median == nil)
    #expect(history([]).spread == nil)
    #expect(history([]).text == nil)
    #expect(history([4, 9, 3]).median == .seconds(240))
    #expect(history([4, 9, 3, 5]).median == .seconds(270))
    #expect(history([4, 9, 3]).spread == .seconds(180) ... .seconds(540))
    #expect(history([1, 2, 3, 4, 5]).middle == .seconds(120) ... .seconds(240))
    #expect(history([4]).text == "about 4m (as its one earlier run did)")
    #expect(history([4, 9, 3]).text == "about 4m (3 runs took 3m to 9m)")
    #expect(history([1, 2, 3, 4, 5]).text == "about 3m (half of 5 runs took 2m to 4m, all of them 60s to 5m)")
  }

  @Test func onlyTheLatestRunsCount() {
    let long = history(Array(repeating: 60, count: 20) + Array(repeating: 1, count: 20))
    #expect(long.count == 20)
    #expect(long.median == .seconds(60))
    #expect(long.spread == .seconds(60) ... .seconds(60))
  }

  @Test func aRunIsCountedOnce() {
    var usual = history([4, 6])
    usual.note("job-0", took: .seconds(240), ended: now - .seconds(10_000))
    #expect(usual.count == 2)
    #expect(usual.median == .seconds(300))
  }

  @Test func longerThanUsualIsMarkedEvenAfterFewRuns() {
    #expect(history([4]).isExceeded(by: .seconds(11 * 60)))
    #expect(history([4, 4]).isExceeded(by: .seconds(11 * 60)))
    #expect(!history([4, 4]).isExceeded(by: .seconds(8 * 60)))
    // One slow run among others does not hide it.
    #expect(history([4, 4, 4, 5, 30]).isExceeded(by: .seconds(11 * 60)))
    // What takes now 2 and now 20 minutes may take 15.
    #expect(!history([2, 20, 3, 18, 4]).isExceeded(by: .seconds(15 * 60)))
    #expect(!history([]).isExceeded(by: .seconds(1 << 20)))
    // Seconds are not worth a mark.
    var quick = RunHistory()
    quick.note("a", took: .milliseconds(300), ended: now)
    #expect(!quick.isExceeded(by: .seconds(2)))
  }

  // MARK: What is left

  @Test func progressTellsMoreThanHistoryOnceThereIsSome() throws {
    let usual = history([10])
    let early = try #require(Estimate(job(60, done: 1, of: 10), pods([]), usual, now: now))
    #expect(early.basis == .history)
    #expect(early.left == .seconds(540))
    let later = try #require(Estimate(job(60, done: 4, of: 8), pods([(60, 45), (45, 30)]), usual, now: now))
    #expect(later.basis == .progress)
    #expect(later.left == .seconds(60))
    let alone = try #require(Estimate(job(60, done: 1, of: 10), pods([]), history([]), now: now))
    #expect(alone.basis == .progress)
    #expect(alone.left == .seconds(540))
  }

  @Test func wavesOfPodsCountDownEvenly() {
    // Eight completions of a minute each, four at a time: the second wave began just now.
    let wave = pods([(60, 0), (60, 0), (60, 0), (60, 0), (0, nil), (0, nil), (0, nil), (0, nil)])
    let job = job(60, done: 4, of: 8, parallelism: 4)
    #expect(left(job, wave) == .seconds(60))
    #expect(left(job, wave, after: 30) == .seconds(30))
    #expect(left(job, wave, after: 59) == .seconds(1))
    // It never grows while nothing ends.
    #expect(left(job, wave, after: 90) == .zero)
  }

  @Test func podsThatHaveNotBegunTakeTheirWholeTime() {
    let wave = pods([(60, 0), (60, 0), (60, 0), (60, 0), (0, nil), (0, nil), (0, nil), (0, nil)])
    let job = job(60, done: 4, of: 9, parallelism: 4)
    #expect(left(job, wave) == .seconds(75))
    #expect(left(job, wave, after: 50) == .seconds(60))
  }

  @Test func whereThePodsAreGoneTheCompletionsTell() {
    let job = job(90, done: 4, of: 8, parallelism: 4)
    let wave = pods([(30, nil), (30, nil), (30, nil), (30, nil)])
    #expect(left(job, wave) == .seconds(30))
    #expect(left(job, wave, after: 15) == .seconds(15))
  }

  /// A job of pods that take about a minute each, lived through second by second.
  @Test(arguments: [1, 4, 7, 40])
  func estimatesAreNearAndNeverGrowWhileNothingEnds(_ parallelism: Int) throws {
    var random = SplitMix(seed: UInt64(parallelism))
    let completions = 40
    let lengths = (0..<completions).map { _ in 50 + Int(random.next() % 21) }
    var ends: [Int] = []
    for (index, length) in lengths.enumerated() {
      // The next pod begins when the first of those that run has ended.
      let begin = index < parallelism ? 0 : ends.sorted()[index - parallelism]
      ends.append(begin + length)
    }
    let whole = try #require(ends.max())
    var job = job(0, of: completions, parallelism: parallelism).job
    job.status.startTime = now
    var (lastLeft, lastDone) = (Duration.zero, -1)
    for second in stride(from: 1, to: whole, by: 3) {
      let begins = zip(ends, lengths).map { $0 - $1 }
      let spans = zip(begins, ends).filter { $0.0 <= second }
        .map { (from: second - $0.0, to: $0.1 <= second ? second - $0.1 : nil) }
      let time = now + .seconds(second)
      job.status.succeeded = ends.count { $0 <= second }
      guard Double(job.status.succeeded) >= 0.2 * Double(completions) else { continue }
      let left = try #require(Estimate(JobItem(job), pods(spans, at: time), RunHistory(), now: time)?.left)
      if job.status.succeeded == lastDone { #expect(left <= lastLeft, "after \(second) s") }
      (lastLeft, lastDone) = (left, job.status.succeeded)
      // Within half a pod's time, and a quarter of what is left.
      let truth = Duration.seconds(whole - second)
      let error = left > truth ? left - truth : truth - left
      #expect(error <= .seconds(35) + truth * 0.25, "after \(second) s: \(left) instead of \(truth)")
    }
  }

  @Test func theEndIsToldWhereThereIsRoom() {
    var driver = Driver(size: Size(columns: 200, rows: 50))
    #expect(driver.screen.contains("~60s  ~14:04:07"))
    driver.select("render-frames")
    driver.press("w")
    #expect(driver.screen.contains("By its completions so far it ends in about 60s, at about 14:04:07: an estimate."))
    driver.press("esc d")
    #expect(driver.screen.contains("Estimate:"))
  }

  @Test func nothingIsSaidWhereNothingIsKnown() {
    #expect(left(job(60), pods([])) == nil)
    var ended = job(60).job
    ended.status.conditions = [Condition("Complete", true, reason: "", message: "", at: now)]
    #expect(left(JobItem(ended), pods([]), history([5])) == nil)
    ended.status.conditions = []
    ended.status.startTime = nil
    #expect(left(JobItem(ended), pods([]), history([5])) == nil)
  }

  // MARK: The same work

  private func finished(_ name: String, command: String = "work", took: Int, ago: Int = 100) -> Job {
    var job = Job()
    job.metadata.name = name
    job.metadata.uid = name
    job.metadata.namespace = "default"
    var container = Container()
    container.command = ["sh", "-c", command]
    job.spec.template.spec.containers = [container]
    job.status.startTime = now - .seconds(ago + took)
    job.status.completionTime = now - .seconds(ago)
    job.status.conditions = [Condition("Complete", true, reason: "", message: "", at: now - .seconds(ago))]
    return job
  }

  @Test func historiesOutliveANewSnapshotAndCountNothingTwice() {
    let jobs = [finished("a", took: 60), finished("b", took: 120)]
    var store = Store()
    func read() { for job in jobs { _ = store.apply(Change(verb: .added, object: .job(job), version: 1)) } }
    read()
    let before = store.history(of: JobItem(jobs[0]))
    #expect(before.count == 2)
    store.reset()
    #expect(store.history(of: JobItem(jobs[0])) == before)
    read()
    #expect(store.history(of: JobItem(jobs[0])) == before)
  }

  @Test func whatWasNotUsedForLongestIsForgottenFirst() {
    var histories = RunHistories(limit: 10)
    let used = JobItem(finished("used", command: "used", took: 60))
    histories.note(used)
    for number in 0..<100 {
      histories.note(JobItem(finished("job-\(number)", command: "\(number)", took: 60)))
      // A run of it goes on.
      var running = used.job
      running.metadata.uid = "again"
      running.status.conditions = []
      histories.note(JobItem(running))
    }
    #expect(histories.count <= 10)
    #expect(histories[used.work].count == 1)
    #expect(histories[JobItem(finished("x", command: "99", took: 1)).work].count == 1)
    #expect(histories[JobItem(finished("x", command: "0", took: 1)).work].count == 0)
  }

  @Test func itIsTheWorkThatCountsAndNotTheName() {
    let original = JobItem(finished("report", took: 60))
    let again = JobItem(JobCopy.again(original.job, name: "report-r2"))
    #expect(again.work == original.work)
    // Of a cron job's job run by hand, which has no owner.
    var owned = original.job
    owned.metadata.name = "report-29656420"
    owned.metadata.ownerReferences = [OwnerReference()]
    #expect(JobItem(JobCopy.again(owned, name: "report-29656420-r2")).work == original.work)
    var changed = again.job
    changed.spec.template.spec.containers[0].command = ["sh", "-c", "other work"]
    #expect(JobItem(changed).work != original.work)
    var more = again.job
    more.spec.completions = 5
    #expect(JobItem(more).work != original.work)
    var elsewhere = again.job
    elsewhere.metadata.namespace = "web"
    #expect(JobItem(elsewhere).work != original.work)
  }

  @Test func whatTakesLongerThanUsualIsMarkedWhereverItIsSeen() {
    var fixture = Fixture()
    fixture.namespace("default")
    let done = fixture.job(
      "report", .init(age: 1_000, succeeded: 1, verdict: ("Complete", "CompletionsReached", "", 880)))
    var again = JobCopy.again(done, name: "report-r2")
    again.metadata.uid = "again"
    again.status.startTime = Fixture.now - .seconds(660)
    again.status.active = 1
    var driver = Driver(fixture)
    driver.send(.changes([Change(verb: .added, object: .job(again), version: 99)]))
    driver.select("report-r2")
    #expect(driver.screen.contains("usually 2m"))
    #expect(driver.screen.contains("! 11m"))
    driver.press("w")
    #expect(driver.screen.contains("It usually takes about 2m (as its one earlier run did), now 11m"))
    #expect(driver.screen.contains("clearly longer than usual"))
    driver.press("esc d")
    #expect(driver.screen.contains("about 2m (as its one earlier run did)"))
  }
}
