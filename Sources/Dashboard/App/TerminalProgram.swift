internal import Glibc
internal import KubeModel
internal import Terminal
internal import Threading

/// Runs programs of the user's: the editor and plugins. What they are given is words, which no shell reads.
enum TerminalProgram {
  /// Runs a program on the terminal and returns its exit status, 128 + n after signal n. Blocks.
  static func run(_ arguments: [String]) -> Result<Int32, StatusError> {
    spawn(arguments).flatMap(wait)
  }

  /// As ``run(_:)``; what a program that fails has written stays until it has been read.
  static func runAndShow(_ arguments: [String]) -> Result<ProgramEnd, StatusError> {
    let result = run(arguments)
    if case .success(let status) = result, status != 0 {
      write("\n'\(arguments[0])' ended with \(status). Enter goes back to jobdeck. ")
      var byte: UInt8 = 0
      while read(STDIN_FILENO, &byte, 1) == 1, byte != 0x0A {}
    }
    return result.map { ProgramEnd(status: $0) }
  }

  /// Runs a program beside the dashboard, on a thread that waits for it, and hands over the end of its output.
  ///
  /// It goes on when jobdeck ends: its output goes to a file, which nobody has to read.
  static func runInBackground(
    _ arguments: [String], then: @escaping @Sendable (Result<ProgramEnd, StatusError>) -> Void
  ) {
    do throws(ThreadError) {
      try startThread(name: "plugin") {
        let output = outputFile()
        guard output >= 0 else { return then(.failure(failure("cannot keep its output", errno))) }
        defer { close(output) }
        then(
          spawn(arguments, output: output).flatMap(wait).map { ProgramEnd(status: $0, output: end(of: output)) })
      }
    } catch {
      then(.failure(.badRequest(error.description)))
    }
  }

  /// A file without a name.
  private static func outputFile() -> Int32 {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let path = "\(directory)/jobdeck-\(getpid())-\(UInt64.random(in: 0...(.max)))"
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if file >= 0 { unlink(path) }
    return file
  }

  /// The last 4 KiB of a file.
  private static func end(of file: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let size = lseek(file, 0, SEEK_END)
    let count = pread(file, &buffer, buffer.count, max(0, size - buffer.count))
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }

  private static func spawn(_ arguments: [String], output: Int32? = nil) -> Result<pid_t, StatusError> {
    ChildProcess.start(arguments, output: output).mapError { failure("cannot run \(arguments[0])", $0.code) }
  }

  private static func wait(_ child: pid_t) -> Result<Int32, StatusError> {
    ChildProcess.wait(child).mapError { failure("the program was lost", $0.code) }
  }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  static func failure(_ what: String, _ code: Int32) -> StatusError {
    .badRequest("\(what): \(String(cString: strerror(code)))")
  }
}
