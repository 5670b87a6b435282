internal import KubeModel
internal import Terminal

/// Why an object is as it is, step by step; the cursor goes from step to step, and Enter to what a step is about.
struct WhyPage: DrawnPage {
  let contexts: Contexts = .why
  let subject: ItemRef
  private let name: String
  /// The last lines of the container that tells most.
  var tail: LogTail? { didSet { isStale = true } }

  private(set) var steps: [WhyStep] = []
  private var selected = 0
  /// The objects that the steps are about.
  private var objects: Set<String> = []
  private var isStale = true
  /// Whether one of those objects has changed.
  private var hasChanged = false
  private var isGone = false
  private var builtAt: Instant?

  /// A line on the screen, and which step it belongs to.
  struct Row: Sendable {
    var text: StyledText
    var step: Int
    var isTitle: Bool
  }

  private var rows: [Row] = []
  private var top = 0
  private(set) var height = 20
  private var width = 78
  private var area = Rect(column: 0, row: 0, columns: 0, rows: 0)
  /// Nodes that are soon looked through.
  private static let few = 200
  /// Rows from which on there are gaps between steps.
  private static let roomy = 28

  private(set) var search: TextSearch?
  private var hit: Int?

  init(_ item: Item) {
    subject = ItemRef(item)
    name = (item as? ContainerItem)?.container.name ?? item.name
  }

  var crumb: String { "Why \(name)" }

  var facts: StyledText {
    var facts = StyledText(steps.isEmpty ? "" : "\(selected + 1) of \(Format.plural(steps.count, "step"))", .muted)
    if isGone { facts = StyledText("no longer there  ", .pending) + facts }
    return facts
  }

  var position: Int { selected }

  mutating func choose(_ index: Int) {
    selected = max(0, min(index, steps.count - 1))
    showSelected()
  }

  var selectedStep: WhyStep? { steps.indices.contains(selected) ? steps[selected] : nil }

  func selectedItem(_ store: Store) -> Item? { selectedStep?.object.flatMap { store[$0] } }

  // MARK: What it says

  mutating func note(_ touched: Store.Touched) {
    if touched.id == subject.id || touched.job == subject.id || objects.contains(touched.id) { hasChanged = true }
  }

  mutating func invalidate() { isStale = true }

  mutating func update(_ context: RowContext, _ shown: Shown) {
    // Countdowns, and what other objects leave room for, are looked at once a second.
    let isQuick = context.store.totals.nodes <= WhyPage.few
    guard isStale || (hasChanged && isQuick) || builtAt?.seconds != context.now.seconds else { return }
    (isStale, hasChanged) = (false, false)
    builtAt = context.now
    guard let item = context.store[subject] else {
      isGone = true
      if steps.isEmpty { steps = [WhyStep(role: .muted, sign: "·", title: "It is no longer there")] }
      return layOut()
    }
    isGone = false
    let before = selectedStep.map { (step: $0, number: number(of: selected)) }
    let offset = rows(of: selected).lowerBound - top
    steps = Why.steps(of: item, tail: tail, context)
    objects = Set(steps.compactMap { $0.object?.id })
    if let before { restore(before.step, before.number) }
    selected = max(0, min(selected, steps.count - 1))
    layOut()
    // What comes or goes above it does not move the step that is being read.
    guard (0..<height).contains(offset) else { return }
    if top > 0 { top = rows(of: selected).lowerBound - offset }
    keepInside()
    if !(top..<top + height).contains(rows(of: selected).lowerBound) { showSelected() }
  }

  /// Which step it is of those about the same object with the same way on: titles change as time passes.
  private func number(of index: Int) -> Int { steps[..<index].count { isAlike($0, steps[index]) } }

  private func isAlike(_ left: WhyStep, _ right: WhyStep) -> Bool {
    left.object == right.object && left.way == right.way && left.isSub == right.isSub
  }

  private mutating func restore(_ step: WhyStep, _ number: Int) {
    let alike = steps.indices.filter { isAlike(steps[$0], step) }
    if let index = alike.dropFirst(number).first ?? alike.last { selected = index }
  }

  // MARK: Lines

  private mutating func layOut() {
    rows = rows(isSpacious: height >= WhyPage.roomy)
    // What does not fit on the page does without the gaps between steps.
    if rows.count > height, height >= WhyPage.roomy { rows = rows(isSpacious: false) }
    if let search { hit = hit.flatMap { search.next(1, from: $0 - 1, in: rows.map(\.text)) } }
    keepInside()
  }

  private func rows(isSpacious: Bool) -> [Row] {
    var rows: [Row] = []
    for (index, step) in steps.enumerated() {
      if index > 0, isSpacious, !step.isSub {
        rows.append(Row(text: StyledText("│", .border), step: index - 1, isTitle: false))
      }
      for line in step.lines {
        rows += wrapped(line.text, width: width, betweenWords: true, hanging: line.hanging).map {
          Row(text: $0, step: index, isTitle: line.isTitle)
        }
      }
    }
    return rows
  }

  private func rows(of step: Int) -> Range<Int> {
    let first = rows.firstIndex { $0.step == step } ?? 0
    return first..<(rows[first...].firstIndex { $0.step != step } ?? rows.count)
  }

  private mutating func keepInside() { top = max(0, min(top, rows.count - height)) }

  /// Brings all of the selected step onto the page, or its beginning where it is longer than the page.
  private mutating func showSelected() {
    let lines = rows(of: selected)
    if lines.upperBound > top + height { top = lines.upperBound - height }
    if lines.lowerBound < top { top = lines.lowerBound }
    keepInside()
  }

  // MARK: Moving

  mutating func scroll(by count: Int) {
    guard !rows.isEmpty else { return }
    if abs(count) == 1 { return step(count) }
    let before = top
    top = top.saturatingAdd(count)
    keepInside()
    if top == before {
      // There is no more to see: to the end, or with the wheel a step towards it.
      selected = abs(count) < height / 2 ? selected + count.signum() : count > 0 ? steps.count - 1 : 0
      selected = max(0, min(selected, steps.count - 1))
    } else {
      let page = rows[top..<min(rows.count, top + height)]
      selected = (page.first(where: \.isTitle) ?? rows[top]).step
    }
  }

  /// To the next step, or first through the rest of one that is longer than the page.
  private mutating func step(_ direction: Int) {
    let lines = rows(of: selected)
    if direction > 0, lines.upperBound > top + height {
      top += 1
    } else if direction < 0, lines.lowerBound < top {
      top -= 1
    } else if steps.indices.contains(selected + direction) {
      selected += direction
      let next = rows(of: selected)
      // Backwards into a long step one comes to its end.
      if direction < 0, next.count > height {
        top = next.upperBound - height
        keepInside()
      } else {
        showSelected()
      }
    }
  }

  mutating func toTop() {
    selected = 0
    top = 0
  }

  mutating func toBottom() {
    selected = max(0, steps.count - 1)
    top = rows.count
    keepInside()
  }

  mutating func select(at point: Point) -> Bool {
    let row = top + point.row - area.origin.row
    guard area.contains(point), rows.indices.contains(row) else { return false }
    selected = rows[row].step
    return true
  }

  // MARK: Reading

  var text: String? { steps.flatMap(\.lines).map { $0.text.plain + "\n" }.joined() }

  var hasHit: Bool { hit != nil }

  mutating func find(_ search: TextSearch?) {
    self.search = search
    hit = nil
    if search != nil { _ = findNext(1) }
  }

  mutating func findNext(_ step: Int) -> Bool {
    guard let search, !rows.isEmpty,
      let index = search.next(step, from: hit ?? rows(of: selected).lowerBound - 1, in: rows.map(\.text))
    else { return false }
    hit = index
    selected = rows[index].step
    if index < top || index >= top + height { top = max(0, index - height / 3) }
    keepInside()
    return true
  }

  var openLogs: [LogID] { tail.flatMap { $0.isComplete ? nil : [$0.id] } ?? [] }

  mutating func take(_ event: LogEvent, from id: LogID) {
    if tail?.id == id { tail?.take(event) }
  }

  // MARK: Drawing

  mutating func draw(on canvas: inout Canvas, in area: Rect, _ context: RowContext) {
    self.area = area
    if height != max(1, area.size.rows) || width != area.size.columns - 2 {
      (height, width) = (max(1, area.size.rows), area.size.columns - 2)
      layOut()
      showSelected()
    }
    for (offset, row) in rows.dropFirst(top).prefix(area.size.rows).enumerated() {
      let line = area.origin.row + offset
      let text = search.map { $0.highlight(row.text) } ?? row.text
      canvas.put(text, at: Point(column: 1, row: line), maxColumns: width)
      guard row.step == selected else { continue }
      if row.isTitle {
        canvas.restyle(Rect(column: 0, row: line, columns: area.size.columns, rows: 1), role: .selection)
        drawWay(on: &canvas, row: line, after: row.text.columns, context.store)
      }
      let bar = hit == top + offset ? "▸" : "▌"
      canvas.put(bar, at: Point(column: 0, row: line), role: row.isTitle ? .selection : .accent)
    }
  }

  /// What Enter opens, at the right end of the selected step.
  private func drawWay(on canvas: inout Canvas, row: Int, after columns: Int, _ store: Store) {
    guard let way = selectedStep?.way else { return }
    let title = "Enter: \(way.title(selectedItem(store)))"
    let column = width - TextWidth.columns(of: title)
    guard column > columns + 3 else { return }
    canvas.put(title, at: Point(column: column + 1, row: row), role: .selection)
  }
}
