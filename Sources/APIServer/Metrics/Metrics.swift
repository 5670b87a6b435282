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
    let jobs = try await cluster.list(.job, namespace: nil).items.compactMap { object in
      if case .job(let job) = object { Sampled(JobMetrics.labels(job), job) } else { nil }
    }
    let cronJobs = try await cluster.list(.cronJob, namespace: nil).items.compactMap { object in
      if case .cronJob(let cronJob) = object { Sampled(JobMetrics.labels(cronJob), cronJob) } else { nil }
    }
    let all = try await cluster.list(.pod, namespace: nil).items
    let pods = all.compactMap { object in
      if case .pod(let pod) = object { Sampled(PodMetrics.labels(pod), pod) } else { nil }
    }
    let nodes = try await cluster.list(.node, namespace: nil).items.compactMap { object in
      if case .node(let node) = object { Sampled(PodMetrics.labels(node), node) } else { nil }
    }
    let counts = await observer.counts
    let process = ProcessMetrics.read().map { [Sampled([], $0)] } ?? []
    // A family at a time: together they are tens of megabytes where there are many pods.
    var response = APIResponse(
      200, contentType: Exposition.contentType,
      body: .stream { sink in
        try await Exposition.send(JobMetrics.families, jobs, to: &sink)
        try await Exposition.send(JobMetrics.cronJobFamilies, cronJobs, to: &sink)
        for families in [PodMetrics.families, PodMetrics.containerFamilies, PodMetrics.stateFamilies] {
          try await Exposition.send(families, pods, to: &sink)
        }
        try await Exposition.send(PodMetrics.nodeFamilies, nodes, to: &sink)
        try await Exposition.send(PodMetrics.moreNodeFamilies, nodes, to: &sink)
        try await Exposition.send(PendingPods.families, [Sampled([], PendingPods(all))], to: &sink)
        try await Exposition.send(ControllerCounts.families, [Sampled([], counts)], to: &sink)
        try await Exposition.send(ProcessMetrics.families, process, to: &sink)
      })
    response.isUrgent = true
    return response
  }
}

extension Exposition {
  /// Bytes that are gathered before they are sent.
  private static let piece = 64 * 1024

  @concurrent fileprivate static func send<Object: Sendable>(
    _ families: [MetricFamily<Object>], _ objects: [Sampled<Object>], to sink: inout any APIResponse.Sink
  ) async throws {
    var out = Exposition()
    for family in families {
      out.write([family], objects)
      guard out.bytes.count >= piece else { continue }
      try await sink.write(out.bytes)
      out = Exposition()
      await Task.yield()
    }
    if !out.bytes.isEmpty { try await sink.write(out.bytes) }
  }
}
