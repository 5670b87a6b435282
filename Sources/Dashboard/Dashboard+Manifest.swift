internal import KubeModel
internal import Terminal

/// Making and changing objects from files.
extension Dashboard {
  /// `:create PATH` and `:apply PATH`; without a file, or with a directory, one can be chosen.
  mutating func make(fromFile path: String, changes: Bool) -> [Command] {
    guard !options.isReadOnly else {
      complain("'\(changes ? "apply" : "create")' is not available here: this is read-only")
      return []
    }
    guard !path.isEmpty, !path.hasSuffix("/") else { return openFiles(path) }
    return read(path, .manifest(path: path, changes: changes, asks: false))
  }

  /// Has a file's objects read.
  mutating func read(_ path: String, _ purpose: Pending) -> [Command] {
    let namespace = newNamespace
    return [command(purpose) { .readManifest($0, path: path, namespace: namespace) }]
  }

  mutating func finishManifest(_ id: CommandID, _ result: Result<[KubeObject], StatusError>) -> [Command] {
    switch (pending.removeValue(forKey: id), result) {
    case (.preview(let path)?, _):
      let text = result.map { FilesPage.summary(of: $0) }
      withFiles { $0.take(preview: text, of: path) }
      return followFiles()
    case (.manifest?, .failure(let error)): complain(error.message)
    case (.manifest(let path, _, _)?, .success([])): complain("There is nothing in \(path)")
    case (.manifest(let path, let changes, asks: true)?, .success(let objects)):
      askMake(objects, from: path, changes: changes)
    case (.manifest(_, let changes, asks: false)?, .success(let objects)): return make(objects, changes: changes)
    default: break
    }
    return []
  }

  private mutating func askMake(_ objects: [KubeObject], from path: String, changes: Bool) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var lines: [StyledText] = objects.map { object in
      StyledText([
        Span("• "), Span(object.metadata.name, .text, .bold),
        Span("  \(TableView.noun(of: object.kind))", .muted),
        Span(object.kind.isNamespaced ? "  \(object.metadata.namespace)" : "", .muted),
      ])
    }
    if changes { lines += ["", StyledText("What is there already is changed to what the file says.", .muted)] }
    overlay = .confirmation(
      Confirmation(
        title: "\(changes ? "Apply" : "Create") \(Format.plural(objects.count, "object")) of \(name)?", lines: lines,
        yes: changes ? "apply" : "create", no: "leave", deed: .make(objects, changes: changes)))
  }

  /// Makes objects, those first that others need; with `changes` an object that is there becomes what its document
  /// says, and fields that it does not mention stay as they are.
  mutating func make(_ objects: [KubeObject], changes: Bool) -> [Command] {
    let objects = withNamespaces(objects).enumerated()
      .sorted { ($0.element.kind.makingRank, $0.offset) < ($1.element.kind.makingRank, $1.offset) }.map(\.element)
    let kinds = Set(objects.map(\.kind))
    var batch = Batch(
      verb: "Created", noun: kinds.count == 1 ? TableView.noun(of: objects[0].kind) : "object",
      names: objects.map(\.metadata.name),
      waiting: objects.reversed().map { object in { .create($0, object, dryRun: false) } })
    // One after the other where one may need another.
    if kinds.count > 1 { batch.atOnce = 1 }
    guard changes else { return start(batch) }
    for (step, object) in objects.enumerated() {
      var document = object.jsonValue
      if case .object(var members) = document {
        members["status"] = nil
        document = .object(members)
      }
      batch.ifPresent[step] = { [document] in .patch($0, object.key, document) }
    }
    return start(batch)
  }

  /// With the namespaces that are not there yet: a cluster on this machine has no other way to come by them.
  private func withNamespaces(_ objects: [KubeObject]) -> [KubeObject] {
    guard isLocal, store.isLoaded else { return objects }
    var known = Set(store.namespaces)
    for object in objects where object.kind == .namespace { known.insert(object.metadata.name) }
    let missing = objects.filter { $0.kind.isNamespaced && known.insert($0.metadata.namespace).inserted }
    return missing.map { object in
      var namespace = Namespace()
      namespace.metadata.name = object.metadata.namespace
      return .namespace(namespace)
    } + objects
  }
}
