import Glibc

/// What the whole machine uses.
public struct MachineUsage: Hashable, Sendable {
  /// Processors that are online.
  public var processors: Int
  /// Thousandths of a core in use, averaged since the reading before; since the start of the machine at first.
  public var milliCPU: Int
  /// Bytes.
  public var totalMemory: Int
  /// Bytes that a new process could have without swapping others out.
  public var availableMemory: Int
  /// Processes that ran or wanted to, averaged over 1, 5 and 15 minutes, in hundredths.
  public var loadHundredths: [Int]

  /// Reads /proc, and remembers the last reading to tell the difference.
  struct Reader {
    private var last: MachineUsage?
    private var lastTime: Int64 = 0
    private var busyBefore = 0
    private var totalBefore = 0

    mutating func read() -> MachineUsage {
      let now = Clock.monotonic
      if let last, now - lastTime < 250_000 { return last }
      var usage = MachineUsage(
        processors: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), milliCPU: 0, totalMemory: 0,
        availableMemory: 0, loadHundredths: [0, 0, 0])
      readProcessors(&usage)
      readMemory(&usage)
      readLoad(&usage)
      last = usage
      lastTime = now
      return usage
    }

    private mutating func readProcessors(_ usage: inout MachineUsage) {
      let numbers = Self.lines("/proc/stat").first?.split(separator: " ").dropFirst().compactMap { Int($0) } ?? []
      guard numbers.count >= 8 else { return }
      // user nice system idle iowait irq softirq steal; guests are in user already.
      let total = numbers[0..<8].reduce(0, +)
      let busy = total - numbers[3] - numbers[4]
      if total > totalBefore {
        usage.milliCPU = max(0, busy - busyBefore) * 1_000 * usage.processors / (total - totalBefore)
      } else {
        usage.milliCPU = last?.milliCPU ?? 0
      }
      totalBefore = total
      busyBefore = busy
    }

    private func readMemory(_ usage: inout MachineUsage) {
      for line in Self.lines("/proc/meminfo").prefix(8) {
        let words = line.split(separator: " ")
        guard words.count >= 2, let kilobytes = Int(words[1]) else { continue }
        if words[0] == "MemTotal:" { usage.totalMemory = kilobytes << 10 }
        if words[0] == "MemAvailable:" { usage.availableMemory = kilobytes << 10 }
      }
    }

    private func readLoad(_ usage: inout MachineUsage) {
      let words = Self.lines("/proc/loadavg").first?.split(separator: " ").prefix(3) ?? []
      let loads = words.compactMap { Double($0) }.map { Int($0 * 100) }
      if loads.count == 3 { usage.loadHundredths = loads }
    }

    private static func lines(_ path: String) -> [Substring] {
      String(decoding: readSmallFile(path, limit: 8 << 10) ?? [], as: UTF8.self).split(separator: "\n")
    }
  }
}
