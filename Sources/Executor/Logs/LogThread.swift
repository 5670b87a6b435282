import CLinux
import Glibc
import Threading

/// A thread on which log files are read, or removed: a disk that is slow must not hold up Swift's own few threads.
final class LogThread: SerialExecutor {
  static let reading = LogThread(name: "jobdeck-logs")
  /// What pods leave can be millions of files; nobody who reads waits for that.
  static let removing = LogThread(name: "jobdeck-remove")

  private struct State {
    var jobs: [UnownedJob] = []
    var isAsleep = false
  }

  private let state = Locked(State())
  private let event: Int32

  private init(name: String) {
    // A global actor has nobody to throw to, and without this thread there is no log to read or keep: a process that
    // cannot have one thread and one descriptor when it starts cannot run jobs either.
    event = jobdeck_event_create()
    precondition(event >= 0, "no descriptor for the log thread")
    do throws(ThreadError) {
      try startThread(name: name) { [self] in run() }
    } catch {
      preconditionFailure("no thread for reading logs: error \(error.code)")
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    let mustWake = state.withLock { state in
      state.jobs.append(unowned)
      defer { state.isAsleep = false }
      return state.isAsleep
    }
    if mustWake { jobdeck_event_signal(event) }
  }

  private func run() {
    var jobs: [UnownedJob] = []
    while true {
      let mustSleep = state.withLock { state in
        swap(&state.jobs, &jobs)
        state.isAsleep = jobs.isEmpty
        return jobs.isEmpty
      }
      if mustSleep {
        _ = jobdeck_event_wait(event, -1)
        continue
      }
      for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
      jobs.removeAll(keepingCapacity: true)
    }
  }
}

/// The actor of reading.
@globalActor
actor LogActor {
  static let shared = LogActor()
  nonisolated var unownedExecutor: UnownedSerialExecutor { LogThread.reading.asUnownedSerialExecutor() }
}

/// The actor of removing.
@globalActor
actor LogRemovalActor {
  static let shared = LogRemovalActor()
  nonisolated var unownedExecutor: UnownedSerialExecutor { LogThread.removing.asUnownedSerialExecutor() }
}
