internal import KubeModel
internal import Terminal

/// Pods, or the jobs of a cron job, as bars over time: when they waited, started, ran, were restarted and ended.
struct TimelinePage: DrawnPage {
  enum Grouping: Hashable, Sendable {
    /// Of a job its indexes with their attempts; elsewhere the newest first.
    case time
    case node
  }

  let contexts: Contexts = .timeline
  private(set) var height = 1
  private(set) var grouping: Grouping
  private var rows: TablePage
  private var window: TimeWindow
  /// Columns of what stands before the bars.
  private var labelWidth = 0
  private var area = Rect(column: 0, row: 0, columns: 0, rows: 0)

  /// What an object has of bars: a job its pods, a cron job its jobs, a node its pods; all pods without an object.
  init(of item: Item?) {
    switch item {
    case let job as JobItem:
      rows = TablePage(.pods, scope: .owned(by: job.uid, kind: .job, name: job.name))
      (grouping, window) = (.time, TimeWindow(.all))
    case let cronJob as CronJobItem:
      rows = TablePage(.jobs, scope: .owned(by: cronJob.uid, kind: .cronJob, name: cronJob.name))
      (grouping, window) = (.time, TimeWindow(.all))
    case let node as NodeItem:
      rows = TablePage(.pods, scope: .node(node.name))
      (grouping, window) = (.time, TimeWindow(.latest(900_000_000)))
    default:
      rows = TablePage(.pods)
      (grouping, window) = (.node, TimeWindow(.latest(900_000_000)))
    }
    arrange()
  }

  var crumb: String { rows.scope.crumb.map { "Timeline of \($0)" } ?? "Timeline" }
  var showsTime: Bool { window.followsNow }
  var facts: StyledText {
    let noun = rows.definition.noun
    let count = rows.order.count
    return StyledText(
      count == 0 ? "no \(noun)s" : "\(Format.count(rows.position + 1)) of \(Format.plural(count, noun))", .muted)
  }

  func selectedItem(_ store: Store) -> Item? { rows.selectedItem }
  mutating func select(id: String) { rows.select(id: id) }
  mutating func choose(_ index: Int) { rows.select(index) }
  var position: Int { rows.position }
  var count: Int { rows.order.count }
  /// The rows on the screen.
  var listed: [(index: Int, item: Item)] {
    (rows.top..<max(rows.top, min(rows.order.count, rows.top + height))).map { ($0, rows.order[$0]) }
  }

  mutating func note(_ touched: Store.Touched) { rows.note(touched) }
  mutating func invalidate() { rows.invalidate() }
  mutating func update(_ context: RowContext, _ shown: Shown) { rows.update(context, shown) }

  // MARK: Order

  /// By node or by time; the pods of one job in the order in which they were made, those of an index together.
  private mutating func arrange() {
    let isOfJob = if case .owned(_, .job, _) = rows.scope { true } else { false }
    let grouping = grouping
    let column = Column<Item>(
      "TIMELINE", priority: 0,
      key: { item, _ in
        let made = (item.created ?? Instant(seconds: 0)).microseconds / 1000
        let time = isOfJob ? made : Self.lastTime - made
        let pod = item as? PodItem
        switch grouping {
        case .time: return .number(Int64(clamping: pod?.completionIndex ?? 0) << 42 | time)
        case .node: return .text("\(pod?.pod.spec.nodeName ?? "")\u{0}\(time + Self.lastTime)")
        }
      }, cell: { _, _ in .nothing })
    rows.arrange(by: AnyColumn(column))
  }

  /// Milliseconds since 1970, in the year 2109: with it times have the same number of digits, and turn round.
  private static let lastTime: Int64 = 1 << 42 - 1

  mutating func regroup() {
    grouping = grouping == .node ? .time : .node
    labelWidth = 0
    arrange()
  }

  // MARK: Keys

  mutating func scroll(by count: Int) { rows.move(by: count) }
  mutating func sideways(_ direction: Int) { window.pan(direction) }
  mutating func zoom(_ direction: Int, now: Instant) {
    window.zoom(direction, around: rows.selectedItem.flatMap(TimelineBar.init)?.middle(now))
  }
  mutating func showAll() { window.showAll() }

  mutating func select(at point: Point) -> Bool {
    let index = rows.top + point.row - area.origin.row
    guard area.contains(point), index < rows.order.count else { return false }
    rows.select(index)
    return true
  }

  // MARK: Drawing

  mutating func draw(on canvas: inout Canvas, in area: Rect, _ context: RowContext) {
    let extra = area.size.rows >= 9 ? 3 : 1
    height = max(1, area.size.rows - extra)
    self.area = Rect(column: 0, row: area.origin.row + 1, columns: area.size.columns, rows: height)
    rows.height = height
    rows.keepVisible()
    guard !rows.order.isEmpty else {
      let text = context.store.isLoaded ? "Nothing has been made here yet." : "Reading the cluster…"
      canvas.put(text, at: Point(column: 2, row: area.origin.row + 1), role: .muted)
      return
    }
    let visible = (rows.top..<min(rows.order.count, rows.top + height)).map { rows.order[$0] }
    let due = nextRetry(context)
    window.update(whole: whole(visible, due, context), now: context.now)

    let most = area.size.columns < 60 ? 13 : area.size.columns < 100 ? 25 : 39
    let texts = visible.enumerated().map { offset, item in
      label(item, offset > 0 ? visible[offset - 1] : nil, at: rows.top + offset, columns: most, context)
    }
    // Only ever wider, so that the chart doesn't jump while one scrolls.
    labelWidth = min(most, max(labelWidth, texts.reduce(due == nil ? 12 : 24) { max($0, $1.columns) }))
    let labels = labelWidth + 1
    let chart = TimelineChart(
      window: window, now: context.now, left: labels + 1, width: max(1, area.size.columns - labels - 2))
    chart.drawAxis(on: &canvas, row: area.origin.row, below: visible.count, context)
    for (offset, item) in visible.enumerated() {
      let row = self.area.origin.row + offset
      canvas.put(texts[offset], at: Point(column: 1, row: row), maxColumns: labelWidth)
      if let bar = TimelineBar(item) { chart.draw(bar, on: &canvas, row: row) }
      guard rows.top + offset == rows.position else { continue }
      canvas.restyle(Rect(column: 0, row: row, columns: labels, rows: 1), role: .selection)
      canvas.put("▌", at: Point(column: 0, row: row), role: .selection)
    }
    if let due, visible.count < height {
      let row = self.area.origin.row + visible.count
      canvas.put(
        "next attempt in " + humanDuration(max(.zero, due - context.now)), at: Point(column: 3, row: row),
        role: .pending, maxColumns: labels - 3)
      chart.mark(Standing.retrying.sign, at: due, role: .pending, on: &canvas, row: row)
    }
    guard extra == 3 else { return }
    let bottom = area.origin.row + area.size.rows - 2
    canvas.put(detail(context), at: Point(column: 1, row: bottom), maxColumns: area.size.columns - 2)
    canvas.put(
      TimelineChart.legend(columns: area.size.columns - 2), at: Point(column: 1, row: bottom + 1),
      maxColumns: area.size.columns - 2)
  }

  func nextRetry(_ context: RowContext) -> Instant? {
    guard case .owned(let uid, .job, _) = rows.scope, let job = context.store.job(uid) else { return nil }
    return context.store.pods(ofJob: uid).nextRetry(of: job)
  }

  /// All that the page is about: a job from its beginning to its end; elsewhere the rows on the screen.
  private func whole(_ visible: [Item], _ due: Instant?, _ context: RowContext) -> ClosedRange<Instant> {
    var first = visible.compactMap(\.created).min() ?? context.now
    var last = context.now
    if case .owned(let uid, .job, _) = rows.scope, let job = context.store.job(uid) {
      first = job.created ?? first
      last = job.finished ?? last
    } else if let end = visible.reduce(Instant?(Instant(seconds: 0)), { Self.later($0, TimelineBar($1)?.end?.at) }) {
      last = end
    }
    last = max(last, due ?? last)
    return first...max(first, last)
  }

  /// The later one; `nil` where one has no end.
  private static func later(_ left: Instant?, _ right: Instant?) -> Instant? {
    left.flatMap { left in right.map { max(left, $0) } }
  }

  /// `✗ 3 #2   node-1`: how it stands, which one it is, the attempt, and where it ran.
  private func label(
    _ item: Item, _ before: Item?, at position: Int, columns: Int, _ context: RowContext
  ) -> StyledText {
    guard let pod = item as? PodItem else {
      let standing = (item as? JobItem).map { context.store.status(of: $0).standing } ?? .unknown
      return StyledText(standing.sign + " ", standing.role)
        + StyledText(item.name).cutBeforeEnd(to: columns - 2)
    }
    let node = pod.pod.spec.nodeName
    let isSameNode = (before as? PodItem).map { $0.pod.spec.nodeName == node } ?? false
    let nodeText = Span(
      node.isEmpty ? "no node" : node, grouping == .node ? .text : .muted, grouping == .node ? .bold : [])
    let sign = Span(pod.status.standing.sign + " ", pod.status.standing.role)
    let restarts = pod.restarts > 0 ? [Span(" ↻\(pod.restarts)", .pending)] : []
    let name = StyledText(shortName(pod, at: position))
    guard grouping == .node else { return StyledText([sign]) + name + StyledText(restarts + [Span("  "), nodeText]) }
    let lead = isSameNode ? Span(String(repeating: " ", count: TextWidth.columns(of: nodeText.text))) : nodeText
    let others = StyledText([lead, Span(" "), sign] + restarts).columns
    return StyledText([lead, Span(" "), sign]) + name.cutBeforeEnd(to: max(6, columns - others)) + StyledText(restarts)
  }

  /// Of a job's pods what tells them apart: the index with its attempt, or the end of the name.
  private func shortName(_ pod: PodItem, at position: Int) -> String {
    guard case .owned(_, _, let job) = rows.scope else { return pod.name }
    guard let index = pod.completionIndex else {
      return pod.name.hasPrefix(job + "-") ? String(pod.name.dropFirst(job.count + 1)) : pod.name
    }
    guard grouping == .time else { return "\(index)" }
    var attempt = 1
    while position - attempt >= 0, (rows.order[position - attempt] as? PodItem)?.completionIndex == index {
      attempt += 1
    }
    return attempt > 1 ? "\(index) #\(attempt)" : "\(index)"
  }

  /// The selected row in words.
  private func detail(_ context: RowContext) -> StyledText {
    guard let item = rows.selectedItem, case let words = detailWords(item, context), let name = words.first else {
      return StyledText()
    }
    return StyledText([Span(name, .text, .bold), Span("  " + words.dropFirst().joined(separator: "  "), .muted)])
  }

  /// A row in words, its name first.
  func detailWords(_ item: Item, _ context: RowContext) -> [String] {
    guard let bar = TimelineBar(item) else { return [item.name] }
    func clock(_ instant: Instant) -> String { Format.clock(instant, offset: context.localOffset(instant)) }
    var words = [item.name, clock(bar.created) + " – " + (bar.end.map { clock($0.at) } ?? "now")]
    let names: [(TimelineBar.Phase, String)] = [
      (.waiting, "waited"), (.starting, "started in"), (.running, "ran"), (.pausing, "paused"),
      (.unknown, "not known for"),
    ]
    for (phase, name) in names {
      let time = bar.time(in: phase, context.now)
      if time >= .seconds(1) || phase == .running && time > .zero { words.append("\(name) \(humanDuration(time))") }
    }
    if let exit = (item as? PodItem)?.exit { words.append("exit \(exit.exitCode)") }
    return words
  }
}
