internal import KubeModel
internal import Terminal

extension Dashboard {
  /// What `:` takes besides views, actions and names.
  struct PlainCommand: Sendable {
    /// The first one as it is completed.
    let names: [String]
    let help: String
    var changesThings = false

    var name: String { names[0] }
  }

  static let plainCommands = [
    PlainCommand(names: ["ns", "namespace", "namespaces"], help: "show namespaces: `ns web,data`, or `ns all`"),
    PlainCommand(names: ["create"], help: "make the objects of a file", changesThings: true),
    PlainCommand(
      names: ["apply"], help: "make the objects of a file, or change those that are there", changesThings: true),
    PlainCommand(names: ["files"], help: "choose a file with jobs", changesThings: true),
    PlainCommand(names: ["templates"], help: "choose what to begin a new job with", changesThings: true),
    PlainCommand(names: ["theme", "skin"], help: "other colours: `theme NAME`, or a file's path"),
    PlainCommand(names: ["dump"], help: "write the screen to a file: `dump FILE`, or a new one here"),
    PlainCommand(names: ["csv"], help: "write the table's rows to a file: `csv FILE`, or a new one here"),
    PlainCommand(names: ["save"], help: "write the whole log that is shown to a file: `save FILE`"),
    PlainCommand(names: ["help", "h"], help: "all keys and commands"),
    PlainCommand(names: ["messages"], help: "what was said so far"),
    PlainCommand(names: ["quit", "q", "q!", "exit"], help: "leave"),
  ]

  /// A line with its alias replaced by what it stands for, which may begin with another one.
  func expanded(_ line: String) -> String {
    var line = line
    var seen: Set<String> = []
    while let first = line.split(separator: " ").first, let meant = settings.aliases[first.lowercased()],
      seen.insert(first.lowercased()).inserted
    {
      line = meant + line[first.endIndex...]
    }
    return line
  }

  /// Carries out a line typed after `:`.
  mutating func perform(_ line: String) -> [Command] {
    let line = expanded(line)
    let words = line.split(separator: " ").map(String.init)
    guard let first = words.first?.lowercased() else { return [] }
    if ["ns", "namespace", "namespaces"].contains(first) {
      guard words.count > 1 else { return open(.namespaces) }
      show(namespaces: words.dropFirst())
      return []
    }
    if let view = view(named: first) {
      return open(view, words.dropFirst())
    }
    if let view = DrawnView.all.first(where: { $0.commands.contains(first) }) { return open(view) }
    switch first {
    case "create", "apply": return make(fromFile: Self.argument(of: line), changes: first == "apply")
    case "files": return openFiles(Self.argument(of: line))
    case "templates": return openTemplates()
    case "q", "quit", "q!", "exit": return askQuit()
    case "dump": return dumpScreen(Self.argument(of: line))
    case "csv": return dumpTable(Self.argument(of: line))
    case "save": return saveLog(Self.argument(of: line))
    case "theme", "skin": return chooseTheme(words.dropFirst())
    case "help", "h": return openHelp()
    case "messages": return openMessages()
    default: break
    }
    return perform(first, on: words.dropFirst())
  }

  /// What stands behind the command, blanks and all.
  private static func argument(of line: String) -> String {
    String(line.drop { $0 == " " }.drop { $0 != " " }.drop { $0 == " " })
  }

  /// Does an action to the object that is named, or to what is selected; a name alone goes to its object.
  private mutating func perform(_ command: String, on names: ArraySlice<String>) -> [Command] {
    updatePage()
    guard let action = settings.actions.first(where: { $0.name == command }) else {
      guard names.isEmpty, case .one(let item) = find(command, Self.namedKinds) else {
        if let meant = settings.foreignAliases[command] {
          complain("'\(command)' stands for '\(meant)', which there is no view of")
        } else {
          complain("No such command: '\(command)' (see :help)")
        }
        return []
      }
      return show(item)
    }
    guard isAllowed(action) else {
      complain("'\(action.name)' is not available here\(options.isReadOnly ? ": this is read-only" : "")")
      return []
    }
    var commands: [Command] = []
    if let name = names.first {
      guard names.count == 1 else {
        complain("'\(action.name)' goes to one name; mark rows to do it to several")
        return []
      }
      guard let item = named(name, kinds(of: action), mayGuess: !action.changesThings) else { return [] }
      commands = goTo(item)
      updatePage()
    }
    guard actions.contains(where: { $0.name == action.name }) else {
      complain("'\(action.name)' does not go with what is shown here (\(action.contexts.description))")
      return commands
    }
    return commands + runTyped(action)
  }

  /// As k9s has it, `:pods web /text` is a view, namespaces and a filter; `:pods web api-7x` goes to a pod of them.
  private mutating func open(_ view: TableView, _ words: ArraySlice<String>) -> [Command] {
    var arguments = words.prefix { !$0.hasPrefix("/") && !["-l", "-f"].contains($0.prefix(2)) }
    var rest = words.dropFirst(arguments.count).joined(separator: " ")
    // As k9s has it, what has an equals sign is a label.
    if rest.isEmpty, let labels = arguments.last, labels.contains("=") {
      arguments.removeLast()
      rest = "-l \(labels)"
    }
    let before = shown
    if let first = arguments.first, isNamespaces(first) {
      show(namespaces: [first])
      arguments.removeFirst()
    }
    guard arguments.count <= 1 else {
      shown = before
      complain("One name at a time: :\(view.commands[0]) NAMESPACE NAME")
      return []
    }
    var item: Item?
    if let name = arguments.first {
      item = named(name, [view.kind], mayGuess: true)
      guard item != nil else {
        shown = before
        return []
      }
    }
    let commands: [Command]
    if view.id == .containers, let pod = item as? PodItem {
      commands = open(.table(newTable(.containers, scope: .pod(uid: pod.uid, name: pod.name))), isHome: false)
    } else {
      commands = open(view.id)
    }
    if let item, view.id != .containers {
      reveal(item)
      withTable { page in
        if !page.filter.matches(item) { page.setFilter(.none) }
        page.select(id: item.id)
      }
    }
    guard !rest.isEmpty else { return commands }
    do throws(FilterError) {
      let filter = try Filter(rest.hasPrefix("/") ? String(rest.dropFirst()) : rest)
      withTable { $0.setFilter(filter) }
    } catch {
      complain(error.message)
    }
    return commands
  }

  /// Whether a line opens a view.
  func opensView(_ line: String) -> Bool {
    guard let first = expanded(line).split(separator: " ").first?.lowercased() else { return false }
    return view(named: first) != nil || DrawnView.all.contains { $0.commands.contains(first) }
  }

  /// The view of that name, or the only one whose name begins so.
  func view(named name: String) -> TableView? {
    if let view = TableView.all.first(where: { $0.commands.contains(name) }) { return view }
    let views = TableView.all.filter { $0.commands.first?.hasPrefix(name) == true }
    guard views.count == 1, !settings.actions.contains(where: { $0.name == name }), !["q", "h", "exit"].contains(name)
    else {
      return nil
    }
    return views[0]
  }

  /// Shows namespaces, as named with commas or blanks between them.
  mutating func show(namespaces words: ArraySlice<String>) {
    let wanted = Shown(words.joined(separator: ","))
    let known = store.namespaces
    if store.isLoaded, let missing = wanted.namespaces.first(where: { !known.contains($0) }) {
      complain("There is no namespace '\(missing)'")
      return
    }
    shown.show(namespaces: wanted.namespaces)
    if wanted.isAllNamespaces { say("All namespaces") }
  }

  mutating func toggleCompleted() -> [Command] {
    shown.hidesCompleted.toggle()
    say(shown.hidesCompleted ? "What has completed is hidden" : "What has completed is shown")
    return []
  }
}
