internal import AsyncAlgorithms
internal import Cluster
internal import KubeModel

typealias ChangeChannel = AsyncThrowingChannel<[Change], any Error>

extension RemoteCluster {
  /// Fills `channel` until its reader leaves, or something is wrong: what must be listed anew is told by 410, a server
  /// that is gone by 503.
  ///
  /// One watch for each kind, as Kubernetes has them. Changes of one kind come in order; those of several kinds may
  /// overtake each other, but for the objects of the beginning, which come first.
  func watch(_ kinds: Set<Kind>, from version: UInt64?, _ channel: ChangeChannel) async throws {
    var starts: [Kind: UInt64] = [:]
    if let version {
      for kind in kinds { starts[kind] = version }
    } else {
      var snapshot: [Change] = []
      for kind in kinds.sorted() {
        let list = try await list(kind, namespace: nil)
        starts[kind] = list.version
        snapshot += list.items.map { object in
          Change(verb: .added, object: object, version: UInt64(object.metadata.resourceVersion) ?? list.version)
        }
      }
      await channel.send(snapshot)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (kind, start) in starts {
        group.addTask { try await self.follow(kind, from: start, channel) }
      }
      // One that ends, ends all: its reader begins anew.
      for try await _ in group {}
    }
  }

  /// Asks again from where it was whenever the server ends a watch in good order, as it does after a while.
  private func follow(_ kind: Kind, from start: UInt64, _ channel: ChangeChannel) async throws {
    var version = start
    while !Task.isCancelled {
      let asked = ContinuousClock.now
      var call = APICall("GET", kind.path(namespace: nil))
      call.query = [
        ("watch", "true"), ("resourceVersion", "\(version)"), ("allowWatchBookmarks", "true"),
      ]
      var cutter = LineCutter()
      for try await bytes in try await client.stream(call) {
        var batch: [Change] = []
        for line in try cutter.lines(bytes) {
          if let change = try RemoteCluster.change(line, kind, &version) { batch.append(change) }
        }
        if !batch.isEmpty { await channel.send(batch) }
      }
      // A server that ends every watch at once is not asked without a pause.
      if ContinuousClock.now - asked < .seconds(1) { try await Task.sleep(for: .milliseconds(250)) }
    }
  }

  /// One line of a watch; `nil` where it only tells how far the watch has come.
  private static func change(_ line: [UInt8], _ kind: Kind, _ version: inout UInt64) throws(StatusError) -> Change? {
    guard let event = try? JSONParser.parse(line), let type = event["type"]?.string, let object = event["object"]
    else {
      throw StatusError(code: 500, reason: "InternalError", message: "the server's watch cannot be understood")
    }
    if type == "ERROR" {
      throw StatusError(status: object)
        ?? StatusError(code: 500, reason: "InternalError", message: "the server ended the watch")
    }
    let own = object["metadata"]?["resourceVersion"]?.string.flatMap { UInt64($0) }
    if let own { version = max(version, own) }
    guard let verb = Change.Verb(rawValue: type) else { return nil }
    return Change(verb: verb, object: try read(object, kind), version: own ?? version)
  }
}
