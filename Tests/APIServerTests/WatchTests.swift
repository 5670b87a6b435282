import KubeModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct WatchTests {
  private func events(_ text: String) throws -> [JSONValue] {
    try text.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
  }

  @Test func beginsWithWhatThereIs() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("b", duration: "1h"))
      let seen = try events(
        try await rig.ask("GET", Rig.jobs + "?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Db").text)
      #expect(seen.first?["type"] == "ADDED")
      #expect(seen.allSatisfy { $0["object"]?["metadata"]?["name"] == "b" })
    }
  }

  @Test func goesOnFromAVersion() async throws {
    try await Rig.run { rig in
      let version = try #require(
        try await rig.ask("GET", Rig.jobs).json["metadata"]?["resourceVersion"]?.string)
      let label = "application/merge-patch+json"
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h", labels: #"{"x":"1"}"#))
      _ = try await rig.ask("PATCH", Rig.jobs + "/a", #"{"metadata":{"labels":{"x":null}}}"#, type: label)
      _ = try await rig.ask("DELETE", Rig.jobs + "/a?propagationPolicy=Background")
      let all = try events(
        try await rig.ask("GET", Rig.jobs + "?watch=1&timeoutSeconds=1&resourceVersion=\(version)").text)
      #expect(all.first?["type"] == "ADDED")
      #expect(all.last?["type"] == "DELETED")
      let labelled = try events(
        try await rig.ask(
          "GET", Rig.jobs + "?watch=1&timeoutSeconds=1&resourceVersion=\(version)&labelSelector=x%3D1"
        ).text)
      #expect(labelled.first?["type"] == "ADDED")
      // What stops to match is gone as far as this watch is concerned.
      #expect(labelled.contains { $0["type"] == "DELETED" })
    }
  }

  @Test func tellsWhenItCannotGoOn() async throws {
    try await Rig.run { rig in
      let seen = try events(
        try await rig.ask("GET", Rig.jobs + "?watch=1&timeoutSeconds=5&resourceVersion=999999").text)
      #expect(seen.count == 1)
      #expect(seen.first?["type"] == "ERROR")
      #expect(seen.first?["object"]?["kind"] == "Status")
    }
  }

  @Test func marksTheEndOfTheBeginning() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let seen = try events(
        try await rig.ask(
          "GET",
          Rig.jobs + "?watch=1&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true"
            + "&resourceVersionMatch=NotOlderThan"
        ).text)
      let mark = try #require(seen.first { $0["type"] == "BOOKMARK" })
      #expect(mark["object"]?["metadata"]?["annotations"]?["k8s.io/initial-events-end"] == "true")
      #expect(seen.first?["type"] == "ADDED")
    }
  }
}
