import Glibc
import KubeModel

/// The job that a command line asks for.
struct OneOffJob {
  var command: [String]
  var name: String?
  var namespace: String
  var completions: Int?
  var parallelism: Int?
  var retries: Int
  var isIndexed: Bool

  /// The job as an object. It works in the present directory, as commands do.
  func loaded() -> LoadedObject {
    var job = Job()
    job.metadata.namespace = namespace
    job.metadata.name = name ?? Self.name(of: command.first ?? "")
    job.spec.backoffLimit = retries
    job.spec.completions = completions ?? (isIndexed ? 1 : nil)
    job.spec.parallelism = parallelism
    // Without a count, a parallelism above one would mean a work queue: as often as at a time is what is meant.
    if completions == nil, let parallelism { job.spec.completions = parallelism }
    if isIndexed { job.spec.completionMode = .indexed }
    job.spec.template.spec.restartPolicy = .never
    var container = Container()
    container.name = "main"
    container.image = "local"
    container.command = command
    container.workingDir = Self.currentDirectory ?? ""
    job.spec.template.spec.containers = [container]
    return LoadedObject(object: .job(job), ifPresent: name == nil ? .generateName : .fail)
  }

  /// A job's name made of a program's: `/usr/bin/Make_It.sh` → `make-it-sh`.
  static func name(of program: String) -> String {
    let last = program.split(separator: "/").last ?? ""
    var name = ""
    for byte in last.utf8.prefix(40) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        name.unicodeScalars.append(UnicodeScalar(byte))
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        name.unicodeScalars.append(UnicodeScalar(byte + 32))
      default:
        if !name.isEmpty, !name.hasSuffix("-") { name += "-" }
      }
    }
    while name.hasSuffix("-") { name.removeLast() }
    return name.isEmpty ? "command" : name
  }

  private static var currentDirectory: String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }
}
