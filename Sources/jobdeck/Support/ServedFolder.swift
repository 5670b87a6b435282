import Cluster
import Glibc

/// Where a served cluster keeps its socket, and what clients need to come in.
struct ServedFolder: Sendable {
  /// The state directory, or a temporary one for a cluster that keeps nothing.
  let path: String
  private let isTemporary: Bool

  /// Why it cannot be used, in one line.
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  init(_ location: EmbeddedCluster.Options.Location) throws(Problem) {
    switch location {
    case .stateDirectory(let path):
      self.path = path
      isTemporary = false
    case .inMemory:
      let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
      var template = Array("\(named.isEmpty ? "/tmp" : named)/jobdeck-api-XXXXXX".utf8CString)
      guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } != nil }) else {
        throw Problem(description: "cannot create a directory for the socket: \(String(cString: strerror(errno)))")
      }
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      isTemporary = true
    }
    // sockaddr_un has room for 107 bytes.
    guard socket.utf8.count <= 107 else {
      throw Problem(
        description: "\(socket) is too long for the name of a socket: use a state directory with a shorter path")
    }
  }

  var socket: String { path + "/api.sock" }

  /// The socket is made with whatever the umask leaves; from here on it is its owner's alone.
  func restrictSocket() { chmod(socket, 0o600) }

  /// Takes away what is of no use once nobody serves.
  func remove() {
    unlink(socket)
    if isTemporary { rmdir(path) }
  }
}
