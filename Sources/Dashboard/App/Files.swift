internal import Glibc
internal import KubeModel

/// The user's files, read on threads that may wait for them.
enum Files {
  /// A path as it was typed, with the user's home for `~/`.
  static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }

  /// A file's path from the root on, or from `~` on where it is in the user's home.
  static func place(of path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    let whole = String(cString: resolved)
    guard let home = getenv("HOME").map({ String(cString: $0) }), home.count > 1, whole.hasPrefix(home + "/") else {
      return whole
    }
    return "~" + whole.dropFirst(home.count)
  }

  /// What is in a directory: directories first, by name; at most 10,000 of them. An empty path is the working directory.
  static func list(_ path: String) -> Result<[DirectoryEntry], StatusError> {
    let place = path.isEmpty ? "." : expanded(path)
    guard let directory = opendir(place) else {
      return .failure(.badRequest("cannot read \(path): \(String(cString: strerror(errno)))"))
    }
    defer { closedir(directory) }
    var entries: [DirectoryEntry] = []
    while entries.count < 10_000, let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name != ".", name != ".." else { continue }
      var facts = stat()
      // A link counts as what it leads to; one that leads nowhere is left out.
      guard fstatat(dirfd(directory), name, &facts, 0) == 0 else { continue }
      entries.append(
        DirectoryEntry(name: name, isDirectory: facts.st_mode & S_IFMT == S_IFDIR, size: Int(facts.st_size)))
    }
    return .success(entries.sorted { ($0.isDirectory ? 0 : 1, $0.name) < ($1.isDirectory ? 0 : 1, $1.name) })
  }

  /// The objects of a manifest, or of all that are in a directory, as kubectl takes it; what is wrong with one is told
  /// with the line.
  static func manifest(_ path: String, namespace: String) -> Result<[KubeObject], StatusError> {
    var facts = stat()
    guard stat(expanded(path), &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
      return objects(in: path, namespace: namespace)
    }
    return list(path).flatMap { entries in
      let endings = [".yaml", ".yml", ".json"]
      var all: [KubeObject] = []
      for entry in entries where !entry.isDirectory && endings.contains(where: entry.name.hasSuffix) {
        switch objects(in: "\(path)/\(entry.name)", namespace: namespace) {
        case .success(let objects): all += objects
        case .failure(let error): return .failure(error)
        }
      }
      return .success(all)
    }
  }

  private static func objects(in path: String, namespace: String) -> Result<[KubeObject], StatusError> {
    switch Editor.read(path) {
    case .failure(let error): return .failure(error)
    case .success(let text):
      let name = path.split(separator: "/").last.map(String.init) ?? path
      do throws(StatusError) {
        return .success(try ObjectText.parse(text, namespace: namespace, file: name))
      } catch {
        return .failure(error)
      }
    }
  }
}
