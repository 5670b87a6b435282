internal import ControlPlane
internal import Executor
internal import KubeModel

/// An engine, ready to run, with those of its parts that other threads may use.
struct EngineAssembly {
  let engine: Engine
  let parts: Parts
  /// To be released when the engine has ended.
  let directory: StateDirectory?

  struct Parts: Sendable {
    var status: ClusterStatus
    var processes: ProcessRuntime?
    /// Where the logs of its containers are; `nil` where nothing really runs and nothing ever did.
    var logs: LogFiles?
  }

  /// Opens the state directory, brings back what is stored and makes everything ready. Blocks.
  ///
  /// - Parameter wrapStore: for tests that need a store that fails.
  init(
    _ options: EmbeddedCluster.Options, inbox: Inbox<Engine.Message>,
    wrapStore: (any ObjectStore) -> any ObjectStore = { $0 }
  ) throws {
    var directory: StateDirectory?
    switch options.location {
    case .stateDirectory(let path): directory = try StateDirectory(path: path)
    case .inMemory where options.runtime == .process: directory = try .temporary()
    case .inMemory: break
    }
    do {
      var store: (any ObjectStore)?
      var stored = StoredCluster(objects: [], version: 0, seed: 0)
      if case .stateDirectory = options.location, let path = directory?.databasePath {
        var opened = try SQLiteStore(path: path)
        store = wrapStore(opened)
        do throws(StoreError) {
          stored = try opened.load()
          if stored.version == 0 {
            stored.seed = options.seed ?? .random(in: .min ... .max)
            try opened.setSeed(stored.seed)
          }
        } catch {
          throw StateDirectoryError.database(path: path, problem: error.description)
        }
      } else {
        stored.seed = options.seed ?? .random(in: .min ... .max)
      }
      try self.init(options, inbox, stored, store, directory)
    } catch {
      directory?.release()
      throw error
    }
  }

  private init(
    _ options: EmbeddedCluster.Options, _ inbox: Inbox<Engine.Message>, _ stored: consuming StoredCluster,
    _ store: (any ObjectStore)?, _ directory: StateDirectory?
  ) throws {
    let isSimulated = options.runtime == .simulated
    let location =
      if case .stateDirectory(let path) = options.location { path } else { "in memory" }
    let status = ClusterStatus(flavor: isSimulated ? .simulated : .embedded, location: location)
    var processes: ProcessRuntime?
    if !isSimulated, let directory {
      var runtime = ProcessRuntime.Options(logDirectory: directory.logsPath, podDirectory: directory.podsPath)
      runtime.keepLogs(of: options.logBytes(free: DiskSpace(at: directory.path).free))
      processes = try ProcessRuntime(runtime) {
        reports in
        inbox.post(.reports(reports))
      }
    }
    let clock = ClusterClock()
    let now = Instant.wallClock
    let configuration = ControlPlane.Configuration(
      seed: stored.seed, defaultRuntimeClass: isSimulated ? Runtimes.simulatedClass : Runtimes.processClass,
      timeZone: .local())
    let storedVersion = stored.version
    var core =
      storedVersion == 0
      ? ControlPlane(configuration, at: now)
      : ControlPlane(restoring: stored.objects, version: storedVersion, configuration, at: now)
    do throws(StatusError) {
      try NodePool(options.nodes, machine: .current()).apply(to: &core, at: now)
    } catch {
      throw error
    }
    if let directory, !stored.objects.isEmpty {
      let pods = core.list(.pod, namespace: nil).map(\.metadata.uid)
      directory.removeLeftovers(ofPodsOtherThan: Set(pods))
    }
    self.directory = directory
    parts = Parts(
      status: status, processes: processes,
      logs: processes?.logs ?? directory.map { LogFiles(directory: $0.logsPath) })
    engine = Engine(
      core: core, runtimes: Runtimes(processes: processes, seed: stored.seed ^ storedVersion), store: store,
      inbox: inbox, status: status,
      clock: clock, storedVersion: storedVersion)
  }
}
