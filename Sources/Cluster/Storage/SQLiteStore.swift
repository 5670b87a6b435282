internal import Foundation
internal import GRDB
internal import Glibc
internal import KubeModel

/// Objects in a SQLite database: one row an object, its latest state as JSON.
///
/// Write-ahead logging with `synchronous = NORMAL`: a commit is one append to the log and no fsync. What is
/// committed survives any end of this process; a power cut may take the last commits with it, but never leaves a
/// state that did not exist, and it ends the processes that those commits tell of as well.
struct SQLiteStore: ObjectStore {
  /// `JOBD`, in the header of our databases, so that no other program's is ever written to.
  static let applicationID: UInt32 = 0x4A4F_4244
  /// Pages of 4 KiB that the log grows to before it is moved into the database.
  private static let checkpointPages = 4000

  private let queue: DatabaseQueue
  private let path: String

  /// Opens the database, and creates it where there is none.
  ///
  /// - Throws: `StateDirectoryError.database` for a file that is not a database of ours, is damaged, or was written
  ///   by a newer version; nothing in it has been changed then.
  init(path: String) throws(StateDirectoryError) {
    self.path = path
    let isNew = try SQLiteStore.prepareFile(path)
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(2)
      configuration.label = "jobdeck.cluster"
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        // First the mark, and that not through the log: the file on its own must say whose it is. A new file has
        // nothing to lose, so that a dozen fsyncs need not hold up the first start.
        if isNew {
          try database.execute(
            sql: "PRAGMA synchronous = OFF; PRAGMA application_id = \(SQLiteStore.applicationID)")
        }
        // Exclusive: the directory's lock keeps others out already, and SQLite saves its locks for every commit.
        try database.execute(
          sql: """
            PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA wal_autocheckpoint = \(SQLiteStore.checkpointPages);
            PRAGMA journal_size_limit = 33554432;
            """)
      }
      let migrator = SQLiteStore.migrator
      guard try !queue.read({ try migrator.hasBeenSuperseded($0) }) else {
        throw StoreError("was written by a newer version of jobdeck; this one cannot read it")
      }
      try migrator.migrate(queue)
    } catch let error as StoreError {
      throw .database(path: path, problem: error.description)
    } catch {
      throw .database(path: path, problem: SQLiteStore.explain(error).description)
    }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 objects") { database in
      // By name and not by UID: that is what must be unique among the living.
      try database.execute(
        sql: """
          CREATE TABLE objects (
            kind TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (kind, namespace, name)
          );
          CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
          """)
    }
    return migrator
  }

  /// Makes sure that the file exists, belongs to its user alone and is a database of ours; true for a new one.
  private static func prepareFile(_ path: String) throws(StateDirectoryError) -> Bool {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .unusable(path: path, problem: systemError()) }
    defer { Glibc.close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0 else { throw .unusable(path: path, problem: systemError()) }
    var header = [UInt8](repeating: 0, count: 100)
    let count = pread(descriptor, &header, header.count, 0)
    guard count >= 0 else { throw .unusable(path: path, problem: systemError()) }
    if count == 0 { return true }
    guard count == header.count, header.starts(with: "SQLite format 3\0".utf8) else {
      throw .database(path: path, problem: "is not a database; move it away to start with an empty cluster")
    }
    guard header[68..<72].reduce(0, { $0 << 8 | UInt32($1) }) == applicationID else {
      throw .database(path: path, problem: "is not jobdeck's database; jobdeck leaves it alone")
    }
    return false
  }

  mutating func load() throws(StoreError) -> StoredCluster {
    var rows: [StoredObjectReader.Row] = []
    var meta: [String: Int64] = [:]
    do {
      try queue.read { database in
        let cursor = try Row.fetchCursor(database, sql: "SELECT kind, namespace, name, json FROM objects")
        while let row = try cursor.next() {
          let json: [UInt8] = try row.withUnsafeData(atIndex: 3) { $0.map { [UInt8]($0) } ?? [] }
          rows.append(StoredObjectReader.Row(kind: row[0], namespace: row[1], name: row[2], json: json))
        }
        for row in try Row.fetchAll(database, sql: "SELECT key, value FROM meta") { meta[row[0]] = row[1] }
      }
    } catch {
      throw SQLiteStore.explain(error)
    }
    return StoredCluster(
      objects: try StoredObjectReader.readAll(rows), version: UInt64(bitPattern: meta["version"] ?? 0),
      seed: UInt64(bitPattern: meta["seed"] ?? 0))
  }

  mutating func commit(_ changes: ArraySlice<Change>) throws(StoreError) {
    guard let last = changes.last else { return }
    do {
      try queue.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          let put = try database.cachedStatement(
            sql: """
              INSERT INTO objects (kind, namespace, name, version, json) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (kind, namespace, name) DO UPDATE SET version = excluded.version, json = excluded.json
              """)
          let remove = try database.cachedStatement(
            sql: "DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ?")
          try SQLiteStore.forEachLatest(changes) { key, change in
            if change.verb == .deleted {
              remove.setUncheckedArguments([key.kind.rawValue, key.namespace, key.name])
              try remove.execute()
            } else {
              var writer = JSONWriter(keepsMicroseconds: true)
              change.object.encode(to: &writer)
              put.setUncheckedArguments([
                key.kind.rawValue, key.namespace, key.name, Int64(bitPattern: change.version), Data(writer.bytes),
              ])
              try put.execute()
            }
          }
          try SQLiteStore.setMeta(database, "version", last.version)
          return .commit
        }
      }
    } catch {
      throw SQLiteStore.explain(error)
    }
  }

  /// Notes what the cluster's random numbers start from.
  func setSeed(_ seed: UInt64) throws(StoreError) {
    do {
      try queue.write { try SQLiteStore.setMeta($0, "seed", seed) }
    } catch {
      throw SQLiteStore.explain(error)
    }
  }

  private static func setMeta(_ database: Database, _ key: String, _ value: UInt64) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
    statement.setUncheckedArguments([key, Int64(bitPattern: value)])
    try statement.execute()
  }

  /// Shows the last change of every object: what came before it in the same transaction need not be written.
  static func forEachLatest(
    _ changes: ArraySlice<Change>, _ body: (ObjectKey, Change) throws -> Void
  ) rethrows {
    var seen = Set<ObjectKey>(minimumCapacity: changes.count)
    for change in changes.reversed() {
      let key = change.object.key
      if seen.insert(key).inserted { try body(key, change) }
    }
  }

  mutating func close() {
    // Without the log the database is one file, which is easier to copy. Where that fails the log stays, and is read
    // at the next start.
    _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    try? queue.close()
  }

  /// Limits the database to so many pages of 4 KiB.
  func limit(pages: Int) throws {
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
  }

  private static func explain(_ error: any Error) -> StoreError {
    guard let error = error as? DatabaseError else { return StoreError("\(error)") }
    let text = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_FULL: return StoreError(text, cause: .full)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return StoreError("is damaged (\(text)); restore a copy, or move it away to start with an empty cluster")
    default: return StoreError(text)
    }
  }
}
