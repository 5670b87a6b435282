internal import Cluster
internal import KubeModel
internal import Terminal

extension Dashboard {
  // MARK: Moving in the page

  mutating func scroll(by rows: Int) -> [Command] {
    switch pages.last {
    case .table: withTable { $0.move(by: rows) }
    case .text: withText { $0.scroll(by: rows) }
    case .log: withLog { $0.scroll(by: rows) }
    case .drawn: withDrawn { $0.scroll(by: rows) }
    case nil: break
    }
    return []
  }

  mutating func scroll(pages count: Int) -> [Command] {
    switch pages.last {
    case .table(let page): scroll(by: count * max(1, page.height - 1))
    case .text(let page): scroll(by: count * max(1, page.height - 1))
    case .log(let page): scroll(by: count * max(1, page.height - 1))
    case .drawn(let page): scroll(by: count * max(1, page.height - 1))
    case nil: []
    }
  }

  mutating func toTop() -> [Command] {
    withTable { $0.select(0) }
    withText { $0.top = 0 }
    withLog { $0.toStart() }
    withDrawn { $0.toTop() }
    return []
  }

  mutating func toBottom() -> [Command] {
    withTable { $0.select(.max) }
    withText { $0.scroll(by: .max) }
    if case .log = pages.last { return followLog() }
    withDrawn { $0.toBottom() }
    return []
  }

  mutating func sideways(_ direction: Int) -> [Command] {
    withText { $0.scrollSideways(by: direction * max(1, $0.width / 2)) }
    withLog { $0.scrollSideways(direction) }
    withDrawn { $0.sideways(direction) }
    return []
  }

  /// Opens or closes the tree's node under the cursor.
  mutating func toggleNode() -> [Command] {
    withDrawn { page in
      guard var tree = page as? TreePage else { return }
      tree.toggle()
      page = tree
    }
    return []
  }

  mutating func toggleWrap() -> [Command] {
    withText {
      $0.wraps.toggle()
      $0.left = 0
      $0.scroll(by: 0)
    }
    withLog { $0.toggleWrap() }
    return []
  }

  // MARK: Filtering

  /// Which rows of the page are shown.
  var filter: Filter {
    switch pages.last {
    case .table(let page): page.filter
    case .drawn(let page): page.filter
    default: .none
    }
  }

  mutating func setFilter(_ filter: Filter) {
    withTable { $0.setFilter(filter) }
    withDrawn { $0.setFilter(filter) }
  }

  // MARK: Sorting

  mutating func sort(by letter: Character) {
    guard let view = table?.definition,
      let column = settings.letters(of: view).first(where: { $0.letter == letter })?.column
    else { return }
    sort(byColumn: column.id)
  }

  mutating func sort(byColumn id: String) {
    guard let page = table, let column = page.definition.column(id) else { return }
    let isSame = page.sort.column == id
    sortTable(SortOrder(column: id, isDescending: isSame ? !page.sort.isDescending : column.startsDescending))
  }

  mutating func sortNeighbour(_ step: Int) -> [Command] {
    guard let page = table else { return [] }
    let columns = shownColumns(page)
    guard !columns.isEmpty else { return [] }
    let index = columns.firstIndex { $0.id == page.sort.column } ?? 0
    let next = columns[((index + step) % columns.count + columns.count) % columns.count]
    sortTable(SortOrder(column: next.id, isDescending: next.startsDescending))
    return []
  }

  mutating func reverseSort() -> [Command] {
    guard let sort = table?.sort else { return [] }
    sortTable(SortOrder(column: sort.column, isDescending: !sort.isDescending))
    return []
  }

  // MARK: Marks

  mutating func toggleMark() -> [Command] {
    withTable { page in
      guard let id = page.selectedItem?.id else { return }
      if page.marks.remove(id) == nil { page.marks.insert(id) }
      page.move(by: 1)
    }
    return []
  }

  /// Marks from the nearest marked row above the cursor, or else below it, to the cursor.
  mutating func markRange() -> [Command] {
    var isFound = false
    withTable { page in
      let here = page.position
      func isMarked(_ row: Int) -> Bool { page.marks.contains(page.order[row].id) }
      guard !page.marks.isEmpty, page.order.count > 0,
        let from = (0..<here).last(where: isMarked) ?? (here..<page.order.count).first(where: isMarked)
      else { return }
      isFound = true
      for row in min(from, here)...max(from, here) { page.marks.insert(page.order[row].id) }
    }
    if !isFound { complain("Mark the row where the range begins first (\(keyLabel("mark")))") }
    return []
  }

  mutating func toggleMarkAll() -> [Command] {
    withTable { page in
      page.marks = page.marks.count == page.order.count ? [] : Set(page.order.items.map(\.id))
    }
    return []
  }

  // MARK: From page to page

  /// Opens a view afresh, as the command line does: the stack starts anew there.
  mutating func open(_ view: ViewID) -> [Command] { open(.table(newTable(view)), isHome: view == .jobs) }

  /// Opens a page that draws itself, as the command line does.
  mutating func open(_ view: DrawnView) -> [Command] { open(.drawn(view.make(self)), isHome: false) }

  mutating func open(_ page: Page, isHome: Bool) -> [Command] {
    guard !opensOnTop else {
      push(page)
      return []
    }
    let commands = closeLogs(from: 0)
    pages = isHome ? [page] : [.table(newTable(.jobs)), page]
    return commands
  }

  mutating func push(_ page: Page) {
    // Walking in circles (node, pods, node, …) does not pile up pages for ever.
    if pages.count >= 32 { pages.remove(at: 1) }
    pages.append(page)
  }

  mutating func drillIn() -> [Command] {
    if whyStep != nil { return openCause() }
    if currentContexts == .files { return chooseFile() }
    // What one asks of something that needs attention is why.
    if currentContexts == .pulse { return openWhy() }
    return selectedItem.map { drillIn($0) } ?? []
  }

  mutating func drillIn(_ item: Item) -> [Command] {
    switch item {
    case let job as JobItem:
      push(.table(newTable(.pods, scope: .owned(by: job.uid, kind: .job, name: job.name))))
    case let cronJob as CronJobItem:
      push(.table(newTable(.jobs, scope: .owned(by: cronJob.uid, kind: .cronJob, name: cronJob.name))))
    case let pod as PodItem:
      guard pod.containers > 1 || !pod.pod.spec.initContainers.isEmpty else { return openLogs() }
      push(.table(newTable(.containers, scope: .pod(uid: pod.uid, name: pod.name))))
    case is ContainerItem: return openLogs()
    case let node as NodeItem: push(.table(newTable(.pods, scope: .node(node.name))))
    case let space as NamespaceItem:
      shown.show(namespaces: [space.name])
      return open(.jobs)
    case let event as EventItem: return openObject(of: event)
    default: break
    }
    return []
  }

  private mutating func openObject(of event: EventItem) -> [Command] {
    guard let item = store.object(of: event) else {
      complain("\(event.objectText) is no longer there")
      return []
    }
    return show(item)
  }

  /// Goes to the table of an item's kind with the item selected.
  mutating func show(_ item: Item) -> [Command] {
    if let page = tableShowing(item) { push(.table(page)) }
    return []
  }

  /// The table of an item's kind, unfiltered, with the item selected; what is shown is widened so that it is among it.
  mutating func tableShowing(_ item: Item) -> TablePage? {
    guard let view = TableView.all.first(where: { $0.kind == item.kind }) else { return nil }
    var page = newTable(view.id)
    page.setFilter(.none)
    page.select(id: item.id)
    reveal(item)
    return page
  }

  mutating func openNode() -> [Command] {
    guard let pod = selectedItem as? PodItem else { return [] }
    guard let node = store.node(named: pod.pod.spec.nodeName) else {
      complain(
        pod.pod.spec.nodeName.isEmpty
          ? "\(pod.name) is not on a node yet" : "Node \(pod.pod.spec.nodeName) is no longer there")
      return []
    }
    return show(node)
  }

  mutating func openOwner() -> [Command] {
    guard let item = selectedItem else { return [] }
    guard let owner = item.object?.metadata.controller, let kind = Kind(rawValue: owner.kind),
      let found = store[kind, owner.uid]
    else {
      complain("\(item.name) belongs to nothing that is here")
      return []
    }
    return show(found)
  }

  mutating func openEvents() -> [Command] {
    guard let item = selectedItem else { return [] }
    push(.table(newTable(.events, scope: .about(uid: item.uid, kind: item.kind, name: item.name))))
    return []
  }

  /// Esc: stops what is not sent yet, takes away marks, then a filter or a search, then the page.
  mutating func back() -> [Command] {
    if stopBatches() { return [] }
    if !saves.isEmpty { return stopSaves() }
    if let page = table, !page.marks.isEmpty {
      withTable { $0.marks = [] }
      return []
    }
    if !filter.isEmpty {
      setFilter(.none)
      return []
    }
    switch pages.last {
    case .text(let page) where page.search != nil:
      withText { $0.find(nil) }
      return []
    case .drawn(let page) where page.search != nil:
      withDrawn { $0.find(nil) }
      return []
    default: break
    }
    if let commands = leaveLogStep() { return commands }
    guard pages.count > 1 else { return [] }
    let commands = closeLogs(from: pages.count - 1)
    pages.removeLast()
    return commands
  }

  mutating func openHelp() -> [Command] {
    if case .text(let page) = pages.last, page.subject == .help { return back() }
    push(.text(TextPage(.help)))
    return []
  }

  mutating func openMessages() -> [Command] {
    push(.text(TextPage(.messages)))
    unread = []
    return []
  }

  enum TextKind {
    case describe, yaml
  }

  mutating func openText(_ kind: TextKind) -> [Command] {
    guard let item = selectedItem else { return [] }
    let subject: TextSubject =
      switch kind {
      case .describe: .describe(item.kind, uid: item.uid, name: item.name)
      case .yaml: .yaml(item.kind, uid: item.uid, name: item.name)
      }
    push(.text(TextPage(subject)))
    return []
  }

  /// Copies a log as far as it is in memory.
  mutating func copyAll() -> [Command] {
    guard case .log(let page) = pages.last else { return copy() }
    return copy(page.text(of: 0..<page.buffer.count))
  }

  /// Begins what is copied of a log.
  mutating func markLog() -> [Command] {
    withLog { $0.toggleMark() }
    if case .log(let page) = pages.last, page.mark != nil {
      note("Marked: \(keyLabel("copy")) copies from here to the end of the screen or the match")
    }
    return []
  }

  /// Copies what is on the page: of a log what is marked, the line that was found, or what is on the screen.
  mutating func copy() -> [Command] {
    switch pages.last {
    case .table(let page): return copy(page.targets.map(\.name).joined(separator: "\n"))
    case .text(let page): return copy(page.lines.map(\.plain).joined(separator: "\n") + "\n")
    case .drawn(let page): return copy(page.text ?? selectedItem?.name ?? "")
    case .log(let page):
      let text = page.text(of: page.chosen)
      withLog { $0.removeMark() }
      return copy(text)
    case nil: return []
    }
  }

  private mutating func copy(_ text: String) -> [Command] {
    guard !text.isEmpty else { return [] }
    let size = text.utf8.count
    guard size <= 1 << 20 else {
      complain(
        "\(Format.bytes(size))B are too much for a terminal's clipboard; "
          + "\(keyLabel("save")) writes a log to a file")
      return []
    }
    let what =
      size < 80 && !text.contains("\n")
      ? "'\(text)'" : Format.plural(text.split(separator: "\n", omittingEmptySubsequences: false).count - 1, "line")
    // A terminal doesn't say whether it took it, and some let nobody at their clipboard.
    say("Sent \(what) to the terminal's clipboard, if it takes it (OSC 52)")
    return [.copy(text)]
  }
}
