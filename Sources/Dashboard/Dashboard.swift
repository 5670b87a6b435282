internal import Cluster
public import KubeModel
public import Terminal

/// The whole application as a value: events go in, commands and pictures come out. No clock, no I/O.
public struct Dashboard: Sendable {
  /// What the dashboard is started with.
  public struct Options: Sendable {
    /// The namespace that is shown at first, or several with commas between them; `nil` for all.
    public var namespace: String?
    /// Whether everything that changes the cluster is left out.
    public var isReadOnly: Bool
    /// The namespace that new jobs go to while all are shown.
    public var defaultNamespace: String
    /// The names of the tips that were not given yet.
    public var newTips: Set<String>
    /// What plugins may have of the environment.
    public var environment: [String: String] = [:]
    /// What is drawn with, whatever the settings say; `nil` leaves it to them.
    public var theme: Theme?
    /// The names of the user's own themes.
    public var skins: [String] = []
    /// The folder with the user's own templates, with a `/` at its end.
    public var templates = ""
    /// What was remembered of earlier sessions; `nil` where nothing is to be.
    public var memory: Memory?
    /// Tells apart, among remembered runs, clusters that run the same work in different ways.
    public var runScope = ""
    /// What the user's files say at the start.
    public var settings: Settings
    /// The distance of local time from UTC at an instant, in seconds.
    public var localOffset: @Sendable (Instant) -> Int

    public init(
      namespace: String? = nil, isReadOnly: Bool = false, defaultNamespace: String = "default",
      newTips: Set<String> = [], settings: Settings = Settings(), theme: Theme? = nil,
      localOffset: @escaping @Sendable (Instant) -> Int = { _ in 0 }
    ) {
      self.namespace = namespace
      self.isReadOnly = isReadOnly
      self.defaultNamespace = defaultNamespace
      self.newTips = newTips
      self.settings = settings
      self.theme = theme
      self.localOffset = localOffset
    }
  }

  /// One screen of the stack that Enter and Esc walk.
  enum Page: Sendable {
    case table(TablePage)
    case text(TextPage)
    case log(LogPage)
    case drawn(any DrawnPage)
  }

  /// What lies over the page and takes the keys.
  enum Overlay: Sendable {
    case confirmation(Confirmation)
    case form(JobForm)
  }

  /// Something said in the status line.
  struct Message: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
      /// Something was done.
      case done
      /// Nothing was: what a key is for, what is shown now, why nothing had to be done.
      case note
      case error
    }

    var text: String
    var kind: Kind
    var at: Instant

    var isError: Bool { kind == .error }
    /// What stands before it.
    var sign: Span {
      switch kind {
      case .done: Span("✓ ", .success)
      case .note: Span("» ", .accent)
      case .error: Span("✗ ", .error)
      }
    }
  }

  let options: Options
  var settings: Settings
  var info: ClusterInfo?
  var store = Store()
  var usage = ClusterUsage()
  var pulse = Pulse()
  var now = Instant(seconds: 0)
  var shown: Shown
  var pages: [Page] = []
  /// Whether a view that is opened by name goes on top of the pages that there are.
  var opensOnTop = false
  var overlay: Overlay?
  /// A form that waits behind a question.
  var formBehind: JobForm?
  var prompt: Prompt?
  var memory = Memory()
  /// What was written down last of it.
  var kept = Memory()
  /// The runs that were known when they were written down last, and when that was.
  var keptRuns = 0
  var runsKeptAt: Instant?
  /// Not yet read, the oldest first.
  var unread: [Message] = []
  /// The names of the tips that were not given yet.
  var newTips: Set<String>
  /// What is explained because it is met for the first time.
  var tip: Message?
  /// What was said, the oldest first.
  var said: [Message] = []
  var watchError: String?
  var shutdown: String?
  var isQuitting = false
  var pending: [CommandID: Pending] = [:]
  var batches: [Int: Batch] = [:]
  /// Logs that are written to files.
  var saves: [LogID: Save] = [:]
  /// Nodes that are being drained, by name.
  var drains: [String: Drain] = [:]
  /// When what was known of the cluster was thrown away last.
  var resetAt: Instant?
  /// What can be set back, the latest last.
  var undoable: [Switched] = []
  /// The name of the action to repeat.
  var lastAction: String?
  /// Which way it switched, where it was a switch.
  var lastSwitch: Bool?
  var lastNumber = 0
  /// What was chosen by hand since the start, or since the settings named another one.
  var chosenTheme: Theme?
  /// Whether the terminal's ground is light.
  var isLight = false
  var layout = Layout()
  /// What the last click was on, other than a row: the second one of two is for the same.
  var clicked: Click?

  public init(_ options: Options = Options()) {
    self.options = options
    settings = options.settings
    newTips = options.newTips
    shown = Shown(settings.namespace ?? "all")
    if let memory = options.memory { recall(memory) }
    pages = [.table(newTable(.jobs))]
    openDefaultView()
  }

  /// Takes in an event; returns what is to be done now, in order.
  public mutating func handle(_ event: DashboardEvent) -> [Command] {
    let commands = takeIn(event) + readOn()
    return newTips.isEmpty ? commands : commands + meet()
  }

  private mutating func takeIn(_ event: DashboardEvent) -> [Command] {
    switch event {
    case .terminal(let event):
      let commands = handle(event)
      return commands + followFiles() + keepMemory()
    case .tick(let instant):
      let isNewSecond = instant.seconds != now.seconds
      if isNewSecond { markTextStale() }
      now = instant
      store.now = instant
      if store.isLoaded { pulse.take(Pulse.Sample(store, usage), at: now) }
      return isNewSecond ? followDrains() : []
    case .info(let info): self.info = info
    case .snapshotReset: resetStore()
    case .changes(let changes): return take(changes)
    case .watchFailed(let message): watchError = message
    case .usage(let usage): self.usage = usage
    case .log(let id, let event): take(event, from: id)
    case .finished(let id, let result): return finish(id, result)
    case .edited(let id, let result): return finishEdit(id, result)
    case .directory(let id, let result): return finishDirectory(id, result)
    case .manifest(let id, let result): return finishManifest(id, result)
    case .shutdownProgress(let text): shutdown = text
    case .settings(let settings, let problems): take(settings, problems)
    case .written(let result): finishDump(result)
    case .save(let id, let event): take(event, of: id)
    case .theme(let result): finishTheme(result)
    case .programEnded(let id, let result): finishProgram(id, result)
    }
    return []
  }

  /// Whether something on the screen changes as time passes: only then is a clock tick needed.
  public var showsTime: Bool {
    if !drains.isEmpty { return true }
    if overlay != nil { return false }
    switch pages.last {
    case .table(let page): return !page.order.isEmpty
    case .text(let page): return page.subject.object != nil
    case .drawn(let page): return page.showsTime
    case .log(let page): return page.times == .relative
    default: return false
    }
  }

  /// Whether the user chose to leave; set by the event whose commands contain ``Command/quit``.
  public var hasQuit: Bool { isQuitting }

  // MARK: Facts

  /// The namespace that new objects go to.
  var newNamespace: String { shown.onlyNamespace ?? options.defaultNamespace }

  var isLocal: Bool { info?.isLocal ?? false }

  var context: RowContext {
    RowContext(
      store: store, usage: usage, now: now, localOffset: options.localOffset, width: layout.size.columns,
      pulse: pulse)
  }

  var currentContexts: Contexts {
    pages.last.map(contexts) ?? []
  }

  func contexts(_ page: Page) -> Contexts {
    switch page {
    case .table(let table): Contexts(table.view)
    case .text: .text
    case .log: .log
    case .drawn(let page): page.contexts
    }
  }

  /// What can be done here, in the order of help.
  var actions: [Action] {
    let contexts = currentContexts
    // Objects of many kinds stand in the tree and among reasons: what goes with only some depends on the object.
    let row = Contexts.drawnObjects.isSuperset(of: contexts) ? selectedItem.flatMap(Contexts.init) ?? [] : nil
    return settings.actions.filter { action in
      guard !action.contexts.isDisjoint(with: contexts), isAllowed(action) else { return false }
      guard let row else { return true }
      let tables = action.contexts.intersection(.tables)
      return tables.isEmpty || tables == .tables || !tables.isDisjoint(with: row)
        || !action.contexts.isDisjoint(with: .pages)
    }
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

  /// Changes the top page if it draws itself.
  mutating func withDrawn(_ body: (inout any DrawnPage) -> Void) {
    guard case .drawn(var page) = pages.last else { return }
    pages.removeLast()
    body(&page)
    pages.append(.drawn(page))
  }

  /// Brings the top page's rows up to date.
  mutating func updatePage() {
    let (context, shown) = (context, shown)
    withTable { $0.update(context, shown) }
    withDrawn { $0.update(context, shown) }
  }

  /// The object that the cursor is on.
  var selectedItem: Item? {
    if case .drawn(let page) = pages.last { return page.selectedItem(store) }
    return table?.selectedItem
  }

  /// What an action goes to: the marked rows, or else the selected one.
  var targets: [Item] { table?.targets ?? selectedItem.map { [$0] } ?? [] }

  // MARK: Messages

  /// Says that something was done.
  mutating func say(_ text: String) { tell(Message(text: text, kind: .done, at: now)) }
  /// Says what helps, where nothing was done.
  mutating func note(_ text: String) { tell(Message(text: text, kind: .note, at: now)) }
  mutating func complain(_ text: String) { tell(Message(text: text, kind: .error, at: now)) }

  private mutating func tell(_ message: Message) {
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

  /// A key was pressed: what stood there for a second, long enough to be read, is done with. A key that was on its way
  /// when it came takes nothing away.
  mutating func acknowledge() {
    unread.removeAll { now - $0.at >= .seconds(1) }
    if let at = tip?.at, now - at >= .seconds(2) { tip = nil }
  }

  // MARK: Changes

  mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  private mutating func resetStore() {
    store.reset()
    resetAt = now
    for index in pages.indices {
      switch pages[index] {
      case .table(var page):
        page.invalidate()
        pages[index] = .table(page)
      case .drawn(var page):
        page.invalidate()
        pages[index] = .drawn(page)
      case .text, .log: break
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
      // Another page stands in for it, so that it is not copied.
      switch pages[index] {
      case .table(var page):
        pages[index] = .text(TextPage(.help))
        for touch in touched { page.note(touch) }
        pages[index] = .table(page)
      case .drawn(var page):
        pages[index] = .text(TextPage(.help))
        for touch in touched { page.note(touch) }
        pages[index] = .drawn(page)
      case .text, .log: break
      }
    }
    markTextStale()
    return openNewLogs(touched) + renewTail() + keepRuns()
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
  /// What does something when it is clicked on, the topmost last.
  var clicks: [Click] = []
}
