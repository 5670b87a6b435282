import KubeModel

/// What happens to objects, for as long as somebody wants to know it.
///
/// A server ends each watch after a while, and one that was away for long is told that what it asks for is forgotten
/// (410): then the objects are listed once more, and those that have changed since stand there as `MODIFIED`.
struct Following: Sendable {
  var reader: ObjectReader
  var resource: APIResource
  var version: String
  var asTable = false

  /// Between two watches, so that a server that ends every one at once is not asked without a pause.
  private static let pause = Duration.milliseconds(250)

  /// Hands over one event after the other until `body` says false.
  @MainActor
  func forEach(_ body: @MainActor (ObjectReader.Event) async throws -> Bool) async throws {
    var version = version
    while true {
      do {
        for try await event in try await reader.watch(resource, from: version, asTable: asTable) {
          version = event.version ?? version
          guard try await body(event) else { return }
        }
      } catch let error as StatusError where error.code == 410 {
        let found = try await changes(since: version)
        version = found.version
        guard try await body(ObjectReader.Event(type: "MODIFIED", found: found, version: version)) else { return }
      }
      try await Task.sleep(for: Following.pause)
    }
  }

  private func changes(since version: String) async throws(StatusError) -> ObjectReader.Found {
    var found = try await reader.list(resource, asTable: asTable)
    let known = UInt64(version) ?? 0
    func isNew(_ metadata: JSONValue?) -> Bool {
      metadata?["resourceVersion"]?.string.flatMap { UInt64($0) }.map { $0 > known } ?? true
    }
    found.objects.removeAll { !isNew($0["metadata"]) }
    found.rows.removeAll { !isNew($0["object"]?["metadata"]) }
    return found
  }
}
