import Cluster
import KubeModel
import RemoteCluster

/// Working with the cluster that another jobdeck runs.
enum Attachment {
  /// Why there is nothing to work with, in one line.
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// How long a jobdeck that has just begun may take to serve.
  private static let patience = Duration.seconds(3)

  /// The cluster of the jobdeck that holds a state directory.
  ///
  /// - Parameters:
  ///   - options: what the command line asks of the cluster; what only its holder could do is refused.
  ///   - more: options of the command that only its holder could follow, and whether they were given.
  /// - Throws: `error` itself where nobody holds the directory, or why its holder does not answer.
  static func toHolder(
    _ error: StateDirectoryError, _ options: ClusterOptions, beyond more: [(String, Bool)] = []
  ) async throws -> RemoteCluster {
    guard case .held(let path, _) = error else { throw error }
    let asked: [(String, Bool)] = [
      ("--nodes", options.nodes != nil), ("--node-cpu", options.nodeCPU != nil),
      ("--node-memory", options.nodeMemory != nil), ("--log-limit", options.logLimit != nil),
      ("--simulate", options.simulate),
    ]
    if let option = (asked + more).first(where: \.1) {
      throw Problem(description: "\(error): \(option.0) is decided where the cluster is started")
    }
    let client = APIClient(socket: ServedFolder(path: path).socket)
    let start = ContinuousClock.now
    while true {
      do throws(StatusError) {
        return try await RemoteCluster.connect(client)
      } catch let refusal {
        guard ContinuousClock.now - start < patience else {
          client.close()
          throw Problem(description: "\(error), which cannot be worked with: \(refusal.message)")
        }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
