internal import Cluster
internal import KubeModel

/// A part of a log that is being read, before or after what is in memory.
struct LogRead: Sendable {
  enum Direction: Hashable, Sendable {
    case earlier, later
  }

  let source: Int
  let direction: Direction
  /// As many lines as are asked for.
  let wanted: Int
  var lines: [LogLine] = []
}

/// A log of any size, of which a part is in memory: what is next to that part is read when the reader comes near it.
///
/// Of several logs not all reach back equally far: what is older than the beginning of one of them is held back until
/// that one has been read up to there, so that nothing turns up between lines that were already seen.
extension LogPage {
  /// Lines that are read at a time.
  static let part = 2_000
  /// The same while something is looked for.
  static let longPart = 10_000

  var hasStart: Bool { sources.indices.allSatisfy(hasStart) }
  var hasEnd: Bool { sources.allSatisfy(\.hasEnd) }

  private func hasStart(_ index: Int) -> Bool {
    let start = sources[index].start
    return buffer.bounds[index].map { $0.front <= start ?? 0 } ?? (start != nil || sources[index].hasEnd)
  }

  /// The first line that may be shown.
  var floor: Int {
    guard sources.count > 1 else { return 0 }
    let horizon = sources.indices.filter { !hasStart($0) }.compactMap { buffer.bounds[$0]?.frontTime }.max()
    return horizon.map { min(buffer.count, buffer.firstIndex(from: $0)) } ?? 0
  }

  /// Behind the last line that may be shown.
  var end: Int {
    guard sources.count > 1, !hasEnd else { return buffer.count }
    let open = sources.indices.filter { !sources[$0].hasEnd }
    // One of which nothing has been read yet may hold what comes first.
    guard open.allSatisfy({ buffer.bounds[$0] != nil }) else { return floor }
    let horizon = open.compactMap { buffer.bounds[$0]?.backTime }.min()
    return horizon.map { max(floor, buffer.firstIndex(after: $0)) } ?? buffer.count
  }

  /// How much of its logs is before what is in memory.
  var distanceToStart: Double {
    sources.indices.reduce(0) { $0 + (hasStart($1) ? 0 : Double(buffer.bounds[$1]?.front ?? 0)) }
  }

  /// Lines to be read of a log at a time: of many logs fewer of each, since their lines share one memory.
  private func part(_ wanted: Int) -> Int { max(1, min(wanted, buffer.lineLimit / 2 / max(1, sources.count))) }

  private var wantsEarlier: Bool {
    guard !hasStart else { return false }
    if let scan { return scan.step < 0 }
    if filter != nil, end - floor < height { return !isStopped }
    return !follows && top < floor + height
  }

  private var wantsLater: Bool {
    guard !hasEnd else { return false }
    if let scan { return scan.step > 0 }
    if filter != nil, isStopped { return false }
    return end - top < 2 * height
  }

  /// Whether so little is found that the reader waits, and wants to know how far it has come.
  private var looksForMore: Bool {
    if scan != nil { return true }
    guard filter != nil, !isStopped else { return false }
    return end - floor < height && !hasStart || end - top < height && !hasEnd
  }

  /// What is to be read and closed now.
  mutating func nextReads(_ number: () -> Int) -> [Command] {
    var commands = closing.map { Command.closeLog($0) }
    closing = []
    guard reads.isEmpty else { return commands }
    let looks = looksForMore
    if !looks { progressBase = nil } else if progressBase == nil { (progressBase, lookedAt) = (distanceToStart, 0) }
    let wanted = part(looks ? Self.longPart : Self.part)
    if wantsEarlier {
      let behind = sources.indices.filter { !hasStart($0) && buffer.bounds[$0] != nil }
      let horizon = behind.compactMap { buffer.bounds[$0]?.frontTime }.max()
      for index in behind where buffer.bounds[index]?.frontTime == horizon {
        var request = sources[index].request
        (request.before, request.tailLines, request.follow) = (buffer.bounds[index]?.front, wanted, false)
        commands.append(read(index, .earlier, request, wanted, number()))
      }
    } else if wantsLater {
      let open = sources.indices.filter { !sources[$0].hasEnd }
      let horizon = open.compactMap { buffer.bounds[$0]?.backTime }.min()
      let next = open.filter { buffer.bounds[$0] == nil || buffer.bounds[$0]?.backTime == horizon }
      for index in next.prefix(Self.openLimit) {
        var request = sources[index].request
        (request.from, request.tailLines, request.follow) = (buffer.bounds[index]?.back ?? 0, nil, false)
        commands.append(read(index, .later, request, wanted, number()))
      }
    }
    if reads.isEmpty, let command = nextCount(number) { commands.append(command) }
    return commands
  }

  private mutating func read(
    _ index: Int, _ direction: LogRead.Direction, _ request: LogRequest, _ wanted: Int, _ number: Int
  ) -> Command {
    let id = LogID(number: number)
    reads[id] = LogRead(source: index, direction: direction, wanted: wanted)
    return .openLog(id, request)
  }

  /// Takes in what came of a part that was asked for.
  mutating func takePart(_ event: LogEvent, from id: LogID) {
    guard var read = reads[id] else { return }
    var isComplete = true
    switch event {
    case .lines(let lines):
      note(lines, of: read.source)
      read.lines += lines
      isComplete = read.direction == .later && read.lines.count >= read.wanted
      if isComplete { closing.append(id) }
    case .ended: if read.direction == .later { change(read.source) { $0.hasEnd = true } }
    case .failed(let error):
      notice = error
      if read.direction == .later { change(read.source) { $0.hasEnd = true } }
    }
    reads[id] = isComplete ? nil : read
    guard isComplete else { return }
    switch read.direction {
    case .earlier: putEarlier(read)
    case .later:
      count(read.lines, of: read.source)
      moved(by: -changeBuffer { $0.append(read.lines, source: read.source) })
    }
    lookedAt += read.lines.count
    if reads.isEmpty { goOnLooking() }
  }

  private mutating func putEarlier(_ read: LogRead) {
    if read.lines.isEmpty {
      let front = buffer.bounds[read.source]?.front ?? 0
      change(read.source) { $0.start = front }
    }
    func time(_ index: Int?) -> Instant? {
      index.flatMap { buffer.count > $0 && $0 >= 0 ? buffer[$0].time : nil }
    }
    let before = (time(top), time(hit), time(scan?.index), time(mark))
    let times = changeBuffer { $0.prepend(read.lines, source: read.source) }
    moved(past: times, before)
    // What is newest is read again when the reader is back there.
    if changeBuffer({ $0.trimBack() }) > 0 {
      pauseAll()
      clampToEnd()
    }
    if follows { follow() }
  }

  /// Sources that have been read up to their end, and can be followed from there.
  var sourcesToFollow: [Int] {
    sources.indices.filter { sources[$0].state == .paused && sources[$0].hasEnd }
  }
}
