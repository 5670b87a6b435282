import APIServer
import Cluster

/// Serving the API beside something else.
enum Serving {
  /// Serves the cluster on its state directory's socket while `body` runs; one that is kept in memory is not served.
  ///
  /// Where it cannot be served that is told, and `body` runs all the same.
  static func onSocket<Result: Sendable>(
    _ cluster: any Cluster, _ location: EmbeddedCluster.Options.Location, while body: () async throws -> Result
  ) async throws -> Result {
    guard case .stateDirectory = location else { return try await body() }
    let folder: ServedFolder
    do {
      folder = try ServedFolder(location)
    } catch {
      Diagnostics.error("\(error)")
      return try await body()
    }
    let handler = APIHandler(cluster: cluster) { WallClock.now }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      defer { folder.remove() }
      group.addTask { await handler.countChanges() }
      group.addTask {
        do {
          try await APIListener(handler, socket: folder.socket).run { _ in folder.restrictSocket() }
        } catch is CancellationError {
        } catch {
          Diagnostics.error("\(folder.socket) cannot be served: \(error)")
        }
      }
      defer { group.cancelAll() }
      return try await body()
    }
  }
}
