import Glibc
import KubeModel

/// The last message of a container (kubelet: getTerminationMessage).
enum TerminationMessage {
  /// What the program wrote to its message file: the end of it.
  static let fileLimit = 4096
  /// What is taken of the log instead.
  static let logLimit = 2048
  static let logLines = 80

  static func read(file: String?, log: LogLocation?) -> String {
    let written = file.map { tail($0, fileLimit).bytes } ?? []
    if !written.isEmpty { return text(written) }
    return log.map { text(lastLines($0)) } ?? ""
  }

  private static func lastLines(_ log: LogLocation) -> [UInt8] {
    // Records have a header each, and one is never longer than this.
    let (bytes, isWhole) = tail(log.path, logLimit + (logLines + 1) * LogFormat.headerBytes + LogFormat.longestPiece)
    var records = bytes.split(separator: 0x0A)[...]
    if !isWhole { records = records.dropFirst() }
    var result: [UInt8] = []
    for record in records.suffix(logLines) {
      let line = record.withUnsafeBytes { LogFormat.parse($0) }
      guard let line, line.stream != .note else { continue }
      result += line.bytes
      if !line.isPartial { result.append(0x0A) }
    }
    return Array(result.suffix(logLimit))
  }

  /// The last bytes of a file, and whether they are all of it. Nothing but a file is read.
  private static func tail(_ path: String, _ limit: Int) -> (bytes: [UInt8], isWhole: Bool) {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return ([], true) }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return ([], true) }
    let size = Int(info.st_size)
    let count = min(size, limit)
    guard count > 0 else { return ([], true) }
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(file, buffer.baseAddress, count, size - count))
    }
    return (bytes, count == size)
  }

  /// As text: what was cut in the middle of a character begins with the next one, what is no UTF-8 is replaced.
  private static func text(_ bytes: [UInt8]) -> String {
    let start = bytes.prefix(3).firstIndex { $0 & 0xC0 != 0x80 } ?? 0
    return String(decoding: bytes[start...], as: UTF8.self)
  }
}
