internal import KubeModel

/// The last lines of one or several logs in order of time, within a bound of lines and of bytes.
struct LogBuffer: Sendable {
  struct Line: Hashable, Sendable {
    var time: Instant
    var stream: LogLine.Stream
    /// Which of the page's logs it is from.
    var source: Int
    var text: String
    /// Whether its end is still to come.
    var isOpen: Bool
  }

  let lineLimit: Int
  let byteLimit: Int
  private var lines: [Line] = []
  /// Lines at the front of `lines` that were let go and not yet removed.
  private var start = 0
  private var bytes = 0
  /// Lines that were let go since the log was opened.
  private(set) var dropped = 0
  /// A line is joined from pieces only up to this size, so that drawing it stays quick.
  private static let joinLimit = 64 << 10

  init(lineLimit: Int = 50_000, byteLimit: Int = 32 << 20) {
    self.lineLimit = max(1, lineLimit)
    self.byteLimit = max(1, byteLimit)
  }

  var count: Int { lines.count - start }
  var isEmpty: Bool { count == 0 }

  /// The line `index` lines after the oldest one that is kept.
  subscript(index: Int) -> Line { lines[start + index] }

  mutating func removeAll() {
    self = LogBuffer(lineLimit: lineLimit, byteLimit: byteLimit)
  }

  /// Takes in lines of one log, which are in order among themselves. Returns how many old lines had to go.
  @discardableResult
  mutating func append(_ batch: [LogLine], source: Int) -> Int {
    let first = lines.count
    for line in batch {
      let text = LogText.clean(line.bytes)
      if let last = lines.last, last.isOpen, last.source == source, last.stream == line.stream, lines.count > start,
        last.text.utf8.count + text.utf8.count <= Self.joinLimit
      {
        lines[lines.count - 1].text += text
        lines[lines.count - 1].isOpen = line.isPartial
      } else {
        lines.append(
          Line(time: line.time, stream: line.stream, source: source, text: text, isOpen: line.isPartial))
        bytes += Self.overhead
      }
      bytes += text.utf8.count
    }
    mergeByTime(from: first)
    return trim()
  }

  /// Several logs arrive one after the other: puts what came late between what is already there.
  private mutating func mergeByTime(from first: Int) {
    guard first > start, first < lines.count, lines[first].time < lines[first - 1].time else { return }
    // Only what is newer than the first new line can have to move.
    var low = start
    var high = first
    while low < high {
      let middle = (low + high) / 2
      if lines[middle].time <= lines[first].time { low = middle + 1 } else { high = middle }
    }
    var merged: [Line] = []
    merged.reserveCapacity(lines.count - low)
    var (old, new) = (low, first)
    while old < first || new < lines.count {
      if new >= lines.count || (old < first && lines[old].time <= lines[new].time) {
        merged.append(lines[old])
        old += 1
      } else {
        merged.append(lines[new])
        new += 1
      }
    }
    lines.replaceSubrange(low..., with: merged)
  }

  private mutating func trim() -> Int {
    var gone = 0
    while count > 1, count > lineLimit || bytes > byteLimit {
      bytes -= lines[start].text.utf8.count + Self.overhead
      lines[start].text = ""
      start += 1
      gone += 1
    }
    dropped += gone
    if start > 4096, start > lines.count / 2 {
      lines.removeFirst(start)
      start = 0
    }
    return gone
  }

  /// What a line takes besides its text.
  private static let overhead = 64
}
