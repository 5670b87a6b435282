internal import Cluster
internal import KubeModel

/// What jobdeck's API has beyond Kubernetes': `/jobdeck/v1/…`, for another jobdeck that works on this cluster.
///
/// - `GET info`: who runs the pods, where the cluster is kept, and why nothing can be stored at present.
/// - `GET usage`: what pods (by UID) and nodes (by name) use.
/// - `PUT nodes/NAME/failed`: `true` or `false`; fails a simulated node, or brings it back.
/// - `GET namespaces/NAMESPACE/pods/POD/log`: a log as lines of JSON, each with the time, the stream and the position
///   that the plain log does not have.
///
/// No discovery document tells of it: clients of Kubernetes have no use for it.
extension APIHandler {
  /// - Parameter path: what follows `/jobdeck`.
  func own(_ path: ArraySlice<String>, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    guard path.first == "v1" else { throw .noSuchResource }
    let rest = Array(path.dropFirst())
    switch (rest.first, rest.count) {
    case ("info"?, 1):
      guard request.method == "GET" else { throw .methodNotAllowed }
      return .json(APIHandler.json(await cluster.info))
    case ("usage"?, 1):
      guard request.method == "GET" else { throw .methodNotAllowed }
      return .json(APIHandler.json(await cluster.usage()))
    case ("nodes"?, 3) where rest[2] == "failed":
      guard request.method == "PUT" else { throw .methodNotAllowed }
      guard case .bool(let failed)? = try? JSONParser.parse(request.body) else {
        throw .badRequest("the body must be true or false")
      }
      try await cluster.setNodeFailed(rest[1], failed)
      return .json(["kind": "Status", "apiVersion": "v1", "metadata": .object(JSONObject()), "status": "Success"])
    case ("namespaces"?, 5) where rest[2] == "pods" && rest[4] == "log":
      guard request.method == "GET" else { throw .methodNotAllowed }
      return try await positionedLog(namespace: rest[1], pod: rest[3], request.query)
    default: throw .noSuchResource
    }
  }

  private static func json(_ info: ClusterInfo) -> JSONValue {
    var object = JSONObject([
      .init(name: "flavor", value: .string(info.flavor.rawValue)),
      .init(name: "location", value: .string(info.location)),
    ])
    if let problem = info.storageProblem { object["storageProblem"] = .string(problem) }
    return .object(object)
  }

  private static func json(_ usage: ClusterUsage) -> JSONValue {
    func members(_ readings: [String: ClusterUsage.Usage]) -> JSONValue {
      .object(
        JSONObject(
          readings.sorted { $0.key < $1.key }.map { name, reading in
            .init(
              name: name, value: ["milliCPU": .int(Int64(reading.milliCPU)), "memory": .int(Int64(reading.memory))])
          }))
    }
    return ["pods": members(usage.pods), "nodes": members(usage.nodes)]
  }

  private func positionedLog(
    namespace: String, pod: String, _ query: APIRequest.Query
  ) async throws(StatusError) -> APIResponse {
    func number<Number: FixedWidthInteger>(_ name: String) throws(StatusError) -> Number? {
      guard let text = query[name], !text.isEmpty else { return nil }
      guard let value = Number(text), value >= 0 else {
        throw .badRequest("\(name): must be a number, not \(goQuoted(text))")
      }
      return value
    }
    let since: Int64? = try number("sinceMicroseconds")
    let request = LogRequest(
      namespace: namespace, pod: pod, container: query["container"], previous: query.flag("previous"),
      follow: query.flag("follow"), tailLines: try number("tailLines"),
      since: since.map { Instant(microseconds: $0) }, from: try number("from"), before: try number("before"))
    let lines = try await cluster.logs(request)
    return APIResponse(
      200, contentType: "application/x-ndjson",
      body: .stream { sink in
        for try await batch in lines {
          var bytes: [UInt8] = []
          for line in batch {
            bytes += Rendering.bytes(line.json)
            bytes.append(UInt8(ascii: "\n"))
          }
          try await sink.write(bytes)
        }
      })
  }
}

extension LogLine {
  /// `text`, or `base64` for what is not UTF-8.
  fileprivate var json: JSONValue {
    var object = JSONObject([
      .init(name: "time", value: .int(time.microseconds)), .init(name: "stream", value: .string(stream.rawValue)),
      .init(name: "position", value: .int(Int64(clamping: position))),
    ])
    if isPartial { object["partial"] = true }
    if let text = String(validating: bytes, as: UTF8.self) {
      object["text"] = .string(text)
    } else {
      object["base64"] = .string(base64Encoded(bytes))
    }
    return .object(object)
  }
}
