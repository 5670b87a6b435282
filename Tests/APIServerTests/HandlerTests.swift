import APIServer
import KubeModel
import Testing

@Suite struct HandlerTests {
  @Test func discoverySaysWhatThereIs() async throws {
    try await Rig.run { rig in
      #expect(try await rig.ask("GET", "/readyz").text == "ok")
      #expect(try await rig.ask("GET", "/version").json["minor"]?.string == "36")
      let groups = try await rig.ask("GET", "/apis").json["groups"]?.array?.compactMap { $0["name"]?.string }
      #expect(groups?.contains("batch") == true && groups?.contains("events.k8s.io") == true)
      let aggregated = try await rig.ask(
        "GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json")
      #expect(aggregated.type == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
      #expect(aggregated.json["items"]?.array?.count == groups?.count)
      let batch = try await rig.ask("GET", "/apis/batch/v1").json["resources"]?.array?.compactMap { $0["name"]?.string }
      #expect(batch == ["cronjobs", "cronjobs/status", "jobs", "jobs/status"])
      let nowhere = try await rig.ask("GET", "/apis/apps/v1/controllerrevisions")
      #expect(nowhere.code == 404)
      #expect(nowhere.json["reason"]?.string == "NotFound")
    }
  }

  @Test func anObjectLivesAndDies() async throws {
    try await Rig.run { rig in
      let created = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      #expect(created.code == 201)
      #expect(created.json["metadata"]?["uid"]?.string?.isEmpty == false)
      let again = try await rig.ask("POST", Rig.jobs, Rig.job("a"))
      #expect(again.code == 409)
      #expect(again.json["message"]?.string == "jobs.batch \"a\" already exists")
      #expect(again.json["details"]?["kind"]?.string == "jobs")
      let shown = try await rig.ask("GET", Rig.jobs + "/a")
      #expect(shown.json["kind"]?.string == "Job")
      let deleted = try await rig.ask("DELETE", Rig.jobs + "/a?propagationPolicy=Background")
      #expect(deleted.code == 200 && deleted.warnings.isEmpty)
      #expect(deleted.json["status"]?.string == "Success")
      let gone = try await rig.ask("GET", Rig.jobs + "/a")
      #expect(gone.code == 404)
      #expect(
        gone.text == """
          {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"jobs.batch \\"a\\" not found",\
          "reason":"NotFound","details":{"name":"a","group":"batch","kind":"jobs"},"code":404}
          """)
    }
  }

  @Test func refusalsHaveKubernetesWords() async throws {
    try await Rig.run { rig in
      let cases: [(String, String, String, String, Int, String)] = [
        ("POST", Rig.jobs, "{nope", "application/json", 400, "BadRequest"),
        ("POST", Rig.jobs, "hello", "text/plain", 415, "UnsupportedMediaType"),
        (
          "POST", Rig.jobs + "?fieldValidation=Strict", #"{"kind":"Job","apiVersion":"batch/v1","x":1}"#, "", 400,
          "BadRequest"
        ),
        ("GET", Rig.jobs + "?labelSelector=a==b==c", "", "", 400, "BadRequest"),
        ("GET", Rig.jobs + "?fieldSelector=spec.foo=1", "", "", 400, "BadRequest"),
        ("PUT", Rig.jobs, "{}", "", 405, "MethodNotAllowed"),
        ("DELETE", Rig.jobs + "/a", #"{"propagationPolicy":"No"}"#, "", 422, "Invalid"),
        ("PATCH", Rig.jobs + "/a", "{}", "text/plain", 415, "UnsupportedMediaType"),
      ]
      for (method, target, body, type, code, reason) in cases {
        let answer = try await rig.ask(method, target, body, type: type)
        #expect(answer.code == code, "\(method) \(target)")
        #expect(answer.json["reason"]?.string == reason, "\(method) \(target)")
        #expect(answer.json["kind"]?.string == "Status", "\(method) \(target)")
      }
      let noVersion = try await rig.ask("GET", Rig.jobs + "?watch=1&resourceVersion=abc")
      #expect(noVersion.code == 500)
      #expect(try await rig.ask("GET", Rig.jobs, accept: "application/vnd.kubernetes.protobuf").code == 406)
      let other = try await rig.ask(
        "POST", Rig.jobs, Rig.job("a").replacing("\"name\":\"a\"", with: "\"name\":\"a\",\"namespace\":\"other\""))
      #expect(
        other.json["message"]?.string
          == "the namespace of the provided object does not match the namespace sent on the request")
      let deletion = try await rig.ask("DELETE", Rig.jobs + "/none")
      #expect(deletion.code == 404 && deletion.warnings.count == 1)
    }
  }

  @Test func dryRunsChangeNothing() async throws {
    try await Rig.run { rig in
      let created = try await rig.ask("POST", Rig.jobs + "?dryRun=All", Rig.job("a"))
      #expect(created.code == 201)
      #expect(try await rig.ask("GET", Rig.jobs + "/a").code == 404)
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let patch = #"{"spec":{"suspend":true}}"#
      let type = "application/strategic-merge-patch+json"
      #expect(
        try await rig.ask("PATCH", Rig.jobs + "/a?dryRun=All", patch, type: type).json["spec"]?["suspend"] == true)
      #expect(try await rig.ask("GET", Rig.jobs + "/a").json["spec"]?["suspend"] == false)
      #expect(try await rig.ask("DELETE", Rig.jobs + "/a?dryRun=All").code == 200)
      #expect(try await rig.ask("GET", Rig.jobs + "/a").code == 200)
      #expect(try await rig.ask("POST", Rig.jobs + "?dryRun=Some", Rig.job("b")).code == 422)
    }
  }

  @Test func everyKindOfPatchApplies() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let json = try await rig.ask(
        "PATCH", Rig.jobs + "/a", #"[{"op":"replace","path":"/spec/parallelism","value":0}]"#,
        type: "application/json-patch+json")
      #expect(json.json["spec"]?["parallelism"] == 0)
      let merge = try await rig.ask(
        "PATCH", Rig.jobs + "/a", #"{"metadata":{"labels":{"x":"y"}}}"#, type: "application/merge-patch+json")
      #expect(merge.json["metadata"]?["labels"]?["x"] == "y")
      let strategic = try await rig.ask(
        "PATCH", Rig.jobs + "/a", #"{"metadata":{"labels":{"x":null}},"spec":{"suspend":true}}"#,
        type: "application/strategic-merge-patch+json")
      #expect(strategic.json["spec"]?["suspend"] == true)
      #expect(strategic.json["metadata"]?["labels"]?["x"] == nil)
      let stale = try await rig.ask(
        "PATCH", Rig.jobs + "/a", #"{"metadata":{"resourceVersion":"1"},"spec":{"parallelism":2}}"#,
        type: "application/merge-patch+json")
      #expect(stale.code == 409)
    }
  }

  @Test func listsAreSelectedAndCutIntoPages() async throws {
    try await Rig.run { rig in
      for index in 1...5 {
        let labels = index % 2 == 0 ? #"{"even":"yes"}"# : "{}"
        _ = try await rig.ask("POST", Rig.jobs, Rig.job("j\(index)", duration: "1h", labels: labels))
      }
      func names(_ json: JSONValue) -> [String] {
        json["items"]?.array?.compactMap { $0["metadata"]?["name"]?.string } ?? []
      }
      #expect(names(try await rig.ask("GET", Rig.jobs + "?labelSelector=even%3Dyes").json) == ["j2", "j4"])
      #expect(names(try await rig.ask("GET", Rig.jobs + "?fieldSelector=metadata.name=j3").json) == ["j3"])
      let first = try await rig.ask("GET", Rig.jobs + "?limit=2").json
      #expect(names(first) == ["j1", "j2"])
      #expect(first["metadata"]?["remainingItemCount"] == 3)
      let token = try #require(first["metadata"]?["continue"]?.string).replacing("=", with: "%3D").replacing(
        "+", with: "%2B")
      let second = try await rig.ask("GET", Rig.jobs + "?limit=2&continue=\(token)").json
      #expect(names(second) == ["j3", "j4"])
      #expect(second["metadata"]?["resourceVersion"] == first["metadata"]?["resourceVersion"])
      let rows = try await rig.ask("GET", Rig.jobs + "?limit=1", accept: Rig.table).json
      #expect(rows["kind"] == "Table")
      #expect(rows["rows"]?.array?.first?["cells"]?.array?.prefix(3) == ["j1", "Running", "0/1"])
      #expect(rows["rows"]?.array?.first?["object"]?["kind"] == "PartialObjectMetadata")
    }
  }

  @Test func everyResourceHasATable() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a"))
      for path in [
        "/api/v1/pods", "/api/v1/nodes", "/api/v1/namespaces", "/api/v1/configmaps", "/api/v1/secrets",
        "/api/v1/events",
        "/apis/batch/v1/jobs", "/apis/batch/v1/cronjobs", "/apis/events.k8s.io/v1/events",
        "/apis/scheduling.k8s.io/v1/priorityclasses",
      ] {
        let answer = try await rig.ask("GET", path, accept: Rig.table)
        #expect(answer.code == 200, "\(path)")
        let columns = answer.json["columnDefinitions"]?.array?.count
        for row in answer.json["rows"]?.array ?? [] { #expect(row["cells"]?.array?.count == columns, "\(path)") }
      }
      let event = try await rig.ask("GET", "/apis/events.k8s.io/v1/events").json["items"]?.array?.first
      #expect(event?["apiVersion"] == "events.k8s.io/v1")
      #expect(event?["regarding"]?["kind"] != nil && event?["note"] != nil)
    }
  }

  @Test func aStatusIsWrittenThroughItsOwnPath() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      var job = try await rig.ask("GET", Rig.jobs + "/a/status").json
      for _ in 0..<5000 where job["status"]?["startTime"] == nil {
        try await Task.sleep(for: .milliseconds(10))
        job = try await rig.ask("GET", Rig.jobs + "/a/status").json
      }
      // What a client sends back as it got it changes nothing, though it sees whole seconds.
      let same = try await rig.ask("PUT", Rig.jobs + "/a/status", job.compactJSON)
      #expect(same.code == 200 || same.json["reason"] == "Conflict", "\(same.text)")
      let patched = try await rig.ask(
        "PATCH", Rig.jobs + "/a/status", #"{"status":{"succeeded":-1}}"#, type: "application/merge-patch+json")
      #expect(patched.code == 422)
      #expect(patched.json["details"]?["causes"]?.array?.count == 2, "\(patched.text)")
      let options = try await rig.ask("POST", Rig.jobs + "?dryRun=x", Rig.job("b"))
      #expect(options.json["details"]?["kind"] == "CreateOptions")
      #expect(options.json["details"]?["group"] == "meta.k8s.io")
    }
  }

  @Test func accessIsTheOwners() async throws {
    try await Rig.run { rig in
      let answer = try await rig.ask(
        "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        #"{"spec":{"resourceAttributes":{"verb":"delete","resource":"jobs"}}}"#)
      #expect(answer.code == 201)
      #expect(answer.json["status"]?["allowed"] == true)
      let table = try await rig.ask(
        "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        #"{"spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}"#,
        accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
      #expect(table.code == 406)
    }
  }
}
