@testable import APIServer
import KubeModel
import Testing

/// What client libraries and people with curl expect of an API server beside its objects.
@Suite struct ClientNeedTests {
  @Test func whoReadsWithEyesGetsManyLines() async throws {
    try await Rig.run { rig in
      let place = "/api/v1/namespaces/default/configmaps?limit=1"
      let plain = try await rig.ask("GET", place)
      #expect(!plain.text.contains("\n"))
      for answer in [
        try await rig.ask("GET", place + "&pretty=true"), try await rig.ask("GET", place, agent: "curl/8.5.0"),
      ] {
        #expect(
          answer.text.hasPrefix("{\n  \"kind\": \"ConfigMapList\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {\n"))
        #expect(answer.json == plain.json)
      }
      #expect(try await rig.ask("GET", place + "&pretty=false", agent: "curl/8.5.0").text == plain.text)
      // Refusals too.
      #expect(try await rig.ask("GET", "/api/v1/pods/x?pretty=1").text.contains("\n  \"code\": 404\n"))
    }
  }

  @Test(arguments: [
    ("/api/v1/pods?timeoutSeconds=abc", #"strconv.ParseInt: parsing "abc": invalid syntax"#),
    ("/api/v1/pods?watch=1&timeoutSeconds=1.5", #"strconv.ParseInt: parsing "1.5": invalid syntax"#),
    (
      "/api/v1/pods?limit=99999999999999999999",
      #"strconv.ParseInt: parsing "99999999999999999999": value out of range"#
    ),
    ("/api/v1/services?limit=x", #"strconv.ParseInt: parsing "x": invalid syntax"#),
  ])
  func parametersThatCannotBeReadAreRefused(_ target: String, _ message: String) async throws {
    try await Rig.run { rig in
      let answer = try await rig.ask("GET", target)
      #expect(answer.code == 400)
      #expect(answer.json["message"]?.string == message)
      #expect(answer.json["reason"] == "BadRequest")
    }
  }

  /// `kubectl --as` must not look as if it had looked at what another one may do.
  @Test func nobodyActsInAnothersName() async throws {
    try await Rig.run { rig in
      var request = try #require(APIRequest("GET", "/api/v1/pods"))
      request.impersonates = true
      let answer = await rig.handler.respond(to: request)
      #expect(answer.code == 403)
      var discovery = try #require(APIRequest("GET", "/api/v1"))
      discovery.impersonates = true
      #expect(await rig.handler.respond(to: discovery).code == 200)
    }
  }

  @Test func tablesOfWhatIsAlwaysThere() async throws {
    try await Rig.run { rig in
      let services = try await rig.ask("GET", "/api/v1/services", accept: Rig.table).json
      #expect(services["kind"] == "Table")
      let titles = services["columnDefinitions"]?.array?.compactMap { $0["name"]?.string }
      #expect(titles == ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector"])
      let cells = services["rows"]?.array?.first?["cells"]?.array?.compactMap(\.string)
      #expect(cells?.prefix(5) == ["kubernetes", "ClusterIP", "None", "<none>", "<none>"])
      #expect(cells?[5] != "<unknown>")
      #expect(services["rows"]?.array?.first?["object"]?["metadata"]?["namespace"] == "default")
      let empty = try await rig.ask("GET", "/apis/apps/v1/deployments", accept: Rig.table).json
      #expect(empty["kind"] == "Table")
      #expect(empty["rows"] == [])
    }
  }

  /// As informers begin.
  @Test func whatIsAlwaysThereIsWatched() async throws {
    try await Rig.run { rig in
      let place = "/api/v1/services?watch=1&timeoutSeconds=1"
      let all = try await rig.ask(
        "GET", place + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
      let events = try all.text.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
      #expect(events.map { $0["type"]?.string } == ["ADDED", "BOOKMARK"])
      #expect(events[0]["object"]?["metadata"]?["name"] == "kubernetes")
      #expect(events[1]["object"]?["metadata"]?["annotations"]?["k8s.io/initial-events-end"] == "true")
      let version = events[1]["object"]?["metadata"]?["resourceVersion"]?.string ?? ""
      #expect(try await rig.ask("GET", place + "&resourceVersion=\(version)").body.isEmpty)
    }
  }

  @Test func loadBalancersAskForTheHeadAlone() async throws {
    try await Rig.run { rig in
      let health = try await rig.ask("HEAD", "/healthz")
      #expect(health.code == 200)
      #expect(try await rig.ask("HEAD", "/api/v1/pods").code == 405)
    }
  }

  /// `kubectl replace` of a manifest: the selector that the server made is not in it.
  @Test func aJobWithoutItsSelectorMatchesNothing() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let refused = try await rig.ask("PUT", Rig.jobs + "/a", Rig.job("a", duration: "1h"))
      #expect(refused.code == 422)
      // As in Kubernetes, what is wrong with any job is told again among what may not change.
      let causes = refused.json["details"]?["causes"]?.array?.map {
        "\($0["field"]?.string ?? ""): \($0["message"]?.string ?? "")"
      }
      let wrong = [
        "spec.selector: Required value",
        "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
      ]
      #expect(
        causes.map { Array($0.prefix(5)) }
          == wrong + wrong + ["spec.selector: Invalid value: \"null\": field is immutable"])
    }
  }

  @Test func systemObjectsAreThereAndStay() async throws {
    try await Rig.run { rig in
      let namespaces = try await rig.ask("GET", "/api/v1/namespaces").json["items"]?.array ?? []
      #expect(
        namespaces.compactMap { $0["metadata"]?["name"]?.string } == [
          "default", "kube-node-lease", "kube-public", "kube-system",
        ])
      #expect(Set(namespaces.compactMap { $0["metadata"]?["uid"]?.string }).count == 4)
      #expect(namespaces.allSatisfy { $0["status"]?["phase"] == "Active" })
      let classes = "/apis/scheduling.k8s.io/v1/priorityclasses"
      let list = try await rig.ask("GET", classes).json["items"]?.array ?? []
      #expect(list.map { $0["value"]?.int } == [2_000_000_000, 2_000_001_000])
      let refused = try await rig.ask("DELETE", classes + "/system-node-critical")
      #expect(refused.code == 403)
      #expect(
        refused.json["message"]
          == "priorityclasses.scheduling.k8s.io \"system-node-critical\" is forbidden: this is a system priority class and cannot be deleted"
      )
      let system = try await rig.ask("DELETE", "/api/v1/namespaces/kube-system")
      #expect(
        system.json["message"]
          == "namespaces \"kube-system\" is forbidden: this namespace may not be deleted")
      // Of all of them only one's own go.
      #expect(
        try await rig.ask(
          "POST", classes,
          #"{"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","metadata":{"name":"own"},"value":5}"#
        ).code == 201)
      #expect(try await rig.ask("DELETE", classes).code == 200)
      #expect(try await rig.ask("GET", classes).json["items"]?.array?.count == 2)
      // A job can live there.
      let job = Rig.job("a").replacing("\"name\":\"a\"", with: "\"name\":\"a\",\"namespace\":\"kube-system\"")
      #expect(try await rig.ask("POST", "/apis/batch/v1/namespaces/kube-system/jobs", job).code == 201)
    }
  }
}
