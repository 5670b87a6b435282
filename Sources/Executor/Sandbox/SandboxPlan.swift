import Glibc
import KubeModel

/// The file system as a container sees it: this machine's, with the container's mounts in their places.
///
/// A mount point that the machine does not have is made in a copy of the nearest directory above it: an empty file
/// system, in which everything that the directory holds appears again. Nothing is ever created on the machine itself.
struct SandboxPlan {
  struct Mount: Hashable {
    /// Absolute, without links and dots.
    var target: String
    var source: String
    var isReadOnly: Bool
  }

  /// By target, so that what is mounted within another mount comes after it.
  let mounts: [Mount]
  /// Directories that are replaced by copies, outer ones first.
  let copies: [String]

  /// Entries of a directory beyond which it is not copied: each is a mount of its own.
  static let longestCopy = 2000

  init(_ wanted: [Mount]) throws(VolumeFailure) {
    var mounts: [Mount] = []
    var copies: Set<String> = []
    for mount in wanted {
      var mount = mount
      (mount.target, _) = SandboxPlan.resolve(mount.target)
      mounts.append(mount)
    }
    mounts.sort { $0.target < $1.target }
    for (index, mount) in mounts.enumerated() {
      // Bubblewrap makes the place in the volume, as a container runtime does.
      if mounts[..<index].contains(where: { mount.target.hasPrefix($0.target + "/") }) { continue }
      let (_, missingBelow) = SandboxPlan.resolve(mount.target)
      if let directory = missingBelow {
        copies.insert(directory)
      } else if PodFiles.isDirectory(mount.target) != PodFiles.isDirectory(mount.source) {
        throw VolumeFailure(
          reason: "CreateContainerError",
          message: "cannot mount \(mount.source) at \(mount.target): one is a directory and the other is not")
      }
    }
    self.mounts = mounts
    self.copies = copies.sorted()
    for directory in self.copies where FileTree.entries(directory).count > SandboxPlan.longestCopy {
      throw VolumeFailure(
        reason: "CreateContainerError",
        message: "the mount point does not exist, and \(directory) has too many entries to make a copy with one")
    }
  }

  /// The path without links and dots, and the nearest directory that exists above it where it does not itself.
  static func resolve(_ path: String) -> (path: String, missingBelow: String?) {
    var parts: [String] = []
    for part in path.split(separator: "/") {
      if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
    }
    for count in stride(from: parts.count, through: 0, by: -1) {
      guard let found = realpath("/" + parts[..<count].joined(separator: "/"), nil) else { continue }
      let existing = String(cString: found)
      free(found)
      if count == parts.count { return (existing, nil) }
      guard PodFiles.isDirectory(existing) else { continue }
      let rest = parts[count...].joined(separator: "/")
      return (existing == "/" ? "/" + rest : existing + "/" + rest, existing)
    }
    return ("/" + parts.joined(separator: "/"), "/")
  }

  /// The machine's path of what the container sees at `path`.
  func outside(_ path: String) -> String {
    let path = SandboxPlan.resolve(path).path
    guard let mount = mounts.last(where: { path == $0.target || path.hasPrefix($0.target + "/") }) else { return path }
    return mount.source + String(decoding: path.utf8.dropFirst(mount.target.utf8.count), as: UTF8.self)
  }

  /// Bubblewrap and its arguments, up to the program that it is to run.
  func arguments(_ bubblewrap: String, workingDirectory: String) -> [String] {
    // Should bubblewrap be killed the program is, too: it goes on being its child.
    var result = [bubblewrap, "--die-with-parent"]
    if copies.first != "/" { result += ["--dev-bind", "/", "/"] }
    for directory in copies {
      if directory != "/" {
        result += ["--perms", SandboxPlan.permissions(directory), "--tmpfs", directory]
      }
      let prefix = directory == "/" ? "/" : directory + "/"
      for name in FileTree.entries(directory).sorted() where !SandboxPlan.isTerminal(prefix + name) {
        result += SandboxPlan.copy(prefix + name)
      }
    }
    for mount in mounts { result += [mount.isReadOnly ? "--ro-bind" : "--bind", mount.source, mount.target] }
    if !workingDirectory.isEmpty { result += ["--chdir", workingDirectory] }
    return result + ["--"]
  }

  private static func copy(_ path: String) -> [String] {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink(path, &target, target.count)
    guard length > 0 else { return ["--dev-bind-try", path, path] }
    return ["--symlink", String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self), path]
  }

  /// Terminals and the like make up most of /dev, and no container has a use for them.
  private static func isTerminal(_ path: String) -> Bool {
    ["/dev/tty", "/dev/vcs", "/dev/loop"].contains { path.hasPrefix($0) && path.utf8.count > $0.utf8.count }
  }

  private static func permissions(_ directory: String) -> String {
    var info = stat()
    guard stat(directory, &info) == 0 else { return "0755" }
    return "0" + String(info.st_mode & 0o1777, radix: 8)
  }
}

extension PodFiles {
  /// What a container's mounts are in the machine's file system; sets the pod's volumes up.
  func mounts(of start: ContainerStart) throws(VolumeFailure) -> [SandboxPlan.Mount] {
    var sources: [String: (path: String, isReadOnly: Bool, isOurs: Bool)] = [:]
    for volume in start.volumes {
      let path = try setUp(volume, podUID: start.id.podUID)
      switch volume.content {
      case .emptyDirectory: sources[volume.name] = (path, false, true)
      case .hostPath: sources[volume.name] = (path, false, false)
      case .files, .earlierFiles: sources[volume.name] = (path, true, true)
      }
    }
    var result: [SandboxPlan.Mount] = []
    for mount in start.mounts {
      guard let volume = sources[mount.volume] else { continue }
      var source = volume.path
      let isReadOnly = volume.isReadOnly || mount.isReadOnly
      if !mount.subPath.isEmpty {
        guard let path = subPath(mount.subPath, of: source) else {
          throw VolumeFailure(
            reason: "CreateContainerConfigError",
            message: "failed to prepare subPath for volumeMount \"\(mount.volume)\" of container "
              + "\"\(start.id.container)\"")
        }
        source = path
      }
      // What is to be seen where it is anyway needs no namespace.
      if !volume.isOurs, !isReadOnly, SandboxPlan.resolve(mount.mountPath).path == SandboxPlan.resolve(source).path {
        continue
      }
      result.append(.init(target: mount.mountPath, source: source, isReadOnly: isReadOnly))
    }
    return result
  }

  /// A part of a volume, made a directory where it is missing; `nil` where it leads out of the volume.
  private func subPath(_ part: String, of volume: String) -> String? {
    guard !part.hasPrefix("/"), !part.split(separator: "/").contains(".."), !part.utf8.contains(0) else { return nil }
    let root = SandboxPlan.resolve(volume).path
    let (path, missingBelow) = SandboxPlan.resolve(volume + "/" + part)
    guard path == root || path.hasPrefix(root == "/" ? "/" : root + "/") else { return nil }
    if missingBelow != nil, PodFiles.makeDirectory(path, mode: 0o755, parents: 0o755) != nil { return nil }
    return path
  }
}
