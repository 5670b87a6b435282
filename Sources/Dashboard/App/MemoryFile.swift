internal import Glibc
internal import Threading

/// The file that a ``Memory`` is kept in. It is replaced as a whole, so that it is never half written; of two programs
/// at the same time the last one to write is remembered.
public final class MemoryFile: Sendable {
  private let folder: String
  private let next = Locked<Memory?>(nil)
  /// Held while the file is written.
  private let writing = Locked(())

  private var path: String { "\(folder)/session" }

  /// `folder` is made when it is needed.
  public init(folder: String) { self.folder = folder }

  /// What was remembered; nothing where the file is not there or is no text.
  public func read() -> Memory {
    guard case .success(let text) = Editor.read(path) else { return Memory() }
    return Memory(text)
  }

  /// Writes it soon, on a thread of its own; what was to be written before and was not yet is left out.
  func keep(_ memory: Memory) {
    next.withLock { $0 = memory }
    // Without a thread it is written when the next one is, or at the end.
    try? startThread(name: "memory") { [self] in flush() }
  }

  /// Writes what is still to be written. Blocks.
  func flush() {
    writing.withLock { _ in
      let memory = next.withLock { memory in
        defer { memory = nil }
        return memory
      }
      if let memory { write(memory) }
    }
  }

  /// What cannot be written is forgotten, which is no reason to disturb anybody.
  private func write(_ memory: Memory) {
    var parent = ""
    for part in folder.split(separator: "/") {
      parent += "/\(part)"
      mkdir(parent, 0o700)
    }
    let made = "\(path).\(getpid())"
    // One of a program of the same number that was killed while it wrote.
    unlink(made)
    let file = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    let code = Editor.write(Array(memory.text.utf8), to: file)
    close(file)
    if code != nil || rename(made, path) != 0 { unlink(made) }
  }
}
