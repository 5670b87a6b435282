internal import Glibc
internal import KubeModel
internal import Threading

/// Writes dumps to files.
enum DumpFile {
  /// Writes on a thread of its own, and hands over what there is to say of it.
  static func write(_ dump: Dump, then: @escaping @Sendable (Result<String, StatusError>) -> Void) {
    do throws(ThreadError) {
      try startThread(name: "dump") { then(write(dump)) }
    } catch {
      then(.failure(.badRequest(error.description)))
    }
  }

  /// Makes a new file for this user alone; one that is there is never touched.
  static func write(_ dump: Dump) -> Result<String, StatusError> {
    let typed = dump.path.isEmpty ? dump.usualName : dump.path
    let path = Files.expanded(typed)
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      return errno == EEXIST
        ? .failure(.badRequest("\(typed) is there already: name another file"))
        : .failure(TerminalProgram.failure("cannot make \(typed)", errno))
    }
    defer { close(file) }
    if let code = Editor.write(Array(dump.text().utf8), to: file) {
      unlink(path)
      return .failure(TerminalProgram.failure("cannot write \(typed)", code))
    }
    let whole = realpath(path, nil)
    defer { free(whole) }
    return .success("\(dump.amount): written to \(whole.map { String(cString: $0) } ?? typed)")
  }
}
