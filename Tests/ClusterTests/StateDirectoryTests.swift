import Glibc
import Testing

@testable import Cluster

struct StateDirectoryTests {
  private let temporary = TemporaryDirectory()

  @Test func createsWhatIsMissingForItsUserAlone() throws {
    let path = temporary.file("a/b/state")
    let directory = try StateDirectory(path: path)
    defer { directory.release() }
    #expect(mode(temporary.file("a")) == 0o700)
    #expect(mode(path) == 0o700)
    #expect(mode(directory.logsPath) == 0o700)
    #expect(mode(path + "/lock") == 0o600)
  }

  @Test func aSecondOwnerIsToldWhoTheFirstIs() throws {
    let path = temporary.file("state")
    let directory = try StateDirectory(path: path)
    let error = StateDirectoryError.held(path: path, pid: Int(getpid()))
    #expect(throws: error) { try StateDirectory(path: path) }
    #expect(error.description == "\(path) is in use by another jobdeck (process \(getpid()))")
    directory.release()
    try StateDirectory(path: path).release()
  }

  @Test func aLockFileThatADeadProcessLeftIsNoObstacle() throws {
    let path = temporary.file("state")
    try StateDirectory(path: path).release()
    writeBytes(Array("4194999\n".utf8), to: path + "/lock")
    try StateDirectory(path: path).release()
  }

  @Test func aFileInItsPlaceIsOneLine() throws {
    writeBytes([], to: temporary.file("state"))
    #expect(throws: StateDirectoryError.unusable(path: temporary.file("state"), problem: "is not a directory")) {
      try StateDirectory(path: temporary.file("state"))
    }
    #expect(throws: StateDirectoryError.self) { try StateDirectory(path: temporary.file("state/deeper")) }
  }

  @Test func leavesTheModeOfADirectoryThatWasThere() throws {
    let path = temporary.file("shared")
    mkdir(path, 0o755)
    chmod(path, 0o755)
    try StateDirectory(path: path).release()
    #expect(mode(path) == 0o755)
  }

  @Test func aTemporaryDirectoryGoesWithAllThatIsInIt() throws {
    let directory = try StateDirectory.temporary()
    mkdir(directory.logsPath + "/pod", 0o700)
    writeBytes([1], to: directory.logsPath + "/pod/0.log")
    #expect(mode(directory.path) == 0o700)
    directory.release()
    #expect(mode(directory.path) == 0)
  }

  @Test func whatAKilledProcessLeftIsRemoved() throws {
    func lay(_ name: String, isTemporary: Bool = true, lock: String?) throws -> String {
      let path = temporary.file(name)
      try StateDirectory(path: path).release()
      unlink(path + "/lock")
      if isTemporary { writeBytes([], to: path + "/temporary") }
      if let lock { writeBytes(Array(lock.utf8), to: path + "/lock") }
      return path
    }
    let abandoned = try lay("jobdeck-aaaaaa", lock: "4194999\n")
    let others = [
      try lay("jobdeck-bbbbbb", lock: ""), try lay("jobdeck-cccccc", lock: nil),
      try lay("jobdeck-dddddd", isTemporary: false, lock: "4194999\n"), try lay("else-eeeeee", lock: "4194999\n"),
    ]
    let held = try StateDirectory(path: temporary.file("jobdeck-ffffff"), isTemporary: true)

    StateDirectory.removeAbandoned(in: temporary.path)

    #expect(access(abandoned, F_OK) != 0)
    for path in others + [held.path] { #expect(access(path, F_OK) == 0, "\(path)") }
    held.release()
    #expect(access(held.path, F_OK) != 0)
  }
}
