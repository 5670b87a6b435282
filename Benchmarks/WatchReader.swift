import KubeModel
import RemoteCluster

/// What a watcher has seen: how many changes, and a number that their order goes into too.
actor WatchTally {
  struct Facts: Equatable, Sendable, CustomStringConvertible {
    var count = 0
    /// Of the resource versions as they came.
    var order = Digest.empty

    var description: String { "\(count) \(order)" }

    init() {}

    /// As `description` has it; of anything else, none at all.
    init(_ text: String) {
      let words = text.split(separator: " ")
      count = words.first.flatMap { Int($0) } ?? -1
      order = words.last.flatMap { UInt64($0) } ?? 0
    }
  }

  private(set) var facts = Facts()

  func note(_ version: String) { note([Array(version.utf8)]) }

  func note(_ versions: [[UInt8]]) {
    for version in versions {
      facts.count += 1
      facts.order = Digest.of(version + [0], from: facts.order)
    }
  }
}

/// One watch over HTTP, as one of the clients that there are would keep it.
struct WatchReader: Sendable {
  private let call: APICall

  /// Half of them watch pods as programs do, the rest as kubectl's tables, by a label, or jobs.
  init(_ number: Int, from version: UInt64) {
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    var query = [("watch", "1"), ("resourceVersion", String(version))]
    if number % 10 == 8 { query.append(("labelSelector", "app=load")) }
    call = APICall(
      "GET", WatchReader.kind(number) == .job ? ["apis", "batch", "v1", "jobs"] : ["api", "v1", "pods"],
      query: query, accept: number % 10 == 7 ? table : "application/json")
  }

  static func kind(_ number: Int) -> Kind { number % 10 >= 5 && number % 10 < 7 ? .job : .pod }

  /// Reads until it is cancelled or the server ends it.
  ///
  /// - Parameter hasBegun: called once the server has taken it up.
  func read(_ client: APIClient, into tally: WatchTally, hasBegun: () async -> Void) async throws {
    var line: [UInt8] = []
    let answer = try await client.stream(call)
    await hasBegun()
    for try await bytes in answer {
      var versions: [[UInt8]] = []
      var start = bytes.startIndex
      while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
        line += bytes[start..<end]
        if let version = Self.version(line) { versions.append(version) }
        line.removeAll(keepingCapacity: true)
        start = end + 1
      }
      line += bytes[start...]
      await tally.note(versions)
    }
  }

  /// The first resource version in an event is its object's.
  private static func version(_ line: [UInt8]) -> [UInt8]? {
    let mark = Array("\"resourceVersion\":\"".utf8)
    var at = 0
    while at + mark.count < line.count {
      if line[at] == mark[0], line[at + 1] == mark[1], line[at + 9] == mark[9],
        line[at..<at + mark.count].elementsEqual(mark)
      {
        return Array(line[(at + mark.count)...].prefix { $0 != UInt8(ascii: "\"") })
      }
      at += 1
    }
    return nil
  }
}
