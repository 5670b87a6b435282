import KubeModel
import Testing

/// Requests that no client should send: they are answered, and nothing ends the program.
@Suite struct FuzzTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private static let segments = [
    "api", "apis", "v1", "batch", "namespaces", "default", "jobs", "pods", "nodes", "a", "status", "log", "eviction",
    "exec", "openapi", "v3", "events.k8s.io", "events", "", "%2F", "..", "selfsubjectreviews", "authorization.k8s.io",
    "selfsubjectaccessreviews", "scheduling.k8s.io", "priorityclasses", "version", "binding", "x",
  ]
  private static let queries = [
    "limit=1", "limit=-1", "limit=99999999999999999999", "continue=e30=", "continue=%00", "labelSelector=a%20in%20(",
    "labelSelector=!", "fieldSelector=%5C", "fieldSelector=metadata.name%3D", "watch=1", "timeoutSeconds=1",
    "resourceVersion=0", "resourceVersion=-1", "dryRun=All", "fieldValidation=Strict", "tailLines=-1",
    "sinceSeconds=9223372036854775807", "sinceTime=x", "limitBytes=1", "includeObject=Object", "includeObject=x",
    "propagationPolicy=Foreground", "gracePeriodSeconds=9223372036854775807", "&&=",
    "resourceVersion=18446744073709551615",
  ]
  private static let bodies = [
    "", "{}", "[]", "null", "1e999", "{\"spec\":{\"parallelism\":9223372036854775807}}", Rig.job("a"),
    "{\"kind\":\"Job\",\"apiVersion\":\"batch/v1\",\"metadata\":{\"name\":\"b\"},\"spec\":null}",
    "[{\"op\":\"remove\",\"path\":\"/spec\"}]", "[{\"op\":\"add\",\"path\":\"/metadata/labels/-\",\"value\":[]}]",
    "{\"$patch\":\"delete\"}", "{\"metadata\":{\"$patch\":\"replace\"}}",
    "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{}]}}}}",
    "{\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":-9223372036854775808}", "a: &a [*a]", "k8s\0\u{1}",
    String(repeating: "[", count: 100_000), "{\"preconditions\":[]}",
  ]
  private static let types = [
    "", "application/json", "application/yaml", "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json", "application/vnd.kubernetes.protobuf", ";;",
    "application/apply-patch+yaml",
  ]

  @Test func nothingEndsTheServer() async throws {
    try await Rig.run { rig in
      var random = Generator(state: 7)
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let usual = [
        "/apis/batch/v1/namespaces/default/jobs/a", "/apis/batch/v1/namespaces/default/jobs", "/api/v1/pods",
      ]
      for _ in 0..<4000 {
        var target = ""
        if Bool.random(using: &random), let path = usual.randomElement(using: &random) {
          target = path
        } else {
          for _ in 0..<Int.random(in: 0...7, using: &random) {
            target += "/" + (Self.segments.randomElement(using: &random) ?? "")
          }
        }
        var parts: [String] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          parts.append(Self.queries.randomElement(using: &random) ?? "")
        }
        // A watch that goes on is another test's.
        let ends = parts.contains("resourceVersion=18446744073709551615")
        parts.removeAll { $0 == "watch=1" && !ends }
        if !parts.isEmpty { target += "?" + parts.joined(separator: "&") }
        let method = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"].randomElement(using: &random) ?? "GET"
        var body = Array((Self.bodies.randomElement(using: &random) ?? "").utf8)
        if Int.random(in: 0..<4, using: &random) == 0, !body.isEmpty {
          body[Int.random(in: body.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let answer = try await rig.ask(
          method, target, bytes: body, type: Self.types.randomElement(using: &random) ?? "",
          accept: [Rig.table, "", "application/yaml", "x"].randomElement(using: &random) ?? "")
        #expect((200..<600).contains(answer.code), "\(method) \(target)")
      }
      #expect(try await rig.ask("GET", "/readyz").text == "ok")
    }
  }
}
