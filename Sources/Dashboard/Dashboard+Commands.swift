internal import KubeModel
internal import Terminal

extension Dashboard {
  /// What the command line could go on with, best first.
  func completions(for text: String) -> [String] {
    let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = words.first.map(String.init) else { return [] }
    if words.count == 1 {
      let names = commandNames
      return names.filter { $0.hasPrefix(first) && (first != "" || !$0.isEmpty) }
    }
    guard first == "ns" || TableView.all.contains(where: { $0.commands.contains(first) }) else { return [] }
    let rest = String(words[1])
    return (["all"] + store.namespaces).filter { $0.hasPrefix(rest) }.map { "\(first) \($0)" }
  }

  /// Views first, then what can be done here.
  private var commandNames: [String] {
    var names = TableView.all.compactMap(\.commands.first) + ["ns", "help", "messages", "quit"]
    for action in actions where action.group != .move && action.name != "command" && !names.contains(action.name) {
      names.append(action.name)
    }
    return names
  }

  /// Carries out a line typed after `:`.
  mutating func perform(_ line: String) -> [Command] {
    let words = line.split(separator: " ").map(String.init)
    guard let first = words.first?.lowercased() else { return [] }
    if first == "ns" || first == "namespace" || first == "namespaces" {
      if words.count > 1 {
        setNamespace(words[1] == "all" ? nil : words[1])
        return []
      }
      return open(.namespaces)
    }
    if let view = view(named: first) {
      // As k9s has it: `:pods web /text` is a view, a namespace and a filter.
      let arguments = words.dropFirst().prefix { !$0.hasPrefix("/") }
      if let name = arguments.first { setNamespace(name == "all" ? nil : name) }
      let commands = open(view.id)
      let rest = words.dropFirst(1 + arguments.count).joined(separator: " ")
      if rest.hasPrefix("/") {
        do throws(FilterError) {
          let filter = try Filter(String(rest.dropFirst()))
          withTable { $0.setFilter(filter) }
        } catch {
          complain(error.message)
        }
      }
      return commands
    }
    switch first {
    case "q", "quit", "q!", "exit": return askQuit()
    case "help", "h": return openHelp()
    case "messages": return openMessages()
    default: break
    }
    updateTable()
    if let action = actions.first(where: { $0.name == first }) { return action.run(&self) }
    if let action = Action.all.first(where: { $0.name == first }) {
      complain(
        isAllowed(action)
          ? "'\(action.name)' does not go with what is shown here (\(action.contexts.description))"
          : "'\(action.name)' is not available here\(options.isReadOnly ? ": this is read-only" : "")")
    } else {
      complain("No such command: '\(first)' (see :help)")
    }
    return []
  }

  /// The view of that name, or the only one whose name begins so.
  private func view(named name: String) -> TableView? {
    if let view = TableView.all.first(where: { $0.commands.contains(name) }) { return view }
    let views = TableView.all.filter { $0.commands.first?.hasPrefix(name) == true }
    guard views.count == 1, !Action.all.contains(where: { $0.name == name }), !["q", "h", "exit"].contains(name) else {
      return nil
    }
    return views[0]
  }

  mutating func setNamespace(_ name: String?) {
    if let name, store.isLoaded, !store.namespaces.contains(name) {
      complain("There is no namespace '\(name)'")
      return
    }
    namespace = name
    if name == nil { say("All namespaces") }
  }
}
