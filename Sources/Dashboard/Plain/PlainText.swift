internal import KubeModel
internal import Terminal

/// The page in lines that can be read one after the other: every cell with the name of its column, signs as words.
extension Dashboard {
  /// Rows of a table, and of what draws itself, that are told at a time.
  static let plainRows = 20
  /// What pages that draw themselves are drawn on.
  private static let plainSize = Size(columns: 200, rows: 60)

  /// Brings the page to a height of its own; to be called before anything is asked of it.
  mutating func layOutPlainly() {
    layout.size = Size(columns: 100, rows: Self.plainRows)
    withTable { $0.height = Self.plainRows }
    updatePage()
    withTable { $0.keepVisible() }
  }

  /// What lies on top: a question, a form, or the page.
  mutating func plainLines() -> [String] {
    switch overlay {
    case .confirmation(let question):
      return [question.title] + question.lines.map(\.plain) + ["y: \(question.yes). n: \(question.no)."]
    case .form(let form):
      return ["New job \(form.name(in: store)), \(form.fields.count) fields."] + form.plainLines + [
        "Type what the selected field is to hold; an empty line goes on to the next. ctrl-s makes the job, esc leaves."
      ]
    case nil: break
    }
    guard let prompt else { return [plainTitle] + plainPage() }
    if prompt.purpose == .save { return ["Save to which file, an empty line for \(prompt.before):"] }
    guard case .input(let question) = prompt.purpose else {
      return ["\(prompt.purpose == .filter ? "Filter" : "Search"):"]
    }
    let input = question.input
    let choices = input.choices.isEmpty ? "" : " (\(input.choices.joined(separator: ", ")))"
    let usual = input.usual.isEmpty ? "" : ", an empty line for \(input.usual)"
    return (prompt.error.map { ["Error: \($0)"] } ?? []) + ["\(input.label)\(choices)\(usual):"]
  }

  /// `Jobs, 12 rows, row 3, sorted by age, filter /x, 2 marked`
  private var plainTitle: String {
    var words = [crumbTexts.joined(separator: ", ")]
    if let page = table {
      words.append(Format.plural(page.order.count, "row"))
      if !page.order.isEmpty { words.append("row \(page.position + 1)") }
      let column = page.definition.column(page.sort.column)?.title.lowercased() ?? page.sort.column
      words.append("sorted by \(column)\(page.sort.isDescending ? ", largest first" : "")")
      if !page.filter.isEmpty { words.append("filter /\(page.filter.source)") }
      if !page.marks.isEmpty { words.append("\(page.marks.count) marked") }
    }
    return words.joined(separator: ", ") + "."
  }

  private mutating func plainPage() -> [String] {
    switch pages.last {
    case .table(let page):
      guard !page.order.isEmpty else { return [store.isLoaded ? "Nothing is here." : "Reading the cluster."] }
      let rows = page.top..<min(page.order.count, page.top + Self.plainRows)
      let more = page.order.count - rows.upperBound
      let columns = plainColumns(page)
      return rows.map { plainRow($0, of: page, columns) } + (more > 0 ? ["\(Format.count(more)) more: pgdn."] : [])
    case .text(let page) where page.subject == .help: return plainHelp()
    case .text:
      withText { $0.width = 10_000 }
      updateText()
      guard case .text(let page) = pages.last else { return [] }
      return page.lines.map(\.plain)
    case .log(let page):
      let count = page.buffer.count
      return page.sources.compactMap { source in
        if case .failed(let error) = source.state { "Error: \(error)" } else { nil }
      } + (max(0, count - Self.plainRows)..<count).map { page.buffer[$0].text }
    case .drawn:
      var canvas = Canvas(size: Self.plainSize)
      drawDrawn(&canvas, in: canvas.bounds)
      guard case .drawn(let page) = pages.last, let lines = page.plainLines(context) else {
        return Self.lines(of: canvas)
      }
      return lines
    case nil: return []
    }
  }

  /// Those worth listening to in every row; what is left out stands where the row is opened.
  func plainColumns(_ page: TablePage) -> [AnyColumn] {
    let columns = columns(of: page).filter { $0.priority >= 40 }
    // What it is about is heard first.
    return columns.filter { $0.id == "name" } + columns.filter { $0.id != "name" }
  }

  /// `3, nightly, status Failed:BackoffLimitExceeded, retries 3/3, age 2h`
  func plainRow(_ index: Int, of page: TablePage, _ columns: [AnyColumn]) -> String {
    let item = page.order[index]
    var context = context
    context.width = 0
    var words = [String(index + 1)]
    if index == page.position { words[0] += " selected" }
    if page.marks.contains(item.id) { words.append("marked") }
    words += columns.compactMap { column in
      let text = column.cellText(item, context)
      guard !text.isEmpty else { return nil }
      return column.id == "name" ? text : "\(column.title.lowercased()) \(text)"
    }
    return words.joined(separator: ", ")
  }

  /// What was drawn, without frames, rules and bars.
  private static func lines(of canvas: Canvas) -> [String] {
    canvas.plainText().split(separator: "\n").compactMap { line in
      let text = String(
        String.UnicodeScalarView(
          line.unicodeScalars.map { scalar in
            switch scalar.value {
            // The cursor, of a row or of a field.
            case 0x258C, 0x25B8: ">"
            case 0x2500...0x259F, 0x2800...0x28FF: " "
            default: scalar
            }
          }))
      // Signs stand beside words that say the same.
      let words = text.split(separator: " ").filter { !Standing.signs.contains(String($0)) }
      return words.allSatisfy { $0 == ">" } ? nil : words.joined(separator: " ")
    }
  }
}
