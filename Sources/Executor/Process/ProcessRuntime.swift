import CLinux
import Glibc
public import KubeModel
import Threading

/// Why a runtime could not be set up.
public struct RuntimeError: Error, CustomStringConvertible, Sendable {
  /// What could not be done and the system's reason, in one line.
  public let description: String

  init(_ text: String, errno code: Int32) { description = "\(text): \(describe(errno: code))" }
}

/// Runs containers as processes of this machine.
///
/// Each container is one process in a session of its own, with its output in a log file. All work happens on a thread
/// of the runtime's own, which sleeps in epoll; no call blocks its caller.
///
/// Nothing that a container forks outlives it: when its main process has ended, the rest of its process group is
/// killed, and so are processes that left the group, which this process adopts (it becomes a *child subreaper*) and
/// knows by their session or by `JOBDECK_POD_UID` in their environment. When this process itself is killed, a
/// guardian process kills what it started. A child of this process that runs in another session than its own is
/// taken for such an orphan, unless it has the `besideVariable`: other code in this process must not start sessions
/// without it.
public final class ProcessRuntime: Sendable {
  /// The environment variable, with the value `1`, of programs that this process starts beside containers: what they
  /// leave behind (an editor's server, a window) is reaped when it ends, and nobody's to kill.
  public static let besideVariable = "JOBDECK_BESIDE"

  /// What a runtime is set up with.
  public struct Options: Sendable {
    /// The root of the tree of log files; created when the first line is written.
    public var logDirectory: String
    /// The root of the tree of what pods have of their own, their volumes above all; created when a pod needs it.
    public var podDirectory: String
    /// Bytes after which a container's log file is rotated. Kubernetes' `containerLogMaxSize`: 10 MiB.
    public var logFileBytes = 10 << 20
    /// Files that are kept of one run of a container, at least 2. Kubernetes' `containerLogMaxFiles`: 5.
    public var logFileCount = 5
    /// Where a container starts that names no `workingDir`; `nil`: where this process was when the runtime began.
    public var workingDirectory: String?
    /// Variables beneath those of the manifest.
    public var baseEnvironment: [EnvVar]
    /// Time between two samples of cpu and memory, at least 100 ms. Samples that cost more than 0.4 % of that time
    /// are spaced out.
    public var sampleInterval: Duration = .seconds(2)

    /// Creates options with the defaults above, and what containers may have of this process's environment.
    ///
    /// - Parameter podDirectory: `nil` for one beside the logs.
    public init(logDirectory: String, podDirectory: String? = nil) {
      self.logDirectory = logDirectory
      self.podDirectory = podDirectory ?? logDirectory + "-pods"
      baseEnvironment = ContainerEnvironment.inherited()
    }

    /// Keeps so many bytes of one run's log, in files that are cut off one at a time: small ones, as few as that
    /// allows.
    public mutating func keepLogs(of bytes: Int) {
      logFileBytes = min(max(bytes / 8, 1 << 16), 64 << 20)
      logFileCount = max(2, bytes / logFileBytes)
    }
  }

  /// The log files of this runtime's containers.
  public let logs: LogFiles

  private let mailbox: Mailbox
  private let sampler: UsageSampler

  /// Starts the runtime's threads and its guardian process.
  ///
  /// - Parameter report: Called on the runtime's thread with what happened, in order; must not block.
  /// - Throws: When the system gives no descriptors, threads or processes, or has no pidfd (Linux before 5.4).
  public init(_ options: Options, report: @escaping @Sendable ([PodReport]) -> Void) throws(RuntimeError) {
    let mailbox = try Mailbox()
    let activity = LogActivity()
    let logs = LogFiles(directory: options.logDirectory, activity: activity)
    let sampler = try UsageSampler(interval: options.sampleInterval, mailbox)
    let loop = try RuntimeLoop(options, mailbox, logs, sampler, report)
    self.mailbox = mailbox
    self.logs = logs
    self.sampler = sampler
    sampler.start()
    do throws(ThreadError) {
      try startThread(name: "jobdeck-runtime") { loop.run() }
    } catch {
      throw RuntimeError("cannot start a thread", errno: error.code)
    }
  }

  deinit {
    // Harmless after shutDown: the mailbox is closed then.
    mailbox.post(.shutDown(grace: .zero, nil))
  }

  /// Hands the effects over, to be carried out in this order. A stop overtakes starts that wait for their turn.
  public func carryOut(_ effects: [Effect]) {
    guard !effects.isEmpty else { return }
    // From now on, so that whoever asks for the log next can follow it.
    for case .start(let start) in effects { logs.activity.began(start.id) }
    guard !mailbox.post(.effects(effects)) else { return }
    for case .start(let start) in effects { logs.activity.ended(start.id) }
  }

  /// What pods use, by pod UID, as last sampled. Pods that run nothing, or not yet long enough, are absent.
  public func usage() -> [String: ProcessUsage] { sampler.latest }

  /// What this machine uses altogether; cheap, at most four readings a second are taken.
  public func machineUsage() -> MachineUsage { sampler.machine() }

  /// Ends all containers as `Effect.stop` does, and then the runtime; returns when no process is left.
  ///
  /// Reports come until then. A start that comes later fails or is not answered.
  public func shutDown(grace: Duration) async {
    await withCheckedContinuation { continuation in
      if !mailbox.post(.shutDown(grace: grace, continuation)) { continuation.resume() }
    }
  }
}
