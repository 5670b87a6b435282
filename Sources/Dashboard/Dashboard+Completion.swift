internal import KubeModel
internal import Terminal

extension Dashboard {
  /// No list is longer: more letters find what is not in it.
  private static let completionLimit = 50
  /// Names that are looked at before a search for those of the namespaces shown is given up.
  private static let searchLimit = 2_000

  /// What the command line could go on with, best first.
  mutating func completions(for line: String) -> [Completion] {
    guard let blank = line.firstIndex(of: " ") else { return commandCompletions(line) }
    let command = meaning(of: line[..<blank].lowercased())
    let head = String(line[...blank])
    let rest = line[blank...].drop { $0 == " " }
    if Self.readingCommands.contains(command) || Self.writingCommands.contains(command) {
      return pathCompletions(head, String(rest), directoriesOnly: Self.writingCommands.contains(command))
    }
    let words = rest.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard let last = words.last, !last.hasPrefix("/") else { return [] }
    let before = head + words.dropLast().map { $0 + " " }.joined()
    if ["ns", "namespace", "namespaces"].contains(command) { return namespaceCompletions(before, last) }
    if ["theme", "skin"].contains(command) { return words.count == 1 ? themeCompletions(before, last) : [] }
    if let view = view(named: command) {
      guard words.count <= 2 else { return [] }
      let spaces = words.count == 1 ? namespaceCompletions(before, last) : []
      let shown = words.count == 1 ? shown : Shown(words[0])
      return spaces + nameCompletions(before, last, [view.kind], shown)
    }
    guard words.count == 1, let action = settings.actions.first(where: { $0.name == command }), isAllowed(action) else {
      return []
    }
    return nameCompletions(before, last, kinds(of: action), shown)
  }

  // MARK: The first word

  private mutating func commandCompletions(_ typed: String) -> [Completion] {
    let commands = commandList
    let found = commands.filter { $0.text.hasPrefix(typed) }
    // Two letters in, names of what may be looked for join the commands; those of pods are made up and so many.
    let names = typed.utf8.count < 2 ? [] : nameCompletions("", typed, [.job, .cronJob, .node], shown)
    if !found.isEmpty || !names.isEmpty { return found + names }
    // Where nothing begins so, what has these letters in this order: `cj` → `cronjobs`.
    let letters = Filter.folded(typed)
    return commands.filter { Filter.hasLetters($0.text, letters) }
  }

  /// The command that a first word stands for, which may be an alias.
  private func meaning(of word: String) -> String {
    let words = expanded(word).split(separator: " ")
    // An alias that has arguments of its own goes on with something else.
    return words.count == 1 ? words[0].lowercased() : word
  }

  /// Views first, then what can be done here.
  private var commandList: [Completion] {
    func view(_ commands: [String]) -> Completion? { commands.first.map { Completion($0, StyledText("view", .muted)) } }
    var list = TableView.all.compactMap { view($0.commands) } + DrawnView.all.compactMap { view($0.commands) }
    list += Self.plainCommands.filter { !($0.changesThings && options.isReadOnly) }.map {
      Completion($0.name, StyledText($0.help, .muted))
    }
    list += settings.aliases.sorted { $0.key < $1.key }.map { Completion($0.key, StyledText(":\($0.value)", .muted)) }
    var known = Set(list.map(\.text))
    for action in actions where action.group != .move && action.name != "command" {
      guard known.insert(action.name).inserted else { continue }
      list.append(
        Completion(
          action.name, StyledText([Span(TextWidth.fit(action.keyText, to: 8), .key), Span(action.help, .muted)])))
    }
    return list
  }

  // MARK: Namespaces and names

  /// Namespaces, the last one of those with commas between them.
  private func namespaceCompletions(_ before: String, _ typed: String) -> [Completion] {
    let comma = typed.lastIndex(of: ",")
    let done = comma.map { String(typed[...$0]) } ?? ""
    let last = typed[(comma.map { typed.index(after: $0) } ?? typed.startIndex)...]
    let taken = done.split(separator: ",").map(String.init)
    let names = ((done.isEmpty ? ["all"] : []) + store.namespaces).filter { $0.hasPrefix(last) && !taken.contains($0) }
    return names.prefix(Self.completionLimit).map { name in
      let counts = store.counts(in: name)
      let jobs = name == "all" ? store.totals.jobs : counts.jobs
      return Completion(
        before + done + name, label: name,
        StyledText("\(name == "all" ? "every namespace" : "namespace"), \(Format.plural(jobs, "job"))", .muted))
    }
  }

  /// The kinds of objects that an action goes to by name; none where it goes to no single object.
  func kinds(of action: Action) -> [Kind] {
    guard action.takesName else { return [] }
    let here = table?.definition.kind
    let contexts = settings.contexts(of: action.name)
    let kinds = Self.namedKinds.filter { kind in
      TableView.all.contains { $0.kind == kind && contexts.contains(Contexts($0.id)) }
    }
    return kinds.filter { $0 == here } + kinds.filter { $0 != here }
  }

  private mutating func nameCompletions(_ before: String, _ typed: String, _ kinds: [Kind], _ shown: Shown)
    -> [Completion]
  {
    let slash = typed.firstIndex(of: "/")
    let space = slash.map { String(typed[..<$0]) }
    let prefix = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
    var list: [Completion] = []
    for kind in kinds {
      var last: String?
      for entry in store.names(of: kind, withPrefix: prefix).prefix(Self.searchLimit) {
        guard list.count < Self.completionLimit else { return list }
        guard space.map({ $0 == entry.namespace }) ?? (!kind.isNamespaced || shown.includes(namespace: entry.namespace))
        else { continue }
        // Namesakes are told apart by their namespaces.
        let isNamesake = space == nil && entry.name == last
        last = entry.name
        guard let item = store[kind, entry.id] else { continue }
        let name = space != nil || isNamesake ? "\(entry.namespace)/\(entry.name)" : entry.name
        list.append(Completion(before + name, label: name, detail(of: item)))
      }
    }
    return list
  }

  private func detail(of item: Item) -> StyledText {
    var detail = StyledText([Span(TextWidth.fit(TableView.noun(of: item.kind), to: 9), .muted)])
    switch item {
    case let job as JobItem: detail.spans += StyledText(TableView.jobStatus(job, context)).spans
    case let pod as PodItem: detail.spans += StyledText(pod.status).spans
    default: break
    }
    if shown.onlyNamespace == nil, item.kind.isNamespaced { detail.spans.append(Span("  \(item.namespace)", .muted)) }
    return detail
  }

  // MARK: Files

  /// Commands that read a manifest, and those that write a new file.
  private static let readingCommands = ["create", "apply", "files"]
  private static let writingCommands = ["save", "dump", "csv"]

  /// What is in the directory that is typed, as far as it has been read.
  private func pathCompletions(_ before: String, _ typed: String, directoriesOnly: Bool) -> [Completion] {
    guard let listing = prompt?.listing, listing.path == Self.directory(of: typed) else { return [] }
    let typedName = typed.dropFirst(listing.path.count)
    let entries = listing.entries.filter { entry in
      entry.name.hasPrefix(typedName) && (entry.isDirectory || entry.isManifest && !directoriesOnly)
        && (typedName.hasPrefix(".") || !entry.name.hasPrefix("."))
    }
    return entries.prefix(Self.completionLimit).map { entry in
      let name = entry.name + (entry.isDirectory ? "/" : "")
      return Completion(
        before + listing.path + name, label: name,
        StyledText(entry.isDirectory ? "directory" : Format.bytes(entry.size) + "B", .muted))
    }
  }

  /// `a/b/` of `a/b/c`; empty for the directory that the program runs in.
  static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// Directories that a log may be written to.
  func saveCompletions(_ typed: String) -> [Completion] { pathCompletions("", typed, directoriesOnly: true) }

  /// The path that is being typed.
  private var typedPath: String? {
    guard let prompt else { return nil }
    if prompt.purpose == .save { return prompt.editor.text }
    guard prompt.purpose == .command, let blank = prompt.editor.text.firstIndex(of: " "),
      case let name = meaning(of: prompt.editor.text[..<blank].lowercased()),
      Self.writingCommands.contains(name) || Self.readingCommands.contains(name) && !options.isReadOnly
    else { return nil }
    return String(prompt.editor.text[blank...].drop { $0 == " " })
  }

  /// Asks for the directory that is being typed, unless it is known.
  mutating func readTypedDirectory() -> [Command] {
    guard let prompt, let typed = typedPath else { return [] }
    let path = Self.directory(of: typed)
    guard prompt.listing?.path != path, prompt.wantedDirectory != path else { return [] }
    self.prompt?.wantedDirectory = path
    return [command(.directory(path)) { .listDirectory($0, path) }]
  }

  mutating func finishDirectory(_ id: CommandID, _ result: Result<[DirectoryEntry], StatusError>) -> [Command] {
    guard case .directory(let path)? = pending.removeValue(forKey: id) else { return [] }
    withFiles { $0.take(result, of: path) }
    guard prompt?.wantedDirectory == path else { return followFiles() }
    prompt?.wantedDirectory = nil
    // Where it cannot be read it is known to hold nothing, so that it is not asked for again with every letter.
    prompt?.listing = Prompt.Listing(path: path, entries: (try? result.get()) ?? [])
    if case .failure(let error) = result { prompt?.error = error.message }
    guard let text = prompt?.editor.text, prompt?.chosen == nil else { return [] }
    let found = prompt?.purpose == .save ? saveCompletions(text) : completions(for: text)
    prompt?.offer(found)
    return []
  }
}
