internal import KubeModel

/// What an exit code tells.
enum ExitCode {
  static let signals: [Int: (name: String, meaning: String)] = [
    1: ("SIGHUP", "its terminal was closed"), 2: ("SIGINT", "it was interrupted"),
    3: ("SIGQUIT", "it was told to quit and dump core"), 4: ("SIGILL", "it ran an illegal instruction"),
    5: ("SIGTRAP", "it ran into a trap, such as a failed assertion"), 6: ("SIGABRT", "it aborted itself"),
    7: ("SIGBUS", "it made a bad memory access"), 8: ("SIGFPE", "it divided by zero or overflowed"),
    9: ("SIGKILL", "it was killed: out of memory, or not ended within its grace period"),
    11: ("SIGSEGV", "it accessed memory that isn't its own"), 13: ("SIGPIPE", "it wrote to a closed pipe"),
    14: ("SIGALRM", "its alarm went off"), 15: ("SIGTERM", "it was asked to stop"),
    24: ("SIGXCPU", "it used up its processor time"), 25: ("SIGXFSZ", "its file grew too large"),
  ]

  /// The signal that ended it; shells and runtimes report signal n as 128 + n.
  static func signalName(_ terminated: ContainerState.Terminated) -> String? {
    let number = terminated.signal != 0 ? terminated.signal : terminated.exitCode - 128
    return signals[number]?.name
  }

  /// A sentence's worth of what it means, if it means something by convention.
  static func meaning(_ terminated: ContainerState.Terminated) -> String? {
    if terminated.reason == "OOMKilled" { return "it used more memory than its limit" }
    if terminated.reason == "ContainerStatusUnknown" {
      return "nobody saw how it ended: its node, or jobdeck, went down"
    }
    let number = terminated.signal != 0 ? terminated.signal : terminated.exitCode - 128
    if let signal = signals[number] { return "\(signal.name): \(signal.meaning)" }
    switch terminated.exitCode {
    case 0: return "success"
    case 1: return "the program's own general error"
    case 2: return "wrong usage, by convention"
    case 126: return "the command was found but could not be executed"
    case 127: return "the shell did not find the command"
    case 128: return "the program could not be started"
    default: return nil
    }
  }
}
