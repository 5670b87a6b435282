import KubeModel
import Terminal
import Testing

@testable import Dashboard

struct CronJobColumnTests {
  /// The cell of a column of the cron job `name`.
  private func cell(_ column: String, of name: String, _ driver: Driver) -> String? {
    guard let row = driver.dashboard.store.all(.cronJob).first(where: { $0.name == name }) else { return nil }
    return TableView.cronJobs.column(column)?.cell(row, driver.dashboard.context).plain
  }

  @Test func theLastTenResultsTheOldestLeft() {
    var fixture = Fixture()
    fixture.namespace("default")
    let cron = fixture.cronJob("sync", "*/5 * * * *", last: 187)
    let owner = (kind: "CronJob", name: "sync", uid: cron.metadata.uid)
    for number in 0..<12 {
      // The newest still runs, that before it failed.
      let verdict: (type: String, reason: String, message: String, ago: Int64)? =
        number == 0 ? nil : number == 1 ? ("Failed", "DeadlineExceeded", "", 400) : ("Complete", "", "", 400)
      let job = fixture.job(
        "sync-\(100 - number)",
        Fixture.JobShape(
          age: 187 + Int64(number) * 300, active: number == 0 ? 1 : 0, verdict: verdict, owner: owner))
      if number == 0 { fixture.pod("aaaaa", of: job, Fixture.PodShape(age: 180)) }
    }
    #expect(cell("results", of: "sync", Driver(fixture)) == "✓✓✓✓✓✓✓✓✗●")
  }

  /// A cron job keeps three jobs that succeeded and one that failed.
  @Test func resultsOutliveTheirJobs() {
    var fixture = Fixture()
    fixture.namespace("default")
    let cron = fixture.cronJob("sync", "*/5 * * * *", last: 187)
    let owner = (kind: "CronJob", name: "sync", uid: cron.metadata.uid)
    for number in 0..<6 {
      let verdict: (type: String, reason: String, message: String, ago: Int64) =
        number % 2 == 1 ? ("Failed", "DeadlineExceeded", "", 100) : ("Complete", "", "", 100)
      _ = fixture.job(
        "sync-\(100 - number)", Fixture.JobShape(age: 187 + Int64(number) * 300, verdict: verdict, owner: owner))
    }
    fixture.event(
      .cronJob, cron.metadata, "SawCompletedJob", "Saw completed job: sync-90, condition: Failed", ago: 3_000)
    var driver = Driver(fixture)
    #expect(cell("results", of: "sync", driver) == "✗✗✓✗✓✗✓")
    let jobs = fixture.changes.filter { $0.object.kind == .job }
    driver.send(.changes(jobs.dropFirst(2).map { Change(verb: .deleted, object: $0.object, version: 2) }))
    #expect(cell("results", of: "sync", driver) == "✗✗✓✗✓✗✓")
    driver.send(.snapshotReset)
    driver.send(.changes(fixture.changes.filter { $0.object.kind == .cronJob }))
    #expect(cell("results", of: "sync", driver) == "✗✓✗✓✗✓")
  }

  @Test func missedRunsAreThoseToldOfAndThosePast() {
    var fixture = Fixture()
    fixture.namespace("default")
    // The last run was at 14:00; it is 14:03:07.
    fixture.cronJob("well", "*/5 * * * *", last: 187)
    fixture.cronJob("late", "* * * * *", last: 187)
    fixture.cronJob("paused", "* * * * *", suspended: true, last: 187)
    fixture.cronJob("long", "* * * * *", last: 90_000)
    let told = fixture.cronJob("told", "*/5 * * * *", last: 187)
    fixture.event(.cronJob, told.metadata, "MissSchedule", "Missed scheduled time", ago: 900, warning: true, count: 4)
    fixture.event(.cronJob, told.metadata, "SuccessfulCreate", "Created job", ago: 187)
    let driver = Driver(fixture)
    // That of 14:03:00 may yet come.
    #expect(cell("missed", of: "late", driver) == "2")
    #expect(cell("missed", of: "well", driver) == "0")
    #expect(cell("missed", of: "paused", driver) == "0")
    #expect(cell("missed", of: "long", driver) == "100")
    #expect(cell("missed", of: "told", driver) == "4")
  }

  /// A job that was made from it by hand is none of its schedule's, and the controller's warning about it no trouble.
  @Test func aJobTriggeredByHandIsSaidToBeSo() {
    var fixture = Fixture()
    fixture.namespace("default")
    let cron = fixture.cronJob("tick", "0 0 * * *", last: nil)
    var job = fixture.job(
      "tick-manual-1", .init(age: 20, active: 1, owner: ("CronJob", "tick", cron.metadata.uid)))
    job.metadata.annotations["cronjob.kubernetes.io/instantiate"] = "manual"
    fixture.change(.job(job))
    for ago in [Int64(15), 10, 5] {
      fixture.event(
        .cronJob, cron.metadata, "UnexpectedJob",
        "Saw a job that the controller did not create or forgot: tick-manual-1", ago: ago,
        warning: true, count: 2)
    }
    #expect(cell("status", of: "tick", Driver(fixture)) == "● Running:ByHand")
    var driver = Driver(fixture, size: Size(columns: 160, rows: 40))
    driver.press(": c r o n j o b s enter w")
    let screen = driver.screen
    #expect(screen.contains("tick-manual-1 was triggered by hand"), "\(screen)")
    #expect(screen.contains("as UnexpectedJob, 6 times"))
    #expect(!screen.contains("Saw a job"))
  }
}
