internal import KubeModel

/// What an exit code tells.
enum ExitCode {
  static let signals: [Int: (name: String, meaning: String)] = [
    1: ("SIGHUP", "its terminal was closed"), 2: ("SIGINT", "it was interrupted"),
    3: ("SIGQUIT", "it was told to quit and dump core"), 4: ("SIGILL", "it ran an illegal instruction"),
    5: ("SIGTRAP", "it ran into a trap, such as a failed assertion"), 6: ("SIGABRT", "it aborted itself"),
    7: ("SIGBUS", "it made a bad memory access"), 8: ("SIGFPE", "it divided by zero or overflowed"),
    9: ("SIGKILL", "it was killed: out of memory, or not ended within its grace period"),
    10: ("SIGUSR1", "it was sent a signal that it does not handle"),
    11: ("SIGSEGV", "it accessed memory that isn't its own"),
    12: ("SIGUSR2", "it was sent a signal that it does not handle"), 13: ("SIGPIPE", "it wrote to a closed pipe"),
    14: ("SIGALRM", "its alarm went off"), 15: ("SIGTERM", "it was asked to stop"),
    24: ("SIGXCPU", "it used up its processor time"), 25: ("SIGXFSZ", "its file grew too large"),
    31: ("SIGSYS", "it made a system call that it may not make"),
  ]

  /// The signal that ended it; shells and runtimes report signal n as 128 + n.
  static func signal(_ terminated: ContainerState.Terminated) -> Int {
    terminated.signal != 0 ? terminated.signal : terminated.exitCode - 128
  }

  static func signalName(_ terminated: ContainerState.Terminated) -> String? {
    signals[signal(terminated)]?.name
  }

  /// A sentence's worth of what it means, if it means something by convention.
  static func meaning(_ terminated: ContainerState.Terminated) -> String? {
    if terminated.reason == "OOMKilled" { return "it used more memory than its limit" }
    if terminated.isLost {
      return "nobody saw how it ended: its node, or jobdeck, went down"
    }
    let number = signal(terminated)
    if let signal = signals[number] { return "\(signal.name): \(signal.meaning)" }
    switch terminated.exitCode {
    case 0: return "success"
    case 1: return "the program's own general error"
    case 2: return "wrong usage, by convention"
    case 126: return "the command was found but could not be executed: no permission, or not a program"
    case 127: return "the command was not found: a wrong name, or not in PATH"
    case 128: return "the program could not be started"
    case 255: return "the program's own error, out of range or -1"
    case 129...192: return "it was ended by signal \(number)"
    default: return "the program's own code: its documentation or its log tells what it means"
    }
  }

  /// What it means in view of what was done to its pod: why it was asked to stop, or killed. Of a pod that is gone
  /// only its job can tell.
  static func meaning(_ terminated: ContainerState.Terminated, of pod: PodItem?, job: JobItem?) -> String? {
    let number = signal(terminated)
    guard number == 9 || number == 15, terminated.reason != "OOMKilled", let cause = cause(pod, job) else {
      return meaning(terminated)
    }
    guard number == 9 else { return "SIGTERM: it was asked to stop, because \(cause)" }
    let grace = pod.flatMap { $0.pod.metadata.deletionGracePeriodSeconds ?? $0.pod.spec.terminationGracePeriodSeconds }
    let patience = grace.map { $0 > 0 ? " and it did not end within its grace period of \($0)s" : "" } ?? ""
    return "SIGKILL: it was killed, because \(cause)\(patience)"
  }

  private static func cause(_ pod: PodItem?, _ job: JobItem?) -> String? {
    if let pod {
      if pod.pod.status.reason == "DeadlineExceeded" { return "its pod ran longer than its activeDeadlineSeconds" }
      if let disruption = pod.disruption {
        return causes[disruption.reason] ?? "something else was in its way: \(disruption.reason)"
      }
      if pod.pod.metadata.deletionTimestamp == nil { return nil }
    }
    if job?.verdict?.reason == "DeadlineExceeded" { return "the job ran out of time (activeDeadlineSeconds)" }
    if job?.hasFailed == true { return "the job had failed, which ends all of its pods" }
    if job?.isSuspended == true { return "the job was suspended" }
    return pod == nil ? nil : "its pod was deleted"
  }

  /// What was done to pods that others ended, after `3 pods were`; by the reason of their condition DisruptionTarget.
  static let deeds = [
    "PreemptionByScheduler": "ended for pods of higher priority",
    "DeletionByTaintManager": "evicted for a taint of their node",
    "EvictionByEvictionAPI": "evicted, as a drain does it",
    "DeletionByPodGC": "lost with their node",
    "TerminationByKubelet": "ended by their node",
  ]

  /// Why pods are ended by others, by the reason of their condition DisruptionTarget.
  static let causes = [
    "PreemptionByScheduler": "a pod of higher priority needed its place",
    "DeletionByTaintManager": "its node got a taint that it does not tolerate",
    "EvictionByEvictionAPI": "it was evicted, as when a node is drained",
    "DeletionByPodGC": "its node no longer exists",
    "TerminationByKubelet": "its node was short of resources or shut down",
  ]
}
