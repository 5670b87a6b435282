@testable import APIServer
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
          == "Apply failed with 1 conflict: conflict with \"one\" using batch/v1: .spec.parallelism")
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
      let refused = try await rig.ask(
        "PATCH", Self.job + "?fieldManager=one", yaml("suspend: true\n  backoffLimit: 2"), type: Self.type)
      #expect(refused.code == 409)
      #expect(refused.json["message"]?.string?.contains("conflict with \"hand\"") == true)
    }
  }

  @Test func anObjectThatNobodyAppliedHasAnOwnerToo() async throws {
    try await Rig.run { rig in
      _ = try await rig.ask("POST", Rig.jobs, Rig.job("a", duration: "1h"))
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
}
