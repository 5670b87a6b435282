internal import Cluster
internal import KubeModel

/// The last lines that a container wrote, for the page that says why.
struct LogTail: Sendable {
  /// Whose lines, and of which of its runs.
  struct Source: Hashable, Sendable {
    let pod: String
    let container: String
    /// Whether they are of the run before the present one.
    let previous: Bool
    /// When that run ended; lines of one that goes on are read again when it ends.
    let ended: Instant?
  }

  let id: LogID
  let source: Source
  private(set) var lines: [String] = []
  private(set) var error: String?
  private(set) var isComplete = false
  /// Lines of which pieces have come, by stream.
  private var unfinished: [LogLine.Stream: [UInt8]] = [:]

  /// Lines that are shown.
  static let limit = 8
  /// Bytes of a line that are waited for: what is longer comes in several.
  private static let longest = 1 << 16
  /// Columns of a line that are shown: a few rows.
  static let columns = 240

  init(id: LogID, source: Source) {
    self.id = id
    self.source = source
  }

  mutating func take(_ event: LogEvent) {
    switch event {
    case .lines(let new): for line in new { take(line) }
    case .ended: end()
    case .failed(let error):
      self.error = error
      end()
    }
  }

  /// A line may come in pieces, with those of the other stream in between.
  private mutating func take(_ line: LogLine) {
    let bytes = (unfinished.removeValue(forKey: line.stream) ?? []) + line.bytes
    if line.isPartial, bytes.count < LogTail.longest { unfinished[line.stream] = bytes } else { add(bytes) }
  }

  private mutating func add(_ bytes: [UInt8]) { lines = (lines + [LogText(bytes).text]).suffix(LogTail.limit) }

  private mutating func end() {
    for stream in [LogLine.Stream.stdout, .stderr] {
      if let rest = unfinished.removeValue(forKey: stream) { add(rest) }
    }
    isComplete = true
  }
}

extension Why {
  /// The container whose last lines tell most about an item; `nil` where none has written anything yet.
  static func tailSource(for item: Item, in store: Store) -> LogTail.Source? {
    guard let pod = witness(of: item, in: store), pod.exit != nil || pod.isRunning else { return nil }
    let rows = ContainerItem.all(of: pod)
    let row =
      item as? ContainerItem ?? rows.first { ($0.ended?.exitCode ?? 0) != 0 } ?? rows.first { !$0.isInit }
    return row.map {
      LogTail.Source(
        pod: pod.uid, container: $0.container.name, previous: $0.hasRestarted, ended: $0.ended?.finishedAt)
    }
  }
}
