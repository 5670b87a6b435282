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

    enum State: Hashable, Sendable {
      case open
      case ended
      /// No longer read, because newer pods' logs are.
      case left
      case failed(String)
    }
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
  var showsTime = false
  /// Read from the very start, not only the last lines.
  var readsAll = false
  /// The first line shown, and with `wraps` the first of its pieces.
  private(set) var top = 0
  private(set) var topPiece = 0
  private(set) var left = 0
  var height = 20
  var width = 80
  private(set) var search: TextSearch?
  private(set) var hit: Int?
  /// Pods that were left out because more came at once than are read at once.
  private(set) var omitted: Set<String> = []
  private var podUIDs: Set<String> = []
  private var places: [LogID: Int] = [:]
  private(set) var openCount = 0
  let localOffset: @Sendable (Instant) -> Int

  /// Lines that are asked for at first.
  static let tail = 10_000
  /// Pods whose logs are read at the same time.
  static let sourceLimit = 32

  init(
    _ subject: Subject, previous: Bool, buffer: LogBuffer = LogBuffer(),
    localOffset: @escaping @Sendable (Instant) -> Int
  ) {
    self.subject = subject
    self.previous = previous
    self.buffer = buffer
    self.localOffset = localOffset
  }

  mutating func add(_ source: Source) {
    places[source.id] = sources.count
    podUIDs.insert(source.podUID)
    openCount += 1
    sources.append(source)
  }

  /// Whether a pod's log has been opened, or left out for newer ones.
  func knows(pod uid: String) -> Bool { podUIDs.contains(uid) || omitted.contains(uid) }
  mutating func leaveOut(_ pods: some Sequence<String>) { omitted.formUnion(pods) }
  func hasSource(_ id: LogID) -> Bool { places[id] != nil }

  /// Lets go of the logs that have been read the longest, until `count` more can be read. Returns those to be closed.
  mutating func makeRoom(for count: Int) -> [LogID] {
    var closed: [LogID] = []
    for index in sources.indices where openCount + count > Self.sourceLimit && sources[index].state == .open {
      end(index, .left)
      closed.append(sources[index].id)
    }
    return closed
  }

  private mutating func end(_ index: Int, _ state: Source.State) {
    if sources[index].state == .open { openCount -= 1 }
    sources[index].state = state
  }

  /// Forgets everything, to read anew.
  mutating func restart() {
    sources = []
    podUIDs = []
    places = [:]
    openCount = 0
    omitted = []
    buffer.removeAll()
    (top, topPiece, left, hit) = (0, 0, 0, nil)
    follows = true
  }

  /// Takes in what came from one of its logs.
  mutating func take(_ event: LogEvent, from id: LogID) {
    guard let index = places[id] else { return }
    switch event {
    case .lines(let lines):
      let gone = buffer.append(lines, source: index)
      if !follows { top = max(0, top - gone) }
      if let hit { self.hit = hit >= gone ? hit - gone : nil }
    case .ended: end(index, .ended)
    case .failed(let error): end(index, .failed(error))
    }
    if follows { toEnd() }
  }

  // MARK: The lines

  /// A note above the lines, when they are not all there are.
  var headNote: String? {
    if buffer.dropped > 0 {
      return "… \(Format.count(buffer.dropped)) earlier lines were let go here; they are still in the log file"
    }
    let left = sources.reduce(0) { $0 + ($1.state == .left ? 1 : 0) }
    if left > 0 {
      let older = !omitted.isEmpty ? "; \(Format.plural(omitted.count, "older pod")) left out" : ""
      return "… \(Self.sourceLimit) logs are read at a time: "
        + "\(left == 1 ? "1 was left before its end" : "\(Format.count(left)) were left before their end")\(older)"
    }
    if !omitted.isEmpty {
      return "… the logs of the newest pods, as they come; \(Format.plural(omitted.count, "older pod")) left out"
    }
    if !readsAll, buffer.count >= Self.tail {
      return "… the last \(Format.count(Self.tail)) lines of each log; 0 reads it from its start"
    }
    return nil
  }

  /// Line `index` as it is drawn.
  func line(_ index: Int) -> StyledText { head(index) + text(index) }

  /// What stands in front of a line: when it was written, and by whom.
  private func head(_ index: Int) -> StyledText {
    let line = buffer[index]
    var spans: [Span] = []
    if showsTime {
      spans.append(
        Span(Format.timestamp(line.time, offset: localOffset(line.time), date: false) + " ", .muted))
    }
    if sources.count > 1, sources.indices.contains(line.source) {
      spans.append(Span(sources[line.source].label + " ", .accent))
    }
    return StyledText(spans)
  }

  private func text(_ index: Int) -> StyledText {
    let line = buffer[index]
    var spans: [Span] = []
    switch line.stream {
    case .stdout: spans.append(Span(line.text))
    case .stderr:
      spans.append(Span("! ", .stderr))
      spans.append(Span(line.text, .stderr))
    case .note: spans.append(Span("· " + line.text, .note, .italic))
    }
    let text = StyledText(spans)
    return search?.highlight(text) ?? text
  }

  private func pieces(_ index: Int) -> Int { wraps ? wrapped(line(index), width: width).count : 1 }

  /// The rows on the screen from the top down, at most `height`.
  func rows() -> [StyledText] {
    var rows: [StyledText] = []
    var index = top
    while rows.count < height, index < buffer.count {
      if wraps {
        rows += wrapped(line(index), width: width).dropFirst(index == top ? topPiece : 0)
      } else {
        // Who wrote it stays in view.
        rows.append(head(index) + shifted(text(index), by: left))
      }
      index += 1
    }
    return Array(rows.prefix(height))
  }

  // MARK: Moving

  mutating func follow() {
    follows = true
    toEnd()
  }

  private mutating func toEnd() {
    top = buffer.count
    topPiece = 0
    back(height)
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
      guard top > 0 else { return }
      top -= 1
      topPiece = pieces(top) - 1
      rows -= 1
    }
  }

  mutating func scroll(by rows: Int) {
    if rows < 0 {
      follows = false
      back(rows == .min ? .max : -rows)
    } else if !follows {
      for _ in 0..<min(rows, buffer.count + height) {
        guard top < buffer.count else { break }
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
  private mutating func clampToEnd() {
    var end = self
    end.toEnd()
    if (top, topPiece) >= (end.top, end.topPiece) {
      (top, topPiece) = (end.top, end.topPiece)
      follows = true
    }
  }

  mutating func toStart() {
    follows = false
    (top, topPiece) = (0, 0)
    clampToEnd()
  }

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
    let visible = top..<min(buffer.count, top + height)
    let widest = visible.map { text($0).columns }.max() ?? 0
    left = min(max(0, left + direction * max(1, width / 2)), max(0, widest - 1))
  }

  // MARK: Searching

  mutating func find(_ search: TextSearch?) {
    self.search = search
    hit = nil
    if search != nil { findNext(1, from: top - 1) }
  }

  @discardableResult
  mutating func findNext(_ step: Int, from: Int? = nil) -> Bool {
    guard let search, !buffer.isEmpty else { return false }
    let count = buffer.count
    let start = from ?? hit ?? (step > 0 ? top - 1 : top)
    for offset in 1...count {
      let index = ((start + step * offset) % count + count) % count
      if search.matches(buffer[index].text) {
        hit = index
        follows = false
        if index < top || index >= top + height {
          (top, topPiece) = (max(0, index - height / 3), 0)
          clampToEnd()
          if follows, index < top { (follows, top) = (false, index) }
        }
        return true
      }
    }
    return false
  }
}
