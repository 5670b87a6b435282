import Glibc

/// The files that `-f` names, read whole.
enum InputFiles {
  struct File {
    /// As messages name it: the path, or `-`.
    var name: String
    var bytes: [UInt8]
  }

  /// Why a file cannot be read, in one line that begins with its name.
  struct Failure: Error {
    var description: String
  }

  /// A manifest larger than this is a mistake, or an attack.
  static let largest = 64 << 20

  /// Reads a file, every manifest in a directory (sorted by name), or standard input for `-`.
  static func read(_ path: String) throws(Failure) -> [File] {
    if path == "-" { return [File(name: "-", bytes: try contents(of: STDIN_FILENO, name: "-"))] }
    guard !path.isEmpty else { throw Failure(description: "-f needs the name of a file, a directory or -") }
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [try file(path)] }
    var files: [File] = []
    for name in try manifests(in: path) {
      files.append(try file(path.hasSuffix("/") ? path + name : "\(path)/\(name)"))
    }
    guard !files.isEmpty else { throw Failure(description: "\(path): no .yaml, .yml or .json file in it") }
    return files
  }

  private static func manifests(in folder: String) throws(Failure) -> [String] {
    guard let directory = opendir(folder) else { throw failure(folder) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let isManifest = [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
      if isManifest, !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func file(_ path: String) throws(Failure) -> File {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    return File(name: path, bytes: try contents(of: descriptor, name: path))
  }

  private static func contents(of descriptor: Int32, name: String) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(name)
      }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= largest else { throw Failure(description: "\(name): larger than \(largest >> 20) MiB") }
    }
  }

  private static func failure(_ name: String) -> Failure {
    Failure(description: "\(name): \(String(cString: strerror(errno)))")
  }
}
