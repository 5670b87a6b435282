import Glibc

/// The first `limit` bytes of a file of /proc; `nil` when it can't be read.
func readSmallFile(_ path: String, limit: Int = 64 << 10) -> [UInt8]? {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var bytes: [UInt8] = []
  var capacity = 1024
  while bytes.count < limit {
    let start = bytes.count
    var failed = false
    bytes.reserveCapacity(start + capacity)
    let piece = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      let got = read(file, buffer.baseAddress, buffer.count)
      failed = got < 0
      count = max(0, got)
    }
    if failed { return nil }
    if piece.isEmpty { break }
    bytes += piece
    capacity = min(capacity * 2, 64 << 10)
  }
  return bytes
}

/// The name in a directory entry.
func name(of entry: UnsafeMutablePointer<dirent>) -> String {
  withUnsafePointer(to: &entry.pointee.d_name) { pointer in
    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
  }
}

/// What /proc says about processes.
enum ProcessTable {
  struct Stat {
    /// Its parent has not reaped it yet.
    var isZombie: Bool
    var parent: Int32
    var session: Int32
    /// User and system time of the process and of the children it waited for, in clock ticks.
    var ticks: Int
    /// Resident memory in pages.
    var residentPages: Int
  }

  /// All process ids.
  static func all() -> [Int32] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var result: [Int32] = []
    while let entry = readdir(directory) {
      // Digits only: cheaper than making a string of every name.
      var pid: Int32 = 0
      let isNumber = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        for byte in bytes {
          if byte == 0 { return pid > 0 }
          guard byte >= 48, byte <= 57, pid < 100_000_000 else { return false }
          pid = pid * 10 + Int32(byte - 48)
        }
        return false
      }
      if isNumber { result.append(pid) }
    }
    return result
  }

  static func stat(_ pid: Int32) -> Stat? {
    // After the name, which may hold anything but ends with the last ")".
    guard let bytes = readSmallFile("/proc/\(pid)/stat", limit: 4096),
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let words = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    let fields = words.map { digits in
      Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }
    // Field 3 of proc(5) is fields[0] here.
    guard fields.count > 21 else { return nil }
    return Stat(
      isZombie: words[0].elementsEqual("Z".utf8),
      parent: Int32(truncatingIfNeeded: fields[1]), session: Int32(truncatingIfNeeded: fields[3]),
      ticks: fields[11] + fields[12] + fields[13] + fields[14], residentPages: fields[21])
  }

  static func residentPages(_ pid: Int32) -> Int {
    guard let bytes = readSmallFile("/proc/\(pid)/statm", limit: 256) else { return 0 }
    let fields = bytes.split(separator: UInt8(ascii: " "))
    return fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) ?? 0 : 0
  }

  /// Bytes of memory that no file backs, a page that several processes share counted in parts: what a control group
  /// would count and could not give back.
  static func unsharedMemory(_ pid: Int32) -> Int {
    guard let bytes = readSmallFile("/proc/\(pid)/smaps_rollup", limit: 4096) else { return 0 }
    var kilobytes = 0
    for line in bytes.split(separator: 0x0A)
    where line.starts(with: "Pss_Anon:".utf8) || line.starts(with: "Pss_Shmem:".utf8) {
      let digits = line.filter { $0 >= 48 && $0 <= 57 }
      kilobytes += Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }
    return kilobytes << 10
  }
}
