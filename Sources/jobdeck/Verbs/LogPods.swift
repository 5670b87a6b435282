import Cluster
import KubeModel
import RemoteCluster

/// The pods whose logs a command line means, chosen as kubectl chooses them.
struct LogPods: Sendable {
  let server: Server
  /// How long to wait for the first pod of a job.
  let timeout: Duration

  /// The pods, and the container where the arguments name one.
  func find(_ arguments: [String], _ selector: String?) async throws -> (pods: [Pod], container: String?) {
    do {
      return try await lookUp(arguments, selector)
    } catch let error as StatusError where error.code == 404 {
      // kubectl's `logs` has words of its own.
      throw VerbError(
        "error from server (NotFound): \(error.message) in namespace \"\(server.namespace)\"")
    }
  }

  private func lookUp(_ arguments: [String], _ selector: String?) async throws -> (pods: [Pod], container: String?) {
    if let selector {
      guard arguments.isEmpty else {
        throw VerbError("only a selector (-l) or a POD name is allowed")
      }
      let labels = try Selector(selector)
      let pods = try await pods { labels.matches($0.metadata.labels) }
      if pods.isEmpty { Diagnostics.line("No resources found in \(server.namespace) namespace.") }
      return (pods.sorted { $0.metadata.name < $1.metadata.name }, nil)
    }
    guard let first = arguments.first, arguments.count <= 2 else {
      throw VerbError(
        "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]': POD or TYPE/NAME is a required argument")
    }
    let container = arguments.count == 2 ? arguments[1] : nil
    let parts = first.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      do {
        return ([try await pod(first)], container)
      } catch let error as StatusError where error.code == 404 {
        guard let job = try? await server.cluster.get(key(.job, first)) else { throw error }
        throw VerbError("there is no pod \"\(first)\", but a job: 'jobdeck logs job/\(job.metadata.name)'")
      }
    }
    let resource = try await ResourceIndex.load(server).resource(parts[0])
    switch resource.model {
    case .pod: return ([try await pod(parts[1])], container)
    case .job: return ([try await pod(ofJob: parts[1])], container)
    case .cronJob:
      guard case .cronJob(let cronJob) = try await server.cluster.get(key(.cronJob, parts[1])) else { break }
      let jobs = try await server.cluster.list(.job, namespace: server.namespace).items.filter {
        $0.metadata.ownerReferences.contains { $0.uid == cronJob.metadata.uid }
      }
      guard let last = jobs.max(by: { age($0.metadata) < age($1.metadata) }) else {
        throw VerbError("cronjob/\(parts[1]) has no job")
      }
      return ([try await pod(ofJob: last.metadata.name)], container)
    default: break
    }
    throw VerbError("cannot get the logs from \(resource.plural): expected a pod, a job or a cronjob")
  }

  private func age(_ metadata: ObjectMeta) -> Int64 { metadata.creationTimestamp?.microseconds ?? 0 }

  private func key(_ kind: Kind, _ name: String) -> ObjectKey {
    ObjectKey(kind, namespace: server.namespace, name: name)
  }

  private func pod(_ name: String) async throws -> Pod {
    guard case .pod(let pod) = try await server.cluster.get(key(.pod, name)) else {
      throw StatusError.notFound(key(.pod, name))
    }
    return pod
  }

  private func pods(_ isWanted: (Pod) -> Bool) async throws -> [Pod] {
    try await server.cluster.list(.pod, namespace: server.namespace).items.compactMap { item in
      guard case .pod(let pod) = item, isWanted(pod) else { return nil }
      return pod
    }
  }

  /// The pod of a job that tells most; waits for the first one.
  private func pod(ofJob name: String) async throws -> Pod {
    guard case .job(let job) = try await server.cluster.get(key(.job, name)) else {
      throw StatusError.notFound(key(.job, name))
    }
    let start = ContinuousClock.now
    while true {
      let pods = try await pods { pod in pod.metadata.ownerReferences.contains { $0.uid == job.metadata.uid } }
      if pods.count > 1 { Diagnostics.line("Found \(pods.count) pods, using pod/\(LogPods.best(pods).metadata.name)") }
      if !pods.isEmpty { return LogPods.best(pods) }
      // It gets none any more, or not before somebody does something.
      if job.status.isFinished { throw VerbError("job/\(name) has ended, and its pods are gone with their logs") }
      if job.spec.suspend == true {
        throw VerbError("job/\(name) is suspended and has no pod: 'jobdeck resume job/\(name)' lets it go on")
      }
      guard ContinuousClock.now - start < timeout else { throw VerbError("timed out waiting for the condition") }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// kubectl's order (podutils.ByLogging): on a node, running rather than pending, ready, longest ready, most restarts,
  /// oldest.
  static func best(_ pods: [Pod]) -> Pod {
    func rank(_ pod: Pod) -> (Int, Int, Int, Int64, Int, Int64) {
      let ready = pod.status.conditions["Ready"]
      let isReady = ready?.status == "True"
      let restarts = pod.status.containerStatuses.map(\.restartCount).max() ?? 0
      return (
        pod.spec.nodeName.isEmpty ? 1 : 0, pod.status.phase == .pending ? 1 : 0, isReady ? 0 : 1,
        isReady ? ready?.lastTransitionTime?.microseconds ?? 0 : 0, -restarts,
        pod.metadata.creationTimestamp?.microseconds ?? 0
      )
    }
    return pods.min { rank($0) < rank($1) } ?? pods[0]
  }
}
