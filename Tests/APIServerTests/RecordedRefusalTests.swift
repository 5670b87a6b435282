import Foundation
import KubeModel
import Testing

/// What a real API server answered to requests, asked of this one.
@Suite struct RecordedRefusalTests {
  static let cases: [JSONValue] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("KubeModelTests/Fixtures/invalid/cases.json").path
    guard let data = FileManager.default.contents(atPath: file) else { return [] }
    return (try? JSONParser.parse(Array(data)))?.array ?? []
  }()

  /// UIDs differ from one cluster to the next.
  private func withoutUIDs(_ text: String) -> String {
    text.replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "UID")
  }

  @Test func areAnsweredAsRecorded() async throws {
    try await Rig.run { rig in
      let namespace = #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ref-19"}}"#
      #expect(try await rig.ask("POST", "/api/v1/namespaces", namespace).code == 201)
      var count = 0
      for recorded in Self.cases where recorded["method"] != "PATCH" {
        count += 1
        let name = recorded["case"]?.string ?? ""
        let body: String =
          switch recorded["body"] {
          case .string(let text)?: text
          case nil, .null?: ""
          case let value?: value.compactJSON
          }
        let answer = try await rig.ask(
          recorded["method"]?.string ?? "", recorded["path"]?.string ?? "", body,
          type: recorded["contentType"]?.string ?? "")
        let verdict = try #require(recorded["verdict"])
        #expect(Int64(answer.code) == verdict["code"]?.int, "\(name)")
        if answer.code >= 400 {
          #expect(answer.json["reason"]?.string == verdict["reason"]?.string, "\(name)")
          #expect(
            withoutUIDs(answer.json["message"]?.string ?? "") == withoutUIDs(verdict["message"]?.string ?? ""),
            "\(name)")
          let causes = answer.json["details"]?["causes"]?.array ?? []
          #expect(causes.count == (verdict["causes"]?.array ?? []).count, "\(name)")
        }
        for warning in verdict["warnings"]?.array ?? [] {
          #expect(answer.warnings.contains { warning.string?.hasSuffix(goQuoted($0)) == true }, "\(name)")
        }
        for kind in ["jobs", "cronjobs"] {
          _ = try await rig.ask("DELETE", "/apis/batch/v1/namespaces/ref-19/\(kind)?propagationPolicy=Background")
        }
      }
      #expect(count > 45)
    }
  }
}
