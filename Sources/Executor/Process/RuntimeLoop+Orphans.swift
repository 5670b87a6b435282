import CLinux
import Glibc
import KubeModel

// Processes that containers leave behind: as children whose parent died they become ours, whatever session or group
// they moved to. They are killed when their container has ended, and reaped when they end.
extension RuntimeLoop {
  /// Looks for new orphans; costs two system calls when there are none.
  func adoptOrphans() {
    let found = orphans.find()
    if !undecided.isEmpty { undecided = undecided.filter { found.contains($0.key) } }
    for pid in found where adopted[pid] == nil { adopt(pid) }
    if runningCount == 0 { killUnattributed() }
  }

  /// Looks for orphans at the latest after that many microseconds.
  func searchOrphans(within microseconds: Int64) {
    nextOrphanSearch = min(nextOrphanSearch ?? .max, Clock.monotonic + microseconds)
  }

  private func adopt(_ pid: Int32) {
    let place: Int?
    var outlivedItsContainer = false
    var isBeside = false
    switch owner(of: pid) {
    case .container(let owner): place = owner
    case .unknown: place = nil
    case .undecided:
      searchOrphans(within: 5_000)
      return
    case .ended:
      place = nil
      outlivedItsContainer = true
    case .beside:
      place = nil
      isBeside = true
    case .notOurs:
      undecided[pid] = nil
      return
    }
    undecided[pid] = nil
    let pidfd = jobdeck_pidfd_open(pid)
    guard pidfd >= 0 else { return }
    guard jobdeck_poller_add(poller, pidfd, Token.orphan(pid).bits) >= 0 else {
      close(pidfd)
      return
    }
    let container = place.flatMap { containers[$0] }
    adopted[pid] = AdoptedProcess(
      pidfd: pidfd, place: place, generation: container?.generation ?? 0, isBeside: isBeside)
    searchOrphans(within: 1_000_000)
    if let container {
      container.strays.insert(pid)
      if container.exit != nil { signalStray(pid, SIGKILL) }
    } else if outlivedItsContainer {
      signalStray(pid, SIGKILL)
    }
  }

  /// An adopted process has ended: reaps it, and looks at what it left in turn.
  func orphanEnded(_ pid: Int32) {
    guard let process = adopted[pid] else { return }
    var code: Int32 = 0
    var signal: Int32 = 0
    guard jobdeck_reap(process.pidfd, &code, &signal) != 0 else { return }
    close(process.pidfd)
    adopted[pid] = nil
    adoptOrphans()
    guard let place = process.place, let container = container(place, process.generation) else { return }
    container.strays.remove(pid)
    if container.exit != nil { killStrays(of: container) }
    settle(container)
  }

  /// Signals an adopted process and its group, which lies within its session as groups do, and so is not ours.
  func signalStray(_ pid: Int32, _ signal: Int32) {
    guard let process = adopted[pid] else { return }
    let group = getpgid(pid)
    if group > 1, group != getpgrp() { Glibc.kill(-group, signal) }
    jobdeck_pidfd_kill(process.pidfd, signal)
  }

  /// Ends adopted processes that no container can be found for, once no container runs that they could belong to.
  func killUnattributed() {
    for (pid, process) in adopted where process.place == nil && !process.isBeside { signalStray(pid, SIGKILL) }
  }

  private static let besideMark = Array("\(ProcessRuntime.besideVariable)=1".utf8)

  private enum Owner {
    case container(Int)
    /// A container of this runtime that was already reported.
    case ended
    case unknown
    /// It may be between two programs.
    case undecided
    /// Not of a container: what a program of the user's has left behind.
    case beside
    /// A child of other code in this process.
    case notOurs
  }

  private func owner(of pid: Int32) -> Owner {
    let session = getsid(pid)
    guard session > 0, session != getsid(0) else { return .notOurs }
    if let place = placesBySession[session] { return .container(place) }
    let environment = readSmallFile("/proc/\(pid)/environ", limit: 2 << 20)
    guard let marks = environment.flatMap(ProcessMarks.init) else {
      if environment?.split(separator: 0).contains(where: { $0.elementsEqual(Self.besideMark) }) == true {
        return .beside
      }
      return environment?.isEmpty == true && isBetweenPrograms(pid) ? .undecided : .unknown
    }
    guard marks.runtime == marker else {
      // Of another runtime in this process; or of a jobdeck that ran in a container.
      return ChildRegistry.isRuntime(marks.runtime) ? .notOurs : .unknown
    }
    for place in placesByPod[marks.podUID] ?? [] {
      if let id = containers[place]?.id, "\(id.container)/\(id.attempt)" == marks.container { return .container(place) }
    }
    return .ended
  }

  /// Whether a process that shows no environment may be about to show whose it is: while `execve(2)` loads a program,
  /// the old environment is gone and the new one not yet there. A process that shows none for half a second has none.
  private func isBetweenPrograms(_ pid: Int32) -> Bool {
    guard let stat = ProcessTable.stat(pid), !stat.isZombie else { return false }
    let now = Clock.monotonic
    let since = undecided[pid] ?? now
    undecided[pid] = since
    return now - since < 500_000
  }
}

/// What the environment of a process says about where it comes from.
struct ProcessMarks {
  var runtime = ""
  var podUID = ""
  var container = ""

  /// `nil` when the environment, as /proc shows it, has no marks.
  init?(environment: [UInt8]) {
    for entry in environment.split(separator: 0) where entry.starts(with: "JOBDECK_".utf8) {
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let value = String(decoding: entry[entry.index(after: equals)...], as: UTF8.self)
      switch String(decoding: entry[..<equals], as: UTF8.self) {
      case "JOBDECK_RUNTIME": runtime = value
      case "JOBDECK_POD_UID": podUID = value
      case "JOBDECK_CONTAINER": container = value
      default: break
      }
    }
    if runtime.isEmpty { return nil }
  }
}

/// Finds children of this process that it didn't start.
///
/// The kernel gives orphans to the first thread of the adopting process that is alive, while a child that a thread
/// started is listed under that thread: so one thread's list tells, and is empty as long as there are no orphans.
final class OrphanFinder {
  private var thread: Int32 = 0
  private var list: Int32 = -1
  private var isUnsupported = false
  private var buffer = [UInt8](repeating: 0, count: 4096)

  deinit { if list >= 0 { close(list) } }

  func find() -> [Int32] {
    if !isUnsupported, !isAlive(thread) { findThread() }
    if isUnsupported { return ChildRegistry.unknown(among: childrenByScan()) }
    let children = readList()
    return children.isEmpty ? [] : ChildRegistry.unknown(among: children)
  }

  /// A thread that has ended, as a main thread may before its process, has no file system any more.
  private func isAlive(_ thread: Int32) -> Bool {
    guard thread > 0 else { return false }
    var target: CChar = 0
    return readlink("/proc/self/task/\(thread)/cwd", &target, 1) >= 0
  }

  private func findThread() {
    if list >= 0 { close(list) }
    list = -1
    guard let directory = opendir("/proc/self/task") else {
      isUnsupported = true
      return
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      guard let candidate = Int32(name(of: entry)), isAlive(candidate) else { continue }
      thread = candidate
      list = open("/proc/self/task/\(candidate)/children", O_RDONLY | O_CLOEXEC)
      break
    }
    // A kernel without CONFIG_PROC_CHILDREN.
    isUnsupported = list < 0
  }

  private func readList() -> [Int32] {
    var children: [Int32] = []
    var pid: Int32 = 0
    var offset = 0
    while true {
      let count = pread(list, &buffer, buffer.count, offset)
      guard count > 0 else { break }
      for byte in buffer[0..<count] {
        if byte == UInt8(ascii: " ") {
          if pid > 0 { children.append(pid) }
          pid = 0
        } else if byte >= 48, byte <= 57 {
          pid = pid &* 10 &+ Int32(byte - 48)
        }
      }
      // Ends before the buffer does, by more than one number: that was all.
      if count < buffer.count - 16 { break }
      offset += count
    }
    return children
  }

  private func childrenByScan() -> [Int32] {
    let me = getpid()
    return ProcessTable.all().filter { ProcessTable.stat($0)?.parent == me }
  }
}
