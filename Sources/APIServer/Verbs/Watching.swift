internal import Cluster
internal import KubeModel

extension APIHandler {
  /// Longest time that a watch goes on where its client names none, in seconds; it asks again then.
  static let longestWatch = 3600
  /// Between two bookmarks, for those who want them.
  private static let bookmarkInterval = Duration.seconds(20)

  func watch(
    _ target: Target, only name: String? = nil, _ request: APIRequest
  ) async throws(StatusError) -> APIResponse {
    let query = request.query
    try ListOptions.check(query, watches: true)
    let selection = try Selection(target, only: name, query)
    let version = try ResourceVersion.parse(query["resourceVersion"])
    let rendering = try rendering(target, request)
    var longest = APIHandler.longestWatch
    if let value = try query.integer("timeoutSeconds"), value > 0 { longest = min(value, APIHandler.longestWatch) }
    let sendsInitial = query.flag("sendInitialEvents")
    // What is there now: it opens a watch that begins anywhere, and tells which objects its client may know.
    let start = try await cluster.list(selection.kind, namespace: selection.namespace)
    let wantsAll = sendsInitial || version == nil
    let marks = query.flag("allowWatchBookmarks")
    let session = WatchSession(
      selection: selection, rendering: rendering, now: now, start: start,
      from: wantsAll ? start.version : version ?? start.version, sendsStart: wantsAll, marksStart: sendsInitial,
      wantsBookmarks: marks)
    let key = SharedWatch.Key(target, only: name, request, rendering)
    let end = Duration.seconds(longest)
    var response = APIResponse(
      200,
      body: .stream { [cluster, watches] sink in
        var session = session
        while case let bytes = session.opening(), !bytes.isEmpty { try await sink.write(bytes) }
        let member = watches.begin(key, session, kind: selection.kind, cluster)
        defer { watches.leave(member) }
        do {
          try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
              try await Task.sleep(for: end)
              member.finish()
            }
            if marks {
              group.addTask {
                while true {
                  try await Task.sleep(for: APIHandler.bookmarkInterval)
                  member.askForBookmark()
                }
              }
            }
            while let turn = try await member.next() {
              for part in turn.parts { try await sink.write(part) }
              let mark = turn.wantsBookmark ? session.bookmark(upTo: turn.version) : []
              if !mark.isEmpty { try await sink.write(mark) }
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
