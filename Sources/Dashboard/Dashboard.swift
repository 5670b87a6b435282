internal import Cluster
public import KubeModel
internal import Terminal

/// The whole application as a value: events go in, commands and pictures come out. No clock, no I/O.
public struct Dashboard: Sendable {
  /// What the dashboard is started with.
  public struct Options: Sendable {
    /// The namespace that is shown at first; `nil` for all.
    public var namespace: String?
    /// Whether everything that changes the cluster is left out.
    public var isReadOnly: Bool
    /// The namespace that new jobs go to while all are shown.
    public var defaultNamespace: String
    /// The distance of local time from UTC at an instant, in seconds.
    public var localOffset: @Sendable (Instant) -> Int

    public init(
      namespace: String? = nil, isReadOnly: Bool = false, defaultNamespace: String = "default",
      localOffset: @escaping @Sendable (Instant) -> Int = { _ in 0 }
    ) {
      self.namespace = namespace
      self.isReadOnly = isReadOnly
      self.defaultNamespace = defaultNamespace
      self.localOffset = localOffset
    }
  }

  /// One screen of the stack that Enter and Esc walk.
  enum Page: Sendable {
    case table(TablePage)
    case text(TextPage)
    case log(LogPage)
  }

  /// What lies over the page and takes the keys.
  enum Overlay: Sendable {
    case confirmation(Confirmation)
    case form(JobForm)
  }

  /// Something said in the status line.
  struct Message: Hashable, Sendable {
    var text: String
    var isError: Bool
    var at: Instant
  }

  let options: Options
  var info: ClusterInfo?
  var store = Store()
  var usage = ClusterUsage()
  var now = Instant(seconds: 0)
  var namespace: String?
  var pages: [Page] = [.table(TablePage(.jobs))]
  var overlay: Overlay?
  /// A form that waits behind a question.
  var formBehind: JobForm?
  var prompt: Prompt?
  var history: [String] = []
  /// Not yet read, the oldest first.
  var unread: [Message] = []
  /// What was said, the oldest first.
  var said: [Message] = []
  var watchError: String?
  var shutdown: String?
  var isQuitting = false
  var pending: [CommandID: Pending] = [:]
  var batches: [Int: Batch] = [:]
  var lastNumber = 0
  /// The last lines of failed pods' logs, for the pages that say why.
  var tails: [String: LogTail] = [:]
  var layout = Layout()

  public init(_ options: Options = Options()) {
    self.options = options
    namespace = options.namespace
  }

  /// Takes in an event; returns what is to be done now, in order.
  public mutating func handle(_ event: DashboardEvent) -> [Command] {
    switch event {
    case .terminal(let event): return handle(event)
    case .tick(let instant):
      if instant.seconds != now.seconds { markTextStale() }
      now = instant
      return []
    case .info(let info): self.info = info
    case .snapshotReset: resetStore()
    case .changes(let changes): return take(changes)
    case .watchFailed(let message): watchError = message
    case .usage(let usage): self.usage = usage
    case .log(let id, let event): take(event, from: id)
    case .finished(let id, let result): return finish(id, result)
    case .edited(let id, let result): return finishEdit(id, result)
    case .shutdownProgress(let text): shutdown = text
    }
    return []
  }

  /// Whether something on the screen changes as time passes: only then is a clock tick needed.
  public var showsTime: Bool {
    if overlay != nil { return false }
    switch pages.last {
    case .table(let page): return !page.order.isEmpty
    case .text(let page): return page.subject.object != nil
    default: return false
    }
  }

  /// Whether the user chose to leave; set by the event whose commands contain ``Command/quit``.
  public var hasQuit: Bool { isQuitting }

  // MARK: Facts

  var isLocal: Bool { info?.isLocal ?? false }

  var context: RowContext {
    RowContext(
      store: store, usage: usage, now: now, localOffset: options.localOffset, width: layout.size.columns)
  }

  var currentContexts: Contexts {
    switch pages.last {
    case .table(let page): Contexts(page.view)
    case .text: .text
    case .log: .log
    case nil: []
    }
  }

  /// What can be done here, in the order of help.
  var actions: [Action] {
    let contexts = currentContexts
    return Action.all.filter { !$0.contexts.isDisjoint(with: contexts) && isAllowed($0) }
  }

  func isAllowed(_ action: Action) -> Bool {
    !(options.isReadOnly && action.changesThings) && action.isAvailable(self)
  }

  // MARK: The top page

  var table: TablePage? {
    if case .table(let page) = pages.last { page } else { nil }
  }

  /// Changes the top page if it is a table.
  mutating func withTable(_ body: (inout TablePage) -> Void) {
    guard case .table(var page) = pages.last else { return }
    // Taken out first, so that the rows are not copied.
    pages.removeLast()
    body(&page)
    pages.append(.table(page))
  }

  @discardableResult
  mutating func withLog(_ body: (inout LogPage) -> Void) -> [Command] {
    guard case .log(var page) = pages.last else { return [] }
    pages.removeLast()
    body(&page)
    pages.append(.log(page))
    return []
  }

  mutating func withText(_ body: (inout TextPage) -> Void) {
    guard case .text(var page) = pages.last else { return }
    pages.removeLast()
    body(&page)
    pages.append(.text(page))
  }

  /// Brings the top table's rows up to date.
  mutating func updateTable() {
    let (context, namespace) = (context, namespace)
    withTable { $0.update(context, namespace: namespace) }
  }

  var selectedItem: Item? { table?.selectedItem }
  var targets: [Item] { table?.targets ?? [] }

  // MARK: Messages

  mutating func say(_ text: String) { note(Message(text: text, isError: false, at: now)) }
  mutating func complain(_ text: String) { note(Message(text: text, isError: true, at: now)) }

  private mutating func note(_ message: Message) {
    // What was merely said gives way to the next word; errors wait until they have been read.
    unread.removeAll { !$0.isError || $0.text == message.text }
    unread.append(message)
    said.append(message)
    if said.count > 500 { said.removeFirst(said.count - 500) }
    for index in pages.indices {
      if case .text(var page) = pages[index], page.subject == .messages {
        page.isStale = true
        pages[index] = .text(page)
      }
    }
  }

  /// A key was pressed: what stood there long enough to be read is done with. Errors count as read after two seconds,
  /// so that a key that was on its way takes none of them away; Esc takes the oldest at once.
  mutating func acknowledge(_ key: Key) {
    unread.removeAll { now - $0.at >= ($0.isError ? .seconds(2) : .seconds(1)) }
  }

  // MARK: Changes

  mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  private mutating func resetStore() {
    store.reset()
    for index in pages.indices {
      if case .table(var page) = pages[index] {
        page.invalidate()
        pages[index] = .table(page)
      }
    }
  }

  private mutating func take(_ changes: [Change]) -> [Command] {
    watchError = nil
    var touched: [Store.Touched] = []
    touched.reserveCapacity(changes.count)
    for change in changes {
      if let touch = store.apply(change) { touched.append(touch) }
    }
    store.markLoaded()
    guard !touched.isEmpty else { return [] }
    for index in pages.indices {
      guard case .table(var page) = pages[index] else { continue }
      pages[index] = .text(TextPage(.help))
      for touch in touched { page.note(touch) }
      pages[index] = .table(page)
    }
    markTextStale()
    return openNewLogs(touched)
  }

  mutating func markTextStale() {
    for index in pages.indices {
      if case .text(var page) = pages[index], page.subject.object != nil, !page.isStale {
        page.isStale = true
        pages[index] = .text(page)
      }
    }
  }
}

/// Where things stand on the screen as last drawn, for the mouse.
struct Layout: Sendable {
  var size = Size(columns: 80, rows: 24)
  var headerRow = -1
  var body = Rect(column: 0, row: 0, columns: 0, rows: 0)
  /// The columns' places on the title row.
  var columns: [(range: Range<Int>, id: String)] = []
}
