/// A search on its way.
struct LogScan: Hashable, Sendable {
  /// 1 forward, -1 backward.
  var step: Int
  /// The next line to be looked at.
  var index: Int
  /// Whether it turns round where it finds nothing: a new search, that goes to wherever the text is.
  var turns: Bool
  /// Where the reader was.
  let origin: LogPlace
}

/// A place in a page's logs, which can be gone back to when it is no longer in memory.
struct LogPlace: Hashable, Sendable {
  /// The end, as it comes.
  let follows: Bool
  /// Of each log the position and the time of the first line that is on the screen or after it.
  let bounds: [Int: LogBuffer.Bounds]
}

/// Searching: in memory, and then in what is read of the log, until it is found or the log ends.
extension LogPage {
  mutating func find(_ search: TextSearch?) {
    setSearch(search)
    if search != nil { look(1, from: top, turns: true) }
  }

  /// Goes to the next match, or the one before. False when there is no search.
  mutating func findNext(_ step: Int) -> Bool {
    guard search != nil else { return false }
    look(step, from: hit.map { $0 + step } ?? (step > 0 ? top : top - 1), turns: false)
    return true
  }

  /// Whether something is looked for that is not in memory.
  var isLooking: Bool { progressBase != nil || scan != nil }

  /// Ends what is looked for, where it has come to.
  mutating func stopLooking() {
    closing += reads.keys
    (reads, scan, progressBase) = ([:], nil, nil)
  }

  private mutating func look(_ step: Int, from index: Int, turns: Bool) {
    let origin = scan?.origin ?? place
    stopLooking()
    scan = LogScan(step: step, index: index, turns: turns, origin: origin)
    goOnLooking()
  }

  /// Ends what is looked for, and goes back to where the reader was.
  mutating func giveUp() {
    let origin = scan?.origin
    stopLooking()
    stopCounting()
    isStopped = true
    if let origin { goBack(to: origin) }
  }

  private var place: LogPlace {
    var bounds: [Int: LogBuffer.Bounds] = [:]
    for index in sources.indices {
      guard let known = buffer.bounds[index] else { continue }
      let line = (top..<max(top, end)).lazy.map { buffer[$0] }.first { $0.source == index }
      let (position, time) = line.map { ($0.positions.lowerBound, $0.time) } ?? (known.back, known.backTime)
      bounds[index] = LogBuffer.Bounds(front: position, frontTime: time, back: position, backTime: time)
    }
    return LogPlace(follows: follows, bounds: bounds)
  }

  private mutating func goBack(to place: LogPlace) {
    if place.follows {
      if hasEnd { follow() } else { wantsToFollow = true }
      return
    }
    let isHere = place.bounds.allSatisfy { index, bounds in
      buffer.bounds[index].map { $0.front <= bounds.front && bounds.front <= $0.back } ?? false
    }
    if isHere {
      let line = (0..<buffer.count).first { index in
        place.bounds[buffer[index].source].map { buffer[index].positions.lowerBound >= $0.front } ?? false
      }
      stay(at: line ?? top)
    } else {
      pauseAll()
      let filter = filter
      changeBuffer {
        $0.removeAll(filter: filter)
        $0.begin(at: place.bounds)
      }
      stay(at: 0)
    }
    clampToEnd()
  }

  /// Looks at what has come into memory.
  mutating func goOnLooking() {
    guard var scan, let search else { return }
    let range = floor..<max(floor, end)
    scan.index = min(max(scan.index, range.lowerBound - 1), range.upperBound)
    while range.contains(scan.index) {
      if search.matches(buffer[scan.index].text) {
        (self.scan, progressBase) = (nil, nil)
        return show(hit: scan.index)
      }
      scan.index += scan.step
    }
    self.scan = scan
    // It stays where it is as other parts of the log come and go.
    stay(at: top)
    guard scan.step > 0 ? hasEnd : hasStart else { return }
    // Nothing more in that direction.
    (self.scan, progressBase) = (nil, nil)
    if hasStart, hasEnd {
      let order = scan.step > 0 ? Array(range) : range.reversed()
      if let first = order.first(where: { search.matches(buffer[$0].text) }) { return show(hit: first) }
      notice = "'\(search.source)' is nowhere in this log"
    } else if scan.turns {
      self.scan = LogScan(step: -1, index: top - 1, turns: false, origin: scan.origin)
      return goOnLooking()
    } else {
      notice = "'\(search.source)' is nowhere \(scan.step > 0 ? "after" : "before") this"
    }
    goBack(to: scan.origin)
  }
}
