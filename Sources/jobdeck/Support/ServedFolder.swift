import APIServerTLS
import Cluster
import Glibc
import Threading

/// Where a served cluster keeps its socket, and what clients need to come in.
struct ServedFolder: Sendable {
  /// The state directory, or a temporary one for a cluster that keeps nothing.
  let path: String
  private let isTemporary: Bool
  /// What was made here to be found by clients.
  private let served = Locked(Served())

  private struct Served {
    var socket: ino_t?
    var url: String?
  }

  /// Why it cannot be used, in one line.
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  /// A folder that is there, or will be.
  init(path: String) {
    self.path = path
    isTemporary = false
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
  /// What only the owner may know, each 0600.
  private var tokenFile: String { path + "/api.token" }
  private var certificateFile: String { path + "/api.crt" }
  private var keyFile: String { path + "/api.key" }
  /// The URL that is served, while it is.
  private var addressFile: String { path + "/api.url" }

  /// The socket is made with whatever the umask leaves; from here on it is its owner's alone.
  func restrictSocket() {
    chmod(socket, 0o600)
    let made = inode(of: socket)
    served.withLock { $0.socket = made }
  }

  /// For one who could not open the cluster: what is here may belong to another jobdeck that has.
  func abandon() {
    if isTemporary { rmdir(path) }
  }

  /// Takes away what is of no use once nobody serves: what was made here, and not what another jobdeck has put in its
  /// place meanwhile.
  func remove() {
    let served = served.withLock { $0 }
    if let made = served.socket, inode(of: socket) == made { unlink(socket) }
    if let url = served.url, read(addressFile) == url { unlink(addressFile) }
    guard isTemporary else { return }
    for file in [tokenFile, certificateFile, keyFile] { unlink(file) }
    rmdir(path)
  }

  // MARK: What clients need

  /// What a client has to know.
  struct Access: Hashable, Sendable {
    var url: String
    var certificate: String
    var token: String
  }

  /// What clients of the running server need; `nil` where none serves on TCP.
  func access() -> Access? {
    // A server that was killed has left its address here.
    guard isAnswered, let url = read(addressFile), let certificate = read(certificateFile), let token = read(tokenFile)
    else {
      return nil
    }
    return Access(url: url, certificate: certificate, token: token)
  }

  /// Whether somebody accepts connections on the socket.
  private var isAnswered: Bool {
    let descriptor = Glibc.socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(socket.utf8)
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    // It is there, too, where more connect than it accepts just now.
    return result == 0 || errno == EAGAIN
  }

  /// The token that is kept here; made where there is none.
  func token() throws -> String {
    if let known = read(tokenFile), known.utf8.count >= 32 { return known }
    var random = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef".utf8)
    let token = String(decoding: (0..<64).map { _ in digits[Int(random.next() & 15)] }, as: UTF8.self)
    try write(token, to: tokenFile)
    return token
  }

  /// The certificate that is kept here; made anew where there is none, or none for these hosts.
  func identity(hosts: [String]) throws -> ServerIdentity {
    if let certificate = read(certificateFile), let key = read(keyFile) {
      let known = ServerIdentity(certificate: certificate + "\n", privateKey: key + "\n")
      if known.serves(hosts) { return known }
    }
    let made = try ServerIdentity.make(hosts: hosts)
    try write(made.privateKey, to: keyFile)
    try write(made.certificate, to: certificateFile)
    return made
  }

  /// Tells clients where to go.
  func publish(url: String) throws {
    try write(url, to: addressFile)
    served.withLock { $0.url = url }
  }

  private func inode(of file: String) -> ino_t? {
    var status = stat()
    return stat(file, &status) == 0 ? status.st_ino : nil
  }

  private func read(_ file: String) -> String? {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    var text = Substring(String(decoding: bytes[..<count], as: UTF8.self))
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }

  /// Written aside and put in place at once, readable by its owner alone from the first byte on.
  private func write(_ text: String, to file: String) throws {
    let aside = file + ".new"
    unlink(aside)
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let bytes = Array(text.utf8)
    let written = descriptor >= 0 ? Glibc.write(descriptor, bytes, bytes.count) : -1
    let code = errno
    if descriptor >= 0 { close(descriptor) }
    guard written == bytes.count, rename(aside, file) == 0 else {
      throw Problem(description: "\(file): cannot be written: \(String(cString: strerror(code)))")
    }
  }
}
