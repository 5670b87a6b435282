internal import CLinux
public import Glibc

/// A program of the user's: an editor, a plugin. What it is given is words, which no shell reads.
public enum ChildProcess {
  /// Starts a program without what is open here, and with the signals as the system has them.
  ///
  /// - Parameters:
  ///   - arguments: the program, which is looked for in `PATH`, and what it is given.
  ///   - output: where its output and errors go; then it has no input and a process group of its own, which Ctrl-C on the
  ///     terminal does not reach. `nil`: it has the terminal, as this process has.
  /// - Returns: its process id, or why it could not be started, as an error number.
  public static func start(_ arguments: [String], output: Int32? = nil) -> Result<pid_t, Errno> {
    guard let program = arguments.first, !program.isEmpty else { return .failure(Errno(code: EINVAL)) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Signals that this process ignores would stay ignored there.
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    if let output {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
      posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
      flags |= POSIX_SPAWN_SETPGROUP
    }
    // The last of the actions. Connections would stay open there for as long as the program runs.
    jobdeck_spawn_close_from(&actions, STDERR_FILENO + 1)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for argument in vector { free(argument) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, program, &actions, &attributes, &vector, environ)
    return code == 0 ? .success(child) : .failure(Errno(code: code))
  }

  /// Waits for the program's end and returns its exit status, 128 + n after signal n. Blocks.
  public static func wait(_ child: pid_t) -> Result<Int32, Errno> {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return .failure(Errno(code: errno)) }
    }
    let signal = status & 0x7F
    return .success(signal == 0 ? status >> 8 & 0xFF : 128 + signal)
  }

  /// Starts a program that gets the terminal for a while, and waits for its end.
  static func run(_ arguments: [String]) throws(ScreenError) -> Int32 {
    let name = TextWidth.truncate(arguments.first ?? "", to: 60)
    do throws(Errno) {
      let child = try start(arguments).get()
      return try wait(child).get()
    } catch {
      throw .system(action: "cannot start '\(name)'", code: error.code)
    }
  }

  /// An error number of the system's.
  public struct Errno: Error {
    /// As `errno` has it.
    public var code: Int32
  }
}
