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
    case nil: break
    }
    return []
  }

  mutating func scroll(pages count: Int) -> [Command] {
    switch pages.last {
    case .table(let page): scroll(by: count * max(1, page.height - 1))
    case .text(let page): scroll(by: count * max(1, page.height - 1))
    case .log(let page): scroll(by: count * max(1, page.height - 1))
    case nil: []
    }
  }

  mutating func toTop() -> [Command] {
    withTable { $0.select(0) }
    withText { $0.top = 0 }
    withLog { $0.toStart() }
    return []
  }

  mutating func toBottom() -> [Command] {
    withTable { $0.select(.max) }
    withText { $0.scroll(by: .max) }
    withLog { $0.follow() }
    return []
  }

  mutating func sideways(_ direction: Int) -> [Command] {
    withText { $0.scrollSideways(by: direction * max(1, $0.width / 2)) }
    withLog { $0.scrollSideways(direction) }
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

  // MARK: Sorting

  mutating func sort(by letter: Character) {
    guard let page = table, let column = page.definition.columns.first(where: { $0.letter == letter }) else { return }
    sort(byColumn: column.id)
  }

  mutating func sort(byColumn id: String) {
    guard let column = table?.definition.column(id) else { return }
    withTable { page in
      let isSame = page.sort.column == id
      page.setSort(SortOrder(column: id, isDescending: isSame ? !page.sort.isDescending : column.startsDescending))
    }
  }

  mutating func sortNeighbour(_ step: Int) -> [Command] {
    guard let page = table else { return [] }
    let columns = shownColumns(page)
    guard !columns.isEmpty else { return [] }
    let index = columns.firstIndex { $0.id == page.sort.column } ?? 0
    let next = columns[((index + step) % columns.count + columns.count) % columns.count]
    withTable { $0.setSort(SortOrder(column: next.id, isDescending: next.startsDescending)) }
    return []
  }

  mutating func reverseSort() -> [Command] {
    withTable { $0.setSort(SortOrder(column: $0.sort.column, isDescending: !$0.sort.isDescending)) }
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

  mutating func toggleMarkAll() -> [Command] {
    withTable { page in
      page.marks = page.marks.count == page.order.count ? [] : Set(page.order.items.map(\.id))
    }
    return []
  }

  // MARK: From page to page

  /// Opens a view afresh, as the command line does: the stack starts anew there.
  mutating func open(_ view: ViewID) -> [Command] {
    let commands = closeLogs(from: 0)
    pages = [.table(TablePage(view))]
    if view != .jobs { pages.insert(.table(TablePage(.jobs)), at: 0) }
    return commands
  }

  mutating func push(_ page: Page) {
    // Walking in circles (node, pods, node, …) does not pile up pages for ever.
    if pages.count >= 32 { pages.remove(at: 1) }
    pages.append(page)
  }

  mutating func drillIn() -> [Command] {
    guard let page = table, let item = page.selectedItem else { return [] }
    switch item {
    case let job as JobItem:
      push(.table(TablePage(.pods, scope: .owned(by: job.uid, kind: .job, name: job.name))))
    case let cronJob as CronJobItem:
      push(.table(TablePage(.jobs, scope: .owned(by: cronJob.uid, kind: .cronJob, name: cronJob.name))))
    case let pod as PodItem:
      guard pod.containers > 1 || !pod.pod.spec.initContainers.isEmpty else { return openLogs(previous: false) }
      push(.table(TablePage(.containers, scope: .pod(uid: pod.uid, name: pod.name))))
    case is ContainerItem: return openLogs(previous: false)
    case let node as NodeItem: push(.table(TablePage(.pods, scope: .node(node.name))))
    case let space as NamespaceItem:
      namespace = space.name
      return open(.jobs)
    case let event as EventItem: return openObject(of: event)
    default: break
    }
    return []
  }

  private mutating func openObject(of event: EventItem) -> [Command] {
    let object = event.event.involvedObject
    guard let kind = Kind(rawValue: object.kind),
      let item = kind == .node ? store.node(named: object.name) : store[kind, object.uid]
    else {
      complain("\(event.objectText) is no longer there")
      return []
    }
    return show(item)
  }

  /// Goes to the table of an item's kind with the item selected.
  mutating func show(_ item: Item) -> [Command] {
    guard let view = TableView.all.first(where: { $0.kind == item.kind }) else { return [] }
    var page = TablePage(view.id)
    page.select(id: item.id)
    if let namespace, item.kind.isNamespaced, item.namespace != namespace { self.namespace = nil }
    push(.table(page))
    return []
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
    push(.table(TablePage(.events, scope: .about(uid: item.uid, kind: item.kind, name: item.name))))
    return []
  }

  /// Esc: takes away marks, then a filter or a search, then the page.
  mutating func back() -> [Command] {
    if let page = table, !page.marks.isEmpty {
      withTable { $0.marks = [] }
      return []
    }
    if let page = table, !page.filter.isEmpty {
      withTable { $0.setFilter(.none) }
      return []
    }
    switch pages.last {
    case .text(let page) where page.search != nil:
      withText { $0.find(nil) }
      return []
    case .log(let page) where page.search != nil:
      withLog { $0.find(nil) }
      return []
    default: break
    }
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
    case describe, yaml, why
  }

  mutating func openText(_ kind: TextKind) -> [Command] {
    guard let item = selectedItem else { return [] }
    let subject: TextSubject =
      switch kind {
      case .describe: .describe(item.kind, uid: item.uid, name: item.name)
      case .yaml: .yaml(item.kind, uid: item.uid, name: item.name)
      case .why: .why(item.kind, uid: item.uid, name: item.name)
      }
    push(.text(TextPage(subject)))
    return kind == .why ? openTails(for: item) : []
  }

  mutating func copy() -> [Command] {
    let text: String
    switch pages.last {
    case .table(let page): text = page.targets.map(\.name).joined(separator: "\n")
    case .text(let page): text = page.lines.map(\.plain).joined(separator: "\n") + "\n"
    case .log(let page): text = (0..<page.buffer.count).map { page.buffer[$0].text }.joined(separator: "\n") + "\n"
    case nil: return []
    }
    guard !text.isEmpty else { return [] }
    let size = text.utf8.count
    guard size <= 1 << 20 else {
      complain("\(Format.bytes(size)) are too much for a terminal's clipboard")
      return []
    }
    say(
      "Copied \(size < 80 && !text.contains("\n") ? "'\(text)'" : Format.plural(text.split(separator: "\n").count, "line"))"
    )
    return [.copy(text)]
  }
}
