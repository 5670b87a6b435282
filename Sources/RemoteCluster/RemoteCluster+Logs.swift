internal import AsyncAlgorithms
internal import Cluster
internal import KubeModel

extension RemoteCluster {
  // MARK: jobdeck's own

  func positionedLogs(_ request: LogRequest) async throws(StatusError) -> LogSequence {
    var call = APICall(
      "GET", ["jobdeck", "v1", "namespaces", request.namespace, "pods", request.pod, "log"])
    if let container = request.container { call.query.append(("container", container)) }
    if request.previous { call.query.append(("previous", "true")) }
    if request.follow { call.query.append(("follow", "true")) }
    if let tail = request.tailLines { call.query.append(("tailLines", "\(tail)")) }
    if let since = request.since { call.query.append(("sinceMicroseconds", "\(since.microseconds)")) }
    if let from = request.from { call.query.append(("from", "\(from)")) }
    if let before = request.before { call.query.append(("before", "\(before)")) }
    let stream = try await client.stream(call)
    return LogSequence(
      Pump.stream { channel in
        var cutter = LineCutter()
        for try await bytes in stream {
          let lines = try cutter.lines(bytes).map { try RemoteCluster.line($0) }
          if !lines.isEmpty { await channel.send(lines) }
        }
      })
  }

  private static func line(_ bytes: [UInt8]) throws(StatusError) -> LogLine {
    guard let value = try? JSONParser.parse(bytes), let time = value["time"]?.int,
      let stream = value["stream"]?.string.flatMap({ LogLine.Stream(rawValue: $0) }),
      let text = value["text"]?.string.map({ Array($0.utf8) }) ?? value["base64"]?.string.flatMap({ base64Decoded($0) })
    else {
      throw StatusError(code: 500, reason: "InternalError", message: "the server's log cannot be understood")
    }
    return LogLine(
      time: Instant(microseconds: time), stream: stream, bytes: text, isPartial: value["partial"] == true,
      position: UInt64(clamping: value["position"]?.int ?? 0))
  }

  // MARK: Kubernetes'

  /// The log as Kubernetes' API has it: lines with the time of each and nothing else.
  ///
  /// A line's position is its time in microseconds, or one more than that of the line before it where those are the
  /// same: it stays what it is as long as the log does. All streams are told as stdout.
  func plainLogs(_ request: LogRequest) async throws(StatusError) -> LogSequence {
    var call = APICall("GET", ObjectKey(.pod, namespace: request.namespace, name: request.pod).path + ["log"])
    call.query = [("timestamps", "true")]
    if let container = request.container { call.query.append(("container", container)) }
    if request.previous { call.query.append(("previous", "true")) }
    if request.follow, request.before == nil { call.query.append(("follow", "true")) }
    var since = request.since
    if let from = request.from {
      // Lines of the same moment: a little earlier, and what is too early is dropped here.
      let start = Instant(microseconds: Int64(clamping: from)) - .seconds(1)
      since = max(since ?? start, start)
    }
    if let since { call.query.append(("sinceTime", since.rfc3339(fraction: false))) }
    // Which lines are the last before a position is known only when they have been read.
    let keepsLast = request.before != nil ? request.tailLines ?? .max : nil
    if request.before == nil, let tail = request.tailLines { call.query.append(("tailLines", "\(tail)")) }
    let stream = try await client.stream(call)
    return LogSequence(
      Pump.stream { channel in
        var cutter = LineCutter()
        var reader = PlainLogReader()
        var kept: [LogLine] = []
        for try await bytes in stream {
          var lines = try cutter.lines(bytes).map { reader.line($0) }
          if let from = request.from { lines.removeAll { $0.position < from } }
          if let since = request.since { lines.removeAll { $0.time < since } }
          guard let before = request.before, let limit = keepsLast else {
            if !lines.isEmpty { await channel.send(lines) }
            continue
          }
          kept += lines.prefix { $0.position < before }
          if kept.count > limit { kept.removeFirst(kept.count - limit) }
          if lines.contains(where: { $0.position >= before }) { break }
        }
        let last = cutter.last()
        if !last.isEmpty, request.before == nil { kept.append(reader.line(last)) }
        if !kept.isEmpty { await channel.send(kept) }
      })
  }
}

/// Reads lines of the form `2026-11-28T05:00:00.123456789Z text`.
struct PlainLogReader {
  private var position: UInt64 = 0
  private var time = Instant(microseconds: 0)

  mutating func line(_ bytes: [UInt8]) -> LogLine {
    var text = bytes[...]
    if let blank = bytes.firstIndex(of: UInt8(ascii: " ")),
      let moment = Instant(rfc3339: String(decoding: bytes[..<blank], as: UTF8.self))
    {
      time = moment
      text = bytes[(blank + 1)...]
    }
    position = max(position + 1, UInt64(clamping: time.microseconds))
    return LogLine(time: time, stream: .stdout, bytes: Array(text), position: position)
  }
}
