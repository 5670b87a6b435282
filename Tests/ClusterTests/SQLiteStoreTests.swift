import GRDB
import KubeModel
import Testing

@testable import Cluster

struct SQLiteStoreTests {
  private let directory = TemporaryDirectory()
  private var path: String { directory.file("cluster.sqlite") }

  @Test func keepsTheLatestStateOfEveryObject() throws {
    let pods = (1...3).map { KubeObject.pod(Sample.pod($0)) }
    var changed = pods[1]
    changed.metadata.labels["changed"] = "yes"
    var store = try SQLiteStore(path: path)
    try store.setSeed(.max)
    try store.commit([
      Sample.change(.added, pods[0], 1), Sample.change(.added, pods[1], 2), Sample.change(.added, pods[2], 3),
      Sample.change(.modified, changed, 4),
    ])
    try store.commit([Sample.change(.deleted, pods[2], 5)])
    store.close()

    var reopened = try SQLiteStore(path: path)
    let stored = try reopened.load()
    #expect(stored.version == 5)
    #expect(stored.seed == .max)
    let names = stored.objects.sorted { $0.key < $1.key }
    #expect(names.map(\.metadata.name) == ["crunch-1", "crunch-2"])
    #expect(names.first == Sample.change(.added, pods[0], 1).object, "microseconds and all")
    #expect(names.last == Sample.change(.modified, changed, 4).object)
    reopened.close()
  }

  @Test func anObjectThatComesAgainUnderItsNameReplacesTheOldOne() throws {
    var second = Sample.pod(1)
    second.metadata.uid = "another"
    var store = try SQLiteStore(path: path)
    try store.commit([Sample.change(.added, .pod(Sample.pod(1)), 1)])
    try store.commit([
      Sample.change(.deleted, .pod(Sample.pod(1)), 2), Sample.change(.added, .pod(second), 3),
    ])
    #expect(try store.load().objects.map(\.metadata.uid) == ["another"])
    store.close()
  }

  @Test func podsOfOneJobShareTheirTemplate() throws {
    var store = try SQLiteStore(path: path)
    let changes = (1...4).map { Sample.change(.added, .pod(Sample.pod($0)), UInt64($0)) }
    try store.commit(changes[...])
    let pods = try store.load().objects.compactMap { if case .pod(let pod) = $0 { pod } else { nil } }
    #expect(pods.count == 4)
    #expect(pods.allSatisfy { $0.spec.common.isIdentical(to: pods[0].spec.common) })
    store.close()
  }

  /// What a crash leaves: the files as they are, the log not yet moved into the database.
  @Test func survivesWithoutBeingClosed() throws {
    let copyPath = directory.file("copy.sqlite")
    var store = try SQLiteStore(path: path)
    try store.commit([Sample.change(.added, .pod(Sample.pod(1)), 7)])
    copy(path, to: copyPath)
    copy(path + "-wal", to: copyPath + "-wal")
    store.close()
    var crashed = try SQLiteStore(path: copyPath)
    #expect(try crashed.load().version == 7)
    #expect(try crashed.load().objects.count == 1)
    crashed.close()
  }

  @Test func filesAreForTheirUserAlone() throws {
    var store = try SQLiteStore(path: path)
    try store.commit([Sample.change(.added, .pod(Sample.pod(1)), 1)])
    #expect(mode(path) == 0o600)
    #expect(mode(path + "-wal") == 0o600)
    #expect(mode(path + "-shm") == 0, "nothing is shared with other processes")
    store.close()
  }

  @Test func aFullDiskIsAnErrorAndLeavesWhatWasThere() throws {
    var store = try SQLiteStore(path: path)
    try store.commit([Sample.change(.added, .pod(Sample.pod(1)), 1)])
    try store.limit(pages: 12)
    let many = (2...200).map { Sample.change(.added, .pod(Sample.pod($0)), UInt64($0)) }
    do {
      try store.commit(many[...])
      Issue.record("200 pods do not fit")
    } catch {
      #expect(error.cause == .full)
      #expect(error.description == "database or disk is full")
    }
    #expect(try store.load().version == 1)
    try store.limit(pages: 100_000)
    try store.commit(many[...])
    #expect(try store.load().objects.count == 200)
    store.close()
  }

  @Test func aFileThatIsNoDatabaseIsLeftAlone() throws {
    let text = "Dear diary, " + String(repeating: "today ", count: 40)
    writeBytes(Array(text.utf8), to: path)
    expectRefusal("is not a database; move it away to start with an empty cluster")
    #expect(readBytes(path) == Array(text.utf8))
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() throws {
    do {
      let queue = try DatabaseQueue(path: path)
      try queue.write { try $0.execute(sql: "CREATE TABLE diary (day TEXT)") }
      try queue.close()
    }
    let before = readBytes(path)
    expectRefusal("is not jobdeck's database; jobdeck leaves it alone")
    #expect(readBytes(path) == before)
  }

  @Test func aNewerVersionsDatabaseIsLeftAlone() throws {
    do {
      var store = try SQLiteStore(path: path)
      store.close()
      let queue = try DatabaseQueue(path: path)
      try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 the future')") }
      try queue.close()
    }
    expectRefusal("was written by a newer version of jobdeck; this one cannot read it")
  }

  @Test func aDamagedDatabaseIsOneLine() throws {
    do {
      var store = try SQLiteStore(path: path)
      let changes = (1...50).map { Sample.change(.added, .pod(Sample.pod($0)), UInt64($0)) }
      try store.commit(changes[...])
      store.close()
    }
    var bytes = readBytes(path)
    for index in bytes.indices where index > 4096 { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    let damaged = directory.file("damaged.sqlite")
    writeBytes(bytes, to: damaged)
    do {
      var store = try SQLiteStore(path: damaged)
      defer { store.close() }
      _ = try store.load()
      Issue.record("a damaged database was read")
    } catch {
      #expect(!"\(error)".contains("\n"))
      #expect("\(error)".contains("is damaged"))
    }
    #expect(readBytes(damaged).count == bytes.count)
  }

  @Test func anObjectThatCannotBeReadIsNamed() throws {
    var store = try SQLiteStore(path: path)
    try store.commit([Sample.change(.added, .pod(Sample.pod(1)), 1)])
    store.close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "UPDATE objects SET json = '{\"metadata\":'") }
    try queue.close()
    var reopened = try SQLiteStore(path: path)
    #expect { try reopened.load() } throws: { "\($0)".contains("the Pod default/crunch-1") }
    reopened.close()
  }

  private func expectRefusal(_ problem: String) {
    #expect(throws: StateDirectoryError.database(path: path, problem: problem)) { try SQLiteStore(path: path) }
  }
}
