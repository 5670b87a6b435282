import Cluster
import KubeModel
import Testing

@testable import APIServer

/// Watches with the same parameters are one as far as the cluster is concerned, and nobody sees the difference.
@Suite(.timeLimit(.minutes(5))) struct SharedWatchTests {
  private actor Lines {
    private(set) var text: [String] = []
    private var rest: [UInt8] = []

    func add(_ bytes: [UInt8]) {
      rest += bytes
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        text.append(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeFirst(end + 1)
      }
    }
  }

  private struct Sink: APIResponse.Sink {
    let lines: Lines
    /// How long each piece takes.
    var delay = Duration.zero
    mutating func write(_ bytes: [UInt8]) async throws {
      if delay > .zero { try await Task.sleep(for: delay) }
      await lines.add(bytes)
    }
  }

  private static let configMaps = "/api/v1/namespaces/default/configmaps"

  private func watch(
    _ rig: Rig, _ query: String, accept: String = "", delay: Duration = .zero, into lines: Lines
  ) async throws {
    let request = try #require(APIRequest("GET", Self.configMaps + "?watch=1" + query, accept: accept))
    guard case .stream(let write) = await rig.handler.respond(to: request).body else {
      Issue.record("a watch is a stream")
      return
    }
    var sink: any APIResponse.Sink = Sink(lines: lines, delay: delay)
    try await write(&sink)
  }

  private func until(_ what: String, _ isTrue: () async -> Bool) async throws {
    for _ in 0..<10_000 {
      if await isTrue() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("never: \(what)")
  }

  /// The version that each line is about, and what it says of it.
  private static func facts(_ lines: [String]) throws -> [String] {
    try lines.compactMap { line -> String? in
      let event = try JSONParser.parse(Array(line.utf8))
      guard event["type"] != "BOOKMARK" else { return nil }
      let object = event["object"]?["rows"]?.array?.first?["object"] ?? event["object"]
      return "\(event["type"]?.string ?? "") \(object?["metadata"]?["resourceVersion"]?.string ?? "")"
    }
  }

  private static func map(_ name: String, label: String = "a") -> KubeObject {
    var map = ConfigMap()
    map.metadata.name = name
    map.metadata.namespace = "default"
    map.metadata.labels["side"] = label
    return .configMap(map)
  }

  private static func change(_ rig: Rig, _ number: Int) async throws {
    let name = "m\(number % 7)"
    let key = ObjectKey(.configMap, namespace: "default", name: name)
    switch number % 5 {
    case 0: _ = try? await rig.cluster.create(map(name, label: number % 2 == 0 ? "a" : "b"), dryRun: false)
    case 4: _ = try? await rig.cluster.delete(key, DeleteOptions())
    default:
      let labels: JSONValue = [
        "metadata": ["labels": ["side": .string(number % 3 == 0 ? "b" : "a"), "number": .string("\(number)")]]
      ]
      _ = try? await rig.cluster.patch(key, .merge, labels)
    }
  }

  /// Watches that begin while changes come, at old versions and new, with all that watches can ask for.
  @Test func everyoneSeesEverythingInOrder() async throws {
    try await Rig.run { rig in
      let start = try await rig.cluster.list(.configMap, namespace: nil).version
      let kinds: [(query: String, accept: String)] = [
        ("&resourceVersion=\(start)", ""), ("&resourceVersion=\(start)", Rig.table),
        ("&resourceVersion=\(start)&labelSelector=side%3Da", ""),
      ]
      let count = 300
      var all: [[Lines]] = kinds.map { _ in [] }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count {
          if number % 20 == 0 {
            for (index, kind) in kinds.enumerated() {
              let lines = Lines()
              all[index].append(lines)
              let delay = Duration.milliseconds(number % 40 == 0 ? 0 : 3)
              group.addTask { try await watch(rig, kind.query, accept: kind.accept, delay: delay, into: lines) }
            }
          }
          try await Self.change(rig, number)
          if number % 30 == 0 { try await Task.sleep(for: .milliseconds(30)) }
        }
        _ = try await rig.cluster.create(Self.map("last"), dryRun: false)
        for lines in all.joined() {
          try await until("the last change is seen") { await lines.text.last?.contains("\"last\"") ?? false }
        }
        // All who watch the same are one by now.
        #expect(rig.handler.watches.count == kinds.count)
        group.cancelAll()
      }
      try await until("watches end with those who watch") { rig.handler.watches.count == 0 }
      for (index, kind) in kinds.enumerated() {
        let seen = all[index]
        let first = try Self.facts(await seen[0].text)
        #expect(first.count > 50, "\(kind)")
        #expect(
          first.map { UInt64($0.split(separator: " ")[1]) ?? 0 }
            == first.map { UInt64($0.split(separator: " ")[1]) ?? 0 }.sorted())
        for lines in seen {
          let facts = try Self.facts(await lines.text)
          if index < 2 { #expect(facts == first, "\(kind)") }
          // Who began later knows less of what its client had seen: it may be told more, but never less.
          #expect(
            Set(first.filter { !$0.hasPrefix("ADDED") }).subtracting(facts).filter { $0.hasPrefix("DELETED") }.isEmpty)
        }
      }
      // The head of a table stands in the first event alone.
      for lines in all[1] {
        let heads = await lines.text.filter { !$0.contains("\"columnDefinitions\":[]") }
        #expect(heads.count == 1)
      }
    }
  }

  @Test func aWatchThatBeginsWithWhatThereIsJoinsAtOnce() async throws {
    try await Rig.run { rig in
      _ = try await rig.cluster.create(Self.map("there"), dryRun: false)
      let (one, two) = (Lines(), Lines())
      try await withThrowingTaskGroup(of: Void.self) { group in
        for lines in [one, two] { group.addTask { try await watch(rig, "", into: lines) } }
        for lines in [one, two] { try await until("the beginning") { await lines.text.count >= 2 } }
        #expect(rig.handler.watches.count == 1)
        _ = try await rig.cluster.create(Self.map("new"), dryRun: false)
        for lines in [one, two] { try await until("the change") { await lines.text.count >= 3 } }
        #expect(await one.text == two.text)
        group.cancelAll()
      }
    }
  }

  @Test func bookmarksComeBehindWhatTheyMark() async throws {
    let lines = WatchSession.Lines(bytes: Array("a\nb\n".utf8), ends: [(5, 2), (7, 4)], version: 9)
    let member = WatchMember(version: 5)
    member.push(SharedWatch.Chunk(lines))
    member.askForBookmark()
    let turn = try #require(try await member.next())
    #expect(turn.parts.map { String(decoding: $0.bytes, as: UTF8.self) } == ["b\n"])
    #expect(turn.wantsBookmark && turn.version == 9)
    // What was seen is not seen again.
    member.push(SharedWatch.Chunk(lines))
    member.finish()
    #expect(try await member.next() == nil)
  }

  @Test func whoDoesNotReadIsCutOff() async throws {
    let member = WatchMember(version: 0)
    let part = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    for number in 1...20 {
      let version = UInt64(number)
      member.push(SharedWatch.Chunk(.init(bytes: part, ends: [(version, part.count)], version: version)))
    }
    await #expect(throws: StatusError.self) { try await member.next() }
  }

  @Test func onlyTheLatestRevisionStaysEncoded() {
    let encoded = EncodedObjects()
    var map = ConfigMap()
    map.metadata.uid = "u"
    for version in 1...100 {
      map.metadata.resourceVersion = "\(version)"
      map.data["x"] = "\(version)"
      let bytes = encoded.json(.configMap(map))
      #expect(String(decoding: bytes, as: UTF8.self).contains("\"x\":\"\(version)\""))
      #expect(encoded.json(.configMap(map)) == bytes)
    }
    #expect(encoded.count == 1)
    encoded.forget("u")
    #expect(encoded.count == 0)
    // However many there are, it does not grow for ever.
    map.data["x"] = String(repeating: "y", count: 1_000_000)
    for number in 0..<200 {
      map.metadata.uid = "u\(number)"
      _ = encoded.json(.configMap(map))
    }
    #expect((20...60).contains(encoded.count), "\(encoded.count)")
  }
}
