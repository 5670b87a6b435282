import CLinux
import Threading

/// The children that this process started itself through any runtime, so that none is taken for an orphan.
enum ChildRegistry {
  private static let children = Locked<Set<Int32>>([])

  /// What the runtimes of this process mark their processes with.
  private static let markers = Locked<Set<String>>([])

  /// The soft limit of open files before the first runtime raised it: what containers get.
  static let fileLimitBefore = jobdeck_raise_file_limit()

  /// Starts a process and registers it, in one step for whoever looks for orphans.
  static func spawn(_ request: inout jobdeck_spawn_request, _ result: inout jobdeck_spawn_result) {
    children.withLock { children in
      jobdeck_spawn(&request, &result)
      if result.pid > 0 { children.insert(result.pid) }
    }
  }

  /// To be called before the process is reaped: its number may be another's afterwards.
  static func remove(_ pid: Int32) {
    _ = children.withLock { $0.remove(pid) }
  }

  static func isRuntime(_ marker: String) -> Bool { markers.withLock { $0.contains(marker) } }

  static func addRuntime(_ marker: String) { _ = markers.withLock { $0.insert(marker) } }

  static func removeRuntime(_ marker: String) { _ = markers.withLock { $0.remove(marker) } }

  static func startGuardian(_ marker: String, places: Int32, _ guardian: inout jobdeck_guardian) -> Int32 {
    children.withLock { children in
      let result = jobdeck_guardian_start(marker, places, &guardian)
      if result >= 0 { children.insert(guardian.pid) }
      return result
    }
  }

  static func stopGuardian(_ guardian: inout jobdeck_guardian) {
    remove(guardian.pid)
    jobdeck_guardian_stop(&guardian)
    guardian.pid = 0
  }

  /// Those of `pids` that are not registered.
  static func unknown(among pids: [Int32]) -> [Int32] {
    children.withLock { children in pids.filter { !children.contains($0) } }
  }
}
