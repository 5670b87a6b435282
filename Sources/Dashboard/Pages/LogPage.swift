internal import Cluster
internal import KubeModel
internal import Terminal

/// The log of a container, or of several pods' containers together.
struct LogPage: Sendable {
  /// One of the logs that the page shows.
  struct Source: Hashable, Sendable {
    var id: LogID
    var request: LogRequest
    /// What stands in front of its lines where there are several.
    var label: String
    var podUID: String
    var state: State
    /// Where it is known to begin: what was there before is no longer kept, or older than what was asked for.
    var start: UInt64?
    /// Whether what was read goes up to the end that it has now.
    var hasEnd = true
    /// How far it is known to reach: the position behind the last line of it that was ever read.
    var reach: UInt64 = 0

    enum State: Hashable, Sendable {
      case open
      case ended
      /// To be read, or read on, as soon as there is room.
      case waiting
      /// Read up to where the reader is, and on when he comes to the end of that.
      case paused
      case failed(String)
    }
  }

  /// One container of a pod; the only one goes without its name.
  struct Part: Hashable, Sendable {
    let pod: String
    let container: String?
  }

  /// What it is the log of.
  enum Subject: Hashable, Sendable {
    case container(podUID: String, pod: String, container: String?)
    /// All pods of a job.
    case job(uid: String, name: String)
    case marked(Int)
  }

  let subject: Subject
  let previous: Bool
  private(set) var sources: [Source] = []
  private(set) var buffer: LogBuffer
  /// Stay at the end as lines come.
  private(set) var follows = true
  private(set) var wraps = false
  private(set) var times = LogTimes.hidden
  /// Whether lines that are JSON objects are laid out.
  private(set) var laysOutJSON = false
  /// Only lines that are not older than this when the log is opened.
  private(set) var since: Duration?
  var filter: LogFilter? { buffer.filter }
  /// The first line shown, and with `wraps` the first of its pieces.
  private(set) var top = 0
  private(set) var topPiece = 0
  private(set) var left = 0
  var height = 20
  var width = 80
  private(set) var search: TextSearch?
  private(set) var hit: Int?
  /// Where what is to be copied begins.
  private(set) var mark: Int?
  /// A search that goes on beyond what is in memory.
  var scan: LogScan?
  /// Parts that are being read.
  var reads: [LogID: LogRead] = [:]
  /// Logs that nobody reads any more.
  var closing: [LogID] = []
  /// To be opened anew at its end.
  var wantsToFollow = false
  /// Which lines of each log the search matches, as far as they have been counted.
  var tallies: [Int: LogTally] = [:]
  /// A part that is read only for its matches to be counted.
  var countRead: (id: LogID, read: LogRead)?
  /// Lines that were read only for that.
  var countedLines = 0
  /// What a search or a filter began with, for how far it has come; `nil` when nothing is looked for.
  var progressBase: Double?
  /// Lines that were read for it.
  var lookedAt = 0
  /// The user does not want a filter to look any further.
  var isStopped = false
  /// What came of a search, to be told once.
  var notice: String?
  var now = Instant(seconds: 0)
  /// The pods that it was opened for, some of which may not have begun; not those of a job, which come and go.
  let members: Set<String>
  /// Pods that were left out because there are more than a page can have.
  private(set) var omitted: Set<String> = []
  /// Those of `sources` that wait, the next one last.
  private(set) var waiting: [Int] = []
  private var known: Set<Part> = []
  private var places: [LogID: Int] = [:]
  private(set) var openCount = 0
  let localOffset: @Sendable (Instant) -> Int

  /// Lines that are asked for at first; of many logs fewer, so that together they have a place in memory.
  static let tail = 10_000
  /// Logs that are read at the same time: each takes a file descriptor or a connection. The others wait for their turn,
  /// which comes when one has been read to its end.
  static let openLimit = 300
  /// Logs that a page has at most.
  static let sourceLimit = 1_000

  /// Lines that are asked for of each of so many logs at first.
  static func tail(of count: Int) -> Int { min(tail, max(30, 30_000 / max(1, count))) }

  init(
    _ subject: Subject, members: Set<String> = [], previous: Bool, buffer: LogBuffer = LogBuffer(),
    localOffset: @escaping @Sendable (Instant) -> Int
  ) {
    self.subject = subject
    self.members = members
    self.previous = previous
    self.buffer = buffer
    self.localOffset = localOffset
  }

  /// Adds a log, which is open already or waits.
  mutating func add(_ source: Source) {
    places[source.id] = sources.count
    known.insert(Part(pod: source.podUID, container: source.request.container))
    if source.state == .open { openCount += 1 }
    if source.state == .waiting { waiting.append(sources.count) }
    sources.append(source)
  }

  /// Whether a container's log has been opened, or its pod left out for newer ones.
  func knows(_ part: Part) -> Bool { known.contains(part) || omitted.contains(part.pod) }

  /// Takes the next log that waits, if there is room for it.
  mutating func nextToOpen() -> Int? {
    // What has no place in memory while the reader is elsewhere is read when he is back.
    guard openCount < Self.openLimit, follows || !buffer.isFull else { return nil }
    return waiting.popLast()
  }

  /// Where a container's log is that could not be read, and of which nothing is there.
  func failedSource(_ part: Part) -> Int? {
    guard known.contains(part) else { return nil }
    return sources.indices.first { index in
      guard case .failed = sources[index].state, buffer.bounds[index] == nil else { return false }
      return sources[index].podUID == part.pod && sources[index].request.container == part.container
    }
  }

  func reads(_ id: LogID) -> Bool { places[id] != nil || reads[id] != nil || countRead?.id == id }

  /// Leaves pods out for newer ones.
  mutating func leaveOut(_ pods: Set<String>) { omitted.formUnion(pods) }

  /// Has the logs wait that have been read the longest, until `count` more can be read; never those of pods in `kept`,
  /// whose logs are the ones to come. Returns the logs to be closed.
  mutating func makeRoom(for count: Int, keeping kept: Set<String>) -> [LogID] {
    var closed: [LogID] = []
    for index in sources.indices where openCount + count > Self.openLimit && sources[index].state == .open {
      guard !kept.contains(sources[index].podUID) else { continue }
      end(index, .waiting)
      waiting.append(index)
      closed.append(sources[index].id)
    }
    return closed
  }

  private mutating func end(_ index: Int, _ state: Source.State) {
    if sources[index].state == .open { openCount -= 1 }
    sources[index].state = state
  }

  /// Forgets everything, to read anew.
  mutating func restart(filter: LogFilter? = nil) {
    sources = []
    known = []
    waiting = []
    places = [:]
    openCount = 0
    omitted = []
    buffer.removeAll(filter: filter)
    (reads, scan, progressBase, isStopped, wantsToFollow) = ([:], nil, nil, false, false)
    (top, topPiece, left, hit, mark) = (0, 0, 0, nil, nil)
    (tallies, countRead, countedLines) = ([:], nil, 0)
    follows = true
  }

  /// Everything that is being read, to be closed.
  var openIDs: [LogID] {
    sources.filter { $0.state == .open }.map(\.id) + reads.keys + closing + (countRead.map { [$0.id] } ?? [])
  }

  /// Takes in what came from one of its logs.
  mutating func take(_ event: LogEvent, from id: LogID) {
    if reads[id] != nil { return takePart(event, from: id) }
    if countRead?.id == id { return takeCount(event) }
    guard let index = places[id], sources[index].state == .open else { return }
    switch event {
    case .lines(let lines):
      note(lines, of: index)
      count(lines, of: index)
      // What is being looked at is not let go for what comes: that is read when it is wanted.
      if !follows, buffer.isFull { return pauseAll() }
      moved(by: -buffer.append(lines, source: index))
    case .ended: end(index, .ended)
    case .failed(let error): end(index, .failed(error))
    }
    if follows { toEnd() }
  }

  /// Takes note of how far a log reaches, whether its lines have a place in memory or not.
  mutating func note(_ lines: [LogLine], of index: Int) {
    guard let last = lines.last else { return }
    let behind = last.position.addingReportingOverflow(UInt64(last.bytes.count) + 1)
    sources[index].reach = max(sources[index].reach, behind.overflow ? .max : behind.partialValue)
  }

  /// Stops reading what comes, because the reader is far from it.
  mutating func pauseAll() {
    for index in sources.indices where sources[index].state != .waiting {
      if sources[index].state == .open {
        closing.append(sources[index].id)
        end(index, .paused)
      }
      if case .failed = sources[index].state { continue }
      sources[index].hasEnd = false
    }
  }

  /// A source goes on being read, under another ID.
  mutating func reopen(_ index: Int, as id: LogID) {
    places[sources[index].id] = nil
    places[id] = index
    sources[index].id = id
    sources[index].state = .open
    openCount += 1
  }

  mutating func change(_ index: Int, _ body: (inout Source) -> Void) { body(&sources[index]) }
  mutating func changeBuffer<Result>(_ body: (inout LogBuffer) -> Result) -> Result { body(&buffer) }

  /// All lines in memory have moved by so many places.
  mutating func moved(by lines: Int) {
    guard lines != 0 else { return }
    top = max(0, top + lines)
    hit = hit.flatMap { $0 + lines >= 0 ? $0 + lines : nil }
    mark = mark.map { max(0, $0 + lines) }
    scan?.index += lines
  }

  /// Goes to where lines that came before them have moved those that are on the screen.
  mutating func moved(
    past times: [Instant], _ before: (top: Instant?, hit: Instant?, scan: Instant?, mark: Instant?)
  ) {
    func shift(_ time: Instant?) -> Int {
      guard let time else { return times.count }
      var (low, high) = (0, times.count)
      while low < high {
        let middle = (low + high) / 2
        if times[middle] <= time { low = middle + 1 } else { high = middle }
      }
      return low
    }
    top += shift(before.top)
    if let hit { self.hit = hit + shift(before.hit) }
    scan?.index += shift(before.scan)
    if let mark { self.mark = mark + shift(before.mark) }
  }

  /// Begins what is to be copied at the line that was found, or else at the first one on the screen; not when it is
  /// called again there.
  mutating func toggleMark() {
    let place = hit ?? top
    mark = mark == place || place >= end ? nil : place
    // What comes does not carry it away.
    if mark != nil { follows = false }
  }

  mutating func removeMark() { mark = nil }

  // MARK: Moving

  mutating func follow() {
    follows = true
    toEnd()
  }

  /// Stays at a line, whatever comes.
  mutating func stay(at line: Int) {
    if line != top { topPiece = 0 }
    (top, follows) = (line, false)
  }

  private mutating func toEnd() {
    top = end
    topPiece = 0
    back(height)
  }

  /// Puts the piece of a broken line that begins with the match on the screen.
  private mutating func showPiece(_ index: Int) {
    let piece = matchPiece(index)
    if index >= top {
      var (row, line) = (-topPiece, top)
      while line < index, row < height {
        row += pieces(line)
        line += 1
      }
      if line == index, (0..<height).contains(row + piece) { return }
    }
    (top, topPiece) = (index, piece)
    back(height / 3)
    let place = (top, topPiece)
    clampToEnd()
    // Where the end is in view, it is not followed away from the match.
    if follows, (index, piece) < (top, topPiece) { (follows, top, topPiece) = (false, place.0, place.1) }
    follows = false
  }

  /// Moves the top back by rows of the screen.
  private mutating func back(_ rows: Int) {
    var rows = rows
    while rows > 0 {
      if topPiece >= rows {
        topPiece -= rows
        return
      }
      rows -= topPiece
      topPiece = 0
      guard top > floor else { return }
      top -= 1
      topPiece = pieces(top) - 1
      rows -= 1
    }
  }

  mutating func scroll(by rows: Int) {
    isStopped = false
    if rows < 0 {
      follows = false
      back(rows == .min ? .max : -rows)
    } else if !follows {
      let end = end
      for _ in 0..<min(rows, buffer.count + height) {
        guard top < end else { break }
        if topPiece + 1 < pieces(top) {
          topPiece += 1
        } else {
          top += 1
          topPiece = 0
        }
      }
      clampToEnd()
    }
  }

  /// Follows again when the end has come into view.
  mutating func clampToEnd() {
    var end = self
    end.toEnd()
    if (top, topPiece) >= (end.top, end.topPiece) {
      (top, topPiece) = (end.top, end.topPiece)
      follows = hasEnd
    }
  }

  /// Goes to the start of all its logs; what is not in memory is read from there on.
  mutating func toStart() {
    (follows, isStopped) = (false, false)
    if !hasStart {
      pauseAll()
      let filter = filter
      changeBuffer { $0.removeAll(filter: filter) }
      for index in sources.indices { change(index) { $0.start = 0 } }
      closing += reads.keys
      (reads, scan, progressBase, hit) = ([:], nil, nil, nil)
    }
    (top, topPiece) = (floor, 0)
    clampToEnd()
  }

  mutating func show(times: LogTimes) { self.times = times }
  mutating func toggleJSON() {
    laysOutJSON.toggle()
    topPiece = 0
    if follows { toEnd() }
  }
  mutating func show(since: Duration?) { self.since = since }

  mutating func resized(_ size: Size) {
    guard size != Size(columns: width, rows: height) else { return }
    (width, height) = (size.columns, size.rows)
    topPiece = 0
    if follows { toEnd() } else { clampToEnd() }
  }

  mutating func toggleWrap() {
    wraps.toggle()
    left = 0
    topPiece = 0
    if follows { toEnd() }
  }

  /// Half a screen to the side.
  mutating func scrollSideways(_ direction: Int) {
    guard !wraps else { return }
    let visible = top..<max(top, min(end, top + height))
    let widest = visible.map { text($0).columns }.max() ?? 0
    left = min(max(0, left + direction * max(1, width / 2)), max(0, widest - 1))
  }

  /// The lines as they stand on the screen, without what marks them there.
  func text(of lines: Range<Int>) -> String {
    lines.map { index in
      let line = buffer[index]
      var text = times.text(line.time, now: now, localOffset: localOffset).map { $0 + " " } ?? ""
      if sources.count > 1, sources.indices.contains(line.source) { text += sources[line.source].label + " " }
      return text + line.text + "\n"
    }.joined()
  }

  mutating func setSearch(_ search: TextSearch?) {
    self.search = search
    hit = nil
    stopLooking()
    startCounting()
  }

  /// Puts a line that was found on the screen, and the match in it.
  mutating func show(hit index: Int) {
    hit = index
    follows = false
    if wraps { return showPiece(index) }
    left = sideways(toShow: index)
    guard index < top || index >= top + height else { return }
    (top, topPiece) = (max(floor, index - height / 3), 0)
    clampToEnd()
    if follows, index < top { (follows, top) = (false, index) }
  }
}
