import KubeModel
import Threading
import Testing

@testable import Cluster

struct TimedOut: Error {}

/// Runs `body`, and fails where it takes longer than any machine needs.
func within<Result: Sendable>(
  _ limit: Duration = .seconds(180), _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await Task.sleep(for: limit)
      throw TimedOut()
    }
    defer { group.cancelAll() }
    guard let result = try await group.next() else { throw TimedOut() }
    return result
  }
}

extension Cluster {
  /// Waits until an object of the kind is as wanted, and returns it.
  func wait(
    _ kind: Kind, _ name: String, until isWanted: @escaping @Sendable (KubeObject) -> Bool
  ) async throws -> KubeObject {
    try await within {
      for try await changes in await self.watch([kind], from: nil) {
        for change in changes where change.verb != .deleted && change.object.metadata.name == name {
          if isWanted(change.object) { return change.object }
        }
      }
      throw TimedOut()
    }
  }

  func waitForJob(_ name: String) async throws -> Job {
    let object = try await wait(.job, name) { object in
      if case .job(let job) = object { job.status.isFinished } else { false }
    }
    guard case .job(let job) = object else { throw TimedOut() }
    return job
  }

  func pods(ofJob name: String) async throws -> [Pod] {
    try await list(.pod, namespace: "default").items.compactMap { object in
      if case .pod(let pod) = object, pod.metadata.labels["job-name"] == name { pod } else { nil }
    }
  }

  func lines(_ request: LogRequest) async throws -> [String] {
    var lines: [String] = []
    for try await batch in try await logs(request) { lines += batch.map(\.text) }
    return lines
  }
}

/// A store in which commits fail for as long as a test wants.
struct FaultyStore: ObjectStore {
  final class Switch: Sendable {
    private let error = Locked<StoreError?>(nil)
    func fail(_ new: StoreError?) { error.withLock { $0 = new } }
    var current: StoreError? { error.withLock { $0 } }
  }

  var base: any ObjectStore
  let fault: Switch

  mutating func load() throws(StoreError) -> StoredCluster { try base.load() }
  mutating func commit(_ changes: ArraySlice<Change>) throws(StoreError) {
    if let error = fault.current { throw error }
    try base.commit(changes)
  }
  mutating func close() { base.close() }
}
