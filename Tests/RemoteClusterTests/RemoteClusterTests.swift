import Cluster
import KubeModel
import RemoteCluster
import Testing

/// The same through the socket as without it.
@Suite(.timeLimit(.minutes(5))) struct RemoteClusterTests {
  @Test func whatIsReadIsWhatIsThere() async throws {
    try await Rig.run { rig in
      #expect(await rig.remote.info.flavor == .simulated)
      #expect(await rig.remote.info.isAttached)
      #expect(await rig.remote.info.location == rig.embedded.info.location)
      let made = try await rig.remote.create(Rig.job("a", suspended: true), dryRun: false)
      #expect(made.metadata.uid.isEmpty == false)
      _ = try await rig.remote.create(Rig.job("b", suspended: true), dryRun: false)
      for kind in Kind.allCases {
        let (here, there) = (
          try await rig.embedded.list(kind, namespace: nil), try await rig.remote.list(kind, namespace: nil)
        )
        #expect(there.items.map { $0.json() } == here.items.map { $0.json() }, "\(kind)")
        #expect(there.version == here.version)
      }
      #expect(try await rig.remote.list(.job, namespace: "default").items.map(\.metadata.name) == ["a", "b"])
      #expect(try await rig.remote.list(.job, namespace: "kube-system").items.isEmpty)
      #expect(try await rig.remote.get(Rig.key("a")).json() == rig.embedded.get(Rig.key("a")).json())
    }
  }

  @Test func refusalsAreTheSame() async throws {
    try await Rig.run { rig in
      _ = try await rig.embedded.create(Rig.job("a", suspended: true), dryRun: false)
      var bad = Rig.job("bad")
      if case .job(var job) = bad {
        job.spec.parallelism = -1
        job.spec.backoffLimit = -1
        bad = .job(job)
      }
      var stale = try await rig.embedded.get(Rig.key("a"))
      stale.metadata.resourceVersion = "1"
      let (badJob, staleJob) = (bad, stale)
      let clusters: [any Cluster] = [rig.embedded, rig.remote]
      func both(_ ask: (any Cluster) async throws(StatusError) -> Void) async -> [StatusError?] {
        var errors: [StatusError?] = []
        for cluster in clusters { errors.append(await refusal { () throws(StatusError) in try await ask(cluster) }) }
        return errors
      }
      let cases = [
        await both { cluster throws(StatusError) in _ = try await cluster.get(Rig.key("none")) },
        await both { cluster throws(StatusError) in _ = try await cluster.create(Rig.job("a"), dryRun: false) },
        await both { cluster throws(StatusError) in _ = try await cluster.create(badJob, dryRun: false) },
        await both { cluster throws(StatusError) in _ = try await cluster.update(staleJob, dryRun: false) },
        await both { cluster throws(StatusError) in try await cluster.delete(Rig.key("none"), DeleteOptions()) },
        await both { cluster throws(StatusError) in
          try await cluster.delete(Rig.key("a"), DeleteOptions(uid: "another"))
        },
        await both { cluster throws(StatusError) in
          try await cluster.evict(ObjectKey(.pod, namespace: "default", name: "none"))
        },
        await both { cluster throws(StatusError) in try await cluster.setNodeFailed("none", true) },
        await both { cluster throws(StatusError) in
          _ = try await cluster.logs(LogRequest(namespace: "default", pod: "none"))
        },
      ]
      for pair in cases {
        #expect(pair[0] != nil)
        #expect(pair[0] == pair[1])
      }
    }
  }

  @Test func objectsAreChangedAndDeleted() async throws {
    try await Rig.run { rig in
      let tried = try await rig.remote.create(Rig.job("a", suspended: true), dryRun: true)
      #expect(tried.metadata.name == "a")
      #expect(try await rig.embedded.list(.job, namespace: nil).items.isEmpty)
      _ = try await rig.remote.create(Rig.job("a", suspended: true), dryRun: false)
      _ = try await rig.remote.patch(Rig.key("a"), .merge, ["metadata": ["labels": ["x": "y"]]])
      _ = try await rig.remote.patch(
        Rig.key("a"), .json, [["op": "add", "path": "/metadata/labels/z", "value": "1"]])
      var job = try await rig.remote.get(Rig.key("a"))
      #expect(job.metadata.labels["x"] == "y")
      #expect(job.metadata.labels["z"] == "1")
      job.metadata.labels["z"] = nil
      job = try await rig.remote.update(job, dryRun: false)
      #expect(job.metadata.labels["z"] == nil)
      // What was read back with whole seconds is no change of the status.
      #expect(
        try await rig.remote.updateStatus(job).metadata.resourceVersion == job.metadata.resourceVersion)
      try await rig.remote.delete(
        Rig.key("a"), DeleteOptions(propagationPolicy: .background, uid: job.metadata.uid))
      #expect(await refusal { () throws(StatusError) in try await rig.embedded.get(Rig.key("a")) }?.code == 404)
    }
  }

  @Test func whatOnlyJobdeckHas() async throws {
    try await Rig.run { rig in
      try await rig.remote.setNodeFailed("node-1", true)
      func isFailed() async throws -> Bool {
        guard case .node(let node) = try await rig.embedded.get(ObjectKey(.node, name: "node-1")) else { return false }
        return node.metadata.annotations.entries.contains {
          $0.key.hasPrefix("jobdeck.dev/") && $0.key.contains("fail")
        }
          || node.status.conditions["Ready"]?.status != "True"
      }
      var rounds = 0
      while try await !isFailed(), rounds < 600 {
        rounds += 1
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(try await isFailed())
      try await rig.remote.setNodeFailed("node-1", false)
      #expect(await rig.remote.usage() == ClusterUsage())
    }
    let told = ToldCluster()
    try await serving(told) { socket in
      let remote = try await RemoteCluster.connect(APIClient(socket: socket))
      #expect(await remote.usage() == told.usage())
      #expect(await remote.info.storageProblem == "the disk is full")
      #expect(await remote.info.location == "/some/where")
    }
  }

  @Test func podsAreEvicted() async throws {
    try await Rig.run { rig in
      _ = try await rig.remote.create(Rig.job("long", duration: "1h"), dryRun: false)
      var pod: KubeObject?
      while pod == nil { pod = try await rig.remote.list(.pod, namespace: "default").items.first }
      let key = try #require(pod?.key)
      try await rig.remote.evict(key)
      let left = try? await rig.embedded.get(key)
      guard case .pod(let evicted)? = left else { return }
      #expect(evicted.metadata.deletionTimestamp != nil || evicted.status.phase.isTerminal)
    }
  }

  @Test func aServerThatIsNotThereIsNamed() async throws {
    let folder = try TemporaryFolder()
    let socket = folder.path + "/api.sock"
    let none = await refusal { () throws(StatusError) in try await RemoteCluster.connect(APIClient(socket: socket)) }
    #expect(none?.code == 503)
    #expect(none?.message == "nothing answers on \(socket): there is no such socket")
  }
}
