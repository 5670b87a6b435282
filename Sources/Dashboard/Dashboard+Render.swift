public import Terminal
internal import Cluster
internal import KubeModel

extension Dashboard {
  /// The screen as it is to be seen now. Changes nothing but caches: rows in order, column widths, places for the mouse.
  public mutating func render(_ size: Size) -> Canvas {
    layout = Layout()
    layout.size = size
    var canvas = Canvas(size: size)
    guard size.columns >= 40, size.rows >= 10 else {
      drawTooSmall(&canvas)
      return canvas
    }
    if let shutdown {
      drawPanel(&canvas, title: "Stopping", lines: [StyledText(shutdown)])
      return canvas
    }
    let top = headerRows(size)
    var bottom = size.rows
    let hasFooter = size.rows >= 16 || prompt != nil
    if hasFooter { bottom -= 1 }
    let footer = bottom
    let status = statusLines(size)
    bottom -= status.count
    for (offset, line) in status.enumerated() {
      canvas.put(line, at: Point(column: 1, row: bottom + offset), maxColumns: size.columns - 2)
    }
    let area = Rect(column: 0, row: top, columns: size.columns, rows: max(0, bottom - top))
    switch pages.last {
    case .table: drawTable(&canvas, in: area)
    case .text: drawText(&canvas, in: area)
    case .log: drawLog(&canvas, in: area)
    case .drawn: drawDrawn(&canvas, in: area)
    case nil: break
    }
    // After the page, whose rows it counts.
    drawHeader(&canvas)
    drawOverlay(&canvas, hasFooter: hasFooter)
    // Last, because what lies over the page has keys of its own.
    if hasFooter {
      if overlay == nil, let prompt {
        layout.clicks += prompt.draw(on: &canvas, row: footer, listBottom: bottom)
      } else {
        drawHints(&canvas, row: footer)
      }
    }
    return canvas
  }

  private mutating func drawOverlay(_ canvas: inout Canvas, hasFooter: Bool) {
    func dim() { canvas.restyle(canvas.bounds, role: .muted, attributes: []) }
    func draw(_ form: JobForm) -> [Click] {
      form.draw(on: &canvas, name: form.name(in: store), showsHints: !hasFooter)
    }
    guard let overlay else { return }
    dim()
    switch overlay {
    case .confirmation(let question):
      if let formBehind {
        _ = draw(formBehind)
        dim()
      }
      layout.clicks = question.draw(on: &canvas)
    case .form(let form): layout.clicks = draw(form)
    }
  }

  private func drawTooSmall(_ canvas: inout Canvas) {
    let lines = ["jobdeck needs", "40x10 or more;", "this is \(canvas.size)"]
    let top = max(0, (canvas.size.rows - lines.count) / 2)
    for (index, line) in lines.enumerated() {
      let column = max(0, (canvas.size.columns - line.utf8.count) / 2)
      canvas.put(line, at: Point(column: column, row: top + index))
    }
  }

  /// A panel in the middle of the page.
  func drawPanel(_ canvas: inout Canvas, title: String, lines: [StyledText], in area: Rect? = nil) {
    let area = area ?? canvas.bounds
    let width = min(area.size.columns, max(title.utf8.count + 6, (lines.map(\.columns).max() ?? 0) + 6))
    let height = min(area.size.rows, lines.count + 2)
    let rect = Rect(
      column: area.origin.column + (area.size.columns - width) / 2,
      row: area.origin.row + (area.size.rows - height) / 2, columns: width, rows: height)
    canvas.frame(rect, title: title)
    for (index, line) in lines.prefix(max(0, height - 2)).enumerated() {
      canvas.put(
        line, at: Point(column: rect.origin.column + 3, row: rect.origin.row + 1 + index), maxColumns: width - 5)
    }
  }

  // MARK: The line of messages

  /// Rows that it takes at most, where there is room for a page beside it.
  private static let statusRows = 3

  /// What there is to say, in as many rows as it takes; that there is more to be read stays in view.
  private func statusLines(_ size: Size) -> [StyledText] {
    guard let line = statusLine else { return [] }
    let more =
      unread.isEmpty
      ? "" : (unread.count > 1 ? "  (+\(unread.count - 1), see :messages)" : "") + (progress.map { "  … \($0)" } ?? "")
    let (room, behind) = (size.columns - 2, TextWidth.columns(of: more))
    let all = wrapped(line, width: room, betweenWords: true, hanging: "  ")
    let most = size.rows < 16 ? 1 : Self.statusRows
    var lines = Array(all.prefix(most))
    let last = lines.count - 1
    let end = max(10, room - behind)
    if all.count > most {
      // The one row that there is is used up to its end.
      lines[last] = most == 1 ? line.cut(to: end) : lines[last].cut(to: end - 2) + StyledText(" …", .muted)
    } else if lines[last].columns > end {
      // What goes on has a row of its own where it can.
      if lines.count < most { return lines + [StyledText(more, .muted)] }
      lines[last] = lines[last].cut(to: end)
    }
    if behind > 0 { lines[last].spans.append(Span(more, .muted)) }
    return lines
  }

  private var statusLine: StyledText? {
    if let message = unread.last(where: \.isError) ?? unread.last {
      // More has no place anyway.
      return [message.sign, Span(String(message.text.prefix(1_000)), message.isError ? .error : .text)]
    }
    if let watchError {
      return StyledText([Span("! ", .warning), Span("Not up to date: \(watchError); trying again", .warning)])
    }
    if let progress { return StyledText([Span("… ", .accent), Span(progress)]) }
    if let tip, settings.showsHints { return StyledText([Span("» ", .accent), Span(tip.text, .text)]) }
    return nil
  }
}
