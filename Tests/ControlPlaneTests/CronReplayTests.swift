import Comparing
import ControlPlane
import KubeModel
import Testing

/// Cron jobs that were recorded from a Kubernetes 1.36 control plane, done again at the same time of day and compared.
struct CronReplayTests {
  @Test(arguments: ["14-cronjob", "15-cronjob-forbid"])
  func behavesAsRecorded(_ scenario: String) throws {
    let recording = try Recording(scenario)
    let created = try #require(recording.facts["created"]?.string.flatMap { Instant(rfc3339: $0) })
    // Kubernetes gathers the events of a job's pods for a second before it looks at the job. Clients seldom come at
    // the full second.
    var cluster = try SimulatedClusterDriver(
      nodes: 100, podEventDelay: .seconds(1), startingAt: created + .milliseconds(300))
    var namespace = Namespace()
    namespace.metadata.name = recording.namespace
    try cluster.submit(.create(.namespace(namespace)))
    let object = try recording.object()
    try cluster.submit(.create(object))
    for (after, step) in recording.steps {
      cluster.run(until: created + .milliseconds(300 + after))
      if let patch = step["patch"] {
        try cluster.submit(.patch(object.key, .merge, patch))
      } else if let name = step["trigger"]?.string, case .cronJob(let cronJob)? = cluster.plane.object(object.key) {
        try cluster.submit(.create(.job(cronJob.manualJob(named: name))))
      } else {
        Issue.record("unknown step \(text(step))")
      }
    }
    // The recording ends here: the job that was started by hand has run for two seconds and is not counted yet.
    cluster.run(for: .milliseconds(900))

    let found = FactFinder(cluster.changes)
    let expected = recording.facts
    expectSame(expected["cronJobStates"], .array(found.cronJobStates), "cronJobStates")
    expectSame(expected["cronJob"], found.cronJob, "cronJob")
    expectSame(expected["jobs"], .array(found.jobs), "jobs")
    expectSame(expected["podStates"], .array(found.podStates.map(JSONValue.array)), "podStates")
    expectSame(expected["pods"], .array(found.pods), "pods")
    expectSame(sorted(expected["events"]?.array ?? []), sorted(found.events + found.cronJobEvents), "events")
  }

  /// How often the controller looks at a cron job whose jobs change is a matter of its speed, and so is how often it
  /// says these two.
  private func sorted(_ events: [JSONValue]) -> JSONValue {
    let comparable = events.map { event in
      guard event["reason"] == "JobAlreadyActive" || event["reason"] == "UnexpectedJob", var object = event.object
      else { return event }
      object["count"] = 1
      return .object(object)
    }
    return .array(
      comparable.map { event in
        (
          event,
          ["kind", "reason", "message", "type", "source", "count"].map { text(event[$0]) }.joined(separator: " ")
        )
      }.sorted { $0.1 < $1.1 }.map(\.0))
  }

  private func expectSame(_ expected: JSONValue?, _ actual: JSONValue?, _ what: String) {
    let found = differences(expected, actual, at: what)
    #expect(found.isEmpty, Comment(rawValue: found.joined(separator: "\n")))
  }
}
