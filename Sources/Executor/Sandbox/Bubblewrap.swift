import CLinux
import Glibc

/// Whether bubblewrap can give containers a mount namespace here.
enum Bubblewrap: Hashable, Sendable {
  case usable(path: String)
  /// Why not, and what to do about it, in one line.
  case unusable(String)

  /// Looks for `bwrap` in a list of directories and has it make a namespace. Blocks for some milliseconds.
  static func check(searchPath: String) -> Bubblewrap {
    if let path = SearchPath.find("bwrap", in: searchPath) { return tryOut(path) }
    return .unusable(
      "volumes appear at their mountPath by bubblewrap, which is not installed: "
        + "apt install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora)")
  }

  private static func tryOut(_ path: String) -> Bubblewrap {
    var pipe: (Int32, Int32) = (-1, -1)
    let code = makePipe(&pipe)
    guard code >= 0 else { return .unusable("cannot try bubblewrap: \(describe(errno: -code))") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, pipe.1, 2)
    jobdeck_spawn_close_from(&actions, 3)
    // Nothing but itself is sure to be there to be run.
    let arguments = [path, "--dev-bind", "/", "/", "--tmpfs", "/tmp", "--die-with-parent", "--", path, "--version"]
    var table = arguments.map { strdup($0) } + [nil]
    defer { for text in table { free(text) } }
    var pid: pid_t = 0
    let spawned = posix_spawn(&pid, path, &actions, nil, &table, nil)
    close(pipe.1)
    defer { close(pipe.0) }
    guard spawned == 0 else { return .unusable("bubblewrap cannot be run: \(describe(errno: spawned))") }

    let text = readAll(pipe.0, milliseconds: 10_000)
    if text == nil { kill(pid, SIGKILL) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    if status == 0, text != nil { return .usable(path: path) }
    let words = (text ?? "it does not end").split(separator: "\n").first.map { String($0.prefix(200)) } ?? "it failed"
    return .unusable(
      "volumes appear at their mountPath by bubblewrap, which may not make namespaces here (\(words)): "
        + "allow unprivileged user namespaces, or install a bubblewrap that is setuid root")
  }

  /// Everything up to the end; `nil` where that does not come in time.
  private static func readAll(_ descriptor: Int32, milliseconds: Int32) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, milliseconds) <= 0 { return nil }
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      if bytes.count < 64 << 10 { bytes += buffer[0..<count] }
    }
  }
}
