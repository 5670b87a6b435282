internal import Cluster
internal import KubeModel

/// Keeps what is counted from changes.
actor ControllerObserver {
  private(set) var counts = ControllerCounts()
  private(set) var hasBegun = false

  func begin(jobs: [KubeObject], pods: [KubeObject]) {
    counts.begin(jobs: jobs, pods: pods)
    hasBegun = true
  }

  func note(_ changes: [Change]) {
    for change in changes { counts.note(change) }
  }
}

extension APIHandler {
  /// Counts for `/metrics` what jobs and pods do, until the cluster stops or the task is cancelled.
  ///
  /// Without it the counters of the controllers stay at zero; all other metrics are read when they are asked for.
  public func countChanges() async {
    while !Task.isCancelled {
      do {
        let pods = try await cluster.list(.pod, namespace: nil)
        let jobs = try await cluster.list(.job, namespace: nil)
        // From the earlier list on, so that nothing is missed.
        let changes = await cluster.watch([.job, .pod], from: pods.version)
        await observer.begin(jobs: jobs.items, pods: pods.items)
        for try await batch in changes { await observer.note(batch) }
        return
      } catch {
        // Fell too far behind, or there is no cluster for the moment: again from what there is then.
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  func metrics(_ request: APIRequest) async throws(StatusError) -> APIResponse {
    guard request.method == "GET" else { throw .methodNotAllowed }
    var out = Exposition()
    var jobs: [(labels: [UInt8], object: Job)] = []
    for case .job(let job) in try await cluster.list(.job, namespace: nil).items {
      jobs.append((JobMetrics.labels(job), job))
    }
    out.write(JobMetrics.families, jobs)
    var cronJobs: [(labels: [UInt8], object: CronJob)] = []
    for case .cronJob(let cronJob) in try await cluster.list(.cronJob, namespace: nil).items {
      cronJobs.append((JobMetrics.labels(cronJob), cronJob))
    }
    out.write(JobMetrics.cronJobFamilies, cronJobs)
    let all = try await cluster.list(.pod, namespace: nil).items
    var pods: [(labels: [UInt8], object: Pod)] = []
    pods.reserveCapacity(all.count)
    for case .pod(let pod) in all { pods.append((PodMetrics.labels(pod), pod)) }
    out.write(PodMetrics.families, pods)
    var nodes: [(labels: [UInt8], object: Node)] = []
    for case .node(let node) in try await cluster.list(.node, namespace: nil).items {
      nodes.append((PodMetrics.labels(node), node))
    }
    out.write(PodMetrics.nodeFamilies, nodes)
    out.write(PendingPods.families, [([], PendingPods(all))])
    out.write(ControllerCounts.families, [([], await observer.counts)])
    out.write(ProcessMetrics.families, ProcessMetrics.read().map { [([], $0)] } ?? [])
    return APIResponse(200, contentType: Exposition.contentType, body: .bytes(out.bytes))
  }
}
