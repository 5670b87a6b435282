internal import Executor
internal import Glibc
internal import Threading

/// Why a state directory cannot be used.
public enum StateDirectoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Another jobdeck works in it; 0 where its process is not known.
  case held(path: String, pid: Int)
  /// It, or something in it, cannot be created, opened or read.
  case unusable(path: String, problem: String)
  /// The database is not one of jobdeck's, is damaged, or was written by a newer jobdeck.
  case database(path: String, problem: String)

  /// One line for the user.
  public var description: String {
    switch self {
    case .held(let path, let pid):
      pid > 0
        ? "\(path) is in use by another jobdeck (process \(pid))" : "\(path) is in use by another jobdeck"
    case .unusable(let path, let problem): "\(path): \(problem)"
    case .database(let path, let problem): "\(path): \(problem)"
    }
  }
}

/// A directory that one cluster owns while it runs: its database, its logs, and the lock that keeps others out.
///
/// What is made here is for its user alone (directories 0700, files 0600), whatever the umask says; a directory that
/// existed keeps its mode. The lock belongs to the open file, so it ends with the process, however that ends.
final class StateDirectory: Sendable {
  let path: String
  private let lockDescriptor: Int32
  /// Whether the directory goes when its cluster does.
  private let isTemporary: Bool

  var databasePath: String { path + "/cluster.sqlite" }
  var logsPath: String { path + "/logs" }
  /// What pods have of their own besides logs, by UID; there once a pod needed it.
  var podsPath: String { path + "/pods" }

  /// Creates the directory where it is missing, with its parents, and locks it.
  ///
  /// - Throws: `StateDirectoryError.held` where another jobdeck has it, `.unusable` for everything else.
  init(path: String, isTemporary: Bool = false) throws(StateDirectoryError) {
    self.path = path
    self.isTemporary = isTemporary
    try StateDirectory.createDirectory(path)
    if isTemporary { close(open(path + "/" + Self.temporaryMark, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)) }
    lockDescriptor = try StateDirectory.lock(path)
    do {
      try StateDirectory.createDirectory(path + "/logs")
    } catch {
      close(lockDescriptor)
      throw error
    }
  }

  /// A directory of its own for a cluster that leaves nothing behind.
  static func temporary() throws(StateDirectoryError) -> StateDirectory {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let parent = named.isEmpty ? "/tmp" : named
    var template = Array("\(parent)/\(temporaryPrefix)XXXXXX".utf8CString)
    guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } != nil }) else {
      throw .unusable(path: parent, problem: "cannot create a directory: \(systemError())")
    }
    // Nobody waits for it, and without a thread they stay until the next start.
    try? startThread(name: "jobdeck-remove") { removeAbandoned(in: parent) }
    return try StateDirectory(
      path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self), isTemporary: true)
  }

  private static let temporaryPrefix = "jobdeck-"
  /// The name of a file that tells a temporary directory from one that its user means to keep.
  private static let temporaryMark = "temporary"

  /// Removes the temporary directories of processes that were killed before they could do it themselves.
  static func removeAbandoned(in parent: String) {
    for name in FileTree.entries(parent) where name.hasPrefix(temporaryPrefix) {
      let path = "\(parent)/\(name)"
      var info = stat()
      guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == geteuid(),
        access("\(path)/\(temporaryMark)", F_OK) == 0
      else { continue }
      let descriptor = open("\(path)/lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      // A number in the file tells that it was locked once; that it can be locked again, that its owner is gone.
      if readPID(descriptor) != nil, flock(descriptor, LOCK_EX | LOCK_NB) == 0 { FileTree.removeTree(path) }
      close(descriptor)
    }
  }

  /// Removes what pods have left that are gone: a crash may come between the end of a pod and that of its logs.
  ///
  /// The logs of a pod are in `NAMESPACE_POD_UID`, its volumes in `UID`. It happens on a thread of its own.
  func removeLeftovers(ofPodsOtherThan uids: Set<String>) {
    let logs = FileTree.entries(logsPath).filter { name in
      name.lastIndex(of: "_").map { !uids.contains(String(name[name.index(after: $0)...])) } ?? false
    }
    let pods = FileTree.entries(podsPath).filter { !uids.contains($0) }
    let gone = logs.map { "\(logsPath)/\($0)" } + pods.map { "\(podsPath)/\($0)" }
    guard !gone.isEmpty else { return }
    // Without a thread they stay until the next start, which harms nobody.
    try? startThread(name: "jobdeck-remove") {
      for path in gone { FileTree.removeTree(path) }
    }
  }

  /// Lets others in, and removes a temporary directory.
  func release() {
    if isTemporary {
      FileTree.removeTree(path)
    }
    flock(lockDescriptor, LOCK_UN)
    close(lockDescriptor)
  }

  private static func createDirectory(_ path: String) throws(StateDirectoryError) {
    var info = stat()
    if stat(path, &info) == 0 {
      guard info.st_mode & S_IFMT == S_IFDIR else { throw .unusable(path: path, problem: "is not a directory") }
      return
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      let parent = String(path[..<slash])
      if stat(parent, &info) != 0 { try createDirectory(parent) }
    }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .unusable(path: path, problem: "cannot create the directory: \(systemError())")
    }
    // A umask can only have taken rights away that the owner needs.
    chmod(path, 0o700)
  }

  private static func lock(_ path: String) throws(StateDirectoryError) -> Int32 {
    let file = path + "/lock"
    // Not inherited: a process that outlives us must not keep the directory locked.
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .unusable(path: file, problem: systemError()) }
    fchmod(descriptor, 0o600)
    var waits = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      guard code == EWOULDBLOCK else {
        close(descriptor)
        throw .unusable(path: file, problem: "cannot lock: \(describe(errno: code))")
      }
      let holder = readPID(descriptor)
      // The lock of a process that has just died may live on in what it left behind, but not for long.
      if let holder, kill(pid_t(holder), 0) != 0, errno == ESRCH, waits < 100 {
        waits += 1
        usleep(20_000)
        continue
      }
      close(descriptor)
      throw .held(path: path, pid: holder ?? 0)
    }
    let text = Array("\(getpid())\n".utf8)
    ftruncate(descriptor, 0)
    pwrite(descriptor, text, text.count, 0)
    return descriptor
  }

  private static func readPID(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 24)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int(String(decoding: bytes[..<count].prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self)).flatMap {
      $0 > 0 && $0 <= Int(Int32.max) ? $0 : nil
    }
  }
}

/// What the last failed system call said.
func systemError() -> String { describe(errno: errno) }

/// The system's words for an error number.
func describe(errno code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
