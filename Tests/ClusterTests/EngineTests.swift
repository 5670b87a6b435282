import KubeModel
import Testing

@testable import Cluster

/// Watches, storage failures and concurrency, on simulated pods.
struct EngineTests {
  private let directory = TemporaryDirectory()

  private func open(inMemory: Bool = true, fault: FaultyStore.Switch? = nil) async throws -> EmbeddedCluster {
    let options = EmbeddedCluster.Options(
      location: inMemory ? .inMemory : .stateDirectory(directory.file("state")), runtime: .simulated,
      nodes: .uniform(count: 3, cpu: Quantity("64"), memory: Quantity("64Gi")), seed: 1)
    return try await EmbeddedCluster.open(options) { store in
      if let fault { FaultyStore(base: store, fault: fault) } else { store }
    }
  }

  @Test func aWatchGoesOnFromAVersion() async throws {
    let cluster = try await open()
    _ = try await cluster.create(Sample.job("first"), dryRun: false)
    _ = try await cluster.waitForJob("first")
    let version = try await cluster.list(.job, namespace: nil).version
    _ = try await cluster.create(Sample.job("second"), dryRun: false)
    _ = try await cluster.waitForJob("second")
    let names = try await within {
      var names = Set<String>()
      for try await changes in await cluster.watch([.job], from: version) {
        for change in changes {
          #expect(change.version > version)
          names.insert(change.object.metadata.name)
          if case .job(let job) = change.object, job.status.isFinished { return names }
        }
      }
      return names
    }
    #expect(names == ["second"])
    await cluster.shutDown(grace: .zero)
  }

  /// Adding up all changes gives what a list gives, whatever the batches.
  @Test func aWatchMissesNothing() async throws {
    let cluster = try await open()
    let watch = await cluster.watch([.pod, .job], from: nil)
    let reader = Task {
      var seen: [ObjectKey: KubeObject] = [:]
      var last: UInt64 = 0
      for try await changes in watch {
        for change in changes {
          #expect(change.version > last)
          last = change.version
          seen[change.object.key] = change.verb == .deleted ? nil : change.object
        }
      }
      return seen
    }
    _ = try await cluster.create(Sample.job("many", completions: 500, parallelism: 50), dryRun: false)
    _ = try await cluster.waitForJob("many")
    var listed: [ObjectKey: KubeObject] = [:]
    for kind in [Kind.pod, .job] {
      for object in try await cluster.list(kind, namespace: nil).items { listed[object.key] = object }
    }
    await cluster.shutDown(grace: .zero)
    let seen = try await reader.value
    #expect(listed.count == 501)
    #expect(seen == listed)
  }

  @Test func aVersionThatIsTooOldIsGone() async throws {
    let cluster = try await open()
    // Far more changes than are kept.
    _ = try await cluster.create(Sample.job("many", completions: 3000, parallelism: 100), dryRun: false)
    _ = try await cluster.waitForJob("many")
    await #expect {
      for try await _ in await cluster.watch([.pod], from: 1) {}
    } throws: { error in
      (error as? StatusError)?.code == 410
    }
    await #expect {
      for try await _ in await cluster.watch([.pod], from: .max) {}
    } throws: { error in
      (error as? StatusError)?.code == 504
    }
    await cluster.shutDown(grace: .zero)
  }

  @Test func whatIsNotOnDiskHasNoEffect() async throws {
    let fault = FaultyStore.Switch()
    let cluster = try await open(inMemory: false, fault: fault)
    let key = Sample.job("early").key
    fault.fail(StoreError("database or disk is full", cause: .full))
    await #expect {
      try await cluster.create(Sample.job("early"), dryRun: false)
    } throws: { error in
      (error as? StatusError)?.code == 507 && "\(error)".contains("database or disk is full; the change is kept")
    }
    #expect(await cluster.info.storageProblem == "database or disk is full")
    await #expect {
      try await cluster.create(Sample.job("refused"), dryRun: false)
    } throws: { error in
      (error as? StatusError)?.code == 507 && "\(error)".contains("nothing was changed")
    }
    guard case .job(let job) = try await cluster.get(key) else { return }
    #expect(job.status.succeeded == 0, "its pod was not started")
    let refused = ObjectKey(.job, namespace: "default", name: "refused")
    await #expect(throws: StatusError.notFound(refused)) { try await cluster.get(refused) }

    fault.fail(nil)
    _ = try await cluster.create(Sample.job("late"), dryRun: false)
    #expect(await cluster.info.storageProblem == nil)
    _ = try await cluster.waitForJob("early")
    _ = try await cluster.waitForJob("late")
    await cluster.shutDown(grace: .zero)

    let reopened = try await open(inMemory: false)
    let names = try await reopened.list(.job, namespace: nil).items.map(\.metadata.name)
    #expect(names == ["early", "late"])
    await reopened.shutDown(grace: .zero)
  }

  @Test func aCommitThatFailedIsTriedAgainByItself() async throws {
    let fault = FaultyStore.Switch()
    let cluster = try await open(inMemory: false, fault: fault)
    fault.fail(StoreError("disk I/O error"))
    await #expect {
      try await cluster.create(Sample.job("early"), dryRun: false)
    } throws: { error in
      (error as? StatusError)?.code == 500
    }
    fault.fail(nil)
    _ = try await cluster.waitForJob("early")
    await cluster.shutDown(grace: .zero)
  }

  @Test func manyClientsAtOnce() async throws {
    let cluster = try await open(inMemory: false)
    let watch = await cluster.watch(Set(Kind.allCases), from: nil)
    let reader = Task {
      var changes = 0
      for try await batch in watch { changes += batch.count }
      return changes
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<16 {
        group.addTask {
          for round in 0..<10 {
            let name = "job-\(client)-\(round)"
            let created = try await cluster.create(Sample.job(name, completions: 3, parallelism: 3), dryRun: false)
            #expect(created.metadata.name == name)
            _ = try await cluster.list(.pod, namespace: "default")
            if round % 2 == 0 {
              try await cluster.delete(created.key, DeleteOptions(propagationPolicy: .background))
            } else {
              #expect(try await cluster.waitForJob(name).status.succeeded == 3)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let jobs = try await cluster.list(.job, namespace: nil).items
    #expect(jobs.count == 16 * 5)
    await cluster.shutDown(grace: .zero)
    #expect(try await reader.value > 16 * 10 * 3)
    let reopened = try await open(inMemory: false)
    #expect(try await reopened.list(.job, namespace: nil).items == jobs)
    await reopened.shutDown(grace: .zero)
  }

  @Test func aNodeFailsAndComesBack() async throws {
    let cluster = try await open()
    try await cluster.setNodeFailed("node-2", true)
    guard case .node(let failed) = try await cluster.get(ObjectKey(.node, name: "node-2")) else { return }
    #expect(failed.status.conditions["Ready"]?.status == "Unknown")
    try await cluster.setNodeFailed("node-2", false)
    guard case .node(let back) = try await cluster.get(ObjectKey(.node, name: "node-2")) else { return }
    #expect(back.status.conditions.isTrue("Ready"))
    await cluster.shutDown(grace: .zero)
  }

  @Test func aClusterThatIsDroppedEndsByItself() async throws {
    do {
      let cluster = try await open(inMemory: false)
      _ = try await cluster.create(Sample.job("early"), dryRun: false)
    }
    // The lock is free once the thread has ended; opening waits for no one, so try until then.
    let reopened = try await within {
      while true {
        do {
          return try await open(inMemory: false)
        } catch StateDirectoryError.held {
          await Task.yield()
        }
      }
    }
    #expect(try await reopened.list(.job, namespace: nil).items.count == 1)
    await reopened.shutDown(grace: .zero)
  }
}
