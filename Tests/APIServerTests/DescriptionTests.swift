import KubeModel
import Testing

/// What clients are told of the kinds.
@Suite struct DescriptionTests {
  /// Whatever `kubectl explain --recursive` shows of a job or a cron job has a description of its own.
  @Test(arguments: ["Job", "CronJob"]) func everyFieldIsDescribed(_ kind: String) async throws {
    try await Rig.run { rig in
      let document = try await rig.ask("GET", "/openapi/v3/apis/batch/v1").json
      let schemas = try #require(document["components"]?["schemas"]?.object)
      var waiting = ["io.k8s.api.batch.v1.\(kind)"]
      var seen: Set<String> = []
      var fields = 0
      while let name = waiting.popLast() {
        guard seen.insert(name).inserted else { continue }
        let schema = try #require(schemas[name], "\(name)")
        // What is in fields that have no model has names and types alone.
        let goName = String(name.split(separator: ".").last ?? "")
        if schema["description"] == nil, !FieldTypes.kubernetes.fields(of: goName).isEmpty { continue }
        #expect(schema["description"]?.string?.isEmpty == false, "\(name)")
        for field in schema["properties"]?.object?.members ?? [] {
          fields += 1
          #expect(field.value["description"]?.string?.isEmpty == false, "\(name).\(field.name)")
          waiting += references(in: field.value)
        }
      }
      #expect(seen.contains("io.k8s.api.core.v1.PodSpec") && fields > 150)
    }
  }

  /// The names of the schemas that stand in one.
  private func references(in schema: JSONValue) -> [String] {
    switch schema {
    case .object(let object):
      object.members.flatMap { member in
        guard member.name == "$ref", let path = member.value.string else { return references(in: member.value) }
        return [String(path.split(separator: "/").last ?? "")]
      }
    case .array(let array): array.flatMap(references)
    default: []
    }
  }
}
