internal import Cluster
internal import KubeModel
internal import Terminal

extension Dashboard {
  /// How many rows stand above the page.
  func headerRows(_ size: Size) -> Int {
    guard size.rows >= 16 else { return 1 }
    let isOneLine = countsLine(words: true).columns + loadLine(size).columns + 5 <= size.columns
    return isOneLine || size.rows < 20 ? 3 : 4
  }

  /// Draws what stands above the page.
  func drawHeader(_ canvas: inout Canvas) {
    let size = canvas.size
    let rows = headerRows(size)
    if rows > 1 {
      drawBrand(&canvas, row: 0)
      let load = loadLine(size)
      var counts = countsLine(words: true)
      if counts.columns > size.columns - 2 { counts = countsLine(words: false) }
      canvas.put(counts, at: Point(column: 1, row: 1), maxColumns: size.columns - 2)
      if rows == 4 {
        canvas.put(load, at: Point(column: 1, row: 2), maxColumns: size.columns - 2)
      } else if counts.columns + load.columns + 5 <= size.columns {
        canvas.put(load, at: Point(column: size.columns - load.columns - 1, row: 1))
      }
    }
    drawCrumbs(&canvas, row: rows - 1)
  }

  private func drawBrand(_ canvas: inout Canvas, row: Int) {
    var spans = [Span("jobdeck", .brand, .bold)]
    if let info {
      spans.append(Span("  \(info.flavor.rawValue)", .text))
      if !info.location.isEmpty { spans.append(Span("  \(info.location)", .muted)) }
      if info.isAttached { spans.append(Span("  attached", .accent)) }
    }
    var right: [Span] = []
    if shown.hidesCompleted { right.append(Span("completed hidden  ", .warning)) }
    if options.isReadOnly { right.append(Span("read-only  ", .warning)) }
    right.append(Span(shown.namespaces.count > 1 ? "namespaces " : "namespace ", .muted))
    right.append(Span(TextWidth.truncate(shown.namespaceText, to: max(12, canvas.size.columns / 3)), .text, .bold))
    let end = StyledText(right)
    let room = canvas.size.columns - 2 - end.columns - 2
    canvas.put(StyledText(spans), at: Point(column: 1, row: row), maxColumns: room)
    canvas.put(end, at: Point(column: canvas.size.columns - 1 - end.columns, row: row))
  }

  private func countsLine(words: Bool) -> StyledText {
    let counts = store.standings(in: shown)
    var spans = [Span("Jobs ", .muted)]
    func add(_ count: Int, _ standing: Standing, _ word: String, always: Bool = false) {
      guard count > 0 || always else { return }
      let role = count > 0 ? standing.role : .muted
      spans += [Span(" "), Span(standing.sign + " ", role)]
      spans.append(Span(Format.count(count), role, count > 0 ? .bold : []))
      spans.append(Span(words ? " \(word) " : " ", .muted))
    }
    func add(_ counts: [Standing: Int], _ standing: Standing, _ word: String, always: Bool = false) {
      add(counts[standing] ?? 0, standing, word, always: always)
    }
    add(counts.jobs, .running, "running", always: true)
    add(counts.jobs, .pending, "pending")
    add(counts.jobs, .retrying, "retrying")
    add(counts.jobs, .failed, "failed", always: true)
    add(counts.jobs, .succeeded, "done", always: true)
    add(counts.jobs, .suspended, "suspended")
    add(counts.jobs, .ending, "ending")
    add(counts.jobs, .unknown, "unknown")
    spans.append(Span("   Pods ", .muted))
    add(counts.pods, .running, "running", always: true)
    add(counts.pods, .pending, "pending")
    add(counts.pods, .retrying, "retrying")
    add(counts.pods, .ending, "ending")
    add(counts.pods, .unknown, "unknown")
    return StyledText(spans)
  }

  private func loadLine(_ size: Size) -> StyledText {
    let totals = store.totals
    guard totals.nodes > 0 else { return StyledText() }
    let barWidth = size.columns >= 110 ? 12 : 8
    let cpu = usage.nodes.values.reduce(0) { $0.saturatingAdd($1.milliCPU) }
    let memory = usage.nodes.values.reduce(0) { $0.saturatingAdd($1.memory) }
    var spans: [Span] = [Span("CPU ", .muted)]
    spans += bar(
      Double(cpu), of: Double(totals.cpu), width: barWidth, role: loadRole(Double(cpu), of: Double(totals.cpu)))
    spans.append(Span(" \(Format.cores(cpu))"))
    spans.append(Span("/\(Format.cores(totals.cpu))", .muted))
    spans.append(Span("   MEM ", .muted))
    spans += bar(
      Double(memory), of: Double(totals.memory), width: barWidth,
      role: loadRole(Double(memory), of: Double(totals.memory)))
    spans.append(Span(" \(Format.bytes(memory))"))
    spans.append(Span("/\(Format.bytes(totals.memory))", .muted))
    let isWhole = totals.nodesReady == totals.nodes
    spans.append(Span("    Nodes ", .muted))
    spans.append(
      Span(
        "\(isWhole ? "" : "! ")\(totals.nodesReady)/\(totals.nodes)", isWhole ? .text : .failed, isWhole ? [] : .bold))
    spans.append(Span(" ready", .muted))
    return StyledText(spans)
  }

  /// The rule above the page: where we are on the left, how much is shown on the right.
  private func drawCrumbs(_ canvas: inout Canvas, row: Int) {
    let width = canvas.size.columns
    canvas.fill(Rect(column: 0, row: row, columns: width, rows: 1), with: "─", role: .border)
    let right = pageFacts
    let rightWidth = right.columns
    var room = width - 3
    if rightWidth > 0, rightWidth + 16 <= width {
      room -= rightWidth + 3
      canvas.put(" ", at: Point(column: width - rightWidth - 3, row: row))
      canvas.put(right, at: Point(column: width - rightWidth - 2, row: row))
      canvas.put(" ", at: Point(column: width - 2, row: row))
    }
    var crumbs = crumbTexts
    // The way here is told from its end when there is no room for all of it.
    func total() -> Int { crumbs.reduce(2) { $0 + TextWidth.columns(of: $1) } + (crumbs.count - 1) * 3 }
    var isCut = false
    while crumbs.count > 1, total() + (isCut ? 4 : 0) > room {
      crumbs.removeFirst()
      isCut = true
    }
    var spans = [Span(" ")]
    if isCut { spans += [Span("…", .muted), Span(" › ", .muted)] }
    for (index, crumb) in crumbs.enumerated() {
      let isLast = index == crumbs.count - 1
      spans.append(Span(crumb, isLast ? .crumb : .muted, isLast ? .bold : []))
      if !isLast { spans.append(Span(" › ", .muted)) }
    }
    // The blank behind it is there even when the text is cut.
    let used = canvas.put(StyledText(spans), at: Point(column: 1, row: row), maxColumns: room - 1)
    canvas.put(" ", at: Point(column: 1 + used, row: row))
  }

  var crumbTexts: [String] {
    pages.map { page in
      switch page {
      case .drawn(let page): return page.crumb
      case .table(let table):
        guard let crumb = table.scope.crumb else { return table.definition.title }
        return "\(table.definition.title) of \(crumb)"
      case .text(let text): return text.subject.object.map { "\(text.subject.title) \($0.name)" } ?? text.subject.title
      case .log(let log):
        let word = log.previous ? "Previous log" : "Log"
        switch log.subject {
        case .container(_, let pod, let container): return "\(word) of \(pod)\(container.map { "/\($0)" } ?? "")"
        case .job(_, let name): return "\(word) of \(name)"
        case .marked(let count): return "\(word) of \(count) marked"
        }
      }
    }
  }

  private var pageFacts: StyledText {
    switch pages.last {
    case .table(let page):
      var spans: [Span] = []
      if !page.marks.isEmpty { spans.append(Span("◆ \(page.marks.count) marked  ", .marked, .bold)) }
      if !page.filter.isEmpty { spans.append(Span("/\(TextWidth.truncate(page.filter.source, to: 24))  ", .accent)) }
      spans.append(
        Span(
          page.order.isEmpty ? "0" : "\(Format.count(page.position + 1)) of \(Format.count(page.order.count))", .muted))
      return StyledText(spans)
    case .text(let page):
      let count = page.shown.count
      let last = min(count, page.top + page.height)
      return StyledText([
        Span(searchText(page.search), .accent), Span(page.matchText.map { $0 + "  " } ?? "", .text),
        Span("\(Format.count(last)) of \(Format.plural(count, "line"))", .muted),
      ])
    case .log(let page):
      var spans: [Span] = []
      spans.append(Span(searchText(page.search), .accent))
      if let match = page.matchText { spans.append(Span(match + "  ", .text)) }
      if let filter = page.filter { spans.append(Span("&\(TextWidth.truncate(filter.source, to: 20))  ", .accent)) }
      if let since = page.since { spans.append(Span("last \(humanDuration(since))  ", .accent)) }
      if page.sources.contains(where: { $0.state == .open || $0.state == .paused }), !page.previous {
        spans.append(
          page.follows ? Span("● following", .running) : Span("‖ paused (\(keyLabel("follow")) follows)", .pending))
        spans.append(Span("  "))
      } else if !page.sources.isEmpty {
        spans.append(Span("■ ended  ", .muted))
      }
      // Of a long log only a part is in memory.
      let isWhole = page.hasStart && page.hasEnd
      let lines = Format.plural(page.buffer.count, "line")
      spans.append(Span(isWhole ? lines : page.position?.text ?? lines + " read", .muted))
      return StyledText(spans)
    case .drawn(let page): return StyledText(searchText(page.search), .accent) + page.facts
    case nil: return StyledText()
    }
  }

  private func searchText(_ search: TextSearch?) -> String {
    search.map { "/\(TextWidth.truncate($0.source, to: 20))  " } ?? ""
  }
}
