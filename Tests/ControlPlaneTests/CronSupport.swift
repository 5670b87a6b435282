import KubeModel
import Testing

@testable import ControlPlane

/// A moment of a test.
func time(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

/// A cron job's manifest: `spec` in its own spec, `job` in its template's; `;` ends a line. Its pods sleep.
func cronManifest(
  _ name: String = "tick", _ schedule: String = "*/1 * * * *", _ spec: String = "", job: String = "",
  annotations: [String: String] = ["duration": "5s"]
) -> String {
  let notes = annotations.sorted { $0.key < $1.key }.map { "jobdeck.dev/\($0.key): \"\($0.value)\"" }
  return """
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: \(name), namespace: default}
    spec:
      schedule: "\(schedule)"
      \(spec.split(separator: ";").joined(separator: "\n  "))
      jobTemplate:
        metadata: {labels: {app: \(name)}, annotations: {note: kept}}
        spec:
          \(job.split(separator: ";").joined(separator: "\n      "))
          template:
            metadata:
              annotations: {\(notes.joined(separator: ", "))}
            spec:
              restartPolicy: Never
              containers: [{name: c, image: busybox, command: ["true"]}]
    """
}

extension SimulatedClusterDriver {
  /// A cluster at a quarter past the second: clients seldom come at the full one.
  static func cron(
    at start: String = "2026-03-02T12:00:30Z", timeZone: TimeZoneRules = .utc, seed: UInt64 = 1
  ) throws -> SimulatedClusterDriver {
    try SimulatedClusterDriver(
      nodes: 10, seed: seed, startingAt: try time(start) + .milliseconds(250), timeZone: timeZone)
  }

  func cronJob(_ name: String = "tick") throws -> CronJob {
    guard case .cronJob(let cronJob)? = plane.object(ObjectKey(.cronJob, namespace: "default", name: name)) else {
      throw StatusError.notFound(ObjectKey(.cronJob, namespace: "default", name: name))
    }
    return cronJob
  }

  /// The jobs that exist, oldest first.
  var jobs: [Job] {
    let all = plane.list(.job).compactMap { if case .job(let job) = $0 { job } else { nil } }
    return all.sorted {
      ($0.metadata.creationTimestamp ?? now, $0.metadata.name)
        < ($1.metadata.creationTimestamp ?? now, $1.metadata.name)
    }
  }

  /// The slots whose jobs were made, in the order of their making, as in the jobs' annotations.
  var startedSlots: [String] {
    changes.compactMap { change in
      guard change.verb == .added, case .job(let job) = change.object else { return nil }
      return job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]
    }
  }

  mutating func patchCronJob(_ spec: JSONValue, name: String = "tick") throws {
    try submit(.patch(ObjectKey(.cronJob, namespace: "default", name: name), .merge, ["spec": spec]))
  }

  mutating func patchJob(_ name: String, _ patch: JSONValue) throws {
    try submit(.patch(ObjectKey(.job, namespace: "default", name: name), .merge, patch))
  }

  /// Deletes a job with its pods.
  mutating func deleteJob(_ name: String, _ policy: PropagationPolicy = .background) throws {
    var options = DeleteOptions()
    options.propagationPolicy = policy
    try submit(.delete(ObjectKey(.job, namespace: "default", name: name), options))
  }

  /// What the cron job's events say, oldest first, each once.
  func messages(_ reason: String, of name: String = "tick") -> [String] {
    events.filter { $0.involvedObject.name == name && $0.reason == reason }.sorted {
      ($0.firstTimestamp ?? now) < ($1.firstTimestamp ?? now)
    }.map(\.message)
  }
}
