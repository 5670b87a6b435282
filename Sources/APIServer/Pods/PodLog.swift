internal import Cluster
internal import KubeModel

extension APIHandler {
  func log(_ key: ObjectKey, _ request: APIRequest) async throws(StatusError) -> APIResponse {
    let query = request.query
    let follows = query.flag("follow")
    let stamps = query.flag("timestamps")
    let limit = try APIHandler.number("limitBytes", query, atLeast: 1)
    var since: Instant?
    if let seconds = try APIHandler.number("sinceSeconds", query, atLeast: 1) { since = now() - .seconds(seconds) }
    if let text = query["sinceTime"], !text.isEmpty {
      guard since == nil else {
        throw APIHandler.logOptions(
          "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified", type: "FieldValueForbidden")
      }
      guard let time = Instant(rfc3339: text) else {
        throw .badRequest(
          "parsing time \(goQuoted(text)) as \"2006-01-02T15:04:05Z07:00\": cannot parse \(goQuoted(text)) as \"2006\"")
      }
      since = time
    }
    let lines = try await cluster.logs(
      LogRequest(
        namespace: key.namespace, pod: key.name, container: query["container"], previous: query.flag("previous"),
        follow: follows, tailLines: try APIHandler.number("tailLines", query, atLeast: 0), since: since))
    return APIResponse(
      200, contentType: "text/plain",
      body: .stream { sink in
        var left = limit ?? .max
        var startsLine = true
        for try await batch in lines {
          var bytes: [UInt8] = []
          for line in batch {
            if stamps, startsLine { bytes += "\(line.time.rfc3339(fraction: true)) ".utf8 }
            bytes += line.bytes
            if !line.isPartial { bytes.append(UInt8(ascii: "\n")) }
            startsLine = !line.isPartial
          }
          try await sink.write(Array(bytes.prefix(left)))
          left -= bytes.count
          if left <= 0 { return }
        }
      })
  }

  private static func number(
    _ name: String, _ query: APIRequest.Query, atLeast least: Int
  ) throws(StatusError) -> Int? {
    guard let value = try query.integer(name) else { return nil }
    guard value >= least else {
      throw logOptions(
        "Invalid value: \(value): must be greater than " + (least == 0 ? "or equal to 0" : "0"),
        type: "FieldValueInvalid", field: name)
    }
    return value
  }

  private static func logOptions(_ body: String, type: String, field: String = "") -> StatusError {
    StatusError(
      code: 422, reason: "Invalid",
      message: "PodLogOptions \"\" is invalid: \(field.isEmpty ? "" : "\(field): ")\(body)",
      causes: [FieldError(type: type, field: field, body: body)])
  }
}
