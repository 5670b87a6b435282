internal import KubeModel
internal import Terminal

/// Which objects a table is about.
enum Scope: Hashable, Sendable {
  case all
  /// What the object with this UID owns: a job's pods, a cron job's jobs.
  case owned(by: String, kind: Kind, name: String)
  /// The pods on a node.
  case node(String)
  /// The events of an object, and of what it owns.
  case about(uid: String, kind: Kind, name: String)
  /// The containers of a pod.
  case pod(uid: String, name: String)

  /// As crumbs name it.
  var crumb: String? {
    switch self {
    case .all: nil
    case .owned(_, _, let name), .about(_, _, let name), .pod(_, let name), .node(let name): name
    }
  }
}

/// A table on the screen: what it shows, and where the reader stands in it.
struct TablePage: Sendable {
  let view: ViewID
  let scope: Scope
  private(set) var filter = Filter.none
  private(set) var sort: SortOrder
  private(set) var order = RowOrder()
  /// The selected row's ID: it stays on its object while rows come and go.
  private(set) var selected: String?
  /// Where the selected row is, or was when it went.
  private(set) var position = 0
  /// The first row on the screen.
  private(set) var top = 0
  var marks: Set<String> = []
  /// Rows that fit on the screen, as last drawn.
  var height = 20
  /// The widths that columns have had, so that they don't jump while the rows change.
  var widths: [String: Int] = [:]
  var widthsFor = Size.zero

  /// An order that no column of the view gives.
  private var arrangement: AnyColumn?

  private var changed: Set<String> = []
  /// The rows without the filter as they were when it began, and what has changed since: to come back at once.
  private var unfiltered: (order: RowOrder, changed: Set<String>)?
  private var needsRebuild = true
  private var sortedAt: Instant?
  private var shown = Shown()

  init(_ view: ViewID, scope: Scope = .all) {
    self.view = view
    self.scope = scope
    sort = TableView[view].sort
    if view == .pods, case .owned = scope { sort = SortOrder(column: "age", isDescending: false) }
    if view == .containers, scope == .all { sort = SortOrder(column: "pod", isDescending: false) }
  }

  var definition: TableView { TableView[view] }

  // MARK: What changed

  /// Marks the rows that a change touches.
  mutating func note(_ touched: Store.Touched) {
    guard !needsRebuild else { return }
    switch definition.touches(touched) {
    case .nothing: break
    case .everything: needsRebuild = true
    case .row(let id): noteRows(CollectionOfOne(id))
    case .rows(let ids): noteRows(ids)
    }
  }

  private mutating func noteRows(_ ids: some Sequence<String>) {
    changed.formUnion(ids)
    if unfiltered != nil { unfiltered?.changed.formUnion(ids) }
    // Rows that are not sorted stand as they are read. And beyond this a new sort is cheaper than a merge.
    if (sort.column.isEmpty && arrangement == nil) || changed.count > max(64, order.count / 4) {
      invalidate()
    }
  }

  /// Everything is to be read and sorted again.
  mutating func invalidate() {
    needsRebuild = true
    unfiltered = nil
    changed.removeAll(keepingCapacity: true)
  }

  mutating func setFilter(_ filter: Filter) {
    guard filter != self.filter else { return }
    let isNarrower = filter.narrows(self.filter)
    let hadNone = self.filter.isEmpty
    self.filter = filter
    widths = [:]
    guard !needsRebuild else { return invalidate() }
    if isNarrower {
      // While one types, rows only go.
      if hadNone { unfiltered = (order, changed) }
    } else {
      guard let all = unfiltered, all.changed.count <= max(64, all.order.count / 4) else { return invalidate() }
      order = all.order
      changed.formUnion(all.changed)
    }
    if filter.isEmpty { unfiltered = nil } else { order.keep(where: filter.matches) }
    marks = marks.filter { order.contains($0) }
    restoreSelection()
  }

  mutating func setSort(_ sort: SortOrder) {
    self.sort = sort
    invalidate()
  }

  // MARK: Bringing rows up to date

  /// Puts the rows in an order of the page's own, from the least to the greatest.
  mutating func arrange(by column: AnyColumn) {
    arrangement = column
    sort = SortOrder(column: column.id, isDescending: false)
    invalidate()
  }

  /// Brings the rows up to date with the store; keeps the selection on its object.
  mutating func update(_ context: RowContext, _ shown: Shown) {
    if shown != self.shown {
      self.shown = shown
      widths = [:]
      invalidate()
    }
    let column = arrangement ?? definition.column(sort.column)
    if let column, column.isVolatile, !needsRebuild, context.now - (sortedAt ?? context.now) >= .seconds(2) {
      invalidate()
    }
    guard needsRebuild || !changed.isEmpty else { return }
    if needsRebuild {
      let items = definition.rows(context.store, scope).filter { isInScope($0, context.store) && isShown($0) }
      order.rebuild(items, column: column, isDescending: sort.isDescending, context: context)
      sortedAt = context.now
      unfiltered = nil
    } else {
      let present = changed.compactMap { definition.row(context.store, $0) }
        .filter { isInScope($0, context.store) && isShown($0) }
      order.replace(changed, with: present, context: context)
    }
    needsRebuild = false
    changed.removeAll(keepingCapacity: true)
    if !marks.isEmpty {
      // What is not shown is not acted on.
      marks = marks.filter { order.contains($0) }
    }
    restoreSelection()
  }

  private func isShown(_ item: Item) -> Bool {
    // What belongs to an object is shown wherever it is.
    guard scope == .all ? shown.includes(item) : !shown.hides(item) else { return false }
    return filter.matches(item)
  }

  private func isInScope(_ item: Item, _ store: Store) -> Bool {
    switch scope {
    case .all: return true
    case .owned(let uid, _, _): return item.object?.metadata.controller?.uid == uid
    case .node(let name): return (item as? PodItem)?.pod.spec.nodeName == name
    case .pod(let uid, _): return item.uid == uid
    case .about(let uid, let kind, let name):
      guard let involved = (item as? EventItem)?.event.involvedObject else { return false }
      if involved.uid == uid { return true }
      // Nodes are known by name to those who report about them.
      if kind == .node { return involved.kind == "Node" && involved.name == name }
      return kind == .job && store.pod(involved.uid)?.owner == uid
    }
  }

  private mutating func restoreSelection() {
    guard !order.isEmpty else {
      top = 0
      // The object that was selected may come back with the next snapshot.
      if selected != nil { position = 0 }
      return
    }
    if let selected, let found = order.position(of: selected) {
      // The row stays where it is on the screen when others are put above it, except at the very top.
      if top > 0 { top = max(0, top + found - position) }
      position = found
    } else {
      position = min(position, order.count - 1)
      selected = order[position].id
    }
    keepVisible()
  }

  // MARK: Moving

  var selectedItem: Item? {
    order.isEmpty ? nil : order[min(position, order.count - 1)]
  }

  /// The marked rows, in the order on the screen, or else the selected one.
  var targets: [Item] {
    if marks.isEmpty { return selectedItem.map { [$0] } ?? [] }
    return order.items.filter { marks.contains($0.id) }
  }

  mutating func move(by rows: Int) { select(position.saturatingAdd(rows)) }

  mutating func select(_ index: Int) {
    guard !order.isEmpty else { return }
    position = min(max(index, 0), order.count - 1)
    selected = order[position].id
    keepVisible()
  }

  /// Selects a row by its ID; waits for it when it isn't there yet.
  mutating func select(id: String) {
    selected = id
    if let found = order.position(of: id) { select(found) } else { invalidate() }
  }

  /// Scrolls without moving the selection further than it must.
  mutating func scroll(by rows: Int) {
    guard order.count > height else { return move(by: rows) }
    top = min(max(0, top + rows), order.count - height)
    select(min(max(position, top), top + height - 1))
  }

  mutating func keepVisible() {
    let height = max(1, height)
    if position < top { top = position }
    if position >= top + height { top = position - height + 1 }
    top = min(max(0, top), max(0, order.count - height))
  }
}
