public import Cluster
internal import Glibc
public import KubeModel
internal import Threading
internal import Terminal

/// Runs the dashboard on a cluster and the terminal.
public enum DashboardApp {
  public struct Options: Sendable {
    public var dashboard: Dashboard.Options
    /// Where the settings come from, and what was read there.
    public var folder: SettingsFolder?
    public var reading: SettingsFolder.Reading
    public var tips = TipMemory(folder: nil)
    /// Whether everything is told in lines, one after the other, and nothing drawn.
    public var isPlain = false
    /// Where what is remembered is kept.
    public var memory: MemoryFile?
    /// What running pods get to end when the user leaves.
    public var shutdownGrace: Duration
    /// The clock.
    public var now: @Sendable () -> Instant

    public init(
      dashboard: Dashboard.Options = Dashboard.Options(localOffset: DashboardApp.localOffset),
      folder: SettingsFolder? = nil, reading: SettingsFolder.Reading = SettingsFolder.Reading(),
      shutdownGrace: Duration = .seconds(10),
      now: @escaping @Sendable () -> Instant = DashboardApp.systemTime
    ) {
      self.dashboard = dashboard
      self.folder = folder
      self.reading = reading
      self.shutdownGrace = shutdownGrace
      self.now = now
    }
  }

  /// Shows the dashboard until the user leaves or the system asks the program to end; then shuts the cluster down.
  ///
  /// The screen lives on a thread of its own. The cluster has been shut down when this returns or throws.
  /// - Throws: `ScreenError` where there is no terminal to draw on.
  ///
  /// - Returns: the signal that ended it; 0 where the user left.
  @discardableResult
  public static func run(cluster: any Cluster, options: Options = Options()) async throws -> Int32 {
    let mailbox = Mailbox()
    // Unbounded, and yet short: what comes in is what a person's keys ask for.
    let (batches, source) = AsyncStream.makeStream(of: [Command].self)
    async let ended: Void = {
      await CommandRunner(cluster: cluster, mailbox: mailbox, tips: options.tips).run(batches)
      mailbox.post(.shutdownProgress("Stopping what runs…  Ctrl-C kills it at once."))
      await shutDown(cluster, grace: options.shutdownGrace, batches)
      mailbox.finish()
    }()
    let result: Result<Int32, ScreenError> = await withTaskGroup(of: Void.self) { group in
      group.addTask { mailbox.post(.info(await cluster.info)) }
      group.addTask { await watch(cluster, mailbox) }
      let usageInterval = Locked(options.reading.settings.usageInterval)
      group.addTask { await sample(cluster, mailbox) { usageInterval.withLock { $0 } } }
      if let folder = options.folder {
        group.addTask {
          await folder.watch(options.reading.settings) { reading in
            if reading.problems.isEmpty { usageInterval.withLock { $0 = reading.settings.usageInterval } }
            mailbox.post(.settings(reading.settings, reading.problems))
          }
        }
      }
      let result = await onThread { () throws(ScreenError) in
        try runLoop(mailbox, options) { source.yield($0) }
      }
      // Where the screen could not be opened nobody has asked to quit.
      source.finish()
      mailbox.close()
      group.cancelAll()
      return result
    }
    await ended
    options.memory?.flush()
    return try result.get()
  }

  /// On the screen, or in lines where that was asked for or the terminal can do no more.
  private static func runLoop(
    _ mailbox: Mailbox, _ options: Options, _ carryOut: @escaping @Sendable ([Command]) -> Void
  ) throws(ScreenError) -> Int32 {
    var plain = PlainLoop(mailbox: mailbox, options: options, carryOut: carryOut)
    guard !options.isPlain else { return try plain.run() }
    do {
      return try ScreenLoop(mailbox: mailbox, options: options, carryOut: carryOut).run()
    } catch .unusableTerminalType(let name) {
      plain.note = "Terminal type '\(TextWidth.truncate(name, to: 40))' cannot show a full screen; this is --plain."
      return try plain.run()
    }
  }

  /// Ends what runs: asks first, and kills after `grace` or when the user asks again.
  private static func shutDown(_ cluster: any Cluster, grace: Duration, _ batches: AsyncStream<[Command]>) async {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await cluster.shutDown(grace: grace)
        return true
      }
      group.addTask {
        for await commands in batches where commands.contains(.quitNow) {
          await cluster.shutDown(grace: .zero)
          return true
        }
        return false
      }
      for await hasEnded in group where hasEnded { break }
      group.cancelAll()
    }
  }

  /// The distance of local time from UTC, in seconds, by the system's time zone.
  public static let localOffset: @Sendable (Instant) -> Int = { instant in
    var seconds = time_t(instant.seconds)
    var parts = tm()
    return localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
  }

  /// The system's clock.
  public static let systemTime: @Sendable () -> Instant = {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Instant(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
  }

  /// Feeds changes to the mailbox; starts over after an error, and when the cluster has none of them any more.
  static func watch(_ cluster: any Cluster, _ mailbox: Mailbox) async {
    let kinds: Set<Kind> = [.job, .cronJob, .pod, .node, .event, .namespace]
    var wait = Duration.milliseconds(250)
    while !Task.isCancelled {
      // What was known stays on the screen until something newer is there.
      var isFirst = true
      do {
        let sequence = await cluster.watch(kinds, from: nil)
        // A watch of nothing says nothing.
        if await isEmpty(cluster, kinds) {
          mailbox.postReset()
          mailbox.post(.changes([]))
          isFirst = false
        }
        for try await changes in sequence {
          if isFirst {
            mailbox.postReset()
            mailbox.post(.info(await cluster.info))
            isFirst = false
          }
          mailbox.post(changes)
          wait = .milliseconds(250)
        }
        // The cluster has stopped.
        return
      } catch let error as StatusError where error.code == 410 {
        continue
      } catch is CancellationError {
        return
      } catch {
        mailbox.post(.watchFailed((error as? StatusError)?.message ?? "\(error)"))
        try? await Task.sleep(for: wait)
        wait = min(wait * 2, .seconds(3))
      }
    }
  }

  private static func isEmpty(_ cluster: any Cluster, _ kinds: Set<Kind>) async -> Bool {
    // Nodes and namespaces first: hardly a cluster has none, and they are few.
    for kind in [.node, .namespace] + kinds.subtracting([.node, .namespace]).sorted() {
      guard let list = try? await cluster.list(kind, namespace: nil), list.items.isEmpty else { return false }
    }
    return true
  }

  /// Asks how busy pods and nodes are, every `interval`, until it is cancelled.
  static func sample(_ cluster: any Cluster, _ mailbox: Mailbox, every interval: @Sendable () -> Duration) async {
    var last = ClusterUsage()
    while !Task.isCancelled {
      let usage = await cluster.usage()
      if usage != last {
        mailbox.post(.usage(usage))
        last = usage
      }
      let asked = ContinuousClock.now
      do {
        // In steps, so that a shorter interval holds at once.
        repeat {
          let left = interval() - (ContinuousClock.now - asked)
          try await Task.sleep(for: min(.seconds(2), max(.zero, left)))
        } while ContinuousClock.now - asked < interval()
      } catch {
        return
      }
    }
  }

  /// Runs `body`, which blocks, on a thread made for it.
  private static func onThread<Success: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Success
  ) async -> Result<Success, Failure> {
    await withCheckedContinuation { continuation in
      let work = ThreadWork {
        do throws(Failure) {
          continuation.resume(returning: .success(try body()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(work).toOpaque()
      let code = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().body()
          return nil
        }, argument)
      precondition(code == 0, "the system gives no more threads")
      pthread_detach(thread)
    }
  }

  private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
