public import Cluster
internal import Glibc
public import KubeModel
public import Terminal

/// Runs the dashboard on a cluster and the terminal.
public enum DashboardApp {
  public struct Options: Sendable {
    public var dashboard: Dashboard.Options
    public var theme: Theme
    /// How often the use of nodes and pods is asked for.
    public var usageInterval: Duration
    /// What running pods get to end when the user leaves.
    public var shutdownGrace: Duration
    /// The clock.
    public var now: @Sendable () -> Instant

    public init(
      dashboard: Dashboard.Options = Dashboard.Options(localOffset: DashboardApp.localOffset),
      theme: Theme = .default, usageInterval: Duration = .seconds(2), shutdownGrace: Duration = .seconds(10),
      now: @escaping @Sendable () -> Instant = DashboardApp.systemTime
    ) {
      self.dashboard = dashboard
      self.theme = theme
      self.usageInterval = usageInterval
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
    let loop = ScreenLoop(mailbox: mailbox, options: options) { source.yield($0) }
    async let ended: Void = {
      await CommandRunner(cluster: cluster, mailbox: mailbox).run(batches)
      mailbox.post(.shutdownProgress("Stopping what runs…  Ctrl-C kills it at once."))
      await shutDown(cluster, grace: options.shutdownGrace, batches)
      mailbox.finish()
    }()
    let result: Result<Int32, ScreenError> = await withTaskGroup(of: Void.self) { group in
      group.addTask { mailbox.post(.info(await cluster.info)) }
      group.addTask { await watch(cluster, mailbox) }
      group.addTask { await sample(cluster, mailbox, every: options.usageInterval) }
      let result = await onThread { () throws(ScreenError) in try loop.run() }
      // Where the screen could not be opened nobody has asked to quit.
      source.finish()
      mailbox.close()
      group.cancelAll()
      return result
    }
    await ended
    return try result.get()
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

  /// Feeds changes to the mailbox; starts over when the cluster has none of them any more.
  private static func watch(_ cluster: any Cluster, _ mailbox: Mailbox) async {
    let kinds: Set<Kind> = [.job, .cronJob, .pod, .node, .event, .namespace]
    var wait = Duration.milliseconds(250)
    while !Task.isCancelled {
      mailbox.postReset()
      do {
        let sequence = await cluster.watch(kinds, from: nil)
        // A watch of nothing says nothing.
        if await isEmpty(cluster, kinds) { mailbox.post(.changes([])) }
        for try await changes in sequence {
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
        mailbox.post(.watchFailed("\(error)"))
        try? await Task.sleep(for: wait)
        wait = min(wait * 2, .seconds(10))
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

  private static func sample(_ cluster: any Cluster, _ mailbox: Mailbox, every interval: Duration) async {
    var last = ClusterUsage()
    while !Task.isCancelled {
      let usage = await cluster.usage()
      if usage != last {
        mailbox.post(.usage(usage))
        last = usage
      }
      do { try await Task.sleep(for: interval) } catch { return }
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
