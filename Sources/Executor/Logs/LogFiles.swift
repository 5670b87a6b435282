import Glibc
public import KubeModel
import Threading

/// Which part of a log, and whether to wait for more.
public struct LogReadOptions: Hashable, Sendable {
  /// Only the last so many lines; `nil` for all.
  public var tailLines: Int?
  /// Only what was written from then on.
  public var since: Instant?
  /// Only what begins at this position or after it.
  public var from: UInt64?
  /// Only what begins before this position; of that the last `tailLines`.
  public var before: UInt64?
  /// Go on with what is written later, until the container has ended.
  public var follow: Bool

  /// Creates options; by default, all there is now.
  public init(
    tailLines: Int? = nil, since: Instant? = nil, from: UInt64? = nil, before: UInt64? = nil, follow: Bool = false
  ) {
    self.tailLines = tailLines
    self.since = since
    self.from = from
    self.before = before
    self.follow = follow && before == nil
  }
}

/// Why a log could not be read.
public struct LogReadError: Error, CustomStringConvertible, Sendable {
  /// What could not be done and why, in one line.
  public let description: String
}

/// The containers' log files: `NAMESPACE_POD_UID/CONTAINER/ATTEMPT.log` in one directory, in the format of
/// Kubernetes' container runtimes, with earlier parts of a log beside it.
///
/// Files are readable by their owner only. A container that wrote nothing has no file. Reading is done on a thread of its own, and
/// removing on another one.
public struct LogFiles: Sendable {
  /// The root of the tree.
  public let directory: String
  let activity: LogActivity

  /// The logs in a directory that no runtime of this process writes to: following ends at the end of the file.
  /// For a running runtime's use `ProcessRuntime.logs`.
  public init(directory: String) {
    self.init(directory: directory, activity: LogActivity())
  }

  init(directory: String, activity: LogActivity) {
    self.directory = directory
    self.activity = activity
  }

  /// The log of one run of a container, oldest line first, in batches of at most 256 lines and about 256 KiB that are
  /// read when they are asked for. The attempt before is the previous log.
  ///
  /// Lines of more than 16 KiB come in pieces. Where lines were cut by rotation or could not be written, a line of
  /// stream `.note` says so. A log that doesn't exist is empty. The stream throws `LogReadError`.
  ///
  /// A line's position is the count of the log's bytes before its record, so that reading goes on from any line, in
  /// both directions, without a look at the rest.
  public func read(
    _ id: ContainerID, namespace: String, podName: String, _ options: LogReadOptions = LogReadOptions()
  ) -> AsyncThrowingStream<[LogLine], any Error> {
    let place = location(
      namespace: namespace, podName: podName, podUID: id.podUID, container: id.container, attempt: id.attempt)
    let activity = activity
    let reader = LogReader(place, options) { activity.isActive(id) }
    return AsyncThrowingStream { try await reader.next() }
  }

  /// Removes all logs of a pod.
  public func remove(namespace: String, podName: String, podUID: String) async {
    await Self.remove(
      directory + "/" + LogLocation.podDirectory(namespace: namespace, podName: podName, podUID: podUID))
  }

  /// Removes all logs of a pod, and another directory of its own, at some time.
  func removeSoon(namespace: String, podName: String, podUID: String, besides other: String) {
    let path = directory + "/" + LogLocation.podDirectory(namespace: namespace, podName: podName, podUID: podUID)
    Task { await Self.remove(path, other) }
  }

  @LogRemovalActor
  private static func remove(_ paths: String...) {
    for path in paths { FileTree.removeTree(path) }
  }

  func location(namespace: String, podName: String, podUID: String, container: String, attempt: Int) -> LogLocation {
    LogLocation(
      root: directory, namespace: namespace, podName: podName, podUID: podUID, container: container, attempt: attempt)
  }
}

/// Which containers may still write to their logs.
final class LogActivity: Sendable {
  private let active = Locked<Set<ContainerID>>([])

  func began(_ id: ContainerID) { _ = active.withLock { $0.insert(id) } }
  func ended(_ id: ContainerID) { _ = active.withLock { $0.remove(id) } }
  func isActive(_ id: ContainerID) -> Bool { active.withLock { $0.contains(id) } }
}
