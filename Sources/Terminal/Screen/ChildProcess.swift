internal import CLinux
public import Glibc

/// Has `posix_spawn` close what is open in this process but for standard input, output and error: connections would stay
/// open there for as long as the program runs. To be the last of the actions.
public func closeOtherDescriptors(_ actions: inout posix_spawn_file_actions_t) {
  jobdeck_spawn_close_from(&actions, STDERR_FILENO + 1)
}

/// A program that gets the terminal for a while.
enum ChildProcess {
  /// Starts a program in this process group, which has the terminal, and waits for its end.
  static func run(_ arguments: [String]) throws(ScreenError) -> Int32 {
    guard let program = arguments.first, !program.isEmpty else {
      throw .system(action: "cannot start a program without a name", code: EINVAL)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals that this process ignores would stay ignored there.
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    closeOtherDescriptors(&actions)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for argument in vector { free(argument) } }
    var child: pid_t = 0
    let error = posix_spawnp(&child, program, &actions, &attributes, &vector, environ)
    guard error == 0 else {
      throw .system(action: "cannot start '\(TextWidth.truncate(program, to: 60))'", code: error)
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw .system(action: "cannot wait for '\(program)'", code: errno) }
    }
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }
}
