internal import KubeModel
internal import Terminal

/// Choosing a file or a template to begin with.
extension Dashboard {
  mutating func openFiles(_ path: String) -> [Command] {
    guard mayMake("files") else { return [] }
    // Whoever names a file has chosen.
    if DirectoryEntry(name: path, isDirectory: false).isManifest {
      return read(path, .manifest(path: path, changes: false, asks: true))
    }
    let isDirectory = path.isEmpty || path.hasSuffix("/")
    push(.drawn(FilesPage(directory: isDirectory ? path : path + "/")))
    return followFiles()
  }

  mutating func openTemplates() -> [Command] {
    guard mayMake("templates") else { return [] }
    push(.drawn(FilesPage(templates: Template.all, directory: options.templates)))
    return followFiles()
  }

  private mutating func mayMake(_ command: String) -> Bool {
    if options.isReadOnly { complain("'\(command)' is not available here: this is read-only") }
    return !options.isReadOnly
  }

  mutating func withFiles(_ body: (inout FilesPage) -> Void) {
    withDrawn { page in
      guard var files = page as? FilesPage else { return }
      body(&files)
      page = files
    }
  }

  private var files: FilesPage? {
    if case .drawn(let page) = pages.last { page as? FilesPage } else { nil }
  }

  /// Asks for what the page of files does not know yet: the directory, or what is in the file under the cursor. One
  /// thing at a time, however fast the cursor moves.
  mutating func followFiles() -> [Command] {
    guard let want = files?.want else { return [] }
    withFiles { $0.asked = want }
    switch want {
    case .directory(let path): return [command(.directory(path)) { .listDirectory($0, path) }]
    case .preview(let path): return read(path, .preview(path: path))
    }
  }

  /// Enter: into a directory; a template opens in the editor, and of a file everything is made.
  mutating func chooseFile(changes: Bool = false) -> [Command] {
    switch files?.selectedRow {
    case .template(let template): return editCopy(of: template.text(newNamespace))
    case .parent: withFiles { $0.goUp() }
    case .entry(let entry) where entry.isDirectory: withFiles { $0.enter(entry.name) }
    case .entry:
      guard let path = files?.selectedPath else { return [] }
      return read(path, .manifest(path: path, changes: changes, asks: true))
    case nil: break
    }
    return []
  }

  mutating func parentDirectory() -> [Command] {
    withFiles { $0.goUp() }
    return []
  }

  /// Opens a copy of the file or template in the editor, which is made when it was changed.
  mutating func editFile() -> [Command] {
    switch files?.selectedRow {
    case .template: return chooseFile()
    case .entry(let entry) where !entry.isDirectory:
      guard let path = files?.selectedPath else { return [] }
      return [command(.template) { .readFile($0, path) }]
    default: return []
    }
  }

  mutating func editCopy(of text: String) -> [Command] {
    let text = Template.head + ObjectText.withoutHead(text)
    return [command(.editNew(text: text)) { .edit($0, text: text, fileExtension: "yaml") }]
  }
}
