import Glibc

/// A program in a terminal of its own, which nobody sees: what it writes is counted.
final class Pseudoterminal {
  let process: pid_t
  private let master: Int32
  /// All that it has written.
  private(set) var bytesWritten = 0
  /// When the first and the latest of it arrived.
  private(set) var firstByte: ContinuousClock.Instant?
  private(set) var latestByte: ContinuousClock.Instant?
  private(set) var text = ""

  init(_ program: String, _ arguments: [String], columns: UInt16 = 120, rows: UInt16 = 40) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var locked: Int32 = 0
    var number: Int32 = 0
    // TIOCSPTLCK and TIOCGPTN: what unlockpt(3) and ptsname(3) are made of, which Glibc's module does not show.
    guard master >= 0, ioctl(master, 0x4004_5431, &locked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
      throw Failure("no pseudoterminal: \(String(cString: strerror(errno)))")
    }
    let name = "/dev/pts/\(number)"
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Opened by the leader of a new session, it becomes the controlling terminal.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(0x80))  // POSIX_SPAWN_SETSID

    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    let environment: [String] = ["TERM=xterm-256color", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/tmp"]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var id = pid_t()
    let error = posix_spawn(&id, program, &actions, &attributes, &words, &variables)
    guard error == 0 else { throw Failure("\(program): \(String(cString: strerror(error)))") }
    process = id
  }

  /// Reads what the program writes until `end`, or until `isEnough`.
  func read(until end: ContinuousClock.Instant, _ isEnough: () -> Bool = { false }) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !isEnough() {
      let left = end - ContinuousClock.now
      guard left > .zero else { return }
      var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      let milliseconds = Int32(left / .milliseconds(1)) + 1
      guard poll(&descriptor, 1, min(milliseconds, 10)) > 0 else { continue }
      let count = Glibc.read(master, &buffer, buffer.count)
      guard count > 0 else { return }
      let now = ContinuousClock.now
      firstByte = firstByte ?? now
      latestByte = now
      bytesWritten += count
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  /// What it wrote up to now is not looked at any more.
  func forgetText() { text = "" }

  func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(master, bytes, bytes.count)
  }

  /// Nanoseconds on a processor, of all threads so far.
  var processorTime: Int64 {
    var total: Int64 = 0
    for task in Files.names(in: "/proc/\(process)/task") {
      let line = Files.text("/proc/\(process)/task/\(task)/schedstat")
      total += line.split(separator: " ").first.flatMap { Int64($0) } ?? 0
    }
    return total
  }

  /// Resident bytes.
  var residentMemory: Int { Files.residentMemory(of: "\(process)") }

  func end() {
    kill(process, SIGTERM)
    // What it still writes has to go somewhere, or it would wait for ever.
    let end = ContinuousClock.now + .seconds(10)
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      if ContinuousClock.now > end { kill(process, SIGKILL) }
      read(until: .now + .milliseconds(5))
    }
    close(master)
  }
}

struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

enum Files {
  /// Bytes that a process, or `self`, has in memory.
  static func residentMemory(of process: String) -> Int {
    for line in text("/proc/\(process)/status").split(separator: "\n") where line.hasPrefix("VmRSS:") {
      return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
    return 0
  }

  static func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// A new folder for one measurement.
  static func temporaryFolder() throws -> String {
    var template = Array("/tmp/jobdeck-benchmark.XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else { throw Failure("no temporary folder") }
    return String(cString: path)
  }

  static func remove(_ folder: String) { _ = run(["/bin/rm", "-rf", folder]) }

  /// Runs a program to its end and returns its exit status.
  static func run(_ command: [String]) -> Int32 {
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for pointer in words { free(pointer) } }
    var id = pid_t()
    guard posix_spawnp(&id, command[0], nil, nil, &words, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    return (status >> 8) & 0xFF
  }
}
