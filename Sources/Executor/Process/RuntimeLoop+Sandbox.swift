import DequeModule
import Glibc
import KubeModel
import Threading

/// What is known of bubblewrap on this machine.
enum SandboxState {
  /// Nobody has needed it yet.
  case unknown
  case checking
  /// Monotonic: what is missing may be installed meanwhile.
  case known(Bubblewrap, at: Int64)
}

/// How a container is to be started in view of its mounts.
struct SandboxedStart {
  var plan: SandboxPlan
  /// Bubblewrap and its arguments, up to the program.
  var prefix: [String]
}

// Containers with mounts: they wait until it is known whether bubblewrap works here, and are run by it.
extension RuntimeLoop {
  /// Containers of one second share one look at a bubblewrap that did not work.
  private static let recheckAfter: Int64 = 1_000_000

  /// Whether the container needs a mount namespace, or would have use for one. Nearly all do not.
  func wantsSandbox(_ start: ContainerStart) -> Bool {
    !start.mounts.isEmpty || wantsMessageFile(start)
  }

  /// A program that is told where to leave its last message, by its arguments or variables or because the manifest
  /// chooses the place, finds a file there.
  func wantsMessageFile(_ start: ContainerStart) -> Bool {
    let path = start.terminationMessagePath
    guard path.hasPrefix("/") else { return false }
    return path != "/dev/termination-log" || start.command.contains { $0.holds(path) }
      || start.environment.contains { $0.value.holds(path) }
  }

  /// Puts a start aside until it is known whether bubblewrap works; false where it need not wait.
  func waitsForSandbox(_ entry: QueuedStart) -> Bool {
    guard !entry.knowsSandbox, wantsSandbox(entry.start) else { return false }
    switch sandbox {
    case .known(.usable, _): return false
    case .known(.unusable, let time) where Clock.monotonic - time < RuntimeLoop.recheckAfter: return false
    case .checking: break
    case .known, .unknown:
      let path = searchPath
      do throws(ThreadError) {
        try startThread(name: "jobdeck-bwrap") { [mailbox] in
          mailbox.post(.sandbox(Bubblewrap.check(searchPath: path)))
        }
        sandbox = .checking
      } catch {
        sandbox = .known(.unusable("cannot try bubblewrap: \(describe(errno: error.code))"), at: Clock.monotonic)
        return false
      }
    }
    waitingForSandbox.append(entry)
    return true
  }

  func sandboxChecked(_ result: Bubblewrap) {
    sandbox = .known(result, at: Clock.monotonic)
    for entry in waitingForSandbox.reversed() {
      entry.knowsSandbox = true
      queue.prepend(entry)
    }
    waitingForSandbox = []
  }

  /// Sets the pod's volumes up, and says how the container is run so that it sees them; `nil`: as any other.
  func prepareSandbox(_ start: ContainerStart, messageFile: String?) throws(VolumeFailure) -> SandboxedStart? {
    var mounts = start.volumes.isEmpty ? [] : try podFiles.mounts(of: start)
    guard case .known(let bubblewrap, _) = sandbox, case .usable(let path) = bubblewrap else {
      guard case .known(.unusable(let problem), _) = sandbox, !mounts.isEmpty else { return nil }
      throw VolumeFailure(reason: "CreateContainerError", message: problem)
    }
    if let messageFile {
      mounts.append(.init(target: start.terminationMessagePath, source: messageFile, isReadOnly: false))
    }
    guard !mounts.isEmpty else { return nil }
    let plan = try SandboxPlan(mounts)
    return SandboxedStart(plan: plan, prefix: plan.arguments(path, workingDirectory: start.workingDirectory))
  }

  /// Why the program cannot be run in the sandbox, whose own words for it would end up in the container's log.
  func sandboxProblem(_ sandboxed: SandboxedStart, _ start: ContainerStart, _ text: SpawnText) -> String? {
    if !start.workingDirectory.isEmpty {
      let kind = PodFiles.kind(sandboxed.plan.outside(start.workingDirectory))
      if kind == nil { return StartFailure.workingDirectory(start.workingDirectory, ENOENT) }
      if kind != S_IFDIR { return StartFailure.workingDirectory(start.workingDirectory, ENOTDIR) }
    }
    var code = ENOENT
    for candidate in text.candidates {
      let path =
        candidate.hasPrefix("/") || start.workingDirectory.isEmpty
        ? candidate : start.workingDirectory + "/" + candidate
      let outside = path.hasPrefix("/") ? sandboxed.plan.outside(path) : path
      guard let kind = PodFiles.kind(outside) else { continue }
      if kind == S_IFREG, access(outside, X_OK) == 0 { return nil }
      code = EACCES
    }
    return StartFailure.program(start.command.first ?? "", code)
  }

  /// Asks a container that bubblewrap runs to end: all of its group but bubblewrap itself, which would end at once
  /// and take the program with it. Its exit code is the program's.
  func terminateSandboxed(_ container: RunningContainer) {
    var isAsked = false
    for pid in ProcessTable.all() where pid != container.pid {
      // A program may have moved to a group of its own.
      guard
        getpgid(pid) == container.pid
          || getsid(pid) == container.pid && ProcessTable.stat(pid)?.parent == container.pid
      else { continue }
      Glibc.kill(pid, SIGTERM)
      isAsked = true
    }
    // It has not got that far.
    if !isAsked { Glibc.kill(-container.pid, SIGTERM) }
  }
}

extension String {
  /// Whether the text is part of this one.
  fileprivate func holds(_ part: String) -> Bool {
    guard utf8.count >= part.utf8.count else { return false }
    return withCString { text in part.withCString { strstr(text, $0) != nil } }
  }
}
