import ArgumentParser
import KubeModel
import RemoteCluster

struct GetCommand: ServerCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "List objects of the cluster that runs, as kubectl does.",
    usage: """
      jobdeck get TYPE[,TYPE …] [NAME …] [options]
      jobdeck get TYPE/NAME … [options]
      """)

  @Argument(help: ArgumentHelp("jobs, cronjobs, pods, nodes, events, all, …, and names.", valueName: "type"))
  var arguments: [String] = []

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: "wide, json, yaml, name, custom-columns=TITLE:PATH,… or jsonpath=TEMPLATE.")
  var output: String?

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "In all namespaces.")
  var allNamespaces = false

  @Flag(name: [.customShort("w"), .customLong("watch")], help: "Go on, and show every change.")
  var watch = false

  @Flag(name: .customLong("watch-only"), help: "Show changes alone.")
  var watchOnly = false

  @Flag(name: .customLong("output-watch-events"), help: "Say of each change what it is.")
  var showsEvents = false

  @Flag(name: .customLong("no-headers"), help: "Leave the titles out.")
  var noHeaders = false

  @Flag(name: .customLong("show-labels"), help: "Show labels in the last column.")
  var showLabels = false

  @Flag(name: .customLong("show-kind"), help: "Put the type before each name.")
  var showKind = false

  @Option(
    name: [.customShort("L", allowingJoined: true), .customLong("label-columns")], parsing: .singleValue,
    help: "Labels to show as columns.")
  var labelColumns: [String] = []

  @Option(name: .customLong("sort-by"), help: "Sort by what this path leads to: .metadata.creationTimestamp.")
  var sortBy: String?

  @Flag(name: .customLong("ignore-not-found"), help: "Exit with 0 where there is no such object.")
  var ignoreNotFound = false

  @Flag(name: .customLong("show-managed-fields"), help: "Show who owns which field, in JSON and YAML.")
  var showsOwners = false

  @Option(name: .customLong("chunk-size"), help: "How many objects are asked for at a time.")
  var chunkSize = 500

  @OptionGroup var selection: SelectorOptions
  @OptionGroup var server: ServerOptions

  func run(on server: Server, _ out: Output) async throws -> ExitStatus {
    let format = try OutputFormat(output)
    let order = try sortBy.map { try JSONPath(relaxed: $0) }
    let wanted = try NamedResources.parse(arguments, in: try await ResourceIndex.load(server))
    if wanted.contains(where: { !$0.names.isEmpty }) {
      if !selection.isEmpty { throw VerbError("name cannot be provided when a selector is specified") }
      if allNamespaces { throw VerbError("a resource cannot be retrieved by name across all namespaces") }
    }
    if watch || watchOnly {
      guard wanted.count == 1, wanted[0].names.count <= 1 else {
        throw VerbError("you may only specify a single resource type")
      }
    }
    let reader = ObjectReader(
      server: server, namespace: allNamespaces ? nil : server.namespace, query: selection.query, chunk: chunkSize,
      wantsWhole: order != nil || !format.isTable)
    var failures = Failures(out)
    let isMixed = Set(wanted.map(\.resource)).count > 1
    var tables = TablePrinter(self, format, namesKinds: isMixed || showKind)
    // Taken before anything is shown, so that nothing is missed.
    var version = watch || watchOnly ? try await reader.version(wanted[0].resource) : ""
    if !watchOnly {
      let found = await read(wanted, reader, format, &failures)
      if let list = found.first, list.isList { version = list.version }
      try await show(found, format, order, &tables, out, &failures)
    }
    guard watch || watchOnly else { return failures.status }
    guard await out.flush() else { return out.closedStatus }
    return try await watch(wanted[0], from: version, reader, format, tables, out)
  }

  // MARK: Reading

  @MainActor
  private func read(
    _ wanted: [NamedResources], _ reader: ObjectReader, _ format: OutputFormat, _ failures: inout Failures
  ) async -> [ObjectReader.Found] {
    var found: [ObjectReader.Found] = []
    for named in wanted {
      do throws(StatusError) {
        if named.names.isEmpty {
          found.append(try await reader.list(named.resource, asTable: format.isTable))
          continue
        }
      } catch {
        await failures.note(error)
        continue
      }
      for name in named.names {
        do throws(StatusError) {
          let one = try await reader.get(named.resource, name, asTable: format.isTable)
          if let last = found.last, last.resource == named.resource, !last.isList {
            found[found.count - 1].append(one)
          } else {
            found.append(one)
          }
        } catch {
          if error.code == 404, ignoreNotFound { continue }
          await failures.note(error)
        }
      }
    }
    return found
  }

  // MARK: Printing

  @MainActor
  private func show(
    _ found: [ObjectReader.Found], _ format: OutputFormat, _ order: JSONPath?, _ tables: inout TablePrinter,
    _ out: Output,
    _ failures: inout Failures
  ) async throws {
    var found = found
    if let order { for index in found.indices { found[index].sort(by: order) } }
    switch format {
    case .table, .wide:
      var isFirst = true
      for part in found where !part.rows.isEmpty {
        if !isFirst { out.line("") }
        isFirst = false
        tables.reset()
        out.text(tables.text(part))
      }
      if isFirst, !ignoreNotFound, !watch, failures.isEmpty {
        await out.flush()
        let cluster = found.allSatisfy { !$0.resource.isNamespaced }
        let place = allNamespaces || cluster ? "" : " in \(server.namespace ?? "default") namespace."
        Diagnostics.line("No resources found" + place)
      }
    case .name:
      for part in found {
        for object in part.objects { out.text(part.resource.name(ObjectReader.name(object)) + "\n") }
      }
    case .customColumns(let columns):
      var table = TableText()
      let rows = found.flatMap(\.objects).map { ObjectText.row($0, columns).map(Printable.line) }
      out.text(table.lines((noHeaders ? [] : [columns.map(\.title)]) + rows))
    case .json, .yaml, .jsonPath:
      guard let document = document(found) else { return }
      switch format {
      case .jsonPath(let path): out.text(path.text(of: document))
      default: out.text(ObjectText.document(document, format))
      }
    }
  }

  /// One object as it is, several as a list; `nil` for none of a name.
  private func document(_ found: [ObjectReader.Found]) -> JSONValue? {
    let objects = found.flatMap(\.objects).map { ObjectText.cleaned($0, showsOwners: showsOwners) }
    if objects.count == 1, found.allSatisfy({ !$0.isList }) { return objects[0] }
    if objects.isEmpty, found.allSatisfy({ !$0.isList }) { return nil }
    return ObjectText.list(objects)
  }

  // MARK: Watching

  @MainActor
  private func watch(
    _ named: NamedResources, from version: String, _ reader: ObjectReader, _ format: OutputFormat,
    _ tables: TablePrinter, _ out: Output
  ) async throws -> ExitStatus {
    // Goes on where the list ended, so that columns stay aligned and titles stand once.
    var tables = tables
    var reader = reader
    if let name = named.names.first { reader.query.append(("fieldSelector", "metadata.name=\(name)")) }
    let changes = Following(reader: reader, resource: named.resource, version: version, asTable: format.isTable)
    var isOpen = true
    try await changes.forEach { event in
      guard let part = event.found, !part.rows.isEmpty || !part.objects.isEmpty else { return true }
      switch format {
      case .table, .wide: out.text(tables.text(part, event: showsEvents ? event.type : nil))
      case .name:
        for object in part.objects { out.text(part.resource.name(ObjectReader.name(object)) + "\n") }
      case .customColumns(let columns):
        var table = TableText()
        out.text(table.lines(part.objects.map { ObjectText.row($0, columns).map(Printable.line) }))
      case .jsonPath(let path): for object in part.objects { out.text(path.text(of: object)) }
      case .json, .yaml:
        for object in part.objects {
          if case .yaml = format { out.line("---") }
          out.text(ObjectText.document(ObjectText.cleaned(object, showsOwners: showsOwners), format))
        }
      }
      isOpen = await out.flush()
      return isOpen
    }
    return isOpen ? .success : out.closedStatus
  }
}

/// Prints the server's tables as kubectl does.
struct TablePrinter {
  private let command: GetCommand
  private let isWide: Bool
  private let namesKinds: Bool
  private var table = TableText()
  private var columns: [(index: Int, title: String)] = []
  /// Whether the titles have been printed.
  var hasTitles = false

  init(_ command: GetCommand, _ format: OutputFormat, namesKinds: Bool) {
    self.command = command
    self.namesKinds = namesKinds
    if case .wide = format { isWide = true } else { isWide = false }
  }

  /// Another table begins.
  mutating func reset() {
    table = TableText()
    columns = []
    hasTitles = false
  }

  mutating func text(_ part: ObjectReader.Found, event: String? = nil) -> String {
    // Only the first event of a watch says what the columns are.
    if columns.isEmpty || !part.columns.isEmpty {
      columns = part.columns.enumerated().compactMap { index, column in
        guard isWide || (column["priority"]?.int ?? 0) == 0 else { return nil }
        return (index, (column["name"]?.string ?? "").uppercased())
      }
    }
    let labels = command.labelColumns.flatMap { $0.split(separator: ",").map(String.init) }
    let showsNamespace = command.allNamespaces && part.resource.isNamespaced
    var lines: [[String]] = []
    if !hasTitles {
      hasTitles = true
      if !command.noHeaders {
        var titles = columns.map(\.title)
        if showsNamespace { titles.insert("NAMESPACE", at: 0) }
        if event != nil { titles.insert("EVENT", at: 0) }
        titles += labels.map { ($0.split(separator: "/").last.map(String.init) ?? $0).uppercased() }
        if command.showLabels { titles.append("LABELS") }
        lines.append(titles)
      }
    }
    for row in part.rows {
      let cells = row["cells"]?.array ?? []
      let metadata = row["object"]?["metadata"]
      var line = columns.map { $0.index < cells.count ? TableText.cell(cells[$0.index]) : "" }
      if namesKinds, !line.isEmpty { line[0] = part.resource.name(line[0]) }
      if showsNamespace { line.insert(Printable.line(metadata?["namespace"]?.string ?? ""), at: 0) }
      if let event { line.insert(event, at: 0) }
      line += labels.map { Printable.line(metadata?["labels"]?[$0]?.string ?? "<none>") }
      if command.showLabels {
        let all = (metadata?["labels"]?.object?.members ?? []).sorted { $0.name < $1.name }
        line.append(
          all.isEmpty ? "<none>" : Printable.line(all.map { "\($0.name)=\($0.value.goText)" }.joined(separator: ",")))
      }
      lines.append(line)
    }
    return table.lines(lines)
  }
}
