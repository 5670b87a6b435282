internal import Glibc
internal import KubeModel

/// Runs the user's editor on a text.
enum Editor {
  /// Opens `text` in `$VISUAL`, `$EDITOR` or vi and waits for it to end. Call it while the screen is given away.
  static func edit(_ text: String, fileExtension: String) -> Result<String, StatusError> {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let end = ".\(fileExtension)"
    var template = Array("\(directory)/jobdeck-XXXXXX\(end)".utf8CString)
    // Made for this user alone: manifests hold secrets.
    let descriptor = mkstemps(&template, Int32(end.utf8.count))
    guard descriptor >= 0 else { return failure("cannot make a file in \(directory)", errno) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    if let code = write(Array(text.utf8), to: descriptor) {
      close(descriptor)
      return failure("cannot write \(path)", code)
    }
    close(descriptor)
    switch TerminalProgram.run(["/bin/sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path]) {
    case .success(0): return read(path)
    case .success(127): return .failure(.badRequest("The editor was not found: set EDITOR to one that is there"))
    case .success(let status): return .failure(.badRequest("The editor ended with status \(status): nothing was done"))
    case .failure(let error): return .failure(error)
    }
  }

  private static func failure<Value>(_ what: String, _ code: Int32) -> Result<Value, StatusError> {
    .failure(TerminalProgram.failure(what, code))
  }

  /// Writes everything; the error's number if it cannot.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return errno }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  /// The text of a file of at most 16 MiB; `~/` is the user's home.
  static func read(_ path: String) -> Result<String, StatusError> {
    // A pipe is not waited for.
    let descriptor = open(Files.expanded(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return failure("cannot read \(path)", errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { return failure("cannot read \(path)", errno) }
      if count == 0 { break }
      bytes += buffer[..<count]
      if bytes.count > 16 << 20 { return .failure(.badRequest("The text is larger than 16 MiB")) }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return .failure(.badRequest("The text is not UTF-8"))
    }
    return .success(text)
  }
}
