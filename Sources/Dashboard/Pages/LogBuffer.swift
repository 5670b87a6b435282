internal import KubeModel

/// A stretch of one or several logs in order of time, within a bound of lines and of bytes.
///
/// What has no place in it is let go at one end, and can be read again from the position at that end.
struct LogBuffer: Sendable {
  struct Line: Hashable, Sendable {
    var time: Instant
    var stream: LogLine.Stream
    /// Which of the page's logs it is from.
    var source: Int
    var content: LogText
    /// Where in its log its first and its last piece are.
    var positions: ClosedRange<UInt64>
    var text: String { content.text }
    /// Whether its end is still to come.
    var isOpen: Bool
    /// Whether it goes on with a line that is too long to be shown as one.
    var isContinuation = false

    /// What it takes, roughly.
    var size: Int { content.size + 64 }
  }

  /// Which part of a log is here.
  struct Bounds: Hashable, Sendable {
    /// Everything from this position on, and of this time or later, …
    var front: UInt64
    var frontTime: Instant
    /// … and before this position, of this time or earlier.
    var back: UInt64
    var backTime: Instant
  }

  let lineLimit: Int
  let byteLimit: Int
  /// Only lines that it takes are kept; remarks always are.
  private(set) var filter: LogFilter?
  private(set) var bounds: [Int: Bounds] = [:]
  private var lines: [Line] = []
  /// Lines at the front of `lines` that were let go and not yet removed.
  private var start = 0
  private var bytes = 0
  /// One stream of one log.
  private struct Stretch: Hashable {
    let source: Int
    let stream: LogLine.Stream
  }

  /// Of which the last line's end is still to come.
  private var open: Set<Stretch> = []
  /// Such lines that the filter has not taken so far.
  private var withheld: [Stretch: Line] = [:]
  /// A line is joined from pieces only up to this size, so that drawing it stays quick.
  private static let joinLimit = 64 << 10

  init(lineLimit: Int = 50_000, byteLimit: Int = 32 << 20, filter: LogFilter? = nil) {
    self.lineLimit = max(1, lineLimit)
    self.byteLimit = max(1, byteLimit)
    self.filter = filter
  }

  var count: Int { lines.count - start }
  var isEmpty: Bool { count == 0 }
  var isFull: Bool { count >= lineLimit || bytes >= byteLimit }

  /// The line `index` lines after the oldest one that is kept.
  subscript(index: Int) -> Line { lines[start + index] }

  mutating func removeAll(filter: LogFilter? = nil) {
    self = LogBuffer(lineLimit: lineLimit, byteLimit: byteLimit, filter: filter)
  }

  /// Begins where nothing has been read yet, both ways.
  mutating func begin(at bounds: [Int: Bounds]) { self.bounds = bounds }

  // MARK: Taking in

  /// Takes in what follows in one log. Returns how many of the oldest lines had to go.
  @discardableResult
  mutating func append(_ batch: [LogLine], source: Int) -> Int {
    guard let first = batch.first, let last = batch.last else { return 0 }
    var known =
      bounds[source]
      ?? Bounds(front: first.position, frontTime: first.time, back: first.position, backTime: first.time)
    (known.back, known.backTime) = (last.position.saturatingNext, max(known.backTime, last.time))
    bounds[source] = known
    var new: [Line] = []
    if start < lines.count, let last = lines.last, last.isOpen, last.source == source { new.append(lines.removeLast()) }
    join(batch, source, onto: &new, goesOn: true)
    let count = lines.count
    lines += new
    mergeByTime(from: count)
    return trimFront()
  }

  /// Takes in what comes before what is known of one log. Returns the times of the new lines.
  mutating func prepend(_ batch: [LogLine], source: Int) -> [Instant] {
    guard let first = batch.first, var known = bounds[source] else { return [] }
    (known.front, known.frontTime) = (first.position, min(known.frontTime, first.time))
    bounds[source] = known
    var new: [Line] = []
    join(batch, source, onto: &new)
    guard let last = new.last else { return [] }
    // Only what is not newer than the last new line can have to move.
    let end = start + self.firstIndex(after: last.time)
    let old = lines[start..<end]
    lines.replaceSubrange(0..<end, with: Self.merged(new, Array(old)))
    start = 0
    return new.map(\.time)
  }

  /// Makes lines of their pieces, which go on with those that are here, or with nothing.
  private mutating func join(_ batch: [LogLine], _ source: Int, onto new: inout [Line], goesOn: Bool = false) {
    // What comes in between of another stream, or of another log, does not part them.
    var open = goesOn ? open : []
    var withheld = goesOn ? withheld : [:]
    for line in batch {
      let stretch = Stretch(source: source, stream: line.stream)
      let isRest = open.contains(stretch)
      if line.isPartial { open.insert(stretch) } else { open.remove(stretch) }
      if isRest, var whole = withheld.removeValue(forKey: stretch) {
        if whole.content.text.utf8.count + line.bytes.count <= Self.joinLimit { whole.add(line) }
        if filter?.takes(whole.text) ?? true {
          new.append(whole)
          bytes += whole.size
        } else if line.isPartial {
          withheld[stretch] = whole
        }
        continue
      }
      var earlier: LogText?
      if isRest {
        func isWanted(_ line: Line) -> Bool { line.isOpen && line.source == source && line.stream == stretch.stream }
        if let index = new.lastIndex(where: isWanted) {
          if let change = new[index].joined(line, limit: Self.joinLimit) {
            bytes += change
            continue
          }
          earlier = new[index].content
        } else if goesOn, let index = lines[start...].lastIndex(where: isWanted) {
          if let change = lines[index].joined(line, limit: Self.joinLimit) {
            bytes += change
            continue
          }
          earlier = lines[index].content
        }
      }
      let content = LogText(line.bytes, after: earlier)
      let made = Line(
        time: line.time, stream: line.stream, source: source, content: content,
        positions: line.position...line.position, isOpen: line.isPartial, isContinuation: earlier != nil)
      if let filter, line.stream != .note, !filter.takes(content.text) {
        if line.isPartial { withheld[stretch] = made }
        continue
      }
      new.append(made)
      bytes += made.size
    }
    if goesOn { (self.open, self.withheld) = (open, withheld) }
  }

  /// Several logs arrive one after the other: puts what came late between what is already there.
  private mutating func mergeByTime(from first: Int) {
    guard first > start, first < lines.count, lines[first].time < lines[first - 1].time else { return }
    // Only what is newer than the first new line can have to move.
    let low = start + firstIndex(after: lines[first].time, before: first)
    lines.replaceSubrange(low..., with: Self.merged(Array(lines[low..<first]), Array(lines[first...])))
  }

  /// Of the same time, the left ones first.
  private static func merged(_ left: [Line], _ right: [Line]) -> [Line] {
    var merged: [Line] = []
    merged.reserveCapacity(left.count + right.count)
    var (one, two) = (0, 0)
    while one < left.count || two < right.count {
      if two >= right.count || one < left.count && left[one].time <= right[two].time {
        merged.append(left[one])
        one += 1
      } else {
        merged.append(right[two])
        two += 1
      }
    }
    return merged
  }

  // MARK: Looking up

  /// The first line that is newer than `time`.
  func firstIndex(after time: Instant) -> Int { firstIndex(after: time, before: lines.count) }

  /// The first line of `time` or newer.
  func firstIndex(from time: Instant) -> Int { firstIndex(before: lines.count) { $0.time >= time } }

  private func firstIndex(after time: Instant, before end: Int) -> Int { firstIndex(before: end) { $0.time > time } }

  private func firstIndex(before end: Int, where isBeyond: (Line) -> Bool) -> Int {
    var (low, high) = (start, end)
    while low < high {
      let middle = (low + high) / 2
      if isBeyond(lines[middle]) { high = middle } else { low = middle + 1 }
    }
    return low - start
  }

  // MARK: Letting go

  private mutating func trimFront() -> Int {
    var gone = 0
    while count > 1, count > lineLimit || bytes > byteLimit {
      let line = lines[start]
      bounds[line.source]?.front = line.positions.upperBound.saturatingNext
      bounds[line.source]?.frontTime = line.time
      bytes -= line.size
      lines[start].content = LogText([])
      start += 1
      gone += 1
    }
    if start > 4096, start > lines.count / 2 {
      lines.removeFirst(start)
      start = 0
    }
    return gone
  }

  /// Lets go of the newest lines until there are few enough. Returns how many went.
  mutating func trimBack() -> Int {
    var gone = 0
    while count > 1, count > lineLimit || bytes > byteLimit {
      let line = lines.removeLast()
      bounds[line.source]?.back = line.positions.lowerBound
      bounds[line.source]?.backTime = line.time
      bytes -= line.size
      gone += 1
    }
    return gone
  }
}

extension LogBuffer.Line {
  /// Goes on with another piece.
  fileprivate mutating func add(_ piece: LogLine) {
    content.append(LogText(piece.bytes, after: content))
    positions = positions.lowerBound...max(positions.upperBound, piece.position)
    isOpen = piece.isPartial
  }

  /// Goes on with another piece unless it becomes too long for it, and then ends. Returns by how much it has grown, or
  /// `nil` if it ended.
  fileprivate mutating func joined(_ piece: LogLine, limit: Int) -> Int? {
    guard content.text.utf8.count + piece.bytes.count <= limit || piece.bytes.contains(0x0D) else {
      isOpen = false
      return nil
    }
    let before = size
    add(piece)
    return size - before
  }
}

extension UInt64 {
  fileprivate var saturatingNext: UInt64 { self == .max ? self : self + 1 }
}

/// Which lines of a log are wanted: those with a text, or with `!` in front those without it.
struct LogFilter: Hashable, Sendable {
  let source: String
  private let search: TextSearch
  private let isInverse: Bool

  init?(_ source: String) {
    isInverse = source.hasPrefix("!")
    guard let search = TextSearch(isInverse ? String(source.dropFirst()) : source) else { return nil }
    self.source = source
    self.search = search
  }

  func takes(_ text: String) -> Bool { search.matches(text) != isInverse }
}
