internal import Cluster
internal import KubeModel

/// Which lines of one log a search matches, in a stretch of it.
struct LogTally: Sendable {
  struct Match: Hashable, Sendable {
    let time: Instant
    let position: UInt64
  }

  /// In their order in the log.
  private(set) var matches: [Match] = []
  /// All from here on has been looked at, …
  private(set) var front: UInt64
  /// … up to here.
  private(set) var back: UInt64
  /// Whether it is known that there is nothing before, or nothing behind it for now.
  var hasStart = false
  var hasEnd = false

  init(front: UInt64, back: UInt64) { (self.front, self.back) = (front, back) }

  mutating func add(_ match: Match) { matches.append(match) }

  mutating func append(_ new: [Match], upTo position: UInt64) {
    matches += new
    back = max(back, position)
  }

  mutating func prepend(_ new: [Match], from position: UInt64) {
    matches.insert(contentsOf: new, at: 0)
    front = min(front, position)
  }

  /// Those that stand before a line of the same log, or of another one that was written at `time`.
  func count(before position: UInt64) -> Int { firstIndex { $0.position >= position } }
  func count(before time: Instant) -> Int { firstIndex { $0.time >= time } }

  private func firstIndex(where isBeyond: (Match) -> Bool) -> Int {
    var (low, high) = (0, matches.count)
    while low < high {
      let middle = (low + high) / 2
      if isBeyond(matches[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Counting what a search matches: at once in memory, and then part by part in what is read for it alone, while nothing
/// else is to be read.
extension LogPage {
  /// Lines that are read for it at most, and matches that are kept: of a log beyond that it is not known how many there
  /// are.
  private static let countLimit = 10_000_000
  private static let matchLimit = 100_000

  /// `match 3 of 40`; with a `+` while there may be more.
  var matchText: String? {
    guard search != nil else { return nil }
    let count = tallies.values.reduce(0) { $0 + $1.matches.count }
    guard count > 0 else { return nil }
    let number = matchNumber
    // A line that came in pieces may match only as a whole.
    let total = Format.count(max(count, number ?? 0)) + (isCounted ? "" : "+")
    return number.map { "match \(Format.count($0)) of \(total)" } ?? total + (total == "1" ? " match" : " matches")
  }

  private var isCounted: Bool { sources.indices.allSatisfy { isCountedToStart($0) && isCountedToEnd($0) } }

  private func isCountedToStart(_ index: Int) -> Bool {
    guard let tally = tallies[index] else { return sources[index].state != .waiting }
    return tally.hasStart || tally.front <= sources[index].start ?? 0
  }

  private func isCountedToEnd(_ index: Int) -> Bool {
    guard let tally = tallies[index] else { return sources[index].state != .waiting }
    return tally.hasEnd || sources[index].hasEnd && tally.back >= buffer.bounds[index]?.back ?? 0
  }

  /// The number of the match that is shown; `nil` where it is not known how many there are before it.
  private var matchNumber: Int? {
    guard let hit, hit < buffer.count, sources.indices.allSatisfy(isCountedToStart) else { return nil }
    let line = buffer[hit]
    return tallies.reduce(1) { number, each in
      number
        + (each.key == line.source
          ? each.value.count(before: line.positions.lowerBound) : each.value.count(before: line.time))
    }
  }

  /// Begins anew for another search, with what is in memory.
  mutating func startCounting() {
    if let countRead { closing.append(countRead.id) }
    (tallies, countRead, countedLines) = ([:], nil, 0)
    guard let search else { return }
    for (index, bounds) in buffer.bounds { tallies[index] = LogTally(front: bounds.front, back: bounds.back) }
    for index in 0..<buffer.count {
      let line = buffer[index]
      guard search.matches(line.text) else { continue }
      tallies[line.source]?.add(LogTally.Match(time: line.time, position: line.positions.lowerBound))
    }
  }

  /// Reads nothing more for it.
  mutating func stopCounting() {
    if let countRead { closing.append(countRead.id) }
    (countRead, countedLines) = (nil, Self.countLimit)
  }

  /// Counts what comes behind what was counted of a log.
  mutating func count(_ lines: [LogLine], of index: Int) {
    guard search != nil, let first = lines.first, let last = lines.last else { return }
    var tally = tallies[index] ?? LogTally(front: first.position, back: first.position)
    let new = Array(lines.drop { $0.position < tally.back })
    if !new.isEmpty { tally.append(matches(new), upTo: last.position.addingOne) }
    tallies[index] = tally
  }

  private func matches(_ lines: [LogLine]) -> [LogTally.Match] {
    guard let search else { return [] }
    // Lines are what they are on the screen: joined, filtered and without control sequences.
    var part = LogBuffer(lineLimit: .max, byteLimit: .max, filter: filter)
    part.append(lines, source: 0)
    return (0..<part.count).compactMap { index in
      let line = part[index]
      return search.matches(line.text) ? LogTally.Match(time: line.time, position: line.positions.lowerBound) : nil
    }
  }

  /// What is to be read next for it; first what tells the number of the match that is shown.
  mutating func nextCount(_ number: () -> Int) -> Command? {
    guard search != nil, scan == nil, countRead == nil, countedLines < Self.countLimit,
      tallies.values.reduce(0, { $0 + $1.matches.count }) < Self.matchLimit
    else { return nil }
    let direction: LogRead.Direction
    let index: Int
    if let first = sources.indices.first(where: { !isCountedToStart($0) && !hasFailed($0) }) {
      (index, direction) = (first, .earlier)
    } else if let first = sources.indices.first(where: { !isCountedToEnd($0) && !hasFailed($0) }) {
      (index, direction) = (first, .later)
    } else {
      return nil
    }
    var request = sources[index].request
    request.follow = false
    if let tally = tallies[index] {
      if direction == .earlier {
        (request.before, request.tailLines) = (tally.front, Self.longPart)
      } else {
        (request.from, request.tailLines) = (tally.back, nil)
      }
    } else {
      // Of one that waits for its turn nothing has been read.
      tallies[index] = LogTally(front: 0, back: 0)
      (request.from, request.tailLines) = (0, nil)
    }
    let id = LogID(number: number())
    let isLater = request.before == nil
    countRead = (
      id, LogRead(source: index, direction: isLater ? .later : .earlier, wanted: Self.longPart)
    )
    return .openLog(id, request)
  }

  private func hasFailed(_ index: Int) -> Bool { if case .failed = sources[index].state { true } else { false } }

  /// Takes in what came of a part that is read for it.
  mutating func takeCount(_ event: LogEvent) {
    guard case (let id, var read)? = countRead else { return }
    switch event {
    case .lines(let lines):
      note(lines, of: read.source)
      read.lines += lines
      guard read.direction == .later, read.lines.count >= read.wanted else {
        countRead = (id, read)
        return
      }
      closing.append(id)
    case .ended:
      if read.direction == .later { tallies[read.source]?.hasEnd = true }
      if read.direction == .earlier, read.lines.isEmpty { tallies[read.source]?.hasStart = true }
    case .failed:
      // Not asked for again: it stays unknown what is there.
      countedLines = Self.countLimit
    }
    countRead = nil
    countedLines += read.lines.count
    switch read.direction {
    case .later: count(read.lines, of: read.source)
    case .earlier:
      let new = matches(read.lines)
      if let first = read.lines.first { tallies[read.source]?.prepend(new, from: first.position) }
    }
  }
}

extension UInt64 {
  fileprivate var addingOne: UInt64 { self == .max ? self : self + 1 }
}
