internal import KubeModel
internal import Terminal

/// A directory to choose a manifest from, or the templates that there are.
struct FilesPage: DrawnPage {
  enum Row: Hashable, Sendable {
    case template(Template)
    case parent
    case entry(DirectoryEntry)

    var name: String {
      switch self {
      case .template(let template): template.name
      case .parent: "../"
      case .entry(let entry): entry.name + (entry.isDirectory ? "/" : "")
      }
    }
  }

  /// What it has to be told next.
  enum Want: Hashable, Sendable {
    case directory(String)
    case preview(String)
  }

  let contexts: Contexts = .files
  let showsTime = false
  /// Those that stand above the files; none where a directory is looked at.
  private let templates: [Template]
  /// As it was typed, with a `/` at its end; empty for the working directory.
  private(set) var directory: String
  private(set) var rows: [Row] = []
  private(set) var height = 1
  /// What was asked for and has not been answered.
  var asked: Want?
  private var listed: String?
  private var problem: String?
  private var preview: (path: String, text: Result<String, StatusError>)?
  private var position = 0
  private var top = 0
  private var area = Rect(column: 0, row: 0, columns: 0, rows: 0)

  init(templates: [Template] = [], directory: String) {
    self.templates = templates
    self.directory = directory
    rows = templates.map(Row.template)
  }

  private var isTemplates: Bool { !templates.isEmpty }
  var crumb: String { isTemplates ? "Templates" : "Files in \(directory.isEmpty ? "./" : directory)" }
  var facts: StyledText {
    StyledText(rows.isEmpty ? "0" : "\(Format.count(position + 1)) of \(Format.count(rows.count))", .muted)
  }

  var selectedRow: Row? { rows.indices.contains(position) ? rows[position] : nil }

  /// The path of the file under the cursor.
  var selectedPath: String? {
    guard case .entry(let entry) = selectedRow, !entry.isDirectory else { return nil }
    return directory + entry.name
  }

  var want: Want? {
    // A directory does not wait for a file that takes long.
    if listed != directory { return asked == .directory(directory) ? nil : .directory(directory) }
    guard asked == nil, let path = selectedPath, preview?.path != path else { return nil }
    return .preview(path)
  }

  // MARK: What it is told

  mutating func take(_ result: Result<[DirectoryEntry], StatusError>, of path: String) {
    if asked == .directory(path) { asked = nil }
    guard path == directory else { return }
    listed = path
    problem = nil
    var entries: [DirectoryEntry] = []
    switch result {
    case .success(let all): entries = all.filter { ($0.isDirectory || $0.isManifest) && !$0.name.hasPrefix(".") }
    // A user without templates has no folder for them.
    case .failure(let error): if !isTemplates { problem = error.message }
    }
    if isTemplates { entries.removeAll(where: \.isDirectory) }
    rows = templates.map(Row.template) + (isTemplates ? [] : [.parent]) + entries.map(Row.entry)
    position = min(position, max(0, rows.count - 1))
  }

  mutating func take(preview text: Result<String, StatusError>, of path: String) {
    if asked == .preview(path) { asked = nil }
    preview = (path, text)
  }

  /// `2 jobs, 1 cron job: crawl, import, nightly`
  static func summary(of objects: [KubeObject]) -> String {
    guard !objects.isEmpty else { return "nothing in it" }
    var counts: [(kind: Kind, count: Int)] = []
    for object in objects {
      if let index = counts.firstIndex(where: { $0.kind == object.kind }) {
        counts[index].count += 1
      } else {
        counts.append((object.kind, 1))
      }
    }
    let names = objects.prefix(8).map(\.metadata.name).joined(separator: ", ")
    return counts.map { Format.plural($0.count, TableView.noun(of: $0.kind)) }.joined(separator: ", ")
      + ": \(names)\(objects.count > 8 ? ", …" : "")"
  }

  // MARK: Keys

  mutating func enter(_ name: String) { go(to: directory + name + "/") }

  mutating func goUp() {
    guard !isTemplates, directory != "/" else { return }
    // Above a place that is not named, it goes on with `..`.
    guard let last = directory.split(separator: "/").last, !["..", ".", "~"].contains(last) else {
      return go(to: directory + "../")
    }
    go(to: String(directory.dropLast(last.count + 1)))
  }

  private mutating func go(to path: String) {
    directory = path
    (position, top) = (0, 0)
    rows = []
  }

  mutating func scroll(by rows: Int) {
    position = max(0, min(position.saturatingAdd(rows), self.rows.count - 1))
  }

  mutating func select(at point: Point) -> Bool {
    let row = top + point.row - area.origin.row
    guard area.contains(point), rows.indices.contains(row) else { return false }
    position = row
    return true
  }

  mutating func note(_ touched: Store.Touched) {}
  mutating func invalidate() {}
  mutating func update(_ context: RowContext, _ shown: Shown) {}

  // MARK: Drawing

  mutating func draw(on canvas: inout Canvas, in area: Rect, _ context: RowContext) {
    // The last row says what is in the file.
    height = max(1, area.size.rows - 2)
    self.area = Rect(origin: area.origin, size: Size(columns: area.size.columns, rows: height))
    top = max(0, min(max(min(top, position), position - height + 1), rows.count - height))
    let names = min(area.size.columns / 2, max(12, rows.map { TextWidth.columns(of: $0.name) }.max() ?? 0))
    for (offset, row) in rows.dropFirst(top).prefix(height).enumerated() {
      let line = area.origin.row + offset
      canvas.put(StyledText(row.name, .text), at: Point(column: 1, row: line), maxColumns: names)
      canvas.put(
        StyledText(note(of: row), .muted), at: Point(column: names + 3, row: line),
        maxColumns: area.size.columns - names - 4)
      guard top + offset == position else { continue }
      canvas.restyle(Rect(column: 0, row: line, columns: area.size.columns, rows: 1), role: .selection)
      canvas.put("▌", at: Point(column: 0, row: line), role: .selection)
    }
    let last = area.rowRange.upperBound - 1
    guard last > area.origin.row else { return }
    canvas.put(footnote, at: Point(column: 1, row: last), maxColumns: area.size.columns - 2)
  }

  private func note(of row: Row) -> String {
    switch row {
    case .template(let template): template.help
    case .parent: ""
    case .entry(let entry): entry.isDirectory ? "directory" : Format.bytes(entry.size) + "B"
    }
  }

  private var footnote: StyledText {
    if let problem { return StyledText("✗ \(problem)", .error) }
    if let path = selectedPath {
      guard let preview, preview.path == path else { return StyledText("…", .muted) }
      switch preview.text {
      case .success(let text): return StyledText("✓ \(text)", .success)
      case .failure(let error): return StyledText("✗ \(error.message)", .error)
      }
    }
    if case .template = selectedRow { return StyledText("Enter opens it in your editor", .muted) }
    if listed != directory { return StyledText("Reading…", .muted) }
    return StyledText(rows.count > 1 ? "" : "no YAML or JSON files here", .muted)
  }
}
