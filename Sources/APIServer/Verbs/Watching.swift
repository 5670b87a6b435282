internal import AsyncAlgorithms
internal import Cluster
internal import KubeModel

extension APIHandler {
  /// Longest time that a watch goes on where its client names none; it asks again then.
  private static let longestWatch = 3600
  /// How often a watch looks at its time, in seconds.
  private static let tick = 1
  /// How long a watch rests after it has sent something. What comes meanwhile goes out together: with hundreds of
  /// watches, waking them for each change by itself would take all that the machine has.
  private static let rest = Duration.milliseconds(20)
  /// Seconds between two bookmarks, for those who want them.
  private static let bookmarkInterval = 20

  func watch(
    _ target: Target, only name: String? = nil, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    let query = request.query
    try ListOptions.check(query, watches: true)
    let selection = try Selection(target, only: name, query)
    let version = try ResourceVersion.parse(query["resourceVersion"])
    let rendering = try rendering(target, request)
    var longest = APIHandler.longestWatch
    if let text = query["timeoutSeconds"], !text.isEmpty {
      guard let value = Int(text), value >= 0 else {
        throw .badRequest("strconv.ParseInt: parsing \(goQuoted(text)): invalid syntax")
      }
      if value > 0 { longest = min(value, APIHandler.longestWatch) }
    }
    let seconds = longest
    let sendsInitial = query.flag("sendInitialEvents")
    // What is there now: it opens a watch that begins anywhere, and tells which objects its client may know.
    let start = try await cluster.list(selection.kind, namespace: selection.namespace)
    let wantsAll = sendsInitial || version == nil
    let changes = await cluster.watch([selection.kind], from: wantsAll ? start.version : version)
    let session = WatchSession(
      selection: selection, rendering: rendering, now: now, start: start, sendsStart: wantsAll,
      marksStart: sendsInitial, wantsBookmarks: query.flag("allowWatchBookmarks"))
    var response = APIResponse(
      200,
      body: .stream { sink in
        var session = session
        try await sink.write(session.opening())
        var left = seconds
        let ticks = AsyncTimerSequence(interval: .seconds(APIHandler.tick), clock: .continuous)
        do {
          // A merge ends with the last of its parts, and the ticks never end.
          let whole = chain(changes.map(WatchSession.Signal.changes), CollectionOfOne(.end).async)
          for try await signal in merge(whole, ticks.map { _ in .tick }) {
            switch signal {
            case .end: return
            case .changes(let batch):
              let bytes = session.events(batch)
              guard !bytes.isEmpty else { continue }
              try await sink.write(bytes)
              try await Task.sleep(for: APIHandler.rest)
            case .tick:
              left -= APIHandler.tick
              if left <= 0 { return }
              if left % APIHandler.bookmarkInterval == 0 {
                let bytes = session.bookmark()
                if !bytes.isEmpty { try await sink.write(bytes) }
              }
            }
          }
        } catch let error as StatusError {
          try await sink.write(session.event("ERROR", Rendering.bytes(error.status)))
        }
      })
    response.isUrgent = true
    return response
  }
}
