internal import Glibc
internal import KubeModel

/// What this machine, or the container that jobdeck runs in, has to offer.
struct Machine {
  /// Cores that may be used; at least 1.
  var cores: Int
  /// Bytes.
  var memory: Int
  var architecture: String
  var kernel: String
  var osName: String

  static func current() -> Machine {
    var name = utsname()
    uname(&name)
    let memTotal = field("MemTotal:", in: "/proc/meminfo").map { $0 * 1024 } ?? (1 << 30)
    // "max 100000" or "200000 100000": microseconds of cpu time in so many microseconds.
    let quota = (text(of: "/sys/fs/cgroup/cpu.max") ?? "").split(separator: " ").compactMap { Double($0) }
    let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let limited = quota.count == 2 && quota[1] > 0 ? max(1, Int(quota[0] / quota[1])) : online
    return Machine(
      cores: min(online, limited),
      memory: min(memTotal, Int(text(of: "/sys/fs/cgroup/memory.max") ?? "") ?? memTotal),
      architecture: goArchitecture(string(&name.machine)), kernel: string(&name.release), osName: osName())
  }

  private static func goArchitecture(_ machine: String) -> String {
    switch machine {
    case "x86_64": "amd64"
    case "aarch64": "arm64"
    default: machine
    }
  }

  private static func osName() -> String {
    for line in (text(of: "/etc/os-release") ?? "").split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
      return line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }
    }
    return "Linux"
  }

  private static func field(_ name: String, in path: String) -> Int? {
    for line in (text(of: path) ?? "").split(separator: "\n") where line.hasPrefix(name) {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    return nil
  }

  private static func string<Characters>(_ characters: inout Characters) -> String {
    withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The first 16 KiB of a file, without the newline at the end.
  private static func text(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    if bytes[count - 1] == UInt8(ascii: "\n") { return String(decoding: bytes[..<(count - 1)], as: UTF8.self) }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
