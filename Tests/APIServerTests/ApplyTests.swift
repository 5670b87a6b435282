@testable import APIServer
import Cluster
import KubeModel
import Testing

@Suite struct ApplyTests {
  private static let type = "application/apply-patch+yaml"
  private static let job = Rig.jobs + "/a"

  private func yaml(_ more: String) -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: a}
    spec:
      \(more)
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: busybox}]
    """
  }

  private func managers(_ json: JSONValue) -> [String] {
    (json["metadata"]?["managedFields"]?.array ?? []).map {
      "\($0["manager"]?.string ?? "") \($0["operation"]?.string ?? "")"
    }
  }

  @Test func fieldsBelongToWhoAppliedThem() async throws {
    try await Rig.run { rig in
      let made = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=one", yaml("suspend: true\n  parallelism: 2"), type: Self.type)
      #expect(made.code == 201)
      #expect(managers(made.json) == ["one Apply"])
      let owned = made.json["metadata"]?["managedFields"]?.array?.first?["fieldsV1"]
      #expect(owned?["f:spec"]?["f:parallelism"] == .object(JSONObject()))
      #expect(
        owned?["f:spec"]?["f:template"]?["f:spec"]?["f:containers"]?["k:{\"name\":\"main\"}"]?["f:image"] != nil)
      // Once more, and nothing is new.
      let again = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=one", yaml("suspend: true\n  parallelism: 2"), type: Self.type)
      #expect(again.code == 200)
      #expect(again.json["metadata"]?["generation"] == 1)
      #expect(again.json["metadata"]?["managedFields"] == made.json["metadata"]?["managedFields"])
      // Another may say the same, but not otherwise.
      let small = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {parallelism: 3}"
      let refused = try await rig.ask("PATCH", Self.job + "?fieldManager=two", small, type: Self.type)
      #expect(refused.code == 409)
      #expect(
        refused.json["message"]
          == "Apply failed with 1 conflict: conflict with \"one\": .spec.parallelism")
      #expect(refused.json["details"]?["causes"]?.array?.first?["reason"] == "FieldManagerConflict")
      let forced = try await rig.ask("PATCH", Self.job + "?fieldManager=two&force=true", small, type: Self.type)
      #expect(forced.code == 200)
      #expect(forced.json["spec"]?["parallelism"] == 3)
      #expect(managers(forced.json) == ["one Apply", "two Apply"])
    }
  }

  @Test func whatIsNamedNoMoreGoes() async throws {
    try await Rig.run { rig in
      let target = Self.job + "?fieldManager=one"
      _ = try await rig.ask("PATCH", target, yaml("suspend: true\n  backoffLimit: 2"), type: Self.type)
      let after = try await rig.ask("PATCH", target, yaml("suspend: true"), type: Self.type)
      // Back to the default.
      #expect(after.json["spec"]?["backoffLimit"] == 6)
    }
  }

  @Test func otherWritersBecomeOwners() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=one", yaml("suspend: true\n  backoffLimit: 2"), type: Self.type)
      let patched = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=hand", #"{"spec":{"backoffLimit":3}}"#, type: "application/merge-patch+json")
      #expect(managers(patched.json) == ["one Apply", "hand Update"])
      #expect(
        patched.json["metadata"]?["managedFields"]?.array?.last?["fieldsV1"] == ["f:spec": ["f:backoffLimit": [:]]])
      let refused = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=one", yaml("suspend: true\n  backoffLimit: 2"), type: Self.type)
      #expect(refused.code == 409)
      #expect(
        refused.json["message"]?.string
          == "Apply failed with 1 conflict: conflict with \"hand\" using batch/v1: .spec.backoffLimit")
      // By force it is theirs again, and the other owns nothing more.
      let forced = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=one&force=true", yaml("suspend: true\n  backoffLimit: 2"), type: Self.type)
      #expect(forced.json["spec"]?["backoffLimit"] == 2)
      #expect(managers(forced.json) == ["one Apply"])
    }
  }

  @Test func whoAppliesAndWhoUpdatesUnderOneNameAreTwo() async throws {
    try await Rig.run { rig in
      let text = yaml("suspend: true\n  backoffLimit: 2\n  parallelism: 2")
      _ = try await rig.ask("PATCH", Self.job + "?fieldManager=one", text, type: Self.type)
      var job = try await rig.ask("GET", Self.job).json
      var object = try #require(job.object)
      object["spec"] = job["spec"]?.merging(["backoffLimit": 3, "parallelism": 3])
      job = .object(object)
      let updated = try await rig.ask("PUT", Self.job + "?fieldManager=one", job.compactJSON)
      #expect(managers(updated.json) == ["one Apply", "one Update"])
      let refused = try await rig.ask("PATCH", Self.job + "?fieldManager=one", text, type: Self.type)
      #expect(
        refused.json["message"]?.string == """
          Apply failed with 2 conflicts: conflicts with "one" using batch/v1:
          - .spec.backoffLimit
          - .spec.parallelism
          """)
      #expect(refused.json["details"]?["causes"]?.array?.count == 2)
      // What both say is shared, and stays when one of them lets go.
      let agreed = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=two",
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {parallelism: 3}",
        type: Self.type)
      #expect(agreed.code == 200)
      let left = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=two", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}", type: Self.type
      )
      #expect(left.json["spec"]?["parallelism"] == 3)
    }
  }

  @Test func aStatusHasOwnersOfItsOwn() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("PATCH", Self.job + "?fieldManager=one", yaml("suspend: true"), type: Self.type)
      let condition = #"{"type":"example.com/Checked","status":"True"}"#
      let dry = try await rig.ask(
        "PATCH", Self.job + "/status?fieldManager=watcher&dryRun=All", #"{"status":{"conditions":[\#(condition)]}}"#,
        type: "application/strategic-merge-patch+json")
      #expect(dry.json["status"]?["conditions"]?.array?.contains { $0["type"] == "example.com/Checked" } == true)
      #expect(
        try await rig.ask("GET", Self.job).json["status"]?["conditions"]?.array?.contains {
          $0["type"] == "example.com/Checked"
        } != true)
      let patched = try await rig.ask(
        "PATCH", Self.job + "/status?fieldManager=watcher", #"{"status":{"conditions":[\#(condition)]}}"#,
        type: "application/strategic-merge-patch+json")
      #expect(patched.code == 200, "\(patched.text)")
      let entries = patched.json["metadata"]?["managedFields"]?.array ?? []
      // Who applies comes before the others.
      let entry = try #require(entries.last)
      #expect(entry["manager"]?.string == "watcher")
      #expect(entry["subresource"]?.string == "status")
      #expect(entry["fieldsV1"]?["f:status"]?["f:conditions"]?.object != nil)
      #expect(entry["fieldsV1"]?["f:spec"]?.object == nil)
      let applied = try await rig.ask(
        "PATCH", Self.job + "/status?fieldManager=applier",
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nstatus:\n  conditions:\n  - {type: example.com/Checked, status: 'False'}",
        type: Self.type)
      #expect(
        applied.json["message"]?.string?.contains(
          "conflict with \"watcher\" with subresource \"status\" using batch/v1")
          == true, "\(applied.text)")
    }
  }

  @Test func whoMakesAnObjectOwnsIt() async throws {
    try await Rig.run { rig in
      let made = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"), agent: "Python-urllib/3.11")
      #expect(managers(made.json) == ["Python-urllib Update"])
      let fields = made.json["metadata"]?["managedFields"]?.array?.first?["fieldsV1"]?["f:spec"]
      #expect(fields?["f:backoffLimit"] != nil)
      #expect(fields?["f:selector"] == nil)
      let small = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {parallelism: 2}"
      let refused = try await rig.ask("PATCH", Self.job + "?fieldManager=other", small, type: Self.type)
      #expect(refused.code == 409)
      #expect(
        refused.json["message"]
          == "Apply failed with 1 conflict: conflict with \"Python-urllib\" using batch/v1: .spec.parallelism")
      // A client may forget all owners; then nobody is told of until somebody applies.
      let forgotten = try await rig.ask(
        "PATCH", Self.job, #"{"metadata":{"managedFields":[{}]}}"#, type: "application/merge-patch+json")
      #expect(forgotten.json["metadata"]?["managedFields"] == nil, "\(forgotten.text)")
      let patched = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=x", #"{"spec":{"suspend":true}}"#, type: "application/merge-patch+json")
      #expect(patched.json["metadata"]?["managedFields"] == nil)
    }
  }

  @Test func ofManyWritersTheOldestArePutTogether() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs + "?fieldManager=maker", Rig.job("a", duration: "1h"))
      var last = JSONValue.null
      for number in 1...15 {
        last = try await rig.ask(
          "PATCH", Self.job + "?fieldManager=m\(number)", #"{"metadata":{"annotations":{"k\#(number)":"v"}}}"#,
          type: "application/merge-patch+json"
        ).json
      }
      #expect(managers(last).count == 11)
      #expect(managers(last).contains("ancient-changes Update"))
    }
  }

  @Test func anObjectThatNobodyAppliedHasAnOwnerToo() async throws {
    try await Rig.run { rig in
      // The cluster's own making has no owners.
      guard case .job(let job) = try KubeObject.read(Array(Rig.job("a", duration: "1h").utf8), expecting: .job).object
      else { return }
      _ = try await rig.cluster.create(.job(job), dryRun: false)
      let small = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {parallelism: 0}"
      let refused = try await rig.ask("PATCH", Self.job + "?fieldManager=one", small, type: Self.type)
      #expect(refused.json["message"]?.string?.contains("before-first-apply") == true)
      #expect(try await rig.ask("PATCH", Self.job + "?fieldManager=one&force=true", small, type: Self.type).code == 200)
    }
  }

  @Test func aManagerMustHaveAName() async throws {
    try await Rig.run { rig in
      let answer = try await rig.ask("PATCH", Self.job, yaml("suspend: true"), type: Self.type)
      #expect(answer.code == 422)
      #expect(
        answer.json["message"]
          == "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")
      let dry = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=x&dryRun=All", yaml("suspend: true"), type: Self.type)
      #expect(dry.code == 201)
      #expect(try await rig.ask("GET", Self.job).code == 404)
    }
  }

  @Test func setsOfFieldsAreWrittenAndRead() throws {
    let set = FieldSet(of: ["spec": ["containers": [["name": "a", "image": "x"]], "args": [1], "finalizers": ["f"]]])
    #expect(FieldSet(fieldsV1: set.fieldsV1) == set)
    #expect(
      set.paths == [
        ".spec.args", ".spec.containers[name=\"a\"]", ".spec.containers[name=\"a\"].image",
        ".spec.containers[name=\"a\"].name", ".spec.finalizers[=\"f\"]",
      ])
    #expect(set.subtracting(set).isEmpty)
    #expect(set.intersection(set) == set)
  }

  /// Where all is well, it says nothing; `structured-merge-diff` has the words.
  @Test(arguments: [
    ("spec: {foo: 1}", ".spec.foo: field not declared in schema"),
    (
      "spec: {template: {spec: {containers: [{name: c, image: i, env: [{name: A, value: b}, {name: A, value: c}]}]}}}",
      #".spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]"#
    ),
    (
      "spec: {template: {spec: {containers: [{name: c, ports: [{containerPort: 80}, {containerPort: 80, protocol: TCP}]}]}}}",
      #".spec.template.spec.containers[name="c"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]"#
    ),
    ("spec: {parallelism: two}", ".spec.parallelism: expected numeric (int or float), got string"),
    ("spec: {suspend: 1}", ".spec.suspend: expected boolean, got &{1}"),
    (
      "spec: {template: {spec: {containers: {a: b}}}}", ".spec.template.spec.containers: expected list, got &{map[a:b]}"
    ),
    (
      "spec: {template: {spec: {containers: [{image: i}]}}}",
      ".spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "
        + #""name" (and doesn't have default value)"#
    ),
    (
      "spec: {template: {spec: {volumes: [{name: v, configMap: {name: c, mode: 1}}]}}}",
      #".spec.template.spec.volumes[name="v"].configMap.mode: field not declared in schema"#
    ),
    (
      "spec: {parallelism: two, foo: 1}",
      """
      errors:
        .spec.parallelism: expected numeric (int or float), got string
        .spec.foo: field not declared in schema
      """
    ),
    (
      "spec: {template: {metadata: {labels: {a: 1}}}}",
      ".spec.template.metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}"
    ),
  ])
  func whatIsAppliedHasTheTypesOfItsKind(_ spec: String, _ complaint: String) async throws {
    try await Rig.run { rig in
      let text = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, namespace: default}\n\(spec)"
      let answer = try await rig.ask("PATCH", Self.job + "?fieldManager=x", text, type: Self.type)
      #expect(answer.code == 500)
      #expect(
        answer.json["message"]?.string
          == "failed to create typed patch object (default/a; batch/v1, Kind=Job): \(complaint)")
    }
  }

  @Test func anotherVersionIsRefused() async throws {
    try await Rig.run { rig in
      let text = "apiVersion: batch/v1beta1\nkind: Job\nmetadata: {name: a}"
      let answer = try await rig.ask("PATCH", Self.job + "?fieldManager=x", text, type: Self.type)
      #expect(answer.code == 400)
      #expect(
        answer.json["message"]
          == "Incorrect version specified in apply patch. Specified patch version: batch/v1beta1, expected: batch/v1")
    }
  }

  /// Ports of one number are two where their protocols differ, as of a name server.
  @Test func portsOfTwoProtocolsAreTwo() async throws {
    try await Rig.run { rig in
      let text = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          containers:
          - {name: c, image: i, ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53}]}
        """
      let place = "/api/v1/namespaces/default/pods/p?fieldManager=one"
      let made = try await rig.ask("PATCH", place, text, type: Self.type)
      #expect(made.code == 201)
      let again = try await rig.ask("PATCH", place, text, type: Self.type)
      #expect(again.code == 200, "\(again.text)")
      let container = again.json["spec"]?["containers"]?.array?.first
      #expect(container?["ports"]?.array?.map { $0["protocol"]?.string } == ["UDP", "TCP"])
      let fields = again.json["metadata"]?["managedFields"]?.array?.first?["fieldsV1"]?["f:spec"]?["f:containers"]?[
        #"k:{"name":"c"}"#]?["f:ports"]
      #expect(fields?[#"k:{"containerPort":53,"protocol":"UDP"}"#] != nil)
    }
  }
}
