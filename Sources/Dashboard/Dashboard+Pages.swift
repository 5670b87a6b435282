internal import Cluster
internal import KubeModel
internal import Terminal

extension Dashboard {
  // MARK: Tables

  /// The columns that have a place at the width drawn last.
  func shownColumns(_ page: TablePage) -> [AnyColumn] {
    TableLayout.choose(
      columns(of: page), wanted: page.widths, sortedBy: page.sort.column,
      width: layout.size.columns)
  }

  /// The chosen columns; those that would say the same in every row are left out.
  func columns(of page: TablePage) -> [AnyColumn] {
    settings.columns(of: page.definition).filter { isUseful($0, page) }
  }

  private func isUseful(_ column: AnyColumn, _ page: TablePage) -> Bool {
    switch column.id {
    case "namespace": return shown.onlyNamespace == nil && page.scope == .all && store.hasSeveralNamespaces
    case "index":
      guard case .owned(let uid, .job, _) = page.scope, let job = store.job(uid) else { return false }
      return job.job.spec.completionMode == .indexed
    case "pod": if case .pod = page.scope { return false }
    case "node": if case .node = page.scope { return false }
    case "timezone":
      return page.order.items.contains { ($0 as? CronJobItem)?.cronJob.spec.timeZone != nil }
    default: break
    }
    return true
  }

  mutating func drawTable(_ canvas: inout Canvas, in area: Rect) {
    guard area.size.rows >= 2 else { return }
    let rows = area.size.rows - 1
    let (context, shown) = (context, shown)
    withTable { page in
      page.height = rows
      page.update(context, shown)
      page.keepVisible()
      if page.widthsFor != area.size {
        page.widths = [:]
        page.widthsFor = area.size
      }
    }
    guard let page = table else { return }
    guard !page.order.isEmpty else { return drawEmpty(page, &canvas, in: area) }
    let visible = page.top..<min(page.order.count, page.top + rows)
    var columns = columns(of: page)
    var cells = visible.map { index in columns.map { $0.cell(page.order[index], context) } }
    let wanted = TableLayout.wanted(columns, cells: cells, seen: page.widths)
    withTable { $0.widths = wanted }
    let chosen = Set(
      TableLayout.choose(
        columns, wanted: wanted, sortedBy: page.sort.column, width: area.size.columns
      ).map(\.id))
    cells = cells.map { row in zip(columns, row).filter { chosen.contains($0.0.id) }.map(\.1) }
    columns.removeAll { !chosen.contains($0.id) }
    let places = TableLayout.places(columns, wanted: wanted, width: area.size.columns)

    let titleRow = area.origin.row
    layout.headerRow = titleRow
    layout.body = Rect(column: 0, row: titleRow + 1, columns: area.size.columns, rows: rows)
    for (column, place) in zip(columns, places) {
      layout.columns.append((place.lowerBound - 1..<place.upperBound + 1, column.id))
      let isSorted = page.sort.column == column.id
      let arrow = isSorted ? (page.sort.isDescending ? "▼" : "▲") : ""
      let title = TextWidth.truncate(column.title, to: place.count, ellipsis: "")
      let at = column.isRightAligned ? place.upperBound - TextWidth.columns(of: title) : place.lowerBound
      canvas.put(
        title + arrow, at: Point(column: at, row: titleRow), role: isSorted ? .accent : .muted, attributes: .bold)
    }
    for (offset, index) in visible.enumerated() {
      let row = titleRow + 1 + offset
      let item = page.order[index]
      let isMarked = page.marks.contains(item.id)
      for (cell, (column, place)) in zip(cells[offset], zip(columns, places)) {
        // Names made by a controller differ in their ends.
        let isName = column.id == "name" || column.id == "object"
        let cell = isName ? cell.cutBeforeEnd(to: place.count) : cell
        let width = min(place.count, cell.columns)
        let at = column.isRightAligned ? place.upperBound - width : place.lowerBound
        canvas.put(cell, at: Point(column: at, row: row), maxColumns: place.count)
      }
      let line = Rect(column: 0, row: row, columns: area.size.columns, rows: 1)
      if isMarked {
        canvas.restyle(line, role: .marked)
        canvas.put("◆", at: Point(column: 0, row: row), role: .marked, attributes: .bold)
      }
      if index == page.position {
        canvas.restyle(line, role: .selection)
        // Without colours the bar at the edge still tells which row it is.
        if !isMarked { canvas.put("▌", at: Point(column: 0, row: row), role: .selection) }
      }
    }
  }

  private func drawEmpty(_ page: TablePage, _ canvas: inout Canvas, in area: Rect) {
    if !store.isLoaded {
      return drawPanel(
        &canvas, title: page.definition.title, lines: [StyledText("Reading the cluster…", .muted)], in: area)
    }
    if !page.filter.isEmpty {
      let lines: [StyledText] = [
        StyledText([Span("No \(page.definition.noun) matches "), Span("/" + page.filter.source, .accent)]),
        StyledText([Span(keyLabel("back"), .key, .bold), Span("  takes the filter away", .muted)]),
      ]
      return drawPanel(&canvas, title: page.definition.title, lines: lines, in: area)
    }
    if page.view == .jobs, page.scope == .all, store.totals.jobs == 0 {
      return drawPanel(&canvas, title: "No jobs yet", lines: welcome, in: area)
    }
    let place =
      shown.isAllNamespaces
      ? "" : " in \(shown.onlyNamespace == nil ? "namespaces" : "namespace") \(shown.namespaceText)"
    var lines = [
      StyledText(
        "No \(page.definition.noun)s here\(page.scope == .all ? place : "")\(isOver(page.scope) ? "." : " yet.")")
    ]
    if case .owned(let uid, .job, _) = page.scope, page.view == .pods, let reason = store.job(uid)?.whyPodsAreGone {
      lines += reason.split(separator: "; ").map { StyledText("\($0).", .muted) }
    }
    if shown.hidesCompleted {
      lines.append(
        StyledText([Span(keyLabel("hide-completed"), .key, .bold), Span("  shows what has completed", .muted)]))
    }
    if !shown.isAllNamespaces, page.scope == .all {
      lines.append(StyledText([Span(keyLabel("all-namespaces"), .key, .bold), Span("  shows all namespaces", .muted)]))
    }
    if pages.count > 1 { lines.append(StyledText([Span(keyLabel("back"), .key, .bold), Span("  goes back", .muted)])) }
    drawPanel(&canvas, title: page.definition.title, lines: lines, in: area)
  }

  /// Whether what a table is about makes nothing more.
  private func isOver(_ scope: Scope) -> Bool {
    if case .owned(let uid, .job, _) = scope { store.job(uid)?.isFinished == true } else { false }
  }

  private var welcome: [StyledText] {
    func key(_ key: String, _ what: String) -> StyledText {
      StyledText([Span(TextWidth.fit(key, to: 21), .key, .bold), Span(what)])
    }
    var lines: [StyledText] = [""]
    if !options.isReadOnly { lines.append(key(keyLabel("new"), "start a job from a command line")) }
    lines += [
      key(keyLabel("command"), "type a command"), key(keyLabel("help"), "all keys"), key(keyLabel("quit"), "quit"), "",
      StyledText("From a shell:", .muted), key("jobdeck -f FILE", "open with the jobs of a manifest"),
      key("jobdeck run -- CMD", "run one job without the dashboard"), "",
    ]
    return lines
  }

  // MARK: Text and logs

  mutating func drawText(_ canvas: inout Canvas, in area: Rect) {
    withText {
      $0.height = max(1, area.size.rows)
      $0.width = area.size.columns - 2
    }
    updateText()
    withText { $0.scroll(by: 0) }
    guard case .text(let page) = pages.last else { return }
    let lines = page.shown
    for offset in 0..<max(0, min(area.size.rows, lines.count - page.top)) {
      var line = lines[page.top + offset]
      if let search = page.search { line = search.highlight(line) }
      let row = area.origin.row + offset
      canvas.put(
        shifted(line, by: page.left), at: Point(column: 1, row: row), maxColumns: area.size.columns - 2)
      if page.hit == page.top + offset { canvas.put("▸", at: Point(column: 0, row: row), role: .accent) }
    }
  }

  mutating func drawDrawn(_ canvas: inout Canvas, in area: Rect) {
    layout.body = area
    let (context, shown) = (context, shown)
    withDrawn { page in
      page.update(context, shown)
      page.draw(on: &canvas, in: area, context)
    }
  }

  mutating func drawLog(_ canvas: inout Canvas, in area: Rect) {
    guard case .log(let before) = pages.last else { return }
    var top = area.origin.row
    var rows = area.size.rows
    var notes: [StyledText] = before.headNote.map { [StyledText($0, .note, .italic)] } ?? []
    for source in before.sources {
      if case .failed(let error) = source.state {
        let name = before.sources.count > 1 ? "\(source.request.pod): " : ""
        notes.append(StyledText("✗ \(name)\(error)", .error))
      }
    }
    for note in notes.prefix(max(0, min(4, rows - 1))) {
      canvas.put(note, at: Point(column: 1, row: top), maxColumns: area.size.columns - 2)
      top += 1
      rows -= 1
    }
    let now = now
    withLog {
      $0.now = now
      $0.resized(Size(columns: area.size.columns - 2, rows: max(1, rows)))
    }
    guard case .log(let page) = pages.last else { return }
    if page.buffer.isEmpty, notes.isEmpty {
      let isOpen = page.sources.isEmpty || page.openCount > 0
      let isReading = !page.reads.isEmpty || !page.hasEnd
      let text =
        isReading
        ? "Reading the log…"
        : page.filter.map { "No line matches &\($0.source)" }
          ?? page.since.map { "Nothing was written in the last \(humanDuration($0))." }
          ?? (isOpen ? "Nothing has been written yet." : "Nothing was written.")
      return drawPanel(&canvas, title: "Log", lines: [StyledText(text, .muted)], in: area)
    }
    for (offset, line) in page.rows().prefix(max(0, rows)).enumerated() {
      canvas.put(line, at: Point(column: 1, row: top + offset), maxColumns: area.size.columns - 2)
    }
    if let hit = page.hit, !page.wraps, hit >= page.top, hit < page.top + rows {
      canvas.put("▸", at: Point(column: 0, row: top + hit - page.top), role: .accent)
    }
  }
}
