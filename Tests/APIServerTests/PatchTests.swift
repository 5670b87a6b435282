@testable import APIServer
import KubeModel
import Testing

@Suite struct StrategicMergeTests {
  private func merge(_ patch: JSONValue, into document: JSONValue) throws -> JSONValue {
    try StrategicMerge.apply(patch, to: document)
  }

  @Test func listsOfNamedThingsAreMerged() throws {
    let old: JSONValue = ["env": [["name": "A", "value": "1"], ["name": "B", "value": "2"]], "args": ["x", "y"]]
    #expect(
      try merge(["env": [["name": "B", "value": "3"], ["name": "C", "value": "4"]], "args": ["z"]], into: old) == [
        "env": [["name": "A", "value": "1"], ["name": "B", "value": "3"], ["name": "C", "value": "4"]], "args": ["z"],
      ])
  }

  @Test func elementsAreDeletedAndOrdered() throws {
    let old: JSONValue = ["env": [["name": "A"], ["name": "B"], ["name": "C"]]]
    #expect(
      try merge(
        [
          "$setElementOrder/env": [["name": "C"], ["name": "A"]],
          "env": [["$patch": "delete", "name": "B"]],
        ], into: old) == ["env": [["name": "C"], ["name": "A"]]])
  }

  @Test func wholeValuesAreReplacedOrRemoved() throws {
    let old: JSONValue = ["a": ["x": 1, "y": 2], "b": 1, "env": [["name": "A"]]]
    #expect(
      try merge(
        ["a": ["$patch": "replace", "z": 3], "b": nil, "env": [["$patch": "replace"], ["name": "Z"]]], into: old)
        == ["a": ["z": 3], "env": [["name": "Z"]]])
    #expect(try merge(["a": ["$retainKeys": ["y"], "y": 5]], into: old)["a"] == ["y": 5])
  }

  @Test func plainListsAreSets() throws {
    let old: JSONValue = ["finalizers": ["a", "b"]]
    #expect(try merge(["finalizers": ["b", "c"]], into: old) == ["finalizers": ["a", "b", "c"]])
    #expect(try merge(["$deleteFromPrimitiveList/finalizers": ["a"]], into: old) == ["finalizers": ["b"]])
  }

  @Test func whatIsNoPatchIsRefused() {
    #expect(throws: PatchError.self) { try merge([1], into: ["a": 1]) }
    #expect(throws: PatchError.self) { try merge(["env": [["value": "1"]]], into: ["env": []]) }
    #expect(throws: PatchError.self) { try merge(["a": ["$patch": "twist"]], into: ["a": ["b": 1]]) }
  }
}

@Suite struct ProtobufTests {
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
  private func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  private func envelope(_ apiVersion: String, _ kind: String, _ raw: [UInt8]) -> [UInt8] {
    Array("k8s\0".utf8) + field(1, field(1, apiVersion) + field(2, kind)) + field(2, raw)
  }

  private var job: [UInt8] {
    let metadata = field(1, "a") + field(2, "") + field(11, field(1, "k") + field(2, "v"))
    let container = field(1, "main") + field(2, "busybox") + field(3, "echo") + field(3, "hi")
    let template = field(2, field(2, container) + field(3, "Never"))
    return envelope("batch/v1", "Job", field(1, metadata) + field(2, [1 << 3, 2] + field(6, template)))
  }

  @Test func aJobIsRead() throws {
    #expect(
      try ProtobufReader.object(job) == [
        "metadata": ["name": "a", "labels": ["k": "v"]],
        "spec": [
          "parallelism": 2,
          "template": [
            "spec": [
              "containers": [["name": "main", "image": "busybox", "command": ["echo", "hi"]]],
              "restartPolicy": "Never",
            ]
          ],
        ],
        "apiVersion": "batch/v1", "kind": "Job",
      ])
  }

  @Test func aJobIsCreated() async throws {
    try await Rig.run { rig in
      let answer = try await rig.ask("POST", Rig.jobs, bytes: job, type: "application/vnd.kubernetes.protobuf")
      #expect(answer.code == 201)
      #expect(answer.json["spec"]?["parallelism"] == 2)
    }
  }

  /// Maps and lists come an entry at a time; of entries with the same key the last one counts.
  @Test func entriesArePutTogether() throws {
    func text(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    func entry(_ key: String, _ value: String) -> [UInt8] {
      text(2, text(1, Array(key.utf8)) + text(2, Array(value.utf8)))
    }
    let body = envelope("v1", "ConfigMap", entry("a", "1") + entry("b", "2") + entry("a", "3"))
    #expect(try ProtobufReader.object(body)["data"] == ["a": "3", "b": "2"])
  }

  @Test func whatIsCutOrDamagedIsRefused() {
    for length in 0..<job.count where length < 4 || length > 25 {
      // A shorter body may still be an object; it must never be more than refused.
      _ = try? ProtobufReader.object(Array(job.prefix(length)))
    }
    for index in job.indices {
      var bytes = job
      bytes[index] ^= 0xFF
      _ = try? ProtobufReader.object(bytes)
    }
    #expect(throws: StatusError.self) { try ProtobufReader.object(Array("k8s".utf8)) }
    #expect(throws: StatusError.self) { try ProtobufReader.object(envelope("apps/v1", "Deployment", [])) }
  }
}

@Suite struct AccessTests {
  @Test func theTokenMustBeWhole() {
    #expect(APIListener.isAllowed("Bearer abc", "abc"))
    for header in [nil, "", "Bearer", "Bearer ab", "Bearer abcd", "bearer abc", "Basic abc", "abc"] {
      #expect(!APIListener.isAllowed(header, "abc"))
    }
  }

  @Test func targetsAreDecoded() throws {
    let request = try #require(APIRequest("GET", "/api/v1/a%2Fb?x=1+2&y=%3D&x=3"))
    #expect(request.path == ["api", "v1", "a/b"])
    #expect(request.query["x"] == "1 2")
    #expect(request.query.values("x") == ["1 2", "3"])
    #expect(request.query["y"] == "=")
    #expect(APIRequest("GET", "/%zz") == nil)
    #expect(APIRequest("GET", "/%ff") == nil)
  }
}

@Suite struct OpenAPITests {
  @Test func documentsDescribeEveryResource() async throws {
    try await Rig.run { rig in
      let index = try await rig.ask("GET", "/openapi/v3").json["paths"]
      let url = try #require(index?["apis/batch/v1"]?["serverRelativeURL"]?.string)
      let document = try await rig.ask("GET", url).json
      let schemas = document["components"]?["schemas"]
      let job = schemas?["io.k8s.api.batch.v1.Job"]
      #expect(job?["x-kubernetes-group-version-kind"] == [["group": "batch", "kind": "Job", "version": "v1"]])
      let spec = schemas?["io.k8s.api.batch.v1.JobSpec"]?["properties"]
      #expect(spec?["parallelism"]?["type"] == "integer" && spec?["parallelism"]?["format"] == "int32")
      let containers = schemas?["io.k8s.api.core.v1.PodSpec"]?["properties"]?["containers"]
      #expect(containers?["x-kubernetes-patch-merge-key"] == "name")
      let patch = document["paths"]?["/apis/batch/v1/namespaces/{namespace}/jobs/{name}"]?["patch"]
      #expect(patch?["parameters"]?.array?.contains { $0["name"] == "fieldValidation" } == true)
      // Every reference leads somewhere.
      let names = Set(schemas?.object?.members.map(\.name) ?? [])
      for match in document.compactJSON.matches(of: #/#\/components\/schemas\/([^"]+)"/#) {
        #expect(names.contains(String(match.output.1)))
      }
    }
  }
}
