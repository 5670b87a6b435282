import Cluster
import KubeModel
import Terminal
import Testing

@testable import Dashboard

/// Runs of cron jobs that did not take place: which, and why.
struct MissedRunTests {
  private func missed(_ fixture: Fixture) -> MissedRuns {
    let store = Driver(fixture).dashboard.store
    guard let item = store.all(.cronJob).first as? CronJobItem else { return MissedRuns.none }
    return MissedRuns(item, store, now: Fixture.now)
  }

  private func why(_ fixture: Fixture, offset: Int = 0) -> String {
    var driver = Driver(fixture, size: Size(columns: 140, rows: 40), localOffset: offset)
    driver.press(": c r o n j o b s enter w")
    return driver.screen
  }

  private func times(_ runs: MissedRuns) -> [String] {
    runs.runs.map { $0.at.map { Format.clock($0, offset: 0) } ?? "?" }
  }

  @Test func aRunThatStillGoesOnIsNamed() {
    #expect(times(missed(.forbidden)) == ["14:01:00", "14:02:00"])
    let screen = why(.forbidden)
    #expect(screen.contains("2 runs did not take place"))
    #expect(
      screen.contains(
        "14:01:00, 14:02:00: fb-\(Fixture.minute) still ran, and concurrencyPolicy is Forbid"), "\(screen)")
  }

  @Test func aDeadlineThatPassedIsNamed() {
    var fixture = Fixture()
    fixture.namespace("default")
    var cron = fixture.cronJob("dl", "0 * * * *", last: 3_787)
    cron.spec.startingDeadlineSeconds = 30
    fixture.change(.cronJob(cron))
    fixture.event(
      .cronJob, cron.metadata, "MissSchedule",
      "Missed scheduled time to start a job: Mon, 23 Nov 2026 14:00:00 +0000", ago: 60, warning: true)
    #expect(times(missed(fixture)) == ["14:00:00"])
    #expect(why(fixture).contains("14:00:00: it would have begun more than 30s late (startingDeadlineSeconds)"))
  }

  @Test func withoutAControllerNothingRuns() {
    var fixture = Fixture()
    fixture.namespace("default")
    fixture.cronJob("down", "* * * * *", last: 607)
    #expect(missed(fixture).count == 9)
    let screen = why(fixture)
    #expect(screen.contains("9 from 13:54:00 to 14:02:00: no controller has acted: it was down"), "\(screen)")
  }

  @Test func timesBetweenRunsAreToldApart() {
    var fixture = Fixture()
    fixture.namespace("default")
    let cron = fixture.cronJob("gap", "* * * * *", last: 7)
    for minutes in [Int64(0), 1, 5] {
      _ = fixture.job(
        "gap-\(Fixture.minute + 3 - minutes)",
        .init(
          age: 7 + minutes * 60, succeeded: 1, verdict: ("Complete", "CompletionsReached", "", 2),
          owner: ("CronJob", "gap", cron.metadata.uid)))
    }
    #expect(missed(fixture).count == 0)
    #expect(why(fixture).contains("3 earlier times of its schedule went by without a run"))
  }

  /// What a new schedule names before it was set was never due.
  @Test func timesBeforeAScheduleWasChangedAreNotMissed() throws {
    var fixture = Fixture()
    fixture.namespace("default")
    var cron = fixture.cronJob("sync", "*/5 * * * *", last: 187)
    var driver = Driver(fixture)
    cron.spec.schedule = "*/2 * * * *"
    driver.send(.changes([Change(verb: .modified, object: .cronJob(cron), version: 90)]))
    func missed() -> [String] {
      let store = driver.dashboard.store
      guard let item = store.all(.cronJob).first as? CronJobItem else { return [] }
      return times(MissedRuns(item, store, now: driver.dashboard.now))
    }
    #expect(missed().isEmpty)
    // Another change leaves that as it is.
    cron.metadata.labels["team"] = "data"
    driver.send(.changes([Change(verb: .modified, object: .cronJob(cron), version: 91)]))
    driver.pass(.seconds(70))
    #expect(missed() == ["14:04:00"])
  }

  @Test func theNextRunHasADateAndAZone() {
    var fixture = Fixture()
    fixture.namespace("default")
    var cron = fixture.cronJob("berlin", "30 2 * * *", last: 40_000)
    cron.spec.timeZone = "Europe/Berlin"
    fixture.change(.cronJob(cron))
    #expect(
      why(fixture).contains("On Nov 24 02:30:00 Europe/Berlin, Nov 24 01:30:00 here. Its schedule is 30 2 * * *."))
    #expect(why(fixture, offset: 3_600).contains("On Nov 24 02:30:00 Europe/Berlin. Its schedule is"))
  }
}

extension MissedRuns {
  /// Of no cron job.
  fileprivate static let none = MissedRuns(CronJobItem(CronJob()), Store(), now: Fixture.now)
}
