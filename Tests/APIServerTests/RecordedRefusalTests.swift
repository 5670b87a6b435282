import Foundation
import KubeModel
import Testing

/// What a real API server answered to requests, asked of this one in the recorded order.
@Suite struct RecordedRefusalTests {
  /// Those that the model's own tests use too, and those that only a server can answer.
  static let cases: [JSONValue] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("KubeModelTests/Fixtures/invalid").path
    let all = ["cases", "requests"].flatMap { name -> [JSONValue] in
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name).json") else { return [] }
      return (try? JSONParser.parse(Array(data)))?.array ?? []
    }
    return all.sorted { ($0["case"]?.string ?? "") < ($1["case"]?.string ?? "") }
  }()

  /// UIDs differ from one cluster to the next; and what Docs/differences.md lists is left out: the difference in Go's
  /// words that Kubernetes puts behind a refused change of a pod.
  private func comparable(_ text: String) -> String {
    var text = text.replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "UID")
    if let difference = text.firstRange(of: "\n@@") { text.removeSubrange(difference.lowerBound...) }
    return text
  }

  /// One cause a line, in their order.
  private func causes(_ value: JSONValue?) -> [String] {
    (value?.array ?? []).map { cause in
      comparable(
        [cause["reason"], cause["field"], cause["message"]].map { $0?.string ?? "" }.joined(separator: " | "))
    }
  }

  /// The name of the recorded job's pod.
  private static let recordedPod = "run-2snzv"

  @Test func areAnsweredAsRecorded() async throws {
    #expect(Self.cases.count == 75)
    try await Rig.run { rig in
      let namespace = #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ref-19"}}"#
      #expect(try await rig.ask("POST", "/api/v1/namespaces", namespace).code == 201)
      for recorded in Self.cases { try await check(recorded, rig) }
    }
  }

  private func check(_ recorded: JSONValue, _ rig: Rig) async throws {
    let name = Comment(rawValue: recorded["case"]?.string ?? "")
    var body: String =
      switch recorded["body"] {
      case .string(let text)?: text
      case nil, .null?: ""
      case let value?: value.compactJSON
      }
    var path = recorded["path"]?.string ?? ""
    var pod = Self.recordedPod
    if path.contains("/pods/") {
      pod = try await podName(rig)
      path = path.replacing(Self.recordedPod, with: pod)
      body = body.replacing(Self.recordedPod, with: pod)
    }
    // The recording's client was known by its User-Agent.
    if recorded["case"] == "60-create-ok" { path += "?fieldManager=Python-urllib" }
    let answer = try await rig.ask(
      recorded["method"]?.string ?? "", path, body, type: recorded["contentType"]?.string ?? "")
    let verdict = try #require(recorded["verdict"])
    #expect(Int64(answer.code) == verdict["code"]?.int, name)
    if answer.code >= 400 {
      #expect(answer.json["reason"]?.string == verdict["reason"]?.string, name)
      let message = comparable(answer.json["message"]?.string ?? "").replacing(pod, with: Self.recordedPod)
      #expect(message == comparable(verdict["message"]?.string ?? ""), name)
      #expect(causes(answer.json["details"]?["causes"]) == causes(verdict["causes"]), name)
    } else if let spec = verdict["spec"] {
      let made = try JSONParser.parse(Array(comparable(answer.json["spec"]?.compactJSON ?? "null").utf8))
      var expected = try JSONParser.parse(Array(comparable(spec.compactJSON).utf8))
      // A request that was not recorded had set another number.
      if recorded["case"] == "79-allowed-update-misc", var object = expected.object {
        object["parallelism"] = 1
        expected = .object(object)
      }
      #expect(sorted(made) == sorted(expected), name)
    }
    #expect(answer.warnings.map { "299 - \(goQuoted($0))" } == [verdict["warnings"]?.string].compactMap(\.self), name)
  }

  private func podName(_ rig: Rig) async throws -> String {
    for _ in 0..<600 {
      let pods = try await rig.ask("GET", "/api/v1/namespaces/ref-19/pods?labelSelector=job-name%3Drun")
      let running = (pods.json["items"]?.array ?? []).first { $0["status"]?["phase"] == "Running" }
      if let name = running?["metadata"]?["name"]?.string { return name }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("the job's pod does not run")
    return ""
  }

  /// With the members in the order of their names.
  private func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      .object(
        JSONObject(
          object.members.map { .init(name: $0.name, value: sorted($0.value)) }.sorted { $0.name < $1.name }))
    case .array(let array): .array(array.map(sorted))
    default: value
    }
  }
}
