import APIServer
import Cluster
import KubeModel
import Testing

/// The API over a simulated cluster in memory, asked without a socket.
struct Rig {
  let cluster: EmbeddedCluster
  let handler: APIHandler

  /// A cluster in which nothing runs, and where pods end as their annotations say.
  static func run(_ body: (Rig) async throws -> Void) async throws {
    let cluster = try await EmbeddedCluster.open(.init(location: .inMemory, runtime: .simulated, seed: 1))
    let rig = Rig(cluster: cluster, handler: APIHandler(cluster: cluster) { Instant(seconds: 1_800_000_000) })
    do {
      try await body(rig)
    } catch {
      await cluster.shutDown(grace: .zero)
      throw error
    }
    await cluster.shutDown(grace: .zero)
  }

  struct Answer {
    var code: Int
    var type: String
    var warnings: [String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }
  }

  func ask(
    _ method: String, _ target: String, _ body: String = "", type: String = "application/json", accept: String = "",
    agent: String = ""
  ) async throws -> Answer {
    try await ask(method, target, bytes: Array(body.utf8), type: type, accept: accept, agent: agent)
  }

  func ask(
    _ method: String, _ target: String, bytes: [UInt8], type: String, accept: String = "", agent: String = ""
  ) async throws -> Answer {
    let request = try #require(
      APIRequest(method, target, accept: accept, contentType: type, userAgent: agent, body: bytes))
    let response = await handler.respond(to: request)
    var answer = Answer(code: response.code, type: response.contentType, warnings: response.warnings, body: [])
    switch response.body {
    case .bytes(let bytes): answer.body = bytes
    case .stream(let write):
      let collected = Collector()
      var sink: any APIResponse.Sink = CollectingSink(collector: collected)
      try await write(&sink)
      answer.body = await collected.bytes
    }
    return answer
  }

  static let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
  static let jobs = "/apis/batch/v1/namespaces/default/jobs"

  /// A job whose pods take `duration` in real time.
  static func job(_ name: String, duration: String = "0s", labels: String = "{}") -> String {
    """
    {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"\(name)","labels":\(labels)},"spec":{"template":{
    "metadata":{"annotations":{"jobdeck.dev/duration":"\(duration)"}},
    "spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"busybox"}]}}}}
    """
  }
}

private actor Collector {
  var bytes: [UInt8] = []
  func add(_ more: [UInt8]) { bytes += more }
}

private struct CollectingSink: APIResponse.Sink {
  let collector: Collector
  mutating func write(_ bytes: [UInt8]) async throws { await collector.add(bytes) }
}
