import Glibc
import KubeModel

/// Where one run of a container logs to.
///
/// `ATTEMPT.log` is being written; `ATTEMPT.log.OFFSET` are earlier parts of the same log, named by the count of log
/// bytes before them. So the name of the oldest part that is left tells how much was cut.
struct LogLocation: Hashable, Sendable {
  /// The root of the tree.
  var root: String
  /// The pod's directory in it.
  var podDirectory: String
  /// The container's directory in that.
  var containerDirectory: String
  var attempt: Int

  init(root: String, namespace: String, podName: String, podUID: String, container: String, attempt: Int) {
    self.root = root
    podDirectory = Self.podDirectory(namespace: namespace, podName: podName, podUID: podUID)
    containerDirectory = Self.safe(container)
    self.attempt = attempt
  }

  static func podDirectory(namespace: String, podName: String, podUID: String) -> String {
    safe("\(namespace)_\(podName)_\(podUID)")
  }

  var directory: String { root + "/" + podDirectory + "/" + containerDirectory }
  var fileName: String { "\(attempt).log" }
  var path: String { directory + "/" + fileName }

  func path(ofPartAt offset: Int) -> String {
    let digits = String(offset)
    return path + "." + String(repeating: "0", count: max(0, 20 - digits.count)) + digits
  }

  /// The offsets of the earlier parts that exist, ascending.
  func earlierParts() -> [Int] {
    guard let listing = opendir(directory) else { return [] }
    defer { closedir(listing) }
    let prefix = fileName + "."
    var offsets: [Int] = []
    while let entry = readdir(listing) {
      let name = name(of: entry)
      if name.hasPrefix(prefix), let offset = Int(name.dropFirst(prefix.count)) { offsets.append(offset) }
    }
    return offsets.sorted()
  }

  /// Creates the directories, for their owner only. Returns an error number, or 0.
  func createDirectories() -> Int32 {
    let missing = mkdir(directory, 0o700) < 0 ? errno : 0
    guard missing == ENOENT else { return missing == EEXIST ? 0 : missing }
    var path = ""
    for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
      path += part
      if !path.isEmpty, mkdir(path, 0o700) < 0, errno != EEXIST { return errno }
      path += "/"
    }
    return 0
  }

  /// The name as one component of a path, whatever it is.
  static func safe(_ name: String) -> String {
    let cleaned = String(decoding: name.utf8.map { $0 == UInt8(ascii: "/") || $0 == 0 ? 0x5F : $0 }, as: UTF8.self)
    return cleaned.isEmpty || cleaned == "." || cleaned == ".." ? "_" : cleaned
  }
}
