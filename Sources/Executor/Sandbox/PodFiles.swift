import Glibc
import KubeModel

/// A volume that cannot be set up, or a mount of one, in a kubelet's words.
struct VolumeFailure: Error, Hashable {
  /// `FailedMount`, or the reason of a container that cannot be created.
  var reason: String
  var message: String
}

/// What a runtime keeps of a pod on disk besides its logs: `UID/volumes/NAME`, and `UID/messages/CONTAINER-ATTEMPT` for
/// the last words of its containers. Goes with the pod.
struct PodFiles: Sendable {
  /// The root of the tree; created when a pod first needs it.
  let root: String

  func directory(_ podUID: String) -> String { root + "/" + LogLocation.safe(podUID) }

  // MARK: Volumes

  /// Sets a volume up and returns the path of what is in it.
  func setUp(_ volume: PodVolume, podUID: String) throws(VolumeFailure) -> String {
    func failure(_ text: String) -> VolumeFailure {
      VolumeFailure(
        reason: "FailedMount", message: "MountVolume.SetUp failed for volume \"\(volume.name)\" : \(text)")
    }
    if case .hostPath(let path, let type) = volume.content {
      if let problem = HostPath.check(path, type) { throw failure(problem) }
      return path
    }
    let path = directory(podUID) + "/volumes/" + LogLocation.safe(volume.name)
    // A container may be of another user than the pod's files.
    if let code = PodFiles.makeDirectory(path, mode: 0o777, parents: 0o711) {
      throw failure("mkdir \(path): \(describe(errno: code))")
    }
    if case .files(let files) = volume.content {
      do throws(FileError) { try write(files, to: path) } catch { throw failure(error.text) }
    }
    return path
  }

  private struct FileError: Error {
    var text: String
  }

  /// Makes the files the only ones in the directory. Those that stay are replaced in one step, for whoever reads them.
  private func write(_ files: [VolumeFile], to directory: String) throws(FileError) {
    var kept: Set<String> = []
    for file in files {
      let parts = file.path.split(separator: "/").map(String.init)
      guard let first = parts.first, let name = parts.last, !parts.contains(".."), !file.path.utf8.contains(0) else {
        throw FileError(text: "invalid path \(goQuoted(file.path))")
      }
      kept.insert(first)
      let parent = ([directory] + parts.dropLast()).joined(separator: "/")
      if let code = PodFiles.makeDirectory(parent, mode: 0o755, parents: 0o755) {
        throw FileError(text: "mkdir \(parent): \(describe(errno: code))")
      }
      let target = parent + "/" + name
      let draft = target + ".jobdeck-new"
      if let code = PodFiles.write(file.bytes, to: draft, mode: mode_t(file.mode & 0o777)) {
        throw FileError(text: "write \(target): \(describe(errno: code))")
      }
      guard rename(draft, target) == 0 else { throw FileError(text: "write \(target): \(describe(errno: errno))") }
    }
    for name in FileTree.entries(directory) where !kept.contains(name) { FileTree.removeTree(directory + "/" + name) }
  }

  // MARK: Last words

  /// The file in which a container may leave its last message, empty; `nil` where it cannot be made.
  func messageFile(_ id: ContainerID) -> String? {
    let parent = directory(id.podUID) + "/messages"
    guard PodFiles.makeDirectory(parent, mode: 0o711, parents: 0o711) == nil else { return nil }
    let path = parent + "/" + LogLocation.safe("\(id.container)-\(id.attempt)")
    return PodFiles.write([], to: path, mode: 0o666) == nil ? path : nil
  }

  // MARK: The file system

  /// Creates a directory and what is missing above it. Returns an error number, or `nil`.
  static func makeDirectory(_ path: String, mode: mode_t, parents: mode_t) -> Int32? {
    if mkdir(path, mode) == 0 {
      // Whatever the umask says.
      chmod(path, mode)
      return nil
    }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      if let code = makeDirectory(String(path[..<slash]), mode: parents, parents: parents) { return code }
      return makeDirectory(path, mode: mode, parents: parents)
    }
    guard errno == EEXIST else { return errno }
    return isDirectory(path) ? nil : ENOTDIR
  }

  static func write(_ bytes: [UInt8], to path: String, mode: mode_t) -> Int32? {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return errno }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      written += count
    }
    return fchmod(file, mode) == 0 ? nil : errno
  }

  static func kind(_ path: String) -> mode_t? {
    var info = stat()
    return stat(path, &info) == 0 ? info.st_mode & S_IFMT : nil
  }

  static func isDirectory(_ path: String) -> Bool { kind(path) == S_IFDIR }
}

/// Files and directories of the machine that pods use (kubelet: hostpath).
enum HostPath {
  /// Why the path is not what its volume says, or `nil`. Creates it where the type asks for that.
  static func check(_ path: String, _ type: String) -> String? {
    guard path.hasPrefix("/"), !path.utf8.contains(0) else { return "path \(goQuoted(path)) is not absolute" }
    let kind = PodFiles.kind(path)
    switch type {
    case "":
      // A container runtime makes a directory of what is missing.
      guard kind == nil else { return nil }
      return PodFiles.makeDirectory(path, mode: 0o755, parents: 0o755).map { "mkdir \(path): \(describe(errno: $0))" }
    case "DirectoryOrCreate" where kind == nil:
      return PodFiles.makeDirectory(path, mode: 0o755, parents: 0o755).map { "mkdir \(path): \(describe(errno: $0))" }
    case "FileOrCreate" where kind == nil:
      return PodFiles.write([], to: path, mode: 0o644).map { "open \(path): \(describe(errno: $0))" }
    case "Directory", "DirectoryOrCreate": return kind == S_IFDIR ? nil : failure(path, "a directory")
    case "File", "FileOrCreate": return kind == S_IFREG ? nil : failure(path, "a file")
    case "Socket": return kind == S_IFSOCK ? nil : failure(path, "a socket file")
    case "CharDevice": return kind == S_IFCHR ? nil : failure(path, "a character device")
    case "BlockDevice": return kind == S_IFBLK ? nil : failure(path, "a block device")
    default: return "\(type) is an invalid volume type"
    }
  }

  private static func failure(_ path: String, _ what: String) -> String {
    "hostPath type check failed: \(path) is not \(what)"
  }
}
