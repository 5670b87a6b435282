internal import KubeModel
internal import Terminal

/// Cron jobs with their jobs, pods and containers as a tree, and pods that have no job. Only what is open is listed, however much there is below.
struct TreePage: DrawnPage {
  let contexts: Contexts = .tree
  let crumb = "Tree"
  private(set) var height = 1

  private(set) var rows: [TreeRow] = []
  private var listed: Set<String> = []
  /// Nodes that the user opened or closed, against what they are at first.
  private var toggled: Set<String> = []
  /// Whether cron jobs and jobs are open at first; settled when the first snapshot has come.
  private var startsOpen: Bool?
  private(set) var position = 0
  private(set) var top = 0
  private var area = Rect(column: 0, row: 0, columns: 0, rows: 0)

  /// A node that was just opened: what is below it is not listed yet.
  private var opened: String?
  private var isStale = true
  private var builtAt: Instant?
  private var shown = Shown()
  private(set) var filter = Filter.none
  /// Nodes that don't match the filter themselves: they are open, with those below them that do.
  private var passages: Set<String> = []
  /// What has changed since the rows were made, to be looked up when they are needed.
  private var touched: [Store.Touched] = []

  /// With more objects than this everything is closed at first.
  private static let few = 100
  /// Longer lists are made anew at most once a second.
  private static let long = 2_000

  var facts: StyledText {
    let count = rows.isEmpty ? "0" : "\(Format.count(position + 1)) of \(Format.count(rows.count))"
    return [
      Span(filter.isEmpty ? "" : "/\(TextWidth.truncate(filter.source, to: 20))  ", .accent), Span(count, .muted),
    ]
  }

  func selectedItem(_ store: Store) -> Item? {
    rows.indices.contains(position) ? rows[position].item(store) : nil
  }

  // MARK: What is listed

  mutating func note(_ touch: Store.Touched) {
    guard !isStale, [.cronJob, .job, .pod].contains(touch.kind) else { return }
    touched.append(touch)
    // A page that is not drawn for long makes its rows anew.
    if touched.count > TreePage.long { invalidate() }
  }

  mutating func invalidate() {
    isStale = true
    touched = []
  }

  mutating func setFilter(_ filter: Filter) {
    guard filter != self.filter else { return }
    self.filter = filter
    invalidate()
    builtAt = nil
  }

  mutating func update(_ context: RowContext, _ shown: Shown) {
    if shown != self.shown {
      self.shown = shown
      invalidate()
      builtAt = nil
    }
    if !touched.isEmpty {
      isStale = touched.contains { differs($0, context.store) }
      touched = []
    }
    if let opened, !isStale { fill(opened, context.store) }
    opened = nil
    guard isStale else { return }
    // So are filtered ones: all that there is has to be looked through.
    if rows.count > TreePage.long || !filter.isEmpty, builtAt?.seconds == context.now.seconds { return }
    rebuild(context)
  }

  /// Whether a change added or removed a row; what a row says is read when it is drawn.
  private func differs(_ touch: Store.Touched, _ store: Store) -> Bool {
    guard let item = store[touch.kind, touch.id] else { return listed.contains(touch.id) }
    if listed.contains(touch.id) { return shown.hides(item) || !filter.isEmpty }
    guard shown.includes(item) else { return false }
    guard let parent = TreeRow.parent(of: item, store) else { return filter.matches(item) }
    if !filter.isEmpty, filter.matches(item) { return true }
    return listed.contains(parent.id) && isOpen(TreeRow(parent.kind, parent.id, depth: 0))
  }

  private mutating func rebuild(_ context: RowContext) {
    let store = context.store
    if startsOpen == nil, store.isLoaded {
      startsOpen = (store.items[.job]?.count ?? 0) + (store.items[.pod]?.count ?? 0) <= TreePage.few
    }
    let selected = rows.indices.contains(position) ? rows[position].id : nil
    var found: [TreeRow] = []
    passages = []
    for root in TreeRow.roots(store, shown) { add(root, to: &found, store) }
    rows = found
    listed = Set(rows.map(\.id))
    if let selected, let index = rows.firstIndex(where: { $0.id == selected }) { position = index }
    position = max(0, min(position, rows.count - 1))
    isStale = false
    builtAt = context.now
  }

  /// Lists a node that matches the filter with what is below it, and one that leads to such nodes with only those.
  private mutating func add(_ row: TreeRow, to rows: inout [TreeRow], _ store: Store) {
    guard let item = row.item(store) else { return }
    if filter.matches(item) {
      rows.append(row)
      addChildren(of: row, to: &rows, store)
    } else if leadsToMatch(item, store) {
      passages.insert(row.id)
      rows.append(row)
      for child in row.children(store, shown) { add(child, to: &rows, store) }
    }
  }

  private func leadsToMatch(_ item: Item, _ store: Store) -> Bool {
    func isMatch(_ item: Item) -> Bool { !shown.hides(item) && (filter.matches(item) || leadsToMatch(item, store)) }
    return switch item {
    case is CronJobItem: store.jobItems(ofOwner: item.uid).contains(where: isMatch)
    case is JobItem: store.podItems(ofJob: item.uid).contains(where: isMatch)
    default: false
    }
  }

  private func addChildren(of row: TreeRow, to rows: inout [TreeRow], _ store: Store) {
    guard isOpen(row) else { return }
    for child in row.children(store, shown) {
      rows.append(child)
      addChildren(of: child, to: &rows, store)
    }
  }

  /// Lists what is below a node that was opened, and leaves all other rows where they are.
  private mutating func fill(_ id: String, _ store: Store) {
    guard let index = rows.firstIndex(where: { $0.id == id }) else { return }
    var below: [TreeRow] = []
    addChildren(of: rows[index], to: &below, store)
    rows.insert(contentsOf: below, at: index + 1)
    listed.formUnion(below.map(\.id))
  }

  func isOpen(_ row: TreeRow) -> Bool {
    guard row.canOpen else { return false }
    if passages.contains(row.id) { return true }
    let isOpenAtFirst = (row.kind == .cronJob || row.kind == .job) && startsOpen == true
    return isOpenAtFirst != toggled.contains(row.id)
  }

  // MARK: Keys

  mutating func choose(_ index: Int) { position = max(0, min(index, rows.count - 1)) }

  mutating func toggle() {
    guard rows.indices.contains(position), rows[position].canOpen else { return }
    let row = rows[position]
    guard !passages.contains(row.id) else { return }
    let wasOpen = isOpen(row)
    if toggled.remove(row.id) == nil { toggled.insert(row.id) }
    guard wasOpen else {
      opened = row.id
      return
    }
    let end = rows[(position + 1)...].firstIndex { $0.depth <= row.depth } ?? rows.count
    listed.subtract(rows[position + 1..<end].map(\.id))
    rows.removeSubrange(position + 1..<end)
  }

  /// To the right opens, and goes into what is open; to the left closes, and goes out of what is closed.
  mutating func sideways(_ direction: Int) {
    guard rows.indices.contains(position) else { return }
    let row = rows[position]
    if direction > 0 {
      if row.canOpen, !isOpen(row) { return toggle() }
      if position + 1 < rows.count, rows[position + 1].depth > row.depth { position += 1 }
    } else if isOpen(row), !passages.contains(row.id) {
      toggle()
    } else if let parent = rows[..<position].lastIndex(where: { $0.depth < row.depth }) {
      position = parent
    }
  }

  mutating func scroll(by count: Int) {
    position = max(0, min(position.saturatingAdd(count), rows.count - 1))
  }

  mutating func select(at point: Point) -> Bool {
    guard area.contains(point), rows.indices.contains(top + point.row - area.origin.row) else { return false }
    position = top + point.row - area.origin.row
    return true
  }

  // MARK: Drawing

  /// Columns of names and statuses, and the screen's that they are for.
  private var nameWidth = 0
  private var statusWidth = 0
  private var widthFor = 0

  mutating func draw(on canvas: inout Canvas, in area: Rect, _ context: RowContext) {
    self.area = area
    height = max(1, area.size.rows)
    top = max(min(top, position), position - height + 1)
    top = max(0, min(top, rows.count - height))
    guard !rows.isEmpty else {
      let nothing = filter.isEmpty ? "No jobs here yet." : "Nothing here matches /\(filter.source)"
      let text = context.store.isLoaded ? nothing : "Reading the cluster…"
      canvas.put(text, at: Point(column: 2, row: area.origin.row + 1), role: .muted)
      return
    }
    let width = area.size.columns
    let visible = (top..<min(rows.count, top + height)).compactMap { index in
      rows[index].item(context.store).map { (index: index, item: $0, status: TreeRow.status($0, context)) }
    }
    // What names and statuses do not need the details have; only ever wider, so that nothing jumps while one scrolls.
    if widthFor != width { (widthFor, nameWidth, statusWidth) = (width, width < 60 ? width - 18 : 20, 12) }
    let mostOfName = width < 60 ? width - 18 : max(34, min(64, width * 2 / 5))
    let mostOfStatus = width < 60 ? 16 : width < 110 ? 25 : 36
    for (index, item, status) in visible {
      nameWidth = min(mostOfName, max(nameWidth, name(rows[index], item, .max).columns + 1))
      statusWidth = min(mostOfStatus, max(statusWidth, StyledText(status).columns))
    }
    for (index, item, status) in visible {
      let row = area.origin.row + index - top
      canvas.put(name(rows[index], item, nameWidth - 1), at: Point(column: 1, row: row), maxColumns: nameWidth - 1)
      canvas.put(
        StyledText(status), at: Point(column: nameWidth + 1, row: row), maxColumns: statusWidth)
      let rest = nameWidth + statusWidth + 3
      if rest < width {
        canvas.put(
          TreeRow.details(item, context), at: Point(column: rest, row: row), maxColumns: width - rest - 1)
      }
      guard index == position else { continue }
      canvas.restyle(Rect(column: 0, row: row, columns: width, rows: 1), role: .selection)
      canvas.put("▌", at: Point(column: 0, row: row), role: .selection)
    }
  }

  private func name(_ row: TreeRow, _ item: Item, _ width: Int) -> StyledText {
    let indent = String(repeating: "  ", count: row.depth)
    let handle = !row.canOpen ? "  " : isOpen(row) ? "▾ " : "▸ "
    let name = (item as? ContainerItem)?.container.name ?? item.name
    let isRoot = row.depth == 0
    let space =
      isRoot && shown.onlyNamespace == nil && item.namespace != "default" ? [Span("  " + item.namespace, .muted)] : []
    let styled = StyledText(name, .text, isRoot ? .bold : [])
    return [Span(indent + handle, .muted)] + styled.cutBeforeEnd(to: max(8, width - min(width, indent.utf8.count + 2)))
      + StyledText(space)
  }
}
