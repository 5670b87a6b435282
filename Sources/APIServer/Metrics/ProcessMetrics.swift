internal import Glibc

/// What this process uses, by the names that Prometheus' clients give it. Read from /proc, which never waits for a disk.
struct ProcessMetrics: Sendable {
  var cpuSeconds = 0.0
  var virtualBytes = 0.0
  var residentBytes = 0.0
  var startTime = 0.0
  var openFiles = 0
  var maximumFiles = 0

  /// The present readings; `nil` where there is no /proc.
  static func read() -> ProcessMetrics? {
    guard let line = text("/proc/self/stat"), let end = line.lastIndex(of: ")"),
      let machine = text("/proc/stat"),
      let boot = machine.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })?.dropFirst(6),
      let booted = Double(boot)
    else { return nil }
    // From the third field, the state: the name before it may hold blanks.
    let fields = line[line.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
    guard fields.count > 21 else { return nil }
    let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    return ProcessMetrics(
      cpuSeconds: (fields[11] + fields[12]) / ticks, virtualBytes: fields[20],
      residentBytes: fields[21] * Double(sysconf(Int32(_SC_PAGESIZE))), startTime: booted + fields[19] / ticks,
      openFiles: openFileCount(), maximumFiles: Int(sysconf(Int32(_SC_OPEN_MAX))))
  }

  private static func text(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Without the one that counting takes.
  private static func openFileCount() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return max(0, count - 3)
  }

  static let families: [MetricFamily<ProcessMetrics>] = [
    MetricFamily("process_cpu_seconds_total", "Seconds of processor time that jobdeck itself used.", .counter) {
      process, out in out.add(process.cpuSeconds)
    },
    MetricFamily("process_resident_memory_bytes", "Memory that jobdeck itself has.") { process, out in
      out.add(process.residentBytes)
    },
    MetricFamily("process_virtual_memory_bytes", "Address space of jobdeck itself.") { process, out in
      out.add(process.virtualBytes)
    },
    MetricFamily("process_open_fds", "Files that jobdeck has open.") { process, out in
      out.add(Double(process.openFiles))
    },
    MetricFamily("process_max_fds", "Files that jobdeck may have open.") { process, out in
      out.add(Double(process.maximumFiles))
    },
    MetricFamily("process_start_time_seconds", "When jobdeck started, in Unix seconds.") { process, out in
      out.add(process.startTime)
    },
  ]
}
