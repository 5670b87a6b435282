import KubeModel
import Testing

@testable import ControlPlane

/// The cron job controller in virtual time. The clock stands at 12:00:30.25 in the beginning.
struct CronJobTests {
  // MARK: Runs

  @Test func runsAtEachSlot() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.run(for: .seconds(200))
    #expect(cluster.startedSlots == ["2026-03-02T12:01:00Z", "2026-03-02T12:02:00Z", "2026-03-02T12:03:00Z"])
    let slot = try time("2026-03-02T12:03:00Z")
    let job = try #require(cluster.jobs.last)
    #expect(job.metadata.name == "tick-\(slot.seconds / 60)")
    #expect(job.metadata.creationTimestamp == slot)
    #expect(job.metadata.labels["app"] == "tick")
    #expect(job.metadata.annotations["note"] == "kept")
    let owner = try #require(job.metadata.ownerReferences.first)
    #expect(owner.kind == "CronJob" && owner.name == "tick" && owner.apiVersion == "batch/v1")
    #expect(owner.uid == (try cluster.cronJob().metadata.uid))
    #expect(owner.controller == true && owner.blockOwnerDeletion == true)
    let status = try cluster.cronJob().status
    #expect(status.lastScheduleTime == slot)
    #expect(status.lastSuccessfulTime?.seconds == slot.seconds + 5)
    #expect(status.active.isEmpty)
    let names = cluster.jobs.map(\.metadata.name)
    #expect(cluster.messages("SuccessfulCreate") == names.map { "Created job \($0)" })
    #expect(cluster.messages("SawCompletedJob") == names.map { "Saw completed job: \($0), condition: Complete" })
    #expect(cluster.reasons(of: "tick") == ["SuccessfulCreate": 3, "SawCompletedJob": 3])
  }

  @Test func listsWhatRuns() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(annotations: ["duration": "90s"]))
    cluster.run(until: try time("2026-03-02T12:02:10Z"))
    let active = try cluster.cronJob().status.active
    #expect(active.map(\.name) == cluster.jobs.map(\.metadata.name))
    #expect(active.map(\.uid) == cluster.jobs.map(\.metadata.uid))
    #expect(active.allSatisfy { $0.kind == "Job" && $0.apiVersion == "batch/v1" && $0.namespace == "default" })
    cluster.run(until: try time("2026-03-02T12:02:50Z"))
    #expect(try cluster.cronJob().status.active.map(\.name) == cluster.jobs.dropFirst().map(\.metadata.name))
  }

  @Test func aFailedRunIsNoSuccess() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(job: "backoffLimit: 0", annotations: ["exit-code": "1"]))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    let job = try #require(cluster.jobs.first)
    #expect(try cluster.cronJob().status.lastSuccessfulTime == nil)
    #expect(try cluster.cronJob().status.active.isEmpty)
    #expect(cluster.messages("SawCompletedJob") == ["Saw completed job: \(job.metadata.name), condition: Failed"])
  }

  @Test func laterJobsFollowAnEditedTemplate() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    try cluster.patchCronJob(["jobTemplate": ["metadata": ["labels": ["app": "other"]]]])
    cluster.run(until: try time("2026-03-02T12:02:30Z"))
    #expect(cluster.jobs.map { $0.metadata.labels["app"] } == ["tick", "other"])
  }

  @Test func everyKeepsItsPace() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "@every 90s"))
    cluster.run(for: .seconds(300))
    // An outage of 1000 s: the latest missed one runs, and the pace stays the creation's.
    cluster.now = cluster.now + .seconds(1000)
    cluster.run(for: .seconds(100))
    let created = try time("2026-03-02T12:00:30Z")
    let slots = try cluster.startedSlots.map { try time($0).seconds - created.seconds }
    #expect(slots == [90, 180, 270, 1260, 1350])
  }

  // MARK: History

  @Test(arguments: [("Complete", "0", 2), ("Failed", "1", 1)])
  func keepsAsManyFinishedJobsAsAllowed(_ end: String, _ exitCode: String, _ limit: Int) throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(
      cronManifest(
        "tick", "*/1 * * * *", "successfulJobsHistoryLimit: 2;failedJobsHistoryLimit: 1", job: "backoffLimit: 0",
        annotations: ["exit-code": exitCode, "duration": "5s"]))
    cluster.run(until: try time("2026-03-02T12:05:30Z"))
    let minute = try time("2026-03-02T12:05:00Z").seconds / 60
    let names = (0..<Int64(5)).reversed().map { "tick-\(minute - $0)" }
    #expect(cluster.jobs.map(\.metadata.name) == Array(names.suffix(limit)))
    #expect(cluster.jobs.allSatisfy { $0.status.conditions.isTrue(end) })
    #expect(cluster.pods.count == limit)
    #expect(cluster.messages("SuccessfulDelete") == names.dropLast(limit).map { "Deleted job \($0)" })
  }

  @Test func keepsNothingWithALimitOfZero() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "*/1 * * * *", "successfulJobsHistoryLimit: 0"))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    #expect(cluster.jobs.isEmpty)
    // The history is trimmed first: nobody sees such a job complete.
    #expect(cluster.reasons(of: "tick") == ["SuccessfulCreate": 1, "SuccessfulDelete": 1])
    #expect(try cluster.cronJob().status.active.isEmpty)
    // It counts all the same: the controller goes through the jobs that it had listed before.
    #expect(try cluster.cronJob().status.lastSuccessfulTime != nil)
  }

  @Test func aLoweredLimitCountsAtOnce() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.run(until: try time("2026-03-02T12:03:30Z"))
    #expect(cluster.jobs.count == 3)
    try cluster.patchCronJob(["successfulJobsHistoryLimit": 1])
    #expect(cluster.jobs.map(\.metadata.creationTimestamp) == [try time("2026-03-02T12:03:00Z")])
  }

  @Test func historyGoesByStartAndThenByName() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "0 0 1 1 *", "successfulJobsHistoryLimit: 1"))
    let cronJob = try cluster.cronJob()
    // "b" starts first though it is the younger one by name; of "c" and "a", which start within a second, "a" is first.
    for (name, wait) in [("b", 2), ("c", 0), ("a", 0)] {
      try cluster.submit(.create(.job(cronJob.manualJob(named: name))))
      cluster.run(for: .seconds(wait))
    }
    cluster.run(for: .seconds(30))
    #expect(cluster.jobs.map(\.metadata.name) == ["c"])
    let deleted = cluster.changes.filter { $0.verb == .deleted && $0.object.kind == .job }.map(\.object.metadata.name)
    #expect(deleted == ["b", "a"])
  }

  // MARK: The list of active jobs

  @Test func aDeletedJobGoesMissing() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(annotations: ["duration": "1h"]))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    let name = try #require(cluster.jobs.first).metadata.name
    try cluster.deleteJob(name)
    #expect(try cluster.cronJob().status.active.isEmpty)
    #expect(cluster.messages("MissingJob") == ["Active job went missing: \(name)"])
    // Its slot was run.
    cluster.run(until: try time("2026-03-02T12:01:50Z"))
    #expect(cluster.jobs.isEmpty)
  }

  @Test func aJobStartedByHandIsUnexpectedButCountsAsTheCronJobs() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "0 0 1 1 *", "successfulJobsHistoryLimit: 1"))
    try cluster.submit(.create(.job(cluster.cronJob().manualJob(named: "by-hand"))))
    #expect(try cluster.cronJob().status.active.isEmpty)
    #expect(
      cluster.messages("UnexpectedJob") == ["Saw a job that the controller did not create or forgot: by-hand"])
    #expect(cluster.events.first { $0.reason == "UnexpectedJob" }?.type == "Warning")
    cluster.run(for: .seconds(10))
    #expect(try cluster.cronJob().status.lastSuccessfulTime == cluster.job("by-hand")?.status.completionTime)
    #expect(try cluster.cronJob().status.lastScheduleTime == nil)
    #expect(cluster.reasons(of: "tick")["SawCompletedJob"] == nil)
    try cluster.submit(.create(.job(cluster.cronJob().manualJob(named: "again"))))
    cluster.run(for: .seconds(10))
    #expect(cluster.jobs.map(\.metadata.name) == ["again"])
  }

  @Test func aJobStartedByHandKeepsNoSlotFromRunning() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "*/1 * * * *", "concurrencyPolicy: Forbid", annotations: ["duration": "1h"]))
    try cluster.submit(.create(.job(cluster.cronJob().manualJob(named: "by-hand"))))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    #expect(cluster.startedSlots == ["2026-03-02T12:01:00Z"])
  }

  @Test func aForgottenJobIsListedAgain() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(annotations: ["duration": "1h"]))
    let slot = try time("2026-03-02T12:01:00Z")
    let name = "tick-\(slot.seconds / 60)"
    try cluster.submit(.create(.job(cluster.cronJob().manualJob(named: name))))
    cluster.run(until: slot + .seconds(10))
    #expect(try cluster.cronJob().status.active.map(\.name) == [name])
    #expect(try cluster.cronJob().status.lastScheduleTime == slot)
    #expect(cluster.reasons(of: "tick")["SuccessfulCreate"] == nil)
  }

  @Test func somebodyElsesJobOfTheNameIsLeftAlone() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    let slot = try time("2026-03-02T12:01:00Z")
    try cluster.apply(
      JobControllerTests.manifest("tick-\(slot.seconds / 60)", annotations: ["duration": "1h"])
        .replacing("metadata: {", with: "metadata: {namespace: default, ", maxReplacements: 1))
    cluster.run(until: slot + .seconds(10))
    #expect(try cluster.cronJob().status == CronJobStatus())
    #expect(cluster.reasons(of: "tick").isEmpty)
    cluster.run(until: slot + .seconds(70))
    #expect(cluster.startedSlots == ["2026-03-02T12:02:00Z"])
  }

  @Test func aJobMayChangeHands() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(annotations: ["duration": "1h"]))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    let name = try #require(cluster.jobs.first).metadata.name
    try cluster.patchJob(name, ["metadata": ["ownerReferences": []]])
    let owned = cluster.plane.cronRecords[try cluster.cronJob().metadata.uid]?.jobs
    #expect(owned == [])
    #expect(cluster.plane.checkInvariants() == [])
  }

  // MARK: Concurrency

  @Test func forbidStartsTheSameSlotLate() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(
      cronManifest("tick", "*/1 * * * *", "concurrencyPolicy: Forbid", annotations: ["duration": "80s"]))
    cluster.run(until: try time("2026-03-02T12:02:10Z"))
    #expect(cluster.startedSlots == ["2026-03-02T12:01:00Z"])
    #expect(
      cluster.messages("JobAlreadyActive") == [
        "Not starting job because prior execution is running and concurrency policy is Forbid"
      ])
    #expect(try cluster.cronJob().status.lastScheduleTime == time("2026-03-02T12:01:00Z"))
    cluster.run(until: try time("2026-03-02T12:02:30Z"))
    #expect(cluster.startedSlots == ["2026-03-02T12:01:00Z", "2026-03-02T12:02:00Z"])
    #expect(cluster.jobs.last?.metadata.creationTimestamp == (try time("2026-03-02T12:02:20Z")))
    #expect(try cluster.cronJob().status.lastScheduleTime == time("2026-03-02T12:02:00Z"))
  }

  @Test func forbidMindsTheDeadline() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(
      cronManifest(
        "tick", "*/1 * * * *", "concurrencyPolicy: Forbid;startingDeadlineSeconds: 10",
        annotations: ["duration": "80s"]))
    cluster.run(until: try time("2026-03-02T12:03:30Z"))
    #expect(cluster.startedSlots == ["2026-03-02T12:01:00Z", "2026-03-02T12:03:00Z"])
  }

  @Test func replaceDeletesWhatRuns() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(
      cronManifest("tick", "*/1 * * * *", "concurrencyPolicy: Replace", annotations: ["duration": "1h"]))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    let first = try #require(cluster.jobs.first).metadata.name
    cluster.run(until: try time("2026-03-02T12:02:30Z"))
    #expect(cluster.jobs.count == 1)
    #expect(cluster.jobs.first?.metadata.name != first)
    #expect(try cluster.cronJob().status.active.map(\.name) == cluster.jobs.map(\.metadata.name))
    #expect(cluster.messages("SuccessfulDelete") == ["Deleted job \(first)"])
    #expect(cluster.pods.count == 1)
    #expect(cluster.reasons(of: "tick")["MissingJob"] == nil)
  }

  // MARK: Missed slots

  @Test func afterAnOutageTheLatestSlotAloneRuns() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.now = try time("2026-03-02T13:10:20Z")
    cluster.run(for: .seconds(1))
    #expect(cluster.startedSlots == ["2026-03-02T13:10:00Z"])
    #expect(cluster.reasons(of: "tick")["TooManyMissedTimes"] == nil)
  }

  @Test func moreThanAHundredMissedSlotsAreTold() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.now = try time("2026-03-02T13:41:20Z")
    cluster.run(for: .seconds(1))
    #expect(cluster.startedSlots == ["2026-03-02T13:41:00Z"])
    #expect(
      cluster.messages("TooManyMissedTimes") == [
        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
      ])
  }

  @Test(arguments: [("2026-03-02T12:05:08Z", 1), ("2026-03-02T12:05:12Z", 0)])
  func theDeadlineDecidesWhetherALateSlotRuns(_ back: String, _ runs: Int) throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "*/5 * * * *", "startingDeadlineSeconds: 10"))
    cluster.now = try time(back)
    cluster.run(for: .seconds(1))
    #expect(cluster.jobs.count == runs)
    cluster.run(until: try time("2026-03-02T12:10:30Z"))
    #expect(cluster.jobs.count == runs + 1)
  }

  @Test func dueSlots() throws {
    let now = try time("2026-03-02T12:00:30Z")
    func due(_ schedule: String, after: String) throws -> DueSlot {
      var spec = CronJobSpec()
      spec.schedule = schedule
      return try CronTimes(spec, local: .utc).due(after: time(after), upTo: now)
    }
    #expect(try due("0 * * * *", after: "2026-03-02T12:00:00Z") == .none)
    #expect(try due("0 * * * *", after: "2026-03-02T11:30:00Z") == .slot(time("2026-03-02T12:00:00Z"), missed: 1))
    #expect(try due("0 * * * *", after: "2026-03-02T09:30:00Z") == .slot(time("2026-03-02T12:00:00Z"), missed: 3))
    // Uneven intervals: the first two stand for all when they are counted, and the latest is found all the same.
    #expect(
      try due("30 6-16/4 * * 1-5", after: "2026-02-27T06:30:00Z") == .slot(time("2026-03-02T10:30:00Z"), missed: 19))
    #expect(
      try due("30 6-16/4 * * 5", after: "2026-02-27T06:30:00Z") == .slot(time("2026-02-27T14:30:00Z"), missed: 19))
    #expect(try due("@every 7m", after: "2026-03-02T11:00:10Z") == .slot(time("2026-03-02T11:56:10Z"), missed: 8))
    #expect(try due("59 23 31 2 *", after: "2026-03-02T11:00:10Z") == .never)
    #expect(
      try due("* * * * *", after: "1990-01-01T00:00:00Z") == .slot(time("2026-03-02T12:00:00Z"), missed: 19_021_680))
  }

  @Test func aDateThatDoesNotExist() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "59 23 31 2 *"))
    #expect(
      cluster.messages("InvalidSchedule") == [
        "invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second"
      ])
    cluster.run(for: .seconds(3 * 366 * 86_400))
    #expect(cluster.jobs.isEmpty)
  }

  // MARK: Suspension and edits

  @Test(arguments: [("", ["2026-03-02T12:05:00Z"]), ("startingDeadlineSeconds: 10", [])])
  func resumptionRunsTheLatestMissedSlot(_ spec: String, _ expected: [String]) throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "*/1 * * * *", "suspend: true;" + spec))
    cluster.run(until: try time("2026-03-02T12:05:40Z"))
    #expect(cluster.jobs.isEmpty)
    try cluster.patchCronJob(["suspend": false])
    #expect(cluster.startedSlots == expected)
    cluster.run(until: try time("2026-03-02T12:06:10Z"))
    #expect(cluster.startedSlots == expected + ["2026-03-02T12:06:00Z"])
  }

  @Test func suspensionLeavesWhatRuns() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(annotations: ["duration": "90s"]))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    try cluster.patchCronJob(["suspend": true])
    cluster.run(until: try time("2026-03-02T12:05:30Z"))
    #expect(cluster.jobs.map { $0.end } == ["Complete:CompletionsReached"])
    // The list of active jobs is looked after all the same.
    #expect(try cluster.cronJob().status.active.isEmpty)
    #expect(cluster.reasons(of: "tick")["SawCompletedJob"] == 1)
  }

  @Test func aNewScheduleWaitsForItsNextSlot() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest("tick", "0 0 1 1 *"))
    cluster.run(until: try time("2026-03-02T12:10:30Z"))
    // The slots that it would have had since the creation are not made good for.
    try cluster.patchCronJob(["schedule": "*/3 * * * *"])
    #expect(cluster.jobs.isEmpty)
    cluster.run(until: try time("2026-03-02T12:12:10Z"))
    #expect(cluster.startedSlots == ["2026-03-02T12:12:00Z"])
    try cluster.patchCronJob(["schedule": "0 13 * * *"])
    cluster.run(until: try time("2026-03-02T12:59:50Z"))
    #expect(cluster.startedSlots.count == 1)
    try cluster.patchCronJob(["timeZone": "Europe/Paris"])
    cluster.run(until: try time("2026-03-03T12:00:10Z"))
    #expect(cluster.startedSlots.dropFirst() == ["2026-03-03T13:00:00+01:00"])
  }

  // MARK: Time zones

  @Test func withoutAZoneTheClockIsTheControllers() throws {
    let paris = try TimeZoneRules(named: "Europe/Paris")
    var cluster = try SimulatedClusterDriver.cron(timeZone: paris)
    try cluster.apply(cronManifest("local", "30 13 * * *"))
    try cluster.apply(cronManifest("zoned", "30 13 * * *", "timeZone: Asia/Tokyo"))
    cluster.run(for: .seconds(86_400))
    // The annotation is in the cron job's zone, which is UTC where it has none.
    #expect(cluster.startedSlots == ["2026-03-02T12:30:00Z", "2026-03-03T13:30:00+09:00"])
  }

  @Test func aSkippedHourDoesNotRunAndARepeatedOneRunsTwice() throws {
    var spring = try SimulatedClusterDriver.cron(at: "2026-03-28T12:00:00Z")
    try spring.apply(cronManifest("tick", "30 2 * * *", "timeZone: Europe/Paris"))
    spring.run(for: .seconds(2 * 86_400))
    #expect(spring.startedSlots == ["2026-03-30T02:30:00+02:00"])
    var autumn = try SimulatedClusterDriver.cron(at: "2026-10-24T12:00:00Z")
    try autumn.apply(cronManifest("tick", "30 2 * * *", "timeZone: Europe/Paris"))
    autumn.run(for: .seconds(2 * 86_400))
    #expect(
      autumn.startedSlots == [
        "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00",
      ])
  }

  // MARK: Deletion

  @Test(arguments: [PropagationPolicy.background, .foreground, nil])
  func deletionTakesJobsAndPods(_ policy: PropagationPolicy?) throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(annotations: ["duration": "70s"]))
    cluster.run(until: try time("2026-03-02T12:02:30Z"))
    #expect(cluster.jobs.count == 2)
    var options = DeleteOptions()
    options.propagationPolicy = policy
    try cluster.submit(.delete(ObjectKey(.cronJob, namespace: "default", name: "tick"), options))
    cluster.run(for: .seconds(40))
    #expect(cluster.jobs.isEmpty && cluster.pods.isEmpty)
    cluster.run(for: .seconds(600))
    #expect(cluster.jobs.isEmpty)
  }

  @Test func deletionMayLeaveThem() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest(annotations: ["duration": "70s"]))
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    var options = DeleteOptions()
    options.propagationPolicy = .orphan
    try cluster.submit(.delete(ObjectKey(.cronJob, namespace: "default", name: "tick"), options))
    cluster.run(for: .seconds(120))
    #expect(cluster.jobs.map { $0.end } == ["Complete:CompletionsReached"])
    #expect(cluster.jobs.first?.metadata.ownerReferences == [])
    #expect(cluster.pods.count == 1)
  }

  @Test func oneOfTheSameNameStartsAnew() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.run(until: try time("2026-03-02T12:01:30Z"))
    try cluster.submit(.delete(ObjectKey(.cronJob, namespace: "default", name: "tick")))
    try cluster.apply(cronManifest())
    cluster.run(until: try time("2026-03-02T12:02:30Z"))
    #expect(cluster.startedSlots == ["2026-03-02T12:01:00Z", "2026-03-02T12:02:00Z"])
    #expect(cluster.jobs.count == 1)
  }

  // MARK: The clock

  @Test(arguments: [3_600, 86_400, 400 * 86_400])
  func aJumpOfTheClockMakesOneRunOfEachCronJob(_ seconds: Int) throws {
    var cluster = try SimulatedClusterDriver.cron()
    for number in 0..<5 { try cluster.apply(cronManifest("tick-\(number)", "*/\(number + 1) * * * *")) }
    cluster.run(until: try time("2026-03-02T12:01:10Z"))
    let before = cluster.startedSlots.count
    cluster.now = cluster.now + .seconds(seconds)
    cluster.run(for: .milliseconds(1))
    #expect(cluster.startedSlots.count == before + 5)
    // And on it goes: in the next 25 minutes every one runs when its time has come.
    let from = cluster.now
    cluster.run(for: .seconds(60 * 60))
    let later = try cluster.startedSlots.dropFirst(before + 5).map(time)
    #expect(later.allSatisfy { $0 > from })
    #expect(later.count == 60 + 30 + 20 + 15 + 12)
  }

  @Test func aTimeThatHasBeenIsNotDoneAgain() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.run(until: try time("2026-03-02T12:03:30Z"))
    // What comes in with an earlier time is taken to come now.
    cluster.plane.advance(to: try time("2026-03-02T11:00:00Z"))
    #expect(cluster.plane.currentTime == cluster.now)
    cluster.run(for: .seconds(60))
    #expect(cluster.startedSlots.count == 4)
  }

  @Test func aRestartMakesGoodForTheLatestMissedSlot() throws {
    var cluster = try SimulatedClusterDriver.cron()
    try cluster.apply(cronManifest())
    cluster.run(until: try time("2026-03-02T12:03:30Z"))
    let kinds: [Kind] = [.namespace, .node, .cronJob, .job, .pod, .event]
    let objects = kinds.flatMap { cluster.plane.list($0) }
    var restored = ControlPlane(
      restoring: objects, version: cluster.plane.version, .init(seed: 1, defaultRuntimeClass: "simulated"),
      at: try time("2026-03-02T15:00:30Z"))
    let jobs = restored.list(.job).map(\.metadata.name)
    #expect(jobs.last == "tick-\(try time("2026-03-02T15:00:00Z").seconds / 60)")
    #expect(jobs.count == 4)
    #expect(restored.nextTimer.map { $0 > cluster.now } == true)
    restored.advance(to: try time("2026-03-02T15:01:30Z"))
    #expect(restored.list(.job).count == 5)
  }
}
