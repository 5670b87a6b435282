import KubeModel

/// What a cluster made of a recorded scenario, in the form that its recording has: without what differs from run to
/// run.
struct ReplayedFacts {
  private let jobs: [ClusterRecorder.Revision]
  private let cronJobs: [ClusterRecorder.Revision]
  private let pods: [ClusterRecorder.Revision]
  private let events: [ClusterRecorder.Revision]
  private let recording: RecordedScenario
  private let namespace: String
  private let podNames: [String]
  /// How many minutes after the recording's first scheduled time the first one here was.
  private let minutes: Int

  private static let dropped: Set = [
    "managedFields", "resourceVersion", "uid", "imageID", "containerID", "observedGeneration",
  ]

  init(_ recorder: ClusterRecorder, _ recording: RecordedScenario, in namespace: String) async throws {
    self.recording = recording
    self.namespace = namespace
    var jobs = try await recorder.changes("jobs", in: namespace)
    // The recordings of cron jobs stop while the job that was started by hand runs.
    let end =
      recording.isOfCronJob
      ? jobs.first { $0.name == "manual-run" && $0.object["status"]?["active"] == nil && Self.hasBegun($0) }?.version
      : nil
    func cut(_ revisions: [ClusterRecorder.Revision]) -> [ClusterRecorder.Revision] {
      guard let end else { return revisions }
      return revisions.filter { $0.version < end }
    }
    jobs = cut(jobs)
    self.jobs = jobs
    cronJobs = cut(try await recorder.changes("cronjobs", in: namespace))
    pods = cut(try await recorder.changes("pods", in: namespace))
    events = cut(try await recorder.changes("events", in: namespace))
    podNames = Set(pods.map(\.name)).sorted { $0.count > $1.count }
    minutes = recording.isOfCronJob ? Self.minutes(jobs, recording) : 0
  }

  private static func hasBegun(_ job: ClusterRecorder.Revision) -> Bool { job.object["status"]?["startTime"] != nil }

  /// Of the names that a cron job gives its jobs: the minute since 1970.
  private static func minutes(_ jobs: [ClusterRecorder.Revision], _ recording: RecordedScenario) -> Int {
    func minute(_ name: String) -> Int? { name.split(separator: "-").last.flatMap { Int($0) } }
    let here = jobs.lazy.compactMap { minute($0.name) }.first
    let there = (recording.facts["jobs"]?.array ?? []).lazy
      .compactMap { minute($0["last"]?["metadata"]?["name"]?.string ?? "") }.first
    guard let here, let there else { return 0 }
    return here - there
  }

  // MARK: What is compared

  /// Whether a pod of the given name can be meant by a command: one that runs.
  static func isActive(_ pod: JSONValue) -> Bool {
    pod["metadata"]?["deletionTimestamp"] == nil
      && !["Succeeded", "Failed"].contains(pod["status"]?["phase"]?.string ?? "")
  }

  /// The last revision of the job.
  var job: JSONValue? { jobs.last.map { normalised($0.object) } }
  var isJobGone: Bool { jobs.last?.isDeleted == true }
  var cronJob: JSONValue? { cronJobs.last.map { normalised($0.object) } }

  /// The last revision of every job of a cron job, in the order of their creation, with its own annotations.
  var cronJobsJobs: [JSONValue] {
    latest(jobs).map { revision in
      [
        "annotations": .object(
          JSONObject(
            (revision.object["metadata"]?["annotations"]?.object?.members ?? [])
              .map { .init(name: $0.name, value: .string(shifted($0.value.string ?? ""))) })),
        "last": normalised(revision.object),
      ]
    }
  }

  /// How many of the pods ended in which phase, and with which exit code.
  var podEnds: [String] { latest(pods).map { Self.end(of: $0.object) }.sorted() }

  static func end(of pod: JSONValue) -> String {
    let state = pod["status"]?["containerStatuses"]?.array?.first?["state"]
    let index = pod["metadata"]?["annotations"]?["batch.kubernetes.io/job-completion-index"]?.string ?? ""
    return [
      index, pod["status"]?["phase"]?.string ?? "", state?["terminated"]?["exitCode"]?.int.map(String.init) ?? "",
      pod["status"]?["reason"]?.string ?? "",
    ].joined(separator: " ")
  }

  /// The latest revision of every event, a line each: whose it is, and what it says.
  var eventLines: [String] {
    latest(events.filter { !$0.isDeleted }).compactMap { revision in
      let event = revision.object
      let line: JSONValue = [
        "kind": event["involvedObject"]?["kind"] ?? .null, "type": event["type"] ?? .null,
        "reason": event["reason"] ?? .null, "message": .string(text(event["message"]?.string ?? "")),
        "count": event["count"] ?? 0,
        "source": event["source"]?["component"] ?? event["reportingComponent"] ?? .null,
      ]
      // The stand-in for a kubelet with which the recordings were made tells nothing.
      return line["source"] == "kubelet" ? nil : Self.line(line)
    }.comparable
  }

  /// The same of the recording.
  static func eventLines(of recording: RecordedScenario) -> [String] {
    (recording.facts["events"]?.array ?? []).map(line).comparable
  }

  /// How often is a matter of the controllers' speed for some.
  private static func line(_ event: JSONValue) -> String {
    let reason = event["reason"]?.string ?? ""
    let counts = !["JobAlreadyActive", "UnexpectedJob", "FailedScheduling"].contains(reason)
    return [
      event["kind"]?.string ?? "", event["type"]?.string ?? "", reason, event["message"]?.string ?? "",
      event["source"]?.string ?? "", counts ? "×\(event["count"]?.int ?? 0)" : "",
    ].joined(separator: " | ")
  }

  private func latest(_ revisions: [ClusterRecorder.Revision]) -> [ClusterRecorder.Revision] {
    var order: [String: Int] = [:]
    var found: [ClusterRecorder.Revision] = []
    for revision in revisions {
      if let place = order[revision.uid] {
        found[place] = revision
      } else {
        order[revision.uid] = found.count
        found.append(revision)
      }
    }
    return found
  }

  // MARK: What differs from run to run

  func normalised(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      .object(
        JSONObject(
          object.members.filter { !Self.dropped.contains($0.name) && $0.value != .null }
            .map { .init(name: $0.name, value: normalised($0.value)) }))
    case .array(let array): .array(array.map(normalised))
    case .string(let text): .string(self.text(text))
    default: value
    }
  }

  private func text(_ text: String) -> String {
    var text = text
    for name in podNames where text.contains(name) { text = text.replacing(name, with: name.dropLast(5) + "<random>") }
    if namespace != recording.namespace { text = text.replacing(namespace, with: recording.namespace) }
    // Before the minutes: a UID may begin with eight digits.
    text.replace(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "<uid>")
    text = shifted(text)
    text.replace(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/#, with: "<time>")
    text.replace(#/\bnode-\d+/#, with: "<node>")
    text.replace(#/\b\d+\.\d+\.\d+\.\d+\b/#, with: "<ip>")
    return text
  }

  /// The minute in a job's name, and the time for which it was made, as the recording has them.
  private func shifted(_ text: String) -> String {
    guard minutes != 0 else { return text }
    if let time = Instant(rfc3339: text) { return (time - .seconds(60 * minutes)).rfc3339(fraction: false) }
    return text.replacing(#/\b\d{8}\b/#) { match in Int(match.output).map { "\($0 - minutes)" } ?? "" }
  }
}

extension [String] {
  /// Sorted, and without what the scheduler said when it tried again, which is a matter of what else goes on.
  fileprivate var comparable: [String] {
    var hasFailed = false
    return sorted().filter { line in
      guard line.contains(" | FailedScheduling | ") else { return true }
      defer { hasFailed = true }
      return !hasFailed
    }
  }
}
