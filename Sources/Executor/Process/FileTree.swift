import Glibc

/// Directories and what is in them, through bare system calls: for threads of our own.
package enum FileTree {
  /// The names in a directory, without `.` and `..`; none where it cannot be read.
  package static func entries(_ directory: String) -> [String] {
    guard let listing = opendir(directory) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = name(of: entry)
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes what is at the path, and what is in it. A link is removed, not followed.
  package static func removeTree(_ path: String) {
    if unlink(path) == 0 || errno == ENOENT { return }
    guard rmdir(path) != 0, errno != ENOENT else { return }
    // A container may have taken its own rights away.
    if errno == EACCES || errno == ENOTEMPTY { chmod(path, 0o700) }
    for name in entries(path) { removeTree(path + "/" + name) }
    rmdir(path)
  }
}
