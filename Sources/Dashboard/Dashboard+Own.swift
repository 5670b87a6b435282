internal import Cluster
internal import KubeModel
internal import Terminal

/// Hot keys and plugins: what the settings add.
extension Dashboard {
  /// Does what a line after `:` would do.
  mutating func run(_ hotKey: HotKey) -> [Command] {
    let line: String
    switch PluginText.filled(
      hotKey.command, hotKey.command.contains("$") ? variables : [:], names: PluginText.names(currentContexts),
      asProgram: false)
    {
    case .success(let text): line = text
    case .failure(let problem):
      complain("\(hotKey.name): \(problem.message)")
      return []
    }
    opensOnTop = hotKey.keepsHistory
    defer { opensOnTop = false }
    return perform(line)
  }

  /// Runs a plugin on the selected object; asks first if it is to.
  mutating func run(_ plugin: Plugin) -> [Command] {
    guard selectedItem != nil else {
      complain("\(plugin.name): nothing is selected")
      return []
    }
    let variables = variables
    guard plugin.inputs.isEmpty else { return ask(PluginQuestion(plugin: plugin, variables: variables)) }
    return run(plugin, with: variables)
  }

  mutating func run(_ plugin: Plugin, with variables: [String: String]) -> [Command] {
    switch plugin.commandLine(variables) {
    case .failure(let problem):
      complain("\(plugin.name): \(problem.message)")
      return []
    case .success(let line):
      guard plugin.asks else { return start(plugin, line) }
      overlay = .confirmation(
        Confirmation(
          title: "\(plugin.description)?",
          lines: [StyledText(line.map(Self.quoted).joined(separator: " "), .text, .bold)],
          yes: "run", no: "leave", deed: .run(plugin, line)))
      return []
    }
  }

  mutating func start(_ plugin: Plugin, _ line: [String]) -> [Command] {
    if plugin.isInBackground { say("Started '\(plugin.name)'") }
    return [
      command(.program(plugin.name, tellsOutput: plugin.tellsOutput)) {
        .runProgram($0, line, inBackground: plugin.isInBackground)
      }
    ]
  }

  mutating func finishProgram(_ id: CommandID, _ result: Result<ProgramEnd, StatusError>) {
    guard case .program(let name, let tellsOutput)? = pending.removeValue(forKey: id) else { return }
    switch result {
    case .failure(let error): complain("\(name): \(error.message)")
    case .success(let end):
      let last = end.output.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } } ?? ""
      if end.status != 0 {
        complain("'\(name)' ended with \(end.status)\(last.isEmpty ? "" : ": \(last)")")
      } else if tellsOutput, !last.isEmpty {
        say(String(last))
      } else {
        say("'\(name)' has ended")
      }
    }
  }

  /// A word as it would be typed into a shell, so that one sees where it begins and ends.
  private static func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "._:/@%+=,-".contains($0) }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }

  /// What the selected object gives to the variables of hot keys and plugins.
  private var variables: [String: String] {
    var values = options.environment
    values["FILTER"] = table?.filter.source ?? ""
    values["CONTEXT"] = info?.flavor.rawValue
    values["CLUSTER"] = info?.flavor.rawValue
    let kind = selectedItem?.kind ?? table?.definition.kind
    values["RESOURCE_NAME"] = kind?.plural
    values["RESOURCE_GROUP"] = kind?.group
    values["RESOURCE_VERSION"] = kind?.version
    guard let item = selectedItem else {
      values["NAMESPACE"] = shown.onlyNamespace
      return values
    }
    values["NAME"] = item.name
    values["UID"] = item.uid
    if !item.namespace.isEmpty { values["NAMESPACE"] = item.namespace }
    switch item {
    case let job as JobItem:
      values["JOB"] = job.name
      values["COL-SUSPEND"] = String(job.isSuspended)
    case let cronJob as CronJobItem: values["COL-SUSPEND"] = String(cronJob.isSuspended)
    case let node as NodeItem: values["NODE"] = node.name
    case let space as NamespaceItem: values["NAMESPACE"] = space.name
    case let pod as PodItem:
      fill(&values, from: pod)
      if pod.containers == 1 { values["CONTAINER"] = pod.pod.spec.containers.first?.name }
    case let row as ContainerItem:
      fill(&values, from: row.pod)
      values["NAME"] = row.container.name
      values["CONTAINER"] = row.container.name
    default: break
    }
    let view =
      table?.definition
      ?? Contexts(item).flatMap { here in
        TableView.all.first { Contexts($0.id) == here }
      }
    let context = context
    for column in view?.columns ?? [] { values["COL-\(column.title)"] = plain(column.cell(item, context)) }
    return values
  }

  private func fill(_ values: inout [String: String], from pod: PodItem) {
    values["POD"] = pod.name
    values["JOB"] = pod.owner.flatMap { store.job($0)?.name }
    if !pod.pod.spec.nodeName.isEmpty { values["NODE"] = pod.pod.spec.nodeName }
  }

  /// A cell's text without its signs and bars, which are words of nothing but symbols beyond ASCII.
  private func plain(_ cell: StyledText) -> String {
    cell.plain.split(separator: " ").filter { $0.contains { $0.isASCII || $0.isLetter || $0.isNumber } }
      .joined(separator: " ")
  }
}
