import KubeModel
import Testing

@testable import ControlPlane

/// Random inputs to cron jobs, with outages and jumps of the clock, and what must hold after every one of them.
struct CronJobRandomTests {
  private static let schedules = [
    "* * * * *", "*/7 * * * *", "0 * * * *", "@every 100s", "30 2 * * *", "15 1-3 * * sun,mon", "0 0 31 2 *",
  ]
  private static let zones: [JSONValue] = [.null, "Europe/Paris", "Asia/Kathmandu", "America/New_York"]

  @Test(arguments: [UInt64](1...6))
  func whatMustHold(_ seed: UInt64) throws {
    var random = SeededGenerator(seed)
    // Clocks in Paris go back the next morning.
    var cluster = try SimulatedClusterDriver.cron(at: "2026-10-24T12:00:30Z", seed: seed)
    for input in 0..<120 {
      try take(
        Int.random(in: 0..<12, using: &random), "tick-\(Int.random(in: 0..<3, using: &random))", &cluster, &random)
      let problems = cluster.plane.checkInvariants()
      #expect(problems == [], "seed \(seed), input \(input)")
      if !problems.isEmpty { return }
    }
    // No slot of a cron job was run twice, none before its time, none out of order.
    var last: [String: Instant] = [:]
    for change in cluster.changes {
      guard change.verb == .added, case .job(let job) = change.object, let owner = job.metadata.controller,
        let text = job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]
      else { continue }
      let slot = try time(text)
      #expect(slot > last[owner.uid] ?? SimulatedClusterDriver.start)
      #expect(job.metadata.creationTimestamp.map { $0 >= slot } == true)
      last[owner.uid] = slot
    }
    #expect(!last.isEmpty)
  }

  private func take(
    _ kind: Int, _ name: String, _ cluster: inout SimulatedClusterDriver, _ random: inout SeededGenerator
  ) throws {
    let key = ObjectKey(.cronJob, namespace: "default", name: name)
    guard case .cronJob(let cronJob)? = cluster.plane.object(key) else {
      let policy = ["Allow", "Forbid", "Replace"].randomElement(using: &random) ?? "Allow"
      let duration = ["0s", "20s", "150s", "1h"].randomElement(using: &random) ?? "0s"
      let exitCode = Bool.random(using: &random) ? "0" : "1"
      try cluster.apply(
        cronManifest(
          name, CronJobRandomTests.schedules.randomElement(using: &random) ?? "", "concurrencyPolicy: \(policy)",
          job: "backoffLimit: 0", annotations: ["duration": duration, "exit-code": exitCode]))
      return
    }
    let number = JSONValue.int(Int64.random(in: 0...4, using: &random))
    let jobs = cluster.jobs.filter { $0.metadata.controller?.uid == cronJob.metadata.uid }
    switch kind {
    case 0: try cluster.patchCronJob(["suspend": .bool(Bool.random(using: &random))], name: name)
    case 1:
      let schedule = CronJobRandomTests.schedules.randomElement(using: &random) ?? "* * * * *"
      try cluster.patchCronJob(["schedule": .string(schedule)], name: name)
    case 2: try cluster.patchCronJob(["successfulJobsHistoryLimit": number], name: name)
    case 3: try cluster.patchCronJob(["failedJobsHistoryLimit": number], name: name)
    case 4:
      try cluster.patchCronJob(
        ["timeZone": CronJobRandomTests.zones.randomElement(using: &random) ?? .null], name: name)
    case 5:
      let deadline: JSONValue = Bool.random(using: &random) ? .null : .int(Int64.random(in: 1...400, using: &random))
      try cluster.patchCronJob(["startingDeadlineSeconds": deadline], name: name)
    case 6:
      if let job = jobs.randomElement(using: &random) {
        try cluster.deleteJob(
          job.metadata.name, [.background, .foreground, .orphan].randomElement(using: &random) ?? .background)
      }
    case 7 where Int.random(in: 0..<4, using: &random) == 0: try cluster.submit(.delete(key))
    case 8:
      let job = cronJob.manualJob(named: "\(name)-by-hand-\(cluster.changes.count)")
      try cluster.submit(.create(.job(job)))
    case 9:
      // An outage: nothing is done meanwhile.
      cluster.now = cluster.now + .seconds(Int.random(in: 1...30_000, using: &random))
      cluster.run(for: .zero)
    default: cluster.run(for: .milliseconds(Int.random(in: 1...600_000, using: &random)))
    }
  }

  @Test func twoDaysOfEveryFiveMinutes() throws {
    var cluster = try SimulatedClusterDriver.cron(at: "2026-03-02T00:00:00Z")
    try cluster.apply(cronManifest("tick", "*/5 * * * *"))
    let start = cluster.now
    cluster.run(for: .seconds(2 * 86_400 + 30))
    let slots = try cluster.startedSlots.map { try time($0).seconds }
    #expect(slots == (1...576).map { start.seconds / 300 * 300 + 300 * $0 })
    #expect(cluster.jobs.count == 3)
    #expect(cluster.plane.checkInvariants() == [])
  }
}
