import Glibc
import KubeModel

/// The environment of a container and the places of its program.
enum ContainerEnvironment {
  static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// What a container gets from the environment of this process. Everything else stays out, so that a job doesn't
  /// depend on the shell that the dashboard was started from.
  static let inheritedNames: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_COLLATE", "LC_MESSAGES",
    "LC_MONETARY", "LC_NUMERIC", "LC_TIME", "TZ", "TMPDIR",
  ]

  /// The host name of a pod whose manifest sets none (and no HOSTNAME): its name, cut to a host name's length as
  /// kubelet does.
  static func hostname(_ podName: String) -> String {
    guard podName.utf8.count > 63 else { return podName }
    var bytes = Array(podName.utf8.prefix(63))
    while let last = bytes.last, last == UInt8(ascii: "-") || last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The inherited variables of this process, with a PATH in any case.
  static func inherited() -> [EnvVar] {
    var result = inheritedNames.sorted().compactMap { name in
      getenv(name).map { EnvVar(name: name, value: String(cString: $0)) }
    }
    if !result.contains(where: { $0.name == "PATH" }) { result.append(EnvVar(name: "PATH", value: defaultPath)) }
    return result
  }
}

/// What `jobdeck_spawn` needs to know of a container, in C's form: texts that end with NUL, one after the other.
/// Reused from one start to the next.
struct SpawnText {
  private(set) var bytes: [UInt8] = []
  private(set) var argumentCount = 0
  private(set) var environmentCount = 0
  private(set) var candidateCount = 0
  /// Whether some text held a NUL, which no program can be given.
  private(set) var holdsNUL = false

  /// - Parameters:
  ///   - base: Variables beneath the manifest's.
  ///   - markers: Variables above the manifest's: how processes that got away are recognised.
  mutating func set(_ start: ContainerStart, base: [EnvVar], markers: [EnvVar]) {
    bytes.removeAll(keepingCapacity: true)
    holdsNUL = false
    argumentCount = start.command.count
    for argument in start.command { append(argument) }

    environmentCount = 0
    var path = ""
    var names = Set<String>(minimumCapacity: base.count + start.environment.count + markers.count + 1)
    func add(_ variable: EnvVar, to text: inout SpawnText) {
      // From the strongest to the weakest: of two with one name the first here wins.
      guard !variable.name.isEmpty, names.insert(variable.name).inserted else { return }
      if variable.name == "PATH" { path = variable.value }
      text.append(variable.name, "=", variable.value)
      text.environmentCount += 1
    }
    for variable in markers { add(variable, to: &self) }
    for variable in start.environment.reversed() { add(variable, to: &self) }
    add(EnvVar(name: "HOSTNAME", value: ContainerEnvironment.hostname(start.podName)), to: &self)
    for variable in base { add(variable, to: &self) }

    candidateCount = 0
    let program = start.command.first ?? ""
    if program.utf8.contains(UInt8(ascii: "/")) {
      append(program)
      candidateCount = 1
    } else if !program.isEmpty {
      for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
        append(directory.isEmpty ? "." : String(directory), "/", program)
        candidateCount += 1
      }
    }
  }

  /// The paths at which the program may be, in the order in which they are tried.
  var candidates: [String] {
    bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false).suffix(candidateCount)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func append(_ parts: String...) {
    for part in parts {
      let before = bytes.count
      bytes.append(contentsOf: part.utf8)
      if bytes[before...].contains(0) { holdsNUL = true }
    }
    bytes.append(0)
  }
}

/// Why a container's process could not be started, in the words of Kubernetes' container runtimes.
enum StartFailure {
  static let reason = "StartError"
  /// Kubernetes' exit code of a container whose program could not be executed.
  static let exitCode = 128

  static func noProcess(_ code: Int32) -> String { prefix + "fork/exec: " + describe(errno: code) }

  static func workingDirectory(_ path: String, _ code: Int32) -> String {
    prefix + "chdir to cwd (\(quoted(path))) set in config.json failed: " + describe(errno: code)
  }

  static func program(_ name: String, _ code: Int32) -> String {
    if code == ENOENT {
      return name.utf8.contains(UInt8(ascii: "/"))
        ? prefix + "exec: \(quoted(name)): stat \(shown(name)): no such file or directory"
        : prefix + "exec: \(quoted(name)): executable file not found in $PATH"
    }
    // Go's words for ENOEXEC, which users search for.
    return prefix + "exec: \(quoted(name)): " + (code == ENOEXEC ? "exec format error" : describe(errno: code))
  }

  static func zeroByte() -> String { prefix + "a NUL character in the command or the environment: invalid argument" }

  private static let prefix = "failed to create containerd task: "

  /// The text in double quotes, with control characters escaped as Go's %q does, and not too long.
  private static func quoted(_ text: String) -> String { "\"" + shown(text) + "\"" }

  private static func shown(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(256) {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
          result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}
