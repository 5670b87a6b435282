import Comparing
import ControlPlane
import Foundation
import KubeModel

/// One fixture: what was asked of a Kubernetes control plane, and what it made of it. See Fixtures/extract.py.
struct Recording {
  let facts: JSONValue

  init(_ scenario: String) throws {
    let folder = Bundle.module.bundleURL.appending(path: "Fixtures")
    facts = try JSONParser.parse(Array(Data(contentsOf: folder.appending(path: "\(scenario).json"))))
  }

  var namespace: String { facts["namespace"]?.string ?? "" }

  /// The manifest's object, in the recording's namespace.
  func object() throws -> KubeObject {
    var object = try KubeObject.read(facts["manifest"] ?? .null, expecting: nil).object
    var metadata = object.metadata
    metadata.namespace = namespace
    object.metadata = metadata
    return object
  }

  /// What was done after the job's creation, and how many milliseconds after it.
  var steps: [(after: Int, step: JSONValue)] {
    (facts["steps"]?.array ?? []).map { step in
      switch step["after"] {
      case .double(let seconds): (Int(seconds * 1000), step)
      case .int(let seconds): (Int(seconds) * 1000, step)
      default: (0, step)
      }
    }
  }
}

/// Turns what a control plane made into facts that can be compared with a recording's.
struct FactFinder {
  private let changes: [Change]
  private var podNames: [String] = []

  private static let dropped: Set = [
    "managedFields", "resourceVersion", "uid", "imageID", "containerID", "observedGeneration",
  ]

  init(_ changes: [Change]) {
    self.changes = changes
    for change in changes where change.object.kind == .pod && change.verb == .added {
      podNames.append(change.object.metadata.name)
    }
  }

  func normalised(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      .object(
        JSONObject(
          object.members.filter { !FactFinder.dropped.contains($0.name) && $0.value != .null }
            .map { JSONObject.Member(name: $0.name, value: normalised($0.value)) }))
    case .array(let array): .array(array.map(normalised))
    case .string(let text): .string(normalised(text))
    default: value
    }
  }

  func normalised(_ text: String) -> String {
    var text = text
    for name in podNames { text = text.replacingOccurrences(of: name, with: name.dropLast(5) + "<random>") }
    let uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/
    let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/
    text.replace(uid, with: "<uid>")
    text.replace(time, with: "<time>")
    text.replace(/\bnode-\d+/, with: "<node>")
    text.replace(/\b\d+\.\d+\.\d+\.\d+\b/, with: "<ip>")
    return text
  }

  var jobStates: [JSONValue] { jobStates(of: changes) }

  private func jobStates(of changes: [Change]) -> [JSONValue] {
    distinct(
      changes.compactMap { change in
        guard case .job(let job) = change.object else { return nil }
        let json = change.object.jsonValue
        return [
          "type": change.verb == .deleted ? "DELETED" : "present",
          "generation": .int(Int64(job.metadata.generation)),
          "finalizers": .array(job.metadata.finalizers.map { .string($0) }),
          "isBeingDeleted": .bool(job.metadata.deletionTimestamp != nil),
          "suspend": job.spec.suspend.map { .bool($0) } ?? .null,
          "status": normalised(json["status"] ?? .null),
        ]
      })
  }

  var cronJobStates: [JSONValue] {
    distinct(
      changes.compactMap { change in
        guard case .cronJob(let cronJob) = change.object else { return nil }
        // With its times, which are the schedule's.
        var status = change.object.jsonValue["status"]?.object ?? JSONObject()
        status["active"] = normalised(status["active"] ?? [])
        return [
          "generation": .int(Int64(cronJob.metadata.generation)),
          "suspend": cronJob.spec.suspend.map { .bool($0) } ?? .null, "status": .object(status),
        ]
      })
  }

  var cronJob: JSONValue? { changes.last { $0.object.kind == .cronJob }.map { normalised($0.object.jsonValue) } }

  /// All jobs, in the order of their creation.
  var jobs: [JSONValue] {
    revisions(.job).compactMap { revisions in
      guard let last = revisions.last?.object else { return nil }
      return [
        "annotations": last.jsonValue["metadata"]?["annotations"] ?? .null, "last": normalised(last.jsonValue),
        "states": .array(jobStates(of: revisions)),
      ]
    }
  }

  private var revisions: [[Change]] { revisions(.pod) }

  /// The revisions of every object of a kind: by completion index, then oldest object first.
  private func revisions(_ kind: Kind) -> [[Change]] {
    var order: [String: Int] = [:]
    var found: [[Change]] = []
    for change in changes where change.object.kind == kind {
      let uid = change.object.metadata.uid
      if let place = order[uid] {
        found[place].append(change)
      } else {
        order[uid] = found.count
        found.append([change])
      }
    }
    func index(_ place: Int) -> Int {
      guard case .pod(let pod)? = found[place].first?.object else { return 0 }
      return pod.metadata.annotations[JobLabel.completionIndex].flatMap { Int($0) } ?? 0
    }
    return found.indices.sorted { (index($0), $0) < (index($1), $1) }.map { found[$0] }
  }

  var podStates: [[JSONValue]] {
    revisions.map { revisions in
      distinct(
        revisions.compactMap { change in
          guard case .pod(let pod) = change.object else { return nil }
          return [
            "type": change.verb == .deleted ? "DELETED" : "present",
            "phase": .string(pod.status.phase.rawValue),
            "hasNode": .bool(!pod.spec.nodeName.isEmpty),
            "finalizers": .array(pod.metadata.finalizers.map { .string($0) }),
            "isBeingDeleted": .bool(pod.metadata.deletionTimestamp != nil),
            "isOwned": .bool(!pod.metadata.ownerReferences.isEmpty),
          ]
        })
    }
  }

  var pods: [JSONValue] { revisions.compactMap { $0.last.map { normalised($0.object.jsonValue) } } }

  var job: JSONValue? { changes.last { $0.object.kind == .job }.map { normalised($0.object.jsonValue) } }

  /// The latest revision of every event of jobs and pods.
  var events: [JSONValue] { events(of: ["Job", "Pod"]) }
  var cronJobEvents: [JSONValue] { events(of: ["CronJob"]) }

  private func events(of kinds: Set<String>) -> [JSONValue] {
    var latest: [String: Event] = [:]
    for change in changes where change.verb != .deleted {
      if case .event(let event) = change.object { latest[event.metadata.uid] = event }
    }
    return latest.values.filter { kinds.contains($0.involvedObject.kind) }.map { event in
      [
        "action": .string(event.action), "count": .int(Int64(event.count)),
        "fieldPath": .string(event.involvedObject.fieldPath),
        "kind": .string(event.involvedObject.kind), "message": .string(normalised(event.message)),
        "reason": .string(event.reason), "source": .string(event.reporter), "type": .string(event.type),
      ]
    }
  }

  private func distinct(_ states: [JSONValue]) -> [JSONValue] {
    var result: [JSONValue] = []
    for state in states where result.last.map({ !differences($0, state).isEmpty }) ?? true { result.append(state) }
    return result
  }
}
