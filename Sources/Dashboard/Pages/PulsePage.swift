internal import KubeModel
internal import Terminal

/// The whole cluster over the last minutes as charts, and below them what needs attention first.
struct PulsePage: DrawnPage {
  let contexts: Contexts = .pulse
  let crumb = "Pulse"
  /// Rows of the list.
  private(set) var height = 1

  private(set) var entries: [Attention.Entry] = []
  private(set) var position = 0
  private(set) var top = 0
  /// Where the list is.
  private var area = Rect(column: 0, row: 0, columns: 0, rows: 0)
  private var isStale = true
  private var builtAt: Instant?
  private(set) var shown = Shown()

  /// What is listed at most: who has more to do looks at the tables.
  static let limit = 500

  var facts: StyledText {
    guard !entries.isEmpty else { return StyledText() }
    return StyledText("\(position + 1) of \(count(entries.count))", .muted)
  }

  private func count(_ count: Int) -> String { "\(count)" + (entries.count == PulsePage.limit ? "+" : "") }

  func selectedItem(_ store: Store) -> Item? {
    entries.indices.contains(position) ? store[entries[position].object] : nil
  }

  // MARK: What is listed

  mutating func note(_ touched: Store.Touched) {
    if touched.kind != .event { isStale = true }
  }

  mutating func invalidate() { isStale = true }

  mutating func update(_ context: RowContext, _ shown: Shown) {
    if shown != self.shown {
      self.shown = shown
      isStale = true
    }
    // Some things become late as time passes.
    guard isStale || builtAt?.seconds != context.now.seconds else { return }
    isStale = false
    builtAt = context.now
    let selected = entries.indices.contains(position) ? entries[position].object : nil
    entries = context.store.attention.first(PulsePage.limit, in: shown, now: context.now)
    // At the top one stays with what is most urgent.
    if top > 0 || position > 0, let selected, let index = entries.firstIndex(where: { $0.object == selected }) {
      top = max(0, top + index - position)
      position = index
    }
    keepInside()
  }

  private mutating func keepInside() {
    position = max(0, min(position, entries.count - 1))
    top = max(min(top, position), position - height + 1)
    top = max(0, min(top, entries.count - height))
  }

  // MARK: Moving

  mutating func choose(_ index: Int) {
    position = index
    keepInside()
  }

  mutating func scroll(by rows: Int) {
    position = position.saturatingAdd(rows)
    keepInside()
  }

  mutating func select(at point: Point) -> Bool {
    let row = top + point.row - area.origin.row
    guard area.contains(point), entries.indices.contains(row) else { return false }
    position = row
    return true
  }

  // MARK: Drawing

  mutating func draw(on canvas: inout Canvas, in area: Rect, _ context: RowContext) {
    // The list has a third of the page, or what it needs where that is less; the charts have the rest.
    let listRows = max(min(3, area.size.rows - 1), min(max(1, entries.count), area.size.rows / 3))
    var chartArea = area
    chartArea.size.rows = area.size.rows - listRows - 1
    let used = PulseCharts(context, shown).draw(on: &canvas, in: chartArea)
    let title = area.origin.row + used
    drawTitle(on: &canvas, row: title, columns: area.size.columns)
    self.area = Rect(
      column: 0, row: title + 1, columns: area.size.columns, rows: max(0, area.size.rows - used - 1))
    height = max(1, self.area.size.rows)
    keepInside()
    drawList(on: &canvas, context)
  }

  /// How many there are of each, in the order of the list.
  private func drawTitle(on canvas: inout Canvas, row: Int, columns: Int) {
    var text = StyledText("Needs attention first", .accent, .bold)
    var counts: [Attention.Concern: Int] = [:]
    for entry in entries { counts[entry.concern, default: 0] += 1 }
    for concern in Attention.Concern.allCases {
      guard let count = counts[concern] else { continue }
      text =
        text
        + [
          Span("  "), Span("\(concern.sign) \(self.count(count))", concern.role), Span(" " + concern.word, .muted),
        ]
    }
    canvas.put(text, at: Point(column: 1, row: row), maxColumns: columns - 2)
  }

  private func drawList(on canvas: inout Canvas, _ context: RowContext) {
    guard !entries.isEmpty else {
      let text: StyledText =
        context.store.isLoaded
        ? [Span("✓ ", .succeeded), Span("Nothing: no failures, nothing that waits for long.", .muted)]
        : StyledText("Reading the cluster…", .muted)
      canvas.put(text, at: Point(column: 1, row: area.origin.row), maxColumns: area.size.columns - 2)
      return
    }
    let visible = entries.dropFirst(top).prefix(area.size.rows)
    let isWide = area.size.columns >= 100 && shown.onlyNamespace == nil
    let spaces = isWide ? visible.map { TextWidth.columns(of: $0.namespace) }.max() ?? 0 : 0
    for (offset, entry) in visible.enumerated() {
      let row = area.origin.row + offset
      draw(entry, on: &canvas, row: row, spaces: min(spaces, 24), context)
      guard top + offset == position else { continue }
      canvas.restyle(Rect(column: 0, row: row, columns: area.size.columns, rows: 1), role: .selection)
      canvas.put("▌", at: Point(column: 0, row: row), role: .selection)
    }
  }

  /// Draws a row, with so many columns for the namespace; none where it is left out.
  private func draw(
    _ entry: Attention.Entry, on canvas: inout Canvas, row: Int, spaces: Int, _ context: RowContext
  ) {
    guard let item = context.store[entry.object] else { return }
    let width = area.size.columns
    let ageWidth = 6
    let wordWidth = width < 60 ? 2 : 15
    let nameWidth = max(12, width < 60 ? width / 2 : min(40, width / 4))
    let word = width < 60 ? entry.concern.sign : "\(entry.concern.sign) \(entry.concern.word)"
    canvas.put(StyledText(word, entry.concern.role), at: Point(column: 1, row: row), maxColumns: wordWidth)
    let name = StyledText(item.name).cutBeforeEnd(to: nameWidth)
    canvas.put(name, at: Point(column: 1 + wordWidth, row: row), maxColumns: nameWidth)
    let rest = wordWidth + nameWidth + 2
    let space = spaces > 0 ? TextWidth.fit(item.namespace, to: spaces) + "  " : ""
    let details: StyledText = [Span(space, .muted), Span(entry.details(item, context), .muted)]
    canvas.put(details, at: Point(column: rest, row: row), maxColumns: width - rest - ageWidth - 1)
    let age = humanDuration(max(.zero, context.now - entry.since))
    canvas.put(
      StyledText(age, .muted), at: Point(column: width - 1 - TextWidth.columns(of: age), row: row),
      maxColumns: ageWidth)
  }
}
