import KubeModel
import Testing

/// The parameters of requests, and what is said of those that are wrong.
@Suite struct OptionTests {
  private static let merge = "application/merge-patch+json"
  private static let strategic = "application/strategic-merge-patch+json"

  @Test(arguments: [
    (
      "DELETE", "/a?propagationPolicy=Foo", "",
      "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Foo\": supported values: "
        + "\"Foreground\", \"Background\", \"Orphan\", \"nil\""
    ),
    (
      "DELETE", "/a", #"{"propagationPolicy":"Background","orphanDependents":true}"#,
      "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"Background\": orphanDependents "
        + "and deletionPropagation cannot be both set"
    ),
    (
      "DELETE", "/a?dryRun=Foo", "",
      "DeleteOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Foo\"]: supported values: \"All\""
    ),
    (
      "POST", "?dryRun=Foo", Rig.job("b"),
      "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Foo\"]: supported values: \"All\""
    ),
    (
      "PUT", "/a?dryRun=All&dryRun=Foo", Rig.job("a"),
      "UpdateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"All\",\"Foo\"]: supported values: "
        + "\"All\""
    ),
    (
      "PATCH", "/a?force=true", "{}",
      "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch"
    ),
    (
      "PATCH", "/a?fieldValidation=Bogus", "{}",
      "PatchOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"Bogus\": supported values: "
        + "\"\", \"Ignore\", \"Strict\", \"Warn\""
    ),
    (
      "POST", "?fieldManager=a%07", Rig.job("b"),
      "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\a\": invalid character U+0007 (at "
        + "position 1)"
    ),
    (
      "GET", "?resourceVersionMatch=Exact", "",
      "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden "
        + "unless resourceVersion is provided"
    ),
    (
      "GET", "?resourceVersionMatch=Some&resourceVersion=1", "",
      "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Some\": supported values: "
        + "\"Exact\", \"NotOlderThan\", \"\""
    ),
    (
      "GET", "?watch=1&sendInitialEvents=true", "",
      "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting "
        + "resourceVersionMatch to NotOlderThan"
    ),
    (
      "DELETE", "?sendInitialEvents=true", "",
      "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"
    ),
  ])
  func wrongOnesAreRefused(_ method: String, _ target: String, _ body: String, _ message: String) async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let type = method == "PATCH" ? Self.merge : "application/json"
      let answer = try await rig.ask(method, Rig.jobs + target, body, type: type)
      #expect(answer.code == 422)
      #expect(answer.json["message"]?.string == message)
      #expect(answer.json["details"]?["causes"]?.array?.count == 1)
      #expect(answer.json["details"]?["group"] == "meta.k8s.io")
      #expect(try await rig.ask("GET", Rig.jobs + "/a").code == 200)
      #expect(try await rig.ask("GET", Rig.jobs + "/b").code == 404)
    }
  }

  @Test func listsTakeWhatKubernetesTakes() async throws {
    try await Rig.run { rig in
      for name in ["a", "b", "c"] { _ = try await rig.ask("POST", Rig.jobs, Rig.job(name, duration: "1h")) }
      let all = try await rig.ask("GET", Rig.jobs + "?limit=-1")
      #expect(all.json["items"]?.array?.count == 3)
      #expect(all.json["metadata"]?["continue"] == nil)
      let exact = try await rig.ask("GET", Rig.jobs + "?resourceVersion=1&resourceVersionMatch=Exact")
      #expect(exact.code == 410 && exact.json["reason"] == "Expired")
      let newer = try await rig.ask("GET", Rig.jobs + "?resourceVersion=1&resourceVersionMatch=NotOlderThan")
      #expect(newer.json["items"]?.array?.count == 3)
      let first = try await rig.ask("GET", Rig.jobs + "?limit=2").json
      let token = try #require(first["metadata"]?["continue"]?.string)
      let bytes = try #require(base64Decoded(token + String(repeating: "=", count: (4 - token.utf8.count % 4) % 4)))
      #expect(try JSONParser.parse(bytes)["start"] == "default/b\u{0}")
      let second = try await rig.ask("GET", Rig.jobs + "?limit=2&continue=\(token)").json
      #expect(second["items"]?.array?.compactMap { $0["metadata"]?["name"]?.string } == ["c"])
    }
  }

  @Test(arguments: [
    ("a$b", "invalid continue token: continue key is not valid: illegal base64 data at input byte 1"),
    ("e30", "invalid continue token: continue key is not valid: server does not recognize this encoded version"),
    (
      "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MH0",
      "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version "
        + "meta.k8s.io/v1)"
    ),
    (
      "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NX0",
      "invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)"
    ),
  ])
  func badTokensAreRefused(_ token: String, _ message: String) async throws {
    try await Rig.run { rig in
      let answer = try await rig.ask("GET", Rig.jobs + "?limit=2&continue=\(token)")
      #expect(answer.code == 400)
      #expect(answer.json["message"]?.string == message)
    }
  }

  @Test(arguments: [
    (Self.strategic, "", #"{"spec":{"parallelism":"x"}}"#, "map[spec:map[parallelism:x]]", "unrecognized type: int32"),
    (
      Self.strategic, "", #"{"spec":{"completionMode":5}}"#, "map[spec:map[completionMode:5]]",
      "cannot convert int64 to v1.CompletionMode"
    ),
    (
      Self.strategic, "", #"{"spec":{"template":{"spec":{"volumes":"x"}}}}"#,
      "map[spec:map[template:map[spec:map[volumes:x]]]]", "cannot restore slice from string"
    ),
    (
      Self.strategic, "?fieldValidation=Strict", #"{"spec":{"bogus":1}}"#, "map[spec:map[bogus:1]]",
      "strict decoding error: unknown field \"spec.bogus\""
    ),
  ])
  func aStrategicPatchThatLeavesNoObjectIsShown(
    _ type: String, _ query: String, _ patch: String, _ shown: String, _ why: String
  ) async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let answer = try await rig.ask("PATCH", Rig.jobs + "/a" + query, patch, type: type)
      #expect(answer.code == 422)
      #expect(answer.json["message"]?.string == " \"\" is invalid: patch: Invalid value: \"\(shown)\": \(why)")
      #expect(
        answer.json["details"] == [
          "causes": [
            [
              "reason": "FieldValueInvalid", "message": .string("Invalid value: \"\(shown)\": \(why)"),
              "field": "patch",
            ]
          ]
        ])
    }
  }

  @Test(arguments: [
    (
      "", #"{"spec":{"parallelism":"x"}}"#, #"\"parallelism\":\"x\""#,
      "json: cannot unmarshal string into Go struct field JobSpec.spec.parallelism of type int32"
    ),
    (
      "?fieldValidation=Strict", #"{"spec":{"bogus":1}}"#, #"\"bogus\":1"#,
      "strict decoding error: unknown field \"spec.bogus\""
    ),
  ])
  func anotherPatchThatLeavesNoObjectShowsWhatItMade(
    _ query: String, _ patch: String, _ part: String, _ why: String
  ) async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let answer = try await rig.ask("PATCH", Rig.jobs + "/a" + query, patch, type: Self.merge)
      #expect(answer.code == 422 && answer.json["reason"] == "Invalid")
      let message = answer.json["message"]?.string ?? ""
      #expect(message.hasPrefix(#" "" is invalid: patch: Invalid value: "{\"apiVersion\":\"batch/v1\""#))
      #expect(message.hasSuffix("}\": \(why)"))
      #expect(message.contains(part))
    }
  }

  @Test func theBodyOfADeletionSaysAllOfIt() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      // Kubernetes reads the query only where there is no body.
      let deleted = try await rig.ask(
        "DELETE", Rig.jobs + "/a?propagationPolicy=Orphan&dryRun=All", #"{"propagationPolicy":"Background"}"#)
      #expect(deleted.json["status"] == "Success")
      #expect(try await rig.ask("GET", Rig.jobs + "/a").code == 404)
      let wrong = try await rig.ask("DELETE", Rig.jobs + "/a", #"{"gracePeriodSeconds":"x"}"#)
      #expect(wrong.code == 400)
    }
  }

  @Test(arguments: ["?propagationPolicy=Orphan", ""])
  func whatLosesItsDependentsIsShown(_ query: String) async throws {
    try await Rig.run { rig in
      let made = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
      let deleted = try await rig.ask("DELETE", Rig.jobs + "/a" + query)
      #expect(deleted.code == 200)
      #expect(deleted.json["kind"] == "Job")
      #expect(deleted.json["metadata"]?["uid"] == made.json["metadata"]?["uid"])
      #expect(deleted.json["metadata"]?["finalizers"] == ["orphan"])
      #expect(deleted.json["metadata"]?["deletionTimestamp"] != nil)
      #expect(try await rig.ask("GET", Rig.jobs + "/a").code == 404)
    }
  }

  @Test func dryRunsOfDeletionsCheckToo() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h", labels: #"{"x":"y"}"#))
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("b", duration: "1h"))
      let body = #"{"dryRun":["All"],"preconditions":{"uid":"other"}}"#
      #expect(try await rig.ask("DELETE", Rig.jobs + "/a", body).code == 409)
      let dry = try await rig.ask("DELETE", Rig.jobs + "?labelSelector=x%3Dy&dryRun=All")
      #expect(dry.json["items"]?.array?.count == 1)
      #expect(try await rig.ask("GET", Rig.jobs).json["items"]?.array?.count == 2)
      let some = try await rig.ask("DELETE", Rig.jobs + "?labelSelector=x%3Dy&propagationPolicy=Background")
      #expect(some.json["items"]?.array?.count == 1)
      #expect(
        try await rig.ask("GET", Rig.jobs).json["items"]?.array?.compactMap { $0["metadata"]?["name"]?.string } == ["b"]
      )
    }
  }

  @Test func anotherKindIsNamedByItsGoType() async throws {
    try await Rig.run { rig in
      let cronJob = #"{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"a"}}"#
      let answer = try await rig.ask("POST", Rig.jobs, cronJob)
      #expect(
        answer.json["message"]?.string
          == "CronJob in version \"v1\" cannot be handled as a Job: converting (v1.CronJob) to (batch.Job): unknown "
          + "conversion")
    }
  }

  @Test func warningsComeWithWhatIsMadeAndChanged() async throws {
    try await Rig.run { rig in
      let job = Rig.job("a.b", duration: "1h").replacing(
        #""image":"busybox""#, with: #""image":"busybox","env":[{"name":"A","value":"1"},{"name":"A","value":"2"}]"#)
      let env =
        "spec.template.spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using "
        + "apply"
      let made = try await rig.ask("POST", Rig.jobs, job)
      #expect(
        made.warnings == [
          "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label "
            + "is recommended: [must not contain dots]", env,
        ])
      let labelled = try await rig.ask(
        "PATCH", Rig.jobs + "/a.b", #"{"metadata":{"labels":{"x":"y"}}}"#, type: Self.merge)
      #expect(labelled.warnings.isEmpty)
      let changed = try await rig.ask("PATCH", Rig.jobs + "/a.b", #"{"spec":{"suspend":true}}"#, type: Self.strategic)
      #expect(changed.warnings == [env])
      // Unknown fields are told of though the object is refused.
      let refused = try await rig.ask(
        "POST", Rig.jobs, #"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"x"},"spec":{"bogus":1}}"#)
      #expect(refused.code == 422)
      #expect(refused.warnings == ["unknown field \"spec.bogus\""])
    }
  }
}
